//! Keeps a second program away: `catalog.lock`, held as long as the catalogue is open.
//!
//! The system frees the lock when the program ends, however it ends; the file itself stays, and
//! the process id in it only serves the message.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::Path;

use crate::error::{At as _, PathError};

use super::error::{CatalogError, Result};

/// The held lock; dropping it frees it.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of `home` without waiting.
    pub fn take(home: &Path) -> Result<Self> {
        let path = home.join("catalog.lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .at(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(CatalogError::Locked { pid: read_pid(&mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(PathError { path, source }.into()),
        }
        file.set_len(0).at(&path)?;
        write!(file, "{}", std::process::id()).at(&path)?;
        Ok(Self { _file: file })
    }
}

/// Who holds it, where the system lets a locked file be read.
fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_program_is_refused_by_the_name_of_the_first() {
        let home = tempfile::tempdir().unwrap();
        let held = Lock::take(home.path()).unwrap();
        let refused = Lock::take(home.path()).unwrap_err();
        let CatalogError::Locked { pid } = &refused else { panic!("{refused:?}") };
        assert_eq!(*pid, Some(std::process::id()), "the message must say who has it open");
        assert!(refused.to_string().contains(&std::process::id().to_string()));
        drop(held);
        Lock::take(home.path()).expect("a lock whose holder is gone is free");
    }

    #[test]
    fn a_lock_file_left_by_a_crash_does_not_lock() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("catalog.lock");
        OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .open(&path)
            .unwrap()
            .write_all(b"4711")
            .unwrap();
        let _held = Lock::take(home.path()).expect("the file alone means nothing");
        let mut text = String::new();
        File::open(path).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, std::process::id().to_string());
    }
}
