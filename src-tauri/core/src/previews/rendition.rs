//! One JPEG for somebody else's eyes: of a chosen size, without metadata, with a visible mark if asked.

use std::path::Path;

use super::decode::{self, Decoded};
use super::mark;
use super::render::{contained, upright};
use super::{PreviewError, Rendered};

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

/// `rendition`, in this process.
pub(crate) fn rendition_here(
    source: Source<'_>,
    max_px: u32,
    quality: u8,
    watermark: Option<&str>,
) -> Result<Jpeg, PreviewError> {
    contained(|| {
        let max_px = max_px.max(1);
        let Decoded { mut pixels, damage, .. } = match source {
            Source::File { path, format, orientation } => {
                upright(path, format, orientation, max_px)?
            }
            Source::Jpeg(bytes) => decode::jpeg(bytes, max_px)?.finished(1, max_px)?,
        };
        if let Some(reason) = damage {
            return Err(PreviewError::Damaged { reason, partial: None::<Box<Rendered>> });
        }
        if let Some(text) = watermark {
            mark::draw(&mut pixels, text);
        }
        let (width, height) = (pixels.width, pixels.height);
        Ok(Jpeg { bytes: pixels.jpeg(quality)?, width, height })
    })
}
