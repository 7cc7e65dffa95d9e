//! Previews on disk: `previews/<first two hex>/<photo>-thumb.jpg`. Losing them costs time only.
//!
//! Where a bound is set, what was not looked at for longest goes first, and thumbnails after all
//! else: they are small, and the grid wants them all. When a preview was looked at last is the time
//! of its file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde::Serialize;

use crate::error::{At, PathError};
use crate::files::{self, FileError};
use crate::media::{PhotoId, PreviewSize};

/// The folder of previews. Clones share their bound.
#[derive(Debug, Clone)]
pub struct Cache {
    dir: PathBuf,
    bound: Arc<Mutex<Bound>>,
}

#[derive(Debug, Default)]
struct Bound {
    limit: Option<u64>,
    /// What lies there; `None` until somebody has to know.
    used: Option<u64>,
}

/// What lies in a cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CacheUse {
    pub thumbs: u64,
    pub views: u64,
    pub bytes: u64,
}

/// One preview on disk; sorted in the order they go.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kept {
    is_thumb: bool,
    used: SystemTime,
    path: PathBuf,
    bytes: u64,
}

impl Cache {
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), bound: Arc::default() }
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
            Ok(bytes) if is_whole(&bytes) => {
                files::touch(&path);
                Ok(Some(bytes))
            }
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).at(path),
        }
    }

    #[must_use]
    pub fn has(&self, photo: PhotoId, size: PreviewSize) -> bool {
        self.path(photo, size).is_file()
    }

    /// Keeps a preview, in place of an older one; others may go for it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put(&self, photo: PhotoId, size: PreviewSize, jpeg: &[u8]) -> Result<(), FileError> {
        let path = self.path(photo, size);
        files::create_dirs(path.parent().unwrap_or(Path::new(".")))?;
        let before = fs::metadata(&path).map_or(0, |old| old.len());
        files::replace(&path, jpeg)?;
        let mut bound = self.bound();
        bound.used = bound.used.map(|used| (used + jpeg.len() as u64).saturating_sub(before));
        self.keep_within(&mut bound)
    }

    /// Sets how many bytes may lie here, and takes away what is too much.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn set_limit(&self, bytes: Option<u64>) -> Result<(), FileError> {
        let mut bound = self.bound();
        bound.limit = bytes;
        self.keep_within(&mut bound)
    }

    /// The same for the next preview that is put: nothing is looked at or taken away now.
    pub fn limit_from_now(&self, bytes: Option<u64>) {
        self.bound().limit = bytes;
    }

    /// What lies here now.
    #[must_use]
    pub fn usage(&self) -> CacheUse {
        self.list().into_iter().fold(CacheUse::default(), |mut sum, kept| {
            if kept.is_thumb {
                sum.thumbs += 1;
            } else {
                sum.views += 1;
            }
            sum.bytes += kept.bytes;
            sum
        })
    }

    fn keep_within(&self, bound: &mut Bound) -> Result<(), FileError> {
        let Some(limit) = bound.limit else { return Ok(()) };
        if bound.used.is_some_and(|used| used <= limit) {
            return Ok(());
        }
        let mut all = self.list();
        let mut used = all.iter().map(|kept| kept.bytes).sum::<u64>();
        if used > limit {
            // some more than needed, so that not every preview has to look for the oldest
            let enough = limit - limit / 10;
            all.sort_unstable();
            for kept in all {
                if used <= enough {
                    break;
                }
                files::remove(&kept.path)?;
                used -= kept.bytes;
            }
        }
        bound.used = Some(used);
        Ok(())
    }

    fn list(&self) -> Vec<Kept> {
        let shards = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        let files = shards.filter_map(|shard| fs::read_dir(shard.path()).ok()).flatten().flatten();
        let kept = |entry: fs::DirEntry| {
            let name = entry.file_name().into_string().ok()?;
            let is_thumb = name.ends_with("-thumb.jpg");
            if !is_thumb && !name.ends_with("-view.jpg") {
                return None;
            }
            let about = entry.metadata().ok()?;
            let used = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            Some(Kept { is_thumb, used, path: entry.path(), bytes: about.len() })
        };
        files.filter_map(kept).collect()
    }

    fn bound(&self) -> MutexGuard<'_, Bound> {
        self.bound.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.bound().used = None;
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

    fn jpeg_of(bytes: usize) -> Vec<u8> {
        [&[0xFF, 0xD8][..], &vec![0; bytes - 4], &[0xFF, 0xD9]].concat()
    }

    /// Ten photos, a thumb of 100 and a view of 1,000 bytes each, put in their order.
    fn ten() -> (tempfile::TempDir, Cache) {
        let (dir, cache, _) = cache();
        for n in 0..10 {
            for (size, bytes) in [(PreviewSize::Thumb, 100), (PreviewSize::View, 1000)] {
                cache.put(PhotoId([n; 16]), size, &jpeg_of(bytes)).unwrap();
                let file = fs::File::open(cache.path(PhotoId([n; 16]), size)).unwrap();
                let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(n.into());
                file.set_modified(time).unwrap();
            }
        }
        (dir, cache)
    }

    fn views(cache: &Cache) -> Vec<u8> {
        (0..10).filter(|n| cache.has(PhotoId([*n; 16]), PreviewSize::View)).collect()
    }

    #[test]
    fn what_was_not_looked_at_for_longest_goes_first_and_thumbs_last() {
        let (_dir, cache) = ten();
        assert_eq!(cache.usage(), CacheUse { thumbs: 10, views: 10, bytes: 11_000 });
        // Looking at it is using it.
        cache.get(PhotoId([0; 16]), PreviewSize::View).unwrap().unwrap();
        cache.set_limit(Some(6_000)).unwrap();
        assert_eq!(views(&cache), [0, 7, 8, 9], "and a tenth more than had to go");
        assert_eq!(cache.usage().thumbs, 10);
        cache.put(PhotoId([3; 16]), PreviewSize::View, &jpeg_of(1000)).unwrap();
        assert_eq!(views(&cache), [0, 3, 7, 8, 9], "there is room again");
        cache.put(PhotoId([4; 16]), PreviewSize::View, &jpeg_of(1000)).unwrap();
        assert_eq!(views(&cache), [0, 3, 4, 9]);
        cache.set_limit(Some(500)).unwrap();
        assert_eq!(cache.usage(), CacheUse { thumbs: 4, views: 0, bytes: 400 });
    }

    #[test]
    fn without_a_limit_everything_stays() {
        let (_dir, cache) = ten();
        cache.set_limit(None).unwrap();
        assert_eq!(cache.usage().bytes, 11_000);
    }

    #[test]
    fn a_preview_replaced_by_one_of_its_size_makes_nothing_go() {
        let (_dir, cache) = ten();
        cache.set_limit(Some(11_000)).unwrap();
        for _ in 0..5 {
            cache.put(PhotoId([3; 16]), PreviewSize::View, &jpeg_of(1000)).unwrap();
        }
        assert_eq!(views(&cache).len(), 10);
    }
}
