//! Imports: what was taken off which card, file by file. Local only.
//!
//! One transaction makes a batch of exposures known, with their local copies and the outcome of
//! every card file. Whatever is not in such a batch was not imported.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::media::{CaptureTime, ContentHash, FileId, ImportId, MediaKind, PhotoId, Role, ShootId};

use super::copies::MirrorCopy;
use super::database::Catalog;
use super::error::Result;
use super::row::Fields;

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
}

/// A file seen on a card before, with the hash it had: it need not be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardSeen {
    pub path: Vec<u8>,
    pub bytes: u64,
    pub mtime_ns: i64,
    pub sha256: ContentHash,
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

impl Catalog {
    /// Notes that an import began.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn begin_import(&self, _import: &ImportRow) -> Result<()> {
        unimplemented!()
    }

    /// Makes verified exposures known and notes what became of card files, all or nothing.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn record_import(
        &self,
        _exposures: &[ImportedExposure],
        _outcomes: &[ImportFileRow],
    ) -> Result<()> {
        unimplemented!()
    }

    /// Notes how an import ended.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn end_import(&self, _id: ImportId, _at: Timestamp, _state: ImportState) -> Result<()> {
        unimplemented!()
    }

    /// All imports, newest first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn imports(&self) -> Result<Vec<ImportRow>> {
        unimplemented!()
    }

    /// The newest import of this source that never ended.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn unfinished_import(&self, _source: &str) -> Result<Option<ImportRow>> {
        unimplemented!()
    }

    /// What became of each file of an import, by path.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn import_files(&self, _id: ImportId) -> Result<Vec<ImportFileRow>> {
        unimplemented!()
    }

    /// Everything seen on this card before.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn seen_on(&self, _card: &str) -> Result<Vec<CardSeen>> {
        unimplemented!()
    }
}
