//! Memory for one body on its way to the bucket.
//!
//! Mapped from the system and given back to it when the body was sent. Bodies of many megabytes
//! that go through the allocator on many threads leave it holding several times what is in use.

use std::io;

use bytes::Bytes;
use memmap2::MmapMut;

/// Bytes up to a length that was fixed at the start.
#[derive(Debug)]
pub(super) struct Buffer {
    map: MmapMut,
    len: usize,
}

impl Buffer {
    /// # Errors
    /// When the system has no memory for it.
    pub fn with_capacity(bytes: usize) -> io::Result<Self> {
        // a mapping of nothing is refused
        Ok(Self { map: MmapMut::map_anon(bytes.max(1))?, len: 0 })
    }

    pub const fn len(&self) -> usize {
        self.len
    }

    pub fn truncate(&mut self, bytes: usize) {
        self.len = self.len.min(bytes);
    }

    /// The same memory, to be shared.
    pub fn into_bytes(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.map[..self.len]
    }
}

impl io::Write for Buffer {
    /// Takes all or nothing: a body that is longer than was reckoned is a fault of the program.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.len + bytes.len();
        let Some(room) = self.map.get_mut(self.len..end) else {
            return Err(io::ErrorKind::StorageFull.into());
        };
        room.copy_from_slice(bytes);
        self.len = end;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_buffer_holds_what_was_reckoned_and_not_more() {
        let mut buffer = Buffer::with_capacity(5).unwrap();
        buffer.write_all(b"abcd").unwrap();
        assert!(buffer.write_all(b"ef").is_err());
        buffer.write_all(b"e").unwrap();
        assert_eq!(buffer.as_ref(), b"abcde");
        buffer.truncate(3);
        assert_eq!((buffer.len(), &buffer.into_bytes()[..]), (3, &b"abc"[..]));
        assert!(Buffer::with_capacity(0).unwrap().into_bytes().is_empty());
    }
}
