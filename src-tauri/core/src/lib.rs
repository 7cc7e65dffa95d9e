//! Darkslide's core: from a memory card to a catalogue, an encrypted bucket and a client's link.
//!
//! The order of the `mod` lines is the order of dependence: a room names only rooms above it
//! (`tests/architecture.rs` in the workspace root holds the table). Nothing here prints, reads the
//! environment or asks the system for the time: `vault::Settings` brings all of that in.
//! Up to `keys` everything is blocking code for threads; from `store` on it is async.

pub mod error;
pub mod media;
pub mod progress;
pub mod files;
pub mod sandbox;
pub mod metadata;
pub mod card;
pub mod catalog;
pub mod import;
pub mod export;
pub mod previews;
pub mod worker;
pub mod encryption;
pub mod keys;
pub mod store;
pub mod backup;
pub mod restore;
pub mod share;
pub mod routine;
pub mod vault;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
