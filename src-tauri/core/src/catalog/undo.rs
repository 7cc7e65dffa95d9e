//! Things a person does to photos and albums, each with what takes it back.
//!
//! Taking back is one more edit: the values that were replaced are set again, newer than what they
//! replace, so that it travels to other computers like everything else. An album that was not there
//! before goes to the trash.

use serde_json::Value;

use crate::media::{AlbumId, PhotoId, SubjectKind};

use super::albums;
use super::database::Catalog;
use super::edit::{self, Edit};
use super::error::Result;
use super::row::{Change, Fields};
use super::state::State;

/// One thing a person does.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    Edit { photos: Vec<PhotoId>, edit: Box<Edit> },
    CreateAlbum { name: String, photos: Vec<PhotoId> },
    AddToAlbum { album: AlbumId, photos: Vec<PhotoId> },
    RemoveFromAlbum { album: AlbumId, photos: Vec<PhotoId> },
    RenameAlbum { album: AlbumId, name: String },
    TrashAlbum { album: AlbumId },
}

/// What it did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Acted {
    /// Photos that are otherwise than before, or 1 for an album.
    pub changed: u64,
    /// What takes it back; empty where nothing changed.
    pub back: Vec<Change>,
}

/// The change that sets again what `change` is about to replace.
pub(super) fn taking_back(change: &Change, known: Option<&State>) -> Change {
    let Change { kind, subject, fields } = change;
    let fields = match known {
        Some(state) => fields
            .keys()
            .map(|field| (field.clone(), state.get(field).cloned().unwrap_or(Value::Null)))
            .collect(),
        None => Fields::from([("trash".to_owned(), Value::Bool(true))]),
    };
    Change { kind: *kind, subject: *subject, fields }
}

impl Catalog {
    /// Does it, and says what would take it back.
    ///
    /// # Errors
    /// A value is out of range, a name is empty or taken, there is no such album, or the database
    /// could not be written: nothing has changed then.
    pub fn act(&self, act: &Act) -> Result<Acted> {
        self.transact(|writing| {
            writing.back = Some(Vec::new());
            let changed = match act {
                Act::Edit { photos, edit } => edit::edit_these(writing, photos, edit)?.changed,
                Act::CreateAlbum { name, photos } => {
                    let album = albums::create(writing, name)?;
                    // Gone with the album: its photos need no taking out.
                    let made = writing.back.take();
                    albums::add(writing, album, photos)?;
                    writing.back = made;
                    1
                }
                Act::AddToAlbum { album, photos } => albums::add(writing, *album, photos)?,
                Act::RemoveFromAlbum { album, photos } => albums::remove(writing, *album, photos)?,
                Act::RenameAlbum { album, name } => {
                    albums::rename(writing, *album, name).map(|()| 1)?
                }
                Act::TrashAlbum { album } => {
                    albums::trash_one(writing, *album, true).map(|()| 1)?
                }
            };
            Ok(Acted { changed, back: writing.back.take().unwrap_or_default() })
        })
    }

    /// Sets back what an act replaced, and says what would do the act again.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn take_back(&self, back: &[Change]) -> Result<Vec<Change>> {
        self.transact(|writing| {
            writing.back = Some(Vec::new());
            // The last one first: a subject changed twice ends as it was in the beginning.
            back.iter().rev().try_for_each(|change| writing.change(change))?;
            Ok(writing.back.take().unwrap_or_default())
        })
    }
}

/// The photos among these changes.
#[must_use]
pub fn photos_in(changes: &[Change]) -> Vec<PhotoId> {
    changes
        .iter()
        .filter(|change| change.kind == SubjectKind::Photo)
        .map(|change| PhotoId(change.subject.0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{found, photo_id, with_photos};
    use super::super::{Flag, Query};
    use super::*;

    fn ids(numbers: &[u8]) -> Vec<PhotoId> {
        numbers.iter().map(|n| photo_id(*n)).collect()
    }

    fn edit(photos: &[u8], edit: Edit) -> Act {
        Act::Edit { photos: ids(photos), edit: Box::new(edit) }
    }

    #[test]
    fn what_is_taken_back_is_as_it_was_and_can_be_done_again() {
        let catalog = with_photos(3);
        let stars = |n| Edit { rating: Some(n), ..Edit::default() };
        catalog.act(&edit(&[1], stars(2))).unwrap();
        let before: Vec<_> = (1..=3).map(|n| catalog.photo(photo_id(n)).unwrap()).collect();
        let all = Edit {
            rating: Some(5),
            label: Some(Some("red".into())),
            flag: Some(Some(Flag::Pick)),
            caption: Some(Some("First dance".into())),
            add_keywords: vec!["dance".into()],
            trash: Some(true),
            ..Edit::default()
        };
        let did = catalog.act(&edit(&[1, 2], all)).unwrap();
        assert_eq!((did.changed, photos_in(&did.back)), (2, ids(&[1, 2])));
        assert_eq!(found(&catalog, ""), [3]);
        let again = catalog.take_back(&did.back).unwrap();
        let after: Vec<_> = (1..=3).map(|n| catalog.photo(photo_id(n)).unwrap()).collect();
        assert_eq!(before, after, "stars, label, flag, words and place are those from before");
        assert!(catalog.keywords().unwrap().is_empty());
        let back = catalog.take_back(&again).unwrap();
        assert_eq!(found(&catalog, "status:trash rating:5 keyword:dance"), [1, 2]);
        catalog.take_back(&back).unwrap();
        assert_eq!(found(&catalog, "rating:2"), [1]);
    }

    #[test]
    fn an_edit_that_changes_nothing_has_nothing_to_take_back() {
        let catalog = with_photos(1);
        let did = catalog.act(&edit(&[1], Edit { rating: Some(0), ..Edit::default() })).unwrap();
        assert_eq!(did, Acted::default());
    }

    #[test]
    fn albums_come_and_go_and_come_back() {
        let catalog = with_photos(4);
        let names = || -> Vec<(String, u64)> {
            catalog.albums().unwrap().into_iter().map(|row| (row.name, row.photos)).collect()
        };
        let act = Act::CreateAlbum { name: "Best".into(), photos: ids(&[1, 2]) };
        let made = catalog.act(&act).unwrap();
        assert_eq!(names(), [("Best".to_owned(), 2)]);
        let again = catalog.take_back(&made.back).unwrap();
        assert!(names().is_empty(), "an album that was just made goes");
        catalog.take_back(&again).unwrap();
        assert_eq!(names(), [("Best".to_owned(), 2)], "and comes back with its photos");

        let album = catalog.albums().unwrap()[0].id;
        let add = Act::AddToAlbum { album, photos: ids(&[2, 3, 4]) };
        let added = catalog.act(&add).unwrap();
        assert_eq!(added.changed, 2);
        let remove = Act::RemoveFromAlbum { album, photos: ids(&[1]) };
        let removed = catalog.act(&remove).unwrap();
        let renamed = catalog.act(&Act::RenameAlbum { album, name: "Top".into() }).unwrap();
        let gone = catalog.act(&Act::TrashAlbum { album }).unwrap();
        assert!(names().is_empty());
        for step in [gone, renamed, removed, added] {
            catalog.take_back(&step.back).unwrap();
        }
        assert_eq!(names(), [("Best".to_owned(), 2)]);
        assert_eq!(catalog.find(&Query::parse("album:Best").unwrap()).unwrap(), ids(&[1, 2]));
    }
}
