//! Adopting: a tree that lies in the library already becomes part of the catalogue, where it is.
//!
//! Nothing is moved, copied or written beside it; each file is read once, for its hash and for what it
//! says about itself. Exposures are grouped and recognised as on a card. A file whose path, length and
//! time the catalogue knows is not read at all, so doing it again costs a look at each file, and an
//! adoption that was cut off is finished by the next one: batches of whole exposures are recorded in
//! one transaction each. Content that the catalogue knows from a place where it no longer lies is
//! found again here. Mirrors are not touched.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Instant;

use rand::RngExt as _;
use serde::Serialize;
use serde_json::{Map, Value};

use super::directions::Directions;
use super::error::{ImportError, Result};
use super::exposure::tell;
use super::plan::shown;
use super::report::{Arrival, Left};
use super::run::Means;
use super::survey::{is_main, settle};
use super::tree::{library_path, walk};
use crate::card::{CardError, CardFile, Exposure, group};
use crate::catalog::{
    FileRow, ImportFileRow, ImportRow, ImportState, ImportedExposure, ImportedFile, LocalFile,
    Outcome,
};
use crate::error::At as _;
use crate::files::{self, Block};
use crate::media::{ContentHash, FileId, ImportId, PhotoId, Role, ShootId};
use crate::metadata::{self, Metadata};

/// Readers under way at once: on a spinning disk more would only make the heads jump.
const READERS: usize = 3;
/// Exposures that may wait to be recorded.
const WAITING: usize = 16;
/// A batch is recorded when it has so many files or so many bytes: what a cut-off costs at most.
const BATCH_FILES: usize = 64;
const BATCH_BYTES: u64 = 256 << 20;
/// File systems keep times to two seconds at worst.
const SAME_TIME: u64 = 2_000_000_001;

const NO_TEXT: &str = "its path is no text, and the catalogue keeps paths as text: rename it";
const CHANGED: &str = "changed while it was read";
const STOPPED: &str = "stopped before its turn";

/// What to adopt.
#[derive(Debug, Clone)]
pub struct Adoption {
    /// The library's root or a folder in it.
    pub dir: PathBuf,
    pub library: PathBuf,
    pub shoot: Option<String>,
    pub client: Option<String>,
}

/// How an adoption went: every file below the folder in exactly one outcome.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct AdoptReport {
    pub import_id: Option<ImportId>,
    /// Files that were made known.
    pub adopted: u64,
    /// Files whose content the catalogue had.
    pub already_here: u64,
    /// Of these, the ones the catalogue had lost sight of.
    pub found_again: u64,
    pub skipped: Vec<Left>,
    pub failed: Vec<Left>,
    /// Bytes of the adopted files.
    pub bytes: u64,
    pub seconds: f64,
    pub cancelled: bool,
    /// Something of the photographer's was left out by design (another disk mounted in the tree).
    #[serde(skip)]
    pub left_out: bool,
}

impl AdoptReport {
    /// Whether nothing failed and nothing of the photographer's was left out.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.failed.is_empty() && !self.left_out && !self.cancelled
    }
}

/// Makes everything below a folder of the library known to the catalogue.
///
/// # Errors
/// The folder lies outside the library or cannot be read, or the catalogue cannot be written. What
/// was recorded until then stays, and the next run goes on from there.
pub fn adopt(adoption: &Adoption, means: &Means<'_>) -> Result<AdoptReport> {
    let began = Instant::now();
    let Adoption { dir, library, .. } = adoption;
    let library = library.canonicalize().map_err(|_| ImportError::LibraryAway(library.clone()))?;
    let whole = dir.canonicalize().at(dir).map_err(CardError::from)?;
    let Ok(folder) = whole.strip_prefix(&library) else {
        return Err(ImportError::Outside { dir: whole, library });
    };
    let scan = walk(&library, &whole, means.progress)?;
    let mut report = AdoptReport::default();
    for skipped in &scan.skipped {
        report.left_out |= skipped.reason.leaves_out_files();
        let (path, reason) = (shown(&skipped.path), skipped.reason.to_string());
        report.skipped.push(Left { path, reason });
    }
    for unread in &scan.unread {
        let reason = format!("cannot be read: {}", unread.error.source);
        report.failed.push(Left { path: shown(&unread.path), reason });
    }

    let known: HashMap<String, LocalFile> =
        means.catalog.local_files()?.into_iter().map(|file| (file.path.clone(), file)).collect();
    let place = |file: &CardFile| {
        let Some(path) = library_path(folder, file) else { return Place::NoText };
        match known.get(&path) {
            Some(local) if is_as_it_was(file, local) => Place::Known(local.clone()),
            Some(local) => Place::Other(path, local.file),
            None => Place::New(path),
        }
    };
    let content_id =
        |file: &CardFile| metadata::read(&whole.join(&file.path), &file.name()).content_id;
    let exposures = group(scan.files, &mut |image, film| {
        content_id(film).is_some_and(|id| content_id(image) == Some(id))
    });
    let mut new = Vec::new();
    for exposure in exposures {
        let places: Vec<Place> = exposure.files.iter().map(&place).collect();
        if places.iter().all(|place| matches!(place, Place::Known(_))) {
            report.already_here += places.len() as u64;
        } else {
            new.push((exposure, places));
        }
    }
    let unread = |place: &Place| matches!(place, Place::New(_) | Place::Other(..));
    let files = || new.iter().flat_map(|(exposure, places)| exposure.files.iter().zip(places));
    let bytes = files().filter(|(_, place)| unread(place)).map(|(file, _)| file.bytes).sum();
    means.progress.set_total(report.already_here + files().count() as u64, bytes);
    means.progress.add_files(report.already_here);

    let mut recorder = Recorder {
        adoption,
        means,
        root: &whole,
        library: &library,
        import: None,
        shoot: None,
        report,
        batch: Batch::default(),
    };
    if !new.is_empty() {
        read_all(&new, &whole, means, &mut recorder)?;
        recorder.flush()?;
    }
    let Recorder { import, mut report, .. } = recorder;
    report.cancelled = means.progress.is_cancelled();
    let by_path = |a: &Left, b: &Left| a.path.cmp(&b.path);
    report.failed.sort_by(by_path);
    report.skipped.sort_by(by_path);
    if let Some(import) = import {
        let state = match &report {
            AdoptReport { cancelled: true, .. } => ImportState::Cancelled,
            report if report.is_clean() => ImportState::Clean,
            _ => ImportState::Incomplete,
        };
        means.catalog.end_import(import, (means.now)(), state)?;
        report.import_id = Some(import);
    }
    report.seconds = began.elapsed().as_secs_f64();
    Ok(report)
}

/// Whether a file looks as it did when it was verified.
pub(super) fn is_as_it_was(file: &CardFile, local: &LocalFile) -> bool {
    file.bytes == local.bytes && file.mtime_ns.abs_diff(local.mtime_ns) < SAME_TIME
}

/// What the catalogue knows of a path.
#[derive(Debug, Clone)]
enum Place {
    NoText,
    /// The file lies there as it was verified.
    Known(LocalFile),
    /// This file was verified there once; what lies there now looks different.
    Other(String, FileId),
    New(String),
}

/// What reading a file brought.
enum Seen {
    Failed(String),
    Known(LocalFile),
    Read { sha256: ContentHash, meta: Box<Metadata>, path: String, before: Option<FileId> },
}

type Looked = Vec<(CardFile, Seen)>;

/// Reads what is new, several exposures at once, and hands it to the recorder in their order: of two
/// equal files the first is taken, whichever was read sooner.
fn read_all(
    exposures: &[(Exposure, Vec<Place>)],
    root: &Path,
    means: &Means<'_>,
    recorder: &mut Recorder<'_>,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let broken = AtomicBool::new(false);
    let work = |results: SyncSender<(usize, Looked)>| {
        let mut block = Block::default();
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let Some((exposure, places)) = exposures.get(n) else { return };
            if broken.load(Ordering::Relaxed) {
                return;
            }
            let files = exposure.files.iter().zip(places);
            let looked = files.map(|(file, place)| {
                let seen = read(root, file, place, means, &mut block);
                (file.clone(), seen)
            });
            if results.send((n, looked.collect())).is_err() {
                return;
            }
        }
    };
    std::thread::scope(|scope| {
        let (sender, results) = sync_channel(WAITING);
        for _ in 0..READERS {
            let (sender, work) = (sender.clone(), &work);
            scope.spawn(move || work(sender));
        }
        drop(sender);
        let mut early: BTreeMap<usize, Looked> = BTreeMap::new();
        let mut turn = 0;
        let recorded = results.iter().try_for_each(|(n, looked)| {
            early.insert(n, looked);
            while let Some(looked) = early.remove(&turn) {
                recorder.take(looked)?;
                turn += 1;
            }
            Ok(())
        });
        // nobody wants the rest: the readers see it at their next exposure
        broken.store(true, Ordering::Relaxed);
        drop(results);
        recorded
    })
}

fn read(root: &Path, file: &CardFile, place: &Place, means: &Means<'_>, block: &mut Block) -> Seen {
    let (path, before) = match place {
        Place::NoText => return Seen::Failed(NO_TEXT.to_owned()),
        Place::Known(local) => return Seen::Known(local.clone()),
        Place::Other(path, before) => (path, Some(*before)),
        Place::New(path) => (path, None),
    };
    if means.progress.is_cancelled() {
        return Seen::Failed(STOPPED.to_owned());
    }
    let whole = root.join(&file.path);
    let sha256 = match files::hash_of(&whole, block) {
        Ok((sha256, _)) => sha256,
        Err(error) => return Seen::Failed(error.to_string()),
    };
    let meta = metadata::read(&whole, &file.name());
    let same = fs::symlink_metadata(&whole)
        .is_ok_and(|now| (now.len(), files::mtime_ns(&now)) == (file.bytes, file.mtime_ns));
    means.progress.add_bytes(file.bytes);
    if !same {
        return Seen::Failed(CHANGED.to_owned());
    }
    Seen::Read { sha256, meta: Box::new(meta), path: path.clone(), before }
}

/// Decides what each file is and tells the catalogue, batch by batch.
struct Recorder<'a> {
    adoption: &'a Adoption,
    means: &'a Means<'a>,
    root: &'a Path,
    library: &'a Path,
    import: Option<ImportId>,
    shoot: Option<ShootId>,
    report: AdoptReport,
    batch: Batch,
}

#[derive(Default)]
struct Batch {
    exposures: Vec<ImportedExposure>,
    outcomes: Vec<ImportFileRow>,
    arrivals: Vec<Arrival>,
    /// Exposures that are shown by another file from now on.
    shown: Vec<(PhotoId, FileId, Map<String, Value>)>,
    hashes: HashSet<ContentHash>,
    bytes: u64,
}

impl Recorder<'_> {
    fn take(&mut self, looked: Looked) -> Result<()> {
        let catalog = self.means.catalog;
        let hash = |seen: &Seen| -> Result<Option<ContentHash>> {
            Ok(match seen {
                Seen::Failed(_) => None,
                Seen::Known(local) => catalog.file(local.file)?.map(|row| row.sha256),
                Seen::Read { sha256, .. } => Some(*sha256),
            })
        };
        let hashes: Vec<_> = looked.iter().map(|(_, seen)| hash(seen)).collect::<Result<_>>()?;
        // what equals a file of this very batch has to wait until that one is known
        if hashes.iter().flatten().any(|hash| self.batch.hashes.contains(hash)) {
            self.flush()?;
        }
        self.batch.hashes.extend(hashes.iter().flatten());
        let asked: Vec<_> =
            looked.iter().zip(&hashes).map(|((f, _), h)| (f.role, f.raw_name(), *h)).collect();
        let (photo, rows) = settle(catalog, &asked)?;
        self.exposure(photo, &looked, rows)?;
        let full = self.batch.outcomes.len() >= BATCH_FILES || self.batch.bytes >= BATCH_BYTES;
        if full { self.flush() } else { Ok(()) }
    }

    fn exposure(
        &mut self,
        photo: Option<PhotoId>,
        looked: &Looked,
        rows: Vec<Option<FileRow>>,
    ) -> Result<()> {
        let mut photo = photo;
        // the file the exposure is shown by was edited
        let mut leads = false;
        let mut new: Vec<(&CardFile, ContentHash, &Metadata, &str, Option<FileId>)> = Vec::new();
        let mut own: HashSet<ContentHash> = HashSet::new();
        for ((file, seen), row) in looked.iter().zip(rows) {
            self.means.progress.add_files(1);
            match (seen, row) {
                (Seen::Failed(reason), _) => self.failed(file, reason),
                (Seen::Known(_), _) => self.report.already_here += 1,
                (Seen::Read { path, .. }, Some(row)) => {
                    self.report.already_here += 1;
                    self.here(file, path, &row)?;
                }
                // of two equal files within one exposure, the first is taken
                (Seen::Read { sha256, .. }, None) if is_main(file.role) && !own.insert(*sha256) => {
                    self.report.already_here += 1;
                }
                (Seen::Read { sha256, meta, path, before }, None) => {
                    if let Some(before) = before
                        && let Some(row) = self.means.catalog.file(*before)?
                    {
                        photo = photo.or(Some(row.photo));
                        leads |= row.lead && photo == Some(row.photo);
                    }
                    new.push((file, *sha256, &**meta, path.as_str(), *before));
                }
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        let import = self.import()?;
        let at = (self.means.now)();
        let joins = photo.is_some();
        let photo = photo.unwrap_or_else(|| PhotoId(rand::rng().random()));
        let metas: Vec<&Metadata> = new.iter().map(|(_, _, meta, ..)| *meta).collect();
        let Some(told) = tell(&metas, &Directions::default()) else { return Ok(()) };
        let mut imported = Vec::with_capacity(new.len());
        for (n, (file, sha256, meta, path, before)) in new.iter().enumerate() {
            let id = FileId(rand::rng().random());
            self.outcome(file, Outcome::Imported, Some((*sha256, id)), None);
            self.report.adopted += 1;
            self.report.bytes += file.bytes;
            self.batch.bytes += file.bytes;
            imported.push(ImportedFile {
                file: id,
                role: if meta.role == Role::Other { file.role } else { meta.role },
                name: file.raw_name().to_vec(),
                bytes: file.bytes,
                sha256: *sha256,
                mime: meta.mime.to_owned(),
                path: (*path).to_owned(),
                mtime_ns: file.mtime_ns,
                verified_at: at,
                lead: n == 0 && !joins,
                replaces: *before,
                mirrors: Vec::new(),
            });
        }
        let first = new.first().filter(|_| !joins || leads);
        if let Some((file, _, meta, path, _)) = first {
            if let (true, Some(file)) = (leads, imported.first()) {
                self.batch.shown.push((photo, file.file, told.meta.clone()));
            }
            self.batch.arrivals.push(Arrival {
                photo,
                card_path: self.root.join(&file.path),
                path: self.library.join(path),
                format: meta.format,
                kind: told.kind,
                orientation: meta.orientation,
            });
        }
        self.batch.exposures.push(ImportedExposure {
            photo,
            import,
            shoot: self.shoot,
            kind: told.kind,
            taken: told.taken,
            meta: told.meta,
            more: told.more,
            files: imported,
        });
        Ok(())
    }

    /// A file whose content is known: as it was, once more, or found again.
    fn here(&mut self, file: &CardFile, path: &str, row: &FileRow) -> Result<()> {
        let local = LocalFile {
            file: row.file,
            path: path.to_owned(),
            bytes: file.bytes,
            mtime_ns: file.mtime_ns,
            verified_at: (self.means.now)(),
        };
        match &row.local {
            Some(known) if known.path == path => self.means.catalog.set_local(&[local])?,
            Some(known) if lies_at(&self.library.join(&known.path), known.bytes) => {}
            _ => {
                self.means.catalog.moved(&[local])?;
                self.report.found_again += 1;
            }
        }
        Ok(())
    }

    fn failed(&mut self, file: &CardFile, reason: &str) {
        self.report.failed.push(Left { path: shown(&file.path), reason: reason.to_owned() });
        if self.import.is_some() {
            self.outcome(file, Outcome::Failed, None, Some(reason.to_owned()));
        }
    }

    fn outcome(
        &mut self,
        file: &CardFile,
        outcome: Outcome,
        known: Option<(ContentHash, FileId)>,
        reason: Option<String>,
    ) {
        let Some(import) = self.import else { return };
        self.batch.outcomes.push(ImportFileRow {
            import,
            card_path: file.raw_path().to_vec(),
            bytes: file.bytes,
            mtime_ns: file.mtime_ns,
            sha256: known.map(|(hash, _)| hash),
            outcome,
            reason,
            file: known.map(|(_, file)| file),
            last_change: file.last_change,
        });
    }

    /// The import this adoption is recorded as: the one that was cut off, or a new one.
    fn import(&mut self) -> Result<ImportId> {
        if let Some(import) = self.import {
            return Ok(import);
        }
        let catalog = self.means.catalog;
        let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        if let Some(name) = given(&self.adoption.shoot) {
            let client = given(&self.adoption.client);
            let client = client.map(|client| catalog.client_named(&client)).transpose()?;
            self.shoot = Some(catalog.shoot_named(&name, client)?);
        }
        let source = shown(self.root);
        let row = match catalog.unfinished_import(&source)? {
            Some(row) => row,
            None => ImportRow {
                id: ImportId(rand::rng().random()),
                source,
                card: None,
                device_no: None,
                shoot: self.shoot,
                started: (self.means.now)(),
                ended: None,
                state: ImportState::Running,
            },
        };
        catalog.begin_import(&row)?;
        self.import = Some(row.id);
        Ok(row.id)
    }

    fn flush(&mut self) -> Result<()> {
        let Batch { exposures, outcomes, arrivals, shown, .. } = std::mem::take(&mut self.batch);
        if !exposures.is_empty() || !outcomes.is_empty() {
            self.means.catalog.record_import(&exposures, &outcomes)?;
        }
        for (photo, file, meta) in shown {
            self.means.catalog.show_by(photo, file, meta)?;
        }
        arrivals.iter().for_each(|arrival| (self.means.on_imported)(arrival));
        Ok(())
    }
}

/// Whether a regular file of this length lies at a path.
pub(super) fn lies_at(path: &Path, bytes: u64) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() == bytes)
}

#[cfg(test)]
pub(super) mod tests;
