//! XMP: sidecars and packets inside files. `write` puts fields into a sidecar.
//!
//! Only the simple properties and lists of the top level are taken, from Adobe's, darktable's and
//! digiKam's own names alike; histories and develop settings are passed over. No entity is ever expanded, so a sidecar that defines some reads as if it had
//! none. A packet that is not well-formed says nothing at all: half a list of keywords is worse.

mod write;

use std::collections::BTreeMap;
use std::path::Path;

pub use write::{Said, merge, put};

use jiff::Timestamp;
use quick_xml::NsReader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{LocalName, ResolveResult};

use serde::{Deserialize, Serialize};

use super::dates;
use super::source::Source;
use super::{Gps, IptcFields};
use crate::media::{CaptureTime, TimeSource};

/// What an XMP packet says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Xmp {
    /// 0 to 5; -1 is Bridge's and Lightroom's "rejected".
    pub rating: Option<i8>,
    pub label: Option<String>,
    /// Picked, or rejected, where a program says so apart from the stars.
    pub pick: Option<bool>,
    /// Flat keywords and the last level of hierarchical ones, each once.
    pub keywords: Vec<String>,
    /// Hierarchical keywords, their levels joined by `|`.
    pub paths: Vec<String>,
    /// When a program last changed what is said here.
    pub modified: Option<Timestamp>,
    pub title: Option<String>,
    pub caption: Option<String>,
    pub artist: Option<String>,
    pub copyright: Option<String>,
    pub gps: Option<Gps>,
    pub taken: Option<CaptureTime>,
    pub orientation: Option<u8>,
    pub make: Option<String>,
    pub model: Option<String>,
    pub lens: Option<String>,
    pub serial: Option<String>,
    pub iso: Option<u32>,
    pub aperture: Option<f64>,
    pub shutter: Option<String>,
    pub focal_length: Option<f64>,
    /// Credit, terms, contact, places. What has a field above is not repeated here.
    pub iptc: IptcFields,
}

/// Sidecars with masks and brush strokes reach a few megabytes.
const MAX_BYTES: usize = 16 << 20;
const MAX_DEPTH: usize = 64;
const MAX_VALUES: usize = 5_000;
const MAX_TEXT: usize = 32 * 1024;

/// Reads a sidecar; `None` when it is no XMP or too large to be one.
#[must_use]
pub fn read(path: &Path) -> Option<Xmp> {
    let source = Source::open(path, MAX_BYTES as u64).ok()?;
    parse(&source.all().small(MAX_BYTES)?)
}

/// Reads a packet; `None` when it is not well-formed XMP.
#[must_use]
pub fn parse(packet: &[u8]) -> Option<Xmp> {
    if packet.len() > MAX_BYTES {
        return None;
    }
    properties(&decoded(packet)).map(|properties| interpret(&properties))
}

/// Returns the packet as text: UTF-8, or UTF-16 by its byte order mark.
fn decoded(packet: &[u8]) -> String {
    let wide = |rest: &[u8], number: fn([u8; 2]) -> u16| {
        let units = rest.chunks_exact(2).map(|b| number([b[0], b[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect()
    };
    let text: String = match packet {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(packet).into_owned(),
    };
    text.trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned()
}

/// Values by property ("dc:subject"); of texts in several languages the default stands first.
type Properties = BTreeMap<String, Vec<String>>;

/// The namespaces that hold what a photographer looks for; prefixes in files may differ.
const NAMESPACES: &[(&str, &str)] = &[
    ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf"),
    ("http://ns.adobe.com/xap/1.0/", "xmp"),
    ("http://purl.org/dc/elements/1.1/", "dc"),
    ("http://ns.adobe.com/lightroom/1.0/", "lr"),
    ("http://ns.adobe.com/exif/1.0/", "exif"),
    ("http://ns.adobe.com/exif/1.0/aux/", "aux"),
    ("http://cipa.jp/exif/1.0/", "exifEX"),
    ("http://ns.adobe.com/tiff/1.0/", "tiff"),
    ("http://ns.adobe.com/photoshop/1.0/", "photoshop"),
    ("http://ns.adobe.com/xap/1.0/rights/", "xmpRights"),
    ("http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/", "Iptc4xmpCore"),
    ("http://www.digikam.org/ns/1.0/", "digiKam"),
    ("http://darktable.sf.net/", "darktable"),
];

/// Returns "dc:subject" for a name in a known namespace, "" for any other.
fn key(namespace: &ResolveResult<'_>, local: LocalName<'_>) -> String {
    let ResolveResult::Bound(bound) = namespace else { return String::new() };
    let known = NAMESPACES.iter().find(|(uri, _)| *uri == AsRef::<str>::as_ref(bound));
    known.map_or(String::new(), |(_, prefix)| format!("{prefix}:{}", local.as_ref() as &str))
}

fn properties(text: &str) -> Option<Properties> {
    let mut reader = NsReader::from_str(text);
    let mut walk = Walk::default();
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => walk.open(&reader, &element)?,
            Event::Empty(element) => {
                walk.open(&reader, &element)?;
                walk.close();
            }
            Event::End(_) => walk.close(),
            Event::Text(text) => walk.text(&text.xml10_content()),
            Event::CData(text) => walk.text(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let named = match reference.as_ref() as &str {
                    "amp" => Some('&'),
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "quot" => Some('"'),
                    "apos" => Some('\''),
                    _ => reference.resolve_char_ref().ok().flatten(),
                };
                walk.text(named.map(String::from).unwrap_or_default().as_str());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    (walk.is_rdf && walk.path.is_empty()).then_some(walk.found)
}

const CONTACT: &str = "Iptc4xmpCore:CreatorContactInfo";

/// Where the reader stands, and what it found.
#[derive(Default)]
struct Walk {
    path: Vec<String>,
    text: String,
    is_default_language: bool,
    is_rdf: bool,
    found: Properties,
    values: usize,
}

impl Walk {
    fn open(&mut self, reader: &NsReader<&[u8]>, element: &BytesStart<'_>) -> Option<()> {
        if self.path.len() >= MAX_DEPTH {
            return None;
        }
        let (namespace, local) = reader.resolver().resolve_element(element.name());
        self.path.push(key(&namespace, local));
        self.text.clear();
        self.is_default_language = false;
        let is_description = self.path.ends_with(&["rdf:RDF".into(), "rdf:Description".into()]);
        self.is_rdf |= self.path.last().is_some_and(|name| name == "rdf:RDF");
        for attribute in element.attributes() {
            let attribute = attribute.ok()?;
            let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let Ok(value) = value else { continue };
            if is_description {
                self.keep(key(&namespace, local), &value, false);
            } else if (attribute.key.as_ref() as &str) == "xml:lang" {
                self.is_default_language = value == "x-default";
            }
        }
        Some(())
    }

    fn text(&mut self, text: &str) {
        if self.text.len() + text.len() <= MAX_TEXT {
            self.text.push_str(text);
        }
    }

    fn close(&mut self) {
        let text = std::mem::take(&mut self.text);
        let depth = self.path.windows(2).position(|w| w == ["rdf:RDF", "rdf:Description"]);
        if let Some(depth) = depth {
            match &self.path[depth + 2..] {
                [property] => self.keep(property.clone(), &text, false),
                [property, list, item]
                    if item == "rdf:li"
                        && matches!(list.as_str(), "rdf:Bag" | "rdf:Seq" | "rdf:Alt") =>
                {
                    self.keep(property.clone(), &text, self.is_default_language);
                }
                // The contact's parts, with or without a description around them.
                [contact, part] if contact == CONTACT => self.keep(part.clone(), &text, false),
                [contact, description, part]
                    if contact == CONTACT && description == "rdf:Description" =>
                {
                    self.keep(part.clone(), &text, false);
                }
                _ => {}
            }
        }
        self.path.pop();
    }

    fn keep(&mut self, property: String, value: &str, is_first: bool) {
        // Descriptions have lines; everything else is one.
        let value = match property.as_str() {
            "dc:description" => lines(value),
            _ => super::tiff::clean(value.replace(['\r', '\n', '\t'], " ").as_bytes()),
        };
        let Some(value) = value.filter(|_| !property.is_empty() && self.values < MAX_VALUES) else {
            return;
        };
        self.values += 1;
        let values = self.found.entry(property).or_default();
        values.insert(if is_first { 0 } else { values.len() }, value);
    }
}

/// A text of several lines, whichever way they end, without other control characters.
pub(super) fn lines(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text: String =
        text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Hierarchical keywords of every program, their levels joined by `|`, each once.
fn paths(properties: &Properties) -> Vec<String> {
    let lists = [("lr:hierarchicalSubject", '|'), ("digiKam:TagsList", '/')];
    let mut found: Vec<String> = Vec::new();
    for (name, separator) in lists {
        for path in properties.get(name).map(Vec::as_slice).unwrap_or_default() {
            let levels = path.split(separator).map(str::trim).filter(|level| !level.is_empty());
            let path = levels.collect::<Vec<_>>().join("|");
            if path.contains('|') && !found.contains(&path) {
                found.push(path);
            }
        }
    }
    found
}

/// A colour by its number in darktable's or digiKam's list.
fn colour(properties: &Properties) -> Option<String> {
    const DARKTABLE: [&str; 5] = ["Red", "Yellow", "Green", "Blue", "Purple"];
    const DIGIKAM: [&str; 10] =
        ["", "Red", "Orange", "Yellow", "Green", "Blue", "Magenta", "Gray", "Black", "White"];
    let number = |name: &str| properties.get(name)?.first()?.parse::<usize>().ok();
    let named = number("darktable:colorlabels").and_then(|n| DARKTABLE.get(n));
    let named = named.or_else(|| DIGIKAM.get(number("digiKam:ColorLabel")?));
    named.filter(|name| !name.is_empty()).map(|name| (*name).to_owned())
}

fn interpret(properties: &Properties) -> Xmp {
    let all = |name: &str| properties.get(name).map(Vec::as_slice).unwrap_or_default();
    let first = |names: &[&str]| names.iter().find_map(|name| all(name).first().cloned());
    let moment = |names: &[&str]| {
        names.iter().flat_map(|name| all(name)).find_map(|text| dates::parse(text))
    };
    let mut keywords: Vec<String> = Vec::new();
    let paths = paths(properties);
    // A list of paths may hold words without a level above them.
    let single = all("lr:hierarchicalSubject").iter().chain(all("digiKam:TagsList"));
    let single = single.map(String::as_str).filter(|word| !word.contains(['|', '/']));
    let leaves = paths.iter().filter_map(|path| path.rsplit('|').next()).chain(single);
    for word in all("dc:subject").iter().map(String::as_str).chain(leaves) {
        if !word.is_empty() && !keywords.iter().any(|known| known == word) {
            keywords.push(word.to_owned());
        }
    }
    let taken = [
        "exif:DateTimeOriginal",
        "photoshop:DateCreated",
        "exif:DateTimeDigitized",
        "xmp:CreateDate",
    ];
    let fraction = |names: &[&str]| {
        let text = first(names)?;
        let (above, below) = text.split_once('/').unwrap_or((text.as_str(), "1"));
        Some((above.trim().parse::<u32>().ok()?, below.trim().parse::<u32>().ok()?))
    };
    let real = |(above, below): (u32, u32)| {
        let value = f64::from(above) / f64::from(below);
        (above > 0 && below > 0).then(|| (value * 100.0).round() / 100.0)
    };
    let orientation = first(&["tiff:Orientation"]).and_then(|text| text.parse().ok());
    Xmp {
        rating: first(&["xmp:Rating"]).and_then(|text| rating(&text)),
        label: first(&["xmp:Label"]).or_else(|| colour(properties)),
        pick: match first(&["digiKam:PickLabel"]).as_deref() {
            Some("1") => Some(false),
            Some("3") => Some(true),
            _ => None,
        },
        keywords,
        modified: first(&["xmp:MetadataDate", "xmp:ModifyDate"]).and_then(|text| {
            let moment = dates::parse(&text)?;
            let offset =
                jiff::tz::Offset::from_seconds(i32::from(moment.offset_min.unwrap_or(0)) * 60);
            offset.ok()?.to_timestamp(moment.local).ok()
        }),
        paths,
        title: first(&["dc:title"]),
        caption: first(&["dc:description"]),
        artist: first(&["dc:creator", "tiff:Artist"]),
        copyright: first(&["dc:rights", "tiff:Copyright"]),
        gps: first(&["exif:GPSLatitude"])
            .zip(first(&["exif:GPSLongitude"]))
            .and_then(|(lat, lon)| Gps::new(degrees(&lat, 'N', 'S')?, degrees(&lon, 'E', 'W')?)),
        taken: moment(&taken).map(|moment| moment.from(TimeSource::Xmp)),
        orientation: orientation.filter(|o| (1..=8).contains(o)),
        make: first(&["tiff:Make"]),
        model: first(&["tiff:Model"]),
        lens: first(&["exifEX:LensModel", "aux:Lens"]),
        serial: first(&["exifEX:BodySerialNumber", "exifEX:SerialNumber", "aux:SerialNumber"]),
        iso: first(&["exif:ISOSpeedRatings", "exifEX:PhotographicSensitivity"])
            .and_then(|text| text.parse().ok())
            .filter(|iso| (1..100_000_000).contains(iso)),
        aperture: fraction(&["exif:FNumber"]).and_then(real),
        shutter: fraction(&["exif:ExposureTime"]).and_then(super::exif::shutter),
        focal_length: fraction(&["exif:FocalLength"]).and_then(real),
        iptc: IptcFields {
            usage_terms: first(&["xmpRights:UsageTerms"]),
            credit: first(&["photoshop:Credit"]),
            source: first(&["photoshop:Source"]),
            contact_email: first(&["Iptc4xmpCore:CiEmailWork"]),
            contact_url: first(&["Iptc4xmpCore:CiUrlWork"]),
            headline: first(&["photoshop:Headline"]),
            city: first(&["photoshop:City"]),
            country: first(&["photoshop:Country"]),
            ..IptcFields::default()
        },
    }
}

/// Some programs write "3.0"; nothing outside -1 to 5 is a rating.
fn rating(text: &str) -> Option<i8> {
    let stars: f64 = text.trim().parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "checked to be small")]
    (-1.0..=5.0).contains(&stars).then(|| stars.round() as i8)
}

/// Reads "37,52.2656N" and "37,52,15.9N".
fn degrees(text: &str, positive: char, negative: char) -> Option<f64> {
    let (digits, sign) = match text.strip_suffix(positive) {
        Some(digits) => (digits, 1.0),
        None => (text.strip_suffix(negative)?, -1.0),
    };
    let parts: Vec<f64> = digits.split(',').map(str::parse).collect::<Result<_, _>>().ok()?;
    let value = match *parts {
        [degrees, minutes] => degrees + minutes / 60.0,
        [degrees, minutes, seconds] => degrees + minutes / 60.0 + seconds / 3600.0,
        _ => return None,
    };
    Some(sign * value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(inside: &str) -> String {
        format!(
            "<?xpacket begin='\u{FEFF}' id='W5M0MpCehiHzreSzNTczkc9d'?>\
             <x:xmpmeta xmlns:x='adobe:ns:meta/'>\
             <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
             <rdf:Description rdf:about='' xmlns:xap='http://ns.adobe.com/xap/1.0/' \
              xmlns:dc='http://purl.org/dc/elements/1.1/' \
              xmlns:lr='http://ns.adobe.com/lightroom/1.0/' \
              xmlns:exif='http://ns.adobe.com/exif/1.0/' \
              xmlns:xmpMM='http://ns.adobe.com/xap/1.0/mm/' \
              xap:Rating='4' xap:Label='Red &amp; green'>{inside}</rdf:Description>\
             </rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
        )
    }

    #[test]
    fn attributes_and_elements_say_the_same_whatever_the_prefix() {
        let xmp = parse(
            packet("<exif:DateTimeOriginal>2015-06-12T10:29:26.5+02:00</exif:DateTimeOriginal>")
                .as_bytes(),
        );
        let xmp = xmp.unwrap();
        assert_eq!(xmp.rating, Some(4));
        assert_eq!(xmp.label.as_deref(), Some("Red & green"));
        let taken = xmp.taken.unwrap();
        assert_eq!((taken.offset_min, taken.source), (Some(120), TimeSource::Xmp));
    }

    #[test]
    fn keywords_are_flat_each_once() {
        let xmp = parse(
            packet(
                "<dc:subject><rdf:Bag><rdf:li>Bride</rdf:li><rdf:li>Tom &#38; Ann</rdf:li></rdf:Bag></dc:subject>\
                 <lr:hierarchicalSubject><rdf:Bag><rdf:li>People|Bride</rdf:li><rdf:li>Places|Rome</rdf:li></rdf:Bag>\
                 </lr:hierarchicalSubject>",
            )
            .as_bytes(),
        );
        assert_eq!(xmp.unwrap().keywords, ["Bride", "Tom & Ann", "Rome"]);
    }

    #[test]
    fn a_caption_keeps_its_lines_however_they_end() {
        let said = |caption: &str| parse(packet(caption).as_bytes()).unwrap().caption.unwrap();
        assert_eq!(
            said(
                "<dc:description><rdf:Alt><rdf:li xml:lang='x-default'>First&#13;&#10;second\n\tthird\n</rdf:li></rdf:Alt></dc:description>"
            ),
            "First\nsecond\n\tthird"
        );
        let attribute = packet("").replace("xap:Rating", "dc:description='a&#xA;b' xap:Rating");
        assert_eq!(parse(attribute.as_bytes()).unwrap().caption.as_deref(), Some("a\nb"));
        let title = parse(packet("<dc:title>a\nb</dc:title>").as_bytes()).unwrap().title;
        assert_eq!(title.as_deref(), Some("a b"), "a title is one line");
    }

    #[test]
    fn digikams_and_darktables_own_names_are_understood() {
        let text = "<x:xmpmeta xmlns:x='adobe:ns:meta/'>\
            <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
            <rdf:Description rdf:about='' xmlns:digiKam='http://www.digikam.org/ns/1.0/' \
              xmlns:darktable='http://darktable.sf.net/' xmlns:xmp='http://ns.adobe.com/xap/1.0/' \
              xmp:MetadataDate='2024-06-18T10:15:02+02:00' digiKam:PickLabel='1'>\
            <digiKam:TagsList><rdf:Seq><rdf:li>People/Ann</rdf:li><rdf:li>Cake</rdf:li></rdf:Seq>\
            </digiKam:TagsList>\
            <darktable:colorlabels><rdf:Seq><rdf:li>3</rdf:li></rdf:Seq></darktable:colorlabels>\
            </rdf:Description></rdf:RDF></x:xmpmeta>";
        let xmp = parse(text.as_bytes()).unwrap();
        assert_eq!((xmp.label.as_deref(), xmp.pick), (Some("Blue"), Some(false)));
        assert_eq!(xmp.paths, ["People|Ann"]);
        assert_eq!(xmp.keywords, ["Ann", "Cake"]);
        assert_eq!(xmp.modified.unwrap().to_string(), "2024-06-18T08:15:02Z");
    }

    #[test]
    fn the_default_language_wins() {
        let xmp = parse(
            packet(
                "<dc:title><rdf:Alt><rdf:li xml:lang='de'>Hochzeit</rdf:li>\
                 <rdf:li xml:lang='x-default'>Wedding</rdf:li></rdf:Alt></dc:title>",
            )
            .as_bytes(),
        );
        assert_eq!(xmp.unwrap().title.as_deref(), Some("Wedding"));
    }

    #[test]
    fn what_lies_deeper_is_another_things_property() {
        let xmp = parse(
            packet("<xmpMM:History><rdf:Seq><rdf:li><rdf:Description xap:Rating='1'/></rdf:li></rdf:Seq></xmpMM:History>")
                .as_bytes(),
        );
        assert_eq!(xmp.unwrap().rating, Some(4));
    }

    #[test]
    fn places_are_signed_by_their_letter() {
        assert_eq!(degrees("37,52.2656N", 'N', 'S').map(|d| (d * 1e6).round()), Some(37_871_093.0));
        assert_eq!(
            degrees("122,15,24.4W", 'E', 'W').map(|d| (d * 1e4).round()),
            Some(-1_222_568.0)
        );
        assert_eq!(degrees("37.5", 'N', 'S'), None);
    }

    #[test]
    fn entities_are_never_expanded() {
        let bomb = format!(
            "<!DOCTYPE x [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;\">]>{}",
            packet("<dc:description>x&b;y</dc:description><dc:rights>&a;</dc:rights>")
                .split_once("?>")
                .unwrap()
                .1
        );
        let xmp = parse(bomb.as_bytes()).unwrap();
        assert_eq!(xmp.caption.as_deref(), Some("xy"));
        assert_eq!(xmp.copyright, None);
    }

    #[test]
    fn utf_16_is_read() {
        let text = packet("<dc:description>Gr\u{fc}\u{df}e</dc:description>");
        let wide: Vec<u8> =
            [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(parse(&wide).unwrap().caption.as_deref(), Some("Grüße"));
    }

    #[test]
    fn what_is_not_well_formed_or_not_xmp_says_nothing() {
        let whole = packet("<dc:title>x</dc:title>");
        assert!(parse(&whole.as_bytes()[..whole.len() / 2]).is_none(), "cut in the middle");
        assert!(parse(b"<html><body>no</body></html>").is_none());
        assert!(parse(b"").is_none());
        assert!(parse(&"<a>".repeat(100_000).into_bytes()).is_none(), "too deep");
    }
}
