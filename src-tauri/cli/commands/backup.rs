//! `darkslide backup` and `darkslide restore`: to the bucket and back.

use std::path::Path;

use darkslide_core::error::Result;
use darkslide_core::vault::Vault;

use crate::args::Query;
use crate::report::{Outcome, Report, count, name, size};

pub fn backup(
    vault: &Vault,
    limit_rate: Option<u64>,
    dry_run: bool,
    report: &Report,
) -> Result<Outcome> {
    if dry_run {
        let pending = vault.backup_pending()?;
        report.result(&pending, || {
            format!(
                "{} ({}) are not in the bucket yet. Nothing was uploaded.",
                count(pending.files, "file"),
                size(pending.bytes)
            )
        });
        return Ok(Outcome::Clean);
    }
    let (progress, bar) = report.progress("Backing up");
    let whole = vault.backup(limit_rate, &progress)?;
    let done = &whole.report;
    drop(bar);
    report.result(&whole, || {
        let mut text = format!(
            "{} uploaded ({} in {:.1} s), {} in the bucket already, {} failed.\n",
            count(done.uploaded, "file"),
            size(done.bytes),
            done.seconds,
            done.skipped,
            done.failed.len()
        );
        for failed in &done.failed {
            text += &format!("FAILED   {}: {}\n", name(&failed.path), failed.reason);
        }
        for problem in &done.problems {
            text += &format!("PROBLEM  in the bucket: {problem}\n");
        }
        text += &match &done.commit {
            Some(commit) => format!("Committed and read back: {commit}"),
            None => "Nothing new to commit.".to_owned(),
        };
        for import in &whole.now_safe {
            text += &format!(
                "\nSafe to format now: the card imported from {} ({}).",
                import.source,
                count(import.files, "file")
            );
        }
        text
    });
    Ok(Outcome::clean_if(done.failed.is_empty() && done.problems.is_empty()))
}

pub fn restore(
    vault: &Vault,
    query: &Query,
    to: Option<&Path>,
    report: &Report,
) -> Result<Outcome> {
    let (progress, bar) = report.progress("Restoring");
    let done = vault.restore(&query.text(), to, &progress)?;
    drop(bar);
    report.result(&done, || {
        let mut text = format!(
            "{} restored and checked ({} in {:.1} s), {} here already, {} failed.\n",
            count(done.restored, "file"),
            size(done.bytes),
            done.seconds,
            done.already_here,
            done.failed.len()
        );
        for failed in &done.failed {
            text += &format!("FAILED   {}: {}\n", name(&failed.path), failed.reason);
        }
        text
    });
    Ok(Outcome::clean_if(done.failed.is_empty()))
}
