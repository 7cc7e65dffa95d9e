//! `darkslide cards` and `darkslide import`.

use std::collections::HashSet;
use std::path::PathBuf;

use darkslide_core::card;
use darkslide_core::error::{Code, Error, Result};
use darkslide_core::import::{ImportReport, Left, Preset, ReferenceReport, STOPPED};
use darkslide_core::vault::{ImportDone, ImportKind, ImportOptions, ImportVerdict, Vault};

use serde_json::{Value, json};

use crate::args::ImportArgs;
use crate::report::{Outcome, Report, count, missing_previews, name, size};

pub fn cards(report: &Report) -> Result<Outcome> {
    let cards = card::find_cards();
    if cards.is_empty() {
        report.note("No card found. `darkslide import FOLDER` takes any folder.");
    }
    report.list(&cards, |c| format!("{}  {}", name(&c.root.to_string_lossy()), name(&c.name)));
    Ok(Outcome::Clean)
}

/// The imports so far and what may be formatted.
pub fn imports(vault: &Vault, report: &Report) -> Result<Outcome> {
    let imports = vault.imports()?;
    if imports.is_empty() {
        report.note("Nothing was imported yet.");
    }
    report.list(&imports, |import| {
        let started = import.started.strftime("%Y-%m-%d %H:%M");
        let files = count(import.files, "file");
        format!("{started}  {}  {files}  {}", name(&import.source), verdict(import))
    });
    Ok(Outcome::Clean)
}

/// What `imports` says of one, in a few words.
fn verdict(import: &ImportVerdict) -> String {
    let mut lacks = Vec::new();
    let lacking = |paths: &[String], how: &str| match paths.len() as u64 {
        0 => None,
        n => Some(format!("{} {how}", count(n, "file"))),
    };
    lacks.extend(lacking(&import.failed, "not taken"));
    lacks.extend(lacking(&import.gone, "with no other copy here"));
    let none: HashSet<&String> = import.failed.iter().chain(&import.gone).collect();
    let single: Vec<String> =
        import.missing.iter().filter(|path| !none.contains(path)).cloned().collect();
    lacks.extend(lacking(&single, "with one copy only"));
    let lacks = lacks.join(", ");
    match (import.kind, lacks.is_empty()) {
        (ImportKind::Adopted, true) => "adopted, each with copies in two places".to_owned(),
        (ImportKind::Adopted, false) => format!("adopted: {lacks}"),
        (ImportKind::Watched, true) => "watched folder, each with copies in two places".to_owned(),
        (ImportKind::Watched, false) => format!("watched folder: {lacks}"),
        (ImportKind::Card, _) if import.safe_to_format => match import.resting_on.len() {
            0 => "safe to format".to_owned(),
            _ => {
                let roots: Vec<String> = import.resting_on.iter().map(|root| name(root)).collect();
                let roots = roots.join(" and ");
                format!("safe to format, if what was last seen on {roots} is still there")
            }
        },
        (ImportKind::Card, false) => format!("keep the card: {lacks}"),
        (ImportKind::Card, true) if !import.whole && import.ended.is_none() => {
            "keep the card: the import did not end".to_owned()
        }
        (ImportKind::Card, true) if !import.whole => {
            "keep the card: not all of it was taken, or its own manifests say otherwise; import it again"
                .to_owned()
        }
        (ImportKind::Card, true) => "nothing on it to import".to_owned(),
    }
}

pub fn import(vault: &Vault, args: ImportArgs, report: &Report) -> Result<Outcome> {
    let with = Preset::from(args.with);
    let options = |source: &PathBuf| ImportOptions {
        source: source.clone(),
        shoot: args.shoot.clone(),
        client: args.client.clone(),
        template: None,
        job: args.job.clone(),
        preset: args.preset.clone(),
        with: with.clone(),
        previews_later: args.no_previews,
    };
    let cards: Vec<ImportOptions> = args.source.iter().map(options).collect();
    let (progress, bar) =
        report.progress(if args.dry_run { "Reading the card" } else { "Importing" });
    let [options] = cards.as_slice() else {
        if args.dry_run {
            let why = "--dry-run looks at one card at a time";
            return Err(Error::new(Code::Usage, ManyCards(why)));
        }
        let done = vault.import_all(&cards, &progress);
        drop(bar);
        return many(&cards, done, report);
    };
    if args.dry_run {
        let plan = vault.plan_import(options, &progress)?;
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
    let done = vault.import(options, &progress)?;
    drop(bar);
    report.result(&done, || {
        let mut text = import_text(&done);
        let is_volume = card::find_cards().iter().any(|found| found.root == options.source);
        if is_volume && done.report.is_clean() {
            text += &format!("\nTo take it out: darkslide eject {}", options.source.display());
        }
        text
    });
    Ok(outcome(&[Ok(done)]))
}

fn outcome(done: &[Result<ImportDone>]) -> Outcome {
    let is_clean = |done: &ImportDone| {
        done.report.is_clean() && done.made_up.failed.is_empty() && done.previews_failed.is_none()
    };
    if done.iter().flatten().any(|done| done.report.cancelled) {
        return Outcome::Interrupted;
    }
    Outcome::clean_if(done.iter().all(|done| done.as_ref().is_ok_and(is_clean)))
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct ManyCards(&'static str);

/// Why not one of several cards could be imported.
#[derive(Debug, thiserror::Error)]
struct NoCard(Vec<(PathBuf, Error)>);

impl std::fmt::Display for NoCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (n, (source, error)) in self.0.iter().enumerate() {
            let between = if n > 0 { "; " } else { "" };
            write!(f, "{between}{}: {error}", name(&source.to_string_lossy()))?;
        }
        Ok(())
    }
}

/// The outcomes of several cards: each by itself, and the sum of all.
fn many(
    cards: &[ImportOptions],
    done: Vec<Result<ImportDone>>,
    report: &Report,
) -> Result<Outcome> {
    if let Some(Err(first)) = done.first()
        && done.iter().all(Result::is_err)
    {
        let (code, each) = (first.code, cards.iter().zip(done));
        let each = each.filter_map(|(card, done)| Some((card.source.clone(), done.err()?)));
        return Err(Error::new(code, NoCard(each.collect())));
    }
    let sum = |of: fn(&ImportReport) -> u64| -> u64 {
        done.iter().flatten().map(|done| of(&done.report)).sum()
    };
    let all = |of: fn(&ImportReport) -> &Vec<Left>| -> Vec<Value> {
        let each =
            cards.iter().zip(&done).filter_map(|(card, done)| Some((card, done.as_ref().ok()?)));
        let line = |(card, done): (&ImportOptions, &ImportDone)| {
            let lines = of(&done.report).iter();
            lines
                .map(|left| json!({ "source": card.source, "path": left.path, "reason": left.reason }))
                .collect::<Vec<_>>()
        };
        each.flat_map(line).collect()
    };
    let each = |(card, done): (&ImportOptions, &Result<ImportDone>)| {
        let mut value = match done {
            Ok(done) => serde_json::to_value(done).expect("reports are plain data"),
            Err(error) => json!({ "error": { "code": error.code, "message": error.to_string() } }),
        };
        value["source"] = json!(card.source);
        value
    };
    let missing = |(card, done): (&ImportOptions, &Result<ImportDone>)| {
        let paths = done.as_ref().ok().into_iter().flat_map(|done| &done.report.missing);
        paths.map(|path| json!({ "source": card.source, "path": path })).collect::<Vec<_>>()
    };
    let reports = || done.iter().flatten().map(|done| &done.report);
    let whole = json!({
        "cards": cards.iter().zip(&done).map(each).collect::<Vec<_>>(),
        "imported": sum(|r| r.imported),
        "already_here": sum(|r| r.already_here),
        "skipped": all(|r| &r.skipped),
        "failed": all(|r| &r.failed),
        "bytes": sum(|r| r.bytes),
        "seconds": reports().map(|r| r.seconds).fold(0.0, f64::max),
        "read_back": reports().map(|r| r.read_back.as_str()).find(|how| !how.is_empty()).unwrap_or(""),
        "safe_to_format": done.iter().all(|d| d.as_ref().is_ok_and(|d| d.report.safe_to_format)),
        "missing": reports().flat_map(|r| &r.missing).collect::<Vec<_>>(),
        "missing_on": cards.iter().zip(&done).flat_map(missing).collect::<Vec<_>>(),
    });
    report.result(&whole, || {
        let each = |(card, done): (&ImportOptions, &Result<ImportDone>)| {
            let text = match done {
                Ok(done) => import_text(done),
                Err(error) => format!("FAILED   {}", name(&error.to_string())),
            };
            format!("{}\n{text}\n", name(&card.source.to_string_lossy()))
        };
        cards.iter().zip(&done).map(each).collect::<Vec<_>>().join("\n")
    });
    Ok(outcome(&done))
}

fn import_text(done: &ImportDone) -> String {
    let ImportDone { report: done, previews, previews_missing, previews_failed, made_up, .. } =
        done;
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
        text += &format!("skipped  {}: {}\n", name(&skipped.path), name(&skipped.reason));
    }
    text += &failures(&done.failed);
    for failed in &done.mirror_failed {
        let what = match failed.path.as_str() {
            "" => failed.mirror.clone(),
            path => format!("{path} on {}", failed.mirror),
        };
        text += &format!("FAILED   {}: {}\n", name(&what), name(&failed.reason));
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
        text += &format!("FAILED   {}: {}\n", name(&failed.path), name(&failed.reason));
    }
    text += &missing_previews(previews_missing);
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
    if made_up.files > 0 {
        text += &format!(
            "Mirrors were behind and got {} more, each verified.\n",
            count(made_up.files, "file")
        );
    }
    for failed in &made_up.failed {
        text +=
            &format!("FAILED   {} on {}: {}\n", name(&failed.path), failed.mirror, failed.reason);
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

/// A line for each file that failed, and one for all that a stop left behind.
fn failures(failed: &[Left]) -> String {
    let (waited, failed): (Vec<_>, Vec<_>) =
        failed.iter().partition(|failed| failed.reason == STOPPED);
    let mut text = String::new();
    for failed in failed {
        text += &format!("FAILED   {}: {}\n", name(&failed.path), name(&failed.reason));
    }
    if !waited.is_empty() {
        let files = count(waited.len() as u64, "file");
        text += &format!("FAILED   {files}: {STOPPED}; the same command goes on from there\n");
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
        "Compared with the card's own manifest ({}{and_more}): {}, {differing} differing, {} missing.\n",
        name(manifest),
        count(*checked, "file"),
        missing.len()
    );
    for path in missing.iter().take(20) {
        text +=
            &format!("MISSING  {}: a manifest names it, the card does not have it\n", name(path));
    }
    if missing.len() > 20 {
        text += &format!("MISSING  and {} more\n", missing.len() - 20);
    }
    for left in unreadable {
        text += &format!("FAILED   the manifest {}: {}\n", name(&left.path), name(&left.reason));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_a_stop_left_behind_share_a_line() {
        let left =
            |path: &str, reason: &str| Left { path: path.to_owned(), reason: reason.to_owned() };
        let failed =
            [left("a.jpg", STOPPED), left("b\n.jpg", "cannot be read"), left("c.jpg", STOPPED)];
        let text = failures(&failed);
        assert_eq!(
            text,
            format!(
                "FAILED   b\\n.jpg: cannot be read\n\
                 FAILED   2 files: {STOPPED}; the same command goes on from there\n"
            )
        );
    }
}
