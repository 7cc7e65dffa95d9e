//! In how many places photos are, and since when that is known.
//!
//! A place counts for a photo when it holds every file of it: the library, each mirror, the bucket.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};
use serde::Serialize;

use crate::media::{PhotoId, ShootId};

use super::database::Catalog;
use super::error::Result;
use super::photos::count;

/// Where copies of one photo lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    pub kind: PlaceKind,
    /// The mirror's folder.
    pub mirror: Option<String>,
    /// Files of the photo that are there, of `of`.
    pub files: u64,
    pub of: u64,
    /// When the copy that was looked at longest ago was proven.
    pub proven: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    Library,
    Mirror,
    Bucket,
}

/// How safe the photos of a shoot are; without a shoot stand those that have none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShootSafety {
    pub shoot: Option<ShootId>,
    pub name: Option<String>,
    pub photos: u64,
    /// Not whole in any place.
    pub nowhere: u64,
    /// Whole in one place only.
    pub alone: u64,
    pub not_in_library: u64,
    pub not_in_bucket: u64,
    /// Lacking on a mirror.
    pub not_mirrored: u64,
    /// The fewest places a photo of it is in.
    pub places: u64,
}

fn safety_row(row: &Row<'_>) -> rusqlite::Result<ShootSafety> {
    Ok(ShootSafety {
        shoot: row.get::<_, Option<_>>(0)?.map(ShootId),
        name: row.get(1)?,
        photos: count(row, 2)?,
        nowhere: count(row, 3)?,
        alone: count(row, 4)?,
        not_in_library: count(row, 5)?,
        not_in_bucket: count(row, 6)?,
        not_mirrored: count(row, 7)?,
        places: count(row, 8)?,
    })
}

fn at(ms: Option<i64>) -> Option<Timestamp> {
    Timestamp::from_millisecond(ms?).ok()
}

impl Catalog {
    /// How safe each shoot is, newest first, with regard to these mirrors; the trash is left out.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn safety(&self, mirrors: &[String]) -> Result<Vec<ShootSafety>> {
        let names = serde_json::to_string(mirrors)?;
        self.read(|db| {
            // With no mirror the join over every file would find nothing: it is not made.
            let mirrored = if mirrors.is_empty() {
                "SELECT NULL AS photo, 0 AS places WHERE ?1 IS NULL"
            } else {
                "SELECT photo, count(*) AS places FROM (
                     SELECT f.photo AS photo, m.mirror FROM mirror_copies m
                     JOIN files f ON f.id = m.file
                     WHERE m.mirror IN (SELECT value FROM json_each(?1))
                     GROUP BY f.photo, m.mirror
                     HAVING count(*) = (SELECT count(*) FROM files a WHERE a.photo = f.photo)
                 ) GROUP BY photo"
            };
            let sql = format!(
                "WITH mirrored AS ({mirrored}), counted AS (
                     SELECT p.shoot AS shoot, p.missing, p.not_in_cloud, p.taken,
                         coalesce(m.places, 0) AS mirrors,
                         (p.missing = 0) + (p.not_in_cloud = 0) + coalesce(m.places, 0) AS places
                     FROM photos p LEFT JOIN mirrored m ON m.photo = p.n WHERE p.trash = 0)
                 SELECT c.shoot, s.name, count(*), sum(places = 0), sum(places = 1), sum(missing),
                     sum(not_in_cloud), sum(mirrors < ?2), min(places)
                 FROM counted c LEFT JOIN shoots s ON s.id = c.shoot
                 GROUP BY c.shoot ORDER BY max(c.taken) DESC, s.folded"
            );
            let mut statement = db.prepare_cached(&sql)?;
            let wanted = i64::try_from(mirrors.len()).unwrap_or(i64::MAX);
            let rows = statement.query_map(params![names, wanted], safety_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// When the newest commit took files into the bucket.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn last_committed(&self) -> Result<Option<Timestamp>> {
        self.read(|db| {
            let ms = db.query_row("SELECT max(committed_at) FROM cloud_files", [], |r| r.get(0));
            Ok(at(ms.optional()?.flatten()))
        })
    }

    /// Where the copies of one photo lie: the library, each mirror, the bucket.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn places_of(&self, photo: PhotoId) -> Result<Vec<Place>> {
        self.read(|db| {
            let of = "FROM files f JOIN photos p ON p.n = f.photo AND p.id = ?1";
            let all: u64 = db
                .prepare_cached(&format!("SELECT count(*) {of}"))?
                .query_row([photo.0], |row| count(row, 0))?;
            let mut places = Vec::new();
            let mut one = |kind, sql: String| -> Result<()> {
                let mut statement = db.prepare_cached(&sql)?;
                let rows = statement.query_map([photo.0], |row| {
                    Ok(Place {
                        kind,
                        mirror: row.get(0)?,
                        files: count(row, 1)?,
                        of: all,
                        proven: at(row.get(2)?),
                    })
                })?;
                for row in rows {
                    places.push(row?);
                }
                Ok(())
            };
            one(
                PlaceKind::Library,
                format!(
                    "SELECT NULL, count(l.file), min(l.verified_at) {of}
                     LEFT JOIN local_files l ON l.file = f.id"
                ),
            )?;
            one(
                PlaceKind::Mirror,
                format!(
                    "SELECT m.mirror, count(*), min(m.verified_at) {of}
                     JOIN mirror_copies m ON m.file = f.id GROUP BY m.mirror ORDER BY m.mirror"
                ),
            )?;
            one(
                PlaceKind::Bucket,
                format!(
                    "SELECT NULL, count(c.file), min(c.committed_at) {of}
                     LEFT JOIN cloud_files c ON c.file = f.id"
                ),
            )?;
            Ok(places)
        })
    }

    /// The names of the albums a photo is in, outside the trash.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn albums_of(&self, photo: PhotoId) -> Result<Vec<String>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT a.name FROM album_items i JOIN albums a ON a.id = i.album
                 WHERE i.photo = ?1 AND a.trash = 0 ORDER BY a.folded, a.id",
            )?;
            let names = statement.query_map([photo.0], |row| row.get(0))?;
            Ok(names.collect::<Result<_, _>>()?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{catalog, exposure, file_id, in_shoot, jpeg_of, photo_id};
    use super::super::{Edit, MirrorCopy};
    use super::*;

    #[test]
    fn a_photo_is_as_safe_as_the_places_that_hold_all_its_files() {
        let catalog = catalog();
        let shoot = catalog.shoot_named("Smith", None).unwrap();
        let mut pair = in_shoot(exposure(1), shoot);
        pair.files.push(jpeg_of(1, 101));
        let trashed = exposure(4);
        catalog
            .record_import(&[pair, in_shoot(exposure(2), shoot), exposure(3), trashed], &[])
            .unwrap();
        catalog
            .edit_photos(&[photo_id(4)], &Edit { trash: Some(true), ..Edit::default() })
            .unwrap();
        let now = Timestamp::from_second(1_780_000_100).unwrap();
        let copy = |file| MirrorCopy {
            file: file_id(file),
            mirror: "/nas".into(),
            path: "x".into(),
            verified_at: now,
        };
        // Half of the pair on the mirror, the other half in the bucket: neither place has it whole.
        catalog.set_mirrored(&[copy(1), copy(2)]).unwrap();
        catalog.set_cloud(&[file_id(101), file_id(2)], now).unwrap();
        catalog.forget_local(&[file_id(3)]).unwrap();
        let rows = catalog.safety(&["/nas".to_owned()]).unwrap();
        let row = |name: Option<&str>| rows.iter().find(|r| r.name.as_deref() == name).unwrap();
        let smith = row(Some("Smith"));
        assert_eq!((smith.photos, smith.nowhere, smith.alone, smith.places), (2, 0, 1, 1));
        assert_eq!((smith.not_in_bucket, smith.not_mirrored, smith.not_in_library), (1, 1, 0));
        let rest = row(None);
        assert_eq!((rest.photos, rest.nowhere, rest.not_in_library), (1, 1, 1), "not the trashed");
        let without = catalog.safety(&[]).unwrap();
        assert_eq!(without.iter().map(|r| r.not_mirrored).sum::<u64>(), 0);
        assert_eq!(catalog.last_committed().unwrap(), Some(now));

        let places = catalog.places_of(photo_id(1)).unwrap();
        let held: Vec<_> = places.iter().map(|p| (p.kind, p.files, p.of)).collect();
        assert_eq!(
            held,
            [(PlaceKind::Library, 2, 2), (PlaceKind::Mirror, 1, 2), (PlaceKind::Bucket, 1, 2)]
        );
        assert_eq!(places[1].mirror.as_deref(), Some("/nas"));
        let album = catalog.create_album("Best").unwrap();
        catalog.add_to_album(album, &[photo_id(1)]).unwrap();
        assert_eq!(catalog.albums_of(photo_id(1)).unwrap(), ["Best"]);
        assert!(catalog.albums_of(photo_id(2)).unwrap().is_empty());
    }
}
