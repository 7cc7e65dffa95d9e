//! TIFF: by `image`, and what that leaves out: four inks with their profile, palettes, and what
//! scanners and viewers of large pictures pack as JPEG.

use std::io::{BufReader, Cursor};
use std::path::Path;

use image::ImageFormat;
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};

use super::PreviewError;
use super::colour::{self, Colours};
use super::decode::{self, Decoded, MAX_BYTES, turn, unsupported};
use super::pixels::Pixels;
use crate::error::At;
use crate::metadata::source::Source;
use crate::metadata::tiff::Tiff;
use crate::sandbox;

/// Decodes the first picture of a TIFF, as it is stored.
pub(super) fn file(path: &Path) -> Result<Decoded, PreviewError> {
    if let Some(decoded) = inks(path)? {
        return Ok(decoded);
    }
    match decode::other(path, ImageFormat::Tiff) {
        Err(error @ (PreviewError::Unsupported { .. } | PreviewError::Damaged { .. })) => {
            palette(path).or_else(|| luma(path)).ok_or(error)
        }
        outcome => outcome,
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = MAX_BYTES as usize;
    limits.ifd_value_size = 16 << 20;
    limits
}

/// Decodes four inks, whose profile `image`'s own conversion would not ask.
fn inks(path: &Path) -> Result<Option<Decoded>, PreviewError> {
    let file = sandbox::open(path).at(path)?;
    let Ok(decoder) = Decoder::new(BufReader::new(file)) else { return Ok(None) };
    let mut decoder = decoder.with_limits(limits());
    let is_inks = matches!(decoder.colortype(), Ok(ColorType::CMYK(8 | 16)));
    let Ok((width, height)) = decoder.dimensions() else { return Ok(None) };
    let pixels = u64::from(width) * u64::from(height);
    if !is_inks || pixels == 0 {
        return Ok(None);
    }
    if pixels * 8 > MAX_BYTES {
        return Err(unsupported("it has too many pixels"));
    }
    let profile = decoder.get_tag_u8_vec(tiff::tags::Tag::IccProfile).ok();
    let _turn = turn(pixels * 8);
    let inks = match decoder.read_image() {
        Ok(DecodingResult::U8(inks)) => inks,
        Ok(DecodingResult::U16(inks)) => inks.into_iter().map(|ink| (ink >> 8) as u8).collect(),
        _ => return Ok(None),
    };
    // Planes one after the other, or a fifth channel: not what this reads.
    if inks.len() as u64 != pixels * 4 {
        return Ok(None);
    }
    let rgb = colour::from_inks(&inks, profile.as_deref());
    let pixels = Pixels { rgb, width, height };
    Ok(Some(Decoded { pixels, colours: Colours::Srgb, damage: None }))
}

/// Decodes a picture of brightness and two colour differences, as JPEG within a TIFF has.
fn luma(path: &Path) -> Option<Decoded> {
    let file = sandbox::open(path).ok()?;
    let mut decoder = Decoder::new(BufReader::new(file)).ok()?.with_limits(limits());
    let (width, height) = decoder.dimensions().ok()?;
    let bytes = u64::from(width) * u64::from(height) * 3;
    if !matches!(decoder.colortype(), Ok(ColorType::YCbCr(8))) || bytes == 0 || bytes > MAX_BYTES {
        return None;
    }
    let profile = decoder.get_tag_u8_vec(tiff::tags::Tag::IccProfile).ok();
    let _turn = turn(bytes);
    let DecodingResult::U8(mut rgb) = decoder.read_image().ok()? else { return None };
    if rgb.len() as u64 != bytes {
        return None;
    }
    for pixel in rgb.chunks_exact_mut(3) {
        // ITU-T T.871, whole numbers of a 65,536th
        let (y, b, r) = (i32::from(pixel[0]), i32::from(pixel[1]) - 128, i32::from(pixel[2]) - 128);
        let value = |difference: i32| (y + ((difference + 32_768) >> 16)).clamp(0, 255) as u8;
        pixel.copy_from_slice(&[
            value(91_881 * r),
            value(-22_554 * b - 46_802 * r),
            value(116_130 * b),
        ]);
    }
    let colours = profile.map_or(Colours::Srgb, Colours::Icc);
    Some(Decoded { pixels: Pixels { rgb, width, height }, colours, damage: None })
}

/// Decodes a picture of a palette: as the grey the crate knows, each level then looked up.
fn palette(path: &Path) -> Option<Decoded> {
    const MAX_FILE: u64 = 128 << 20;
    const PHOTOMETRIC: u16 = 0x0106;
    const PALETTE: u32 = 3;
    const COLOUR_MAP: u16 = 0x0140;
    if sandbox::len(path).ok()? > MAX_FILE {
        return None;
    }
    let mut bytes = sandbox::read(path).ok()?;
    let (place, map) = {
        let source = Source::memory(&bytes);
        let tiff = Tiff::open(source.all())?;
        let main = tiff.chain().into_iter().next()?;
        let entry = main.get(PHOTOMETRIC).filter(|e| tiff.number(e) == Some(PALETTE))?;
        let map = tiff.numbers(main.get(COLOUR_MAP)?, 3 * 256);
        (usize::try_from(tiff.extent(entry).0).ok()?, map)
    };
    // Sixteen bits in the file's own order: the 3 becomes black-is-zero's 1.
    bytes.get_mut(place..place + 2)?.iter_mut().filter(|b| **b == 3).for_each(|b| *b = 1);
    without_more(&mut bytes)?;
    let mut decoder = Decoder::new(Cursor::new(bytes)).ok()?.with_limits(limits());
    let (width, height) = decoder.dimensions().ok()?;
    let Ok(ColorType::Gray(bits @ (1 | 2 | 4 | 8))) = decoder.colortype() else { return None };
    let DecodingResult::U8(levels) = decoder.read_image().ok()? else { return None };
    let (per_byte, colours) = (usize::from(8 / bits), 1usize << bits);
    let row = (width as usize).div_ceil(per_byte);
    if row == 0 || map.len() != 3 * colours || levels.len() != row * height as usize {
        return None;
    }
    let level = |row: &[u8], x: usize| {
        let shift = 8 - usize::from(bits) * (x % per_byte + 1);
        usize::from(row[x / per_byte]) >> shift & (colours - 1)
    };
    // Sixteen bits a value: all the reds, all the greens, all the blues.
    let rgb = levels.chunks_exact(row).flat_map(|row| {
        let levels = (0..width as usize).map(|x| level(row, x));
        levels
            .flat_map(|n| [0, 1, 2].map(|c| (map[c * colours + n] >> 8) as u8))
            .collect::<Vec<_>>()
    });
    let pixels = Pixels { rgb: rgb.collect(), width, height };
    Some(Decoded { pixels, colours: Colours::Srgb, damage: None })
}

/// Takes away the way to further directories: one that leads in a circle is refused by the crate.
fn without_more(file: &mut [u8]) -> Option<()> {
    let is_big = file.first()? == &b'M';
    let at: [u8; 4] = file.get(4..8)?.try_into().ok()?;
    let at = if is_big { u32::from_be_bytes(at) } else { u32::from_le_bytes(at) } as usize;
    let count: [u8; 2] = file.get(at..at.checked_add(2)?)?.try_into().ok()?;
    let count = if is_big { u16::from_be_bytes(count) } else { u16::from_le_bytes(count) };
    let next = at + 2 + usize::from(count) * 12;
    file.get_mut(next..next + 4)?.fill(0);
    Some(())
}
