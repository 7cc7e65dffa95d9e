//! Keywords: the words photos carry, projected from their `kw/..` fields.

use super::database::Catalog;
use super::error::Result;
use super::photos::count;

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
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT min(k.word), count(*) FROM keywords k JOIN photos p ON p.n = k.photo
                 WHERE p.trash = 0 GROUP BY k.folded ORDER BY k.folded",
            )?;
            let words = statement.query_map([], |row| {
                Ok(KeywordRow { word: row.get(0)?, photos: count(row, 1)? })
            })?;
            Ok(words.collect::<Result<_, _>>()?)
        })
    }
}
