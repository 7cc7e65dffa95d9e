//! The keys of a client's link: drawn from the share's own secret, never from the vault's keys.

use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::encryption::{Key, extract_expand};
use crate::media::ShareId;

/// What a browser can still do within a second or two.
pub const PASSCODE_ROUNDS: u32 = 600_000;

/// The key of a share's items and index.
#[must_use]
pub fn share_key(share: ShareId, secret: &Key) -> Key {
    extract_expand(secret.expose(), &share.0, b"darkslide/1/share")
}

/// The same, where a passcode is part of the key. `passcode` is normalised already.
#[must_use]
pub fn share_key_with_passcode(share: ShareId, secret: &Key, passcode: &str) -> Key {
    let stretched = stretch(share, passcode);
    let both = Zeroizing::new([secret.expose().as_slice(), stretched.as_slice()].concat());
    extract_expand(&both, &share.0, b"darkslide/1/share/passcode")
}

/// The key of what clients send back: it needs no passcode.
#[must_use]
pub fn picks_key(share: ShareId, secret: &Key) -> Key {
    extract_expand(secret.expose(), &share.0, b"darkslide/1/share/picks")
}

pub(super) fn stretch(share: ShareId, passcode: &str) -> Zeroizing<[u8; 32]> {
    let mut stretched = Zeroizing::new([0; 32]);
    pbkdf2_hmac::<Sha256>(passcode.as_bytes(), &share.0, PASSCODE_ROUNDS, &mut *stretched);
    stretched
}
