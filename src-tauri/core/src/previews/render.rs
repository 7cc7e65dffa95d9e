//! Thumb and view of one picture, from one decode.

use std::path::Path;

use super::PreviewError;

/// The two previews of a picture, JPEGs, upright.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub thumb: Vec<u8>,
    pub thumb_px: (u32, u32),
    pub view: Vec<u8>,
    pub view_px: (u32, u32),
}

/// Renders the picture at `path`; `format` is the catalogue's word ("JPEG", "CR3"), `orientation`
/// EXIF's 1 to 8.
///
/// # Errors
/// `Damaged` when the file is broken, `Unsupported` when nothing here decodes it.
pub fn render(_path: &Path, _format: &str, _orientation: u8) -> Result<Rendered, PreviewError> {
    unimplemented!()
}
