//! Reads what went wrong out of a service's answer.
//!
//! Services agree on few codes and on fewer statuses, so both are looked at, the code first.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use jiff::Timestamp;

use super::super::{CLOCK_TOLERANCE, StoreError};
use super::clock::ServerClock;

/// What a service said, in its own words. Those of the library that heard it say the same again, and
/// go to the log.
#[derive(Debug, thiserror::Error)]
#[error("{}HTTP {status}{}", code.as_ref().map(|c| format!("{c}, ")).unwrap_or_default(),
    message.as_ref().map(|m| format!(": {m}")).unwrap_or_default())]
pub(super) struct Answer {
    pub status: u16,
    pub code: Option<String>,
    pub message: Option<String>,
    pub region: Option<String>,
}

/// What was asked, for messages and for the classes that name something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub doing: &'static str,
    /// As the caller knows it, without root; empty when the bucket itself was asked.
    pub name: &'a str,
    pub endpoint: &'a str,
    pub bucket: &'a str,
    pub clock: &'a ServerClock,
}

impl Asked<'_> {
    /// Gives an SDK's error its class.
    pub fn failed<E>(self, error: SdkError<E, HttpResponse>) -> StoreError
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        match error {
            SdkError::ServiceError(_) | SdkError::ResponseError(_) => {
                self.answered(Answer::read(&error))
            }
            SdkError::ConstructionFailure(_) => no_credentials(&error),
            // Credentials are fetched while the request is dispatched: the chain finding none is
            // not the store being away.
            SdkError::DispatchFailure(ref failure)
                if !failure.is_io() && !failure.is_timeout() && mentions_credentials(&error) =>
            {
                no_credentials(&error)
            }
            _ => self.offline(error),
        }
    }

    pub fn offline(
        self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync + 'static>>,
    ) -> StoreError {
        StoreError::Offline { endpoint: self.endpoint.to_owned(), source: source.into() }
    }

    pub fn unexpected(self, answer: &str, source: &str) -> StoreError {
        StoreError::Unexpected {
            what: self.what(),
            answer: answer.to_owned(),
            source: source.to_owned().into(),
        }
    }

    fn what(self) -> String {
        if self.name.is_empty() {
            format!("{} bucket `{}`", self.doing, self.bucket)
        } else {
            format!("{} `{}`", self.doing, self.name)
        }
    }

    fn answered(self, answer: Answer) -> StoreError {
        let name = || self.name.to_owned();
        match (answer.code.as_deref().unwrap_or_default(), answer.status) {
            ("RequestTimeTooSkewed", _) => self.skewed().unwrap_or_else(|| self.forbidden(answer)),
            ("NoSuchBucket", _) => StoreError::NoBucket { bucket: self.bucket.to_owned() },
            ("NoSuchKey" | "NoSuchUpload" | "NotFound", _) | (_, 404) => {
                StoreError::NotFound { name: name() }
            }
            (
                "BadDigest"
                | "InvalidDigest"
                | "XAmzContentSHA256Mismatch"
                | "XAmzContentChecksumMismatch",
                _,
            ) => StoreError::ChecksumMismatch { name: name() },
            ("PreconditionFailed", _) | (_, 412) => StoreError::PreconditionFailed { name: name() },
            ("PermanentRedirect" | "AuthorizationHeaderMalformed" | "TemporaryRedirect", _)
            | (_, 301 | 307) => {
                StoreError::WrongRegion { region: answer.region.clone(), source: Box::new(answer) }
            }
            (
                "SlowDown"
                | "InternalError"
                | "ServiceUnavailable"
                | "RequestTimeout"
                | "Throttling"
                | "ThrottlingException"
                | "TooManyRequests"
                | "OperationAborted"
                | "ConditionalRequestConflict",
                _,
            )
            | (_, 408 | 429 | 500 | 502 | 503 | 504) => {
                StoreError::Busy { status: answer.status, source: Box::new(answer) }
            }
            (
                "AccessDenied"
                | "ExpiredToken"
                | "InvalidToken"
                | "TokenRefreshRequired"
                | "InvalidAccessKeyId"
                | "SignatureDoesNotMatch",
                _,
            )
            | (_, 401 | 403) => self.skewed().unwrap_or_else(|| self.forbidden(answer)),
            _ => StoreError::Unexpected {
                what: self.what(),
                answer: answer.code.clone().unwrap_or_else(|| format!("HTTP {}", answer.status)),
                source: Box::new(answer),
            },
        }
    }

    fn forbidden(self, answer: Answer) -> StoreError {
        StoreError::Forbidden { what: self.what(), source: Box::new(answer) }
    }

    /// A refusal while the clocks are far apart is blamed on the clock: not every service says so.
    fn skewed(self) -> Option<StoreError> {
        let (server, here): (Timestamp, Timestamp) = self.clock.last()?;
        let apart = server.duration_since(here).unsigned_abs();
        (apart > CLOCK_TOLERANCE).then_some(StoreError::ClockSkew { server, here })
    }
}

impl Answer {
    fn read<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let raw = error.raw_response();
        Self {
            status: raw.map_or(0, |r| r.status().as_u16()),
            region: raw.and_then(|r| r.headers().get("x-amz-bucket-region")).map(printable),
            code: error.code().map(printable),
            message: error.message().map(printable),
        }
    }
}

fn no_credentials<E: std::error::Error + 'static>(error: &E) -> StoreError {
    tracing::debug!(error = error as &dyn std::error::Error, "no keys to the bucket");
    StoreError::NoCredentials
}

/// A server's text may be anything; it is shown as one short line.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

fn mentions_credentials(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |e| e.source())
        .any(|e| e.is::<aws_credential_types::provider::error::CredentialsError>())
}
