//! Writing XMP by merging: our properties take the place of theirs, all else stays as it is.
//!
//! The packet is copied through verbatim, byte for byte, but for the properties that are set here:
//! those are cut out wherever they stand, and stand together in one `rdf:Description` of their own
//! at the front. So histories, develop settings and what programs of tomorrow write survive. A
//! packet that is not well-formed, declares entities or is not Unicode is not touched at all.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use quick_xml::NsReader;
use quick_xml::XmlVersion;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};

use super::{MAX_BYTES, MAX_DEPTH, Xmp, decoded, key, parse};
use crate::media::CaptureTime;
use crate::metadata::{Gps, IptcFields};

const RDF: &str = "rdf:RDF";
const DESCRIPTION: &str = "rdf:Description";

const EMPTY: &str = "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
    <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
    <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"></rdf:RDF>\
    </x:xmpmeta>\n<?xpacket end=\"w\"?>\n";

const DECLARED: &str = "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
    xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
    xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" \
    xmlns:xmpRights=\"http://ns.adobe.com/xap/1.0/rights/\" \
    xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\" \
    xmlns:exif=\"http://ns.adobe.com/exif/1.0/\" \
    xmlns:lr=\"http://ns.adobe.com/lightroom/1.0/\" \
    xmlns:digiKam=\"http://www.digikam.org/ns/1.0/\" \
    xmlns:Iptc4xmpCore=\"http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/\"";

/// Puts fields into a packet, or into a new one; `at` becomes its `xmp:MetadataDate`.
///
/// Whose it is and how it may be used is set in any case; words, places, label and rating only
/// where the packet has none; keywords are added. `None` when `base` cannot be merged with.
#[must_use]
pub fn merge(base: Option<&[u8]>, fields: &IptcFields, at: Timestamp) -> Option<Vec<u8>> {
    let (text, before, there) = opened(base)?;
    let ours = properties(fields, &before, &there, at);
    let names = ours.keys().copied().collect();
    written(&text, &there, &ours, &names)
}

/// What the catalogue says of a photo, all of it: what is empty here is to be said nowhere.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    /// 0 to 5; -1 is rejected.
    pub rating: i8,
    pub label: Option<String>,
    pub keywords: Vec<String>,
    /// Hierarchical ones, their levels joined by `|`.
    pub paths: Vec<String>,
    pub title: Option<String>,
    pub caption: Option<String>,
    pub gps: Option<Gps>,
    /// Only a time that was corrected: what the camera wrote is in the photo.
    pub taken: Option<CaptureTime>,
    /// Whose it is and how it may be used; only what is there is set.
    pub iptc: IptcFields,
}

/// Makes a packet, or a new one, say what the catalogue says; `None` when it does already, or when
/// `base` cannot be merged with.
///
/// A property that says the same is left as it is written, with its other languages.
#[must_use]
pub fn put(base: Option<&[u8]>, said: &Said, at: Timestamp) -> Option<Vec<u8>> {
    let (text, before, there) = opened(base)?;
    let mut ours: BTreeMap<&'static str, String> = BTreeMap::new();
    let mut names: BTreeSet<&'static str> = BTreeSet::new();
    let mut set = |name: &'static str, form: Form, values: &[String]| {
        let values: Vec<String> =
            values.iter().map(|v| printable(v)).filter(|v| !v.is_empty()).collect();
        names.insert(name);
        if !values.is_empty() {
            ours.insert(name, form.write(name, &values));
        }
    };
    let one = |text: &Option<String>| text.clone().into_iter().collect::<Vec<_>>();
    if before.rating.unwrap_or(0) != said.rating {
        set("xmp:Rating", Form::Text, &[said.rating.to_string()]);
    }
    if before.label != said.label {
        set("xmp:Label", Form::Text, &one(&said.label));
    }
    if before.title != said.title {
        set("dc:title", Form::Alt, &one(&said.title));
    }
    if before.caption != said.caption {
        set("dc:description", Form::Alt, &one(&said.caption));
    }
    let other_words = sorted(&before.keywords) != sorted(&said.keywords);
    if other_words {
        set("dc:subject", Form::Bag, &said.keywords);
    }
    if other_words || sorted(&before.paths) != sorted(&said.paths) {
        // Lists of paths hold words without a level above them as well.
        let leaf =
            |word: &String| said.paths.iter().any(|path| path.ends_with(&format!("|{word}")));
        let alone = said.keywords.iter().filter(|word| !leaf(word) && !word.contains(['|', '/']));
        let all: Vec<String> = said.paths.iter().chain(alone).cloned().collect();
        if !said.paths.is_empty() || there.has("lr:hierarchicalSubject") {
            set("lr:hierarchicalSubject", Form::Bag, &all);
        }
        if there.has("digiKam:TagsList") {
            let all: Vec<String> = all.iter().map(|path| path.replace('|', "/")).collect();
            set("digiKam:TagsList", Form::Seq, &all);
        }
    }
    let near = |a: Gps, b: Gps| (a.lat - b.lat).abs() < 1e-6 && (a.lon - b.lon).abs() < 1e-6;
    if let Some(gps) = said.gps.filter(|gps| !before.gps.is_some_and(|there| near(there, *gps))) {
        set("exif:GPSLatitude", Form::Text, &[degrees(gps.lat, 'N', 'S')]);
        set("exif:GPSLongitude", Form::Text, &[degrees(gps.lon, 'E', 'W')]);
    }
    let same = |taken: &CaptureTime| {
        before.taken.is_some_and(|t| (t.local, t.offset_min) == (taken.local, taken.offset_min))
    };
    if let Some(taken) = said.taken.filter(|taken| !same(taken)) {
        let text = when(taken);
        set("exif:DateTimeOriginal", Form::Text, std::slice::from_ref(&text));
        set("photoshop:DateCreated", Form::Text, &[text]);
    }
    let facts = [
        ("dc:creator", Form::Seq, &before.artist, &said.iptc.creator),
        ("dc:rights", Form::Alt, &before.copyright, &said.iptc.copyright),
        ("xmpRights:UsageTerms", Form::Alt, &before.iptc.usage_terms, &said.iptc.usage_terms),
        ("photoshop:Credit", Form::Text, &before.iptc.credit, &said.iptc.credit),
        ("photoshop:Source", Form::Text, &before.iptc.source, &said.iptc.source),
        ("photoshop:Headline", Form::Text, &before.iptc.headline, &said.iptc.headline),
        ("photoshop:City", Form::Text, &before.iptc.city, &said.iptc.city),
        ("photoshop:Country", Form::Text, &before.iptc.country, &said.iptc.country),
    ];
    for (name, form, was, is) in facts {
        if is.is_some() && is != was {
            set(name, form, &one(is));
        }
    }
    let date = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    if names.is_empty() && base.is_some() {
        return None;
    }
    names.insert("xmp:MetadataDate");
    ours.insert("xmp:MetadataDate", Form::Text.write("xmp:MetadataDate", &[date]));
    written(&text, &there, &ours, &names)
}

fn sorted(words: &[String]) -> Vec<&String> {
    let mut words: Vec<&String> = words.iter().collect();
    words.sort();
    words
}

/// Degrees and minutes as XMP wants them: "48,51.504N".
fn degrees(value: f64, positive: char, negative: char) -> String {
    let side = if value < 0.0 { negative } else { positive };
    // in steps of the last digit written, so that no minute rounds up to sixty
    let steps = (value.abs() * 60.0 * 1e6).round();
    let whole = (steps / 60e6).floor();
    format!("{whole},{:.6}{side}", (steps - whole * 60e6) / 1e6)
}

fn when(taken: CaptureTime) -> String {
    let zone = taken.offset_min.map(|minutes| {
        let sign = if minutes < 0 { '-' } else { '+' };
        format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
    });
    format!("{}{}", taken.local, zone.unwrap_or_default())
}

/// The packet to begin from as text, and what it says.
fn opened(base: Option<&[u8]>) -> Option<(String, Xmp, There)> {
    let text = match base {
        None => EMPTY.to_owned(),
        Some(bytes) if bytes.len() > MAX_BYTES => return None,
        Some(bytes) => unicode(bytes)?,
    };
    let before = parse(text.as_bytes())?;
    let there = There::of(&text)?;
    Some((text, before, there))
}

/// The packet without the properties named, and with ours.
fn written(
    text: &str,
    there: &There,
    ours: &BTreeMap<&'static str, String>,
    names: &BTreeSet<&str>,
) -> Option<Vec<u8>> {
    let mut block = format!("<rdf:Description rdf:about=\"{}\" {DECLARED}>", escape(&there.about));
    for property in ours.values() {
        block.push_str("\n  ");
        block.push_str(property);
    }
    block.push_str("\n </rdf:Description>");
    let merged = rewrite(text, names, &block)?;
    // what does not read back is not written
    parse(merged.as_bytes())?;
    Some(merged.into_bytes())
}

/// The packet as text, if not a byte of it is lost by that.
fn unicode(bytes: &[u8]) -> Option<String> {
    let wide = matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
    if !wide && std::str::from_utf8(bytes).is_err() {
        return None;
    }
    let text = decoded(bytes);
    // it is written as UTF-8; a declaration of another encoding would be a lie
    let declared = text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    match declared {
        Some((_, rest)) if wide => Some(rest.trim_start().to_owned()),
        _ => Some(text),
    }
}

/// What a packet has at its top level.
#[derive(Default)]
struct There {
    names: BTreeSet<String>,
    /// What the packet is about, mostly nothing.
    about: String,
}

impl There {
    fn of(text: &str) -> Option<Self> {
        let mut there = Self::default();
        let mut first = true;
        walk(text, &mut |step| {
            match step {
                Step::Description { attributes, .. } => {
                    for (name, value) in attributes {
                        if first && name == "rdf:about" {
                            there.about = value;
                        } else {
                            there.names.insert(name);
                        }
                    }
                    first = false;
                }
                Step::Property { name, .. } => {
                    there.names.insert(name.to_owned());
                }
                Step::Rdf { .. } => {}
            }
            Some(())
        })?;
        Some(there)
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

/// The properties to be set, by name.
fn properties(
    fields: &IptcFields,
    before: &Xmp,
    there: &There,
    at: Timestamp,
) -> BTreeMap<&'static str, String> {
    let mut ours: BTreeMap<&'static str, String> = BTreeMap::new();
    let mut set = |name: &'static str, form: Form, value: &Option<String>| {
        if let Some(value) = value.as_deref().map(printable).filter(|value| !value.is_empty()) {
            ours.insert(name, form.write(name, &[value]));
        }
    };
    set("dc:creator", Form::Seq, &fields.creator);
    set("dc:rights", Form::Alt, &fields.copyright);
    set("xmpRights:UsageTerms", Form::Alt, &fields.usage_terms);
    set("photoshop:Credit", Form::Text, &fields.credit);
    set("photoshop:Source", Form::Text, &fields.source);
    if fields.copyright.is_some() {
        set("xmpRights:Marked", Form::Text, &Some("True".to_owned()));
    }
    let words = [
        ("dc:title", Form::Alt, &fields.title),
        ("dc:description", Form::Alt, &fields.caption),
        ("photoshop:Headline", Form::Text, &fields.headline),
        ("photoshop:City", Form::Text, &fields.city),
        ("photoshop:Country", Form::Text, &fields.country),
        ("xmp:Label", Form::Text, &fields.label),
    ];
    for (name, form, value) in words {
        if !there.has(name) {
            set(name, form, value);
        }
    }
    // cameras write 0 for "not rated"
    if matches!(before.rating, None | Some(0)) {
        set("xmp:Rating", Form::Text, &fields.rating.map(|stars| stars.to_string()));
    }
    set("xmp:MetadataDate", Form::Text, &Some(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()));
    let contact = "Iptc4xmpCore:CreatorContactInfo";
    if !there.has(contact) {
        let parts = [
            ("Iptc4xmpCore:CiEmailWork", &fields.contact_email),
            ("Iptc4xmpCore:CiUrlWork", &fields.contact_url),
        ];
        let part = |(name, value): (&str, &Option<String>)| {
            Some(Form::Text.write(name, &[printable(value.as_deref()?)]))
        };
        let inside: String = parts.into_iter().filter_map(part).collect();
        if !inside.is_empty() {
            let whole = format!("<{contact} rdf:parseType=\"Resource\">{inside}</{contact}>");
            ours.insert(contact, whole);
        }
    }
    let mut words = before.keywords.clone();
    for word in fields.keywords.iter().map(|word| printable(word)) {
        if !word.is_empty() && !words.contains(&word) {
            words.push(word);
        }
    }
    if words.len() > before.keywords.len() {
        ours.insert("dc:subject", Form::Bag.write("dc:subject", &words));
    }
    ours
}

/// XML has no place for other control characters, not even escaped.
fn printable(text: &str) -> String {
    let allowed = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let text: String = text.chars().filter(allowed).collect();
    text.trim().replace(['\u{FFFE}', '\u{FFFF}'], "")
}

/// How a property holds its values.
#[derive(Clone, Copy)]
enum Form {
    Text,
    Seq,
    Bag,
    /// One text in the default language.
    Alt,
}

impl Form {
    fn write(self, name: &str, values: &[String]) -> String {
        let items = |list: &str, language: &str| {
            let item = |value: &String| format!("<rdf:li{language}>{}</rdf:li>", escape(value));
            let items: String = values.iter().map(item).collect();
            format!("<{name}><rdf:{list}>{items}</rdf:{list}></{name}>")
        };
        match self {
            Self::Text => format!("<{name}>{}</{name}>", escape(values.concat())),
            Self::Seq => items("Seq", ""),
            Self::Bag => items("Bag", ""),
            Self::Alt => items("Alt", " xml:lang=\"x-default\""),
        }
    }
}

/// What is met on the way through a packet; ranges are bytes of its text.
enum Step<'s> {
    /// The tag that opens `rdf:RDF`, the first one.
    Rdf { end: usize, is_empty: bool, tag: &'s str },
    /// The tag of a description at the top level.
    Description {
        tag: &'s BytesStart<'s>,
        names: Vec<String>,
        attributes: Vec<(String, String)>,
        start: usize,
        end: usize,
        is_empty: bool,
    },
    /// A whole property at the top level.
    Property { name: &'s str, start: usize, end: usize },
}

/// Goes through a packet and tells what stands at its top level; `None` when `each` says so, or
/// when it is no packet that may be trusted.
fn walk(text: &str, each: &mut dyn FnMut(Step<'_>) -> Option<()>) -> Option<()> {
    let mut reader = NsReader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let mut rdf_met = false;
    // where the open property began
    let mut property: Option<usize> = None;
    loop {
        let start = usize::try_from(reader.buffer_position()).ok()?;
        let event = reader.read_event().ok()?;
        let end = usize::try_from(reader.buffer_position()).ok()?;
        let (element, is_empty) = match &event {
            Event::Start(element) => (Some(element), false),
            Event::Empty(element) => (Some(element), true),
            // whoever declares entities may mean something else by every word
            Event::DocType(_) => return None,
            Event::Eof => return Some(()),
            _ => (None, false),
        };
        if let Some(element) = element {
            if path.len() >= MAX_DEPTH {
                return None;
            }
            let (namespace, local) = reader.resolver().resolve_element(element.name());
            path.push(key(&namespace, local));
            let depth = path.iter().position(|name| name == RDF);
            let below: &[String] = depth.map_or(&[][..], |depth| &path[depth..]);
            match below {
                [_] if !rdf_met => {
                    rdf_met = true;
                    each(Step::Rdf { end, is_empty, tag: &text[start..end] })?;
                }
                [_, description] if description == DESCRIPTION => {
                    let (mut names, mut attributes) = (Vec::new(), Vec::new());
                    for attribute in element.attributes() {
                        let attribute = attribute.ok()?;
                        let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
                        let name = key(&namespace, local);
                        let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
                        attributes.push((name.clone(), value.into_owned()));
                        names.push(name);
                    }
                    each(Step::Description {
                        tag: element,
                        names,
                        attributes,
                        start,
                        end,
                        is_empty,
                    })?;
                }
                [_, description, name] if description == DESCRIPTION => {
                    if is_empty {
                        each(Step::Property { name, start, end })?;
                    } else {
                        property = Some(start);
                    }
                }
                _ => {}
            }
        }
        if is_empty || matches!(event, Event::End(_)) {
            let depth = path.iter().position(|name| name == RDF);
            if let Some(depth) = depth
                && !is_empty
                && let [_, description, name] = &path[depth..]
                && description == DESCRIPTION
                && let Some(start) = property.take()
            {
                each(Step::Property { name, start, end })?;
            }
            path.pop();
        }
    }
}

/// The packet without the properties named, and with `block` at the front.
fn rewrite(text: &str, names: &BTreeSet<&str>, block: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len() + block.len());
    let mut copied = 0;
    let mut placed = false;
    walk(text, &mut |step| {
        match step {
            Step::Rdf { end, is_empty: false, .. } => {
                out.push_str(&text[copied..end]);
                out.push_str(block);
                (copied, placed) = (end, true);
            }
            Step::Rdf { end, tag, .. } => {
                let start = end - tag.len();
                let name = tag[1..].split([' ', '\t', '\r', '\n', '/']).next()?;
                out.push_str(&text[copied..start]);
                out.push_str(tag.strip_suffix("/>")?);
                out.push_str(&format!(">{block}</{name}>"));
                (copied, placed) = (end, true);
            }
            Step::Description { tag, names: found, start, end, is_empty, .. } => {
                if found.iter().any(|name| names.contains(name.as_str())) {
                    out.push_str(&text[copied..start]);
                    out.push('<');
                    out.push_str(tag.name().as_ref());
                    for (attribute, name) in tag.attributes().zip(found) {
                        let attribute = attribute.ok()?;
                        if !names.contains(name.as_str()) {
                            let raw = &attribute.value;
                            let quote = if raw.contains('"') { '\'' } else { '"' };
                            let key: &str = attribute.key.as_ref();
                            out.push_str(&format!(" {key}={quote}{raw}{quote}"));
                        }
                    }
                    out.push_str(if is_empty { "/>" } else { ">" });
                    copied = end;
                }
            }
            Step::Property { name, start, end } => {
                if names.contains(name) {
                    out.push_str(&text[copied..start]);
                    copied = end;
                }
            }
        }
        Some(())
    })?;
    out.push_str(&text[copied..]);
    placed.then_some(out)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::super::read;
    use super::*;

    fn at() -> Timestamp {
        Timestamp::from_second(1_780_000_000).unwrap()
    }

    fn fields() -> IptcFields {
        let text = |text: &str| Some(text.to_owned());
        IptcFields {
            creator: text("Ada Müller"),
            copyright: text("© 2026 Ada Müller"),
            usage_terms: text("Ask <first> & \"politely\""),
            credit: text("Müller Pictures"),
            source: text("Ada Müller"),
            contact_email: text("ada@example.org"),
            contact_url: text("https://example.org/?a=1&b=2"),
            headline: text("A day"),
            title: text("Wedding"),
            caption: text("First line\nsecond line"),
            city: text("Köln"),
            country: text("Germany"),
            keywords: vec!["wedding".into(), "dance".into()],
            label: text("Green"),
            rating: Some(2),
        }
    }

    fn merged(base: Option<&str>, fields: &IptcFields) -> String {
        String::from_utf8(merge(base.map(str::as_bytes), fields, at()).unwrap()).unwrap()
    }

    /// Every property at the top level as the bytes it was written in, but for those that may change;
    /// attributes as `name=value`.
    fn foreign(text: &str) -> BTreeSet<String> {
        const OURS: &[&str] = &[
            "dc:creator",
            "dc:rights",
            "xmpRights:UsageTerms",
            "xmpRights:Marked",
            "photoshop:Credit",
            "photoshop:Source",
            "xmp:MetadataDate",
            "dc:subject",
            "Iptc4xmpCore:CreatorContactInfo",
            "dc:title",
            "dc:description",
            "photoshop:Headline",
            "photoshop:City",
            "photoshop:Country",
            "xmp:Label",
            "xmp:Rating",
            "rdf:about",
        ];
        let mut found = BTreeSet::new();
        walk(text, &mut |step| {
            match step {
                Step::Description { attributes, tag, .. } => {
                    for ((name, value), raw) in attributes.into_iter().zip(tag.attributes()) {
                        let raw = raw.unwrap();
                        let key: &str = raw.key.as_ref();
                        if !OURS.contains(&name.as_str()) && !key.starts_with("xmlns") {
                            found.insert(format!("{key}={value}"));
                        }
                    }
                }
                Step::Property { name, start, end } if !OURS.contains(&name) => {
                    found.insert(text[start..end].to_owned());
                }
                _ => {}
            }
            Some(())
        })
        .unwrap();
        found
    }

    #[test]
    fn a_new_packet_says_what_was_asked_for() {
        let text = merged(None, &fields());
        let xmp = parse(text.as_bytes()).unwrap();
        assert_eq!(xmp.artist.as_deref(), Some("Ada Müller"));
        assert_eq!(xmp.copyright.as_deref(), Some("© 2026 Ada Müller"));
        assert_eq!(xmp.title.as_deref(), Some("Wedding"));
        assert_eq!(xmp.keywords, ["wedding", "dance"]);
        assert_eq!((xmp.rating, xmp.label.as_deref()), (Some(2), Some("Green")));
        for part in [
            "<xmpRights:UsageTerms><rdf:Alt><rdf:li xml:lang=\"x-default\">Ask &lt;first&gt; &amp; &quot;politely&quot;</rdf:li>",
            "<xmpRights:Marked>True</xmpRights:Marked>",
            "<photoshop:Credit>Müller Pictures</photoshop:Credit>",
            ">First line\nsecond line</rdf:li>",
            "<photoshop:City>Köln</photoshop:City>",
            "<Iptc4xmpCore:CiEmailWork>ada@example.org</Iptc4xmpCore:CiEmailWork>",
            "<Iptc4xmpCore:CiUrlWork>https://example.org/?a=1&amp;b=2</Iptc4xmpCore:CiUrlWork>",
            "<xmp:MetadataDate>2026-05-28T20:26:40Z</xmp:MetadataDate>",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn every_foreign_node_of_a_real_sidecar_survives() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../tests/fixtures/card/squirrel.jpg.xmp");
        let base = fs::read_to_string(&path).unwrap();
        let before = read(&path).unwrap();
        let text = merged(Some(&base), &fields());
        let kept = foreign(&base);
        assert!(kept.len() > 50, "the fixture has much to lose: {}", kept.len());
        assert_eq!(foreign(&text), kept);
        let after = parse(text.as_bytes()).unwrap();
        assert_eq!(after.artist.as_deref(), Some("Ada Müller"));
        assert_eq!((after.taken, after.gps, after.lens), (before.taken, before.gps, before.lens));
        for word in before.keywords.iter().chain(&fields().keywords) {
            assert!(after.keywords.contains(word), "{word}");
        }
        let date = IptcFields::default();
        let only_date = merged(Some(&base), &date);
        let block = only_date.find("<rdf:Description").unwrap();
        let rest = block + only_date[block..].find("</rdf:Description>").unwrap() + 18;
        let without = format!("{}{}", &only_date[..block], &only_date[rest..]);
        let plain = |text: &str| {
            let lines = text.lines().filter(|line| !line.contains("MetadataDate"));
            lines.map(str::trim_end).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(plain(&without), plain(base.trim()), "not a byte more is changed");
    }

    const ATTRIBUTES: &str = "<x:xmpmeta xmlns:x='adobe:ns:meta/'>\
        <r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><!-- kept -->\
        <r:Description r:about='uuid:1' xmlns:xap='http://ns.adobe.com/xap/1.0/' \
          xmlns:d='http://purl.org/dc/elements/1.1/' xmlns:mine='urn:mine' \
          xmlns:crs='http://ns.adobe.com/camera-raw-settings/1.0/' \
          xap:Rating='4' xap:MetadataDate='2020-01-01' mine:say='a \"quoted\" &lt;word>' \
          crs:Exposure2012='+0.50'>\
          <d:rights>theirs</d:rights>\
          <d:title><r:Alt><r:li xml:lang='de'>Hochzeit</r:li></r:Alt></d:title>\
          <mine:tree><r:Seq><r:li><d:rights>not the picture's</d:rights></r:li></r:Seq></mine:tree>\
        </r:Description></r:RDF></x:xmpmeta>";

    #[test]
    fn attributes_and_other_prefixes_are_met_as_well() {
        let text = merged(Some(ATTRIBUTES), &fields());
        let xmp = parse(text.as_bytes()).unwrap();
        assert_eq!(xmp.copyright.as_deref(), Some("© 2026 Ada Müller"));
        assert!(!text.contains(">theirs<") && !text.contains("2020-01-01"), "{text}");
        assert_eq!(xmp.rating, Some(4), "their stars stay");
        assert!(text.contains("Hochzeit") && !text.contains("Wedding"), "their title stays");
        assert!(text.contains("<!-- kept -->") && text.contains("not the picture's"));
        assert!(text.contains("rdf:about=\"uuid:1\""), "it is about the same thing");
        assert_eq!(foreign(&text), foreign(ATTRIBUTES));
        assert_eq!(text.matches("MetadataDate").count(), 2, "once, opened and closed");
    }

    fn said() -> Said {
        Said {
            rating: 5,
            label: Some("Blue".into()),
            keywords: vec!["Ann".into(), "cake".into()],
            paths: vec!["People|Ann".into()],
            title: Some("Hochzeit".into()),
            caption: Some("First line\nsecond line".into()),
            gps: Gps::new(-33.855_698, 151.210_381),
            taken: Some(CaptureTime {
                local: jiff::civil::date(2024, 6, 18).at(10, 15, 2, 0),
                offset_min: Some(-210),
                source: crate::media::TimeSource::Exif,
            }),
            iptc: IptcFields { copyright: Some("© Ada".into()), ..IptcFields::default() },
        }
    }

    fn told(base: Option<&str>, said: &Said) -> String {
        String::from_utf8(put(base.map(str::as_bytes), said, at()).unwrap()).unwrap()
    }

    #[test]
    fn a_packet_says_what_the_catalogue_says_and_keeps_the_rest() {
        let text = told(Some(ATTRIBUTES), &said());
        let xmp = parse(text.as_bytes()).unwrap();
        assert_eq!((xmp.rating, xmp.label.as_deref()), (Some(5), Some("Blue")));
        assert_eq!(xmp.keywords, ["Ann", "cake"]);
        assert_eq!(xmp.paths, ["People|Ann"]);
        assert_eq!(xmp.caption.as_deref(), Some("First line\nsecond line"));
        assert_eq!(xmp.copyright.as_deref(), Some("© Ada"));
        let place = xmp.gps.unwrap();
        assert!((place.lat + 33.855_698).abs() < 1e-7 && (place.lon - 151.210_381).abs() < 1e-7);
        let taken = xmp.taken.unwrap();
        assert_eq!(
            (taken.local.to_string().as_str(), taken.offset_min),
            ("2024-06-18T10:15:02", Some(-210))
        );
        assert!(
            text.contains("xml:lang='de'>Hochzeit"),
            "what says the same stays as it is written"
        );
        assert_eq!(foreign(&text).difference(&foreign(ATTRIBUTES)).count(), 5, "our own five");
        assert_eq!(foreign(ATTRIBUTES).difference(&foreign(&text)).count(), 0, "nothing is lost");
        assert_eq!(put(Some(text.as_bytes()), &said(), at()), None, "it says so already");
    }

    #[test]
    fn what_the_catalogue_no_longer_says_goes() {
        let full = told(None, &said());
        let nothing = Said { iptc: said().iptc, ..Said::default() };
        let text = told(Some(&full), &nothing);
        let xmp = parse(text.as_bytes()).unwrap();
        assert_eq!((xmp.rating, xmp.label), (Some(0), None));
        assert_eq!((xmp.title, xmp.caption), (None, None));
        assert!(xmp.keywords.is_empty() && xmp.paths.is_empty());
        assert_eq!(xmp.copyright.as_deref(), Some("© Ada"), "whose it is stays");
        assert!(xmp.gps.is_some(), "and where it was taken");
    }

    #[test]
    fn degrees_never_have_sixty_minutes() {
        assert_eq!(degrees(48.8584, 'N', 'S'), "48,51.504000N");
        assert_eq!(degrees(-0.999_999_999_99, 'N', 'S'), "1,0.000000S");
        assert_eq!(degrees(0.0, 'E', 'W'), "0,0.000000E");
    }

    #[test]
    fn doing_it_again_changes_nothing_that_is_said() {
        let once = merged(Some(ATTRIBUTES), &fields());
        let twice = merged(Some(&once), &fields());
        assert_eq!(parse(once.as_bytes()), parse(twice.as_bytes()));
        assert_eq!(foreign(&once), foreign(&twice));
    }

    #[test]
    fn a_contact_that_is_there_stays_whole() {
        let base = ATTRIBUTES.replace(
            "<d:rights>theirs</d:rights>",
            "<i:CreatorContactInfo xmlns:i='http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/' i:CiTelWork='1'/>",
        );
        let text = merged(Some(&base), &fields());
        assert!(text.contains("i:CiTelWork='1'") && !text.contains("CiEmailWork"), "{text}");
    }

    #[test]
    fn zero_stars_are_no_rating() {
        let text = merged(Some(&ATTRIBUTES.replace("Rating='4'", "Rating='0'")), &fields());
        assert_eq!(parse(text.as_bytes()).unwrap().rating, Some(2));
    }

    #[test]
    fn an_empty_packet_is_filled() {
        let base = "<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' />";
        let text = merged(Some(base), &fields());
        assert_eq!(parse(text.as_bytes()).unwrap().artist.as_deref(), Some("Ada Müller"));
    }

    #[test]
    fn utf_16_becomes_utf_8() {
        let base = format!("<?xml version='1.0' encoding='UTF-16'?>{ATTRIBUTES}");
        let wide: Vec<u8> =
            [0xFEFF].into_iter().chain(base.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let text = String::from_utf8(merge(Some(&wide), &fields(), at()).unwrap()).unwrap();
        assert!(!text.contains("UTF-16"));
        assert_eq!(foreign(&text), foreign(ATTRIBUTES));
    }

    #[test]
    fn what_cannot_be_merged_with_is_left_alone() {
        let half = &ATTRIBUTES[..ATTRIBUTES.len() / 2];
        let entities = format!("<!DOCTYPE x [<!ENTITY a 'b'>]>{ATTRIBUTES}");
        for base in [half.as_bytes(), entities.as_bytes(), b"", b"<html/>", b"<a>\xff</a>"] {
            assert_eq!(merge(Some(base), &fields(), at()), None);
        }
        for end in 0..ATTRIBUTES.len() {
            if ATTRIBUTES.is_char_boundary(end) {
                assert_eq!(merge(Some(&ATTRIBUTES.as_bytes()[..end]), &fields(), at()), None);
            }
        }
    }

    #[test]
    fn hostile_values_are_only_text() {
        let hostile = IptcFields {
            creator: Some("</rdf:li><x>\u{0}\u{1}]]>&lol;".into()),
            keywords: vec!["<script>".into(), " ".into()],
            ..IptcFields::default()
        };
        let xmp = parse(merged(None, &hostile).as_bytes()).unwrap();
        assert_eq!(xmp.artist.as_deref(), Some("</rdf:li><x>]]>&lol;"));
        assert_eq!(xmp.keywords, ["<script>"]);
    }
}
