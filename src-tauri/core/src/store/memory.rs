//! A store in this process's memory, for tests.
//!
//! It keeps the contract to the letter. Where services differ it can be told to be one of the
//! lesser ones: without checksums kept, or without conditions. Time is what the test says.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use futures::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::{
    Chunks, Clock, Info, Part, Presigned, PutOptions, Result, Store, StoreError, UploadId, Visit,
    check_expiry, check_name, sha256, sha256_of_parts,
};

#[derive(Debug, Clone)]
struct Object {
    body: Bytes,
    info: Info,
}

#[derive(Debug)]
struct Upload {
    name: String,
    content_type: Option<String>,
    parts: BTreeMap<u32, (Part, Bytes)>,
}

#[derive(Debug, Default)]
struct Held {
    objects: BTreeMap<String, Object>,
    uploads: BTreeMap<String, Upload>,
    begun: u64,
}

/// Clones are the same store: give one to each of two "computers".
#[derive(Clone)]
pub struct MemoryStore {
    held: Arc<Mutex<Held>>,
    clock: Clock,
    keeps_checksums: bool,
    honours_conditions: bool,
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryStore({} objects)", self.held().objects.len())
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// Where it is always 2026-06-01 12:00 UTC.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(Arc::new(|| Timestamp::constant(1_780_315_200, 0)))
    }

    #[must_use]
    pub fn with_clock(clock: Clock) -> Self {
        Self { held: Arc::default(), clock, keeps_checksums: true, honours_conditions: true }
    }

    /// Like services that check a checksum but do not give it back.
    #[must_use]
    pub fn forgetting_checksums(mut self) -> Self {
        self.keeps_checksums = false;
        self
    }

    /// Like Garage: `if_none_match` is ignored without a word.
    #[must_use]
    pub fn ignoring_conditions(mut self) -> Self {
        self.honours_conditions = false;
        self
    }

    /// Every name in the store.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.held().objects.keys().cloned().collect()
    }

    /// Changes an object behind everybody's back, as a rotting disk does; its checksum stays.
    pub fn tamper(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        if let Some(object) = self.held().objects.get_mut(name) {
            let mut body = object.body.to_vec();
            change(&mut body);
            object.info.bytes = body.len() as u64;
            object.body = body.into();
        }
    }

    /// An independent copy of what is there now: to roll a bucket back in a test.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        let held = Held { objects: self.held().objects.clone(), ..Held::default() };
        Self { held: Arc::new(Mutex::new(held)), ..self.clone() }
    }

    /// What a browser gets from a presigned address at the moment `at`.
    ///
    /// # Errors
    /// `Forbidden` when the address was tampered with or has ended, `NotFound` when the object is
    /// gone.
    pub fn open(&self, url: &Url, at: Timestamp) -> Result<Bytes> {
        let notes: String = url
            .query_pairs()
            .filter(|(key, _)| key.starts_with("x-ds-"))
            .map(|(key, value)| format!("&{key}={value}"))
            .collect();
        let name = check_address(url, "GET", &notes, at)?;
        let held = self.held();
        let object = held.objects.get(&name).ok_or(StoreError::NotFound { name })?;
        Ok(object.body.clone())
    }

    /// What a browser achieves by putting `body` to a presigned address at the moment `at`.
    ///
    /// # Errors
    /// `Forbidden` when the address, a header or the body's length is not what was signed.
    pub fn accept(&self, to: &Presigned, body: Bytes, at: Timestamp) -> Result<()> {
        let signed = signed_headers(&to.headers, body.len() as u64);
        let name = check_address(&to.url, "PUT", &signed, at)?;
        let content_type =
            to.headers.iter().find(|(n, _)| n == "content-type").map(|(_, v)| v.clone());
        let digest = sha256(&body);
        self.put_now(&name, body, digest, &PutOptions { if_none_match: true, content_type })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put_now(&self, name: &str, body: Bytes, digest: [u8; 32], o: &PutOptions) -> Result<()> {
        check_name(name)?;
        if sha256(&body) != digest {
            return Err(StoreError::ChecksumMismatch { name: name.to_owned() });
        }
        let mut held = self.held();
        if o.if_none_match && self.honours_conditions && held.objects.contains_key(name) {
            return Err(StoreError::PreconditionFailed { name: name.to_owned() });
        }
        let info = self.info(&body, Some(digest), None, o.content_type.clone());
        held.objects.insert(name.to_owned(), Object { body, info });
        Ok(())
    }

    fn info(
        &self,
        body: &Bytes,
        sha256: Option<[u8; 32]>,
        sha256_of_parts: Option<[u8; 32]>,
        content_type: Option<String>,
    ) -> Info {
        Info {
            bytes: body.len() as u64,
            sha256: sha256.filter(|_| self.keeps_checksums),
            sha256_of_parts: sha256_of_parts.filter(|_| self.keeps_checksums),
            etag: Some(HEXLOWER.encode(&super::sha256(body)[..16])),
            last_modified: (self.clock)(),
            content_type: Some(content_type.unwrap_or("application/octet-stream".into())),
        }
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn put(
        &self,
        name: &str,
        body: Bytes,
        sha256: [u8; 32],
        options: &PutOptions,
    ) -> Result<()> {
        self.put_now(name, body, sha256, options)
    }

    async fn get(&self, name: &str, range: Option<Range<u64>>) -> Result<Bytes> {
        check_name(name)?;
        let held = self.held();
        let object =
            held.objects.get(name).ok_or_else(|| StoreError::NotFound { name: name.to_owned() })?;
        let Some(range) = range else { return Ok(object.body.clone()) };
        let len = object.body.len() as u64;
        let (start, end) = (range.start, range.end.min(len));
        if start >= end {
            return Err(StoreError::BadRange { name: name.to_owned(), start, end: range.end });
        }
        let at = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        Ok(object.body.slice(at(start)..at(end)))
    }

    async fn get_stream(&self, name: &str, range: Option<Range<u64>>) -> Result<Chunks> {
        let body = self.get(name, range).await?;
        let pieces: Vec<Result<Bytes>> =
            body.chunks(64 * 1024).map(|c| Ok(body.slice_ref(c))).collect();
        Ok(stream::iter(pieces).boxed())
    }

    async fn head(&self, name: &str) -> Result<Option<Info>> {
        check_name(name)?;
        Ok(self.held().objects.get(name).map(|o| o.info.clone()))
    }

    async fn list(&self, prefix: &str, start_after: Option<&str>) -> Result<Vec<(String, Info)>> {
        let bare = |o: &Object| Info {
            sha256: None,
            sha256_of_parts: None,
            content_type: None,
            ..o.info.clone()
        };
        Ok(self
            .held()
            .objects
            .iter()
            .filter(|(n, _)| n.starts_with(prefix) && start_after.is_none_or(|s| n.as_str() > s))
            .map(|(n, o)| (n.clone(), bare(o)))
            .collect())
    }

    async fn delete(&self, names: &[String]) -> Result<()> {
        names.iter().try_for_each(|n| check_name(n))?;
        let mut held = self.held();
        for name in names {
            held.objects.remove(name);
        }
        Ok(())
    }

    async fn begin_parts(&self, name: &str, options: &PutOptions) -> Result<UploadId> {
        check_name(name)?;
        let mut held = self.held();
        held.begun += 1;
        let id = format!("upload-{}", held.begun);
        let upload = Upload {
            name: name.to_owned(),
            content_type: options.content_type.clone(),
            parts: BTreeMap::new(),
        };
        held.uploads.insert(id.clone(), upload);
        Ok(UploadId(id))
    }

    async fn put_part(
        &self,
        name: &str,
        upload: &UploadId,
        number: u32,
        body: Bytes,
        digest: [u8; 32],
    ) -> Result<Part> {
        if sha256(&body) != digest {
            return Err(StoreError::ChecksumMismatch { name: name.to_owned() });
        }
        let mut held = self.held();
        let open = open_upload(&mut held, name, upload)?;
        let etag = HEXLOWER.encode(&digest[..16]);
        let part = Part { number, bytes: body.len() as u64, etag, sha256: Some(digest) };
        open.parts.insert(number, (part.clone(), body));
        Ok(part)
    }

    async fn parts(&self, name: &str, upload: &UploadId) -> Result<Vec<Part>> {
        let mut held = self.held();
        let open = open_upload(&mut held, name, upload)?;
        let forget = !self.keeps_checksums;
        let known = |p: &Part| Part { sha256: p.sha256.filter(|_| !forget), ..p.clone() };
        Ok(open.parts.values().map(|(p, _)| known(p)).collect())
    }

    async fn finish_parts(&self, name: &str, upload: &UploadId, parts: &[Part]) -> Result<()> {
        let mut held = self.held();
        let open = open_upload(&mut held, name, upload)?;
        let mut body = Vec::new();
        let mut digests = Vec::new();
        for (i, part) in parts.iter().enumerate() {
            let has = open.parts.get(&part.number).filter(|(p, _)| p.etag == part.etag);
            let (Some((_, bytes)), true) = (has, part.number as usize == i + 1) else {
                return Err(StoreError::Unexpected {
                    what: format!("finishing `{name}`"),
                    answer: "InvalidPart".into(),
                    source: format!("part {} is not there", part.number).into(),
                });
            };
            digests.push(sha256(bytes));
            body.extend_from_slice(bytes);
        }
        let content_type = open.content_type.clone();
        let body = Bytes::from(body);
        let info = self.info(&body, None, Some(sha256_of_parts(&digests)), content_type);
        held.uploads.remove(&upload.0);
        held.objects.insert(name.to_owned(), Object { body, info });
        Ok(())
    }

    async fn abort_parts(&self, _name: &str, upload: &UploadId) -> Result<()> {
        self.held().uploads.remove(&upload.0);
        Ok(())
    }

    async fn uploads(&self, prefix: &str) -> Result<Vec<(String, UploadId)>> {
        Ok(self
            .held()
            .uploads
            .iter()
            .filter(|(_, u)| u.name.starts_with(prefix))
            .map(|(id, u)| (u.name.clone(), UploadId(id.clone())))
            .collect())
    }

    async fn presign_get(
        &self,
        name: &str,
        expires: Duration,
        at: Timestamp,
        notes: &[(&str, &str)],
    ) -> Result<Presigned> {
        let notes: String = notes.iter().map(|(key, value)| format!("&{key}={value}")).collect();
        let mut url = address(name, "GET", &notes, expires, at)?;
        let query = format!("{}{notes}", url.query().unwrap_or_default());
        url.set_query(Some(&query));
        Ok(Presigned { url, headers: Vec::new() })
    }

    async fn presign_put(
        &self,
        name: &str,
        bytes: u64,
        content_type: &str,
        expires: Duration,
        at: Timestamp,
    ) -> Result<Presigned> {
        let headers = vec![
            ("content-type".to_owned(), content_type.to_owned()),
            ("if-none-match".to_owned(), "*".to_owned()),
        ];
        let signed = signed_headers(&headers, bytes);
        Ok(Presigned { url: address(name, "PUT", &signed, expires, at)?, headers })
    }

    async fn visit(&self, address: &Url) -> Result<Visit> {
        let (status, body) = match self.open(address, (self.clock)()) {
            Ok(body) => (200, body),
            Err(StoreError::NotFound { .. }) => (404, Bytes::new()),
            Err(_) => (403, Bytes::new()),
        };
        Ok(Visit { status, body })
    }

    async fn server_date(&self) -> Result<Timestamp> {
        Ok((self.clock)())
    }

    async fn keeps_versions(&self) -> Result<Option<bool>> {
        Ok(Some(false))
    }
}

fn open_upload<'a>(held: &'a mut Held, name: &str, upload: &UploadId) -> Result<&'a mut Upload> {
    held.uploads
        .get_mut(&upload.0)
        .filter(|u| u.name == name)
        .ok_or_else(|| StoreError::NotFound { name: format!("{name} (upload {})", upload.0) })
}

fn signed_headers(headers: &[(String, String)], bytes: u64) -> String {
    let mut text: String = headers.iter().map(|(n, v)| format!("{n}:{v};")).collect();
    text.push_str(&format!("content-length:{bytes}"));
    text
}

/// Looks like a presigned S3 address, signature of 32 bytes included; it is no secret.
fn address(
    name: &str,
    method: &str,
    signed: &str,
    expires: Duration,
    at: Timestamp,
) -> Result<Url> {
    check_name(name)?;
    check_expiry(expires)?;
    let date = at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let seconds = expires.as_secs();
    let signature = sign(name, method, signed, &date, seconds);
    let text = format!(
        "http://memory.invalid/bucket/{name}?X-Amz-Algorithm=AWS4-HMAC-SHA256&\
         X-Amz-Date={date}&X-Amz-Expires={seconds}&X-Amz-Signature={signature}"
    );
    Url::parse(&text).map_err(|_| StoreError::BadName { name: name.to_owned() })
}

fn sign(name: &str, method: &str, signed: &str, date: &str, seconds: u64) -> String {
    let text = format!("memory store|{method}|{name}|{signed}|{date}|{seconds}");
    HEXLOWER.encode(&sha256(text.as_bytes()))
}

fn check_address(url: &Url, method: &str, signed: &str, at: Timestamp) -> Result<String> {
    let refuse = |why: &str| StoreError::Forbidden {
        what: format!("{method} {}", url.path()),
        source: why.to_owned().into(),
    };
    let value = |key: &str| {
        url.query_pairs().find(|(k, _)| k == key).map(|(_, v)| v.into_owned()).unwrap_or_default()
    };
    let name = url.path().strip_prefix("/bucket/").ok_or_else(|| refuse("no such path"))?;
    let (date, seconds) = (value("X-Amz-Date"), value("X-Amz-Expires"));
    let seconds: u64 = seconds.parse().map_err(|_| refuse("no expiry"))?;
    if sign(name, method, signed, &date, seconds) != value("X-Amz-Signature") {
        return Err(refuse("the signature does not match"));
    }
    let begun = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", &date)
        .and_then(|d| d.to_zoned(jiff::tz::TimeZone::UTC))
        .map_err(|_| refuse("no date"))?
        .timestamp();
    let life = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    if at < begun || at.duration_since(begun) > life {
        return Err(refuse("the address has ended"));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn put(store: &MemoryStore, name: &str, body: &'static [u8]) {
        let body = Bytes::from_static(body);
        store.put(name, body.clone(), sha256(&body), &PutOptions::default()).await.unwrap();
    }

    #[tokio::test]
    async fn a_snapshot_stays_as_it_was() {
        let store = MemoryStore::new();
        put(&store, "old", b"1").await;
        let before = store.snapshot();
        put(&store, "new", b"2").await;
        store.delete(&["old".to_owned()]).await.unwrap();
        assert_eq!(before.names(), ["old"]);
        assert_eq!(store.names(), ["new"]);
    }

    #[tokio::test]
    async fn tampering_leaves_the_checksum_of_what_was_sent() {
        let store = MemoryStore::new();
        put(&store, "name", b"good").await;
        store.tamper("name", |body| body[0] ^= 0x20);
        assert_eq!(store.get("name", None).await.unwrap(), "Good");
        assert_eq!(store.head("name").await.unwrap().unwrap().sha256, Some(sha256(b"good")));
    }

    #[tokio::test]
    async fn a_presigned_put_takes_what_was_signed() {
        let store = MemoryStore::new();
        let now = store.server_date().await.unwrap();
        let hour = Duration::from_secs(3600);
        let slot = store.presign_put("s/1/sel/00", 4, "text/plain", hour, now).await.unwrap();
        let accept = |body: &'static [u8], at| store.accept(&slot, Bytes::from_static(body), at);
        assert!(accept(b"longer", now).is_err());
        assert!(accept(b"late", now + SignedDuration::from_secs(3601)).is_err());
        accept(b"good", now).unwrap();
        let again = accept(b"more", now);
        assert!(matches!(again, Err(StoreError::PreconditionFailed { .. })), "{again:?}");
        assert_eq!(store.get("s/1/sel/00", None).await.unwrap(), "good");
    }
}
