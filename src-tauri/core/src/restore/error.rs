//! Why something did not come back.

use std::io;

use crate::backup::BackupError;
use crate::backup::format::FormatError;
use crate::catalog::CatalogError;
use crate::error::{Code, Error};
use crate::files::FileError;
use crate::progress::Cancelled;
use crate::store::StoreError;

/// What can go wrong on the way back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error("it is not in the bucket")]
    NotInBucket,
    #[error("the key that opens it is not in the vault's ring")]
    NoKey,
    #[error("it came back with other bytes than were catalogued; nothing was kept of it")]
    OtherBytes,
    #[error("it is damaged in the bucket: {0}")]
    Format(#[from] FormatError),
    #[error("there is no vault in this bucket")]
    NoVaultThere,
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("reading it failed: {0}")]
    Read(#[source] io::Error),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    #[error("the program failed in the middle of it")]
    Panicked,
}

impl RestoreError {
    /// Whether the next file would fail the same way, so that going on makes no sense.
    pub(super) fn stops_everything(&self) -> bool {
        match self {
            Self::Store(error) => !matches!(
                error,
                StoreError::NotFound { .. }
                    | StoreError::ChecksumMismatch { .. }
                    | StoreError::BadRange { .. }
            ),
            Self::File(error) => error.is_full(),
            Self::Catalog(_) | Self::Cancelled(_) => true,
            _ => false,
        }
    }
}

impl From<RestoreError> for Error {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::Store(error) => error.into(),
            RestoreError::File(error) => error.into(),
            RestoreError::Catalog(error) => error.into(),
            RestoreError::Cancelled(error) => error.into(),
            RestoreError::Backup(error) => error.into(),
            RestoreError::NoVaultThere => Self::new(Code::NoVault, error),
            RestoreError::NotInBucket => Self::new(Code::NotFound, error),
            RestoreError::NoKey | RestoreError::OtherBytes | RestoreError::Format(_) => {
                Self::new(Code::Damaged, error)
            }
            RestoreError::Read(_) => Self::new(Code::Io, error),
            RestoreError::Panicked => Self::new(Code::Internal, error),
        }
    }
}
