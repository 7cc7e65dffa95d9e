//! Files made to hurt whoever reads them, each as small as it can be.

use std::collections::BTreeSet;

use miniz_oxide::deflate::compress_to_vec_zlib;

/// Their names and bytes.
pub fn all() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(&str, Vec<u8>)> = vec![
        // More pixels than there is memory for, and nothing behind them.
        ("jpeg_65535.jpg", jpeg(0xC0, 65_535, 65_535, &[])),
        ("jpeg_progressive_65535.jpg", jpeg(0xC2, 65_535, 65_535, &[])),
        ("jpeg_arithmetic_65535.jpg", jpeg(0xC9, 65_535, 65_535, &[])),
        ("jpeg_12_bit.jpg", jpeg_of_depth(0xC1, 12, 60_000, 8_000)),
        ("png_65535.png", png(65_535, 65_535, 16, 6, &[], b"")),
        ("png_2_31.png", png(0x7FFF_FFFF, 0x7FFF_FFFF, 8, 2, &[], b"")),
        ("tiff_65535.tif", tiff_picture(65_535, 65_535)),
        ("tiff_2_32.tif", tiff_picture(u32::MAX, u32::MAX)),
        ("webp_16384.webp", webp_lossless(16_384, 16_384)),
        // All pixels are there, packed small: these may be shown.
        ("png_flat_20000.png", png_of_zeros(20_000, 20_000)),
        // Scans without end over the same pixels.
        ("scans.jpg", scans(5_000, 5_000, 40_000)),
        ("scans_small.jpg", scans(64, 64, 200_000)),
        // Text and profiles that unpack to far more than they are.
        ("png_ztxt.png", png(64, 64, 8, 0, &[(*b"zTXt", ztxt(400 << 20))], &zeros(64 * 65))),
        ("png_iccp.png", png(64, 64, 8, 0, &[(*b"iCCP", iccp(400 << 20))], &zeros(64 * 65))),
        ("png_itxt.png", png(64, 64, 8, 0, &[(*b"iTXt", itxt(400 << 20))], &zeros(64 * 65))),
        ("png_chunk_4gib.png", png_chunk_that_lies()),
        // Directories that never end.
        ("ifd_self.tif", ifd_chain(&[8])),
        ("ifd_ring.tif", ifd_chain(&[26, 44, 8])),
        ("ifd_self_raw.nef", ifd_chain(&[8])),
        ("ifd_sub.nef", ifd_of_itself()),
        ("ifd_million.tif", ifd_million()),
        ("ifd_million_raw.cr2", ifd_million()),
        ("bigtiff_million.tif", bigtiff_million()),
        ("tags_4gib.tif", tags_that_lie()),
        ("tags_4gib_raw.dng", tags_that_lie()),
        ("exif_self.jpg", jpeg_with_exif(&ifd_of_itself())),
        ("exif_4gib.jpg", jpeg_with_exif(&tags_that_lie())),
        // Boxes within boxes, and boxes as large as the sea.
        ("boxes_nested.mp4", nested(b"moov", 50_000)),
        ("boxes_nested_still.heic", heif(nested_in(b"meta", 20_000))),
        ("boxes_empty.mov", [ftyp(b"qt  "), b"\0\0\0\x08free".repeat(500_000)].concat()),
        ("box_2_63.mp4", [ftyp(b"isom"), large_box(b"moov", 1 << 63)].concat()),
        ("box_4gib.heic", heif(plain_box_of(b"meta", u32::MAX, &[0; 64]))),
        ("oom_iloc.heic", heif(meta(&boxed(b"iloc", &lying_iloc())))),
        (
            "oom_ipma.heic",
            heif(meta(&boxed(b"iprp", &boxed(b"ipma", &[[0; 4], [0xFF; 4]].concat())))),
        ),
        ("oom_stsz.mp4", movie(&boxed(b"stsz", &[[0; 4], [0; 4], [0xFF; 4]].concat()))),
        ("oom_cr3.cr3", [ftyp(b"crx "), plain_box_of(b"moov", u32::MAX, &[0xFF; 64])].concat()),
        ("raf_beyond.raf", raf()),
        (
            "riff_4gib.webp",
            [b"RIFF".as_slice(), &[0xFF; 4], b"WEBPVP8X", &[0xFF; 4], &[0xFF; 32]].concat(),
        ),
        // Words that stand for more words.
        ("laughs.xmp", laughs()),
        ("laughs_inside.jpg", jpeg_with_xmp(&laughs())),
        ("deep.xmp", deep_xmp(100_000)),
        ("empty.jpg", Vec::new()),
    ];
    files.sort_by_key(|(name, _)| *name);
    // A line of its own: files with the same bytes would be one.
    let own = |(name, mut bytes): (&str, Vec<u8>)| {
        if !name.starts_with("empty") {
            bytes.extend_from_slice(name.as_bytes());
        }
        (name.to_owned(), bytes)
    };
    files.into_iter().map(own).collect()
}

/// The names of those that are pictures by their name, and that nobody can show.
pub fn unshowable(files: &[(String, Vec<u8>)]) -> BTreeSet<String> {
    const SHOWN: [&str; 5] =
        ["png_flat_20000.png", "png_ztxt.png", "png_iccp.png", "png_itxt.png", "scans_small.jpg"];
    let is_picture =
        |name: &str| !name.ends_with(".xmp") && !name.ends_with(".mp4") && !name.ends_with(".mov");
    let names = files.iter().map(|(name, _)| name.clone());
    names.filter(|name| is_picture(name) && !SHOWN.contains(&name.as_str())).collect()
}

// --- JPEG ---------------------------------------------------------------------------------------

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len() + 2).unwrap();
    [&[0xFF, marker], len.to_be_bytes().as_slice(), body].concat()
}

fn frame(process: u8, depth: u8, width: u16, height: u16, components: u8) -> Vec<u8> {
    let mut body =
        [&[depth], height.to_be_bytes().as_slice(), &width.to_be_bytes(), &[components]].concat();
    for n in 1..=components {
        body.extend([n, 0x11, 0]);
    }
    segment(process, &body)
}

/// A table of quantities, a code of one word for each kind.
fn tables() -> Vec<u8> {
    let mut quantities = vec![0];
    quantities.extend([1; 64]);
    let code = |class: u8, word: u8| {
        let mut body = vec![class, 1];
        body.extend([0; 15]);
        body.push(word);
        segment(0xC4, &body)
    };
    // Of the second kind: this band ends here, and in 32,767 blocks behind.
    [segment(0xDB, &quantities), code(0x00, 0), code(0x10, 0xE0)].concat()
}

fn scan(components: &[u8], from: u8, to: u8) -> Vec<u8> {
    let mut body = vec![u8::try_from(components.len()).unwrap()];
    for component in components {
        body.extend([*component, 0]);
    }
    body.extend([from, to, 0]);
    segment(0xDA, &body)
}

fn jpeg(process: u8, width: u16, height: u16, scans: &[u8]) -> Vec<u8> {
    let first = match process {
        0xC2 => scan(&[1, 2, 3], 0, 0),
        _ => scan(&[1, 2, 3], 0, 63),
    };
    [
        &[0xFF, 0xD8],
        frame(process, 8, width, height, 3).as_slice(),
        &tables(),
        &first,
        &[0; 64],
        scans,
        &[0xFF, 0xD9],
    ]
    .concat()
}

fn jpeg_of_depth(process: u8, depth: u8, width: u16, height: u16) -> Vec<u8> {
    let head = frame(process, depth, width, height, 3);
    [&[0xFF, 0xD8], head.as_slice(), &tables(), &scan(&[1, 2, 3], 0, 63), &[0; 64], &[0xFF, 0xD9]]
        .concat()
}

/// A progressive picture of one component, and `count` scans over all its blocks, of 30 bytes each.
fn scans(width: u16, height: u16, count: usize) -> Vec<u8> {
    let blocks = usize::from(width).div_ceil(8) * usize::from(height).div_ceil(8);
    // One bit for the word, fourteen for how many blocks it ends: `0` and fourteen ones.
    let words = blocks.div_ceil(32_767);
    let mut bits = Vec::new();
    for _ in 0..words {
        bits.push(false);
        bits.extend([true; 14]);
    }
    bits.resize(bits.len().next_multiple_of(8), true);
    let mut data = Vec::new();
    for byte in bits.chunks(8) {
        let byte = byte.iter().fold(0_u8, |byte, bit| byte << 1 | u8::from(*bit));
        data.push(byte);
        if byte == 0xFF {
            data.push(0);
        }
    }
    let one = [scan(&[1], 1, 63), data].concat();
    let dc = [scan(&[1], 0, 0), vec![0; blocks.div_ceil(8)]].concat();
    [
        &[0xFF, 0xD8],
        frame(0xC2, 8, width, height, 1).as_slice(),
        &tables(),
        &dc,
        &one.repeat(count),
        &[0xFF, 0xD9],
    ]
    .concat()
}

fn jpeg_with_exif(block: &[u8]) -> Vec<u8> {
    let app1 = segment(0xE1, &[b"Exif\0\0", block].concat());
    [&[0xFF, 0xD8], app1.as_slice(), &jpeg(0xC0, 65_535, 65_535, &[])[2..]].concat()
}

fn jpeg_with_xmp(packet: &[u8]) -> Vec<u8> {
    let app1 = segment(0xE1, &[b"http://ns.adobe.com/xap/1.0/\0", packet].concat());
    [&[0xFF, 0xD8], app1.as_slice(), &jpeg(0xC0, 65_535, 65_535, &[])[2..]].concat()
}

// --- PNG, WebP ----------------------------------------------------------------------------------

fn chunk(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(body.len()).unwrap();
    let sum = crc32(&[&kind, body].concat());
    [&len.to_be_bytes(), kind.as_slice(), body, &sum.to_be_bytes()].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    let table: Vec<u32> = (0..256)
        .map(|n| (0..8).fold(n, |s: u32, _| if s & 1 == 1 { s >> 1 ^ 0xEDB8_8320 } else { s >> 1 }))
        .collect();
    !bytes.iter().fold(!0_u32, |sum, byte| sum >> 8 ^ table[usize::from(sum as u8 ^ byte)])
}

fn png(
    width: u32,
    height: u32,
    depth: u8,
    colour: u8,
    extra: &[([u8; 4], Vec<u8>)],
    data: &[u8],
) -> Vec<u8> {
    let head =
        [&width.to_be_bytes(), height.to_be_bytes().as_slice(), &[depth, colour, 0, 0, 0]].concat();
    let mut file = [b"\x89PNG\r\n\x1a\n".as_slice(), &chunk(*b"IHDR", &head)].concat();
    for (kind, body) in extra {
        file.extend(chunk(*kind, body));
    }
    file.extend(chunk(*b"IDAT", data));
    file.extend(chunk(*b"IEND", &[]));
    file
}

/// So many zeros, packed. A thousandth of their number.
fn zeros(count: usize) -> Vec<u8> {
    compress_to_vec_zlib(&vec![0; count], 6)
}

fn png_of_zeros(width: u32, height: u32) -> Vec<u8> {
    png(width, height, 8, 0, &[], &zeros((width as usize + 1) * height as usize))
}

fn ztxt(count: usize) -> Vec<u8> {
    [b"Comment\0\0".as_slice(), &zeros(count)].concat()
}

fn iccp(count: usize) -> Vec<u8> {
    [b"profile\0\0".as_slice(), &zeros(count)].concat()
}

fn itxt(count: usize) -> Vec<u8> {
    [b"XML:com.adobe.xmp\0\x01\0\0\0".as_slice(), &zeros(count)].concat()
}

fn png_chunk_that_lies() -> Vec<u8> {
    let mut file = png(64, 64, 8, 0, &[], &zeros(64 * 65));
    // IDAT's length
    file[33..37].fill(0xFF);
    file
}

fn webp_lossless(width: u32, height: u32) -> Vec<u8> {
    let bits = (width - 1) | (height - 1) << 14;
    let body = [&[0x2F], bits.to_le_bytes().as_slice(), &[0; 64]].concat();
    let len = u32::try_from(body.len()).unwrap();
    let inner = [b"WEBPVP8L".as_slice(), &len.to_le_bytes(), &body].concat();
    let all = u32::try_from(inner.len()).unwrap();
    [b"RIFF".as_slice(), &all.to_le_bytes(), &inner, &[0]].concat()
}

// --- TIFF ---------------------------------------------------------------------------------------

type Tag = (u16, u16, u32, u32);

fn directory(tags: &[Tag], next: u32) -> Vec<u8> {
    let mut out = u16::try_from(tags.len()).unwrap().to_le_bytes().to_vec();
    for (tag, kind, count, value) in tags {
        out.extend(tag.to_le_bytes());
        out.extend(kind.to_le_bytes());
        out.extend(count.to_le_bytes());
        out.extend(value.to_le_bytes());
    }
    out.extend(next.to_le_bytes());
    out
}

const TIFF: &[u8] = b"II*\0\x08\0\0\0";

fn tiff_picture(width: u32, height: u32) -> Vec<u8> {
    let tags = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (278, 4, 1, height),
        (279, 4, 1, u32::MAX),
    ];
    [TIFF, &directory(&tags, 0)].concat()
}

/// Directories of one tag, each followed by what `nexts` says; they lie 18 bytes apart, from 8 on.
fn ifd_chain(nexts: &[u32]) -> Vec<u8> {
    let mut file = TIFF.to_vec();
    for next in nexts {
        file.extend(directory(&[(271, 2, 4, u32::from_le_bytes(*b"Foo\0"))], *next));
    }
    file
}

/// A directory whose sub-directories, EXIF and GPS blocks are itself.
fn ifd_of_itself() -> Vec<u8> {
    let tags =
        [(330, 4, 1, 8), (34665, 4, 1, 8), (34853, 4, 1, 8), (40965, 4, 1, 8), (37500, 7, 100, 8)];
    [TIFF, &directory(&tags, 8)].concat()
}

/// A million tags, in directories of as many as one may state.
fn ifd_million() -> Vec<u8> {
    let mut file = TIFF.to_vec();
    for n in 0..16 {
        let len = 2 + 65_535 * 12 + 4;
        let next = if n == 15 { 0 } else { u32::try_from(file.len() + len).unwrap() };
        file.extend(directory(&vec![(700, 7, u32::MAX, 8); 65_535], next));
    }
    file
}

fn bigtiff_million() -> Vec<u8> {
    let mut file = [b"II\x2B\0\x08\0\0\0".as_slice(), &16_u64.to_le_bytes()].concat();
    file.extend(1_000_000_u64.to_le_bytes());
    let tag = [[0x00, 0x01, 4, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0xFF; 4], [0xFF; 4]].concat();
    for _ in 0..1_000_000 {
        file.extend(&tag);
    }
    file.extend(16_u64.to_le_bytes());
    file
}

/// Values of 4 GiB, and of sixteen times that.
fn tags_that_lie() -> Vec<u8> {
    let tags = [
        (256, 4, u32::MAX, 8),
        (257, 4, u32::MAX, u32::MAX),
        (258, 3, u32::MAX, 8),
        (271, 2, u32::MAX, 8),
        (273, 4, u32::MAX, 8),
        (279, 16, u32::MAX, 8),
        (330, 4, u32::MAX, 8),
        (700, 1, u32::MAX, 8),
        (33_723, 4, u32::MAX, 8),
        (34_665, 4, 1, u32::MAX),
        (34_675, 7, u32::MAX, 8),
        (37_500, 7, u32::MAX, 0),
    ];
    [TIFF, &directory(&tags, u32::MAX)].concat()
}

// --- boxes --------------------------------------------------------------------------------------

fn plain_box_of(kind: &[u8; 4], stated: u32, body: &[u8]) -> Vec<u8> {
    [&stated.to_be_bytes(), kind.as_slice(), body].concat()
}

fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    plain_box_of(kind, u32::try_from(body.len() + 8).unwrap(), body)
}

fn large_box(kind: &[u8; 4], stated: u64) -> Vec<u8> {
    [&1_u32.to_be_bytes(), kind.as_slice(), &stated.to_be_bytes(), &[0; 64]].concat()
}

fn ftyp(brand: &[u8; 4]) -> Vec<u8> {
    boxed(b"ftyp", &[brand.as_slice(), &[0; 4], brand].concat())
}

fn nested_in(kind: &[u8; 4], depth: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(depth * 8);
    for n in 0..depth {
        out.extend(u32::try_from((depth - n) * 8).unwrap().to_be_bytes());
        out.extend(kind);
    }
    out
}

fn nested(kind: &[u8; 4], depth: usize) -> Vec<u8> {
    [ftyp(b"isom"), nested_in(kind, depth)].concat()
}

fn heif(rest: Vec<u8>) -> Vec<u8> {
    [ftyp(b"heic"), rest].concat()
}

fn meta(inside: &[u8]) -> Vec<u8> {
    boxed(
        b"meta",
        &[
            &[0; 4],
            boxed(b"hdlr", &[[0; 8].as_slice(), b"pict", &[0; 13]].concat()).as_slice(),
            inside,
        ]
        .concat(),
    )
}

/// Four billion items of sixty-five thousand pieces each.
fn lying_iloc() -> Vec<u8> {
    [&[2, 0, 0, 0, 0x88, 0x88], [0xFF; 4].as_slice(), &[0xFF; 256]].concat()
}

fn movie(inside: &[u8]) -> Vec<u8> {
    let kinds: [&[u8; 4]; 5] = [b"stbl", b"minf", b"mdia", b"trak", b"moov"];
    let whole = kinds.iter().fold(inside.to_vec(), |inside, kind| boxed(kind, &inside));
    [ftyp(b"isom"), whole].concat()
}

fn raf() -> Vec<u8> {
    let mut file = b"FUJIFILMCCD-RAW 0201FF383501X100".to_vec();
    file.resize(84, 0);
    file.extend([0xFF; 64]);
    file
}

// --- XMP ----------------------------------------------------------------------------------------

fn laughs() -> Vec<u8> {
    let mut text = String::from("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a0 \"ha\">");
    for n in 1..20 {
        text += &format!("<!ENTITY a{n} \"{}\">", format!("&a{};", n - 1).repeat(10));
    }
    text += "]><x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
             <rdf:Description xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\" \
             xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmp:Rating=\"5\"><xmp:Label>&a19;</xmp:Label>\
             </rdf:Description></rdf:RDF></x:xmpmeta>";
    text.into_bytes()
}

fn deep_xmp(depth: usize) -> Vec<u8> {
    let head = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">";
    [head, &"<rdf:Bag><rdf:li>".repeat(depth)].concat().into_bytes()
}
