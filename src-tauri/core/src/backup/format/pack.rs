//! Packs: many small things of one shoot and one kind in one object.
//!
//! ```text
//! DSP1 | item 0 | item 1 | .. | sealed index | u32 big-endian length of the index
//! ```
//! Every item is a `DSO1` thing of its own, found by the row's place with one ranged GET. The index
//! (a `DSO1` thing under the shoot's key) is for repair only.

use serde::{Deserialize, Serialize};

use crate::encryption::Key;
use crate::keys::json;
use crate::media::KeyId;

use super::context::Context;
use super::file::{FileHeader, ItemKind};
use super::id::ObjectId;
use super::place::Place;
use super::sealed::{open_object, read_object_kid, seal_object};
use super::{FormatError, Result, take_u32};

const DSP1: &[u8; 4] = b"DSP1";
/// A pack is closed at this size.
pub const PACK_LIMIT: usize = 16 * 1024 * 1024;
/// Files from this size on are objects of their own.
pub const ITEM_LIMIT: u64 = 256 * 1024;

/// Fills one pack.
#[derive(Debug)]
pub struct PackWriter {
    pub id: ObjectId,
    context: Context,
    kind: ItemKind,
    bytes: Vec<u8>,
    items: Vec<PackItem>,
}

/// One item, as the index names it: key id, kind, offset of its `DSO1`, length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackItem(pub KeyId, pub String, pub u64, pub u64);

/// The index of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackIndex {
    v: u32,
    pub items: Vec<PackItem>,
}

impl PackWriter {
    #[must_use]
    pub fn new(context: Context, kind: ItemKind) -> Self {
        Self { id: ObjectId::random(), context, kind, bytes: DSP1.to_vec(), items: Vec::new() }
    }

    /// Seals one file into the pack, opens it again, and says where it lies.
    ///
    /// # Errors
    /// When it does not open again: the machine is at fault.
    pub fn add(
        &mut self,
        kid: KeyId,
        key: &Key,
        header: &FileHeader,
        content: &[u8],
    ) -> Result<Place> {
        let (n, offset) = (self.items.len(), self.bytes.len());
        let plain = [header.to_bytes().as_slice(), content].concat();
        let context = self.context.item(self.kind, self.id, n);
        let length = seal_object(kid, key, &context, &plain, &mut self.bytes);
        if open_object(kid, key, &context, &self.bytes[offset..])? != plain {
            return Err(FormatError::Shape("what was sealed does not open to what it was"));
        }
        let offset = offset as u64;
        self.items.push(PackItem(kid, self.kind.word().to_owned(), offset, length));
        Ok(Place::Item { kid, pack: self.id, n, offset, length })
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether one more item of `bytes` would exceed the limit.
    #[must_use]
    pub fn is_full_for(&self, bytes: u64) -> bool {
        !self.items.is_empty() && self.bytes.len() as u64 + bytes > PACK_LIMIT as u64
    }

    /// Seals the index under the shoot's key and returns the whole pack.
    #[must_use]
    pub fn finish(mut self, shoot_kid: KeyId, shoot_key: &Key) -> Vec<u8> {
        let index = PackIndex { v: 1, items: self.items };
        let text = serde_json::to_vec(&index).expect("plain data");
        let context = self.context.pack(self.id);
        let length = seal_object(shoot_kid, shoot_key, &context, &text, &mut self.bytes);
        let length = u32::try_from(length).expect("an index of at most a few thousand items");
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes
    }
}

/// Reads the index of a whole pack; `key` gives the key of an id.
///
/// # Errors
/// When it is no pack, or its index does not open.
pub fn read_index(
    context: Context,
    pack: ObjectId,
    bytes: &[u8],
    key: impl Fn(KeyId) -> Option<Key>,
) -> Result<PackIndex> {
    let body = bytes.strip_prefix(DSP1).ok_or(FormatError::Shape("it does not begin with DSP1"))?;
    let (body, mut length) = body
        .split_last_chunk::<4>()
        .map(|(b, l)| (b, l.as_slice()))
        .ok_or(FormatError::Shape("cut short"))?;
    let length = take_u32(&mut length)? as usize;
    let at = body.len().checked_sub(length).ok_or(FormatError::Shape("an index longer than it"))?;
    let sealed = &body[at..];
    let kid = read_object_kid(sealed)?;
    let key = key(kid).ok_or(FormatError::Shape("the key of its index is not known"))?;
    let index: PackIndex = json::read(&open_object(kid, &key, &context.pack(pack), sealed)?)?;
    let inside = |item: &PackItem| {
        item.2.checked_add(item.3).is_some_and(|end| end <= (at + DSP1.len()) as u64)
    };
    if index.v != 1 || !index.items.iter().all(inside) {
        return Err(FormatError::Shape("an index that points outside its pack"));
    }
    Ok(index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{FileId, Role, ShootId, SubjectId, VaultId};

    const V: Context = Context(VaultId([1; 16]));

    #[test]
    fn each_item_opens_at_its_place_and_the_index_finds_them_all() {
        let (kid, key) = (KeyId([1; 16]), Key::random());
        let (shoot_kid, shoot_key) = (KeyId([2; 16]), Key::random());
        let mut pack = PackWriter::new(V, ItemKind::Thumb);
        let contents = [b"one".as_slice(), b"", &[7; 40_000]];
        let places: Vec<Place> = contents
            .iter()
            .map(|content| {
                let header = FileHeader::new(
                    SubjectId([3; 16]),
                    FileId([4; 8]),
                    Role::Thumb,
                    b"a.jpg",
                    content.len() as u64,
                    [0; 32],
                    "image/jpeg",
                    ShootId([5; 16]),
                );
                pack.add(kid, &key, &header, content).expect("seals")
            })
            .collect();
        assert!(pack.is_full_for(PACK_LIMIT as u64) && !pack.is_full_for(1000));
        let id = pack.id;
        let bytes = pack.finish(shoot_kid, &shoot_key);
        for (place, content) in places.iter().zip(contents) {
            let Place::Item { n, offset, length, .. } = *place else { panic!("an item") };
            let range = usize::try_from(offset).expect("small")
                ..usize::try_from(offset + length).expect("small");
            let context = V.item(ItemKind::Thumb, id, n);
            let plain = open_object(kid, &key, &context, &bytes[range]).expect("opens");
            assert_eq!(FileHeader::read_whole(&plain, false).expect("reads").1, content);
        }
        let index = read_index(V, id, &bytes, |k| (k == shoot_kid).then(|| shoot_key.clone()));
        assert_eq!(index.expect("opens").items.len(), 3);
        assert!(read_index(V, ObjectId::random(), &bytes, |_| Some(shoot_key.clone())).is_err());
        assert!(read_index(V, id, &bytes[..bytes.len() - 1], |_| Some(shoot_key.clone())).is_err());
        assert!(read_index(V, id, b"DSP1\xff\xff\xff\xff", |_| Some(shoot_key.clone())).is_err());
    }
}
