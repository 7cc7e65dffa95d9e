//! Clients: whom photos are taken for.

use serde::Serialize;

use crate::media::ClientId;

use super::database::Catalog;
use super::error::Result;

/// One client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientRow {
    pub id: ClientId,
    pub name: String,
    pub trash: bool,
    pub shoots: u64,
}

impl Catalog {
    /// Finds the client of this name, or makes it.
    ///
    /// # Errors
    /// The name is empty, or the database could not be written.
    pub fn client_named(&self, _name: &str) -> Result<ClientId> {
        unimplemented!()
    }

    /// All clients outside the trash, by name.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn clients(&self) -> Result<Vec<ClientRow>> {
        unimplemented!()
    }
}
