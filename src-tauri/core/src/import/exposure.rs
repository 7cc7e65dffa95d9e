//! From what the files of one exposure say to what the catalogue is told of it.

use serde_json::{Map, Value, json};

use crate::catalog::{Fields, tidy};
use crate::media::{CaptureTime, MediaKind};
use crate::metadata::{Metadata, Xmp};

/// What describes this very picture and never comes from another file of the exposure.
const OWN: &[&str] = &["format", "orientation", "width", "height", "seconds", "content_id"];

/// What the catalogue is told of an exposure.
#[derive(Debug)]
pub(crate) struct Told {
    pub kind: MediaKind,
    pub taken: Option<CaptureTime>,
    pub meta: Map<String, Value>,
    pub more: Fields,
}

/// Joins what the files say; the leading one comes first and is believed first. Sidecars, which
/// come last, have the word on ratings and words: they are what somebody edited.
pub(crate) fn tell(files: &[&Metadata]) -> Option<Told> {
    let lead = files.first()?;
    let mut meta = lead.to_meta();
    for other in &files[1..] {
        for (name, value) in other.to_meta() {
            if !OWN.contains(&name.as_str()) && !meta.contains_key(&name) {
                meta.insert(name, value);
            }
        }
    }
    let mut more = Fields::new();
    for file in files {
        words(&file.xmp, &mut more);
    }
    Some(Told { kind: lead.kind, taken: files.iter().find_map(|m| m.taken), meta, more })
}

fn words(xmp: &Xmp, more: &mut Fields) {
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            more.insert(name.to_owned(), value);
        }
    };
    match xmp.rating {
        Some(rating @ 0..=5) => set("rating", Some(json!(rating))),
        // "rejected" to Bridge and Lightroom
        Some(_) => set("flag", Some(json!("reject"))),
        None => {}
    }
    set("label", xmp.label.as_ref().map(|v| json!(v)));
    set("title", xmp.title.as_ref().map(|v| json!(v)));
    set("caption", xmp.caption.as_ref().map(|v| json!(v)));
    for word in xmp.keywords.iter().map(|word| tidy(word)).filter(|word| !word.is_empty()) {
        set(&format!("kw/{word}"), Some(json!(true)));
    }
}
