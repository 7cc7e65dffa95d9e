//! One JPEG for somebody else's eyes: of a chosen size, without metadata, with a visible mark if asked.

use std::path::Path;

use super::PreviewError;

/// What a rendition is made from.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    File {
        path: &'a Path,
        format: &'a str,
        orientation: u8,
    },
    /// An upright JPEG, such as a cached view.
    Jpeg(&'a [u8]),
}

/// A finished JPEG and its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jpeg {
    pub bytes: Vec<u8>,
    pub width: u32,
    pub height: u32,
}

/// Renders `source` at most `max_px` on the longer side (never larger than it is), JPEG `quality`
/// 1 to 100, with `watermark` written across it if given.
///
/// # Errors
/// As `render`.
pub fn rendition(
    _source: Source<'_>,
    _max_px: u32,
    _quality: u8,
    _watermark: Option<&str>,
) -> Result<Jpeg, PreviewError> {
    unimplemented!()
}
