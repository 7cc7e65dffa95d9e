//! Export: photos out of the library for other programs.

use std::path::Path;

use super::Vault;
use crate::catalog::{Order, Query};
use crate::error::{At as _, Result};
use crate::export::{Export, ExportReport};
use crate::progress::Progress;

impl Vault {
    /// Copies what the query finds into `to`, under the original names, each copy read back, with all
    /// the catalogue knows of it as JSON beside it.
    ///
    /// # Errors
    /// The query was not understood, `to` lies in the library, or what would stop every file.
    pub fn export(&self, query: &str, to: &Path, progress: &Progress) -> Result<ExportReport> {
        let query = Query::parse(query)?;
        self.find_moved(progress)?;
        let photos = self.catalog.list(&query, Order::default(), None, None)?;
        let mut roots = vec![self.library()];
        roots.extend(self.mirrors());
        let to = std::path::absolute(to).at(to)?;
        let now = (self.settings.now)();
        let export = Export { catalog: &self.catalog, roots: &roots, to: &to, now, progress };
        Ok(export.run(&photos)?)
    }
}
