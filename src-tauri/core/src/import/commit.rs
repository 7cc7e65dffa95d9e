//! The committer: gives verified copies their names and tells the catalogue, batch by batch.
//!
//! One thread does this, in this order: note the names in the journal, rename without replacing
//! anything, sync each folder once, record the batch in one transaction of the catalogue. A file
//! counts as imported after the last of these. A program killed between any two of them leaves
//! either a temporary file, which is swept, or a whole file that the next run finds by the journal.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::directions::Directions;
use super::error::{ImportError, Result};
use super::exposure::tell;
use super::finished::{From, finished_of};
use super::intake::{Copied, Done, StagedFile, reason_of, role_of};
use super::journal::Journal;
use super::mhl;
use super::plan::{Placed, folder_of, shown};
use super::report::{Arrival, ImportReport, Left, MirrorFailure};
use super::roots::{Here, Roots};
use super::survey::{Item, is_main, settle};
use super::together::Together;
use crate::card::CardFile;
use crate::catalog::{
    Catalog, ImportFileRow, ImportedExposure, ImportedFile, LastNumbers, LocalFile, MirrorCopy,
    Outcome,
};
use crate::error::PathError;
use crate::files::{self, Block, FileError, NewFile, ReadBack, Xxh64};
use crate::media::{ContentHash, FileId, ImportId, PhotoId, Role, ShootId};
use crate::metadata::Metadata;
use crate::progress::Progress;
use jiff::Timestamp;
use rand::RngExt as _;

/// A batch is recorded when it has so many files, so many bytes, or is so old.
const BATCH_FILES: usize = 64;
const BATCH_BYTES: u64 = 256 << 20;
const BATCH_MILLIS: u128 = 300;

/// Why a sidecar fails with its photo.
const WITHOUT_PHOTO: &str = "the photo it belongs to could not be copied";

/// A staged file and what is to become of it.
struct Pending {
    card: CardFile,
    to: String,
    staged: Box<StagedFile>,
    fate: Fate,
}

enum Fate {
    New(FileId),
    /// Content the catalogue knows; missing copies are put back.
    Mend(Box<Here>),
}

/// The copies of one file: in which root, and the path it has there now.
type Named = Vec<(usize, Result<String, FileError>)>;

/// An exposure of the batch.
struct Ready {
    photo: PhotoId,
    /// Whether the catalogue had it before.
    joins: bool,
    /// The file its pictures are finished versions of.
    replaces: Option<FileId>,
    files: Vec<Pending>,
}

pub(super) struct Committer<'a> {
    pub catalog: &'a Catalog,
    pub together: &'a Together,
    pub roots: &'a Roots,
    pub source: &'a Path,
    /// What the card is known by.
    pub card: &'a str,
    pub began: Timestamp,
    /// The card's own device, copies on which go when it is formatted.
    pub card_device: Option<u64>,
    pub import: ImportId,
    pub shoot: Option<ShootId>,
    pub directions: &'a Directions,
    pub journal: Journal,
    pub now: &'a (dyn Fn() -> Timestamp + Sync),
    pub progress: &'a Progress,
    pub on_imported: &'a (dyn Fn(&Arrival) + Sync),
    /// Files that this import has recorded as imported before it was cut off.
    pub before: HashSet<Vec<u8>>,
    pub report: ImportReport,
    pub read_back: BTreeSet<ReadBack>,
    pub paths: HashMap<FileId, String>,
    /// Copies that have their names now, by root, and the XXH64 of what was read.
    pub placed: Vec<Vec<mhl::Copy>>,
    pub sums: HashMap<ContentHash, Xxh64>,
    /// Whether files have their names that the catalogue does not know: the journal must stay, so that
    /// the next run finds them in their places.
    pub unrecorded: bool,
    /// Exposures of the plan that are settled, and those that wait for one.
    settled: HashSet<usize>,
    waiting: HashMap<usize, Vec<Done>>,
    batch: Batch,
    block: Block,
}

#[derive(Default)]
struct Batch {
    /// Came through the workers; not yet compared with the catalogue.
    staged: Vec<Vec<(Placed, Copied)>>,
    ready: Vec<Ready>,
    outcomes: Vec<ImportFileRow>,
    hashes: HashSet<ContentHash>,
    files: usize,
    bytes: u64,
    since: Option<Instant>,
    numbers: LastNumbers,
}

/// What a committer starts from.
pub(super) struct Start<'a> {
    pub catalog: &'a Catalog,
    pub together: &'a Together,
    pub roots: &'a Roots,
    pub source: &'a Path,
    /// What the card is known by.
    pub card: &'a str,
    pub began: Timestamp,
    /// The card's own device, copies on which go when it is formatted.
    pub card_device: Option<u64>,
    pub import: ImportId,
    pub shoot: Option<ShootId>,
    pub directions: &'a Directions,
    pub journal: Journal,
    pub now: &'a (dyn Fn() -> Timestamp + Sync),
    pub progress: &'a Progress,
    pub on_imported: &'a (dyn Fn(&Arrival) + Sync),
    pub before: HashSet<Vec<u8>>,
    pub report: ImportReport,
}

impl<'a> Committer<'a> {
    pub fn new(start: Start<'a>) -> Self {
        let Start { catalog, together, roots, source, import, shoot, journal, now, .. } = start;
        Self {
            catalog,
            together,
            roots,
            source,
            card: start.card,
            began: start.began,
            card_device: start.card_device,
            import,
            shoot,
            directions: start.directions,
            journal,
            now,
            progress: start.progress,
            on_imported: start.on_imported,
            before: start.before,
            report: start.report,
            read_back: BTreeSet::new(),
            paths: HashMap::new(),
            placed: roots.all.iter().map(|_| Vec::new()).collect(),
            sums: HashMap::new(),
            unrecorded: false,
            settled: HashSet::new(),
            waiting: HashMap::new(),
            batch: Batch::default(),
            block: Block::default(),
        }
    }

    /// Takes in an exposure, or keeps it until the one it has to follow was there.
    pub fn add(&mut self, done: Done) -> Result<()> {
        if let Some(before) = done.after.filter(|n| !self.settled.contains(n)) {
            self.waiting.entry(before).or_default().push(done);
            return Ok(());
        }
        let mut next = vec![done];
        while let Some(done) = next.pop() {
            let index = done.index;
            self.take(done)?;
            self.settled.insert(index);
            next.extend(self.waiting.remove(&index).into_iter().flatten());
        }
        Ok(())
    }

    /// Settles an exposure; records the batch when it is full.
    fn take(&mut self, done: Done) -> Result<()> {
        // what equals a file of this very batch has to wait until that one is known
        let hashes: Vec<ContentHash> =
            done.files.iter().filter_map(|(p, c)| hash_of(p, c)).collect();
        if hashes.iter().any(|hash| self.batch.hashes.contains(hash)) {
            self.flush()?;
        }
        self.batch.hashes.extend(hashes);
        for (series, number) in done.numbers {
            let last = self.batch.numbers.entry(series).or_insert(0);
            *last = number.max(*last);
        }
        for (_, copied) in &done.files {
            if let Copied::Staged(staged) = copied {
                self.batch.files += 1;
                self.batch.bytes += staged.bytes;
            }
        }
        self.batch.since.get_or_insert_with(Instant::now);
        self.batch.staged.push(done.files);
        let old = self.batch.since.is_some_and(|t| t.elapsed().as_millis() >= BATCH_MILLIS);
        if old || self.batch.files >= BATCH_FILES || self.batch.bytes >= BATCH_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    /// Decides what each file of an exposure is, now that all hashes are known.
    fn settle(&mut self, mut files: Vec<(Placed, Copied)>) -> Result<()> {
        let asked: Vec<(Role, &[u8], Option<ContentHash>)> = files
            .iter()
            .map(|(p, c)| (p.item.card.role, p.item.card.raw_name(), hash_of(p, c)))
            .collect();
        let (photo, rows) = settle(self.catalog, &asked)?;
        drop(asked);
        let finished = if photo.is_none() { self.finished_of(&files)? } else { None };
        let photo = photo.or(finished.map(|(photo, _)| photo));
        // of two equal files within one exposure, the first is imported
        let mut own: HashSet<ContentHash> = HashSet::new();
        let mut ready = Ready {
            photo: photo.unwrap_or_else(|| PhotoId(rand::rng().random())),
            joins: photo.is_some(),
            replaces: finished.map(|(_, file)| file),
            files: Vec::new(),
        };
        // a sidecar without its photo would be a photo of its own
        let has_photo = photo.is_some()
            || files.iter().all(|(p, _)| !is_main(p.item.card.role))
            || files.iter().any(|(p, c)| is_main(p.item.card.role) && !is_failed(c));
        for ((placed, copied), row) in files.drain(..).zip(rows) {
            let Placed { item, to } = placed;
            let copied = match copied {
                Copied::Staged(_) if !has_photo && row.is_none() => {
                    Copied::Failed(WITHOUT_PHOTO.to_owned())
                }
                copied => copied,
            };
            match (copied, row) {
                (Copied::Failed(reason), _) if item.here.is_none() => {
                    self.failed(&item.card, reason)
                }
                // it is in the catalogue; only a copy that should have come back did not
                (Copied::Failed(reason), _) => self.not_mended(item, reason),
                (Copied::Untouched, _) => self.here(item),
                (Copied::Staged(staged), Some(row)) => {
                    let here = Here::new(row, self.roots, self.catalog, &mut self.block)?;
                    self.pend(&mut ready, item.card, to, staged, Fate::Mend(Box::new(here)));
                }
                (Copied::Staged(staged), None) => {
                    if is_main(item.card.role) && !own.insert(staged.sha256) {
                        self.outcome(
                            &item.card,
                            Outcome::AlreadyHere,
                            Some((staged.sha256, None)),
                            None,
                        );
                        continue;
                    }
                    let id = FileId(rand::rng().random());
                    self.pend(&mut ready, item.card, to, staged, Fate::New(id));
                }
            }
        }
        if !ready.files.is_empty() {
            self.batch.ready.push(ready);
        }
        Ok(())
    }

    /// What an exposure that is nothing but a picture is the finished version of.
    fn finished_of(&self, files: &[(Placed, Copied)]) -> Result<Option<(PhotoId, FileId)>> {
        let mut main = files.iter().filter(|(placed, _)| is_main(placed.item.card.role));
        let (Some((placed, Copied::Staged(staged))), None) = (main.next(), main.next()) else {
            return Ok(None);
        };
        let taken = staged.meta.taken.map(|said| self.directions.clock.apply(said));
        let name = placed.item.card.name();
        let from = From { card: self.card, began: self.began };
        finished_of(self.catalog, &from, &name, taken, &staged.meta)
    }

    fn pend(
        &mut self,
        ready: &mut Ready,
        card: CardFile,
        to: String,
        mut staged: Box<StagedFile>,
        fate: Fate,
    ) {
        self.read_back.extend(staged.read_back);
        if let Fate::Mend(here) = &fate {
            let lacking = here.lacking();
            staged.copies.retain(|(root, _)| lacking.contains(root));
        }
        ready.files.push(Pending { card, to, staged, fate });
    }

    /// Places and records everything that waits.
    pub fn flush(&mut self) -> Result<()> {
        // from the look into the catalogue to the record in it, no other import may record
        let together = self.together;
        let _turn = together.turn();
        for files in std::mem::take(&mut self.batch.staged) {
            self.settle(files)?;
        }
        let mut batch = std::mem::take(&mut self.batch);
        if batch.ready.is_empty() && batch.outcomes.is_empty() {
            self.batch.numbers = batch.numbers;
            return Ok(());
        }
        let pending = || batch.ready.iter().flat_map(|r| &r.files);
        let placing = pending().filter(|p| !p.staged.copies.is_empty());
        let placing = placing.map(|p| (&p.card, p.to.as_str(), p.staged.sha256, p.staged.xxh64));
        if let Err(error) = self.journal.placing(placing, &batch.numbers) {
            return self.unplaced(batch, error);
        }

        let mut touched: BTreeSet<PathBuf> = BTreeSet::new();
        let mut placed: Vec<Vec<Named>> = Vec::new();
        for ready in &mut batch.ready {
            placed.push(self.place_exposure(ready, &mut touched));
        }
        let unsynced: HashMap<PathBuf, String> = touched
            .into_iter()
            .filter_map(|dir| files::sync_dir(&dir).err().map(|e| (dir, reason_of(&e))))
            .collect();

        self.batch.outcomes = batch.outcomes;
        let mut exposures = Vec::new();
        let mut arrivals = Vec::new();
        let at = (self.now)();
        for (ready, placed) in batch.ready.into_iter().zip(placed) {
            self.conclude(ready, placed, &unsynced, at, &mut exposures, &mut arrivals)?;
        }
        let outcomes = std::mem::take(&mut self.batch.outcomes);
        self.catalog.record_numbered(&exposures, &outcomes, &batch.numbers)?;
        for arrival in arrivals {
            (self.on_imported)(&arrival);
            self.report.arrivals.push(arrival);
        }
        Ok(())
    }

    /// Lets a batch go that cannot be noted: without its line in the journal nothing gets a name.
    fn unplaced(&mut self, batch: Batch, error: ImportError) -> Result<()> {
        let ImportError::File(error) = error else { return Err(error) };
        let reason = reason_of(&error);
        self.batch.outcomes = batch.outcomes;
        for Pending { card, fate, .. } in batch.ready.into_iter().flat_map(|ready| ready.files) {
            match fate {
                Fate::New(_) => self.failed(&card, reason.clone()),
                Fate::Mend(here) => {
                    let hash = Some(here.row.sha256);
                    self.not_mended(Item { card, hash, here: Some(*here) }, reason.clone());
                }
            }
        }
        let outcomes = std::mem::take(&mut self.batch.outcomes);
        Ok(self.catalog.record_numbered(&[], &outcomes, &LastNumbers::new())?)
    }

    /// Gives the copies of one exposure their names. A sidecar follows its photo: where none of the
    /// photo's files could be placed, it gets no name either.
    fn place_exposure(&mut self, ready: &mut Ready, touched: &mut BTreeSet<PathBuf>) -> Vec<Named> {
        let main = |p: &Pending| is_main(p.card.role);
        let mut order: Vec<usize> = (0..ready.files.len()).collect();
        order.sort_by_key(|&n| !main(&ready.files[n]));
        let alone = ready.joins || !ready.files.iter().any(main);
        let mut named: Vec<Named> = ready.files.iter().map(|_| Named::new()).collect();
        let mut has_photo = alone;
        for n in order {
            let pending = &mut ready.files[n];
            let follows = !main(pending) && matches!(pending.fate, Fate::New(_));
            if follows && !has_photo {
                pending.staged.copies.clear();
                let why = io::Error::other(WITHOUT_PHOTO);
                let path = PathBuf::from(&pending.to);
                named[n] = vec![(0, Err(FileError::Io(PathError { path, source: why })))];
                continue;
            }
            named[n] = self.place(pending, touched);
            let failed = named[n].iter().any(|(root, done)| *root == 0 && done.is_err());
            has_photo |= main(&ready.files[n]) && !failed;
        }
        named
    }

    /// Renames one file's copies; a copy that is there already, byte for byte, is as good. A new file
    /// that the library cannot take gets no name on a mirror either: nothing would know of it.
    fn place(&mut self, pending: &mut Pending, touched: &mut BTreeSet<PathBuf>) -> Named {
        let whole = (pending.staged.sha256, pending.staged.bytes);
        let copies = std::mem::take(&mut pending.staged.copies);
        let is_new = matches!(pending.fate, Fate::New(_));
        let mut refused = false;
        let place = |(root, copy): (usize, Result<NewFile, FileError>)| {
            if refused {
                return None;
            }
            let done = copy.and_then(|copy| {
                let path = place_one(copy, self.roots, root, &pending.to, whole, &mut self.block)?;
                touched.insert(self.roots.path(root, folder_of(&path)));
                Ok(path)
            });
            refused = is_new && root == 0 && done.is_err();
            Some((root, done))
        };
        copies.into_iter().filter_map(place).collect()
    }

    /// Makes of a placed exposure what the catalogue is told and what the report says.
    fn conclude(
        &mut self,
        ready: Ready,
        placed: Vec<Named>,
        unsynced: &HashMap<PathBuf, String>,
        at: Timestamp,
        exposures: &mut Vec<ImportedExposure>,
        arrivals: &mut Vec<Arrival>,
    ) -> Result<()> {
        let mut imported: Vec<ImportedFile> = Vec::new();
        let mut metas: Vec<Metadata> = Vec::new();
        let mut first: Option<(PathBuf, PathBuf)> = None;
        for (pending, placed) in ready.files.into_iter().zip(placed) {
            let mut paths: Vec<Option<String>> = vec![None; self.roots.len()];
            for (root, result) in placed {
                let synced = result.map_err(|e| reason_of(&e)).and_then(|path| {
                    let folder = self.roots.path(root, folder_of(&path));
                    unsynced.get(&folder).map_or(Ok(path), |reason| {
                        // it has its name, but nobody can say that it will keep it
                        self.unrecorded = true;
                        Err(reason.clone())
                    })
                });
                match synced {
                    Ok(path) => paths[root] = Some(path),
                    Err(reason) if root == 0 => {
                        self.failed(&pending.card, reason);
                        break;
                    }
                    Err(reason) => self.mirror_failed(root, &pending.card.path, reason),
                }
            }
            if paths[0].is_some() || matches!(pending.fate, Fate::Mend(_)) {
                self.note_placed(&paths, &pending.staged);
            }
            let mirrors = |id: FileId| -> Vec<MirrorCopy> {
                let copies = paths.iter().enumerate().skip(1);
                let copies = copies.filter_map(|(n, path)| Some((n, path.clone()?)));
                let copy = |(n, path): (usize, String)| MirrorCopy {
                    file: id,
                    mirror: self.roots.all[n].name.clone(),
                    path,
                    verified_at: at,
                };
                copies.map(copy).collect()
            };
            let Pending { card, staged, fate, .. } = pending;
            match fate {
                Fate::New(id) => {
                    let Some(path) = paths[0].clone() else { continue };
                    let mirrors = mirrors(id);
                    let sound: Vec<bool> = paths.iter().map(Option::is_some).collect();
                    self.copies(&card, &sound, false);
                    self.report.bytes += staged.bytes;
                    self.outcome(&card, Outcome::Imported, Some((staged.sha256, Some(id))), None);
                    self.paths.insert(id, path.clone());
                    first.get_or_insert_with(|| {
                        (self.source.join(&card.path), self.roots.path(0, &path))
                    });
                    let role = role_of(&staged, card.role);
                    imported.push(ImportedFile {
                        file: id,
                        role,
                        name: card.raw_name().to_vec(),
                        bytes: staged.bytes,
                        sha256: staged.sha256,
                        mime: staged.meta.mime.to_owned(),
                        path,
                        mtime_ns: staged.mtime_ns,
                        verified_at: at,
                        lead: imported.is_empty() && !ready.joins,
                        replaces: ready.replaces.filter(|_| is_main(role)),
                        mirrors,
                    });
                    metas.push(staged.meta);
                }
                Fate::Mend(mut here) => {
                    let id = here.row.file;
                    let back = paths[0].clone();
                    if let Some(path) = &back {
                        self.catalog.set_local(&[LocalFile {
                            file: id,
                            path: path.clone(),
                            bytes: staged.bytes,
                            mtime_ns: staged.mtime_ns,
                            verified_at: at,
                        }])?;
                        self.paths.insert(id, path.clone());
                        self.report.bytes += staged.bytes;
                    }
                    self.catalog.set_mirrored(&mirrors(id))?;
                    for (whole, path) in here.whole.iter_mut().zip(&paths) {
                        *whole |= path.is_some();
                    }
                    if !here.whole[0] && !here.row.cloud {
                        continue; // its failure is in the report
                    }
                    self.copies(&card, &here.whole, here.row.cloud);
                    let outcome =
                        if back.is_some() { Outcome::Imported } else { Outcome::AlreadyHere };
                    self.outcome(&card, outcome, Some((staged.sha256, Some(id))), None);
                }
            }
        }
        // what is said of these photos is not said of one that was here before
        let before = Directions::default();
        let directions = if ready.replaces.is_some() { &before } else { self.directions };
        let Some(told) = tell(&metas.iter().collect::<Vec<_>>(), directions) else {
            return Ok(());
        };
        if let Some((card_path, path)) = first
            && !ready.joins
            && let Some(lead) = metas.first()
        {
            arrivals.push(Arrival {
                photo: ready.photo,
                card_path,
                path,
                format: lead.format,
                kind: told.kind,
                orientation: lead.orientation,
            });
        }
        exposures.push(ImportedExposure {
            photo: ready.photo,
            import: self.import,
            shoot: self.shoot,
            kind: told.kind,
            taken: told.taken,
            meta: told.meta,
            more: told.more,
            files: imported,
        });
        Ok(())
    }

    /// Notes where copies of a file are now, for the histories beside them.
    fn note_placed(&mut self, paths: &[Option<String>], staged: &StagedFile) {
        let StagedFile { sha256, xxh64, bytes, mtime_ns, .. } = *staged;
        for (placed, path) in self.placed.iter_mut().zip(paths) {
            let copy = |path| mhl::Copy { path, bytes, mtime_ns, sha256 };
            placed.extend(path.clone().map(copy));
        }
        self.sums.insert(sha256, xxh64);
    }

    /// A file with nothing to do.
    pub fn here(&mut self, item: Item) {
        if let Some(here) = &item.here {
            self.copies(&item.card, &here.whole, here.row.cloud);
            if let Some(local) = here.row.local.as_ref() {
                self.paths.insert(here.row.file, local.path.clone());
            }
        }
        let known = item.here.as_ref().map(|here| (here.row.sha256, Some(here.row.file)));
        self.outcome(&item.card, Outcome::AlreadyHere, known, None);
    }

    /// A known file whose missing copy could not be put back.
    fn not_mended(&mut self, item: Item, reason: String) {
        match &item.here {
            Some(here) if here.whole[0] || here.row.cloud => {
                let lacking = here.lacking();
                for root in lacking {
                    self.mirror_failed(root, &item.card.path, reason.clone());
                }
                self.here(item);
            }
            _ => self.failed(&item.card, reason),
        }
    }

    pub fn failed(&mut self, card: &CardFile, reason: String) {
        self.report.failed.push(Left { path: shown(&card.path), reason: reason.clone() });
        self.report.missing.push(shown(&card.path));
        self.outcome(card, Outcome::Failed, None, Some(reason));
    }

    fn mirror_failed(&mut self, root: usize, path: &Path, reason: String) {
        self.report.mirror_failed.push(MirrorFailure {
            mirror: self.roots.all[root].name.clone(),
            path: shown(path),
            reason,
        });
    }

    /// Notes whether a file has its two copies: on two devices, or one here and one in the bucket.
    fn copies(&mut self, card: &CardFile, whole: &[bool], cloud: bool) {
        let sound = self.roots.all.iter().zip(whole).filter(|(_, whole)| **whole);
        let mut devices: HashSet<u64> = sound.map(|(root, _)| root.device).collect();
        if let Some(card) = self.card_device {
            devices.remove(&card);
        }
        if devices.len() + usize::from(cloud && !devices.is_empty()) < 2 {
            self.report.missing.push(shown(&card.path));
        }
    }

    /// Counts a file's one outcome, and notes it for the catalogue.
    fn outcome(
        &mut self,
        card: &CardFile,
        outcome: Outcome,
        known: Option<(ContentHash, Option<FileId>)>,
        reason: Option<String>,
    ) {
        match outcome {
            Outcome::Imported => self.report.imported += 1,
            Outcome::AlreadyHere => self.report.already_here += 1,
            Outcome::Skipped | Outcome::Failed => {}
        }
        self.progress.add_files(1);
        // what an earlier run of this same import took stays "imported" in its record
        if outcome == Outcome::AlreadyHere && self.before.contains(card.raw_path()) {
            return;
        }
        self.batch.outcomes.push(ImportFileRow {
            import: self.import,
            card_path: card.raw_path().to_vec(),
            bytes: card.bytes,
            mtime_ns: card.mtime_ns,
            sha256: known.map(|(hash, _)| hash),
            outcome,
            reason,
            file: known.and_then(|(_, file)| file),
            last_change: card.last_change,
        });
    }

    /// Notes something that was skipped.
    pub fn skipped(&mut self, path: &Path, reason: String) {
        use std::os::unix::ffi::OsStrExt;
        self.report.skipped.push(Left { path: shown(path), reason: reason.clone() });
        self.batch.outcomes.push(ImportFileRow {
            import: self.import,
            card_path: path.as_os_str().as_bytes().to_vec(),
            bytes: 0,
            mtime_ns: 0,
            sha256: None,
            outcome: Outcome::Skipped,
            reason: Some(reason),
            file: None,
            last_change: None,
        });
    }

    /// Whether enough outcomes wait to be written.
    pub fn outcomes_waiting(&self) -> usize {
        self.batch.outcomes.len()
    }
}

fn is_failed(copied: &Copied) -> bool {
    matches!(copied, Copied::Failed(_))
}

/// The hash of a file, known before or from the copy.
fn hash_of(placed: &Placed, copied: &Copied) -> Option<ContentHash> {
    match copied {
        Copied::Staged(staged) => Some(staged.sha256),
        Copied::Untouched | Copied::Failed(_) => {
            placed.item.here.as_ref().map(|here| here.row.sha256)
        }
    }
}

/// Gives one copy its name, or the next free one; returns the relative path it has now.
pub(super) fn place_one(
    copy: NewFile,
    roots: &Roots,
    root: usize,
    to: &str,
    whole: (ContentHash, u64),
    block: &mut Block,
) -> Result<String, FileError> {
    let placed = copy.place_beside(&roots.path(root, to), whole, block)?;
    let name = placed.file_name().unwrap_or_default().to_string_lossy();
    Ok(match to.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{name}"),
        None => name.into_owned(),
    })
}
