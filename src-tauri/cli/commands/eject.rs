//! `darkslide eject`: the card may be taken out, because everything on it was copied and verified.

use std::path::Path;

use darkslide_core::error::Result;
use darkslide_core::vault::Vault;

use crate::report::{Outcome, Report};

pub fn eject(vault: &Vault, path: &Path, report: &Report) -> Result<Outcome> {
    let (progress, bar) = report.progress("Reading the card");
    let ejected = vault.eject(path, &progress)?;
    drop(bar);
    report.result(&ejected, || format!("{} can be taken out.", ejected.ejected.display()));
    Ok(Outcome::Clean)
}
