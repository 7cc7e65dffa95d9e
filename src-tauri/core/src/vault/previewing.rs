//! Makes previews beside other work: two patient threads, so that a card's pictures are there
//! moments after its copies are verified, and copying is never slowed for their sake.
//!
//! One queue for everybody. What somebody waits for on the screen goes before what is made in bulk,
//! and what was asked for last goes first: it is what is looked at now. A picture that several wait
//! for is made once.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::Vault;
use crate::catalog::{Catalog, Preview, PreviewState};
use crate::error::{Code, Error, Result};
use crate::import::{Arrival, Left};
use crate::media::{MediaKind, PhotoId, PreviewSize};
use crate::metadata::format_by_name;
use crate::previews::{self, Cache, PreviewError, Rendered};
use crate::progress::Progress;

/// Each makes one picture at a time.
const THREADS: usize = 2;
/// How far previews may fall behind before whoever asks for them in bulk has to wait.
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

    /// Whether this is a kind of file that has a picture.
    fn is_picture(&self) -> bool {
        let kind = format_by_name(&format!(".{}", self.format)).kind;
        matches!(kind, MediaKind::Photo | MediaKind::Raw)
    }

    /// Whether the file can be read to its end: what could not be shown of one whose drive goes away
    /// says nothing about it.
    fn is_there(&self) -> bool {
        let last = |file: File| -> std::io::Result<()> {
            let len = file.metadata()?.len();
            file.read_exact_at(&mut [0][..usize::from(len > 0)], len.saturating_sub(1))
        };
        File::open(&self.path).and_then(last).is_ok()
    }
}

/// What the threads have done so far.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Made {
    pub ready: u64,
    pub damaged: u64,
    pub none: u64,
}

/// How a batch went.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Tally {
    pub made: Made,
    /// Pictures without a preview, or with half of one, and why.
    pub missing: Vec<Left>,
}

/// How one picture went.
#[derive(Debug, Clone)]
struct Done {
    /// `None`: its file is out of reach now.
    state: Option<PreviewState>,
    missing: Option<Left>,
}

/// What somebody waits for: one picture, or many.
struct Ticket {
    progress: Progress,
    count: Mutex<Count>,
    less: Condvar,
}

#[derive(Debug, Default)]
struct Count {
    left: usize,
    last: Option<PreviewState>,
    tally: Tally,
    error: Option<Error>,
}

impl Ticket {
    fn new(progress: &Progress) -> Arc<Self> {
        Arc::new(Self { progress: progress.clone(), count: Mutex::default(), less: Condvar::new() })
    }

    fn tell(&self, outcome: &std::result::Result<Done, Failed>) {
        let mut count = lock(&self.count);
        match outcome {
            Ok(done) => {
                let made = &mut count.tally.made;
                match done.state {
                    Some(PreviewState::Ready) => made.ready += 1,
                    Some(PreviewState::Damaged) => made.damaged += 1,
                    Some(PreviewState::None) | None => made.none += 1,
                }
                count.last = done.state;
                count.tally.missing.extend(done.missing.clone());
            }
            Err(failed) => {
                count.error.get_or_insert_with(|| Error::new(failed.code, failed.clone()));
            }
        }
        count.left -= 1;
        drop(count);
        self.progress.add_files(1);
        self.less.notify_all();
    }

    /// Waits until less than `most` are left.
    fn wait_below(&self, most: usize) -> MutexGuard<'_, Count> {
        let count = lock(&self.count);
        self.less.wait_while(count, |c| c.left >= most).unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) -> Result<(Option<PreviewState>, Tally)> {
        let mut count = self.wait_below(1);
        match count.error.take() {
            Some(error) => Err(error),
            None => Ok((count.last, std::mem::take(&mut count.tally))),
        }
    }
}

/// A preview that could be made and not be kept, told to everybody who waits for it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{why}")]
struct Failed {
    code: Code,
    why: String,
}

/// Everything that is to be made.
#[derive(Default)]
struct Waiting {
    jobs: HashMap<PhotoId, (Job, Vec<Arc<Ticket>>)>,
    /// Looked at now; the last one first.
    now: Vec<PhotoId>,
    later: VecDeque<PhotoId>,
    /// In the making, and who waits for it.
    making: HashMap<PhotoId, Vec<Arc<Ticket>>>,
    threads: usize,
    stopping: bool,
}

struct Queue {
    catalog: Arc<Catalog>,
    cache: Cache,
    waiting: Mutex<Waiting>,
    /// Told whenever a job was taken.
    taken: Condvar,
}

/// The queue of a vault and the threads that work it. Dropped, it waits for what is in the making.
pub(super) struct Previewing {
    queue: Arc<Queue>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Previewing {
    pub fn new(catalog: &Arc<Catalog>, cache: &Cache) -> Self {
        let queue = Queue {
            catalog: Arc::clone(catalog),
            cache: cache.clone(),
            waiting: Mutex::default(),
            taken: Condvar::new(),
        };
        Self { queue: Arc::new(queue), threads: Mutex::default() }
    }

    fn add(&self, job: Job, ticket: &Arc<Ticket>, now: bool) {
        lock(&ticket.count).left += 1;
        let photo = job.photo;
        let mut waiting = lock(&self.queue.waiting);
        if !now {
            waiting = self
                .queue
                .taken
                .wait_while(waiting, |w| w.later.len() >= QUEUE)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if let Some(others) = waiting.making.get_mut(&photo) {
            others.push(Arc::clone(ticket));
            return;
        }
        let (_, tickets) = waiting.jobs.entry(photo).or_insert_with(|| (job, Vec::new()));
        tickets.push(Arc::clone(ticket));
        // A photo may stand in both lists, or twice: who comes second finds it made.
        if now {
            waiting.now.push(photo);
        } else {
            waiting.later.push_back(photo);
        }
        if waiting.threads < THREADS {
            waiting.threads += 1;
            drop(waiting);
            let queue = Arc::clone(&self.queue);
            let mut threads = lock(&self.threads);
            threads.retain(|thread| !thread.is_finished());
            threads.push(std::thread::spawn(move || queue.work()));
        }
    }

    /// Makes one picture before all others, and waits for it.
    fn now(&self, job: Job) -> Result<Option<PreviewState>> {
        let ticket = Ticket::new(&Progress::new());
        self.add(job, &ticket, true);
        Ok(ticket.end()?.0)
    }
}

impl Drop for Previewing {
    fn drop(&mut self) {
        lock(&self.queue.waiting).stopping = true;
        for thread in lock(&self.threads).drain(..) {
            let _ = thread.join();
        }
    }
}

impl Queue {
    fn work(&self) {
        be_patient();
        while let Some(job) = self.next() {
            let made = catch_unwind(AssertUnwindSafe(|| make(&self.catalog, &self.cache, &job)));
            let failed = |code, why: String| Err(Failed { code, why });
            let outcome = match made {
                Ok(Ok(done)) => Ok(done),
                Ok(Err(error)) => failed(error.code, error.to_string()),
                Err(_) => failed(Code::Internal, "a preview could not be made".to_owned()),
            };
            let tickets = lock(&self.waiting).making.remove(&job.photo);
            for ticket in tickets.into_iter().flatten() {
                ticket.tell(&outcome);
            }
        }
    }

    fn next(&self) -> Option<Job> {
        let mut waiting = lock(&self.waiting);
        while !waiting.stopping {
            let Some(photo) = waiting.now.pop().or_else(|| waiting.later.pop_front()) else {
                break;
            };
            let Some((job, tickets)) = waiting.jobs.remove(&photo) else { continue };
            waiting.making.insert(photo, tickets);
            self.taken.notify_all();
            return Some(job);
        }
        waiting.threads -= 1;
        None
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Previews asked for in bulk; `finish` waits for them.
pub(super) struct Previewer<'a> {
    previewing: &'a Previewing,
    ticket: Arc<Ticket>,
}

impl Previewer<'_> {
    /// Asks for a preview. Losing one is never fatal: what has none is made up for later.
    pub fn add(&self, job: Job) {
        self.previewing.add(job, &self.ticket, false);
    }

    /// The same, once less than `most` of these are still to be made.
    fn add_below(&self, most: usize, job: Job) {
        drop(self.ticket.wait_below(most));
        self.add(job);
    }

    /// Waits until everything asked for is made.
    pub fn finish(self) -> Result<Tally> {
        Ok(self.ticket.end()?.1)
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

/// Makes both sizes of one picture and notes how it went.
fn make(catalog: &Catalog, cache: &Cache, job: &Job) -> Result<Done> {
    let keep = |rendered: &Rendered| -> Result<(u32, u32)> {
        cache.put(job.photo, PreviewSize::Thumb, &rendered.thumb)?;
        cache.put(job.photo, PreviewSize::View, &rendered.view)?;
        Ok(rendered.view_px)
    };
    let away = Done { state: None, missing: None };
    let named = |reason: String| {
        Some(Left { path: job.path.display().to_string(), reason }).filter(|_| job.is_picture())
    };
    let (state, px, missing) = match previews::render(&job.path, &job.format, job.orientation) {
        Ok(rendered) => (PreviewState::Ready, Some(keep(&rendered)?), None),
        Err(PreviewError::Io(_)) => return Ok(away),
        Err(_) if !job.is_there() => return Ok(away),
        Err(PreviewError::Damaged { partial, reason }) => {
            let px = partial.map(|rendered| keep(&rendered)).transpose()?;
            (PreviewState::Damaged, px, named(format!("damaged: {reason}")))
        }
        Err(PreviewError::Unsupported { reason }) => {
            (PreviewState::None, None, named(format!("no preview: {reason}")))
        }
    };
    let (width, height) = px.unzip();
    catalog.set_preview(job.photo, Preview { state: Some(state), width, height })?;
    Ok(Done { state: Some(state), missing })
}

impl Vault {
    pub(super) fn previewer(&self) -> Previewer<'_> {
        self.previewer_for(&Progress::new())
    }

    /// The same; what is made is counted in `progress`.
    fn previewer_for(&self, progress: &Progress) -> Previewer<'_> {
        // A killed program may have left half previews. Once, before this one makes any in bulk.
        self.swept.call_once(|| {
            if let Err(error) = self.previews.sweep() {
                tracing::warn!(%error, "half previews of an earlier run stay in the cache");
            }
        });
        Previewer { previewing: &self.previewing, ticket: Ticket::new(progress) }
    }

    /// Makes the previews of one photo from its original, before all others; whether there is a
    /// picture now.
    pub(super) fn make_preview(&self, photo: PhotoId) -> Result<bool> {
        match self.preview_job(photo)? {
            Some(job) => {
                let state = self.previewing.now(job)?;
                Ok(matches!(state, Some(PreviewState::Ready | PreviewState::Damaged)))
            }
            None => Ok(false),
        }
    }

    /// Asks for the previews that an earlier, interrupted run left out, or whose originals were away.
    pub(super) fn make_up_for_previews(&self, previewer: &Previewer<'_>) -> Result<()> {
        for photo in self.catalog.without_preview(usize::MAX)? {
            if let Some(job) = self.preview_job(photo)? {
                previewer.add(job);
            }
        }
        Ok(())
    }

    /// Makes the previews of these photos anew; what was there stays until then.
    pub(super) fn make_anew(
        &self,
        photos: &[PhotoId],
        progress: &Progress,
    ) -> Result<(Tally, u64)> {
        /// So few wait that stopping stops at once.
        const AHEAD: usize = 2 * THREADS;
        progress.set_total(photos.len() as u64, 0);
        let previewer = self.previewer_for(progress);
        let mut away = 0;
        for photo in photos {
            if progress.is_cancelled() {
                break;
            }
            match self.preview_job(*photo)?.filter(|job| job.path.is_file()) {
                Some(job) => previewer.add_below(AHEAD, job),
                None => {
                    away += 1;
                    progress.add_files(1);
                }
            }
        }
        let tally = previewer.finish()?;
        progress.check()?;
        Ok((tally, away))
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

/// `path` below the library, as people know it.
pub(super) fn below(library: &Path, missing: Vec<Left>) -> Vec<Left> {
    let short = |left: Left| {
        let path = Path::new(&left.path).strip_prefix(library).ok();
        let path = path.map(|path| path.display().to_string());
        Left { path: path.unwrap_or(left.path), reason: left.reason }
    };
    let mut missing: Vec<_> = missing.into_iter().map(short).collect();
    missing.sort_by(|a, b| a.path.cmp(&b.path));
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(n: u8, path: &Path) -> Job {
        let photo = PhotoId([n; 16]);
        Job { photo, path: path.to_owned(), format: "JPEG".to_owned(), orientation: 1 }
    }

    fn queue(dir: &Path) -> Previewing {
        let now: Arc<dyn Fn() -> jiff::Timestamp + Send + Sync> =
            Arc::new(|| jiff::Timestamp::UNIX_EPOCH);
        let catalog = Catalog::create(dir, None, now).unwrap();
        Previewing::new(&Arc::new(catalog), &Cache::new(dir.join("previews")))
    }

    #[test]
    fn what_was_asked_for_last_goes_first_and_bulk_work_after_it() {
        let dir = tempfile::tempdir().unwrap();
        let previewing = queue(dir.path());
        // No thread may take anything while the order is laid down.
        lock(&previewing.queue.waiting).threads = THREADS;
        let ticket = Ticket::new(&Progress::new());
        for n in 1..=3 {
            previewing.add(job(n, dir.path()), &ticket, false);
        }
        for n in [7, 8, 2] {
            previewing.add(job(n, dir.path()), &ticket, true);
        }
        let order: Vec<u8> =
            std::iter::from_fn(|| previewing.queue.next()).map(|job| job.photo.0[0]).collect();
        assert_eq!(order, [2, 8, 7, 1, 3], "the second is made once");
        assert_eq!(lock(&previewing.queue.waiting).making[&PhotoId([2; 16])].len(), 2);
        lock(&previewing.queue.waiting).threads = 0;
    }

    #[test]
    fn a_photo_whose_drive_is_away_is_not_damaged_and_heals() {
        let dir = tempfile::tempdir().unwrap();
        let previewing = queue(dir.path());
        let path = dir.path().join("picture.jpg");
        assert_eq!(previewing.now(job(1, &path)).unwrap(), None, "nothing is known of it");
        let fixture =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/card/tent.jpg");
        std::os::unix::fs::symlink(fixture, &path).unwrap();
        assert_eq!(previewing.now(job(1, &path)).unwrap(), Some(PreviewState::Ready));
        assert!(previewing.queue.cache.has(PhotoId([1; 16]), PreviewSize::Thumb));
    }

    #[test]
    fn what_cannot_be_shown_is_named_with_its_reason() {
        let dir = tempfile::tempdir().unwrap();
        let previewing = queue(dir.path());
        let path = dir.path().join("empty.jpg");
        crate::files::write_new(&path, b"").unwrap();
        let ticket = Ticket::new(&Progress::new());
        previewing.add(job(1, &path), &ticket, false);
        let (_, tally) = ticket.end().unwrap();
        assert_eq!(tally.made, Made { damaged: 1, ..Made::default() });
        let missing = below(dir.path(), tally.missing);
        assert_eq!(missing.len(), 1);
        assert_eq!(missing[0].path, "empty.jpg");
        assert_eq!(missing[0].reason, "damaged: the file is empty");
    }
}
