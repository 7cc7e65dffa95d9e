//! HEIF, AVIF and CR3: still pictures in boxes. Where their EXIF lies and how large they are.

use super::boxes::{self, boxes};
use super::source::Window;

/// What the boxes say about the picture to be shown.
#[derive(Clone, Default)]
pub(crate) struct Still<'a> {
    /// The TIFF block.
    pub exif: Option<Window<'a>>,
    pub xmp: Option<Window<'a>>,
    /// Upright, after the file's own turning.
    pub size: Option<(u32, u32)>,
}

/// Reads the `meta` box of a HEIF or AVIF file.
pub(crate) fn heif<'a>(file: Window<'a>) -> Option<Still<'a>> {
    let meta = boxes::find(file, b"meta")?.from(4)?;
    let mut still = Still { size: size(meta), ..Still::default() };
    let places = places(file, meta).unwrap_or_default();
    for (id, kind, content) in items(meta).unwrap_or_default() {
        let Some((_, place)) = places.iter().find(|(known, _)| *known == id) else { continue };
        if kind == *b"Exif" {
            // A length of what precedes the TIFF header (usually "Exif\0\0"), then that.
            let skip = place.be32(0).map(|skip| u64::from(skip) + 4);
            still.exif = skip.and_then(|skip| place.from(skip));
        } else if kind == *b"mime" && content == b"application/rdf+xml" {
            still.xmp = Some(*place);
        }
    }
    Some(still)
}

type Item = (u32, [u8; 4], Vec<u8>);

/// Returns number, kind and content type of the items that could hold metadata.
fn items(meta: Window<'_>) -> Option<Vec<Item>> {
    let table = boxes::find(meta, b"iinf")?;
    let [version, ..] = table.array::<4>(0)?;
    let entries = table.from(if version == 0 { 6 } else { 8 })?;
    let item = |body: Window<'_>| -> Option<Item> {
        let [version, ..] = body.array::<4>(0)?;
        let (id, at) = match version {
            2 => (body.be16(4)?.into(), 8),
            3 => (body.be32(4)?, 10),
            _ => return None,
        };
        let kind = body.array(at)?;
        if !matches!(&kind, b"Exif" | b"mime") {
            return None;
        }
        let names = body.read_up_to(at + 4, 256)?;
        let content = names.split(|b| *b == 0).nth(1).unwrap_or_default().to_vec();
        Some((id, kind, content))
    };
    Some(boxes(entries).filter(|b| b.kind == *b"infe").filter_map(|b| item(b.body)).collect())
}

/// Returns where each item of one piece lies in the file.
fn places<'a>(file: Window<'a>, meta: Window<'a>) -> Option<Vec<(u32, Window<'a>)>> {
    const MAX_ITEMS: u32 = 20_000;
    let table = boxes::find(meta, b"iloc")?.small(2 << 20)?;
    let [version, _, _, _, sizes, bases, ref rest @ ..] = *table else { return None };
    let mut rest = Numbers(rest);
    let (offset_len, length_len) = (sizes >> 4, sizes & 15);
    let (base_len, index_len) = (bases >> 4, if version == 0 { 0 } else { bases & 15 });
    let count = rest.take(if version < 2 { 2 } else { 4 })?.min(MAX_ITEMS.into());
    let mut found = Vec::new();
    for _ in 0..count {
        let id = rest.take(if version < 2 { 2 } else { 4 })?;
        let method = if version == 0 { 0 } else { rest.take(2)? & 15 };
        rest.take(2)?;
        let base = rest.take(base_len)?;
        let extents = rest.take(2)?;
        let mut first = None;
        for _ in 0..extents {
            rest.take(index_len)?;
            let extent = (rest.take(offset_len)?, rest.take(length_len)?);
            first.get_or_insert(extent);
        }
        let within = match method {
            0 => Some(file),
            1 => boxes::find(meta, b"idat"),
            _ => None,
        };
        if let (Some(within), Some((offset, len)), Ok(id)) = (within, first, u32::try_from(id)) {
            found.extend(within.part(base.checked_add(offset)?, len).map(|w| (id, w)));
        }
    }
    Some(found)
}

/// Numbers of stated widths, one after the other.
struct Numbers<'b>(&'b [u8]);

impl Numbers<'_> {
    fn take(&mut self, bytes: u8) -> Option<u64> {
        let (head, rest) = self.0.split_at_checked(bytes.into())?;
        self.0 = rest;
        (bytes <= 8).then(|| head.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
    }
}

/// Returns the upright size of the primary item: its extents, turned as its properties say.
fn size(meta: Window<'_>) -> Option<(u32, u32)> {
    let primary = boxes::find(meta, b"pitm")?;
    let primary = match primary.array::<4>(0)? {
        [0, ..] => primary.be16(4)?.into(),
        _ => primary.be32(4)?,
    };
    let properties = boxes::find(meta, b"iprp")?;
    let all: Vec<boxes::Box<'_>> = boxes(boxes::find(properties, b"ipco")?).collect();
    let (mut size, mut quarters) = (None, 0);
    for index in associated(boxes::find(properties, b"ipma")?, primary)? {
        let Some(property) = usize::from(index).checked_sub(1).and_then(|n| all.get(n)) else {
            continue;
        };
        match &property.kind {
            b"ispe" => size = Some((property.body.be32(4)?, property.body.be32(8)?)),
            // The part of the picture that is meant: its sides as fractions.
            b"clap" => {
                let side = |at| {
                    let (above, below) = (property.body.be32(at)?, property.body.be32(at + 4)?);
                    above.checked_div(below).filter(|side| *side > 0)
                };
                let whole = size.unwrap_or_default();
                let fits = |(w, h): &(u32, u32)| *w <= whole.0 && *h <= whole.1;
                size = side(0).zip(side(8)).filter(fits).or(size);
            }
            b"irot" => quarters = property.body.array::<1>(0)?[0] & 3,
            _ => {}
        }
    }
    let (width, height) = size.filter(|(w, h)| *w > 0 && *h > 0)?;
    Some(if quarters % 2 == 1 { (height, width) } else { (width, height) })
}

/// Returns which properties (counted from one) belong to `item`.
fn associated(table: Window<'_>, item: u32) -> Option<Vec<u16>> {
    let bytes = table.small(1 << 20)?;
    let [version, _, _, flags, ref rest @ ..] = *bytes else { return None };
    let mut rest = Numbers(rest);
    for _ in 0..rest.take(4)?.min(20_000) {
        let id = rest.take(if version == 0 { 2 } else { 4 })?;
        let count = rest.take(1)?;
        let wide = flags & 1 == 1;
        let indices: Option<Vec<u16>> = (0..count)
            .map(|_| {
                let index = rest.take(if wide { 2 } else { 1 })?;
                u16::try_from(index & if wide { 0x7FFF } else { 0x7F }).ok()
            })
            .collect();
        if id == u64::from(item) {
            return indices;
        }
    }
    None
}

/// Where a CR3 keeps what: four TIFF blocks, XMP, and the embedded pictures.
#[derive(Clone, Default)]
pub(crate) struct Cr3<'a> {
    /// The main, EXIF, maker's and GPS directories, each a TIFF of its own.
    pub blocks: [Option<Window<'a>>; 4],
    pub xmp: Option<Window<'a>>,
    /// Embedded JPEGs.
    pub jpegs: Vec<Window<'a>>,
}

const CANON: [u8; 16] = *b"\x85\xc0\xb6\x87\x82\x0f\x11\xe0\x81\x11\xf4\xce\x46\x2b\x6a\x48";
const CANON_PREVIEW: [u8; 16] =
    *b"\xea\xf4\x2b\x5e\x1c\x98\x4b\x88\xb9\xfb\xb7\xdc\x40\x6e\x4d\x16";
pub(crate) const XMP: [u8; 16] =
    *b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac";

/// Reads the boxes of a CR3.
pub(crate) fn cr3(file: Window<'_>) -> Option<Cr3<'_>> {
    let movie = boxes::find(file, b"moov")?;
    let mut cr3 = Cr3 { xmp: boxes::uuid(file, &XMP), ..Cr3::default() };
    if let Some(canon) = boxes::uuid(movie, &CANON) {
        cr3.blocks = canon_blocks(canon);
        // A head of 16 bytes (20 in later files), then the JPEG to the box's end.
        let thumb = boxes::find(canon, b"THMB");
        cr3.jpegs.extend(thumb.and_then(|thumb| thumb.from(16)));
    }
    if let Some(preview) = boxes::uuid(file, &CANON_PREVIEW).and_then(|preview| preview.from(8)) {
        let body = boxes::find(preview, b"PRVW");
        cr3.jpegs.extend(body.and_then(|body| body.part(16, body.be32(12)?.into())));
    }
    for track in boxes(movie).filter(|b| b.kind == *b"trak") {
        cr3.jpegs.extend(only_sample(file, track.body));
    }
    Some(cr3)
}

/// Returns the four TIFF blocks in a movie's box of Canon's.
pub(crate) fn canon<'a>(movie: Window<'a>) -> Option<[Option<Window<'a>>; 4]> {
    boxes::uuid(movie, &CANON).map(canon_blocks)
}

fn canon_blocks(canon: Window<'_>) -> [Option<Window<'_>>; 4] {
    [b"CMT1", b"CMT2", b"CMT3", b"CMT4"].map(|kind| boxes::find(canon, kind))
}

/// Returns where the first sample of a track lies in the file.
fn only_sample<'a>(file: Window<'a>, track: Window<'a>) -> Option<Window<'a>> {
    let table = boxes::descend(track, &[b"mdia", b"minf", b"stbl"])?;
    let sizes = boxes::find(table, b"stsz")?;
    let len = match sizes.be32(4)? {
        0 => sizes.be32(12)?,
        all => all,
    };
    let wide = boxes::find(table, b"co64").and_then(|t| t.be64(8));
    let offset = wide.or_else(|| boxes::find(table, b"stco")?.be32(8).map(u64::from))?;
    file.part(offset, len.into())
}
