//! One program at a time imports into a library.
//!
//! Two homes may share a library; each would sweep the other's half files as leftovers. The lock is
//! the system's: it ends with the program that holds it, however that ends.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::error::{ImportError, Result};
use crate::error::{At as _, PathError};
use crate::files;

/// Held until it is dropped.
#[derive(Debug)]
pub struct LibraryLock(#[expect(dead_code, reason = "held, not read")] Option<File>);

impl LibraryLock {
    /// # Errors
    /// `LibraryAway`, or `Busy` while another program imports into this library.
    pub fn take(library: &Path) -> Result<Self> {
        if !library.is_dir() {
            return Err(ImportError::LibraryAway(library.to_owned()));
        }
        let folder = library.join(".darkslide");
        files::create_dirs(&folder)?;
        let path = folder.join("lock");
        let open = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = open.at(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(Some(file))),
            Err(TryLockError::WouldBlock) => Err(ImportError::Busy(library.to_owned())),
            // some network file systems have no locks: importing is still worth more than none
            Err(TryLockError::Error(error)) => {
                tracing::warn!(%error, "the library cannot be locked against other programs");
                Ok(Self(None))
            }
        }
    }
}

impl From<PathError> for ImportError {
    fn from(error: PathError) -> Self {
        files::FileError::Io(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_locked_once_and_free_again_afterwards() {
        let dir = tempfile::tempdir().unwrap();
        let lock = LibraryLock::take(dir.path()).unwrap();
        assert!(matches!(LibraryLock::take(dir.path()), Err(ImportError::Busy(_))));
        drop(lock);
        LibraryLock::take(dir.path()).expect("free again");
    }
}
