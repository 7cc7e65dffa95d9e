//! What a person does by hand while looking at photos, and taking it back.
//!
//! Whatever was done in this session can be taken back, the last thing first, and done again until
//! something new is done. The history lives as long as the vault is open.

use serde::Serialize;

use super::Vault;
use crate::catalog::{Act, Change, Edit, Facets, GridRow, ListRow, Order, Place, Query, photos_in};
use crate::error::Result;
use crate::media::{AlbumId, PhotoId, PreviewSize};
use crate::previews::{self, Histogram};
use crate::share::ShareInfo;

/// How much is remembered: so many things, of so many changes together.
const MOST_STEPS: usize = 500;
const MOST_CHANGES: usize = 250_000;

/// What kind of thing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    Rated,
    Labelled,
    Flagged,
    Described,
    Keyworded,
    Trashed,
    PutBack,
    Edited,
    AlbumMade,
    AlbumFilled,
    AlbumTaken,
    AlbumRenamed,
    AlbumTrashed,
}

impl Deed {
    fn of(act: &Act) -> Self {
        let edit = match act {
            Act::CreateAlbum { .. } => return Self::AlbumMade,
            Act::AddToAlbum { .. } => return Self::AlbumFilled,
            Act::RemoveFromAlbum { .. } => return Self::AlbumTaken,
            Act::RenameAlbum { .. } => return Self::AlbumRenamed,
            Act::TrashAlbum { .. } => return Self::AlbumTrashed,
            Act::Edit { edit, .. } => edit,
        };
        match &**edit {
            Edit { rating: Some(_), .. } => Self::Rated,
            Edit { label: Some(_), .. } => Self::Labelled,
            Edit { flag: Some(_), .. } => Self::Flagged,
            Edit { trash: Some(true), .. } => Self::Trashed,
            Edit { trash: Some(false), .. } => Self::PutBack,
            Edit { title: Some(_), .. } | Edit { caption: Some(_), .. } => Self::Described,
            edit if !edit.add_keywords.is_empty() || !edit.remove_keywords.is_empty() => {
                Self::Keyworded
            }
            _ => Self::Edited,
        }
    }
}

/// What was taken back, or done again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undone {
    pub deed: Deed,
    pub photos: Vec<PhotoId>,
}

#[derive(Debug)]
struct Step {
    deed: Deed,
    back: Vec<Change>,
}

/// What was done, and what was taken back.
#[derive(Debug, Default)]
pub(super) struct History {
    done: Vec<Step>,
    undone: Vec<Step>,
}

impl History {
    fn did(&mut self, deed: Deed, back: Vec<Change>) {
        self.undone.clear();
        self.done.push(Step { deed, back });
        let mut changes = 0;
        let kept = self.done.iter().rev().take(MOST_STEPS).take_while(|step| {
            changes += step.back.len();
            changes <= MOST_CHANGES
        });
        let forgotten = self.done.len() - kept.count();
        self.done.drain(..forgotten);
    }
}

/// All that is known of one photo.
#[derive(Debug, Clone, Serialize)]
pub struct Details {
    pub row: ListRow,
    pub places: Vec<Place>,
    pub albums: Vec<String>,
    /// Links to albums it is in.
    pub shares: Vec<ShareInfo>,
}

impl Vault {
    /// Does something to photos or albums; returns how many are otherwise than before.
    ///
    /// # Errors
    /// As the catalogue's; nothing has changed then.
    pub fn act(&self, act: &Act) -> Result<u64> {
        let mut history = lock(&self.history);
        let acted = self.catalog.act(act)?;
        if !acted.back.is_empty() {
            history.did(Deed::of(act), acted.back);
        }
        Ok(acted.changed)
    }

    /// Takes back what was done last; `None` where nothing is left to take back.
    ///
    /// # Errors
    /// The catalogue could not be written.
    pub fn undo(&self) -> Result<Option<Undone>> {
        let mut history = lock(&self.history);
        let Some(step) = history.done.pop() else { return Ok(None) };
        match self.catalog.take_back(&step.back) {
            Ok(again) => {
                let undone = Undone { deed: step.deed, photos: photos_in(&again) };
                history.undone.push(Step { deed: step.deed, back: again });
                Ok(Some(undone))
            }
            Err(error) => {
                history.done.push(step);
                Err(error.into())
            }
        }
    }

    /// Does again what was taken back last.
    ///
    /// # Errors
    /// The catalogue could not be written.
    pub fn redo(&self) -> Result<Option<Undone>> {
        let mut history = lock(&self.history);
        let Some(step) = history.undone.pop() else { return Ok(None) };
        match self.catalog.take_back(&step.back) {
            Ok(back) => {
                let redone = Undone { deed: step.deed, photos: photos_in(&back) };
                history.done.push(Step { deed: step.deed, back });
                Ok(Some(redone))
            }
            Err(error) => {
                history.undone.push(step);
                Err(error.into())
            }
        }
    }

    /// One page of the grid in this order.
    ///
    /// # Errors
    /// The query was not understood, or the catalogue could not be read.
    pub fn sorted_grid(
        &self,
        query: &str,
        order: Order,
        after: u64,
        limit: usize,
    ) -> Result<Vec<GridRow>> {
        Ok(self.catalog.sorted_page(&Query::parse(query)?, order, after, limit)?)
    }

    /// How many photos of the grid stand before this one; `None` where it is not in it.
    ///
    /// # Errors
    /// As `sorted_grid`.
    pub fn place(&self, query: &str, order: Option<Order>, photo: PhotoId) -> Result<Option<u64>> {
        Ok(self.catalog.place(&Query::parse(query)?, order, photo)?)
    }

    /// Every photo a query finds, oldest first.
    ///
    /// # Errors
    /// As `sorted_grid`.
    pub fn find(&self, query: &str) -> Result<Vec<PhotoId>> {
        Ok(self.catalog.find(&Query::parse(query)?)?)
    }

    /// What there is to filter by.
    ///
    /// # Errors
    /// The catalogue could not be read.
    pub fn facets(&self) -> Result<Facets> {
        Ok(self.catalog.facets()?)
    }

    /// The album of this name.
    ///
    /// # Errors
    /// There is none.
    pub fn album_called(&self, name: &str) -> Result<AlbumId> {
        self.album(name)
    }

    /// All that is known of one photo, in the trash or not.
    ///
    /// # Errors
    /// There is no such photo.
    pub fn details(&self, photo: PhotoId) -> Result<Details> {
        let library = self.library();
        let found =
            self.catalog.list(&Query::ids(&[photo]), Order::default(), Some(1), Some(&library))?;
        let missing = || super::library::LibraryError::NoPhoto(photo.to_string());
        let row = found.into_iter().next().ok_or_else(missing)?;
        let in_album = |share: &ShareInfo| -> Result<bool> {
            let Some(album) = share.album else { return Ok(false) };
            Ok(self.catalog.album_items(album)?.iter().any(|item| item.photo == photo))
        };
        let mut shares = Vec::new();
        for share in self.shares()? {
            if in_album(&share)? {
                shares.push(share);
            }
        }
        let places = self.catalog.places_of(photo)?;
        Ok(Details { row, places, albums: self.catalog.albums_of(photo)?, shares })
    }

    /// The brightnesses of a photo's screen preview.
    ///
    /// # Errors
    /// There is no preview.
    pub fn histogram(&self, photo: PhotoId) -> Result<Histogram> {
        Ok(previews::histogram(&self.preview(photo, PreviewSize::View)?)?)
    }
}

fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::SubjectKind;

    fn step(changes: usize) -> Vec<Change> {
        vec![Change::new(SubjectKind::Photo, PhotoId([1; 16])); changes]
    }

    #[test]
    fn the_history_has_a_bound_and_something_new_ends_what_could_be_done_again() {
        let mut history = History::default();
        for _ in 0..MOST_STEPS + 10 {
            history.did(Deed::Rated, step(1));
        }
        assert_eq!(history.done.len(), MOST_STEPS);
        history.did(Deed::Labelled, step(MOST_CHANGES));
        assert_eq!(history.done.len(), 1, "a very large step is remembered, and alone");
        let last = history.done.pop().unwrap();
        history.undone.push(last);
        history.did(Deed::Flagged, step(1));
        assert!(history.undone.is_empty());
    }
}
