//! Copies files off a card so that every byte is accounted for.
//!
//! A file is *imported* only after its copy was read back from disk past the page cache, its hash
//! equals the hash taken while the card was read, it has its name, its folder is synced, and the
//! catalogue knows it. The card is never written to. Every file of the card ends in exactly one of
//! imported, already here, skipped, failed; one that failed is still new to the next run.
//!
//! `plan` decides, `run` copies. In `run`, several workers (`intake`) copy exposures under temporary
//! names and one thread (`commit`) gives names and records, in batches. A run that is cut off at
//! any point is finished by the next one over the same card (`journal`), under the same import id
//! and with one `manifest`. For other programs, `mhl` keeps an ASC MHL history beside the originals,
//! and compares with the manifests that lie on the card. Previews are made elsewhere:
//! `Means::on_imported` tells when to.
//!
//! `adopt` takes in what lies in the library already, where it lies; `found` finds again what other
//! programs moved there; `exchange` reads what other programs changed in sidecars, and writes ours.

mod adopt;
mod commit;
mod directions;
mod doubles;
mod error;
mod exchange;
mod exposure;
mod finished;
mod found;
mod intake;
mod journal;
mod lock;
mod manifest;
mod numbering;
mod mhl;
mod mirrors;
mod plan;
mod preset;
mod report;
mod roots;
mod run;
mod sample;
mod sidecars;
mod survey;
mod template;
mod together;
#[cfg(test)]
mod tests;
mod tree;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing {
    //! Readers of bytes, without files.

    pub use super::mhl::fuzzing::{manifest, sums};
}

pub use adopt::{AdoptReport, Adoption, adopt};
pub use directions::{Directions, Sidecars};
pub use error::ImportError;
pub use exchange::{
    Because, ChangedSidecar, Difference, Exchange, SidecarsChecked, SidecarsPut, Take,
};
pub(crate) use exposure::tell;
pub use found::{Found, FoundAgain, Missing, find_again};
pub use intake::STOPPED;
pub use lock::LibraryLock;
pub use mhl::ReferenceReport;
pub use mirrors::{MakeUp, MirrorsMadeUp, gone_from};
pub use plan::{Plan, PlanSummary, PlannedFile, Request, Room, plan};
pub use preset::{Preset, PresetError};
pub use report::{Arrival, ImportReport, Left, MirrorFailure};
pub use run::{Means, run};
pub use sample::{Sample, sample};
pub use survey::Look;
pub use template::{DEFAULT_TEMPLATE, TOKENS, Template, TemplateError};
pub use together::Together;
