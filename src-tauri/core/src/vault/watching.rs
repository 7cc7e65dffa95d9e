//! Watched folders: which there are, and one look over all of them.

use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::Vault;
use super::previewing::{Job, Made, below};
use crate::error::{At as _, Result};
use crate::import::{Arrival, Left, Means};
use crate::progress::Progress;
use crate::routine::{self, FolderReport, Kind, RoutineError, Watched};

/// A watched folder, and whether it is there now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WatchedFolder {
    #[serde(flatten)]
    pub watched: Watched,
    pub away: bool,
}

/// How a pass over all watched folders went.
#[derive(Debug, Clone, Serialize)]
pub struct WatchReport {
    pub folders: Vec<FolderReport>,
    pub previews: Made,
    /// Pictures that have no preview, or half of one, and why; by their place in the library.
    pub previews_missing: Vec<Left>,
    pub seconds: f64,
}

impl WatchReport {
    /// Whether nothing failed. What waits, and a folder that is away, is no failure.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.folders.iter().all(|folder| folder.failed.is_empty())
    }

    /// Whether there is anything to tell that a pass before did not.
    #[must_use]
    pub fn has_news(&self) -> bool {
        self.folders.iter().any(|folder| !folder.added.is_empty() || !folder.failed.is_empty())
    }

    /// Whether files wait for the next pass.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.folders.iter().any(|folder| !folder.waiting.is_empty())
    }
}

impl Vault {
    /// Watches a folder from now on.
    ///
    /// # Errors
    /// It is not there, is watched already, or lies in the library or around it.
    pub fn watch_add(&self, dir: &Path, kind: Kind) -> Result<Watched> {
        let mut config = self.config();
        let roots: Vec<_> =
            std::iter::once(&config.library).chain(&config.mirrors).cloned().collect();
        let watched = Watched::new(dir, kind, &roots, &config.watched)?;
        config.watched.push(watched.clone());
        self.save_config(config)?;
        Ok(watched)
    }

    /// The watched folders.
    #[must_use]
    pub fn watched(&self) -> Vec<WatchedFolder> {
        let folder = |watched: Watched| WatchedFolder { away: !watched.dir.is_dir(), watched };
        self.config().watched.into_iter().map(folder).collect()
    }

    /// Watches a folder no longer; what came from it stays.
    ///
    /// # Errors
    /// It is not watched.
    pub fn watch_remove(&self, dir: &Path) -> Result<Watched> {
        let absolute = std::path::absolute(dir).at(dir)?;
        let whole = dir.canonicalize().unwrap_or_else(|_| absolute.clone());
        let mut config = self.config();
        let at = config.watched.iter().position(|w| w.dir == whole || w.dir == absolute);
        let at = at.ok_or(RoutineError::NotWatched(absolute))?;
        let removed = config.watched.remove(at);
        self.save_config(config)?;
        Ok(removed)
    }

    /// Looks once over every watched folder and takes in what is new and has been left alone for
    /// `settle`.
    ///
    /// # Errors
    /// The library is not there, the catalogue fails, or work was stopped.
    pub fn watch_pass(&self, settle: Duration, progress: &Progress) -> Result<WatchReport> {
        let begun = Instant::now();
        self.can_read()?;
        // an import of another home would sweep what is half copied here
        let _library = self.lock_library()?;
        let previewer = self.previewer();
        let arrived = |arrival: &Arrival| previewer.add(Job::of(arrival));
        let now = self.settings.now.as_ref();
        let means = Means {
            catalog: &self.catalog,
            together: &self.together,
            now: &now,
            progress,
            computer: &self.settings.computer,
            on_imported: &arrived,
        };
        let library = self.library();
        let mut folders = Vec::new();
        let config = self.config();
        let mark = config.library_id.as_deref();
        for watched in &config.watched {
            folders.push(routine::pass(watched, &library, mark, settle, &means)?);
        }
        let tally = previewer.finish()?;
        let (previews, previews_missing) = (tally.made, below(&library, tally.missing));
        let seconds = begun.elapsed().as_secs_f64();
        Ok(WatchReport { folders, previews, previews_missing, seconds })
    }
}
