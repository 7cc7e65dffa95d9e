//! Names and bytes in a bucket: the only room that talks to a network.
//!
//! A [`Store`] knows nothing of photos, keys or catalogues. It puts, gets, lists and deletes byte
//! strings under names, and signs addresses that let a browser do one such thing for a while.
//! [`S3Store`] does it on any S3-compatible service, [`MemoryStore`] for tests, and
//! [`FaultyStore`] breaks any of them on purpose.
//!
//! The invariant: what `put` returned `Ok` for is durable under that name with exactly those bytes,
//! because their SHA-256 went along and the service checked it. ETags are never trusted.
//! Retries happen here, and only for what a retry can mend; a caller sees the last failure.

mod check;
mod error;
mod faulty;
mod memory;
mod providers;
mod s3;
mod throttled;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use url::Url;

pub use check::{BucketCheck, Finding, Hardening, Mark, Subject, check, harden};
pub use error::StoreError;
pub use faulty::{Call, Fault, FaultyStore, Operation, When};
pub use memory::MemoryStore;
pub use providers::{PROVIDERS, Policy, Price, Provider, Region, provider_of};
pub use s3::{Connection, Credentials, Patience, S3Store};
pub use throttled::ThrottledStore;

pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Says what time it is; passed in, so that tests can say otherwise.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The body of a large object, piece by piece. A failure in the middle ends it.
pub type Chunks = BoxStream<'static, Result<Bytes>>;

/// Parts for [`Store::put_parts`], in order. A failure to make one aborts the upload.
pub type PartBodies<'a> = BoxStream<'a, std::io::Result<Bytes>>;

/// Every service takes parts of this size; only the last one may be smaller.
pub const SMALLEST_PART: u64 = 5 * 1024 * 1024;
/// A presigned address lives at least this long ...
pub const SHORTEST_LINK: Duration = Duration::from_secs(1);
/// ... and at most this long: signature V4 allows no more.
pub const LONGEST_LINK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// A computer further than this from the store's time is told so.
pub const CLOCK_TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// What a `put` asks for beside the bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutOptions {
    /// Refuse with `PreconditionFailed` when the name is taken. Services that do not know the
    /// condition ignore it silently (see [`Probe::if_none_match`]): never depend on it alone.
    pub if_none_match: bool,
    /// Served with the object; `application/octet-stream` when absent.
    pub content_type: Option<String>,
}

/// What the store knows of an object without giving its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    pub bytes: u64,
    /// Of the whole object, where the store kept the one it was put with. Lists never carry it.
    pub sha256: Option<[u8; 32]>,
    /// Of an object put in parts: SHA-256 over the parts' SHA-256 (see [`sha256_of_parts`]).
    pub sha256_of_parts: Option<[u8; 32]>,
    /// Without its quotes. Opaque: never a checksum.
    pub etag: Option<String>,
    /// By the store's clock.
    pub last_modified: Timestamp,
    /// As given at `put`; lists never carry it.
    pub content_type: Option<String>,
}

/// One upload in parts that is not finished yet, as the service names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UploadId(pub String);

/// A part the store has accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// From 1, without gaps.
    pub number: u32,
    pub bytes: u64,
    pub etag: String,
    /// Where the store kept it; always present in what `put_part` returns.
    pub sha256: Option<[u8; 32]>,
}

/// An address that lets whoever holds it do one thing until it ends.
#[derive(Clone, PartialEq, Eq)]
pub struct Presigned {
    pub url: Url,
    /// Must be sent exactly like this; the browser adds `content-length` by itself.
    pub headers: Vec<(String, String)>,
}

impl fmt::Debug for Presigned {
    /// A presigned address is a bearer token: only its path is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Presigned({}?[REDACTED])", self.url.path())
    }
}

/// What whoever holds an address gets there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Of HTTP; 200 is the object itself.
    pub status: u16,
    pub body: Bytes,
}

/// Names and bytes in one bucket, below one root prefix.
///
/// # The contract
/// `tests/store_contract.rs` checks it against every implementation.
///
/// - A name is 1 to 900 bytes of ASCII letters, digits and `/ . - _`, without an empty, `.` or `..`
///   component. A name may not be a folder of another (`a` beside `a/b`): servers that keep
///   objects as files cannot hold both.
/// - `put` answers `Ok` only when the store holds these bytes; a body that does not have
///   `sha256` is refused (`ChecksumMismatch`) and nothing is stored. Putting a name again replaces
///   it at once for all readers, unless `if_none_match` asks otherwise.
/// - After an error other than `ChecksumMismatch` or `PreconditionFailed`, a `put` or `delete` may
///   still have happened: look with `head`.
/// - `get` of a range gives exactly its bytes; a range that begins at or behind the end, or is
///   empty, is `NotFound`'s sibling `BadRange`; one that ends behind the end is cut there.
/// - `head` and `get` of a missing name: `None` and `NotFound`. A missing bucket: `NoBucket`.
/// - `list` gives every name with the prefix that is greater than `start_after`, all pages, in the
///   order of their bytes. What was put or deleted before the call began is seen.
/// - `delete` removes all versions where the store keeps versions; a missing name is no error. It
///   goes on past a name that fails and then returns the first failure.
/// - Parts become visible only by `finish_parts`, and then all at once. `finish_parts` refuses an
///   upload whose parts the store does not have. An upload that is not finished is listed by
///   `uploads` where the service does so, and goes by `abort_parts` (aborting twice is no error).
/// - Presigning needs no network. `at` is the moment the life of the address begins, `expires` from
///   [`SHORTEST_LINK`] to [`LONGEST_LINK`] (else `BadExpiry`). A presigned PUT takes exactly `bytes` bytes of
///   `content_type` under a name that was not taken (the last where conditions are honoured).
/// - Dropping a future cancels its request; a `put` may then have happened.
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    async fn put(
        &self,
        name: &str,
        body: Bytes,
        sha256: [u8; 32],
        options: &PutOptions,
    ) -> Result<()>;

    async fn get(&self, name: &str, range: Option<Range<u64>>) -> Result<Bytes>;

    /// Like `get`, but in pieces as they arrive, for objects too large to hold.
    async fn get_stream(&self, name: &str, range: Option<Range<u64>>) -> Result<Chunks>;

    async fn head(&self, name: &str) -> Result<Option<Info>>;

    async fn list(&self, prefix: &str, start_after: Option<&str>) -> Result<Vec<(String, Info)>>;

    async fn delete(&self, names: &[String]) -> Result<()>;

    /// Begins an upload in parts; journal the id before sending anything.
    async fn begin_parts(&self, name: &str, options: &PutOptions) -> Result<UploadId>;

    /// Sends one part; sending a number again replaces it.
    async fn put_part(
        &self,
        name: &str,
        upload: &UploadId,
        number: u32,
        body: Bytes,
        sha256: [u8; 32],
    ) -> Result<Part>;

    /// The parts the store has of an unfinished upload, by number: an interrupted run goes on from
    /// here. `NotFound` when the upload is finished, aborted or unknown.
    async fn parts(&self, name: &str, upload: &UploadId) -> Result<Vec<Part>>;

    /// Makes the object of `parts`, given in order.
    async fn finish_parts(&self, name: &str, upload: &UploadId, parts: &[Part]) -> Result<()>;

    async fn abort_parts(&self, name: &str, upload: &UploadId) -> Result<()>;

    /// Unfinished uploads under `prefix`. Some services list none, or only for an exact name:
    /// what a program began it must remember itself.
    async fn uploads(&self, prefix: &str) -> Result<Vec<(String, UploadId)>>;

    /// `notes` are further parameters of the query, each called `x-ds-..`: signed with the rest,
    /// written by services into their logs and otherwise ignored. Keys and values are made of
    /// letters, digits and `. - _` (else `BadName`).
    async fn presign_get(
        &self,
        name: &str,
        expires: Duration,
        at: Timestamp,
        notes: &[(&str, &str)],
    ) -> Result<Presigned>;

    async fn presign_put(
        &self,
        name: &str,
        bytes: u64,
        content_type: &str,
        expires: Duration,
        at: Timestamp,
    ) -> Result<Presigned>;

    /// Gets a presigned address as a stranger would: without credentials, whatever the answer.
    /// Only an answer that never came is an error.
    async fn visit(&self, address: &Url) -> Result<Visit>;

    /// The store's time, from a request made now.
    async fn server_date(&self) -> Result<Timestamp>;

    /// Whether deleted and replaced objects live on as old versions; `None` where these credentials
    /// may not know.
    async fn keeps_versions(&self) -> Result<Option<bool>>;

    /// Puts a large object in parts, each made when it is needed, and aborts on any failure.
    /// All parts but the last must have the same size, at least [`SMALLEST_PART`].
    async fn put_parts(
        &self,
        name: &str,
        mut bodies: PartBodies<'_>,
        options: &PutOptions,
    ) -> Result<Vec<Part>> {
        let upload = self.begin_parts(name, options).await?;
        let sent = async {
            let mut parts = Vec::new();
            while let Some(body) = bodies.next().await {
                let body = body.map_err(|source| StoreError::Body { source })?;
                let number = u32::try_from(parts.len() + 1).unwrap_or(u32::MAX);
                let digest = sha256(&body);
                parts.push(self.put_part(name, &upload, number, body, digest).await?);
            }
            self.finish_parts(name, &upload, &parts).await?;
            Ok(parts)
        };
        match sent.await {
            Ok(parts) => Ok(parts),
            Err(error) => {
                // The first failure is the one to tell; a leftover is aborted by a later run.
                if let Err(leftover) = self.abort_parts(name, &upload).await {
                    tracing::warn!(%name, %leftover, "an unfinished upload stays behind");
                }
                Err(error)
            }
        }
    }
}

/// What a store honours of the things that not every service does; see [`probe`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "plain findings, each reported on its own")]
pub struct Probe {
    /// Bytes that do not have their declared SHA-256 were refused.
    pub checksum_enforced: bool,
    /// `head` gives the SHA-256 back.
    pub checksum_kept: bool,
    /// A second `put` with `if_none_match` was refused.
    pub if_none_match: bool,
    /// Old versions live on after a delete, unless each is deleted; `None`: may not be asked.
    pub keeps_versions: Option<bool>,
    /// The store's clock minus this computer's, in seconds.
    pub clock_ahead: i64,
}

/// SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The checksum a store keeps for an object put in parts: SHA-256 over the SHA-256 of each.
#[must_use]
pub fn sha256_of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8; 32]>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Refuses names the contract does not know, before they reach a server.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'-' | b'_');
    let good = (1..=900).contains(&name.len())
        && name.bytes().all(allowed)
        && name.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if good { Ok(()) } else { Err(StoreError::BadName { name: name.to_owned() }) }
}

pub(crate) fn check_expiry(expires: Duration) -> Result<()> {
    if (SHORTEST_LINK..=LONGEST_LINK).contains(&expires) {
        Ok(())
    } else {
        Err(StoreError::BadExpiry { expires })
    }
}

/// Puts a throw-away object under `probe/`, looks what became of it and takes it away again.
///
/// # Errors
/// The first thing of put, get, head and delete that does not work: without them nothing does.
pub async fn probe(store: &dyn Store, unique: &str, now: Timestamp) -> Result<Probe> {
    let name = format!("probe/{unique}");
    let body = Bytes::from_static(b"Darkslide looks whether this bucket works.");
    let digest = sha256(&body);
    let clock_ahead = store.server_date().await?.as_second() - now.as_second();
    store.put(&name, body.clone(), digest, &PutOptions::default()).await?;
    let found = async {
        let got = store.get(&name, None).await?;
        let info = store.head(&name).await?;
        let fresh = PutOptions { if_none_match: true, ..PutOptions::default() };
        let second = store.put(&name, body.clone(), digest, &fresh).await;
        let wrong = store.put(&name, body.clone(), [0; 32], &PutOptions::default()).await;
        if got != body || info.as_ref().map(|i| i.bytes) != Some(body.len() as u64) {
            return Err(StoreError::ChecksumMismatch { name: name.clone() });
        }
        Ok(Probe {
            checksum_enforced: match wrong {
                Ok(()) => false,
                Err(StoreError::ChecksumMismatch { .. }) => true,
                Err(other) => return Err(other),
            },
            checksum_kept: info.and_then(|i| i.sha256) == Some(digest),
            if_none_match: match second {
                Ok(()) => false,
                Err(StoreError::PreconditionFailed { .. }) => true,
                // Some services refuse the condition itself.
                Err(StoreError::Unexpected { .. }) => false,
                Err(other) => return Err(other),
            },
            keeps_versions: store.keeps_versions().await?,
            clock_ahead,
        })
    };
    let found = found.await;
    store.delete(std::slice::from_ref(&name)).await?;
    found
}

/// Collects a stream into one buffer.
pub(crate) async fn collect(chunks: Chunks) -> Result<Bytes> {
    let all: Vec<Bytes> = chunks.try_collect().await?;
    Ok(match all.len() {
        1 => all.into_iter().next().unwrap_or_default(),
        _ => all.concat().into(),
    })
}
