//! What a file says about itself: its format, when and with what it was taken, how it is turned.
//!
//! Nothing here fails and nothing is invented: what could not be read is absent. Cards hold broken
//! and hostile files, so every read is bounded and no panic of a parser gets out.
//! Pixels are `previews`' business; writing XMP sidecars comes with a later issue.

mod format;
mod record;
pub mod xmp;

pub use format::{Format, HEAD, format_by_name, format_of};
pub use record::{Gps, Metadata, read};
pub use xmp::Xmp;
