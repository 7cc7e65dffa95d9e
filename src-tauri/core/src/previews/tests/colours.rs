//! Eight patches in a row, stored in many ways; what they are in sRGB was computed by lcms2 and,
//! for the profiles of three primaries, from their numbers alone.

use super::*;

type Patches = [[u8; 3]; 8];

const PATCHES: Patches = [
    [200, 100, 50],
    [60, 160, 90],
    [40, 60, 150],
    [128, 128, 128],
    [255, 255, 255],
    [30, 200, 210],
    [180, 170, 40],
    [90, 30, 110],
];
const FROM_P3: Patches = [
    [215, 93, 31],
    [0, 163, 82],
    [34, 61, 156],
    [128, 128, 128],
    [255, 255, 255],
    [0, 204, 213],
    [182, 170, 0],
    [98, 24, 114],
];
const FROM_ADOBE: Patches = [
    [227, 100, 42],
    [0, 161, 85],
    [21, 57, 154],
    [129, 129, 129],
    [255, 255, 255],
    [0, 201, 212],
    [185, 172, 0],
    [104, 24, 113],
];
const FROM_PROPHOTO: Patches = [
    [255, 80, 47],
    [0, 190, 94],
    [0, 81, 176],
    [146, 146, 146],
    [255, 255, 255],
    [0, 230, 221],
    [221, 183, 0],
    [132, 0, 137],
];
/// Paper, cyan, magenta, yellow, black, a tint, blue and orange of a press of our own.
const FROM_INKS: Patches = [
    [255, 255, 255],
    [0, 150, 217],
    [216, 0, 120],
    [247, 224, 0],
    [31, 31, 31],
    [118, 158, 192],
    [46, 40, 126],
    [236, 140, 0],
];
const PLAIN_INKS: Patches = [
    [255, 255, 255],
    [0, 255, 255],
    [255, 0, 255],
    [255, 255, 0],
    [0, 0, 0],
    [111, 167, 223],
    [0, 0, 255],
    [255, 127, 0],
];
const FROM_GREY: [u8; 8] = [26, 81, 146, 210, 251, 0, 255, 119];

/// Compares the patches of what `render` shows, written as JPEG once more, within `slack`.
fn shows(file: &str, format: &str, expected: Patches, slack: u8) {
    let rendered = render(&fixture(&format!("pictures/{file}")), format, 1).unwrap();
    let picture = shown(&rendered.view);
    assert_eq!(picture.dimensions(), (128, 32), "{file}");
    for (n, want) in (0..).zip(expected) {
        let have = picture.get_pixel(n * 16 + 8, 16).0;
        let is_near = have.iter().zip(want).all(|(a, b)| a.abs_diff(b) <= slack);
        assert!(is_near, "{file}, patch {n}: {have:?} instead of {want:?}");
    }
}

#[test]
fn profiles_of_wide_gamuts_are_converted() {
    shows("p3.jpg", "JPEG", FROM_P3, 8);
    shows("adobe.jpg", "JPEG", FROM_ADOBE, 8);
    shows("prophoto.jpg", "JPEG", FROM_PROPHOTO, 8);
    shows("prophoto.png", "PNG", FROM_PROPHOTO, 8);
    shows("p3.heic", "HEIC", FROM_P3, 8);
    shows("p3.jxl", "JXL", FROM_P3, 10);
}

#[test]
fn adobe_rgb_that_only_exif_tells_is_converted() {
    shows("r03.jpg", "JPEG", FROM_ADOBE, 8);
}

#[test]
fn inks_are_converted_by_their_profile_and_without_one_as_light() {
    shows("inks.jpg", "JPEG", FROM_INKS, 18);
    shows("inks.tiff", "TIFF", FROM_INKS, 18);
    shows("plain_cmyk.jpg", "JPEG", PLAIN_INKS, 8);
}

#[test]
fn grey_is_converted_by_its_curve() {
    shows("grey18.jpg", "JPEG", FROM_GREY.map(|v| [v; 3]), 4);
}

#[test]
fn srgb_stays_what_it_is() {
    shows("rgb.avif", "AVIF", PATCHES, 10);
    shows("rgb.jxl", "JXL", PATCHES, 8);
    shows("pal.gif", "GIF", PATCHES, 8);
    shows("ten.heic", "HEIC", PATCHES, 10);
}

#[test]
fn a_palette_s_transparent_colour_is_white() {
    let mut expected = PATCHES;
    expected[0] = [255; 3];
    shows("pal.png", "PNG", expected, 8);
}

#[test]
fn a_rendition_has_the_same_colours() {
    let path = fixture("pictures/inks.jpg");
    let source = Source::File { path: &path, format: "JPEG", orientation: 1 };
    let picture = shown(&rendition(source, 2048, 90, None).unwrap().bytes);
    for (n, want) in (0..).zip(FROM_INKS) {
        let have = picture.get_pixel(n * 16 + 8, 16).0;
        assert!(have.iter().zip(want).all(|(a, b)| a.abs_diff(b) <= 18), "{n}: {have:?}");
    }
}

/// Sixteen bits, as an export in ProPhoto RGB has them.
#[test]
fn sixteen_bits_are_converted_too() {
    let scratch = Scratch::new();
    let profile = {
        let png = std::fs::read(fixture("pictures/prophoto.png")).unwrap();
        let mut decoder = image::codecs::png::PngDecoder::new(Cursor::new(png)).unwrap();
        image::ImageDecoder::icc_profile(&mut decoder).unwrap().unwrap()
    };
    let deep = image::ImageBuffer::from_fn(128, 32, |x, _| {
        Rgb(PATCHES[x as usize / 16].map(|v| u16::from(v) * 257))
    });
    let mut png = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut png);
    image::ImageEncoder::set_icc_profile(&mut encoder, profile).unwrap();
    DynamicImage::ImageRgb16(deep).write_with_encoder(encoder).unwrap();
    let rendered = render(&scratch.file(&png), "PNG", 1).unwrap();
    let picture = shown(&rendered.view);
    for (n, want) in (0..).zip(FROM_PROPHOTO) {
        let have = picture.get_pixel(n * 16 + 8, 16).0;
        assert!(have.iter().zip(want).all(|(a, b)| a.abs_diff(b) <= 8), "{n}: {have:?}");
    }
}

#[test]
fn a_broken_profile_costs_the_colours_and_not_the_picture() {
    let scratch = Scratch::new();
    let whole = std::fs::read(fixture("pictures/p3.jpg")).unwrap();
    let profile = whole.windows(12).position(|w| w == b"ICC_PROFILE\0").unwrap() + 14;
    let mut state = 7u32;
    for round in 0..200 {
        let mut bytes = whole.clone();
        for _ in 0..round {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            bytes[profile + (state >> 8) as usize % 500] = (state >> 24) as u8;
        }
        let rendered = render(&scratch.file(&bytes), "JPEG", 1).unwrap();
        assert_eq!(rendered.view_px, (128, 32));
    }
    // Its length says more than there is.
    let mut cut = whole;
    cut[profile] = 0x7F;
    assert!(render(&scratch.file(&cut), "JPEG", 1).is_ok());
}

/// What a screen shows of a picture made for a brighter one.
#[test]
fn hdr_keeps_middle_grey_and_white_apart() {
    let grey = |value: u8| Pixels { rgb: vec![value; 3], width: 1, height: 1 };
    let level = |transfer: u8, value: u8| {
        let colours = colour::Colours::Coded { primaries: 9, transfer };
        i32::from(colours.to_srgb(grey(value)).rgb[0])
    };
    // PQ: 0.5081 of the signal is 100 nits, 0.5807 is 203 and diffuse white.
    let (hundred, white, most) = (level(16, 130), level(16, 148), level(16, 255));
    assert!((175..200).contains(&hundred), "{hundred}");
    assert!(white > hundred + 20 && most > white && most >= 250, "{white} {most}");
    // HLG: three quarters of the signal are diffuse white, half is a sixth of the light.
    let (half, white, most) = (level(18, 128), level(18, 191), level(18, 255));
    assert!(half < white - 60 && white > 215 && most >= 250, "{half} {white} {most}");
    assert_eq!(level(16, 0), 0);
}
