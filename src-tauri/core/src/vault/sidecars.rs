//! What the catalogue says, exchanged with other programs by sidecars.

use super::Vault;
use crate::catalog::Query;
use crate::error::Result;
use crate::import::{Exchange, Sidecars, SidecarsChecked, SidecarsPut, Take};

impl Vault {
    /// Finds sidecars that other programs changed or put beside the photos a query finds, and takes
    /// a side where one is named.
    ///
    /// # Errors
    /// The query was not understood, or the library or catalogue is out of reach.
    pub fn sidecars_check(&self, query: &str, take: Take) -> Result<SidecarsChecked> {
        let photos = self.catalog.find(&Query::parse(query)?)?;
        self.exchange(|exchange| Ok(exchange.check(&photos, take)?))
    }

    /// Writes what the catalogue says of the photos a query finds into sidecars beside them.
    ///
    /// # Errors
    /// As `sidecars_check`.
    pub fn sidecars_write(&self, query: &str, which: Sidecars) -> Result<SidecarsPut> {
        let photos = self.catalog.find(&Query::parse(query)?)?;
        self.exchange(|exchange| Ok(exchange.write(&photos, which)?))
    }

    fn exchange<T>(&self, work: impl FnOnce(&Exchange<'_>) -> Result<T>) -> Result<T> {
        let _library = self.lock_library()?;
        let now = self.settings.now.as_ref();
        let (library, mirrors) = (self.library(), self.mirrors());
        let mark = self.config().library_id;
        work(&Exchange::new(&self.catalog, &library, &mirrors, mark.as_deref(), &now)?)
    }
}
