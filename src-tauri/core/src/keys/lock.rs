//! The window's lock: a passphrase that opens nothing but the window.
//!
//! It keeps curious hands from a desk, not a thief from a disk: what lies on this computer relies on
//! the system's own disk encryption. What is kept here tells whether a passphrase is the right one,
//! and costs Argon2id a guess.

use data_encoding::HEXLOWER;
use rand::RngExt as _;
use serde::{Deserialize, Serialize};

use super::error::KeysError;
use super::kek::{Argon2Params, Kek};
use crate::encryption::extract_expand;
use crate::media::VaultId;

/// What a passphrase is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppLock {
    salt: String,
    proof: String,
    /// Minutes without a touch until it closes by itself; 0 for never.
    pub minutes: u32,
}

impl AppLock {
    /// # Errors
    /// An empty passphrase, or no memory.
    pub fn new(passphrase: &str, minutes: u32) -> Result<Self, KeysError> {
        let salt = HEXLOWER.encode(&rand::rng().random::<[u8; 16]>());
        Ok(Self { proof: proof(passphrase, &salt)?, salt, minutes })
    }

    /// Whether this is the passphrase. Takes as long for a wrong one as for the right one.
    ///
    /// # Errors
    /// No memory.
    pub fn opens(&self, passphrase: &str) -> Result<bool, KeysError> {
        match proof(passphrase, &self.salt) {
            Ok(proof) => Ok(proof == self.proof),
            Err(KeysError::EmptyPassphrase) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn proof(passphrase: &str, salt: &str) -> Result<String, KeysError> {
    let nobody = VaultId([0; 16]);
    let kek = Kek::passphrase(nobody, passphrase, salt.as_bytes(), Argon2Params::WRITTEN)?;
    let proof = extract_expand(kek.key().expose(), salt.as_bytes(), b"darkslide/1/app-lock");
    Ok(HEXLOWER.encode(proof.expose()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_passphrase_opens_a_lock_and_the_passphrase_is_not_in_it() {
        let lock = AppLock::new("red light", 10).unwrap();
        assert!(lock.opens("red light").unwrap());
        assert!(!lock.opens("red  light").unwrap() && !lock.opens("").unwrap());
        let kept = serde_json::to_string(&lock).unwrap();
        assert!(!kept.contains("red"), "{kept}");
        let again: AppLock = serde_json::from_str(&kept).unwrap();
        assert_eq!(again, lock);
        assert_ne!(AppLock::new("red light", 10).unwrap(), lock, "salted");
    }
}
