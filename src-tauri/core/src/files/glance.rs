//! A look at the beginning of a file, without reading all of it.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{Advice, OFlags};

/// The first bytes of a regular file, `most` of them or as many as it has.
///
/// # Errors
/// When it cannot be read, or is something else.
pub fn head(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let (file, _) = open(path)?;
    piece(&file, 0, most)
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
    fn the_first_bytes_are_read_of_files_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("text");
        write_new(&path, b"text").unwrap();
        assert_eq!(head(&path, 2).unwrap(), b"te");
        assert_eq!(head(&path, 9).unwrap(), b"text");
        assert!(head(dir.path(), 2).is_err());
        assert!(head(&dir.path().join("none"), 2).is_err());
    }
}
