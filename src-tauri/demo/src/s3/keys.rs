//! The one pair of keys that is good now. Others may take its place while the server runs, as when a
//! provider ends keys.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data_encoding::HEXLOWER;
use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Result, s3_error};

/// Clones share the pair.
#[derive(Debug, Clone)]
pub(super) struct Keys(Arc<Mutex<(String, SecretKey)>>);

impl Keys {
    /// New ones, with their texts.
    pub fn new() -> (Self, String, String) {
        let (access, secret) = made();
        let pair = (access.clone(), SecretKey::from(secret.clone()));
        (Self(Arc::new(Mutex::new(pair))), access, secret)
    }

    /// Ends the pair; the one that is good from now on.
    pub fn renew(&self) -> (String, String) {
        let (access, secret) = made();
        *self.pair() = (access.clone(), SecretKey::from(secret.clone()));
        (access, secret)
    }

    fn pair(&self) -> MutexGuard<'_, (String, SecretKey)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn made() -> (String, String) {
    let access = format!("demo{}", HEXLOWER.encode(&rand::random::<[u8; 8]>()));
    (access, HEXLOWER.encode(&rand::random::<[u8; 32]>()))
}

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        let pair = self.pair();
        match pair.0 == access_key {
            true => Ok(pair.1.clone()),
            false => Err(s3_error!(InvalidAccessKeyId, "There are no such keys, or no longer")),
        }
    }
}
