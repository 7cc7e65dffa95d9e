//! Makes previews beside other work: two patient threads, so that a card's pictures are there
//! moments after its copies are verified, and copying is never slowed for their sake.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use super::Vault;
use crate::catalog::{Catalog, Preview, PreviewState};
use crate::error::Result;
use crate::import::Arrival;
use crate::media::{PhotoId, PreviewSize};
use crate::previews::{self, Cache, PreviewError, Rendered};

/// Each decodes one picture at a time, some 60 MB each.
const THREADS: usize = 2;
/// How far previews may fall behind before whoever asks for them has to wait.
const QUEUE: usize = 4096;

/// One picture to be made small.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub photo: PhotoId,
    pub path: PathBuf,
    pub format: String,
    pub orientation: u8,
}

impl Job {
    pub fn of(arrival: &Arrival) -> Self {
        Self {
            photo: arrival.photo,
            path: arrival.path.clone(),
            format: arrival.format.to_owned(),
            orientation: arrival.orientation,
        }
    }
}

/// What the threads have done so far.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Made {
    pub ready: u64,
    pub damaged: u64,
    pub none: u64,
}

/// The threads at work; `finish` waits for them.
pub(super) struct Previewer {
    queue: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<Result<Made>>>,
}

impl Previewer {
    pub fn start(catalog: &Arc<Catalog>, cache: &Cache) -> Self {
        let (queue, jobs) = sync_channel(QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        let thread = |_| {
            let (catalog, cache, jobs) = (Arc::clone(catalog), cache.clone(), Arc::clone(&jobs));
            std::thread::spawn(move || work(&catalog, &cache, &jobs))
        };
        Self { queue: Some(queue), threads: (0..THREADS).map(thread).collect() }
    }

    /// Asks for a preview. Losing one is never fatal: what has none is made up for later.
    pub fn add(&self, job: Job) {
        if let Some(queue) = &self.queue {
            let _ = queue.send(job);
        }
    }

    /// Waits until everything asked for is made.
    pub fn finish(mut self) -> Result<Made> {
        self.queue = None;
        let mut all = Made::default();
        for thread in self.threads.drain(..) {
            let made = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            all.ready += made.ready;
            all.damaged += made.damaged;
            all.none += made.none;
        }
        Ok(all)
    }
}

fn work(catalog: &Catalog, cache: &Cache, jobs: &Mutex<Receiver<Job>>) -> Result<Made> {
    be_patient();
    let mut made = Made::default();
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return Ok(made) };
        match make(catalog, cache, &job)? {
            Some(PreviewState::Ready) => made.ready += 1,
            Some(PreviewState::Damaged) => made.damaged += 1,
            Some(PreviewState::None) | None => made.none += 1,
        }
    }
}

/// Lets everything else go first. Where the system has no such thing, nothing is lost.
fn be_patient() {
    #[cfg(target_os = "linux")]
    {
        let me = rustix::thread::gettid();
        let _ = rustix::process::setpriority_process(Some(me), 10);
    }
}

/// Makes both sizes of one picture and notes how it went. `None`: its file is out of reach now.
fn make(catalog: &Catalog, cache: &Cache, job: &Job) -> Result<Option<PreviewState>> {
    let keep = |rendered: &Rendered| -> Result<(u32, u32)> {
        cache.put(job.photo, PreviewSize::Thumb, &rendered.thumb)?;
        cache.put(job.photo, PreviewSize::View, &rendered.view)?;
        Ok(rendered.view_px)
    };
    let (state, px) = match previews::render(&job.path, &job.format, job.orientation) {
        Ok(rendered) => (PreviewState::Ready, Some(keep(&rendered)?)),
        Err(PreviewError::Damaged { partial, .. }) => {
            (PreviewState::Damaged, partial.map(|rendered| keep(&rendered)).transpose()?)
        }
        Err(PreviewError::Unsupported { .. }) => (PreviewState::None, None),
        Err(PreviewError::Io(_)) => return Ok(None),
    };
    let (width, height) = px.unzip();
    catalog.set_preview(job.photo, Preview { state: Some(state), width, height })?;
    Ok(Some(state))
}

impl Vault {
    pub(super) fn previewer(&self) -> Previewer {
        // A killed program may have left half previews. Once, before this one makes any in bulk.
        self.swept.call_once(|| {
            if let Err(error) = self.previews.sweep() {
                tracing::warn!(%error, "half previews of an earlier run stay in the cache");
            }
        });
        Previewer::start(&self.catalog, &self.previews)
    }

    /// Makes the previews of one photo from its original; whether there is a picture now.
    pub(super) fn make_preview(&self, photo: PhotoId) -> Result<bool> {
        match self.preview_job(photo)? {
            Some(job) => {
                let state = make(&self.catalog, &self.previews, &job)?;
                Ok(matches!(state, Some(PreviewState::Ready | PreviewState::Damaged)))
            }
            None => Ok(false),
        }
    }

    /// Asks for the previews that an earlier, interrupted run left out.
    pub(super) fn make_up_for_previews(&self, previewer: &Previewer) -> Result<()> {
        for photo in self.catalog.without_preview(usize::MAX)? {
            if let Some(job) = self.preview_job(photo)? {
                previewer.add(job);
            }
        }
        Ok(())
    }

    fn preview_job(&self, photo: PhotoId) -> Result<Option<Job>> {
        let Some(row) = self.catalog.photo(photo)? else { return Ok(None) };
        let lead = self.catalog.files_of(photo)?.into_iter().find(|file| file.lead);
        let Some(local) = lead.and_then(|file| file.local) else { return Ok(None) };
        Ok(Some(Job {
            photo,
            path: self.library().join(local.path),
            format: row.format.unwrap_or_default(),
            orientation: row.orientation.unwrap_or(1),
        }))
    }
}
