//! Settings that follow the photographer from computer to computer.
//!
//! All of them are fields of one subject, whose id is sixteen zero bytes, so two computers that set
//! the same thing meet in the same field.

use serde_json::Value;

use super::database::Catalog;
use super::error::Result;
use super::row::Fields;

impl Catalog {
    /// One setting.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn setting(&self, _name: &str) -> Result<Option<Value>> {
        unimplemented!()
    }

    /// Sets one; `null` removes it.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn set_setting(&self, _name: &str, _value: Value) -> Result<()> {
        unimplemented!()
    }

    /// All of them.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn settings(&self) -> Result<Fields> {
        unimplemented!()
    }
}
