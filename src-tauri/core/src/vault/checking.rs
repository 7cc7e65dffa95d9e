//! Looking at a bucket before photos go there, making it, and making it safer.

use std::time::Duration;

use jiff::Timestamp;
use rand::RngExt as _;

use super::bucket::credentials;
use super::config::ConfigError;
use super::{BucketChoice, Settings, Vault};
use crate::error::Result;
use crate::store::{self, BucketCheck, Hardening, Patience, S3Store};

/// A person waits for the answer.
const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(5),
    answer: Duration::from_secs(20),
    per_mib: Duration::from_secs(64),
    stall: Duration::from_secs(10),
    attempts: 2,
    first_pause: Duration::from_millis(250),
};

/// Looks what a bucket does. Needs no home.
///
/// # Errors
/// The address is none, or there are no keys. What does not work is in the check.
pub fn check_bucket(settings: &Settings, bucket: &BucketChoice) -> Result<BucketCheck> {
    let now: Timestamp = (settings.now)();
    let unique = format!("{:016x}", rand::rng().random::<u64>());
    let store = bucket_of(settings, bucket)?;
    Ok(settings.runtime.block_on(store::check(&store, &unique, now)))
}

/// Makes the bucket; one that is there already and one's own is no error.
///
/// # Errors
/// Somebody else has this name, or the keys may not make buckets.
pub fn make_bucket(settings: &Settings, bucket: &BucketChoice) -> Result<()> {
    let store = bucket_of(settings, bucket)?;
    Ok(settings.runtime.block_on(store.create_bucket())?)
}

/// Sets what the store offers to make the bucket safer.
///
/// # Errors
/// The store refuses one of them; those before it are done.
pub fn harden_bucket(settings: &Settings, bucket: &BucketChoice, what: &[Hardening]) -> Result<()> {
    let store = bucket_of(settings, bucket)?;
    Ok(settings.runtime.block_on(store::harden(&store, what))?)
}

fn bucket_of(settings: &Settings, bucket: &BucketChoice) -> Result<S3Store> {
    let credentials = credentials(settings, None, bucket)?;
    let connection = bucket.connection(&bucket.bucket, &bucket.root);
    let now = settings.now.clone();
    let connecting = S3Store::connect_patiently(connection, &credentials, now, PATIENCE);
    Ok(settings.runtime.block_on(connecting)?)
}

impl Vault {
    /// The bucket this home is tied to.
    ///
    /// # Errors
    /// There is none.
    pub fn bucket(&self) -> Result<BucketChoice> {
        Ok(self.config().vault.ok_or(ConfigError::NoVault)?.bucket)
    }

    /// The settings with the keys this home uses for its bucket.
    ///
    /// # Errors
    /// There is no bucket.
    pub fn settings_of_bucket(&self) -> Result<Settings> {
        let config = self.config().vault.ok_or(ConfigError::NoVault)?;
        let credentials = self.credentials(Some(config.id), &config.bucket)?;
        Ok(Settings { credentials: Some(credentials), ..self.settings.clone() })
    }
}
