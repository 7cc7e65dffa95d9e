//! What the photographer says about the photos of an import: whose they are, what they are called,
//! how wrong the camera's clock was.

use serde::{Deserialize, Serialize};

use crate::media::ClockCorrection;
use crate::metadata::IptcFields;

/// What holds for every photo of an import.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directions {
    /// The job's code: it belongs to the shoot.
    pub job: Option<String>,
    pub clock: ClockCorrection,
    /// From 0 to 23: when a day's photos end and the next day's begin.
    pub day_starts_at_hour: u8,
    /// Copyright, words and places, for the catalogue and for XMP.
    pub iptc: IptcFields,
    pub sidecars: Sidecars,
}

/// Which photos get the fields as an XMP sidecar. Originals themselves are never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sidecars {
    /// None: the fields are in the catalogue only.
    None,
    /// Raw files: `IMG_1.xmp`, which every raw developer reads.
    #[default]
    Raw,
    /// All: `IMG_1.xmp` for raw files, `IMG_1.JPG.xmp` for the others.
    All,
}
