//! The window's grid: month counts first, then light rows a page at a time.

use serde::{Deserialize, Serialize};

use crate::media::{MediaKind, PhotoId};

use super::database::Catalog;
use super::error::Result;
use super::photos::Preview;
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
    pub library: bool,
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

impl Catalog {
    /// The months of the photos a query finds, newest first, those without a date last.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn months(&self, _query: &Query) -> Result<Vec<MonthCount>> {
        unimplemented!()
    }

    /// One page of the grid, newest photo first, those without a date last.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn page(&self, _query: &Query, _start: &Start, _limit: usize) -> Result<Vec<GridRow>> {
        unimplemented!()
    }
}
