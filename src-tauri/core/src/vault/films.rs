//! What of a photo moves: a film, the other half of a Live Photo, the film inside a motion photo.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use super::Vault;
use super::library::LibraryError;
use crate::error::{At as _, Result};
use crate::media::{PhotoId, Role};
use crate::metadata::{self, Span};

/// A film on this computer: a file, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Film {
    path: PathBuf,
    span: Span,
    pub mime: String,
    /// Whether it belongs to a still, as a Live Photo's does.
    pub is_of_still: bool,
}

impl Film {
    #[must_use]
    pub fn len(&self) -> u64 {
        self.span.len
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.span.len == 0
    }

    /// At most `most` of its bytes from the `from`th on: fewer at its end, none behind it.
    ///
    /// # Errors
    /// The file could not be read.
    pub fn read(&self, from: u64, most: usize) -> Result<Vec<u8>> {
        let left = self.span.len.saturating_sub(from);
        let mut bytes = vec![0; usize::try_from(left).unwrap_or(most).min(most)];
        let file = File::open(&self.path).at(&self.path)?;
        file.read_exact_at(&mut bytes, self.span.start.saturating_add(from)).at(&self.path)?;
        Ok(bytes)
    }
}

impl Vault {
    /// What there is to play of a photo, if anything.
    ///
    /// # Errors
    /// The photo is unknown, or its film is not on this computer.
    pub fn film(&self, photo: PhotoId) -> Result<Option<Film>> {
        let row = self.photo(photo)?;
        let files = self.catalog.files_of(photo)?;
        if let Some(film) = files.iter().find(|file| file.role == Role::Video) {
            let local = film.local.as_ref().ok_or(LibraryError::NotHere(row.name))?;
            let path = self.library().join(&local.path);
            let len = std::fs::metadata(&path).at(&path)?.len();
            let span = Span { start: 0, len };
            return Ok(Some(Film { path, span, mime: film.mime.clone(), is_of_still: !film.lead }));
        }
        // Only these hold films, and only what is here can be asked.
        let stills = files.iter().filter(|file| {
            matches!(file.mime.as_str(), "image/jpeg" | "image/heic" | "image/heif")
        });
        for still in stills {
            let Some(local) = &still.local else { continue };
            let path = self.library().join(&local.path);
            let film = metadata::read(&path, &still.shown_name()).film;
            let len = std::fs::metadata(&path).map_or(0, |about| about.len());
            // what a worker says of a file is held against the file
            let inside =
                film.filter(|film| film.start.checked_add(film.len).is_some_and(|end| end <= len));
            if let Some(span) = inside {
                return Ok(Some(Film {
                    path,
                    span,
                    mime: "video/mp4".to_owned(),
                    is_of_still: true,
                }));
            }
        }
        Ok(None)
    }
}
