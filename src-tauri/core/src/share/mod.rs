//! Links for clients: an album, encrypted for one link that ends by itself.
//!
//! A share is a folder of ciphertext in the bucket, `s/<share id>/`, and a link to the page in it.
//! Its secret stands behind the link's `#`, which browsers never send, so whoever runs the bucket
//! serves what they cannot read. Everything is made for this share alone: renditions without
//! metadata, sealed under a key that no other share and no vault knows.
//!
//! ```text
//! s/<share id>/view          the gallery page; holds nothing private
//!              index/<n>     the album: title, order, captions, addresses (see `index`)
//!              <item id>     one rendition or original
//! ```
//!
//! - `link`, `passcode`, `index` the format · `page` what is served as `view`
//! - `create`, `render` making one · `record` what the catalogue keeps · `revoke` the end of one
//! - `visit` reads a link as the page does

mod create;
mod error;
mod index;
mod link;
mod page;
mod passcode;
mod record;
mod render;
mod revoke;
#[cfg(test)]
mod tests;
mod visit;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;

use crate::catalog::Catalog;
use crate::encryption::Key;
use crate::keys;
use crate::media::{PhotoId, ShareId};
use crate::previews::Cache;
use crate::store::{Clock, Store};

pub use error::ShareError;
pub use index::{BadIndex, Index, Originals, Rights, Shown};
pub use link::{BadLink, Link, share_from_name, share_name};
pub use passcode::{BadPasscode, Passcode};
pub use record::{ShareInfo, State, list, show};
pub use revoke::{Revoked, Swept};
pub use visit::{Visited, visit};

/// The longest a page is signed for, whatever the share's end: so long it can say what became of it.
const PAGE_LIVES: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The longer side of a gallery's small pictures.
const THUMB_PX: u32 = 512;

/// What one share is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareOptions {
    /// What the page is headed with.
    pub title: String,
    pub message: Option<String>,
    /// 1 s to 7 days.
    pub expires_in: Duration,
    /// Make a passcode that is part of the key.
    pub passcode: bool,
    /// Text burned into every picture.
    pub watermark: Option<String>,
    /// The longer side of the pictures, 256 to 8192.
    pub size_px: u32,
    pub originals: Originals,
}

impl Default for ShareOptions {
    fn default() -> Self {
        Self {
            title: String::new(),
            message: None,
            expires_in: Duration::from_secs(72 * 60 * 60),
            passcode: false,
            watermark: None,
            size_px: 2048,
            originals: Originals::None,
        }
    }
}

/// A share that was made.
#[derive(Clone, Serialize)]
pub struct Created {
    pub url: String,
    /// Its name in the bucket, below `s/`.
    pub share_id: String,
    pub expires_at: Timestamp,
    pub passcode: Option<String>,
    /// Photos shown.
    pub items: u64,
    /// Sealed bytes put into the bucket.
    pub bytes: u64,
    pub failed: Vec<LeftOut>,
}

impl std::fmt::Debug for Created {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Created({}, {} photos, [REDACTED])", self.share_id, self.items)
    }
}

/// A photo that is not in the share, or not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    pub photo: PhotoId,
    /// The name of its leading file.
    pub path: String,
    pub reason: String,
}

/// Everything sharing needs.
#[derive(Clone)]
pub struct Shares {
    /// The share bucket, or the vault's.
    pub store: Arc<dyn Store>,
    pub catalog: Arc<Catalog>,
    /// A photo whose original is not on this computer is shown by its cached view.
    pub previews: Cache,
    /// The root the catalogue's paths are relative to.
    pub library: PathBuf,
    /// The built gallery page.
    pub page: Bytes,
    pub now: Clock,
}

impl std::fmt::Debug for Shares {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shares").field("store", &self.store).finish_non_exhaustive()
    }
}

/// The key everything of a share is sealed under.
fn share_key(secret: &Key, share: ShareId, passcode: Option<&Passcode>) -> Key {
    match passcode {
        None => keys::share::share_key(share, secret),
        Some(passcode) => keys::share::share_key_with_passcode(share, secret, passcode.expose()),
    }
}

/// The name of a share's object in the store.
fn object(share: ShareId, item: &str) -> String {
    format!("s/{}/{item}", share_name(share))
}
