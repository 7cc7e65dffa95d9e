//! The full list: one row an exposure, with everything `darkslide list --json` prints.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rusqlite::{Connection, Row, params_from_iter};
use serde::Serialize;

use crate::media::{ContentHash, FileId, MediaKind, PhotoId, Role};

use super::database::Catalog;
use super::error::Result;
use super::files::role;
use super::photos::{Preview, PreviewState, count, limit_of, media_kind};
use super::query::{Query, QueryError};

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
    pub make: Option<String>,
    pub model: Option<String>,
    pub lens: Option<String>,
    pub iso: Option<u32>,
    pub aperture: Option<f64>,
    /// `1/250`.
    pub shutter: Option<String>,
    pub focal_length: Option<f64>,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub orientation: Option<u8>,
    pub gps: Option<Gps>,
    pub rating: u8,
    pub label: Option<String>,
    pub flag: Option<String>,
    pub title: Option<String>,
    pub caption: Option<String>,
    pub keywords: Vec<String>,
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
    fn sql(self) -> &'static str {
        match (self.sort, self.descending) {
            (Sort::CapturedAt, false) => "p.taken = '', p.taken, p.name, p.id",
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
        make: row.get(7)?,
        model: row.get(8)?,
        lens: row.get(9)?,
        iso: row.get(10)?,
        aperture: row.get(11)?,
        shutter: row.get(12)?,
        focal_length: row.get(13)?,
        width: row.get(14)?,
        height: row.get(15)?,
        orientation: row.get(16)?,
        gps,
        rating: row.get(19)?,
        label: row.get(20)?,
        flag: row.get(21)?,
        title: row.get(22)?,
        caption: row.get(23)?,
        keywords: Vec::new(),
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
             ) WHERE copies = (SELECT count(*) FROM files a WHERE a.photo = photo)
             GROUP BY photo";
        self.fill(db, sql, |listed, row| {
            listed.copies.mirrors = row.get(1)?;
            Ok(())
        })
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
            Ok(found.rows)
        })
    }
}
