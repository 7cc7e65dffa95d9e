//! Lists, edits, albums and pictures.

use std::path::Path;

use super::Vault;
use crate::catalog::{
    AlbumRow, CatalogError, Edit, GridRow, ListRow, MonthCount, Order, PreviewState, Query,
    ShootRow, Start,
};
use crate::error::{At as _, Code, Error, Result};
use crate::files;
use crate::media::{AlbumId, ContentHash, PhotoId, PreviewSize};
use crate::metadata;
use crate::previews::{self, Source};

/// Pixels at 100 % are judged one by one.
const FULL_QUALITY: u8 = 95;

/// Something that was asked for by name is not there.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    #[error("there is no album called {0:?}")]
    NoAlbum(String),
    #[error("there is no shoot called {0:?}")]
    NoShoot(String),
    #[error("no photo's id begins with {0:?}")]
    NoPhoto(String),
    #[error("{1} photos' ids begin with {0:?}: give more of it")]
    Ambiguous(String, usize),
    #[error("{0} has no picture that could be shown")]
    NoPreview(String),
    #[error("the original of {0} is not on this computer")]
    NotHere(String),
}

impl From<LibraryError> for Error {
    fn from(error: LibraryError) -> Self {
        Self::new(Code::NotFound, error)
    }
}

/// A JPEG to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub jpeg: Vec<u8>,
    /// Drawn in place of a picture that nothing here can show.
    pub is_placeholder: bool,
}

impl Vault {
    /// # Errors
    /// The query was not understood, or the catalogue could not be read.
    pub fn list(&self, query: &str, order: Order, limit: Option<u32>) -> Result<Vec<ListRow>> {
        let query = Query::parse(query)?;
        Ok(self.catalog.list(&query, order, limit.map(|n| n as usize), Some(&self.library()))?)
    }

    /// One page of the window's grid.
    ///
    /// # Errors
    /// As `list`.
    pub fn grid(&self, query: &str, start: &Start, limit: usize) -> Result<Vec<GridRow>> {
        Ok(self.catalog.page(&Query::parse(query)?, start, limit)?)
    }

    /// # Errors
    /// As `list`.
    pub fn months(&self, query: &str) -> Result<Vec<MonthCount>> {
        Ok(self.catalog.months(&Query::parse(query)?)?)
    }

    /// # Errors
    /// The catalogue could not be read.
    pub fn shoots(&self) -> Result<Vec<ShootRow>> {
        Ok(self.catalog.shoots()?)
    }

    /// Edits every photo the query finds; returns how many it found.
    ///
    /// # Errors
    /// The query or a value was not understood, or the catalogue could not be written.
    pub fn tag(&self, query: &str, edit: &Edit) -> Result<u64> {
        Ok(self.catalog.edit(&Query::parse(query)?, edit)?.photos)
    }

    /// Edits these photos.
    ///
    /// # Errors
    /// As `tag`.
    pub fn edit_photos(&self, photos: &[PhotoId], edit: &Edit) -> Result<u64> {
        Ok(self.catalog.edit_photos(photos, edit)?.photos)
    }

    /// # Errors
    /// The name is empty or taken.
    pub fn album_create(&self, name: &str) -> Result<AlbumId> {
        Ok(self.catalog.create_album(name)?)
    }

    /// Puts what the query finds at the album's end, oldest first; returns how many were new to it.
    ///
    /// # Errors
    /// No such album, or the query was not understood.
    pub fn album_add(&self, name: &str, query: &str) -> Result<u64> {
        let album = self.album(name)?;
        let photos = self.catalog.find(&Query::parse(query)?)?;
        Ok(self.catalog.add_to_album(album, &photos)?)
    }

    /// # Errors
    /// No such album, or the catalogue could not be written.
    pub fn album_add_photos(&self, name: &str, photos: &[PhotoId]) -> Result<u64> {
        Ok(self.catalog.add_to_album(self.album(name)?, photos)?)
    }

    /// # Errors
    /// As `album_add`.
    pub fn album_remove(&self, name: &str, query: &str) -> Result<u64> {
        let album = self.album(name)?;
        let photos = self.catalog.find(&Query::parse(query)?)?;
        Ok(self.catalog.remove_from_album(album, &photos)?)
    }

    /// # Errors
    /// The catalogue could not be read.
    pub fn albums(&self) -> Result<Vec<AlbumRow>> {
        Ok(self.catalog.albums()?)
    }

    pub(super) fn album(&self, name: &str) -> Result<AlbumId> {
        let album = self.catalog.album_named(name)?;
        Ok(album.ok_or_else(|| LibraryError::NoAlbum(name.to_owned()))?.id)
    }

    /// The one photo whose id begins with `prefix`.
    ///
    /// # Errors
    /// None does, or several do.
    pub fn photo_by_prefix(&self, prefix: &str) -> Result<PhotoId> {
        let hex = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_hexdigit());
        let found = match hex {
            true => self.catalog.find(&Query::parse(&format!("id:{}", prefix.to_lowercase()))?)?,
            false => Vec::new(),
        };
        match found.as_slice() {
            [photo] => Ok(*photo),
            [] => Err(LibraryError::NoPhoto(prefix.to_owned()).into()),
            several => Err(LibraryError::Ambiguous(prefix.to_owned(), several.len()).into()),
        }
    }

    /// A preview as JPEG bytes: from the cache, else from the original, else from the bucket.
    ///
    /// # Errors
    /// The photo is unknown, nothing in it can be shown, or its bytes are out of reach.
    pub fn preview(&self, photo: PhotoId, size: PreviewSize) -> Result<Vec<u8>> {
        match self.found_preview(photo, size)? {
            Some(jpeg) => Ok(jpeg),
            None => Err(LibraryError::NoPreview(self.photo(photo)?.name).into()),
        }
    }

    /// A preview, or a drawn placeholder that says what the file is when nothing in it can be shown.
    ///
    /// Placeholders are drawn when asked for and kept nowhere: no client and no bucket gets one.
    ///
    /// # Errors
    /// The photo is unknown, or its bytes are out of reach.
    pub fn preview_or_placeholder(&self, photo: PhotoId, size: PreviewSize) -> Result<Shown> {
        if let Some(jpeg) = self.found_preview(photo, size)? {
            return Ok(Shown { jpeg, is_placeholder: false });
        }
        let row = self.photo(photo)?;
        if row.preview.state != Some(PreviewState::None) {
            return Err(LibraryError::NoPreview(row.name).into());
        }
        let lead = self.catalog.files_of(photo)?.into_iter().find(|file| file.lead);
        let path = lead.and_then(|file| file.local).map(|local| self.library().join(local.path));
        let seconds = path.and_then(|path| metadata::read(&path, &row.name).seconds);
        let format = row.format.unwrap_or_default();
        let drawn = previews::placeholder(&format, seconds)?;
        let jpeg = match size {
            PreviewSize::Thumb => drawn.thumb,
            PreviewSize::View => drawn.view,
        };
        Ok(Shown { jpeg, is_placeholder: true })
    }

    /// From the cache, else from the original, else from the bucket.
    fn found_preview(&self, photo: PhotoId, size: PreviewSize) -> Result<Option<Vec<u8>>> {
        if let Some(jpeg) = self.previews.get(photo, size)? {
            return Ok(Some(jpeg));
        }
        let row = self.photo(photo)?;
        // What broke every decoder once does so again: it is not tried each time it comes into view.
        let hopeless =
            row.preview.state == Some(PreviewState::Damaged) && row.preview.width.is_none();
        if !hopeless
            && self.make_preview(photo)?
            && let Some(jpeg) = self.previews.get(photo, size)?
        {
            return Ok(Some(jpeg));
        }
        let fetched = self.fetch_preview(photo, size)?;
        if let Some(jpeg) = &fetched {
            self.previews.put(photo, size, jpeg)?;
        }
        Ok(fetched)
    }

    /// The picture in its full size, upright, as JPEG bytes, from the original on this computer.
    ///
    /// # Errors
    /// The original is not here, or cannot be decoded.
    pub fn full_picture(&self, photo: PhotoId) -> Result<Vec<u8>> {
        let row = self.photo(photo)?;
        let lead = self.catalog.files_of(photo)?.into_iter().find(|file| file.lead);
        let local = lead.and_then(|file| file.local);
        let local = local.ok_or_else(|| LibraryError::NotHere(row.name.clone()))?;
        let path = self.library().join(local.path);
        let source = Source::File {
            path: &path,
            format: row.format.as_deref().unwrap_or_default(),
            orientation: row.orientation.unwrap_or(1),
        };
        Ok(previews::rendition(source, u32::MAX, FULL_QUALITY, None)?.bytes)
    }

    pub(super) fn photo(&self, photo: PhotoId) -> Result<crate::catalog::PhotoRow> {
        let row = self.catalog.photo(photo).map_err(|e: CatalogError| Error::from(e))?;
        Ok(row.ok_or_else(|| LibraryError::NoPhoto(photo.to_string()))?)
    }

    /// Whether the library holds a file with these bytes now: it is read and hashed.
    ///
    /// # Errors
    /// The catalogue or the file could not be read.
    pub fn library_has(&self, sha256: &ContentHash) -> Result<bool> {
        let Some(local) = self.catalog.file_by_hash(sha256)?.and_then(|file| file.local) else {
            return Ok(false);
        };
        let path = self.library().join(local.path);
        let (found, _) = files::hash_of(&path, &mut files::Block::default())?;
        Ok(found == *sha256)
    }

    /// Writes bytes the user asked for to a place the user named, replacing what is there.
    ///
    /// # Errors
    /// The place cannot be written.
    pub fn write_out(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let path = std::path::absolute(path).at(path)?;
        // A pipe, a terminal, `/dev/stdout`: written to, never replaced.
        if std::fs::metadata(&path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            let mut stream = std::fs::OpenOptions::new().write(true).open(&path).at(&path)?;
            return Ok(std::io::Write::write_all(&mut stream, bytes).at(&path)?);
        }
        files::replace(&path, bytes).map_err(Into::into)
    }
}
