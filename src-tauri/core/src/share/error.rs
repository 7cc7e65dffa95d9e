//! Why an album cannot be shared, shown or taken back.

use super::index::BadIndex;
use super::link::BadLink;
use super::passcode::BadPasscode;
use crate::catalog::CatalogError;
use crate::error::{Code, Error};
use crate::progress::Cancelled;
use crate::store::StoreError;

/// Why nothing was shared, or a share could not be reached.
#[derive(Debug, thiserror::Error)]
pub enum ShareError {
    #[error("{0}")]
    Options(&'static str),
    #[error("the watermark cannot be drawn: no font here has the letter {0:?}")]
    Undrawable(char),
    #[error("there is no such album")]
    NoAlbum,
    #[error("no share's id begins with {0:?}")]
    NoShare(String),
    #[error("{1} shares' ids begin with {0:?}: give more of it")]
    Ambiguous(String, usize),
    #[error("the album is empty")]
    Empty,
    /// Every photo of the album was left out; the first reason stands for all.
    #[error("nothing in the album can be shown: {0}")]
    NothingToShow(String),
    #[error("the gallery page of this build is unusable: {0}")]
    Page(&'static str),
    /// The store's presigned addresses differ in more than name and signature.
    #[error("the store's addresses cannot be written as one template")]
    Template,
    #[error("the share {0} cannot be read: the catalogue lacks its {1}")]
    Record(String, &'static str),
    #[error("the link answers with HTTP {0}")]
    Dead(u16),
    #[error(transparent)]
    Link(#[from] BadLink),
    #[error(transparent)]
    Index(#[from] BadIndex),
    #[error(transparent)]
    Passcode(#[from] BadPasscode),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl From<ShareError> for Error {
    fn from(error: ShareError) -> Self {
        let code = match error {
            ShareError::Catalog(error) => return error.into(),
            ShareError::Store(error) => return error.into(),
            ShareError::Cancelled(error) => return error.into(),
            ShareError::Options(_)
            | ShareError::Undrawable(_)
            | ShareError::Empty
            | ShareError::NothingToShow(_)
            | ShareError::Passcode(_) => Code::Usage,
            ShareError::NoAlbum
            | ShareError::NoShare(_)
            | ShareError::Ambiguous(..)
            | ShareError::Dead(_) => Code::NotFound,
            ShareError::Link(_) | ShareError::Index(_) | ShareError::Record(..) => Code::Damaged,
            ShareError::Page(_) | ShareError::Template => Code::Internal,
        };
        Self::new(code, error)
    }
}
