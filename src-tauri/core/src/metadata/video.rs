//! What a film says: size as shown, length, when and where it was taken, and with what.

use super::boxes::{self, boxes};
use super::camera_boxes;
use super::dates::{self, Moment};
use super::exif::Exif;
use super::heif;
use super::maker;
use super::record::Gps;
use super::source::Window;
use super::tiff::clean;

/// What a film or recording says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Video {
    /// As shown, after the track's turning.
    pub size: Option<(u32, u32)>,
    pub seconds: Option<f64>,
    pub taken: Option<Moment>,
    pub make: Option<String>,
    pub model: Option<String>,
    pub lens: Option<String>,
    pub serial: Option<String>,
    pub artist: Option<String>,
    pub copyright: Option<String>,
    pub gps: Option<Gps>,
    pub content_id: Option<String>,
    /// What the camera says as it does in a photo, in a box of its own.
    pub exif: Option<Exif>,
    pub xmp: Option<Vec<u8>>,
}

/// Longer texts than this in a film's tags are not read.
const MAX_TEXT: usize = 64 * 1024;
const MAX_XMP: usize = 8 << 20;

/// Reads MP4, MOV and their kin.
pub(crate) fn iso(file: Window<'_>) -> Option<Video> {
    let movie = boxes::find(file, b"moov")?;
    let mut video = Video::default();
    let mut created = None;
    if let Some(header) = boxes::find(movie, b"mvhd") {
        created = read_header(header, &mut video);
    }
    video.size = boxes(movie).filter(|b| b.kind == *b"trak").find_map(|b| track_size(b.body));
    if let Some(meta) = boxes::find(movie, b"meta") {
        apple_keys(meta, &mut video);
    }
    let mut dated = None;
    if let Some(data) = boxes::find(movie, b"udta") {
        dated = user_data(data, &mut video);
        camera_boxes::read(data, &mut video);
    }
    if let Some(blocks) = heif::canon(movie) {
        video.exif = video.exif.or_else(|| Some(maker::canon_blocks(blocks)));
    }
    let packet = boxes::uuid(file, &heif::XMP).or_else(|| boxes::uuid(movie, &heif::XMP));
    video.xmp = video.xmp.or_else(|| packet?.small(MAX_XMP));
    if let Some(text) = boxes::find(file, b"meta").and_then(sony_xml) {
        sony(&text, &mut video);
    }
    // "Content created" is some other day in what programs export, and the camera's only with a zone.
    let zoned = dated.filter(|moment| moment.offset_min.is_some());
    video.taken =
        video.taken.or_else(|| video.exif.as_ref()?.taken).or(zoned).or(created).or(dated);
    Some(video)
}

/// Reads the length and returns the time of making, which is UTC.
fn read_header(header: Window<'_>, video: &mut Video) -> Option<Moment> {
    let [version, ..] = header.array::<4>(0)?;
    let (created, scale, length) = if version == 1 {
        (header.be64(4)?, header.be32(20)?, header.be64(24)?)
    } else {
        (header.be32(4)?.into(), header.be32(12)?, header.be32(16)?.into())
    };
    if scale > 0 && length < u32::MAX.into() {
        #[expect(clippy::cast_precision_loss, reason = "checked to be 32 bits")]
        let seconds = length as f64 / f64::from(scale);
        video.seconds = Some((seconds * 1000.0).round() / 1000.0);
    }
    dates::quicktime(created)
}

/// Returns the size of a picture track as shown; `None` for sound and data.
fn track_size(track: Window<'_>) -> Option<(u32, u32)> {
    let handler = boxes::descend(track, &[b"mdia", b"hdlr"])?;
    if handler.array(8) != Some(*b"vide") {
        return None;
    }
    let header = boxes::find(track, b"tkhd")?;
    let matrix = if header.array::<1>(0)? == [1] { 52 } else { 40 };
    let shown = (header.be32(matrix + 36)? >> 16, header.be32(matrix + 40)? >> 16);
    // The pixels there are; the header's size may be stretched to the screen's shape.
    let entry = boxes::descend(track, &[b"mdia", b"minf", b"stbl", b"stsd"])
        .and_then(|table| boxes(table.from(8)?).next());
    let stored = entry.and_then(|e| Some((e.body.be16(24)?.into(), e.body.be16(26)?.into())));
    let size = stored.filter(|(w, h)| *w > 0 && *h > 0).unwrap_or(shown);
    // A turn by a quarter has nothing on the diagonal of its matrix.
    let is_quarter = header.be32(matrix)? == 0 && header.be32(matrix + 4)? != 0;
    let (width, height) = size;
    (width > 0 && height > 0).then_some(if is_quarter { (height, width) } else { size })
}

/// Apple's list of keys and their values.
fn apple_keys(meta: Window<'_>, video: &mut Video) -> Option<()> {
    // In MOV a bare box, in MP4 one with version and flags before its content.
    let is_bare = meta.array(4) == Some(*b"hdlr");
    let meta = if is_bare { meta } else { meta.from(4)? };
    let keys = boxes::find(meta, b"keys")?.from(8)?;
    let names: Vec<Vec<u8>> = boxes(keys).map(|b| b.body.small(256).unwrap_or_default()).collect();
    for value in boxes(boxes::find(meta, b"ilst")?) {
        let index = u32::from_be_bytes(value.kind) as usize;
        let Some(name) = index.checked_sub(1).and_then(|n| names.get(n)) else { continue };
        let data = boxes::find(value.body, b"data").and_then(|d| d.from(8)?.small(MAX_TEXT));
        let Some(text) = data.as_deref().and_then(clean) else { continue };
        match name.as_slice() {
            b"com.android.manufacturer" => video.make = video.make.take().or(Some(text)),
            b"com.android.model" => video.model = video.model.take().or(Some(text)),
            name => apple_key(name, text, video),
        }
    }
    Some(())
}

fn apple_key(name: &[u8], text: String, video: &mut Video) {
    match name.strip_prefix(b"com.apple.quicktime.") {
        Some(b"creationdate") => video.taken = dates::parse(&text).or(video.taken),
        Some(b"make") => video.make = Some(text),
        Some(b"model") => video.model = Some(text),
        Some(b"author") => video.artist = Some(text),
        Some(b"copyright") => video.copyright = Some(text),
        Some(b"camera.lens_model") => video.lens = Some(text),
        Some(b"location.ISO6709") => video.gps = iso6709(&text).or(video.gps),
        Some(b"content.identifier") => video.content_id = Some(text),
        _ => {}
    }
}

/// The older user data: QuickTime's `(c)xyz` texts and 3GPP's. Returns when "the content was created".
fn user_data(data: Window<'_>, video: &mut Video) -> Option<Moment> {
    let mut dated = None;
    for item in boxes(data) {
        let text = || {
            // A length and a language, then the text.
            let len = item.body.be16(0)?;
            clean(&item.body.part(4, len.into())?.small(MAX_TEXT)?)
        };
        match &item.kind {
            b"\xA9xyz" => video.gps = video.gps.or_else(|| iso6709(&text()?)),
            b"\xA9day" => dated = dated.or_else(|| dates::parse(&text()?)),
            b"\xA9mak" => video.make = video.make.take().or_else(text),
            b"\xA9mod" | b"\xA9mdl" => video.model = video.model.take().or_else(text),
            b"\xA9aut" => video.artist = video.artist.take().or_else(text),
            b"\xA9cpy" => video.copyright = video.copyright.take().or_else(text),
            b"loci" => video.gps = video.gps.or_else(|| three_gpp_place(item.body)),
            b"meta" => dated = itunes(item.body, video).or(dated),
            b"XMP_" => video.xmp = item.body.small(MAX_XMP),
            _ => {}
        }
    }
    dated
}

/// The same texts once more in iTunes' list, which is what Android and ffmpeg write.
fn itunes(meta: Window<'_>, video: &mut Video) -> Option<Moment> {
    let mut dated = None;
    let list = meta.from(4).and_then(|meta| boxes::find(meta, b"ilst"));
    for item in list.into_iter().flat_map(boxes) {
        let text = || {
            let data = boxes::find(item.body, b"data")?.from(8)?;
            clean(&data.small(MAX_TEXT)?)
        };
        match &item.kind {
            b"\xA9xyz" => video.gps = video.gps.or_else(|| iso6709(&text()?)),
            b"\xA9day" => dated = dated.or_else(|| dates::parse(&text()?)),
            b"\xA9mak" => video.make = video.make.take().or_else(text),
            b"\xA9mod" => video.model = video.model.take().or_else(text),
            _ => {}
        }
    }
    dated
}

/// Version and language, a name ended by a NUL, a role, then degrees as fixed-point numbers.
fn three_gpp_place(body: Window<'_>) -> Option<Gps> {
    let bytes = body.small(MAX_TEXT)?;
    let name = bytes.get(6..)?.iter().position(|b| *b == 0)?;
    let numbers = bytes.get(6 + name + 2..)?;
    let degrees = |at: usize| {
        let fixed = i32::from_be_bytes(numbers.get(at..at + 4)?.try_into().ok()?);
        Some(f64::from(fixed) / 65_536.0)
    };
    let (lon, lat) = (degrees(0)?, degrees(4)?);
    Gps::new((lat * 1e5).round() / 1e5, (lon * 1e5).round() / 1e5)
}

/// Reads "+48.8584+002.2945/" or "+27.1281+100.2508+2382.0/".
fn iso6709(text: &str) -> Option<Gps> {
    let starts: Vec<usize> = text.match_indices(['+', '-']).map(|(at, _)| at).collect();
    let end = text.find('/').unwrap_or(text.len());
    let (first, second) = (*starts.first()?, *starts.get(1)?);
    let third = starts.get(2).copied().unwrap_or(end).min(end);
    let number = |part: Option<&str>| {
        let digits = part?.trim_end_matches(|c: char| !c.is_ascii_digit());
        // Degrees only: the forms with minutes have more digits before the point.
        let whole = digits.trim_start_matches(['+', '-']).split('.').next()?;
        (whole.len() <= 3).then(|| digits.parse().ok())?
    };
    Gps::new(number(text.get(first..second))?, number(text.get(second..third))?)
}

/// Sony's cameras add an XML text with the local time and the camera.
fn sony_xml(meta: Window<'_>) -> Option<String> {
    let text = boxes::find(meta.from(4)?, b"xml ")?.from(4)?.small(MAX_TEXT)?;
    String::from_utf8(text).ok().filter(|text| text.contains("NonRealTimeMeta"))
}

fn sony(text: &str, video: &mut Video) {
    // Two attributes of two elements: a parser would add nothing but its own failures.
    let value = |element: &str, attribute: &str| {
        let (_, rest) = text.split_once(&format!("<{element} "))?;
        let (inside, _) = rest.split_once('>')?;
        let (_, rest) = inside.split_once(&format!("{attribute}=\""))?;
        clean(rest.split_once('"')?.0.as_bytes())
    };
    video.taken = video.taken.or_else(|| dates::parse(&value("CreationDate", "value")?));
    video.make = video.make.take().or_else(|| value("Device", "manufacturer"));
    video.model = video.model.take().or_else(|| value("Device", "modelName"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_in_degrees_only() {
        let place = iso6709("+27.1281+100.2508+2382.003/").unwrap();
        assert_eq!((place.lat, place.lon), (27.1281, 100.2508));
        let place = iso6709("-33.8557+151.2104/").unwrap();
        assert_eq!((place.lat, place.lon), (-33.8557, 151.2104));
        let place = iso6709("+52.45970+013.32200+51.178CRSWGS_84/").unwrap();
        assert_eq!((place.lat, place.lon), (52.4597, 13.322));
        assert_eq!(iso6709("+4851.5+00217.6/"), None, "degrees with minutes would be misread");
        assert_eq!(iso6709("+99.0+10.0/"), None);
        assert_eq!(iso6709("nowhere"), None);
    }
}
