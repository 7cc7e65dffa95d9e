//! `darkslide adopt` and `darkslide library`: what lies in the library already, and where.

use darkslide_core::error::Result;
use darkslide_core::import::FoundAgain;
use darkslide_core::vault::{AdoptDone, AdoptOptions, Vault};

use crate::args::{AdoptArgs, Library};
use crate::report::{Outcome, Report, count, missing_previews, name, size};

/// Lines of one kind that people get to see; JSON has them all.
const SHOWN: usize = 20;

pub fn adopt(vault: &Vault, args: &AdoptArgs, report: &Report) -> Result<Outcome> {
    let options = AdoptOptions {
        dir: args.dir.clone(),
        shoot: args.shoot.clone(),
        client: args.client.clone(),
        previews_later: args.no_previews,
    };
    let (progress, bar) = report.progress("Reading");
    let done = vault.adopt(&options, &progress)?;
    drop(bar);
    report.result(&done, || adopt_text(&done));
    Ok(Outcome::clean_if(done.report.is_clean()))
}

fn adopt_text(done: &AdoptDone) -> String {
    let AdoptDone { report: done, previews, previews_missing, .. } = done;
    let mut text = format!(
        "{} adopted ({} in {:.1} s), {} already here, {} skipped, {} failed.\n",
        count(done.adopted, "file"),
        size(done.bytes),
        done.seconds,
        done.already_here,
        done.skipped.len(),
        done.failed.len()
    );
    if done.found_again > 0 {
        text += &format!("{} found again in another place.\n", count(done.found_again, "file"));
    }
    text += &few(done
        .skipped
        .iter()
        .map(|left| format!("skipped  {}: {}\n", name(&left.path), left.reason)));
    for failed in &done.failed {
        text += &format!("FAILED   {}: {}\n", name(&failed.path), name(&failed.reason));
    }
    text += &missing_previews(previews_missing);
    if previews.damaged > 0 {
        text += &format!(
            "{} damaged: `darkslide list status:damaged` names them.\n",
            count(previews.damaged, "picture")
        );
    }
    text += if done.cancelled {
        "Stopped. The same command goes on from here."
    } else {
        "Nothing was moved or copied. `darkslide backup` sends it to the bucket."
    };
    text
}

pub fn library(vault: &Vault, library: &Library, report: &Report) -> Result<Outcome> {
    match library {
        Library::Rescan => {
            let (progress, bar) = report.progress("Looking");
            let found = vault.rescan(&progress)?;
            drop(bar);
            report.result(&found, || rescan_text(&found));
            let lost = found.missing.iter().any(|file| !file.cloud);
            Ok(Outcome::clean_if(!lost && found.changed.is_empty() && found.failed.is_empty()))
        }
        Library::At { dir, mirror } => {
            let moved = match mirror {
                None => vault.library_at(dir)?,
                Some(mirror) => vault.mirror_at(mirror, dir)?,
            };
            report.result(&moved, || {
                let what = if mirror.is_some() { "mirror" } else { "library" };
                format!(
                    "The {what} is {} (it was {}), recognised by {}.",
                    moved.path.display(),
                    moved.was.display(),
                    count(moved.recognised_by, "file")
                )
            });
            Ok(Outcome::Clean)
        }
    }
}

fn rescan_text(found: &FoundAgain) -> String {
    let (elsewhere, lost): (Vec<_>, Vec<_>) = found.missing.iter().partition(|file| file.cloud);
    let mut text = format!(
        "{} in place, {} found again, {} changed, {} only in the bucket, {} missing.\n",
        count(found.in_place, "file"),
        found.found.len(),
        found.changed.len(),
        elsewhere.len(),
        lost.len()
    );
    text += &few(found.found.iter().map(|file| {
        format!(
            "found    {}  ->  {}\n",
            name(file.was.as_deref().unwrap_or(&file.original_name)),
            name(&file.path)
        )
    }));
    text += &few(found
        .changed
        .iter()
        .map(|left| format!("CHANGED  {}: {}\n", name(&left.path), left.reason)));
    for failed in &found.failed {
        text += &format!("FAILED   {}: {}\n", name(&failed.path), name(&failed.reason));
    }
    for file in lost {
        text +=
            &format!("MISSING  {}\n", name(file.path.as_deref().unwrap_or(&file.original_name)));
    }
    if !elsewhere.is_empty() {
        text += "`darkslide restore` brings back what the bucket has.\n";
    }
    if !found.changed.is_empty() {
        text += "`darkslide adopt` takes changed files in as new versions.\n";
    }
    text
}

/// The first of many lines, and how many more there are.
fn few(lines: impl ExactSizeIterator<Item = String>) -> String {
    let more = lines.len().saturating_sub(SHOWN);
    let mut text: String = lines.take(SHOWN).collect();
    if more > 0 {
        text += &format!("         and {more} more: see --json\n");
    }
    text
}
