//! Card to catalogue to previews.

use std::path::PathBuf;

use serde::Serialize;

use super::Vault;
use super::previewing::{Job, Made};
use crate::error::{At as _, Result};
use crate::import::{self, ImportReport, Plan};
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
