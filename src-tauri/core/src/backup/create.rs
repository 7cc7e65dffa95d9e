//! A new vault: its keys, its slots, its pointer.

use std::sync::Arc;

use bytes::Bytes;
use zeroize::Zeroizing;

use crate::encryption::fill_random;
use crate::keys::{RecoveryWords, SecretStore, Slot, VaultKey};
use crate::media::VaultId;
use crate::store::{Store, sha256};

use super::bucket::put_checked;
use super::computer::{ABOUT, Computer, OpenVault};
use super::error::{BackupError, Result};
use super::format::{ABOUT_NAME, About};
use super::unlock::{enrol, put_slot};

/// Makes a vault in a bucket that has none, which these words open, and returns it open.
///
/// # Errors
/// `VaultExists` when the bucket has a `vault.json`, a log, or slots beside anything else; `NoKeyring` when neither a
/// keyring nor a passphrase is there; the store fails.
pub async fn create(
    computer: Computer,
    secrets: Arc<dyn SecretStore>,
    passphrase: Option<Zeroizing<String>>,
    words: &RecoveryWords,
) -> Result<OpenVault> {
    refuse_if_taken(&*computer.store).await?;
    let mut id = [0; 16];
    fill_random(&mut id);
    let about = About::new(VaultId(id), (computer.now)());
    let key = VaultKey::first();
    let bytes = about.to_bytes();
    let kept = bytes.clone();
    computer
        .catalog(move |catalog| {
            catalog.forget_vault()?;
            catalog.set_vault_note(ABOUT, &kept)
        })
        .await?;
    // The pointer comes last: until then there is no vault to open.
    let made = async {
        put_slot(&computer, &Slot::for_words(about.vault, &key, words)).await?;
        enrol(&computer, about.vault, &key, secrets, passphrase).await?;
        let sha = sha256(&bytes);
        put_checked(&*computer.store, ABOUT_NAME, Bytes::from(bytes), sha).await
    };
    if let Err(error) = made.await {
        give_up(&computer).await;
        return Err(error);
    }
    OpenVault::load(computer, vec![key]).await
}

async fn refuse_if_taken(store: &dyn Store) -> Result<()> {
    for prefix in [ABOUT_NAME, "log/"] {
        if let Some((found, _)) = store.list(prefix, None).await?.into_iter().next() {
            return Err(BackupError::VaultExists { found });
        }
    }
    let slots: Vec<String> = names(store, "keys/").await?;
    let Some(found) = slots.first().cloned() else { return Ok(()) };
    for prefix in ["ring/", "cat/", "o/", "p/", "gc/"] {
        if !names(store, prefix).await?.is_empty() {
            return Err(BackupError::VaultExists { found });
        }
    }
    // Slots and nothing else: a creation that was cut off before there was a vault to open.
    Ok(store.delete(&slots).await?)
}

async fn names(store: &dyn Store, prefix: &str) -> Result<Vec<String>> {
    Ok(store.list(prefix, None).await?.into_iter().map(|(name, _)| name).collect())
}

/// Takes away what a failed creation left, so that it can be tried again.
async fn give_up(computer: &Computer) {
    let slots = computer.catalog(|catalog| {
        let slots = catalog.vault_slots()?;
        catalog.forget_vault()?;
        Ok(slots)
    });
    let Ok(slots) = slots.await else { return };
    let mut names: Vec<String> = slots.into_keys().map(|file| format!("keys/{file}")).collect();
    names.push(ABOUT_NAME.to_owned());
    if let Err(error) = computer.store.delete(&names).await {
        tracing::warn!(%error, "what a failed creation left stays in the bucket");
    }
}
