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
use crate::metadata::jpeg::segments;
use crate::metadata::source::{Source, Window};
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

/// The picture at the beginning of a file where more follows it: a film, a second picture, padding.
/// Only as much is read. `None` where the file ends with the picture, as most do.
fn alone(file: Window<'_>) -> Option<Vec<u8>> {
    const END: [u8; 2] = [0xFF, 0xD9];
    const PIECE: usize = 2 << 20;
    if file.len() < PIECE as u64 || file.array(file.len() - 2)? == END {
        return None;
    }
    // inside picture data FF is followed by 00 or a restart: the first FF D9 is the end
    let mut from = usize::try_from(segments(file).filter(|s| s.has_scan)?.scan).ok()?;
    let mut picture = Vec::new();
    loop {
        let piece =
            file.read_up_to(picture.len() as u64, PIECE).filter(|piece| !piece.is_empty())?;
        picture.extend(piece);
        if let Some(end) = picture.get(from..).and_then(|rest| memchr::memmem::find(rest, &END)) {
            picture.truncate(from + end + END.len());
            return Some(picture);
        }
        from = from.max(picture.len() - 1);
    }
}

fn jpeg_file(path: &Path, px: u32) -> Result<Decoded, PreviewError> {
    let len = sandbox::len(path).at(path)?;
    if len == 0 {
        return Err(PreviewError::Damaged { reason: "the file is empty", partial: None });
    }
    if len > MAX_FILE {
        return Err(PreviewError::Unsupported { reason: "the file is too large" });
    }
    if let Some(picture) = Source::open(path, MAX_FILE).ok().and_then(|s| alone(s.all()))
        && let Ok(decoded) = decode::jpeg(&picture, px)
        && decoded.damage.is_none()
    {
        return Ok(decoded);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_file_with_more_behind_its_picture_only_the_picture_is_taken() {
        let pixels = Pixels { rgb: vec![90; 64 * 48 * 3], width: 64, height: 48 };
        let picture = pixels.jpeg(90).unwrap();
        let alone_of = |bytes: &[u8]| alone(Source::memory(bytes).all());
        assert_eq!(alone_of(&picture), None, "read as it is");
        let film = [0x55, 0xFF, 0xD9].repeat(1 << 20);
        let both = [picture.as_slice(), &film, &[0]].concat();
        assert_eq!(alone_of(&both), Some(picture.clone()));
        // the end may fall between two pieces, and a thumbnail's end is not the picture's
        let scan = segments(Source::memory(&picture).all()).unwrap().scan as usize;
        let mut comments = Vec::new();
        while comments.len() < (2 << 20) + 1 - picture.len() {
            let room = ((2 << 20) + 1 - picture.len() - comments.len()).min(60_000);
            let len = u16::try_from(room.max(6) - 2).unwrap();
            let text = vec![0xD9; usize::from(len) - 3];
            comments.extend([&[0xFF, 0xFE], len.to_be_bytes().as_slice(), &[0xFF], &text].concat());
        }
        let long = [&picture[..scan], &comments, &picture[scan..]].concat();
        for less in 0..4 {
            // a comment is shorter by so much: the end moves over the edge of the piece
            let mut long = long.clone();
            let shorter = u16::from_be_bytes([long[scan + 2], long[scan + 3]]) - less;
            long[scan + 2..scan + 4].copy_from_slice(&shorter.to_be_bytes());
            long.drain(scan + 5..scan + 5 + usize::from(less));
            let both = [long.as_slice(), &film, &[0]].concat();
            assert_eq!(alone_of(&both), Some(long), "{less}");
        }
        let cut = [&picture[..picture.len() - 2], &vec![0; 3 << 20]].concat();
        assert_eq!(alone_of(&cut), None, "no end");
    }
}
