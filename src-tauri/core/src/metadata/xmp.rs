//! XMP: sidecars and packets inside files, read only. No entity is ever expanded.

use std::path::Path;

use super::Gps;
use crate::media::CaptureTime;

/// What an XMP packet says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Xmp {
    /// 0 to 5; -1 is Bridge's and Lightroom's "rejected".
    pub rating: Option<i8>,
    pub label: Option<String>,
    /// Flat keywords and every level of hierarchical ones, each once.
    pub keywords: Vec<String>,
    pub title: Option<String>,
    pub caption: Option<String>,
    pub artist: Option<String>,
    pub copyright: Option<String>,
    pub gps: Option<Gps>,
    pub taken: Option<CaptureTime>,
    pub orientation: Option<u8>,
}

/// Reads a sidecar; `None` when it is no XMP or too large to be one.
#[must_use]
pub fn read(_path: &Path) -> Option<Xmp> {
    unimplemented!()
}

/// Reads a packet; `None` when it is not well-formed XMP.
#[must_use]
pub fn parse(_packet: &[u8]) -> Option<Xmp> {
    unimplemented!()
}
