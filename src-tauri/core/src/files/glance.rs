//! A look at a few places of a file, without reading all of it. It proves nothing; it tells what is
//! worth reading.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{Advice, OFlags};

/// How much is compared at each place: a page, and from its beginning, so that of a card of
/// thousands of files no more is read than this.
const PIECE: usize = 4 << 10;

/// The first bytes of a regular file, `most` of them or as many as it has.
///
/// # Errors
/// When it cannot be read, or is something else.
pub fn head(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let (file, _) = open(path)?;
    piece(&file, 0, most)
}

/// Whether two files have one length and the same bytes at their start, in the middle and at their
/// end. What cannot be read is like nothing.
#[must_use]
pub fn look_alike(one: &Path, other: &Path) -> bool {
    let compare = || -> io::Result<bool> {
        let ((one, bytes), (other, length)) = (open(one)?, open(other)?);
        if bytes != length {
            return Ok(false);
        }
        for at in [0, bytes / 2, bytes.saturating_sub(1)] {
            let at = at - at % PIECE as u64;
            if piece(&one, at, PIECE)? != piece(&other, at, PIECE)? {
                return Ok(false);
            }
        }
        Ok(true)
    };
    compare().unwrap_or(false)
}

fn open(path: &Path) -> io::Result<(File, u64)> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file =
        std::fs::OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // a card is slow: nothing is read ahead
    let _ = rustix::fs::fadvise(&file, 0, None, Advice::Random);
    Ok((file, meta.len()))
}

fn piece(file: &File, at: u64, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; most];
    let mut filled = 0;
    while filled < most {
        match file.read_at(&mut bytes[filled..], at + filled as u64) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::write_new;

    #[test]
    fn files_look_alike_until_one_of_the_places_differs() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            write_new(&path, bytes).unwrap();
            path
        };
        let whole = vec![7; 500_000];
        let first = put("first", &whole);
        assert!(look_alike(&first, &put("same", &whole)));
        for at in [0, 250_000, 499_999] {
            let mut other = whole.clone();
            other[at] = 8;
            assert!(!look_alike(&first, &put(&format!("at {at}"), &other)), "{at}");
        }
        assert!(!look_alike(&first, &put("short", &whole[1..])));
        assert!(!look_alike(&first, &dir.path().join("none")));
        assert!(!look_alike(dir.path(), dir.path()), "folders are no files");
        assert!(look_alike(&put("empty", b""), &put("void", b"")));
        assert_eq!(head(&put("text", b"text"), 2).unwrap(), b"te");
        assert_eq!(head(&dir.path().join("text"), 9).unwrap(), b"text");
    }
}
