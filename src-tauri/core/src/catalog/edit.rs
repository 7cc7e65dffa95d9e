//! Edits of photos: stars, labels, flags, words, trash.

use crate::media::{PhotoId, ShootId};

use super::database::Catalog;
use super::error::Result;
use super::query::Query;

/// What to change; `None` leaves as it is, `Some(None)` clears.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edit {
    /// 0 to 5; 0 is no rating.
    pub rating: Option<u8>,
    pub label: Option<Option<String>>,
    pub flag: Option<Option<Flag>>,
    pub title: Option<Option<String>>,
    pub caption: Option<Option<String>>,
    pub add_keywords: Vec<String>,
    pub remove_keywords: Vec<String>,
    pub shoot: Option<Option<ShootId>>,
    pub trash: Option<bool>,
}

/// Picked or rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    Pick,
    Reject,
}

/// What an edit met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Edited {
    /// Photos the query found.
    pub photos: u64,
    /// Photos that were not so already.
    pub changed: u64,
}

impl Catalog {
    /// Edits every photo a query finds.
    ///
    /// # Errors
    /// A value is out of range, or the database could not be written.
    pub fn edit(&self, _query: &Query, _edit: &Edit) -> Result<Edited> {
        unimplemented!()
    }

    /// Edits these photos; ids that are not in the catalogue are passed over.
    ///
    /// # Errors
    /// A value is out of range, or the database could not be written.
    pub fn edit_photos(&self, _photos: &[PhotoId], _edit: &Edit) -> Result<Edited> {
        unimplemented!()
    }
}
