//! From a bucket and something that opens it to the vault's keys.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::RestoreError;
use crate::backup::format::{ABOUT_NAME, About};
use crate::encryption::Key;
use crate::keys::{KeysError, RecoveryWords, Slot, SlotName, VaultKey};
use crate::media::DeviceId;
use crate::store::{Store, StoreError};

/// Older files of one slot are not tried: somebody may have put thousands there.
const TRIED: usize = 8;
const LONGEST_SLOT: u64 = 64 * 1024;

/// What opens a vault.
#[derive(Debug)]
pub enum Unlock {
    Words(RecoveryWords),
    Passphrase(Zeroizing<String>),
    Device(DeviceId, Key),
}

/// Which vault the bucket holds.
///
/// # Errors
/// `NoVaultThere`, or a `vault.json` of another format.
pub async fn read_about(store: &dyn Store) -> Result<About, RestoreError> {
    match store.get(ABOUT_NAME, None).await {
        Ok(bytes) => Ok(About::read(&bytes)?),
        Err(StoreError::NotFound { .. }) => Err(RestoreError::NoVaultThere),
        Err(error) => Err(error.into()),
    }
}

/// Opens every slot that `with` fits, newest first: the vault key of each generation.
///
/// # Errors
/// `NoWayIn` when no slot opens; a passphrase is tried on passphrase slots only, and so on.
pub async fn unlock(
    store: &dyn Store,
    about: &About,
    with: &Unlock,
) -> Result<Vec<VaultKey>, RestoreError> {
    let mut newest: BTreeMap<String, Vec<(jiff::Timestamp, String, SlotName)>> = BTreeMap::new();
    for (name, info) in store.list("keys/", None).await? {
        let Some(file) = name.strip_prefix("keys/") else { continue };
        let Some(slot) = SlotName::of_file(file) else { continue };
        if info.bytes <= LONGEST_SLOT {
            let entry = (info.last_modified, file.to_owned(), slot);
            newest.entry(slot.to_string()).or_default().push(entry);
        }
    }
    let mut keys: Vec<VaultKey> = Vec::new();
    let mut slots = 0;
    let mut unreadable = None;
    for (_, mut files) in newest {
        files.sort_by(|a, b| b.cmp(a));
        for (_, file, name) in files.into_iter().take(TRIED) {
            slots += 1;
            if !fits(with, name) {
                continue;
            }
            let text = match store.get(&format!("keys/{file}"), None).await {
                Ok(text) => text,
                Err(StoreError::NotFound { .. }) => continue,
                Err(error) => return Err(error.into()),
            };
            match open(&file, &text, about, with).await {
                Ok(key) if keys.contains(&key) => {}
                Ok(key) => keys.push(key),
                Err(RestoreError::Keys(KeysError::WrongKey { .. })) => {}
                Err(error) => unreadable = Some(error),
            }
        }
    }
    match (keys.is_empty(), unreadable) {
        (false, _) => Ok(keys),
        (true, Some(error)) => Err(error),
        (true, None) => Err(RestoreError::NoWayIn { slots }),
    }
}

fn fits(with: &Unlock, name: SlotName) -> bool {
    match (with, name) {
        (Unlock::Words(_), SlotName::Recovery)
        | (Unlock::Passphrase(_), SlotName::Passphrase) => true,
        (Unlock::Device(mine, _), SlotName::Device(device)) => *mine == device,
        _ => false,
    }
}

async fn open(
    file: &str,
    text: &[u8],
    about: &About,
    with: &Unlock,
) -> Result<VaultKey, RestoreError> {
    let slot = Slot::read(file, text)?;
    let vault = about.vault;
    match with {
        Unlock::Words(words) => Ok(slot.open_with_words(vault, words)?),
        Unlock::Device(_, key) => Ok(slot.open_with_device(vault, key)?),
        Unlock::Passphrase(passphrase) => {
            // Stretching takes a second of one core.
            let passphrase = passphrase.clone();
            tokio::task::spawn_blocking(move || slot.open_with_passphrase(vault, &passphrase))
                .await
                .map_err(|_| RestoreError::Panicked)?
                .map_err(Into::into)
        }
    }
}
