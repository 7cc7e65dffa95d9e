//! Previews on disk: `previews/<first two hex>/<photo>-thumb.jpg`. Losing them costs time only.

use std::path::PathBuf;

use crate::error::PathError;
use crate::media::{PhotoId, PreviewSize};

/// The folder of previews.
#[derive(Debug, Clone)]
pub struct Cache {
    dir: PathBuf,
}

impl Cache {
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// Returns where the preview lies or would lie.
    #[must_use]
    pub fn path(&self, photo: PhotoId, size: PreviewSize) -> PathBuf {
        let id = photo.to_string();
        let word = match size {
            PreviewSize::Thumb => "thumb",
            PreviewSize::View => "view",
        };
        self.dir.join(&id[..2]).join(format!("{id}-{word}.jpg"))
    }

    /// # Errors
    /// When it is there and cannot be read.
    pub fn get(&self, _photo: PhotoId, _size: PreviewSize) -> Result<Option<Vec<u8>>, PathError> {
        unimplemented!()
    }

    #[must_use]
    pub fn has(&self, photo: PhotoId, size: PreviewSize) -> bool {
        self.path(photo, size).is_file()
    }

    /// Keeps a preview, in place of an older one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put(&self, _photo: PhotoId, _size: PreviewSize, _jpeg: &[u8]) -> Result<(), PathError> {
        unimplemented!()
    }

    /// Removes both sizes; nothing to remove is fine.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    pub fn remove(&self, _photo: PhotoId) -> Result<(), PathError> {
        unimplemented!()
    }
}
