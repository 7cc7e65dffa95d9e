//! Settings that follow the photographer from computer to computer.
//!
//! All of them are fields of one subject, whose id is sixteen zero bytes, so two computers that set
//! the same thing meet in the same field.

use rusqlite::OptionalExtension as _;
use serde_json::Value;

use crate::media::{SubjectId, SubjectKind};

use super::database::Catalog;
use super::error::Result;
use super::row::{Change, Fields};

/// The subject that holds all settings.
pub(super) const SETTINGS: SubjectId = SubjectId([0; 16]);

impl Catalog {
    /// One setting.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn setting(&self, name: &str) -> Result<Option<Value>> {
        self.read(|db| {
            let value: Option<String> = db
                .prepare_cached("SELECT value FROM settings WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
                .optional()?;
            Ok(value.map(|value| serde_json::from_str(&value)).transpose()?)
        })
    }

    /// Sets one; `null` removes it.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn set_setting(&self, name: &str, value: Value) -> Result<()> {
        self.write(&[Change::new(SubjectKind::Setting, SETTINGS).set(name, value)])
    }

    /// All of them.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn settings(&self) -> Result<Fields> {
        Ok(self.fields(SubjectKind::Setting, SETTINGS)?.unwrap_or_default())
    }
}
