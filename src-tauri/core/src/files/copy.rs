//! Verified copies: the source is read once, written to several places, read back from each.
//!
//! A copy is *staged* (written under a temporary name, synced, read back past the page cache and
//! found equal to what was read from the source) and only then *placed* under its name. A copy that
//! differs is written anew from the source, twice at most; should the source then read differently
//! from before, nothing of it is kept. One destination that fails does not spoil the others.
//!
//! SHA-256 is the file's name for good and is taken once, from the source. A copy is held against
//! BLAKE3 of that same reading: it says as much about equality for a fifth of the time.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use super::error::FileError;
use super::folders::sync_dir;
use super::read_back::{Block, ReadBack, drop_pages, read_back_as};
use super::sums::{SumKind, Sums, Xxh64};
use super::write::{NewFile, folder_of};
use crate::error::PathError;
use crate::media::ContentHash;
use crate::progress::{Cancelled, Progress};

/// How often a copy is written before it is given up.
const ATTEMPTS: u32 = 3;

/// Why nothing could be copied at all.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The source cannot be read.
    #[error("cannot be read: {}", .0.source)]
    Source(#[source] PathError),
    /// It is a link, a folder, a pipe or a device.
    #[error("is not a regular file")]
    NotRegular,
    /// Something writes to the source, or it was cut off.
    #[error("changed while it was read")]
    Changed,
    /// Two readings of the source gave different bytes.
    #[error("the card gave different bytes when it was read again")]
    Unstable,
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// A regular file opened for reading, and what it looked like then.
#[derive(Debug)]
pub struct Source {
    file: File,
    path: PathBuf,
    pub bytes: u64,
    pub mtime_ns: i64,
    pub device: u64,
    also: Vec<SumKind>,
}

impl Source {
    /// Opens a file that must be a regular one: links are not followed, pipes do not block.
    ///
    /// # Errors
    /// When it is something else, or cannot be opened.
    pub fn open(path: &Path) -> Result<Self, CopyError> {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let source = |source| CopyError::Source(PathError { path: path.to_owned(), source });
        let file = std::fs::OpenOptions::new()
            .read(true)
            .custom_flags(flags.bits() as i32)
            .open(path)
            .map_err(|e| {
                let link = e.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
                if link { CopyError::NotRegular } else { source(e) }
            })?;
        let meta = file.metadata().map_err(source)?;
        if !meta.is_file() {
            return Err(CopyError::NotRegular);
        }
        let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::Sequential);
        Ok(Self {
            path: path.to_owned(),
            bytes: meta.len(),
            mtime_ns: mtime_ns(&meta),
            device: meta.dev(),
            also: Vec::new(),
            file,
        })
    }

    /// Asks for further sums of the same reading; they are in `Staged::sums`.
    pub fn also(&mut self, kinds: Vec<SumKind>) {
        self.also = kinds;
    }

    /// Reads all of a file that has at most `most` bytes; `None` when it has more.
    ///
    /// # Errors
    /// When it cannot be read, or grows meanwhile.
    pub fn all(self, most: u64) -> Result<Option<Vec<u8>>, CopyError> {
        if self.bytes > most {
            return Ok(None);
        }
        let mut all = Vec::new();
        let read = (&self.file).take(self.bytes + 1).read_to_end(&mut all);
        read.map_err(|e| self.failed(e))?;
        if all.len() as u64 == self.bytes { Ok(Some(all)) } else { Err(CopyError::Changed) }
    }

    /// Lets go of the memory its bytes are kept in, when nobody reads them again.
    pub fn forget(&self) {
        drop_pages(&self.file);
    }

    fn failed(&self, source: io::Error) -> CopyError {
        CopyError::Source(PathError { path: self.path.clone(), source })
    }

    /// Reads from the start, giving each block to `each`; returns hash and length.
    fn read_all(
        &mut self,
        block: &mut Block,
        mut each: impl FnMut(&[u8]) -> Result<(), CopyError>,
    ) -> Result<ContentHash, CopyError> {
        io::Seek::rewind(&mut self.file).map_err(|e| self.failed(e))?;
        let mut hash = Sha256::new();
        let mut bytes = 0;
        loop {
            let n = match self.file.read(block.bytes()) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                n => n.map_err(|e| self.failed(e))?,
            };
            if n == 0 {
                break;
            }
            hash.update(&block.bytes()[..n]);
            bytes += n as u64;
            each(&block.bytes()[..n])?;
        }
        if bytes != self.bytes {
            return Err(CopyError::Changed);
        }
        Ok(ContentHash(hash.finalize().into()))
    }
}

/// The modification time in nanoseconds since 1970.
pub(crate) fn mtime_ns(meta: &std::fs::Metadata) -> i64 {
    meta.mtime().saturating_mul(1_000_000_000).saturating_add(meta.mtime_nsec())
}

/// Hashes a regular file through the page cache.
///
/// # Errors
/// When it cannot be read, or is no regular file.
pub fn hash_of(path: &Path, block: &mut Block) -> Result<(ContentHash, u64), CopyError> {
    let mut source = Source::open(path)?;
    let hash = source.read_all(block, |_| Ok(()))?;
    Ok((hash, source.bytes))
}

/// SHA-256 and XXH64 of a regular file from one reading, and its length.
///
/// # Errors
/// When it cannot be read, or is no regular file.
pub fn sums_of(path: &Path, block: &mut Block) -> Result<(ContentHash, Xxh64, u64), CopyError> {
    let mut source = Source::open(path)?;
    let mut sums = Sums::of(&[]);
    let hash = source.read_all(block, |bytes| {
        sums.update(bytes);
        Ok(())
    })?;
    Ok((hash, sums.xxh64(), source.bytes))
}

/// A source that was read once, and its verified copies, not yet under their names.
#[derive(Debug)]
pub struct Staged {
    pub sha256: ContentHash,
    pub xxh64: Xxh64,
    /// The sums asked for by `Source::also`, as manifests write them.
    pub sums: Vec<(SumKind, String)>,
    pub bytes: u64,
    pub mtime_ns: i64,
    /// How the copies were read back; the weaker way where they differ.
    pub read_back: Option<ReadBack>,
    /// One for each destination, in their order.
    pub copies: Vec<Result<NewFile, FileError>>,
}

#[cfg(test)]
type Hook<'t> = Box<dyn FnMut(&Path) + 't>;

/// Stages copies; keeps its buffers between files. One for each thread.
#[derive(Default)]
pub struct Stager<'t> {
    block: Block,
    #[cfg(test)]
    before_read_back: Option<Hook<'t>>,
    hooks: std::marker::PhantomData<&'t ()>,
}

impl std::fmt::Debug for Stager<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stager").finish_non_exhaustive()
    }
}

impl<'t> Stager<'t> {
    /// Calls `tamper` with every temporary file after it was synced, before it is read back.
    #[cfg(test)]
    pub(crate) fn tamper_with(&mut self, tamper: impl FnMut(&Path) + 't) {
        self.before_read_back = Some(Box::new(tamper));
    }

    /// Reads `source` once and stages a copy for each of `targets`, whose folders must be there.
    ///
    /// # Errors
    /// When the source fails or work was stopped. A failing destination is in `Staged::copies`.
    pub fn stage(
        &mut self,
        source: &mut Source,
        targets: &[PathBuf],
        progress: &Progress,
    ) -> Result<Staged, CopyError> {
        let mut copies: Vec<Result<NewFile, FileError>> =
            targets.iter().map(|path| NewFile::create(path.clone())).collect();
        let (sha256, whole, sums) = self.write(source, &mut copies, Some(progress))?;
        let mut staged = Staged {
            sha256,
            xxh64: sums.xxh64(),
            sums: sums.finish(&sha256),
            bytes: source.bytes,
            mtime_ns: source.mtime_ns,
            read_back: None,
            copies: Vec::new(),
        };
        for attempt in 1.. {
            for copy in &mut copies {
                self.verify(copy, &whole, &mut staged);
            }
            let differ = |c: &Result<_, _>| matches!(c, Err(FileError::Mismatch(_)));
            if attempt == ATTEMPTS || !copies.iter().any(differ) {
                break;
            }
            progress.check()?;
            let again: Vec<usize> = (0..copies.len()).filter(|&i| differ(&copies[i])).collect();
            let mut anew: Vec<_> =
                again.iter().map(|&i| NewFile::create(targets[i].clone())).collect();
            if self.write(source, &mut anew, None)?.0 != staged.sha256 {
                return Err(CopyError::Unstable);
            }
            for (i, copy) in again.into_iter().zip(anew) {
                copies[i] = copy;
            }
        }
        staged.copies = copies;
        Ok(staged)
    }

    /// Reads the source once into all copies that are still well, and syncs them.
    fn write(
        &mut self,
        source: &mut Source,
        copies: &mut [Result<NewFile, FileError>],
        progress: Option<&Progress>,
    ) -> Result<(ContentHash, blake3::Hash, Sums), CopyError> {
        let (mut sums, mut whole) = (Sums::of(&source.also), blake3::Hasher::new());
        for copy in copies.iter_mut() {
            step(copy, |new| new.reserve(source.bytes));
        }
        let hash = source.read_all(&mut self.block, |bytes| {
            sums.update(bytes);
            whole.update(bytes);
            if let Some(progress) = progress {
                progress.check()?;
                progress.add_bytes(bytes.len() as u64);
            }
            for copy in copies.iter_mut() {
                step(copy, |new| new.write_all(bytes).map_err(|e| FileError::io(new.path(), e)));
            }
            Ok(())
        })?;
        for copy in copies.iter_mut() {
            step(copy, |new| new.set_mtime(source.mtime_ns));
            step(copy, |new| new.sync());
        }
        // the first copy is looked at again soon; the others would only push better pages out
        for copy in copies.iter().skip(1).flatten() {
            drop_pages(copy.file());
        }
        Ok((hash, whole.finalize(), sums))
    }

    /// Reads one copy back, unless it was before, and turns it into a `Mismatch` if it differs.
    fn verify(
        &mut self,
        copy: &mut Result<NewFile, FileError>,
        whole: &blake3::Hash,
        staged: &mut Staged,
    ) {
        #[cfg(test)]
        if let (Some(hook), Ok(new)) = (&mut self.before_read_back, &*copy) {
            hook(new.temp());
        }
        step(copy, |new| {
            let (found, bytes, how) = read_back_as::<blake3::Hasher>(new.temp(), &mut self.block)?;
            staged.read_back = staged.read_back.max(Some(how));
            if (&found.finalize(), bytes) == (whole, staged.bytes) {
                Ok(())
            } else {
                Err(FileError::Mismatch(new.path().to_owned()))
            }
        });
    }
}

/// Does something with a copy that is still well; a failure takes the copy's place, and its
/// temporary file goes.
fn step(
    copy: &mut Result<NewFile, FileError>,
    mut act: impl FnMut(&mut NewFile) -> Result<(), FileError>,
) {
    if let Ok(new) = copy
        && let Err(error) = act(new)
    {
        *copy = Err(error);
    }
}

/// Why a verified copy failed: at the source or at the destination.
#[derive(Debug, thiserror::Error)]
pub enum VerifiedCopyError {
    #[error(transparent)]
    Source(#[from] CopyError),
    #[error(transparent)]
    Destination(#[from] FileError),
}

impl From<VerifiedCopyError> for crate::error::Error {
    fn from(error: VerifiedCopyError) -> Self {
        match error {
            VerifiedCopyError::Source(e) => e.into(),
            VerifiedCopyError::Destination(e) => e.into(),
        }
    }
}

impl From<CopyError> for crate::error::Error {
    fn from(error: CopyError) -> Self {
        use crate::error::Code;
        let code = match &error {
            CopyError::Source(_) | CopyError::NotRegular => Code::Io,
            CopyError::Changed | CopyError::Unstable => Code::Damaged,
            CopyError::Cancelled(_) => Code::Cancelled,
        };
        Self::new(code, error)
    }
}

/// Copies one file to one new place, verified, and returns its hash.
///
/// # Errors
/// When the source cannot be read, the name is taken, or the copy cannot be written or read back.
pub fn copy_verified(
    source: &Path,
    target: &Path,
    progress: &Progress,
) -> Result<ContentHash, VerifiedCopyError> {
    let mut staged =
        Stager::default().stage(&mut Source::open(source)?, &[target.to_owned()], progress)?;
    if let Some(copy) = staged.copies.pop() {
        copy?.place_at(target)?;
        sync_dir(folder_of(target))?;
    }
    Ok(staged.sha256)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::FileExt;

    use super::super::write::write_new;
    use super::*;

    fn bytes(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i * 31 % 251) as u8).collect()
    }

    fn flip(path: &Path, at: u64) {
        let file = fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ 1], at).unwrap();
        file.sync_all().unwrap();
    }

    fn count(dir: &Path) -> usize {
        fs::read_dir(dir).unwrap().count()
    }

    #[test]
    fn copies_are_equal_at_every_length_around_a_block() {
        let dir = tempfile::tempdir().unwrap();
        for len in [0, 1, 4095, 4096, 4097, 1 << 20, (1 << 20) + 1, 3_000_001] {
            let source = dir.path().join(format!("s{len}"));
            let target = dir.path().join(format!("t{len}"));
            write_new(&source, &bytes(len)).unwrap();
            let hash = copy_verified(&source, &target, &Progress::new()).unwrap();
            assert_eq!(fs::read(&target).unwrap(), bytes(len), "length {len}");
            assert_eq!(hash.0, <[u8; 32]>::from(Sha256::digest(bytes(len))));
        }
    }

    #[test]
    fn the_time_travels_with_the_copy() {
        let dir = tempfile::tempdir().unwrap();
        let (source, target) = (dir.path().join("s"), dir.path().join("t"));
        let new = NewFile::create(&source).unwrap();
        new.set_mtime(1_000_000_000_123_456_789).unwrap();
        new.finish().unwrap();
        copy_verified(&source, &target, &Progress::new()).unwrap();
        assert_eq!(mtime_ns(&fs::metadata(&target).unwrap()), 1_000_000_000_123_456_789);
    }

    #[test]
    fn a_byte_flipped_on_disk_is_caught_and_the_copy_written_again() {
        let dir = tempfile::tempdir().unwrap();
        let (source, out) = (dir.path().join("s"), dir.path().join("out"));
        write_new(&source, &bytes(2_000_000)).unwrap();
        fs::create_dir(&out).unwrap();
        let mut looks = 0;
        let mut stager = Stager::default();
        stager.tamper_with(move |temp| {
            looks += 1;
            if looks <= 2 {
                flip(temp, 1_234_567);
            }
        });
        let staged = stager
            .stage(&mut Source::open(&source).unwrap(), &[out.join("t")], &Progress::new())
            .unwrap();
        assert!(staged.copies[0].is_ok(), "the third copy was left alone");
        assert_eq!(count(&out), 1, "the spoilt copies are gone");
    }

    #[test]
    fn a_disk_that_always_lies_fails_that_destination_and_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let (source, good, bad) =
            (dir.path().join("s"), dir.path().join("good"), dir.path().join("bad"));
        write_new(&source, &bytes(10_000)).unwrap();
        fs::create_dir(&good).unwrap();
        fs::create_dir(&bad).unwrap();
        let mut stager = Stager::default();
        let liar = bad.clone();
        stager.tamper_with(move |temp| {
            if temp.starts_with(&liar) {
                flip(temp, 9_999);
            }
        });
        let staged = stager
            .stage(
                &mut Source::open(&source).unwrap(),
                &[good.join("t"), bad.join("t")],
                &Progress::new(),
            )
            .unwrap();
        assert!(staged.copies[0].is_ok());
        assert!(matches!(staged.copies[1], Err(FileError::Mismatch(_))));
        assert_eq!(count(&bad), 0, "nothing of the spoilt copy stays");
    }

    #[test]
    fn links_pipes_and_folders_are_no_source() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("/etc/passwd", &link).unwrap();
        let pipe = dir.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        for path in [&link, &pipe, &dir.path().to_owned()] {
            assert!(matches!(Source::open(path), Err(CopyError::NotRegular)), "{path:?}");
        }
    }

    #[test]
    fn a_stopped_copy_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (source, out) = (dir.path().join("s"), dir.path().join("out"));
        write_new(&source, &bytes(10_000)).unwrap();
        fs::create_dir(&out).unwrap();
        let progress = Progress::new();
        progress.cancel();
        let stopped = copy_verified(&source, &out.join("t"), &progress);
        assert!(matches!(stopped, Err(VerifiedCopyError::Source(CopyError::Cancelled(_)))));
        assert_eq!(count(&out), 0);
    }
}
