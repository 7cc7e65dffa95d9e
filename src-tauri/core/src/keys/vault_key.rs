//! The vault key of one generation and the three keys drawn from it.

use crate::encryption::{Key, expand};

/// What a slot holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultKey {
    pub generation: u32,
    key: Key,
}

/// What a sub-key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubKey {
    /// Ring pages.
    Ring,
    /// Segments.
    Cat,
    /// Commits and tombstones.
    Log,
}

impl SubKey {
    /// The word in derivations and contexts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ring => "ring",
            Self::Cat => "cat",
            Self::Log => "log",
        }
    }
}

impl VaultKey {
    /// The first key of a new vault.
    #[must_use]
    pub fn first() -> Self {
        Self { generation: 1, key: Key::random() }
    }

    #[must_use]
    pub const fn new(generation: u32, key: Key) -> Self {
        Self { generation, key }
    }

    #[must_use]
    pub fn sub_key(&self, which: SubKey) -> Key {
        let info = [b"darkslide/1/", which.word().as_bytes()];
        Key::from_bytes(*expand::<32>(self.key.expose(), &info))
    }

    pub(super) const fn key(&self) -> &Key {
        &self.key
    }
}
