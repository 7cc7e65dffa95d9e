//! Where the film of a motion photo lies in the file of its still.
//!
//! Google's phones, and most others since, append an MP4 and say in XMP how long it is; Samsung's
//! write a directory of what they appended at the file's very end, and in HEIC a box (`mpvd`). None
//! of these numbers is believed: where no film begins, there is none.

use std::ops::Range;

use quick_xml::NsReader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{LocalName, ResolveResult};
use serde::{Deserialize, Serialize};

use super::boxes::{self, boxes};
use super::source::Window;

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub start: u64,
    pub len: u64,
}

/// An honest packet describes a handful of things behind the picture.
const MAX_ITEMS: usize = 100;
const MAX_DEPTH: usize = 64;
/// What is left between the numbers and the film: paddings, the head of a box.
const SLACK: usize = 256;
/// The shortest there is: a type, a movie, a sample.
const LEAST: u64 = 64;

/// Finds the film behind a JPEG's picture.
pub(super) fn in_jpeg(file: Window<'_>, packet: Option<&[u8]>, make: Option<&str>) -> Option<Span> {
    let said = packet.and_then(|packet| stated(packet, file.len()));
    let of_samsung = || {
        let is_samsung = make.is_some_and(|make| make.to_ascii_lowercase().starts_with("samsung"));
        is_samsung.then(|| in_trailer(file)).flatten()
    };
    said.and_then(|said| film_at(file, said)).or_else(|| film_at(file, of_samsung()?))
}

/// Finds the film in a HEIF's box of its own.
pub(super) fn in_heif(file: Window<'_>) -> Option<Span> {
    let film = boxes::find(file, b"mpvd")?;
    film_at(file, film.start()..film.start() + film.len())
}

/// The film that begins in, or shortly after, the start of `place`; its end is where its boxes end.
fn film_at(file: Window<'_>, place: Range<u64>) -> Option<Span> {
    let head = file.read_up_to(place.start, SLACK)?;
    let skip = head.windows(4).position(|w| w == b"ftyp")?.checked_sub(4)? as u64;
    let film = file.part(place.start + skip, place.end.checked_sub(place.start + skip)?)?;
    let (mut end, mut has_movie) = (0, false);
    for part in boxes(film) {
        // behind the film may follow what is none of it
        if !matches!(
            &part.kind,
            b"ftyp"
                | b"moov"
                | b"mdat"
                | b"free"
                | b"skip"
                | b"wide"
                | b"uuid"
                | b"meta"
                | b"udta"
                | b"moof"
                | b"mfra"
                | b"sidx"
                | b"styp"
                | b"pnot"
        ) {
            break;
        }
        has_movie |= part.kind == *b"moov";
        end = part.body.start() - film.start() + part.body.len();
    }
    (has_movie && end >= LEAST).then_some(Span { start: film.start(), len: end })
}

/// Where the packet says that the film lies: what is appended is counted from the file's end.
fn stated(packet: &[u8], len: u64) -> Option<Range<u64>> {
    let said = read(packet)?;
    let film = said.items.iter().position(|item| {
        item.semantic == "MotionPhoto" || item.mime.starts_with("video/") && item.len > 0
    });
    let by_items = film.and_then(|film| {
        let behind = |from: usize| {
            let mut lens = said.items[from..].iter();
            lens.try_fold(0_u64, |sum, item| sum.checked_add(item.len)?.checked_add(item.padding))
        };
        // A padding stands between the picture and the film; the film's own is part of its length.
        let own = said.items[film].padding;
        Some(
            len.checked_sub(behind(film)?.checked_sub(own)?)?
                ..len.checked_sub(behind(film + 1)?)?,
        )
    });
    by_items.or_else(|| Some(len.checked_sub(said.offset.filter(|o| *o > 0)?)?..len))
}

#[derive(Default)]
struct Item {
    mime: String,
    semantic: String,
    len: u64,
    padding: u64,
}

#[derive(Default)]
struct Stated {
    items: Vec<Item>,
    /// How far before the file's end the film begins, as the first such phones said it.
    offset: Option<u64>,
}

/// Reads the directory of what is appended.
fn read(packet: &[u8]) -> Option<Stated> {
    let text = std::str::from_utf8(packet).ok()?;
    let text = text.trim_matches(|c: char| c == '\0' || c == '\u{FEFF}' || c.is_whitespace());
    let mut reader = NsReader::from_str(text);
    let mut said = Stated::default();
    let mut path: Vec<Option<Name>> = Vec::new();
    let mut value = String::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => {
                path.push(open(&reader, &element, &mut said)?);
                value.clear();
                if path.len() > MAX_DEPTH {
                    return None;
                }
            }
            Event::Empty(element) => drop(open(&reader, &element, &mut said)?),
            Event::End(_) => {
                if let Some(name) = path.pop()? {
                    said.set(name, value.trim());
                }
                value.clear();
            }
            Event::Text(text) if value.len() < 256 => value.push_str(&text.xml10_content()),
            Event::Eof => return Some(said),
            _ => {}
        }
    }
}

/// Takes what stands in the attributes; returns the element's own name, if it is one of ours.
fn open(
    reader: &NsReader<&[u8]>,
    element: &BytesStart<'_>,
    said: &mut Stated,
) -> Option<Option<Name>> {
    let (namespace, local) = reader.resolver().resolve_element(element.name());
    if local.as_ref() as &str == "li" {
        if said.items.len() >= MAX_ITEMS {
            return None;
        }
        said.items.push(Item::default());
    }
    let own = name(&namespace, local);
    for attribute in element.attributes() {
        let attribute = attribute.ok()?;
        let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
        if let Some(name) = name(&namespace, local)
            && let Ok(value) = attribute.normalized_value(XmlVersion::Implicit1_0)
        {
            said.set(name, &value);
        }
    }
    Some(own)
}

#[derive(Clone, Copy)]
enum Name {
    Mime,
    Semantic,
    Length,
    Padding,
    Offset,
}

fn name(namespace: &ResolveResult<'_>, local: LocalName<'_>) -> Option<Name> {
    let ResolveResult::Bound(bound) = namespace else { return None };
    match (AsRef::<str>::as_ref(bound), local.as_ref() as &str) {
        ("http://ns.google.com/photos/1.0/container/item/", local) => match local {
            "Mime" => Some(Name::Mime),
            "Semantic" => Some(Name::Semantic),
            "Length" => Some(Name::Length),
            "Padding" => Some(Name::Padding),
            _ => None,
        },
        ("http://ns.google.com/photos/1.0/camera/", "MicroVideoOffset") => Some(Name::Offset),
        _ => None,
    }
}

impl Stated {
    fn set(&mut self, name: Name, value: &str) {
        let number = value.parse().ok();
        if let Name::Offset = name {
            self.offset = number;
        }
        let Some(item) = self.items.last_mut() else { return };
        match name {
            Name::Mime => value.clone_into(&mut item.mime),
            Name::Semantic => value.clone_into(&mut item.semantic),
            Name::Length => item.len = number.unwrap_or(0),
            Name::Padding => item.padding = number.unwrap_or(0),
            Name::Offset => {}
        }
    }
}

/// Samsung's directory at the file's end: `SEFH`, its entries, how long it is, `SEFT`.
fn in_trailer(file: Window<'_>) -> Option<Range<u64>> {
    const MOTION_PHOTO: u16 = 0x0A30;
    let end = file.len().checked_sub(8)?;
    let [a, b, c, d, seft @ ..] = file.array::<8>(end)?;
    if seft != *b"SEFT" {
        return None;
    }
    let directory = end.checked_sub(u32::from_le_bytes([a, b, c, d]).into())?;
    let le32 = |at: u64| file.array(at).map(u32::from_le_bytes);
    if file.array(directory)? != *b"SEFH" {
        return None;
    }
    for n in 0..u64::from(le32(directory + 8)?.min(64)) {
        let entry = directory + 12 + 12 * n;
        if u16::from_le_bytes(file.array(entry + 2)?) != MOTION_PHOTO {
            continue;
        }
        // counted backwards from the directory: the entry's head and name, then what it holds
        let start = directory.checked_sub(le32(entry + 4)?.into())?;
        let stop = start.checked_add(le32(entry + 8)?.into())?;
        let content = start + 8 + u64::from(le32(start + 4)?.min(256));
        // in HEIC, and later in JPEG as well: where in the file it lies
        if file.array(content) == Some(*b"mpv2") {
            let place = u64::from(file.be32(content + 4)?);
            return Some(place..place + u64::from(file.be32(content + 8)?));
        }
        return (content < stop).then_some(content..stop);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::*;

    fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes(), kind.as_slice(), body].concat()
    }

    fn film() -> Vec<u8> {
        [boxed(b"ftyp", b"mp42\0\0\0\0"), boxed(b"mdat", &[7; 100]), boxed(b"moov", &[0; 40])]
            .concat()
    }

    fn packet(inside: &str) -> Vec<u8> {
        format!(
            "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF \
             xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description \
             xmlns:C='http://ns.google.com/photos/1.0/container/' \
             xmlns:I='http://ns.google.com/photos/1.0/container/item/' \
             xmlns:G='http://ns.google.com/photos/1.0/camera/' {inside}</rdf:RDF></x:xmpmeta>"
        )
        .into_bytes()
    }

    fn found(bytes: &[u8], packet: Option<&[u8]>, make: &str) -> Option<Vec<u8>> {
        let source = Source::memory(bytes);
        let span = in_jpeg(source.all(), packet, Some(make))?;
        let start = usize::try_from(span.start).unwrap();
        Some(bytes[start..start + usize::try_from(span.len).unwrap()].to_vec())
    }

    #[test]
    fn a_film_is_found_however_the_packet_writes_it_down() {
        let len = film().len();
        let still = [0xFF; 500];
        let appended = [still.as_slice(), &film()].concat();
        let attributes = format!(
            "><C:Directory><rdf:Seq>\
             <rdf:li rdf:parseType='Resource'><C:Item I:Mime='image/jpeg' I:Semantic='Primary' I:Length='0'/></rdf:li>\
             <rdf:li rdf:parseType='Resource'><C:Item I:Mime='video/mp4' I:Semantic='MotionPhoto' I:Length='{len}' I:Padding='0'/></rdf:li>\
             </rdf:Seq></C:Directory></rdf:Description>"
        );
        let elements = format!(
            "><C:Directory><rdf:Seq><rdf:li><rdf:Description><I:Semantic>Primary</I:Semantic></rdf:Description></rdf:li>\
             <rdf:li><rdf:Description><I:Mime>video/mp4</I:Mime><I:Length>{len}</I:Length></rdf:Description></rdf:li>\
             </rdf:Seq></C:Directory></rdf:Description>"
        );
        let first = format!("G:MicroVideo='1' G:MicroVideoOffset='{len}'/>");
        for said in [attributes, elements, first] {
            assert_eq!(found(&appended, Some(&packet(&said)), "Google"), Some(film()), "{said}");
        }
        // an Ultra HDR photo holds its gain map between the picture and the film, or behind it
        let behind = format!(
            "><C:Directory><rdf:Seq><rdf:li I:Semantic='Primary'/>\
             <rdf:li I:Semantic='MotionPhoto' I:Length='{len}'/>\
             <rdf:li I:Semantic='GainMap' I:Length='30'/></rdf:Seq></C:Directory></rdf:Description>"
        );
        let more = [appended.as_slice(), &[0xFF; 30]].concat();
        assert_eq!(found(&more, Some(&packet(&behind)), "Google"), Some(film()));
    }

    /// Samsung's end of a file: the film within its entry, or beside it.
    fn samsung(beside: bool) -> Vec<u8> {
        let still = vec![0xFF; 300];
        let name = b"MotionPhoto_Data";
        let mut entry = [[0, 0, 0x30, 0x0A], (name.len() as u32).to_le_bytes()].concat();
        entry.extend(name);
        let mut file = still;
        if beside {
            entry.extend(b"mpv2");
            entry.extend((file.len() as u32).to_be_bytes());
            entry.extend((film().len() as u32).to_be_bytes());
            file.extend(film());
        } else {
            entry.extend(film());
        }
        let mut directory = [b"SEFH".as_slice(), &[107, 0, 0, 0, 1, 0, 0, 0]].concat();
        directory.extend([0, 0, 0x30, 0x0A]);
        directory.extend((entry.len() as u32).to_le_bytes());
        directory.extend((entry.len() as u32).to_le_bytes());
        let len = (directory.len() as u32).to_le_bytes();
        [file.as_slice(), &entry, &directory, &len, b"SEFT"].concat()
    }

    #[test]
    fn samsungs_trailer_is_followed_and_no_other_maker_is_asked_for_one() {
        for beside in [false, true] {
            assert_eq!(found(&samsung(beside), None, "samsung"), Some(film()), "{beside}");
        }
        assert_eq!(found(&samsung(false), None, "Google"), None);
    }

    #[test]
    fn a_box_of_a_heif_holds_the_film() {
        let bytes = [boxed(b"ftyp", b"heic\0\0\0\0"), boxed(b"mpvd", &film())].concat();
        let source = Source::memory(&bytes);
        let span = in_heif(source.all()).unwrap();
        assert_eq!((span.start, span.len), (24, film().len() as u64));
    }

    #[test]
    fn numbers_that_lie_lead_to_no_film() {
        let appended = [[0xFF; 500].as_slice(), &film()].concat();
        for offset in ["0", "1", "-5", "99999999999999999999", "700", "18446744073709551615"] {
            let said = packet(&format!("G:MicroVideoOffset='{offset}'/>"));
            assert_eq!(found(&appended, Some(&said), ""), None, "{offset}");
        }
        let said = packet(
            "><C:D><rdf:Seq><rdf:li I:Semantic='MotionPhoto' I:Length='18446744073709551615'/>\
             <rdf:li I:Length='5' I:Padding='18446744073709551615'/></rdf:Seq></C:D></rdf:Description>",
        );
        assert_eq!(found(&appended, Some(&said), ""), None);
        // every cut and every byte of a trailer
        let whole = samsung(true);
        for at in 0..whole.len() {
            let _ = found(&whole[..at], None, "samsung");
            let mut bytes = whole.clone();
            bytes[at] = 0xFF;
            let _ = found(&bytes, None, "samsung");
        }
        // no movie in it: nothing to play
        let said = packet("G:MicroVideoOffset='132'/>");
        let half = [[0xFF; 500].as_slice(), &film()[..124], &[0; 8]].concat();
        assert_eq!(found(&half, Some(&said), ""), None);
    }
}
