//! The way back: from the bucket alone to a catalogue, its pictures and its originals.
//!
//! Everything read here may have been written by whoever holds the bucket. Nothing becomes a file
//! before it was opened under its own key at its own place and its SHA-256 is the one the catalogue
//! holds; names are data and pass through `files::safe_name`. One file that is missing or damaged
//! is named in the report and never stops the rest. The bucket is only read, but for what `open`
//! adds to let this computer in.
//!
//! - `previews` thumbnails and views
//! - `fetch` one file out of the bucket · `originals` many, into a folder · `open` a whole vault on
//!   an empty computer

mod error;
mod fetch;
mod open;
mod originals;
mod previews;

pub use error::RestoreError;
pub use fetch::Fetcher;
pub use open::{OpenReport, check_way, open_vault};
pub use originals::{Restore, RestoreReport, Target};
pub use previews::fetch_preview;

use serde::Serialize;

/// A file that did not come back, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// What the photographer knows it by.
    pub path: String,
    pub reason: String,
}
