//! Carries a plan out: workers copy, this thread commits, and at the end there is one manifest.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use jiff::Timestamp;

use super::commit::{Committer, Start};
use super::doubles;
use super::error::{ImportError, Result};
use super::intake::{Intake, WORKERS};
use super::journal::{self, Journal};
use super::manifest::{self, Facts};
use super::mhl::{Generation, Reference, ReferenceReport};
use super::plan::{Plan, folder_of, shown};
use super::report::{Arrival, ImportReport, Left};
use super::sidecars::SidecarStep;
use super::together::Together;
use crate::card::{CardFile, Scan};
use crate::catalog::{Catalog, ImportFileRow, ImportRow, ImportState, Outcome};
use crate::files::{self, Block};
use crate::media::{ImportId, Role, ShootId};
use crate::progress::Progress;

/// Results that may wait for the committer before the workers do.
const WAITING: usize = 8;
/// How long the committer waits for a fuller batch.
const PATIENCE: Duration = Duration::from_millis(200);
/// Outcomes without copies that are recorded in one transaction.
const OUTCOMES: usize = 2000;

/// What an import needs besides its plan.
pub struct Means<'a> {
    pub catalog: &'a Catalog,
    /// That of the plan.
    pub together: &'a Together,
    pub now: &'a (dyn Fn() -> Timestamp + Sync),
    pub progress: &'a Progress,
    /// What this computer is called, for manifests.
    pub computer: &'a str,
    /// Called after each new exposure is in the catalogue, on the committing thread: hand the work
    /// on and return.
    pub on_imported: &'a (dyn Fn(&Arrival) + Sync),
}

impl std::fmt::Debug for Means<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Means").finish_non_exhaustive()
    }
}

/// Carries `plan` out. Whatever happens to single files is in the report; so is being stopped.
///
/// # Errors
/// When the catalogue or the journal cannot be written. What was recorded until then stays, and the
/// next run goes on from there.
pub fn run(plan: Plan, means: &Means<'_>) -> Result<ImportReport> {
    Run { plan, means, tamper: None }.go()
}

pub(super) struct Run<'a> {
    pub plan: Plan,
    pub means: &'a Means<'a>,
    /// For tests: damages a copy before it is read back.
    pub tamper: Option<&'a (dyn Fn(&Path) + Sync)>,
}

impl Run<'_> {
    pub fn go(self) -> Result<ImportReport> {
        let Run { mut plan, means, tamper } = self;
        let Means { catalog, together, now, progress, computer, on_imported } = *means;
        count(&plan, progress);

        let last = plan.continues.as_ref().map(|(last, _)| last.state);
        let (import, before) = begin(&mut plan, catalog, now())?;
        let reference = reference(&plan);
        let folders = plan.folders();
        let old: HashSet<&String> = folders
            .iter()
            .filter(|folder| plan.roots.all.iter().all(|r| r.path.join(folder).is_dir()))
            .collect();
        let library = plan.request.library.clone();
        let journal = Journal::open(&library, import.id, &plan.card, &folders, &plan.roots)?;
        let mut report = empty_report(import.id);
        report.mirror_failed.clone_from(&plan.roots.away);
        let mut commit = Committer::new(Start {
            catalog,
            together,
            roots: &plan.roots,
            source: &plan.source,
            card: &plan.card,
            began: import.started,
            card_device: Some(plan.device)
                .filter(|device| plan.request.home_device.is_some_and(|home| home != *device)),
            import: import.id,
            shoot: import.shoot,
            directions: &plan.request.directions,
            journal,
            now,
            progress,
            on_imported,
            before,
            report,
        });

        let intake = Intake {
            source: &plan.source,
            device: plan.device,
            roots: &plan.roots,
            reference: reference.as_ref(),
            jobs: Mutex::new(std::mem::take(&mut plan.jobs).into_iter()),
            progress,
            gone: AtomicBool::new(false),
            full: AtomicBool::new(false),
            broken: AtomicBool::new(false),
            tamper,
        };
        copy(&intake, &mut commit)?;
        for item in std::mem::take(&mut plan.here) {
            let differs = |r: &Reference| {
                r.differs_by_hash(&item.card, &item.here.as_ref().map(|here| here.row.sha256)?)
            };
            match reference.as_ref().and_then(differs) {
                Some(reason) => commit.failed(&item.card, reason),
                None => commit.here(item),
            }
            if commit.outcomes_waiting() >= OUTCOMES {
                commit.flush()?;
            }
        }
        for skipped in &plan.skipped {
            commit.report.left_out |= skipped.reason.leaves_out_files();
            commit.report.junk += skipped.reason.junk_files();
            commit.skipped(&skipped.path, skipped.reason.to_string());
        }
        for unread in &plan.unread {
            let reason = format!("cannot be read: {}", unread.error.source);
            let part = CardFile {
                path: unread.path.clone(),
                bytes: 0,
                mtime_ns: 0,
                last_change: None,
                role: Role::Other,
            };
            commit.failed(&part, reason);
        }
        commit.flush()?;

        {
            let _turn = together.turn();
            doubles::remove(catalog, &plan.roots, &plan.begun, &mut Block::default())?;
        }

        let gone = intake.gone.load(Ordering::Relaxed);
        let Committer { mut report, journal, read_back, paths, placed, sums, unrecorded, .. } =
            commit;
        let step = SidecarStep {
            catalog,
            roots: &plan.roots,
            import: import.id,
            began: import.started,
            now,
            progress,
        };
        let sidecars = step.take()?;
        report.sidecars = sidecars.written;
        report.sidecar_failed = sidecars.failed;
        report.card_gone = gone;
        report.cancelled = progress.is_cancelled();
        let ways: Vec<String> = read_back.iter().map(ToString::to_string).collect();
        report.read_back = ways.join(", ");
        report.reference = reference.as_ref().map(Reference::report);
        let ended = now();
        // an import that had ended well has its generation, and nothing was added to it
        let added = placed.iter().any(|copies| !copies.is_empty());
        plan.sums.extend(sums);
        let generation = Generation {
            catalog,
            roots: &plan.roots,
            import: import.id,
            at: ended,
            computer,
            top: plan.request.template.top(),
            placed,
            sums: std::mem::take(&mut plan.sums),
            grows: added || last != Some(ImportState::Clean),
        };
        let history = {
            // generations are numbered: one import after the other
            let _turn = together.turn();
            generation.write()?
        };
        report.mhl = history.path;
        report.mhl_failed = history.failed;
        report.mirror_failed.extend(history.mirrors);
        conclude(&mut report);

        let facts = Facts {
            import: &import,
            ended,
            read_back: &report.read_back,
            safe_to_format: report.safe_to_format,
            paths: &paths,
        };
        let manifest = match plan.roots.is_still_there(0) {
            Ok(()) => manifest::write(&library, catalog, &facts),
            Err(error) => Err(error.into()),
        };
        match manifest {
            Ok(path) => report.manifest = Some(path),
            Err(ImportError::File(error)) => report.manifest_failed = Some(error.to_string()),
            Err(error) => return Err(error),
        }
        let state = if report.cancelled {
            ImportState::Cancelled
        } else if report.is_clean() {
            ImportState::Clean
        } else if report.is_whole() {
            ImportState::MirrorsBehind
        } else {
            ImportState::Incomplete
        };
        catalog.end_import(import.id, ended, state)?;
        if state == ImportState::Clean {
            catalog.forget_numbers(import.id)?;
        }
        if !unrecorded {
            journal.close()?;
            journal::forget(&library, &plan.card, import.id)?;
        }
        // folders made for files that never came
        for folder in folders.iter().filter(|folder| !old.contains(folder)) {
            for root in &plan.roots.all {
                tidy(&root.path, folder);
            }
        }
        report.seconds = plan.began.elapsed().as_secs_f64();
        Ok(report)
    }
}

/// Runs the workers, and commits what they bring.
fn copy(intake: &Intake<'_>, commit: &mut Committer<'_>) -> Result<()> {
    std::thread::scope(|scope| {
        let (sender, results) = sync_channel(WAITING);
        for _ in 0..WORKERS {
            let sender = sender.clone();
            scope.spawn(move || intake.work(&sender));
        }
        drop(sender);
        let committed = loop {
            let done = match results.recv_timeout(PATIENCE) {
                Ok(done) => commit.add(done),
                Err(RecvTimeoutError::Timeout) => commit.flush(),
                Err(RecvTimeoutError::Disconnected) => break commit.flush(),
            };
            if done.is_err() {
                break done;
            }
        };
        // nobody wants the rest: the workers see it at their next file
        intake.broken.store(true, Ordering::Relaxed);
        drop(results);
        committed
    })
}

fn count(plan: &Plan, progress: &Progress) {
    let files = || plan.jobs.iter().flat_map(|job| &job.files);
    let copied = files().filter(|f| f.item.here.as_ref().is_none_or(|h| !h.lacking().is_empty()));
    let bytes = copied.map(|f| f.item.card.bytes).sum();
    progress.add_total((files().count() + plan.here.len() + plan.unread.len()) as u64, bytes);
}

/// The import of this card that did not end well, or that nothing is to be added to: it goes on.
///
/// Returns it, and which files it had imported before.
pub(super) fn continued(
    catalog: &Catalog,
    scan: &Scan,
    card: &str,
    nothing_new: bool,
) -> Result<Option<(ImportRow, HashSet<Vec<u8>>)>> {
    let source = shown(&scan.root);
    let last = catalog
        .imports()?
        .into_iter()
        .find(|i| i.source == source && i.card.as_deref() == Some(card));
    let goes_on = |last: &ImportRow| last.state != ImportState::Clean || nothing_new;
    let Some(last) = last.filter(goes_on) else { return Ok(None) };
    let rows = catalog.import_files(last.id)?;
    let here: HashSet<(&[u8], u64, i64)> =
        scan.files.iter().map(|f| (f.raw_path(), f.bytes, f.mtime_ns)).collect();
    // a card that was formatted since begins anew; what nothing was read of says nothing about that
    let read = |r: &&ImportFileRow| r.sha256.is_some();
    let same = |r: &ImportFileRow| here.contains(&(r.card_path.as_slice(), r.bytes, r.mtime_ns));
    if rows.iter().any(|r| read(&r)) && !rows.iter().filter(read).any(same) {
        return Ok(None);
    }
    let imported = rows.into_iter().filter(|r| r.outcome == Outcome::Imported);
    let before = imported.map(|r| r.card_path).collect();
    Ok(Some((last, before)))
}

/// Goes on with the import the plan found, or begins a new one.
fn begin(
    plan: &mut Plan,
    catalog: &Catalog,
    at: Timestamp,
) -> Result<(ImportRow, HashSet<Vec<u8>>)> {
    // numbers in names that a killed run gave and did not live to record
    catalog.note_numbers(&plan.numbered)?;
    let shoot = shoot(plan, catalog)?;
    let (import, before) = match plan.continues.take() {
        Some((last, before)) => {
            (ImportRow { ended: None, state: ImportState::Running, shoot, ..last }, before)
        }
        None => {
            let new = ImportRow {
                id: plan.import,
                source: shown(&plan.source),
                card: Some(plan.card.clone()),
                device_no: Some(plan.device),
                shoot,
                started: at,
                ended: None,
                state: ImportState::Running,
            };
            (new, HashSet::new())
        }
    };
    catalog.begin_import(&import)?;
    Ok((import, before))
}

/// What the manifests on the card say.
fn reference(plan: &Plan) -> Option<Reference> {
    let files: Vec<&CardFile> = plan.card_files().collect();
    let skipped = plan.skipped.iter().map(|skipped| skipped.path.as_path());
    let passed = skipped.chain(plan.unread.iter().map(|unread| unread.path.as_path()));
    Reference::of(&plan.source, files.iter().copied(), passed)
}

/// Finds or makes the shoot, if anything is to join it.
fn shoot(plan: &Plan, catalog: &Catalog) -> Result<Option<ShootId>> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let job = given(&plan.request.directions.job);
    // a job's code is name enough
    let name = given(&plan.request.shoot).or_else(|| job.clone());
    let Some(name) = name.filter(|_| !plan.jobs.is_empty()) else { return Ok(None) };
    let client = match given(&plan.request.client) {
        Some(client) => Some(catalog.client_named(&client)?),
        None => None,
    };
    Ok(Some(catalog.shoot_for(&name, client, job.as_deref())?))
}

fn empty_report(import: ImportId) -> ImportReport {
    ImportReport {
        import_id: Some(import),
        imported: 0,
        already_here: 0,
        skipped: Vec::new(),
        failed: Vec::new(),
        mirror_failed: Vec::new(),
        sidecars: 0,
        sidecar_failed: Vec::new(),
        bytes: 0,
        seconds: 0.0,
        read_back: String::new(),
        safe_to_format: false,
        missing: Vec::new(),
        junk: 0,
        verdict: String::new(),
        manifest: None,
        manifest_failed: None,
        mhl: None,
        mhl_failed: None,
        reference: None,
        cancelled: false,
        card_gone: false,
        left_out: false,
        arrivals: Vec::new(),
    }
}

/// Sorts the lists and says whether the card may be formatted.
fn conclude(report: &mut ImportReport) {
    let by_path = |a: &Left, b: &Left| a.path.cmp(&b.path);
    report.failed.sort_by(by_path);
    report.skipped.sort_by(by_path);
    report.missing.sort();
    let files = report.imported + report.already_here;
    let holds = report.reference.as_ref().is_none_or(ReferenceReport::holds);
    report.safe_to_format = report.is_whole() && report.missing.is_empty() && files > 0;
    report.verdict =
        if report.safe_to_format {
            match report.junk {
            0 => "Safe to format: every file has verified copies in two places.".to_owned(),
            1 => "Safe to format: every file has verified copies in two places, but for one of the \
                  camera's or the system's own that was left out."
                .to_owned(),
            n => format!(
                "Safe to format: every file has verified copies in two places, but for {n} of the \
                 camera's or the system's own that were left out."
            ),
        }
        } else {
            if !report.failed.is_empty() || report.left_out {
                "Keep the card: not everything on it was copied."
            } else if !holds {
                "Keep the card: its own manifest names files that are not on it, or cannot be read."
            } else if files == 0 {
                "Nothing on the card to import."
            } else {
                "Copied and verified once. Keep the card."
            }
            .to_owned()
        };
}

/// Removes a folder and those above it, up to the root, as far as they are empty.
fn tidy(root: &Path, folder: &str) {
    let mut folder = folder;
    while !folder.is_empty() && files::remove_if_empty(&root.join(folder)) {
        folder = folder_of(folder);
    }
}
