//! The full list: one row an exposure, with everything `darkslide list --json` prints.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::media::{ContentHash, FileId, MediaKind, PhotoId, Role};

use super::database::Catalog;
use super::error::Result;
use super::photos::PreviewState;
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
    /// Everything else the metadata says (serial, copyright, ..).
    pub meta: Map<String, Value>,
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

    fn from_str(_text: &str) -> Result<Self, QueryError> {
        unimplemented!()
    }
}

impl Catalog {
    /// The photos a query finds, with all that is known of them.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn list(
        &self,
        _query: &Query,
        _order: Order,
        _limit: Option<usize>,
        _library: Option<&Path>,
    ) -> Result<Vec<ListRow>> {
        unimplemented!()
    }
}
