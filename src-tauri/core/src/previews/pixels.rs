//! A picture in memory: made smaller, turned upright, written as JPEG.

use std::borrow::Cow;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::PreviewError;

/// Red, green and blue, eight bits each, row after row.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Pixels {
    pub rgb: Vec<u8>,
    pub width: u32,
    pub height: u32,
}

/// Returns the size that fits `max` on the longer side, never larger than it is.
pub(crate) fn fit((width, height): (u32, u32), max: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= max {
        return (width, height);
    }
    let scaled = |side: u32| {
        let side = (u64::from(side) * u64::from(max) + u64::from(longer) / 2) / u64::from(longer);
        u32::try_from(side).unwrap_or(max).max(1)
    };
    (scaled(width), scaled(height))
}

/// Returns a value that `alpha` lets through to white behind it, as on paper.
pub(crate) fn on_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u16::from(value), u16::from(alpha));
    ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

impl Pixels {
    /// Returns the picture at most `max` on the longer side.
    pub fn fitted(&self, max: u32) -> Result<Cow<'_, Self>, PreviewError> {
        let (width, height) = fit((self.width, self.height), max);
        if (width, height) == (self.width, self.height) {
            return Ok(Cow::Borrowed(self));
        }
        let failed = || PreviewError::Unsupported { reason: "the picture cannot be resized" };
        let source = ImageRef::new(self.width, self.height, &self.rgb, PixelType::U8x3);
        let source = source.map_err(|_| failed())?;
        let mut out = Image::new(width, height, PixelType::U8x3);
        let filter = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
        Resizer::new().resize(&source, &mut out, &filter).map_err(|_| failed())?;
        Ok(Cow::Owned(Self { rgb: out.into_vec(), width, height }))
    }

    /// Turns and mirrors the picture as EXIF's `orientation` says.
    pub fn upright(self, orientation: u8) -> Self {
        if !(2..=8).contains(&orientation) {
            return self;
        }
        let (width, height) = (self.width as usize, self.height as usize);
        let is_turned = orientation >= 5;
        let (out_width, out_height) = if is_turned { (height, width) } else { (width, height) };
        let mut rgb = vec![0; self.rgb.len()];
        for (y, row) in rgb.chunks_exact_mut(out_width.max(1) * 3).enumerate() {
            for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
                // Where the upright pixel (x, y) lies in the stored picture.
                let (from_x, from_y) = match orientation {
                    2 => (width - 1 - x, y),
                    3 => (width - 1 - x, height - 1 - y),
                    4 => (x, height - 1 - y),
                    5 => (y, x),
                    6 => (y, height - 1 - x),
                    7 => (width - 1 - y, height - 1 - x),
                    _ => (width - 1 - y, x),
                };
                let at = (from_y * width + from_x) * 3;
                pixel.copy_from_slice(&self.rgb[at..at + 3]);
            }
        }
        let (width, height) = (out_width as u32, out_height as u32);
        Self { rgb, width, height }
    }

    /// Writes the picture as JPEG without any metadata: 4:2:0, from quality 95 on with all its colour.
    pub fn jpeg(&self, quality: u8) -> Result<Vec<u8>, PreviewError> {
        let failed = |_| PreviewError::Unsupported { reason: "the picture cannot be encoded" };
        let mut encoder = turbojpeg::Compressor::new().map_err(failed)?;
        encoder.set_quality(quality.clamp(1, 100).into()).map_err(failed)?;
        let whole = quality >= 95;
        let subsamp = if whole { turbojpeg::Subsamp::None } else { turbojpeg::Subsamp::Sub2x2 };
        encoder.set_subsamp(subsamp).map_err(failed)?;
        let image = turbojpeg::Image {
            pixels: self.rgb.as_slice(),
            width: self.width as usize,
            pitch: self.width as usize * 3,
            height: self.height as usize,
            format: turbojpeg::PixelFormat::RGB,
        };
        encoder.compress_to_vec(image).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_enlarged_and_no_side_vanishes() {
        assert_eq!(fit((6000, 4000), 2048), (2048, 1365));
        assert_eq!(fit((4000, 6000), 512), (341, 512));
        assert_eq!(fit((300, 200), 512), (300, 200));
        assert_eq!(fit((60_000, 10), 512), (512, 1));
        assert_eq!(fit((6000, 4000), u32::MAX), (6000, 4000));
    }

    #[test]
    fn each_orientation_brings_the_same_corner_up() {
        // Upright: 1 2 3 over 4 5 6. The stored rows of each orientation, as EXIF defines them.
        let stored: [(&[u8], u32); 8] = [
            (&[1, 2, 3, 4, 5, 6], 3),
            (&[3, 2, 1, 6, 5, 4], 3),
            (&[6, 5, 4, 3, 2, 1], 3),
            (&[4, 5, 6, 1, 2, 3], 3),
            (&[1, 4, 2, 5, 3, 6], 2),
            (&[3, 6, 2, 5, 1, 4], 2),
            (&[6, 3, 5, 2, 4, 1], 2),
            (&[4, 1, 5, 2, 6, 3], 2),
        ];
        for (orientation, (values, width)) in (1..).zip(stored) {
            let rgb = values.iter().flat_map(|v| [*v; 3]).collect();
            let turned = Pixels { rgb, width, height: 6 / width }.upright(orientation);
            let values: Vec<u8> = turned.rgb.chunks(3).map(|p| p[0]).collect();
            assert_eq!(values, [1, 2, 3, 4, 5, 6], "orientation {orientation}");
            assert_eq!((turned.width, turned.height), (3, 2));
        }
    }
}
