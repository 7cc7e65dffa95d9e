//! Picture files that wrap their EXIF and XMP in chunks of their own.

use super::boxes;
use super::heif;
use super::source::Window;
use super::tiff::clean;

/// What a container says before any tag is read.
#[derive(Clone, Default)]
pub(crate) struct Parts<'a> {
    /// Stored pixels.
    pub size: Option<(u32, u32)>,
    /// The TIFF block.
    pub exif: Option<Window<'a>>,
    pub xmp: Option<Window<'a>>,
    /// A packet, a TIFF block or Photoshop's resources that had to be unpacked first.
    pub unpacked: Vec<Unpacked>,
    /// The container turns the picture itself: its size is upright whatever EXIF says.
    pub is_upright: bool,
}

/// Metadata that does not lie in the file as it is.
#[derive(Clone)]
pub(crate) enum Unpacked {
    Exif(Vec<u8>),
    Xmp(Vec<u8>),
    Photoshop(Vec<u8>),
}

const MAX_CHUNKS: usize = 10_000;
/// Compressed metadata grows to no more than this.
const MAX_UNPACKED: usize = 8 << 20;

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
            b"iTXt" => {
                parts.xmp = parts.xmp.or_else(|| png_xmp(body));
                parts.unpacked.extend(png_packed_xmp(body));
            }
            b"tEXt" | b"zTXt" => parts.unpacked.extend(png_profile(body, kind == *b"zTXt")),
            b"IEND" => break,
            _ => {}
        }
        at += len + 12;
    }
    Some(parts)
}

/// Reads what ImageMagick and its kin write: a whole EXIF, XMP or IPTC block in hexadecimal digits.
fn png_profile(body: Window<'_>, is_packed: bool) -> Option<Unpacked> {
    let head = body.read_up_to(0, 40)?;
    let name = head.split(|b| *b == 0).next()?;
    let kind = name.strip_prefix(b"Raw profile type ")?.to_ascii_lowercase();
    let text = body.from(name.len() as u64 + 1)?;
    let text = if is_packed {
        inflated(&text.from(1)?.small(MAX_UNPACKED)?)?
    } else {
        text.small(MAX_UNPACKED)?
    };
    // a name, a length in words, then the digits, all over several lines
    let mut words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words.next()?;
    words.next()?;
    let digits: Vec<u8> = words.flatten().copied().collect();
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(&digits).ok()?;
    match kind.as_slice() {
        b"exif" | b"app1" if bytes.starts_with(b"Exif\0\0") => {
            Some(Unpacked::Exif(bytes[6..].to_vec()))
        }
        b"exif" => Some(Unpacked::Exif(bytes)),
        b"xmp" => Some(Unpacked::Xmp(bytes)),
        b"app1" => bytes
            .strip_prefix(b"http://ns.adobe.com/xap/1.0/\0")
            .map(|packet| Unpacked::Xmp(packet.to_vec())),
        b"iptc" | b"8bim" => Some(Unpacked::Photoshop(bytes)),
        _ => None,
    }
}

fn inflated(packed: &[u8]) -> Option<Vec<u8>> {
    miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(packed, MAX_UNPACKED).ok()
}

/// Reads a packet that was compressed, which few programs do.
fn png_packed_xmp(body: Window<'_>) -> Option<Unpacked> {
    const KEY: &[u8; 20] = b"XML:com.adobe.xmp\0\x01\0";
    let text = body.from(20).filter(|_| body.array(0) == Some(*KEY))?.small(MAX_UNPACKED)?;
    let mut names = text.splitn(3, |b| *b == 0);
    let packed = names.nth(2)?;
    inflated(packed).map(Unpacked::Xmp)
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
        return Some(Parts { size: jxl_size(file), is_upright: true, ..Parts::default() });
    }
    let codestream = boxes::find(file, b"jxlc");
    // Split codestreams put a number of four bytes before their first part.
    let codestream = codestream.or_else(|| boxes::find(file, b"jxlp")?.from(4));
    let exif = boxes::find(file, b"Exif").and_then(|b| b.from(u64::from(b.be32(0)?) + 4));
    let xmp = boxes::find(file, b"xml ");
    let size = codestream.and_then(jxl_size);
    Some(Parts { size, exif, xmp, is_upright: true, ..Parts::default() })
}

/// Reads the size header of a JPEG XL codestream, turned as the header after it says.
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
    // Not all is as usual, and there is more: then the turning, one less than EXIF's number.
    let is_turned = take(1) == 0 && take(1) == 1 && take(3) >= 4;
    Some(if is_turned { (height, width) } else { (width, height) })
}

/// Reads a JPEG 2000's header box, and the boxes other programs put EXIF and XMP in.
pub(crate) fn jp2(file: Window<'_>) -> Option<Parts<'_>> {
    const EXIF: &[u8; 16] = b"JpgTiffExif->JP2";
    let header = boxes::descend(file, &[b"jp2h", b"ihdr"]);
    let size = header.and_then(|header| header.be32(4).zip(header.be32(0)));
    let exif = boxes::uuid(file, EXIF).map(|block| {
        let is_prefixed = block.array(0) == Some(*b"Exif\0\0");
        block.from(6).filter(|_| is_prefixed).unwrap_or(block)
    });
    let xmp = boxes::uuid(file, &heif::XMP);
    Some(Parts { size, exif, xmp, ..Parts::default() })
}

/// Reads a Photoshop file's header and the resources behind it.
pub(crate) fn psd(file: Window<'_>) -> Option<Parts<'_>> {
    const EXIF: u16 = 0x0422;
    const XMP: u16 = 0x0424;
    const MAX_RESOURCES: usize = 500;
    let size = file.be32(18).zip(file.be32(14));
    let mut parts = Parts { size, ..Parts::default() };
    let palette = u64::from(file.be32(26)?);
    let length = u64::from(file.be32(30 + palette)?);
    let resources = file.part(34 + palette, length)?;
    let mut at = 0;
    for _ in 0..MAX_RESOURCES {
        let Some([b'8', b'B', b'I', b'M', id1, id0, name]) = resources.array(at) else { break };
        let name = (u64::from(name) + 2) & !1;
        let Some(len) = resources.be32(at + 6 + name).map(u64::from) else { break };
        let Some(body) = resources.part(at + 10 + name, len) else { break };
        match u16::from_be_bytes([id1, id0]) {
            EXIF => parts.exif = Some(body),
            XMP => parts.xmp = Some(body),
            _ => {}
        }
        at += 10 + name + len + (len & 1);
    }
    let all = resources.small(1 << 20);
    parts.unpacked.extend(all.map(Unpacked::Photoshop));
    Some(parts)
}

/// Reads a GIF's size, and XMP from the extension Adobe's programs put it in.
pub(crate) fn gif(file: Window<'_>) -> Option<Parts<'_>> {
    const MAX_BLOCKS: usize = 20_000;
    const NAME: &[u8; 12] = b"\x0BXMP DataXMP";
    /// The packet's end: a ladder that leads every reader of blocks to the last one.
    const LADDER: u64 = 258;
    let mut parts = Parts { size: plain("GIF", file), ..Parts::default() };
    let colours = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let mut at = 13 + colours(file.array::<1>(10)?[0]);
    // Data in blocks of up to 255 bytes, each after its length; zero ends them.
    let after_blocks = |mut at: u64| {
        for _ in 0..MAX_BLOCKS {
            match file.array::<1>(at)? {
                [0] => return Some(at + 1),
                [len] => at += u64::from(len) + 1,
            }
        }
        None
    };
    for _ in 0..MAX_CHUNKS {
        let next = match file.array::<1>(at) {
            Some([0x21]) => {
                let Some([label]) = file.array::<1>(at + 1) else { break };
                let end = after_blocks(at + 2);
                if label == 0xFF && file.array(at + 2) == Some(*NAME) && parts.xmp.is_none() {
                    let len = end.and_then(|end| end.checked_sub(at + 14 + LADDER));
                    parts.xmp = len.and_then(|len| file.part(at + 14, len));
                }
                end
            }
            Some([0x2C]) => {
                let Some([flags]) = file.array::<1>(at + 9) else { break };
                after_blocks(at + 11 + colours(flags))
            }
            _ => break,
        };
        let Some(next) = next else { break };
        at = next;
    }
    Some(parts)
}

/// What an X3F says in its own list of properties, which the first Sigmas have and no EXIF.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct X3fSays {
    pub properties: Vec<(String, String)>,
}

impl X3fSays {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads the property list of a Sigma raw file: UTF-16 texts, found by their places in a table.
pub(crate) fn x3f_properties(file: Window<'_>) -> Option<X3fSays> {
    let le32 = |window: &Window<'_>, at| window.array(at).map(u32::from_le_bytes);
    let table = file.from(le32(&file, file.len().checked_sub(4)?)?.into())?;
    let count = le32(&table, 8)?.min(64);
    let section = (0..count).find_map(|n| {
        let at = 12 + u64::from(n) * 12;
        let section = file.part(le32(&table, at)?.into(), le32(&table, at + 4)?.into())?;
        (section.array(0) == Some(*b"SECp")).then_some(section)
    })?;
    let count = le32(&section, 8)?.min(500);
    let is_utf_16 = le32(&section, 12)? == 0;
    let texts = section.from(24 + u64::from(count) * 8)?.small(1 << 20)?;
    let text = |units: u32| {
        let from = usize::try_from(units).ok()?.checked_mul(2)?;
        let units = texts.get(from..)?.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]]));
        let units: Vec<u16> = units.take_while(|unit| *unit != 0).take(1_000).collect();
        clean(String::from_utf16_lossy(&units).as_bytes())
    };
    let pair = |n: u32| {
        let at = 24 + u64::from(n) * 8;
        Some((text(le32(&section, at)?)?, text(le32(&section, at + 4)?)?))
    };
    let properties = (0..count).filter(|_| is_utf_16).filter_map(pair).collect();
    Some(X3fSays { properties })
}

/// Returns the size in the fixed header of the simplest formats.
pub(crate) fn plain(format: &str, file: Window<'_>) -> Option<(u32, u32)> {
    let le16 = |at| file.array(at).map(u16::from_le_bytes).map(u32::from);
    let le32 = |at| file.array(at).map(i32::from_le_bytes).map(i32::unsigned_abs);
    match format {
        "GIF" => le16(6).zip(le16(8)),
        "BMP" => le32(18).zip(le32(22)),
        _ => None,
    }
}
