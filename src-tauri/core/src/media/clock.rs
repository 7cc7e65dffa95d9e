//! Correcting a camera's clock: how far it was off, and in which zone the pictures were taken.
//!
//! A correction says how to get from what a camera said to when a picture was taken. It is always
//! applied to what the camera said, never to what an earlier correction made of it.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use super::{CaptureTime, TimeSource};
use crate::error::{Code, Error};

/// A correction that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    #[error("`{0}` is no shift of a clock: write +1h2m3s, -45m, +1d or -00:07:30")]
    Shift(String),
    #[error("`{0}` is no time zone: write +02:00, UTC or a name such as Europe/Berlin")]
    Zone(String),
}

impl From<ClockError> for Error {
    fn from(error: ClockError) -> Self {
        Self::new(Code::Usage, error)
    }
}

/// What is added to a camera's clock, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClockShift(i64);

/// A clock that lost its battery says 1970 or 2000: no further off than this.
const FURTHEST: i64 = 200 * 366 * 86_400;

impl FromStr for ClockShift {
    type Err = ClockError;

    fn from_str(text: &str) -> Result<Self, ClockError> {
        let bad = || ClockError::Shift(text.to_owned());
        let span: Span = text.trim().parse().map_err(|_| bad())?;
        if span.get_years() != 0 || span.get_months() != 0 {
            return Err(bad());
        }
        let days = SpanRelativeTo::days_are_24_hours();
        let seconds = span.to_duration(days).map_err(|_| bad())?.as_secs();
        if seconds.abs() > FURTHEST { Err(bad()) } else { Ok(Self(seconds)) }
    }
}

impl fmt::Display for ClockShift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        let seconds = self.0.unsigned_abs();
        let parts = [
            (seconds / 86_400, "d"),
            (seconds / 3600 % 24, "h"),
            (seconds / 60 % 60, "m"),
            (seconds % 60, "s"),
        ];
        write!(f, "{sign}")?;
        if seconds == 0 {
            return write!(f, "0s");
        }
        parts.iter().filter(|(n, _)| *n > 0).try_for_each(|(n, unit)| write!(f, "{n}{unit}"))
    }
}

/// A time zone: a fixed distance to UTC, or a place with its summers and winters.
#[derive(Debug, Clone)]
pub struct Zone {
    text: String,
    zone: TimeZone,
}

impl FromStr for Zone {
    type Err = ClockError;

    fn from_str(text: &str) -> Result<Self, ClockError> {
        let text = text.trim();
        let bad = || ClockError::Zone(text.to_owned());
        // The table that comes with the program: the same answer on every computer.
        let table = TimeZoneDatabase::bundled();
        let zone = jiff::fmt::temporal::DateTimeParser::new()
            .parse_time_zone_with(&table, text)
            .map_err(|_| bad())?;
        if zone.is_unknown() {
            return Err(bad());
        }
        Ok(Self { text: zone.iana_name().unwrap_or(text).to_owned(), zone })
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Zone {}

macro_rules! serde_as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

serde_as_text!(ClockShift);
serde_as_text!(Zone);

/// How to get from what a camera said to when a picture was taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClockCorrection {
    pub shift: ClockShift,
    /// Where the pictures were taken.
    pub zone: Option<Zone>,
}

impl ClockCorrection {
    /// Whether nothing is corrected.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.shift == ClockShift::default() && self.zone.is_none()
    }

    /// Returns the corrected time; one that would fall out of the calendar stays as it is.
    ///
    /// The shift is for the camera's clock, so what satellites said is not shifted. A time that says
    /// how far it is from UTC (films are written in UTC) is moved into the zone; one that does not is
    /// taken to be in it already, and its distance to UTC becomes known. The time of a file itself
    /// says nothing of zones and is only shifted.
    #[must_use]
    pub fn apply(&self, said: CaptureTime) -> CaptureTime {
        self.try_apply(said).filter(|t| (1..=9999).contains(&t.local.year())).unwrap_or(said)
    }

    /// What the catalogue keeps beside a corrected time, so that the correction can be taken back.
    #[must_use]
    pub fn record(&self, said: CaptureTime) -> Value {
        let mut record = json!({ "said": said.local.to_string() });
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                record[name] = value;
            }
        };
        set("offset", said.offset_min.map(Value::from));
        let shift = Some(self.shift).filter(|shift| *shift != ClockShift::default());
        set("shift", shift.map(|shift| shift.to_string().into()));
        set("zone", self.zone.as_ref().map(|zone| zone.to_string().into()));
        record
    }

    /// What the camera had said, from such a record.
    #[must_use]
    pub fn said(record: &Value, source: TimeSource) -> Option<CaptureTime> {
        let local = record.get("said")?.as_str()?.parse().ok()?;
        let offset = record.get("offset").and_then(Value::as_i64);
        let offset_min = offset.and_then(|minutes| i16::try_from(minutes).ok());
        Some(CaptureTime { local, offset_min, source })
    }

    fn try_apply(&self, said: CaptureTime) -> Option<CaptureTime> {
        let shift = if said.source == TimeSource::Gps { 0 } else { self.shift.0 };
        let shifted = said.local.checked_add(SignedDuration::from_secs(shift)).ok()?;
        let zone = self.zone.as_ref().filter(|_| said.source != TimeSource::File);
        let Some(Zone { zone, .. }) = zone else {
            return Some(CaptureTime { local: shifted, ..said });
        };
        let zoned = match said.offset_min {
            Some(minutes) => {
                let offset = Offset::from_seconds(i32::from(minutes) * 60).ok()?;
                offset.to_timestamp(shifted).ok()?.to_zoned(zone.clone())
            }
            None => zone.to_ambiguous_zoned(shifted).compatible().ok()?,
        };
        let offset_min = i16::try_from(zoned.offset().seconds() / 60).ok();
        Some(CaptureTime { local: zoned.datetime(), offset_min, ..said })
    }
}

/// The day a moment counts to, where a day begins at `hour`: a wedding goes on past midnight.
#[must_use]
pub fn working_day(at: DateTime, hour: u8) -> jiff::civil::Date {
    let back = SignedDuration::from_hours(i64::from(hour));
    at.checked_sub(back).map_or_else(|_| at.date(), DateTime::date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(local: &str, offset_min: Option<i16>, source: TimeSource) -> CaptureTime {
        CaptureTime { local: local.parse().unwrap(), offset_min, source }
    }

    fn corrected(shift: &str, zone: &str, said: CaptureTime) -> String {
        let correction = ClockCorrection {
            shift: shift.parse().unwrap(),
            zone: (!zone.is_empty()).then(|| zone.parse().unwrap()),
        };
        let at = correction.apply(said);
        format!("{} {:?}", at.local, at.offset_min)
    }

    #[test]
    fn shifts_are_read_as_people_write_them_and_written_back_the_same() {
        for (text, seconds, back) in [
            ("+1h2m3s", 3723, "+1h2m3s"),
            ("-1h2m3s", -3723, "-1h2m3s"),
            ("90m", 5400, "+1h30m"),
            ("-00:07:30", -450, "-7m30s"),
            ("+9632d", 9632 * 86_400, "+9632d"),
            ("0s", 0, "+0s"),
        ] {
            let shift: ClockShift = text.parse().unwrap();
            assert_eq!((shift.0, shift.to_string().as_str()), (seconds, back), "{text}");
            assert_eq!(back.parse(), Ok(shift), "{text}");
        }
        for wrong in ["", "1", "soon", "+1y", "2 months", "+90000000h", "1h-2m"] {
            assert_eq!(wrong.parse::<ClockShift>(), Err(ClockError::Shift(wrong.into())));
        }
    }

    #[test]
    fn zones_are_distances_or_places() {
        for (text, back) in [("+02:00", "+02:00"), ("europe/berlin", "Europe/Berlin")] {
            assert_eq!(text.parse::<Zone>().unwrap().to_string(), back);
        }
        for wrong in ["", "Berlin", "+25:99", "Mars/Olympus"] {
            assert_eq!(wrong.parse::<Zone>().unwrap_err(), ClockError::Zone(wrong.into()));
        }
        let kept = serde_json::to_string(&"Europe/Berlin".parse::<Zone>().unwrap()).unwrap();
        assert_eq!(serde_json::from_str::<Zone>(&kept).unwrap().to_string(), "Europe/Berlin");
    }

    #[test]
    fn a_clock_that_was_wrong_is_put_right() {
        let exif = |offset| said("2026-05-16T23:30:00.25", offset, TimeSource::Exif);
        assert_eq!(corrected("+1h2m3s", "", exif(None)), "2026-05-17T00:32:03.25 None");
        assert_eq!(corrected("-30m", "", exif(Some(120))), "2026-05-16T23:00:00.25 Some(120)");
    }

    #[test]
    fn a_zone_moves_what_says_its_own_and_is_believed_of_what_does_not() {
        let exif = |offset| said("2026-05-16T14:00:00", offset, TimeSource::Exif);
        assert_eq!(corrected("0s", "Europe/Berlin", exif(None)), "2026-05-16T14:00:00 Some(120)");
        assert_eq!(
            corrected("0s", "America/New_York", exif(Some(120))),
            "2026-05-16T08:00:00 Some(-240)"
        );
        let film = said("2026-01-16T14:00:00", Some(0), TimeSource::Quicktime);
        assert_eq!(corrected("0s", "Europe/Berlin", film), "2026-01-16T15:00:00 Some(60)");
        assert_eq!(corrected("-6h", "-04:00", exif(None)), "2026-05-16T08:00:00 Some(-240)");
    }

    #[test]
    fn satellites_are_right_and_a_files_own_time_has_no_zone() {
        let gps = said("2026-05-16T12:00:00", Some(0), TimeSource::Gps);
        assert_eq!(corrected("+1h", "+02:00", gps), "2026-05-16T14:00:00 Some(120)");
        let file = said("2026-05-16T12:00:00", Some(0), TimeSource::File);
        assert_eq!(corrected("+1h", "+02:00", file), "2026-05-16T13:00:00 Some(0)");
    }

    #[test]
    fn a_record_gives_back_what_the_camera_said() {
        let exif = said("2026-05-16T14:00:00.5", Some(-210), TimeSource::Exif);
        let correction = ClockCorrection {
            shift: "-90m".parse().unwrap(),
            zone: Some("Asia/Kathmandu".parse().unwrap()),
        };
        let record = correction.record(exif);
        assert_eq!(
            record,
            json!({"said": "2026-05-16T14:00:00.5", "offset": -210, "shift": "-1h30m",
                "zone": "Asia/Kathmandu"})
        );
        assert_eq!(ClockCorrection::said(&record, TimeSource::Exif), Some(exif));
        assert_eq!(ClockCorrection::said(&json!({"said": 5}), TimeSource::Exif), None);
    }

    #[test]
    fn what_would_leave_the_calendar_stays() {
        let early = said("0001-01-01T00:00:00", None, TimeSource::Exif);
        assert_eq!(corrected("-1d", "", early), "0001-01-01T00:00:00 None");
    }

    #[test]
    fn a_day_begins_at_its_hour() {
        let at = |text: &str| text.parse::<DateTime>().unwrap();
        assert_eq!(working_day(at("2026-05-17T03:59:59"), 4).to_string(), "2026-05-16");
        assert_eq!(working_day(at("2026-05-17T04:00:00"), 4).to_string(), "2026-05-17");
        assert_eq!(working_day(at("2026-05-17T00:00:00"), 0).to_string(), "2026-05-17");
    }
}
