//! Keys and salts: made here, zeroized on drop, never printed, never compared byte by byte.

use rand::TryRng as _;
use rand::rngs::SysRng;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Fills `bytes` from the operating system's generator.
///
/// # Panics
/// When the system has no randomness to give: nothing secret can be made then.
pub fn fill_random(bytes: &mut [u8]) {
    SysRng.try_fill_bytes(bytes).expect("the operating system gives random bytes");
}

/// A 256-bit secret: an input key of the primitive, or the stuff one is derived from.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

impl Key {
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub fn random() -> Self {
        let mut key = Self([0; 32]);
        fill_random(&mut key.0);
        key
    }

    /// Returns the secret itself, for wrapping and deriving.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Key {}

/// The public randomness of one sealed thing.
///
/// Not `Copy` or `Clone`, and taken by value: the same salt under the same key for two plaintexts
/// would repeat AES-GCM nonces.
#[derive(Debug)]
pub struct Salt([u8; 24]);

impl Salt {
    #[must_use]
    pub fn random() -> Self {
        let mut salt = [0; 24];
        fill_random(&mut salt);
        Self(salt)
    }

    /// For known answers, and to seal the very same bytes again.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 24]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 24] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_never_prints_itself() {
        assert_eq!(format!("{:?}", Key::from_bytes([0xab; 32])), "[REDACTED]");
        assert_eq!(format!("{:?}", vec![Key::random()]), "[[REDACTED]]");
    }

    #[test]
    fn random_keys_differ() {
        assert_ne!(Key::random(), Key::random());
        let key = Key::random();
        assert_eq!(key, Key::from_bytes(*key.expose()));
    }
}
