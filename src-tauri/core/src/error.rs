//! What can go wrong, as callers see it: one code, one cause.
//!
//! Every room has a small `thiserror` enum of its own that keeps its source. Beside it stands the
//! one `From<..> for Error` that gives it a `Code`. A code exists only where somebody acts on it:
//! the window picks its three sentences by it, the command line its exit status.

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// What the caller can act on. The window holds a text for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The arguments make no sense together.
    Usage,
    /// A file or folder could not be read or written.
    Io,
    /// A destination has no room left.
    DiskFull,
    /// The card went away in the middle.
    CardGone,
    /// The library's folder is not there.
    LibraryAway,
    /// This home has no catalogue yet.
    NoCatalog,
    /// Another program has this catalogue open.
    CatalogLocked,
    /// The catalogue was written by a newer version of the program.
    CatalogNewer,
    /// The catalogue is damaged.
    CatalogDamaged,
    /// No such photo, album, share or shoot.
    NotFound,
    /// A query could not be understood.
    BadQuery,
    /// This home has no vault yet.
    NoVault,
    /// A vault is there already.
    VaultExists,
    /// The words, the passphrase or the key do not open this.
    WrongKey,
    /// The recovery words are misspelt or their checksum is wrong.
    BadWords,
    /// No keyring answers and no passphrase was given.
    NoKeyring,
    /// The window is locked.
    Locked,
    /// What was read is not what was written.
    Damaged,
    /// The bucket shows an older state than this computer has seen.
    RolledBack,
    /// The store does not answer.
    Offline,
    /// There are no keys to the store.
    NoCredentials,
    /// The store refuses these credentials, or their rights do not suffice.
    Forbidden,
    /// There is no such bucket.
    NoBucket,
    /// The computer's clock is too far from the store's.
    ClockSkew,
    /// The store answered with something unexpected.
    Store,
    /// The user stopped it.
    Cancelled,
    /// A fault of the program itself.
    Internal,
}

/// The error that leaves the core: a code and its cause.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct Error {
    pub code: Code,
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync + 'static>,
}

impl Error {
    /// Gives `source` its code. Only the `From` impls beside each room's own error call this.
    pub fn new(
        code: Code,
        source: impl Into<Box<dyn std::error::Error + Send + Sync + 'static>>,
    ) -> Self {
        Self { code, source: source.into() }
    }
}

/// The result of everything a caller outside the core may ask for.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An I/O error and the path it happened at.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct PathError {
    pub path: PathBuf,
    #[source]
    pub source: io::Error,
}

impl From<PathError> for Error {
    fn from(error: PathError) -> Self {
        let code = match error.source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Code::DiskFull,
            _ => Code::Io,
        };
        Self::new(code, error)
    }
}

/// Adds the path to an I/O result: `fs::File::open(&path).at(&path)?`.
pub trait At<T> {
    /// # Errors
    /// The same failure, with `path` beside it.
    fn at(self, path: impl AsRef<Path>) -> Result<T, PathError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: impl AsRef<Path>) -> Result<T, PathError> {
        self.map_err(|source| PathError { path: path.as_ref().to_owned(), source })
    }
}
