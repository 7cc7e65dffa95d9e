//! Shoots, clients and albums: subjects that have a name.

use rusqlite::params;

use crate::media::{PhotoId, SubjectId};

use super::super::error::Result;
use super::super::fold::fold;
use super::super::state::State;
use super::super::subjects::Writing;
use super::{Changed, subject, text, yes};

pub(super) fn shoot(
    writing: &mut Writing<'_>,
    id: SubjectId,
    state: &State,
    changed: &Changed,
) -> Result<()> {
    let name = text(state, "name").unwrap_or("");
    writing
        .tx
        .prepare_cached(
            "INSERT OR REPLACE INTO shoots (id, name, folded, client, trash)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![id.0, name, fold(name), subject(state, "client"), yes(state, "trash")])?;
    if ["name", "client", "job"].iter().any(|field| changed.touches(field)) {
        reindex(writing, "SELECT n FROM photos WHERE shoot = ?1", id)?;
    }
    Ok(())
}

pub(super) fn client(
    writing: &mut Writing<'_>,
    id: SubjectId,
    state: &State,
    changed: &Changed,
) -> Result<()> {
    let name = text(state, "name").unwrap_or("");
    writing
        .tx
        .prepare_cached(
            "INSERT OR REPLACE INTO clients (id, name, folded, trash) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![id.0, name, fold(name), yes(state, "trash")])?;
    if changed.touches("name") {
        let photos =
            "SELECT n FROM photos WHERE shoot IN (SELECT id FROM shoots WHERE client = ?1)";
        reindex(writing, photos, id)?;
    }
    Ok(())
}

/// The words of a shoot and its client are searched with each of its photos.
fn reindex(writing: &mut Writing<'_>, photos: &str, id: SubjectId) -> Result<()> {
    let mut statement = writing.tx.prepare_cached(photos)?;
    let mut rows = statement.query([id.0])?;
    while let Some(row) = rows.next()? {
        writing.reindex.insert(row.get(0)?);
    }
    Ok(())
}

/// Only the items that changed are written: an album may hold thousands.
pub(super) fn album(
    writing: &mut Writing<'_>,
    id: SubjectId,
    state: &State,
    changed: &Changed,
) -> Result<()> {
    let db = writing.tx;
    let name = text(state, "name").unwrap_or("");
    // Not INSERT OR REPLACE: replacing would delete the row, and the items with it.
    db.prepare_cached(
        "INSERT INTO albums (id, name, folded, trash) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE
         SET name = excluded.name, folded = excluded.folded, trash = excluded.trash",
    )?
    .execute(params![id.0, name, fold(name), yes(state, "trash")])?;

    let mut put = db.prepare_cached(
        "INSERT OR REPLACE INTO album_items (album, photo, key) VALUES (?1, ?2, ?3)",
    )?;
    let mut drop = db.prepare_cached("DELETE FROM album_items WHERE album = ?1 AND photo = ?2")?;
    let mut item = |photo: &str, key: Option<&str>| -> Result<()> {
        let Ok(photo) = photo.parse::<PhotoId>() else { return Ok(()) };
        match key {
            Some(key) => put.execute(params![id.0, photo.0, key])?,
            None => drop.execute(params![id.0, photo.0])?,
        };
        Ok(())
    };
    if changed.all {
        return state.under("in/").try_for_each(|(photo, key)| item(photo, key.as_str()));
    }
    changed.under("in/").try_for_each(|photo| item(photo, text(state, &format!("in/{photo}"))))
}
