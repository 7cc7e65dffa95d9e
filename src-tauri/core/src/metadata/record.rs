//! The record of one file.

use std::path::Path;

use serde_json::{Map, Value};

use super::Xmp;
use crate::media::{CaptureTime, MediaKind, Role};

/// A place in signed degrees, always in range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gps {
    pub lat: f64,
    pub lon: f64,
}

/// What one file says about itself. What it does not say is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct Metadata {
    /// Upper-case word: "JPEG", "CR3", "MP4", "XMP"; "" when unknown.
    pub format: &'static str,
    pub mime: &'static str,
    pub kind: MediaKind,
    pub role: Role,
    /// When it was taken, as the file says; the only time that may be shown as the capture time.
    pub taken: Option<CaptureTime>,
    /// The file's own time (UTC, `TimeSource::File`): good for sorting and folders, never a capture time.
    pub file_time: Option<CaptureTime>,
    pub make: Option<String>,
    pub model: Option<String>,
    pub lens: Option<String>,
    pub serial: Option<String>,
    pub iso: Option<u32>,
    /// The f-number.
    pub aperture: Option<f64>,
    /// "1/250" or "2.5", in seconds.
    pub shutter: Option<String>,
    /// In millimetres.
    pub focal_length: Option<f64>,
    /// EXIF's 1 to 8, as still to be applied to the stored pixels; 1 when not said.
    pub orientation: u8,
    /// Upright pixels.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// Length of a video or recording, in seconds.
    pub seconds: Option<f64>,
    pub gps: Option<Gps>,
    pub artist: Option<String>,
    pub copyright: Option<String>,
    /// Links the two parts of a Live Photo.
    pub content_id: Option<String>,
    /// Rating, label, keywords and words from embedded XMP, or the whole of a sidecar.
    pub xmp: Xmp,
}

/// Reads what the file at `path` says; `name_hint` is its original name, for the extension.
#[must_use]
pub fn read(_path: &Path, _name_hint: &str) -> Metadata {
    unimplemented!()
}

impl Metadata {
    /// Returns the best time to sort and file by: when it was taken, else the file's own time.
    #[must_use]
    pub fn time(&self) -> Option<CaptureTime> {
        self.taken.or(self.file_time)
    }

    /// Returns the catalogue's `meta` field: present values only.
    #[must_use]
    pub fn to_meta(&self) -> Map<String, Value> {
        unimplemented!()
    }
}
