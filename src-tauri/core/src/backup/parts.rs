//! Large files: sealed and sent in parts, and gone on with after a crash.
//!
//! Only here a salt outlives a run, so the rule that it seals one plaintext only is kept by hashes:
//! a part's hash is in the journal before the part is sent, and a part that is sealed again must
//! have it. A file that changed meanwhile is caught at the first such part, or at the end by its
//! content hash, and its upload is aborted.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, StreamExt as _};
use tokio::sync::mpsc;

use crate::catalog::{FileRow, Upload, UploadBody};
use crate::encryption::Salt;
use crate::progress::{Cancelled, Progress};
use crate::store::{Part, PutOptions, StoreError, UploadId, sha256};

use super::body::Fault;
use super::bucket::parts_are_there;
use super::computer::OpenVault;
use super::error::{BackupError, Result};
use super::format::{ObjectId, Place, object_name};
use super::make::{Outcome, on_a_thread, place_of};
use super::options::BackupOptions;

/// Parts sent at a time.
const PARTS_AT_ONCE: usize = 2;

/// An upload in parts as the journal knows it.
#[derive(Debug)]
pub(super) struct Begun {
    object: ObjectId,
    salt: [u8; 24],
    upload: UploadId,
    part_bytes: u64,
    parts: Vec<[u8; 32]>,
    entry: Upload,
}

impl Begun {
    /// Which upload it is.
    pub fn into_name(self) -> (String, UploadId) {
        (self.entry.name, self.upload)
    }
}

/// Why the sealing thread stopped.
enum Stop {
    Fault(Fault),
    /// A part is not what the journal says.
    Differs,
    /// Nobody takes the parts any more.
    NoTaker,
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// How an attempt ended.
enum Attempt {
    Done(Box<Upload>),
    Failed(Fault),
    /// Cannot be gone on with: begin anew.
    Stale,
}

impl OpenVault {
    /// Reads a journal entry of an upload in parts; `None` when its beginning was not answered.
    pub(super) fn begun(entry: &Upload) -> Option<Begun> {
        let UploadBody::Parts { salt, upload, part_bytes, parts } = &entry.body else {
            return None;
        };
        if upload.is_empty() {
            return None;
        }
        let object = entry.name.rsplit('/').next()?.parse().ok()?;
        Some(Begun {
            object,
            salt: *salt,
            upload: UploadId(upload.clone()),
            part_bytes: *part_bytes,
            parts: parts.clone(),
            entry: entry.clone(),
        })
    }

    /// Sends a large file; goes on with `begun` where that is possible.
    pub(super) async fn send_parts(
        self: &Arc<Self>,
        file: &FileRow,
        mut begun: Option<Begun>,
        options: &BackupOptions,
        progress: &Progress,
        out: &mut Outcome,
    ) -> Result<Option<Upload>> {
        loop {
            let resumed = begun.is_some();
            let this = match begun.take() {
                Some(begun) => begun,
                None => self.begin(file, options).await?,
            };
            let (name, upload) = (this.entry.name.clone(), this.upload.clone());
            match self.attempt(file, this, progress).await? {
                Attempt::Done(entry) => {
                    out.files += 1;
                    out.bytes += file.bytes;
                    return Ok(Some(*entry));
                }
                Attempt::Failed(fault) => {
                    self.abort(&name, &upload).await?;
                    out.fail(file, &fault);
                    return Ok(None);
                }
                Attempt::Stale if resumed => self.abort(&name, &upload).await?,
                Attempt::Stale => {
                    self.abort(&name, &upload).await?;
                    out.fail(file, &Fault::Changed);
                    return Ok(None);
                }
            }
        }
    }

    async fn begin(self: &Arc<Self>, file: &FileRow, options: &BackupOptions) -> Result<Begun> {
        let object = ObjectId::random();
        let salt = *Salt::random().as_bytes();
        let row = file.clone();
        let to_seal = on_a_thread(self, move |vault| vault.to_seal(&row, object)).await?;
        let name = object_name('o', object);
        let bytes = to_seal.object_len();
        let part_bytes = options.part_bytes(bytes);
        let store = &*self.computer.store;
        // Journalled before it is begun: should the answer be lost, the next run finds the leftover
        // by its name.
        let body = UploadBody::Parts { salt, upload: String::new(), part_bytes, parts: Vec::new() };
        let items = vec![place_of(file, Place::Object { kid: to_seal.kid, object })];
        let entry = Upload { name, bytes, body, items, put_at: None };
        let journalled = entry.clone();
        self.computer.catalog(move |c| c.begin_upload(&journalled)).await?;
        let upload = store.begin_parts(&entry.name, &PutOptions::default()).await?;
        let (name, id) = (entry.name.clone(), upload.0.clone());
        self.computer.catalog(move |c| c.set_upload_id(&name, &id)).await?;
        Ok(Begun { object, salt, upload, part_bytes, parts: Vec::new(), entry })
    }

    /// Takes away an upload that will not be finished, and its journal entry.
    pub(super) async fn abort(&self, name: &str, upload: &UploadId) -> Result<()> {
        self.computer.store.abort_parts(name, upload).await?;
        let name = name.to_owned();
        self.computer.catalog(move |c| c.drop_upload(&name)).await
    }

    async fn attempt(
        self: &Arc<Self>,
        file: &FileRow,
        begun: Begun,
        progress: &Progress,
    ) -> Result<Attempt> {
        let Begun { object, salt, upload, part_bytes, parts: journalled, entry } = begun;
        let store = &*self.computer.store;
        let there: BTreeMap<u32, Part> = match store.parts(&entry.name, &upload).await {
            Ok(parts) => parts.into_iter().map(|part| (part.number, part)).collect(),
            Err(StoreError::NotFound { .. }) => return Ok(Attempt::Stale),
            Err(error) => return Err(error.into()),
        };
        let (give, take) = mpsc::channel::<(u32, Bytes, [u8; 32])>(1);
        let (row, known) = (file.clone(), journalled.clone());
        let sealing = on_a_thread(self, move |vault| {
            let to_seal = vault.to_seal(&row, object)?;
            let part_len = usize::try_from(part_bytes).unwrap_or(usize::MAX);
            let mut number = 0;
            Ok(to_seal.seal_parts::<Stop>(Salt::from_bytes(salt), part_len, |body| {
                let sha = sha256(&body);
                if known.get(number as usize).is_some_and(|known| *known != sha) {
                    return Err(Stop::Differs);
                }
                number += 1;
                give.blocking_send((number, body, sha)).map_err(|_| Stop::NoTaker)
            }))
        });
        let sending = async {
            let parts = stream::unfold(take, |mut take| async { Some((take.recv().await?, take)) });
            let sent = parts
                .map(|(number, body, sha)| {
                    let (name, upload, done) = (&entry.name, &upload, there.get(&number));
                    let is_journalled = number as usize <= journalled.len();
                    async move {
                        progress.check()?;
                        if !is_journalled {
                            let name = name.clone();
                            self.computer
                                .catalog(move |c| c.begin_part(&name, number, &sha))
                                .await?;
                        }
                        let bytes = body.len() as u64;
                        let part = match done {
                            Some(part) if part.bytes == bytes && part.sha256 == Some(sha) => {
                                part.clone()
                            }
                            _ => store.put_part(name, upload, number, body, sha).await?,
                        };
                        progress.add_bytes(bytes);
                        Ok::<_, BackupError>((part, sha))
                    }
                })
                .buffered(PARTS_AT_ONCE);
            let mut sent = std::pin::pin!(sent);
            let (mut parts, mut hashes) = (Vec::new(), Vec::new());
            while let Some(part) = sent.next().await {
                let (part, sha) = part?;
                parts.push(part);
                hashes.push(sha);
            }
            Ok::<_, BackupError>((parts, hashes))
        };
        let (sealed, sent) = tokio::join!(sealing, sending);
        let (parts, hashes) = sent?;
        match sealed? {
            Ok(()) => {}
            Err(Stop::Fault(fault)) => return Ok(Attempt::Failed(fault)),
            Err(Stop::Differs) => return Ok(Attempt::Stale),
            Err(Stop::NoTaker) => return Err(Cancelled.into()),
        }
        store.finish_parts(&entry.name, &upload, &parts).await?;
        if !parts_are_there(store, &entry.name, entry.bytes, part_bytes, &hashes).await? {
            return Err(BackupError::NotAsSent { name: entry.name });
        }
        Ok(Attempt::Done(Box::new(entry)))
    }
}
