//! Vault format 1, byte by byte: names, headers, paddings and JSON of everything in the bucket.
//!
//! Pure functions over bytes: no network, no disk, no time. What is read here may have been written
//! by whoever holds the bucket, so every reader checks lengths before it slices and refuses what it
//! does not know exactly. `encryption/FORMAT.md` says the same in words.

mod about;
mod commit;
mod context;
mod file;
mod id;
mod pack;
mod padme;
mod page;
mod place;
mod sealed;
mod segment;

pub use about::{ABOUT_NAME, About};
pub use commit::{Commit, CommitName, Totals};
pub use context::Context;
pub use file::{FileHeader, ItemKind};
pub use id::{ObjectId, Sha, object_name};
pub use pack::{ITEM_LIMIT, PACK_LIMIT, PackIndex, PackItem, PackWriter, read_index};
pub use padme::padme;
pub use page::{Page, page_name};
pub use place::Place;
pub use sealed::{
    DSO1_PREFIX, open_object, open_tombstones, open_under_vault, read_object_kid, seal_object,
    seal_under_vault, under_vault_generation,
};
pub use segment::{SEGMENT_LIMIT, SealedRow, SegmentWriter, read_segment};

/// Why bytes from the bucket are not what their name says.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    #[error(transparent)]
    Open(#[from] crate::encryption::OpenError),
    #[error(transparent)]
    Json(#[from] crate::keys::json::JsonError),
    #[error("{0}")]
    Shape(&'static str),
}

pub type Result<T, E = FormatError> = std::result::Result<T, E>;

/// Splits `n` bytes off the front of what came from outside.
fn take<'b>(bytes: &mut &'b [u8], n: usize) -> Result<&'b [u8]> {
    let (head, rest) = bytes.split_at_checked(n).ok_or(FormatError::Shape("cut short"))?;
    *bytes = rest;
    Ok(head)
}

/// Splits a big-endian u32 off the front.
fn take_u32(bytes: &mut &[u8]) -> Result<u32> {
    let four = take(bytes, 4)?;
    Ok(u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
}
