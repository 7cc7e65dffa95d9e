//! FlashPix, the format of Kodak's and others' cameras around 1998: a compound document whose
//! property sets tell what EXIF does elsewhere.
//!
//! Why not the `cfb` crate: it refuses documents as Kodak's cameras wrote them (a byte of their
//! directories that nothing needs is out of its range). The tests make documents with it.

use super::dates::{self, Moment};
use super::exif::{Exif, shutter};
use super::source::Window;
use super::tiff::clean;

/// A picture of those years has a few megabytes; all of it is read.
const MAX_FILE: usize = 32 << 20;
const MAX_STREAM: usize = 1 << 20;
const MAX_ENTRIES: usize = 10_000;
const MAX_PROPERTIES: u32 = 1_000;

/// What a property may be.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Number(f64),
    Text(String),
    /// Hundreds of nanoseconds since 1601, on the camera's own clock.
    Time(u64),
}

/// Reads what the document's image information and image contents say.
pub(crate) fn flashpix(file: Window<'_>) -> Option<Exif> {
    let bytes = file.small(MAX_FILE)?;
    let document = Document::open(&bytes)?;
    let mut exif = Exif::default();
    for (name, stream) in document.streams() {
        let is_info = name == "\u{5}Image Info";
        if is_info || name == "\u{5}Image Contents" {
            for (id, value) in properties(&stream).unwrap_or_default() {
                if is_info {
                    information(id, value, &mut exif);
                } else {
                    contents(id, &value, &mut exif);
                }
            }
        }
    }
    Some(exif)
}

/// A compound document: sectors in chains, small streams in sectors of a stream of their own.
struct Document<'b> {
    bytes: &'b [u8],
    sector: usize,
    /// Which sector follows each.
    next: Vec<u32>,
    small_next: Vec<u32>,
    small: Vec<u8>,
    /// Streams up to this length are small.
    small_most: usize,
    /// Entries of 128 bytes.
    directory: Vec<u8>,
}

const SMALL_SECTOR: usize = 64;

impl<'b> Document<'b> {
    fn open(bytes: &'b [u8]) -> Option<Self> {
        let head = bytes
            .get(..512)
            .filter(|head| head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"))?;
        let shift = u16::from_le_bytes([head[30], head[31]]);
        let sector = matches!(shift, 9 | 12).then(|| 1_usize << shift)?;
        let mut document = Self {
            bytes,
            sector,
            next: Vec::new(),
            small_next: Vec::new(),
            small: Vec::new(),
            small_most: word(head, 56)? as usize,
            directory: Vec::new(),
        };
        // The head names the first 109 sectors of the table; pictures need no more.
        for n in 0..(word(head, 44)? as usize).min(109) {
            let table = document.sector_at(word(head, 76 + n * 4)?).map(words);
            document.next.extend(table.unwrap_or_default());
        }
        document.directory = document.chain(word(head, 48)?, usize::MAX);
        let small_table = document.chain(word(head, 60)?, usize::MAX);
        document.small_next = words(&small_table);
        // The first entry is the root; its stream holds the small sectors.
        let root = document.directory.get(..128)?;
        document.small = document.chain(word(root, 116)?, word(root, 120)? as usize);
        Some(document)
    }

    fn sector_at(&self, n: u32) -> Option<&'b [u8]> {
        let start = (n as usize).checked_add(1)?.checked_mul(self.sector)?;
        let rest = self.bytes.get(start..)?;
        rest.get(..self.sector.min(rest.len())).filter(|sector| !sector.is_empty())
    }

    /// Follows a chain of sectors; one that runs in a circle ends with the file's length.
    fn chain(&self, first: u32, len: usize) -> Vec<u8> {
        let (mut out, mut at) = (Vec::new(), first);
        let most = len.min(self.bytes.len());
        while out.len() < most {
            let Some(sector) = self.sector_at(at) else { break };
            out.extend(sector);
            let Some(next) = self.next.get(at as usize) else { break };
            at = *next;
        }
        out.truncate(most);
        out
    }

    fn small_chain(&self, first: u32, len: usize) -> Vec<u8> {
        let (mut out, mut at) = (Vec::new(), first as usize);
        while out.len() < len {
            let Some(start) = at.checked_mul(SMALL_SECTOR) else { break };
            let Some(sector) = self.small.get(start..start + SMALL_SECTOR) else { break };
            out.extend(sector);
            let Some(next) = self.small_next.get(at) else { break };
            at = *next as usize;
        }
        out.truncate(len);
        out
    }

    /// Every stream of a moderate length, by its name; in which folder it lies does not matter.
    fn streams(&self) -> impl Iterator<Item = (String, Vec<u8>)> {
        self.directory
            .chunks_exact(128)
            .take(MAX_ENTRIES)
            .filter(|entry| entry[66] == 2)
            .filter_map(|entry| {
                let units = usize::from(u16::from_le_bytes([entry[64], entry[65]]) / 2).min(32);
                let name = entry[..units * 2].chunks_exact(2);
                let name: Vec<u16> = name.map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
                let name = String::from_utf16_lossy(&name).trim_end_matches('\0').to_owned();
                let (first, len) = (word(entry, 116)?, word(entry, 120)? as usize);
                let stream = match len {
                    _ if len > MAX_STREAM || !name.starts_with('\u{5}') => return None,
                    _ if len < self.small_most => self.small_chain(first, len),
                    _ => self.chain(first, len),
                };
                Some((name, stream))
            })
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

fn information(id: u32, value: Value, exif: &mut Exif) {
    match (id, value) {
        (0x2200_0000, Value::Text(text)) => exif.copyright = Some(text),
        (0x2200_0003, Value::Text(text)) => exif.artist = Some(text),
        (0x2300_000A, Value::Time(ticks)) => exif.taken = moment(ticks).or(exif.taken),
        (0x2500_0000, Value::Time(ticks)) => exif.taken = exif.taken.or_else(|| moment(ticks)),
        (0x2400_0000, Value::Text(text)) => exif.make = Some(text),
        (0x2400_0001, Value::Text(text)) => exif.model = Some(text),
        (0x2400_0002, Value::Text(text)) => exif.serial = Some(text),
        (0x2400_0002, Value::Number(number)) => exif.serial = Some(format!("{number:.0}")),
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
        (0x2500_0001, Value::Number(seconds)) if (1e-6..1e6).contains(&seconds) => {
            exif.shutter = shutter(((seconds * 1e6) as u32, 1_000_000));
        }
        (0x2500_0002, Value::Number(f)) if (0.1..1000.0).contains(&f) => {
            exif.aperture = Some((f * 100.0).round() / 100.0);
        }
        (0x2500_0009, Value::Number(mm)) if mm > 0.0 && mm < 1e5 => {
            exif.focal_length = Some((mm * 100.0).round() / 100.0);
        }
        _ => {}
    }
}

/// The width and height of the largest of the resolutions stand first.
fn contents(id: u32, value: &Value, exif: &mut Exif) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
    let side = match value {
        Value::Number(side) if (1.0..1e6).contains(side) => *side as u32,
        _ => return,
    };
    let (width, height) = exif.pixels.unwrap_or_default();
    match id {
        0x0100_0002 => exif.pixels = Some((side, height)),
        0x0100_0003 => exif.pixels = Some((width, side)),
        _ => {}
    }
}

fn moment(ticks: u64) -> Option<Moment> {
    const TO_UNIX: i64 = 11_644_473_600;
    let seconds = i64::try_from(ticks / 10_000_000).ok()?;
    dates::unix(seconds - TO_UNIX)
}

/// Reads the first section of a property set.
fn properties(stream: &[u8]) -> Option<Vec<(u32, Value)>> {
    let le32 = |at: usize| word(stream, at);
    let section = usize::try_from(le32(44)?).ok()?;
    let count = le32(section.checked_add(4)?)?.min(MAX_PROPERTIES) as usize;
    // texts are in this code page; 1200 is UTF-16
    let mut wide = false;
    let mut found = Vec::new();
    for n in 0..count {
        let Some(id) = le32(section + 8 + n * 8) else { break };
        let Some(offset) = le32(section + 12 + n * 8) else { break };
        let Some(at) = section.checked_add(offset as usize) else { continue };
        let Some(kind) = le32(at) else { continue };
        let Some(body) = stream.get(at + 4..) else { continue };
        let value = value(kind & 0xFFFF, body, wide);
        if let (1, Some(Value::Number(page))) = (id, &value) {
            wide = *page == 1200.0;
        }
        found.extend(value.map(|value| (id, value)));
    }
    Some(found)
}

fn value(kind: u32, body: &[u8], wide: bool) -> Option<Value> {
    let four = || <[u8; 4]>::try_from(body.get(..4)?).ok();
    let eight = || <[u8; 8]>::try_from(body.get(..8)?).ok();
    let text = |bytes: &[u8], wide: bool| {
        let text = if wide {
            let units = bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]]));
            let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
            clean(String::from_utf16_lossy(&units).as_bytes())
        } else {
            clean(bytes)
        };
        text.map(Value::Text)
    };
    match kind {
        2 => Some(Value::Number(i16::from_le_bytes(body.get(..2)?.try_into().ok()?).into())),
        18 => Some(Value::Number(u16::from_le_bytes(body.get(..2)?.try_into().ok()?).into())),
        3 => Some(Value::Number(i32::from_le_bytes(four()?).into())),
        19 => Some(Value::Number(u32::from_le_bytes(four()?).into())),
        4 => Some(Value::Number(f32::from_le_bytes(four()?).into())),
        5 => Some(Value::Number(f64::from_le_bytes(eight()?))),
        64 => Some(Value::Time(u64::from_le_bytes(eight()?))),
        30 => {
            let len = u32::from_le_bytes(four()?) as usize;
            text(body.get(4..4_usize.checked_add(len)?)?, wide)
        }
        31 => {
            let len = u32::from_le_bytes(four()?) as usize;
            text(body.get(4..len.checked_mul(2)?.checked_add(4)?)?, true)
        }
        _ => None,
    }
    .filter(|value| !matches!(value, Value::Number(number) if !number.is_finite()))
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use super::super::source::Source;
    use super::*;

    fn set(entries: &[(u32, Vec<u8>)]) -> Vec<u8> {
        let mut out = vec![0; 44];
        out.extend(48u32.to_le_bytes());
        let mut table = Vec::new();
        let mut values = Vec::new();
        for (id, value) in entries {
            table.extend(id.to_le_bytes());
            table.extend(((8 + entries.len() * 8 + values.len()) as u32).to_le_bytes());
            values.extend(value);
        }
        out.extend(((8 + table.len() + values.len()) as u32).to_le_bytes());
        out.extend((entries.len() as u32).to_le_bytes());
        [out, table, values].concat()
    }

    fn kind(kind: u32, body: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes()[..], body].concat()
    }

    fn text(text: &str) -> Vec<u8> {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        kind(31, &[&(text.len() as u32).to_le_bytes()[..], &units].concat())
    }

    fn picture() -> Vec<u8> {
        let mut document = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        let time = (11_644_473_600_u64 + 900_000_000) * 10_000_000;
        let info = set(&[
            (0x2400_0000, text("Eastman Kodak Company")),
            (0x2400_0001, text("DC260")),
            (0x2500_0000, kind(64, &time.to_le_bytes())),
            (0x2500_0001, kind(4, &0.005_f32.to_le_bytes())),
        ]);
        document.create_stream("/\u{5}Image Info").unwrap().write_all(&info).unwrap();
        document.create_storage("/Data Object Store 000001").unwrap();
        let contents = set(&[
            (0x0100_0002, kind(19, &1024u32.to_le_bytes())),
            (0x0100_0003, kind(19, &1536u32.to_le_bytes())),
        ]);
        let at = "/Data Object Store 000001/\u{5}Image Contents";
        document.create_stream(at).unwrap().write_all(&contents).unwrap();
        document.into_inner().into_inner()
    }

    #[test]
    fn a_flashpix_tells_camera_time_and_size() {
        let bytes = picture();
        let source = Source::memory(&bytes);
        let exif = flashpix(source.all()).unwrap();
        assert_eq!(exif.make.as_deref(), Some("Eastman Kodak Company"));
        assert_eq!(exif.model.as_deref(), Some("DC260"));
        assert_eq!(exif.pixels, Some((1024, 1536)));
        assert_eq!(exif.shutter.as_deref(), Some("1/200"));
        assert_eq!(exif.taken.unwrap().local.to_string(), "1998-07-09T16:00:00");
    }

    #[test]
    fn every_cut_and_flipped_byte_is_survived() {
        let whole = picture();
        for at in (0..whole.len()).step_by(7) {
            let mut broken = whole.clone();
            broken[at] ^= 0xFF;
            for bytes in [&whole[..at], &broken] {
                let source = Source::memory(bytes);
                let _ = flashpix(source.all());
            }
        }
    }
}
