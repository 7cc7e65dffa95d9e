//! Originals back into the library, or into any folder: each checked, none overwritten.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use futures::{StreamExt as _, stream};
use serde::Serialize;

use super::fetch::{Fetcher, Incoming, blocking};
use super::{Failed, RestoreError};
use crate::backup::format::Place;
use crate::catalog::{Catalog, FileRow, LocalFile};
use crate::error::PathError;
use crate::files::{self, FileError};
use crate::media::PhotoId;
use crate::progress::Progress;
use crate::store::Clock;

/// Files on their way at the same time.
const AT_ONCE: usize = 4;

/// Where originals go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Into the library, where the catalogue expects them.
    Library(PathBuf),
    /// Into a folder, in the library's tree; the catalogue does not count these.
    Folder(PathBuf),
}

/// How a restore went; every file is counted once.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RestoreReport {
    pub restored: u64,
    /// There with the right bytes already.
    pub already_here: u64,
    pub failed: Vec<Failed>,
    /// Bytes of the files restored.
    pub bytes: u64,
    pub seconds: f64,
}

/// Everything restoring needs.
#[derive(Clone)]
pub struct Restore {
    pub fetcher: Fetcher,
    pub catalog: Arc<Catalog>,
    pub target: Target,
    pub now: Clock,
    pub progress: Progress,
}

impl std::fmt::Debug for Restore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Restore").field("target", &self.target).finish_non_exhaustive()
    }
}

enum Outcome {
    Restored(u64),
    AlreadyHere,
}

impl Restore {
    /// Brings back every file of these photos.
    ///
    /// # Errors
    /// Only what would stop every file: no network, no room, no catalogue, or the user. What came
    /// back until then stays, and the next run goes on from there.
    pub async fn run(&self, photos: &[PhotoId]) -> Result<RestoreReport, RestoreError> {
        let begun = Instant::now();
        let mut wanted = Vec::new();
        for photo in photos {
            wanted.extend(self.catalog.files_of(*photo)?);
        }
        let bytes = wanted.iter().map(|file| file.bytes).sum();
        self.progress.set_total(wanted.len() as u64, bytes);
        self.sweep(&wanted)?;

        let mut report = RestoreReport::default();
        let mut work = stream::iter(wanted)
            .map(|file| async move { (self.one(&file).await, file) })
            .buffer_unordered(AT_ONCE);
        let mut stopped = None;
        while let Some((outcome, file)) = work.next().await {
            self.progress.add_files(1);
            match outcome {
                Ok(Outcome::Restored(bytes)) => {
                    report.restored += 1;
                    report.bytes += bytes;
                }
                Ok(Outcome::AlreadyHere) => report.already_here += 1,
                Err(error) if error.stops_everything() => {
                    stopped = Some(error);
                    break;
                }
                Err(error) => report
                    .failed
                    .push(Failed { path: shown_path(&file), reason: error.to_string() }),
            }
        }
        drop(work);
        if let Some(error) = stopped {
            return Err(error);
        }
        report.seconds = begun.elapsed().as_secs_f64();
        Ok(report)
    }

    /// Half files of a killed run, in the folders this one writes to.
    fn sweep(&self, wanted: &[FileRow]) -> Result<(), RestoreError> {
        let mut folders = HashSet::new();
        for file in wanted {
            if let Some(folder) = self.root().join(relative(file)).parent()
                && folder.is_dir()
                && folders.insert(folder.to_owned())
            {
                files::sweep(folder)?;
            }
        }
        Ok(())
    }

    fn root(&self) -> &Path {
        match &self.target {
            Target::Library(root) | Target::Folder(root) => root,
        }
    }

    async fn one(&self, file: &FileRow) -> Result<Outcome, RestoreError> {
        self.progress.check()?;
        let place = file.place.as_ref().and_then(Place::read);
        let path = self.root().join(relative(file));
        let (known, wanted, at) = (self.in_library(file), file.clone(), path.clone());
        let found = blocking(move || {
            let known = known.filter(|known| is_it(known, &wanted, &mut files::Block::default()));
            Ok(known.or_else(|| already_at(&at, &wanted)))
        });
        if let Some(found) = found.await? {
            self.progress.add_bytes(file.bytes);
            self.note(file, &found)?;
            return Ok(Outcome::AlreadyHere);
        }
        let place = place.ok_or(RestoreError::NotInBucket)?;
        let (expected, progress) = (file.sha256, self.progress.clone());
        let written = self
            .fetcher
            .stream(place, move |incoming| write(incoming, expected, &path, &progress))
            .await
            .map_err(|error| match error {
                RestoreError::Store(crate::store::StoreError::NotFound { .. }) => {
                    RestoreError::NotInBucket
                }
                other => other,
            })?;
        self.note(file, &written)?;
        Ok(Outcome::Restored(file.bytes))
    }

    /// Where in the library the catalogue last saw it.
    fn in_library(&self, file: &FileRow) -> Option<PathBuf> {
        match (&self.target, &file.local) {
            (Target::Library(root), Some(local)) => Some(root.join(&local.path)),
            _ => None,
        }
    }

    fn note(&self, file: &FileRow, path: &Path) -> Result<(), RestoreError> {
        let Target::Library(root) = &self.target else { return Ok(()) };
        let Ok(inside) = path.strip_prefix(root) else { return Ok(()) };
        let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
        let mtime = std::fs::symlink_metadata(path).and_then(|found| found.modified()).ok();
        let since = mtime.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        let local = LocalFile {
            file: file.file,
            path: parts.join("/"),
            bytes: file.bytes,
            mtime_ns: since.and_then(|at| i64::try_from(at.as_nanos()).ok()).unwrap_or(0),
            verified_at: (self.now)(),
        };
        Ok(self.catalog.set_local(&[local])?)
    }
}

/// Where the file lies below the root: its path in the library, every part made safe again,
/// because it came from the bucket.
fn relative(file: &FileRow) -> PathBuf {
    match &file.path {
        Some(path) => path
            .split('/')
            .filter(|part| !part.is_empty())
            .map(|part| files::safe_name(part.as_bytes()))
            .collect(),
        None => Path::new("Originals").join(files::safe_name(&file.name)),
    }
}

fn shown_path(file: &FileRow) -> String {
    file.path.clone().unwrap_or_else(|| file.shown_name())
}

/// The file itself, where it (or its suffixed sibling) already lies with the right bytes.
fn already_at(path: &Path, file: &FileRow) -> Option<PathBuf> {
    let mut block = files::Block::default();
    let there = |candidate: &PathBuf| std::fs::symlink_metadata(candidate).is_ok();
    candidates(path).take_while(there).find(|candidate| is_it(candidate, file, &mut block))
}

/// Whether a file has the bytes that were imported. One that cannot be read is another file, and
/// stays where it is.
fn is_it(path: &Path, file: &FileRow, block: &mut files::Block) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file() && found.len() == file.bytes)
        && files::hash_of(path, block).is_ok_and(|(hash, _)| hash == file.sha256)
}

/// `IMG_1.CR3`, then `IMG_1-2.CR3`, `IMG_1-3.CR3`, ..
fn candidates(path: &Path) -> impl Iterator<Item = PathBuf> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let paths: Vec<_> = files::numbered(&name).map(|name| path.with_file_name(name)).collect();
    paths.into_iter()
}

/// Writes what arrives beside its place, reads it back past the cache, and moves it there.
fn write(
    incoming: Incoming<Box<dyn std::io::Read>>,
    expected: crate::media::ContentHash,
    path: &Path,
    progress: &Progress,
) -> Result<PathBuf, RestoreError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    files::create_dirs(folder)?;
    let mut new = files::NewFile::create(path)?;
    incoming
        .write_to(expected, &mut new, |bytes| {
            progress.add_bytes(bytes);
            Ok(progress.check()?)
        })
        .map_err(|error| match error {
            RestoreError::Read(source) => {
                FileError::Io(PathError { path: path.to_owned(), source }).into()
            }
            other => other,
        })?;
    new.sync()?;
    let (found, _, _) = files::read_back(new.temp(), &mut files::Block::default())?;
    if found != expected {
        return Err(RestoreError::OtherBytes);
    }
    let whole = (expected, new.file().metadata().map_or(0, |meta| meta.len()));
    let placed = new.place_beside(path, whole, &mut files::Block::default())?;
    files::sync_dir(folder)?;
    Ok(placed)
}
