//! Imports: what was taken off which card, file by file. Local only.
//!
//! One transaction makes a batch of exposures known, with their local copies and the outcome of
//! every card file. Whatever is not in such a batch was not imported.

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Map, Value, json};

use crate::media::{
    CaptureTime, ContentHash, FileId, ImportId, LastChange, MediaKind, PhotoId, Role, ShootId,
    SubjectKind,
};

use super::copies::{LocalFile, MirrorCopy, put_local, put_mirrored, time};
use super::database::Catalog;
use super::error::{CatalogError, Result};
use super::numbers::LastNumbers;
use super::photos::count;
use super::row::{Change, Fields};

/// One import run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    pub id: ImportId,
    /// The folder it reads, as it was given.
    pub source: String,
    /// What the card is known by, where it is a card.
    pub card: Option<String>,
    /// The device number of the source.
    pub device_no: Option<u64>,
    pub shoot: Option<ShootId>,
    pub started: Timestamp,
    pub ended: Option<Timestamp>,
    pub state: ImportState,
}

/// How far an import came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// Running, or its program was killed.
    Running,
    /// Every file has its outcome and none failed.
    Clean,
    /// Every file is in the library, but not on every mirror.
    MirrorsBehind,
    /// It ended, but something failed.
    Incomplete,
    /// The user stopped it.
    Cancelled,
}

/// What became of one file of the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Imported,
    AlreadyHere,
    Skipped,
    Failed,
}

/// One file of the card and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFileRow {
    pub import: ImportId,
    /// Raw bytes, relative to the source.
    pub card_path: Vec<u8>,
    pub bytes: u64,
    pub mtime_ns: i64,
    pub sha256: Option<ContentHash>,
    pub outcome: Outcome,
    /// Why it was skipped or failed.
    pub reason: Option<String>,
    pub file: Option<FileId>,
    /// Kept with what was seen on the card, not with the import.
    pub last_change: Option<LastChange>,
}

/// A file seen on a card before, with the hash it had: it need not be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardSeen {
    pub path: Vec<u8>,
    pub bytes: u64,
    pub mtime_ns: i64,
    pub sha256: ContentHash,
    pub last_change: Option<LastChange>,
}

/// An exposure whose files were copied and verified.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedExposure {
    /// A new id, or that of an exposure which gets further files.
    pub photo: PhotoId,
    pub import: ImportId,
    pub shoot: Option<ShootId>,
    pub kind: MediaKind,
    pub taken: Option<CaptureTime>,
    pub meta: Map<String, Value>,
    /// Further fields: `rating`, `label`, `title`, `caption`, `kw/<word>`, from a sidecar.
    pub more: Fields,
    pub files: Vec<ImportedFile>,
}

/// A verified file in the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedFile {
    pub file: FileId,
    pub role: Role,
    /// Raw bytes of the name on the card.
    pub name: Vec<u8>,
    pub bytes: u64,
    pub sha256: ContentHash,
    pub mime: String,
    /// Relative to the library's root, with `/`.
    pub path: String,
    pub mtime_ns: i64,
    pub verified_at: Timestamp,
    pub lead: bool,
    /// The file of the same exposure that this one is the finished version of.
    pub replaces: Option<FileId>,
    pub mirrors: Vec<MirrorCopy>,
}

impl ImportState {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Running, "running"),
        (Self::Clean, "clean"),
        (Self::MirrorsBehind, "mirrors_behind"),
        (Self::Incomplete, "incomplete"),
        (Self::Cancelled, "cancelled"),
    ];
}

impl Outcome {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Imported, "imported"),
        (Self::AlreadyHere, "already_here"),
        (Self::Skipped, "skipped"),
        (Self::Failed, "failed"),
    ];
}

/// The word a value has in the database.
fn word<T: PartialEq>(all: &[(T, &'static str)], value: &T) -> &'static str {
    all.iter().find(|(known, _)| known == value).map_or("", |(_, word)| word)
}

/// The value of a word; this table is only ever written by this program.
fn value<T: Copy>(all: &[(T, &'static str)], row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let found = row.get_ref(column)?.as_str()?;
    all.iter()
        .find(|(_, word)| *word == found)
        .map(|(value, _)| *value)
        .ok_or_else(|| rusqlite::Error::InvalidColumnType(column, found.to_owned(), Type::Text))
}

/// The subject's fields of a verified exposure.
fn change_of(exposure: &ImportedExposure) -> Change {
    let mut change = Change::new(SubjectKind::Photo, exposure.photo);
    change.fields.clone_from(&exposure.more);
    change = change.set("import", exposure.import.to_string()).set("kind", json!(exposure.kind));
    if let Some(shoot) = exposure.shoot {
        change = change.set("shoot", shoot.to_string());
    }
    if let Some(taken) = &exposure.taken {
        change =
            change.set("taken", taken.local.to_string()).set("taken_source", json!(taken.source));
        if let Some(offset) = taken.offset_min {
            change = change.set("offset", offset);
        }
    }
    if !exposure.meta.is_empty() {
        change = change.set("meta", exposure.meta.clone());
    }
    for file in &exposure.files {
        change = change.set(format!("file/{}", file.file), file_field(file));
    }
    change
}

pub(super) fn file_field(file: &ImportedFile) -> Value {
    let mut field = json!({
        "role": file.role,
        "name": BASE64URL_NOPAD.encode(&file.name),
        "length": file.bytes,
        "sha256": BASE64URL_NOPAD.encode(&file.sha256.0),
        "type": file.mime,
        "path": file.path,
    });
    if file.lead {
        field["lead"] = true.into();
    }
    if let Some(replaces) = file.replaces {
        field["replaces"] = replaces.to_string().into();
    }
    field
}

fn put_outcome(db: &Connection, outcome: &ImportFileRow) -> Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO import_files
             (import, card_path, bytes, mtime_ns, sha256, outcome, reason, file)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        outcome.import.0,
        outcome.card_path,
        outcome.bytes.cast_signed(),
        outcome.mtime_ns,
        outcome.sha256.map(|hash| hash.0),
        word(&Outcome::ALL, &outcome.outcome),
        outcome.reason,
        outcome.file.map(|id| id.0),
    ])?;
    // A file that is safely here need not be read again when the card comes back.
    if matches!(outcome.outcome, Outcome::Imported | Outcome::AlreadyHere)
        && outcome.sha256.is_some()
    {
        db.prepare_cached(
            "INSERT OR REPLACE INTO card_seen
                 (card, path, bytes, mtime_ns, sha256, inode, changed_ns)
             SELECT i.card, f.card_path, f.bytes, f.mtime_ns, f.sha256, ?3, ?4
             FROM import_files f JOIN imports i ON i.id = f.import
             WHERE f.import = ?1 AND f.card_path = ?2 AND i.card IS NOT NULL",
        )?
        .execute(params![
            outcome.import.0,
            outcome.card_path,
            outcome.last_change.map(|last| last.inode.cast_signed()),
            outcome.last_change.map(|last| last.changed_ns),
        ])?;
    }
    Ok(())
}

const SELECT: &str =
    "SELECT id, source, card, device_no, shoot, started, ended, state FROM imports";

fn import_row(row: &Row<'_>) -> rusqlite::Result<ImportRow> {
    let ended = row.get::<_, Option<i64>>(6)?.map(|_| time(row, 6)).transpose()?;
    Ok(ImportRow {
        id: ImportId(row.get(0)?),
        source: row.get(1)?,
        card: row.get(2)?,
        device_no: row.get::<_, Option<String>>(3)?.and_then(|number| number.parse().ok()),
        shoot: row.get::<_, Option<_>>(4)?.map(ShootId),
        started: time(row, 5)?,
        ended,
        state: value(&ImportState::ALL, row, 7)?,
    })
}

impl Catalog {
    /// Notes that an import began, or begins again after it was cut off.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn begin_import(&self, import: &ImportRow) -> Result<()> {
        self.transact(|writing| {
            // Not INSERT OR REPLACE: replacing would delete the outcomes with it.
            writing.tx.execute(
                "INSERT INTO imports (id, source, card, device_no, shoot, started, ended, state)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (id) DO UPDATE SET ended = excluded.ended, state = excluded.state",
                params![
                    import.id.0,
                    import.source,
                    import.card,
                    import.device_no.map(|number| number.to_string()),
                    import.shoot.map(|id| id.0),
                    import.started.as_millisecond(),
                    import.ended.map(Timestamp::as_millisecond),
                    word(&ImportState::ALL, &import.state),
                ],
            )?;
            Ok(())
        })
    }

    /// Makes verified exposures known and notes what became of card files, all or nothing.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn record_import(
        &self,
        exposures: &[ImportedExposure],
        outcomes: &[ImportFileRow],
    ) -> Result<()> {
        self.record_numbered(exposures, outcomes, &LastNumbers::new())
    }

    /// As [`Catalog::record_import`], with the last numbers that these exposures' names used up.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn record_numbered(
        &self,
        exposures: &[ImportedExposure],
        outcomes: &[ImportFileRow],
        numbers: &LastNumbers,
    ) -> Result<()> {
        self.transact(|writing| {
            writing.use_numbers(numbers)?;
            for exposure in exposures {
                let mut change = change_of(exposure);
                if let Some(known) = writing.load("photo", exposure.photo.into())? {
                    // Further files of an exposure: what is known of it already stays.
                    change.fields.retain(|field, _| known.get(field).is_none());
                    // What a correction began from belongs to the time it led to.
                    if !change.fields.contains_key("taken") {
                        change.fields.remove("clock");
                    }
                }
                writing.change(&change)?;
                for file in &exposure.files {
                    put_local(
                        writing.tx,
                        &LocalFile {
                            file: file.file,
                            path: file.path.clone(),
                            bytes: file.bytes,
                            mtime_ns: file.mtime_ns,
                            verified_at: file.verified_at,
                        },
                    )?;
                    file.mirrors.iter().try_for_each(|copy| put_mirrored(writing.tx, copy))?;
                }
            }
            outcomes.iter().try_for_each(|outcome| put_outcome(writing.tx, outcome))
        })
    }

    /// Notes how an import ended.
    ///
    /// # Errors
    /// There is no such import, or the database could not be written.
    pub fn end_import(&self, id: ImportId, at: Timestamp, state: ImportState) -> Result<()> {
        self.transact(|writing| {
            let changed = writing.tx.execute(
                "UPDATE imports SET ended = ?2, state = ?3 WHERE id = ?1",
                params![id.0, at.as_millisecond(), word(&ImportState::ALL, &state)],
            )?;
            if changed == 1 {
                return Ok(());
            }
            Err(CatalogError::NotFound { what: "import", name: id.to_string() })
        })
    }

    /// All imports, newest first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn imports(&self) -> Result<Vec<ImportRow>> {
        self.read(|db| {
            let mut statement =
                db.prepare_cached(&format!("{SELECT} ORDER BY started DESC, id"))?;
            Ok(statement.query_map([], import_row)?.collect::<Result<_, _>>()?)
        })
    }

    /// The newest import of this source that never ended.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn unfinished_import(&self, source: &str) -> Result<Option<ImportRow>> {
        self.read(|db| {
            let sql = format!(
                "{SELECT} WHERE source = ?1 AND state = 'running' ORDER BY started DESC, id LIMIT 1"
            );
            Ok(db.prepare_cached(&sql)?.query_row([source], import_row).optional()?)
        })
    }

    /// What became of each file of an import, by path.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn import_files(&self, id: ImportId) -> Result<Vec<ImportFileRow>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT card_path, bytes, mtime_ns, sha256, outcome, reason, file
                 FROM import_files WHERE import = ?1 ORDER BY card_path",
            )?;
            let files = statement.query_map([id.0], |row| {
                Ok(ImportFileRow {
                    import: id,
                    card_path: row.get(0)?,
                    bytes: count(row, 1)?,
                    mtime_ns: row.get(2)?,
                    sha256: row.get::<_, Option<_>>(3)?.map(ContentHash),
                    outcome: value(&Outcome::ALL, row, 4)?,
                    reason: row.get(5)?,
                    file: row.get::<_, Option<_>>(6)?.map(FileId),
                    last_change: None,
                })
            })?;
            Ok(files.collect::<Result<_, _>>()?)
        })
    }

    /// Notes hashes of files that are not taken in, so that they need not be read again.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn set_seen(&self, card: &str, seen: &[CardSeen]) -> Result<()> {
        self.transact(|writing| {
            let mut insert = writing.tx.prepare_cached(
                "INSERT OR REPLACE INTO card_seen
                     (card, path, bytes, mtime_ns, sha256, inode, changed_ns)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?;
            for file in seen {
                insert.execute(params![
                    card,
                    file.path,
                    file.bytes.cast_signed(),
                    file.mtime_ns,
                    file.sha256.0,
                    file.last_change.map(|last| last.inode.cast_signed()),
                    file.last_change.map(|last| last.changed_ns),
                ])?;
            }
            Ok(())
        })
    }

    /// Everything seen on this card before.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn seen_on(&self, card: &str) -> Result<Vec<CardSeen>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT path, bytes, mtime_ns, sha256, inode, changed_ns
                 FROM card_seen WHERE card = ?1 ORDER BY path",
            )?;
            let seen = statement.query_map([card], |row| {
                Ok(CardSeen {
                    path: row.get(0)?,
                    bytes: count(row, 1)?,
                    mtime_ns: row.get(2)?,
                    sha256: ContentHash(row.get(3)?),
                    last_change: match (row.get::<_, Option<i64>>(4)?, row.get(5)?) {
                        (Some(inode), Some(changed_ns)) => {
                            Some(LastChange { inode: inode.cast_unsigned(), changed_ns })
                        }
                        _ => None,
                    },
                })
            })?;
            Ok(seen.collect::<Result<_, _>>()?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Query;
    use super::super::fixture::{IMPORT, catalog, exposure, file_id, found, jpeg_of, photo_id};
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn import(id: ImportId, started: i64) -> ImportRow {
        ImportRow {
            id,
            source: "/media/card".into(),
            card: Some("EOS_DIGITAL".into()),
            device_no: Some(u64::MAX),
            shoot: Some(ShootId([3; 16])),
            started: at(started),
            ended: None,
            state: ImportState::Running,
        }
    }

    fn outcome(path: &[u8], outcome: Outcome) -> ImportFileRow {
        let file = (outcome == Outcome::Imported).then_some(file_id(1));
        ImportFileRow {
            import: IMPORT,
            card_path: path.to_vec(),
            bytes: 1000,
            mtime_ns: -5,
            sha256: Some(ContentHash([1; 32])),
            outcome,
            reason: (outcome == Outcome::Failed).then(|| "unreadable".into()),
            file,
            last_change: None,
        }
    }

    #[test]
    fn an_imported_exposure_is_listed_with_its_copies() {
        let catalog = catalog();
        let mut shot = exposure(1);
        shot.more.insert("kw/dance".into(), true.into());
        catalog.record_import(&[shot], &[]).unwrap();
        assert_eq!(found(&catalog, &format!("import:{IMPORT} keyword:dance status:local")), [1]);
        let photo = catalog.photo(photo_id(1)).unwrap().unwrap();
        assert_eq!(photo.taken, Some("2025-06-01T10:00:00.5".parse().unwrap()));
        assert_eq!(photo.fields["taken_source"], "exif");
        assert_eq!(photo.import, Some(IMPORT));
    }

    #[test]
    fn a_further_file_leaves_the_exposure_as_it_is() {
        let catalog = catalog();
        catalog.record_import(&[exposure(1)], &[]).unwrap();
        let mut finished = exposure(1);
        finished.kind = MediaKind::Photo;
        finished.import = ImportId([0xaa; 16]);
        finished.meta.insert("iso".into(), 1.into());
        finished.files = vec![ImportedFile { replaces: Some(file_id(1)), ..jpeg_of(1, 101) }];
        catalog.record_import(&[finished], &[]).unwrap();
        let photo = catalog.photo(photo_id(1)).unwrap().unwrap();
        assert_eq!((photo.kind, photo.import), (MediaKind::Raw, Some(IMPORT)));
        assert_eq!(photo.lead, file_id(1));
        let files = catalog.files_of(photo_id(1)).unwrap();
        assert_eq!(files.len(), 2);
        assert_eq!(files[1].replaces, Some(file_id(1)));
    }

    #[test]
    fn an_import_that_never_ended_is_found_again() {
        let catalog = catalog();
        let old = import(ImportId([1; 16]), 100);
        catalog.begin_import(&old).unwrap();
        catalog.begin_import(&import(IMPORT, 200)).unwrap();
        assert_eq!(catalog.unfinished_import("/media/card").unwrap().unwrap().id, IMPORT);
        assert_eq!(catalog.unfinished_import("/media/other").unwrap(), None);
        catalog.end_import(IMPORT, at(300), ImportState::Incomplete).unwrap();
        assert_eq!(catalog.unfinished_import("/media/card").unwrap(), Some(old));
        let newest = &catalog.imports().unwrap()[0];
        assert_eq!((newest.id, newest.ended), (IMPORT, Some(at(300))));
        assert_eq!(newest.state, ImportState::Incomplete);
        assert_eq!(newest.device_no, Some(u64::MAX), "device numbers use all 64 bits");
        let unknown = catalog.end_import(ImportId([9; 16]), at(1), ImportState::Clean);
        assert!(matches!(unknown, Err(CatalogError::NotFound { .. })));
    }

    #[test]
    fn every_card_file_has_its_last_outcome() {
        let catalog = catalog();
        catalog.begin_import(&import(IMPORT, 1)).unwrap();
        let failed = outcome(b"DCIM/\xff.CR3", Outcome::Failed);
        catalog.record_import(&[], &[failed.clone(), outcome(b"A", Outcome::Skipped)]).unwrap();
        assert_eq!(catalog.import_files(IMPORT).unwrap()[1], failed, "names are raw bytes");
        let imported = outcome(b"DCIM/\xff.CR3", Outcome::Imported);
        catalog.record_import(&[exposure(1)], std::slice::from_ref(&imported)).unwrap();
        let files = catalog.import_files(IMPORT).unwrap();
        assert_eq!(files.len(), 2, "a file is in exactly one state");
        assert_eq!(files[1], imported);
        catalog.begin_import(&import(IMPORT, 1)).unwrap();
        assert_eq!(catalog.import_files(IMPORT).unwrap().len(), 2, "resuming forgets nothing");
    }

    #[test]
    fn only_what_is_safely_here_spares_reading_the_card_again() {
        let catalog = catalog();
        catalog.begin_import(&import(IMPORT, 1)).unwrap();
        let outcomes = [
            outcome(b"imported", Outcome::Imported),
            outcome(b"here", Outcome::AlreadyHere),
            outcome(b"failed", Outcome::Failed),
            outcome(b"skipped", Outcome::Skipped),
        ];
        catalog.record_import(&[exposure(1)], &outcomes).unwrap();
        let seen = catalog.seen_on("EOS_DIGITAL").unwrap();
        let paths: Vec<_> = seen.iter().map(|seen| seen.path.as_slice()).collect();
        assert_eq!(paths, [&b"here"[..], b"imported"], "a file that failed is still new");
        let CardSeen { bytes, mtime_ns, sha256, .. } = seen[0];
        assert_eq!((bytes, mtime_ns, sha256), (1000, -5, ContentHash([1; 32])));
        assert!(catalog.seen_on("another").unwrap().is_empty());
    }

    #[test]
    fn a_batch_with_an_unknown_import_is_not_half_recorded() {
        let catalog = catalog();
        let refused = catalog.record_import(&[exposure(1)], &[outcome(b"x", Outcome::Imported)]);
        assert!(refused.is_err(), "an outcome needs its import");
        assert!(catalog.find(&Query::all()).unwrap().is_empty());
    }
}
