//! One file out of the bucket: a ranged GET of a pack's item, or a large object as a stream.
//!
//! Decryption and disk work happen on a blocking thread that reads from a short channel the network
//! fills, so a large original is never held in memory.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::{Buf as _, Bytes};
use futures::StreamExt as _;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::RestoreError;
use crate::backup::OpenVault;
use crate::backup::format::{
    DSO1_PREFIX, FileHeader, FormatError, ItemKind, Place, open_object, read_object_kid,
};
use crate::encryption::{Key, OpenError, Opener};
use crate::media::{ContentHash, KeyId};
use crate::store::{Chunks, Store};

/// How many pieces the network may be ahead of the disk.
const AHEAD: usize = 16;
const BLOCK: usize = 256 * 1024;

/// Gets files of one open vault.
#[derive(Debug, Clone)]
pub struct Fetcher(Arc<OpenVault>);

/// A file on its way: what it says of itself is read, its bytes are still coming.
pub(super) struct Incoming<R: Read> {
    header: FileHeader,
    /// Bytes of the length field and the header.
    before: usize,
    from: R,
}

impl Fetcher {
    #[must_use]
    pub fn new(vault: Arc<OpenVault>) -> Self {
        Self(vault)
    }

    fn key(&self, kid: KeyId) -> Result<Key, RestoreError> {
        self.0.key(kid).ok_or(RestoreError::NoKey)
    }

    fn store(&self) -> &dyn Store {
        self.0.computer.store.as_ref()
    }

    /// One item of a pack, whole: a thumbnail, a view or a small file.
    ///
    /// # Errors
    /// It is missing, damaged, or not the bytes its header names.
    pub async fn item(
        &self,
        place: Place,
        kind: ItemKind,
    ) -> Result<(FileHeader, Vec<u8>), RestoreError> {
        let Place::Item { kid, pack, n, offset, length } = place else {
            return Err(FormatError::Shape("a place that is not inside a pack").into());
        };
        let key = self.key(kid)?;
        let sealed = self.store().get(&place.name(), Some(offset..offset + length)).await?;
        open_item(kid, &key, &self.0.context().item(kind, pack, n), &sealed)
    }

    /// Opens many items of one whole pack, fetched with one GET; each with its own outcome.
    pub(super) async fn items_of_pack(
        &self,
        name: &str,
        kind: ItemKind,
        places: &[Place],
    ) -> Result<Vec<Result<(FileHeader, Vec<u8>), RestoreError>>, RestoreError> {
        let bytes = self.store().get(name, None).await?;
        let open = |place: &Place| {
            let Place::Item { kid, pack, n, offset, length } = *place else {
                return Err(FormatError::Shape("a place that is not inside a pack").into());
            };
            let range = || {
                let start = usize::try_from(offset).ok()?;
                bytes.get(start..start.checked_add(usize::try_from(length).ok()?)?)
            };
            let sealed = range().ok_or(FormatError::Shape("it points outside its pack"))?;
            open_item(kid, &self.key(kid)?, &self.0.context().item(kind, pack, n), sealed)
        };
        Ok(places.iter().map(open).collect())
    }

    /// Hands the file at `place` to `take` on a blocking thread, as it arrives.
    pub(super) async fn stream<T: Send + 'static>(
        &self,
        place: Place,
        take: impl FnOnce(Incoming<Box<dyn Read>>) -> Result<T, RestoreError> + Send + 'static,
    ) -> Result<T, RestoreError> {
        match place {
            Place::Item { .. } => {
                let (header, content) = self.item(place, ItemKind::File).await?;
                let from: Box<dyn Read + Send> = Box::new(io::Cursor::new(content));
                blocking(move || take(Incoming { header, before: 0, from })).await
            }
            Place::Object { kid, object } => {
                let key = self.key(kid)?;
                let context = self.0.context().object(object);
                let chunks = self.store().get_stream(&place.name(), None).await?;
                let (pipe, feed) = pipe(chunks);
                let work = blocking(move || take(open_stream(kid, &key, &context, pipe)?));
                let (done, fed) = tokio::join!(work, feed);
                // A broken line makes the reader fail too; the line is the cause to name.
                match (done, fed) {
                    (Ok(done), _) => Ok(done),
                    (Err(_), Err(line)) => Err(line),
                    (Err(error), Ok(())) => Err(error),
                }
            }
        }
    }
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RestoreError> + Send + 'static,
) -> Result<T, RestoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| RestoreError::Panicked)?
}

fn open_item(
    kid: KeyId,
    key: &Key,
    context: &str,
    sealed: &[u8],
) -> Result<(FileHeader, Vec<u8>), RestoreError> {
    let plain = open_object(kid, key, context, sealed)?;
    let (header, content) = FileHeader::read_whole(&plain, false)?;
    if Sha256::digest(content).as_slice() != header.sha256.0 {
        return Err(RestoreError::OtherBytes);
    }
    Ok((header, content.to_vec()))
}

fn open_stream(
    kid: KeyId,
    key: &Key,
    context: &str,
    mut from: Pipe,
) -> Result<Incoming<Box<dyn Read>>, RestoreError> {
    let mut prefix = [0; DSO1_PREFIX];
    from.read_exact(&mut prefix).map_err(RestoreError::Read)?;
    if read_object_kid(&prefix)? != kid {
        return Err(FormatError::Shape("it is under another key").into());
    }
    let mut from = Opener::new(key, context, from).map_err(FormatError::Open)?;
    let mut head = vec![0; 4];
    read_exact(&mut from, &mut head)?;
    let before = FileHeader::span(&head)?;
    head.resize(before, 0);
    read_exact(&mut from, &mut head[4..])?;
    let (header, _) = FileHeader::read(&head)?;
    Ok(Incoming { header, before, from: Box::new(from) })
}

impl<R: Read> Incoming<R> {
    /// Writes the content to `to` and checks length, hash and padding to the verified end.
    pub(super) fn write_to(
        mut self,
        expected: ContentHash,
        to: &mut impl io::Write,
        mut wrote: impl FnMut(u64) -> Result<(), RestoreError>,
    ) -> Result<(), RestoreError> {
        let mut hash = Sha256::new();
        let mut left = self.header.length;
        let mut block = vec![0; BLOCK];
        while left > 0 {
            let want = usize::try_from(left).map_or(BLOCK, |left| left.min(BLOCK));
            read_exact(&mut self.from, &mut block[..want])?;
            hash.update(&block[..want]);
            to.write_all(&block[..want]).map_err(RestoreError::Read)?;
            left -= want as u64;
            wrote(want as u64)?;
        }
        if hash.finalize().as_slice() != expected.0 || self.header.sha256.0 != expected.0 {
            return Err(RestoreError::OtherBytes);
        }
        self.check_end(&mut block)
    }

    /// Reads to the verified end: nothing but the zeros that belong there.
    fn check_end(&mut self, block: &mut [u8]) -> Result<(), RestoreError> {
        let mut padding = 0;
        loop {
            let n = self.from.read(block).map_err(broken)?;
            if n == 0 {
                break;
            }
            padding += n as u64;
            if block[..n].iter().any(|b| *b != 0) {
                return Err(FormatError::Shape("its padding is not zeros").into());
            }
        }
        let before = vec![0; self.before];
        let whole = self.before as u64 + self.header.length + padding;
        if self.before > 0 && self.header.plain_len(&before, true) != whole {
            return Err(FormatError::Shape("its length is not what its header says").into());
        }
        Ok(())
    }
}

/// Reads exactly, telling damage from a broken line.
fn read_exact(from: &mut impl Read, buffer: &mut [u8]) -> Result<(), RestoreError> {
    from.read_exact(buffer).map_err(broken)
}

fn broken(error: io::Error) -> RestoreError {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return FormatError::Open(OpenError::Truncated).into();
    }
    match error.downcast::<OpenError>() {
        Ok(error) => FormatError::Open(error).into(),
        Err(error) => RestoreError::Read(error),
    }
}

/// What the network has delivered, read on a blocking thread.
struct Pipe {
    from: mpsc::Receiver<Bytes>,
    piece: Bytes,
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.from.blocking_recv() {
                Some(piece) => self.piece = piece,
                None => return Ok(0),
            }
        }
        let n = buffer.len().min(self.piece.len());
        self.piece.copy_to_slice(&mut buffer[..n]);
        Ok(n)
    }
}

/// The two ends: a reader, and the work of feeding it.
fn pipe(mut chunks: Chunks) -> (Pipe, impl Future<Output = Result<(), RestoreError>>) {
    let (to, from) = mpsc::channel(AHEAD);
    let feed = async move {
        while let Some(piece) = chunks.next().await {
            // A reader that has gone away has its own reason to tell.
            if to.send(piece?).await.is_err() {
                break;
            }
        }
        Ok(())
    };
    (Pipe { from, piece: Bytes::new() }, feed)
}
