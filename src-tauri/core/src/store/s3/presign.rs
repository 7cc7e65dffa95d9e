//! Addresses that let a browser do one thing until they end.
//!
//! Signing is arithmetic: no request is made, unless the credentials themselves come from one.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_smithy_runtime_api::http::HttpError;
use bytes::Bytes;
use jiff::Timestamp;
use url::Url;

use super::super::{Presigned, Result, StoreError, Visit, check_expiry};
use super::S3Store;

impl S3Store {
    pub(super) async fn presigned_get(
        &self,
        name: &str,
        expires: Duration,
        at: Timestamp,
        notes: &[(&str, &str)],
    ) -> Result<Presigned> {
        let config = presigning(expires, at)?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if let Some((key, value)) = notes
            .iter()
            .find(|(k, v)| !k.starts_with("x-ds-") || !k.bytes().chain(v.bytes()).all(plain))
        {
            return Err(StoreError::BadName { name: format!("{key}={value}") });
        }
        let notes: Vec<String> = notes.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let notes = notes.join("&");
        let request = self.0.client.get_object().bucket(self.bucket()).key(self.key(name)?);
        let noted = request.customize().map_request(move |mut request| {
            if !notes.is_empty() {
                let join = if request.uri().contains('?') { '&' } else { '?' };
                request.set_uri(format!("{}{join}{notes}", request.uri()))?;
            }
            Ok::<_, HttpError>(request)
        });
        let signed = noted.presigned(config).await;
        read(name, signed.map_err(|e| self.asked("signing", name).failed(e))?)
    }

    pub(super) async fn presigned_put(
        &self,
        name: &str,
        bytes: u64,
        content_type: &str,
        expires: Duration,
        at: Timestamp,
    ) -> Result<Presigned> {
        let config = presigning(expires, at)?;
        let request = self
            .0
            .client
            .put_object()
            .bucket(self.bucket())
            .key(self.key(name)?)
            .content_length(i64::try_from(bytes).unwrap_or(i64::MAX))
            .content_type(content_type)
            .if_none_match("*");
        let signed = request.presigned(config).await;
        read(name, signed.map_err(|e| self.asked("signing", name).failed(e))?)
    }
}

impl S3Store {
    /// The SDK asks for some object, and the finished address is put in the request's place: so a
    /// visit waits and retries like everything else.
    pub(super) async fn visit_as_stranger(&self, address: &Url) -> Result<Visit> {
        let request = self.0.stranger.get_object().bucket(self.bucket()).key("visit").customize();
        let visit = request.interceptor(Visiting(address.to_string()));
        match visit.send().await {
            Ok(answer) => {
                let asked = self.asked("visiting", address.path());
                let body = answer.body.collect().await.map_err(|e| asked.offline(e))?;
                Ok(Visit { status: 200, body: body.into_bytes() })
            }
            Err(error) => match error.raw_response() {
                Some(raw) => Ok(Visit {
                    status: raw.status().as_u16(),
                    body: Bytes::copy_from_slice(raw.body().bytes().unwrap_or_default()),
                }),
                None => Err(self.asked("visiting", address.path()).failed(error)),
            },
        }
    }
}

/// Replaces a request by a visit, and takes away what only the SDK's own requests carry: services
/// refuse `x-amz-` headers that are not signed.
#[derive(Debug)]
struct Visiting(String);

impl Intercept for Visiting {
    fn name(&self) -> &'static str {
        "Visiting"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> std::result::Result<(), BoxError> {
        let request = context.request_mut();
        request.set_uri(self.0.as_str())?;
        let names: Vec<String> =
            request.headers().iter().map(|(name, _)| name.to_owned()).collect();
        for name in names.iter().filter(|name| name.contains("amz")) {
            request.headers_mut().remove(name.as_str());
        }
        Ok(())
    }
}

fn presigning(expires: Duration, at: Timestamp) -> Result<PresigningConfig> {
    check_expiry(expires)?;
    PresigningConfig::builder()
        .start_time(SystemTime::from(at))
        .expires_in(expires)
        .build()
        .map_err(|_| StoreError::BadExpiry { expires })
}

fn read(name: &str, signed: PresignedRequest) -> Result<Presigned> {
    let url = Url::parse(signed.uri()).map_err(|source| StoreError::Unexpected {
        what: format!("signing `{name}`"),
        answer: "no address came out".into(),
        source: Box::new(source),
    })?;
    let own = |header: &str| matches!(header, "host" | "content-length");
    let headers = signed
        .headers()
        .filter(|(header, _)| !own(header))
        .map(|(header, value)| (header.to_owned(), value.to_owned()))
        .collect();
    Ok(Presigned { url, headers })
}
