//! Devices: the computers whose edits are in this catalogue.

use serde::Serialize;

use crate::media::{DeviceId, SubjectId};

use super::database::Catalog;
use super::error::Result;

/// One computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceRow {
    pub id: DeviceId,
    pub name: String,
    pub platform: Option<String>,
}

/// The subject of a device: its eight bytes, then eight zeros.
#[must_use]
pub fn device_subject(device: DeviceId) -> SubjectId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&device.0);
    SubjectId(id)
}

impl Catalog {
    /// All known computers, by name.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn devices(&self) -> Result<Vec<DeviceRow>> {
        unimplemented!()
    }

    /// Says what this computer is called.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn name_device(&self, _name: &str, _platform: &str) -> Result<()> {
        unimplemented!()
    }
}
