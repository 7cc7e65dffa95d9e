//! HEIC, HEIF and AVIF by libheif: tiles put together, turned and mirrored as the file's own
//! properties say, ten and twelve bits brought to eight.
//!
//! What EXIF says of turning is about the pixels before that, so whoever asks here does not turn
//! again. A file whose picture does not decode may still show a thumbnail.

use std::path::Path;

use libheif_rs::{
    ColorProfileNCLX, ColorSpace, DecodingOptions, HeifContext, HeifError, HeifErrorCode, Image,
    ImageHandle, LibHeif, RgbChroma, SecurityLimits,
};

use super::PreviewError;
use super::colour::Colours;
use super::decode::{self, Decoded, MAX_BYTES, damaged, turn, unsupported};
use super::embedded;
use super::pixels::{Pixels, on_white};
use crate::error::At;
use crate::metadata::source::Source;
use crate::sandbox;

/// The largest HEIF of a camera has 50 MB.
const MAX_FILE: u64 = 256 << 20;
/// The largest cameras make 100 million pixels; libheif holds them two or three times.
const MAX_PIXELS: u64 = 120_000_000;
/// Most memory libheif takes for one picture, all in all.
const MAX_MEMORY: u64 = 768 << 20;

/// Decodes the file's primary picture, upright.
pub(super) fn file(path: &Path, px: u32) -> Result<Decoded, PreviewError> {
    let len = sandbox::len(path).at(path)?;
    if len == 0 {
        return Err(damaged("the file is empty"));
    }
    if len > MAX_FILE {
        return Err(unsupported("the file is too large"));
    }
    let bytes = sandbox::read(path).at(path)?;
    let error = match primary(&bytes) {
        Ok(decoded) => return Ok(decoded),
        Err(error) => error,
    };
    // Old cameras put a JPEG into the EXIF of a HEIF, others one beside the picture.
    let source = Source::memory(&bytes);
    let jpegs = embedded::search(source.all());
    let largest = jpegs.iter().max_by_key(|e| e.longer).and_then(|e| e.window.small(32 << 20));
    let thumb = largest.and_then(|bytes| decode::jpeg(&bytes, px).ok());
    match (error, thumb) {
        (PreviewError::Damaged { reason, .. }, Some(thumb)) => {
            Ok(Decoded { damage: Some(reason), ..thumb })
        }
        (PreviewError::Unsupported { .. }, Some(thumb)) => Ok(thumb),
        (error, _) => Err(error),
    }
}

/// Decodes the primary picture, or shows a thumbnail item of one that is broken.
fn primary(bytes: &[u8]) -> Result<Decoded, PreviewError> {
    let mut context = HeifContext::new().map_err(|error| judge(&error))?;
    let mut limits = SecurityLimits::new();
    limits.set_max_image_size_pixels(MAX_PIXELS);
    limits.set_max_total_memory(MAX_MEMORY);
    limits.set_max_memory_block_size(MAX_BYTES);
    context.set_security_limits(&limits).map_err(|error| judge(&error))?;
    // Other pictures are decoded at the same time, a thread each.
    context.set_max_decoding_threads(0);
    context.read_bytes(bytes).map_err(|error| judge(&error))?;
    let handle = context.primary_image_handle().map_err(|error| judge(&error))?;
    let error = match decoded(&handle) {
        Ok(decoded) => return Ok(decoded),
        Err(error) => error,
    };
    let mut ids = [0; 4];
    let count = handle.thumbnail_ids(&mut ids).min(ids.len());
    let thumb = ids[..count].iter().find_map(|id| decoded(&handle.thumbnail(*id).ok()?).ok());
    // A decoder without data makes a sheet of grey.
    let thumb = thumb.filter(|thumb| thumb.pixels.rgb.iter().any(|v| *v != thumb.pixels.rgb[0]));
    match (error, thumb) {
        (PreviewError::Damaged { reason, .. }, Some(thumb)) => {
            Ok(Decoded { damage: Some(reason), ..thumb })
        }
        (error, _) => Err(error),
    }
}

fn decoded(handle: &ImageHandle) -> Result<Decoded, PreviewError> {
    let pixels = u64::from(handle.width()) * u64::from(handle.height());
    let chroma = if handle.has_alpha_channel() { RgbChroma::Rgba } else { RgbChroma::Rgb };
    if pixels > MAX_PIXELS {
        return Err(unsupported("it has too many pixels"));
    }
    let _turn = turn(pixels * 6);
    let mut options = DecodingOptions::new().ok_or(unsupported("there is no memory"))?;
    options.set_convert_hdr_to_8bit(true);
    let image = LibHeif::new()
        .decode(handle, ColorSpace::Rgb(chroma), Some(options))
        .map_err(|error| judge(&error))?;
    let pixels = packed(&image).ok_or(damaged("its data is corrupt"))?;
    Ok(Decoded { pixels, colours: colours(handle, &image), damage: None })
}

/// Returns the pixels without the gaps between rows, what is transparent on white.
fn packed(image: &Image) -> Option<Pixels> {
    let planes = image.planes();
    let plane = planes.interleaved?;
    let (width, height) = (plane.width as usize, plane.height as usize);
    let channels = usize::from(plane.storage_bits_per_pixel / 8);
    if width == 0 || height == 0 || !matches!(channels, 3 | 4) {
        return None;
    }
    let is_premultiplied = image.is_premultiplied_alpha();
    let mut rgb = Vec::with_capacity(width * height * 3);
    for row in 0..height {
        let row = plane.data.get(row * plane.stride..)?.get(..width * channels)?;
        if channels == 3 {
            rgb.extend_from_slice(row);
            continue;
        }
        for pixel in row.chunks_exact(4) {
            let alpha = pixel[3];
            rgb.extend(pixel[..3].iter().map(|value| match is_premultiplied {
                true => value.saturating_add(255 - alpha),
                false => on_white(*value, alpha),
            }));
        }
    }
    Some(Pixels { rgb, width: plane.width, height: plane.height })
}

fn colours(handle: &ImageHandle, image: &Image) -> Colours {
    let coded = |profile: ColorProfileNCLX| Colours::Coded {
        primaries: profile.color_primaries() as u8,
        transfer: profile.transfer_characteristics() as u8,
    };
    if let Some(profile) = handle.color_profile_raw() {
        return Colours::Icc(profile.data);
    }
    let profile = handle.color_profile_nclx().or_else(|| image.color_profile_nclx());
    profile.map(coded).unwrap_or_default()
}

/// Tells what libheif cannot decode from what is broken.
fn judge(error: &HeifError) -> PreviewError {
    match error.code {
        HeifErrorCode::UnsupportedFileType | HeifErrorCode::UnsupportedFeature => {
            unsupported("its kind of HEIF is not decoded")
        }
        HeifErrorCode::MemoryAllocationError => unsupported("it has too many pixels"),
        _ => damaged("its data is corrupt"),
    }
}
