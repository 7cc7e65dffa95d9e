//! What there is to choose from when photos are filtered: cameras, lenses, keywords, years.

use rusqlite::Connection;
use serde::Serialize;

use super::database::Catalog;
use super::error::Result;
use super::photos::count;

/// A choice, and how many photos it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facet {
    pub word: String,
    pub photos: u64,
}

/// All choices; photos in the trash are not counted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Facets {
    pub cameras: Vec<Facet>,
    pub lenses: Vec<Facet>,
    pub keywords: Vec<Facet>,
    pub labels: Vec<Facet>,
    /// Newest first.
    pub years: Vec<Facet>,
}

/// More of a kind than this is searched by typing.
const MOST: u32 = 60;

fn facets(db: &Connection, sql: &str) -> Result<Vec<Facet>> {
    let mut statement = db.prepare_cached(&format!("{sql} LIMIT {MOST}"))?;
    let rows =
        statement.query_map([], |row| Ok(Facet { word: row.get(0)?, photos: count(row, 1)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl Catalog {
    /// What there is to choose from, what has the most photos first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn facets(&self) -> Result<Facets> {
        self.read(|db| {
            Ok(Facets {
                cameras: facets(
                    db,
                    "SELECT min(model), count(*) AS n FROM photos
                     WHERE trash = 0 AND model IS NOT NULL GROUP BY camera ORDER BY n DESC, camera",
                )?,
                lenses: facets(
                    db,
                    "SELECT min(lens), count(*) AS n FROM photos
                     WHERE trash = 0 AND lens IS NOT NULL GROUP BY lens_folded
                     ORDER BY n DESC, lens_folded",
                )?,
                keywords: facets(
                    db,
                    "SELECT min(k.word), count(*) AS n FROM keywords k
                     JOIN photos p ON p.n = k.photo WHERE p.trash = 0
                     GROUP BY k.folded ORDER BY n DESC, k.folded",
                )?,
                labels: facets(
                    db,
                    "SELECT min(label), count(*) AS n FROM photos
                     WHERE trash = 0 AND label_folded IS NOT NULL GROUP BY label_folded
                     ORDER BY n DESC, label_folded",
                )?,
                years: facets(
                    db,
                    "SELECT CAST(month / 12 AS TEXT), count(*) FROM photos
                     WHERE trash = 0 AND month > 0 GROUP BY month / 12 ORDER BY month / 12 DESC",
                )?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Edit;
    use super::super::fixture::{photo_id, with_photos};
    use super::*;

    #[test]
    fn choices_are_counted_and_the_trash_is_not() {
        let catalog = with_photos(3);
        let edit = Edit {
            add_keywords: vec!["dance".into()],
            label: Some(Some("red".into())),
            ..Edit::default()
        };
        catalog.edit_photos(&[photo_id(1), photo_id(2)], &edit).unwrap();
        catalog
            .edit_photos(&[photo_id(2)], &Edit { trash: Some(true), ..Edit::default() })
            .unwrap();
        let facet = |word: &str, photos| vec![Facet { word: word.into(), photos }];
        assert_eq!(
            catalog.facets().unwrap(),
            Facets {
                cameras: facet("Canon EOS R6", 2),
                lenses: facet("RF85mm F1.2 L USM", 2),
                keywords: facet("dance", 1),
                labels: facet("red", 1),
                years: facet("2025", 2),
            }
        );
    }
}
