//! Backup and restore: everything to the bucket, and back.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::safety::BackupWish;
use super::verdicts::Proof;
use super::{ImportVerdict, Vault};
use crate::backup::{self, BackupOptions, BackupReport, Failed};
use crate::catalog::Query;
use crate::error::{At as _, Result};
use crate::files;
use crate::media::{PhotoId, PreviewSize};
use crate::progress::Progress;
use crate::restore::{self, Fetcher, Restore, RestoreReport, Target};

/// What a backup would send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Pending {
    pub files: u64,
    pub bytes: u64,
}

/// How a backup went, and what it made safe.
#[derive(Debug, Clone, Serialize)]
pub struct BackupDone {
    #[serde(flatten)]
    pub report: BackupReport,
    /// Imports whose cards may be formatted since this backup's commit, and not before.
    pub now_safe: Vec<ImportVerdict>,
}

impl Vault {
    /// Sends everything that is not in the bucket yet; ends in a commit that was read back.
    ///
    /// # Errors
    /// No vault, no network, or a bucket that shows an older state than this computer has seen.
    /// What was committed before stays; the next run goes on.
    pub fn backup(&self, limit_rate: Option<u64>, progress: &Progress) -> Result<BackupDone> {
        self.find_moved(progress)?;
        let before = self.imports_by(Proof::Known)?;
        // Previews travel with their photos: first make the ones an interrupted import left out.
        let previewer = self.previewer();
        self.make_up_for_previews(&previewer)?;
        previewer.finish()?;
        let vault = match limit_rate {
            None => self.open_vault()?,
            Some(rate) => self.open_throttled(rate)?,
        };
        self.note_backup(BackupWish::Running)?;
        // Whenever the program is at the bucket anyway, what lies behind ended links goes.
        if let Err(error) = self.share_sweep() {
            tracing::warn!(%error, "ended links wait for the next run to be cleared away");
        }
        let options = BackupOptions::default();
        let made = self.settings.runtime.block_on(vault.backup(&options, progress));
        // What failed on the way is still wished for; what was stopped waits until it is asked for.
        match &made {
            Ok(_) => self.note_backup(BackupWish::Done)?,
            Err(_) if progress.is_cancelled() => self.note_backup(BackupWish::Paused)?,
            Err(_) => {}
        }
        let mut report = made?;
        if !self.config().is_there(&self.library()) {
            let away = format!("the library is not there: {}", self.library().display());
            let gone = report.failed.iter_mut().filter(|failed| failed.reason == backup::GONE);
            gone.for_each(|failed| failed.reason.clone_from(&away));
        }
        // What is nowhere any more cannot be sent, and must not go unsaid for that.
        for file in self.catalog.lost()? {
            report.failed.push(Failed {
                path: file.path.clone().unwrap_or_else(|| file.shown_name()),
                reason: "is missing from the library, and the bucket does not have it".to_owned(),
            });
        }
        let was_safe = |import: &ImportVerdict| {
            before.iter().any(|old| old.import_id == import.import_id && old.safe_to_format)
        };
        let now_safe = self.imports()?.into_iter();
        let now_safe = now_safe.filter(|import| import.safe_to_format && !was_safe(import));
        Ok(BackupDone { report, now_safe: now_safe.collect() })
    }

    /// What `backup` would send, without asking the network.
    ///
    /// # Errors
    /// The catalogue could not be read.
    pub fn backup_pending(&self) -> Result<Pending> {
        let count = self.catalog.cloud_count()?;
        Ok(Pending { files: count.files_left, bytes: count.bytes_left })
    }

    /// Brings the originals of what the query finds back, into the library or into `to`.
    ///
    /// # Errors
    /// The query was not understood, or what would stop every file: no vault, no network, no room.
    pub fn restore(
        &self,
        query: &str,
        to: Option<&Path>,
        progress: &Progress,
    ) -> Result<RestoreReport> {
        let query = Query::parse(query)?;
        let library = self.library();
        // a library that was lost begins anew here
        if to.is_none() && !library.is_dir() {
            files::create_dirs(&library)?;
            if let Some(id) = &self.config().library_id {
                files::mark_root(&library, id)?;
            }
        }
        self.find_moved(progress)?;
        let photos = self.catalog.find(&query)?;
        let target = match to {
            Some(folder) => Target::Folder(std::path::absolute(folder).at(folder)?),
            None => Target::Library(self.library()),
        };
        let restore = Restore {
            fetcher: Fetcher::new(self.open_vault()?),
            catalog: Arc::clone(&self.catalog),
            target,
            now: Arc::clone(&self.settings.now),
            progress: progress.clone(),
        };
        Ok(self.settings.runtime.block_on(restore.run(&photos))?)
    }

    /// A preview out of the bucket, where there is a vault and the photo is in it.
    pub(super) fn fetch_preview(
        &self,
        photo: PhotoId,
        size: PreviewSize,
    ) -> Result<Option<Vec<u8>>> {
        if self.config().vault.is_none() {
            return Ok(None);
        }
        let row = self.photo(photo)?;
        let fetcher = Fetcher::new(self.open_vault()?);
        Ok(self.settings.runtime.block_on(restore::fetch_preview(&fetcher, &row, size))?)
    }
}
