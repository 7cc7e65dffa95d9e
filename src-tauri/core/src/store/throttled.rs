//! A store that sends at most so many bytes a second, so that a backup leaves room for the rest of
//! the house. Only what is sent is held back; reading is not.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::{Chunks, Info, Part, Presigned, PutOptions, Result, Store, UploadId, Visit};

/// Wraps any store; see the module.
#[derive(Debug)]
pub struct ThrottledStore {
    inner: Arc<dyn Store>,
    bytes_per_second: u64,
    /// When the line is free again.
    free_at: Mutex<Option<Instant>>,
}

impl ThrottledStore {
    #[must_use]
    pub fn new(inner: Arc<dyn Store>, bytes_per_second: u64) -> Self {
        Self { inner, bytes_per_second: bytes_per_second.max(1), free_at: Mutex::new(None) }
    }

    /// Waits until `bytes` may go. Bodies queue up one behind the other, each for as long as it
    /// would take at this rate.
    async fn wait(&self, bytes: usize) {
        let taken =
            Duration::from_micros((bytes as u64).saturating_mul(1_000_000) / self.bytes_per_second);
        let start = {
            let mut free_at = self.free_at.lock().await;
            let now = Instant::now();
            let start = free_at.map_or(now, |at| at.max(now));
            *free_at = Some(start + taken);
            start + taken
        };
        tokio::time::sleep_until(start).await;
    }
}

#[async_trait]
impl Store for ThrottledStore {
    async fn put(
        &self,
        name: &str,
        body: Bytes,
        sha256: [u8; 32],
        options: &PutOptions,
    ) -> Result<()> {
        self.wait(body.len()).await;
        self.inner.put(name, body, sha256, options).await
    }

    async fn get(&self, name: &str, range: Option<Range<u64>>) -> Result<Bytes> {
        self.inner.get(name, range).await
    }

    async fn get_stream(&self, name: &str, range: Option<Range<u64>>) -> Result<Chunks> {
        self.inner.get_stream(name, range).await
    }

    async fn head(&self, name: &str) -> Result<Option<Info>> {
        self.inner.head(name).await
    }

    async fn list(&self, prefix: &str, start_after: Option<&str>) -> Result<Vec<(String, Info)>> {
        self.inner.list(prefix, start_after).await
    }

    async fn delete(&self, names: &[String]) -> Result<()> {
        self.inner.delete(names).await
    }

    async fn begin_parts(&self, name: &str, options: &PutOptions) -> Result<UploadId> {
        self.inner.begin_parts(name, options).await
    }

    async fn put_part(
        &self,
        name: &str,
        upload: &UploadId,
        number: u32,
        body: Bytes,
        sha256: [u8; 32],
    ) -> Result<Part> {
        self.wait(body.len()).await;
        self.inner.put_part(name, upload, number, body, sha256).await
    }

    async fn parts(&self, name: &str, upload: &UploadId) -> Result<Vec<Part>> {
        self.inner.parts(name, upload).await
    }

    async fn finish_parts(&self, name: &str, upload: &UploadId, parts: &[Part]) -> Result<()> {
        self.inner.finish_parts(name, upload, parts).await
    }

    async fn abort_parts(&self, name: &str, upload: &UploadId) -> Result<()> {
        self.inner.abort_parts(name, upload).await
    }

    async fn uploads(&self, prefix: &str) -> Result<Vec<(String, UploadId)>> {
        self.inner.uploads(prefix).await
    }

    async fn presign_get(
        &self,
        name: &str,
        expires: Duration,
        at: Timestamp,
        notes: &[(&str, &str)],
    ) -> Result<Presigned> {
        self.inner.presign_get(name, expires, at, notes).await
    }

    async fn presign_put(
        &self,
        name: &str,
        bytes: u64,
        content_type: &str,
        expires: Duration,
        at: Timestamp,
    ) -> Result<Presigned> {
        self.inner.presign_put(name, bytes, content_type, expires, at).await
    }

    async fn visit(&self, address: &Url) -> Result<Visit> {
        self.inner.visit(address).await
    }

    async fn server_date(&self) -> Result<Timestamp> {
        self.inner.server_date().await
    }

    async fn keeps_versions(&self) -> Result<Option<bool>> {
        self.inner.keeps_versions().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MemoryStore, sha256};

    #[tokio::test]
    async fn two_bodies_together_take_the_time_of_both() {
        let store = ThrottledStore::new(Arc::new(MemoryStore::new()), 100_000);
        let body = Bytes::from(vec![1; 10_000]);
        let digest = sha256(&body);
        let begun = Instant::now();
        let options = PutOptions::default();
        let (a, b) = tokio::join!(
            store.put("a", body.clone(), digest, &options),
            store.put("b", body.clone(), digest, &options)
        );
        a.unwrap();
        b.unwrap();
        assert!(begun.elapsed() >= Duration::from_millis(200), "20 kB at 100 kB/s take 200 ms");
    }
}
