//! Previews on disk: `previews/<first two hex>/<photo>-thumb.jpg`. Losing them costs time only.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{At, PathError};
use crate::files::{self, FileError};
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

    /// Returns the preview; one that is no whole JPEG counts as absent and is made again.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn get(&self, photo: PhotoId, size: PreviewSize) -> Result<Option<Vec<u8>>, PathError> {
        let path = self.path(photo, size);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes).filter(|bytes| is_whole(bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).at(path),
        }
    }

    #[must_use]
    pub fn has(&self, photo: PhotoId, size: PreviewSize) -> bool {
        self.path(photo, size).is_file()
    }

    /// Keeps a preview, in place of an older one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put(&self, photo: PhotoId, size: PreviewSize, jpeg: &[u8]) -> Result<(), FileError> {
        let path = self.path(photo, size);
        files::create_dirs(path.parent().unwrap_or(Path::new(".")))?;
        files::replace(&path, jpeg)
    }

    /// Takes away what a killed run left half written.
    ///
    /// # Errors
    /// When the cache cannot be listed, or something in it cannot be removed.
    pub fn sweep(&self) -> Result<(), FileError> {
        let Ok(shards) = fs::read_dir(&self.dir) else { return Ok(()) };
        for shard in shards.flatten() {
            if shard.file_type().is_ok_and(|kind| kind.is_dir()) {
                files::sweep(&shard.path())?;
            }
        }
        Ok(())
    }

    /// Removes both sizes; nothing to remove is fine.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    pub fn remove(&self, photo: PhotoId) -> Result<(), FileError> {
        for size in [PreviewSize::Thumb, PreviewSize::View] {
            if self.has(photo, size) {
                files::remove(&self.path(photo, size))?;
            }
        }
        Ok(())
    }
}

fn is_whole(jpeg: &[u8]) -> bool {
    jpeg.starts_with(&[0xFF, 0xD8]) && jpeg.ends_with(&[0xFF, 0xD9])
}

#[cfg(test)]
mod tests {
    use super::*;

    const JPEG: &[u8] = &[0xFF, 0xD8, 1, 2, 0xFF, 0xD9];

    fn cache() -> (tempfile::TempDir, Cache, PhotoId) {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path().join("previews"));
        (dir, cache, PhotoId([0xAB; 16]))
    }

    #[test]
    fn what_is_put_is_got_and_a_newer_one_replaces_it() {
        let (_dir, cache, photo) = cache();
        assert_eq!(cache.get(photo, PreviewSize::Thumb).unwrap(), None);
        cache.put(photo, PreviewSize::Thumb, &[0xFF, 0xD8, 0xFF, 0xD9]).unwrap();
        cache.put(photo, PreviewSize::Thumb, JPEG).unwrap();
        assert_eq!(cache.get(photo, PreviewSize::Thumb).unwrap().as_deref(), Some(JPEG));
        assert!(!cache.has(photo, PreviewSize::View));
        assert!(cache.path(photo, PreviewSize::Thumb).parent().unwrap().ends_with("ab"));
    }

    #[test]
    fn half_a_preview_counts_as_none() {
        let (_dir, cache, photo) = cache();
        cache.put(photo, PreviewSize::View, &JPEG[..4]).unwrap();
        assert_eq!(cache.get(photo, PreviewSize::View).unwrap(), None);
    }

    #[test]
    fn removing_twice_is_fine() {
        let (_dir, cache, photo) = cache();
        cache.put(photo, PreviewSize::Thumb, JPEG).unwrap();
        cache.put(photo, PreviewSize::View, JPEG).unwrap();
        cache.remove(photo).unwrap();
        assert!(!cache.has(photo, PreviewSize::Thumb) && !cache.has(photo, PreviewSize::View));
        cache.remove(photo).unwrap();
    }
}
