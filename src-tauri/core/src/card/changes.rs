//! Tells when cards may have come or gone, so that one that is put in is seen at once and nobody
//! looks in vain all day.
//!
//! On Linux the table of mounts wakes whoever waits for it. Elsewhere, and where that table cannot be
//! read, a look every two seconds has to do. Only says when: which cards are in is `find_cards`.

#[cfg(target_os = "linux")]
use std::fs::File;
use std::time::Duration;

/// How often to look where the system tells nothing.
const LOOK: Duration = Duration::from_secs(2);

/// What comes and goes, from when this was made.
#[derive(Debug)]
pub struct Changes {
    #[cfg(target_os = "linux")]
    mounts: Option<File>,
}

impl Default for Changes {
    fn default() -> Self {
        Self::new()
    }
}

impl Changes {
    /// Every change from now on ends a wait, also one that comes while nobody waits.
    #[must_use]
    pub fn new() -> Self {
        Self {
            #[cfg(target_os = "linux")]
            mounts: File::open("/proc/self/mountinfo").ok(),
        }
    }

    /// Waits until it is time to look: something was mounted or taken out, or `longest` is over.
    pub fn wait(&self, longest: Duration) {
        if !self.told(longest) {
            std::thread::sleep(longest.min(LOOK));
        }
    }

    /// Whether the system can be waited for, and was.
    #[cfg(target_os = "linux")]
    fn told(&self, longest: Duration) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};

        let Some(mounts) = &self.mounts else { return false };
        // The table is always readable; that it has changed is an exceptional condition of it.
        let mut table = [PollFd::new(mounts, PollFlags::PRI)];
        let Ok(longest) = Timespec::try_from(longest) else { return false };
        match poll(&mut table, Some(&longest)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => true,
            Err(_) => false,
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn told(&self, _longest: Duration) -> bool {
        false
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::Instant;

    use super::*;

    /// That a mount ends the wait is shown by a card in the window's tests.
    #[test]
    fn nothing_ends_the_wait_while_nothing_changes() {
        let changes = Changes::new();
        // What other programs mount meanwhile ends one wait, not several in a row.
        let quiet = (0..20).any(|_| {
            let begun = Instant::now();
            changes.wait(Duration::from_millis(200));
            begun.elapsed() >= Duration::from_millis(200)
        });
        assert!(quiet, "it rests");
    }
}
