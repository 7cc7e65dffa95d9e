//! Reading manifests: ASC MHL 2.0, the older MHL 1.x, and the chain of a history.
//!
//! They lie on cards and in folders anybody may write to. So their length and depth are bounded, a
//! document type is refused, no entity but XML's own five is known, and a document that ends early
//! is none. The paths in them are only text here: whoever uses them keeps them inside (`confined`).

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::files::{SumKind, Xxh64};

/// Elements deeper than this belong to no manifest.
const MAX_DEPTH: usize = 32;
/// Longer than any path.
const MAX_TEXT: usize = 16 << 10;
/// Patterns and generations beyond this are nobody's honest work.
const MAX_LIST: usize = 100_000;

/// Why a manifest cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("it is no text")]
    NoText,
    #[error("it is not well-formed: {0}")]
    Xml(Box<quick_xml::Error>),
    #[error("it is cut off")]
    CutOff,
    #[error("it defines a document type, which no manifest does")]
    DocumentType,
    #[error("it names an entity that XML does not have")]
    Entity,
    #[error("its elements are nested too deep")]
    TooDeep,
    #[error("a text in it is too long")]
    TooLong,
    #[error("it is no list of hashes")]
    NoHashList,
}

/// What a manifest says of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    pub path: String,
    /// The name the file had in generations before.
    pub previous: Option<String>,
    pub bytes: Option<u64>,
    /// As it is written there.
    pub modified: Option<String>,
    pub sums: Vec<Sum>,
}

/// One sum of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    pub kind: SumKind,
    /// In lower case, where it is hexadecimal.
    pub text: String,
    pub action: Action,
    /// MHL 1.x has a sum whose bytes stand in reverse, and programs that do not know.
    pub either_way: bool,
    /// As it is written there.
    pub date: Option<String>,
}

/// What had been done to come by a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Original,
    Verified,
    /// The file was found to differ: this is not what it should be.
    Failed,
    Unsaid,
}

/// What a manifest says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    pub comment: Option<String>,
    pub ignored: Vec<String>,
}

/// One generation of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub number: String,
    pub name: String,
    /// The element's name and what stands in it.
    pub sum: (String, String),
}

impl Named {
    pub fn xxh64(&self) -> Option<Xxh64> {
        let sum = self.sums.iter().find(|s| s.kind == SumKind::Xxh64 && !s.either_way)?;
        Xxh64::parse(&sum.text)
    }

    pub fn is_original(&self) -> bool {
        self.sums.iter().any(|sum| sum.action == Action::Original)
    }
}

impl Sum {
    /// Whether a file with this sum is the one that was meant.
    pub fn matches(&self, found: &str) -> bool {
        let reversed =
            || -> Vec<u8> { self.text.as_bytes().rchunks(2).flatten().copied().collect() };
        self.text == found || self.either_way && reversed() == found.as_bytes()
    }
}

/// Reads a manifest of either version, giving each file it names to `each`.
pub fn hashes(xml: &[u8], each: &mut dyn FnMut(Named)) -> Result<Head, Unreadable> {
    let mut list = HashList::new(Some(each));
    walk(xml, &mut list)?;
    Ok(list.head)
}

/// Reads what a manifest says of itself.
pub fn head(xml: &[u8]) -> Result<Head, Unreadable> {
    let mut list = HashList::new(None);
    walk(xml, &mut list)?;
    Ok(list.head)
}

/// Reads the chain of a history.
pub fn chain(xml: &[u8]) -> Result<Vec<Link>, Unreadable> {
    let mut chain = Chain::default();
    walk(xml, &mut chain)?;
    let whole = |link: &Link| !link.name.is_empty() && !link.sum.0.is_empty();
    if chain.links.iter().all(whole) { Ok(chain.links) } else { Err(Unreadable::NoHashList) }
}

/// A path of a manifest, if it leads nowhere but down: its parts without empty ones and `.`.
pub fn confined(path: &str) -> Option<String> {
    let mut parts = path.split('/').filter(|part| !matches!(*part, "" | ".")).peekable();
    let down = !path.starts_with('/') && !path.contains('\0') && parts.peek().is_some();
    let parts: Vec<&str> = parts.collect();
    (down && !parts.contains(&"..")).then(|| parts.join("/"))
}

/// Who is told what stands in a document.
trait Listener {
    /// The element the document begins with.
    const ROOT: &'static str;
    /// An element begins; `above` are the elements around it. False: the rest is of no interest.
    fn begin(&mut self, above: &[Box<str>], name: &str, element: &BytesStart<'_>) -> bool;
    /// An element ends, with the text that stood directly in it.
    fn end(&mut self, above: &[Box<str>], name: &str, text: String);
}

fn walk<L: Listener>(xml: &[u8], listener: &mut L) -> Result<(), Unreadable> {
    let text = std::str::from_utf8(xml).map_err(|_| Unreadable::NoText)?;
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    reader.config_mut().expand_empty_elements = true;
    let (mut path, mut text) = (Vec::<Box<str>>::new(), String::new());
    let mut begun = false;
    let grown = |text: &mut String, more: &str| {
        text.push_str(more);
        if text.len() > MAX_TEXT { Err(Unreadable::TooLong) } else { Ok(()) }
    };
    loop {
        match reader.read_event().map_err(|e| Unreadable::Xml(Box::new(e)))? {
            Event::Start(element) => {
                let local = element.local_name();
                let name: &str = local.as_ref();
                if path.is_empty() && (begun || name != L::ROOT) {
                    return Err(Unreadable::NoHashList);
                }
                begun = true;
                if path.len() >= MAX_DEPTH {
                    return Err(Unreadable::TooDeep);
                }
                if !listener.begin(&path, name, &element) {
                    return Ok(());
                }
                path.push(name.into());
                text.clear();
            }
            Event::End(_) => {
                // the reader has checked that it is this one
                if let Some(name) = path.pop() {
                    listener.end(&path, &name, std::mem::take(&mut text));
                }
            }
            Event::Text(piece) => grown(&mut text, &piece.xml10_content())?,
            Event::CData(piece) => grown(&mut text, &piece.xml10_content())?,
            Event::GeneralRef(reference) => {
                let named: &str = reference.as_ref();
                let meant = match named {
                    "amp" => Some('&'),
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "quot" => Some('"'),
                    "apos" => Some('\''),
                    _ => reference.resolve_char_ref().ok().flatten(),
                };
                let meant = meant.ok_or(Unreadable::Entity)?;
                grown(&mut text, meant.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => return Err(Unreadable::DocumentType),
            Event::Eof if path.is_empty() && begun => return Ok(()),
            Event::Eof if begun => return Err(Unreadable::CutOff),
            Event::Eof => return Err(Unreadable::NoHashList),
            Event::Empty(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
}

struct HashList<'e> {
    head: Head,
    named: Named,
    /// Of the sum that is being read.
    action: Action,
    date: Option<String>,
    /// Nobody: only the head is of interest.
    each: Option<&'e mut dyn FnMut(Named)>,
}

impl<'e> HashList<'e> {
    fn new(each: Option<&'e mut dyn FnMut(Named)>) -> Self {
        let (head, named) = (Head::default(), Named::default());
        Self { head, named, action: Action::Unsaid, date: None, each }
    }
}

impl Listener for HashList<'_> {
    const ROOT: &'static str = "hashlist";

    fn begin(&mut self, above: &[Box<str>], name: &str, element: &BytesStart<'_>) -> bool {
        match (above.last().map(AsRef::as_ref), name) {
            (_, "hashes" | "hash") if self.each.is_none() => return false,
            (_, "hash") => self.named = Named::default(),
            (Some("hash"), "path") => {
                self.named.bytes = attribute(element, "size").and_then(|text| text.parse().ok());
                self.named.modified = attribute(element, "lastmodificationdate");
            }
            (Some("hash"), _) => {
                self.action = match attribute(element, "action").as_deref() {
                    Some("original") => Action::Original,
                    Some("verified") => Action::Verified,
                    Some("failed") => Action::Failed,
                    _ => Action::Unsaid,
                };
                self.date = attribute(element, "hashdate");
            }
            _ => {}
        }
        true
    }

    fn end(&mut self, above: &[Box<str>], name: &str, text: String) {
        match (above.last().map(AsRef::as_ref), name) {
            (_, "hash") => {
                let named = std::mem::take(&mut self.named);
                if let (Some(each), false) = (&mut self.each, named.path.is_empty()) {
                    each(named);
                }
            }
            (Some("hash"), "path" | "file") => self.named.path = text,
            (Some("hash"), "previousPath") => self.named.previous = Some(text),
            (Some("hash"), "size") => self.named.bytes = text.trim().parse().ok(),
            (Some("hash"), _) => {
                if let Some(sum) = sum(name, &text, self.action, self.date.take()) {
                    self.named.sums.push(sum);
                }
            }
            (Some("creatorinfo"), "comment") => self.head.comment = Some(text),
            (Some("ignore"), "pattern") if self.head.ignored.len() < MAX_LIST => {
                self.head.ignored.push(text);
            }
            _ => {}
        }
    }
}

/// A sum as an element states it; `None` where it is of no known kind, or is none.
fn sum(name: &str, text: &str, action: Action, date: Option<String>) -> Option<Sum> {
    let kind = match name {
        "md5" => SumKind::Md5,
        "sha1" => SumKind::Sha1,
        "sha256" => SumKind::Sha256,
        "c4" => SumKind::C4,
        "xxh64" | "xxhash64be" | "xxhash64" => SumKind::Xxh64,
        "xxh3" => SumKind::Xxh3,
        "xxh128" => SumKind::Xxh128,
        _ => return None,
    };
    let text = stated(kind, text)?;
    Some(Sum { kind, text, action, either_way: name == "xxhash64", date })
}

/// A sum of this kind as somebody wrote it, in the form that is compared; `None` if it is none.
pub fn stated(kind: SumKind, text: &str) -> Option<String> {
    let text = text.trim();
    let digits = match kind {
        SumKind::Xxh64 | SumKind::Xxh3 => 16,
        SumKind::Md5 | SumKind::Xxh128 => 32,
        SumKind::Sha1 => 40,
        SumKind::Sha256 => 64,
        SumKind::C4 => {
            let good = text.len() == 90 && text.bytes().all(|b| b.is_ascii_alphanumeric());
            return (good && text.starts_with("c4")).then(|| text.to_owned());
        }
    };
    let good = text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit());
    good.then(|| text.to_ascii_lowercase())
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).ok()??;
    let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
    (value.len() <= MAX_TEXT).then(|| value.into_owned())
}

#[derive(Default)]
struct Chain {
    links: Vec<Link>,
    link: Option<Link>,
}

impl Listener for Chain {
    const ROOT: &'static str = "ascmhldirectory";

    fn begin(&mut self, _above: &[Box<str>], name: &str, element: &BytesStart<'_>) -> bool {
        if name == "hashlist" {
            let number = attribute(element, "sequencenr").unwrap_or_default();
            self.link = Some(Link { number, name: String::new(), sum: Default::default() });
        }
        self.links.len() < MAX_LIST
    }

    fn end(&mut self, _above: &[Box<str>], name: &str, text: String) {
        match (name, &mut self.link) {
            ("hashlist", link) => self.links.extend(link.take()),
            ("path", Some(link)) => link.name = text,
            (sum, Some(link)) => link.sum = (sum.to_owned(), text.trim().to_owned()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(xml: &str) -> Result<Vec<Named>, Unreadable> {
        let mut found = Vec::new();
        hashes(xml.as_bytes(), &mut |named| found.push(named))?;
        Ok(found)
    }

    #[test]
    fn a_generation_is_read_with_its_actions_and_without_its_folders() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
  <creatorinfo><creationdate>2020-01-16T09:15:00+00:00</creationdate><hostname>h</hostname>
    <tool version="1">t</tool><comment>why &amp; how</comment></creatorinfo>
  <processinfo><process>in-place</process>
    <roothash><content><xxh64>0000000000000001</xxh64></content><structure/></roothash>
    <ignore><pattern>.DS_Store</pattern><pattern>ascmhl</pattern></ignore></processinfo>
  <hashes>
    <hash><path size="5" lastmodificationdate="2020-01-15T13:00:00+00:00">Clips/A &lt;1&gt;.mov</path>
      <md5 action="failed" hashdate="2020-01-16T09:15:00+00:00">9EB84090956C484E32CB6C08455A667B</md5>
      <xxh64 action="original" hashdate="2020-01-16T09:15:00+00:00">0ea03b369a463d9d</xxh64>
      <previousPath>Clips/B.mov</previousPath></hash>
    <directoryhash><path>Clips</path><content><xxh64>4c226b42e27d7af3</xxh64></content>
      <structure><xxh64>906faa843d591a9f</xxh64></structure></directoryhash>
  </hashes>
</hashlist>"#;
        let [named] = &all(xml).unwrap()[..] else { panic!("one file") };
        assert_eq!(named.path, "Clips/A <1>.mov");
        assert_eq!(named.previous.as_deref(), Some("Clips/B.mov"));
        assert_eq!(named.bytes, Some(5));
        assert_eq!(named.xxh64(), Some(Xxh64(0x0ea0_3b36_9a46_3d9d)));
        assert!(named.is_original());
        assert_eq!(named.sums[0].action, Action::Failed);
        assert_eq!(named.sums[0].text, "9eb84090956c484e32cb6c08455a667b");
        let head = head(xml.as_bytes()).unwrap();
        assert_eq!(head.comment.as_deref(), Some("why & how"));
        assert_eq!(head.ignored, [".DS_Store", "ascmhl"]);
    }

    #[test]
    fn the_older_manifests_are_read_as_well() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
<hashlist version="1.1">
  <creatorinfo><name>N</name><tool>T</tool></creatorinfo>
  <hash><file>A001/clip.mov</file><size>7</size>
    <lastmodificationdate>2011-08-14T17:37:08Z</lastmodificationdate>
    <xxhash64be>0ea03b369a463d9d</xxhash64be><hashdate>2011-08-14T17:37:08Z</hashdate></hash>
  <hash><file>b</file><size>1</size><xxhash64>9d3d469a363ba00e</xxhash64></hash>
  <hash><file>c</file><null/></hash>
</hashlist>"#;
        let named = all(xml).unwrap();
        assert_eq!(named.len(), 3);
        assert_eq!((named[0].path.as_str(), named[0].bytes), ("A001/clip.mov", Some(7)));
        assert!(named[0].sums[0].matches("0ea03b369a463d9d"));
        assert!(!named[0].sums[0].matches("9d3d469a363ba00e"));
        for way in ["0ea03b369a463d9d", "9d3d469a363ba00e"] {
            assert!(named[1].sums[0].matches(way), "its bytes stand in either order");
        }
        assert!(named[2].sums.is_empty(), "it is named, with nothing to compare");
    }

    #[test]
    fn what_is_hostile_or_cut_off_is_refused() {
        let whole = "<hashlist><hash><path>a</path></hash></hashlist>";
        assert_eq!(all(whole).unwrap().len(), 1);
        for end in 0..whole.len() {
            assert!(all(&whole[..end]).is_err(), "cut off after {end} bytes");
        }
        let deep = format!("<hashlist>{}", "<a>".repeat(100_000));
        assert!(matches!(all(&deep), Err(Unreadable::TooDeep)));
        let laughs = "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><hashlist><hash><path>&b;</path></hash></hashlist>";
        assert!(matches!(all(laughs), Err(Unreadable::DocumentType)));
        let entity = "<hashlist><hash><path>&b;</path></hash></hashlist>";
        assert!(matches!(all(entity), Err(Unreadable::Entity)));
        let long = format!("<hashlist><hash><path>{}</path></hash></hashlist>", "x".repeat(20_000));
        assert!(matches!(all(&long), Err(Unreadable::TooLong)));
        assert!(matches!(all("<html></html>"), Err(Unreadable::NoHashList)));
        assert!(matches!(all("<hashlist/><hashlist/>"), Err(Unreadable::NoHashList)));
        assert!(matches!(hashes(b"\xff\xfe<\0", &mut |_| ()), Err(Unreadable::NoText)));
    }

    #[test]
    fn a_chain_is_read_link_by_link() {
        let xml = r#"<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">
  <hashlist sequencenr="1"><path>0001_A.mhl</path><c4>c4x</c4></hashlist>
  <hashlist sequencenr="2"><path>0002_A.mhl</path><c4>c4y</c4></hashlist></ascmhldirectory>"#;
        let links = chain(xml.as_bytes()).unwrap();
        assert_eq!(links.len(), 2);
        assert_eq!(links[1].number, "2");
        assert_eq!(links[1].name, "0002_A.mhl");
        assert_eq!(links[1].sum, ("c4".to_owned(), "c4y".to_owned()));
        assert!(chain(b"<hashlist/>").is_err());
    }

    #[test]
    fn paths_lead_nowhere_but_down() {
        assert_eq!(confined("./DCIM//100/a.jpg").as_deref(), Some("DCIM/100/a.jpg"));
        assert_eq!(confined("a..b/..c").as_deref(), Some("a..b/..c"));
        for path in ["", ".", "/etc/passwd", "../a", "a/../../b", "a/..", "a\0b"] {
            assert_eq!(confined(path), None, "{path:?}");
        }
    }
}
