//! What an import tells at its end: every file of the card in exactly one outcome.

use std::path::PathBuf;

use serde::Serialize;

use super::mhl::ReferenceReport;
use crate::media::{ImportId, MediaKind, PhotoId};

/// A file or folder of the card and why it was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Relative to the card's root; lossily, where the name is no text.
    pub path: String,
    pub reason: String,
}

/// A verified file of the library that could not be written to a mirror.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MirrorFailure {
    pub mirror: String,
    /// Empty when the whole mirror is away.
    pub path: String,
    pub reason: String,
}

/// An exposure that has just been made known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    pub photo: PhotoId,
    /// The leading file on the card, very likely still in memory.
    pub card_path: PathBuf,
    /// The leading file in the library.
    pub path: PathBuf,
    /// Its format's word, as in the catalogue's `meta`.
    pub format: &'static str,
    pub kind: MediaKind,
    pub orientation: u8,
}

/// The report of one import.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportReport {
    pub import_id: Option<ImportId>,
    /// Files, as all counts here.
    pub imported: u64,
    pub already_here: u64,
    pub skipped: Vec<Left>,
    pub failed: Vec<Left>,
    pub mirror_failed: Vec<MirrorFailure>,
    /// XMP sidecars written beside new photos.
    pub sidecars: u64,
    /// Sidecars that could not be written; their fields are in the catalogue all the same.
    pub sidecar_failed: Vec<Left>,
    /// Bytes of the imported files.
    pub bytes: u64,
    pub seconds: f64,
    /// How the copies were read back; empty when nothing was copied.
    pub read_back: String,
    pub safe_to_format: bool,
    /// Paths of the card's files that lack a second verified copy.
    pub missing: Vec<String>,
    /// Files left out as the camera's or the system's own.
    pub junk: u64,
    /// One sentence for the photographer.
    pub verdict: String,
    /// The manifest, relative to the library's root.
    pub manifest: Option<String>,
    /// Why there is no manifest, though there should be one.
    pub manifest_failed: Option<String>,
    /// This import's generation in the ASC MHL history beside the originals, relative to the
    /// library's root.
    pub mhl: Option<String>,
    /// Why that history is not whole, though it should be.
    pub mhl_failed: Option<String>,
    /// How the card compares with the manifests that lie on it, where some do.
    pub reference: Option<ReferenceReport>,
    pub cancelled: bool,
    pub card_gone: bool,
    /// Something of the photographer's was left out by design (another disk mounted in the card).
    #[serde(skip)]
    pub left_out: bool,
    /// New exposures in the order they were made known.
    #[serde(skip)]
    pub arrivals: Vec<Arrival>,
}

impl ImportReport {
    /// Whether the card was taken as a whole, and is what its own manifests say: without that,
    /// no copy that comes later makes it safe to format.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.failed.is_empty()
            && !self.left_out
            && self.reference.as_ref().is_none_or(ReferenceReport::holds)
    }

    /// Whether nothing failed and nothing of the photographer's was left out.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.is_whole()
            && self.mirror_failed.is_empty()
            && self.sidecar_failed.is_empty()
            && self.manifest_failed.is_none()
            && self.mhl_failed.is_none()
            && !self.cancelled
    }
}
