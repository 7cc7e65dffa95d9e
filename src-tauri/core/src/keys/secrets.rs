//! Where secrets of this computer lie: the device key and the bucket's secret key.
//!
//! In the system's keyring or nowhere; never in a plain file. Blocking: call it on a thread that
//! may wait (`spawn_blocking`). A keyring that does not answer is [`KeysError::NoKeyring`] after a
//! while, never a hang: the caller then asks for the passphrase.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use zeroize::Zeroizing;

use super::error::KeysError;

const SERVICE: &str = "darkslide";
/// Long enough to type the password of a locked keyring.
const PATIENCE: Duration = Duration::from_secs(60);

/// Named secrets of this user on this computer.
pub trait SecretStore: Send + Sync + Debug {
    /// # Errors
    /// `NoKeyring` when none answers. A name that is not there is `None`.
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeysError>;

    /// # Errors
    /// `NoKeyring` when none answers.
    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeysError>;

    /// # Errors
    /// `NoKeyring` when none answers. A name that is not there is fine.
    fn delete(&self, name: &str) -> Result<(), KeysError>;
}

/// The system's keyring: Secret Service, Keychain or Credential Manager.
#[derive(Debug, Clone, Copy, Default)]
pub struct Keyring;

impl Keyring {
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

/// Does `work` on a thread of its own, because a keyring may wait for a dialog nobody sees.
fn patiently<T: Send + 'static>(
    name: &str,
    work: impl FnOnce(&keyring::Entry) -> keyring::Result<T> + Send + 'static,
) -> Result<T, KeysError> {
    let name = name.to_owned();
    let (done, answer) = channel();
    let no_keyring = |why: String| KeysError::NoKeyring { why };
    std::thread::Builder::new()
        .name("keyring".to_owned())
        .spawn(move || {
            let result = keyring::Entry::new(SERVICE, &name).and_then(|entry| work(&entry));
            let result = result.map_err(|error| match error {
                keyring::Error::NoDefaultStore => match keyring::Entry::store_status() {
                    Err(error) => error.to_string(),
                    Ok(()) => error.to_string(),
                },
                other => other.to_string(),
            });
            // Nobody listens any more when the patience ran out.
            drop(done.send(result));
        })
        .map_err(|error| no_keyring(error.to_string()))?;
    match answer.recv_timeout(PATIENCE) {
        Ok(result) => result.map_err(no_keyring),
        Err(RecvTimeoutError::Timeout) => Err(no_keyring("no answer within a minute".to_owned())),
        Err(RecvTimeoutError::Disconnected) => Err(no_keyring("it broke off".to_owned())),
    }
}

impl SecretStore for Keyring {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeysError> {
        patiently(name, |entry| match entry.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeysError> {
        let secret = Zeroizing::new(secret.to_vec());
        patiently(name, move |entry| entry.set_secret(&secret))
    }

    fn delete(&self, name: &str) -> Result<(), KeysError> {
        patiently(name, |entry| match entry.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
    }
}

type Secrets = BTreeMap<String, Zeroizing<Vec<u8>>>;

/// Secrets in this process's memory: for tests, and for runs that must leave no trace.
#[derive(Default)]
pub struct MemorySecrets {
    secrets: Mutex<Secrets>,
    /// Answers nothing, like a computer without a keyring.
    away: bool,
}

impl MemorySecrets {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Like a computer on which no keyring answers.
    #[must_use]
    pub fn away() -> Self {
        Self { away: true, ..Self::default() }
    }

    fn held(&self) -> Result<MutexGuard<'_, Secrets>, KeysError> {
        if self.away {
            return Err(KeysError::NoKeyring { why: "there is none".to_owned() });
        }
        Ok(self.secrets.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Debug for MemorySecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemorySecrets([REDACTED])")
    }
}

impl SecretStore for MemorySecrets {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeysError> {
        Ok(self.held()?.get(name).cloned())
    }

    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeysError> {
        self.held()?.insert(name.to_owned(), Zeroizing::new(secret.to_vec()));
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), KeysError> {
        self.held()?.remove(name);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_kept_replaced_and_forgotten() {
        let secrets = MemorySecrets::new();
        assert!(secrets.get("a").expect("answers").is_none());
        secrets.set("a", b"one").expect("answers");
        secrets.set("a", b"two").expect("answers");
        assert_eq!(secrets.get("a").expect("answers").expect("there").as_slice(), b"two");
        secrets.delete("a").expect("answers");
        secrets.delete("a").expect("a missing name is fine");
        assert!(secrets.get("a").expect("answers").is_none());
        assert!(!format!("{secrets:?}").contains("two"));
    }

    #[test]
    fn a_missing_keyring_says_so() {
        let error = MemorySecrets::away().get("a").expect_err("none answers");
        assert!(matches!(error, KeysError::NoKeyring { .. }));
    }
}
