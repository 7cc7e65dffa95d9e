//! The two clear headers: `DSV1` before what a vault sub-key seals, `DSO1` before what a subject
//! key seals.

use crate::encryption::{Key, Salt, open, seal, sealed_len};
use crate::keys::{SubKey, VaultKey};
use crate::media::KeyId;

use super::context::Context;
use super::padme::padme;
use super::{FormatError, Result, take, take_u32};

const DSV1: &[u8; 4] = b"DSV1";
const DSO1: &[u8; 4] = b"DSO1";
/// `DSO1` and the key id.
pub const DSO1_PREFIX: usize = 4 + 16;

/// `DSV1` | generation | sealed. `pad` fills the plaintext up to padmé's length: a space for JSON,
/// a zero for segments.
#[must_use]
pub fn seal_under_vault(
    context: Context,
    key: &VaultKey,
    kind: SubKey,
    place: &str,
    mut plain: Vec<u8>,
    pad: u8,
) -> Vec<u8> {
    let padded = usize::try_from(padme(plain.len() as u64)).expect("hardly longer than it was");
    plain.resize(padded, pad);
    let context = context.under_vault(kind, place, key.generation);
    let sealed = seal(&key.sub_key(kind), Salt::random(), &context, &plain);
    [DSV1.as_slice(), &key.generation.to_be_bytes(), &sealed].concat()
}

/// Returns the generation whose key is needed.
///
/// # Errors
/// When it is no `DSV1` thing.
pub fn under_vault_generation(bytes: &[u8]) -> Result<u32> {
    let mut rest = bytes;
    if take(&mut rest, 4)? != DSV1 {
        return Err(FormatError::Shape("it does not begin with DSV1"));
    }
    take_u32(&mut rest)
}

/// Opens a `DSV1` thing; the padding is still at its end.
///
/// # Errors
/// When it is not what belongs at `place`, or `key` is of another generation.
pub fn open_under_vault(
    context: Context,
    key: &VaultKey,
    kind: SubKey,
    place: &str,
    bytes: &[u8],
) -> Result<Vec<u8>> {
    if under_vault_generation(bytes)? != key.generation {
        return Err(FormatError::Shape("it is of another generation"));
    }
    let context = context.under_vault(kind, place, key.generation);
    Ok(open(&key.sub_key(kind), &context, &bytes[8..])?)
}

/// Opens a list of tombstones; the JSON's padding is still at its end.
///
/// # Errors
/// When it is not that list.
pub fn open_tombstones(
    context: Context,
    key: &VaultKey,
    id: super::ObjectId,
    bytes: &[u8],
) -> Result<Vec<u8>> {
    open_under_vault(context, key, SubKey::Log, &id.to_string(), bytes)
}

/// `DSO1` | kid | sealed, appended to `out`. Returns how many bytes that were.
pub fn seal_object(kid: KeyId, key: &Key, context: &str, plain: &[u8], out: &mut Vec<u8>) -> u64 {
    out.extend_from_slice(DSO1);
    out.extend_from_slice(&kid.0);
    out.extend_from_slice(&seal(key, Salt::random(), context, plain));
    DSO1_PREFIX as u64 + sealed_len(plain.len() as u64)
}

/// Returns the key id in a `DSO1` header.
///
/// # Errors
/// When it is no `DSO1` thing.
pub fn read_object_kid(bytes: &[u8]) -> Result<KeyId> {
    let mut rest = bytes;
    if take(&mut rest, 4)? != DSO1 {
        return Err(FormatError::Shape("it does not begin with DSO1"));
    }
    let kid = take(&mut rest, 16)?;
    Ok(KeyId(kid.try_into().map_err(|_| FormatError::Shape("cut short"))?))
}

/// Opens a `DSO1` thing sealed under `kid`.
///
/// # Errors
/// When it is under another key, or not what belongs at its place.
pub fn open_object(kid: KeyId, key: &Key, context: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    if read_object_kid(bytes)? != kid {
        return Err(FormatError::Shape("it is under another key"));
    }
    Ok(open(key, context, &bytes[DSO1_PREFIX..])?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encryption::OpenError;
    use crate::media::VaultId;

    const V: Context = Context(VaultId([1; 16]));

    #[test]
    fn what_is_under_the_vault_key_is_padded_and_bound_to_its_place() {
        let key = VaultKey::new(3, Key::from_bytes([7; 32]));
        let bytes = seal_under_vault(V, &key, SubKey::Cat, "place", vec![b'x'; 1000], 0);
        assert_eq!(&bytes[..8], b"DSV1\0\0\0\x03");
        assert_eq!(bytes.len() as u64, 8 + sealed_len(1024));
        let plain = open_under_vault(V, &key, SubKey::Cat, "place", &bytes).expect("opens");
        assert_eq!((plain.len(), plain[999], plain[1000]), (1024, b'x', 0));

        let moved = open_under_vault(V, &key, SubKey::Cat, "elsewhere", &bytes);
        assert!(matches!(moved, Err(FormatError::Open(OpenError::WrongKey))));
        let other_kind = open_under_vault(V, &key, SubKey::Ring, "place", &bytes);
        assert!(matches!(other_kind, Err(FormatError::Open(OpenError::WrongKey))));
        let mut forged = bytes.clone();
        forged[7] = 4;
        let next = VaultKey::new(4, Key::from_bytes([7; 32]));
        assert!(open_under_vault(V, &next, SubKey::Cat, "place", &forged).is_err());
        assert!(open_under_vault(V, &key, SubKey::Cat, "place", &bytes[..7]).is_err());
    }

    #[test]
    fn an_object_says_which_key_opens_it() {
        let (kid, key) = (KeyId([9; 16]), Key::random());
        let mut bytes = Vec::new();
        let len = seal_object(kid, &key, "here", b"hello", &mut bytes);
        assert_eq!(len, bytes.len() as u64);
        assert_eq!(read_object_kid(&bytes).expect("a header"), kid);
        assert_eq!(open_object(kid, &key, "here", &bytes).expect("opens"), b"hello");
        assert!(open_object(KeyId([8; 16]), &key, "here", &bytes).is_err());
        assert!(read_object_kid(b"\xff\xd8\xff\xe0 a JPEG, not an object").is_err());
    }
}
