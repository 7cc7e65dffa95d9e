//! Albums: chosen photos in an order.
//!
//! An album's items are its fields `in/<photo id>`, whose value is a sort key: text, compared byte
//! by byte, so that an item can be put between two others without touching them.

use serde::Serialize;

use crate::media::{AlbumId, PhotoId};

use super::database::Catalog;
use super::error::Result;

/// One album.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlbumRow {
    pub id: AlbumId,
    pub name: String,
    pub trash: bool,
    /// Photos outside the trash.
    pub photos: u64,
}

/// One photo of an album, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlbumItem {
    pub photo: PhotoId,
    pub key: String,
}

impl Catalog {
    /// Makes an album.
    ///
    /// # Errors
    /// The name is empty or taken, or the database could not be written.
    pub fn create_album(&self, _name: &str) -> Result<AlbumId> {
        unimplemented!()
    }

    /// The album of this name, outside the trash.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn album_named(&self, _name: &str) -> Result<Option<AlbumRow>> {
        unimplemented!()
    }

    /// One album, in the trash or not.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn album(&self, _id: AlbumId) -> Result<Option<AlbumRow>> {
        unimplemented!()
    }

    /// All albums outside the trash, by name.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn albums(&self) -> Result<Vec<AlbumRow>> {
        unimplemented!()
    }

    /// The photos of an album outside the trash, in the album's order.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn album_items(&self, _album: AlbumId) -> Result<Vec<AlbumItem>> {
        unimplemented!()
    }

    /// Adds photos at the end, in the order given; those already in it stay where they are.
    /// Returns how many were new.
    ///
    /// # Errors
    /// There is no such album, or the database could not be written.
    pub fn add_to_album(&self, _album: AlbumId, _photos: &[PhotoId]) -> Result<u64> {
        unimplemented!()
    }

    /// Takes photos out of an album; returns how many were in it.
    ///
    /// # Errors
    /// There is no such album, or the database could not be written.
    pub fn remove_from_album(&self, _album: AlbumId, _photos: &[PhotoId]) -> Result<u64> {
        unimplemented!()
    }

    /// Gives an album another name.
    ///
    /// # Errors
    /// There is no such album, the name is empty or taken, or the database could not be written.
    pub fn rename_album(&self, _album: AlbumId, _name: &str) -> Result<()> {
        unimplemented!()
    }
}
