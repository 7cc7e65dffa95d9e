//! Long work: told apart by an id the window chose, watched through a channel, stopped by that id.
//!
//! Counts change thousands of times a second; the window hears of them at most every 200 ms, and
//! once more at the end, so that its last figures are the true ones.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use darkslide_core::progress::{self, Progress};
use tauri::ipc::Channel;

use crate::wire::Counts;

const EVERY_MS: u64 = 200;

/// The work that runs now.
#[derive(Default)]
pub struct Jobs {
    running: Mutex<HashMap<String, Progress>>,
    /// How much of it goes on without a window.
    lasting: Mutex<usize>,
    fewer: Condvar,
}

/// As long as this is there, the program does not end with its window.
pub struct Lasting<'a>(&'a Jobs);

/// Work that runs; it is forgotten when this is dropped.
pub struct Job<'a> {
    jobs: &'a Jobs,
    id: String,
    pub progress: Progress,
    tell: Arc<dyn Fn(progress::Counts) + Send + Sync>,
}

impl Jobs {
    /// Enters work under `id`; its counts go to `channel`.
    pub fn start(&self, id: String, channel: Channel<Counts>) -> Job<'_> {
        // A closed window is no reason to stop an import: what cannot be told is not told.
        self.start_with(id, move |counts| drop(channel.send(counts.into())))
    }

    fn start_with(
        &self,
        id: String,
        tell: impl Fn(progress::Counts) + Send + Sync + 'static,
    ) -> Job<'_> {
        let tell: Arc<dyn Fn(progress::Counts) + Send + Sync> = Arc::new(tell);
        let watch = Arc::clone(&tell);
        let began = Instant::now();
        let next = AtomicU64::new(0);
        let progress = Progress::watched(move |counts| {
            let now = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            let due = next.load(Ordering::Relaxed);
            if now >= due
                && next
                    .compare_exchange(due, now + EVERY_MS, Ordering::Relaxed, Ordering::Relaxed)
                    .is_ok()
            {
                watch(counts);
            }
        });
        self.running().insert(id.clone(), progress.clone());
        Job { jobs: self, id, progress, tell }
    }

    /// Asks the work of this id to stop; whether there was any.
    pub fn cancel(&self, id: &str) -> bool {
        self.running().get(id).inspect(|progress| progress.cancel()).is_some()
    }

    /// Work begins that is brought to its end, window or not.
    pub fn lasting(&self) -> Lasting<'_> {
        *lock(&self.lasting) += 1;
        Lasting(self)
    }

    pub fn lasts(&self) -> bool {
        *lock(&self.lasting) > 0
    }

    /// Waits for the end of all that lasts.
    pub fn wait(&self) {
        let mut lasting = lock(&self.lasting);
        while *lasting > 0 {
            lasting = self.fewer.wait(lasting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn running(&self) -> MutexGuard<'_, HashMap<String, Progress>> {
        lock(&self.running)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Lasting<'_> {
    fn drop(&mut self) {
        *lock(&self.0.lasting) -= 1;
        self.0.fewer.notify_all();
    }
}

impl Drop for Job<'_> {
    fn drop(&mut self) {
        (self.tell)(self.progress.counts());
        self.jobs.running().remove(&self.id);
    }
}

impl From<progress::Counts> for Counts {
    fn from(c: progress::Counts) -> Self {
        Self {
            files_done: c.files_done,
            files_total: c.files_total,
            bytes_done: c.bytes_done,
            bytes_total: c.bytes_total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_changes_are_told_rarely_and_the_last_one_surely() {
        let jobs = Jobs::default();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ears = Arc::clone(&heard);
        let job =
            jobs.start_with("import".into(), move |c| ears.lock().unwrap().push(c.files_done));
        for _ in 0..1000 {
            job.progress.add_files(1);
        }
        drop(job);
        let heard = heard.lock().unwrap();
        assert_eq!(heard.last(), Some(&1000), "the window's last figures are the true ones");
        assert!(heard.len() < 100, "told {} times", heard.len());
    }

    #[test]
    fn the_last_of_several_is_waited_for() {
        let jobs = Jobs::default();
        let (first, second) = (jobs.lasting(), jobs.lasting());
        drop(first);
        assert!(jobs.lasts());
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| jobs.wait());
            drop(second);
            waiting.join().unwrap();
        });
        assert!(!jobs.lasts());
    }

    #[test]
    fn cancel_reaches_the_work_and_finished_work_is_forgotten() {
        let jobs = Jobs::default();
        let job = jobs.start_with("a".into(), |_| {});
        assert!(jobs.cancel("a"));
        assert!(job.progress.is_cancelled());
        assert!(!jobs.cancel("b"), "no such work");
        drop(job);
        assert!(!jobs.cancel("a"), "finished work cannot be stopped");
    }
}
