//! Where the bucket is, who asks, and how long to wait: everything an S3 client is made of.

use std::fmt;
use std::time::Duration;

use aws_sdk_s3::config::{BehaviorVersion, Region, SharedCredentialsProvider};
use serde::{Deserialize, Serialize};
use url::{Host, Url};
use zeroize::Zeroizing;

use super::super::{Result, StoreError};

/// One bucket, and the prefix below which everything lies. Kept in the home's configuration; holds
/// no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// The service's address, such as `https://s3.eu-central-003.backblazeb2.com`. Absent: AWS
    /// itself, by region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// What signatures name; `auto` for services that have none.
    pub region: String,
    pub bucket: String,
    /// Empty, or ends with `/`.
    #[serde(default)]
    pub root: String,
    /// `https://host/bucket/name` (true) or `https://bucket.host/name` (false). Absent: the second
    /// for AWS, the first for everybody else, because it always works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_style: Option<bool>,
}

impl Connection {
    /// Checks what would otherwise fail far from its cause.
    ///
    /// # Errors
    /// `BadEndpoint` for an address that is not plain http(s)://host[:port], `BadBucket` for a name no
    /// store takes, `BadName` for a root that is not empty or a folder.
    pub fn check(&self) -> Result<()> {
        self.url()?;
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if self.bucket.is_empty() || !self.bucket.chars().all(fits) {
            return Err(StoreError::BadBucket { bucket: self.bucket.clone() });
        }
        match self.root.strip_suffix('/') {
            None if self.root.is_empty() => Ok(()),
            None => Err(StoreError::BadName { name: self.root.clone() }),
            Some(folder) => super::super::check_name(folder),
        }
    }

    pub(super) fn url(&self) -> Result<Option<Url>> {
        let Some(text) = &self.endpoint else { return Ok(None) };
        let bad = || StoreError::BadEndpoint { endpoint: text.clone() };
        let url = Url::parse(text).map_err(|_| bad())?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.host().is_some()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if plain { Ok(Some(url)) } else { Err(bad()) }
    }

    pub(super) fn is_path_style(&self) -> Result<bool> {
        let aws = match self.url()?.as_ref().and_then(Url::host) {
            None => true,
            Some(Host::Domain(name)) => {
                name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn")
            }
            Some(_) => false,
        };
        Ok(self.path_style.unwrap_or(!aws))
    }

    /// What messages call the store.
    pub(super) fn address(&self) -> String {
        self.endpoint.clone().unwrap_or_else(|| format!("AWS {}", self.region))
    }
}

/// Who asks. The secret is wiped when dropped and never shown.
#[derive(Clone)]
pub enum Credentials {
    Explicit {
        key_id: String,
        secret: Zeroizing<String>,
        /// Of temporary credentials; a presigned address ends with them, whatever it says.
        session_token: Option<Zeroizing<String>>,
    },
    /// What the AWS tools of this computer use: environment, profiles, SSO, instance roles. The
    /// one place where the core reads the environment, because the photographer asked for it.
    Chain { profile: Option<String> },
}

impl Credentials {
    #[must_use]
    pub fn explicit(key_id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self::Explicit {
            key_id: key_id.into(),
            secret: Zeroizing::new(secret.into()),
            session_token: None,
        }
    }

    pub(super) async fn provider(&self, region: &str) -> Result<SharedCredentialsProvider> {
        match self {
            Self::Explicit { key_id, secret, session_token } => {
                Ok(SharedCredentialsProvider::new(aws_credential_types::Credentials::new(
                    key_id,
                    secret.as_str(),
                    session_token.as_ref().map(|t| t.to_string()),
                    None,
                    "darkslide",
                )))
            }
            // The chain asks the environment first; a profile is named on purpose.
            Self::Chain { profile: Some(profile) } => Ok(SharedCredentialsProvider::new(
                aws_config::profile::ProfileFileCredentialsProvider::builder()
                    .profile_name(profile)
                    .build(),
            )),
            Self::Chain { profile: None } => {
                let loader = aws_config::defaults(BehaviorVersion::latest())
                    .region(Region::new(region.to_owned()));
                loader.load().await.credentials_provider().ok_or_else(|| StoreError::NoCredentials)
            }
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Explicit { key_id, .. } => write!(f, "Explicit({key_id}, [REDACTED])"),
            Self::Chain { profile } => write!(f, "Chain({profile:?})"),
        }
    }
}

/// How long to wait and how often to try. Only tests want anything but the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    pub connect: Duration,
    /// For an answer to a request without a large body.
    pub answer: Duration,
    /// A body is given this much more time per MiB: 64 s is 128 kbit/s.
    pub per_mib: Duration,
    /// A transfer that moves nothing for this long is broken off.
    pub stall: Duration,
    pub attempts: u32,
    pub first_pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(60),
            per_mib: Duration::from_secs(64),
            stall: Duration::from_secs(20),
            attempts: 4,
            first_pause: Duration::from_millis(250),
        }
    }
}

impl Patience {
    pub(super) fn for_body(&self, bytes: usize) -> Duration {
        let mib = bytes as f64 / (1024.0 * 1024.0);
        self.answer.saturating_add(self.per_mib.mul_f64(mib))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_no_bucket_can_have_is_refused_before_anybody_is_asked() {
        let check = |bucket: &str| {
            let endpoint = Some("http://127.0.0.1:9000".to_owned());
            let (region, bucket) = ("auto".to_owned(), bucket.to_owned());
            Connection { endpoint, region, bucket, root: String::new(), path_style: None }.check()
        };
        for good in ["b", "my-photos", "Old_Name", "ada.photos.2026"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", "My Photos!", "a/b", "Fotos für Ada", "..\\x"] {
            assert!(matches!(check(bad), Err(StoreError::BadBucket { .. })), "{bad}");
        }
    }

    #[test]
    fn only_aws_is_addressed_by_host_unless_asked_for() {
        let style = |endpoint: Option<&str>, path_style| {
            let connection = Connection {
                endpoint: endpoint.map(str::to_owned),
                region: "eu-central-1".into(),
                bucket: "bucket".into(),
                root: String::new(),
                path_style,
            };
            connection.is_path_style().unwrap()
        };
        for aws in [None, Some("https://s3.eu-central-1.amazonaws.com")] {
            assert!(!style(aws, None), "{aws:?}");
            assert!(style(aws, Some(true)), "{aws:?}");
        }
        for other in [
            "http://127.0.0.1:9000",
            "http://[::1]:3900",
            "http://localhost:9000",
            "https://s3.eu-central-003.backblazeb2.com",
            "https://amazonaws.com.example.org",
        ] {
            assert!(style(Some(other), None), "{other}");
            assert!(!style(Some(other), Some(false)), "{other}");
        }
    }

    #[test]
    fn a_connection_is_kept_without_what_is_usual() {
        let text = r#"{"region":"auto","bucket":"b"}"#;
        let connection: Connection = serde_json::from_str(text).unwrap();
        assert_eq!(connection.root, "");
        let text = serde_json::to_string(&connection).unwrap();
        assert_eq!(serde_json::from_str::<Connection>(&text).unwrap(), connection);
    }

    #[test]
    fn large_bodies_are_given_time_and_small_ones_are_not() {
        let patience = Patience::default();
        assert_eq!(patience.for_body(0), Duration::from_secs(60));
        assert!(patience.for_body(1000) < Duration::from_secs(61));
        assert_eq!(patience.for_body(64 * 1024 * 1024), Duration::from_secs(60 + 64 * 64));
    }
}
