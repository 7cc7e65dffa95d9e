//! Picture files that wrap their EXIF and XMP in chunks of their own.

use super::boxes;
use super::source::Window;

/// What a container says before any tag is read.
#[derive(Clone, Default)]
pub(crate) struct Parts<'a> {
    /// Stored pixels.
    pub size: Option<(u32, u32)>,
    /// The TIFF block.
    pub exif: Option<Window<'a>>,
    pub xmp: Option<Window<'a>>,
}

const MAX_CHUNKS: usize = 10_000;

pub(crate) fn png(file: Window<'_>) -> Option<Parts<'_>> {
    let mut parts = Parts::default();
    let mut at = 8;
    for _ in 0..MAX_CHUNKS {
        let Some([l0, l1, l2, l3, kind @ ..]) = file.array::<8>(at) else { break };
        let len = u64::from(u32::from_be_bytes([l0, l1, l2, l3]));
        let Some(body) = file.part(at + 8, len) else { break };
        match &kind {
            b"IHDR" => parts.size = body.be32(0).zip(body.be32(4)),
            b"eXIf" => parts.exif = Some(body),
            b"iTXt" => parts.xmp = parts.xmp.or_else(|| png_xmp(body)),
            b"IEND" => break,
            _ => {}
        }
        at += len + 12;
    }
    Some(parts)
}

fn png_xmp(body: Window<'_>) -> Option<Window<'_>> {
    const KEY: &[u8] = b"XML:com.adobe.xmp\0";
    let head = body.read_up_to(0, KEY.len() + 200)?;
    // Compression flag and method, then language and translated keyword, each ended by a NUL.
    let rest = head.strip_prefix(KEY)?.strip_prefix(&[0, 0])?;
    let language = rest.iter().position(|b| *b == 0)? + 1;
    let keyword = rest[language..].iter().position(|b| *b == 0)? + 1;
    body.from((KEY.len() + 2 + language + keyword) as u64)
}

pub(crate) fn webp(file: Window<'_>) -> Option<Parts<'_>> {
    let mut parts = Parts::default();
    let mut at = 12;
    for _ in 0..MAX_CHUNKS {
        let Some([k0, k1, k2, k3, l0, l1, l2, l3]) = file.array::<8>(at) else { break };
        let len = u64::from(u32::from_le_bytes([l0, l1, l2, l3]));
        let Some(body) = file.part(at + 8, len) else { break };
        match &[k0, k1, k2, k3] {
            b"VP8X" | b"VP8 " | b"VP8L" => parts.size = parts.size.or_else(|| webp_size(k3, body)),
            b"EXIF" => {
                let is_prefixed = body.array(0) == Some(*b"Exif\0\0");
                parts.exif = if is_prefixed { body.from(6) } else { Some(body) };
            }
            b"XMP " => parts.xmp = Some(body),
            _ => {}
        }
        at += 8 + len + (len & 1);
    }
    Some(parts)
}

fn webp_size(kind: u8, body: Window<'_>) -> Option<(u32, u32)> {
    let le16 = |at| body.array(at).map(u16::from_le_bytes).map(u32::from);
    match kind {
        b'X' => {
            let [w0, w1, w2, h0, h1, h2] = body.array(4)?;
            let number = |b: [u8; 3]| u32::from_le_bytes([b[0], b[1], b[2], 0]) + 1;
            Some((number([w0, w1, w2]), number([h0, h1, h2])))
        }
        b' ' => Some((le16(6)? & 0x3FFF, le16(8)? & 0x3FFF)),
        _ => {
            let bits = u32::from_le_bytes(body.array(1)?);
            Some(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
        }
    }
}

/// Returns the JPEG a Fuji raw file carries; all its metadata but the size is in there.
pub(crate) fn raf(file: Window<'_>) -> Option<Window<'_>> {
    file.part(file.be32(84)?.into(), file.be32(88)?.into())
}

/// Returns the size of a Fuji raw file's picture.
pub(crate) fn raf_size(file: Window<'_>) -> Option<(u32, u32)> {
    const CROPPED_SIZE: u16 = 0x0111;
    let table = file.part(file.be32(92)?.into(), file.be32(96)?.into())?;
    let mut at = 4;
    for _ in 0..table.be32(0)?.min(255) {
        let (tag, len) = (table.be16(at)?, table.be16(at + 2)?);
        if tag == CROPPED_SIZE {
            return Some((table.be16(at + 6)?.into(), table.be16(at + 4)?.into()));
        }
        at += 4 + u64::from(len);
    }
    None
}

/// Returns the JPEGs a Sigma raw file carries; the metadata is in one of them.
pub(crate) fn x3f(file: Window<'_>) -> Vec<Window<'_>> {
    let le32 = |window: &Window<'_>, at| window.array(at).map(u32::from_le_bytes);
    let Some(table) = file.len().checked_sub(4).and_then(|at| file.from(le32(&file, at)?.into()))
    else {
        return Vec::new();
    };
    let count = le32(&table, 8).unwrap_or(0).min(64);
    let jpeg = |n: u32| {
        let at = 12 + u64::from(n) * 12;
        let section = file.part(le32(&table, at)?.into(), le32(&table, at + 4)?.into())?;
        let is_jpeg = section.array(0) == Some(*b"SECi") && le32(&section, 12) == Some(18);
        section.from(28).filter(|_| is_jpeg)
    };
    (0..count).filter_map(jpeg).collect()
}

/// Returns the TIFF block of a Minolta raw file.
pub(crate) fn mrw(file: Window<'_>) -> Option<Window<'_>> {
    let end = u64::from(file.be32(4)?);
    let mut at = 8;
    for _ in 0..64 {
        let [0, name @ .., _, _, _, _] = file.array::<8>(at)? else { return None };
        let len = u64::from(file.be32(at + 4)?);
        if name == *b"TTW" {
            return file.part(at + 8, len);
        }
        at += 8 + len;
        if at > end {
            break;
        }
    }
    None
}

pub(crate) fn jxl(file: Window<'_>) -> Option<Parts<'_>> {
    if file.array(0) == Some([0xFF, 0x0A]) {
        return Some(Parts { size: jxl_size(file), ..Parts::default() });
    }
    let codestream = boxes::find(file, b"jxlc");
    // Split codestreams put a number of four bytes before their first part.
    let codestream = codestream.or_else(|| boxes::find(file, b"jxlp")?.from(4));
    let exif = boxes::find(file, b"Exif").and_then(|b| b.from(u64::from(b.be32(0)?) + 4));
    let xmp = boxes::find(file, b"xml ");
    Some(Parts { size: codestream.and_then(jxl_size), exif, xmp })
}

/// Reads the size header of a JPEG XL codestream.
fn jxl_size(stream: Window<'_>) -> Option<(u32, u32)> {
    let head = stream.read_up_to(0, 16)?;
    let bits = head.iter().rev().fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
    let mut at = 16;
    let mut take = |count: u32| {
        #[expect(clippy::cast_possible_truncation, reason = "masked to at most 30 bits")]
        let value = (bits >> at & ((1 << count) - 1)) as u32;
        at += count;
        value
    };
    let is_small = take(1) == 1;
    let side = |take: &mut dyn FnMut(u32) -> u32| {
        if is_small {
            return (take(5) + 1) * 8;
        }
        let width = [9, 13, 18, 30][take(2) as usize];
        take(width) + 1
    };
    let height = side(&mut take);
    let ratio = take(3) as usize;
    let width = match [(0, 0), (1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1)][ratio] {
        (0, _) => side(&mut take),
        (above, below) => u32::try_from(u64::from(height) * above / below).ok()?,
    };
    Some((width, height))
}

/// Returns the size in the fixed header of the simplest formats.
pub(crate) fn plain(format: &str, file: Window<'_>) -> Option<(u32, u32)> {
    let le16 = |at| file.array(at).map(u16::from_le_bytes).map(u32::from);
    let le32 = |at| file.array(at).map(i32::from_le_bytes).map(i32::unsigned_abs);
    match format {
        "GIF" => le16(6).zip(le16(8)),
        "BMP" => le32(18).zip(le32(22)),
        "PSD" | "PSB" => file.be32(18).zip(file.be32(14)),
        _ => None,
    }
}
