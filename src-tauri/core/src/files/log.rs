//! A file that only grows, line by line; each line is on disk before anything relies on it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::error::FileError;
use super::folders::sync_dir;
use super::write::folder_of;

/// An open log. A line cut off by a power failure is the last one; readers ignore it.
#[derive(Debug)]
pub struct Log {
    file: File,
    path: PathBuf,
    /// The last line may be cut off.
    torn: bool,
}

impl Log {
    /// Opens the log at `path`, or makes it; its folder must be there.
    ///
    /// # Errors
    /// When it can be neither opened nor made.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let new = !path.exists();
        let mut options = fs::OpenOptions::new();
        options.create(true).append(true);
        let file = options.open(path).map_err(|e| FileError::io(path, e))?;
        let mut log = Self { file, path: path.to_owned(), torn: false };
        if new {
            sync_dir(folder_of(path))?;
        } else {
            // what a torn line left must not swallow the next one
            log.write(b"\n")?;
        }
        Ok(log)
    }

    /// Adds lines, which must not contain line feeds themselves, and brings them to disk.
    ///
    /// # Errors
    /// When the disk fails or is full.
    pub fn append(&mut self, lines: &[Vec<u8>]) -> Result<(), FileError> {
        if std::mem::replace(&mut self.torn, true) {
            self.write(b"\n")?;
        }
        let text: Vec<u8> = lines.iter().flat_map(|l| l.iter().copied().chain([b'\n'])).collect();
        self.write(&text)?;
        self.file.sync_data().map_err(|e| FileError::io(&self.path, e))?;
        self.torn = false;
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.file.write_all(bytes).map_err(|e| FileError::io(&self.path, e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_does_not_spoil_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        Log::open(&path).unwrap().append(&[b"one".to_vec()]).unwrap();
        Log::open(&path).unwrap().write(b"tor").unwrap();
        Log::open(&path).unwrap().append(&[b"two".to_vec(), b"three".to_vec()]).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text.lines().filter(|l| !l.is_empty()).collect();
        assert_eq!(lines, ["one", "tor", "two", "three"]);
    }
}
