//! Dates as cameras and programs write them. An impossible date is no date; none is made up.

use jiff::civil::{Date, DateTime, Time};

use crate::media::{CaptureTime, TimeSource};

/// A moment as written: the wall clock, and the distance to UTC in minutes if it was written too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub local: DateTime,
    pub offset_min: Option<i16>,
}

impl Moment {
    pub fn from(self, source: TimeSource) -> CaptureTime {
        CaptureTime { local: self.local, offset_min: self.offset_min, source }
    }
}

/// Reads "2024:06:18 10:15:02", "2024-06-18T10:15:02.12+02:00" and what lies between.
///
/// Blank, zero and impossible dates give `None`, and so does a date without a time of day.
pub(crate) fn parse(text: &str) -> Option<Moment> {
    let text = text.trim();
    let mut rest = text;
    let year = number(&mut rest, 4)?;
    separator(&mut rest, &[':', '-', '/', '.'])?;
    let month = number(&mut rest, 2)?;
    separator(&mut rest, &[':', '-', '/', '.'])?;
    let day = number(&mut rest, 2)?;
    separator(&mut rest, &[' ', 'T', ':'])?;
    rest = rest.trim_start();
    let hour = number(&mut rest, 2)?;
    separator(&mut rest, &[':', '.'])?;
    let minute = number(&mut rest, 2)?;
    let second = match separator(&mut rest, &[':', '.']) {
        Some(()) => number(&mut rest, 2)?,
        None => 0,
    };
    let nanos = rest.strip_prefix(['.', ',']).map_or(0, |after| {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        rest = &after[digits..];
        subsec(&after[..digits]).unwrap_or(0)
    });
    moment(year, (month, day), (hour, minute, second), nanos, offset(rest))
}

/// Puts a moment together from numbers; `None` when there is no such date or time.
pub(crate) fn moment(
    year: u16,
    (month, day): (u16, u16),
    (hour, minute, second): (u16, u16, u16),
    nanos: i32,
    offset_min: Option<i16>,
) -> Option<Moment> {
    if year == 0 {
        return None;
    }
    let small = |n: u16| i8::try_from(n).ok();
    let date = Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
    // A leap second, which some GPS clocks write, is the last moment of its minute here.
    let second = if second == 60 { 59 } else { second };
    let time = Time::new(small(hour)?, small(minute)?, small(second)?, nanos).ok()?;
    Some(Moment { local: DateTime::from_parts(date, time), offset_min })
}

/// Reads "+02:00", "-0700", "+05" or "Z"; `None` for anything else and what no place on earth uses.
pub(crate) fn offset(text: &str) -> Option<i16> {
    let text = text.trim();
    if text == "Z" {
        return Some(0);
    }
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let mut rest = &text[1..];
    let hours = number(&mut rest, 2)?;
    let minutes = if rest.is_empty() {
        0
    } else {
        let _ = separator(&mut rest, &[':']);
        number(&mut rest, 2)?
    };
    if hours > 14 || minutes > 59 || !rest.is_empty() {
        return None;
    }
    Some(sign * i16::try_from(hours * 60 + minutes).ok()?)
}

/// Reads EXIF's fraction of a second ("12" is 120 ms) as nanoseconds; digits past nine are dropped.
pub(crate) fn subsec(text: &str) -> Option<i32> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = &text[..text.len().min(9)];
    let scale = 10_i32.pow(9 - u32::try_from(digits.len()).ok()?);
    Some(digits.parse::<i32>().ok()? * scale)
}

/// Returns the UTC moment so many seconds after QuickTime's beginning, 1904; zero is "not set".
///
/// Some cameras count from 1970 instead: what would fall before 1970 is read so.
pub(crate) fn quicktime(seconds: u64) -> Option<Moment> {
    const TO_UNIX: i64 = 2_082_844_800;
    let seconds = i64::try_from(seconds).ok().filter(|s| *s > 0)?;
    let moment = unix(if seconds > TO_UNIX { seconds - TO_UNIX } else { seconds })?;
    // Years past any camera's life come from random bytes.
    (moment.local.year() < 2200).then_some(Moment { offset_min: Some(0), ..moment })
}

/// Returns the moment so many seconds after 1970 on a clock whose zone is not said.
pub(crate) fn unix(seconds: i64) -> Option<Moment> {
    let at = jiff::Timestamp::from_second(seconds).ok().filter(|_| seconds > 0)?;
    Some(Moment { local: jiff::tz::Offset::UTC.to_datetime(at), offset_min: None })
}

/// Takes up to `max` digits off the front.
fn number(rest: &mut &str, max: usize) -> Option<u16> {
    let digits = rest.bytes().take(max).take_while(u8::is_ascii_digit).count();
    let value = rest[..digits].parse().ok()?;
    *rest = &rest[digits..];
    Some(value)
}

fn separator(rest: &mut &str, allowed: &[char]) -> Option<()> {
    *rest = rest.strip_prefix(allowed)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Option<String> {
        parse(text).map(|m| format!("{} {:?}", m.local, m.offset_min))
    }

    #[test]
    fn dates_are_read_as_cameras_and_xmp_write_them() {
        let said = |text: &str| written(text).unwrap();
        assert_eq!(said("2020:04:17 10:03:42"), "2020-04-17T10:03:42 None");
        assert_eq!(said("2016-02-04T14:53:41.12-07:00"), "2016-02-04T14:53:41.12 Some(-420)");
        assert_eq!(said("2023-09-22T18:34:05+0200"), "2023-09-22T18:34:05 Some(120)");
        assert_eq!(said("1601:06:06 16:39:33"), "1601-06-06T16:39:33 None");
        assert_eq!(said("2001:09:01 11:18Z"), "2001-09-01T11:18:00 Some(0)");
    }

    #[test]
    fn impossible_and_blank_dates_are_no_dates() {
        for text in [
            "0000:00:00 00:00:00",
            "    :  :     :  :  ",
            "2024:13:01 00:00:00",
            "2024:02:30 12:00:00",
            "2024:02:28 25:61:61",
            "../../../etc/pa",
            "",
            "2024",
            "2024:06:18",
        ] {
            assert_eq!(written(text), None, "{text:?}");
        }
    }

    #[test]
    fn impossible_offsets_leave_the_local_time() {
        assert_eq!(offset("+99:99"), None);
        assert_eq!(offset("+05:45"), Some(345));
        assert_eq!(offset("-03:30"), Some(-210));
        assert_eq!(offset("   :  "), None);
        assert_eq!(written("2020-01-01T00:00:00+99:00").unwrap(), "2020-01-01T00:00:00 None");
    }

    #[test]
    fn subseconds_are_a_fraction_whatever_their_length() {
        assert_eq!(subsec("7"), Some(700_000_000));
        assert_eq!(subsec("007"), Some(7_000_000));
        assert_eq!(subsec("123456789012345"), Some(123_456_789));
        assert_eq!(subsec("1x"), None);
    }

    #[test]
    fn quicktime_counts_from_1904_and_zero_is_unset() {
        assert_eq!(quicktime(0), None);
        let at = quicktime(3_769_920_902).unwrap();
        assert_eq!(
            (at.local.to_string().as_str(), at.offset_min),
            ("2023-06-18T08:15:02", Some(0))
        );
        assert_eq!(quicktime(1_687_076_102).unwrap().local, at.local, "counted from 1970");
        assert_eq!(quicktime(u64::MAX), None);
    }
}
