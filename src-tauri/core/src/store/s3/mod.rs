//! A bucket on any S3-compatible service.
//!
//! Only what every service has is relied on: PutObject, parts, HEAD, ranged GET, ListObjectsV2,
//! deletes, signature V4. Whatever differs (versions, conditions, checksums given back) is found
//! out and made up for here.
//!
//! Every body goes with its SHA-256 twice in the signed headers, as `x-amz-checksum-sha256` and as
//! `x-amz-content-sha256`: services that do not know the first refuse a wrong second. Trailing
//! checksums are never used; several services refuse them over plain http.

mod answers;
mod clock;
mod connection;
mod delete;
mod download;
mod guard;
mod parts;
mod presign;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use aws_runtime::auth::PayloadSigningOverride;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, ConfigBag, Intercept, Region, RequestChecksumCalculation,
    ResponseChecksumValidation, RuntimeComponents, StalledStreamProtectionConfig,
};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{BucketLocationConstraint, ChecksumMode, CreateBucketConfiguration};
use bytes::Bytes;
use data_encoding::{BASE64, HEXLOWER};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::OnceCell;
use url::Url;

pub use connection::{Connection, Credentials, Patience};

use super::{
    Chunks, Clock, Info, Part, Presigned, PutOptions, Result, Store, StoreError, UploadId, Visit,
    check_name, collect,
};
use answers::Asked;
use clock::ServerClock;
use download::Download;

/// One bucket on one service; clones share connections.
#[derive(Debug, Clone)]
pub struct S3Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client,
    /// Signs nothing: for addresses that carry their own signature.
    stranger: Client,
    connection: Connection,
    address: String,
    patience: Patience,
    clock: ServerClock,
    /// Whether some answer has proved that the bucket exists.
    bucket_seen: AtomicBool,
    keeps_versions: OnceCell<Option<bool>>,
}

impl S3Store {
    /// Makes the client; asks nothing of the network but what the credentials need.
    ///
    /// # Errors
    /// `BadEndpoint`, `BadBucket`, `BadName` for the root, `NoCredentials`.
    pub async fn connect(
        connection: Connection,
        credentials: &Credentials,
        clock: Clock,
    ) -> Result<Self> {
        Self::connect_patiently(connection, credentials, clock, Patience::default()).await
    }

    /// Like `connect`, with other times to wait.
    ///
    /// # Errors
    /// As `connect`.
    pub async fn connect_patiently(
        connection: Connection,
        credentials: &Credentials,
        clock: Clock,
        patience: Patience,
    ) -> Result<Self> {
        connection.check()?;
        let clock = ServerClock::new(clock);
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(patience.connect)
            .operation_attempt_timeout(patience.answer)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(patience.attempts)
            .with_initial_backoff(patience.first_pause)
            .with_max_backoff(Duration::from_secs(8));
        let stalls = StalledStreamProtectionConfig::enabled().grace_period(patience.stall).build();
        let mut config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(connection.region.clone()))
            .force_path_style(connection.is_path_style()?)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .timeout_config(timeouts)
            .retry_config(retries)
            .stalled_stream_protection(stalls)
            .time_source(clock.clone())
            .interceptor(clock.clone());
        if let Some(endpoint) = connection.url()? {
            config = config.endpoint_url(endpoint.as_str().trim_end_matches('/'));
            if endpoint.scheme() == "http" {
                // Without TLS no certificates are read, so none of the settings for them can hurt.
                config = config.http_client(aws_smithy_http_client::Builder::new().build_http());
            }
        }
        let provider = credentials.provider(&connection.region).await?;
        Ok(Self(Arc::new(Inner {
            stranger: Client::from_conf(config.clone().allow_no_auth().build()),
            client: Client::from_conf(config.credentials_provider(provider).build()),
            address: connection.address(),
            connection,
            patience,
            clock,
            bucket_seen: AtomicBool::new(false),
            keeps_versions: OnceCell::new(),
        })))
    }

    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.0.connection
    }

    /// How far the store's clock was ahead of this computer's at the newest answer.
    #[must_use]
    pub fn clock_ahead(&self) -> Option<SignedDuration> {
        self.0.clock.last().map(|(server, here)| server.duration_since(here))
    }

    /// # Errors
    /// `Forbidden` where these credentials may not look, `Offline`.
    pub async fn bucket_exists(&self) -> Result<bool> {
        let asked = self.asked("looking for", "");
        match self.0.client.head_bucket().bucket(self.bucket()).send().await {
            Ok(_) => {
                self.saw_bucket();
                Ok(true)
            }
            Err(error) => match asked.failed(error) {
                StoreError::NotFound { .. } | StoreError::NoBucket { .. } => Ok(false),
                other => Err(other),
            },
        }
    }

    /// Makes the bucket; one that is there already and one's own is no error.
    ///
    /// # Errors
    /// `Forbidden` when somebody else has this name or the credentials may not create.
    pub async fn create_bucket(&self) -> Result<()> {
        let asked = self.asked("creating", "");
        let mut request = self.0.client.create_bucket().bucket(self.bucket());
        let connection = &self.0.connection;
        // Only AWS wants the place spelt out; others refuse or ignore it.
        if connection.endpoint.is_none() && connection.region != "us-east-1" {
            let place = BucketLocationConstraint::from(connection.region.as_str());
            let place = CreateBucketConfiguration::builder().location_constraint(place);
            request = request.create_bucket_configuration(place.build());
        }
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let code = error
                    .as_service_error()
                    .and_then(aws_sdk_s3::error::ProvideErrorMetadata::code)
                    .map(str::to_owned);
                match code.as_deref() {
                    Some("BucketAlreadyOwnedByYou") => Ok(()),
                    // Some say so of one's own buckets too: who may look at it may use it.
                    Some("BucketAlreadyExists") if self.bucket_exists().await? => Ok(()),
                    _ => Err(asked.failed(error)),
                }
            }
        }
    }

    fn bucket(&self) -> &str {
        &self.0.connection.bucket
    }

    fn key(&self, name: &str) -> Result<String> {
        check_name(name)?;
        Ok(format!("{}{name}", self.0.connection.root))
    }

    fn asked<'a>(&'a self, doing: &'static str, name: &'a str) -> Asked<'a> {
        Asked {
            doing,
            name,
            endpoint: &self.0.address,
            bucket: self.bucket(),
            clock: &self.0.clock,
        }
    }

    fn saw_bucket(&self) {
        self.0.bucket_seen.store(true, Ordering::Relaxed);
    }

    /// HEAD answers carry no code, so 404 may mean the name or the whole bucket.
    async fn missing(&self, name: &str) -> Result<StoreError> {
        if !self.0.bucket_seen.load(Ordering::Relaxed) && !self.bucket_exists().await? {
            return Ok(StoreError::NoBucket { bucket: self.bucket().to_owned() });
        }
        Ok(StoreError::NotFound { name: name.to_owned() })
    }

    /// Settings for a request with a body of this length.
    fn with_body(&self, bytes: usize) -> aws_sdk_s3::config::Builder {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(self.0.patience.connect)
            .operation_attempt_timeout(self.0.patience.for_body(bytes));
        aws_sdk_s3::Config::builder().timeout_config(timeouts.build())
    }
}

#[async_trait]
impl Store for S3Store {
    async fn put(
        &self,
        name: &str,
        body: Bytes,
        sha256: [u8; 32],
        options: &PutOptions,
    ) -> Result<()> {
        let config = self.with_body(body.len());
        let mut request = self
            .0
            .client
            .put_object()
            .bucket(self.bucket())
            .key(self.key(name)?)
            .checksum_sha256(BASE64.encode(&sha256))
            .content_type(options.content_type.as_deref().unwrap_or("application/octet-stream"))
            .body(ByteStream::from(body));
        if options.if_none_match {
            request = request.if_none_match("*");
        }
        let customized = request.customize().config_override(config).interceptor(Sha256Of(sha256));
        customized.send().await.map_err(|e| self.asked("putting", name).failed(e))?;
        self.saw_bucket();
        Ok(())
    }

    async fn get(&self, name: &str, range: Option<Range<u64>>) -> Result<Bytes> {
        collect(self.get_stream(name, range).await?).await
    }

    async fn get_stream(&self, name: &str, range: Option<Range<u64>>) -> Result<Chunks> {
        Download::begin(self.clone(), name, range).await
    }

    async fn head(&self, name: &str) -> Result<Option<Info>> {
        let request = self
            .0
            .client
            .head_object()
            .bucket(self.bucket())
            .key(self.key(name)?)
            .checksum_mode(ChecksumMode::Enabled);
        let found = match request.send().await {
            Ok(found) => found,
            Err(error) => {
                return match self.asked("looking for", name).failed(error) {
                    StoreError::NotFound { .. } => match self.missing(name).await? {
                        StoreError::NotFound { .. } => Ok(None),
                        no_bucket => Err(no_bucket),
                    },
                    other => Err(other),
                };
            }
        };
        self.saw_bucket();
        let (sha256, sha256_of_parts) = read_checksum(found.checksum_sha256());
        Ok(Some(Info {
            bytes: length(found.content_length()),
            sha256,
            sha256_of_parts,
            etag: found.e_tag().map(bare),
            last_modified: timestamp(found.last_modified()),
            content_type: found.content_type().map(str::to_owned),
        }))
    }

    async fn list(&self, prefix: &str, start_after: Option<&str>) -> Result<Vec<(String, Info)>> {
        let asked = self.asked("listing", prefix);
        let root = &self.0.connection.root;
        let mut all = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let page = self
                .0
                .client
                .list_objects_v2()
                .bucket(self.bucket())
                .prefix(format!("{root}{prefix}"))
                .set_start_after(start_after.map(|name| format!("{root}{name}")))
                .set_continuation_token(token.clone())
                .send()
                .await
                .map_err(|e| asked.failed(e))?;
            for object in page.contents() {
                // What is not a name of ours was put there by other hands.
                let name = object.key().and_then(|key| key.strip_prefix(root.as_str()));
                let Some(name) = name.filter(|name| check_name(name).is_ok()) else { continue };
                let info = Info {
                    bytes: length(object.size()),
                    sha256: None,
                    sha256_of_parts: None,
                    etag: object.e_tag().map(bare),
                    last_modified: timestamp(object.last_modified()),
                    content_type: None,
                };
                all.push((name.to_owned(), info));
            }
            let next = page.next_continuation_token().map(str::to_owned);
            match (page.is_truncated() == Some(true), next) {
                (false, _) => break,
                (true, Some(next)) if Some(&next) != token.as_ref() => token = Some(next),
                (true, _) => {
                    return Err(asked.unexpected("IsTruncated", "a list that never ends"));
                }
            }
        }
        self.saw_bucket();
        all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(all)
    }

    async fn delete(&self, names: &[String]) -> Result<()> {
        self.delete_all_versions(names).await
    }

    async fn begin_parts(&self, name: &str, options: &PutOptions) -> Result<UploadId> {
        self.begin_upload(name, options).await
    }

    async fn put_part(
        &self,
        name: &str,
        upload: &UploadId,
        number: u32,
        body: Bytes,
        sha256: [u8; 32],
    ) -> Result<Part> {
        self.upload_part(name, upload, number, body, sha256).await
    }

    async fn parts(&self, name: &str, upload: &UploadId) -> Result<Vec<Part>> {
        self.uploaded_parts(name, upload).await
    }

    async fn finish_parts(&self, name: &str, upload: &UploadId, parts: &[Part]) -> Result<()> {
        self.finish_upload(name, upload, parts).await
    }

    async fn abort_parts(&self, name: &str, upload: &UploadId) -> Result<()> {
        self.abort_upload(name, upload).await
    }

    async fn uploads(&self, prefix: &str) -> Result<Vec<(String, UploadId)>> {
        self.unfinished_uploads(prefix).await
    }

    async fn presign_get(
        &self,
        name: &str,
        expires: Duration,
        at: Timestamp,
        notes: &[(&str, &str)],
    ) -> Result<Presigned> {
        self.presigned_get(name, expires, at, notes).await
    }

    async fn presign_put(
        &self,
        name: &str,
        bytes: u64,
        content_type: &str,
        expires: Duration,
        at: Timestamp,
    ) -> Result<Presigned> {
        self.presigned_put(name, bytes, content_type, expires, at).await
    }

    async fn visit(&self, address: &Url) -> Result<Visit> {
        self.visit_as_stranger(address).await
    }

    async fn server_date(&self) -> Result<Timestamp> {
        self.0.clock.forget();
        let answer = self.0.client.head_bucket().bucket(self.bucket()).send().await;
        // A refusal is dated too.
        match (self.0.clock.last(), answer) {
            (Some((server, _)), _) => Ok(server),
            (None, Err(error)) => Err(self.asked("asking the time of", "").failed(error)),
            (None, Ok(_)) => {
                Err(self.asked("asking the time of", "").unexpected("no Date", "no Date"))
            }
        }
    }

    async fn keeps_versions(&self) -> Result<Option<bool>> {
        self.find_keeps_versions().await
    }
}

/// Signs the declared hash in place of the one the body has, so that a body that changed since it
/// was hashed is refused by every service that checks signatures at all.
#[derive(Debug)]
struct Sha256Of([u8; 32]);

impl Intercept for Sha256Of {
    fn name(&self) -> &'static str {
        "Sha256Of"
    }

    fn modify_before_signing(
        &self,
        _: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> std::result::Result<(), BoxError> {
        let declared = PayloadSigningOverride::Precomputed(HEXLOWER.encode(&self.0));
        config.interceptor_state().store_put(declared);
        Ok(())
    }
}

/// A checksum of a whole object is base64; one of parts has `-<count>` behind it.
fn read_checksum(text: Option<&str>) -> (Option<[u8; 32]>, Option<[u8; 32]>) {
    let decode =
        |t: &str| BASE64.decode(t.as_bytes()).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
    match text {
        None => (None, None),
        Some(text) => match text.split_once('-') {
            None => (decode(text), None),
            Some((of_parts, _)) => (None, decode(of_parts)),
        },
    }
}

fn bare(etag: &str) -> String {
    etag.trim_matches('"').to_owned()
}

fn length(bytes: Option<i64>) -> u64 {
    bytes.and_then(|b| u64::try_from(b).ok()).unwrap_or(0)
}

/// A store that gives no time is taken to mean "long ago": nothing young is collected by it.
fn timestamp(time: Option<&DateTime>) -> Timestamp {
    time.and_then(|t| {
        let nanos = i32::try_from(t.subsec_nanos()).unwrap_or(0);
        Timestamp::new(t.secs(), nanos).ok()
    })
    .unwrap_or(Timestamp::UNIX_EPOCH)
}
