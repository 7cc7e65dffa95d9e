//! Files that another program moved or renamed within the library, found again by size and hash.
//!
//! With nothing missing this is one look at each file of the catalogue. Otherwise the library is
//! walked; what the catalogue does not know there and what has the length of something missing is
//! read, and takes its old place in the catalogue if its hash is the same. Nothing on disk is touched.
//! What is not found is no longer counted as being here: `status:missing`. That the whole library is
//! out of reach is not taken for that.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::Path;
use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;

use super::adopt::is_as_it_was;
use super::error::{ImportError, Result};
use super::plan::{folder_of, shown};
use super::report::Left;
use super::survey::is_main;
use super::tree::{library_path, walk};
use crate::card::CardFile;
use crate::catalog::{CardSeen, Catalog, FileRow, LocalFile};
use crate::files::{self, Block, fold_name};
use crate::media::{ContentHash, FileId, PhotoId, Role};
use crate::progress::Progress;

/// Under which name hashes of files that are nobody's are kept.
const SEEN: &str = "library";
/// Where the program keeps its own in the library.
const OWN: &str = ".darkslide";

/// A file that lies elsewhere now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    pub photo: PhotoId,
    pub original_name: String,
    /// Where it lay, as far as that is known.
    pub was: Option<String>,
    /// Where it lies, relative to the library's root.
    pub path: String,
    pub bytes: u64,
}

/// A file that is not in the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    pub photo: PhotoId,
    pub original_name: String,
    /// Where it lay.
    pub path: Option<String>,
    pub bytes: u64,
    /// Whether the bucket has it.
    pub cloud: bool,
}

impl Missing {
    fn new(row: FileRow, was: Option<String>) -> Self {
        Self {
            photo: row.photo,
            original_name: row.shown_name(),
            path: was.or(row.path),
            bytes: row.bytes,
            cloud: row.cloud,
        }
    }
}

/// What became of the files the library should have.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FoundAgain {
    /// Files that lie where they should.
    pub in_place: u64,
    pub found: Vec<Found>,
    pub missing: Vec<Missing>,
    /// At these paths lies something else now; `adopt` takes it in as a new version.
    pub changed: Vec<Left>,
    /// Files that could not be looked at.
    pub failed: Vec<Left>,
    pub seconds: f64,
}

/// Looks whether the library's files are where they should be, and for those that are not.
///
/// `mark`: what the library is marked with. Where it is not, nothing is known of its files.
///
/// # Errors
/// The library is not there, the catalogue fails, or work was stopped: nothing is changed then.
pub fn find_again(
    library: &Path,
    mark: Option<&str>,
    catalog: &Catalog,
    now: &(dyn Fn() -> Timestamp + Sync),
    progress: &Progress,
) -> Result<FoundAgain> {
    let began = Instant::now();
    let away = || ImportError::LibraryAway(library.to_owned());
    if !files::is_root(library, mark) {
        return Err(away());
    }
    let root = library.canonicalize().map_err(|_| away())?;
    let mut search = Search {
        root: &root,
        catalog,
        now,
        progress,
        block: Block::default(),
        report: FoundAgain::default(),
    };
    search.look()?.find(&mut search, &away)?;
    search.report.seconds = began.elapsed().as_secs_f64();
    Ok(search.report)
}

struct Search<'a> {
    root: &'a Path,
    catalog: &'a Catalog,
    now: &'a (dyn Fn() -> Timestamp + Sync),
    progress: &'a Progress,
    block: Block,
    report: FoundAgain,
}

/// How the catalogue's files were found.
#[derive(Default)]
struct Looked {
    /// Paths whose files need not be asked whose they are.
    taken: HashSet<String>,
    gone: Vec<LocalFile>,
    changed: Vec<LocalFile>,
}

impl Search<'_> {
    /// One look at each file.
    fn look(&mut self) -> Result<Looked> {
        let mut looked = Looked::default();
        let mut touched = Vec::new();
        for local in self.catalog.local_files()? {
            self.progress.check()?;
            let path = self.root.join(&local.path);
            let meta = match fs::symlink_metadata(&path) {
                Ok(meta) => meta,
                Err(error) if is_gone(&error) => {
                    looked.gone.push(local);
                    continue;
                }
                Err(error) => {
                    let reason = format!("cannot be looked at: {error}");
                    self.report.failed.push(Left { path: local.path.clone(), reason });
                    looked.taken.insert(local.path);
                    continue;
                }
            };
            let mtime_ns = files::mtime_ns(&meta);
            let file = CardFile {
                path,
                bytes: meta.len(),
                mtime_ns,
                last_change: None,
                role: Role::Other,
            };
            if !meta.is_file() || meta.len() != local.bytes {
                looked.changed.push(local);
            } else if is_as_it_was(&file, &local) {
                looked.taken.insert(local.path);
            } else if self.is_still(&file, &local)? {
                looked.taken.insert(local.path.clone());
                touched.push(LocalFile { mtime_ns, verified_at: (self.now)(), ..local });
            } else {
                looked.changed.push(local);
            }
        }
        self.report.in_place = looked.taken.len() as u64 - self.report.failed.len() as u64;
        if !touched.is_empty() {
            self.catalog.set_local(&touched)?;
        }
        Ok(looked)
    }

    /// Whether a file that has another time has the same bytes.
    fn is_still(&mut self, file: &CardFile, local: &LocalFile) -> Result<bool> {
        let Some(row) = self.catalog.file(local.file)? else { return Ok(false) };
        let hash = files::hash_of(&file.path, &mut self.block);
        Ok(hash.is_ok_and(|(hash, _)| hash == row.sha256))
    }

    /// Files nobody has claimed that have one of these lengths, by their hash.
    fn strangers(
        &mut self,
        taken: &HashSet<String>,
        lengths: &HashSet<u64>,
        hashes: &HashSet<ContentHash>,
    ) -> Result<HashMap<ContentHash, Vec<Stranger>>> {
        let scan = walk(self.root, self.root, self.progress)?;
        let seen: HashMap<Vec<u8>, CardSeen> =
            self.catalog.seen_on(SEEN)?.into_iter().map(|s| (s.path.clone(), s)).collect();
        let mut strangers: HashMap<ContentHash, Vec<Stranger>> = HashMap::new();
        let mut noted = Vec::new();
        for file in scan.files.into_iter().filter(|file| lengths.contains(&file.bytes)) {
            self.progress.check()?;
            let Some(path) = library_path(Path::new(""), &file) else { continue };
            if taken.contains(&path) {
                continue;
            }
            // what was read before and is nobody's need not be read again
            let before = seen
                .get(file.raw_path())
                .filter(|seen| (seen.bytes, seen.mtime_ns) == (file.bytes, file.mtime_ns));
            if before.is_some_and(|seen| !hashes.contains(&seen.sha256)) {
                continue;
            }
            let whole = self.root.join(&file.path);
            match files::hash_of(&whole, &mut self.block) {
                Ok((sha256, _)) => {
                    noted.push(CardSeen {
                        path: file.raw_path().to_vec(),
                        bytes: file.bytes,
                        mtime_ns: file.mtime_ns,
                        sha256,
                        last_change: file.last_change,
                    });
                    let stranger = Stranger { path, mtime_ns: file.mtime_ns };
                    strangers.entry(sha256).or_default().push(stranger);
                }
                Err(error) => {
                    self.report
                        .failed
                        .push(Left { path: shown(&file.path), reason: error.to_string() });
                }
            }
        }
        self.catalog.set_seen(SEEN, &noted)?;
        Ok(strangers)
    }
}

/// A file of the library that the catalogue does not know.
#[derive(Debug)]
struct Stranger {
    path: String,
    mtime_ns: i64,
}

/// A file that is looked for.
struct Wanted {
    row: FileRow,
    /// Where it lay until now.
    was: Option<String>,
    /// Something else lies there.
    changed: bool,
}

impl Looked {
    fn find(self, search: &mut Search<'_>, away: &dyn Fn() -> ImportError) -> Result<()> {
        let Looked { taken, gone, changed } = self;
        let nothing_there = taken.is_empty() && changed.is_empty() && !gone.is_empty();
        let mut wanted = Vec::new();
        let rows =
            gone.into_iter().map(|l| (l, false)).chain(changed.into_iter().map(|l| (l, true)));
        let mut orphans = Vec::new();
        for (local, changed) in rows {
            match search.catalog.file(local.file)? {
                Some(row) => wanted.push(Wanted { row, was: Some(local.path), changed }),
                None => orphans.push(local.file),
            }
        }
        let elsewhere = search.catalog.not_in_library()?;
        wanted.extend(elsewhere.into_iter().map(|row| Wanted { row, was: None, changed: false }));
        if wanted.is_empty() {
            return Ok(search.catalog.forget_local(&orphans)?);
        }
        let lengths: HashSet<u64> = wanted.iter().map(|w| w.row.bytes).collect();
        let hashes: HashSet<ContentHash> = wanted.iter().map(|w| w.row.sha256).collect();
        let mut strangers = search.strangers(&taken, &lengths, &hashes)?;

        // a sidecar may be equal to many: it goes where its photo's main file went
        wanted.sort_by_key(|w| !is_main(w.row.role));
        let mut moved: Vec<LocalFile> = Vec::new();
        let mut went: HashMap<PhotoId, Vec<String>> = HashMap::new();
        let mut forgotten: Vec<FileId> = orphans;
        let mut replaced: Vec<(String, FileRow)> = Vec::new();
        for Wanted { row, was, changed } in wanted {
            let beside = went.get(&row.photo).map_or(&[][..], Vec::as_slice);
            let candidates = strangers.get_mut(&row.sha256).filter(|c| !c.is_empty());
            if let Some(candidates) = candidates {
                let best = (0..candidates.len())
                    .max_by_key(|&n| (likeness(&candidates[n].path, &row, beside), usize::MAX - n));
                let Stranger { path, mtime_ns } = candidates.swap_remove(best.unwrap_or(0));
                went.entry(row.photo).or_default().push(path.clone());
                search.report.found.push(Found {
                    photo: row.photo,
                    original_name: row.shown_name(),
                    was: was.or_else(|| row.path.clone()),
                    path: path.clone(),
                    bytes: row.bytes,
                });
                moved.push(LocalFile {
                    file: row.file,
                    path,
                    bytes: row.bytes,
                    mtime_ns,
                    verified_at: (search.now)(),
                });
            } else if let Some(path) = was.clone().filter(|_| changed) {
                replaced.push((path, row));
            } else {
                if was.is_some() {
                    forgotten.push(row.file);
                }
                search.report.missing.push(Missing::new(row, was));
            }
        }
        if nothing_there && moved.is_empty() && !search.root.join(OWN).is_dir() {
            // the folder a drive is mounted on without the drive, or with another one
            return Err(away());
        }
        let claimed: HashSet<&str> = moved.iter().map(|local| local.path.as_str()).collect();
        for (path, row) in replaced {
            if claimed.contains(path.as_str()) {
                search.report.missing.push(Missing::new(row, Some(path)));
            } else {
                let reason = "is another file now than the one that was taken in".to_owned();
                search.report.changed.push(Left { path, reason });
            }
        }
        // first the forgetting: a found file may lie where a forgotten one lay
        search.catalog.forget_local(&forgotten)?;
        search.catalog.moved(&moved)?;
        Ok(())
    }
}

/// How well a place suits a file, where several files have its bytes.
fn likeness(path: &str, row: &FileRow, beside: &[String]) -> (bool, bool, bool) {
    let name = |path: &str| fold_name(path.rsplit('/').next().unwrap_or(path));
    let stem = |path: &str| {
        let name = name(path);
        name.split_once('.').map_or(name.clone(), |(stem, _)| stem.to_owned())
    };
    let pair =
        beside.iter().any(|other| folder_of(other) == folder_of(path) && stem(other) == stem(path));
    let old = row.path.as_deref().is_some_and(|old| name(old) == name(path));
    (pair, old, fold_name(&row.shown_name()) == name(path))
}

fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests;
