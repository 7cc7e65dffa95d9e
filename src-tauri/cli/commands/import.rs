//! `darkslide cards` and `darkslide import`.

use darkslide_core::card;
use darkslide_core::error::Result;
use darkslide_core::import::ReferenceReport;
use darkslide_core::vault::{ImportDone, ImportOptions, Vault};

use crate::args::ImportArgs;
use crate::report::{Outcome, Report, count, size};

pub fn cards(report: &Report) -> Result<Outcome> {
    let cards = card::find_cards();
    if cards.is_empty() {
        report.note("No card found. `darkslide import FOLDER` takes any folder.");
    }
    report.list(&cards, |c| format!("{}  {}", c.root.display(), c.name));
    Ok(Outcome::Clean)
}

pub fn import(vault: &Vault, args: &ImportArgs, report: &Report) -> Result<Outcome> {
    let options = ImportOptions {
        source: args.source.clone(),
        shoot: args.shoot.clone(),
        client: args.client.clone(),
        template: args.template.clone(),
        previews_later: args.no_previews,
    };
    let (progress, bar) =
        report.progress(if args.dry_run { "Reading the card" } else { "Importing" });
    if args.dry_run {
        let plan = vault.plan_import(&options, &progress)?;
        drop(bar);
        report.result(&plan, || {
            let mut text = String::new();
            for file in &plan.new {
                text += &format!("{}  ->  {}\n", file.path, file.to);
            }
            text += &format!(
                "{} new ({}), {} already here, {} skipped. Nothing was copied.",
                count(plan.new.len() as u64, "file"),
                size(plan.bytes),
                plan.already_here,
                plan.skipped.len()
            );
            text
        });
        return Ok(Outcome::Clean);
    }
    let done = vault.import(&options, &progress)?;
    drop(bar);
    report.result(&done, || import_text(&done));
    Ok(Outcome::clean_if(done.report.is_clean()))
}

fn import_text(done: &ImportDone) -> String {
    let ImportDone { report: done, previews, .. } = done;
    let mut text = format!(
        "{} imported ({} in {:.1} s), {} already here, {} skipped, {} failed.\n",
        count(done.imported, "file"),
        size(done.bytes),
        done.seconds,
        done.already_here,
        done.skipped.len(),
        done.failed.len()
    );
    for skipped in &done.skipped {
        text += &format!("skipped  {}: {}\n", skipped.path, skipped.reason);
    }
    for failed in &done.failed {
        text += &format!("FAILED   {}: {}\n", failed.path, failed.reason);
    }
    for failed in &done.mirror_failed {
        text += &format!("FAILED   {} on {}: {}\n", failed.path, failed.mirror, failed.reason);
    }
    if done.imported > 0 {
        text += &format!("Every copy was read back from disk ({}).\n", done.read_back);
    }
    if previews.damaged > 0 {
        text += &format!(
            "{} damaged on the card already: `darkslide list status:damaged` names them.\n",
            match previews.damaged {
                1 => "1 picture is".to_owned(),
                n => format!("{n} pictures are"),
            }
        );
    }
    if let Some(reference) = &done.reference {
        text += &reference_text(reference);
    }
    match (&done.mhl, &done.mhl_failed) {
        (_, Some(reason)) => text += &format!("FAILED   the ASC MHL history: {reason}\n"),
        (Some(path), None) => text += &format!("ASC MHL: {path}\n"),
        (None, None) => {}
    }
    text += &done.verdict;
    for missing in done.missing.iter().take(20) {
        text += &format!("\n  one copy only: {missing}");
    }
    if done.missing.len() > 20 {
        text += &format!("\n  and {} more", done.missing.len() - 20);
    }
    text
}

fn reference_text(reference: &ReferenceReport) -> String {
    let ReferenceReport { manifest, manifests, checked, differing, missing, unreadable } =
        reference;
    let and_more = match manifests {
        0 | 1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    let mut text = format!(
        "Compared with the card's own manifest ({manifest}{and_more}): {}, {differing} differing, {} missing.\n",
        count(*checked, "file"),
        missing.len()
    );
    for path in missing.iter().take(20) {
        text += &format!("MISSING  {path}: a manifest names it, the card does not have it\n");
    }
    if missing.len() > 20 {
        text += &format!("MISSING  and {} more\n", missing.len() - 20);
    }
    for left in unreadable {
        text += &format!("FAILED   the manifest {}: {}\n", left.path, left.reason);
    }
    text
}
