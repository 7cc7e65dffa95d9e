//! ASC MHL: a history of hashes beside the originals that other programs verify, and the manifests
//! on a card as the reference for what is read off it.
//!
//! `history` writes: one import is one new generation beside the originals, in the library and on
//! every mirror. `reference` reads what lies on a card; `read` and `sum_file` know the formats.
//! These manifests are for others. What an import goes by is the catalogue and its own journal: a
//! history that cannot be written is reported, and nothing else changes.

mod history;
mod read;
mod reference;
mod sum_file;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;

use jiff::Timestamp;

pub(super) use self::history::About;
use self::history::Member;
use self::read::Unreadable;
pub(super) use self::reference::Reference;
pub use self::reference::ReferenceReport;
use super::error::Result;
use super::report::MirrorFailure;
use super::roots::Roots;
use crate::catalog::{Catalog, FileRow, Outcome};
use crate::error::PathError;
use crate::files::{self, Block, FileError, Xxh64};
use crate::media::{ContentHash, ImportId, PhotoId};

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing {
    //! Readers of bytes, without files.

    use super::{read, sum_file};
    use crate::files::SumKind;

    pub fn manifest(bytes: &[u8]) {
        let mut paths = Vec::new();
        let _ = read::hashes(bytes, &mut |named| paths.push(named.path));
        let _ = (read::head(bytes), read::chain(bytes));
        for path in paths.iter().filter_map(|path| read::confined(path)) {
            assert!(!path.starts_with('/') && !path.split('/').any(|part| part == ".."), "{path}");
        }
    }

    pub fn sums(bytes: &[u8]) {
        for kind in [SumKind::Md5, SumKind::Sha256, SumKind::C4] {
            drop(sum_file::read(bytes, kind, "MD5SUMS"));
        }
    }
}

/// Why a history cannot be continued.
#[derive(Debug, thiserror::Error)]
pub(super) enum MhlError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Io(PathError),
    #[error("{}: {why}", path.display())]
    Unreadable { path: PathBuf, why: Unreadable },
    #[error("{}: it is too large for a manifest", .0.display())]
    TooLarge(PathBuf),
}

/// A verified copy that a run has placed.
#[derive(Debug)]
pub(super) struct Copy {
    /// Relative to its root.
    pub path: String,
    pub bytes: u64,
    pub mtime_ns: i64,
    pub sha256: ContentHash,
}

/// What a generation is written from.
pub(super) struct Generation<'a> {
    pub catalog: &'a Catalog,
    pub roots: &'a Roots,
    pub import: ImportId,
    pub at: Timestamp,
    pub computer: &'a str,
    /// The folder that the template puts everything in.
    pub top: String,
    /// What this run has placed, by root.
    pub placed: Vec<Vec<Copy>>,
    /// The XXH64 of what was read, now or before the import was cut off.
    pub sums: HashMap<ContentHash, Xxh64>,
    /// Whether there may be files of this import that no generation has.
    pub grows: bool,
}

/// What became of it.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// In the library, relative to its root.
    pub path: Option<String>,
    pub failed: Option<String>,
    pub mirrors: Vec<MirrorFailure>,
}

/// Notes copies that a mirror got after their import, where the library has a history for them: a
/// generation of its own in each of those folders. Returns what could not be noted.
pub(super) fn made_up(
    roots: &Roots,
    mirror: usize,
    placed: Vec<Copy>,
    sums: &HashMap<ContentHash, Xxh64>,
    about: &About<'_>,
) -> Vec<String> {
    let library = &roots.all[0].path;
    let mut homes: BTreeMap<String, (Vec<Member>, HashMap<String, Xxh64>)> = BTreeMap::new();
    for Copy { path, bytes, mtime_ns, sha256 } in placed {
        let home = history::home_of(library, "", &path);
        let has_history = library.join(&home).join(history::FOLDER).join(history::CHAIN).is_file();
        let Some(sum) = sums.get(&sha256).filter(|_| has_history) else { continue };
        let (members, known) = homes.entry(home).or_default();
        known.insert(path.clone(), *sum);
        members.push(Member { path, bytes, mtime_ns, now: true });
    }
    let root = &roots.all[mirror].path;
    let note = |(home, (members, known)): (String, (Vec<Member>, HashMap<String, Xxh64>))| {
        let mut sum = |member: &Member| known.get(&member.path).copied();
        history::record(root, &home, &members, about, &mut sum).err()
    };
    homes.into_iter().filter_map(note).map(|error| error.to_string()).collect()
}

impl Generation<'_> {
    /// Writes the generation of this import in every root that has files of it.
    ///
    /// # Errors
    /// When the catalogue cannot be read. What fails on disk is in the result.
    pub fn write(mut self) -> Result<Written> {
        let mut written = Written::default();
        for (n, root) in self.roots.all.iter().enumerate() {
            let (path, failed) = match self.roots.is_still_there(n) {
                Ok(()) => self.write_in(n)?,
                Err(error) => (None, Some(error.to_string())),
            };
            if n == 0 {
                (written.path, written.failed) = (path, failed);
            } else if let Some(reason) = failed {
                let (mirror, path) = (root.name.clone(), format!("{}/", history::FOLDER));
                written.mirrors.push(MirrorFailure { mirror, path, reason });
            }
        }
        Ok(written)
    }

    /// Returns the path of the generation in this root, and why something is missing.
    fn write_in(&mut self, n: usize) -> Result<(Option<String>, Option<String>)> {
        let root = self.roots.all[n].path.clone();
        let placed = std::mem::take(&mut self.placed[n]);
        let mut homes: BTreeMap<String, Vec<(Member, ContentHash)>> = BTreeMap::new();
        let mut folders: HashMap<String, String> = HashMap::new();
        let mut add = |copy: Copy, now: bool| {
            let folder = copy.path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
            let home = folders
                .entry(folder)
                .or_insert_with(|| history::home_of(&root, &self.top, &copy.path))
                .clone();
            let Copy { path, bytes, mtime_ns, sha256 } = copy;
            homes.entry(home).or_default().push((Member { path, bytes, mtime_ns, now }, sha256));
        };
        if self.grows {
            let now: HashSet<&str> = placed.iter().map(|copy| copy.path.as_str()).collect();
            let mut others = self.recorded(n)?;
            others.retain(|copy| !now.contains(copy.path.as_str()));
            others.into_iter().for_each(|copy| add(copy, false));
        }
        placed.into_iter().for_each(|copy| add(copy, true));

        let about = About { import: self.import, at: self.at, computer: self.computer };
        let mut paths: BTreeMap<String, String> = BTreeMap::new();
        let mut failed: Vec<String> = Vec::new();
        let mut block = Block::default();
        for (home, members) in homes {
            let hashes: HashMap<String, ContentHash> =
                members.iter().map(|(m, hash)| (m.path.clone(), *hash)).collect();
            let members: Vec<Member> = members.into_iter().map(|(member, _)| member).collect();
            let mut changed = Vec::new();
            let sums = &mut self.sums;
            let mut sum = |member: &Member| {
                let hash = hashes.get(&member.path)?;
                if let Some(known) = sums.get(hash) {
                    return Some(*known);
                }
                // a sidecar, or placed by a run that could not say: the copy itself is asked
                let path = root.join(&member.path);
                match files::sums_of(&path, &mut block) {
                    Ok((found, xxh64, _)) if found == *hash => {
                        sums.insert(*hash, xxh64);
                        Some(xxh64)
                    }
                    // what is gone is not in the folder either
                    Err(_) if !path.exists() => None,
                    _ => {
                        changed.push(member.path.clone());
                        None
                    }
                }
            };
            match history::record(&root, &home, &members, &about, &mut sum) {
                Ok(Some(path)) => drop(paths.insert(home, path)),
                Ok(None) => {}
                Err(error) => failed.push(error.to_string()),
            }
            failed.extend(changed.iter().map(|path| format!("{path} has changed since it came")));
        }
        let path = paths.remove(&self.top).or_else(|| paths.into_values().next());
        let before = || history::find(&root, &self.top, self.import);
        let path = if n == 0 { path.or_else(before) } else { path };
        Ok((path, (!failed.is_empty()).then(|| failed.join("; "))))
    }

    /// What this import has in a root by the catalogue: all files of the photos it brought, and so
    /// the sidecars that were written beside them.
    fn recorded(&self, n: usize) -> Result<Vec<Copy>> {
        let mut photos: BTreeSet<PhotoId> = BTreeSet::new();
        for row in self.catalog.import_files(self.import)? {
            if let Some(id) = row.file.filter(|_| row.outcome == Outcome::Imported)
                && let Some(file) = self.catalog.file(id)?
            {
                photos.insert(file.photo);
            }
        }
        let mut copies = Vec::new();
        for photo in photos {
            for FileRow { file, bytes, sha256, local, .. } in self.catalog.files_of(photo)? {
                let mtime_ns = local.as_ref().map_or(0, |local| local.mtime_ns);
                let path = if n == 0 {
                    local.map(|local| local.path)
                } else {
                    let mirrors = self.catalog.mirrors_of(file)?;
                    let here = mirrors.into_iter().find(|m| m.mirror == self.roots.all[n].name);
                    here.map(|copy| copy.path)
                };
                copies.extend(path.map(|path| Copy { path, bytes, mtime_ns, sha256 }));
            }
        }
        Ok(copies)
    }
}
