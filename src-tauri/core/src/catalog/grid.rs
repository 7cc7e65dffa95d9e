//! The window's grid: month counts first, then light rows a page at a time.

use rusqlite::{Row, params_from_iter};
use serde::{Deserialize, Serialize};

use crate::media::{MediaKind, PhotoId};

use super::database::Catalog;
use super::error::Result;
use super::list::{Order, Sort, to_seconds};
use super::photos::{Preview, count, limit_of, media_kind};
use super::query::Query;

/// How many photos were taken in a month; `month` is `None` where no date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MonthCount {
    pub month: Option<(i16, i8)>,
    pub count: u64,
}

/// What one square of the grid needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GridRow {
    pub id: PhotoId,
    pub name: String,
    /// `2026-05-16T14:03:22`, local time.
    pub taken: Option<String>,
    pub kind: MediaKind,
    pub format: Option<String>,
    pub rating: u8,
    pub label: Option<String>,
    pub flag: Option<String>,
    pub preview: Preview,
    /// The picture's own upright size, for the layout before a preview is there.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// How many files the exposure has: above 1 it wears the badge.
    pub files: u32,
    /// A raw file and a picture of the same exposure.
    pub pair: bool,
    pub library: bool,
    /// Mirrors that have every file.
    pub mirrors: u32,
    pub cloud: bool,
    /// Where the next page starts.
    pub key: GridKey,
}

/// A place in the grid's order. Opaque to callers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GridKey {
    pub(super) at: String,
    pub(super) name: String,
    pub(super) id: PhotoId,
}

/// Where a page starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// After this many rows.
    Offset(u64),
    /// After the row with this key.
    After(GridKey),
}

const COLUMNS: &str = "p.id, p.name, p.taken, p.kind, p.format, p.rating, p.label, p.flag,
    p.preview, p.preview_width, p.preview_height, p.width, p.height,
    (SELECT count(*) FROM files f WHERE f.photo = p.n),
    p.missing = 0, p.not_in_cloud = 0,
    p.kind = 'raw' AND EXISTS (SELECT 1 FROM files f WHERE f.photo = p.n AND f.role = 'image'),
    (SELECT count(*) FROM (
        SELECT 1 FROM files f JOIN mirror_copies m ON m.file = f.id WHERE f.photo = p.n
        GROUP BY m.mirror HAVING count(*) = (SELECT count(*) FROM files a WHERE a.photo = p.n)))";

const NEWEST_FIRST: Order = Order { sort: Sort::CapturedAt, descending: true };

fn grid_row(row: &Row<'_>) -> rusqlite::Result<GridRow> {
    let (id, name, at) = (PhotoId(row.get(0)?), row.get::<_, String>(1)?, row.get::<_, String>(2)?);
    Ok(GridRow {
        id,
        name: name.clone(),
        taken: to_seconds(&at),
        kind: media_kind(row.get_ref(3)?.as_str()?),
        format: row.get(4)?,
        rating: row.get(5)?,
        label: row.get(6)?,
        flag: row.get(7)?,
        preview: Preview::from_columns(row, 8)?,
        width: row.get(11)?,
        height: row.get(12)?,
        files: row.get(13)?,
        library: row.get(14)?,
        cloud: row.get(15)?,
        pair: row.get(16)?,
        mirrors: row.get(17)?,
        key: GridKey { at, name, id },
    })
}

impl Catalog {
    /// The months of the photos a query finds, newest first, those without a date last.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn months(&self, query: &Query) -> Result<Vec<MonthCount>> {
        self.read(|db| {
            let found = query.clause(db)?;
            // Where rows have to be looked at, the index of months would fetch them one by one:
            // the plus keeps it out.
            let month = if query.is_all() { "p.month" } else { "+p.month" };
            let sql = format!(
                "SELECT p.month, count(*) FROM photos p WHERE {} GROUP BY {month}
                 ORDER BY {month} DESC",
                found.sql
            );
            let mut statement = db.prepare_cached(&sql)?;
            let months = statement.query_map(params_from_iter(found.params), |row| {
                let month: i32 = row.get(0)?;
                // Years are 1 to 9999, so both halves fit.
                let split = |month: i32| Some(((month / 12) as i16, (month % 12 + 1) as i8));
                let month = if month == 0 { None } else { split(month) };
                Ok(MonthCount { month, count: count(row, 1)? })
            })?;
            Ok(months.collect::<Result<_, _>>()?)
        })
    }

    /// One page of the grid, newest photo first, those without a date last.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn page(&self, query: &Query, start: &Start, limit: usize) -> Result<Vec<GridRow>> {
        self.page_in(query, NEWEST_FIRST, start, limit)
    }

    /// One page in another order, after so many rows: keys are places in the usual order only.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn sorted_page(
        &self,
        query: &Query,
        order: Order,
        after: u64,
        limit: usize,
    ) -> Result<Vec<GridRow>> {
        self.page_in(query, order, &Start::Offset(after), limit)
    }

    /// How many photos of a query stand before this one; `None` where it is not among them. Without
    /// an order in the usual one.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn place(&self, query: &Query, order: Option<Order>, id: PhotoId) -> Result<Option<u64>> {
        let order = order.unwrap_or(NEWEST_FIRST).sql();
        self.read(|db| {
            let mut found = query.clause(db)?;
            found.params.push(id.0.to_vec().into());
            let sql = format!(
                "SELECT before FROM (
                     SELECT p.id, row_number() OVER (ORDER BY {order}) - 1 AS before
                     FROM photos p WHERE {}
                 ) WHERE id = ?",
                found.sql
            );
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query(params_from_iter(found.params))?;
            Ok(rows.next()?.map(|row| count(row, 0)).transpose()?)
        })
    }

    fn page_in(
        &self,
        query: &Query,
        order: Order,
        start: &Start,
        limit: usize,
    ) -> Result<Vec<GridRow>> {
        let order = order.sql();
        self.read(|db| {
            let mut found = query.clause(db)?;
            let offset = match start {
                Start::Offset(rows) => i64::try_from(*rows).unwrap_or(i64::MAX),
                Start::After(key) => {
                    found.sql.push_str(" AND (p.taken, p.name, p.id) < (?, ?, ?)");
                    let id = key.id.0.to_vec();
                    found.params.extend([
                        key.at.clone().into(),
                        key.name.clone().into(),
                        id.into(),
                    ]);
                    0
                }
            };
            found.params.extend([limit_of(limit).into(), offset.into()]);
            // The page is cut first, so that the badges are worked out for its rows only.
            let sql = format!(
                "SELECT {COLUMNS} FROM photos p WHERE p.n IN (
                     SELECT p.n FROM photos p WHERE {} ORDER BY {order} LIMIT ? OFFSET ?
                 ) ORDER BY {order}",
                found.sql
            );
            let mut statement = db.prepare_cached(&sql)?;
            let rows = statement.query_map(params_from_iter(found.params), grid_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Edit;
    use super::super::fixture::{catalog, exposure, file_id, jpeg_of, photo_id, with_photos};
    use super::*;

    fn shots(catalog: &Catalog, start: &Start, limit: usize) -> Vec<u8> {
        catalog.page(&Query::all(), start, limit).unwrap().iter().map(|row| row.id.0[0]).collect()
    }

    #[test]
    fn months_are_counted_newest_first_those_without_a_date_last() {
        let catalog = with_photos(2);
        let mut december = exposure(3);
        december.taken.as_mut().unwrap().local = "2024-12-31T23:59:59".parse().unwrap();
        let mut undated = exposure(4);
        undated.taken = None;
        let mut trashed = exposure(5);
        trashed.more.insert("trash".into(), true.into());
        catalog.record_import(&[december, undated, trashed], &[]).unwrap();
        let months = catalog.months(&Query::all()).unwrap();
        assert_eq!(
            months,
            [
                MonthCount { month: Some((2025, 6)), count: 2 },
                MonthCount { month: Some((2024, 12)), count: 1 },
                MonthCount { month: None, count: 1 },
            ]
        );
        let filtered = catalog.months(&Query::parse("iso>=300").unwrap()).unwrap();
        assert_eq!(filtered.iter().map(|month| month.count).sum::<u64>(), 2);
    }

    #[test]
    fn pages_by_key_give_every_photo_once_in_order() {
        let catalog = with_photos(7);
        let mut burst: Vec<_> = (8..=12).map(exposure).collect();
        burst.iter_mut().for_each(|shot| shot.taken = exposure(3).taken);
        catalog.record_import(&burst, &[]).unwrap();
        let whole = shots(&catalog, &Start::Offset(0), 100);
        assert_eq!(whole, [7, 6, 5, 4, 12, 11, 10, 9, 8, 3, 2, 1]);
        for size in 1..=5 {
            let mut start = Start::Offset(0);
            let mut seen = Vec::new();
            loop {
                let page = catalog.page(&Query::all(), &start, size).unwrap();
                let Some(last) = page.last() else { break };
                start = Start::After(last.key.clone());
                seen.extend(page.iter().map(|row| row.id.0[0]));
            }
            assert_eq!(seen, whole, "pages of {size}");
        }
        assert_eq!(shots(&catalog, &Start::Offset(4), 2), [12, 11]);
    }

    #[test]
    fn a_page_in_any_order_gives_every_photo_once() {
        let catalog = with_photos(7);
        catalog.edit_photos(&[photo_id(3)], &Edit { rating: Some(5), ..Edit::default() }).unwrap();
        for (order, first) in [("captured_at", 1), ("-captured_at", 7), ("-rating", 3), ("name", 1)]
        {
            let page = |after| {
                let order = order.parse().unwrap();
                let rows = catalog.sorted_page(&Query::all(), order, after, 3).unwrap();
                rows.iter().map(|row| row.id.0[0]).collect::<Vec<_>>()
            };
            let mut seen: Vec<u8> = [0, 3, 6].into_iter().flat_map(page).collect();
            assert_eq!(seen[0], first, "{order}");
            seen.sort_unstable();
            assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7], "{order}");
        }
    }

    #[test]
    fn the_place_of_a_photo_is_its_row_in_any_order() {
        let catalog = with_photos(7);
        catalog.edit_photos(&[photo_id(3)], &Edit { rating: Some(5), ..Edit::default() }).unwrap();
        catalog
            .edit_photos(&[photo_id(5)], &Edit { trash: Some(true), ..Edit::default() })
            .unwrap();
        for order in [None, Some("captured_at"), Some("-rating"), Some("name")] {
            let order: Option<Order> = order.map(|order| order.parse().unwrap());
            let rows = match order {
                Some(order) => catalog.sorted_page(&Query::all(), order, 0, 9).unwrap(),
                None => catalog.page(&Query::all(), &Start::Offset(0), 9).unwrap(),
            };
            for (n, row) in rows.iter().enumerate() {
                let place = catalog.place(&Query::all(), order, row.id).unwrap();
                assert_eq!(place, Some(n as u64), "{order:?}");
            }
            assert_eq!(catalog.place(&Query::all(), order, photo_id(5)).unwrap(), None);
        }
    }

    #[test]
    fn a_square_knows_what_it_wears() {
        let catalog = catalog();
        let mut pair = exposure(1);
        pair.files.push(jpeg_of(1, 101));
        catalog.record_import(&[pair], &[]).unwrap();
        let edit = Edit { rating: Some(5), label: Some(Some("blue".into())), ..Edit::default() };
        catalog.edit_photos(&[photo_id(1)], &edit).unwrap();
        let square = || catalog.page(&Query::all(), &Start::Offset(0), 1).unwrap().remove(0);
        let row = square();
        assert_eq!((row.files, row.library, row.cloud), (2, true, false));
        assert_eq!((row.pair, row.mirrors), (true, 0));
        assert_eq!((row.rating, row.label.as_deref()), (5, Some("blue")));
        assert_eq!(row.taken.as_deref(), Some("2025-06-01T10:00:00"));
        assert_eq!((row.width, row.height), (Some(5472), Some(3648)));
        catalog.forget_local(&[file_id(101)]).unwrap();
        assert!(!square().library, "a shield needs every file");
    }
}
