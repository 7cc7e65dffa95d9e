//! When to look at the watched folders again.
//!
//! The system tells of changes; after the last one there is a pause, because an export is many small
//! writes. Where the system cannot tell (network shares, too many folders), a look now and then has
//! to do, and so it does for a folder that is away. Only says when: whoever waits here makes the pass,
//! and holds no catalogue open in the meantime.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::progress::Progress;

/// How often the wish to stop, and folders that are away, are looked at.
const TICK: Duration = Duration::from_millis(250);
const AWAY: Duration = Duration::from_secs(2);
/// The longest time between two passes: network shares tell nothing.
const LONGEST: Duration = Duration::from_secs(60);

/// Why the waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// Something changed, or a folder came back.
    Changed,
    /// It is time to look in any case.
    Due,
    Stopped,
}

/// The folders as the system watches them.
pub struct Follow {
    dirs: Vec<PathBuf>,
    /// `None` where the system watches nothing at all.
    watcher: Option<RecommendedWatcher>,
    events: Receiver<()>,
    /// Those that were there at the last look.
    there: HashSet<PathBuf>,
}

impl std::fmt::Debug for Follow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Follow").field("dirs", &self.dirs).finish_non_exhaustive()
    }
}

impl Follow {
    /// Starts watching: what changes from now on ends the next wait.
    #[must_use]
    pub fn new(dirs: Vec<PathBuf>) -> Self {
        let (sender, events) = channel();
        let tell = move |event: notify::Result<Event>| {
            // nobody listens any more: nothing to tell
            if event.is_ok_and(|event| is_change(event.kind)) {
                let _ = sender.send(());
            }
        };
        let watcher = notify::recommended_watcher(tell)
            .inspect_err(|error| tracing::warn!(%error, "the system tells of no changes"))
            .ok();
        let mut follow = Self { dirs, watcher, events, there: HashSet::new() };
        follow.look();
        follow
    }

    /// The folders that are watched.
    #[must_use]
    pub fn dirs(&self) -> &[PathBuf] {
        &self.dirs
    }

    /// Waits until it is time for a pass: `pause` after the last change, after `longest` at the latest.
    pub fn wait(&mut self, pause: Duration, longest: Duration, progress: &Progress) -> Woken {
        let began = Instant::now();
        let longest = longest.min(LONGEST);
        let (mut changed, mut looked) = (None::<Instant>, began);
        loop {
            if progress.is_cancelled() {
                return Woken::Stopped;
            }
            if changed.is_some_and(|at| at.elapsed() >= pause) {
                return Woken::Changed;
            }
            // a folder that never comes to rest is looked at all the same
            if began.elapsed() >= longest {
                return Woken::Due;
            }
            if looked.elapsed() >= AWAY {
                looked = Instant::now();
                if self.look() {
                    changed.get_or_insert(looked);
                }
            }
            match self.events.recv_timeout(TICK) {
                Ok(()) => changed = Some(Instant::now()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(TICK),
            }
        }
    }

    /// Watches folders that came back; says whether one did.
    fn look(&mut self) -> bool {
        let there: HashSet<PathBuf> =
            self.dirs.iter().filter(|dir| dir.is_dir()).cloned().collect();
        let back: Vec<&PathBuf> = there.difference(&self.there).collect();
        for dir in &back {
            if let Some(watcher) = &mut self.watcher
                && let Err(error) = watcher.watch(dir, RecursiveMode::Recursive)
            {
                tracing::warn!(%error, dir = %dir.display(), "looked at now and then only");
            }
        }
        let came = !back.is_empty();
        if let Some(watcher) = &mut self.watcher {
            for dir in self.there.difference(&there) {
                // it is gone, and so is the watch
                let _ = watcher.unwatch(dir);
            }
        }
        self.there = there;
        came
    }
}

/// Whether bytes or names may be others now. That somebody reads (a pass does) is no change.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_millis(50);
    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn a_new_file_ends_the_waiting_and_reading_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a/b.jpg");
        crate::files::create_dirs(file.parent().unwrap()).unwrap();
        let mut follow = Follow::new(vec![dir.path().to_owned()]);
        crate::files::write_new(&file, b"x").unwrap();
        assert_eq!(follow.wait(PAUSE, LONG, &Progress::new()), Woken::Changed);
        // what the system still had to tell of the writing
        let quiet = Duration::from_secs(1);
        while follow.wait(PAUSE, quiet, &Progress::new()) == Woken::Changed {}
        assert_eq!(std::fs::read(&file).unwrap(), b"x");
        assert_eq!(follow.wait(PAUSE, quiet, &Progress::new()), Woken::Due);
    }

    #[test]
    fn a_folder_that_comes_back_ends_the_waiting_and_is_watched_again() {
        let dir = tempfile::tempdir().unwrap();
        let away = dir.path().join("drive");
        let mut follow = Follow::new(vec![away.clone()]);
        crate::files::create_dirs(&away).unwrap();
        assert_eq!(follow.wait(PAUSE, LONG, &Progress::new()), Woken::Changed);
        crate::files::write_new(&away.join("b.jpg"), b"x").unwrap();
        assert_eq!(follow.wait(PAUSE, LONG, &Progress::new()), Woken::Changed);
    }

    #[test]
    fn waiting_can_be_stopped() {
        let dir = tempfile::tempdir().unwrap();
        let progress = Progress::new();
        progress.cancel();
        let mut follow = Follow::new(vec![dir.path().to_owned()]);
        assert_eq!(follow.wait(PAUSE, LONG, &progress), Woken::Stopped);
    }
}
