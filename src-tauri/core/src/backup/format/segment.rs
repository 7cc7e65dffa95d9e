//! Segments: catalogue rows, each sealed under its own subject's key, in one object.
//!
//! ```text
//! u32 big-endian count, then per row: kid[16] | u32 big-endian length | sealed row
//! ```

use crate::encryption::{Key, Salt, seal, sealed_len};
use crate::keys::{SubKey, VaultKey};
use crate::media::KeyId;

use super::context::Context;
use super::id::ObjectId;
use super::sealed::{open_under_vault, seal_under_vault};
use super::{FormatError, Result, take, take_u32};

/// The longest plaintext of a segment.
pub const SEGMENT_LIMIT: usize = 8 * 1024 * 1024;

/// Fills one segment.
#[derive(Debug)]
pub struct SegmentWriter {
    pub id: ObjectId,
    context: Context,
    count: u32,
    plain: Vec<u8>,
}

/// One row of a segment that was read, still sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRow {
    pub n: usize,
    pub kid: KeyId,
    pub sealed: Vec<u8>,
}

impl SegmentWriter {
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self { id: ObjectId::random(), context, count: 0, plain: vec![0; 4] }
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether a row of this many bytes belongs into the next segment.
    #[must_use]
    pub fn is_full_for(&self, row: usize) -> bool {
        let more = 20 + sealed_len(row as u64);
        self.count > 0 && self.plain.len() as u64 + more > SEGMENT_LIMIT as u64
    }

    /// Seals one row's JSON under its subject's key.
    pub fn add(&mut self, kid: KeyId, key: &Key, row: &[u8]) {
        let context = self.context.row(self.id, self.count as usize);
        let sealed = seal(key, Salt::random(), &context, row);
        let length = u32::try_from(sealed.len()).expect("a row is far below 4 GiB");
        self.plain.extend_from_slice(&kid.0);
        self.plain.extend_from_slice(&length.to_be_bytes());
        self.plain.extend_from_slice(&sealed);
        self.count += 1;
    }

    /// Returns the whole object.
    #[must_use]
    pub fn finish(mut self, key: &VaultKey) -> Vec<u8> {
        self.plain[..4].copy_from_slice(&self.count.to_be_bytes());
        let place = self.id.to_string();
        seal_under_vault(self.context, key, SubKey::Cat, &place, self.plain, 0)
    }
}

/// Reads a segment's rows, in order.
///
/// # Errors
/// When it is not that segment, or its lengths lie.
pub fn read_segment(
    context: Context,
    key: &VaultKey,
    segment: ObjectId,
    bytes: &[u8],
) -> Result<Vec<SealedRow>> {
    let plain = open_under_vault(context, key, SubKey::Cat, &segment.to_string(), bytes)?;
    let mut rest = plain.as_slice();
    let count = take_u32(&mut rest)? as usize;
    let mut rows = Vec::new();
    for n in 0..count {
        let kid = take(&mut rest, 16)?;
        let kid = KeyId(kid.try_into().map_err(|_| FormatError::Shape("cut short"))?);
        let length = take_u32(&mut rest)? as usize;
        rows.push(SealedRow { n, kid, sealed: take(&mut rest, length)?.to_vec() });
    }
    if rest.iter().any(|b| *b != 0) {
        return Err(FormatError::Shape("bytes after the last row"));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encryption::open;
    use crate::media::VaultId;

    const V: Context = Context(VaultId([1; 16]));

    #[test]
    fn rows_come_back_in_order_each_under_its_own_key() {
        let vault = VaultKey::first();
        let keys: Vec<(KeyId, Key)> = (0..5).map(|n| (KeyId([n; 16]), Key::random())).collect();
        let mut writer = SegmentWriter::new(V);
        for (n, (kid, key)) in keys.iter().enumerate() {
            writer.add(*kid, key, format!("row {n}").as_bytes());
        }
        assert!(writer.is_full_for(SEGMENT_LIMIT) && !writer.is_full_for(1000));
        let id = writer.id;
        let bytes = writer.finish(&vault);
        let rows = read_segment(V, &vault, id, &bytes).expect("opens");
        assert_eq!(rows.len(), 5);
        for (row, (kid, key)) in rows.iter().zip(&keys) {
            assert_eq!(row.kid, *kid);
            let text = open(key, &V.row(id, row.n), &row.sealed).expect("opens");
            assert_eq!(text, format!("row {}", row.n).as_bytes());
            assert!(open(key, &V.row(id, row.n + 1), &row.sealed).is_err(), "bound to its place");
        }
        assert!(read_segment(V, &vault, ObjectId::random(), &bytes).is_err());
    }

    #[test]
    fn a_count_or_length_that_lies_is_refused() {
        let (vault, id) = (VaultKey::first(), ObjectId::random());
        let read = |plain: Vec<u8>| {
            let bytes = seal_under_vault(V, &vault, SubKey::Cat, &id.to_string(), plain, 0);
            read_segment(V, &vault, id, &bytes)
        };
        assert_eq!(read(vec![0; 4]).expect("an empty one"), []);
        assert!(read(vec![0xff; 4]).is_err(), "4 billion rows of nothing");
        assert!(read([&[0, 0, 0, 1][..], &[1; 16], &[0xff; 4]].concat()).is_err());
        assert!(read([&[0, 0, 0, 0][..], b"x"].concat()).is_err());
    }
}
