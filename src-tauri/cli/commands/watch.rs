//! `darkslide watch`: folders that join the library by themselves.

use std::time::Duration;

use darkslide_core::error::{Code, Result};
use darkslide_core::progress::Progress;
use darkslide_core::routine::{Follow, Woken};
use darkslide_core::vault::{Settings, Vault, WatchReport};

use crate::args::Watch;
use crate::report::{Outcome, Report, count, name, size};

/// How long to wait for whoever has the catalogue open.
const LOCKED: Duration = Duration::from_secs(5);
/// How long `follow` rests at most.
const REST: Duration = Duration::from_secs(60);

pub fn watch(vault: &Vault, watch: &Watch, report: &Report) -> Result<Outcome> {
    match watch {
        Watch::Add { dir, kind } => {
            let watched = vault.watch_add(dir, (*kind).into())?;
            report.result(&watched, || {
                format!(
                    "{} is watched. `darkslide watch run` looks once, `watch follow` all the time.",
                    name(&watched.dir.to_string_lossy())
                )
            });
            Ok(Outcome::Clean)
        }
        Watch::List => {
            let watched = vault.watched();
            if watched.is_empty() {
                report.note("No folder is watched.");
            }
            report.list(&watched, |folder| {
                let away = if folder.away { "  (away)" } else { "" };
                let kind = folder.watched.kind.word();
                format!("{kind:16}  {}{away}", name(&folder.watched.dir.to_string_lossy()))
            });
            Ok(Outcome::Clean)
        }
        Watch::Remove { dir } => {
            let removed = vault.watch_remove(dir)?;
            report.result(&removed, || {
                format!(
                    "{} is watched no longer. What came from it stays.",
                    name(&removed.dir.to_string_lossy())
                )
            });
            Ok(Outcome::Clean)
        }
        Watch::Run { settle } | Watch::Follow { settle } => {
            let (progress, bar) = report.progress("Looking");
            let done = vault.watch_pass(*settle, &progress)?;
            drop(bar);
            report.result(&done, || text(&done));
            Ok(Outcome::clean_if(done.is_clean()))
        }
    }
}

/// Passes until Ctrl-C. The catalogue is open during a pass only, so that others get to it.
pub fn follow(settings: &Settings, settle: Duration, report: &Report) -> Result<Outcome> {
    let progress = Progress::new();
    crate::settings::stop_on_ctrl_c(&progress);
    let mut following: Option<Follow> = None;
    let mut clean = true;
    loop {
        // what is in the way of one pass (another program, a drive) may be gone at the next
        let rest = match pass(settings, settle, &progress, &mut following) {
            Ok(done) => {
                clean &= done.is_clean();
                if done.has_news() {
                    report.result(&done, || text(&done));
                }
                if done.is_waiting() { settle.max(Duration::from_secs(1)) } else { REST }
            }
            Err(error) if error.code == Code::Cancelled => return Ok(Outcome::clean_if(clean)),
            Err(error) if matches!(error.code, Code::CatalogLocked | Code::LibraryAway) => {
                report.note(&format!("{error}: trying again"));
                LOCKED
            }
            Err(error) => return Err(error),
        };
        let woken = match &mut following {
            Some(follow) => follow.wait(settle, rest, &progress),
            None => Follow::new(Vec::new()).wait(settle, rest, &progress),
        };
        if woken == Woken::Stopped {
            return Ok(Outcome::clean_if(clean));
        }
    }
}

fn pass(
    settings: &Settings,
    settle: Duration,
    progress: &Progress,
    following: &mut Option<Follow>,
) -> Result<WatchReport> {
    let vault = Vault::open(settings.clone())?;
    // before the pass: what changes while it goes on ends the wait that follows
    let dirs: Vec<_> = vault.watched().into_iter().map(|folder| folder.watched.dir).collect();
    if following.as_ref().is_none_or(|follow| follow.dirs() != dirs) {
        *following = Some(Follow::new(dirs));
    }
    vault.watch_pass(settle, progress)
}

fn text(done: &WatchReport) -> String {
    let mut text = String::new();
    for folder in &done.folders {
        let dir = name(&folder.watched.dir.to_string_lossy());
        if folder.away {
            text += &format!("{dir} is away: it is waited for.\n");
            continue;
        }
        text += &format!(
            "{dir}: {} added ({}), {} already here, {} waiting, {} skipped, {} failed.\n",
            count(folder.added.len() as u64, "file"),
            size(folder.bytes),
            folder.already_here,
            folder.waiting.len(),
            folder.skipped.len(),
            folder.failed.len()
        );
        for added in &folder.added {
            let version = if added.new_version { " (a new version)" } else { "" };
            text += &format!("  {}  ->  {}{version}\n", name(&added.path), name(&added.to));
        }
        for waiting in &folder.waiting {
            text += &format!("waiting  {}: {}\n", name(&waiting.path), name(&waiting.reason));
        }
        for failed in &folder.failed {
            text += &format!("FAILED   {}: {}\n", name(&failed.path), name(&failed.reason));
        }
    }
    if done.folders.is_empty() {
        text += "No folder is watched: `darkslide watch add DIR --as finished`.";
    }
    text
}
