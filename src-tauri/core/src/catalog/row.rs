//! Rows and changes: how a subject looks on its way in and out.
//!
//! A [`Row`] is exactly the JSON of vault format 1, section 3:
//! `{"kind":"photo","subject":"<32 hex>","set":[[[unix ms, counter],"<device>",{field: value}],..]}`.
//! Kinds and fields this program does not know are kept and sent again, so `kind` is text here.
//! A value of `null` means the field was removed; that too is remembered.

use std::collections::BTreeMap;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::media::{DeviceId, SubjectId, SubjectKind};

use super::stamp::Stamp;

/// Field names and their values.
pub type Fields = BTreeMap<String, Value>;

/// One local edit: fields of one subject that take new values now.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub kind: SubjectKind,
    pub subject: SubjectId,
    /// `null` removes the field.
    pub fields: Fields,
}

impl Change {
    /// Starts a change without fields.
    #[must_use]
    pub fn new(kind: SubjectKind, subject: impl Into<SubjectId>) -> Self {
        Self { kind, subject: subject.into(), fields: Fields::new() }
    }

    /// Adds a field.
    #[must_use]
    pub fn set(mut self, field: impl Into<String>, value: impl Into<Value>) -> Self {
        self.fields.insert(field.into(), value.into());
        self
    }
}

/// A subject's fields with the moments they were set, as they stand in a segment of the bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// A word of `SubjectKind`, or one from a newer program.
    pub kind: String,
    pub subject: SubjectId,
    pub set: Vec<FieldSet>,
}

/// Fields that were set at one moment by one device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "WireSet", into = "WireSet")]
pub struct FieldSet {
    pub stamp: Stamp,
    pub fields: Fields,
}

/// `[[ms, counter], device, {field: value}]`.
#[derive(Serialize, Deserialize)]
struct WireSet((u64, u32), DeviceId, #[serde(deserialize_with = "unique_fields")] Fields);

impl From<WireSet> for FieldSet {
    fn from(WireSet((ms, counter), device, fields): WireSet) -> Self {
        Self { stamp: Stamp { ms, counter, device }, fields }
    }
}

impl From<FieldSet> for WireSet {
    fn from(FieldSet { stamp, fields }: FieldSet) -> Self {
        Self((stamp.ms, stamp.counter), stamp.device, fields)
    }
}

/// Reads a map of fields and refuses a name that stands in it twice.
fn unique_fields<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
    struct Unique;
    impl<'de> Visitor<'de> for Unique {
        type Value = Fields;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a map of fields")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
            let mut fields = Fields::new();
            while let Some((name, value)) = map.next_entry::<String, Value>()? {
                if fields.insert(name, value).is_some() {
                    return Err(serde::de::Error::custom("a field stands twice in one row"));
                }
            }
            Ok(fields)
        }
    }
    deserializer.deserialize_map(Unique)
}

/// The word a kind has in the bucket's rows.
#[must_use]
pub const fn kind_word(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Photo => "photo",
        SubjectKind::Shoot => "shoot",
        SubjectKind::Album => "album",
        SubjectKind::Client => "client",
        SubjectKind::Share => "share",
        SubjectKind::Device => "device",
        SubjectKind::Setting => "setting",
    }
}
