//! How much of each brightness a picture has, per colour: what the small curve beside it is drawn from.

use serde::{Deserialize, Serialize};

use super::PreviewError;
use super::decode;
use super::render::contained;

/// The steps of a colour that are told apart.
pub const STEPS: usize = 64;

/// Per step the number of pixels, darkest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    pub red: Vec<u32>,
    pub green: Vec<u32>,
    pub blue: Vec<u32>,
}

/// `histogram`, in this process.
pub(crate) fn histogram_here(jpeg: &[u8]) -> Result<Histogram, PreviewError> {
    contained(|| {
        // A quarter of the screen's picture has the same shape of curve.
        let pixels = decode::jpeg(jpeg, 512)?.finished(1, 512)?.pixels;
        let mut counts = [[0_u32; STEPS]; 3];
        for pixel in pixels.rgb.chunks_exact(3) {
            for (counts, value) in counts.iter_mut().zip(pixel) {
                counts[usize::from(*value) * STEPS / 256] += 1;
            }
        }
        let [red, green, blue] = counts.map(Vec::from);
        Ok(Histogram { red, green, blue })
    })
}

#[cfg(test)]
mod tests {
    use super::super::pixels::Pixels;
    use super::*;

    #[test]
    fn every_pixel_is_counted_once_per_colour() {
        let rgb = [[250, 130, 6]; 64 * 48].concat();
        let jpeg = Pixels { rgb, width: 64, height: 48 }.jpeg(95).unwrap();
        let found = histogram_here(&jpeg).unwrap();
        for (counts, step) in [(&found.red, 62), (&found.green, 32), (&found.blue, 1)] {
            assert_eq!(counts.len(), STEPS);
            assert_eq!(counts.iter().sum::<u32>(), 64 * 48);
            assert_eq!(counts[step], 64 * 48, "{counts:?}");
        }
        assert!(histogram_here(b"no jpeg").is_err());
    }
}
