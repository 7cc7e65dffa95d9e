//! Reading a file back from the disk itself, not from the memory it was written through.
//!
//! `O_DIRECT` goes past the page cache altogether. Where a file system refuses it, the synced pages
//! are dropped first (`posix_fadvise`), so that reading has to fetch them again. The file must have
//! been synced: dirty pages are neither dropped nor on disk. The report names what was done.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::error::FileError;
use crate::media::ContentHash;

/// Address, offset and length that every `O_DIRECT` in use is content with.
const ALIGN: usize = 4096;
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

/// A buffer that `O_DIRECT` accepts, to be used again and again.
#[derive(Debug)]
pub struct Block {
    memory: Vec<u8>,
    start: usize,
}

impl Default for Block {
    fn default() -> Self {
        let memory = vec![0; BLOCK + ALIGN];
        let start = memory.as_ptr().align_offset(ALIGN);
        Self { memory, start }
    }
}

impl Block {
    pub(super) fn bytes(&mut self) -> &mut [u8] {
        &mut self.memory[self.start..self.start + BLOCK]
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
    if let Ok(direct) = open_direct(path) {
        match hash_all(&direct, block) {
            Ok((hash, bytes)) => return Ok((hash, bytes, ReadBack::Direct)),
            // accepted at open, refused at read: network and FUSE file systems do that
            Err(e) if e.kind() == io::ErrorKind::InvalidInput => {}
            Err(e) => return Err(FileError::io(path, e)),
        }
    }
    let file = File::open(path).map_err(|e| FileError::io(path, e))?;
    drop_pages(&file);
    let (hash, bytes) = hash_all(&file, block).map_err(|e| FileError::io(path, e))?;
    Ok((hash, bytes, ReadBack::Dropped))
}

/// Hashes a file from its start to its end, as long as it is now.
fn hash_all(mut file: &File, block: &mut Block) -> io::Result<(ContentHash, u64)> {
    let mut hash = Sha256::new();
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
        hash.update(&block.bytes()[..n]);
        bytes += n as u64;
    }
    Ok((ContentHash(hash.finalize().into()), bytes))
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
fn drop_pages(file: &File) {
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}
