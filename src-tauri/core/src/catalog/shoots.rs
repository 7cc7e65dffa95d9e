//! Shoots: the photos taken for one occasion.

use serde::Serialize;

use crate::media::{ClientId, ShootId};

use super::database::Catalog;
use super::error::Result;

/// One shoot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShootRow {
    pub id: ShootId,
    pub name: String,
    pub client: Option<ClientId>,
    pub client_name: Option<String>,
    pub trash: bool,
    /// Photos outside the trash.
    pub photos: u64,
    /// Local time of the first and the last photo.
    pub first: Option<String>,
    pub last: Option<String>,
}

impl Catalog {
    /// Finds the shoot of this name (and client, where one is given), or makes it.
    ///
    /// A shoot of that name without a client is given this one.
    ///
    /// # Errors
    /// The name is empty, or the database could not be written.
    pub fn shoot_named(&self, _name: &str, _client: Option<ClientId>) -> Result<ShootId> {
        unimplemented!()
    }

    /// One shoot, in the trash or not.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn shoot(&self, _id: ShootId) -> Result<Option<ShootRow>> {
        unimplemented!()
    }

    /// All shoots outside the trash, the one with the newest photos first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn shoots(&self) -> Result<Vec<ShootRow>> {
        unimplemented!()
    }

    /// Gives a shoot another name.
    ///
    /// # Errors
    /// There is no such shoot, the name is empty, or the database could not be written.
    pub fn rename_shoot(&self, _id: ShootId, _name: &str) -> Result<()> {
        unimplemented!()
    }
}
