//! Photos: one row an exposure, projected from its subject.

use jiff::civil::DateTime;
use serde::Serialize;

use crate::media::{FileId, ImportId, MediaKind, PhotoId, ShootId};

use super::database::Catalog;
use super::error::Result;
use super::query::Query;
use super::row::Fields;

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

/// How much a query finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    pub photos: u64,
    pub files: u64,
    pub bytes: u64,
}

impl Catalog {
    /// One photo, in the trash or not.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn photo(&self, _id: PhotoId) -> Result<Option<PhotoRow>> {
        unimplemented!()
    }

    /// The ids a query finds, oldest photo first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn find(&self, _query: &Query) -> Result<Vec<PhotoId>> {
        unimplemented!()
    }

    /// How many photos and files a query finds, and their bytes.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn counts(&self, _query: &Query) -> Result<Counts> {
        unimplemented!()
    }

    /// Photos nobody has tried to make a preview of yet, newest first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn without_preview(&self, _limit: usize) -> Result<Vec<PhotoId>> {
        unimplemented!()
    }

    /// Notes how making a photo's previews went; `width` and `height` are those of the screen preview.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn set_preview(&self, _photo: PhotoId, _preview: Preview) -> Result<()> {
        unimplemented!()
    }
}
