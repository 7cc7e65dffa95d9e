//! Devices: the computers whose edits are in this catalogue.

use serde::Serialize;

use crate::media::{DeviceId, SubjectId, SubjectKind};

use super::database::Catalog;
use super::error::Result;
use super::row::Change;

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
        self.read(|db| {
            let mut statement =
                db.prepare_cached("SELECT id, name, platform FROM devices ORDER BY name, id")?;
            let devices = statement.query_map([], |row| {
                Ok(DeviceRow {
                    id: DeviceId(row.get(0)?),
                    name: row.get(1)?,
                    platform: row.get(2)?,
                })
            })?;
            Ok(devices.collect::<Result<_, _>>()?)
        })
    }

    /// Says what this computer is called; says nothing where that is known already.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn name_device(&self, name: &str, platform: &str) -> Result<()> {
        let subject = device_subject(self.device());
        let known = self.fields(SubjectKind::Device, subject)?.unwrap_or_default();
        if known.get("name") == Some(&name.into())
            && known.get("platform") == Some(&platform.into())
        {
            return Ok(());
        }
        let change = Change::new(SubjectKind::Device, subject);
        self.write(&[change.set("name", name).set("platform", platform)])
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::catalog;
    use super::*;

    #[test]
    fn a_computer_says_its_name_once() {
        let catalog = catalog();
        catalog.name_device("studio", "linux").unwrap();
        let revision = catalog.unsent(1).unwrap()[0].1;
        catalog.name_device("studio", "linux").unwrap();
        assert_eq!(catalog.unsent(1).unwrap()[0].1, revision, "the same again is nothing to send");
        let expected = DeviceRow {
            id: catalog.device(),
            name: "studio".into(),
            platform: Some("linux".into()),
        };
        assert_eq!(catalog.devices().unwrap(), [expected]);
    }
}
