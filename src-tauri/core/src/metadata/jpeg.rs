//! The segments of a JPEG before its picture: size, EXIF, XMP, IPTC.

use std::ops::Range;

use super::source::Window;

/// Junk allowed before the picture's first byte: some phones and mail programs leave a little.
const MAX_JUNK: usize = 64 * 1024;
/// An honest JPEG has a few dozen segments.
const MAX_SEGMENTS: usize = 2_000;

/// What the segments say.
#[derive(Clone, Default)]
pub(crate) struct Jpeg<'a> {
    /// Where the picture begins in the window.
    pub start: u64,
    pub width: u32,
    pub height: u32,
    /// The coding process: 0 to 2 are what every decoder reads, 3 is lossless.
    pub process: u8,
    pub components: u8,
    /// The TIFF block of the EXIF segment.
    pub exif: Option<Window<'a>>,
    pub xmp: Option<Window<'a>>,
    /// Photoshop's resources, of which IPTC is one; large ones go over several segments.
    pub photoshop: Vec<Window<'a>>,
    /// The parts of the ICC profile, each after its number.
    pub icc: Vec<(u8, Window<'a>)>,
    /// Whether picture data follows.
    pub has_scan: bool,
    /// Where the segment before the first picture data lies.
    pub scan: u64,
    /// Where the segments lie that a decoder needs, from the first byte of the window.
    pub needed: Vec<Range<usize>>,
}

/// Reads the segments of the JPEG that begins at, or shortly after, the window's start.
pub(crate) fn segments(window: Window<'_>) -> Option<Jpeg<'_>> {
    let start = if window.array(0)? == [0xFF, 0xD8, 0xFF] { 0 } else { find_start(window)? };
    let mut jpeg = Jpeg { start, ..Jpeg::default() };
    let mut at = start + 2;
    for _ in 0..MAX_SEGMENTS {
        let Some([first, marker]) = window.array(at) else { break };
        if first != 0xFF {
            // Some cameras and editors pad segments with bytes that belong to none.
            let Some(next) = next_marker(window, at) else { break };
            at = next;
            continue;
        }
        at += 1;
        if marker == 0xFF {
            continue; // fill
        }
        at += 1;
        if matches!(marker, 0x01 | 0xD0..=0xD8) {
            continue; // markers without a length
        }
        if marker == 0xD9 {
            break;
        }
        let Some(len) = window.be16(at).filter(|len| *len >= 2) else { break };
        let Some(body) = window.part(at + 2, u64::from(len) - 2) else { break };
        if !matches!(marker, 0xE1..=0xED | 0xEF | 0xFE | 0xDA)
            && let (Ok(from), Ok(to)) =
                (usize::try_from(at - 2), usize::try_from(at + u64::from(len)))
        {
            jpeg.needed.push(from..to);
        }
        match marker {
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF if jpeg.width == 0 => {
                if let Some([_, h1, h0, w1, w0, components]) = body.array(0) {
                    jpeg.width = u16::from_be_bytes([w1, w0]).into();
                    jpeg.height = u16::from_be_bytes([h1, h0]).into();
                    jpeg.process = marker - 0xC0;
                    jpeg.components = components;
                }
            }
            0xE1 => application_1(body, &mut jpeg),
            0xE2 => jpeg.icc.extend(profile_part(body)),
            0xED => jpeg.photoshop.extend(after(body, b"Photoshop 3.0\0")),
            0xDA => {
                jpeg.has_scan = true;
                jpeg.scan = at - 2;
                break;
            }
            _ => {}
        }
        at += u64::from(len);
    }
    (jpeg.width > 0 || jpeg.exif.is_some() || jpeg.has_scan).then_some(jpeg)
}

fn application_1<'a>(body: Window<'a>, jpeg: &mut Jpeg<'a>) {
    if jpeg.exif.is_none() {
        jpeg.exif = after(body, b"Exif\0\0").or_else(|| after(body, b"Exif\0\xFF"));
    }
    if jpeg.xmp.is_none() {
        jpeg.xmp = after(body, b"http://ns.adobe.com/xap/1.0/\0");
    }
}

/// Returns the number of a part of the ICC profile, and the part.
fn profile_part(body: Window<'_>) -> Option<(u8, Window<'_>)> {
    let part = after(body, b"ICC_PROFILE\0")?;
    let [number, _] = part.array(0)?;
    Some((number, part.from(2)?))
}

/// Returns what follows `mark`, if the window begins with it.
fn after<'a>(window: Window<'a>, mark: &[u8]) -> Option<Window<'a>> {
    (window.read(0, mark.len())? == mark).then(|| window.from(mark.len() as u64))?
}

fn next_marker(window: Window<'_>, at: u64) -> Option<u64> {
    let bytes = window.read_up_to(at, MAX_JUNK)?;
    let begins =
        |w: &[u8]| w[0] == 0xFF && matches!(w[1], 0xC0..=0xCF | 0xDA..=0xDD | 0xE0..=0xEF | 0xFE);
    bytes.windows(2).position(begins).map(|skip| at + skip as u64)
}

fn find_start(window: Window<'_>) -> Option<u64> {
    let head = window.read_up_to(0, MAX_JUNK)?;
    // A quantisation table or an application segment comes first: three bytes alone prove little.
    let begins = |w: &[u8]| w[..3] == [0xFF, 0xD8, 0xFF] && matches!(w[3], 0xDB | 0xE0..=0xEF);
    head.windows(4).position(begins).map(|at| at as u64)
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::*;

    const SMALL: &[u8] = &[
        0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 1, 0xFF, 0xC0, 0, 11, 8, 0, 30, 0, 40, 1, 1, 0x11, 0,
        0xFF, 0xDA, 0, 2,
    ];

    #[test]
    fn the_size_is_the_frame_headers() {
        let source = Source::memory(SMALL);
        let jpeg = segments(source.all()).unwrap();
        assert_eq!((jpeg.width, jpeg.height, jpeg.process), (40, 30, 0));
        assert!(jpeg.has_scan);
    }

    #[test]
    fn junk_before_the_picture_is_stepped_over() {
        let junk = [b"\r\n\xFF\xD8\xFF junk".as_slice(), SMALL].concat();
        let source = Source::memory(&junk);
        assert_eq!(segments(source.all()).unwrap().width, 40);
    }

    #[test]
    fn every_cut_is_survived() {
        for end in 0..SMALL.len() {
            let source = Source::memory(&SMALL[..end]);
            let _ = segments(source.all());
        }
    }

    #[test]
    fn zeros_and_text_are_no_jpeg() {
        for bytes in [vec![0; 5000], b"<html>".to_vec(), vec![0xFF; 5000]] {
            assert!(segments(Source::memory(&bytes).all()).is_none());
        }
    }
}
