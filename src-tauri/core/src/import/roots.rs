//! Where copies go: the library first, then every mirror that is there.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::{ImportError, Result};
use super::report::MirrorFailure;
use crate::catalog::{Catalog, FileRow};
use crate::files::{self, Block};

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
    pub fn new(library: &Path, mirrors: &[PathBuf]) -> Result<Self> {
        if !library.is_dir() {
            return Err(ImportError::LibraryAway(library.to_owned()));
        }
        let root = |path: &Path| -> Result<Root> {
            let name = path.to_string_lossy().into_owned();
            Ok(Root { path: path.to_owned(), name, device: files::device_of(path)? })
        };
        let mut roots = Self { all: vec![root(library)?], away: Vec::new() };
        for mirror in mirrors {
            if mirror.is_dir() {
                roots.all.push(root(mirror)?);
            } else {
                roots.away.push(MirrorFailure {
                    mirror: mirror.to_string_lossy().into_owned(),
                    path: String::new(),
                    reason: "the mirror is not there".to_owned(),
                });
            }
        }
        Ok(roots)
    }

    pub fn len(&self) -> usize {
        self.all.len()
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
