//! Where this computer's copies lie: library, mirrors, and what the bucket has committed.
//!
//! Local only: none of these tables ever leaves the computer. A copy stands here only after it was
//! verified; taking a row away never touches a file.

use jiff::Timestamp;

use crate::media::FileId;

use super::database::Catalog;
use super::error::Result;

/// A verified file in the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFile {
    pub file: FileId,
    /// Relative to the library's root, with `/`.
    pub path: String,
    pub bytes: u64,
    pub mtime_ns: i64,
    pub verified_at: Timestamp,
}

/// A verified file on a mirror.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorCopy {
    pub file: FileId,
    /// The mirror as the configuration names it.
    pub mirror: String,
    /// Relative to the mirror's root, with `/`.
    pub path: String,
    pub verified_at: Timestamp,
}

/// How much of the catalogue is in the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CloudCount {
    pub files: u64,
    pub bytes: u64,
    pub files_left: u64,
    pub bytes_left: u64,
}

impl Catalog {
    /// Notes verified files of the library, anew or again.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn set_local(&self, _files: &[LocalFile]) -> Result<()> {
        unimplemented!()
    }

    /// Notes that the library no longer has these files.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn forget_local(&self, _files: &[FileId]) -> Result<()> {
        unimplemented!()
    }

    /// Every file of the library, ordered by path.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn local_files(&self) -> Result<Vec<LocalFile>> {
        unimplemented!()
    }

    /// The file that lies at a path of the library.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn local_at(&self, _path: &str) -> Result<Option<LocalFile>> {
        unimplemented!()
    }

    /// Notes verified copies on mirrors, anew or again.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn set_mirrored(&self, _copies: &[MirrorCopy]) -> Result<()> {
        unimplemented!()
    }

    /// Notes that a mirror no longer has these files.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn forget_mirrored(&self, _mirror: &str, _files: &[FileId]) -> Result<()> {
        unimplemented!()
    }

    /// The mirrors' copies of one file.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn mirrors_of(&self, _file: FileId) -> Result<Vec<MirrorCopy>> {
        unimplemented!()
    }

    /// Notes that a commit which was read back holds these files.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn set_cloud(&self, _files: &[FileId], _committed_at: Timestamp) -> Result<()> {
        unimplemented!()
    }

    /// Notes that the bucket does not have these files after all.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn forget_cloud(&self, _files: &[FileId]) -> Result<()> {
        unimplemented!()
    }

    /// How many files are in the bucket and how many are not; those in the trash are not counted.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn cloud_count(&self) -> Result<CloudCount> {
        unimplemented!()
    }
}
