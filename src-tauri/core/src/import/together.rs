//! Imports that run at the same time into one library.
//!
//! What they must share is little: no name is given twice (numbers are the catalogue's matter), content that two cards
//! bring is recorded once (whoever commits later finds it in the catalogue), and the half files of
//! one are not taken for another's leftovers.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What running imports of one library know of one another. One for each library.
#[derive(Debug, Default)]
pub struct Together {
    turn: Mutex<()>,
    promised: Mutex<Promised>,
}

/// Names that are given but not yet in library and catalogue.
#[derive(Debug, Default)]
pub(super) struct Promised {
    /// Plans that are being carried out, or may be.
    plans: usize,
    /// Paths in the form they are compared in.
    pub names: HashSet<String>,
}

/// A plan's share of what is promised; it ends with the plan.
#[derive(Debug)]
pub(super) struct NamePromise {
    together: Arc<Together>,
    names: Vec<String>,
}

impl Together {
    /// The right to compare with the catalogue and to record in it, for one import at a time.
    pub(super) fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn promised(&self) -> MutexGuard<'_, Promised> {
        self.promised.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether no more than `count` plans are about.
    #[must_use]
    pub fn at_most(&self, count: usize) -> bool {
        self.promised().plans <= count
    }
}

impl Promised {
    /// Whether nothing is under way, so that every half file is a leftover.
    pub fn is_idle(&self) -> bool {
        self.plans == 0
    }

    /// Promises these paths to a plan.
    pub fn promise(&mut self, together: &Arc<Together>, names: Vec<String>) -> NamePromise {
        self.plans += 1;
        self.names.extend(names.iter().cloned());
        NamePromise { together: Arc::clone(together), names }
    }
}

impl Drop for NamePromise {
    fn drop(&mut self) {
        let mut promised = self.together.promised();
        promised.plans -= 1;
        for name in &self.names {
            promised.names.remove(name);
        }
    }
}
