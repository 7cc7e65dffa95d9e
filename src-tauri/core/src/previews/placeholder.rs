//! A drawn picture for what nothing here can show: what it is, in words, so that it can be told
//! apart in the grid. It is never passed off as the picture itself.

use super::PreviewError;
use super::mark;
use super::pixels::Pixels;
use super::render::{Rendered, previews};

const SIZE: (u32, u32) = (1200, 800);
const PAPER: u8 = 58;
const INK: u8 = 214;
const FAINT: u8 = 150;

/// Draws a placeholder that names the `format`, and a film's length.
///
/// # Errors
/// When it cannot be encoded, which takes a system without memory.
pub fn placeholder(format: &str, seconds: Option<f64>) -> Result<Rendered, PreviewError> {
    let (width, height) = SIZE;
    let len = width as usize * height as usize * 3;
    let mut pixels = Pixels { rgb: vec![PAPER; len], width, height };
    let middle = (width as f32 / 2.0, height as f32 / 2.0);
    let format = if format.is_empty() { "?" } else { format };
    let title = match seconds {
        Some(seconds) => format!("{format} \u{b7} {}", length(seconds)),
        None => format.to_owned(),
    };
    mark::label(&mut pixels, &title, (middle.0, middle.1 - 40.0), 110.0, INK);
    mark::label(&mut pixels, "no preview", (middle.0, middle.1 + 70.0), 56.0, FAINT);
    previews(&pixels)
}

/// Returns "0:12" or "1:02:03".
fn length(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let all = seconds.round().clamp(0.0, 359_999.0) as u64;
    let (hours, minutes, seconds) = (all / 3600, all / 60 % 60, all % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_read_as_people_write_them() {
        assert_eq!(length(11.6), "0:12");
        assert_eq!(length(0.0), "0:00");
        assert_eq!(length(3723.0), "1:02:03");
        assert_eq!(length(f64::NAN), "0:00");
    }

    #[test]
    fn each_format_is_drawn_in_its_own_words() {
        let film = placeholder("MOV", Some(12.0)).unwrap();
        assert_eq!((film.thumb_px, film.view_px), ((512, 341), SIZE));
        let other = placeholder("MOV", Some(13.0)).unwrap();
        assert_ne!(film.view, other.view);
        assert_ne!(placeholder("FPX", None).unwrap().thumb, film.thumb);
        let view = image::load_from_memory(&film.view).unwrap().into_rgb8();
        let bright = view.pixels().filter(|p| p.0[0] > 180).count();
        assert!((5_000..200_000).contains(&bright), "letters, not an empty sheet: {bright}");
        assert!(view.get_pixel(10, 10).0.iter().all(|v| v.abs_diff(PAPER) < 6));
    }
}
