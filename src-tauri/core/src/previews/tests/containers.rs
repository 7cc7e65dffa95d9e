//! Files that keep their picture in a way of their own: HEIF, films, raw files without a preview.

use super::*;

/// libheif turned these while encoding, and left EXIF's orientation in them.
#[test]
fn heif_is_turned_by_its_own_properties_and_never_twice() {
    let upright = ["rgbw", "grwb", "wbgr", "bwrg", "rbgw", "brwg", "wgbr", "gwrb"];
    for (orientation, expected) in (1u8..).zip(upright) {
        let path = fixture(&format!("pictures/o{orientation}.heic"));
        let rendered = render(&path, "HEIC", orientation).unwrap();
        assert_eq!(corners(&rendered.view), expected, "{orientation}");
        let size = if orientation < 5 { (240, 160) } else { (160, 240) };
        assert_eq!(rendered.view_px, size, "{orientation}");
    }
}

#[test]
fn a_heif_cut_off_is_damaged() {
    let scratch = Scratch::new();
    let whole = std::fs::read(fixture("pictures/o6.heic")).unwrap();
    for part in [20, whole.len() / 2, whole.len() - 40] {
        match render(&scratch.file(&whole[..part]), "HEIC", 1) {
            Err(PreviewError::Damaged { .. } | PreviewError::Unsupported { .. }) => {}
            other => panic!("{part}: {other:?}"),
        }
    }
    let partial = damaged(&fixture("camera/cut.heic"), "HEIC");
    assert!(partial.is_none(), "a sheet of grey is shown as the picture");
}

#[test]
fn a_real_phone_s_avif_is_shown() {
    let rendered = render(&fixture("camera/iphone12.avif"), "AVIF", 1).unwrap();
    assert_eq!(rendered.view_px, (192, 256));
}

/// The film is stored lying and turned by its display matrix.
#[test]
fn a_film_s_first_frame_is_upright() {
    let rendered = render(&fixture("card/clip.mp4"), "MP4", 1).unwrap();
    assert_eq!(rendered.view_px, (360, 640));
}

/// A sheet of 75 % of HLG's signal, which is diffuse white; taken for sRGB it would be 192.
#[test]
fn a_film_for_a_brighter_screen_is_brought_down() {
    let rendered = render(&fixture("pictures/hlg.mov"), "MOV", 1).unwrap();
    let [r, g, b] = shown(&rendered.view).get_pixel(160, 90).0;
    assert!(r.abs_diff(g) < 10 && g.abs_diff(b) < 10 && (203..=252).contains(&g), "{r} {g} {b}");
}

#[test]
fn a_film_without_a_frame_has_no_preview_and_is_not_called_damaged() {
    unsupported(&fixture("camera/xavc.mp4"), "MP4");
}

/// An own container of the camera's JPEG, whose EXIF says how it is turned, inside a raw file that
/// says the same.
#[test]
fn the_embedded_jpeg_is_turned_once() {
    let scratch = Scratch::new();
    let inner = jpeg_of(&quarters(1500, 1000));
    for (orientation, expected) in
        (1u8..).zip(["rgbw", "grwb", "wbgr", "bwrg", "rbgw", "brwg", "wgbr", "gwrb"])
    {
        let raw = raw_around(&inner, (3000, 2000), orientation);
        let rendered = render(&scratch.file(&raw), "NEF", orientation).unwrap();
        assert_eq!(corners(&rendered.view), expected, "{orientation}");
    }
    // This camera turned its JPEG itself: upright it stands already.
    let standing = jpeg_of(&quarters(1000, 1500));
    let raw = raw_around(&standing, (3000, 2000), 6);
    let rendered = render(&scratch.file(&raw), "NEF", 6).unwrap();
    assert_eq!((rendered.view_px, corners(&rendered.view)), ((1000, 1500), "rgbw".into()));
}

/// A TIFF directory with size, orientation and one embedded JPEG.
fn raw_around(jpeg: &[u8], (width, height): (u32, u32), orientation: u8) -> Vec<u8> {
    let entries = [
        (0x0100u16, 4u16, width),
        (0x0101, 4, height),
        (0x0112, 3, orientation.into()),
        (0x0201, 4, 128),
        (0x0202, 4, jpeg.len() as u32),
    ];
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    out.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, value) in entries {
        out.extend(tag.to_le_bytes());
        out.extend(kind.to_le_bytes());
        out.extend(1u32.to_le_bytes());
        out.extend(value.to_le_bytes());
    }
    out.extend([0; 4]);
    out.resize(128, 0);
    out.extend(jpeg);
    out
}

#[test]
fn of_two_embedded_jpegs_the_whole_one_is_shown() {
    let scratch = Scratch::new();
    let large = jpeg_of(&quarters(2400, 1600));
    let small = jpeg_of(&quarters(1200, 800));
    // The large one is cut off by the file's end.
    let mut raw = raw_around(&small, (2400, 1600), 1);
    let noise: Vec<u8> = (0..4096u32).map(|n| (n * 7 % 251) as u8).collect();
    raw.extend(&noise);
    raw.extend(&large[..large.len() / 2]);
    let rendered = render(&scratch.file(&raw), "NEF", 1).unwrap();
    assert_eq!((rendered.view_px, corners(&rendered.view)), ((1200, 800), "rgbw".into()));
}

/// A TIFF whose only strip is a JPEG, as scanners write them.
fn tiff_of_jpeg(jpeg: &[u8], (width, height): (u32, u32)) -> Vec<u8> {
    let entries = [
        (0x0100u16, 4u16, 1u32, width),
        (0x0101, 4, 1, height),
        (0x0102, 3, 3, 200),
        (0x0103, 3, 1, 7),
        (0x0106, 3, 1, 6),
        (0x0111, 4, 1, 256),
        (0x0115, 3, 1, 3),
        (0x0116, 4, 1, height),
        (0x0117, 4, 1, jpeg.len() as u32),
    ];
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    out.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        out.extend(tag.to_le_bytes());
        out.extend(kind.to_le_bytes());
        out.extend(count.to_le_bytes());
        out.extend(value.to_le_bytes());
    }
    out.extend([0; 4]);
    out.resize(200, 0);
    out.extend([8, 0, 8, 0, 8, 0]);
    out.resize(256, 0);
    out.extend(jpeg);
    out
}

#[test]
fn a_tiff_packed_as_jpeg_is_shown_in_its_colours() {
    let scratch = Scratch::new();
    let tiff = tiff_of_jpeg(&jpeg_of(&quarters(640, 480)), (640, 480));
    let rendered = render(&scratch.file(&tiff), "TIFF", 1).unwrap();
    assert_eq!((rendered.view_px, corners(&rendered.view)), ((640, 480), "rgbw".into()));
}

#[test]
fn a_bitmap_is_shown() {
    let scratch = Scratch::new();
    let path = scratch.file(&saved(quarters(640, 480), ImageFormat::Bmp));
    let rendered = render(&path, "BMP", 1).unwrap();
    assert_eq!((rendered.view_px, corners(&rendered.view)), ((640, 480), "rgbw".into()));
}
