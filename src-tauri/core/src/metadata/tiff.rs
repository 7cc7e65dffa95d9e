//! The TIFF structure under EXIF, most raw formats and TIFF itself: directories of tagged values.
//!
//! Why not an EXIF crate: the ones there are either read a whole raw file into memory or do not
//! know raw files at all, and `previews` needs the same walk to find the embedded JPEGs. Loops,
//! huge counts and offsets past the end are normal in what cards bring and cost nothing here.

use super::source::Window;

/// More directories than any camera writes; what comes after is a loop or a bomb.
const MAX_DIRECTORIES: usize = 64;
const MAX_ENTRIES: u16 = 2_000;

/// Byte order and the window that offsets count from.
#[derive(Clone, Copy)]
pub(crate) struct Tiff<'a> {
    window: Window<'a>,
    big_endian: bool,
    first: u32,
}

/// One tagged value; `raw` is the value itself if it fits, else its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub tag: u16,
    kind: u16,
    count: u32,
    raw: [u8; 4],
    /// Where `raw` lies.
    place: u64,
}

/// One directory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Directory {
    entries: Vec<Entry>,
    next: u32,
}

impl Directory {
    pub fn get(&self, tag: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }
}

impl Entry {
    /// Returns how many values it says it has.
    pub fn count(&self) -> u32 {
        self.count
    }
}

impl<'a> Tiff<'a> {
    /// Reads the header; Olympus's and Panasonic's own magic numbers are TIFF too.
    pub fn open(window: Window<'a>) -> Option<Self> {
        let head: [u8; 8] = window.array(0)?;
        let big_endian = match &head[..4] {
            b"II*\0" | b"IIRO" | b"IIRS" | b"IIU\0" => false,
            b"MM\0*" | b"MMOR" => true,
            _ => return None,
        };
        let mut tiff = Self { window, big_endian, first: 0 };
        tiff.first = tiff.number32([head[4], head[5], head[6], head[7]]);
        Some(tiff)
    }

    /// Returns a view that reads directories without a header, in this byte order.
    pub fn headless(window: Window<'a>, big_endian: bool) -> Self {
        Self { window, big_endian, first: 0 }
    }

    /// Returns the window that offsets count from.
    pub fn window(&self) -> Window<'a> {
        self.window
    }

    /// Returns the chain of main directories, in order.
    pub fn chain(&self) -> Vec<Directory> {
        self.follow(self.first, &mut Vec::new())
    }

    /// Returns every directory there is: the chain, and the sub-directories of each.
    pub fn all(&self) -> Vec<Directory> {
        const SUB_IFDS: u16 = 0x014A;
        let mut seen = Vec::new();
        let mut found = self.follow(self.first, &mut seen);
        let mut at = 0;
        while at < found.len() && found.len() < MAX_DIRECTORIES {
            let subs = found[at].get(SUB_IFDS).map(|e| self.numbers(e, 16)).unwrap_or_default();
            for offset in subs {
                found.extend(self.follow(offset, &mut seen));
            }
            at += 1;
        }
        found
    }

    fn follow(&self, first: u32, seen: &mut Vec<u32>) -> Vec<Directory> {
        let (mut found, mut offset) = (Vec::new(), first);
        while offset != 0 && seen.len() < MAX_DIRECTORIES && !seen.contains(&offset) {
            seen.push(offset);
            let Some(directory) = self.directory(offset.into()) else { break };
            offset = directory.next;
            found.push(directory);
        }
        found
    }

    /// Reads the directory at `offset`; one that the file cuts off is read as far as it goes.
    pub fn directory(&self, offset: u64) -> Option<Directory> {
        let count = self.number16(self.window.array(offset)?);
        if count > MAX_ENTRIES {
            return None;
        }
        let start = offset + 2;
        let table = self.window.read_up_to(start, usize::from(count) * 12 + 4)?;
        let entries = table.chunks_exact(12).take(count.into()).zip(0u64..).map(|(e, n)| Entry {
            tag: self.number16([e[0], e[1]]),
            kind: self.number16([e[2], e[3]]),
            count: self.number32([e[4], e[5], e[6], e[7]]),
            raw: [e[8], e[9], e[10], e[11]],
            place: start + n * 12 + 8,
        });
        let entries = entries.collect();
        let next = table.get(usize::from(count) * 12..).and_then(|n| n.try_into().ok());
        Some(Directory { entries, next: next.map_or(0, |n| self.number32(n)) })
    }

    /// Returns the directory an entry points to, such as the EXIF and GPS ones.
    pub fn pointed(&self, entry: &Entry) -> Option<Directory> {
        self.directory(self.number(entry)?.into())
    }

    /// Returns where the value lies and how long it says it is.
    pub fn extent(&self, entry: &Entry) -> (u64, u64) {
        let len = u64::from(entry.count) * unit(entry.kind);
        let offset = if len <= 4 { entry.place } else { self.number32(entry.raw).into() };
        (offset, len)
    }

    /// Returns the value's bytes, at most `max` of them.
    pub fn bytes(&self, entry: &Entry, max: usize) -> Option<Vec<u8>> {
        let (offset, len) = self.extent(entry);
        self.window.read(offset, usize::try_from(len).unwrap_or(usize::MAX).min(max))
    }

    /// Returns the value as text: to the first NUL, trimmed, `None` when nothing is left.
    pub fn text(&self, entry: &Entry) -> Option<String> {
        clean(&self.bytes(entry, 4096)?)
    }

    /// Returns the value as numbers, at most `max` of them.
    pub fn reals(&self, entry: &Entry, max: usize) -> Vec<f64> {
        let unit = unit(entry.kind) as usize;
        let count = usize::try_from(entry.count).unwrap_or(usize::MAX).min(max);
        let Some(bytes) = self.bytes(entry, count * unit) else { return Vec::new() };
        bytes.chunks_exact(unit).map(|bytes| self.real(entry.kind, bytes)).collect()
    }

    fn real(&self, kind: u16, b: &[u8]) -> f64 {
        let four = |at: usize| self.number32([b[at], b[at + 1], b[at + 2], b[at + 3]]);
        match (kind, b.len()) {
            (6, 1) => f64::from(b[0].cast_signed()),
            (_, 1) => f64::from(b[0]),
            (8, 2) => f64::from(self.number16([b[0], b[1]]).cast_signed()),
            (_, 2) => f64::from(self.number16([b[0], b[1]])),
            (9, 4) => f64::from(four(0).cast_signed()),
            (11, 4) => f64::from(f32::from_bits(four(0))),
            (_, 4) => f64::from(four(0)),
            (10, 8) => f64::from(four(0).cast_signed()) / f64::from(four(4).cast_signed()),
            (5, 8) => f64::from(four(0)) / f64::from(four(4)),
            _ => f64::NAN,
        }
    }

    /// Returns the value as whole numbers, at most `max` of them; other kinds of value give none.
    pub fn numbers(&self, entry: &Entry, max: usize) -> Vec<u32> {
        if !matches!(entry.kind, 1 | 3 | 4 | 13) {
            return Vec::new();
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "u32 by kind")]
        self.reals(entry, max).into_iter().map(|n| n as u32).collect()
    }

    /// Returns the first whole number of the value.
    pub fn number(&self, entry: &Entry) -> Option<u32> {
        self.numbers(entry, 1).first().copied()
    }

    /// Returns numerator and denominator of the first fraction.
    pub fn fraction(&self, entry: &Entry) -> Option<(u32, u32)> {
        let b: [u8; 8] = self.bytes(entry, 8).filter(|_| entry.kind == 5)?.try_into().ok()?;
        Some((self.number32([b[0], b[1], b[2], b[3]]), self.number32([b[4], b[5], b[6], b[7]])))
    }

    fn number16(&self, b: [u8; 2]) -> u16 {
        if self.big_endian { u16::from_be_bytes(b) } else { u16::from_le_bytes(b) }
    }

    fn number32(&self, b: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) }
    }
}

/// Bytes per element of each TIFF value kind.
fn unit(kind: u16) -> u64 {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 => 8,
        _ => 1,
    }
}

/// Returns the text up to the first NUL, without control characters or blanks around it.
///
/// Cameras write ASCII, programs UTF-8; what is neither is taken as Latin-1, which old ones mean.
pub(crate) fn clean(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    let text = match std::str::from_utf8(&bytes[..end]) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes[..end].iter().map(|b| char::from(*b)).collect(),
    };
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::*;

    /// A little-endian TIFF of one directory whose entries are `(tag, kind, count, raw)`.
    fn tiff(entries: &[(u16, u16, u32, [u8; 4])], next: u32, tail: &[u8]) -> Vec<u8> {
        let mut out = b"II*\0\x08\0\0\0".to_vec();
        out.extend((entries.len() as u16).to_le_bytes());
        for (tag, kind, count, raw) in entries {
            out.extend(tag.to_le_bytes());
            out.extend(kind.to_le_bytes());
            out.extend(count.to_le_bytes());
            out.extend(raw);
        }
        out.extend(next.to_le_bytes());
        out.extend(tail);
        out
    }

    #[test]
    fn values_are_read_inline_and_by_offset() {
        let bytes =
            tiff(&[(0x0112, 3, 1, [6, 0, 0, 0]), (0x010F, 2, 8, [38, 0, 0, 0])], 0, b"Canon  \0");
        let source = Source::memory(&bytes);
        let tiff = Tiff::open(source.all()).unwrap();
        let main = &tiff.chain()[0];
        assert_eq!(tiff.number(main.get(0x0112).unwrap()), Some(6));
        assert_eq!(tiff.text(main.get(0x010F).unwrap()).as_deref(), Some("Canon"));
    }

    #[test]
    fn a_chain_that_loops_ends() {
        let bytes = tiff(&[(0x0112, 3, 1, [6, 0, 0, 0])], 8, b"");
        let source = Source::memory(&bytes);
        assert_eq!(Tiff::open(source.all()).unwrap().chain().len(), 1);
    }

    #[test]
    fn sub_directories_that_loop_end() {
        let bytes = tiff(&[(0x014A, 4, 1, [8, 0, 0, 0])], 0, b"");
        let source = Source::memory(&bytes);
        assert_eq!(Tiff::open(source.all()).unwrap().all().len(), 1);
    }

    #[test]
    fn a_huge_count_gives_nothing_and_takes_no_memory() {
        let bytes = tiff(&[(0x9003, 2, u32::MAX, [38, 0, 0, 0])], 0, b"2024");
        let source = Source::memory(&bytes);
        let tiff = Tiff::open(source.all()).unwrap();
        let main = &tiff.chain()[0];
        let entry = main.get(0x9003).unwrap();
        assert_eq!(tiff.text(entry), None);
        assert!(tiff.reals(entry, usize::MAX).is_empty());
    }

    #[test]
    fn text_is_trimmed_and_latin_1_is_understood() {
        assert_eq!(clean(b"PENTAX K-3 II  \0junk").as_deref(), Some("PENTAX K-3 II"));
        assert_eq!(clean(b"W\xF6rdehoff").as_deref(), Some("Wördehoff"));
        assert_eq!(clean(b"a\x1b[31mb").as_deref(), Some("a[31mb"), "no terminal escapes");
        assert_eq!(clean(b"   \0"), None);
    }
}
