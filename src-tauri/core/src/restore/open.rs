//! A new computer: from the bucket and the words to a catalogue with its thumbnails.

use std::sync::Arc;

use serde::Serialize;
use zeroize::Zeroizing;

use super::fetch::Fetcher;
use super::previews::fetch_thumbs;
use super::{Failed, RestoreError};
use crate::backup::format::{ABOUT_NAME, About};
use crate::backup::{
    self, BackupError, Computer, OpenVault, WayIn, bucket_slots, keep_about, open_slots,
};
use crate::catalog::Query;
use crate::keys::{KeysError, SecretStore};
use crate::progress::Progress;
use crate::store::{Store, StoreError};

/// What came back.
#[derive(Debug, Clone, Serialize)]
pub struct OpenReport {
    pub vault_id: crate::media::VaultId,
    pub photos: u64,
    pub files: u64,
    pub thumbs: u64,
    /// The newest commit it was read from.
    pub commit: Option<String>,
    /// Whether this computer opens the vault by itself from now on. Without a keyring and without a
    /// passphrase, the words are needed each time.
    pub enrolled: bool,
    pub failed: Vec<Failed>,
}

/// Opens the vault of `computer`'s bucket into its empty catalogue.
///
/// # Errors
/// `NoVaultThere`, a way in that opens no slot, or a store that fails. What came until then is kept;
/// doing it again goes on.
pub async fn open_vault(
    computer: Computer,
    secrets: Arc<dyn SecretStore>,
    way: &WayIn,
    passphrase: Option<Zeroizing<String>>,
    progress: &Progress,
) -> Result<(Arc<OpenVault>, OpenReport), RestoreError> {
    let about = read_about(computer.store.as_ref()).await?;
    let slots = bucket_slots(computer.store.as_ref()).await?;
    let files = || slots.iter().map(|(file, body)| (file.as_str(), body.as_slice()));
    let keys = open_slots(about.vault, files(), way)?;
    keep_about(&computer, &about).await?;

    // A passphrase that opens the vault already needs no slot of its own.
    let by_passphrase = passphrase
        .clone()
        .is_some_and(|typed| open_slots(about.vault, files(), &WayIn::Passphrase(typed)).is_ok());
    if by_passphrase {
        for (file, body) in &slots {
            backup::keep_slot(&computer, file, body).await?;
        }
    }
    let vault = Arc::new(OpenVault::load(computer.clone(), keys).await?);
    let joined = vault.join().await?;
    let passphrase = passphrase.filter(|_| !by_passphrase);
    let enrolled = match vault.enrol(secrets, passphrase).await {
        Ok(()) => true,
        Err(BackupError::Keys(KeysError::NoKeyring { .. })) => by_passphrase,
        Err(error) => return Err(error.into()),
    };
    let lost = |reason: String| Failed { path: "vault".to_owned(), reason };
    let mut failed: Vec<Failed> = joined.problems.into_iter().map(lost).collect();
    let fetcher = Fetcher::new(Arc::clone(&vault));
    let (catalog, cache) = (&computer.catalog, &computer.previews);
    let thumbs = fetch_thumbs(&fetcher, catalog, cache, progress, &mut failed).await?;
    let counts = catalog.counts(&Query::all())?;
    let report = OpenReport {
        vault_id: vault.id(),
        photos: counts.photos,
        files: counts.files,
        thumbs,
        commit: vault.joined().parents.last().map(|(name, _)| name.to_string()),
        enrolled,
        failed,
    };
    Ok((vault, report))
}

/// Whether `way` opens the vault of this bucket; nothing is written anywhere.
///
/// # Errors
/// `NoVaultThere`, a way in that opens no slot, or a store that fails.
pub async fn check_way(store: &dyn Store, way: &WayIn) -> Result<About, RestoreError> {
    let about = read_about(store).await?;
    let slots = bucket_slots(store).await?;
    let files = slots.iter().map(|(file, body)| (file.as_str(), body.as_slice()));
    open_slots(about.vault, files, way)?;
    Ok(about)
}

/// Which vault the bucket holds.
///
/// # Errors
/// `NoVaultThere`, a `vault.json` of another format, or a store that fails.
pub async fn read_about(store: &dyn Store) -> Result<About, RestoreError> {
    match store.get(ABOUT_NAME, None).await {
        Ok(bytes) => Ok(About::read(&bytes)?),
        Err(StoreError::NotFound { .. }) => Err(RestoreError::NoVaultThere),
        Err(error) => Err(error.into()),
    }
}
