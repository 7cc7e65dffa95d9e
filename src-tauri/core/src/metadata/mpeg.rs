//! MPEG streams: the picture's size, and what AVCHD cameras hide in the stream itself.
//!
//! A transport stream has no header to ask. The first megabytes are searched for H.264's sequence
//! parameters (the size) and for the camera's "modified digital video pack metadata", which holds
//! time, zone, maker and place as packs of four bytes.

use super::dates::{self, Moment};
use super::record::Gps;
use super::source::Window;
use super::tiff::clean;
use super::video::Video;

/// The first pictures and the packs beside them lie well within this.
const HEAD: usize = 2 << 20;
/// One unit of the stream that is looked at is not longer than this.
const MAX_UNIT: usize = 64 * 1024;
const PACKET: usize = 188;
const PACKS: &[u8; 20] = b"\x17\xee\x8c\x60\xf8\x4d\x11\xd9\x8c\xd6\x08\x00\x20\x0c\x9a\x66MDPM";

/// Reads the size in the first sequence header of a programme stream.
pub(crate) fn programme(file: Window<'_>) -> Option<Video> {
    mpeg_2(&file.read_up_to(0, 64 * 1024)?)
}

fn mpeg_2(head: &[u8]) -> Option<Video> {
    let at = head.windows(4).position(|w| w == [0, 0, 1, 0xB3])?;
    let [a, b, c] = *head.get(at + 4..at + 7)? else { return None };
    let width = u32::from(a) << 4 | u32::from(b) >> 4;
    let height = u32::from(b & 15) << 8 | u32::from(c);
    (width > 0 && height > 0).then(|| Video { size: Some((width, height)), ..Video::default() })
}

/// Reads a transport stream, with or without the four bytes of time before each packet.
pub(crate) fn transport(file: Window<'_>) -> Option<Video> {
    let head = file.read_up_to(0, HEAD)?;
    let stamps = if head.first() == Some(&b'G') { 0 } else { 4 };
    let mut streams: Vec<(u16, Vec<u8>)> = Vec::new();
    for packet in head.chunks_exact(PACKET + stamps) {
        let Some((id, payload)) = payload(&packet[stamps..]) else { continue };
        match streams.iter().position(|(known, _)| *known == id) {
            Some(n) => streams[n].1.extend(payload),
            None if streams.len() < 16 => streams.push((id, payload.to_vec())),
            None => {}
        }
    }
    let pictures = |(_, stream): &(u16, Vec<u8>)| stream.get(..4).is_some_and(is_picture_start);
    let (_, stream) = streams.iter().find(|stream| pictures(stream))?;
    // This start code is forbidden in H.264, whose units MPEG-2's slices would pass for.
    mpeg_2(stream).or_else(|| Some(h264(stream)))
}

/// A packetized stream of pictures begins with 00 00 01 and E0 to EF.
fn is_picture_start(head: &[u8]) -> bool {
    matches!(head, [0, 0, 1, 0xE0..=0xEF])
}

/// Returns the stream's number and what a packet adds to it.
fn payload(packet: &[u8]) -> Option<(u16, &[u8])> {
    let [b'G', high, low, control, ..] = *packet else { return None };
    let id = u16::from(high & 0x1F) << 8 | u16::from(low);
    let skip = match control >> 4 & 3 {
        1 => 4,
        3 => 5 + usize::from(*packet.get(4)?),
        _ => return None,
    };
    // the first two streams are tables, the last is padding
    (id > 1 && id < 0x1FFF).then(|| packet.get(skip..).map(|payload| (id, payload)))?
}

/// Walks the units of an H.264 stream.
fn h264(stream: &[u8]) -> Video {
    let mut video = Video::default();
    let starts: Vec<usize> = stream
        .windows(3)
        .enumerate()
        .filter(|(_, w)| *w == [0, 0, 1])
        .map(|(n, _)| n + 3)
        .collect();
    for (n, start) in starts.iter().enumerate() {
        let end = starts.get(n + 1).map_or(stream.len(), |next| next - 3);
        let end = end.min(start.saturating_add(MAX_UNIT));
        let Some([kind, unit @ ..]) = stream.get(*start..end) else { continue };
        match kind & 0x1F {
            7 if kind & 0x80 == 0 && video.size.is_none() => {
                video.size = sequence_size(&unescaped(unit));
            }
            6 if kind & 0x80 == 0 && video.make.is_none() && video.taken.is_none() => {
                let unit = unescaped(unit);
                let at = unit.windows(PACKS.len()).position(|w| w == PACKS);
                if let Some(packs) = at.and_then(|at| unit.get(at + PACKS.len()..)) {
                    read_packs(packs, &mut video);
                }
            }
            _ => {}
        }
        if video.size.is_some() && video.taken.is_some() {
            break;
        }
    }
    video
}

/// Undoes H.264's escaping of zeros.
fn unescaped(unit: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(unit.len());
    let mut zeros = 0;
    for byte in unit {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        out.push(*byte);
    }
    out
}

/// Reads packs of a number and four bytes, in rising order.
fn read_packs(packs: &[u8], video: &mut Video) {
    let Some((count, packs)) = packs.split_first() else { return };
    let packs: Vec<(u8, [u8; 4])> = packs
        .chunks_exact(5)
        .take((*count).into())
        .map(|p| (p[0], [p[1], p[2], p[3], p[4]]))
        .collect();
    let pack = |number: u8| packs.iter().find(|(n, _)| *n == number).map(|(_, value)| *value);
    video.taken = pack(0x18).zip(pack(0x19)).and_then(|(day, time)| pack_moment(day, time));
    let maker = pack(0xE0).map(|[a, b, ..]| u16::from_be_bytes([a, b]));
    video.make = match maker {
        Some(0x0103) => Some("Panasonic".to_owned()),
        Some(0x0108) => Some("Sony".to_owned()),
        Some(0x1011) => Some("Canon".to_owned()),
        Some(0x1104) => Some("JVC".to_owned()),
        _ => None,
    };
    if maker == Some(0x0108) {
        let name: Vec<u8> = [0xE4, 0xE5, 0xE6].into_iter().filter_map(pack).flatten().collect();
        video.model = clean(&name);
    }
    let degrees = |first: u8| {
        let part = |n| {
            let [a, b, c, d] = pack(first + n)?;
            let below = u16::from_be_bytes([c, d]);
            (below > 0).then(|| f64::from(u16::from_be_bytes([a, b])) / f64::from(below))
        };
        Some(part(0)? + part(1)? / 60.0 + part(2).unwrap_or(0.0) / 3600.0)
    };
    let signed = |side: u8, degrees: f64, plus: u8, minus: u8| match pack(side)?[0] {
        letter if letter == plus => Some(degrees),
        letter if letter == minus => Some(-degrees),
        _ => None,
    };
    let lat = degrees(0xB2).and_then(|d| signed(0xB1, d, b'N', b'S'));
    let lon = degrees(0xB6).and_then(|d| signed(0xB5, d, b'E', b'W'));
    video.gps = lat.zip(lon).and_then(|(lat, lon)| Gps::new(lat, lon));
}

/// Zone and year, month; then day, hour, minute, second: digits two to a byte.
fn pack_moment(
    [zone, y1, y2, month]: [u8; 4],
    [day, hour, minute, second]: [u8; 4],
) -> Option<Moment> {
    let digits = [y1, y2, month, day, hour, minute, second];
    if digits.iter().any(|b| b >> 4 > 9 || b & 15 > 9) {
        return None;
    }
    let two = |b: u8| u16::from(b >> 4) * 10 + u16::from(b & 15);
    let hours = i16::from(zone >> 1 & 15);
    let minutes = hours * 60 + if zone & 1 == 1 { 30 } else { 0 };
    // all bits set: no zone was told
    let offset = (zone != 0xFF && minutes <= 14 * 60).then_some(if zone & 0x20 == 0 {
        minutes
    } else {
        -minutes
    });
    dates::moment(
        two(y1) * 100 + two(y2),
        (two(month), two(day)),
        (two(hour), two(minute), two(second)),
        0,
        offset,
    )
}

/// Bits of a sequence parameter set, most significant first.
struct Bits<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    /// An Exp-Golomb number.
    fn number(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.take(1)? == 0 {
            zeros += 1;
            if zeros > 24 {
                return None;
            }
        }
        Some((1 << zeros) - 1 + self.take(zeros)?)
    }
}

/// Returns the cropped size a sequence parameter set states.
fn sequence_size(set: &[u8]) -> Option<(u32, u32)> {
    const HIGH: [u32; 10] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138];
    let mut bits = Bits { bytes: set, at: 0 };
    let profile = bits.take(8)?;
    bits.take(16)?;
    bits.number()?;
    let mut chroma = 1;
    if HIGH.contains(&profile) {
        chroma = bits.number()?;
        if chroma == 3 {
            bits.take(1)?;
        }
        bits.number()?;
        bits.number()?;
        bits.take(1)?;
        if bits.take(1)? == 1 {
            scaling_lists(&mut bits, if chroma == 3 { 12 } else { 8 })?;
        }
    }
    bits.number()?;
    match bits.number()? {
        0 => {
            bits.number()?;
        }
        1 => {
            bits.take(1)?;
            bits.number()?;
            bits.number()?;
            for _ in 0..bits.number()?.min(255) {
                bits.number()?;
            }
        }
        _ => {}
    }
    bits.number()?;
    bits.take(1)?;
    let across = bits.number()?.checked_add(1).filter(|n| *n <= 1024)?;
    let down = bits.number()?.checked_add(1).filter(|n| *n <= 1024)?;
    let fields = 2 - bits.take(1)?;
    if fields == 2 {
        bits.take(1)?;
    }
    bits.take(1)?;
    let (mut width, mut height) = (across * 16, down * 16 * fields);
    if bits.take(1)? == 1 {
        let (x, y) = match chroma {
            0 | 3 => (1, fields),
            2 => (2, fields),
            _ => (2, 2 * fields),
        };
        let mut cut = |unit: u32| bits.number()?.checked_add(bits.number()?)?.checked_mul(unit);
        width = width.checked_sub(cut(x)?)?;
        height = height.checked_sub(cut(y)?)?;
    }
    (width > 0 && height > 0).then_some((width, height))
}

fn scaling_lists(bits: &mut Bits<'_>, count: u32) -> Option<()> {
    for n in 0..count {
        if bits.take(1)? == 0 {
            continue;
        }
        let (mut last, mut next) = (8_i64, 8_i64);
        for _ in 0..if n < 6 { 16 } else { 64 } {
            if next != 0 {
                let coded = i64::from(bits.number()?);
                let delta = if coded % 2 == 1 { (coded + 1) / 2 } else { -(coded / 2) };
                next = (last + delta).rem_euclid(256);
            }
            last = if next == 0 { last } else { next };
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::*;

    /// 1920 x 1080 in the high profile, as x264 writes it.
    const SEQUENCE: &[u8] = &[
        0x64, 0x00, 0x28, 0xAC, 0xD9, 0x40, 0x78, 0x02, 0x27, 0xE5, 0xC0, 0x44, 0x00, 0x00, 0x03,
        0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xCA, 0x3C, 0x60, 0xC6, 0x58,
    ];

    fn packs() -> Vec<u8> {
        let packs: [(u8, [u8; 4]); 12] = [
            // +02:00; 2024-06-18 10:15:02
            (0x18, [0x04, 0x20, 0x24, 0x06]),
            (0x19, [0x18, 0x10, 0x15, 0x02]),
            (0xB1, *b"N\0\0\0"),
            (0xB2, [0, 48, 0, 1]),
            (0xB3, [0, 51, 0, 1]),
            (0xB4, [0, 30, 0, 1]),
            (0xB5, *b"W\0\0\0"),
            (0xB6, [0, 2, 0, 1]),
            (0xB7, [0, 17, 0, 1]),
            (0xB8, [0, 1, 0, 1]),
            (0xE0, [0x01, 0x08, 0, 0]),
            (0xE4, *b"HDR-"),
        ];
        let mut out = PACKS.to_vec();
        out.push(12);
        out.extend(packs.iter().flat_map(|(n, value)| [&[*n][..], value].concat()));
        out
    }

    fn stream() -> Vec<u8> {
        let message = packs();
        [
            &[0, 0, 1, 0xE0, 0, 0, 0x80, 0, 0][..],
            &[0, 0, 0, 1, 0x67],
            SEQUENCE,
            &[0, 0, 1, 0x06, 5, message.len() as u8],
            &message,
            &[0x80, 0, 0, 1, 0x65],
        ]
        .concat()
    }

    /// Packets of one stream; the last is padded in its adaptation field.
    fn packets(stream: &[u8], stamps: usize) -> Vec<u8> {
        let mut out = Vec::new();
        for part in stream.chunks(182) {
            out.extend(vec![0; stamps]);
            let field = 183 - part.len();
            out.extend([b'G', 0x10, 0x11, 0x30, field as u8]);
            out.extend(vec![0; field]);
            out.extend(part);
        }
        out
    }

    #[test]
    fn a_transport_stream_tells_size_time_camera_and_place() {
        for stamps in [0, 4] {
            let bytes = packets(&stream(), stamps);
            let source = Source::memory(&bytes);
            let video = transport(source.all()).unwrap();
            assert_eq!(video.size, Some((1920, 1080)));
            let taken = video.taken.unwrap();
            assert_eq!(taken.local.to_string(), "2024-06-18T10:15:02");
            assert_eq!(taken.offset_min, Some(120));
            assert_eq!(video.make.as_deref(), Some("Sony"));
            assert_eq!(video.model.as_deref(), Some("HDR-"));
            let place = video.gps.unwrap();
            assert!((place.lat - 48.858_333).abs() < 1e-5 && (place.lon + 2.283_611).abs() < 1e-5);
        }
    }

    #[test]
    fn an_mpeg_2_stream_is_not_taken_for_h264() {
        let stream = [
            &[0, 0, 1, 0xE0, 0, 0, 0x80, 0, 0][..],
            &[0, 0, 1, 0xB3, 0x2D, 0x02, 0x40, 0x33],
            &[0, 0, 1, 7, 0x64, 0, 0x28, 0xAC, 0xD9, 0x40, 0x78],
        ];
        let bytes = packets(&stream.concat(), 4);
        let source = Source::memory(&bytes);
        assert_eq!(transport(source.all()).unwrap().size, Some((720, 576)));
    }

    #[test]
    fn impossible_packs_say_nothing() {
        assert_eq!(pack_moment([0, 0xFF, 0xFF, 0xFF], [0xFF; 4]), None);
        assert_eq!(pack_moment([0, 0x20, 0x24, 0x13], [0x18, 0x10, 0x15, 0x02]), None);
        let no_zone = pack_moment([0xFF, 0x20, 0x24, 0x06], [0x18, 0x10, 0x15, 0x02]);
        assert_eq!(no_zone.unwrap().offset_min, None);
    }

    #[test]
    fn every_cut_and_every_flipped_byte_is_survived() {
        let whole = packets(&stream(), 0);
        for at in 0..whole.len() {
            let source = Source::memory(&whole[..at]);
            let _ = transport(source.all());
            let mut broken = whole.clone();
            broken[at] ^= 0xFF;
            let source = Source::memory(&broken);
            let _ = transport(source.all());
        }
    }
}
