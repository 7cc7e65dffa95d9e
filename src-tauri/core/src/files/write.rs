//! Writing one file: a temporary name in its folder, synced, moved into place, folder synced.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FallocateFlags, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::error::FileError;
use super::folders::{remove, sync_dir};
use super::names::{numbered, temp_name};
use super::read_back::{Block, read_back};
use crate::media::ContentHash;

/// A file being written. Dropped before it is placed, it leaves nothing behind.
#[derive(Debug)]
pub struct NewFile {
    file: File,
    temp: PathBuf,
    path: PathBuf,
    placed: bool,
}

impl NewFile {
    /// Starts a file that will be `path`; its folder must be there.
    ///
    /// # Errors
    /// When nothing can be written in that folder.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, FileError> {
        Self::create_with(path.into(), 0o666)
    }

    /// The same for what nobody but the user may read.
    ///
    /// # Errors
    /// As `create`.
    pub fn create_private(path: impl Into<PathBuf>) -> Result<Self, FileError> {
        Self::create_with(path.into(), 0o600)
    }

    fn create_with(path: PathBuf, mode: u32) -> Result<Self, FileError> {
        let temp = folder_of(&path).join(temp_name());
        let file = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&temp)
            // by its own name: the temporary one tells the user nothing
            .map_err(|e| FileError::io(&path, e))?;
        Ok(Self { file, temp, path, placed: false })
    }

    /// The unfinished file.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Where the unfinished file lies.
    #[must_use]
    pub fn temp(&self) -> &Path {
        &self.temp
    }

    /// Where it will be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Asks for room before anything is written: a full disk is met at once, and the file lies in
    /// few pieces. Where the file system cannot, nothing happens.
    ///
    /// # Errors
    /// When there is no room.
    pub fn reserve(&self, bytes: u64) -> Result<(), FileError> {
        if bytes == 0 {
            return Ok(());
        }
        match rustix::fs::fallocate(&self.file, FallocateFlags::KEEP_SIZE, 0, bytes) {
            Err(Errno::NOSPC) => Err(FileError::io(&self.path, io::Error::from(Errno::NOSPC))),
            _ => Ok(()),
        }
    }

    /// Gives the file the time it had where it came from.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn set_mtime(&self, mtime_ns: i64) -> Result<(), FileError> {
        const SECOND: i64 = 1_000_000_000;
        let time = rustix::fs::Timespec {
            tv_sec: mtime_ns.div_euclid(SECOND),
            tv_nsec: mtime_ns.rem_euclid(SECOND) as _,
        };
        let times = rustix::fs::Timestamps { last_access: time, last_modification: time };
        rustix::fs::futimens(&self.file, &times).map_err(|e| FileError::io(&self.temp, e))
    }

    /// Brings the bytes to disk, still under the temporary name.
    ///
    /// # Errors
    /// When the disk fails or is full.
    pub fn sync(&self) -> Result<(), FileError> {
        self.file.sync_all().map_err(|e| FileError::io(&self.temp, e))
    }

    /// Moves the synced file to its place, or to `path` in the same folder. What is there already
    /// stays. The folder is *not* synced: a batch in one folder shares one `sync_dir`.
    ///
    /// # Errors
    /// `Exists` when the name is taken; the file can then be placed elsewhere.
    pub fn place_at(&mut self, path: &Path) -> Result<(), FileError> {
        move_new(&self.temp, path)?;
        self.placed = true;
        path.clone_into(&mut self.path);
        Ok(())
    }

    /// Moves the synced, verified file to `path`, or to the first of its `numbered` names that is
    /// free; a file that is there already with the same bytes is as good. Returns where they are now.
    /// The folder is *not* synced.
    ///
    /// # Errors
    /// `Exists` when every name is taken by another file.
    pub fn place_beside(
        mut self,
        path: &Path,
        whole: (ContentHash, u64),
        block: &mut Block,
    ) -> Result<PathBuf, FileError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        for name in numbered(&name) {
            let path = path.with_file_name(name);
            match self.place_at(&path) {
                Ok(()) => return Ok(path),
                Err(FileError::Exists(_)) if is_whole(&path, whole, block) => return Ok(path),
                Err(FileError::Exists(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(FileError::Exists(path.to_owned()))
    }

    /// Syncs, moves into place without replacing anything, syncs the folder.
    ///
    /// # Errors
    /// `Exists` when the name is taken, or when the disk fails.
    pub fn finish(mut self) -> Result<(), FileError> {
        self.sync()?;
        let path = self.path.clone();
        self.place_at(&path)?;
        sync_dir(folder_of(&path))
    }

    /// Syncs, moves into place instead of what is there, syncs the folder.
    ///
    /// # Errors
    /// When the disk fails.
    #[expect(clippy::disallowed_methods, reason = "this is the place that renames")]
    pub fn finish_replacing(mut self) -> Result<(), FileError> {
        self.sync()?;
        fs::rename(&self.temp, &self.path).map_err(|e| FileError::io(&self.path, e))?;
        self.placed = true;
        sync_dir(folder_of(&self.path))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.placed {
            // what cannot be removed now is swept by the next run
            let _ = remove(&self.temp);
        }
    }
}

/// Writes a file that must not exist yet.
///
/// # Errors
/// `Exists` when the name is taken, or when the disk fails.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let mut new = NewFile::create(path)?;
    new.write_all(bytes).map_err(|e| FileError::io(path, e))?;
    new.finish()
}

/// Writes a file whole, in place of one that may be there: readers see the old or the new one.
///
/// # Errors
/// When the disk fails; the old file is then still there.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let mut new = NewFile::create(path)?;
    new.write_all(bytes).map_err(|e| FileError::io(path, e))?;
    new.finish_replacing()
}

/// Gives a file the present time; where that cannot be done, it keeps the one it has.
pub fn touch(path: &Path) {
    let now = || rustix::fs::Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_NOW };
    let times = rustix::fs::Timestamps { last_access: now(), last_modification: now() };
    let _ = rustix::fs::utimensat(CWD, path, &times, rustix::fs::AtFlags::empty());
}

/// Moves a file to a name that is free, atomically where the file system can.
///
/// # Errors
/// `Exists` when the name is taken; nothing has moved then.
#[expect(clippy::disallowed_methods, reason = "this is the place that renames")]
pub fn move_new(from: &Path, to: &Path) -> Result<(), FileError> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => return Ok(()),
        // the file system knows no such rename: a hard link does not replace either
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
        Err(e) => return Err(FileError::io(to, e)),
    }
    match fs::hard_link(from, to) {
        Ok(()) => return remove(from),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Err(FileError::io(to, e)),
        // neither hard links (exFAT, SMB): look first; only one program writes here (catalogue lock)
        Err(_) => {}
    }
    if fs::symlink_metadata(to).is_ok() {
        return Err(FileError::Exists(to.to_owned()));
    }
    fs::rename(from, to).map_err(|e| FileError::io(to, e))
}

/// Whether a file lies there that has these very bytes on the disk, read past the page cache.
#[must_use]
pub fn is_whole(path: &Path, whole: (ContentHash, u64), block: &mut Block) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() == whole.1)
        && read_back(path, block).is_ok_and(|(hash, bytes, _)| (hash, bytes) == whole)
}

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(dir)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_file_never_replaces_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        write_new(&path, b"first").unwrap();
        assert!(matches!(write_new(&path, b"second"), Err(FileError::Exists(_))));
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(names(dir.path()), ["a"], "no temporary file stays");
    }

    #[test]
    fn a_taken_name_gets_a_number_and_the_same_bytes_are_not_written_twice() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("IMG_1.CR3");
        let (block, whole) = (&mut Block::default(), |bytes: &[u8]| {
            (ContentHash(Sha256::digest(bytes).into()), bytes.len() as u64)
        });
        let mut place = |bytes: &[u8]| {
            let mut new = NewFile::create(&path).unwrap();
            new.write_all(bytes).unwrap();
            new.place_beside(&path, whole(bytes), block).unwrap()
        };
        assert_eq!(place(b"one"), path);
        assert_eq!(place(b"two"), dir.path().join("IMG_1-2.CR3"));
        assert_eq!(place(b"one"), path);
        assert_eq!(place(b"two"), dir.path().join("IMG_1-2.CR3"));
        std::os::unix::fs::symlink("IMG_1.CR3", dir.path().join("IMG_1-3.CR3")).unwrap();
        assert_eq!(place(b"3"), dir.path().join("IMG_1-4.CR3"), "a link is not a copy");
        assert_eq!(names(dir.path()).len(), 4, "no temporary file stays");
    }

    #[test]
    fn replacing_leaves_one_whole_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        replace(&path, b"first").unwrap();
        replace(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(names(dir.path()), ["a"]);
    }

    #[test]
    fn an_unfinished_file_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let mut new = NewFile::create(dir.path().join("a")).unwrap();
        new.write_all(b"half").unwrap();
        assert_eq!(names(dir.path()).len(), 1);
        drop(new);
        assert!(names(dir.path()).is_empty());
    }

    #[test]
    fn a_dangling_link_is_not_replaced_either() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        assert!(matches!(write_new(&link, b"x"), Err(FileError::Exists(_))));
    }

    #[test]
    fn the_time_before_1970_can_be_set() {
        let dir = tempfile::tempdir().unwrap();
        let new = NewFile::create(dir.path().join("a")).unwrap();
        new.set_mtime(-1_500_000_000).unwrap();
        let time = rustix::fs::fstat(new.file()).unwrap();
        assert_eq!((time.st_mtime, time.st_mtime_nsec as u64), (-2, 500_000_000));
    }
}
