//! The moment a field was set: a hybrid logical clock and the device that set it.
//!
//! The clock never goes back: it is the wall clock where that has moved on, else the last stamp
//! plus one. It stands in the database, so a restart or a clock set back cannot make an edit older
//! than what it edits. A stamp received from far in the future wins its field, but is not taken
//! over as this computer's own clock.

use crate::media::DeviceId;

/// When and by whom a field was set. Ordered as vault format 1 says: milliseconds, counter, device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    pub ms: u64,
    pub counter: u32,
    pub device: DeviceId,
}

/// The largest time a stamp may carry: JSON's integers are exact up to here.
pub const MAX_MS: u64 = (1 << 53) - 1;

/// How far ahead of this computer a received stamp may be to be taken over as its clock.
pub const MAX_AHEAD_MS: u64 = 24 * 60 * 60 * 1000;

/// The clock as it stands: the last moment given out or received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Hlc {
    pub ms: u64,
    pub counter: u32,
}

impl Hlc {
    /// The next moment: later than every one before it.
    pub fn tick(&mut self, now_ms: u64) -> Self {
        *self = if now_ms > self.ms { Self { ms: now_ms, counter: 0 } } else { self.successor() };
        *self
    }

    /// Takes over a received moment, unless it lies too far ahead.
    pub fn receive(&mut self, stamp: &Stamp, now_ms: u64) {
        if stamp.ms <= now_ms.saturating_add(MAX_AHEAD_MS) {
            *self = (*self).max(Self { ms: stamp.ms, counter: stamp.counter });
        }
    }

    /// The smallest moment after this one.
    pub fn successor(self) -> Self {
        match self.counter.checked_add(1) {
            Some(counter) => Self { counter, ..self },
            None => Self { ms: (self.ms + 1).min(MAX_MS), counter: 0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: DeviceId = DeviceId([1; 8]);

    #[test]
    fn a_clock_set_back_does_not_take_the_stamps_back() {
        let mut clock = Hlc::default();
        let first = clock.tick(1_000);
        let second = clock.tick(10);
        assert!(second > first, "an edit made after another must be the newer one");
        assert_eq!(second, Hlc { ms: 1_000, counter: 1 });
        assert_eq!(clock.tick(1_001), Hlc { ms: 1_001, counter: 0 });
    }

    #[test]
    fn a_full_counter_runs_over_into_the_milliseconds() {
        let mut clock = Hlc { ms: 5, counter: u32::MAX };
        assert_eq!(clock.tick(1), Hlc { ms: 6, counter: 0 });
    }

    #[test]
    fn a_received_moment_is_taken_over_unless_it_is_a_day_ahead() {
        let mut clock = Hlc { ms: 1_000, counter: 0 };
        clock.receive(&Stamp { ms: 2_000, counter: 7, device: DEVICE }, 1_000);
        assert_eq!(
            clock,
            Hlc { ms: 2_000, counter: 7 },
            "later edits here must beat what was read"
        );
        clock.receive(&Stamp { ms: 1_000 + MAX_AHEAD_MS + 1, counter: 0, device: DEVICE }, 1_000);
        assert_eq!(clock, Hlc { ms: 2_000, counter: 7 }, "a mad clock elsewhere is not our clock");
    }
}
