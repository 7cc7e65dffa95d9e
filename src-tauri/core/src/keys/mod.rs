//! Who can open the vault, and with what: words, passphrase, this computer.
//!
//! The 24 words, the passphrase and the device key never encrypt a photo. Each derives a key that
//! opens one slot; a slot holds the vault key of one generation; the vault key's three sub-keys
//! open the ring pages, segments and commits; the ring pages hold one random key per subject.
//! [`KeyRing`] keeps those in memory while the vault is open; nothing here writes a secret to disk
//! but [`Keyring`], into the system's own store.
//!
//! Everything that arrives as JSON from outside is read by [`json`]: strictly.

mod error;
pub mod json;
mod kek;
mod lock;
mod ring;
mod secrets;
pub mod share;
mod slot;
mod vault_key;
#[cfg(test)]
mod vectors;
mod words;

pub use error::KeysError;
pub use kek::{Argon2Params, Kek, KekKind};
pub use lock::AppLock;
pub use ring::{KeyRing, MAIN_SHOOT};
pub use secrets::{Keyring, MemorySecrets, SecretStore};
pub use slot::{Slot, SlotName};
pub use vault_key::{SubKey, VaultKey};
pub use words::{RecoveryWords, WordsError};

pub type Result<T, E = KeysError> = std::result::Result<T, E>;
