//! The tests of the whole: the real program, killed midway, against real servers.
//!
//! What one room promises is tested in that room.
#![allow(clippy::disallowed_methods, reason = "tests make and break files of their own")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod architecture;
mod bad_input;
mod bucket;
mod canary;
mod cards;
mod crash;
mod demo;
mod export;
mod faults;
mod films;
mod gallery;
mod hostile;
mod hostile_names;
mod import_measures;
mod in_place;
mod looking;
mod looking_measures;
mod manifest_mhl;
mod mirrors;
mod presets;
mod previews;
mod restore;
mod roundtrip;
mod sidecars;
mod store_contract;
mod store_s3;
mod store_services;
mod support;
mod truth;
mod window;
mod window_card;
mod window_crash;
mod window_first_run;
mod window_jobs;
mod window_keys;
mod window_misfortunes;
mod window_settings;
mod window_states;
mod window_twice;
mod words;
