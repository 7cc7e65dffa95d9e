//! Why an import cannot start, or had to stop as a whole.

use std::path::PathBuf;

use super::template::TemplateError;
use crate::card::CardError;
use crate::catalog::CatalogError;
use crate::error::{Code, Error};
use crate::files::{self, FileError};
use crate::progress::Cancelled;

/// A failure of the whole import. What concerns one file is in the report.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("the library's folder is not there: {}", .0.display())]
    LibraryAway(PathBuf),
    #[error("another program imports into {} right now", .0.display())]
    Busy(PathBuf),
    #[error("{} needs {} and has {} free; nothing was copied", library.display(), files::size(*needed_bytes), files::size(*free_bytes))]
    NoRoom { library: PathBuf, needed_bytes: u64, free_bytes: u64 },
    /// Importing the library into itself would copy it.
    #[error("{} and the library {} lie inside one another", source_dir.display(), library.display())]
    Overlap { source_dir: PathBuf, library: PathBuf },
    /// The catalogue's paths are relative to the library's root.
    #[error(
        "{} does not lie in the library {}: move it there with your file manager and adopt it then, \
         or give it a library of its own (`darkslide --home NEW-HOME init --library {}`)",
        dir.display(), library.display(), dir.display()
    )]
    Outside { dir: PathBuf, library: PathBuf },
    #[error(transparent)]
    Card(#[from] CardError),
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A fault of the program: a thread ended by itself.
    #[error("a part of the import ended unexpectedly")]
    Broken,
}

impl From<ImportError> for Error {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Card(e) => e.into(),
            ImportError::Template(e) => e.into(),
            ImportError::Catalog(e) => e.into(),
            ImportError::File(e) => e.into(),
            ImportError::Cancelled(e) => e.into(),
            ImportError::LibraryAway(_) => Self::new(Code::LibraryAway, error),
            ImportError::Busy(_) => Self::new(Code::CatalogLocked, error),
            ImportError::NoRoom { .. } => Self::new(Code::DiskFull, error),
            ImportError::Overlap { .. } | ImportError::Outside { .. } => {
                Self::new(Code::Usage, error)
            }
            ImportError::Broken => Self::new(Code::Internal, error),
        }
    }
}

pub(super) type Result<T, E = ImportError> = std::result::Result<T, E>;
