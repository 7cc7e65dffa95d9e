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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{catalog, catalog_of};
    use super::*;

    #[test]
    fn a_setting_is_set_changed_and_removed() {
        let catalog = catalog();
        assert_eq!(catalog.setting("theme").unwrap(), None);
        catalog.set_setting("theme", json!("dark")).unwrap();
        catalog.set_setting("sizes", json!([1, 2])).unwrap();
        catalog.set_setting("theme", json!("light")).unwrap();
        assert_eq!(catalog.setting("theme").unwrap(), Some(json!("light")));
        assert_eq!(catalog.settings().unwrap().len(), 2);
        catalog.set_setting("theme", Value::Null).unwrap();
        assert_eq!(catalog.setting("theme").unwrap(), None);
    }

    #[test]
    fn two_computers_meet_in_the_same_setting() {
        let (here, there) = (catalog_of(1), catalog_of(2));
        here.set_setting("theme", json!("dark")).unwrap();
        for (row, _) in here.unsent(9).unwrap() {
            there.merge(&[row]).unwrap();
        }
        assert_eq!(there.setting("theme").unwrap(), Some(json!("dark")));
        there.set_setting("theme", json!("light")).unwrap();
        for (row, _) in there.unsent(9).unwrap() {
            here.merge(&[row]).unwrap();
        }
        assert_eq!(here.setting("theme").unwrap(), Some(json!("light")), "the later one wins");
    }
}
