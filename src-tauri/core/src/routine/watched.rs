//! Which folders are watched, and what for.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::{Result, RoutineError};

/// A folder that is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    pub dir: PathBuf,
    #[serde(rename = "as")]
    pub kind: Kind,
}

/// What comes out of a watched folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Exports of Lightroom, Capture One, darktable and the like.
    Finished,
    /// The backups an editor makes of its own catalogue.
    CatalogueBackup,
}

impl Kind {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::CatalogueBackup => "catalogue-backup",
        }
    }

    /// The folder of the library it goes to.
    #[must_use]
    pub(super) const fn folder(self) -> &'static str {
        match self {
            Self::Finished => "Finished",
            Self::CatalogueBackup => "Catalogue backups",
        }
    }
}

impl Watched {
    /// A folder that may be watched beside those that are; it has to be there now.
    ///
    /// # Errors
    /// It is not there, is watched already, or lies in a root of the library or around one.
    pub fn new(dir: &Path, kind: Kind, roots: &[PathBuf], others: &[Self]) -> Result<Self> {
        let whole = dir.canonicalize().ok().filter(|dir| dir.is_dir());
        let whole = whole.ok_or_else(|| RoutineError::NotThere(dir.to_owned()))?;
        if others.iter().any(|other| other.dir == whole) {
            return Err(RoutineError::Watched(whole));
        }
        for root in roots {
            let library = root.canonicalize().unwrap_or_else(|_| root.clone());
            if whole.starts_with(&library) || library.starts_with(&whole) {
                return Err(RoutineError::Overlap { dir: whole, library });
            }
        }
        Ok(Self { dir: whole, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_watched_once_and_never_the_library_itself() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| {
            let path = dir.path().canonicalize().unwrap().join(name);
            std::fs::create_dir_all(&path).unwrap();
            path
        };
        let (library, exports) = (path("library"), path("exports"));
        let new = |dir: &Path, others: &[Watched]| {
            Watched::new(dir, Kind::Finished, std::slice::from_ref(&library), others)
        };
        let watched = new(&exports, &[]).unwrap();
        assert_eq!(watched.dir, exports);
        let again = new(&exports.join("../exports"), std::slice::from_ref(&watched));
        assert!(matches!(again, Err(RoutineError::Watched(_))));
        for overlapping in [&library, &path("library/Finished"), &path("")] {
            assert!(matches!(new(overlapping, &[]), Err(RoutineError::Overlap { .. })));
        }
        assert!(matches!(new(&exports.join("no"), &[]), Err(RoutineError::NotThere(_))));
    }

    #[test]
    fn it_is_written_as_scripts_name_it() {
        let watched = Watched { dir: "/exports".into(), kind: Kind::CatalogueBackup };
        let text = r#"{"dir":"/exports","as":"catalogue-backup"}"#;
        assert_eq!(serde_json::to_string(&watched).unwrap(), text);
        assert_eq!(serde_json::from_str::<Watched>(text).unwrap(), watched);
    }
}
