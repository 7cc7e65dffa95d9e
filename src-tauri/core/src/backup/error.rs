//! What can go wrong between catalogue and bucket.

use crate::catalog::CatalogError;
use crate::error::{Code, Error, PathError};
use crate::files::FileError;
use crate::keys::KeysError;
use crate::media::{DeviceId, VaultId};
use crate::progress::Cancelled;
use crate::store::StoreError;

use super::format::FormatError;

/// A failure of the whole run; what concerns one file is in its report.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    File(#[from] PathError),
    #[error(transparent)]
    Write(#[from] FileError),
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Something in the bucket is not what its name says.
    #[error("`{name}` in the bucket: {source}")]
    Format {
        name: String,
        #[source]
        source: FormatError,
    },
    #[error("`{name}` in the bucket is not the one that was committed")]
    WrongHash { name: String },
    #[error("`{name}` was sent but is not in the bucket as it was sent")]
    NotAsSent { name: String },
    #[error("this bucket holds a vault already: `{found}` is there")]
    VaultExists { found: String },
    #[error("this computer has no vault yet")]
    NoVault,
    #[error("the bucket holds the vault {there}, this computer's is {here}")]
    OtherVault { here: VaultId, there: VaultId },
    #[error("none of the vault's {slots} slots opens with this")]
    NoWayIn { slots: usize },
    #[error(
        "the vault has a new key (generation {needed}): open it again with the words or the passphrase"
    )]
    NewGeneration { needed: u32 },
    #[error("`{name}` was written by a newer Darkslide: install it; nothing was changed")]
    Newer { name: String },
    #[error("the bucket shows an older state than this computer has seen: {what}")]
    RolledBack { what: RolledBack },
    /// A blocking task died.
    #[error("a part of the program broke off")]
    Task(#[from] tokio::task::JoinError),
}

/// What is older than it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RolledBack {
    Device { device: DeviceId, had: u64, has: u64 },
    Generation { had: u32, has: u32 },
}

impl std::fmt::Display for RolledBack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Device { device, had, has } => {
                write!(f, "commit {has} of device {device}, where there was {had}")
            }
            Self::Generation { had, has } => write!(f, "key generation {has}, where it was {had}"),
        }
    }
}

impl BackupError {
    pub(crate) fn format(name: impl Into<String>) -> impl FnOnce(FormatError) -> Self {
        let name = name.into();
        move |source| Self::Format { name, source }
    }
}

impl From<BackupError> for Error {
    fn from(error: BackupError) -> Self {
        let code = match error {
            BackupError::Store(error) => return error.into(),
            BackupError::Catalog(error) => return error.into(),
            BackupError::Keys(error) => return error.into(),
            BackupError::File(error) => return error.into(),
            BackupError::Write(error) => return error.into(),
            BackupError::Cancelled(error) => return error.into(),
            BackupError::Format { .. }
            | BackupError::WrongHash { .. }
            | BackupError::NotAsSent { .. } => Code::Damaged,
            BackupError::VaultExists { .. } => Code::VaultExists,
            BackupError::NoVault => Code::NoVault,
            BackupError::OtherVault { .. }
            | BackupError::NoWayIn { .. }
            | BackupError::NewGeneration { .. } => Code::WrongKey,
            BackupError::Newer { .. } => Code::CatalogNewer,
            BackupError::RolledBack { .. } => Code::RolledBack,
            BackupError::Task(_) => Code::Internal,
        };
        Self::new(code, error)
    }
}

/// The result of everything in this room.
pub type Result<T, E = BackupError> = std::result::Result<T, E>;
