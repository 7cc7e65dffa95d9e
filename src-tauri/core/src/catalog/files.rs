//! Files: every file of every exposure, projected from the photos' `file/..` and `at/..` fields.

use serde_json::Value;

use crate::media::{ContentHash, FileId, PhotoId, Role};

use super::copies::LocalFile;
use super::database::Catalog;
use super::error::Result;

/// One file of an exposure.
#[derive(Debug, Clone, PartialEq)]
pub struct FileRow {
    pub photo: PhotoId,
    pub file: FileId,
    pub role: Role,
    /// The name it had on the card, as raw bytes (WTF-8 from Windows).
    pub name: Vec<u8>,
    pub bytes: u64,
    pub sha256: ContentHash,
    /// The MIME type.
    pub mime: String,
    /// Where the computer that imported it put it, relative to the library's root.
    pub path: Option<String>,
    /// Whether the exposure is shown by this file.
    pub lead: bool,
    /// The place in the bucket, `[kid, object]` or `[kid, pack, n, offset, length]`.
    pub place: Option<Value>,
    /// Whether the photo is in the trash.
    pub trash: bool,
    /// The copy in this computer's library, if there is one.
    pub local: Option<LocalFile>,
    /// Whether a read-back commit of the vault holds it.
    pub cloud: bool,
}

impl FileRow {
    /// The name as it can be shown.
    #[must_use]
    pub fn shown_name(&self) -> String {
        String::from_utf8_lossy(&self.name).into_owned()
    }
}

impl Catalog {
    /// A file with this content, one with a local copy if there is any.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn file_by_hash(&self, _sha256: &ContentHash) -> Result<Option<FileRow>> {
        unimplemented!()
    }

    /// One file.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn file(&self, _id: FileId) -> Result<Option<FileRow>> {
        unimplemented!()
    }

    /// The files of one photo, the leading one first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn files_of(&self, _photo: PhotoId) -> Result<Vec<FileRow>> {
        unimplemented!()
    }

    /// Files with a local copy that no commit holds yet, picks and stars first, then oldest first;
    /// photos in the trash are left out.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn not_in_cloud(&self, _limit: usize) -> Result<Vec<FileRow>> {
        unimplemented!()
    }
}
