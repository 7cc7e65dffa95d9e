//! The index: the album as the page shows it, encrypted under the share's key.
//!
//! ```text
//! plaintext = length of the JSON (u32, big-endian) | JSON | 32 raw signature bytes an item
//! ```
//!
//! Whole presigned addresses would be 400 bytes an item that differ in 64 of them, so the JSON holds
//! one address with `{item}` and `{signature}` in it. An index is written once under its number `n`,
//! which stands in the link and in the context: one of an older link does not open with a newer.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::link::share_name;
use crate::encryption::{self, Key, OpenError, Salt};
use crate::media::ShareId;

/// The version of the JSON below.
pub const VERSION: u32 = 1;
/// Where the item's name stands in the template.
const ITEM: &str = "{item}";
/// Where the item's signature stands in the template.
const SIGNATURE: &str = "{signature}";

/// An album as one link shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    pub v: u32,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Whom to ask: the photographer's or studio's name, where it is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub studio: Option<String>,
    pub created: Timestamp,
    pub end: Timestamp,
    pub rights: Rights,
    /// A presigned address of this share with `{item}` and `{signature}` in it.
    pub template: String,
    /// Name and sealed length of every item; photos point into this list.
    pub items: Vec<(String, u64)>,
    /// In the order they are shown.
    pub photos: Vec<Shown>,
    #[serde(skip)]
    pub signatures: Vec<[u8; 32]>,
}

#[derive(Deserialize)]
struct Versioned {
    v: u32,
}

/// What the client may do beyond looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// The page offers to save what it shows.
    pub save: bool,
    /// Which photos have their full-size original in the share.
    pub originals: Originals,
    /// Every rendition carries a watermark.
    pub watermark: bool,
}

/// Which photos of a share have a full-size item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Originals {
    #[default]
    None,
    /// Those the photographer picked (flag `pick`).
    Chosen,
    All,
}

/// One photo of the gallery. Numbers point into `Index::items`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The file name the client saves it under.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Of the view, upright, in pixels: the page lays out before anything is fetched.
    pub width: u32,
    pub height: u32,
    pub thumb: usize,
    pub view: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full: Option<usize>,
}

/// An index that does not open, or is not one.
#[derive(Debug, thiserror::Error)]
pub enum BadIndex {
    #[error("the index does not open")]
    Sealed(#[source] OpenError),
    #[error("the index is no index: {0}")]
    Shape(&'static str),
    #[error("the index is no index")]
    Json(#[source] serde_json::Error),
    #[error("the index is of version {0}, this program reads {VERSION}")]
    Newer(u32),
}

impl Index {
    /// Seals it as index `n` of `share`.
    ///
    /// # Panics
    /// Never: an index is strings and numbers, which JSON can always hold.
    #[must_use]
    pub fn seal(&self, key: &Key, share: ShareId, n: u32) -> Vec<u8> {
        let json = serde_json::to_vec(self).expect("strings and numbers are always JSON");
        let length = u32::try_from(json.len()).expect("an index is far under 4 GiB");
        let mut plain = Vec::with_capacity(4 + json.len() + 32 * self.signatures.len());
        plain.extend_from_slice(&length.to_be_bytes());
        plain.extend_from_slice(&json);
        plain.extend_from_slice(self.signatures.as_flattened());
        encryption::seal(key, Salt::random(), &index_context(share, n), &plain)
    }

    /// Opens index `n` of `share` and checks that it hangs together.
    ///
    /// # Errors
    /// `BadIndex`; a wrong passcode is `Sealed(OpenError::WrongKey)`.
    pub fn open(key: &Key, share: ShareId, n: u32, sealed: &[u8]) -> Result<Self, BadIndex> {
        let plain =
            encryption::open(key, &index_context(share, n), sealed).map_err(BadIndex::Sealed)?;
        let (length, rest) = plain.split_first_chunk::<4>().ok_or(BadIndex::Shape("too short"))?;
        let length = u32::from_be_bytes(*length) as usize;
        let (json, raw) = rest.split_at_checked(length).ok_or(BadIndex::Shape("its length"))?;
        // A newer one may have another shape altogether: its version is read first.
        let Versioned { v } = serde_json::from_slice(json).map_err(BadIndex::Json)?;
        if v != VERSION {
            return Err(BadIndex::Newer(v));
        }
        let mut index: Self = serde_json::from_slice(json).map_err(BadIndex::Json)?;
        let (signatures, rest) = raw.as_chunks::<32>();
        if !rest.is_empty() || signatures.len() != index.items.len() {
            return Err(BadIndex::Shape("its signatures"));
        }
        let items = index.items.len();
        let inside = |shown: &Shown| {
            shown.thumb < items && shown.view < items && shown.full.is_none_or(|full| full < items)
        };
        if !index.photos.iter().all(inside) {
            return Err(BadIndex::Shape("a photo without its items"));
        }
        index.signatures = signatures.to_vec();
        Ok(index)
    }

    /// The presigned address of an item; `None` when there is no such item.
    #[must_use]
    pub fn address(&self, item: usize) -> Option<String> {
        let (name, _) = self.items.get(item)?;
        let signature = HEXLOWER.encode(self.signatures.get(item)?);
        Some(self.template.replace(ITEM, name).replace(SIGNATURE, &signature))
    }
}

/// Turns the presigned address of the item `name` into the template of all.
pub(super) fn template(address: &str, name: &str, signature: &[u8; 32]) -> Option<String> {
    let signature = HEXLOWER.encode(signature);
    let name = format!("/{name}?");
    let fits = address.matches(&name).count() == 1 && address.matches(&signature).count() == 1;
    fits.then(|| address.replace(&name, &format!("/{ITEM}?")).replace(&signature, SIGNATURE))
}

/// The context an item is sealed in.
#[must_use]
pub fn item_context(share: ShareId, name: &str) -> String {
    format!("darkslide/1|share-item|{}|{name}", share_name(share))
}

fn index_context(share: ShareId, n: u32) -> String {
    format!("darkslide/1|share-index|{}|{n}", share_name(share))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        Index {
            v: VERSION,
            title: "Jürgen & Ana".into(),
            message: Some("Danke!".into()),
            studio: None,
            created: "2026-11-20T19:02:00Z".parse().unwrap(),
            end: "2026-11-23T19:02:00Z".parse().unwrap(),
            rights: Rights { save: true, originals: Originals::Chosen, watermark: false },
            template: "https://x/s/id/{item}?a=b&X-Amz-Signature={signature}".into(),
            items: vec![("one".into(), 100), ("two".into(), 2000)],
            photos: vec![Shown {
                name: "IMG_0001.jpg".into(),
                caption: None,
                width: 2048,
                height: 1365,
                thumb: 0,
                view: 1,
                full: None,
            }],
            signatures: vec![[1; 32], [2; 32]],
        }
    }

    const SHARE: ShareId = ShareId([7; 16]);

    #[test]
    fn an_index_opens_as_it_was_sealed() {
        let key = Key::from_bytes([1; 32]);
        let sealed = index().seal(&key, SHARE, 1);
        assert_eq!(Index::open(&key, SHARE, 1, &sealed).unwrap(), index());
    }

    #[test]
    fn another_number_share_or_key_does_not_open() {
        let key = Key::from_bytes([1; 32]);
        let sealed = index().seal(&key, SHARE, 1);
        assert!(Index::open(&key, SHARE, 2, &sealed).is_err());
        assert!(Index::open(&key, ShareId([8; 16]), 1, &sealed).is_err());
        assert!(Index::open(&Key::from_bytes([2; 32]), SHARE, 1, &sealed).is_err());
    }

    #[test]
    fn an_index_that_points_nowhere_is_refused() {
        let key = Key::from_bytes([1; 32]);
        let mut bad = index();
        bad.photos[0].full = Some(2);
        assert!(matches!(
            Index::open(&key, SHARE, 1, &bad.seal(&key, SHARE, 1)),
            Err(BadIndex::Shape(_))
        ));
        let mut bad = index();
        bad.signatures.pop();
        assert!(matches!(
            Index::open(&key, SHARE, 1, &bad.seal(&key, SHARE, 1)),
            Err(BadIndex::Shape(_))
        ));
        let mut bad = index();
        bad.v = 2;
        assert!(matches!(
            Index::open(&key, SHARE, 1, &bad.seal(&key, SHARE, 1)),
            Err(BadIndex::Newer(2))
        ));
    }

    #[test]
    fn a_template_gives_back_the_address_it_was_made_from() {
        let address =
            format!("https://h/b/s/id/item7?X-Amz-Date=d&X-Amz-Signature={}", "ab".repeat(32));
        let template = template(&address, "item7", &[0xab; 32]).unwrap();
        let index = Index {
            template,
            items: vec![("item7".into(), 1)],
            signatures: vec![[0xab; 32]],
            photos: vec![],
            ..index()
        };
        assert_eq!(index.address(0).unwrap(), address);
        assert_eq!(index.address(1), None);
    }
}
