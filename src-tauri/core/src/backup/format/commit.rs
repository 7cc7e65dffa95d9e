//! Commits: one opens the whole vault.
//!
//! Never a difference: a commit names every page, segment and slot that counts, each with its
//! SHA-256, so its own hash stands for all keys and all metadata. No photo, file or object id is
//! in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::encryption::fill_random;
use crate::keys::{SubKey, VaultKey, json};
use crate::media::{DeviceId, FileId, ShootId};

use super::context::Context;
use super::id::{ObjectId, Sha};
use super::sealed::{open_under_vault, seal_under_vault};
use super::{FormatError, Result};

const KNOWN: [&str; 13] = [
    "v", "seq", "device", "hlc", "parents", "contains", "devices", "ring", "segments", "slots",
    "vault", "totals", "program",
];
const MAX_SEQ: u64 = 9_999_999_999;

/// The name of a commit after `log/`: `<seq, 10 digits>-<device>-<rand>`. Ordered as it is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitName {
    pub seq: u64,
    pub device: DeviceId,
    pub rand: Rand,
}

/// Eight random bytes that tell a commit from all others. (The type of file ids: also 8 bytes.)
pub type Rand = FileId;

impl CommitName {
    #[must_use]
    pub fn new(seq: u64, device: DeviceId) -> Self {
        let mut rand = [0; 8];
        fill_random(&mut rand);
        Self { seq, device, rand: FileId(rand) }
    }

    /// The name in the bucket.
    #[must_use]
    pub fn object(self) -> String {
        format!("log/{self}")
    }

    /// Reads a listed name; `None` for what is no commit.
    #[must_use]
    pub fn of_object(name: &str) -> Option<Self> {
        name.strip_prefix("log/")?.parse().ok()
    }
}

impl fmt::Display for CommitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}-{}-{}", self.seq, self.device, self.rand)
    }
}

impl FromStr for CommitName {
    type Err = FormatError;
    fn from_str(text: &str) -> Result<Self> {
        const SHAPE: FormatError = FormatError::Shape("no name of a commit");
        let mut parts = text.split('-');
        let (seq, device, rand) = (parts.next(), parts.next(), parts.next());
        let (Some(seq), Some(device), Some(rand), None) = (seq, device, rand, parts.next()) else {
            return Err(SHAPE);
        };
        if seq.len() != 10 || !seq.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SHAPE);
        }
        Ok(Self {
            seq: seq.parse().map_err(|_| SHAPE)?,
            device: device.parse().map_err(|_| SHAPE)?,
            rand: rand.parse().map_err(|_| SHAPE)?,
        })
    }
}

impl Serialize for CommitName {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CommitName {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// How much the vault holds, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    pub photos: u64,
    pub files: u64,
    pub bytes: u64,
}

/// One commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    pub v: u32,
    pub seq: u64,
    pub device: DeviceId,
    pub hlc: (u64, u32),
    pub parents: Vec<(CommitName, Sha)>,
    /// The rand of every listed commit it contains.
    pub contains: BTreeSet<Rand>,
    /// Each device's highest seq contained.
    pub devices: BTreeMap<DeviceId, u64>,
    pub ring: BTreeMap<ShootId, BTreeMap<ObjectId, Sha>>,
    pub segments: BTreeMap<ObjectId, Sha>,
    /// Each slot file's hash; `None` is revoked.
    pub slots: BTreeMap<String, Option<Sha>>,
    /// The bytes of `vault.json`: a text.
    pub vault: String,
    pub totals: Totals,
    pub program: String,
    /// Written by a program that knows more: read, but nothing is written on top.
    #[serde(skip)]
    pub newer: bool,
}

/// `ring` and `segments` as they are written: lists of `[id, SHA-256]`.
#[derive(Serialize, Deserialize)]
struct Wire {
    v: u32,
    seq: u64,
    device: DeviceId,
    hlc: (u64, u32),
    parents: Vec<(CommitName, Sha)>,
    contains: BTreeSet<Rand>,
    devices: BTreeMap<DeviceId, u64>,
    ring: BTreeMap<ShootId, Vec<(ObjectId, Sha)>>,
    segments: Vec<(ObjectId, Sha)>,
    slots: BTreeMap<String, Option<Sha>>,
    vault: String,
    totals: Totals,
    program: String,
}

impl Commit {
    #[must_use]
    pub fn seal(&self, context: Context, key: &VaultKey, name: CommitName) -> Vec<u8> {
        let this = self.clone();
        let wire = Wire {
            v: this.v,
            seq: this.seq,
            device: this.device,
            hlc: this.hlc,
            parents: this.parents,
            contains: this.contains,
            devices: this.devices,
            ring: this.ring.into_iter().map(|(s, p)| (s, p.into_iter().collect())).collect(),
            segments: this.segments.into_iter().collect(),
            slots: this.slots,
            vault: this.vault,
            totals: this.totals,
            program: this.program,
        };
        let plain = serde_json::to_vec(&wire).expect("plain data");
        seal_under_vault(context, key, SubKey::Log, &name.to_string(), plain, b' ')
    }

    /// Opens the commit of that name.
    ///
    /// # Errors
    /// When it is not that commit, or not of format 1.
    pub fn open(context: Context, key: &VaultKey, name: CommitName, bytes: &[u8]) -> Result<Self> {
        let plain = open_under_vault(context, key, SubKey::Log, &name.to_string(), bytes)?;
        let value = json::value(&plain)?;
        let map = value.as_object().ok_or(FormatError::Shape("it is no commit"))?;
        let unknown = map.keys().any(|name| !KNOWN.contains(&name.as_str()));
        let wire: Wire =
            serde_json::from_value(value).map_err(|_| FormatError::Shape("it is no commit"))?;
        if wire.seq != name.seq || wire.device != name.device || wire.seq > MAX_SEQ {
            return Err(FormatError::Shape("it is not the commit its name says"));
        }
        Ok(Self {
            newer: wire.v != 1 || unknown,
            v: wire.v,
            seq: wire.seq,
            device: wire.device,
            hlc: wire.hlc,
            parents: wire.parents,
            contains: wire.contains,
            devices: wire.devices,
            ring: wire.ring.into_iter().map(|(s, p)| (s, p.into_iter().collect())).collect(),
            segments: wire.segments.into_iter().collect(),
            slots: wire.slots,
            vault: wire.vault,
            totals: wire.totals,
            program: wire.program,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::VaultId;

    const V: Context = Context(VaultId([1; 16]));

    fn commit(name: CommitName) -> Commit {
        let id = ObjectId([5; 20]);
        Commit {
            v: 1,
            seq: name.seq,
            device: name.device,
            hlc: (1_780_315_200_000, 3),
            parents: vec![(CommitName { seq: 6, ..name }, Sha([1; 32]))],
            contains: [FileId([3; 8])].into(),
            devices: [(name.device, name.seq)].into(),
            ring: [(ShootId([2; 16]), [(id, Sha([2; 32]))].into())].into(),
            segments: [(id, Sha([3; 32]))].into(),
            slots: [("recovery.00".to_owned(), Some(Sha([4; 32]))), ("gone.11".to_owned(), None)]
                .into(),
            vault: "{}".to_owned(),
            totals: Totals { photos: 1, files: 2, bytes: 3 },
            program: "darkslide 0.1.0".to_owned(),
            newer: false,
        }
    }

    #[test]
    fn a_commit_survives_the_bucket() {
        let (key, name) = (VaultKey::first(), CommitName::new(7, DeviceId([8; 8])));
        let written = commit(name);
        let bytes = written.seal(V, &key, name);
        assert_eq!(Commit::open(V, &key, name, &bytes).expect("opens"), written);
        let other = CommitName { seq: 8, ..name };
        assert!(Commit::open(V, &key, other, &bytes).is_err(), "bound to its name");
    }

    #[test]
    fn the_json_is_that_of_the_format() {
        let (key, name) = (VaultKey::first(), CommitName::new(7, DeviceId([8; 8])));
        let bytes = commit(name).seal(V, &key, name);
        let plain =
            open_under_vault(V, &key, SubKey::Log, &name.to_string(), &bytes).expect("opens");
        let text = String::from_utf8(plain).expect("text");
        let hash = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";
        let page = ObjectId([5; 20]);
        assert!(
            text.contains(&format!(r#""ring":{{"{}":[["{page}","{hash}"]]}}"#, "02".repeat(16))),
            "{text}"
        );
        assert!(text.contains(r#""gone.11":null"#) && text.contains(r#""hlc":[1780315200000,3]"#));
    }

    #[test]
    fn newer_commits_are_marked_and_lying_ones_refused() {
        let (key, name) = (VaultKey::first(), CommitName::new(7, DeviceId([8; 8])));
        let bytes = commit(name).seal(V, &key, name);
        let plain =
            open_under_vault(V, &key, SubKey::Log, &name.to_string(), &bytes).expect("opens");
        let text = String::from_utf8(plain).expect("text").trim_end().to_owned();
        let open = |text: String| {
            let bytes =
                seal_under_vault(V, &key, SubKey::Log, &name.to_string(), text.into_bytes(), b' ');
            Commit::open(V, &key, name, &bytes)
        };
        assert!(open(text.replacen('{', r#"{"later":1,"#, 1)).expect("opens").newer);
        assert!(open(text.replacen(r#""v":1"#, r#""v":2"#, 1)).expect("opens").newer);
        assert!(open(text.replacen(r#""seq":7"#, r#""seq":8"#, 1)).is_err());
        assert!(open(text.replacen(r#""seq":7"#, r#""seq":7,"seq":7"#, 1)).is_err());
    }

    #[test]
    fn names_sort_as_they_are_listed() {
        let a = CommitName::new(9, DeviceId([1; 8]));
        let b = CommitName::new(10, DeviceId([0; 8]));
        assert!(a < b && a.object() < b.object());
        assert_eq!(CommitName::of_object(&a.object()), Some(a));
        for bad in ["log/1-2-3", "log/x", "cat/0000000001-0101010101010101-0101010101010101"] {
            assert_eq!(CommitName::of_object(bad), None, "{bad}");
        }
    }
}
