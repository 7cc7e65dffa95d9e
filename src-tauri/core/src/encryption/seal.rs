//! Sealing: a `Write` that encrypts chunk by chunk, and the same for a slice at once.

use std::io::{self, Read, Write};

use super::derive::Message;
use super::{CHUNK, HEADER, Key, SEALED_CHUNK, Salt, TAG, sealed_len};

/// Seals `plain` under `key`, bound to `context`.
#[must_use]
pub fn seal(key: &Key, salt: Salt, context: &str, plain: &[u8]) -> Vec<u8> {
    let message = Message::derive(key, salt.as_bytes(), context);
    let len = usize::try_from(sealed_len(plain.len() as u64)).expect("fits: the plaintext does");
    let mut sealed = vec![0; len];
    sealed[..24].copy_from_slice(salt.as_bytes());
    sealed[24..HEADER].copy_from_slice(&message.commitment);
    for (index, out) in sealed[HEADER..].chunks_mut(SEALED_CHUNK).enumerate() {
        let from = index * CHUNK;
        message.seal_chunk(index as u64, &plain[from..from + out.len() - TAG], out);
    }
    sealed
}

/// Seals what is written to it. Without [`finish`](Self::finish) the result does not open.
pub struct Sealer<W: Write> {
    message: Message,
    index: u64,
    /// The plaintext of the chunk being filled, and room for its tag.
    chunk: Box<[u8]>,
    filled: usize,
    out: W,
}

impl<W: Write> Sealer<W> {
    /// # Errors
    /// When `out` does not take the header.
    pub fn new(key: &Key, salt: Salt, context: &str, mut out: W) -> io::Result<Self> {
        let message = Message::derive(key, salt.as_bytes(), context);
        out.write_all(salt.as_bytes())?;
        out.write_all(&message.commitment)?;
        let chunk = vec![0; SEALED_CHUNK].into_boxed_slice();
        Ok(Self { message, index: 0, chunk, filled: 0, out })
    }

    /// Reads `from` to its end, straight into the chunks. Returns the bytes read.
    ///
    /// # Errors
    /// What reading or writing gives.
    pub fn read_all(&mut self, from: &mut impl Read) -> io::Result<u64> {
        let mut total = 0;
        loop {
            match from.read(&mut self.chunk[self.filled..CHUNK]) {
                Ok(0) => return Ok(total),
                Ok(n) => {
                    total += n as u64;
                    self.filled += n;
                    self.flush_full()?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The writer, to take away what is sealed so far.
    pub const fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// Writes the last, short chunk and gives the writer back.
    ///
    /// # Errors
    /// When the writer does not take it.
    pub fn finish(mut self) -> io::Result<W> {
        let last = &mut self.chunk[..self.filled + TAG];
        self.message.seal_chunk_in_place(self.index, last);
        self.out.write_all(last)?;
        Ok(self.out)
    }

    fn flush_full(&mut self) -> io::Result<()> {
        if self.filled == CHUNK {
            self.message.seal_chunk_in_place(self.index, &mut self.chunk);
            self.out.write_all(&self.chunk)?;
            self.index += 1;
            self.filled = 0;
        }
        Ok(())
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.filled == 0 && bytes.len() >= CHUNK {
            // A whole chunk at once is encrypted on its way into the buffer: no copy beside it.
            self.message.seal_chunk(self.index, &bytes[..CHUNK], &mut self.chunk);
            self.out.write_all(&self.chunk)?;
            self.index += 1;
            return Ok(CHUNK);
        }
        let n = bytes.len().min(CHUNK - self.filled);
        self.chunk[self.filled..self.filled + n].copy_from_slice(&bytes[..n]);
        self.filled += n;
        self.flush_full()?;
        Ok(n)
    }

    /// Passes what is sealed on; a chunk half full stays here.
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write> std::fmt::Debug for Sealer<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").field("chunks", &self.index).finish_non_exhaustive()
    }
}
