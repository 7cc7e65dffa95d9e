//! What runs by itself: folders that are watched.
//!
//! Finished pictures and editors' catalogue backups join the library without being asked for:
//! verified copies in `Finished/` and `Catalogue backups/`, known to the catalogue and so to the next
//! backup. The watched folder is only read. What is still being written is left for the next pass, a
//! folder that is away is said to be away and waited for.
//!
//! - `watched` which folders, and as what · `editors` which files an editor's catalogue is made of
//! - `attach` whose finished version a picture is · `pass` one look over one folder
//! - `follow` when to look again
//!
//! Mirrors get their copies when an import or their own run makes them up.

mod attach;
mod editors;
mod error;
mod follow;
mod pass;
mod watched;

pub use error::RoutineError;
pub use follow::{Follow, Woken};
pub use pass::{Added, FolderReport, SETTLE, pass};
pub use watched::{Kind, Watched};
