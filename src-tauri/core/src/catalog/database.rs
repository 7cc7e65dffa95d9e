//! Opens the database and hands out its connections.

use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use rusqlite::Connection;

use crate::media::DeviceId;

use super::error::Result;

/// The time, as `vault::Settings` brings it in.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// An open catalogue. Dropping it closes the database and frees the lock.
pub struct Catalog {
    #[expect(dead_code)]
    writer: Mutex<Connection>,
}

impl Catalog {
    /// Makes the catalogue of a new home, or opens the one that is there.
    ///
    /// `device` names the device of a new catalogue; without it one is minted.
    ///
    /// # Errors
    /// As [`Catalog::open`], but for a missing catalogue.
    pub fn create(_home: &Path, _device: Option<DeviceId>, _now: Clock) -> Result<Self> {
        unimplemented!()
    }

    /// Opens the catalogue of `home` and takes its lock.
    ///
    /// # Errors
    /// There is none, another program has it open, it is damaged, or a newer program wrote it.
    pub fn open(_home: &Path, _now: Clock) -> Result<Self> {
        unimplemented!()
    }

    /// A catalogue that is gone when it is dropped.
    ///
    /// # Errors
    /// SQLite has no memory left.
    pub fn in_memory(_device: DeviceId, _now: Clock) -> Result<Self> {
        unimplemented!()
    }

    /// The id under which this catalogue's edits are known.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        unimplemented!()
    }

    /// Takes a new device id: this catalogue was copied, restored or moved, or another computer
    /// wrote under the old one.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn renew_device(&self) -> Result<DeviceId> {
        unimplemented!()
    }

    /// Runs SQLite's own check over the whole file.
    ///
    /// # Errors
    /// The database is damaged; the first findings are in the error.
    pub fn check(&self) -> Result<()> {
        unimplemented!()
    }
}
