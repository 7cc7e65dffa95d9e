//! Card to catalogue to previews.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::thread::ScopedJoinHandle;
use std::time::Instant;

use serde::Serialize;

use super::Vault;
use super::previewing::{Job, Made, Tally, below};
use crate::error::{At as _, Result};
use crate::files;
use crate::import::{
    self, Arrival, Directions, ImportReport, Left, LibraryLock, Look, Means, MirrorFailure,
    MirrorsMadeUp, Plan, PlanSummary, Preset, Request, Sample,
};
use crate::media::ClockCorrection;
use crate::progress::Progress;
use crate::sandbox;

/// What to import, and how.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// A card's root, or any folder. Only read.
    pub source: PathBuf,
    pub shoot: Option<String>,
    pub client: Option<String>,
    /// Where files go; that of the preset, or the default, where there is none.
    pub template: Option<String>,
    /// The job's code. Without a shoot it names the shoot, too.
    pub job: Option<String>,
    /// What to begin from.
    pub preset: Option<String>,
    /// What goes before the preset.
    pub with: Preset,
    /// Leave previews to the next import or backup.
    pub previews_later: bool,
}

/// How an import went, with the previews it made.
#[derive(Debug, Clone, Serialize)]
pub struct ImportDone {
    #[serde(flatten)]
    pub report: ImportReport,
    pub previews: Made,
    /// Pictures that have no preview, or half of one, and why; by their place in the library.
    pub previews_missing: Vec<Left>,
    /// Why previews are missing that could have been made: the next import or backup tries again.
    pub previews_failed: Option<String>,
    /// Copies of earlier imports that a mirror had missed.
    pub made_up: MirrorsMadeUp,
    /// Until the last preview was there; `seconds` ends with the last verified copy.
    pub seconds_with_previews: f64,
}

impl Vault {
    /// Copies what is new on a card, verifies it, catalogues it, and makes previews beside it. An
    /// import that was cut off is finished by doing it again.
    ///
    /// # Errors
    /// What keeps all of it from being done: no card, no library, no catalogue. What concerns one
    /// file is in the report.
    pub fn import(&self, options: &ImportOptions, progress: &Progress) -> Result<ImportDone> {
        let _library = self.lock_library()?;
        self.find_moved(progress)?;
        let plan = self.planned(options, progress)?;
        self.carry_out(plan, options, progress)
    }

    /// Imports several cards at once, each with its own outcome. What two of them hold is taken
    /// from the first that gets there, and found in the library by the other.
    pub fn import_all(
        &self,
        cards: &[ImportOptions],
        progress: &Progress,
    ) -> Vec<Result<ImportDone>> {
        // Held over all of them; what keeps it from being had is each plan's own error.
        let _library = self.lock_library();
        if let Err(error) = self.find_moved(progress) {
            tracing::warn!(%error, "moved files were not looked for");
        }
        // All plans before the first copy: half files of a killed run are swept by then.
        let plans: Vec<_> = cards.iter().map(|card| self.planned(card, progress)).collect();
        std::thread::scope(|scope| {
            let run = |(plan, card): (Result<Plan>, _)| {
                scope.spawn(move || self.carry_out(plan?, card, progress))
            };
            let running: Vec<_> = plans.into_iter().zip(cards).map(run).collect();
            let join = |thread: ScopedJoinHandle<'_, _>| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            running.into_iter().map(join).collect()
        })
    }

    fn planned(&self, options: &ImportOptions, progress: &Progress) -> Result<Plan> {
        self.can_read()?;
        let _library = self.lock_library()?;
        let request = self.request(options)?;
        Ok(import::plan(&request, &self.catalog, &self.together, Look::Quick, progress)?)
    }

    fn carry_out(
        &self,
        plan: Plan,
        options: &ImportOptions,
        progress: &Progress,
    ) -> Result<ImportDone> {
        let begun = Instant::now();
        self.can_read()?;
        let _library = self.lock_library()?;
        self.note_devices()?;
        let previewer = self.previewer();
        let alone = self.together.at_most(1);
        if !options.previews_later && alone {
            // What an import that was cut off left out; what arrives now is not known yet.
            self.make_up_for_previews(&previewer)?;
        }
        let arrived = |arrival: &Arrival| {
            if !options.previews_later {
                previewer.add(Job::of(arrival));
            }
        };
        let now = self.settings.now.as_ref();
        let means = Means {
            catalog: &self.catalog,
            together: &self.together,
            now: &now,
            progress,
            computer: &self.settings.computer,
            on_imported: &arrived,
        };
        let report = import::run(plan, &means)?;
        // whoever is last makes up for what mirrors missed before; those away are in the report
        let made_up = if self.together.at_most(0) && !report.cancelled {
            // the import is done: what mirrors cannot be given now does not unsay its report
            self.make_up(false, progress).map_or_else(
                |error| MirrorsMadeUp {
                    failed: vec![MirrorFailure {
                        mirror: "mirrors".to_owned(),
                        path: "what they lack".to_owned(),
                        reason: error.to_string(),
                    }],
                    ..MirrorsMadeUp::default()
                },
                |mut made_up| {
                    made_up.failed.retain(|failure| !failure.path.is_empty());
                    made_up
                },
            )
        } else {
            MirrorsMadeUp::default()
        };
        // What was copied is copied: a preview that cannot be kept does not unsay it.
        let (Tally { made: previews, missing }, previews_failed) = match previewer.finish() {
            Ok(tally) => (tally, None),
            Err(error) => (Tally::default(), Some(error.to_string())),
        };
        let previews_missing = below(&self.library(), missing);
        let seconds_with_previews = begun.elapsed().as_secs_f64();
        Ok(ImportDone {
            report,
            previews,
            previews_missing,
            previews_failed,
            made_up,
            seconds_with_previews,
        })
    }

    /// Refuses to begin where no worker can be had: every file would be copied without its date.
    pub(super) fn can_read(&self) -> Result<()> {
        if let Some(pool) = sandbox::pool() {
            pool.ready()?;
        }
        Ok(())
    }

    /// What `import` would do. Reads the card as far as that needs; writes nothing.
    ///
    /// # Errors
    /// As `import`.
    pub fn plan_import(&self, options: &ImportOptions, progress: &Progress) -> Result<PlanSummary> {
        let request = self.request(options)?;
        Ok(import::plan(&request, &self.catalog, &self.together, Look::Exact, progress)?.summary())
    }

    /// What of a card the library does not have: as `plan_import`, after looking where other programs
    /// may have moved its files.
    ///
    /// # Errors
    /// As `import`.
    pub fn left_on_card(&self, root: &Path, progress: &Progress) -> Result<PlanSummary> {
        self.find_moved(progress)?;
        let source = root.to_owned();
        self.plan_import(&ImportOptions { source, ..ImportOptions::default() }, progress)
    }

    /// Keeps other programs from importing into this library meanwhile: they would take what is half
    /// copied for leftovers.
    pub(super) fn lock_library(&self) -> Result<Arc<LibraryLock>> {
        let mut held = self.importing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = held.upgrade() {
            return Ok(lock);
        }
        let lock =
            Arc::new(LibraryLock::take(&self.library(), self.config().library_id.as_deref())?);
        *held = Arc::downgrade(&lock);
        Ok(lock)
    }

    /// What the template makes of the first photo of the source, or of a made-up one where `source`
    /// is empty.
    ///
    /// # Errors
    /// The template or preset is not possible, or the card cannot be read.
    pub fn sample_name(&self, options: &ImportOptions, progress: &Progress) -> Result<Sample> {
        Ok(import::sample(&self.request(options)?, &self.catalog, progress)?)
    }

    fn request(&self, options: &ImportOptions) -> Result<Request> {
        let flags = Preset {
            template: options.template.clone().or_else(|| options.with.template.clone()),
            ..options.with.clone()
        };
        let preset = match &options.preset {
            Some(name) => flags.over(self.preset(name)?.preset),
            None => flags,
        };
        let template = preset.check()?;
        let day_starts_at_hour = match preset.day_starts_at_hour {
            Some(hour) => hour,
            None => self.day_starts_at_hour()?,
        };
        let clock =
            ClockCorrection { shift: preset.clock_shift.unwrap_or_default(), zone: preset.zone };
        Ok(Request {
            source: absolute(&options.source)?,
            library: self.library(),
            mirrors: self.mirrors(),
            mark: self.config().library_id,
            template,
            shoot: options.shoot.clone(),
            client: options.client.clone(),
            home_device: files::device_of(&self.settings.home).ok(),
            directions: Directions {
                job: options.job.clone(),
                clock,
                day_starts_at_hour,
                iptc: preset.iptc,
                sidecars: preset.sidecars.unwrap_or_default(),
            },
        })
    }
}

fn absolute(path: &Path) -> Result<PathBuf> {
    if path.as_os_str().is_empty() {
        return Ok(PathBuf::new());
    }
    Ok(std::path::absolute(path).at(path)?)
}
