//! From the catalogue to the bucket: journal, seal, check, put, commit.
//!
//! A photo is *backed up* only after a commit that reaches it was read back from the bucket and
//! opened. Everything before may be cut off at any moment: the next run goes on, and what was put
//! without being named harms nobody.

pub mod format;
