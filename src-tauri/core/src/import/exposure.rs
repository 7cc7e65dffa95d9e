//! From what the files of one exposure say to what the catalogue is told of it.

use serde_json::{Map, Value, json};

use super::directions::{Directions, Sidecars};
use crate::catalog::{Fields, tidy};
use crate::media::{CaptureTime, MediaKind, Role};
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

/// Joins what the files say; the leading one comes first and is believed first. Sidecars have the
/// last word on ratings and words: they are what somebody edited.
pub(crate) fn tell(files: &[&Metadata], directions: &Directions) -> Option<Told> {
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
    let (sidecars, inside): (Vec<&&Metadata>, Vec<_>) =
        files.iter().partition(|file| file.format == "XMP");
    for file in inside {
        words(&file.xmp, &mut more);
    }
    // Of two sidecars the one that was changed last has the last word.
    let mut sidecars: Vec<&Xmp> = sidecars.into_iter().map(|file| &file.xmp).collect();
    sidecars.sort_by_key(|xmp| xmp.modified);
    if let Some((newest, older)) = sidecars.split_last() {
        let conflicts = conflicts(newest, older);
        if !conflicts.is_empty() {
            more.insert("sidecar_conflict".to_owned(), conflicts.into());
        }
    }
    for xmp in sidecars {
        words(xmp, &mut more);
    }
    let said = files.iter().find_map(|m| m.taken);
    let taken = said.map(|said| directions.clock.apply(said));
    if let Some(said) = said.filter(|_| !directions.clock.is_none()) {
        more.insert("clock".to_owned(), directions.clock.record(said));
    }
    describe(directions, files, &mut more);
    Some(Told { kind: lead.kind, taken, meta, more })
}

/// Adds what the photographer says of every photo: whose it is in any case, words, label and
/// rating where the photo has none.
fn describe(directions: &Directions, files: &[&Metadata], more: &mut Fields) {
    let iptc = &directions.iptc;
    let facts = [
        ("creator", &iptc.creator),
        ("copyright", &iptc.copyright),
        ("usage_terms", &iptc.usage_terms),
        ("credit", &iptc.credit),
        ("source", &iptc.source),
        ("contact_email", &iptc.contact_email),
        ("contact_url", &iptc.contact_url),
        ("headline", &iptc.headline),
        ("city", &iptc.city),
        ("country", &iptc.country),
    ];
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    for (name, value) in facts {
        if let Some(value) = given(value) {
            more.insert(format!("iptc/{name}"), json!(value.trim()));
        }
    }
    for (name, value) in
        [("title", &iptc.title), ("caption", &iptc.caption), ("label", &iptc.label)]
    {
        if let Some(value) = given(value).filter(|_| !more.contains_key(name)) {
            more.insert(name.to_owned(), json!(value.trim()));
        }
    }
    // cameras write 0 for "not rated"
    let rated = more.get("rating").is_some_and(|stars| *stars != 0) || more.contains_key("flag");
    if let Some(stars) = iptc.rating.filter(|stars| (1..=5).contains(stars) && !rated) {
        more.insert("rating".to_owned(), json!(stars));
    }
    for word in iptc.keywords.iter().map(|word| tidy(word)).filter(|word| !word.is_empty()) {
        more.insert(format!("kw/{word}"), json!(true));
    }
    let fits = |file: &&Metadata| match directions.sidecars {
        Sidecars::None => false,
        Sidecars::Raw => file.role == Role::Raw,
        Sidecars::All => {
            matches!(file.role, Role::Raw | Role::Image | Role::Video | Role::Audio)
        }
    };
    if !iptc.is_empty() && files.iter().any(fits) {
        more.insert("sidecar".to_owned(), json!(directions.sidecars));
    }
}

/// What older sidecars say otherwise than the newest: its word is taken, theirs is shown.
fn conflicts(newest: &Xmp, older: &[&Xmp]) -> Vec<Value> {
    let sorted = |words: &Vec<String>| {
        let mut words = words.clone();
        words.sort();
        words
    };
    let says = |xmp: &Xmp| {
        [
            ("rating", xmp.rating.map(|stars| json!(stars))),
            ("label", xmp.label.as_ref().map(|v| json!(v))),
            ("title", xmp.title.as_ref().map(|v| json!(v))),
            ("caption", xmp.caption.as_ref().map(|v| json!(v))),
            ("keywords", Some(sorted(&xmp.keywords)).filter(|k| !k.is_empty()).map(|v| json!(v))),
        ]
    };
    let mut found = Vec::new();
    for other in older {
        for ((name, taken), (_, left)) in says(newest).into_iter().zip(says(other)) {
            if let (Some(taken), Some(left)) = (taken, left)
                && taken != left
            {
                found.push(json!({ "field": name, "taken": taken, "left": left }));
            }
        }
    }
    found
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
    set("flag", xmp.pick.map(|picked| json!(if picked { "pick" } else { "reject" })));
    set("label", xmp.label.as_ref().map(|v| json!(v)));
    set("title", xmp.title.as_ref().map(|v| json!(v)));
    set("caption", xmp.caption.as_ref().map(|v| json!(v)));
    for word in xmp.keywords.iter().map(|word| tidy(word)).filter(|word| !word.is_empty()) {
        set(&format!("kw/{word}"), Some(json!(true)));
    }
    for path in xmp.paths.iter().map(|path| tidy(path)).filter(|path| !path.is_empty()) {
        set(&format!("kwpath/{path}"), Some(json!(true)));
    }
    let iptc = &xmp.iptc;
    for (name, value) in [
        ("usage_terms", &iptc.usage_terms),
        ("credit", &iptc.credit),
        ("source", &iptc.source),
        ("contact_email", &iptc.contact_email),
        ("contact_url", &iptc.contact_url),
        ("headline", &iptc.headline),
        ("city", &iptc.city),
        ("country", &iptc.country),
    ] {
        set(&format!("iptc/{name}"), value.as_ref().map(|v| json!(v)));
    }
}
