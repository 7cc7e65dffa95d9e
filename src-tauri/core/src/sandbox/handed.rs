//! The one file a worker has.
//!
//! Readers open files by `open`. Where there is no cell that is what the system calls open; in a
//! worker no name leads anywhere, and whatever name is asked for, the file handed in is what there is.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

enum Handed {
    /// This is no worker.
    Free,
    /// This is one, and this is its file if it has one.
    Worker(Option<File>),
}

static HANDED: Mutex<Handed> = Mutex::new(Handed::Free);

/// Opens the file at `path`, at its beginning.
///
/// In a worker all that are opened share their place: read in one go, or by place.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    match &*HANDED.lock().unwrap_or_else(PoisonError::into_inner) {
        Handed::Free => File::open(path),
        Handed::Worker(None) => Err(io::ErrorKind::NotFound.into()),
        Handed::Worker(Some(file)) => {
            let mut file = file.try_clone()?;
            file.rewind()?;
            Ok(file)
        }
    }
}

/// How long the file at `path` is.
pub(crate) fn len(path: &Path) -> io::Result<u64> {
    Ok(open(path)?.metadata()?.len())
}

/// All of the file at `path`. Who asks has asked for its length before.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = open(path)?;
    let mut bytes = Vec::with_capacity(usize::try_from(file.metadata()?.len()).unwrap_or(0));
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Makes this process a worker with this file, or with none.
pub(super) fn hand(file: Option<File>) {
    *HANDED.lock().unwrap_or_else(PoisonError::into_inner) = Handed::Worker(file);
}
