//! Where copies go: the library first, then every mirror that is there.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::error::{ImportError, Result};
use super::report::MirrorFailure;
use crate::catalog::{Catalog, FileRow};
use crate::error::PathError;
use crate::files::{self, Block, FileError};

const AWAY: &str =
    "the mirror is not there; its copies are made up for by the next run that finds it";

/// One place that gets a copy of every file.
#[derive(Debug, Clone)]
pub(super) struct Root {
    pub path: PathBuf,
    /// What the catalogue calls a mirror.
    pub name: String,
    pub device: u64,
}

/// The library and the mirrors that are there. The library has index 0.
#[derive(Debug, Clone)]
pub(super) struct Roots {
    pub all: Vec<Root>,
    pub away: Vec<MirrorFailure>,
}

impl Roots {
    /// `mark`: what a root must be marked with, so that an empty mount point is not taken for it.
    pub fn new(library: &Path, mirrors: &[PathBuf], mark: Option<&str>) -> Result<Self> {
        let is_there = |root: &Path| {
            root.is_dir() && mark.is_none_or(|id| files::root_mark(root).as_deref() == Some(id))
        };
        if !is_there(library) {
            return Err(ImportError::LibraryAway(library.to_owned()));
        }
        let root = |path: &Path| -> Result<Root> {
            let name = path.to_string_lossy().into_owned();
            Ok(Root { path: path.to_owned(), name, device: files::device_of(path)? })
        };
        let mut roots = Self { all: vec![root(library)?], away: Vec::new() };
        for mirror in mirrors {
            if is_there(mirror) {
                roots.all.push(root(mirror)?);
            } else {
                roots.leave(mirror, AWAY.to_owned());
            }
        }
        Ok(roots)
    }

    /// Leaves out a mirror: it is away, or cannot take what is to come.
    pub fn leave(&mut self, mirror: &Path, reason: String) {
        self.all.retain(|root| root.path != mirror);
        let mirror = mirror.to_string_lossy().into_owned();
        self.away.push(MirrorFailure { mirror, path: String::new(), reason });
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Makes a folder for copies in root `n`, and never the root itself: what lies below a mount
    /// point whose disk went away is no copy anywhere.
    ///
    /// # Errors
    /// When the root is not the disk it was, or the folder cannot be made.
    pub fn make_folder(&self, n: usize, relative: &str) -> Result<(), FileError> {
        self.is_still_there(n)?;
        files::create_dirs(&self.path(n, relative))
    }

    /// Whether root `n` is still on the disk it was on when the run began.
    ///
    /// # Errors
    /// When it is not.
    pub fn is_still_there(&self, n: usize) -> Result<(), FileError> {
        let Root { path, device, .. } = &self.all[n];
        let gone = |source| FileError::Io(PathError { path: path.clone(), source });
        let found = fs::metadata(path).map_err(gone)?;
        if found.is_dir() && found.dev() == *device {
            return Ok(());
        }
        Err(gone(io::Error::new(io::ErrorKind::NotFound, "its disk was taken away")))
    }

    /// The absolute path of a relative one in root `n`.
    pub fn path(&self, n: usize, relative: &str) -> PathBuf {
        self.all[n].path.join(relative)
    }
}

/// A file the catalogue knows, and which of the roots still have it as it was verified.
#[derive(Debug, Clone)]
pub(super) struct Here {
    pub row: FileRow,
    pub whole: Vec<bool>,
}

impl Here {
    pub fn new(row: FileRow, roots: &Roots, catalog: &Catalog, block: &mut Block) -> Result<Self> {
        let mut whole = vec![false; roots.len()];
        if let Some(local) = &row.local {
            let path = roots.path(0, &local.path);
            whole[0] = still_there(&path, &row, Some(local.mtime_ns), block);
        }
        if roots.len() > 1 {
            let copies = catalog.mirrors_of(row.file)?;
            for (n, root) in roots.all.iter().enumerate().skip(1) {
                if let Some(copy) = copies.iter().find(|copy| copy.mirror == root.name) {
                    let time = row.local.as_ref().map(|local| local.mtime_ns);
                    whole[n] = still_there(&root.path.join(&copy.path), &row, time, block);
                }
            }
        }
        Ok(Self { row, whole })
    }

    /// Roots that should have a copy and have none. Originals freed on purpose stay away.
    pub fn lacking(&self) -> Vec<usize> {
        (0..self.whole.len()).filter(|&n| !(self.whole[n] || n == 0 && self.row.cloud)).collect()
    }
}

/// Whether a verified copy lies where it lay. One with another time is read anew.
fn still_there(path: &Path, row: &FileRow, mtime_ns: Option<i64>, block: &mut Block) -> bool {
    let Ok(meta) = fs::symlink_metadata(path) else { return false };
    if !meta.is_file() || meta.len() != row.bytes {
        return false;
    }
    // network shares keep times only to a second or two
    let same_time = mtime_ns.is_some_and(|t| files::mtime_ns(&meta).abs_diff(t) < 2_000_000_001);
    same_time || files::hash_of(path, block).is_ok_and(|(hash, _)| hash == row.sha256)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_made_where_another_disk_is_than_when_the_run_began() {
        let dir = tempfile::tempdir().unwrap();
        let (library, mirror) = (dir.path().join("library"), dir.path().join("mirror"));
        fs::create_dir(&library).unwrap();
        fs::create_dir(&mirror).unwrap();
        let mut roots = Roots::new(&library, std::slice::from_ref(&mirror), None).unwrap();
        roots.make_folder(1, "O/2026").unwrap();
        roots.all[1].device ^= 1;
        assert!(roots.make_folder(1, "O/2027").is_err());
        assert!(!mirror.join("O/2027").exists());
        files::remove_dir_all(&library).unwrap();
        assert!(roots.make_folder(0, "O/2026").is_err());
        assert!(!library.exists(), "a root is never made");
    }
}
