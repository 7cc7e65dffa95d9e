//! Bounded reading of a hostile file: every byte is asked for by place, and the asking is counted.
//!
//! Nothing here trusts a length the file states. A read that reaches past its window gives `None`,
//! and once a file has cost more bytes or more reads than any honest one would, it reads as empty.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use crate::sandbox;

/// No honest file needs more reads than this for what it says about itself.
const MAX_READS: u32 = 50_000;

enum Bytes<'a> {
    File(File),
    Memory(&'a [u8]),
}

/// A file or a piece of memory, and how much of it may still be read.
pub(crate) struct Source<'a> {
    bytes: Bytes<'a>,
    len: u64,
    bytes_left: Cell<u64>,
    reads_left: Cell<u32>,
}

impl Source<'static> {
    /// Opens a file of which at most `budget` bytes will be read.
    pub fn open(path: &Path, budget: u64) -> io::Result<Self> {
        let file = sandbox::open(path)?;
        let len = file.metadata()?.len();
        Ok(Self::new(Bytes::File(file), len, budget))
    }
}

impl<'a> Source<'a> {
    pub fn memory(bytes: &'a [u8]) -> Self {
        let len = bytes.len() as u64;
        Self::new(Bytes::Memory(bytes), len, len.saturating_mul(4).max(1 << 20))
    }

    fn new(bytes: Bytes<'a>, len: u64, budget: u64) -> Self {
        let (bytes_left, reads_left) = (Cell::new(budget), Cell::new(MAX_READS));
        Self { bytes, len, bytes_left, reads_left }
    }

    /// Returns a window on the whole of it.
    pub fn all(&self) -> Window<'_> {
        Window { source: self, start: 0, len: self.len }
    }

    fn fetch(&self, start: u64, len: usize) -> Option<Vec<u8>> {
        let left = self.bytes_left.get().checked_sub(len as u64)?;
        let reads = self.reads_left.get().checked_sub(1)?;
        self.bytes_left.set(left);
        self.reads_left.set(reads);
        match &self.bytes {
            Bytes::Memory(all) => {
                let start = usize::try_from(start).ok()?;
                all.get(start..start.checked_add(len)?).map(<[u8]>::to_vec)
            }
            Bytes::File(file) => {
                let mut out = vec![0; len];
                file.read_exact_at(&mut out, start).ok()?;
                Some(out)
            }
        }
    }
}

/// A part of a source; offsets inside it count from its own start.
#[derive(Clone, Copy)]
pub(crate) struct Window<'a> {
    source: &'a Source<'a>,
    start: u64,
    len: u64,
}

impl<'a> Window<'a> {
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Returns where the window begins in the file.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Returns exactly `len` bytes from `offset`.
    pub fn read(&self, offset: u64, len: usize) -> Option<Vec<u8>> {
        let end = offset.checked_add(len as u64)?;
        if end > self.len {
            return None;
        }
        self.source.fetch(self.start + offset, len)
    }

    /// Returns up to `len` bytes from `offset`: fewer where the window ends.
    pub fn read_up_to(&self, offset: u64, len: usize) -> Option<Vec<u8>> {
        let there = self.len.checked_sub(offset)?.min(len as u64);
        self.read(offset, usize::try_from(there).ok()?)
    }

    /// Returns exactly `N` bytes from `offset`.
    pub fn array<const N: usize>(&self, offset: u64) -> Option<[u8; N]> {
        self.read(offset, N)?.try_into().ok()
    }

    pub fn be16(&self, offset: u64) -> Option<u16> {
        self.array(offset).map(u16::from_be_bytes)
    }

    pub fn be32(&self, offset: u64) -> Option<u32> {
        self.array(offset).map(u32::from_be_bytes)
    }

    pub fn be64(&self, offset: u64) -> Option<u64> {
        self.array(offset).map(u64::from_be_bytes)
    }

    /// Returns the window from `offset` to the end of this one.
    pub fn from(&self, offset: u64) -> Option<Self> {
        let len = self.len.checked_sub(offset)?;
        Some(Self { source: self.source, start: self.start + offset, len })
    }

    /// Returns a window of `len` bytes at `offset`, cut where this one ends.
    pub fn part(&self, offset: u64, len: u64) -> Option<Self> {
        let rest = self.from(offset)?;
        Some(Self { len: rest.len.min(len), ..rest })
    }

    /// Returns all of the window if it is at most `max` bytes long.
    pub fn small(&self, max: usize) -> Option<Vec<u8>> {
        let len = usize::try_from(self.len).ok().filter(|len| *len <= max)?;
        self.read(0, len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_past_the_window_gives_nothing() {
        let source = Source::memory(b"0123456789");
        let part = source.all().part(4, 100).unwrap();
        assert_eq!(part.len(), 6, "a stated length is cut where the file ends");
        assert_eq!(part.read(0, 6).unwrap(), b"456789");
        assert_eq!(part.read(1, 6), None);
        assert_eq!(part.read(u64::MAX, 2), None);
        assert_eq!(part.read_up_to(4, 50).unwrap(), b"89");
        assert!(part.from(7).is_none());
    }

    #[test]
    fn a_file_that_asks_for_too_much_reads_as_empty() {
        let source = Source::new(Bytes::Memory(&[7; 100]), 100, 150);
        assert!(source.all().read(0, 100).is_some());
        assert!(source.all().read(0, 100).is_none(), "the budget is for all reads together");
        assert!(source.all().read(0, 50).is_some());
    }
}
