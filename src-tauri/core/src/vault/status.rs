//! What is safe where.

use std::path::PathBuf;

use serde::Serialize;

use super::Vault;
use crate::catalog::Query;
use crate::error::Result;
use crate::media::VaultId;

/// The state of a home.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    pub home: PathBuf,
    pub library: PathBuf,
    pub mirrors: Vec<PathBuf>,
    pub photos: u64,
    pub files: u64,
    pub bytes: u64,
    pub vault: Option<BucketStatus>,
}

/// The state of its vault, as this computer knows it.
#[derive(Debug, Clone, Serialize)]
pub struct BucketStatus {
    pub vault_id: VaultId,
    pub endpoint: String,
    pub bucket: String,
    pub share_bucket: Option<String>,
    pub last_commit: Option<String>,
    pub files_committed: u64,
    pub bytes_committed: u64,
    pub files_left: u64,
    pub bytes_left: u64,
}

impl Vault {
    /// What this computer knows, without asking the network.
    ///
    /// # Errors
    /// The catalogue could not be read.
    pub fn status(&self) -> Result<Status> {
        let config = self.config();
        let counts = self.catalog.counts(&Query::all())?;
        let cloud = self.catalog.cloud_count()?;
        let vault = match config.vault {
            None => None,
            Some(vault) => Some(BucketStatus {
                vault_id: vault.id,
                endpoint: vault.bucket.endpoint,
                bucket: vault.bucket.bucket,
                share_bucket: vault.bucket.share_bucket,
                last_commit: self.last_commit()?,
                files_committed: cloud.files,
                bytes_committed: cloud.bytes,
                files_left: cloud.files_left,
                bytes_left: cloud.bytes_left,
            }),
        };
        Ok(Status {
            home: self.settings.home.clone(),
            library: config.library,
            mirrors: config.mirrors,
            photos: counts.photos,
            files: counts.files,
            bytes: counts.bytes,
            vault,
        })
    }
}
