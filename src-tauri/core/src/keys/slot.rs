//! Slots: small clear JSON files, each holding the vault key wrapped for one way in.
//!
//! `keys/<slot id>.<16 hex random>`; the slot id is `recovery`, `passphrase` or `device-<device>`.
//! A slot is not secret, but without slots the words open nothing: copies lie in many places.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::encryption::{Key, OpenError, Salt, fill_random, open, seal};
use crate::media::{DeviceId, VaultId};

use super::error::KeysError;
use super::json;
use super::kek::{Argon2Params, Kek};
use super::vault_key::VaultKey;
use super::words::RecoveryWords;

/// A wrapped vault key is a sealed 32-byte plaintext.
const WRAPPED: usize = 104;

/// Which way in a slot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SlotName {
    Recovery,
    Passphrase,
    Device(DeviceId),
}

impl std::fmt::Display for SlotName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Recovery => f.write_str("recovery"),
            Self::Passphrase => f.write_str("passphrase"),
            Self::Device(device) => write!(f, "device-{device}"),
        }
    }
}

impl SlotName {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "recovery" => Some(Self::Recovery),
            "passphrase" => Some(Self::Passphrase),
            _ => text.strip_prefix("device-")?.parse().ok().map(Self::Device),
        }
    }

    /// Makes a file name for a new slot of this kind (without `keys/`).
    #[must_use]
    pub fn new_file(self) -> String {
        let mut random = [0; 8];
        fill_random(&mut random);
        format!("{self}.{}", HEXLOWER.encode(&random))
    }

    /// Returns the slot id of a file name (without `keys/`).
    #[must_use]
    pub fn of_file(file: &str) -> Option<Self> {
        let (name, random) = file.rsplit_once('.')?;
        let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        (random.len() == 16 && random.bytes().all(hex)).then(|| Self::parse(name)).flatten()
    }
}

/// One slot as it was read or is about to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    pub name: SlotName,
    pub generation: u32,
    wrapped: Vec<u8>,
    kdf: Option<(Argon2Params, Vec<u8>)>,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    v: u32,
    slot: String,
    generation: u32,
    wrapped: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kdf: Option<WireKdf>,
}

#[derive(Serialize, Deserialize)]
struct WireKdf {
    name: String,
    m_kib: u64,
    t: u64,
    p: u64,
    salt: String,
}

impl Slot {
    /// Wraps the vault key for the 24 words.
    #[must_use]
    pub fn for_words(vault: VaultId, key: &VaultKey, words: &RecoveryWords) -> Self {
        Self::wrap(vault, SlotName::Recovery, key, &Kek::recovery(vault, words), None)
    }

    /// Wraps the vault key for this computer.
    #[must_use]
    pub fn for_device(vault: VaultId, key: &VaultKey, device: DeviceId, device_key: &Key) -> Self {
        Self::wrap(vault, SlotName::Device(device), key, &Kek::device(vault, device_key), None)
    }

    /// Wraps the vault key for a passphrase.
    ///
    /// # Errors
    /// An empty passphrase, or no memory to stretch it.
    pub fn for_passphrase(
        vault: VaultId,
        key: &VaultKey,
        passphrase: &str,
    ) -> Result<Self, KeysError> {
        let mut salt = vec![0; 16];
        fill_random(&mut salt);
        let params = Argon2Params::WRITTEN;
        let kek = Kek::passphrase(vault, passphrase, &salt, params)?;
        Ok(Self::wrap(vault, SlotName::Passphrase, key, &kek, Some((params, salt))))
    }

    fn wrap(
        vault: VaultId,
        name: SlotName,
        key: &VaultKey,
        kek: &Kek,
        kdf: Option<(Argon2Params, Vec<u8>)>,
    ) -> Self {
        let context = context(vault, name, key.generation);
        let wrapped = seal(kek.key(), Salt::random(), &context, key.key().expose());
        Self { name, generation: key.generation, wrapped, kdf }
    }

    /// Reads the slot in the file `file` (without `keys/`).
    ///
    /// # Errors
    /// When it is not a slot of format 1, not the one its name says, or asks Argon2id for more
    /// than the bounds.
    pub fn read(file: &str, text: &[u8]) -> Result<Self, KeysError> {
        let bad = |why: String| KeysError::BadSlot { slot: file.to_owned(), why };
        let wire: Wire = json::read(text).map_err(|e| bad(e.to_string()))?;
        if wire.v != 1 {
            return Err(bad(format!("version {} is not known here", wire.v)));
        }
        let name = SlotName::of_file(file).filter(|name| name.to_string() == wire.slot);
        let name = name.ok_or_else(|| bad("it is not the slot its name says".to_owned()))?;
        let bytes = |text: &str| {
            BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|e| bad(format!("base64url: {e}")))
        };
        let wrapped = bytes(&wire.wrapped)?;
        if wrapped.len() != WRAPPED {
            return Err(bad(format!("{} bytes are no wrapped key", wrapped.len())));
        }
        let kdf = match wire.kdf {
            None => None,
            Some(kdf) if kdf.name != "argon2id" => return Err(bad(format!("kdf {}", kdf.name))),
            Some(WireKdf { m_kib, t, p, salt, .. }) => {
                let out = || KeysError::Argon2Bounds { slot: file.to_owned(), m_kib, t, p };
                let fit = |n: u64| u32::try_from(n).map_err(|_| out());
                let params = Argon2Params { m_kib: fit(m_kib)?, t: fit(t)?, p: fit(p)? };
                if !params.in_bounds() {
                    return Err(out());
                }
                let salt = bytes(&salt)?;
                if !(8..=64).contains(&salt.len()) {
                    return Err(bad(format!("a salt of {} bytes", salt.len())));
                }
                Some((params, salt))
            }
        };
        if (name == SlotName::Passphrase) != kdf.is_some() {
            return Err(bad("a kdf belongs to passphrases, and only to them".to_owned()));
        }
        Ok(Self { name, generation: wire.generation, wrapped, kdf })
    }

    /// Returns the file's JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let wire = Wire {
            v: 1,
            slot: self.name.to_string(),
            generation: self.generation,
            wrapped: BASE64URL_NOPAD.encode(&self.wrapped),
            kdf: self.kdf.as_ref().map(|(params, salt)| WireKdf {
                name: "argon2id".to_owned(),
                m_kib: params.m_kib.into(),
                t: params.t.into(),
                p: params.p.into(),
                salt: BASE64URL_NOPAD.encode(salt),
            }),
        };
        serde_json::to_vec(&wire).expect("plain data")
    }

    /// Opens it with the words.
    ///
    /// # Errors
    /// `WrongKey`, or a damaged slot.
    pub fn open_with_words(
        &self,
        vault: VaultId,
        words: &RecoveryWords,
    ) -> Result<VaultKey, KeysError> {
        self.open(vault, &Kek::recovery(vault, words))
    }

    /// Opens it with this computer's key.
    ///
    /// # Errors
    /// `WrongKey`, or a damaged slot.
    pub fn open_with_device(
        &self,
        vault: VaultId,
        device_key: &Key,
    ) -> Result<VaultKey, KeysError> {
        self.open(vault, &Kek::device(vault, device_key))
    }

    /// Opens it with a passphrase. Takes about a second.
    ///
    /// # Errors
    /// `WrongKey`, a slot of another kind, or no memory.
    pub fn open_with_passphrase(
        &self,
        vault: VaultId,
        passphrase: &str,
    ) -> Result<VaultKey, KeysError> {
        let Some((params, salt)) = &self.kdf else {
            return Err(KeysError::WrongKey { slot: self.name.to_string() });
        };
        self.open(vault, &Kek::passphrase(vault, passphrase, salt, *params)?)
    }

    fn open(&self, vault: VaultId, kek: &Kek) -> Result<VaultKey, KeysError> {
        let context = context(vault, self.name, self.generation);
        let slot = || self.name.to_string();
        let plain = open(kek.key(), &context, &self.wrapped).map_err(|error| match error {
            OpenError::WrongKey => KeysError::WrongKey { slot: slot() },
            other => KeysError::BadSlot { slot: slot(), why: other.to_string() },
        })?;
        let plain = Zeroizing::new(plain);
        let key: [u8; 32] = plain.as_slice().try_into().map_err(|_| KeysError::BadSlot {
            slot: slot(),
            why: "it does not hold a key".to_owned(),
        })?;
        Ok(VaultKey::new(self.generation, Key::from_bytes(key)))
    }

    /// The 104 wrapped bytes, for the recovery kit.
    #[must_use]
    pub fn wrapped(&self) -> &[u8] {
        &self.wrapped
    }

    #[cfg(test)]
    pub(super) fn from_parts(name: SlotName, generation: u32, wrapped: Vec<u8>) -> Self {
        Self { name, generation, wrapped, kdf: None }
    }
}

fn context(vault: VaultId, name: SlotName, generation: u32) -> String {
    format!("darkslide/1|slot|{vault}|{name}|g{generation}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const VAULT: VaultId = VaultId([3; 16]);

    #[test]
    fn each_way_in_opens_its_own_slot_and_no_other() {
        let key = VaultKey::first();
        let (words, device, device_key) =
            (RecoveryWords::random(), DeviceId([5; 8]), Key::random());
        let recovery = Slot::for_words(VAULT, &key, &words);
        let mine = Slot::for_device(VAULT, &key, device, &device_key);
        let typed = Slot::for_passphrase(VAULT, &key, "a long passphrase").expect("memory");
        assert_eq!(recovery.open_with_words(VAULT, &words).expect("opens"), key);
        assert_eq!(mine.open_with_device(VAULT, &device_key).expect("opens"), key);
        assert_eq!(typed.open_with_passphrase(VAULT, "a long passphrase").expect("opens"), key);

        let wrong = |r: Result<VaultKey, KeysError>| matches!(r, Err(KeysError::WrongKey { .. }));
        assert!(wrong(recovery.open_with_words(VAULT, &RecoveryWords::random())));
        assert!(wrong(recovery.open_with_words(VaultId([4; 16]), &words)), "another vault");
        assert!(wrong(recovery.open_with_device(VAULT, &device_key)));
        assert!(wrong(recovery.open_with_passphrase(VAULT, "a long passphrase")));
        assert!(wrong(typed.open_with_passphrase(VAULT, "another passphrase")));
        assert_eq!(recovery.wrapped().len(), 104);
    }

    #[test]
    fn a_slot_survives_its_file() {
        let typed = Slot::for_passphrase(VAULT, &VaultKey::first(), "x y").expect("memory");
        let file = typed.name.new_file();
        assert_eq!(Slot::read(&file, &typed.to_json()).expect("reads"), typed);
        assert_eq!(SlotName::of_file(&file), Some(SlotName::Passphrase));
        let device = SlotName::Device(DeviceId([0xab; 8]));
        assert_eq!(SlotName::of_file(&device.new_file()), Some(device));
        for bad in
            ["recovery", "recovery.12", "other.0123456789abcdef", "device-1.0123456789abcdef"]
        {
            assert_eq!(SlotName::of_file(bad), None, "{bad}");
        }
    }

    #[test]
    fn hostile_slots_are_refused_before_any_work() {
        let file = "passphrase.0123456789abcdef";
        let slot = Slot::for_passphrase(VAULT, &VaultKey::first(), "x").expect("memory");
        let good = String::from_utf8(slot.to_json()).expect("JSON");
        assert!(Slot::read(file, good.as_bytes()).is_ok());
        let huge = good.replace("\"m_kib\":65536", "\"m_kib\":4294967296");
        assert!(matches!(Slot::read(file, huge.as_bytes()), Err(KeysError::Argon2Bounds { .. })));
        let weak = good.replace("\"m_kib\":65536", "\"m_kib\":8");
        assert!(matches!(Slot::read(file, weak.as_bytes()), Err(KeysError::Argon2Bounds { .. })));
        for (from, to) in [
            ("\"v\":1", "\"v\":2"),
            ("\"slot\":\"passphrase\"", "\"slot\":\"recovery\""),
            ("argon2id", "argon2i"),
            ("\"v\":1", "\"v\":1,\"v\":1"),
            ("\"wrapped\":\"", "\"wrapped\":\"AAAA"),
        ] {
            let text = good.replace(from, to);
            assert_ne!(text, good);
            assert!(
                matches!(Slot::read(file, text.as_bytes()), Err(KeysError::BadSlot { .. })),
                "{to}"
            );
        }
    }
}
