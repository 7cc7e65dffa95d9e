//! Photos: one row an exposure, projected from its subject.

use jiff::civil::DateTime;
use rusqlite::{Connection, Row, params_from_iter};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::media::{FileId, ImportId, MediaKind, PhotoId, ShootId, SubjectKind};

use super::database::Catalog;
use super::error::{CatalogError, Result};
use super::query::Query;
use super::row::{Change, Fields};
use super::subjects;

/// One exposure.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoRow {
    pub id: PhotoId,
    pub shoot: Option<ShootId>,
    pub import: Option<ImportId>,
    pub kind: MediaKind,
    pub taken: Option<DateTime>,
    pub offset_min: Option<i16>,
    /// The file the exposure is shown by.
    pub lead: FileId,
    /// The raw name of the leading file, lossily as text.
    pub name: String,
    pub format: Option<String>,
    pub orientation: Option<u8>,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub rating: u8,
    pub label: Option<String>,
    pub flag: Option<String>,
    pub title: Option<String>,
    pub caption: Option<String>,
    pub trash: bool,
    pub preview: Preview,
    pub keywords: Vec<String>,
    /// All present fields, `meta` and the unknown ones too.
    pub fields: Fields,
}

/// What is known of a photo's previews.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Preview {
    pub state: Option<PreviewState>,
    pub width: Option<u32>,
    pub height: Option<u32>,
}

/// Whether a photo can be shown. `None` in [`Preview`] means nobody has tried yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PreviewState {
    Ready,
    /// The file is broken.
    Damaged,
    /// Nothing in the file can be shown.
    None,
}

/// How many photos have a preview; the trash left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PreviewCounts {
    pub ready: u64,
    pub damaged: u64,
    /// Nothing in the file can be shown.
    pub none: u64,
    /// Nobody has tried yet, or the original was away.
    pub missing: u64,
}

/// How much a query finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    pub photos: u64,
    pub files: u64,
    pub bytes: u64,
}

impl PreviewState {
    /// The word in the catalogue's rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Damaged => "damaged",
            Self::None => "none",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        [Self::Ready, Self::Damaged, Self::None].into_iter().find(|state| state.word() == word)
    }
}

impl Preview {
    /// From three columns, the state first.
    pub(super) fn from_columns(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        let word: Option<String> = row.get(first)?;
        Ok(Self {
            state: word.and_then(|word| PreviewState::from_word(&word)),
            width: row.get(first + 1)?,
            height: row.get(first + 2)?,
        })
    }
}

/// A word of a column as one of our enums; an unknown one is `other`.
pub(super) fn media_kind(word: &str) -> MediaKind {
    serde_json::from_value(word.into()).unwrap_or(MediaKind::Other)
}

fn photo(db: &Connection, id: PhotoId) -> Result<Option<PhotoRow>> {
    let mut statement = db.prepare_cached(
        "SELECT p.shoot, p.import, p.kind, p.taken, p.offset_min, p.lead, p.name, p.format,
             p.orientation, p.width, p.height, p.rating, p.label, p.flag, p.title, p.caption,
             p.trash, p.preview, p.preview_width, p.preview_height, p.n, u.state
         FROM photos p JOIN subjects u ON u.id = p.id AND u.kind = 'photo' WHERE p.id = ?1",
    )?;
    let mut rows = statement.query([id.0])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let state = subjects::parse(row.get_ref(21)?.as_str().map_err(rusqlite::Error::from)?)?;
    let n: i64 = row.get(20)?;
    let keywords = db
        .prepare_cached("SELECT word FROM keywords WHERE photo = ?1 ORDER BY folded")?
        .query_map([n], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(Some(PhotoRow {
        id,
        shoot: row.get::<_, Option<_>>(0)?.map(ShootId),
        import: row.get::<_, Option<_>>(1)?.map(ImportId),
        kind: media_kind(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?),
        taken: row.get::<_, String>(3)?.parse().ok(),
        offset_min: row.get(4)?,
        lead: FileId(row.get(5)?),
        name: row.get(6)?,
        format: row.get(7)?,
        orientation: row.get(8)?,
        width: row.get(9)?,
        height: row.get(10)?,
        rating: row.get(11)?,
        label: row.get(12)?,
        flag: row.get(13)?,
        title: row.get(14)?,
        caption: row.get(15)?,
        trash: row.get(16)?,
        preview: Preview::from_columns(row, 17)?,
        keywords,
        fields: state.present(),
    }))
}

/// The ids a query finds, oldest photo first.
pub(super) fn find(db: &Connection, query: &Query) -> Result<Vec<PhotoId>> {
    let found = query.clause(db)?;
    let sql = format!(
        "SELECT p.id FROM photos p WHERE {} ORDER BY p.taken = '', p.taken, p.name, p.id",
        found.sql
    );
    let mut statement = db.prepare_cached(&sql)?;
    let ids =
        statement.query_map(params_from_iter(found.params), |row| Ok(PhotoId(row.get(0)?)))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

impl Catalog {
    /// One photo, in the trash or not.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn photo(&self, id: PhotoId) -> Result<Option<PhotoRow>> {
        self.read(|db| photo(db, id))
    }

    /// The photo meant by an id or the beginning of one.
    ///
    /// # Errors
    /// No photo has it, several have, or it is no id.
    pub fn photo_by_prefix(&self, id: &str) -> Result<PhotoId> {
        let query = Query::parse(&format!("id:{id}"))?;
        let found = self.find(&query)?;
        found
            .first()
            .copied()
            .ok_or_else(|| CatalogError::NotFound { what: "photo", name: id.to_owned() })
    }

    /// The ids a query finds, oldest photo first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn find(&self, query: &Query) -> Result<Vec<PhotoId>> {
        self.read(|db| find(db, query))
    }

    /// How many photos and files a query finds, and their bytes.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn counts(&self, query: &Query) -> Result<Counts> {
        self.read(|db| {
            let found = query.clause(db)?;
            let sql = format!(
                "SELECT count(DISTINCT f.photo), count(*), coalesce(sum(f.bytes), 0)
                 FROM photos p JOIN files f ON f.photo = p.n WHERE {}",
                found.sql
            );
            Ok(db.prepare_cached(&sql)?.query_row(params_from_iter(found.params), |row| {
                Ok(Counts { photos: count(row, 0)?, files: count(row, 1)?, bytes: count(row, 2)? })
            })?)
        })
    }

    /// Photos taken within this second of the camera's clock, those in the trash left out.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn taken_at(&self, second: DateTime) -> Result<Vec<PhotoId>> {
        let text = second.to_string();
        let from = text.split_once('.').map_or(text.as_str(), |(whole, _)| whole).to_owned();
        self.read(|db| {
            // fractions follow a dot, which sorts before the tilde
            let mut statement = db.prepare_cached(
                "SELECT id FROM photos WHERE taken >= ?1 AND taken < ?1 || '~' AND trash = 0
                 ORDER BY taken, name, id",
            )?;
            let ids = statement.query_map([from], |row| Ok(PhotoId(row.get(0)?)))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }

    /// Raw photos taken within this second of the camera's clock whose leading file has this stem, case
    /// aside; those in the trash left out.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn raws_taken_at(&self, second: DateTime, stem: &str) -> Result<Vec<PhotoId>> {
        let text = second.to_string();
        let from = text.split_once('.').map_or(text.as_str(), |(whole, _)| whole).to_owned();
        let named = format!("{}.", stem.to_ascii_lowercase());
        self.read(|db| {
            // thousands may share a second: all but the right ones stay in the database
            let mut statement = db.prepare_cached(
                "SELECT id, name FROM photos WHERE taken >= ?1 AND taken < ?1 || '~' AND trash = 0
                 AND kind = 'raw' AND instr(lower(name), ?2) = 1 ORDER BY taken, name, id",
            )?;
            let rows = statement.query_map([&from, &named], |row| {
                Ok((PhotoId(row.get(0)?), row.get::<_, String>(1)?))
            })?;
            let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
            let is_stem = |name: &str| !name[named.len().min(name.len())..].contains('.');
            Ok(rows.into_iter().filter(|(_, name)| is_stem(name)).map(|(id, _)| id).collect())
        })
    }

    /// Shows a photo by another of its files from now on, described by `meta`. Its previews are to be
    /// made again, here and in the bucket.
    ///
    /// # Errors
    /// There is no such photo, or the database could not be written.
    pub fn show_by(&self, photo: PhotoId, file: FileId, meta: Map<String, Value>) -> Result<()> {
        let not_found = || CatalogError::NotFound { what: "photo", name: photo.to_string() };
        let fields = self.photo(photo)?.ok_or_else(not_found)?.fields;
        let mut change = Change::new(SubjectKind::Photo, photo).set("meta", meta);
        for (field, mut value) in fields {
            let Some(id) = field.strip_prefix("file/") else { continue };
            let leads = id == file.to_string();
            if value.get("lead").is_some_and(|lead| lead == &json!(true)) == leads {
                continue;
            }
            match value.as_object_mut() {
                Some(value) if leads => value.insert("lead".into(), true.into()),
                Some(value) => value.remove("lead"),
                None => continue,
            };
            change = change.set(field, value);
        }
        for field in ["preview", "thumb", "view"] {
            change = change.set(field, Value::Null);
        }
        self.write(&[change])
    }

    /// Photos nobody has tried to make a preview of yet, newest first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn without_preview(&self, limit: usize) -> Result<Vec<PhotoId>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT id FROM photos WHERE preview IS NULL AND trash = 0
                 ORDER BY taken DESC LIMIT ?1",
            )?;
            let ids = statement.query_map([limit_of(limit)], |row| Ok(PhotoId(row.get(0)?)))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }

    /// How many photos have which preview.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn preview_counts(&self) -> Result<PreviewCounts> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT preview, count(*) FROM photos WHERE trash = 0 GROUP BY preview",
            )?;
            let mut counts = PreviewCounts::default();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let word: Option<String> = row.get(0)?;
                let state = word.and_then(|word| PreviewState::from_word(&word));
                *match state {
                    Some(PreviewState::Ready) => &mut counts.ready,
                    Some(PreviewState::Damaged) => &mut counts.damaged,
                    Some(PreviewState::None) => &mut counts.none,
                    None => &mut counts.missing,
                } += count(row, 1)?;
            }
            Ok(counts)
        })
    }

    /// Notes how making a photo's previews went; `width` and `height` are those of the screen preview.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn set_preview(&self, photo: PhotoId, preview: Preview) -> Result<()> {
        let value = preview.state.map_or(Value::Null, |state| {
            json!({"state": state.word(), "width": preview.width, "height": preview.height})
        });
        self.write(&[Change::new(SubjectKind::Photo, photo).set("preview", value)])
    }
}

/// A count from a column; SQLite's are never negative.
pub(super) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(|count| u64::try_from(count).unwrap_or(0))
}

/// A limit as SQLite takes it.
pub(super) fn limit_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::Edit;
    use super::super::fixture::{catalog, exposure, jpeg_of, photo_id, with_photos};
    use super::*;

    #[test]
    fn an_unknown_photo_is_none() {
        assert_eq!(catalog().photo(photo_id(1)).unwrap(), None);
    }

    #[test]
    fn counts_are_of_photos_and_of_all_their_files() {
        let catalog = catalog();
        let mut pair = exposure(1);
        pair.files.push(jpeg_of(1, 101));
        catalog.record_import(&[pair, exposure(2)], &[]).unwrap();
        let all = catalog.counts(&Query::all()).unwrap();
        assert_eq!(all, Counts { photos: 2, files: 3, bytes: 3010 });
        let none = catalog.counts(&Query::parse("iso>=9000").unwrap()).unwrap();
        assert_eq!(none, Counts::default());
    }

    #[test]
    fn previews_are_asked_for_once_newest_first() {
        let catalog = with_photos(3);
        assert_eq!(catalog.without_preview(2).unwrap(), [photo_id(3), photo_id(2)]);
        for state in [PreviewState::Ready, PreviewState::Damaged, PreviewState::None] {
            let preview = Preview { state: Some(state), width: None, height: Some(7) };
            catalog.set_preview(photo_id(3), preview).unwrap();
            assert_eq!(catalog.photo(photo_id(3)).unwrap().unwrap().preview, preview);
            assert_eq!(
                catalog.without_preview(1).unwrap(),
                [photo_id(2)],
                "{state:?} is an answer"
            );
        }
        let counts = PreviewCounts { none: 1, missing: 2, ..PreviewCounts::default() };
        assert_eq!(catalog.preview_counts().unwrap(), counts);
        catalog.set_preview(photo_id(3), Preview::default()).unwrap();
        assert_eq!(catalog.without_preview(1).unwrap(), [photo_id(3)]);
    }

    #[test]
    fn photos_are_found_by_the_second_they_were_taken_in() {
        let catalog = with_photos(3);
        let at = |text: &str| catalog.taken_at(text.parse().unwrap()).unwrap();
        assert_eq!(at("2025-06-02T10:00:00"), [photo_id(2)], "taken half a second later");
        assert_eq!(at("2025-06-02T10:00:00.9"), [photo_id(2)]);
        assert_eq!(at("2025-06-02T10:00:01"), []);
        assert_eq!(at("2025-06-02T09:59:59.999"), []);
    }

    #[test]
    fn a_photo_shown_by_another_file_has_no_preview_until_it_is_made() {
        let catalog = catalog();
        let mut pair = exposure(1);
        pair.files.push(jpeg_of(1, 101));
        catalog.record_import(&[pair], &[]).unwrap();
        let ready = Preview { state: Some(PreviewState::Ready), width: Some(3), height: Some(2) };
        catalog.set_preview(photo_id(1), ready).unwrap();
        let view =
            Change::new(SubjectKind::Photo, photo_id(1)).set("view", json!({"at": ["k", "o"]}));
        catalog.write(&[view]).unwrap();
        let meta = json!({"format": "JPEG", "width": 6}).as_object().unwrap().clone();
        catalog.show_by(photo_id(1), super::super::fixture::file_id(101), meta).unwrap();
        let photo = catalog.photo(photo_id(1)).unwrap().unwrap();
        assert_eq!((photo.name.as_str(), photo.width), ("IMG_0001.JPG", Some(6)));
        assert_eq!(photo.preview, Preview::default());
        assert!(!photo.fields.contains_key("view"), "the bucket gets the new one");
        assert_eq!(catalog.files_of(photo_id(1)).unwrap().iter().filter(|f| f.lead).count(), 1);
    }

    #[test]
    fn a_photo_in_the_trash_is_still_there() {
        let catalog = with_photos(1);
        catalog
            .edit_photos(&[photo_id(1)], &Edit { trash: Some(true), ..Edit::default() })
            .unwrap();
        assert!(catalog.photo(photo_id(1)).unwrap().unwrap().trash);
    }
}
