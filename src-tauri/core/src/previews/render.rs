//! Thumb and view of one picture, from one decode.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::ImageFormat;

use super::PreviewError;
use super::decode::{self, Decoded};
use super::embedded;
use super::pixels::{Pixels, fit};
use crate::error::At;
use crate::media::{MediaKind, PreviewSize};
use crate::metadata::source::Source;
use crate::metadata::{self, format_by_name};
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
    contained(|| both(decode::jpeg(bytes, PreviewSize::View.px())?))
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

fn previews(picture: &Pixels) -> Result<Rendered, PreviewError> {
    let view = picture.fitted(PreviewSize::View.px())?;
    let thumb = view.fitted(PreviewSize::Thumb.px())?;
    Ok(Rendered {
        thumb: thumb.jpeg(THUMB_QUALITY)?,
        thumb_px: (thumb.width, thumb.height),
        view: view.jpeg(VIEW_QUALITY)?,
        view_px: (view.width, view.height),
    })
}

/// Decodes the file to about `px` on the longer side, upright.
pub(crate) fn upright(
    path: &Path,
    format: &str,
    orientation: u8,
    px: u32,
) -> Result<Decoded, PreviewError> {
    let decoded = match format {
        "JPEG" | "MPO" | "THM" => jpeg_file(path, px)?,
        "PNG" => decode::other(path, ImageFormat::Png)?,
        "TIFF" => decode::other(path, ImageFormat::Tiff)?,
        "WEBP" => decode::other(path, ImageFormat::WebP)?,
        _ if format_by_name(&format!(".{format}")).kind == MediaKind::Raw => {
            return raw(path, format, orientation, px);
        }
        _ => return Err(PreviewError::Unsupported { reason: "its format is not decoded yet" }),
    };
    Ok(turned(decoded, orientation, px))
}

/// Makes the picture as small as asked for, then turns it: turning fewer pixels is cheaper.
fn turned(decoded: Decoded, orientation: u8, px: u32) -> Decoded {
    let Decoded { pixels, damage } = decoded;
    let is_larger = fit((pixels.width, pixels.height), px) != (pixels.width, pixels.height);
    let small = if orientation > 1 && is_larger { pixels.fitted(px).ok() } else { None };
    let small = small.map(std::borrow::Cow::into_owned);
    Decoded { pixels: small.unwrap_or(pixels).upright(orientation), damage }
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

/// Shows a raw file by the best whole JPEG inside it.
fn raw(path: &Path, format: &str, orientation: u8, px: u32) -> Result<Decoded, PreviewError> {
    const MAX_JPEG: usize = 128 << 20;
    let source = Source::open(path, 2 * MAX_FILE).at(path)?;
    let found = embedded::find(source.all(), format, px);
    if found.is_empty() {
        return Err(without_preview(path, format));
    }
    let mut partial = None;
    for jpeg in found {
        let Some(bytes) = jpeg.window.small(MAX_JPEG) else { continue };
        let Ok(decoded) = decode::jpeg(&bytes, px) else { continue };
        let decoded = turned(decoded, needed(path, format, orientation, jpeg.is_landscape), px);
        if decoded.damage.is_none() {
            return Ok(decoded);
        }
        partial.get_or_insert(decoded);
    }
    partial.ok_or(PreviewError::Damaged { reason: "the preview inside is broken", partial: None })
}

/// Tells a raw file whose maker put no preview in from one that is not a raw file any more.
fn without_preview(path: &Path, format: &str) -> PreviewError {
    let record = metadata::read_here(path, &format!(".{format}"));
    if record.make.is_none() && record.width.is_none() {
        return PreviewError::Damaged { reason: "its structure is broken", partial: None };
    }
    PreviewError::Unsupported { reason: "there is no preview inside" }
}

/// Returns the turn an embedded JPEG still needs: some cameras turn it themselves.
fn needed(path: &Path, format: &str, orientation: u8, is_landscape: bool) -> u8 {
    if orientation < 5 {
        return orientation;
    }
    let record = metadata::read_here(path, &format!(".{format}"));
    let is_upright_landscape = record.width.zip(record.height).map(|(w, h)| w > h);
    // A quarter turn changes the shape: a JPEG of the upright shape was turned already.
    if is_upright_landscape == Some(is_landscape) { 1 } else { orientation }
}
