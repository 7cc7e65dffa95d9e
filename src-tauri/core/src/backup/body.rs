//! Seals a file of the library, opens what was sealed again, and compares.
//!
//! The disk is read once. The content's hash is taken from what the sealed bytes open to and must
//! be the catalogue's: so one pass shows that the file is still the one that was imported, and that
//! its object will open to it. A file that changed or rotted is refused.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::encryption::{CHUNK, HEADER, Key, OpenError, Opener, Salt, Sealer, TAG, sealed_len};
use crate::error::{At as _, PathError};
use crate::media::KeyId;
use crate::store::sha256;

use super::buffer::Buffer;
use super::format::{DSO1_PREFIX, FileHeader};

/// How much is sealed before full parts are given away ...
const STEP: u64 = 256 * 1024;
/// ... and so how far a part may be overfull by then: its tags and a last chunk included.
const OVER: usize = 2 * STEP as usize;

/// Why one file is not in the bucket.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error(transparent)]
    File(#[from] PathError),
    /// Edited by another program, or rotted.
    #[error("the file is not the one that was imported: its content changed")]
    Changed,
    #[error("what was encrypted does not decrypt: this computer's memory may be faulty")]
    Machine,
}

/// One file and everything its object is made of.
#[derive(Debug, Clone)]
pub(super) struct ToSeal {
    pub path: PathBuf,
    pub header: FileHeader,
    pub kid: KeyId,
    pub key: Key,
    pub context: String,
}

impl ToSeal {
    fn header_bytes(&self) -> Vec<u8> {
        self.header.to_bytes()
    }

    /// How long its object is.
    pub fn object_len(&self) -> u64 {
        let plain = self.header.plain_len(&self.header_bytes(), true);
        DSO1_PREFIX as u64 + sealed_len(plain)
    }

    fn open(&self) -> Result<File, Fault> {
        let file = File::open(&self.path).at(&self.path)?;
        if file.metadata().at(&self.path)?.len() != self.header.length {
            return Err(Fault::Changed);
        }
        Ok(file)
    }

    fn prefix(&self) -> [u8; DSO1_PREFIX] {
        let mut prefix = [0; DSO1_PREFIX];
        prefix[..4].copy_from_slice(b"DSO1");
        prefix[4..].copy_from_slice(&self.kid.0);
        prefix
    }

    /// Seals it whole. Returns the body and its hash.
    pub fn seal_whole(&self) -> Result<(Bytes, [u8; 32]), Fault> {
        let file = self.open()?;
        let header = self.header_bytes();
        let capacity = usize::try_from(self.object_len()).map_err(|_| Fault::Machine)?;
        let mut body = Buffer::with_capacity(capacity).at(&self.path)?;
        body.write_all(&self.prefix()).at(&self.path)?;
        let mut sealer =
            Sealer::new(&self.key, Salt::random(), &self.context, body).at(&self.path)?;
        sealer.write_all(&header).at(&self.path)?;
        let read = sealer.read_all(&mut file.take(self.header.length)).at(&self.path)?;
        if read != self.header.length {
            return Err(Fault::Changed);
        }
        pad(&mut sealer, self.padding(&header)).at(&self.path)?;
        let body = sealer.finish().at(&self.path)?;

        let mut check = Check::new(self, header);
        let opened = Opener::new(&self.key, &self.context, &body.as_ref()[DSO1_PREFIX..]);
        let mut opener = opened.map_err(machine)?;
        while let Some(chunk) = opener.next_chunk().map_err(machine)? {
            check.feed(chunk);
        }
        check.finish()?;
        let sha = sha256(body.as_ref());
        Ok((body.into_bytes(), sha))
    }

    fn padding(&self, header: &[u8]) -> u64 {
        self.header.plain_len(header, true) - header.len() as u64 - self.header.length
    }

    /// Seals it in parts of `part_bytes`, the last one shorter; each goes to `give`, which may stop
    /// the sealing by an error of its own.
    pub fn seal_parts<E: From<Fault>>(
        &self,
        salt: Salt,
        part_bytes: usize,
        mut give: impl FnMut(Bytes) -> Result<(), E>,
    ) -> Result<(), E> {
        let path = |error: io::Result<()>| error.at(&self.path).map_err(Fault::from);
        let mut file = self.open()?;
        let header = self.header_bytes();
        let mut check = Check::new(self, header.clone());
        let feed = Feed::default();
        let part = Buffer::with_capacity(part_bytes + OVER).at(&self.path).map_err(Fault::from)?;
        let mut twin = Twin { part, feed: feed.clone() };
        path(twin.part.write_all(&self.prefix()))?;
        let sealer = Sealer::new(&self.key, salt, &self.context, twin);
        let mut sealer = sealer.at(&self.path).map_err(Fault::from)?;
        let opener = Opener::new(&self.key, &self.context, feed.clone()).map_err(machine)?;
        let mut reopened = Reopened { opener, feed };

        path(sealer.write_all(&header))?;
        let mut left = self.header.length;
        while left > 0 {
            let step = left.min(STEP);
            let read = sealer.read_all(&mut (&mut file).take(step));
            if read.at(&self.path).map_err(Fault::from)? != step {
                return Err(Fault::Changed.into());
            }
            left -= step;
            reopened.check_full_chunks(&mut check)?;
            give_full(&mut sealer.get_mut().part, part_bytes, &self.path, &mut give)?;
        }
        let mut padding = self.padding(&header);
        while padding > 0 {
            let step = padding.min(STEP);
            path(pad(&mut sealer, step))?;
            padding -= step;
            reopened.check_full_chunks(&mut check)?;
            give_full(&mut sealer.get_mut().part, part_bytes, &self.path, &mut give)?;
        }
        let mut twin = sealer.finish().at(&self.path).map_err(Fault::from)?;
        reopened.check_rest(&mut check)?;
        // Before the last part goes: an upload that must not be finished is not made complete.
        check.finish()?;
        give_full(&mut twin.part, part_bytes, &self.path, &mut give)?;
        if twin.part.len() == 0 { Ok(()) } else { give(twin.part.into_bytes()) }
    }
}

fn machine(_: OpenError) -> Fault {
    Fault::Machine
}

fn pad(out: &mut impl Write, mut zeros: u64) -> io::Result<()> {
    const ZEROS: [u8; CHUNK] = [0; CHUNK];
    while zeros > 0 {
        let n = usize::try_from(zeros).unwrap_or(CHUNK).min(CHUNK);
        out.write_all(&ZEROS[..n])?;
        zeros -= n as u64;
    }
    Ok(())
}

fn give_full<E: From<Fault>>(
    part: &mut Buffer,
    part_bytes: usize,
    path: &Path,
    give: &mut impl FnMut(Bytes) -> Result<(), E>,
) -> Result<(), E> {
    while part.len() >= part_bytes {
        let mut next = Buffer::with_capacity(part_bytes + OVER).at(path).map_err(Fault::from)?;
        next.write_all(&part.as_ref()[part_bytes..]).at(path).map_err(Fault::from)?;
        part.truncate(part_bytes);
        give(std::mem::replace(part, next).into_bytes())?;
    }
    Ok(())
}

/// Compares what is opened again with what should have been sealed.
struct Check {
    header: Vec<u8>,
    seen: u64,
    length: u64,
    expected: [u8; 32],
    hasher: Sha256,
    clean: bool,
}

impl Check {
    fn new(file: &ToSeal, header: Vec<u8>) -> Self {
        Self {
            header,
            seen: 0,
            length: file.header.length,
            expected: file.header.sha256.0,
            hasher: Sha256::new(),
            clean: true,
        }
    }

    fn feed(&mut self, mut plain: &[u8]) {
        let header = self.header.len() as u64;
        if self.seen < header {
            let from = usize::try_from(self.seen).unwrap_or(usize::MAX);
            let n = plain.len().min(self.header.len() - from);
            self.clean &= plain[..n] == self.header[from..from + n];
            self.seen += n as u64;
            plain = &plain[n..];
        }
        let left = (header + self.length).saturating_sub(self.seen);
        let n = usize::try_from(left).unwrap_or(usize::MAX).min(plain.len());
        let (content, padding) = plain.split_at(n);
        self.hasher.update(content);
        self.clean &= padding.iter().all(|b| *b == 0);
        self.seen += plain.len() as u64;
    }

    fn finish(self) -> Result<(), Fault> {
        if !self.clean || self.seen < self.header.len() as u64 + self.length {
            return Err(Fault::Machine);
        }
        let content: [u8; 32] = self.hasher.finalize().into();
        if content == self.expected { Ok(()) } else { Err(Fault::Changed) }
    }
}

/// Sealed bytes on their way to be opened again.
#[derive(Clone, Default)]
struct Feed(Rc<RefCell<(Vec<u8>, usize)>>);

impl Feed {
    fn waiting(&self) -> usize {
        let feed = self.0.borrow();
        feed.0.len() - feed.1
    }
}

impl Read for Feed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (bytes, at) = &mut *self.0.borrow_mut();
        let n = buffer.len().min(bytes.len() - *at);
        buffer[..n].copy_from_slice(&bytes[*at..*at + n]);
        *at += n;
        if *at == bytes.len() {
            bytes.clear();
            *at = 0;
        }
        Ok(n)
    }
}

/// Writes the sealed bytes into the part and into the feed.
struct Twin {
    part: Buffer,
    feed: Feed,
}

impl Write for Twin {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.part.write_all(bytes)?;
        self.feed.0.borrow_mut().0.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens the feed chunk by chunk, as far as whole chunks are there.
struct Reopened {
    opener: Opener<Feed>,
    feed: Feed,
}

impl Reopened {
    fn check_full_chunks(&mut self, check: &mut Check) -> Result<(), Fault> {
        while self.feed.waiting() >= CHUNK + TAG {
            if let Some(plain) = self.opener.next_chunk().map_err(machine)? {
                check.feed(plain);
            }
        }
        Ok(())
    }

    fn check_rest(&mut self, check: &mut Check) -> Result<(), Fault> {
        while let Some(plain) = self.opener.next_chunk().map_err(machine)? {
            check.feed(plain);
        }
        Ok(())
    }
}

const _: () = assert!(HEADER < CHUNK, "the sealer writes its header before any chunk");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encryption::open;
    use crate::media::{FileId, Role, ShootId, SubjectId};

    fn to_seal(path: PathBuf, content: &[u8]) -> ToSeal {
        ToSeal {
            path,
            header: FileHeader::new(
                SubjectId([1; 16]),
                FileId([2; 8]),
                Role::Video,
                b"A.MP4",
                content.len() as u64,
                sha256(content),
                "video/mp4",
                ShootId([3; 16]),
            ),
            kid: KeyId([4; 16]),
            key: Key::random(),
            context: "here".to_owned(),
        }
    }

    fn written(content: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("a");
        crate::files::write_new(&path, content).expect("written");
        (dir, path)
    }

    fn content(len: usize) -> Vec<u8> {
        (0..len).map(|n| u8::try_from(n % 251).expect("small")).collect()
    }

    #[test]
    fn a_file_sealed_whole_opens_to_itself() {
        for len in [0, 1, 16_000, 300_000] {
            let content = content(len);
            let (_dir, path) = written(&content);
            let file = to_seal(path, &content);
            let (body, sha) = file.seal_whole().expect("seals");
            assert_eq!((body.len() as u64, sha), (file.object_len(), sha256(&body)));
            let plain = open(&file.key, "here", &body[DSO1_PREFIX..]).expect("opens");
            let (header, read) = FileHeader::read_whole(&plain, true).expect("reads");
            assert_eq!((header, read), (file.header.clone(), content.as_slice()));
        }
    }

    #[test]
    fn a_file_sealed_in_parts_is_the_same_object() {
        for (len, part) in [(3_000_000, 700_001), (1_000_000, 1_000_000), (10, 4096)] {
            let content = content(len);
            let (_dir, path) = written(&content);
            let file = to_seal(path, &content);
            let seal = || {
                let mut parts = Vec::new();
                let salt = Salt::from_bytes([9; 24]);
                file.seal_parts::<Fault>(salt, part, |bytes| {
                    parts.push(bytes);
                    Ok(())
                })
                .expect("seals");
                parts
            };
            let parts = seal();
            assert_eq!(parts, seal(), "the same salt makes the same bytes");
            let full = parts.len() - 1;
            assert!(parts[..full].iter().all(|p| p.len() == part) && parts[full].len() <= part);
            let body = parts.concat();
            assert_eq!(body.len() as u64, file.object_len());
            let plain = open(&file.key, "here", &body[DSO1_PREFIX..]).expect("opens");
            assert_eq!(FileHeader::read_whole(&plain, true).expect("reads").1, content);
        }
    }

    #[test]
    fn a_file_that_changed_since_its_import_is_refused() {
        let right = content(200_000);
        let mut rotted = right.clone();
        rotted[150_000] ^= 1;
        for wrong in [rotted, content(199_999), content(200_001)] {
            let (_dir, path) = written(&wrong);
            let file = to_seal(path, &right);
            assert!(matches!(file.seal_whole(), Err(Fault::Changed)));
            let mut given = 0;
            let parts = file.seal_parts::<Fault>(Salt::random(), 50_000, |_| {
                given += 1;
                Ok(())
            });
            assert!(matches!(parts, Err(Fault::Changed)));
            assert!(given < 5, "the last part is never given, so the upload stays incomplete");
        }
        let (dir, _) = written(b"x");
        let gone = to_seal(dir.path().join("gone"), &right);
        assert!(matches!(gone.seal_whole(), Err(Fault::File(_))));
    }
}
