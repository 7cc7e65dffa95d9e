//! A visible watermark: the text again and again, slanting across the whole picture.
//!
//! It is there so that a proof cannot pass for the delivered photo, and it must not hide what the
//! client is choosing by. So it is see-through, white with a dark edge (legible on snow and on
//! black), and repeated so closely that no crop worth having is without it.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont};

use super::pixels::Pixels;

/// DejaVu Sans Bold with the letters of Latin, Greek and Cyrillic; licence beside it.
static FONT: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    FontRef::try_from_slice(include_bytes!("font/DejaVuSans-Bold-subset.ttf"))
        .expect("the font is part of the program")
});

/// Height of the letters: one part of the picture's longer side.
const PART: f32 = 36.0;
const SMALLEST: f32 = 12.0;
/// Lines rise by this angle, as their cosine and sine.
const SLANT: (f32, f32) = (0.866, 0.5);
/// From one line to the next, and between two texts on a line, in letter heights.
const LINE: f32 = 5.0;
const GAP: f32 = 3.0;
/// How much of the picture the letters and their edge cover.
const FILL: f32 = 0.34;
const EDGE: f32 = 0.28;
/// Longer texts are cut: whoever takes one in should refuse it.
pub const LONGEST_MARK: usize = 80;

/// Returns the first letter of `text` that cannot be drawn.
#[must_use]
pub fn undrawable(text: &str) -> Option<char> {
    text.chars().find(|c| !c.is_whitespace() && !is_drawable(*c))
}

fn is_drawable(letter: char) -> bool {
    FONT.glyph_id(letter).0 != 0
}

/// Draws the text across the picture.
pub(crate) fn draw(pixels: &mut Pixels, text: &str) {
    let size = (pixels.width.max(pixels.height) as f32 / PART).max(SMALLEST);
    let Some(stamp) = Stamp::new(text, size) else { return };
    let (cos, sin) = SLANT;
    let (step, line) = (stamp.width as f32 + GAP * size, LINE * size);
    let centre = (pixels.width as f32 / 2.0, pixels.height as f32 / 2.0);
    let row = pixels.width as usize * 3;
    for (y, row) in pixels.rgb.chunks_exact_mut(row.max(1)).enumerate() {
        for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
            let (dx, dy) = (x as f32 - centre.0, y as f32 - centre.1);
            // Along the slanted lines and across them, the middle of one text in the middle.
            let across = dx * sin + dy * cos + line / 2.0;
            let number = (across / line).floor();
            let v = across - number * line - (line - stamp.height as f32) / 2.0;
            if v < 0.0 || v >= stamp.height as f32 {
                continue;
            }
            // Every other line is shifted, as bricks are.
            let shift = if number.rem_euclid(2.0) < 1.0 { 0.5 } else { 0.0 };
            let u =
                (dx * cos - dy * sin + (shift + 0.5) * step).rem_euclid(step) - GAP * size / 2.0;
            let (fill, edge) = stamp.at(u, v);
            for value in pixel {
                let dark = f32::from(*value) * (1.0 - EDGE * edge);
                let light = dark + (255.0 - dark) * FILL * fill;
                *value = light.round() as u8;
            }
        }
    }
}

/// Writes the text level, its middle at `middle`, in letters of `size` and in `grey`.
pub(super) fn label(pixels: &mut Pixels, text: &str, middle: (f32, f32), size: f32, grey: u8) {
    let Some(stamp) = Stamp::new(text, size) else { return };
    let (left, top) = (middle.0 - stamp.width as f32 / 2.0, middle.1 - stamp.height as f32 / 2.0);
    let row = pixels.width as usize * 3;
    for (y, row) in pixels.rgb.chunks_exact_mut(row.max(1)).enumerate() {
        for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
            let (u, v) = (x as f32 - left.floor(), y as f32 - top.floor());
            if u < 0.0 || v < 0.0 || u >= stamp.width as f32 || v >= stamp.height as f32 {
                continue;
            }
            let (fill, _) = stamp.at(u, v);
            for value in pixel {
                let paper = f32::from(*value);
                *value = (paper + (f32::from(grey) - paper) * fill).round() as u8;
            }
        }
    }
}

/// One text, drawn level: how much of each pixel its letters and their edge cover.
struct Stamp {
    width: usize,
    height: usize,
    fill: Vec<f32>,
    edge: Vec<f32>,
}

impl Stamp {
    /// Returns `None` when nothing of the text can be drawn.
    fn new(text: &str, size: f32) -> Option<Self> {
        let font = FONT.as_scaled(PxScale::from(size));
        let letters = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
        let letters: Vec<_> = letters
            .filter(|c| is_drawable(*c))
            .take(LONGEST_MARK)
            .map(|c| font.glyph_id(c))
            .collect();
        let border = (size / 24.0).ceil();
        let mut pen = border;
        let mut outlines = Vec::new();
        for (n, letter) in letters.iter().enumerate() {
            if let Some(before) = n.checked_sub(1) {
                pen += font.kern(letters[before], *letter);
            }
            let at = ab_glyph::point(pen, border + font.ascent());
            outlines.extend(FONT.outline_glyph(letter.with_scale_and_position(size, at)));
            pen += font.h_advance(*letter);
        }
        if outlines.is_empty() {
            return None;
        }
        let width = (pen + border).ceil() as usize;
        let height = (font.height() + 2.0 * border).ceil() as usize;
        let mut fill = vec![0.0_f32; width * height];
        for outline in outlines {
            let corner = outline.px_bounds().min;
            outline.draw(|x, y, cover| {
                let (x, y) = (corner.x as i64 + i64::from(x), corner.y as i64 + i64::from(y));
                let inside = |n: i64, end: usize| usize::try_from(n).ok().filter(|n| *n < end);
                if let (Some(x), Some(y)) = (inside(x, width), inside(y, height)) {
                    let value = &mut fill[y * width + x];
                    *value = (*value + cover).min(1.0);
                }
            });
        }
        let edge = widened(&fill, width, height, border as usize);
        let edge = edge.iter().zip(&fill).map(|(wide, fill)| (wide - fill).max(0.0)).collect();
        Some(Self { width, height, fill, edge })
    }

    /// Returns the cover at a place between pixels.
    fn at(&self, u: f32, v: f32) -> (f32, f32) {
        if u < 0.0 || u >= self.width as f32 {
            return (0.0, 0.0);
        }
        let (x, y) = (u as usize, v as usize);
        let (fx, fy) = (u - x as f32, v - y as f32);
        let mix = |plane: &[f32]| {
            let get = |x: usize, y: usize| {
                if x < self.width && y < self.height { plane[y * self.width + x] } else { 0.0 }
            };
            let upper = get(x, y) * (1.0 - fx) + get(x + 1, y) * fx;
            let lower = get(x, y + 1) * (1.0 - fx) + get(x + 1, y + 1) * fx;
            upper * (1.0 - fy) + lower * fy
        };
        (mix(&self.fill), mix(&self.edge))
    }
}

/// Returns the largest value within `by` pixels, first along rows, then along columns.
fn widened(plane: &[f32], width: usize, height: usize, by: usize) -> Vec<f32> {
    let largest = |values: &mut dyn Iterator<Item = f32>| values.fold(0.0, f32::max);
    let mut rows = vec![0.0; plane.len()];
    for (n, value) in rows.iter_mut().enumerate() {
        let (x, y) = (n % width, n / width);
        let span = x.saturating_sub(by)..=(x + by).min(width - 1);
        *value = largest(&mut span.map(|x| plane[y * width + x]));
    }
    let mut out = vec![0.0; plane.len()];
    for (n, value) in out.iter_mut().enumerate() {
        let (x, y) = (n % width, n / width);
        let span = y.saturating_sub(by)..=(y + by).min(height - 1);
        *value = largest(&mut span.map(|y| rows[y * width + x]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(value: u8) -> Pixels {
        Pixels { rgb: vec![value; 600 * 400 * 3], width: 600, height: 400 }
    }

    #[test]
    fn the_mark_is_seen_on_black_white_and_grey() {
        for value in [0, 128, 255] {
            let mut picture = flat(value);
            draw(&mut picture, "Anna Smith");
            let changed = picture.rgb.iter().filter(|v| v.abs_diff(value) > 25).count();
            assert!(changed > picture.rgb.len() / 100, "{value}: {changed}");
            assert!(changed < picture.rgb.len() / 3, "the picture must stay visible: {changed}");
        }
    }

    #[test]
    fn no_crop_worth_having_is_without_it() {
        let mut picture = flat(0);
        draw(&mut picture, "Proof");
        // Windows of a third of each side.
        for top in (0..400 - 133).step_by(30) {
            for left in (0..600 - 200).step_by(40) {
                let is_marked = (top..top + 133)
                    .any(|y| picture.rgb[(y * 600 + left) * 3..][..600].iter().any(|v| *v > 60));
                assert!(is_marked, "{left},{top}");
            }
        }
    }

    #[test]
    fn letters_outside_the_font_are_named_and_left_out() {
        assert_eq!(undrawable("Grüße · Ελένη Иван © 2026"), None);
        assert_eq!(undrawable("写真"), Some('写'));
        let mut picture = flat(0);
        draw(&mut picture, "写真");
        draw(&mut picture, " \n\t");
        draw(&mut picture, "");
        assert_eq!(picture.rgb, flat(0).rgb);
        draw(&mut picture, &"x".repeat(100_000));
    }

    #[test]
    fn tiny_pictures_are_survived() {
        for (width, height) in [(1, 1), (3, 1), (1, 500)] {
            let len = (width * height * 3) as usize;
            draw(&mut Pixels { rgb: vec![0; len], width, height }, "Anna");
        }
    }
}
