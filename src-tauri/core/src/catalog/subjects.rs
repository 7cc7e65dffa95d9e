//! The source of truth: subjects as maps of fields, the last writer of each field wins.

use crate::media::{SubjectId, SubjectKind};

use super::database::Catalog;
use super::error::Result;
use super::row::{Change, Fields, Row};

impl Catalog {
    /// Makes local edits: stamps them, merges them, and brings the tables up to date, all or nothing.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn write(&self, _changes: &[Change]) -> Result<()> {
        unimplemented!()
    }

    /// Joins rows read from the bucket, all or nothing. Order and repetition do not matter.
    ///
    /// # Errors
    /// The database could not be written, or a row is not format 1.
    pub fn merge(&self, _rows: &[Row]) -> Result<()> {
        unimplemented!()
    }

    /// Subjects changed since they were last sent, oldest change first, each whole and with the
    /// revision to give back to [`Catalog::mark_sent`].
    ///
    /// # Errors
    /// The database could not be read.
    pub fn unsent(&self, _limit: usize) -> Result<Vec<(Row, u64)>> {
        unimplemented!()
    }

    /// Notes that these revisions are in a commit. What changed since stays unsent.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn mark_sent(&self, _sent: &[(SubjectId, u64)]) -> Result<()> {
        unimplemented!()
    }

    /// Counts the subjects that were changed since they were last sent.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn unsent_count(&self) -> Result<u64> {
        unimplemented!()
    }

    /// Forgets that anything was ever sent: the next backup goes to another vault.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn forget_sent(&self) -> Result<()> {
        unimplemented!()
    }

    /// The present fields of a subject, removed ones left out; `None` where it was never heard of.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn fields(&self, _kind: SubjectKind, _subject: SubjectId) -> Result<Option<Fields>> {
        unimplemented!()
    }

    /// A subject whole, with its stamps.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn row(&self, _kind: SubjectKind, _subject: SubjectId) -> Result<Option<Row>> {
        unimplemented!()
    }

    /// Every subject of the catalogue, kinds of newer programs included, ordered by id.
    ///
    /// # Errors
    /// The database could not be read, or `each` failed.
    pub fn every_row(&self, _each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        unimplemented!()
    }
}
