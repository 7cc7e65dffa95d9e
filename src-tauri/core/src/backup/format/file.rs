//! A file as it is sealed, alone or in a pack: a header that explains it, then its bytes.
//!
//! ```text
//! u32 big-endian header length | header JSON | content | zeros (objects only)
//! ```

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use crate::keys::json;
use crate::media::{FileId, ImportId, Role, ShootId, SubjectId};

use super::id::Sha;
use super::padme::padme;
use super::{FormatError, Result, take, take_u32};

const MAX_HEADER: usize = 64 * 1024;

/// What a pack holds; the word is part of its items' contexts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKind {
    Thumb,
    View,
    File,
}

impl ItemKind {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Thumb => "thumb",
            Self::View => "view",
            Self::File => "file",
        }
    }
}

/// Everything a file must say about itself if all else is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileHeader {
    v: u32,
    pub subject: SubjectId,
    pub file: FileId,
    pub role: Role,
    name: String,
    pub length: u64,
    pub sha256: Sha,
    #[serde(rename = "type")]
    pub mime: String,
    pub taken: Option<String>,
    pub offset: Option<i64>,
    pub import: Option<ImportId>,
    pub shoot: ShootId,
}

impl FileHeader {
    #[must_use]
    #[allow(clippy::too_many_arguments, reason = "one for each field that is not optional")]
    pub fn new(
        subject: SubjectId,
        file: FileId,
        role: Role,
        raw_name: &[u8],
        length: u64,
        sha256: [u8; 32],
        mime: &str,
        shoot: ShootId,
    ) -> Self {
        Self {
            v: 1,
            subject,
            file,
            role,
            name: BASE64URL_NOPAD.encode(raw_name),
            length,
            sha256: Sha(sha256),
            mime: mime.to_owned(),
            taken: None,
            offset: None,
            import: None,
            shoot,
        }
    }

    /// Returns the name as raw bytes.
    #[must_use]
    pub fn raw_name(&self) -> Vec<u8> {
        BASE64URL_NOPAD.decode(self.name.as_bytes()).unwrap_or_default()
    }

    /// Returns the length field and the JSON: what stands before the content.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let text = serde_json::to_vec(self).expect("plain data");
        let len = u32::try_from(text.len()).expect("a header is short: names are at most 4 KiB");
        [&len.to_be_bytes(), text.as_slice()].concat()
    }

    /// Returns the whole plaintext's length, padded when it is an object of its own.
    #[must_use]
    pub fn plain_len(&self, header: &[u8], padded: bool) -> u64 {
        let len = header.len() as u64 + self.length;
        if padded { padme(len) } else { len }
    }

    /// Returns how many bytes the length field and the JSON take, from their first four bytes.
    ///
    /// # Errors
    /// When no header is that long.
    pub fn span(mut first: &[u8]) -> Result<usize> {
        let len = take_u32(&mut first)? as usize;
        if len > MAX_HEADER {
            return Err(FormatError::Shape("a header of more than 64 KiB"));
        }
        Ok(4 + len)
    }

    /// Reads the header in front of `plain` and returns it with what follows.
    ///
    /// # Errors
    /// When it is no header of format 1.
    pub fn read(plain: &[u8]) -> Result<(Self, &[u8])> {
        let mut rest = plain;
        let header = &take(&mut rest, Self::span(plain)?)?[4..];
        let header: Self = json::read(header)?;
        if header.v != 1 {
            return Err(FormatError::Shape("a file of a newer format"));
        }
        if BASE64URL_NOPAD.decode(header.name.as_bytes()).is_err() {
            return Err(FormatError::Shape("a name that is not base64url"));
        }
        Ok((header, rest))
    }

    /// Reads a whole plaintext and returns header and content, lengths checked; the hash is the
    /// caller's to check.
    ///
    /// # Errors
    /// When lengths or padding are not as they must be.
    pub fn read_whole(plain: &[u8], padded: bool) -> Result<(Self, &[u8])> {
        let (header, rest) = Self::read(plain)?;
        let before = &plain[..plain.len() - rest.len()];
        if header.plain_len(before, padded) != plain.len() as u64 {
            return Err(FormatError::Shape("its length is not what its header says"));
        }
        let length = usize::try_from(header.length).map_err(|_| FormatError::Shape("too long"))?;
        let (content, padding) = rest.split_at(length);
        if padding.iter().any(|b| *b != 0) {
            return Err(FormatError::Shape("its padding is not zeros"));
        }
        Ok((header, content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(length: u64) -> FileHeader {
        FileHeader {
            taken: Some("2026-05-16T14:03:22.120".to_owned()),
            offset: Some(120),
            ..FileHeader::new(
                SubjectId([1; 16]),
                FileId([2; 8]),
                Role::Raw,
                b"IMG_\xff1.CR3",
                length,
                [3; 32],
                "image/x-canon-cr3",
                ShootId([4; 16]),
            )
        }
    }

    fn plain(header: &FileHeader, content: &[u8]) -> Vec<u8> {
        let mut bytes = header.to_bytes();
        let len = header.plain_len(&bytes, true);
        bytes.extend_from_slice(content);
        bytes.resize(usize::try_from(len).expect("small"), 0);
        bytes
    }

    #[test]
    fn a_file_explains_itself() {
        let header = header(5);
        let bytes = plain(&header, b"hello");
        assert_eq!(bytes.len() as u64, padme(bytes.len() as u64));
        let (read, content) = FileHeader::read_whole(&bytes, true).expect("reads");
        assert_eq!((&read, content), (&header, b"hello".as_slice()));
        assert_eq!(read.raw_name(), b"IMG_\xff1.CR3");
        let text = String::from_utf8_lossy(&bytes[4..]).into_owned();
        assert!(text.starts_with(r#"{"v":1,"subject":"0101"#), "{text}");
        assert!(text.contains(r#""role":"raw","name":"SU1H"#) && text.contains(r#""import":null"#));
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        let good = plain(&header(5), b"hello");
        assert!(FileHeader::read_whole(&good[..good.len() - 1], true).is_err());
        assert!(FileHeader::read_whole(&[good.as_slice(), &[0; 64]].concat(), true).is_err());
        let mut noisy = good.clone();
        *noisy.last_mut().expect("padded") = 1;
        assert!(FileHeader::read_whole(&noisy, true).is_err(), "padding must be zeros");
        let mut huge = good.clone();
        huge[0] = 0xff;
        assert!(FileHeader::read(&huge).is_err());
        assert!(FileHeader::read(b"\0\0\0\x02{}").is_err());
        assert!(FileHeader::read(b"\0\0").is_err());
        let newer = String::from_utf8_lossy(&good).replace("{\"v\":1", "{\"v\":2");
        assert!(FileHeader::read(newer.as_bytes()).is_err());
    }
}
