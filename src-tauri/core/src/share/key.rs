//! The share's key: from the secret in the link and, where there is one, the passcode.
//!
//! The secret is 32 random bytes made for this share alone and never derived from the vault's keys,
//! so a leaked link opens one album and nothing else. The share's id salts both derivations.

use sha2::Sha256;
use zeroize::Zeroizing;

use super::passcode::Passcode;
use crate::encryption::{Key, extract_expand};
use crate::media::ShareId;

/// Rounds of PBKDF2-HMAC-SHA256: what browsers have, and slow enough beside 40 random bits.
const ROUNDS: u32 = 600_000;

/// The key everything of a share is sealed under.
pub(super) fn share_key(secret: &Key, share: ShareId, passcode: Option<&Passcode>) -> Key {
    match passcode {
        None => extract_expand(secret.expose(), &share.0, b"darkslide/1/share"),
        Some(passcode) => with_passcode(secret, share, passcode.expose().as_bytes()),
    }
}

fn with_passcode(secret: &Key, share: ShareId, passcode: &[u8]) -> Key {
    let mut both = Zeroizing::new([0_u8; 64]);
    let (front, back) = both.split_at_mut(32);
    front.copy_from_slice(secret.expose());
    pbkdf2::pbkdf2_hmac::<Sha256>(passcode, &share.0, ROUNDS, back);
    extract_expand(&*both, &share.0, b"darkslide/1/share/passcode")
}

#[cfg(test)]
mod tests {
    use super::*;

    // From `tests/fixtures/vectors/hierarchy.json`.
    const SECRET: [u8; 32] = [13; 32];
    const SHARE: ShareId = ShareId([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);

    fn hex(key: &Key) -> String {
        data_encoding::HEXLOWER.encode(key.expose())
    }

    #[test]
    fn the_key_is_the_known_one() {
        let key = share_key(&Key::from_bytes(SECRET), SHARE, None);
        assert_eq!(hex(&key), "0676f358fb1dcae7766d97cd643fce809c6656dad962406b459a9dfc5969b118");
    }

    #[test]
    fn the_key_with_a_passcode_is_the_known_one() {
        let key = with_passcode(&Key::from_bytes(SECRET), SHARE, b"ABCD2345");
        assert_eq!(hex(&key), "ded104e3fba17156eae4c03c20964b0b12dd9095f2ac93290c4edcf8a0b053f5");
    }
}
