//! What a store can answer instead of what was asked.

use std::io;
use std::time::Duration;

use jiff::Timestamp;

use crate::error::{Code, Error};

type Source = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Classes of failure: a caller waits, asks the user, or stops.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing answers, or the line broke; retried already. Waiting may help.
    #[error("the store at {endpoint} does not answer: {}", root_cause(source.as_ref()))]
    Offline {
        endpoint: String,
        #[source]
        source: Source,
    },
    /// The store answers that it cannot do it now; retried already. Waiting may help.
    #[error("the store is out of order or asks to slow down (HTTP {status})")]
    Busy {
        status: u16,
        #[source]
        source: Source,
    },
    #[error("the store refuses these credentials for {what}")]
    Forbidden {
        what: String,
        #[source]
        source: Source,
    },
    /// What the search for them met is told to the log only: it speaks of places few know.
    #[error(
        "there are no keys to the bucket: none were given, and neither the keyring nor this computer's AWS tools have any"
    )]
    NoCredentials,
    #[error("`{name}` is not in the store")]
    NotFound { name: String },
    #[error("there is no bucket `{bucket}`")]
    NoBucket { bucket: String },
    #[error("the bucket is in another region{}", region.as_ref().map_or_else(
        || ": its provider names it beside the bucket; with Garage it is s3_region, often `garage`".to_owned(),
        |region| format!(": {region}"),
    ))]
    WrongRegion {
        region: Option<String>,
        #[source]
        source: Source,
    },
    #[error("`{name}` did not arrive as it was sent")]
    ChecksumMismatch { name: String },
    #[error("`{name}` is there already")]
    PreconditionFailed { name: String },
    /// Signatures carry the time, so a wrong clock makes every request fail.
    #[error("this computer's clock says {}, the store's says {}", here.strftime("%F %T UTC"), server.strftime("%F %T UTC"))]
    ClockSkew { server: Timestamp, here: Timestamp },
    #[error("`{name}` is no name for an object")]
    BadName { name: String },
    #[error("`{name}` has no bytes {start}..{end}")]
    BadRange { name: String, start: u64, end: u64 },
    #[error("an address can live from 1 second to 7 days, not {expires:?}")]
    BadExpiry { expires: Duration },
    #[error("`{endpoint}` is no address of a store")]
    BadEndpoint { endpoint: String },
    #[error(
        "`{bucket}` cannot be a bucket's name: these have letters, digits, dots and dashes only"
    )]
    BadBucket { bucket: String },
    /// The caller's own bytes could not be read while they were sent.
    #[error("what was to be sent could not be read")]
    Body {
        #[source]
        source: io::Error,
    },
    #[error("the store's answer to {what} was unexpected: {answer}")]
    Unexpected {
        what: String,
        /// The service's error code, or the HTTP status.
        answer: String,
        #[source]
        source: Source,
    },
}

impl StoreError {
    /// Whether the same request may work later without anybody doing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Offline { .. } | Self::Busy { .. })
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Offline { .. } | StoreError::Busy { .. } => Code::Offline,
            StoreError::NoCredentials => Code::NoCredentials,
            StoreError::Forbidden { .. } => Code::Forbidden,
            StoreError::NotFound { .. } => Code::NotFound,
            StoreError::NoBucket { .. } => Code::NoBucket,
            StoreError::ChecksumMismatch { .. } => Code::Damaged,
            StoreError::ClockSkew { .. } => Code::ClockSkew,
            StoreError::BadExpiry { .. }
            | StoreError::BadEndpoint { .. }
            | StoreError::BadBucket { .. }
            | StoreError::WrongRegion { .. } => Code::Usage,
            StoreError::Body { .. } => Code::Io,
            StoreError::BadName { .. } | StoreError::BadRange { .. } => Code::Internal,
            StoreError::PreconditionFailed { .. } | StoreError::Unexpected { .. } => Code::Store,
        };
        Self::new(code, error)
    }
}

/// The innermost cause says what happened; the layers above it only say where.
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let deepest = std::iter::successors(Some(error), |e| e.source()).last().unwrap_or(error);
    let said = deepest.to_string();
    // What a TLS library calls an answer that is not TLS.
    if said.contains("InvalidContentType") {
        return "it answers without encryption, as an address with http:// does".to_owned();
    }
    said
}
