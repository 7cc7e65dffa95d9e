//! JPEG XL, whole; its codestream says itself how it is turned.

use std::path::Path;

use jxl_oxide::{AllocTracker, EnumColourEncoding, JxlImage, JxlThreadPool, RenderingIntent};

use super::PreviewError;
use super::colour::Colours;
use super::decode::{Decoded, MAX_BYTES, damaged, turn, unsupported};
use super::pixels::{Pixels, on_white};
use crate::error::At;
use crate::sandbox;

const MAX_FILE: u64 = 256 << 20;
/// It is decoded to four bytes a sample: 40 million pixels of three take half a gigabyte.
const MAX_PIXELS: u64 = 60_000_000;

/// Decodes the file's first frame, upright.
pub(super) fn file(path: &Path) -> Result<Decoded, PreviewError> {
    if sandbox::len(path).at(path)? > MAX_FILE {
        return Err(unsupported("the file is too large"));
    }
    let bytes = sandbox::read(path).at(path)?;
    let broken = |_| damaged("its data is corrupt");
    let mut image = JxlImage::builder()
        .pool(JxlThreadPool::none())
        .alloc_tracker(AllocTracker::with_limit(2 * MAX_BYTES as usize))
        .read(bytes.as_slice())
        .map_err(broken)?;
    let (width, height) = (image.width(), image.height());
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS {
        return Err(unsupported("it has too many pixels"));
    }
    if image.pixel_format().has_black() {
        return Err(unsupported("its colours are inks"));
    }
    let has_own_profile = image.original_icc().is_some();
    if !has_own_profile {
        image.request_color_encoding(EnumColourEncoding::srgb(RenderingIntent::Perceptual));
    }
    let _turn = turn(pixels * 16);
    let is_whole = image.is_loading_done();
    let render = match image.render_frame(0) {
        Ok(render) => render,
        // What was cut off shows as far as it goes.
        Err(_) => image.render_loading_frame().map_err(broken)?,
    };
    let colours = if has_own_profile { Colours::Icc(image.rendered_icc()) } else { Colours::Srgb };
    let mut stream = render.stream();
    let (width, height, channels) = (stream.width(), stream.height(), stream.channels() as usize);
    let mut samples = vec![0u8; width as usize * height as usize * channels];
    stream.write_to_buffer(&mut samples);
    let rgb = flat(&samples, channels).ok_or(unsupported("its channels are not decoded"))?;
    let damage = (!is_whole).then_some("it ends too early");
    Ok(Decoded { pixels: Pixels { rgb, width, height }, colours, damage })
}

/// Returns red, green and blue of grey or coloured samples, what is transparent on white.
fn flat(samples: &[u8], channels: usize) -> Option<Vec<u8>> {
    let pixels = samples.chunks_exact(channels.max(1));
    Some(match channels {
        1 => pixels.flat_map(|p| [p[0]; 3]).collect(),
        2 => pixels.flat_map(|p| [on_white(p[0], p[1]); 3]).collect(),
        3 => samples.to_vec(),
        4 => pixels.flat_map(|p| [0, 1, 2].map(|c| on_white(p[c], p[3]))).collect(),
        _ => return None,
    })
}
