//! Clients: whom photos are taken for.

use rusqlite::OptionalExtension as _;
use serde::Serialize;

use crate::media::{ClientId, SubjectKind};

use super::database::{Catalog, random};
use super::error::Result;
use super::fold::fold;
use super::photos::count;
use super::row::Change;
use super::shoots::usable;

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
    pub fn client_named(&self, name: &str) -> Result<ClientId> {
        let name = usable("client", name)?;
        self.transact(|writing| {
            let found = writing
                .tx
                .prepare_cached(
                    "SELECT id FROM clients WHERE folded = ?1 AND trash = 0 ORDER BY id LIMIT 1",
                )?
                .query_row([fold(&name)], |row| Ok(ClientId(row.get(0)?)))
                .optional()?;
            if let Some(id) = found {
                return Ok(id);
            }
            let id = ClientId(random());
            writing.change(&Change::new(SubjectKind::Client, id).set("name", name.as_str()))?;
            Ok(id)
        })
    }

    /// All clients outside the trash, by name.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn clients(&self) -> Result<Vec<ClientRow>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT c.id, c.name, c.trash,
                     (SELECT count(*) FROM shoots s WHERE s.client = c.id AND s.trash = 0)
                 FROM clients c WHERE c.trash = 0 ORDER BY c.folded, c.id",
            )?;
            let clients = statement.query_map([], |row| {
                Ok(ClientRow {
                    id: ClientId(row.get(0)?),
                    name: row.get(1)?,
                    trash: row.get(2)?,
                    shoots: count(row, 3)?,
                })
            })?;
            Ok(clients.collect::<Result<_, _>>()?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::catalog;

    #[test]
    fn a_name_finds_its_client_or_makes_it() {
        let catalog = catalog();
        let smith = catalog.client_named("Smith").unwrap();
        assert_eq!(catalog.client_named("SMITH ").unwrap(), smith);
        catalog.client_named("Jones").unwrap();
        catalog.shoot_named("Wedding", Some(smith)).unwrap();
        let clients = catalog.clients().unwrap();
        assert_eq!(clients.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["Jones", "Smith"]);
        assert_eq!(clients[1].shoots, 1);
        assert!(catalog.client_named("").is_err());
    }
}
