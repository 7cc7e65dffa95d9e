//! From the catalogue to the bucket: journal, seal, check, put, commit.
//!
//! A photo is *backed up* only after a commit that reaches it was read back from the bucket and
//! opened. Everything before may be cut off at any moment: the next run goes on, and what was put
//! without being named harms nobody.

mod body;
mod bucket;
mod buffer;
mod commit;
mod computer;
mod create;
mod error;
#[cfg(test)]
mod fixture;
pub mod format;
mod guard;
mod heads;
mod join;
mod joined;
mod make;
mod mint;
mod options;
mod parts;
mod plan;
mod recover;
mod run;
#[cfg(test)]
mod tests;
mod unlock;

pub use computer::{Computer, OpenVault, keep_about, last_commit};
pub use create::create;
pub use error::{BackupError, Result, RolledBack};
pub use join::JoinReport;
pub use joined::Joined;
pub(crate) use make::GONE;
pub use options::{BackupOptions, BackupReport, Failed};
pub use unlock::{WayIn, bucket_slots, keep_slot, open_slots, unlock};
