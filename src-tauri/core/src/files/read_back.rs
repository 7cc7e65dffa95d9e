//! Reading a file back from the disk itself, not from the memory it was written through.
//!
//! `O_DIRECT` goes past the page cache altogether. Where a file system refuses it, the synced pages
//! are dropped first (`posix_fadvise`), so that reading has to fetch them again. The file must have
//! been synced: dirty pages are neither dropped nor on disk. The report names what was done.

use std::fs::File;
use std::io::{self, Read};
use std::ops::{Deref, DerefMut};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use memmap2::{Advice, MmapMut};
use sha2::{Digest, Sha256};

use super::error::FileError;
use crate::media::ContentHash;

/// Where a buffer starts in memory. `O_DIRECT` is content with 4 KiB; a whole huge page makes of a
/// block one piece for the disk instead of 256, which reads up to twice as fast.
const ALIGN: usize = 2 << 20;
/// How much is read or written at once.
const BLOCK: usize = 1 << 20;

/// How a copy was read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReadBack {
    /// Past the page cache.
    Direct,
    /// After the page cache was told to forget the file.
    Dropped,
}

impl std::fmt::Display for ReadBack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Direct => "O_DIRECT after fsync",
            Self::Dropped => "posix_fadvise(DONTNEED) after fsync",
        })
    }
}

/// A buffer that `O_DIRECT` accepts and likes, to be used again and again.
#[derive(Debug)]
pub struct Block {
    memory: Memory,
    start: usize,
}

#[derive(Debug)]
enum Memory {
    Mapped(MmapMut),
    Plain(Vec<u8>),
}

impl Deref for Memory {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Plain(bytes) => bytes,
        }
    }
}

impl DerefMut for Memory {
    fn deref_mut(&mut self) -> &mut [u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Plain(bytes) => bytes,
        }
    }
}

impl Default for Block {
    fn default() -> Self {
        let memory = MmapMut::map_anon(BLOCK + ALIGN).map_or_else(
            |_| Memory::Plain(vec![0; BLOCK + ALIGN]),
            |map| {
                // only a wish: small pages do as well
                #[cfg(target_os = "linux")]
                let _ = map.advise(Advice::HugePage);
                Memory::Mapped(map)
            },
        );
        let start = memory.as_ptr().align_offset(ALIGN);
        Self { memory, start }
    }
}

impl Block {
    pub(super) fn bytes(&mut self) -> &mut [u8] {
        &mut self.memory[self.start..self.start + BLOCK]
    }
}

/// What is made of the bytes that are read back.
pub(super) trait Sum: Default {
    fn add(&mut self, bytes: &[u8]);
}

impl Sum for Sha256 {
    fn add(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

impl Sum for blake3::Hasher {
    fn add(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

/// Hashes the synced file at `path` as the disk holds it; also returns its length.
///
/// # Errors
/// When it cannot be read.
pub fn read_back(
    path: &Path,
    block: &mut Block,
) -> Result<(ContentHash, u64, ReadBack), FileError> {
    let (hash, bytes, how) = read_back_as::<Sha256>(path, block)?;
    Ok((ContentHash(hash.finalize().into()), bytes, how))
}

/// The same with another sum than SHA-256.
///
/// # Errors
/// When it cannot be read.
pub(super) fn read_back_as<S: Sum>(
    path: &Path,
    block: &mut Block,
) -> Result<(S, u64, ReadBack), FileError> {
    if let Ok(direct) = open_direct(path) {
        match sum_all(&direct, block) {
            Ok((sum, bytes)) => return Ok((sum, bytes, ReadBack::Direct)),
            // accepted at open, refused at read: network and FUSE file systems do that
            Err(e) if e.kind() == io::ErrorKind::InvalidInput => {}
            Err(e) => return Err(FileError::io(path, e)),
        }
    }
    let file = File::open(path).map_err(|e| FileError::io(path, e))?;
    drop_pages(&file);
    let (sum, bytes) = sum_all(&file, block).map_err(|e| FileError::io(path, e))?;
    Ok((sum, bytes, ReadBack::Dropped))
}

/// Sums up a file from its start to its end, as long as it is now.
fn sum_all<S: Sum>(mut file: &File, block: &mut Block) -> io::Result<(S, u64)> {
    let mut sum = S::default();
    let (mut bytes, length) = (0, file.metadata()?.len());
    // asking once more at a ragged end would be a misaligned direct read
    while bytes < length {
        let n = match file.read(block.bytes()) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            n => n?,
        };
        if n == 0 {
            break;
        }
        sum.add(&block.bytes()[..n]);
        bytes += n as u64;
    }
    Ok((sum, bytes))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn open_direct(path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::DIRECT.bits() as i32;
    std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn open_direct(_path: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Tells the page cache that these pages are not needed. Only a hint: nothing depends on it.
pub(super) fn drop_pages(file: &File) {
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}
