//! Which format a file is: by its first bytes where they tell, by its name where they do not.
//!
//! Extensions lie (a JPEG called .NEF) and first bytes are not enough (every other raw format is
//! TIFF underneath), so both are asked. A file whose bytes say nothing keeps what its name
//! promises: it shows as a damaged photo, not as something unknown.

use crate::media::{MediaKind, Role};

/// A file format as the catalogue names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// Upper-case word: "JPEG", "CR3", "MP4", "XMP"; "" when unknown.
    pub name: &'static str,
    pub mime: &'static str,
    pub kind: MediaKind,
    pub role: Role,
}

/// How many first bytes `format_of` wants to see.
pub const HEAD: usize = 512;

const fn format(name: &'static str, mime: &'static str, kind: MediaKind, role: Role) -> Format {
    Format { name, mime, kind, role }
}

const fn photo(name: &'static str, mime: &'static str) -> Format {
    format(name, mime, MediaKind::Photo, Role::Image)
}

const fn raw(name: &'static str, mime: &'static str) -> Format {
    format(name, mime, MediaKind::Raw, Role::Raw)
}

const fn video(name: &'static str, mime: &'static str) -> Format {
    format(name, mime, MediaKind::Video, Role::Video)
}

const fn audio(name: &'static str, mime: &'static str) -> Format {
    format(name, mime, MediaKind::Audio, Role::Audio)
}

const fn sidecar(name: &'static str, mime: &'static str) -> Format {
    format(name, mime, MediaKind::Sidecar, Role::Sidecar)
}

const UNKNOWN: Format = format("", "application/octet-stream", MediaKind::Other, Role::Other);

const JPEG: Format = photo("JPEG", "image/jpeg");
const TIFF: Format = photo("TIFF", "image/tiff");
const MP4: Format = video("MP4", "video/mp4");
const MOV: Format = video("MOV", "video/quicktime");

/// Every extension known here, lower-case.
const EXTENSIONS: &[(&str, Format)] = &[
    ("jpg", JPEG),
    ("jpeg", JPEG),
    ("jpe", JPEG),
    ("jfif", JPEG),
    ("insp", JPEG),
    ("mpo", photo("MPO", "image/mpo")),
    ("png", photo("PNG", "image/png")),
    ("tif", TIFF),
    ("tiff", TIFF),
    ("webp", photo("WEBP", "image/webp")),
    ("gif", photo("GIF", "image/gif")),
    ("bmp", photo("BMP", "image/bmp")),
    ("heic", photo("HEIC", "image/heic")),
    ("heif", photo("HEIF", "image/heif")),
    ("hif", photo("HEIF", "image/heif")),
    ("avif", photo("AVIF", "image/avif")),
    ("jxl", photo("JXL", "image/jxl")),
    ("jp2", photo("JP2", "image/jp2")),
    ("dib", photo("BMP", "image/bmp")),
    ("heics", photo("HEIC", "image/heic")),
    ("avifs", photo("AVIF", "image/avif")),
    ("psd", photo("PSD", "image/vnd.adobe.photoshop")),
    ("psb", photo("PSB", "image/vnd.adobe.photoshop")),
    ("fpx", photo("FPX", "image/vnd.fpx")),
    ("3fr", raw("3FR", "image/x-hasselblad-3fr")),
    ("ari", raw("ARI", "image/x-arri-ari")),
    ("arw", raw("ARW", "image/x-sony-arw")),
    ("bay", raw("BAY", "image/x-casio-bay")),
    ("cap", raw("IIQ", "image/x-phaseone-iiq")),
    ("cr2", raw("CR2", "image/x-canon-cr2")),
    ("cr3", raw("CR3", "image/x-canon-cr3")),
    ("crw", raw("CRW", "image/x-canon-crw")),
    ("dcr", raw("DCR", "image/x-kodak-dcr")),
    ("dcs", raw("DCR", "image/x-kodak-dcr")),
    ("dng", raw("DNG", "image/x-adobe-dng")),
    ("erf", raw("ERF", "image/x-epson-erf")),
    ("fff", raw("FFF", "image/x-hasselblad-fff")),
    ("gpr", raw("GPR", "image/x-gopro-gpr")),
    ("iiq", raw("IIQ", "image/x-phaseone-iiq")),
    ("k25", raw("K25", "image/x-kodak-k25")),
    ("kdc", raw("KDC", "image/x-kodak-kdc")),
    ("mef", raw("MEF", "image/x-mamiya-mef")),
    ("mos", raw("MOS", "image/x-leaf-mos")),
    ("mrw", raw("MRW", "image/x-minolta-mrw")),
    ("nef", raw("NEF", "image/x-nikon-nef")),
    ("nrw", raw("NRW", "image/x-nikon-nrw")),
    ("orf", raw("ORF", "image/x-olympus-orf")),
    ("ori", raw("ORF", "image/x-olympus-orf")),
    ("pef", raw("PEF", "image/x-pentax-pef")),
    ("raf", raw("RAF", "image/x-fuji-raf")),
    ("raw", raw("RAW", "image/x-panasonic-raw")),
    ("rw2", raw("RW2", "image/x-panasonic-rw2")),
    ("rwl", raw("RWL", "image/x-leica-rwl")),
    ("sr2", raw("SR2", "image/x-sony-sr2")),
    ("srf", raw("SRF", "image/x-sony-srf")),
    ("srw", raw("SRW", "image/x-samsung-srw")),
    ("x3f", raw("X3F", "image/x-sigma-x3f")),
    ("mp4", MP4),
    ("m4v", MP4),
    ("3g2", video("3GP", "video/3gpp2")),
    ("m2v", video("MPEG", "video/mpeg")),
    ("mod", video("MPEG", "video/mpeg")),
    ("lrv", MP4),
    ("insv", MP4),
    ("360", MP4),
    ("mov", MOV),
    ("qt", MOV),
    ("crm", video("CRM", "video/x-canon-crm")),
    ("3gp", video("3GP", "video/3gpp")),
    ("avi", video("AVI", "video/x-msvideo")),
    ("mts", video("MTS", "video/mp2t")),
    ("m2ts", video("MTS", "video/mp2t")),
    ("tod", video("MTS", "video/mp2t")),
    ("mpg", video("MPEG", "video/mpeg")),
    ("mpeg", video("MPEG", "video/mpeg")),
    ("mkv", video("MKV", "video/x-matroska")),
    ("webm", video("WEBM", "video/webm")),
    ("wmv", video("WMV", "video/x-ms-wmv")),
    ("mxf", video("MXF", "application/mxf")),
    ("r3d", video("R3D", "video/x-red-r3d")),
    ("braw", video("BRAW", "video/x-blackmagic-braw")),
    ("wav", audio("WAV", "audio/wav")),
    ("mp3", audio("MP3", "audio/mpeg")),
    ("m4a", audio("M4A", "audio/mp4")),
    ("aac", audio("AAC", "audio/aac")),
    ("aif", audio("AIFF", "audio/aiff")),
    ("aiff", audio("AIFF", "audio/aiff")),
    ("xmp", sidecar("XMP", "application/rdf+xml")),
    ("thm", sidecar("THM", "image/jpeg")),
    ("aae", sidecar("AAE", "application/xml")),
    ("xml", sidecar("XML", "application/xml")),
    ("pp3", sidecar("PP3", "text/plain")),
    ("dop", sidecar("DOP", "text/plain")),
    ("cos", sidecar("COS", "application/xml")),
    ("cop", sidecar("COP", "application/octet-stream")),
    ("on1", sidecar("ON1", "application/octet-stream")),
    ("nksc", sidecar("NKSC", "application/xml")),
    ("vrd", sidecar("VRD", "application/octet-stream")),
    ("dr4", sidecar("DR4", "application/octet-stream")),
    ("srt", sidecar("SRT", "text/plain")),
];

/// Returns the format the extension of `name` promises.
#[must_use]
pub fn format_by_name(name: &str) -> Format {
    let Some((_, extension)) = name.rsplit_once('.') else { return UNKNOWN };
    known(&extension.to_ascii_lowercase()).unwrap_or(UNKNOWN)
}

/// Returns the format that is called `name`.
pub(super) fn format_named(name: &str) -> Format {
    EXTENSIONS.iter().map(|(_, format)| *format).find(|f| f.name == name).unwrap_or(UNKNOWN)
}

fn known(extension: &str) -> Option<Format> {
    EXTENSIONS.iter().find(|(known, _)| *known == extension).map(|(_, format)| *format)
}

/// Returns the format of a file that is called `name` and begins with `head`.
#[must_use]
pub fn format_of(name: &str, head: &[u8]) -> Format {
    let named = format_by_name(name);
    let Some(found) = sniff(head) else { return named };
    let keep = match found.name {
        // What is a JPEG inside but has a name and a use of its own.
        "JPEG" => matches!(named.name, "MPO" | "THM"),
        // TIFF is a family; only the name tells a NEF from a DNG.
        "TIFF" => named.kind == MediaKind::Raw && !matches!(named.name, "CR3" | "RAF" | "X3F"),
        // So is MP4, and HEIF by whatever brand.
        "MP4" | "MOV" => matches!(named.name, "MP4" | "MOV" | "3GP" | "M4A"),
        "HEIC" | "HEIF" => matches!(named.name, "HEIC" | "HEIF"),
        "CR3" => named.name == "CRM",
        "ORF" | "RW2" => named.kind == MediaKind::Raw,
        _ => false,
    };
    if keep { named } else { found }
}

/// Returns the format the first bytes tell, if they do.
fn sniff(head: &[u8]) -> Option<Format> {
    let at = |from: usize, mark: &[u8]| head.get(from..from + mark.len()) == Some(mark);
    let word = match head {
        [0xFF, 0xD8, 0xFF, ..] => "jpg",
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => "png",
        [b'I', b'I', b'*', 0, ..] if at(8, b"CR\x02") => "cr2",
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => "tif",
        [b'I', b'I', b'R', b'O' | b'S', ..] | [b'M', b'M', b'O', b'R', ..] => "orf",
        [b'I', b'I', b'U', 0, ..] => "rw2",
        [b'G', b'I', b'F', b'8', ..] => "gif",
        [0xFF, 0x0A, ..] => "jxl",
        [0x1A, 0x45, 0xDF, 0xA3, ..] => "mkv",
        [0, 0, 1, 0xBA | 0xB3, ..] => "mpg",
        [0x06, 0x0E, 0x2B, 0x34, ..] => "mxf",
        _ if at(0, b"FUJIFILMCCD-RAW") => "raf",
        _ if at(0, b"FOVb") => "x3f",
        _ if at(0, b"\0MRM") => "mrw",
        _ if at(6, b"HEAPCCDR") => "crw",
        _ if at(0, b"8BPS\0\x01") => "psd",
        _ if at(0, b"8BPS\0\x02") => "psb",
        _ if at(0, b"RIFF") && at(8, b"WEBP") => "webp",
        _ if at(0, b"RIFF") && at(8, b"AVI ") => "avi",
        _ if at(0, b"RIFF") && at(8, b"WAVE") => "wav",
        _ if at(4, b"JXL \r\n\x87\n") => "jxl",
        _ if at(4, b"jP  \r\n\x87\n") => "jp2",
        _ if at(0, b"G") && at(188, b"G") && at(376, b"G") => "mts",
        _ if at(4, b"G") && at(196, b"G") && at(388, b"G") => "mts",
        _ if at(4, b"ftyp") => return Some(brand(head)),
        _ if [b"moov", b"mdat", b"wide", b"pnot"].iter().any(|kind| at(4, *kind)) => "mov",
        _ if is_xmp(head) => "xmp",
        _ => return None,
    };
    known(word)
}

/// Tells the ISO media formats apart by their brands, the major one first.
fn brand(head: &[u8]) -> Format {
    let len = head.first_chunk().map_or(0, |len| u32::from_be_bytes(*len)) as usize;
    let brands = head.get(8..len.clamp(12, 512).min(head.len())).unwrap_or_default();
    let mut named = brands.chunks_exact(4).enumerate().filter(|(n, _)| *n != 1).map(|(_, b)| b);
    let word = named.find_map(|brand| match brand {
        b"crx " => Some("cr3"),
        b"avif" | b"avis" => Some("avif"),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => Some("heic"),
        b"qt  " => Some("mov"),
        b"M4A " => Some("m4a"),
        [b'3', b'g', ..] => Some("3gp"),
        _ => None,
    });
    let is_heif = brands.chunks_exact(4).any(|b| matches!(b, b"mif1" | b"msf1" | b"mif2"));
    word.or(is_heif.then_some("heif")).and_then(known).unwrap_or(MP4)
}

fn is_xmp(head: &[u8]) -> bool {
    let text: Vec<u8> = head.iter().copied().filter(|b| *b != 0).collect();
    let has = |mark: &[u8]| text.windows(mark.len()).any(|w| w == mark);
    has(b"<x:xmpmeta") || has(b"W5M0MpCehiHzreSzNTczkc9d")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_counts_in_any_case() {
        assert_eq!(format_by_name("IMG_1.CR3").name, "CR3");
        assert_eq!(format_by_name("img.1.jPeG").name, "JPEG");
        assert_eq!(format_by_name("MVI_1.THM").role, Role::Sidecar);
        assert_eq!(format_by_name("MVC-001F.411"), UNKNOWN);
        assert_eq!(format_by_name("README"), UNKNOWN);
    }

    #[test]
    fn content_wins_over_an_extension_that_lies() {
        let jpeg = [0xFF, 0xD8, 0xFF, 0xE1];
        assert_eq!(format_of("a.nef", &jpeg).name, "JPEG");
        assert_eq!(format_of("a.png", &jpeg).name, "JPEG");
        assert_eq!(format_of("a.jpg", b"\x89PNG\r\n\x1a\n").name, "PNG");
        assert_eq!(format_of("a.cr3", b"II*\0\x10\0\0\0CR\x02\0").name, "CR2");
    }

    #[test]
    fn a_raw_that_is_tiff_inside_keeps_its_name() {
        for (name, word) in
            [("a.NEF", "NEF"), ("a.dng", "DNG"), ("a.ARW", "ARW"), ("a.tif", "TIFF")]
        {
            assert_eq!(format_of(name, b"II*\0\x08\0\0\0").name, word);
        }
        assert_eq!(format_of("a.mpo", &[0xFF, 0xD8, 0xFF]).name, "MPO");
        assert_eq!(format_of("a.rwl", b"IIU\0").name, "RWL");
    }

    #[test]
    fn bytes_that_say_nothing_leave_what_the_name_promises() {
        assert_eq!(format_of("a.jpg", &[0; 100]).name, "JPEG");
        assert_eq!(format_of("a.jpg", b"").name, "JPEG");
        assert_eq!(format_of("a.jpg", b"<!doctype html>").name, "JPEG");
        assert_eq!(format_of("a.bin", &[0; 100]), UNKNOWN);
    }

    #[test]
    fn brands_tell_iso_media_apart() {
        let ftyp = |major: &[u8; 4], others: &[u8]| {
            let len = (16 + others.len()) as u32;
            [&len.to_be_bytes(), b"ftyp".as_slice(), major, b"\0\0\0\0", others].concat()
        };
        assert_eq!(format_of("a", &ftyp(b"crx ", b"isom")).name, "CR3");
        assert_eq!(format_of("a", &ftyp(b"heic", b"mif1heic")).name, "HEIC");
        assert_eq!(format_of("a", &ftyp(b"mif1", b"heic")).name, "HEIC");
        assert_eq!(format_of("a", &ftyp(b"mif1", b"msf1")).name, "HEIF");
        assert_eq!(format_of("a.hif", &ftyp(b"heix", b"mif1")).name, "HEIF");
        assert_eq!(format_of("a", &ftyp(b"qt  ", b"qt  ")).name, "MOV");
        assert_eq!(format_of("a", &ftyp(b"isom", b"mp42")).name, "MP4");
        assert_eq!(format_of("a", &ftyp(b"XAVC", b"")).name, "MP4");
    }

    #[test]
    fn every_extension_stands_once_and_is_lower_case() {
        for (n, (extension, _)) in EXTENSIONS.iter().enumerate() {
            assert_eq!(*extension, extension.to_ascii_lowercase());
            assert!(EXTENSIONS[n + 1..].iter().all(|(other, _)| other != extension), "{extension}");
        }
    }
}
