//! `darkslide sidecars`: what other programs wrote beside the photos, and what this one does.

use darkslide_core::error::Result;
use darkslide_core::import::{self, Because, ChangedSidecar, SidecarsChecked, SidecarsPut};
use darkslide_core::vault::Vault;

use crate::args::SidecarsCommand;
use crate::report::{Outcome, Report, count, name};

pub fn sidecars(vault: &Vault, command: &SidecarsCommand, report: &Report) -> Result<Outcome> {
    match command {
        SidecarsCommand::Check { query, take } => {
            let take = take.map(Into::into).unwrap_or_default();
            let done = vault.sidecars_check(&query.text(), take)?;
            report.result(&done, || checked(&done));
            let open = done.changed.iter().any(|changed| !changed.settled);
            Ok(Outcome::clean_if(!open && done.failed.is_empty()))
        }
        SidecarsCommand::Write { query, all } => {
            let which = if *all { import::Sidecars::All } else { import::Sidecars::Raw };
            let done = vault.sidecars_write(&query.text(), which)?;
            report.result(&done, || written(&done));
            Ok(Outcome::clean_if(done.failed.is_empty()))
        }
    }
}

fn checked(done: &SidecarsChecked) -> String {
    let mut text = String::new();
    for changed in &done.changed {
        text += &line(changed);
    }
    for failed in &done.failed {
        text += &format!("FAILED   {}: {}\n", name(&failed.path), name(&failed.reason));
    }
    let open = done.changed.iter().filter(|changed| !changed.settled).count();
    text += &format!(
        "{} looked at, {} changed by other programs.",
        count(done.sidecars, "sidecar"),
        done.changed.len()
    );
    if open > 0 {
        text += "\nSettle it with `darkslide sidecars check --take theirs` (into the catalogue) or \
                 `--take ours` (into the sidecar); a query says which photos are meant.";
    }
    text
}

fn line(changed: &ChangedSidecar) -> String {
    let what = match (changed.settled, changed.because) {
        (true, _) => "settled ",
        (_, Because::Changed) => "changed ",
        (_, Because::New) => "new     ",
        (_, Because::Unreadable) => "no XMP  ",
    };
    let mut text = format!("{what} {}\n", name(&changed.path));
    for difference in &changed.differences {
        text += &format!(
            "         {}: here {}, there {}\n",
            difference.field, difference.ours, difference.theirs
        );
    }
    text
}

fn written(done: &SidecarsPut) -> String {
    let mut text = String::new();
    for failed in &done.failed {
        text += &format!("FAILED   {}: {}\n", name(&failed.path), name(&failed.reason));
    }
    text + &format!(
        "{} written, {} said it already.",
        count(done.written, "sidecar"),
        done.unchanged
    )
}
