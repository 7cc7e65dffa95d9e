//! What the catalogue keeps of a share, so that the photographer can see, resend and revoke it.
//!
//! A share is a subject: its fields travel to the bucket sealed under its own key and come back
//! with `vault open`. The record is written before the first byte is put, so that a run that was
//! killed leaves nothing in the bucket that nobody knows of.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::ShareOptions;
use super::error::ShareError;
use super::link::{Link, share_name};
use crate::catalog::{Catalog, Change, ShareRow};
use crate::media::{AlbumId, PhotoId, ShareId, SubjectKind};

/// Where a share stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Being made, or its making was interrupted; no link was given out.
    Unfinished,
    Live,
    Ended,
    Revoked,
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Unfinished => "unfinished",
            Self::Live => "live",
            Self::Ended => "ended",
            Self::Revoked => "revoked",
        })
    }
}

/// A share as it is listed.
#[derive(Clone, Serialize)]
pub struct ShareInfo {
    /// Its name in the bucket, below `s/`.
    pub share_id: String,
    pub state: State,
    pub title: String,
    pub album: Option<AlbumId>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// Until the end, in whole seconds; 0 when it is not live.
    pub seconds_left: u64,
    pub revoked_at: Option<Timestamp>,
    /// When every address was asked and gave nothing; without it a revocation is not proven.
    pub proven_at: Option<Timestamp>,
    /// Photos shown.
    pub items: u64,
    pub url: String,
    pub passcode: Option<String>,
}

impl std::fmt::Debug for ShareInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ShareInfo({}, {})", self.share_id, self.state)
    }
}

/// A share as the rest of this room needs it.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub id: ShareId,
    pub info: ShareInfo,
    /// Everything but the page is deleted.
    pub swept: bool,
    /// The page too.
    pub gone: bool,
}

/// All shares, the one that ends last first.
///
/// # Errors
/// The catalogue could not be read.
pub fn list(catalog: &Catalog, now: Timestamp) -> Result<Vec<ShareInfo>, ShareError> {
    Ok(records(catalog, now)?.into_iter().map(|record| record.info).collect())
}

/// The one share whose id begins with `prefix`.
///
/// # Errors
/// None does, or several do.
pub fn show(catalog: &Catalog, prefix: &str, now: Timestamp) -> Result<ShareInfo, ShareError> {
    Ok(find(catalog, prefix, now)?.info)
}

pub(super) fn find(catalog: &Catalog, prefix: &str, now: Timestamp) -> Result<Record, ShareError> {
    let wanted = prefix.trim().to_ascii_lowercase();
    let fits = |record: &Record| {
        record.info.share_id.starts_with(&wanted) || record.id.to_string() == wanted
    };
    let mut found: Vec<Record> = records(catalog, now)?.into_iter().filter(fits).collect();
    match found.len() {
        1 if !wanted.is_empty() => Ok(found.remove(0)),
        0 | 1 => Err(ShareError::NoShare(prefix.to_owned())),
        several => Err(ShareError::Ambiguous(prefix.to_owned(), several)),
    }
}

pub(super) fn records(catalog: &Catalog, now: Timestamp) -> Result<Vec<Record>, ShareError> {
    Ok(catalog.shares()?.iter().map(|row| read(row, now)).collect())
}

fn read(row: &ShareRow, now: Timestamp) -> Record {
    let text = |field: &str| row.fields.get(field).and_then(Value::as_str).map(str::to_owned);
    let time = |field: &str| text(field).and_then(|text| text.parse::<Timestamp>().ok());
    let expires_at = row.expires.unwrap_or(Timestamp::UNIX_EPOCH);
    let url = text("link").unwrap_or_default();
    let state = match () {
        () if row.revoked.is_some() => State::Revoked,
        () if url.is_empty() => State::Unfinished,
        () if now < expires_at => State::Live,
        () => State::Ended,
    };
    let left = expires_at.as_second().saturating_sub(now.as_second());
    let info = ShareInfo {
        share_id: text("share").unwrap_or_else(|| share_name(row.id)),
        state,
        title: text("title").unwrap_or_default(),
        album: row.album,
        created_at: time("created").unwrap_or(Timestamp::UNIX_EPOCH),
        expires_at,
        seconds_left: match state {
            State::Live => u64::try_from(left).unwrap_or(0),
            _ => 0,
        },
        revoked_at: row.revoked,
        proven_at: time("proven"),
        items: row.fields.get("items").and_then(Value::as_u64).unwrap_or(0),
        url,
        passcode: text("passcode"),
    };
    Record { id: row.id, info, swept: time("swept").is_some(), gone: time("gone").is_some() }
}

/// Notes that a share is being made.
pub(super) fn begin(
    catalog: &Catalog,
    id: ShareId,
    album: AlbumId,
    options: &ShareOptions,
    now: Timestamp,
) -> Result<(), ShareError> {
    let end = now.saturating_add(lifetime(options.expires_in)).unwrap_or(Timestamp::MAX);
    let change = Change::new(SubjectKind::Share, id)
        .set("share", share_name(id))
        .set("album", album.to_string())
        .set("title", options.title.as_str())
        .set("created", second(now).to_string())
        .set("expires", second(end).to_string());
    Ok(catalog.write(&[change])?)
}

/// Notes that a share is made: from here on there is a link to it.
pub(super) fn finish(
    catalog: &Catalog,
    id: ShareId,
    made: &super::Created,
    link: &Link,
    options: &ShareOptions,
    photos: &[PhotoId],
) -> Result<(), ShareError> {
    let photos: Vec<String> = photos.iter().map(ToString::to_string).collect();
    let key = data_encoding::BASE64URL_NOPAD.encode(link.secret.expose());
    let change = Change::new(SubjectKind::Share, id)
        .set("key", key)
        .set("link", made.url.as_str())
        .set("n", link.n)
        .set("passcode", made.passcode.clone().map_or(Value::Null, Value::String))
        .set("message", options.message.clone().map_or(Value::Null, Value::String))
        .set("watermark", options.watermark.clone().map_or(Value::Null, Value::String))
        .set("originals", json!(options.originals))
        .set("size", options.size_px)
        .set("expires", made.expires_at.to_string())
        .set("items", made.items)
        .set("photos", photos);
    Ok(catalog.write(&[change])?)
}

/// Notes a moment: `revoked`, `proven`, `swept` or `gone`.
pub(super) fn mark(
    catalog: &Catalog,
    id: ShareId,
    fields: &[&str],
    now: Timestamp,
) -> Result<(), ShareError> {
    let start = Change::new(SubjectKind::Share, id);
    let at = second(now).to_string();
    let change = fields.iter().fold(start, |change, field| change.set(*field, at.as_str()));
    Ok(catalog.write(&[change])?)
}

/// A moment without its fraction.
pub(super) fn second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

pub(super) fn lifetime(duration: Duration) -> jiff::SignedDuration {
    jiff::SignedDuration::from_secs(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
}
