//! Thumb and view of one picture, from one decode.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::ImageFormat;

use super::PreviewError;
use super::decode::{self, Decoded};
use super::pixels::Pixels;
use super::{embedded, film, heif, jxl, raw, tiff};
use crate::error::At;
use crate::media::{MediaKind, PreviewSize};
use crate::metadata::format_by_name;
use crate::metadata::source::Source;
use crate::sandbox;

/// The two previews of a picture, JPEGs, upright.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub thumb: Vec<u8>,
    pub thumb_px: (u32, u32),
    pub view: Vec<u8>,
    pub view_px: (u32, u32),
}

const THUMB_QUALITY: u8 = 82;
const VIEW_QUALITY: u8 = 85;

/// No JPEG of `MAX_PIXELS` is longer; a film behind a motion photo fits too.
const MAX_FILE: u64 = 512 << 20;

/// `render`, in this process.
pub(crate) fn render_here(
    path: &Path,
    format: &str,
    orientation: u8,
) -> Result<Rendered, PreviewError> {
    contained(|| both(upright(path, format, orientation, PreviewSize::View.px())?))
}

/// The same of an upright JPEG that is no file, such as a film's first frame.
pub(super) fn render_jpeg(bytes: &[u8]) -> Result<Rendered, PreviewError> {
    contained(|| {
        let px = PreviewSize::View.px();
        both(decode::jpeg(bytes, px)?.finished(1, px)?)
    })
}

fn both(upright: Decoded) -> Result<Rendered, PreviewError> {
    let rendered = previews(&upright.pixels)?;
    match upright.damage {
        None => Ok(rendered),
        Some(reason) => Err(PreviewError::Damaged { reason, partial: Some(Box::new(rendered)) }),
    }
}

/// Runs a decoder; a panic in it costs this picture and nothing else.
pub(crate) fn contained<T>(
    work: impl FnOnce() -> Result<T, PreviewError>,
) -> Result<T, PreviewError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or(Err(PreviewError::Damaged { reason: "the decoder gave up", partial: None }))
}

pub(super) fn previews(picture: &Pixels) -> Result<Rendered, PreviewError> {
    let view = picture.fitted(PreviewSize::View.px())?;
    let thumb = view.fitted(PreviewSize::Thumb.px())?;
    Ok(Rendered {
        thumb: thumb.jpeg(THUMB_QUALITY)?,
        thumb_px: (thumb.width, thumb.height),
        view: view.jpeg(VIEW_QUALITY)?,
        view_px: (view.width, view.height),
    })
}

/// Decodes the file to about `px` on the longer side, upright and in sRGB.
pub(crate) fn upright(
    path: &Path,
    format: &str,
    orientation: u8,
    px: u32,
) -> Result<Decoded, PreviewError> {
    let by_name = format_by_name(&format!(".{format}"));
    let (decoded, orientation) = match format {
        "JPEG" | "MPO" | "THM" => (jpeg_file(path, px)?, orientation),
        "PNG" => (decode::other(path, ImageFormat::Png)?, orientation),
        "TIFF" => (tiff_or_inside(path, px)?, orientation),
        "WEBP" => (decode::other(path, ImageFormat::WebP)?, orientation),
        "GIF" => (decode::other(path, ImageFormat::Gif)?, 1),
        "BMP" => (decode::other(path, ImageFormat::Bmp)?, 1),
        // These turn themselves, by properties of their own.
        "HEIC" | "HEIF" | "AVIF" => (heif::file(path, px)?, 1),
        "JXL" => (jxl::file(path)?, 1),
        _ if by_name.kind == MediaKind::Raw => return raw::file(path, format, orientation, px),
        _ if by_name.kind == MediaKind::Video => {
            let still = film::still(path);
            let still = still.ok_or(decode::unsupported("no frame of the film can be shown"))?;
            (decode::jpeg(&still, px)?, 1)
        }
        _ if by_name.kind == MediaKind::Photo => (inside(path, px)?, orientation),
        _ => return Err(PreviewError::Unsupported { reason: "it holds no picture" }),
    };
    decoded.finished(orientation, px)
}

/// Decodes a TIFF, or shows the JPEG inside one of a kind that nothing here decodes.
fn tiff_or_inside(path: &Path, px: u32) -> Result<Decoded, PreviewError> {
    match tiff::file(path) {
        Err(PreviewError::Unsupported { reason }) => {
            inside(path, px).map_err(|_| PreviewError::Unsupported { reason })
        }
        outcome => outcome,
    }
}

/// Shows a file of a format nothing here decodes by the largest JPEG inside it.
fn inside(path: &Path, px: u32) -> Result<Decoded, PreviewError> {
    const MAX_JPEG: usize = 64 << 20;
    let source = Source::open(path, MAX_FILE).at(path)?;
    let mut found = embedded::search(source.all());
    found.sort_by_key(|jpeg| std::cmp::Reverse(jpeg.longer));
    let whole = found.iter().find_map(|jpeg| {
        let decoded = decode::jpeg(&jpeg.window.small(MAX_JPEG)?, px).ok()?;
        decoded.damage.is_none().then_some(decoded)
    });
    whole.ok_or(PreviewError::Unsupported { reason: "its format is not decoded" })
}

fn jpeg_file(path: &Path, px: u32) -> Result<Decoded, PreviewError> {
    let len = sandbox::len(path).at(path)?;
    if len == 0 {
        return Err(PreviewError::Damaged { reason: "the file is empty", partial: None });
    }
    if len > MAX_FILE {
        return Err(PreviewError::Unsupported { reason: "the file is too large" });
    }
    let bytes = sandbox::read(path).at(path)?;
    match decode::jpeg(&bytes, px) {
        Err(PreviewError::Damaged { reason, .. }) => {
            // Of a picture cut off early the camera's own thumbnail may be whole.
            let source = Source::memory(&bytes);
            let inside = embedded::search(source.all());
            let inside = inside.iter().filter(|e| e.window.start() > 0);
            let thumb = inside.max_by_key(|e| e.longer).and_then(|e| e.window.small(4 << 20));
            let partial = thumb.and_then(|bytes| decode::jpeg(&bytes, px).ok());
            let decoded = partial.ok_or(PreviewError::Damaged { reason, partial: None })?;
            Ok(Decoded { damage: Some(reason), ..decoded })
        }
        outcome => outcome,
    }
}
