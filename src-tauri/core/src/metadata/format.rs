//! Which format a file is: by its first bytes where they tell, by its name where they do not.

use crate::media::{MediaKind, Role};

/// A file format as the catalogue names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// Upper-case word: "JPEG", "CR3", "MP4", "XMP"; "" when unknown.
    pub name: &'static str,
    pub mime: &'static str,
    pub kind: MediaKind,
    pub role: Role,
}

/// How many first bytes `format_of` wants to see.
pub const HEAD: usize = 4096;

/// Returns the format the extension of `name` promises.
#[must_use]
pub fn format_by_name(_name: &str) -> Format {
    unimplemented!()
}

/// Returns the format of a file that is called `name` and begins with `head`.
#[must_use]
pub fn format_of(_name: &str, _head: &[u8]) -> Format {
    unimplemented!()
}
