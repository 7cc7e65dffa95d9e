//! Ids of things in the bucket, and how bytes are written in JSON.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::encryption::fill_random;

/// The id of an object, pack, page, segment or list of tombstones: 20 random bytes, written as 32
/// letters of RFC 4648 base32 in lower case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub [u8; 20]);

impl ObjectId {
    #[must_use]
    pub fn random() -> Self {
        let mut id = [0; 20];
        fill_random(&mut id);
        Self(id)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE32_NOPAD.encode(&self.0).to_ascii_lowercase())
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectId({self})")
    }
}

/// A text that is no id.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no id of 32 base32 letters")]
pub struct BadId(String);

impl FromStr for ObjectId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId(text.to_owned());
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(bad());
        }
        let bytes = BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes());
        Ok(Self(bytes.ok().and_then(|b| b.try_into().ok()).ok_or_else(bad)?))
    }
}

impl Serialize for ObjectId {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The name of a large file (`o`) or pack (`p`): `<letter>/<first two of the id>/<id>`.
#[must_use]
pub fn object_name(letter: char, id: ObjectId) -> String {
    let id = id.to_string();
    format!("{letter}/{}/{id}", &id[..2])
}

/// 32 bytes written as base64url without padding: a SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha(pub [u8; 32]);

impl Serialize for Sha {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Sha {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(serde::de::Error::custom)?;
        let bytes = bytes.try_into().map_err(|_| serde::de::Error::custom("not 32 bytes"))?;
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_32_lower_case_letters() {
        let id = ObjectId([0xff; 20]);
        assert_eq!(id.to_string(), "7".repeat(32));
        assert_eq!(ObjectId([0; 20]).to_string(), "a".repeat(32));
        let random = ObjectId::random();
        assert_eq!(random.to_string().parse::<ObjectId>().expect("own id"), random);
        assert_eq!(object_name('o', id), format!("o/77/{}", "7".repeat(32)));
        for bad in ["", "a", &"A".repeat(32), &"a".repeat(31), &"a".repeat(40), &"1".repeat(32)] {
            assert!(bad.parse::<ObjectId>().is_err(), "{bad}");
        }
    }
}
