//! Shows a raw file: by the best whole JPEG inside it, else by developing the sensor's own data.
//!
//! The camera's JPEG is what the photographer saw on its screen, and it is there in a hundredth of
//! the time. Only where it is missing, broken or too small for a screen is the raw data developed.

use std::cell::OnceCell;
use std::path::Path;

use super::PreviewError;
use super::colour::Colours;
use super::decode::{self, Decoded, damaged, unsupported};
use super::develop;
use super::embedded::{self, Embedded, USEFUL};
use super::pixels::Pixels;
use crate::error::At;
use crate::metadata::source::{Source, Window};
use crate::metadata::{self, Metadata, containers};
use crate::sandbox;

/// A file of the largest cameras, pixel shift included.
const MAX_FILE: u64 = 1 << 30;
const MAX_JPEG: usize = 128 << 20;
/// Larger files are not developed: they are read whole for it.
const MAX_DEVELOPED: u64 = 320 << 20;

/// Decodes the raw file at `path` to about `px` on the longer side, upright.
pub(super) fn file(
    path: &Path,
    format: &str,
    orientation: u8,
    px: u32,
) -> Result<Decoded, PreviewError> {
    let source = Source::open(path, 2 * MAX_FILE).at(path)?;
    let raw = Raw { path, format, orientation, record: OnceCell::new() };
    let found = embedded::find(source.all(), format, px);
    let (mut small, mut partial) = (None, None);
    for jpeg in &found {
        let Some(bytes) = jpeg.window.small(MAX_JPEG) else { continue };
        let Ok(decoded) = decode::jpeg(&bytes, px) else { continue };
        let is_whole = decoded.damage.is_none();
        let decoded = raw.shown(decoded, jpeg, source.all(), px)?;
        match (is_whole, jpeg.longer >= USEFUL.min(px)) {
            (true, true) => return Ok(decoded),
            (true, false) => {
                small.get_or_insert(decoded);
            }
            (false, _) => {
                partial.get_or_insert(decoded);
            }
        }
    }
    let is_large = sandbox::len(path).at(path)? > MAX_DEVELOPED;
    let bytes = if is_large { None } else { Some(sandbox::read(path).at(path)?) };
    let developed = bytes.and_then(|bytes| develop::developed(&bytes, px));
    // Of data that is not there, a black sheet is made.
    let developed = developed.filter(|it| it.is_whole || it.pixels.rgb.iter().any(|v| *v > 0));
    let developed = developed.map(|developed| {
        let damage = (!developed.is_whole).then_some("its data is corrupt");
        Decoded { pixels: developed.pixels, colours: Colours::Srgb, damage }
    });
    match (developed, small, partial) {
        // Half a picture is worth less than the whole of a small one.
        (Some(developed), None, _) => return developed.finished(orientation, px),
        (Some(developed), Some(_), _) if developed.damage.is_none() => {
            return developed.finished(orientation, px);
        }
        (_, Some(small), _) => return Ok(small),
        (None, None, Some(partial)) => return Ok(partial),
        (None, None, None) => {}
    }
    if let Some(pixels) = embedded::bitmap(source.all()) {
        let bitmap = Decoded { pixels, colours: Colours::Srgb, damage: None };
        return bitmap.finished(orientation, px);
    }
    Err(if found.is_empty() {
        raw.without_preview()
    } else {
        damaged("the preview inside is broken")
    })
}

struct Raw<'a> {
    path: &'a Path,
    format: &'a str,
    orientation: u8,
    record: OnceCell<Metadata>,
}

impl Raw<'_> {
    fn record(&self) -> &Metadata {
        self.record.get_or_init(|| metadata::read_here(self.path, &format!(".{}", self.format)))
    }

    /// Returns the size of the raw picture, upright.
    fn size(&self) -> Option<(u32, u32)> {
        self.record().width.zip(self.record().height)
    }

    /// Returns the embedded JPEG as it is to be shown.
    fn shown(
        &self,
        mut decoded: Decoded,
        jpeg: &Embedded<'_>,
        file: Window<'_>,
        px: u32,
    ) -> Result<Decoded, PreviewError> {
        if decoded.colours == Colours::Srgb && !jpeg.has_exif {
            // The camera's setting holds for its JPEG, and only the raw file tells it.
            decoded.colours = match self.format {
                "CR3" => Colours::of_cr3(file),
                "MRW" => Colours::of_exif(containers::mrw(file).unwrap_or(file)),
                _ => Colours::of_exif(file),
            };
        }
        let turn = self.turn(jpeg);
        if jpeg.longer < USEFUL
            && let Some((width, height)) = self.size()
        {
            let stored = if self.orientation >= 5 { (height, width) } else { (width, height) };
            decoded.pixels = unboxed(
                decoded.pixels,
                if turn >= 5 || turn == self.orientation { stored } else { (width, height) },
            );
        }
        decoded.finished(turn, px)
    }

    /// Returns the turn an embedded JPEG still needs: some cameras turn it themselves.
    fn turn(&self, jpeg: &Embedded<'_>) -> u8 {
        if self.orientation < 5 || jpeg.is_square {
            return self.orientation;
        }
        let upright = self.size().filter(|(w, h)| w != h).map(|(w, h)| w > h);
        // A quarter turn changes the shape: a JPEG of the upright shape was turned already.
        if upright == Some(jpeg.is_landscape) { 1 } else { self.orientation }
    }

    /// Tells a raw file whose maker put no preview in from one that is not a raw file any more.
    fn without_preview(&self) -> PreviewError {
        if self.record().make.is_none() && self.record().width.is_none() {
            return damaged("its structure is broken");
        }
        unsupported("there is no preview inside, and it cannot be developed")
    }
}

/// Returns the picture without the black bars that fill a thumbnail of another shape.
fn unboxed(pixels: Pixels, (width, height): (u32, u32)) -> Pixels {
    const DARK: u8 = 40;
    let (have, want) = (
        f64::from(pixels.width) / f64::from(pixels.height.max(1)),
        f64::from(width) / f64::from(height.max(1)),
    );
    if !(0.3..=3.0).contains(&want) || (have / want - 1.0).abs() < 0.02 {
        return pixels;
    }
    let part = |side: u32, share: f64| (f64::from(side) * share).round() as u32;
    let (w, h) = if have < want {
        (pixels.width, part(pixels.height, have / want))
    } else {
        (part(pixels.width, want / have), pixels.height)
    };
    let (left, top) = ((pixels.width - w) / 2, (pixels.height - h) / 2);
    let inside = |x: u32, y: u32| (left..left + w).contains(&x) && (top..top + h).contains(&y);
    let row = pixels.width as usize * 3;
    let bars_are_dark = pixels.rgb.chunks_exact(row).zip(0u32..).all(|(row, y)| {
        // The outermost line of the picture bleeds into the bar.
        let near =
            |x: u32| inside(x + 2, y + 2) || inside(x.saturating_sub(2), y.saturating_sub(2));
        row.chunks_exact(3)
            .zip(0u32..)
            .all(|(p, x)| inside(x, y) || near(x) || p.iter().all(|v| *v < DARK))
    });
    if !bars_are_dark || w == 0 || h == 0 {
        return pixels;
    }
    let rows = pixels.rgb.chunks_exact(row).skip(top as usize).take(h as usize);
    let (from, to) = (left as usize * 3, (left + w) as usize * 3);
    let rgb = rows.flat_map(|row| &row[from..to]).copied().collect();
    Pixels { rgb, width: w, height: h }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: u32, height: u32, value: impl Fn(u32, u32) -> u8) -> Pixels {
        let at = |n: u32| [value(n % width, n / width); 3];
        Pixels { rgb: (0..width * height).flat_map(at).collect(), width, height }
    }

    #[test]
    fn bars_of_a_thumbnail_are_cut_off() {
        let boxed = grey(160, 120, |_, y| if (7..113).contains(&y) { 150 } else { 3 });
        let cut = unboxed(boxed, (6000, 4000));
        assert_eq!((cut.width, cut.height), (160, 107));
        assert!(cut.rgb[160 * 3..].iter().take(160 * 100 * 3).all(|v| *v == 150));
    }

    #[test]
    fn a_bright_edge_is_no_bar() {
        let whole = grey(160, 120, |_, _| 150);
        assert_eq!(unboxed(whole, (6000, 4000)).height, 120);
    }

    #[test]
    fn a_thumbnail_of_the_same_shape_stays() {
        let dark = grey(160, 107, |_, _| 2);
        assert_eq!(unboxed(dark, (6000, 4000)).height, 107);
    }
}
