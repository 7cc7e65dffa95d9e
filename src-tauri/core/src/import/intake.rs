//! The workers: each takes an exposure, copies its files verified under temporary names, and reads
//! what they say about themselves while their bytes are still in memory.
//!
//! Several exposures are under way at once, so that one is read back while another is being read
//! off the card. Nothing gets its final name here: `commit` does that, alone.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;

use super::mhl::Reference;
use super::plan::{Job, Placed, folder_of};
use super::roots::Roots;
use crate::catalog::LastNumbers;
use crate::error::PathError;
use crate::files::{self, CopyError, FileError, NewFile, ReadBack, Source, Stager, Xxh64};
use crate::media::{ContentHash, Role};
use crate::metadata::{self, Metadata};
use crate::progress::Progress;

/// Exposures under way at once. More gains nothing on the disks tried, and costs memory.
pub(super) const WORKERS: usize = 4;

/// Why every file that is left fails.
pub const STOPPED: &str = "stopped before its turn";
pub(super) const GONE: &str = "the card was removed";

/// What became of one file so far.
#[derive(Debug)]
pub(super) enum Copied {
    /// Nothing was to be copied.
    Untouched,
    Failed(String),
    Staged(Box<StagedFile>),
}

/// A file whose copies are verified but not yet under their names.
#[derive(Debug)]
pub(super) struct StagedFile {
    pub sha256: ContentHash,
    pub xxh64: Xxh64,
    pub bytes: u64,
    pub mtime_ns: i64,
    pub read_back: Option<ReadBack>,
    /// Root and copy there.
    pub copies: Vec<(usize, Result<NewFile, FileError>)>,
    pub meta: Metadata,
}

/// One exposure that came through a worker.
#[derive(Debug)]
pub(super) struct Done {
    pub files: Vec<(Placed, Copied)>,
    pub numbers: LastNumbers,
    pub index: usize,
    pub after: Option<usize>,
}

/// What all workers share.
pub(super) struct Intake<'a> {
    pub source: &'a Path,
    pub device: u64,
    pub roots: &'a Roots,
    /// What the card's own manifests say.
    pub reference: Option<&'a Reference>,
    pub jobs: Mutex<std::vec::IntoIter<Job>>,
    pub progress: &'a Progress,
    /// The card went away: nothing more can be read.
    pub gone: AtomicBool,
    /// The library's disk was full once: look before each copy.
    pub full: AtomicBool,
    /// The committer gave up.
    pub broken: AtomicBool,
    /// For tests: damages a copy before it is read back.
    #[cfg_attr(not(test), expect(dead_code, reason = "only tests tamper"))]
    pub tamper: Option<&'a (dyn Fn(&Path) + Sync)>,
}

impl Intake<'_> {
    /// Works until no job is left or nobody wants the results.
    pub fn work(&self, results: &SyncSender<Done>) {
        let mut stager = Stager::default();
        loop {
            // a poisoned lock only means that another worker died; the list is still whole
            let job = self.jobs.lock().unwrap_or_else(|dead| dead.into_inner()).next();
            let Some(job) = job else { return };
            if self.broken.load(Ordering::Relaxed) {
                return;
            }
            let done = self.exposure(job, &mut stager);
            if results.send(done).is_err() {
                return;
            }
        }
    }

    fn exposure<'s>(&'s self, mut job: Job, stager: &mut Stager<'s>) -> Done {
        let files = std::mem::take(&mut job.files)
            .into_iter()
            .map(|placed| {
                let copied = self.file(&placed, stager);
                (placed, copied)
            })
            .collect();
        let Job { numbers, index, after, .. } = job;
        Done { files, numbers, index, after }
    }

    fn file<'s>(&'s self, placed: &Placed, stager: &mut Stager<'s>) -> Copied {
        let wanted: Vec<usize> = match &placed.item.here {
            Some(here) => here.lacking(),
            None => (0..self.roots.len()).collect(),
        };
        if wanted.is_empty() {
            return Copied::Untouched;
        }
        if self.progress.is_cancelled() {
            return Copied::Failed(STOPPED.to_owned());
        }
        if self.gone.load(Ordering::Relaxed) {
            return Copied::Failed(GONE.to_owned());
        }
        if self.full.load(Ordering::Relaxed)
            && files::free_space(&self.roots.all[0].path)
                .is_ok_and(|free| free < placed.item.card.bytes + (1 << 20))
        {
            return Copied::Failed(FULL.to_owned());
        }
        self.stage(placed, &wanted, stager).unwrap_or_else(|e| Copied::Failed(self.reason(&e)))
    }

    fn stage<'s>(
        &'s self,
        placed: &Placed,
        wanted: &[usize],
        stager: &mut Stager<'s>,
    ) -> Result<Copied, CopyError> {
        #[cfg(test)]
        if let Some(tamper) = self.tamper {
            stager.tamper_with(tamper);
        }
        let path = self.source.join(&placed.item.card.path);
        let mut source = Source::open(&path)?;
        if source.device != self.device {
            return Err(CopyError::NotRegular);
        }
        if let Some(reference) = self.reference {
            source.also(reference.wanted(&placed.item.card));
        }
        let mut ready = Vec::with_capacity(wanted.len());
        let mut copies = Vec::new();
        for &root in wanted {
            match self.roots.make_folder(root, folder_of(&placed.to)) {
                Ok(()) => ready.push(root),
                Err(error) => copies.push((root, Err(error))),
            }
        }
        let targets: Vec<_> = ready.iter().map(|&n| self.roots.path(n, &placed.to)).collect();
        let staged = stager.stage(&mut source, &targets, self.progress)?;
        let reference = self.reference.and_then(|r| r.differs(&placed.item.card, &staged));
        if let Some(reason) = reference {
            return Ok(Copied::Failed(reason));
        }
        // a disk that went away meanwhile took the copy along, or never had it
        let there = ready.into_iter().zip(staged.copies).map(|(root, copy)| {
            (root, copy.and_then(|copy| self.roots.is_still_there(root).map(|()| copy)))
        });
        copies.extend(there);
        copies.sort_by_key(|(root, _)| *root);
        if let Some((0, Err(error))) = copies.first()
            && error.is_full()
        {
            self.full.store(true, Ordering::Relaxed);
        }
        let meta = metadata::read(&path, &placed.item.card.name());
        source.forget();
        Ok(Copied::Staged(Box::new(StagedFile {
            sha256: staged.sha256,
            xxh64: staged.xxh64,
            bytes: staged.bytes,
            mtime_ns: staged.mtime_ns,
            read_back: staged.read_back,
            copies,
            meta,
        })))
    }

    /// Says why a file could not be read, and notices when it is the whole card.
    fn reason(&self, error: &CopyError) -> String {
        match error {
            CopyError::Cancelled(_) => STOPPED.to_owned(),
            CopyError::Source(_) if !self.card_is_there() => {
                self.gone.store(true, Ordering::Relaxed);
                GONE.to_owned()
            }
            other => other.to_string(),
        }
    }

    fn card_is_there(&self) -> bool {
        std::fs::read_dir(self.source).is_ok()
            && files::device_of(self.source).is_ok_and(|device| device == self.device)
    }
}

/// Says why a copy failed, without its temporary name.
pub(super) fn reason_of(error: &FileError) -> String {
    match error {
        e if e.is_full() => FULL.to_owned(),
        FileError::Io(PathError { source, .. }) => format!("cannot be written: {source}"),
        FileError::Mismatch(_) => {
            "the disk gave back other bytes than were written, three times".to_owned()
        }
        FileError::Exists(_) => "a file of that name is there already".to_owned(),
    }
}

const FULL: &str = "no room is left on the disk";

/// The role by content, where the content says more than the name.
pub(super) fn role_of(file: &StagedFile, by_name: Role) -> Role {
    if file.meta.role == Role::Other { by_name } else { file.meta.role }
}
