//! What can go wrong with keys.

use crate::error::{Code, Error};
use crate::media::KeyId;

use super::words::WordsError;

/// A failure around keys. No variant carries a secret, but the word that is misspelt.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error(transparent)]
    Words(#[from] WordsError),
    /// The slot is sound, but what was typed or kept is not its key.
    #[error("`{slot}` does not open with this")]
    WrongKey { slot: String },
    #[error("`{slot}` is damaged: {why}")]
    BadSlot { slot: String, why: String },
    /// The slot asks for more or less work than any Darkslide ever did.
    #[error("`{slot}` asks for an Argon2id of {m_kib} KiB, {t} passes, {p} lanes: refused")]
    Argon2Bounds { slot: String, m_kib: u64, t: u64, p: u64 },
    #[error("there is not enough memory for the passphrase's Argon2id")]
    Argon2(#[source] argon2::Error),
    #[error("an empty passphrase protects nothing")]
    EmptyPassphrase,
    #[error("the system's keyring does not answer: {why}")]
    NoKeyring { why: String },
    /// Two pages give one key id two keys.
    #[error("the key {kid} has two values in the vault")]
    TwoKeys { kid: KeyId },
}

impl From<KeysError> for Error {
    fn from(error: KeysError) -> Self {
        let code = match &error {
            KeysError::Words(_) => Code::BadWords,
            KeysError::WrongKey { .. } => Code::WrongKey,
            KeysError::BadSlot { .. }
            | KeysError::Argon2Bounds { .. }
            | KeysError::TwoKeys { .. } => Code::Damaged,
            KeysError::Argon2(_) => Code::Internal,
            KeysError::EmptyPassphrase => Code::Usage,
            KeysError::NoKeyring { .. } => Code::NoKeyring,
        };
        Self::new(code, error)
    }
}
