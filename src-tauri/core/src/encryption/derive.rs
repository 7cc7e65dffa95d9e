//! HKDF with SHA-512 (RFC 5869), and the message key, nonces and commitment drawn from it.
//!
//! The expansion is written out over HMAC: the input key is used as it is (32 bytes), which the
//! `hkdf` crate's `from_prk` refuses because it is shorter than SHA-512's output.

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{AeadInOut as _, Aes256Gcm, KeyInit as _};
use hmac::{Hmac, Mac as _};
use sha2::Sha512;
use zeroize::{Zeroize as _, Zeroizing};

use super::{Key, TAG};

const LABEL: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";

/// HKDF-Expand-SHA-512 of `info` (its parts end to end) under a pseudorandom key.
#[must_use]
pub fn expand<const N: usize>(prk: &[u8], info: &[&[u8]]) -> Zeroizing<[u8; N]> {
    const { assert!(N > 0 && N <= 255 * 64) }
    let mac = Hmac::<Sha512>::new_from_slice(prk).expect("HMAC takes keys of any length");
    let mut out = Zeroizing::new([0; N]);
    let mut block = Zeroizing::new([0_u8; 64]);
    for (index, part) in out.chunks_mut(64).enumerate() {
        let mut mac = mac.clone();
        if index > 0 {
            mac.update(&*block);
        }
        info.iter().for_each(|bytes| mac.update(bytes));
        mac.update(&[u8::try_from(index + 1).expect("at most 255 blocks, asserted above")]);
        block.copy_from_slice(&mac.finalize().into_bytes());
        part.copy_from_slice(&block[..part.len()]);
    }
    out
}

/// HKDF-SHA512: extracts from `secret` with `salt`, then expands `info`.
#[must_use]
pub fn extract_expand(secret: &[u8], salt: &[u8], info: &[u8]) -> Key {
    let mut mac = Hmac::<Sha512>::new_from_slice(salt).expect("HMAC takes keys of any length");
    mac.update(secret);
    let mut prk = Zeroizing::new([0_u8; 64]);
    prk.copy_from_slice(&mac.finalize().into_bytes());
    Key::from_bytes(*expand::<32>(&*prk, &[info]))
}

/// What one sealed thing is made with.
pub(super) struct Message {
    cipher: Aes256Gcm,
    base_nonce: [u8; 12],
    pub(super) commitment: [u8; 32],
}

/// A chunk's tag does not fit: the chunk is not what was written.
pub(super) struct BadChunk;

impl Message {
    pub(super) fn derive(key: &Key, salt: &[u8; 24], context: &str) -> Self {
        let mut okm = expand::<76>(key.expose(), &[LABEL, salt, context.as_bytes()]);
        let mut message = [0; 32];
        message.copy_from_slice(&okm[..32]);
        let cipher = Aes256Gcm::new(&message.into());
        message.zeroize();
        let mut derived = Self { cipher, base_nonce: [0; 12], commitment: [0; 32] };
        derived.base_nonce.copy_from_slice(&okm[32..44]);
        derived.commitment.copy_from_slice(&okm[44..]);
        okm.zeroize();
        derived
    }

    fn nonce(&self, index: u64) -> [u8; 12] {
        let mut nonce = self.base_nonce;
        for (byte, counter) in nonce[4..].iter_mut().zip(index.to_be_bytes()) {
            *byte ^= counter;
        }
        nonce
    }

    /// Encrypts `plain` into `sealed`, which is exactly the tag longer.
    pub(super) fn seal_chunk(&self, index: u64, plain: &[u8], sealed: &mut [u8]) {
        let (body, tag) = sealed.split_at_mut(plain.len());
        let buffer = InOutBuf::new(plain, body).expect("split at the plaintext's length");
        let made = self
            .cipher
            .encrypt_inout_detached(&self.nonce(index).into(), b"", buffer)
            .expect("a chunk is far below AES-GCM's limit");
        tag.copy_from_slice(&made);
    }

    /// Encrypts `buffer`'s plaintext where it stands; its last 16 bytes become the tag.
    pub(super) fn seal_chunk_in_place(&self, index: u64, buffer: &mut [u8]) {
        let (body, tag) = buffer.split_at_mut(buffer.len() - TAG);
        let made = self
            .cipher
            .encrypt_inout_detached(&self.nonce(index).into(), b"", body.into())
            .expect("a chunk is far below AES-GCM's limit");
        tag.copy_from_slice(&made);
    }

    /// Decrypts `body` where it stands, once `tag` has proven it.
    pub(super) fn open_chunk(
        &self,
        index: u64,
        body: &mut [u8],
        tag: &[u8],
    ) -> Result<(), BadChunk> {
        let tag: [u8; TAG] = tag.try_into().map_err(|_| BadChunk)?;
        self.cipher
            .decrypt_inout_detached(&self.nonce(index).into(), b"", body.into(), &tag.into())
            .map_err(|_| BadChunk)
    }

    #[cfg(test)]
    pub(super) const fn base_nonce(&self) -> &[u8; 12] {
        &self.base_nonce
    }
}
