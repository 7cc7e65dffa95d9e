//! Which cards may be formatted, as of now.

use jiff::Timestamp;
use serde::Serialize;

use super::Vault;
use crate::catalog::{ImportRow, ImportState};
use crate::error::Result;
use crate::files;
use crate::media::ImportId;

/// An import and what its card's files have for copies now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportVerdict {
    pub import_id: ImportId,
    pub source: String,
    /// What the card is known by.
    pub card: Option<String>,
    pub started: Timestamp,
    pub ended: Option<Timestamp>,
    /// Files of the card that are in the library or were.
    pub files: u64,
    /// Every file of the card was taken, and each has copies in two places: on two devices, or one
    /// here and one in a commit of the bucket that was read back.
    pub safe_to_format: bool,
    /// Paths on the card of the files that lack a second copy, or failed.
    pub missing: Vec<String>,
}

impl Vault {
    /// All imports, newest first, each with its verdict.
    ///
    /// # Errors
    /// The catalogue could not be read.
    pub fn imports(&self) -> Result<Vec<ImportVerdict>> {
        self.note_devices()?;
        self.catalog.imports()?.into_iter().map(|import| self.verdict(import)).collect()
    }

    fn verdict(&self, import: ImportRow) -> Result<ImportVerdict> {
        let library = self.library();
        let copies = self.catalog.copies_of_import(import.id, &library.to_string_lossy())?;
        Ok(ImportVerdict {
            safe_to_format: matches!(import.state, ImportState::Clean | ImportState::MirrorsBehind)
                && copies.files > 0
                && copies.missing.is_empty(),
            import_id: import.id,
            source: import.source,
            card: import.card,
            started: import.started,
            ended: import.ended,
            files: copies.files,
            missing: copies.missing,
        })
    }

    /// Notes on which devices the roots lie that are there.
    pub(super) fn note_devices(&self) -> Result<()> {
        let config = self.config();
        for root in std::iter::once(&config.library).chain(&config.mirrors) {
            if config.is_there(root) {
                self.catalog.set_root_device(&root.to_string_lossy(), files::device_of(root)?)?;
            }
        }
        Ok(())
    }
}
