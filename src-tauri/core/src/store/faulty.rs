//! A store that fails when a test says so.
//!
//! Crash and network tests count calls: first a run without faults tells how many there are, then
//! the same run is repeated with a fault at each of them.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use jiff::Timestamp;
use url::Url;

use super::{
    Chunks, Info, Part, Presigned, PutOptions, Result, Store, StoreError, UploadId, Visit, collect,
};

/// What was asked of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    Put,
    Get,
    Head,
    List,
    Delete,
    BeginParts,
    PutPart,
    Parts,
    FinishParts,
    AbortParts,
    Uploads,
    Presign,
    Visit,
    ServerDate,
    KeepsVersions,
}

/// One thing that was asked, with the name or prefix it was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub operation: Operation,
    pub name: String,
}

/// When a fault strikes. Counting begins with 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The n-th call of any kind.
    Call(usize),
    /// The n-th call of any kind and all later ones: the line is cut, or the program killed.
    From(usize),
    /// The n-th call of this kind.
    Of(Operation, usize),
    /// Every call of this kind.
    Every(Operation),
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing happens, and the caller is told the store is offline.
    Fail,
    /// It happens, but the caller is told the store is offline.
    LoseAnswer,
    /// Nothing happens, and the caller is told it has no right to.
    Forbid,
    /// It happens late.
    Delay(Duration),
    /// A `get` gives one bit wrong, in the middle.
    FlipBit,
}

#[derive(Debug, Default)]
struct Plan {
    faults: Vec<(When, Fault)>,
    calls: Vec<Call>,
}

/// Clones share the plan and the record of calls.
#[derive(Debug, Clone)]
pub struct FaultyStore {
    inner: Arc<dyn Store>,
    plan: Arc<Mutex<Plan>>,
}

impl FaultyStore {
    #[must_use]
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self { inner, plan: Arc::default() }
    }

    /// Plans a fault; several may be planned, the first that applies strikes.
    pub fn plan(&self, when: When, fault: Fault) {
        self.with(|p| p.faults.push((when, fault)));
    }

    /// The line is whole again. The record of calls stays.
    pub fn heal(&self) {
        self.with(|p| p.faults.clear());
    }

    /// Everything that was asked so far, in order; counting for `When` goes on from here.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.with(|p| p.calls.clone())
    }

    fn with<T>(&self, f: impl FnOnce(&mut Plan) -> T) -> T {
        f(&mut self.plan.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Records the call and says what is to go wrong with it.
    fn called(&self, operation: Operation, name: &str) -> Option<Fault> {
        self.with(|p| {
            p.calls.push(Call { operation, name: name.to_owned() });
            let all = p.calls.len();
            let same = p.calls.iter().filter(|c| c.operation == operation).count();
            let strikes = |when: &When| match *when {
                When::Call(n) => n == all,
                When::From(n) => n <= all,
                When::Of(kind, n) => kind == operation && n == same,
                When::Every(kind) => kind == operation,
            };
            p.faults.iter().find(|(when, _)| strikes(when)).map(|&(_, fault)| fault)
        })
    }

    async fn run<T>(
        &self,
        operation: Operation,
        name: &str,
        work: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        strike(self.called(operation, name), work).await
    }
}

async fn strike<T>(
    fault: Option<Fault>,
    work: impl Future<Output = Result<T>> + Send,
) -> Result<T> {
    match fault {
        Some(Fault::Fail) => Err(offline()),
        Some(Fault::Forbid) => Err(StoreError::Forbidden {
            what: "what a test planned".into(),
            source: "planned by a test".into(),
        }),
        Some(Fault::LoseAnswer) => {
            work.await?;
            Err(offline())
        }
        Some(Fault::Delay(by)) => {
            tokio::time::sleep(by).await;
            work.await
        }
        Some(Fault::FlipBit) | None => work.await,
    }
}

fn offline() -> StoreError {
    StoreError::Offline { endpoint: "a faulty store".into(), source: "planned by a test".into() }
}

fn flip(body: &Bytes) -> Bytes {
    let mut bytes = body.to_vec();
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
    }
    bytes.into()
}

#[async_trait]
impl Store for FaultyStore {
    async fn put(
        &self,
        name: &str,
        body: Bytes,
        sha256: [u8; 32],
        options: &PutOptions,
    ) -> Result<()> {
        self.run(Operation::Put, name, self.inner.put(name, body, sha256, options)).await
    }

    async fn get(&self, name: &str, range: Option<Range<u64>>) -> Result<Bytes> {
        collect(self.get_stream(name, range).await?).await
    }

    async fn get_stream(&self, name: &str, range: Option<Range<u64>>) -> Result<Chunks> {
        let fault = self.called(Operation::Get, name);
        let chunks = strike(fault, self.inner.get_stream(name, range)).await?;
        if fault != Some(Fault::FlipBit) {
            return Ok(chunks);
        }
        let body = flip(&collect(chunks).await?);
        Ok(stream::iter([Ok(body)]).boxed())
    }

    async fn head(&self, name: &str) -> Result<Option<Info>> {
        self.run(Operation::Head, name, self.inner.head(name)).await
    }

    async fn list(&self, prefix: &str, start_after: Option<&str>) -> Result<Vec<(String, Info)>> {
        self.run(Operation::List, prefix, self.inner.list(prefix, start_after)).await
    }

    async fn delete(&self, names: &[String]) -> Result<()> {
        self.run(Operation::Delete, &names.join(" "), self.inner.delete(names)).await
    }

    async fn begin_parts(&self, name: &str, options: &PutOptions) -> Result<UploadId> {
        self.run(Operation::BeginParts, name, self.inner.begin_parts(name, options)).await
    }

    async fn put_part(
        &self,
        name: &str,
        upload: &UploadId,
        number: u32,
        body: Bytes,
        sha256: [u8; 32],
    ) -> Result<Part> {
        let work = self.inner.put_part(name, upload, number, body, sha256);
        self.run(Operation::PutPart, name, work).await
    }

    async fn parts(&self, name: &str, upload: &UploadId) -> Result<Vec<Part>> {
        self.run(Operation::Parts, name, self.inner.parts(name, upload)).await
    }

    async fn finish_parts(&self, name: &str, upload: &UploadId, parts: &[Part]) -> Result<()> {
        let work = self.inner.finish_parts(name, upload, parts);
        self.run(Operation::FinishParts, name, work).await
    }

    async fn abort_parts(&self, name: &str, upload: &UploadId) -> Result<()> {
        self.run(Operation::AbortParts, name, self.inner.abort_parts(name, upload)).await
    }

    async fn uploads(&self, prefix: &str) -> Result<Vec<(String, UploadId)>> {
        self.run(Operation::Uploads, prefix, self.inner.uploads(prefix)).await
    }

    async fn presign_get(
        &self,
        name: &str,
        expires: Duration,
        at: Timestamp,
        notes: &[(&str, &str)],
    ) -> Result<Presigned> {
        let work = self.inner.presign_get(name, expires, at, notes);
        self.run(Operation::Presign, name, work).await
    }

    async fn presign_put(
        &self,
        name: &str,
        bytes: u64,
        content_type: &str,
        expires: Duration,
        at: Timestamp,
    ) -> Result<Presigned> {
        let work = self.inner.presign_put(name, bytes, content_type, expires, at);
        self.run(Operation::Presign, name, work).await
    }

    async fn visit(&self, address: &Url) -> Result<Visit> {
        self.run(Operation::Visit, address.path(), self.inner.visit(address)).await
    }

    async fn server_date(&self) -> Result<Timestamp> {
        self.run(Operation::ServerDate, "", self.inner.server_date()).await
    }

    async fn keeps_versions(&self) -> Result<Option<bool>> {
        self.run(Operation::KeepsVersions, "", self.inner.keeps_versions()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MemoryStore, sha256};

    async fn put(store: &dyn Store, name: &str) -> Result<()> {
        let body = Bytes::copy_from_slice(name.as_bytes());
        let digest = sha256(&body);
        store.put(name, body, digest, &PutOptions::default()).await
    }

    fn faulty() -> (MemoryStore, FaultyStore) {
        let memory = MemoryStore::new();
        (memory.clone(), FaultyStore::new(Arc::new(memory)))
    }

    #[tokio::test]
    async fn a_cut_line_lets_nothing_through_until_healed() {
        let (memory, store) = faulty();
        store.plan(When::From(2), Fault::Fail);
        put(&store, "a").await.unwrap();
        assert!(put(&store, "b").await.unwrap_err().is_retryable());
        assert!(store.head("a").await.is_err());
        assert_eq!(memory.names(), ["a"]);
        store.heal();
        put(&store, "b").await.unwrap();
        let calls = store.calls();
        assert_eq!(calls.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["a", "b", "a", "b"]);
    }

    #[tokio::test]
    async fn a_lost_answer_hides_what_happened() {
        let (memory, store) = faulty();
        store.plan(When::Of(Operation::Put, 2), Fault::LoseAnswer);
        put(&store, "a").await.unwrap();
        assert!(put(&store, "b").await.unwrap_err().is_retryable());
        put(&store, "c").await.unwrap();
        assert_eq!(memory.names(), ["a", "b", "c"]);
    }

    #[tokio::test]
    async fn a_flipped_bit_is_in_what_is_read_and_not_in_what_is_kept() {
        let (memory, store) = faulty();
        put(&store, "name").await.unwrap();
        store.plan(When::Every(Operation::Get), Fault::FlipBit);
        assert_eq!(store.get("name", None).await.unwrap(), "nale");
        assert_eq!(memory.get("name", None).await.unwrap(), "name");
    }
}
