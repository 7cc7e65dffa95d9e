//! Reads an object piece by piece and goes on after a broken line.
//!
//! The SDK retries a request until its answer begins; from there on it is up to us. A transfer
//! that breaks is asked for again from the byte it broke at, and only if the object is still the
//! same one.

use std::ops::Range;
use std::time::Duration;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use futures::stream::{self, StreamExt};

use super::super::{Chunks, Result, StoreError};
use super::{S3Store, bare, length};

pub(super) struct Download {
    store: S3Store,
    name: String,
    body: ByteStream,
    etag: Option<String>,
    /// The next byte expected and the one behind the last.
    next: u64,
    end: u64,
    attempts: u32,
    pause: Duration,
}

impl Download {
    pub async fn begin(store: S3Store, name: &str, range: Option<Range<u64>>) -> Result<Chunks> {
        if let Some(Range { start, end }) = range
            && start >= end
        {
            return Err(StoreError::BadRange { name: name.to_owned(), start, end });
        }
        let got = ask(&store, name, range.clone()).await?;
        let start = range.map_or(0, |r| r.start);
        let download = Self {
            attempts: store.0.patience.attempts,
            pause: store.0.patience.first_pause,
            name: name.to_owned(),
            etag: got.e_tag().map(bare),
            next: start,
            end: start + length(got.content_length()),
            body: got.body,
            store,
        };
        let chunks = stream::try_unfold(download, |mut download| async move {
            Ok(download.chunk().await?.map(|chunk| (chunk, download)))
        });
        Ok(chunks.boxed())
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>> {
        loop {
            let failure: BoxError = match self.body.next().await {
                Some(Ok(chunk)) if chunk.len() as u64 <= self.end - self.next => {
                    self.next += chunk.len() as u64;
                    return Ok(Some(chunk));
                }
                Some(Ok(_)) => {
                    let asked = self.store.asked("reading", &self.name);
                    return Err(asked.unexpected("more bytes than announced", "too many bytes"));
                }
                None if self.next == self.end => return Ok(None),
                None => "the line was cut in the middle of an object".into(),
                Some(Err(error)) => Box::new(error),
            };
            self.attempts = self.attempts.saturating_sub(1);
            if self.attempts == 0 || self.next == self.end {
                return Err(self.store.asked("reading", &self.name).offline(failure));
            }
            tokio::time::sleep(self.pause).await;
            self.pause *= 2;
            let got = ask(&self.store, &self.name, Some(self.next..self.end)).await?;
            if got.e_tag().map(bare) != self.etag {
                let asked = self.store.asked("reading", &self.name);
                return Err(
                    asked.unexpected("another ETag", "the object changed while it was read")
                );
            }
            self.body = got.body;
        }
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

async fn ask(store: &S3Store, name: &str, range: Option<Range<u64>>) -> Result<GetObjectOutput> {
    let asked = store.asked("reading", name);
    let header = range.as_ref().map(|r| format!("bytes={}-{}", r.start, r.end - 1));
    let request =
        store.0.client.get_object().bucket(store.bucket()).key(store.key(name)?).set_range(header);
    let got = match request.send().await {
        Ok(got) => got,
        Err(error) => {
            let out_of_range = error.raw_response().is_some_and(|r| r.status().as_u16() == 416);
            return Err(match (range, asked.failed(error)) {
                (Some(r), _) if out_of_range => {
                    StoreError::BadRange { name: name.to_owned(), start: r.start, end: r.end }
                }
                (_, StoreError::NotFound { .. }) => store.missing(name).await?,
                (_, other) => other,
            });
        }
    };
    store.saw_bucket();
    if let Some(range) = range {
        let begins = got.content_range().and_then(|r| r.strip_prefix("bytes ")?.split('-').next());
        let right = begins.and_then(|b| b.parse().ok()) == Some(range.start)
            && length(got.content_length()) <= range.end - range.start;
        if !right {
            return Err(asked.unexpected("another range", "the range was not honoured"));
        }
    }
    Ok(got)
}
