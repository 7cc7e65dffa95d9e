//! From a file's bytes to pixels, under limits that are checked before any memory is taken.

use std::borrow::Cow;
use std::io::BufReader;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use turbojpeg::{Colorspace, Decompressor, PixelFormat, ScalingFactor, Subsamp};

use super::PreviewError;
use super::colour::{self, Colours};
use super::pixels::{Pixels, fit, on_white};
use crate::error::At;
use crate::metadata::jpeg;
use crate::metadata::source::Source;
use crate::sandbox;

/// Larger pictures are not decoded: the largest cameras and their pixel shift make about 400 million.
pub(super) const MAX_PIXELS: u64 = 500_000_000;
/// Most memory for one picture in formats that are decoded whole.
pub(super) const MAX_BYTES: u64 = 512 << 20;
/// Most memory for the coefficients a progressive JPEG keeps until its last scan.
const MAX_COEFFICIENTS: u64 = 256 << 20;
/// Honest progressive files have about ten scans; a thousand are an attack on the processor.
const MAX_SCANS: u32 = 100;
/// Pictures that take more memory than this are decoded one at a time.
const LARGE: u64 = 64 << 20;

/// What decoded, and what was wrong with it if something was.
pub(crate) struct Decoded {
    pub pixels: Pixels,
    /// What the pixels' numbers mean; not yet converted.
    pub colours: Colours,
    pub damage: Option<&'static str>,
}

impl Decoded {
    /// Returns the picture at most `px` on the longer side, in sRGB, turned upright.
    ///
    /// In this order: converting and turning fewer pixels is cheaper.
    pub fn finished(self, orientation: u8, px: u32) -> Result<Self, PreviewError> {
        let Self { mut pixels, colours, damage } = self;
        if fit((pixels.width, pixels.height), px) != (pixels.width, pixels.height) {
            pixels = pixels.fitted(px)?.into_owned();
        }
        let pixels = colours.to_srgb(pixels).upright(orientation);
        Ok(Self { pixels, colours: Colours::Srgb, damage })
    }
}

pub(super) const fn damaged(reason: &'static str) -> PreviewError {
    PreviewError::Damaged { reason, partial: None }
}

pub(super) const fn unsupported(reason: &'static str) -> PreviewError {
    PreviewError::Unsupported { reason }
}

/// Waits until no other large picture is in work, if this one is large.
pub(super) fn turn(bytes: u64) -> Option<MutexGuard<'static, ()>> {
    static ONE_LARGE: Mutex<()> = Mutex::new(());
    (bytes > LARGE).then(|| ONE_LARGE.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Decodes a JPEG to at least `at_least` pixels on the longer side, or to all it has.
///
/// The decoder scales while it decodes, so a picture far larger than asked for costs little more
/// than reading through it.
pub(crate) fn jpeg(bytes: &[u8], at_least: u32) -> Result<Decoded, PreviewError> {
    let source = Source::memory(bytes);
    let segments = jpeg::segments(source.all()).ok_or(damaged("there is no picture in it"))?;
    let colours = Colours::of_jpeg(&segments);
    let start = usize::try_from(segments.start).unwrap_or(0);
    let bytes = bytes.get(start..).unwrap_or_default();
    if u64::from(segments.width) * u64::from(segments.height) > MAX_PIXELS {
        return Err(unsupported("it has too many pixels"));
    }

    let mut decoder = Decompressor::new().map_err(|_| unsupported("there is no memory"))?;
    decoder.set_scan_limit(MAX_SCANS).map_err(|_| unsupported("there is no decoder"))?;
    let mut bytes = Cow::Borrowed(bytes);
    let mut header = decoder.read_header(&bytes);
    if header.is_err()
        && let Some(tidied) = tidied(&bytes)
    {
        bytes = tidied.into();
        header = decoder.read_header(&bytes);
    }
    let header = header.map_err(|_| refused(&segments))?;
    let pixels = header.width as u64 * header.height as u64;
    if pixels == 0 {
        return Err(damaged("it has no size"));
    }
    let coefficients =
        if header.is_progressive { pixels * 2 * planes(header.subsamp) / 2 } else { 0 };
    if pixels > MAX_PIXELS || coefficients > MAX_COEFFICIENTS {
        return Err(unsupported("it has too many pixels"));
    }

    let factor = if header.is_lossless {
        ScalingFactor::ONE
    } else {
        scale(header.width.max(header.height), at_least)
    };
    decoder.set_scaling_factor(factor).map_err(|_| unsupported("it cannot be scaled"))?;
    let scaled = header.scaled(factor);
    let is_cmyk = matches!(header.colorspace, Colorspace::CMYK | Colorspace::YCCK);
    let format = if is_cmyk { PixelFormat::CMYK } else { PixelFormat::RGB };
    let pitch = scaled.width * format.size();
    let len = pitch as u64 * scaled.height as u64;
    if len > MAX_BYTES {
        return Err(unsupported("it has too many pixels"));
    }
    let _turn = turn(len + coefficients);
    let mut image = turbojpeg::Image {
        pixels: vec![UNTOUCHED; pitch * scaled.height],
        width: scaled.width,
        pitch,
        height: scaled.height,
        format,
    };
    let outcome = decoder.decompress(&bytes, image.as_deref_mut());
    let damage = outcome.err().and_then(|error| blame(&error.to_string()));
    if damage.is_some() && image.pixels.iter().all(|byte| *byte == UNTOUCHED) {
        return Err(refused(&segments));
    }
    let size = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    let (rgb, colours) = match (is_cmyk, colours) {
        (true, colours) => (from_cmyk(image.pixels, &colours), Colours::Srgb),
        (false, colours) => (image.pixels, colours),
    };
    let pixels = Pixels { rgb, width: size(scaled.width), height: size(scaled.height) };
    Ok(Decoded { pixels, colours, damage })
}

/// The grey of pixels the decoder never reached.
const UNTOUCHED: u8 = 128;

/// Twice the number of full-size planes a picture's coefficients fill.
fn planes(subsampling: Subsamp) -> u64 {
    match subsampling {
        Subsamp::Gray => 2,
        Subsamp::Sub2x2 | Subsamp::Sub4x1 | Subsamp::Sub1x4 => 3,
        Subsamp::Sub2x1 | Subsamp::Sub1x2 => 4,
        _ => 8,
    }
}

/// Tells a kind of JPEG nothing here reads from one that is broken.
fn refused(segments: &jpeg::Jpeg<'_>) -> PreviewError {
    match segments.process {
        _ if !segments.has_scan => damaged("it ends before the picture begins"),
        3 | 5..=7 | 11 | 13..=15 => unsupported("its kind of JPEG is not decoded"),
        _ => damaged("nothing of it can be decoded"),
    }
}

/// Returns the picture without bytes between its segments, which the decoder stumbles over.
fn tidied(bytes: &[u8]) -> Option<Vec<u8>> {
    let source = Source::memory(bytes);
    let segments = jpeg::segments(source.all()).filter(|s| s.has_scan)?;
    let mut out = vec![0xFF, 0xD8];
    for place in segments.needed {
        out.extend(bytes.get(place)?);
    }
    out.extend(bytes.get(usize::try_from(segments.scan).ok()?..)?);
    Some(out)
}

/// Returns the smallest scale that leaves `at_least` pixels.
///
/// Only halves, quarters and eighths: the sizes between have no fast code in the decoder.
fn scale(longer: usize, at_least: u32) -> ScalingFactor {
    let factors = [ScalingFactor::ONE_EIGHTH, ScalingFactor::ONE_QUARTER, ScalingFactor::ONE_HALF];
    let is_enough = |factor: &ScalingFactor| factor.scale(longer) as u64 >= u64::from(at_least);
    factors.into_iter().find(is_enough).unwrap_or(ScalingFactor::ONE)
}

/// Returns what the decoder's complaint means; `None` for the harmless ones.
///
/// Some cameras write bytes between segments or odd headers; the picture is whole all the same. A few:
/// what is left when the picture's data ends long before its end was no oddity.
fn blame(complaint: &str) -> Option<&'static str> {
    const ODDITY_BYTES: u64 = 64 << 10;
    let complaint = complaint.to_ascii_lowercase();
    let has = |words: &str| complaint.contains(words);
    let skipped = complaint.split_once(" extraneous bytes").and_then(|(before, _)| {
        before.rsplit(|c: char| !c.is_ascii_digit()).next()?.parse::<u64>().ok()
    });
    if skipped.is_some_and(|bytes| bytes > ODDITY_BYTES) {
        return Some("part of it is missing");
    }
    if has("extraneous bytes") || has("sos parameters") || has("adobe color") || has("jfif") {
        return None;
    }
    if has("premature end") || has("unexpected end") || has("empty") {
        return Some("it ends too early");
    }
    Some("its data is corrupt")
}

/// CMYK JPEGs come from Adobe's programs, which store how much light is left, not how much ink.
fn from_cmyk(mut cmyk: Vec<u8>, colours: &Colours) -> Vec<u8> {
    cmyk.iter_mut().for_each(|value| *value = 255 - *value);
    let profile = match colours {
        Colours::Icc(profile) => Some(profile.as_slice()),
        _ => None,
    };
    colour::from_inks(&cmyk, profile)
}

/// Decodes PNG, TIFF, WebP or the first picture of a GIF, whole; `tiff` knows what is left out here.
pub(crate) fn other(path: &Path, format: ImageFormat) -> Result<Decoded, PreviewError> {
    let file = sandbox::open(path).at(path)?;
    let mut reader = ImageReader::with_format(BufReader::new(file), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_BYTES);
    limits.max_image_width = Some(100_000);
    limits.max_image_height = Some(100_000);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| judge(&error))?;
    let bytes = decoder.total_bytes();
    // The picture as stored, and as eight bits of red, green and blue.
    let (width, height) = decoder.dimensions();
    let rgb = u64::from(width) * u64::from(height) * 3;
    if bytes > MAX_BYTES || rgb > MAX_BYTES {
        return Err(unsupported("it has too many pixels"));
    }
    let colours = decoder.icc_profile().ok().flatten().map_or(Colours::Srgb, Colours::Icc);
    let _turn = turn(bytes + rgb);
    let image = DynamicImage::from_decoder(decoder).map_err(|error| judge(&error))?;
    Ok(Decoded { pixels: flat(image), colours, damage: None })
}

fn judge(error: &ImageError) -> PreviewError {
    match error {
        ImageError::Unsupported(_) => unsupported("its kind is not decoded"),
        ImageError::Limits(_) => unsupported("it has too many pixels"),
        _ => damaged("its data is corrupt"),
    }
}

/// Returns the picture without transparency: on white, as on paper.
pub(super) fn flat(image: DynamicImage) -> Pixels {
    let (width, height) = (image.width(), image.height());
    let rgb = if image.color().has_alpha() {
        let rgba = image.into_rgba8();
        rgba.pixels().flat_map(|p| [0, 1, 2].map(|c| on_white(p[c], p[3]))).collect()
    } else {
        image.into_rgb8().into_raw()
    };
    Pixels { rgb, width, height }
}
