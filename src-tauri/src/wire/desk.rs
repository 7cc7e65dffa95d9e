//! What crosses for the first run and the settings: providers, a bucket looked at, the recovery kit.

use serde::{Deserialize, Serialize};
#[cfg(test)]
use ts_rs::TS;

use super::{Bucket, LeftOut, PhotoKind};

/// A provider of buckets.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct Provider {
    pub id: String,
    pub name: String,
    /// Its address; `{region}` and `{account}` are to be filled in. Empty: any address.
    pub endpoint: String,
    pub regions: Vec<Region>,
    /// What the region is usually called; empty where nothing is usual.
    pub usual_region: String,
    pub hint: String,
    pub price: Option<Price>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct Region {
    pub id: String,
    pub name: String,
}

/// What storing costs, without taxes; a terabyte is 10^12 bytes.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct Price {
    pub currency: String,
    pub per_terabyte: f64,
    pub least: f64,
    pub per_terabyte_back: f64,
    pub note: String,
    /// `2026-05`.
    pub as_of: String,
    pub source: String,
}

/// What a bucket does, tried out.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct BucketCheck {
    /// Whether photos may go there.
    pub usable: bool,
    /// The store answers and has no such bucket: it could be made.
    pub missing: bool,
    pub findings: Vec<Finding>,
    /// Whether something of it can be made safer from here.
    pub can_harden: bool,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct Finding {
    pub mark: Mark,
    pub says: String,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(TS))]
pub enum Mark {
    Good,
    /// Works, but worth knowing.
    Note,
    /// Must be mended first.
    Bad,
    /// The store does not say.
    Unknown,
}

/// The least rights that do, to be copied.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct Policy {
    pub how: String,
    pub text: String,
}

/// All that opens a vault on an empty computer: shown once, printed, and kept nowhere here.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct Recovery {
    pub vault: String,
    pub endpoint: String,
    pub region: String,
    pub bucket: String,
    pub share_bucket: Option<String>,
    pub root: String,
    pub words: Vec<String>,
}

/// A vault to be opened on this computer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct Opening {
    pub bucket: Bucket,
    /// As they were typed.
    pub words: String,
    pub library: String,
}

/// What opening a vault brought.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct VaultOpened {
    pub photos: u64,
    pub thumbs: u64,
    /// Whether this computer opens it by itself from now on; if not, a passphrase is wanted.
    pub enrolled: bool,
    pub failed: Vec<LeftOut>,
}

/// What adopting a tree in place did.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct AdoptReport {
    pub cancelled: bool,
    pub adopted: u64,
    pub already_here: u64,
    pub skipped: Vec<LeftOut>,
    pub failed: Vec<LeftOut>,
    pub bytes: u64,
}

/// What is on a card, by names alone.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct CardContents {
    /// What its pictures are asked for by.
    pub id: String,
    pub frames: Vec<CardFrame>,
}

/// One exposure of a card.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct CardFrame {
    /// Of its leading file, on the card.
    pub path: String,
    pub kind: PhotoKind,
    pub files: u64,
    /// `2026-05-16T14:03:22`, by the file's own date.
    pub written: String,
    /// It came from this card before.
    pub known: bool,
}

/// A card that may be taken out.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct Ejected {
    pub ejected: String,
}

/// Everything the settings show.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct Preferences {
    pub home: String,
    pub library: String,
    pub version: String,
    pub mirrors: Vec<MirrorRow>,
    pub watched: Vec<WatchedRow>,
    pub presets: Vec<PresetRow>,
    pub previews: PreviewRoom,
    pub bucket: Option<BucketRow>,
    /// Minutes until the window locks by itself, 0 for never; null without a lock.
    pub lock: Option<u32>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct MirrorRow {
    pub path: String,
    pub present: bool,
    pub files_left: u64,
    pub bytes_left: u64,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct WatchedRow {
    pub path: String,
    pub kind: WatchedKind,
    pub away: bool,
}

/// What came of the watched folders by itself.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct Followed {
    pub added: u64,
    /// What could not be taken in.
    pub failed: Vec<LeftOut>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(TS))]
pub enum WatchedKind {
    Finished,
    CatalogueBackup,
}

/// A preset, as far as the window knows it; what it does not know stays as it was.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct PresetRow {
    pub name: String,
    pub template: Option<String>,
    pub creator: Option<String>,
    pub copyright: Option<String>,
    pub day_starts_at: Option<u8>,
}

/// What previews take; without a bound, `limit` is null.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct PreviewRoom {
    pub bytes: u64,
    pub limit: Option<u64>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct BucketRow {
    pub endpoint: String,
    pub region: String,
    pub bucket: String,
    pub share_bucket: Option<String>,
}
