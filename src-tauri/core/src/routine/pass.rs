//! One look over one watched folder: what is new and finished is copied, verified and made known.
//!
//! A file is taken in after its copy was read back from disk past the page cache, has its name, its
//! folder is synced, and the catalogue knows it, in this order. One that is cut off in between is
//! finished by the next pass: a whole copy under its name is recognised by its bytes, a half one is
//! swept. Nothing is ever replaced: other bytes under the same name are a new version beside the old
//! one. What was taken in before is known by path, length and time and is not read again.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::DateTime;
use rand::RngExt as _;
use serde::Serialize;

use super::attach::{Attached, attach, newest};
use super::editors;
use super::error::{Result, RoutineError};
use super::watched::{Kind, Watched};
use crate::card::{self, CardFile, Scan};
use crate::catalog::{
    CardSeen, FileRow, ImportFileRow, ImportRow, ImportState, ImportedExposure, ImportedFile,
    LocalFile, Outcome,
};
use crate::error::PathError;
use crate::files::{self, Block, FileError, NewFile, Source, Stager, safe_name};
use crate::import::{Arrival, Directions, Left, Means, tell};
use crate::media::{ContentHash, FileId, ImportId, PhotoId, Role};
use crate::metadata::{self, Metadata};

/// How long a file must have been left alone to count as finished.
pub const SETTLE: Duration = Duration::from_secs(5);

/// A file that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Added {
    /// Below the watched folder.
    pub path: String,
    /// In the library, relative to its root.
    pub to: String,
    pub photo: PhotoId,
    pub bytes: u64,
    /// It joined a photo that was there.
    pub attached: bool,
    /// It is a newer version of a file of this name.
    pub new_version: bool,
}

/// How one folder was found: every file below it in exactly one outcome.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FolderReport {
    #[serde(flatten)]
    pub watched: Watched,
    /// The folder is not there: it is waited for.
    pub away: bool,
    pub added: Vec<Added>,
    pub already_here: u64,
    /// Files left for the next pass.
    pub waiting: Vec<Left>,
    pub skipped: Vec<Left>,
    pub failed: Vec<Left>,
    /// Bytes of the files that were added.
    pub bytes: u64,
}

impl FolderReport {
    fn new(watched: &Watched) -> Self {
        Self {
            watched: watched.clone(),
            away: false,
            added: Vec::new(),
            already_here: 0,
            waiting: Vec::new(),
            skipped: Vec::new(),
            failed: Vec::new(),
            bytes: 0,
        }
    }
}

/// Takes in what is new in a watched folder and has been left alone for `settle`.
///
/// `mark`: what the library is marked with, so that an empty mount point is not taken for it.
///
/// # Errors
/// The library is not there, the catalogue fails, or work was stopped. What was recorded until then
/// stays, and the next pass goes on from there.
pub fn pass(
    watched: &Watched,
    library: &Path,
    mark: Option<&str>,
    settle: Duration,
    means: &Means<'_>,
) -> Result<FolderReport> {
    let mut report = FolderReport::new(watched);
    if !files::is_root(library, mark) {
        return Err(RoutineError::LibraryAway(library.to_owned()));
    }
    let scan = match card::scan(&watched.dir, means.progress) {
        Ok(scan) => scan,
        Err(card::CardError::Cancelled(stopped)) => return Err(stopped.into()),
        Err(_) => {
            report.away = true;
            return Ok(report);
        }
    };
    for skipped in &scan.skipped {
        let (path, reason) = (shown(&skipped.path), skipped.reason.to_string());
        report.skipped.push(Left { path, reason });
    }
    for unread in &scan.unread {
        let reason = format!("cannot be read: {}", unread.error.source);
        report.failed.push(Left { path: shown(&unread.path), reason });
    }
    let card = format!("watch:{}", card::volume_of(&scan.root, scan.device));
    let seen = means.catalog.seen_on(&card)?;
    let seen: HashMap<Vec<u8>, CardSeen> =
        seen.into_iter().map(|seen| (seen.path.clone(), seen)).collect();
    let new: Vec<&CardFile> = scan
        .files
        .iter()
        .filter(|file| {
            let known = seen
                .get(file.raw_path())
                .is_some_and(|seen| (seen.bytes, seen.mtime_ns) == (file.bytes, file.mtime_ns));
            report.already_here += u64::from(known);
            !known
        })
        .collect();
    means.progress.set_total(new.len() as u64, new.iter().map(|file| file.bytes).sum());

    let mut lying: HashMap<ContentHash, Vec<Vec<u8>>> = HashMap::new();
    for file in &scan.files {
        if let Some(seen) = seen.get(file.raw_path()) {
            lying.entry(seen.sha256).or_default().push(file.raw_path().to_vec());
        }
    }
    let mut taking = Taking {
        watched,
        library,
        settle,
        means,
        scan: &scan,
        seen: &seen,
        card,
        import: None,
        swept: BTreeSet::new(),
        lying,
        stager: Stager::default(),
        block: Block::default(),
        report,
    };
    for file in new {
        means.progress.check()?;
        taking.one(file)?;
        means.progress.add_files(1);
    }
    let Taking { import, report, .. } = taking;
    if let Some(import) = import {
        let clean = report.failed.is_empty();
        let state = if clean { ImportState::Clean } else { ImportState::Incomplete };
        means.catalog.end_import(import, (means.now)(), state)?;
    }
    Ok(report)
}

/// What one file came to.
enum Fate {
    Added(Added),
    AlreadyHere,
    Waiting(&'static str),
    Skipped(&'static str),
    Failed(String),
}

struct Taking<'a> {
    watched: &'a Watched,
    library: &'a Path,
    settle: Duration,
    means: &'a Means<'a>,
    scan: &'a Scan,
    seen: &'a HashMap<Vec<u8>, CardSeen>,
    card: String,
    import: Option<ImportId>,
    /// Folders whose half files are gone.
    swept: BTreeSet<PathBuf>,
    /// What each content was last seen as, of the paths that are there now.
    lying: HashMap<ContentHash, Vec<Vec<u8>>>,
    stager: Stager<'static>,
    block: Block,
    report: FolderReport,
}

impl Taking<'_> {
    fn one(&mut self, file: &CardFile) -> Result<()> {
        let fate = self.fate(file)?;
        let left = |reason: &str| Left { path: shown(&file.path), reason: reason.to_owned() };
        match fate {
            Fate::Added(added) => {
                self.report.bytes += added.bytes;
                self.report.added.push(added);
            }
            Fate::AlreadyHere => self.report.already_here += 1,
            Fate::Waiting(reason) => self.report.waiting.push(left(reason)),
            Fate::Skipped(reason) => self.report.skipped.push(left(reason)),
            Fate::Failed(reason) => self.report.failed.push(left(&reason)),
        }
        Ok(())
    }

    fn fate(&mut self, file: &CardFile) -> Result<Fate> {
        let whole = self.scan.root.join(&file.path);
        let name = file.name();
        if files::is_temp(&name) {
            return Ok(Fate::Skipped("is an unfinished file of this program"));
        }
        match self.watched.kind {
            Kind::Finished if !matches!(file.role, Role::Image | Role::Video | Role::Raw) => {
                return Ok(Fate::Skipped("is neither a picture nor a film"));
            }
            Kind::CatalogueBackup if !editors::is_catalogue(&name) => {
                return Ok(Fate::Skipped("is not an editor's catalogue"));
            }
            Kind::CatalogueBackup if editors::is_open(&whole) => {
                return Ok(Fate::Waiting("its editor has it open"));
            }
            _ => {}
        }
        if !self.is_settled(&whole, file) {
            return Ok(Fate::Waiting("is still being written"));
        }
        if file.bytes == 0 {
            return Ok(Fate::Skipped("is empty"));
        }
        let meta = metadata::read(&whole, &name);
        let before = match self.seen.get(file.raw_path()) {
            Some(seen) => self.means.catalog.file_by_hash(&seen.sha256)?,
            None => None,
        };
        let taken = meta.taken.filter(|_| self.watched.kind == Kind::Finished);
        let elsewhere = |content: &ContentHash| {
            self.lying
                .get(content)
                .is_some_and(|paths| paths.iter().any(|path| path.as_slice() != file.raw_path()))
        };
        let attached = attach(self.means.catalog, before.clone(), &name, taken, &elsewhere)?;
        let to = self.place_of(file, &meta, attached.as_ref());
        let target = self.library.join(&to);
        if let Err(error) = self.ready(&target) {
            return Ok(Fate::Failed(reason_of(&error)));
        }
        let staged = Source::open(&whole).and_then(|mut source| {
            self.stager.stage(&mut source, std::slice::from_ref(&target), self.means.progress)
        });
        let mut staged = match staged {
            Ok(staged) => staged,
            Err(files::CopyError::Cancelled(stopped)) => return Err(stopped.into()),
            Err(files::CopyError::Changed) => return Ok(Fate::Waiting("is still being written")),
            Err(error) => return Ok(Fate::Failed(error.to_string())),
        };
        if !is_the_same(&whole, file) {
            return Ok(Fate::Waiting("is still being written"));
        }
        let copy = match staged.copies.pop() {
            Some(Ok(copy)) => copy,
            Some(Err(error)) => return Ok(Fate::Failed(reason_of(&error))),
            None => return Ok(Fate::Failed("was not copied".to_owned())),
        };
        let known = self.means.catalog.file_by_hash(&staged.sha256)?;
        if let Some(row) = &known
            && row.local.as_ref().is_some_and(|l| lies_at(&self.library.join(&l.path), l.bytes))
        {
            self.note(file, staged.sha256, row.file)?;
            return match before.filter(|before| before.photo == row.photo) {
                Some(before) => self.is_back(file, row, &before, &meta),
                None => Ok(Fate::AlreadyHere),
            };
        }
        let whole = (staged.sha256, staged.bytes);
        let path = match place(copy, self.library, &to, whole, &mut self.block) {
            Ok(path) => path,
            Err(error) => return Ok(Fate::Failed(reason_of(&error))),
        };
        self.record(file, Placed { path, sha256: staged.sha256, known, before, attached, meta })
    }

    /// A version that had a newer one lies there again: it is the newest from now on.
    fn is_back(
        &self,
        file: &CardFile,
        row: &FileRow,
        before: &FileRow,
        meta: &Metadata,
    ) -> Result<Fate> {
        let catalog = self.means.catalog;
        let its = catalog.files_of(row.photo)?;
        let last = newest(&its, row.file);
        let path = row.local.as_ref().map(|local| local.path.clone()).unwrap_or_default();
        // the camera's own is no version of what an editor made of it
        let from_editor = path.split('/').next() == Some(self.watched.kind.folder());
        if !from_editor || last == row.file || last != newest(&its, before.file) {
            return Ok(Fate::AlreadyHere);
        }
        catalog.newest_again(row.photo, row.file, last)?;
        if its.iter().any(|its| its.file == last && its.lead)
            && let Some(told) = tell(&[meta], &Directions::default())
        {
            catalog.show_by(row.photo, row.file, told.meta)?;
            (self.means.on_imported)(&Arrival {
                photo: row.photo,
                card_path: self.scan.root.join(&file.path),
                path: self.library.join(&path),
                format: meta.format,
                kind: told.kind,
                orientation: meta.orientation,
            });
        }
        Ok(Fate::Added(Added {
            path: shown(&file.path),
            to: path,
            photo: row.photo,
            bytes: 0,
            attached: true,
            new_version: true,
        }))
    }

    /// Whether nobody has touched the file for a while, as far as the disk knows.
    fn is_settled(&self, whole: &Path, file: &CardFile) -> bool {
        let Ok(meta) = fs::symlink_metadata(whole) else { return false };
        if (meta.len(), files::mtime_ns(&meta)) != (file.bytes, file.mtime_ns) {
            return false;
        }
        // editors may date a picture back; when it was last changed at all cannot be dated
        let changed = i128::from(meta.ctime()) * 1_000_000_000 + i128::from(meta.ctime_nsec());
        let age = (self.means.now)().as_nanosecond() - changed;
        // a server whose clock is ahead must not keep its files back for ever
        age.unsigned_abs() >= self.settle.as_nanos()
    }

    /// Where a file goes, relative to the library's root.
    fn place_of(&self, file: &CardFile, meta: &Metadata, attached: Option<&Attached>) -> String {
        let folder = self.watched.kind.folder();
        if self.watched.kind == Kind::CatalogueBackup {
            let top = self.watched.dir.file_name().unwrap_or_default().to_string_lossy();
            let inner = file.path.iter().map(|part| part.to_string_lossy());
            let parts: Vec<String> =
                std::iter::once(top).chain(inner).map(|part| safe_name(part.as_bytes())).collect();
            return format!("{folder}/{}", parts.join("/"));
        }
        let name = file.name();
        if let Some(beside) = attached.and_then(|attached| attached.beside.as_deref()) {
            let above = beside.rsplit_once('/').map_or("", |(above, _)| above);
            // Originals/2025/.. and Finished/2025/.. are neighbours; other trees go below as they are
            let above = match above.split_once('/') {
                Some(("Originals" | "Finished", rest)) => rest,
                None if matches!(above, "Originals" | "Finished") => "",
                _ => above,
            };
            let name = safe_name(name.as_bytes());
            return if above.is_empty() {
                format!("{folder}/{name}")
            } else {
                format!("{folder}/{above}/{name}")
            };
        }
        let time = meta.time().map_or(DateTime::default(), |time| time.local);
        format!("{folder}/{}/{}", time.strftime("%Y/%Y-%m-%d"), safe_name(name.as_bytes()))
    }

    /// Makes the folder a copy goes to, and takes away what a killed pass left half written there.
    fn ready(&mut self, target: &Path) -> Result<(), FileError> {
        let folder = target.parent().unwrap_or(self.library);
        if self.swept.insert(folder.to_owned()) {
            files::create_dirs(folder)?;
            files::sweep(folder)?;
        }
        Ok(())
    }

    /// Tells the catalogue of a copy that has its name.
    fn record(&mut self, file: &CardFile, placed: Placed) -> Result<Fate> {
        let Placed { path, sha256, known, before, attached, meta } = placed;
        let catalog = self.means.catalog;
        let at = (self.means.now)();
        let mut added = Added {
            path: shown(&file.path),
            to: path.clone(),
            photo: PhotoId(rand::rng().random()),
            bytes: file.bytes,
            attached: true,
            new_version: false,
        };
        let local = |id: FileId| LocalFile {
            file: id,
            path: path.clone(),
            bytes: file.bytes,
            mtime_ns: file.mtime_ns,
            verified_at: at,
        };
        if let Some(row) = known {
            // the catalogue knew it, the library had lost it
            catalog.moved(&[local(row.file)])?;
            self.note(file, sha256, row.file)?;
            return Ok(Fate::Added(Added { photo: row.photo, ..added }));
        }
        let Some(told) = tell(&[&meta], &Directions::default()) else {
            return Ok(Fate::AlreadyHere);
        };
        let import = self.import()?;
        let id = FileId(rand::rng().random());
        let joins = attached.as_ref();
        if let Some(joined) = joins {
            added.photo = joined.photo;
            let named = |row: &FileRow| row.file == joined.replaces && !row.lead;
            added.new_version =
                before.is_some() || catalog.files_of(joined.photo)?.iter().any(named);
        }
        added.attached = joins.is_some();
        let exposure = ImportedExposure {
            photo: added.photo,
            import,
            shoot: None,
            kind: told.kind,
            taken: told.taken,
            meta: told.meta.clone(),
            more: told.more,
            files: vec![ImportedFile {
                file: id,
                role: if meta.role == Role::Other { file.role } else { meta.role },
                name: file.raw_name().to_vec(),
                bytes: file.bytes,
                sha256,
                mime: meta.mime.to_owned(),
                path: path.clone(),
                mtime_ns: file.mtime_ns,
                verified_at: at,
                lead: joins.is_none(),
                replaces: joins.map(|joined| joined.replaces),
                mirrors: Vec::new(),
            }],
        };
        let outcome = self.outcome(file, import, Outcome::Imported, sha256, id);
        catalog.record_import(&[exposure], &[outcome])?;
        let shown_by = joins.is_none_or(|joined| joined.leads);
        if joins.is_some() && shown_by {
            catalog.show_by(added.photo, id, told.meta)?;
        }
        if shown_by {
            (self.means.on_imported)(&Arrival {
                photo: added.photo,
                card_path: self.scan.root.join(&file.path),
                path: self.library.join(&path),
                format: meta.format,
                kind: told.kind,
                orientation: meta.orientation,
            });
        }
        Ok(Fate::Added(added))
    }

    /// Remembers a file whose content is here, so that it is not read again.
    fn note(&mut self, file: &CardFile, sha256: ContentHash, known: FileId) -> Result<()> {
        let import = self.import()?;
        let outcome = self.outcome(file, import, Outcome::AlreadyHere, sha256, known);
        Ok(self.means.catalog.record_import(&[], &[outcome])?)
    }

    fn outcome(
        &mut self,
        file: &CardFile,
        import: ImportId,
        outcome: Outcome,
        sha256: ContentHash,
        id: FileId,
    ) -> ImportFileRow {
        self.lying.entry(sha256).or_default().push(file.raw_path().to_vec());
        ImportFileRow {
            import,
            card_path: file.raw_path().to_vec(),
            bytes: file.bytes,
            mtime_ns: file.mtime_ns,
            sha256: Some(sha256),
            outcome,
            reason: None,
            file: Some(id),
            last_change: file.last_change,
        }
    }

    /// The import this pass is recorded as; a pass that takes nothing in is none.
    fn import(&mut self) -> Result<ImportId> {
        if let Some(import) = self.import {
            return Ok(import);
        }
        let catalog = self.means.catalog;
        let source = shown(&self.scan.root);
        let row = match catalog.unfinished_import(&source)? {
            Some(row) => row,
            None => ImportRow {
                id: ImportId(rand::rng().random()),
                source,
                card: Some(self.card.clone()),
                device_no: Some(self.scan.device),
                shoot: None,
                started: (self.means.now)(),
                ended: None,
                state: ImportState::Running,
            },
        };
        catalog.begin_import(&row)?;
        self.import = Some(row.id);
        Ok(row.id)
    }
}

/// A verified copy under its name, and what is known of it.
struct Placed {
    path: String,
    sha256: ContentHash,
    known: Option<FileRow>,
    before: Option<FileRow>,
    attached: Option<Attached>,
    meta: Metadata,
}

/// Gives a verified copy its name, or the next free one; returns the relative path it has now.
fn place(
    copy: NewFile,
    library: &Path,
    to: &str,
    whole: (ContentHash, u64),
    block: &mut Block,
) -> Result<String, FileError> {
    let placed = copy.place_beside(&library.join(to), whole, block)?;
    let folder = to.rsplit_once('/').map_or("", |(folder, _)| folder);
    files::sync_dir(&library.join(folder))?;
    let name = placed.file_name().unwrap_or_default().to_string_lossy();
    Ok(if folder.is_empty() { name.into_owned() } else { format!("{folder}/{name}") })
}

fn lies_at(path: &Path, bytes: u64) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() == bytes)
}

/// Whether a file looks as it did when the folder was walked.
fn is_the_same(path: &Path, file: &CardFile) -> bool {
    fs::symlink_metadata(path)
        .is_ok_and(|meta| (meta.len(), files::mtime_ns(&meta)) == (file.bytes, file.mtime_ns))
}

/// Says why a copy failed, without its temporary name.
fn reason_of(error: &FileError) -> String {
    match error {
        e if e.is_full() => "no room is left on the disk".to_owned(),
        FileError::Io(PathError { source, .. }) => format!("cannot be written: {source}"),
        other => other.to_string(),
    }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
