//! Albums: chosen photos in an order.
//!
//! An album's items are its fields `in/<photo id>`, whose value is a sort key: text, compared byte
//! by byte, so that an item can be put between two others without touching them.

use rusqlite::{OptionalExtension as _, Row, params};
use serde::Serialize;
use serde_json::Value;

use crate::media::{AlbumId, PhotoId, SubjectKind};

use super::database::{Catalog, random};
use super::error::{CatalogError, Result};
use super::fold::fold;
use super::photos::count;
use super::row::Change;
use super::shoots::usable;
use super::subjects::Writing;

/// One album.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlbumRow {
    pub id: AlbumId,
    pub name: String,
    pub trash: bool,
    /// Photos outside the trash.
    pub photos: u64,
}

/// One photo of an album, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlbumItem {
    pub photo: PhotoId,
    pub key: String,
}

const SELECT: &str = "SELECT a.id, a.name, a.trash,
        (SELECT count(*) FROM album_items i JOIN photos p ON p.id = i.photo
         WHERE i.album = a.id AND p.trash = 0)
    FROM albums a";

fn album_row(row: &Row<'_>) -> rusqlite::Result<AlbumRow> {
    Ok(AlbumRow {
        id: AlbumId(row.get(0)?),
        name: row.get(1)?,
        trash: row.get(2)?,
        photos: count(row, 3)?,
    })
}

/// The key of the n-th item after the last one: the last number plus n, in a width that sorts.
///
/// Keys made here are twelve hex digits; longer ones, for places in between, may follow a dot.
fn key_after(last: Option<&str>, n: u64) -> String {
    let number = last
        .and_then(|key| key.get(..12))
        .and_then(|digits| u64::from_str_radix(digits, 16).ok())
        .unwrap_or(0);
    let step = number.saturating_add(n).min((1 << 48) - 1);
    match last {
        // A key of another make, or the last number there is: go on behind it.
        Some(key) if format!("{step:012x}").as_str() <= key => format!("{key}.{n:012x}"),
        _ => format!("{step:012x}"),
    }
}

/// Refuses a name another album has.
fn free_name(writing: &Writing<'_>, name: &str, but: Option<AlbumId>) -> Result<()> {
    let taken = writing
        .tx
        .prepare_cached("SELECT 1 FROM albums WHERE folded = ?1 AND trash = 0 AND id IS NOT ?2")?
        .exists(params![fold(name), but.map(|id| id.0)])?;
    if taken { Err(CatalogError::AlbumExists { name: name.to_owned() }) } else { Ok(()) }
}

fn must_exist(writing: &Writing<'_>, album: AlbumId) -> Result<()> {
    match writing.load("album", album.into())? {
        Some(_) => Ok(()),
        None => Err(CatalogError::NotFound { what: "album", name: album.to_string() }),
    }
}

fn is_in(writing: &Writing<'_>, album: AlbumId, photo: PhotoId) -> Result<bool> {
    Ok(writing
        .tx
        .prepare_cached("SELECT 1 FROM album_items WHERE album = ?1 AND photo = ?2")?
        .exists(params![album.0, photo.0])?)
}

pub(super) fn create(writing: &mut Writing<'_>, name: &str) -> Result<AlbumId> {
    let name = usable("album", name)?;
    free_name(writing, &name, None)?;
    let id = AlbumId(random());
    writing.change(&Change::new(SubjectKind::Album, id).set("name", name.as_str()))?;
    Ok(id)
}

/// Adds photos at the end; returns how many were new.
pub(super) fn add(writing: &mut Writing<'_>, album: AlbumId, photos: &[PhotoId]) -> Result<u64> {
    must_exist(writing, album)?;
    let last: Option<String> = writing
        .tx
        .prepare_cached("SELECT max(key) FROM album_items WHERE album = ?1")?
        .query_row([album.0], |row| row.get(0))?;
    let mut change = Change::new(SubjectKind::Album, album);
    let mut added = 0;
    for photo in photos {
        let field = format!("in/{photo}");
        if change.fields.contains_key(&field) || is_in(writing, album, *photo)? {
            continue;
        }
        added += 1;
        change = change.set(field, key_after(last.as_deref(), added));
    }
    writing.change(&change)?;
    Ok(added)
}

/// Takes photos out; returns how many were in it.
pub(super) fn remove(writing: &mut Writing<'_>, album: AlbumId, photos: &[PhotoId]) -> Result<u64> {
    must_exist(writing, album)?;
    let mut change = Change::new(SubjectKind::Album, album);
    for photo in photos {
        if is_in(writing, album, *photo)? {
            change = change.set(format!("in/{photo}"), Value::Null);
        }
    }
    writing.change(&change)?;
    Ok(change.fields.len() as u64)
}

pub(super) fn rename(writing: &mut Writing<'_>, album: AlbumId, name: &str) -> Result<()> {
    let name = usable("album", name)?;
    must_exist(writing, album)?;
    free_name(writing, &name, Some(album))?;
    writing.change(&Change::new(SubjectKind::Album, album).set("name", name.as_str()))
}

pub(super) fn trash_one(writing: &mut Writing<'_>, album: AlbumId, trash: bool) -> Result<()> {
    must_exist(writing, album)?;
    if !trash {
        let name: String =
            writing
                .tx
                .query_row("SELECT name FROM albums WHERE id = ?1", [album.0], |row| row.get(0))?;
        free_name(writing, &name, Some(album))?;
    }
    let value = if trash { Value::Bool(true) } else { Value::Null };
    writing.change(&Change::new(SubjectKind::Album, album).set("trash", value))
}

impl Catalog {
    /// Makes an album.
    ///
    /// # Errors
    /// The name is empty or taken, or the database could not be written.
    pub fn create_album(&self, name: &str) -> Result<AlbumId> {
        self.transact(|writing| create(writing, name))
    }

    /// The album of this name, outside the trash.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn album_named(&self, name: &str) -> Result<Option<AlbumRow>> {
        self.read(|db| {
            let sql = format!("{SELECT} WHERE a.folded = ?1 AND a.trash = 0 ORDER BY a.id LIMIT 1");
            Ok(db.prepare_cached(&sql)?.query_row([fold(name)], album_row).optional()?)
        })
    }

    /// One album, in the trash or not.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn album(&self, id: AlbumId) -> Result<Option<AlbumRow>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(&format!("{SELECT} WHERE a.id = ?1"))?;
            Ok(statement.query_row([id.0], album_row).optional()?)
        })
    }

    /// All albums outside the trash, by name.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn albums(&self) -> Result<Vec<AlbumRow>> {
        self.read(|db| {
            let sql = format!("{SELECT} WHERE a.trash = 0 ORDER BY a.folded, a.id");
            let mut statement = db.prepare_cached(&sql)?;
            Ok(statement.query_map([], album_row)?.collect::<Result<_, _>>()?)
        })
    }

    /// The photos of an album outside the trash, in the album's order.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn album_items(&self, album: AlbumId) -> Result<Vec<AlbumItem>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT i.photo, i.key FROM album_items i JOIN photos p ON p.id = i.photo
                 WHERE i.album = ?1 AND p.trash = 0 ORDER BY i.key, i.photo",
            )?;
            let items = statement.query_map([album.0], |row| {
                Ok(AlbumItem { photo: PhotoId(row.get(0)?), key: row.get(1)? })
            })?;
            Ok(items.collect::<Result<_, _>>()?)
        })
    }

    /// Adds photos at the end, in the order given; those already in it stay where they are.
    /// Returns how many were new.
    ///
    /// # Errors
    /// There is no such album, or the database could not be written.
    pub fn add_to_album(&self, album: AlbumId, photos: &[PhotoId]) -> Result<u64> {
        self.transact(|writing| add(writing, album, photos))
    }

    /// Takes photos out of an album; returns how many were in it.
    ///
    /// # Errors
    /// There is no such album, or the database could not be written.
    pub fn remove_from_album(&self, album: AlbumId, photos: &[PhotoId]) -> Result<u64> {
        self.transact(|writing| remove(writing, album, photos))
    }

    /// Gives an album another name.
    ///
    /// # Errors
    /// There is no such album, the name is empty or taken, or the database could not be written.
    pub fn rename_album(&self, album: AlbumId, name: &str) -> Result<()> {
        self.transact(|writing| rename(writing, album, name))
    }

    /// Puts an album into the trash or takes it out again; its photos stay where they are.
    ///
    /// # Errors
    /// There is no such album, its name was taken meanwhile, or the database could not be written.
    pub fn trash_album(&self, album: AlbumId, trash: bool) -> Result<()> {
        self.transact(|writing| trash_one(writing, album, trash))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{catalog, found, photo_id, with_photos};
    use super::super::{Edit, FieldSet, Row as SubjectRow, Stamp};
    use super::*;
    use crate::media::DeviceId;

    fn order(catalog: &Catalog, album: AlbumId) -> Vec<u8> {
        catalog.album_items(album).unwrap().iter().map(|item| item.photo.0[0]).collect()
    }

    #[test]
    fn two_albums_may_not_share_a_name() {
        let catalog = catalog();
        let best = catalog.create_album(" Best  of ").unwrap();
        assert_eq!(catalog.album_named("best OF").unwrap().unwrap().name, "Best of");
        let refused = catalog.create_album("BEST of").unwrap_err();
        assert!(matches!(refused, CatalogError::AlbumExists { .. }), "{refused:?}");
        assert!(matches!(catalog.create_album(" "), Err(CatalogError::BadValue { .. })));
        catalog.trash_album(best, true).unwrap();
        assert_eq!(catalog.album_named("Best of").unwrap(), None);
        catalog.create_album("Best of").expect("a name in the trash is free");
        assert!(catalog.trash_album(best, false).is_err(), "but then it cannot come back under it");
    }

    #[test]
    fn photos_stay_in_the_order_they_were_added() {
        let catalog = with_photos(5);
        let album = catalog.create_album("Best").unwrap();
        let ids = |all: &[u8]| all.iter().map(|n| photo_id(*n)).collect::<Vec<_>>();
        assert_eq!(catalog.add_to_album(album, &ids(&[4, 2, 4])).unwrap(), 2, "once is enough");
        assert_eq!(catalog.add_to_album(album, &ids(&[5, 2, 1])).unwrap(), 2);
        assert_eq!(order(&catalog, album), [4, 2, 5, 1]);
        assert_eq!(catalog.remove_from_album(album, &ids(&[2, 3])).unwrap(), 1);
        assert_eq!(order(&catalog, album), [4, 5, 1]);
        catalog.add_to_album(album, &ids(&[2])).unwrap();
        assert_eq!(order(&catalog, album), [4, 5, 1, 2], "who comes back stands at the end");
        assert_eq!(catalog.album(album).unwrap().unwrap().photos, 4);
    }

    #[test]
    fn renaming_an_album_keeps_its_photos() {
        let catalog = with_photos(2);
        let album = catalog.create_album("Best").unwrap();
        catalog.create_album("Other").unwrap();
        catalog.add_to_album(album, &[photo_id(1)]).unwrap();
        catalog.rename_album(album, "The best").unwrap();
        assert_eq!(found(&catalog, "album:\"the best\""), [1]);
        assert!(catalog.rename_album(album, "other").is_err());
        catalog.rename_album(album, "THE BEST").expect("an album may change the case of its name");
        let names: Vec<_> = catalog.albums().unwrap().into_iter().map(|album| album.name).collect();
        assert_eq!(names, ["Other", "THE BEST"]);
    }

    #[test]
    fn the_trash_is_not_counted() {
        let catalog = with_photos(2);
        let album = catalog.create_album("Best").unwrap();
        catalog.add_to_album(album, &[photo_id(1), photo_id(2)]).unwrap();
        catalog
            .edit_photos(&[photo_id(1)], &Edit { trash: Some(true), ..Edit::default() })
            .unwrap();
        assert_eq!(catalog.albums().unwrap()[0].photos, 1);
        assert_eq!(order(&catalog, album), [2]);
    }

    #[test]
    fn an_unknown_album_is_refused() {
        let catalog = with_photos(1);
        let nowhere = AlbumId([9; 16]);
        assert!(matches!(
            catalog.add_to_album(nowhere, &[photo_id(1)]),
            Err(CatalogError::NotFound { what: "album", .. })
        ));
        assert!(catalog.remove_from_album(nowhere, &[photo_id(1)]).is_err());
        assert!(catalog.rename_album(nowhere, "x").is_err());
        assert_eq!(catalog.album(nowhere).unwrap(), None);
    }

    #[test]
    fn a_photo_is_added_behind_keys_of_any_make() {
        for last in [
            "zz",
            "ffffffffffff",
            "ffffffffffff.1",
            "",
            "00000000000g",
            "\u{10ffff}",
            "é23456789012",
        ] {
            let catalog = with_photos(3);
            let album = catalog.create_album("Best").unwrap();
            let stamp = Stamp { ms: 1, counter: 0, device: DeviceId([9; 8]) };
            let fields = [(format!("in/{}", photo_id(3)), Value::from(last))].into();
            let set = vec![FieldSet { stamp, fields }];
            catalog
                .merge(&[SubjectRow { kind: "album".into(), subject: album.into(), set }])
                .unwrap();
            catalog.add_to_album(album, &[photo_id(2), photo_id(1)]).unwrap();
            assert_eq!(order(&catalog, album), [3, 2, 1], "behind {last:?}");
        }
    }
}
