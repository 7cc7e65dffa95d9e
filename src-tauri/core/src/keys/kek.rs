//! The keys that open slots: from words, from a passphrase, from this computer.

use argon2::{Algorithm, Argon2, Params, Version};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::encryption::{Key, extract_expand};
use crate::media::VaultId;

use super::error::KeysError;
use super::words::RecoveryWords;

/// Where a key-encryption key comes from; the word is part of its derivation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KekKind {
    Recovery,
    Passphrase,
    Device,
}

/// Opens one slot. Wraps nothing but vault keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kek(Key);

/// How much work a passphrase costs: RFC 9106's second choice, so that it opens on any laptop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Params {
    pub m_kib: u32,
    pub t: u32,
    pub p: u32,
}

impl Argon2Params {
    pub const WRITTEN: Self = Self { m_kib: 64 * 1024, t: 3, p: 4 };

    /// Whether a slot may ask for this: checked before any memory is taken.
    #[must_use]
    pub const fn in_bounds(self) -> bool {
        const MIB: u64 = 1024;
        let m = self.m_kib as u64;
        m >= 64 * MIB
            && m <= 1024 * MIB
            && self.t >= 1
            && self.t <= 16
            && self.p >= 1
            && self.p <= 8
            && m * self.t as u64 <= 8 * 1024 * MIB
    }
}

impl Kek {
    #[must_use]
    pub fn recovery(vault: VaultId, words: &RecoveryWords) -> Self {
        Self::derive(vault, KekKind::Recovery, words.entropy().expose())
    }

    #[must_use]
    pub fn device(vault: VaultId, device_key: &Key) -> Self {
        Self::derive(vault, KekKind::Device, device_key.expose())
    }

    /// Stretches a passphrase: NFKC, UTF-8, spaces kept. Takes a second and `params.m_kib`.
    ///
    /// # Errors
    /// An empty passphrase, or no memory.
    pub fn passphrase(
        vault: VaultId,
        passphrase: &str,
        salt: &[u8],
        params: Argon2Params,
    ) -> Result<Self, KeysError> {
        if passphrase.is_empty() {
            return Err(KeysError::EmptyPassphrase);
        }
        let normal: Zeroizing<String> = Zeroizing::new(passphrase.nfkc().collect());
        let Argon2Params { m_kib, t, p } = params;
        let params = Params::new(m_kib, t, p, Some(32)).map_err(KeysError::Argon2)?;
        let mut stretched = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(normal.as_bytes(), salt, &mut *stretched)
            .map_err(KeysError::Argon2)?;
        Ok(Self::derive(vault, KekKind::Passphrase, &*stretched))
    }

    fn derive(vault: VaultId, kind: KekKind, secret: &[u8]) -> Self {
        let info = match kind {
            KekKind::Recovery => "darkslide/1/kek/recovery",
            KekKind::Passphrase => "darkslide/1/kek/passphrase",
            KekKind::Device => "darkslide/1/kek/device",
        };
        Self(extract_expand(secret, &vault.0, info.as_bytes()))
    }

    pub(super) const fn key(&self) -> &Key {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sane_argon2_parameters_are_followed() {
        let with = |m_mib: u32, t, p| Argon2Params { m_kib: m_mib * 1024, t, p };
        assert!(Argon2Params::WRITTEN.in_bounds());
        for good in [with(64, 1, 1), with(1024, 8, 8), with(512, 16, 4)] {
            assert!(good.in_bounds(), "{good:?}");
        }
        for bad in [
            with(63, 3, 4),
            with(1025, 1, 4),
            with(64, 0, 4),
            with(64, 17, 4),
            with(64, 3, 0),
            with(64, 3, 9),
            with(1024, 9, 1),
            Argon2Params { m_kib: u32::MAX, t: u32::MAX, p: u32::MAX },
        ] {
            assert!(!bad.in_bounds(), "{bad:?}");
        }
    }

    #[test]
    fn a_passphrase_is_the_same_however_its_accents_are_typed() {
        let vault = VaultId([1; 16]);
        let kek = |text: &str| {
            let cheap = Argon2Params { m_kib: 64, t: 1, p: 1 };
            Kek::passphrase(vault, text, &[7; 16], cheap).expect("a key")
        };
        assert_eq!(kek("caf\u{e9}"), kek("cafe\u{301}"));
        assert_eq!(kek("\u{fb01}lm"), kek("film"), "compatibility forms too");
        assert_ne!(kek("film"), kek("film "), "but nothing is trimmed");
    }
}
