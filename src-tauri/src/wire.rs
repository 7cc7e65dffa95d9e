//! What crosses the glass: plain values the window draws, and the orders it gives.
//!
//! They are the shell's own types, so that the core can change without the window noticing, and so
//! that nothing crosses by accident: no key, no path the window has no use for. The TypeScript side
//! (`ui/src/lib/ipc/bindings.ts`) is generated from this file; `bindings.rs` fails when it is stale.

mod desk;

use serde::{Deserialize, Serialize};
#[cfg(test)]
use ts_rs::TS;

pub use desk::*;

/// What the window needs before it can show anything.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct Home {
    /// Where catalogue and previews lie.
    pub home: String,
    /// The library's folder; null in a home nothing was set up in.
    pub library: Option<String>,
    /// Where a new library would go.
    pub suggested_library: String,
    /// The bucket that belongs to this home.
    pub bucket: Option<String>,
    /// Keys for a bucket came with the environment: the window need not ask.
    pub keys_given: bool,
    pub version: String,
    /// Minutes until the window locks by itself, 0 for never; null without a lock.
    pub lock: Option<u32>,
}

/// A bucket as the photographer names it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct Bucket {
    pub endpoint: String,
    pub region: String,
    pub bucket: String,
    pub share_bucket: Option<String>,
}

/// The keys to a bucket, typed once and kept in the system's keyring. They cross inwards only.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct BucketKeys {
    pub access_key: String,
    pub secret_key: String,
}

/// A memory card that is plugged in.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct Card {
    pub path: String,
    pub name: String,
}

/// What to import, and what to call it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct ImportOrder {
    pub source: String,
    pub shoot: Option<String>,
    pub client: Option<String>,
    /// A preset's name.
    pub preset: Option<String>,
    /// Goes before that of the preset.
    pub template: Option<String>,
}

/// What an import would do.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct ImportPlan {
    /// Of the new files, on the card.
    pub new_paths: Vec<String>,
    pub new_files: u64,
    pub already_here: u64,
    pub bytes: u64,
    pub skipped: Vec<LeftOut>,
    /// Parts of the card that cannot be looked at.
    pub failed: Vec<LeftOut>,
    /// Where the first new file would go, below the library.
    pub example: Option<String>,
    /// The library first, then the mirrors.
    pub room: Vec<Room>,
    pub fits: bool,
}

/// What a destination needs and has, in bytes.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct Room {
    pub root: String,
    pub needed: u64,
    pub free: u64,
}

/// What an import did.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct ImportReport {
    /// Stopped before its end: what is counted here was done and verified.
    pub cancelled: bool,
    pub imported: u64,
    pub already_here: u64,
    pub skipped: Vec<LeftOut>,
    pub failed: Vec<LeftOut>,
    /// Verified in the library, but not written to a mirror.
    pub mirror_failed: Vec<LeftOut>,
    pub bytes: u64,
    pub seconds: f64,
    pub read_back: String,
    pub safe_to_format: bool,
    /// Files of the card that lack a second verified copy.
    pub missing: Vec<String>,
    /// The card went away in the middle.
    pub card_gone: bool,
}

/// A file that was not taken, and why.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct LeftOut {
    pub path: String,
    pub reason: String,
}

/// How far long work is; a total of zero is not known yet.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct Counts {
    pub files_done: u64,
    pub files_total: u64,
    pub bytes_done: u64,
    pub bytes_total: u64,
}

/// One heading of the grid; without year and month stand the photos whose date is not known.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct Month {
    pub year: Option<i16>,
    pub month: Option<i8>,
    pub count: u64,
}

/// One square of the grid.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct Photo {
    pub id: String,
    pub name: String,
    /// `2026-05-16T14:03:22`, local time of the camera.
    pub taken: Option<String>,
    pub kind: PhotoKind,
    pub format: Option<String>,
    pub rating: u8,
    pub label: Option<String>,
    pub flag: Option<PhotoFlag>,
    pub preview: PreviewState,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub files: u32,
    /// A raw file and a picture of one exposure.
    pub pair: bool,
    pub in_library: bool,
    pub in_bucket: bool,
    /// Mirrors that have all of it.
    pub mirrors: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(TS))]
pub enum PhotoFlag {
    Pick,
    Reject,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(TS))]
pub enum PhotoKind {
    Photo,
    Raw,
    Video,
    Audio,
    Sidecar,
    Other,
}

/// Whether a photo can be shown.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(TS))]
pub enum PreviewState {
    Ready,
    /// The file is broken.
    Damaged,
    /// Nothing in the file can be shown.
    None,
    /// Nobody has tried yet.
    Waiting,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct Album {
    pub id: String,
    pub name: String,
    pub photos: u64,
}

/// What a new link shows and how long it lives.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct ShareOrder {
    /// An album's name.
    pub album: String,
    pub title: String,
    pub message: Option<String>,
    pub ends_in_seconds: u32,
    pub passcode: bool,
    pub watermark: Option<String>,
}

/// A link as it was just made, or is shown again.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct Link {
    pub id: String,
    pub title: String,
    pub url: String,
    pub passcode: Option<String>,
    /// RFC 3339.
    pub ends_at: String,
    pub items: u64,
    pub left_out: Vec<LeftOut>,
}

/// One line of the list of links.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct LinkRow {
    pub id: String,
    pub title: String,
    pub state: LinkState,
    pub ends_at: String,
    pub items: u64,
    pub has_passcode: bool,
    /// When a revoked link was last proven to be dead.
    pub proven_at: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(TS))]
pub enum LinkState {
    /// Making it was interrupted; no link was given out.
    Unfinished,
    Live,
    Ended,
    Revoked,
}

/// What came out when a revoked link's addresses were fetched.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct Revoked {
    pub dead: bool,
    pub checked_at: String,
}

/// What is where.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct Status {
    pub photos: u64,
    pub files: u64,
    /// Files in a commit of the bucket; null without a bucket.
    pub files_in_bucket: Option<u64>,
    pub last_commit: Option<String>,
}

/// What a backup did.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct BackupReport {
    pub uploaded: u64,
    pub skipped: u64,
    pub failed: Vec<LeftOut>,
    pub bytes: u64,
    pub seconds: f64,
}

/// What there is to play of a photo.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct Film {
    pub mime: String,
    pub bytes: u64,
    /// Whether it belongs to a still, as a Live Photo's does.
    pub is_of_still: bool,
}

// Looking and rating.

/// What was taken back, or done again.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct Undone {
    pub deed: Deed,
    pub photos: Vec<String>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(TS))]
pub enum Deed {
    Rated,
    Labelled,
    Flagged,
    Described,
    Keyworded,
    Trashed,
    PutBack,
    Edited,
    AlbumMade,
    AlbumFilled,
    AlbumTaken,
    AlbumRenamed,
    AlbumTrashed,
}

/// All the info panel shows of one photo.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct Details {
    pub id: String,
    pub name: String,
    pub taken: Option<String>,
    /// `+02:00`.
    pub offset: Option<String>,
    pub format: Option<String>,
    pub make: Option<String>,
    pub model: Option<String>,
    pub lens: Option<String>,
    pub iso: Option<u32>,
    pub aperture: Option<f64>,
    /// `1/250`.
    pub shutter: Option<String>,
    pub focal_length: Option<f64>,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub bytes: u64,
    pub seconds: Option<f64>,
    pub gps: Option<(f64, f64)>,
    pub title: Option<String>,
    pub caption: Option<String>,
    pub keywords: Vec<String>,
    pub creator: Option<String>,
    pub copyright: Option<String>,
    pub shoot: Option<String>,
    pub client: Option<String>,
    pub files: Vec<DetailFile>,
    pub places: Vec<CopyPlace>,
    pub albums: Vec<String>,
    pub links: Vec<LinkRow>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct DetailFile {
    pub name: String,
    /// Below the library; null where it is not on this computer.
    pub path: Option<String>,
    pub bytes: u64,
}

/// A place with copies of a photo.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct CopyPlace {
    pub kind: PlaceKind,
    /// The mirror's folder.
    pub name: Option<String>,
    pub files: u64,
    pub of: u64,
    /// RFC 3339: when it was proven.
    pub proven: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(TS))]
pub enum PlaceKind {
    Library,
    Mirror,
    Bucket,
}

/// Pixels per step of brightness, darkest first.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct Histogram {
    pub red: Vec<u32>,
    pub green: Vec<u32>,
    pub blue: Vec<u32>,
}

/// New words; null leaves what is there.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct Words {
    pub title: Option<String>,
    pub caption: Option<String>,
    pub add_keywords: Vec<String>,
    pub remove_keywords: Vec<String>,
}

/// What there is to filter by.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct Facets {
    pub cameras: Vec<Facet>,
    pub lenses: Vec<Facet>,
    pub keywords: Vec<Facet>,
    pub labels: Vec<Facet>,
    pub years: Vec<Facet>,
    pub shoots: Vec<Facet>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct Facet {
    pub word: String,
    pub photos: u64,
}

/// "Are my photos safe?"
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct Safety {
    pub photos: u64,
    /// The fewest places a photo is in.
    pub places: u64,
    pub nowhere: u64,
    pub alone: u64,
    pub all: Vec<SafePlace>,
    pub shoots: Vec<ShootSafety>,
    pub shoots_safe: u64,
    pub last_commit: Option<String>,
    /// The last backup did not come to its end: whether it was stopped by hand.
    pub backup_paused: Option<bool>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct SafePlace {
    pub kind: PlaceKind,
    pub name: String,
    pub present: bool,
    pub lacking: u64,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(TS))]
pub struct ShootSafety {
    /// Null stands for the photos without a shoot.
    pub name: Option<String>,
    pub photos: u64,
    pub nowhere: u64,
    pub alone: u64,
    pub not_in_library: u64,
    pub not_in_bucket: u64,
    pub not_mirrored: u64,
    pub places: u64,
}

/// What bringing originals back did.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct RestoreReport {
    pub restored: u64,
    pub failed: Vec<LeftOut>,
}

/// What copying to the mirrors did.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct MirrorReport {
    pub copied: u64,
    pub failed: Vec<LeftOut>,
}
