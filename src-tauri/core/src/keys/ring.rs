//! The keys of subjects, in memory while the vault is open.
//!
//! A subject key is the only thing that opens a photo, its rows and its previews. It lies in the
//! ring pages of the shoot it was minted for, and a page always holds all its writer knew of that
//! shoot: the ring is therefore kept by shoot. What is gone stays gone, whoever brings it back.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::encryption::{Key, fill_random};
use crate::media::{KeyId, ShootId, SubjectId};

use super::error::KeysError;

/// Whose page holds the keys of albums, clients, shares, devices, settings and lone photos.
pub const MAIN_SHOOT: ShootId = ShootId([0; 16]);

/// Every subject key this computer knows of one vault.
#[derive(Debug, Clone, Default)]
pub struct KeyRing {
    shoots: BTreeMap<ShootId, BTreeMap<KeyId, Key>>,
    home: HashMap<KeyId, ShootId>,
    gone: BTreeSet<SubjectId>,
}

impl KeyRing {
    /// Returns the key of that id, if it is known and not gone.
    #[must_use]
    pub fn get(&self, kid: KeyId) -> Option<&Key> {
        self.shoots.get(self.home.get(&kid)?)?.get(&kid)
    }

    /// Returns the shoot in whose pages the key lies.
    #[must_use]
    pub fn shoot_of(&self, kid: KeyId) -> Option<ShootId> {
        self.home.get(&kid).copied()
    }

    /// Makes a new key. It is not safe to use before a page with it was put and read back.
    pub fn mint(&mut self, shoot: ShootId) -> KeyId {
        let mut id = [0; 16];
        fill_random(&mut id);
        let kid = KeyId(id);
        self.home.insert(kid, shoot);
        self.shoots.entry(shoot).or_default().insert(kid, Key::random());
        kid
    }

    /// Takes in a key read from a page of `shoot`. Gone ones are passed over.
    ///
    /// # Errors
    /// When the same id is known with another key: damage.
    pub fn add(&mut self, shoot: ShootId, kid: KeyId, key: Key) -> Result<(), KeysError> {
        if self.is_gone(SubjectId(kid.0)) {
            return Ok(());
        }
        if let Some(known) = self.get(kid) {
            return if *known == key { Ok(()) } else { Err(KeysError::TwoKeys { kid }) };
        }
        self.home.insert(kid, shoot);
        self.shoots.entry(shoot).or_default().insert(kid, key);
        Ok(())
    }

    /// Notes that these key ids and subject ids are gone, for ever, and drops their keys.
    pub fn remove(&mut self, gone: impl IntoIterator<Item = SubjectId>) {
        for id in gone {
            let kid = KeyId(id.0);
            if let Some(keys) = self.home.remove(&kid).and_then(|s| self.shoots.get_mut(&s)) {
                keys.remove(&kid);
            }
            self.gone.insert(id);
        }
    }

    #[must_use]
    pub fn is_gone(&self, id: SubjectId) -> bool {
        self.gone.contains(&id)
    }

    /// Everything gone: key ids and the subjects they stood for.
    pub fn gone(&self) -> impl Iterator<Item = SubjectId> {
        self.gone.iter().copied()
    }

    /// The keys of one shoot, by id.
    pub fn keys_of(&self, shoot: ShootId) -> impl Iterator<Item = (KeyId, &Key)> {
        self.shoots.get(&shoot).into_iter().flatten().map(|(kid, key)| (*kid, key))
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.home.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.home.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOOT: ShootId = ShootId([1; 16]);

    #[test]
    fn what_is_gone_stays_gone_whoever_brings_it() {
        let mut ring = KeyRing::default();
        let kid = ring.mint(SHOOT);
        let key = ring.get(kid).expect("minted").clone();
        ring.remove([SubjectId(kid.0)]);
        ring.add(SHOOT, kid, key).expect("passed over");
        assert!(ring.get(kid).is_none() && ring.is_empty());
        assert_eq!(ring.keys_of(SHOOT).count(), 0);
    }

    #[test]
    fn one_key_id_with_two_keys_is_damage() {
        let mut ring = KeyRing::default();
        let kid = ring.mint(SHOOT);
        let key = ring.get(kid).expect("minted").clone();
        ring.add(SHOOT, kid, key).expect("the same key again");
        assert!(matches!(
            ring.add(SHOOT, kid, Key::random()),
            Err(KeysError::TwoKeys { kid: named }) if named == kid
        ));
    }

    #[test]
    fn a_ring_never_prints_its_keys() {
        let mut ring = KeyRing::default();
        ring.add(SHOOT, KeyId([2; 16]), Key::from_bytes([0xcd; 32])).expect("new");
        let shown = format!("{ring:?}");
        assert!(shown.contains("[REDACTED]") && !shown.contains("205"), "{shown}");
    }
}
