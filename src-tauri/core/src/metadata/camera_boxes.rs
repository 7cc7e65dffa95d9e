//! What cameras put into a film's user data beside the standard: each maker in a box of its own.
//!
//! Most are EXIF in disguise, and are read as that. Only make, model and time are taken from the rest.

use super::boxes::{self, boxes};
use super::dates;
use super::exif::{self, Exif};
use super::jpeg;
use super::source::Window;
use super::tiff::{Tiff, clean};
use super::video::Video;

const MAX_ITEMS: usize = 500;

/// Fills what the film's standard boxes left open.
pub(crate) fn read(data: Window<'_>, video: &mut Video) {
    for item in boxes(data) {
        let body = item.body;
        let text = |at: u64, len: u64| clean(&body.part(at, len)?.small(4_096)?);
        match &item.kind {
            // The picture that stands for the film, with EXIF, as its .THM used to be.
            b"CNTH" => video.exif = video.exif.take().or_else(|| canon(body)),
            b"CNMN" | b"cmnm" => fill(&mut video.model, text(0, 256)),
            b"slno" => fill(&mut video.serial, text(0, 256)),
            b"manu" => fill(&mut video.make, text(phone_skip(body), 256)),
            b"modl" => fill(&mut video.model, text(phone_skip(body), 256)),
            b"date" => {
                video.taken = video.taken.or_else(|| dates::parse(&text(0, 64)?));
            }
            b"auth" => fill(&mut video.artist, text(6, 1_024)),
            b"cprt" => fill(&mut video.copyright, text(6, 1_024)),
            b"MVTG" => video.exif = video.exif.take().or_else(|| fuji(body)),
            b"NCDT" => {
                boxes::find(body, b"NCTG").into_iter().for_each(|tags| nikon(tags, video));
            }
            b"PANA" | b"LEIC" => panasonic(body, video),
            b"GPMF" => gopro(body, video, 0),
            b"TAGS" => {
                // "NIKON DIGITAL CAMERA", then the model; Olympus's and Kodak's have longer ones.
                let make = text(0, 24)
                    .filter(|make| make.ends_with("CAMERA") || make.starts_with("EASTMAN"));
                if let Some(make) = make {
                    let model =
                        if make.starts_with("EASTMAN") { text(22, 42) } else { text(24, 24) };
                    fill(&mut video.make, Some(make));
                    fill(&mut video.model, model);
                }
            }
            _ => {}
        }
    }
}

fn fill(field: &mut Option<String>, value: Option<String>) {
    if field.is_none() {
        *field = value;
    }
}

/// Phones begin with four zeros and a language, cameras with the text.
fn phone_skip(body: Window<'_>) -> u64 {
    if body.array(0) == Some([0; 4]) { 6 } else { 0 }
}

fn canon(body: Window<'_>) -> Option<Exif> {
    let picture = jpeg::segments(boxes::find(body, b"CNDA")?)?;
    Some(exif::read(&Tiff::open(picture.exif?)?))
}

/// A directory of EXIF tags after sixteen bytes, without a header.
fn fuji(body: Window<'_>) -> Option<Exif> {
    let tiff = Tiff::headless(body.from(16)?, false);
    Some(exif::read_directory(&tiff, &tiff.directory(0)?))
}

/// Tags of four bytes, a kind and a count of two each, then the value.
fn nikon(tags: Window<'_>, video: &mut Video) {
    let mut at = 0;
    for _ in 0..MAX_ITEMS {
        let (Some(tag), Some(kind), Some(count)) =
            (tags.be32(at), tags.be16(at + 4), tags.be16(at + 6))
        else {
            return;
        };
        let unit = match kind {
            3 | 8 => 2,
            4 | 9 => 4,
            5 | 10 | 12 => 8,
            _ => 1,
        };
        let len = u64::from(count) * unit;
        let text = || clean(&tags.part(at + 8, len)?.small(4_096)?);
        match tag {
            0x01 => fill(&mut video.make, text()),
            0x02 => fill(&mut video.model, text()),
            0x12 => video.taken = text().and_then(|t| dates::parse(&t)).or(video.taken),
            0x11 => video.taken = video.taken.or_else(|| dates::parse(&text()?)),
            _ => {}
        }
        at += 8 + len;
    }
}

fn panasonic(body: Window<'_>, video: &mut Video) {
    let text = |at, len| clean(&body.part(at, len)?.small(256)?);
    let is_word = |text: &String| text.len() >= 4 && text.bytes().all(|b| (32..127).contains(&b));
    match text(0, 22).filter(|make| make.starts_with("LEICA") || make.starts_with("Panasonic")) {
        Some(make) => {
            fill(&mut video.make, Some(make));
            fill(&mut video.model, text(22, 30).filter(is_word));
        }
        None => {
            let model = text(4, 16).filter(is_word).or_else(|| text(12, 16).filter(is_word));
            if model.is_some() {
                fill(&mut video.make, Some("Panasonic".to_owned()));
            }
            fill(&mut video.model, model);
        }
    }
    // Not a whole JPEG, but its EXIF segment is whole.
    let block = body.from(16).filter(|part| part.array(0) == Some([0xFF, 0xD8, 0xFF, 0xE1]));
    let block = block.filter(|part| part.array(6) == Some(*b"Exif\0\0")).and_then(|p| p.from(12));
    video.exif = video.exif.take().or_else(|| Some(exif::read(&Tiff::open(block?)?)));
}

/// GoPro's own format: key, kind, unit and count; kind zero holds more of the same.
fn gopro(body: Window<'_>, video: &mut Video, depth: u8) {
    let mut at = 0;
    for _ in 0..MAX_ITEMS {
        let Some([k0, k1, k2, k3, kind, unit, c1, c0]) = body.array(at) else { return };
        let len = u64::from(unit) * u64::from(u16::from_be_bytes([c1, c0]));
        let Some(value) = body.part(at + 8, len) else { return };
        let text = || clean(&value.small(4_096)?);
        match &[k0, k1, k2, k3] {
            _ if kind == 0 && depth < 4 => gopro(value, video, depth + 1),
            b"MINF" => {
                fill(&mut video.model, text());
                fill(&mut video.make, Some("GoPro".to_owned()));
            }
            b"CASN" => fill(&mut video.serial, text()),
            _ => {}
        }
        at += 8 + len.next_multiple_of(4);
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::*;

    fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes(), kind.as_slice(), body].concat()
    }

    fn said(bytes: &[u8]) -> Video {
        let source = Source::memory(bytes);
        let mut video = Video::default();
        read(source.all(), &mut video);
        video
    }

    fn camera(video: &Video) -> (&str, &str) {
        (video.make.as_deref().unwrap_or("-"), video.model.as_deref().unwrap_or("-"))
    }

    #[test]
    fn makers_tell_the_camera_each_in_a_box_of_its_own() {
        let old = boxed(
            b"TAGS",
            b"NIKON DIGITAL CAMERA\0\0\0\0E8700\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        );
        assert_eq!(camera(&said(&old)), ("NIKON DIGITAL CAMERA", "E8700"));
        let phone = [boxed(b"manu", b"\0\0\0\0\x15\xC7Samsung\0"), boxed(b"modl", b"SX280\0")];
        assert_eq!(camera(&said(&phone.concat())), ("Samsung", "SX280"));
        let tag = |number: u32, text: &[u8]| {
            [
                &number.to_be_bytes()[..],
                &2u16.to_be_bytes(),
                &(text.len() as u16).to_be_bytes(),
                text,
            ]
            .concat()
        };
        let tags =
            [tag(1, b"NIKON\0"), tag(2, b"NIKON Z 6\0"), tag(0x12, b"2020:01:02 03:04:05\0")];
        let nikon = said(&boxed(b"NCDT", &boxed(b"NCTG", &tags.concat())));
        assert_eq!(camera(&nikon), ("NIKON", "NIKON Z 6"));
        assert_eq!(nikon.taken.unwrap().local.to_string(), "2020-01-02T03:04:05");
        let inner = b"MINFc\x01\0\x0AHERO7 Blac\0\0";
        let gopro = [b"DEVC\0\x01\0".as_slice(), &[inner.len() as u8], inner].concat();
        assert_eq!(camera(&said(&boxed(b"GPMF", &gopro))), ("GoPro", "HERO7 Blac"));
    }

    #[test]
    fn every_cut_is_survived() {
        let inner = b"MINFc\x01\0\x0AHERO7 Blac\0\0";
        let gopro = [b"DEVC\0\x01\0".as_slice(), &[inner.len() as u8], inner].concat();
        let all = [boxed(b"GPMF", &gopro), boxed(b"NCDT", &boxed(b"NCTG", &[0; 40]))];
        let all = [all.concat(), boxed(b"PANA", &[b'x'; 60]), boxed(b"MVTG", &[0; 60])].concat();
        for end in 0..all.len() {
            let _ = said(&all[..end]);
        }
    }
}
