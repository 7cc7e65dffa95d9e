//! The full list: one row an exposure, with everything `darkslide list --json` prints.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rusqlite::{Connection, Row, params_from_iter};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::media::{ContentHash, FileId, MediaKind, PhotoId, Role};

use super::database::Catalog;
use super::error::Result;
use super::files::role;
use super::photos::{Preview, PreviewState, count, limit_of, media_kind};
use super::query::{Query, QueryError};
use super::state::State;
use super::subjects;

/// One exposure, with the field names of the command line's JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ListRow {
    pub id: PhotoId,
    /// Absolute where the library's root was given; `None` where this computer has no copy.
    pub path: Option<PathBuf>,
    pub original_name: String,
    pub bytes: u64,
    pub sha256: ContentHash,
    pub format: Option<String>,
    pub kind: MediaKind,
    /// `2026-05-16T14:03:22`, local time, to the second.
    pub captured_at: Option<String>,
    /// `+02:00`.
    pub offset: Option<String>,
    /// The digits of a second behind `captured_at`.
    pub subsec: Option<String>,
    /// What the time was read from: `exif`, `xmp`, `iptc`, `quicktime`, `gps`.
    pub captured_source: Option<String>,
    pub make: Option<String>,
    pub model: Option<String>,
    pub lens: Option<String>,
    /// The camera's serial number.
    pub serial: Option<String>,
    pub iso: Option<u32>,
    pub aperture: Option<f64>,
    /// `1/250`.
    pub shutter: Option<String>,
    pub focal_length: Option<f64>,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub orientation: Option<u8>,
    pub gps: Option<Gps>,
    /// Length of a film or recording.
    pub seconds: Option<f64>,
    /// Links the two parts of a Live Photo.
    pub content_id: Option<String>,
    pub rating: u8,
    pub label: Option<String>,
    pub flag: Option<String>,
    pub title: Option<String>,
    pub caption: Option<String>,
    pub keywords: Vec<String>,
    /// Hierarchical keywords, their levels joined by `|`.
    pub keyword_paths: Vec<String>,
    /// Whose it is and how it may be used: what was set here, else what the file says.
    pub iptc: Map<String, Value>,
    /// What an older sidecar said otherwise than the newest, which was taken.
    pub sidecar_conflicts: Vec<Value>,
    /// The job's code, as its shoot has it.
    pub job: Option<String>,
    /// Names, not ids.
    pub shoot: Option<String>,
    pub client: Option<String>,
    pub copies: Copies,
    pub preview: PreviewInfo,
    pub files: Vec<ListFile>,
}

/// Degrees, north and east positive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Gps {
    pub lat: f64,
    pub lon: f64,
}

/// Where whole copies of the exposure are: a place counts when it has every file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Copies {
    pub library: bool,
    pub mirrors: u32,
    pub cloud: bool,
}

/// The screen preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PreviewInfo {
    pub state: PreviewState,
    pub width: Option<u32>,
    pub height: Option<u32>,
}

/// One file of the exposure; the leading one stands first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ListFile {
    pub id: FileId,
    pub role: Role,
    pub original_name: String,
    pub path: Option<PathBuf>,
    pub bytes: u64,
    pub sha256: ContentHash,
}

/// What a list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Oldest first, then by name; those without a date last.
    #[default]
    CapturedAt,
    Name,
    Rating,
    Imported,
    Size,
}

/// A sort and its direction: `rating`, or `-rating` for the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Order {
    pub sort: Sort,
    pub descending: bool,
}

impl FromStr for Order {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        let (descending, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        let sort = match name {
            "captured_at" => Sort::CapturedAt,
            "name" => Sort::Name,
            "rating" => Sort::Rating,
            "imported" => Sort::Imported,
            "size" => Sort::Size,
            _ => {
                return Err(QueryError(format!(
                    "cannot sort by `{text}`; there are captured_at, name, rating, imported and size, \
                     each with `-` before it for the other way round"
                )));
            }
        };
        Ok(Self { sort, descending })
    }
}

impl Order {
    pub(super) fn sql(self) -> &'static str {
        match (self.sort, self.descending) {
            (Sort::CapturedAt, false) => "p.taken = '', p.taken, p.name, p.id",
            // An unknown time is '', so it comes last here by itself.
            (Sort::CapturedAt, true) => "p.taken DESC, p.name DESC, p.id DESC",
            (Sort::Name, false) => "p.name, p.taken, p.id",
            (Sort::Name, true) => "p.name DESC, p.taken DESC, p.id DESC",
            (Sort::Rating, false) => "p.rating, p.taken, p.name, p.id",
            (Sort::Rating, true) => "p.rating DESC, p.taken, p.name, p.id",
            (Sort::Imported, false) => "p.imported, p.taken, p.name, p.id",
            (Sort::Imported, true) => "p.imported DESC, p.taken, p.name, p.id",
            (Sort::Size, false) => "p.bytes, p.taken, p.name, p.id",
            (Sort::Size, true) => "p.bytes DESC, p.taken, p.name, p.id",
        }
    }
}

/// `2026-05-16T14:03:22.12` to whole seconds; nothing for an unknown time.
pub(super) fn to_seconds(taken: &str) -> Option<String> {
    taken.get(..19).map(ToOwned::to_owned)
}

/// The digits after the seconds.
fn subsec(taken: &str) -> Option<String> {
    taken.get(20..).filter(|digits| !digits.is_empty()).map(ToOwned::to_owned)
}

/// What the columns do not hold: it stands in the photo's own fields.
fn tell(listed: &mut ListRow, state: &State) {
    let empty = Value::Null;
    let meta = state.get("meta").unwrap_or(&empty);
    let text = |name: &str| meta.get(name)?.as_str().map(ToOwned::to_owned);
    listed.captured_source = match state.get("taken_source").and_then(Value::as_str) {
        Some(source) if listed.captured_at.is_some() => Some(source.to_owned()),
        _ => None,
    };
    listed.serial = text("serial");
    listed.content_id = text("content_id");
    listed.seconds = meta.get("seconds").and_then(Value::as_f64);
    for (name, of) in [("creator", "artist"), ("copyright", "copyright")] {
        listed.iptc.extend(text(of).map(|said| (name.to_owned(), said.into())));
    }
    let set = state.under("iptc/").filter(|(_, value)| value.is_string());
    listed.iptc.extend(set.map(|(name, value)| (name.to_owned(), value.clone())));
    let paths = state.under("kwpath/").filter(|(_, set)| *set == &json!(true));
    listed.keyword_paths = paths.map(|(path, _)| path.to_owned()).collect();
    let conflicts = state.get("sidecar_conflict").and_then(Value::as_array);
    listed.sidecar_conflicts = conflicts.cloned().unwrap_or_default();
}

fn offset_text(minutes: i64) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.abs();
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

const COLUMNS: &str = "p.n, p.id, p.lead, p.format, p.kind, p.taken, p.offset_min, p.make, p.model,
    p.lens, p.iso, p.aperture, p.shutter, p.focal_length, p.width, p.height, p.orientation,
    p.lat, p.lon, p.rating, p.label, p.flag, p.title, p.caption, s.name, c.name,
    p.preview, p.preview_width, p.preview_height, p.name, p.bytes";

/// A row without its files, keywords and copies, and its number in the database.
fn list_row(row: &Row<'_>) -> rusqlite::Result<(i64, ListRow)> {
    let gps = match (row.get(17)?, row.get(18)?) {
        (Some(lat), Some(lon)) => Some(Gps { lat, lon }),
        _ => None,
    };
    let preview = Preview::from_columns(row, 26)?;
    let listed = ListRow {
        id: PhotoId(row.get(1)?),
        path: None,
        original_name: row.get(29)?,
        bytes: count(row, 30)?,
        sha256: ContentHash([0; 32]),
        format: row.get(3)?,
        kind: media_kind(row.get_ref(4)?.as_str()?),
        captured_at: to_seconds(row.get_ref(5)?.as_str()?),
        offset: row.get::<_, Option<i64>>(6)?.map(offset_text),
        subsec: subsec(row.get_ref(5)?.as_str()?),
        captured_source: None,
        make: row.get(7)?,
        model: row.get(8)?,
        lens: row.get(9)?,
        serial: None,
        iso: row.get(10)?,
        aperture: row.get(11)?,
        shutter: row.get(12)?,
        focal_length: row.get(13)?,
        width: row.get(14)?,
        height: row.get(15)?,
        orientation: row.get(16)?,
        gps,
        seconds: None,
        content_id: None,
        rating: row.get(19)?,
        label: row.get(20)?,
        flag: row.get(21)?,
        title: row.get(22)?,
        caption: row.get(23)?,
        keywords: Vec::new(),
        keyword_paths: Vec::new(),
        iptc: Map::new(),
        sidecar_conflicts: Vec::new(),
        job: None,
        shoot: row.get(24)?,
        client: row.get(25)?,
        // True until a file without a copy is met.
        copies: Copies { library: true, mirrors: 0, cloud: true },
        preview: PreviewInfo {
            state: preview.state.unwrap_or(PreviewState::None),
            width: preview.width,
            height: preview.height,
        },
        files: Vec::new(),
    };
    Ok((row.get(0)?, listed))
}

/// Rows by their number, in the order they were found.
struct Found {
    rows: Vec<ListRow>,
    places: HashMap<i64, usize>,
    /// The numbers as a JSON array, the one parameter of the queries that fill the rows.
    numbers: String,
}

impl Found {
    fn read(db: &Connection, query: &Query, order: Order, limit: Option<usize>) -> Result<Self> {
        let mut found = query.clause(db)?;
        found.params.push(limit.map_or(-1, limit_of).into());
        let sql = format!(
            "SELECT {COLUMNS} FROM photos p LEFT JOIN shoots s ON s.id = p.shoot
             LEFT JOIN clients c ON c.id = s.client WHERE {} ORDER BY {} LIMIT ?",
            found.sql,
            order.sql()
        );
        let mut statement = db.prepare_cached(&sql)?;
        let numbered = statement
            .query_map(params_from_iter(found.params), list_row)?
            .collect::<Result<Vec<_>, _>>()?;
        let places = numbered.iter().enumerate().map(|(at, (n, _))| (*n, at)).collect();
        let numbers = serde_json::to_string(&numbered.iter().map(|(n, _)| n).collect::<Vec<_>>())?;
        Ok(Self { rows: numbered.into_iter().map(|(_, row)| row).collect(), places, numbers })
    }

    /// Runs a query over the found numbers, whose first column is the number.
    fn fill(
        &mut self,
        db: &Connection,
        sql: &str,
        mut each: impl FnMut(&mut ListRow, &Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<()> {
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query([&self.numbers])?;
        while let Some(row) = rows.next()? {
            if let Some(listed) =
                self.places.get(&row.get(0)?).and_then(|at| self.rows.get_mut(*at))
            {
                each(listed, row)?;
            }
        }
        Ok(())
    }

    fn fill_files(&mut self, db: &Connection, library: Option<&Path>) -> Result<()> {
        let sql = "SELECT f.photo, f.id, f.role, f.name, l.path, f.bytes, f.sha256, f.lead,
                 EXISTS (SELECT 1 FROM cloud_files c WHERE c.file = f.id)
             FROM json_each(?1) j JOIN files f ON f.photo = j.value
             LEFT JOIN local_files l ON l.file = f.id
             ORDER BY f.photo, f.lead DESC, f.name, f.id";
        self.fill(db, sql, |listed, row| {
            let local: Option<String> = row.get(4)?;
            let file = ListFile {
                id: FileId(row.get(1)?),
                role: role(row.get_ref(2)?.as_str()?),
                original_name: String::from_utf8_lossy(row.get_ref(3)?.as_blob()?).into_owned(),
                path: local.map(|path| {
                    library.map_or_else(|| path.clone().into(), |root| root.join(&path))
                }),
                bytes: count(row, 5)?,
                sha256: ContentHash(row.get(6)?),
            };
            listed.copies.library &= file.path.is_some();
            listed.copies.cloud &= row.get::<_, bool>(8)?;
            if row.get(7)? {
                listed.path.clone_from(&file.path);
                listed.sha256 = file.sha256;
            }
            listed.files.push(file);
            Ok(())
        })
    }

    fn fill_mirrors(&mut self, db: &Connection) -> Result<()> {
        // A mirror counts where it has as many of the files as there are.
        let sql = "SELECT photo, count(*) FROM (
                 SELECT f.photo AS photo, m.mirror, count(*) AS copies
                 FROM json_each(?1) j JOIN files f ON f.photo = j.value
                 JOIN mirror_copies m ON m.file = f.id GROUP BY f.photo, m.mirror
             ) c WHERE copies = (SELECT count(*) FROM files a WHERE a.photo = c.photo)
             GROUP BY photo";
        self.fill(db, sql, |listed, row| {
            listed.copies.mirrors = row.get(1)?;
            Ok(())
        })
    }

    fn fill_said(&mut self, db: &Connection) -> Result<()> {
        let sql = "SELECT p.n, u.state, s.state ->> '$.job[0]' FROM json_each(?1) j
             JOIN photos p ON p.n = j.value JOIN subjects u ON u.id = p.id AND u.kind = 'photo'
             LEFT JOIN subjects s ON s.id = p.shoot AND s.kind = 'shoot'";
        let mut broken = None;
        self.fill(db, sql, |listed, row| {
            listed.job = row.get(2)?;
            match subjects::parse(row.get_ref(1)?.as_str()?) {
                Ok(state) => tell(listed, &state),
                Err(error) => broken = Some(error),
            }
            Ok(())
        })?;
        broken.map_or(Ok(()), Err)
    }

    fn fill_keywords(&mut self, db: &Connection) -> Result<()> {
        let sql = "SELECT k.photo, k.word FROM json_each(?1) j JOIN keywords k ON k.photo = j.value
             ORDER BY k.photo, k.folded";
        self.fill(db, sql, |listed, row| {
            listed.keywords.push(row.get(1)?);
            Ok(())
        })
    }
}

impl Catalog {
    /// The photos a query finds, with all that is known of them.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn list(
        &self,
        query: &Query,
        order: Order,
        limit: Option<usize>,
        library: Option<&Path>,
    ) -> Result<Vec<ListRow>> {
        self.read(|db| {
            let mut found = Found::read(db, query, order, limit)?;
            found.fill_files(db, library)?;
            found.fill_mirrors(db)?;
            found.fill_keywords(db)?;
            found.fill_said(db)?;
            Ok(found.rows)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{exposure, in_shoot, jpeg_of, photo_id, with_photos};
    use super::super::{Edit, MirrorCopy, Preview, fixture};
    use super::*;

    fn names(catalog: &Catalog, order: &str) -> Vec<String> {
        let rows = catalog.list(&Query::all(), order.parse().unwrap(), None, None).unwrap();
        rows.into_iter().map(|row| row.original_name).collect()
    }

    #[test]
    fn a_row_is_the_json_the_command_line_promises() {
        let catalog = fixture::catalog();
        let client = catalog.client_named("Smith").unwrap();
        let shoot = catalog.shoot_named("Smith wedding", Some(client)).unwrap();
        let mut pair = in_shoot(exposure(1), shoot);
        pair.meta.insert("gps".into(), json!({"lat": 59.33459, "lon": -18.06324}));
        let mut jpeg = jpeg_of(1, 101);
        jpeg.name = b"caf\xe9.JPG".to_vec();
        pair.files.push(jpeg);
        catalog.record_import(&[pair], &[]).unwrap();
        let edit = Edit {
            rating: Some(4),
            label: Some(Some("red".into())),
            add_keywords: vec!["dance".into(), "Cake".into()],
            ..Edit::default()
        };
        catalog.edit(&Query::all(), &edit).unwrap();
        let ready =
            Preview { state: Some(PreviewState::Ready), width: Some(2048), height: Some(1365) };
        catalog.set_preview(photo_id(1), ready).unwrap();
        let rows =
            catalog.list(&Query::all(), Order::default(), None, Some(Path::new("/lib"))).unwrap();
        let raw = json!({
            "id": "0101010101010101", "role": "raw", "original_name": "IMG_0001.CR3",
            "path": "/lib/Originals/2025/IMG_0001.CR3", "bytes": 1000, "sha256": "01".repeat(32),
        });
        let jpeg = json!({
            "id": "6565656565656565", "role": "image", "original_name": "caf\u{fffd}.JPG",
            "path": "/lib/Originals/2025/IMG_0001.JPG", "bytes": 10, "sha256": "65".repeat(32),
        });
        let mut expected = json!({
            "id": "01".repeat(16), "path": "/lib/Originals/2025/IMG_0001.CR3",
            "original_name": "IMG_0001.CR3", "bytes": 1000, "sha256": "01".repeat(32),
            "format": "CR3", "kind": "raw", "captured_at": "2025-06-01T10:00:00", "offset": "+02:00",
            "make": "Canon", "model": "Canon EOS R6", "lens": "RF85mm F1.2 L USM", "iso": 100,
            "aperture": 2.8, "shutter": "1/250", "focal_length": 85.0, "width": 5472, "height": 3648,
            "orientation": 1, "gps": {"lat": 59.33459, "lon": -18.06324}, "rating": 4, "label": "red",
            "flag": null, "title": null, "caption": null, "keywords": ["Cake", "dance"],
            "shoot": "Smith wedding", "client": "Smith",
            "copies": {"library": true, "mirrors": 0, "cloud": false},
            "preview": {"state": "ready", "width": 2048, "height": 1365}, "files": [raw, jpeg],
        });
        let further = json!({
            "subsec": "5", "captured_source": "exif", "serial": null, "seconds": null,
            "content_id": null, "keyword_paths": [], "iptc": {}, "sidecar_conflicts": [],
            "job": null,
        });
        let further = further.as_object().unwrap().clone();
        expected.as_object_mut().unwrap().extend(further);
        assert_eq!(serde_json::to_value(&rows[0]).unwrap(), expected);
    }

    #[test]
    fn what_is_not_known_is_null() {
        let catalog = fixture::catalog();
        let mut bare = exposure(1);
        (bare.meta, bare.taken) = (Map::new(), None);
        catalog.record_import(&[bare], &[]).unwrap();
        catalog.forget_local(&[FileId([1; 8])]).unwrap();
        let rows =
            catalog.list(&Query::all(), Order::default(), None, Some(Path::new("/lib"))).unwrap();
        let row = serde_json::to_value(&rows[0]).unwrap();
        for field in [
            "path",
            "captured_at",
            "offset",
            "make",
            "lens",
            "iso",
            "gps",
            "width",
            "label",
            "shoot",
            "client",
            "format",
        ] {
            assert!(row[field].is_null(), "{field}: {row}");
        }
        assert_eq!(row["preview"]["state"], "none");
        assert_eq!(row["copies"]["library"], false, "a file that is not there is no copy");
        assert!(row["files"][0]["path"].is_null());
    }

    #[test]
    fn offsets_have_their_sign_and_two_digits() {
        assert_eq!(offset_text(0), "+00:00");
        assert_eq!(offset_text(345), "+05:45");
        assert_eq!(offset_text(-210), "-03:30");
    }

    #[test]
    fn a_copy_counts_where_it_has_every_file() {
        let catalog = fixture::catalog();
        let mut pair = exposure(1);
        pair.files.push(jpeg_of(1, 101));
        let verified_at = pair.files[0].verified_at;
        let copy = |file: &super::super::ImportedFile, mirror: &str| MirrorCopy {
            file: file.file,
            mirror: mirror.into(),
            path: file.path.clone(),
            verified_at,
        };
        pair.files[0].mirrors = vec![copy(&pair.files[0], "nas"), copy(&pair.files[0], "raid")];
        pair.files[1].mirrors = vec![copy(&pair.files[1], "nas")];
        let files = [pair.files[0].file, pair.files[1].file];
        // another photo's files are not counted
        catalog.record_import(&[pair, exposure(2)], &[]).unwrap();
        let copies =
            || catalog.list(&Query::all(), Order::default(), None, None).unwrap()[0].copies;
        assert_eq!(copies(), Copies { library: true, mirrors: 1, cloud: false });
        catalog.set_cloud(&files[..1], verified_at).unwrap();
        assert!(!copies().cloud, "half an exposure in the bucket is not one");
        catalog.set_cloud(&files, verified_at).unwrap();
        assert!(copies().cloud);
    }

    #[test]
    fn every_order_and_its_reverse() {
        let catalog = with_photos(3);
        let mut undated = exposure(4);
        undated.taken = None;
        catalog.record_import(&[undated], &[]).unwrap();
        let stars = |n: u8, rating: u8| {
            let edit = Edit { rating: Some(rating), ..Edit::default() };
            catalog.edit_photos(&[photo_id(n)], &edit).unwrap();
        };
        stars(1, 5);
        stars(2, 1);
        stars(3, 3);
        let order = |text: &str| -> Vec<u8> {
            names(&catalog, text).iter().map(|name| name.as_bytes()[7] - b'0').collect()
        };
        assert_eq!(order("captured_at"), [1, 2, 3, 4], "those without a date come last");
        assert_eq!(order("-captured_at"), [3, 2, 1, 4], "those without a date come last here too");
        assert_eq!(order("name"), [1, 2, 3, 4]);
        assert_eq!(order("-name"), [4, 3, 2, 1]);
        assert_eq!(order("rating"), [4, 2, 3, 1]);
        assert_eq!(order("-rating"), [1, 3, 2, 4]);
        assert_eq!(order("imported"), [1, 2, 3, 4]);
        assert_eq!(order("-size"), [4, 3, 2, 1]);
        let refused = "colour".parse::<Order>().unwrap_err();
        assert!(refused.to_string().contains("captured_at, name, rating"), "{refused}");
    }

    #[test]
    fn photos_of_one_second_are_listed_by_name() {
        let catalog = fixture::catalog();
        let mut burst = [exposure(3), exposure(2), exposure(1)];
        burst.iter_mut().for_each(|shot| shot.taken = exposure(9).taken);
        catalog.record_import(&burst, &[]).unwrap();
        assert_eq!(
            names(&catalog, "captured_at"),
            ["IMG_0001.CR3", "IMG_0002.CR3", "IMG_0003.CR3"]
        );
    }

    #[test]
    fn the_limit_is_kept() {
        let catalog = with_photos(3);
        let rows = catalog.list(&Query::all(), Order::default(), Some(2), None).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1].files.len(), 1, "limited rows are whole");
    }
}
