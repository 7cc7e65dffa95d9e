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

#[cfg(test)]
mod tests {
    use super::super::fixture::{photo_id, with_photos};
    use super::super::{Edit, Query};
    use super::*;

    #[test]
    fn words_are_counted_without_the_trash() {
        let catalog = with_photos(3);
        let add = |words: &[&str]| Edit {
            add_keywords: words.iter().map(ToString::to_string).collect(),
            ..Edit::default()
        };
        catalog.edit(&Query::all(), &add(&["dance"])).unwrap();
        catalog.edit_photos(&[photo_id(1)], &add(&["Cake"])).unwrap();
        catalog
            .edit_photos(&[photo_id(3)], &Edit { trash: Some(true), ..Edit::default() })
            .unwrap();
        let row = |word: &str, photos| KeywordRow { word: word.into(), photos };
        assert_eq!(catalog.keywords().unwrap(), [row("Cake", 1), row("dance", 2)]);
    }
}
