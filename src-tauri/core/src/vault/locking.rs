//! The lock of the window: kept in the home, so that a program that starts knows it is closed.

use std::path::Path;
use std::sync::PoisonError;

use super::Vault;
use super::config::Config;
use crate::error::Result;
use crate::keys::{AppLock, KeysError};

/// The lock of a home, if it has one. Opens no catalogue.
///
/// # Errors
/// The home cannot be read.
pub fn app_lock(home: &Path) -> Result<Option<AppLock>> {
    if Config::exists(home) { Ok(Config::load(home)?.app_lock) } else { Ok(None) }
}

impl Vault {
    /// Locks the window with this passphrase from now on, after so many minutes by itself.
    ///
    /// # Errors
    /// An empty passphrase, or a home that cannot be written.
    pub fn set_app_lock(&self, passphrase: &str, minutes: u32) -> Result<()> {
        let lock = AppLock::new(passphrase, minutes)?;
        self.save_config(Config { app_lock: Some(lock), ..self.config() })
    }

    /// Takes the lock away.
    ///
    /// # Errors
    /// Another passphrase, or a home that cannot be written.
    pub fn remove_app_lock(&self, passphrase: &str) -> Result<()> {
        let config = self.config();
        if let Some(lock) = &config.app_lock
            && !lock.opens(passphrase)?
        {
            return Err(KeysError::WrongKey { slot: "the window's lock".to_owned() }.into());
        }
        self.save_config(Config { app_lock: None, ..config })
    }

    /// Forgets every key that was typed or unlocked; the next use asks for them again.
    pub fn forget_keys(&self) {
        *self.typed.write().unwrap_or_else(PoisonError::into_inner) = None;
        self.forget_reached();
    }
}
