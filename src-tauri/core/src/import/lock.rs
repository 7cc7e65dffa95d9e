//! One program at a time writes into a library.
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
    /// `mark`: what the library is marked with. Looked for first: what is written into an empty mount
    /// point looks like a library that lost everything.
    ///
    /// # Errors
    /// `LibraryAway`, or `Busy` while another program imports into this library.
    pub fn take(library: &Path, mark: Option<&str>) -> Result<Self> {
        if !files::is_root(library, mark) {
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
        let lock = LibraryLock::take(dir.path(), None).unwrap();
        assert!(matches!(LibraryLock::take(dir.path(), None), Err(ImportError::Busy(_))));
        drop(lock);
        LibraryLock::take(dir.path(), None).expect("free again");
    }

    #[test]
    fn a_mount_point_without_its_drive_is_no_library_and_stays_empty() {
        let dir = tempfile::tempdir().unwrap();
        let taken = || LibraryLock::take(dir.path(), Some("a"));
        assert!(matches!(taken(), Err(ImportError::LibraryAway(_))));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        files::mark_root(dir.path(), "a").unwrap();
        taken().expect("the drive is there");
    }
}
