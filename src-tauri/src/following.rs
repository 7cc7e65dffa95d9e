//! Watched folders are followed as long as the program runs: what an editor exports joins the library
//! by itself, and the window hears of it. Says nothing twice: a file that fails at every pass is told
//! of once.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use darkslide_core::progress::Progress;
use darkslide_core::routine::{Follow, SETTLE};
use darkslide_core::vault::{Vault, WatchReport};
use tauri::ipc::Channel;

use crate::state::App;
use crate::wire::{Followed, LeftOut};

/// How long to wait for a vault that is not open yet, and after a pass that could not be made.
const LATER: Duration = Duration::from_secs(2);
/// How long to rest at most: network shares tell of nothing.
const REST: Duration = Duration::from_secs(60);

/// Who is told, and how the rest before the next pass is ended.
#[derive(Default)]
pub struct Following {
    told: Mutex<Option<Channel<Followed>>>,
    rest: Mutex<Progress>,
}

impl Following {
    /// Tells this window from now on; the first time, begins to follow.
    pub fn begin(app: &App, channel: Channel<Followed>) {
        let before = lock(&app.desk().following.told).replace(channel);
        if before.is_none() {
            let app = app.clone();
            thread::spawn(move || follow(&app));
        }
    }

    /// Other folders are watched now.
    pub fn changed(&self) {
        lock(&self.rest).cancel();
    }

    /// A new rest, which `changed` ends.
    fn rest(&self) -> Progress {
        let rest = Progress::new();
        *lock(&self.rest) = rest.clone();
        rest
    }

    fn tell(&self, followed: Followed) {
        // A window that is gone hears nothing; the photos are in the library all the same.
        if let Some(channel) = &*lock(&self.told) {
            drop(channel.send(followed));
        }
    }
}

fn follow(app: &App) {
    let mut following = Follow::new(Vec::new());
    let mut failed_before = Vec::new();
    loop {
        let rest = app.desk().following.rest();
        let Some(vault) = app.desk().opened() else {
            thread::sleep(LATER);
            continue;
        };
        // Before the pass: what changes while it goes on ends the wait that follows.
        let dirs: Vec<_> = vault.watched().into_iter().map(|folder| folder.watched.dir).collect();
        if following.dirs() != dirs {
            following = Follow::new(dirs);
        }
        let longest = match following.dirs().is_empty() {
            true => REST,
            false => pass(app, &vault, &mut failed_before),
        };
        drop(vault);
        following.wait(SETTLE, longest, &rest);
    }
}

/// One look over all folders; how long to rest after it.
fn pass(app: &App, vault: &Vault, failed_before: &mut Vec<String>) -> Duration {
    let begun = Instant::now();
    let done = match vault.watch_pass(SETTLE, &Progress::new()) {
        Ok(done) => done,
        Err(error) => {
            // A drive that is away, an import of another home: gone at one of the next passes.
            tracing::warn!(%error, "watched folders were not looked at");
            return LATER;
        }
    };
    let failed: Vec<LeftOut> = failed(&done);
    let reasons: Vec<String> = failed.iter().map(|file| file.path.clone()).collect();
    let added = done.folders.iter().map(|folder| folder.added.len() as u64).sum();
    if added > 0 || reasons != *failed_before {
        app.desk().following.tell(Followed { added, failed });
    }
    *failed_before = reasons;
    tracing::debug!(seconds = begun.elapsed().as_secs_f64(), added, "looked at watched folders");
    if done.is_waiting() { SETTLE.max(Duration::from_secs(1)) } else { REST }
}

fn failed(done: &WatchReport) -> Vec<LeftOut> {
    let failed = done.folders.iter().flat_map(|folder| {
        let dir = folder.watched.dir.display();
        folder.failed.iter().map(move |left| LeftOut {
            path: format!("{dir}/{}", left.path),
            reason: left.reason.clone(),
        })
    });
    failed.collect()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
