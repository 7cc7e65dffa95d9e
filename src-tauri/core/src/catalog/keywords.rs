//! Keywords: the words photos carry, projected from their `kw/..` fields.

use super::database::Catalog;
use super::error::Result;

/// A word and how many photos carry it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KeywordRow {
    pub word: String,
    pub photos: u64,
}

impl Catalog {
    /// All words in use, in alphabetical order; photos in the trash are not counted.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn keywords(&self) -> Result<Vec<KeywordRow>> {
        unimplemented!()
    }
}
