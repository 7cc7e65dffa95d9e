//! Where a file lies: `[kid, object]`, or `[kid, pack, n, offset, length]` inside a pack.

use serde_json::{Value, json};

use crate::media::KeyId;

use super::id::{ObjectId, object_name};

/// A place in the bucket, as the fields `at/<file>`, `thumb` and `view` hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    Object { kid: KeyId, object: ObjectId },
    Item { kid: KeyId, pack: ObjectId, n: usize, offset: u64, length: u64 },
}

impl Place {
    #[must_use]
    pub fn to_json(self) -> Value {
        match self {
            Self::Object { kid, object } => json!([kid, object]),
            Self::Item { kid, pack, n, offset, length } => json!([kid, pack, n, offset, length]),
        }
    }

    /// Reads a place; `None` for what is none.
    #[must_use]
    pub fn read(value: &Value) -> Option<Self> {
        let list = value.as_array()?;
        let kid: KeyId = list.first()?.as_str()?.parse().ok()?;
        let id: ObjectId = list.get(1)?.as_str()?.parse().ok()?;
        match list.len() {
            2 => Some(Self::Object { kid, object: id }),
            5 => {
                let n = usize::try_from(list[2].as_u64()?).ok()?;
                let (offset, length) = (list[3].as_u64()?, list[4].as_u64()?);
                offset.checked_add(length)?;
                Some(Self::Item { kid, pack: id, n, offset, length })
            }
            _ => None,
        }
    }

    #[must_use]
    pub const fn kid(self) -> KeyId {
        match self {
            Self::Object { kid, .. } | Self::Item { kid, .. } => kid,
        }
    }

    /// The name of the object or pack.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Object { object, .. } => object_name('o', object),
            Self::Item { pack, .. } => object_name('p', pack),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_written_as_short_lists() {
        let (kid, id) = (KeyId([1; 16]), ObjectId([0; 20]));
        let whole = Place::Object { kid, object: id };
        let item = Place::Item { kid, pack: id, n: 3, offset: 4, length: 99 };
        assert_eq!(whole.to_json(), json!(["01".repeat(16), "a".repeat(32)]));
        assert_eq!(item.to_json(), json!(["01".repeat(16), "a".repeat(32), 3, 4, 99]));
        for place in [whole, item] {
            assert_eq!(Place::read(&place.to_json()), Some(place));
        }
        let k = "01".repeat(16);
        for bad in [
            json!(null),
            json!([k]),
            json!([k, "short"]),
            json!([k, "a".repeat(32), 1]),
            json!([k, "a".repeat(32), -1, 0, 0]),
            json!([k, "a".repeat(32), 0, u64::MAX, 1]),
        ] {
            assert_eq!(Place::read(&bad), None, "{bad}");
        }
    }
}
