//! The source of truth: subjects as maps of fields, the last writer of each field wins.
//!
//! There is one way in. A local edit gets a stamp, a row from the bucket has its stamps; from there
//! both are joined by `State::join` and projected into the typed tables in the same transaction.
//! Only local edits make a subject *unsent*: what was read from the bucket is there already.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension as _, Row as SqlRow, Transaction, params};

use crate::media::{DeviceId, SubjectId, SubjectKind};

use super::database::Catalog;
use super::error::{CatalogError, Result};
use super::photos::{count, limit_of};
use super::project::{self, Changed};
use super::row::{Change, Fields, Row, kind_word};
use super::search;
use super::stamp::{Hlc, MAX_MS, Stamp};
use super::state::State;
use super::undo;

/// A write in progress: the transaction and what has to be written at its end.
pub(super) struct Writing<'t> {
    pub tx: &'t Transaction<'t>,
    pub device: DeviceId,
    hlc: Hlc,
    revision: u64,
    now_ms: u64,
    clock_moved: bool,
    /// Photos (by `n`) whose words have to be indexed again.
    pub reindex: BTreeSet<i64>,
    /// What would take the changes back, where somebody wants to know: the last one first.
    pub back: Option<Vec<Change>>,
}

impl<'t> Writing<'t> {
    pub fn new(
        tx: &'t Transaction<'t>,
        device: DeviceId,
        hlc: Hlc,
        revision: u64,
        now_ms: u64,
    ) -> Self {
        let reindex = BTreeSet::new();
        Self { tx, device, hlc, revision, now_ms, clock_moved: false, reindex, back: None }
    }

    /// Makes one local edit. It is newer than everything it replaces, also than a stamp from a
    /// clock far ahead: what the photographer does last must be what he sees.
    pub fn change(&mut self, change: &Change) -> Result<()> {
        if change.fields.is_empty() {
            return Ok(());
        }
        let kind = kind_word(change.kind);
        let known = self.load(kind, change.subject)?;
        if let Some(back) = &mut self.back {
            back.push(undo::taking_back(change, known.as_ref()));
        }
        let mut state = known.unwrap_or_default();
        let replaced = change.fields.keys().filter_map(|field| state.stamp(field)).max();
        let mut at = self.hlc.tick(self.now_ms);
        if let Some(Stamp { ms, counter, .. }) = replaced
            && (ms, counter) >= (at.ms, at.counter)
        {
            at = Hlc { ms, counter }.successor();
        }
        let stamp = Stamp { ms: at.ms, counter: at.counter, device: self.device };
        let mut changed = Changed::default();
        for (field, value) in &change.fields {
            if state.join(field, stamp, value) {
                changed.insert(field);
            }
        }
        self.revision += 1;
        self.clock_moved = true;
        self.save(kind, change.subject, &state, Some(self.revision))?;
        project::project(self, kind, change.subject, &state, &changed)
    }

    /// Joins one row read from the bucket.
    pub fn merge(&mut self, row: &Row) -> Result<()> {
        if row.kind.is_empty() || row.kind.len() > 64 {
            return Err(CatalogError::BadValue {
                what: "kind",
                why: "not a kind of subject".into(),
            });
        }
        let mut state = self.load(&row.kind, row.subject)?.unwrap_or_default();
        let mut changed = Changed::default();
        for set in &row.set {
            if set.stamp.ms > MAX_MS {
                return Err(CatalogError::BadValue { what: "stamp", why: "beyond 2^53".into() });
            }
            for (field, value) in &set.fields {
                if state.join(field, set.stamp, value) {
                    changed.insert(field);
                }
            }
            let before = self.hlc;
            self.hlc.receive(&set.stamp, self.now_ms);
            self.clock_moved |= self.hlc != before;
        }
        if changed.is_empty() {
            return Ok(());
        }
        self.save(&row.kind, row.subject, &state, None)?;
        project::project(self, &row.kind, row.subject, &state, &changed)
    }

    /// The state of a subject, if it was ever heard of.
    pub fn load(&self, kind: &str, subject: SubjectId) -> Result<Option<State>> {
        let text: Option<String> = self
            .tx
            .prepare_cached("SELECT state FROM subjects WHERE id = ?1 AND kind = ?2")?
            .query_row(params![subject.0, kind], |row| row.get(0))
            .optional()?;
        text.map(|text| parse(&text)).transpose()
    }

    /// `revision` is given for a local edit; a merged row leaves the subject as sent as it was.
    fn save(
        &self,
        kind: &str,
        subject: SubjectId,
        state: &State,
        revision: Option<u64>,
    ) -> Result<()> {
        let text = serde_json::to_string(state)?;
        self.tx
            .prepare_cached(
                "INSERT INTO subjects (id, kind, state, changed) VALUES (?1, ?2, ?3, coalesce(?4, 0))
                 ON CONFLICT (id, kind) DO UPDATE
                 SET state = excluded.state, changed = coalesce(?4, changed)",
            )?
            .execute(params![subject.0, kind, text, revision.map(u64::cast_signed)])?;
        Ok(())
    }

    /// Writes what was put off: the search index and the clock.
    pub fn finish(&mut self) -> Result<()> {
        for photo in std::mem::take(&mut self.reindex) {
            search::index(self.tx, photo)?;
        }
        if self.clock_moved {
            self.tx
                .prepare_cached("UPDATE clock SET ms = ?1, counter = ?2, revision = ?3")?
                .execute(params![
                    self.hlc.ms.cast_signed(),
                    self.hlc.counter,
                    self.revision.cast_signed()
                ])?;
        }
        Ok(())
    }
}

pub(super) fn parse(state: &str) -> Result<State> {
    serde_json::from_str(state).map_err(|error| CatalogError::Damaged {
        detail: format!("a subject's fields are not JSON: {error}"),
    })
}

/// `id`, `kind`, `state` as the first three columns.
pub(super) fn to_row(row: &SqlRow<'_>) -> Result<Row> {
    let state = parse(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?)?;
    Ok(Row { kind: row.get(1)?, subject: SubjectId(row.get(0)?), set: state.sets() })
}

impl Catalog {
    /// Makes local edits: stamps them, merges them, and brings the tables up to date, all or nothing.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn write(&self, changes: &[Change]) -> Result<()> {
        self.transact(|writing| changes.iter().try_for_each(|change| writing.change(change)))
    }

    /// Joins rows read from the bucket, all or nothing. Order and repetition do not matter.
    ///
    /// # Errors
    /// The database could not be written, or a row is not format 1.
    pub fn merge(&self, rows: &[Row]) -> Result<()> {
        self.transact(|writing| rows.iter().try_for_each(|row| writing.merge(row)))
    }

    /// Subjects changed since they were last sent, oldest change first, each whole and with the
    /// revision to give back to [`Catalog::mark_sent`].
    ///
    /// # Errors
    /// The database could not be read.
    pub fn unsent(&self, limit: usize) -> Result<Vec<(Row, u64)>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT id, kind, state, changed FROM subjects WHERE changed > sent
                 ORDER BY changed LIMIT ?1",
            )?;
            let mut rows = statement.query([limit_of(limit)])?;
            let mut unsent = Vec::new();
            while let Some(row) = rows.next()? {
                unsent.push((to_row(row)?, count(row, 3)?));
            }
            Ok(unsent)
        })
    }

    /// Notes that these revisions are in a commit. What changed since stays unsent.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn mark_sent(&self, sent: &[(SubjectId, u64)]) -> Result<()> {
        self.transact(|writing| {
            let mut statement = writing
                .tx
                .prepare_cached("UPDATE subjects SET sent = max(sent, ?2) WHERE id = ?1")?;
            for (subject, revision) in sent {
                statement.execute(params![subject.0, revision.cast_signed()])?;
            }
            Ok(())
        })
    }

    /// Counts the subjects that were changed since they were last sent.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn unsent_count(&self) -> Result<u64> {
        self.read(|db| {
            Ok(db.query_row("SELECT count(*) FROM subjects WHERE changed > sent", [], |row| {
                count(row, 0)
            })?)
        })
    }

    /// Forgets that anything was ever sent or is in the bucket: the next backup goes to another vault.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn forget_sent(&self) -> Result<()> {
        self.transact(|writing| {
            // Revision 0 is one that was only ever merged; it has to be sent to the new vault too.
            writing.tx.execute("UPDATE subjects SET sent = 0, changed = max(changed, 1)", [])?;
            writing.tx.execute("DELETE FROM cloud_files", [])?;
            Ok(())
        })
    }

    /// The present fields of a subject, removed ones left out; `None` where it was never heard of.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn fields(&self, kind: SubjectKind, subject: SubjectId) -> Result<Option<Fields>> {
        Ok(self.state(kind, subject)?.map(|state| state.present()))
    }

    /// A subject whole, with its stamps.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn row(&self, kind: SubjectKind, subject: SubjectId) -> Result<Option<Row>> {
        let kept = self.state(kind, subject)?;
        Ok(kept.map(|state| Row { kind: kind_word(kind).into(), subject, set: state.sets() }))
    }

    fn state(&self, kind: SubjectKind, subject: SubjectId) -> Result<Option<State>> {
        self.read(|db| {
            let text: Option<String> = db
                .prepare_cached("SELECT state FROM subjects WHERE id = ?1 AND kind = ?2")?
                .query_row(params![subject.0, kind_word(kind)], |row| row.get(0))
                .optional()?;
            text.map(|text| parse(&text)).transpose()
        })
    }

    /// Every subject of the catalogue, kinds of newer programs included, ordered by id and kind.
    ///
    /// # Errors
    /// The database could not be read, or `each` failed.
    pub fn every_row(&self, each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        self.read(|db| {
            let mut statement =
                db.prepare_cached("SELECT id, kind, state FROM subjects ORDER BY id, kind")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                each(to_row(row)?)?;
            }
            Ok(())
        })
    }

    /// Empties every projected table and fills it again from the subjects.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn rebuild(&self) -> Result<()> {
        self.transact(|writing| {
            project::clear(writing.tx)?;
            let mut statement = writing.tx.prepare("SELECT id, kind, state FROM subjects")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (id, kind): (_, String) = (row.get(0)?, row.get(1)?);
                let state = parse(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?)?;
                project::project(writing, &kind, SubjectId(id), &state, &Changed::everything())?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;
