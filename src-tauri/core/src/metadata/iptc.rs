//! IPTC's older form, as press photographers' programs still write it: words and a date.

use super::dates::{self, Moment};
use super::tiff::clean;

/// What IPTC says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Iptc {
    pub title: Option<String>,
    pub caption: Option<String>,
    pub artist: Option<String>,
    pub copyright: Option<String>,
    pub keywords: Vec<String>,
    pub taken: Option<Moment>,
}

/// Returns the IPTC part of Photoshop's resources.
pub(crate) fn in_photoshop(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        let [b'8', b'B', b'I', b'M', id1, id0, name_len, ..] = *rest else { return None };
        // A name and its length byte, padded to an even number of bytes.
        let name = (usize::from(name_len) + 2) & !1;
        let len: [u8; 4] = rest.get(6 + name..10 + name)?.try_into().ok()?;
        let len = usize::try_from(u32::from_be_bytes(len)).ok()?;
        let start = 10 + name;
        let body = rest.get(start..start.checked_add(len)?)?;
        if [id1, id0] == [0x04, 0x04] {
            return Some(body);
        }
        rest = rest.get(start + len + (len & 1)..)?;
    }
}

/// Reads the data sets; what follows a broken one is left.
pub(crate) fn parse(mut rest: &[u8]) -> Option<Iptc> {
    let (mut iptc, mut date, mut time) = (Iptc::default(), None, None);
    while let [0x1C, record, set, len1, len0, tail @ ..] = rest {
        let len = usize::from(u16::from_be_bytes([*len1, *len0]));
        let Some(value) = tail.get(..len) else { break };
        rest = &tail[len..];
        if *record != 2 {
            continue;
        }
        let text = clean(value);
        match set {
            5 => iptc.title = text,
            25 => iptc.keywords.extend(text.filter(|word| !iptc.keywords.contains(word))),
            55 => date = text,
            60 => time = text,
            80 => iptc.artist = text,
            116 => iptc.copyright = text,
            120 => iptc.caption = lines(value),
            _ => {}
        }
    }
    iptc.taken = moment(&date.unwrap_or_default(), &time.unwrap_or_default());
    (iptc != Iptc::default()).then_some(iptc)
}

/// A caption has lines, which old programs end with a carriage return alone.
fn lines(value: &[u8]) -> Option<String> {
    let text = match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().map(|byte| char::from(*byte)).collect(),
    };
    super::xmp::lines(text.trim_end_matches('\0'))
}

/// "20240414" and "022031+0545".
fn moment(date: &str, time: &str) -> Option<Moment> {
    let (d, t) = (date.get(..8)?, time.get(..6)?);
    if !(d.is_ascii() && t.is_ascii()) {
        return None;
    }
    let zone = time.get(6..).unwrap_or_default();
    let text =
        format!("{}:{}:{} {}:{}:{}{zone}", &d[..4], &d[4..6], &d[6..], &t[..2], &t[2..4], &t[4..]);
    dates::parse(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(number: u8, value: &[u8]) -> Vec<u8> {
        [&[0x1C, 2, number], (value.len() as u16).to_be_bytes().as_slice(), value].concat()
    }

    #[test]
    fn words_and_date_are_read() {
        let bytes = [
            set(25, b"bride"),
            set(25, "G\u{e4}ste".as_bytes()),
            set(25, b"bride"),
            set(55, b"20240414"),
            set(60, b"022031+0545"),
            set(120, b"A caption\rof two lines\0"),
        ]
        .concat();
        let iptc = parse(&bytes).unwrap();
        assert_eq!(iptc.keywords, ["bride", "Gäste"]);
        assert_eq!(iptc.caption.as_deref(), Some("A caption\nof two lines"));
        let taken = iptc.taken.unwrap();
        assert_eq!(
            (taken.local.to_string().as_str(), taken.offset_min),
            ("2024-04-14T02:20:31", Some(345))
        );
    }

    #[test]
    fn photoshops_resources_are_stepped_through() {
        let other = [b"8BIM\x03\xED\x00\x00".as_slice(), &3u32.to_be_bytes(), b"abc\0"].concat();
        let body = set(25, b"x");
        let ours = [b"8BIM\x04\x04\x00\x00".as_slice(), &(body.len() as u32).to_be_bytes(), &body]
            .concat();
        assert_eq!(in_photoshop(&[other, ours].concat()), Some(body.as_slice()));
    }

    #[test]
    fn every_cut_is_survived() {
        let whole = [b"8BIM\x04\x04\x00\x00\0\0\0\x06".as_slice(), &set(25, b"x")].concat();
        for end in 0..whole.len() {
            let _ = in_photoshop(&whole[..end]).and_then(parse);
        }
    }
}
