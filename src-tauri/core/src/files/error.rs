//! What can go wrong with files on disk.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Code, Error, PathError};

/// A failure to write, move or read back a file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system refused.
    #[error(transparent)]
    Io(#[from] PathError),
    /// A file of that name is there already; it was left alone.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// What the disk gave back is not what was written.
    #[error("{}: the disk gave back other bytes than were written", .0.display())]
    Mismatch(PathBuf),
}

impl FileError {
    /// Whether the destination has no room left.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Io(e) if is_full(&e.source))
    }

    pub(super) fn io(path: impl AsRef<Path>, source: impl Into<io::Error>) -> Self {
        let (path, source) = (path.as_ref().to_owned(), source.into());
        if source.kind() == io::ErrorKind::AlreadyExists {
            return Self::Exists(path);
        }
        Self::Io(PathError { path, source })
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        let code = match &error {
            FileError::Io(e) if is_full(&e.source) => Code::DiskFull,
            FileError::Io(_) | FileError::Exists(_) => Code::Io,
            FileError::Mismatch(_) => Code::Damaged,
        };
        Self::new(code, error)
    }
}
