//! `darkslide cards` and `darkslide import`.

use std::collections::HashSet;

use darkslide_core::card;
use darkslide_core::error::Result;
use darkslide_core::import::ReferenceReport;
use darkslide_core::vault::{ImportDone, ImportOptions, Vault};

use crate::args::ImportArgs;
use crate::report::{Outcome, Report, count, name, size};

pub fn cards(report: &Report) -> Result<Outcome> {
    let cards = card::find_cards();
    if cards.is_empty() {
        report.note("No card found. `darkslide import FOLDER` takes any folder.");
    }
    report.list(&cards, |c| format!("{}  {}", c.root.display(), c.name));
    Ok(Outcome::Clean)
}

pub fn import(vault: &Vault, args: ImportArgs, report: &Report) -> Result<Outcome> {
    let options = ImportOptions {
        source: args.source,
        shoot: args.shoot,
        client: args.client,
        template: None,
        job: args.job,
        preset: args.preset,
        with: args.with.into(),
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
                text += &format!("{}  ->  {}\n", name(&file.path), name(&file.to));
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
    if done.report.cancelled {
        return Ok(Outcome::Interrupted);
    }
    Ok(Outcome::clean_if(done.report.is_clean() && done.previews_failed.is_none()))
}

fn import_text(done: &ImportDone) -> String {
    let ImportDone { report: done, previews, previews_failed, .. } = done;
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
        text += &format!("skipped  {}: {}\n", name(&skipped.path), skipped.reason);
    }
    for failed in &done.failed {
        text += &format!("FAILED   {}: {}\n", name(&failed.path), failed.reason);
    }
    for failed in &done.mirror_failed {
        let what = match failed.path.as_str() {
            "" => failed.mirror.clone(),
            path => format!("{} on {}", name(path), failed.mirror),
        };
        text += &format!("FAILED   {what}: {}\n", failed.reason);
    }
    if let Some(reason) = previews_failed {
        text += &format!("FAILED   some previews: {reason}\n");
    }
    if done.imported > 0 {
        text += &format!("Every copy was read back from disk ({}).\n", done.read_back);
    }
    if done.sidecars > 0 {
        text += &format!("{} written beside them.\n", count(done.sidecars, "XMP sidecar"));
    }
    for failed in &done.sidecar_failed {
        text += &format!("FAILED   {}: {}\n", failed.path, failed.reason);
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
    let failed: HashSet<&str> = done.failed.iter().map(|failed| failed.path.as_str()).collect();
    let single = || done.missing.iter().filter(|path| !failed.contains(path.as_str()));
    for missing in single().take(20) {
        text += &format!("\n  one copy only: {}", name(missing));
    }
    if single().count() > 20 {
        text += &format!("\n  and {} more", single().count() - 20);
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
