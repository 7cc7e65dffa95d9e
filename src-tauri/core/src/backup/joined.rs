//! The state of a vault: the join of its heads.
//!
//! Joining is a union (for slots, revoked wins; for devices, the larger number), so it may be done
//! in any order and repeated: no lock and no base database exist.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::keys::json;
use crate::media::{DeviceId, ShootId};

use super::error::{BackupError, Result, RolledBack};
use super::format::{Commit, CommitName, FormatError, ObjectId, Sha};

type Rand = crate::media::FileId;

/// What all heads together name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// The heads: the next commit's parents.
    pub parents: Vec<(CommitName, Sha)>,
    /// The rands of all listed commits whose content is in here, the heads' own too.
    pub contains: BTreeSet<Rand>,
    /// The highest seq that was opened.
    pub seq: u64,
    pub generation: u32,
    pub devices: BTreeMap<DeviceId, u64>,
    pub ring: BTreeMap<ShootId, BTreeMap<ObjectId, Sha>>,
    pub segments: BTreeMap<ObjectId, Sha>,
    pub slots: BTreeMap<String, Option<Sha>>,
}

impl Joined {
    /// Joins one more head.
    pub fn join(&mut self, name: CommitName, sha: Sha, generation: u32, commit: Commit) {
        self.parents.push((name, sha));
        self.parents.sort_unstable();
        self.contains.insert(name.rand);
        self.contains.extend(commit.contains);
        self.seq = self.seq.max(commit.seq);
        self.generation = self.generation.max(generation);
        for (device, seq) in commit.devices {
            let known = self.devices.entry(device).or_default();
            *known = (*known).max(seq);
        }
        for (shoot, pages) in commit.ring {
            self.ring.entry(shoot).or_default().extend(pages);
        }
        self.segments.extend(commit.segments);
        for (file, sha) in commit.slots {
            self.slots.entry(file).and_modify(|known| *known = known.and(sha)).or_insert(sha);
        }
    }

    /// Whether every listed commit is in here and every head still listed: nothing is new.
    #[must_use]
    pub fn is_current(&self, listed: &BTreeSet<CommitName>) -> bool {
        listed.iter().all(|name| self.contains.contains(&name.rand))
            && self.parents.iter().all(|(name, _)| listed.contains(name))
    }

    /// Refuses a state in which any device, or the generation, is behind `self`.
    pub(super) fn check_not_behind(&self, now: &Self) -> Result<()> {
        let behind = |what| Err(BackupError::RolledBack { what });
        if now.generation < self.generation {
            return behind(RolledBack::Generation { had: self.generation, has: now.generation });
        }
        for (&device, &had) in &self.devices {
            let has = now.devices.get(&device).copied().unwrap_or(0);
            if has < had {
                return behind(RolledBack::Device { device, had, has });
            }
        }
        Ok(())
    }

    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("plain data")
    }

    /// # Errors
    /// When the text is no such state.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        json::read(bytes).map_err(|e| BackupError::Format {
            name: "the kept state of the vault".to_owned(),
            source: FormatError::from(e),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::format::Totals;

    const A: DeviceId = DeviceId([1; 8]);
    const B: DeviceId = DeviceId([2; 8]);
    const SHOOT: ShootId = ShootId([9; 16]);

    fn head(device: DeviceId, seq: u64, mark: u8) -> (CommitName, Sha, Commit) {
        let name = CommitName { seq, device, rand: crate::media::FileId([mark; 8]) };
        let (id, sha) = (ObjectId([mark; 20]), Sha([mark; 32]));
        let commit = Commit {
            v: 1,
            seq,
            device,
            hlc: (0, 0),
            parents: Vec::new(),
            contains: [crate::media::FileId([99; 8])].into(),
            devices: [(device, seq)].into(),
            ring: [(SHOOT, [(id, sha)].into())].into(),
            segments: [(id, sha)].into(),
            slots: [
                (format!("own-{mark}"), Some(sha)),
                ("shared".to_owned(), (mark == 1).then_some(sha)),
            ]
            .into(),
            vault: String::new(),
            totals: Totals::default(),
            program: String::new(),
            newer: false,
        };
        (name, sha, commit)
    }

    fn join(heads: &[(CommitName, Sha, Commit)]) -> Joined {
        let mut joined = Joined::default();
        for (name, sha, commit) in heads {
            joined.join(*name, *sha, 1, commit.clone());
        }
        joined
    }

    #[test]
    fn heads_join_to_one_state_in_any_order_and_any_number_of_times() {
        let (a, b) = (head(A, 5, 1), head(B, 7, 2));
        let once = join(&[a.clone(), b.clone()]);
        assert_eq!(once, join(&[b.clone(), a.clone()]));
        let mut again = join(&[a.clone(), b.clone(), a.clone()]);
        again.parents.dedup();
        assert_eq!(once, again);
        assert_eq!((once.seq, once.ring[&SHOOT].len(), once.segments.len()), (7, 2, 2));
        assert_eq!(once.slots["shared"], None, "revoked by one head is revoked");
        assert_eq!(once.slots["own-1"], Some(Sha([1; 32])));
        assert_eq!(Joined::read(&once.to_bytes()).expect("reads"), once);
    }

    #[test]
    fn nothing_is_new_only_while_the_heads_are_listed() {
        let (a, b) = (head(A, 5, 1), head(B, 7, 2));
        let joined = join(&[a.clone(), b.clone()]);
        let old = CommitName { seq: 1, device: A, rand: crate::media::FileId([99; 8]) };
        assert!(joined.is_current(&[a.0, b.0, old].into()));
        assert!(joined.is_current(&[a.0, b.0].into()));
        assert!(!joined.is_current(&[a.0, b.0, head(A, 8, 3).0].into()), "a new commit");
        assert!(!joined.is_current(&[a.0].into()), "a head went away");
    }

    #[test]
    fn an_older_state_is_refused_by_device_and_by_generation() {
        let seen = join(&[head(A, 5, 1), head(B, 7, 2)]);
        assert!(seen.check_not_behind(&seen).is_ok());
        let behind = join(&[head(A, 5, 1), head(B, 6, 2)]);
        assert!(matches!(
            seen.check_not_behind(&behind),
            Err(BackupError::RolledBack { what: RolledBack::Device { device: B, had: 7, has: 6 } })
        ));
        assert!(seen.check_not_behind(&join(&[head(A, 50, 1)])).is_err(), "B is gone altogether");
        let mut newer = seen.clone();
        newer.generation = 2;
        assert!(newer.check_not_behind(&seen).is_err());
        assert!(seen.check_not_behind(&newer).is_ok());
    }
}
