//! How long work tells how far it is, and how it is stopped.
//!
//! The core never prints: whoever starts the work passes a `Progress` in and looks at it, or is
//! called back. Rates and times left are the viewer's arithmetic, from two looks at the counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far a piece of work is. Files count up to `files_total`, bytes to `bytes_total`; a total of
/// zero means it is not known yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    pub files_done: u64,
    pub files_total: u64,
    pub bytes_done: u64,
    pub bytes_total: u64,
}

/// The work was stopped by the user.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("stopped on request")]
pub struct Cancelled;

#[derive(Default)]
struct Shared {
    files_done: AtomicU64,
    files_total: AtomicU64,
    bytes_done: AtomicU64,
    bytes_total: AtomicU64,
    cancelled: AtomicBool,
    watch: Option<Box<dyn Fn(Counts) + Send + Sync>>,
}

/// A handle on running work; clones share the same counts and the same stop sign.
#[derive(Clone, Default)]
pub struct Progress(Arc<Shared>);

impl std::fmt::Debug for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Progress").field(&self.counts()).finish()
    }
}

impl Progress {
    /// Nobody watches; the work can still be stopped and looked at.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `watch` is called on every change, from any thread: keep it cheap.
    pub fn watched(watch: impl Fn(Counts) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Shared { watch: Some(Box::new(watch)), ..Shared::default() }))
    }

    #[must_use]
    pub fn counts(&self) -> Counts {
        let load = |a: &AtomicU64| a.load(Ordering::Relaxed);
        Counts {
            files_done: load(&self.0.files_done),
            files_total: load(&self.0.files_total),
            bytes_done: load(&self.0.bytes_done),
            bytes_total: load(&self.0.bytes_total),
        }
    }

    pub fn set_total(&self, files: u64, bytes: u64) {
        self.0.files_total.store(files, Ordering::Relaxed);
        self.0.bytes_total.store(bytes, Ordering::Relaxed);
        self.changed();
    }

    /// For work that others add to: several cards at once.
    pub fn add_total(&self, files: u64, bytes: u64) {
        self.0.files_total.fetch_add(files, Ordering::Relaxed);
        self.0.bytes_total.fetch_add(bytes, Ordering::Relaxed);
        self.changed();
    }

    pub fn add_bytes(&self, bytes: u64) {
        self.0.bytes_done.fetch_add(bytes, Ordering::Relaxed);
        self.changed();
    }

    pub fn add_files(&self, files: u64) {
        self.0.files_done.fetch_add(files, Ordering::Relaxed);
        self.changed();
    }

    /// Asks the work to stop at the next safe point.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }

    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Relaxed)
    }

    /// # Errors
    /// `Cancelled` once somebody asked the work to stop.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }

    fn changed(&self) {
        if let Some(watch) = &self.0.watch {
            watch(self.counts());
        }
    }
}

impl From<Cancelled> for crate::error::Error {
    fn from(cancelled: Cancelled) -> Self {
        Self::new(crate::error::Code::Cancelled, cancelled)
    }
}
