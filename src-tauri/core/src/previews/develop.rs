//! Develops a raw file's sensor data, for those without a useful picture inside.
//!
//! By `flashraw`: it takes limits before memory, answers what it cannot decode with an error, and
//! joins four sensor pixels to one, which is all a preview needs and a quarter of the memory. Its
//! light is as the sensor counted it; how bright that is to be shown is decided here.

use std::panic::{AssertUnwindSafe, catch_unwind};

use flashraw::{DecodeOptions, Demosaic, FlashRaw, Limits, OutputFormat};

use super::colour::srgb;
use super::decode::turn;
use super::pixels::Pixels;

/// The largest sensors have 150 million pixels.
const MAX_SAMPLES: u64 = 160_000_000;
const MAX_SIDE: u32 = 32_000;

/// A developed picture, as the sensor lies, in sRGB.
pub(super) struct Developed {
    pub pixels: Pixels,
    pub is_whole: bool,
}

/// Develops the raw file to about `px` or more on the longer side; `None` where that is not known.
pub(super) fn developed(file: &[u8], px: u32) -> Option<Developed> {
    catch_unwind(AssertUnwindSafe(|| develop(file, px))).ok().flatten()
}

fn develop(file: &[u8], px: u32) -> Option<Developed> {
    let limits = Limits::default().with_max_samples(MAX_SAMPLES).with_max_dimension(MAX_SIDE);
    let raw = FlashRaw::open_with(file, limits).ok()?;
    let sensor = raw.frame_info();
    let (width, height) = (sensor.width, sensor.height);
    let _turn = turn(u64::from(width) * u64::from(height) * 6);
    let is_large = u64::from(width.max(height)) >= u64::from(px) * 2;
    let options = DecodeOptions {
        output: OutputFormat::LinearRgb16,
        // Joined pixels have no false colours; a small sensor has none to spare.
        demosaic: if is_large { Demosaic::HalfSize } else { Demosaic::Bilinear },
        threads: Some(1),
        limits,
        ..DecodeOptions::default()
    };
    let frame = raw.decode(options).ok()?;
    let light = frame.as_u16()?;
    let (width, height) = (frame.width, frame.height);
    if width == 0 || light.len() as u64 != u64::from(width) * u64::from(height) * 3 {
        return None;
    }
    let table = curve(light);
    let rgb = light.iter().map(|value| table[usize::from(*value)]).collect();
    Some(Developed { pixels: Pixels { rgb, width, height }, is_whole: !frame.is_incomplete() })
}

/// Returns what each amount of light is shown as: so bright that one pixel in a hundred is white, as
/// other developers do by default, then by sRGB's curve.
fn curve(light: &[u16]) -> Vec<u8> {
    const WHITE_PART: u64 = 100;
    const MOST_LIFT: f32 = 8.0;
    let mut counts = vec![0u64; 65_536];
    for pixel in light.chunks_exact(3) {
        counts[usize::from(pixel[0].max(pixel[1]).max(pixel[2]))] += 1;
    }
    let mut left = light.len() as u64 / 3 / WHITE_PART;
    let mut white = 65_535u16;
    while white > 1 && left >= counts[usize::from(white)] {
        left -= counts[usize::from(white)];
        white -= 1;
    }
    let lift = (65_535.0 / f32::from(white)).min(MOST_LIFT);
    (0..=u16::MAX).map(|value| srgb((f32::from(value) / 65_535.0 * lift).min(1.0))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pixel_in_a_hundred_is_white() {
        let light: Vec<u16> = (0..1000u16).flat_map(|n| [n * 20, n * 10, n * 5]).collect();
        let table = curve(&light);
        assert_eq!(table[990 * 20], 255);
        assert!((250..255).contains(&table[960 * 20]), "{}", table[960 * 20]);
        assert_eq!(table[0], 0);
    }

    #[test]
    fn a_black_frame_is_not_lifted_to_noise() {
        let table = curve(&[3; 3000]);
        assert!(table[3] < 8, "{}", table[3]);
    }

    #[test]
    fn what_is_no_raw_file_is_left() {
        for bytes in [&b""[..], b"II*\0\x08\0\0\0\0\0", &[0; 5000]] {
            assert!(developed(bytes, 2048).is_none());
        }
    }
}
