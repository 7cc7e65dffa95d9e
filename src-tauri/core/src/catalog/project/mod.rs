//! Brings the typed tables up to date with a subject's fields.
//!
//! The fields may come from any computer, or from somebody who wants to do harm: what has not the
//! expected form is left out of the tables, and stays in the subject as it came. The tables depend
//! on the fields alone, never on the order in which they arrived.

mod named;
mod photo;

use std::collections::BTreeSet;
use std::ops::Bound;

use rusqlite::{Connection, params};

use crate::media::SubjectId;

use super::error::Result;
use super::settings::SETTINGS;
use super::state::State;
use super::subjects::Writing;

/// Which fields took new values.
#[derive(Debug, Default)]
pub(super) struct Changed {
    all: bool,
    fields: BTreeSet<String>,
}

impl Changed {
    pub fn everything() -> Self {
        Self { all: true, fields: BTreeSet::new() }
    }

    pub fn insert(&mut self, field: &str) {
        self.fields.insert(field.to_owned());
    }

    pub fn is_empty(&self) -> bool {
        !self.all && self.fields.is_empty()
    }

    /// Whether a field that begins with `prefix` changed.
    fn touches(&self, prefix: &str) -> bool {
        self.all || self.under(prefix).next().is_some()
    }

    /// The changed fields below `prefix`, the prefix cut off.
    fn under<'c>(&'c self, prefix: &'c str) -> impl Iterator<Item = &'c str> {
        self.fields
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .map_while(move |field| field.strip_prefix(prefix))
    }
}

/// Projects one subject. Kinds of newer programs have no tables here.
pub(super) fn project(
    writing: &mut Writing<'_>,
    kind: &str,
    id: SubjectId,
    state: &State,
    changed: &Changed,
) -> Result<()> {
    match kind {
        "photo" => photo::project(writing, id, state, changed),
        "shoot" => named::shoot(writing, id, state, changed),
        "client" => named::client(writing, id, state, changed),
        "album" => named::album(writing, id, state, changed),
        "share" => share(writing.tx, id, state),
        "device" => device(writing.tx, id, state),
        "setting" if id == SETTINGS => settings(writing.tx, state),
        _ => Ok(()),
    }
}

/// Empties the projected tables.
pub(super) fn clear(db: &Connection) -> Result<()> {
    db.execute_batch(
        "INSERT INTO search (search) VALUES ('delete-all');
         DELETE FROM files; DELETE FROM keywords; DELETE FROM photos;
         DELETE FROM album_items; DELETE FROM albums;
         DELETE FROM shoots; DELETE FROM clients;
         DELETE FROM shares; DELETE FROM devices; DELETE FROM settings;",
    )?;
    Ok(())
}

fn share(db: &Connection, id: SubjectId, state: &State) -> Result<()> {
    let fields = serde_json::to_string(&state.present())?;
    db.prepare_cached("INSERT OR REPLACE INTO shares (id, fields) VALUES (?1, ?2)")?
        .execute(params![id.0, fields])?;
    Ok(())
}

fn device(db: &Connection, id: SubjectId, state: &State) -> Result<()> {
    let (device, padding) = id.0.split_at(8);
    if padding != [0; 8] {
        return Ok(());
    }
    db.prepare_cached("INSERT OR REPLACE INTO devices (id, name, platform) VALUES (?1, ?2, ?3)")?
        .execute(params![device, text(state, "name").unwrap_or(""), text(state, "platform")])?;
    Ok(())
}

fn settings(db: &Connection, state: &State) -> Result<()> {
    db.execute("DELETE FROM settings", [])?;
    let mut insert = db.prepare_cached("INSERT INTO settings (name, value) VALUES (?1, ?2)")?;
    for (name, value) in state.present() {
        insert.execute(params![name, value.to_string()])?;
    }
    Ok(())
}

/// A field that is text.
fn text<'s>(state: &'s State, field: &str) -> Option<&'s str> {
    state.get(field)?.as_str()
}

/// A field that is the id of a subject.
fn subject(state: &State, field: &str) -> Option<[u8; 16]> {
    text(state, field)?.parse::<SubjectId>().ok().map(|id| id.0)
}

/// A field that says yes.
fn yes(state: &State, field: &str) -> bool {
    state.get(field).and_then(serde_json::Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests;
