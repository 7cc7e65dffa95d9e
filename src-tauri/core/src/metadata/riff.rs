//! AVI films and WAV recordings: chunks in chunks, and what cameras put among them.

use super::dates::{self, Moment};
use super::exif::{self, Exif};
use super::source::Window;
use super::tiff::{Tiff, clean};
use super::video::Video;

/// Chunks of one list; a film's frames lie in a list that is not entered.
const MAX_CHUNKS: usize = 400;
const MAX_LISTS: usize = 24;
/// No text of a camera is as long.
const MAX_TEXT: usize = 4_096;

/// Reads an AVI's header and what its camera put beside it.
pub(crate) fn avi(file: Window<'_>) -> Option<Video> {
    let mut video = Video::default();
    lists(file.from(12)?, &mut |kind, body| match &kind {
        b"avih" => avi_header(body, &mut video),
        b"strf" if video.size.is_none() => video.size = stream_size(body),
        b"IDIT" => video.taken = date_of(body).or(video.taken),
        b"ICRD" => video.taken = video.taken.or_else(|| date_of(body)),
        b"strd" if body.array(0) == Some(*b"AVIF") => {
            video.exif = body.from(8).and_then(bare_exif).or(video.exif.take());
        }
        b"nctg" => nikon(body, &mut video),
        b"ecor" => video.make = video.make.take().or_else(|| text(body)),
        b"emdl" => video.model = video.model.take().or_else(|| text(body)),
        _ => {}
    });
    Some(video)
}

/// Reads a recording: its length, when and with what it was made.
pub(crate) fn wav(file: Window<'_>) -> Option<Video> {
    let mut sound = Video::default();
    let (mut rate, mut length, mut date, mut time) = (None, None, None, None);
    lists(file.from(12)?, &mut |kind, body| match &kind {
        b"fmt " => rate = le32(body, 8).filter(|rate| *rate > 0),
        b"data" => length = Some(body.len()),
        b"ICRD" => date = text(body),
        b"etim" => time = text(body),
        b"IDIT" => sound.taken = date_of(body).or(sound.taken),
        // broadcast wave: description, originator, reference, then "2024-06-18" and "10:15:02"
        b"bext" => {
            let part = |at, len| text(body.part(at, len)?);
            let moment = part(320, 10).zip(part(330, 8));
            let moment = moment.and_then(|(d, t)| dates::parse(&format!("{d} {t}")));
            sound.taken = sound.taken.or(moment);
        }
        b"ecor" => sound.make = text(body),
        b"emdl" => sound.model = text(body),
        b"IART" => sound.artist = text(body),
        b"ICOP" => sound.copyright = text(body),
        _ => {}
    });
    let written = date.map(|date| match &time {
        Some(time) => format!("{date} {time}"),
        None => date,
    });
    sound.taken = sound.taken.or_else(|| riff_date(&written?));
    #[expect(clippy::cast_precision_loss, reason = "a length in bytes")]
    let seconds = length.zip(rate).map(|(length, rate)| length as f64 / f64::from(rate));
    sound.seconds = seconds.map(|seconds| (seconds * 1000.0).round() / 1000.0);
    Some(sound)
}

/// Calls `each` for every chunk that is no list, whichever list it lies in.
fn lists<'a>(top: Window<'a>, each: &mut dyn FnMut([u8; 4], Window<'a>)) {
    let mut waiting = vec![top];
    let mut met = 0;
    while let Some(list) = waiting.pop() {
        let mut at = 0;
        for _ in 0..MAX_CHUNKS {
            let Some([k0, k1, k2, k3, l0, l1, l2, l3]) = list.array(at) else { break };
            let len = u64::from(u32::from_le_bytes([l0, l1, l2, l3]));
            let Some(body) = list.part(at + 8, len) else { break };
            match &[k0, k1, k2, k3] {
                b"LIST" => {
                    let enter = body.array(0) != Some(*b"movi") && met < MAX_LISTS;
                    let inner = body.from(4).filter(|_| enter);
                    met += usize::from(inner.is_some());
                    waiting.extend(inner);
                }
                kind => each(*kind, body),
            }
            at += 8 + len + (len & 1);
        }
    }
}

fn le32(body: Window<'_>, at: u64) -> Option<u32> {
    body.array(at).map(u32::from_le_bytes)
}

fn text(body: Window<'_>) -> Option<String> {
    clean(&body.read_up_to(0, MAX_TEXT)?)
}

fn date_of(body: Window<'_>) -> Option<Moment> {
    riff_date(&text(body)?)
}

fn avi_header(body: Window<'_>, video: &mut Video) {
    if let (Some(width), Some(height)) = (le32(body, 32), le32(body, 36)) {
        video.size = (width > 0 && height > 0 && width < 65_536 && height < 65_536)
            .then_some((width, height));
    }
    if let (Some(micros), Some(frames)) = (le32(body, 0), le32(body, 16)) {
        let seconds = f64::from(micros) * f64::from(frames) / 1e6;
        video.seconds = (seconds > 0.0).then_some((seconds * 1000.0).round() / 1000.0);
    }
}

/// The picture format of a stream, as Windows bitmaps have it: negative heights are upside down.
fn stream_size(body: Window<'_>) -> Option<(u32, u32)> {
    let side = |at| body.array(at).map(i32::from_le_bytes).map(i32::unsigned_abs);
    let is_bitmap = le32(body, 0)? == 40;
    side(4)
        .zip(side(8))
        .filter(|(w, h)| is_bitmap && (1..65_536).contains(w) && (1..65_536).contains(h))
}

/// Casio's and others' directory of EXIF tags without a header.
fn bare_exif(body: Window<'_>) -> Option<Exif> {
    let tiff = Tiff::headless(body, false);
    Some(exif::read_directory(&tiff, &tiff.directory(0)?))
}

/// Nikon's tags: number and length of two bytes each, then the value.
fn nikon(body: Window<'_>, video: &mut Video) {
    let mut at = 0;
    for _ in 0..MAX_CHUNKS {
        let Some([t0, t1, l0, l1]) = body.array(at) else { return };
        let len = u64::from(u16::from_le_bytes([l0, l1]));
        let Some(value) = body.part(at + 4, len) else { return };
        match u16::from_le_bytes([t0, t1]) {
            0x03 => video.make = text(value),
            0x04 => video.model = text(value),
            0x13 => video.taken = date_of(value).or(video.taken),
            0x14 => video.taken = video.taken.or_else(|| date_of(value)),
            _ => {}
        }
        at += 4 + len;
    }
}

/// "THU JAN 20 08:16:08 2022", "2022/01/20/ 08:16", or a date as EXIF writes it.
fn riff_date(text: &str) -> Option<Moment> {
    if let Some(moment) = dates::parse(text) {
        return Some(moment);
    }
    if let Some(moment) = dates::parse(&text.replacen("/ ", " ", 1)) {
        return Some(moment);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, month, day, time, year] = *words else { return None };
    let months =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let month = months.iter().position(|m| *m == month.to_ascii_lowercase())? + 1;
    dates::parse(&format!("{year}:{month:02}:{day:0>2} {time}"))
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::*;

    fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let mut out = [kind.as_slice(), &(body.len() as u32).to_le_bytes(), body].concat();
        out.extend(vec![0; body.len() % 2]);
        out
    }

    fn riff(kind: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
        let body = [kind.as_slice(), &chunks.concat()].concat();
        chunk(b"RIFF", &body)
    }

    #[test]
    fn an_avis_date_is_read_in_words() {
        let said = riff_date("THU JAN 20 08:16:08 2022").unwrap();
        assert_eq!(said.local.to_string(), "2022-01-20T08:16:08");
        let said = riff_date("2005/08/17/ 11:42").unwrap();
        assert_eq!(said.local.to_string(), "2005-08-17T11:42:00");
        assert_eq!(riff_date("THU FOO 20 08:16:08 2022"), None);
    }

    #[test]
    fn nikons_own_chunk_tells_camera_and_time() {
        let tag = |number: u16, value: &[u8]| {
            [&number.to_le_bytes()[..], &(value.len() as u16).to_le_bytes(), value].concat()
        };
        let tags =
            [tag(3, b"NIKON\0"), tag(4, b"COOLPIX P6000\0"), tag(0x13, b"2008:08:20 10:11:12\0")];
        let list = [b"ncdt".as_slice(), &chunk(b"nctg", &tags.concat())].concat();
        let bytes = riff(b"AVI ", &[chunk(b"LIST", &list)]);
        let source = Source::memory(&bytes);
        let video = avi(source.all()).unwrap();
        assert_eq!(video.make.as_deref(), Some("NIKON"));
        assert_eq!(video.model.as_deref(), Some("COOLPIX P6000"));
        assert_eq!(video.taken.unwrap().local.to_string(), "2008-08-20T10:11:12");
    }

    #[test]
    fn a_recordings_exif_list_and_broadcast_time_are_read() {
        let list = [b"exif".as_slice(), &chunk(b"ecor", b"OLYMPUS\0"), &chunk(b"emdl", b"SX353\0")];
        let mut bext = vec![0; 602];
        bext[320..338].copy_from_slice(b"2024-06-1810:15:02");
        let format = [1u16.to_le_bytes(), 1u16.to_le_bytes()].concat();
        let format = [format, [8000u32.to_le_bytes(); 2].concat(), vec![1, 0, 8, 0]].concat();
        let bytes = riff(
            b"WAVE",
            &[
                chunk(b"fmt ", &format),
                chunk(b"bext", &bext),
                chunk(b"LIST", &list.concat()),
                chunk(b"data", &[0; 4000]),
            ],
        );
        let source = Source::memory(&bytes);
        let sound = wav(source.all()).unwrap();
        assert_eq!(
            (sound.make.as_deref(), sound.model.as_deref()),
            (Some("OLYMPUS"), Some("SX353"))
        );
        assert_eq!(sound.seconds, Some(0.5));
        assert_eq!(sound.taken.unwrap().local.to_string(), "2024-06-18T10:15:02");
    }

    #[test]
    fn every_cut_is_survived() {
        let list = [b"exif".as_slice(), &chunk(b"ecor", b"OLYMPUS\0")].concat();
        let bytes = riff(b"AVI ", &[chunk(b"LIST", &list), chunk(b"avih", &[1; 56])]);
        for end in 0..bytes.len() {
            let source = Source::memory(&bytes[..end]);
            let _ = (avi(source.all()), wav(source.all()));
        }
    }
}
