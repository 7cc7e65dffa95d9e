//! The only writer of files in the program.
//!
//! Nothing appears under its final name before it is whole: every file is written under a temporary
//! name in its own folder, synced, moved into place without replacing anything, and the folder is
//! synced. Copies are read back past the page cache and compared with the hash taken while the
//! source was read. Leftovers of a killed run have a name only we use, and are swept.
//! What the files mean is not known here.

mod copy;
mod error;
mod folders;
mod glance;
mod last_change;
mod log;
mod mark;
mod names;
mod read_back;
mod size;
mod sums;
mod write;

pub(crate) use copy::mtime_ns;
pub use copy::{
    CopyError, Source, Staged, Stager, VerifiedCopyError, copy_verified, hash_of, sums_of,
};
pub use error::FileError;
pub use folders::{
    create_dirs, device_of, free_space, keep_private, real_path, remove, remove_dir_all,
    remove_if_empty, sweep, sync_dir,
};
pub use glance::head;
pub use last_change::{keeps_changes, last_change_of};
pub use log::Log;
pub use mark::{is_root, mark_root, root_mark};
pub use names::{NAME_MAX_BYTES, fold_name, is_temp, numbered, safe_name, safe_name_of};
pub use read_back::{Block, ReadBack, read_back};
pub use size::size;
pub use sums::{SumKind, Xxh64, c4_of};
pub use write::{NewFile, is_whole, move_new, replace, touch, write_new};
