//! Card to catalogue to previews.

use std::path::PathBuf;
use std::time::Instant;

use serde::Serialize;

use super::Vault;
use super::previewing::{Job, Made};
use crate::error::{At as _, Result};
use crate::import::{self, Arrival, ImportReport, Look, Means, PlanSummary, Request, Template};
use crate::progress::Progress;

/// What to import, and how.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// A card's root, or any folder. Only read.
    pub source: PathBuf,
    pub shoot: Option<String>,
    pub client: Option<String>,
    /// Where files go; the default where there is none.
    pub template: Option<String>,
    /// Leave previews to the next import or backup.
    pub previews_later: bool,
}

/// How an import went, with the previews it made.
#[derive(Debug, Clone, Serialize)]
pub struct ImportDone {
    #[serde(flatten)]
    pub report: ImportReport,
    pub previews: Made,
    /// Until the last preview was there; `seconds` ends with the last verified copy.
    pub seconds_with_previews: f64,
}

impl Vault {
    /// Copies what is new on a card, verifies it, catalogues it, and makes previews beside it. An
    /// import that was cut off is finished by doing it again.
    ///
    /// # Errors
    /// What keeps all of it from being done: no card, no library, no catalogue. What concerns one
    /// file is in the report.
    pub fn import(&self, options: &ImportOptions, progress: &Progress) -> Result<ImportDone> {
        let begun = Instant::now();
        let request = self.request(options)?;
        self.find_moved(progress)?;
        let plan = import::plan(&request, &self.catalog, Look::Quick, progress)?;
        let previewer = self.previewer();
        if !options.previews_later {
            // What an import that was cut off left out; what arrives now is not known yet.
            self.make_up_for_previews(&previewer)?;
        }
        let arrived = |arrival: &Arrival| {
            if !options.previews_later {
                previewer.add(Job::of(arrival));
            }
        };
        let now = self.settings.now.as_ref();
        let means = Means { catalog: &self.catalog, now: &now, progress, on_imported: &arrived };
        let report = import::run(plan, &means)?;
        let previews = previewer.finish()?;
        let seconds_with_previews = begun.elapsed().as_secs_f64();
        Ok(ImportDone { report, previews, seconds_with_previews })
    }

    /// What `import` would do. Reads the card as far as that needs; writes nothing.
    ///
    /// # Errors
    /// As `import`.
    pub fn plan_import(&self, options: &ImportOptions, progress: &Progress) -> Result<PlanSummary> {
        let request = self.request(options)?;
        Ok(import::plan(&request, &self.catalog, Look::Exact, progress)?.summary())
    }

    fn request(&self, options: &ImportOptions) -> Result<Request> {
        let template = match &options.template {
            Some(text) => text.parse()?,
            None => Template::default(),
        };
        Ok(Request {
            source: std::path::absolute(&options.source).at(&options.source)?,
            library: self.library(),
            mirrors: self.mirrors(),
            template,
            shoot: options.shoot.clone(),
            client: options.client.clone(),
        })
    }
}
