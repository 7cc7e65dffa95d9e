//! Seals bytes so that only the holder of a key can read them and nobody can change them unseen.
//!
//! One primitive, C2SP `chunked-encryption@v1` in the instance Cobblestone-256, over `Read` and
//! `Write`. Nothing here knows photos, names, files or the network.
//!
//! ```text
//! sealed = salt[24] | commitment[32] | chunk 0 | .. | last chunk
//! chunk  = AES-256-GCM(message key, nonce = base nonce XOR index, 16 KiB of plaintext) + tag[16]
//! message key[32] | base nonce[12] | commitment[32]
//!        = HKDF-Expand-SHA-512(key, "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" | salt | context)
//! ```
//!
//! The invariants: the last chunk is always shorter than 16 KiB (possibly empty), so a cut, a swap,
//! a splice and trailing bytes all fail; the commitment is compared, in constant time, before any
//! AES runs, so a wrong key or context is told apart from damage; a salt belongs to one plaintext
//! (`Salt` is consumed by the sealer). `FORMAT.md` beside this file describes the whole bucket.

mod derive;
mod key;
mod open;
mod seal;
#[cfg(test)]
mod vectors;

pub use derive::{expand, extract_expand};
pub use key::{Key, Salt, fill_random};
pub use open::{OpenError, Opener, open};
pub use seal::{Sealer, seal};

/// Plaintext bytes of a full chunk.
pub const CHUNK: usize = 16 * 1024;
/// Bytes of an AES-GCM tag.
pub const TAG: usize = 16;
/// Salt and commitment, before the first chunk.
pub const HEADER: usize = 24 + 32;
const SEALED_CHUNK: usize = CHUNK + TAG;

/// Returns how long `plain` bytes are once sealed.
#[must_use]
pub const fn sealed_len(plain: u64) -> u64 {
    HEADER as u64 + plain + TAG as u64 * (plain / CHUNK as u64 + 1)
}

/// Returns how long the plaintext in `sealed` bytes is; nothing if no plaintext seals to that.
#[must_use]
pub const fn plain_len(sealed: u64) -> Option<u64> {
    let Some(body) = sealed.checked_sub(HEADER as u64) else { return None };
    let (full, last) = (body / SEALED_CHUNK as u64, body % SEALED_CHUNK as u64);
    if last < TAG as u64 { None } else { Some(full * CHUNK as u64 + last - TAG as u64) }
}
