//! Opening: a `Read` that gives no byte it has not verified, and the same for a slice at once.

use std::io::{self, Read};

use subtle::ConstantTimeEq;

use super::derive::Message;
use super::{CHUNK, HEADER, Key, SEALED_CHUNK, TAG, plain_len};
use crate::error::{Code, Error};

/// Why something sealed does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The commitment does not fit. The key or the context is not this thing's (or its first 56
    /// bytes were changed).
    #[error("sealed under another key or for another place")]
    WrongKey,
    #[error("damaged in chunk {chunk}")]
    Damaged { chunk: u64 },
    #[error("cut short")]
    Truncated,
    #[error("could not be read: {0}")]
    Io(#[source] io::Error),
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        let code = match error {
            OpenError::WrongKey => Code::WrongKey,
            OpenError::Damaged { .. } | OpenError::Truncated => Code::Damaged,
            OpenError::Io(_) => Code::Io,
        };
        Self::new(code, error)
    }
}

impl From<OpenError> for io::Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Io(error) => error,
            other => Self::new(io::ErrorKind::InvalidData, other),
        }
    }
}

/// Opens what [`seal`](super::seal) or a [`Sealer`](super::Sealer) made.
///
/// # Errors
/// When it was sealed under another key or context, or is not whole. No plaintext is given then.
pub fn open(key: &Key, context: &str, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let header = sealed.get(..HEADER).ok_or(OpenError::Truncated)?;
    let message = check_header(key, context, header)?;
    let plain = plain_len(sealed.len() as u64).ok_or(OpenError::Truncated)?;
    let mut out = Vec::with_capacity(usize::try_from(plain).map_err(|_| OpenError::Truncated)?);
    for (chunk, bytes) in (0_u64..).zip(sealed[HEADER..].chunks(SEALED_CHUNK)) {
        let (body, tag) = bytes.split_at(bytes.len() - TAG);
        let from = out.len();
        out.extend_from_slice(body);
        message
            .open_chunk(chunk, &mut out[from..], tag)
            .map_err(|_| OpenError::Damaged { chunk })?;
    }
    Ok(out)
}

fn check_header(key: &Key, context: &str, header: &[u8]) -> Result<Message, OpenError> {
    let (salt, commitment) = header.split_at(24);
    let salt: [u8; 24] = salt.try_into().map_err(|_| OpenError::Truncated)?;
    let message = Message::derive(key, &salt, context);
    if bool::from(message.commitment.ct_eq(commitment)) {
        Ok(message)
    } else {
        Err(OpenError::WrongKey)
    }
}

/// Reads the plaintext of something sealed, one verified chunk after the other.
///
/// The end is an end only after the last short chunk was verified; until then what was read is
/// genuine but perhaps not all. Once it failed it keeps failing.
pub struct Opener<R: Read> {
    message: Message,
    index: u64,
    chunk: Box<[u8]>,
    /// Verified plaintext in `chunk` not yet given.
    ready: std::ops::Range<usize>,
    state: State,
    from: R,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    Ended,
    Failed,
}

impl<R: Read> Opener<R> {
    /// Reads the header and checks its commitment.
    ///
    /// # Errors
    /// When it was sealed under another key or context, is too short, or cannot be read.
    pub fn new(key: &Key, context: &str, mut from: R) -> Result<Self, OpenError> {
        let mut header = [0; HEADER];
        from.read_exact(&mut header).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => OpenError::Truncated,
            _ => OpenError::Io(error),
        })?;
        let message = check_header(key, context, &header)?;
        let chunk = vec![0; SEALED_CHUNK].into_boxed_slice();
        Ok(Self { message, index: 0, chunk, ready: 0..0, state: State::Reading, from })
    }

    /// Returns the next piece of verified plaintext; nothing at the verified end.
    ///
    /// # Errors
    /// When the chunk is not what was written, the end is missing, or reading failed.
    pub fn next_chunk(&mut self) -> Result<Option<&[u8]>, OpenError> {
        if self.ready.is_empty() {
            self.fill()?;
        }
        let ready = std::mem::replace(&mut self.ready, 0..0);
        Ok((!ready.is_empty()).then(|| &self.chunk[ready]))
    }

    fn fill(&mut self) -> Result<(), OpenError> {
        match self.state {
            State::Ended => return Ok(()),
            State::Failed => return Err(OpenError::Damaged { chunk: self.index }),
            State::Reading => self.state = State::Failed,
        }
        let mut len = 0;
        while len < SEALED_CHUNK {
            match self.from.read(&mut self.chunk[len..]) {
                Ok(0) => break,
                Ok(n) => len += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(OpenError::Io(error)),
            }
        }
        let plain = len.checked_sub(TAG).ok_or(OpenError::Truncated)?;
        let (body, tag) = self.chunk[..len].split_at_mut(plain);
        self.message
            .open_chunk(self.index, body, tag)
            .map_err(|_| OpenError::Damaged { chunk: self.index })?;
        self.ready = 0..plain;
        self.state = if plain < CHUNK { State::Ended } else { State::Reading };
        self.index += 1;
        Ok(())
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ready.is_empty() {
            self.fill()?;
        }
        let n = buffer.len().min(self.ready.len());
        let from = self.ready.start;
        buffer[..n].copy_from_slice(&self.chunk[from..from + n]);
        self.ready.start += n;
        Ok(n)
    }
}

impl<R: Read> std::fmt::Debug for Opener<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opener").field("chunks", &self.index).finish_non_exhaustive()
    }
}
