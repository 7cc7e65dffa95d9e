//! The ways in: from slots to vault keys, and this computer's own slot.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use zeroize::Zeroizing;

use crate::encryption::Key;
use crate::files;
use crate::keys::{KeysError, RecoveryWords, SecretStore, Slot, SlotName, VaultKey};
use crate::media::{DeviceId, VaultId};
use crate::store::{Store, sha256};

use super::bucket::put_checked;
use super::computer::{Computer, OpenVault};
use super::error::{BackupError, Result};

/// At most so many files of one slot id are tried, newest first.
const TRIED: usize = 8;

/// What the photographer, or this computer, has to open the vault with.
#[derive(Debug, Clone)]
pub enum WayIn {
    Words(RecoveryWords),
    Passphrase(Zeroizing<String>),
    Device(DeviceId, Key),
}

/// Opens whatever slots open with `way`. Takes a second or more with a passphrase.
///
/// `slots`: file names (without `keys/`) and bodies, newest first within one slot id.
///
/// # Errors
/// `NoWayIn` when none opens.
pub fn open_slots<'s>(
    vault: VaultId,
    slots: impl IntoIterator<Item = (&'s str, &'s [u8])>,
    way: &WayIn,
) -> Result<Vec<VaultKey>> {
    let wanted = match way {
        WayIn::Words(_) => SlotName::Recovery,
        WayIn::Passphrase(_) => SlotName::Passphrase,
        WayIn::Device(device, _) => SlotName::Device(*device),
    };
    let mut keys: Vec<VaultKey> = Vec::new();
    let mut tried = 0;
    let mut damaged = None;
    for (file, body) in slots {
        if SlotName::of_file(file) != Some(wanted) || tried == TRIED {
            continue;
        }
        tried += 1;
        let opened = Slot::read(file, body).and_then(|slot| match way {
            WayIn::Words(words) => slot.open_with_words(vault, words),
            WayIn::Passphrase(passphrase) => slot.open_with_passphrase(vault, passphrase),
            WayIn::Device(_, key) => slot.open_with_device(vault, key),
        });
        match opened {
            Ok(key) if keys.contains(&key) => {}
            Ok(key) => keys.push(key),
            Err(KeysError::WrongKey { .. }) => {}
            Err(error) => damaged = Some(error),
        }
    }
    match (keys.is_empty(), damaged) {
        (false, _) => Ok(keys),
        (true, Some(error)) => Err(error.into()),
        (true, None) => Err(BackupError::NoWayIn { slots: tried }),
    }
}

/// The name under which this computer's key of a vault is kept.
fn secret_name(vault: VaultId, device: DeviceId) -> String {
    format!("device-key/{vault}/{device}")
}

/// Which device's slot this catalogue enrolled with: its device id may have been renewed since.
const ENROLLED: &str = "enrolled";

/// Which slot file this computer put for itself: it is tried before all others of its id.
const OWN_SLOT: &str = "own_slot";

/// Opens this computer's vault: by the device key in the keyring, else by the passphrase that
/// `ask` gives.
///
/// # Errors
/// `NoVault`; `NoKeyring` when there is neither a device key nor a passphrase; `NoWayIn`.
pub async fn unlock(
    computer: Computer,
    secrets: Arc<dyn SecretStore>,
    ask: impl FnOnce() -> Option<Zeroizing<String>> + Send + 'static,
) -> Result<OpenVault> {
    let about = super::computer::about(&computer).await?;
    let (slots, enrolled, own) = computer
        .catalog(|catalog| {
            let notes = (catalog.vault_note(ENROLLED)?, catalog.vault_note(OWN_SLOT)?);
            Ok((catalog.vault_slots()?, notes.0, notes.1))
        })
        .await?;
    let keys = tokio::task::spawn_blocking(move || -> Result<Vec<VaultKey>> {
        let is_own = |file: &str| own.as_deref() == Some(file.as_bytes());
        let slots = || {
            let all = slots.iter().map(|(file, body)| (file.as_str(), body.as_slice()));
            let (first, rest): (Vec<_>, Vec<_>) = all.partition(|(file, _)| is_own(file));
            first.into_iter().chain(rest.into_iter().rev())
        };
        let enrolled = enrolled.and_then(|id| id.try_into().ok()).map(DeviceId);
        let by_device = match enrolled {
            None => Err(no_device_key()),
            Some(device) => device_key(&*secrets, about.vault, device).and_then(|key| {
                let key = key.ok_or_else(no_device_key)?;
                open_slots(about.vault, slots(), &WayIn::Device(device, key))
            }),
        };
        match by_device {
            Ok(keys) => Ok(keys),
            Err(error) => match ask() {
                Some(typed) => match open_slots(about.vault, slots(), &WayIn::Passphrase(typed)) {
                    // There is none to be right or wrong about: the keyring is what is missing.
                    Err(BackupError::NoWayIn { slots: 0 }) => Err(error),
                    opened => opened,
                },
                None => Err(error),
            },
        }
    })
    .await??;
    OpenVault::load(computer, keys).await
}

fn no_device_key() -> BackupError {
    KeysError::NoKeyring { why: "it holds no key of this computer for this vault".to_owned() }
        .into()
}

fn device_key(secrets: &dyn SecretStore, vault: VaultId, device: DeviceId) -> Result<Option<Key>> {
    let secret = secrets.get(&secret_name(vault, device))?;
    Ok(secret.and_then(|s| <[u8; 32]>::try_from(s.as_slice()).ok()).map(Key::from_bytes))
}

/// Makes this computer able to open the vault by itself: a device slot where a keyring answers,
/// else a passphrase slot.
///
/// # Errors
/// `NoKeyring` when none answers and there is no passphrase; the store fails.
pub(super) async fn enrol(
    computer: &Computer,
    vault: VaultId,
    key: &VaultKey,
    secrets: Arc<dyn SecretStore>,
    passphrase: Option<Zeroizing<String>>,
) -> Result<()> {
    let device = computer.catalog.device();
    let vault_key = key.clone();
    let (slot, by_device) = tokio::task::spawn_blocking(move || -> Result<(Slot, bool)> {
        let device_key = Key::random();
        match secrets.set(&secret_name(vault, device), device_key.expose()) {
            Ok(()) => Ok((Slot::for_device(vault, &vault_key, device, &device_key), true)),
            Err(no_keyring) => {
                let typed = passphrase.ok_or(no_keyring)?;
                Ok((Slot::for_passphrase(vault, &vault_key, &typed)?, false))
            }
        }
    })
    .await??;
    let file = put_slot(computer, &slot).await?;
    computer.catalog(move |catalog| catalog.set_vault_note(OWN_SLOT, file.as_bytes())).await?;
    if by_device {
        computer.catalog(move |catalog| catalog.set_vault_note(ENROLLED, &device.0)).await?;
    }
    Ok(())
}

/// Puts a slot under a new name, and keeps copies in the catalogue and the library.
pub(super) async fn put_slot(computer: &Computer, slot: &Slot) -> Result<String> {
    let file = slot.name.new_file();
    let body = slot.to_json();
    let sha = sha256(&body);
    put_checked(&*computer.store, &format!("keys/{file}"), Bytes::from(body.clone()), sha).await?;
    keep_slot(computer, &file, &body).await?;
    Ok(file)
}

/// Keeps copies of a slot: these tiny files lie in many places.
///
/// # Errors
/// The catalogue could not be written.
pub async fn keep_slot(computer: &Computer, file: &str, body: &[u8]) -> Result<()> {
    let (file, body) = (file.to_owned(), body.to_vec());
    let folder = computer.library.join(".darkslide").join("keys");
    computer
        .catalog(move |catalog| {
            catalog.set_vault_slot(&file, Some(&body))?;
            // The library may be on a disk that is away: the catalogue and the bucket have it.
            let copied = files::create_dirs(&folder)
                .and_then(|()| files::replace(&folder.join(&file), &body));
            if let Err(error) = copied {
                tracing::warn!(%file, %error, "no copy of this slot in the library");
            }
            Ok(())
        })
        .await
}

/// All slots in the bucket, newest first: file names (without `keys/`) and bodies.
///
/// # Errors
/// The store fails.
pub async fn bucket_slots(store: &dyn Store) -> Result<Vec<(String, Vec<u8>)>> {
    let mut listed = store.list("keys/", None).await?;
    listed.sort_by_key(|(_, info)| std::cmp::Reverse(info.last_modified));
    let mut by_id: BTreeMap<SlotName, usize> = BTreeMap::new();
    let mut slots = Vec::new();
    for (name, _) in listed {
        let file = name.strip_prefix("keys/").unwrap_or(&name);
        let Some(id) = SlotName::of_file(file) else { continue };
        let count = by_id.entry(id).or_default();
        *count += 1;
        if *count <= TRIED {
            slots.push((file.to_owned(), store.get(&name, None).await?.to_vec()));
        }
    }
    Ok(slots)
}
