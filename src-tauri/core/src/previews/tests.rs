//! Previews of camera files, of painted ones whose every pixel is known, and of broken ones.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use super::pixels::Pixels;
use super::*;

mod colours;
mod containers;

fn fixture(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(name);
    assert!(path.is_file(), "{} is missing", path.display());
    path
}

/// A file for one test.
struct Scratch(tempfile::TempDir);

impl Scratch {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    #[expect(clippy::disallowed_methods, reason = "a test's own scratch file")]
    fn file(&self, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join("picture");
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// Red and green over blue and white.
fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x * 2 < width, y * 2 < height) {
        (true, true) => Rgb([220, 20, 20]),
        (false, true) => Rgb([20, 200, 20]),
        (true, false) => Rgb([20, 20, 220]),
        (false, false) => Rgb([240, 240, 240]),
    })
}

fn jpeg_of(picture: &RgbImage) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    Pixels { rgb: picture.as_raw().clone(), width, height }.jpeg(92).unwrap()
}

fn saved(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.into().write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn shown(jpeg: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
}

/// Names the colours of the four corners, in reading order.
fn corners(jpeg: &[u8]) -> String {
    let picture = shown(jpeg);
    let (w, h) = picture.dimensions();
    let (left, right, top, bottom) = (w / 5, w - 1 - w / 5, h / 5, h - 1 - h / 5);
    let name = |(x, y)| match picture.get_pixel(x, y).0 {
        [r, g, b] if r > 180 && g > 180 && b > 180 => 'w',
        [r, g, b] if r > 150 && g < 90 && b < 90 => 'r',
        [r, g, b] if g > 150 && r < 90 && b < 90 => 'g',
        [r, g, b] if b > 150 && r < 90 && g < 90 => 'b',
        _ => '?',
    };
    [(left, top), (right, top), (left, bottom), (right, bottom)].map(name).iter().collect()
}

fn damaged(path: &Path, format: &str) -> Option<Box<Rendered>> {
    match render(path, format, 1) {
        Err(PreviewError::Damaged { partial, .. }) => partial,
        other => panic!("{} should be damaged: {other:?}", path.display()),
    }
}

fn unsupported(path: &Path, format: &str) {
    let outcome = render(path, format, 1);
    assert!(matches!(outcome, Err(PreviewError::Unsupported { .. })), "{outcome:?}");
}

#[test]
fn both_sizes_fit_and_carry_no_metadata() {
    let scratch = Scratch::new();
    let path = scratch.file(&jpeg_of(&quarters(4500, 3000)));
    let rendered = render(&path, "JPEG", 1).unwrap();
    assert_eq!((rendered.thumb_px, rendered.view_px), ((512, 341), (2048, 1365)));
    assert_eq!(shown(&rendered.thumb).dimensions(), (512, 341));
    assert_eq!(shown(&rendered.view).dimensions(), (2048, 1365));
    assert_eq!((corners(&rendered.thumb), corners(&rendered.view)), ("rgbw".into(), "rgbw".into()));

    let rendered = render(&fixture("card/squirrel.jpg"), "JPEG", 1).unwrap();
    for jpeg in [&rendered.thumb, &rendered.view] {
        let has = |mark: &[u8]| jpeg.windows(mark.len()).any(|w| w == mark);
        assert!(!has(b"Exif") && !has(b"http://ns.adobe") && !has(b"Squirrel"));
    }
}

#[test]
fn a_small_picture_is_not_enlarged() {
    let scratch = Scratch::new();
    let rendered = render(&scratch.file(&jpeg_of(&quarters(300, 200))), "JPEG", 6).unwrap();
    assert_eq!((rendered.thumb_px, rendered.view_px), ((200, 300), (200, 300)));
}

#[test]
fn every_orientation_is_turned_upright() {
    let scratch = Scratch::new();
    // What is stored as red, green, blue, white, as each orientation shows it.
    let upright = ["rgbw", "grwb", "wbgr", "bwrg", "rbgw", "brwg", "wgbr", "gwrb"];
    for size in [(700, 400), (2600, 1500)] {
        let path = scratch.file(&jpeg_of(&quarters(size.0, size.1)));
        for (orientation, expected) in (1..).zip(upright) {
            let rendered = render(&path, "JPEG", orientation).unwrap();
            assert_eq!(corners(&rendered.view), expected, "{orientation}");
            assert_eq!(corners(&rendered.thumb), expected, "{orientation}");
            let (width, height) = rendered.view_px;
            assert_eq!(width > height, orientation < 5, "{orientation}");
        }
    }
}

#[test]
fn png_tiff_and_webp_are_shown() {
    let scratch = Scratch::new();
    let picture = quarters(900, 600);
    for (word, format) in
        [("PNG", ImageFormat::Png), ("TIFF", ImageFormat::Tiff), ("WEBP", ImageFormat::WebP)]
    {
        let rendered = render(&scratch.file(&saved(picture.clone(), format)), word, 6).unwrap();
        assert_eq!(rendered.view_px, (600, 900), "{word}");
        assert_eq!(corners(&rendered.view), "brwg", "{word}");
    }
    let deep = DynamicImage::from(picture).into_rgb16();
    let rendered = render(&scratch.file(&saved(deep, ImageFormat::Tiff)), "TIFF", 1).unwrap();
    assert_eq!(corners(&rendered.view), "rgbw", "16 bits");
}

/// A palette of one bit, in a file whose directories run in a circle.
#[test]
fn a_palette_in_a_tiff_is_looked_up() {
    let rendered = render(&fixture("camera/loop.tiff"), "TIFF", 1).unwrap();
    assert_eq!(rendered.view_px, (10, 10));
    for bits in [1, 4, 8] {
        let file = fixture(&format!("pictures/palette{bits}.tiff"));
        let picture = shown(&render(&file, "TIFF", 1).unwrap().view);
        let has = |x, want: [u8; 3]| {
            let have = picture.get_pixel(x, 16).0;
            assert!(have.iter().zip(want).all(|(a, b)| a.abs_diff(b) < 10), "{bits}: {have:?}");
        };
        has(24, [200, 40, 30]);
        has(104, [20, 60, 190]);
    }
}

#[test]
fn what_is_transparent_lies_on_white() {
    let scratch = Scratch::new();
    let glass = RgbaImage::from_pixel(64, 64, Rgba([0, 0, 0, 0]));
    let rendered = render(&scratch.file(&saved(glass, ImageFormat::Png)), "PNG", 1).unwrap();
    assert!(shown(&rendered.view).pixels().all(|p| p.0.iter().all(|v| *v > 250)));
}

#[test]
fn raw_files_show_the_picture_inside() {
    for (file, format, orientation, view) in [
        ("card/1ds3.cr2", "CR2", 1, (2048, 1365)),
        ("card/5d3.cr2", "CR2", 6, (1332, 2000)),
        ("card/rp.cr3", "CR3", 1, (2000, 1332)),
        ("card/d90.nef", "NEF", 1, (2000, 1328)),
        ("camera/a57.arw", "ARW", 8, (2000, 1326)),
        ("camera/4900zoom.raf", "RAF", 1, (2000, 1500)),
        ("camera/lc33.rw2", "RW2", 1, (2000, 1500)),
    ] {
        let rendered = render(&fixture(file), format, orientation).unwrap();
        assert_eq!(rendered.view_px, view, "{file}");
    }
    // Its own picture has 96 pixels: this one is developed.
    let rendered = render(&fixture("camera/dc50.kdc"), "KDC", 1).unwrap();
    assert_eq!(rendered.view_px, (768, 512));
}

#[test]
fn a_raw_of_a_structure_not_known_is_searched() {
    let scratch = Scratch::new();
    let inner = jpeg_of(&quarters(1500, 1000));
    let noise: Vec<u8> =
        (0..300_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let raw = [b"II*\0\x08\0\0\0\0\0\0\0\0\0".as_slice(), &noise, &inner, &noise].concat();
    let rendered = render(&scratch.file(&raw), "ERF", 1).unwrap();
    assert_eq!((rendered.view_px, corners(&rendered.view)), ((1500, 1000), "rgbw".into()));
}

#[test]
fn a_jpeg_cut_off_is_damaged_and_shows_what_is_left() {
    let scratch = Scratch::new();
    let whole = jpeg_of(&quarters(1600, 1200));
    let partial = damaged(&scratch.file(&whole[..whole.len() * 6 / 10]), "JPEG").unwrap();
    assert_eq!(partial.view_px, (1600, 1200));
    assert!(corners(&partial.view).starts_with("rg"), "the upper half is there");
}

#[test]
fn half_a_picture_with_an_end_far_behind_it_is_damaged() {
    let scratch = Scratch::new();
    let whole = jpeg_of(&quarters(1600, 1200));
    let half = &whole[..whole.len() / 2];
    let far = [half, &vec![0; 3 << 20], &[0xFF, 0xD9]].concat();
    assert!(damaged(&scratch.file(&far), "JPEG").is_some());
    let rest = [&whole[..whole.len() - 2], &[0; 40], &[0xFF, 0xD9]].concat();
    assert!(render(&scratch.file(&rest), "JPEG", 1).is_ok(), "a few bytes too many are an oddity");
}

#[test]
fn bytes_changed_inside_are_damage() {
    let scratch = Scratch::new();
    let mut bytes = std::fs::read(fixture("card/tent.jpg")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 2_000].fill(0xFF);
    assert!(damaged(&scratch.file(&bytes), "JPEG").is_some());
}

#[test]
fn what_is_no_picture_is_damaged() {
    let scratch = Scratch::new();
    for bytes in [vec![], vec![0; 300_000], b"<!doctype html><p>no</p>".to_vec(), vec![0xFF; 5_000]]
    {
        assert_eq!(damaged(&scratch.file(&bytes), "JPEG"), None);
    }
    assert_eq!(damaged(&scratch.file(&[0; 300_000]), "CR2"), None);
    let png = saved(quarters(300, 300), ImageFormat::Png);
    assert_eq!(damaged(&scratch.file(&png[..png.len() / 2]), "PNG"), None);
}

#[test]
fn junk_between_segments_harms_nothing() {
    assert_eq!(render(&fixture("camera/junk.jpg"), "JPEG", 1).unwrap().view_px, (1024, 768));
}

#[test]
fn a_file_that_is_not_there_is_no_damage() {
    let outcome = render(Path::new("/nowhere/at/all.jpg"), "JPEG", 1);
    assert!(matches!(outcome, Err(PreviewError::Io(_))), "{outcome:?}");
}

#[test]
fn formats_nothing_here_decodes_have_no_preview() {
    unsupported(&fixture("camera/lossless.jpg"), "JPEG");
    unsupported(&fixture("card/voice.wav"), "");
}

/// A JPEG whose frame header says another size than it has.
fn with_size(width: u16, height: u16, marker: u8) -> Vec<u8> {
    let mut jpeg = jpeg_of(&quarters(64, 64));
    let frame = jpeg.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 1] = marker;
    jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

#[test]
fn bombs_are_refused_at_once() {
    let scratch = Scratch::new();
    let png = |width: u32, height: u32| {
        let mut png = saved(RgbImage::new(8, 8), ImageFormat::Png);
        png[16..20].copy_from_slice(&width.to_be_bytes());
        png[20..24].copy_from_slice(&height.to_be_bytes());
        let sum = crc32(&png[12..29]);
        png[29..33].copy_from_slice(&sum.to_be_bytes());
        png
    };
    let start = Instant::now();
    unsupported(&scratch.file(&with_size(65_500, 65_500, 0xC0)), "JPEG");
    unsupported(&scratch.file(&with_size(16_000, 16_000, 0xC2)), "JPEG");
    unsupported(&scratch.file(&png(25_000, 25_000)), "PNG");
    unsupported(&scratch.file(&png(u32::MAX >> 1, 1)), "PNG");
    assert!(start.elapsed() < Duration::from_secs(2));
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |s, _| if s & 1 == 1 { s >> 1 ^ 0xEDB8_8320 } else { s >> 1 },
        )
    })
}

#[test]
fn every_file_survives_being_cut_and_scribbled_on() {
    let scratch = Scratch::new();
    let mut state = 0x9e37_79b9_u32;
    for (file, format) in [
        ("camera/kathmandu.jpg", "JPEG"),
        ("card/rp.cr3", "CR3"),
        ("card/d90.nef", "NEF"),
        ("camera/4900zoom.raf", "RAF"),
        ("camera/loop.tiff", "TIFF"),
    ] {
        let whole = std::fs::read(fixture(file)).unwrap();
        for round in 0..6 {
            let mut bytes = whole.clone();
            for _ in 0..20 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = (state >> 8) as usize
                    % bytes.len().min(if round % 2 == 0 { 3_000 } else { 60_000 });
                bytes[at] = (state >> 24) as u8;
            }
            bytes.truncate(whole.len() * (6 - round) / 6);
            let start = Instant::now();
            let _ = render(&scratch.file(&bytes), format, 6);
            assert!(start.elapsed() < Duration::from_secs(20), "{file} {round}");
        }
    }
}

#[test]
fn a_rendition_has_the_size_asked_for_and_the_mark() {
    let source =
        Source::File { path: &fixture("card/squirrel.jpg"), format: "JPEG", orientation: 1 };
    let plain = rendition(source, 1000, 85, None).unwrap();
    assert_eq!((plain.width, plain.height), (1000, 667));
    assert_eq!(shown(&plain.bytes).dimensions(), (1000, 667));
    let marked = rendition(source, 1000, 85, Some("Anna Smith")).unwrap();
    let pairs = shown(&plain.bytes).into_raw().into_iter().zip(shown(&marked.bytes).into_raw());
    let changed = pairs.filter(|(a, b)| a.abs_diff(*b) > 30).count();
    assert!(changed > 10_000, "{changed}");

    let whole = rendition(source, u32::MAX, 92, None).unwrap();
    assert_eq!((whole.width, whole.height), (1394, 930), "never larger than it is");
    let again = rendition(Source::Jpeg(&whole.bytes), 500, 80, None).unwrap();
    assert_eq!((again.width, again.height), (500, 334));
}

#[test]
fn a_client_is_not_shown_half_a_picture() {
    let whole = jpeg_of(&quarters(1600, 1200));
    let half = Source::Jpeg(&whole[..whole.len() / 2]);
    assert!(matches!(rendition(half, 800, 85, None), Err(PreviewError::Damaged { .. })));
}
