//! What can go wrong in the catalogue.

use crate::error::{Code, Error, PathError};

use super::query::QueryError;

/// A failure of the catalogue.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// `open` met a home that was never set up.
    #[error("there is no catalogue in {}: make one with `darkslide init`", home.display())]
    Missing { home: std::path::PathBuf },
    /// The lock file is held by another program.
    #[error("{} has this catalogue open: close it and try again", holder(*pid))]
    Locked { pid: Option<u32> },
    /// The database's version is above what this program knows.
    #[error(
        "this catalogue was written by a newer Darkslide (its format {found}, known here up to {known}): \
         install the newer version; nothing was changed"
    )]
    Newer { found: i64, known: i64 },
    /// The file is not a database, not ours, or fails SQLite's own check.
    #[error("the catalogue is damaged ({detail})")]
    Damaged { detail: String },
    /// Nothing of that kind has that name or id.
    #[error("there is no {what} `{name}`")]
    NotFound { what: &'static str, name: String },
    /// Names of albums are unique among those not in the trash.
    #[error("there is an album `{name}` already")]
    AlbumExists { name: String },
    /// A value no field can take.
    #[error("{what}: {why}")]
    BadValue { what: &'static str, why: String },
    /// The query language.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// A row that is not in the vault's format.
    #[error("a catalogue row is not valid JSON")]
    Json(#[from] serde_json::Error),
    /// The lock file or the folder.
    #[error(transparent)]
    File(#[from] PathError),
    /// Everything else SQLite reports.
    #[error("the catalogue could not be read or written")]
    Sql(#[source] rusqlite::Error),
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(
        || "another program".to_owned(),
        |pid| format!("another Darkslide (process {pid})"),
    )
}

impl From<rusqlite::Error> for CatalogError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged { detail: error.to_string() },
            _ => Self::Sql(error),
        }
    }
}

impl From<CatalogError> for Error {
    fn from(error: CatalogError) -> Self {
        use rusqlite::ErrorCode::{CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull};
        use rusqlite::ErrorCode::{PermissionDenied, ReadOnly, SystemIoFailure};
        let code = match &error {
            CatalogError::Missing { .. } => Code::NoCatalog,
            CatalogError::Locked { .. } => Code::CatalogLocked,
            CatalogError::Newer { .. } => Code::CatalogNewer,
            CatalogError::Damaged { .. } => Code::CatalogDamaged,
            CatalogError::NotFound { .. } => Code::NotFound,
            CatalogError::AlbumExists { .. } | CatalogError::BadValue { .. } => Code::Usage,
            CatalogError::Query(_) => Code::BadQuery,
            CatalogError::Json(_) => Code::Damaged,
            CatalogError::File(path) if path.source.kind() == std::io::ErrorKind::StorageFull => {
                Code::DiskFull
            }
            CatalogError::File(_) => Code::Io,
            CatalogError::Sql(sql) => match sql.sqlite_error_code() {
                Some(DiskFull) => Code::DiskFull,
                Some(SystemIoFailure) if found_no_room(sql) => Code::DiskFull,
                Some(DatabaseBusy | DatabaseLocked) => Code::CatalogLocked,
                Some(CannotOpen | PermissionDenied | ReadOnly | SystemIoFailure) => Code::Io,
                _ => Code::Internal,
            },
        };
        Self::new(code, error)
    }
}

/// Room for the index of its log is all that SQLite asks a file system for without calling a refusal
/// a full disk.
fn found_no_room(sql: &rusqlite::Error) -> bool {
    sql.sqlite_error().is_some_and(|e| e.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE)
}

/// The result of every method of the catalogue.
pub type Result<T, E = CatalogError> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    #[test]
    fn a_home_on_a_full_disk_is_called_full_and_not_broken() {
        let code = |extended| {
            let sql = rusqlite::Error::SqliteFailure(ffi::Error::new(extended), None);
            Error::from(CatalogError::from(sql)).code
        };
        assert_eq!(code(ffi::SQLITE_FULL), Code::DiskFull);
        assert_eq!(code(ffi::SQLITE_IOERR_SHMSIZE), Code::DiskFull);
        assert_eq!(code(ffi::SQLITE_IOERR_READ), Code::Io);
        assert_eq!(code(ffi::SQLITE_CORRUPT), Code::CatalogDamaged);
    }
}
