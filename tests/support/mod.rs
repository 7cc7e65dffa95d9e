//! What the tests need of the world: servers, and a plain line to them.

pub mod ascmhl;
pub mod bombs;
pub mod browser;
pub mod desktop;
pub mod x11;
pub mod canned;
pub mod garage;
pub mod http;
pub mod keyring;
pub mod large_library;
pub mod processes;
pub mod program;
pub mod readers;
pub mod states;
