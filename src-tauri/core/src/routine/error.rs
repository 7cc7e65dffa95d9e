//! Why a pass cannot be made at all.

use std::path::PathBuf;

use crate::card::CardError;
use crate::catalog::CatalogError;
use crate::error::{Code, Error};
use crate::files::FileError;
use crate::progress::Cancelled;

/// A failure of the whole pass. What concerns one file is in the report.
#[derive(Debug, thiserror::Error)]
pub enum RoutineError {
    #[error("the library's folder is not there: {}", .0.display())]
    LibraryAway(PathBuf),
    #[error(
        "{} and the library {} lie inside one another: what lies in the library is taken in by `adopt`",
        dir.display(), library.display()
    )]
    Overlap { dir: PathBuf, library: PathBuf },
    #[error("{} is watched already", .0.display())]
    Watched(PathBuf),
    #[error("{} is not watched", .0.display())]
    NotWatched(PathBuf),
    #[error("{} is not there: connect its drive first, so that it can be looked at once", .0.display())]
    NotThere(PathBuf),
    #[error(transparent)]
    Card(#[from] CardError),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl From<RoutineError> for Error {
    fn from(error: RoutineError) -> Self {
        match error {
            RoutineError::Card(e) => e.into(),
            RoutineError::Catalog(e) => e.into(),
            RoutineError::File(e) => e.into(),
            RoutineError::Cancelled(e) => e.into(),
            RoutineError::LibraryAway(_) => Self::new(Code::LibraryAway, error),
            RoutineError::NotWatched(_) => Self::new(Code::NotFound, error),
            RoutineError::Overlap { .. } | RoutineError::Watched(_) | RoutineError::NotThere(_) => {
                Self::new(Code::Usage, error)
            }
        }
    }
}

pub(super) type Result<T, E = RoutineError> = std::result::Result<T, E>;
