//! What goes over the socket, both ways:
//!
//! ```text
//! magic    4  "DSW" and the version, 1
//! kind     1  what is asked; an answer repeats it
//! zero     3
//! head     4  length of the head, little-endian, at most MAX_HEAD
//! body     8  length of the body, little-endian, at most MAX_BODY
//! head     .. small, JSON
//! body     .. bytes: pictures
//! ```
//!
//! Lengths are checked before they are believed, and memory is taken as bytes arrive: either side
//! may be in somebody else's hands.

use std::io::{self, Read};

const MAGIC: [u8; 4] = *b"DSW\x01";
/// Length of what stands before head and body.
pub(super) const FIXED: usize = 20;
/// The longest list of keywords anybody keeps is far below.
const MAX_HEAD: u32 = 32 << 20;
/// A JPEG of the largest picture that is decoded is below.
const MAX_BODY: u64 = 512 << 20;

/// What a worker is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A worker's first word: it is there, and in its cell.
    Hello,
    /// What a file says about itself.
    Metadata,
    /// Thumb and view.
    Render,
    /// One JPEG for somebody else's eyes.
    Rendition,
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Self::Hello => 0,
            Self::Metadata => 1,
            Self::Render => 2,
            Self::Rendition => 3,
        }
    }

    const fn of(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Hello),
            1 => Some(Self::Metadata),
            2 => Some(Self::Render),
            3 => Some(Self::Rendition),
            _ => None,
        }
    }
}

/// Why what arrived is no frame.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    #[error("these are no frames of this version")]
    Magic,
    #[error("there is no request of kind {0}")]
    Kind(u8),
    #[error("a frame states {0} bytes")]
    TooLong(u64),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// One request or answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub kind: Kind,
    pub head: Vec<u8>,
    pub body: Vec<u8>,
}

impl Frame {
    /// Returns what stands before head and body.
    ///
    /// # Errors
    /// `TooLong`.
    pub(super) fn fixed(kind: Kind, head: &[u8], body: &[u8]) -> Result<[u8; FIXED], FrameError> {
        let too_long = |len: usize| FrameError::TooLong(len as u64);
        let head_len = u32::try_from(head.len()).ok().filter(|len| *len <= MAX_HEAD);
        let body_len = Some(body.len() as u64).filter(|len| *len <= MAX_BODY);
        let mut fixed = [0; FIXED];
        fixed[..4].copy_from_slice(&MAGIC);
        fixed[4] = kind.byte();
        fixed[8..12].copy_from_slice(&head_len.ok_or(too_long(head.len()))?.to_le_bytes());
        fixed[12..].copy_from_slice(&body_len.ok_or(too_long(body.len()))?.to_le_bytes());
        Ok(fixed)
    }

    /// Reads head and body after their fixed part.
    pub(super) fn rest(fixed: [u8; FIXED], reader: &mut impl Read) -> Result<Self, FrameError> {
        let [m0, m1, m2, m3, kind, z0, z1, z2, lengths @ ..] = fixed;
        if [m0, m1, m2, m3] != MAGIC || [z0, z1, z2] != [0; 3] {
            return Err(FrameError::Magic);
        }
        let kind = Kind::of(kind).ok_or(FrameError::Kind(kind))?;
        let [h0, h1, h2, h3, body @ ..] = lengths;
        let (head, body) = (u32::from_le_bytes([h0, h1, h2, h3]), u64::from_le_bytes(body));
        if head > MAX_HEAD || body > MAX_BODY {
            return Err(FrameError::TooLong(u64::from(head).max(body)));
        }
        let head = exactly(reader, head.into())?;
        Ok(Self { kind, head, body: exactly(reader, body)? })
    }

    /// Reads one frame.
    ///
    /// # Errors
    /// What arrives is no frame, or ends in the middle of one.
    pub fn read(reader: &mut impl Read) -> Result<Self, FrameError> {
        let mut fixed = [0; FIXED];
        reader.read_exact(&mut fixed)?;
        Self::rest(fixed, reader)
    }
}

/// Reads `len` bytes; a stated length that does not come takes no memory.
fn exactly(reader: &mut impl Read, len: u64) -> io::Result<Vec<u8>> {
    const AT_ONCE: usize = 1 << 20;
    let whole = usize::try_from(len).map_err(io::Error::other)?;
    let mut bytes = Vec::with_capacity(whole.min(AT_ONCE));
    reader.take(len).read_to_end(&mut bytes)?;
    if bytes.len() == whole { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(kind: Kind, head: &[u8], body: &[u8]) -> Vec<u8> {
        [&Frame::fixed(kind, head, body).unwrap(), head, body].concat()
    }

    #[test]
    fn what_is_written_is_read() {
        let sent = bytes(Kind::Render, b"{}", &[7; 3_000_000]);
        let frame = Frame::read(&mut sent.as_slice()).unwrap();
        assert_eq!((frame.kind, frame.head.as_slice()), (Kind::Render, b"{}".as_slice()));
        assert_eq!(frame.body, [7; 3_000_000]);
    }

    #[test]
    fn a_frame_cut_anywhere_is_an_error() {
        let sent = bytes(Kind::Metadata, b"head", b"body");
        for end in 0..sent.len() {
            assert!(matches!(Frame::read(&mut &sent[..end]), Err(FrameError::Io(_))), "{end}");
        }
    }

    #[test]
    fn another_version_is_refused() {
        let mut sent = bytes(Kind::Metadata, b"", b"");
        sent[3] = 2;
        assert!(matches!(Frame::read(&mut sent.as_slice()), Err(FrameError::Magic)));
        sent[3] = 1;
        sent[4] = 200;
        assert!(matches!(Frame::read(&mut sent.as_slice()), Err(FrameError::Kind(200))));
    }

    #[test]
    fn lengths_no_honest_side_states_are_refused_before_anything_is_read() {
        let mut sent = bytes(Kind::Metadata, b"", b"");
        sent[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(Frame::read(&mut sent.as_slice()), Err(FrameError::TooLong(_))));
        sent[8..12].fill(0);
        sent[12..20].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(matches!(Frame::read(&mut sent.as_slice()), Err(FrameError::TooLong(u64::MAX))));
        assert!(Frame::fixed(Kind::Render, &vec![0; MAX_HEAD as usize + 1], b"").is_err());
    }
}
