//! Goes on after a run that was cut off: what the journal says was sent is looked for in the store.

use std::collections::{BTreeSet, HashMap};

use jiff::SignedDuration;

use crate::catalog::{Upload, UploadBody};
use crate::keys::json;
use crate::media::FileId;
use crate::store::UploadId;

use super::bucket::{is_there, parts_are_there};
use super::computer::{OpenVault, try_keys};
use super::error::{BackupError, Result};
use super::format::{ObjectId, open_tombstones};
use super::parts::Begun;

/// A place this old must be looked at again before a commit names it: collection may have marked it.
const OLD: SignedDuration = SignedDuration::from_hours(24);

impl OpenVault {
    /// Settles every journal entry. Returns the uploads in parts that can be gone on with.
    pub(super) async fn recover(&self) -> Result<HashMap<FileId, Begun>> {
        let entries = self.computer.catalog(|c| c.uploads()).await?;
        let mut begun = HashMap::new();
        let now = (self.computer.now)();
        let mut tombstones = None;
        for entry in entries {
            match entry.put_at {
                Some(at) if now.duration_since(at) < OLD => {}
                Some(_) => {
                    if tombstones.is_none() {
                        tombstones = Some(self.tombstones().await?);
                    }
                    let dead = tombstones.as_ref().is_some_and(|names| names.contains(&entry.name));
                    if dead || !self.has(&entry).await? {
                        self.forget(entry.name).await?;
                    }
                }
                None if self.has(&entry).await? => {
                    self.computer.catalog(move |c| c.placed(&[entry], now)).await?;
                }
                None => match (Self::begun(&entry), file_of(&entry)) {
                    (Some(upload), Some(file)) => {
                        begun.insert(file, upload);
                    }
                    _ => self.forget_unfinished(entry).await?,
                },
            }
        }
        Ok(begun)
    }

    /// Aborts uploads in parts whose files are no longer to be sent.
    pub(super) async fn abandon(&self, begun: HashMap<FileId, Begun>) -> Result<()> {
        for upload in begun.into_values() {
            let (name, id): (String, UploadId) = upload.into_name();
            self.abort(&name, &id).await?;
        }
        Ok(())
    }

    async fn has(&self, entry: &Upload) -> Result<bool> {
        let store = &*self.computer.store;
        match &entry.body {
            UploadBody::Whole { sha256 } => is_there(store, &entry.name, entry.bytes, sha256).await,
            UploadBody::Parts { part_bytes, parts, .. } => {
                parts_are_there(store, &entry.name, entry.bytes, *part_bytes, parts).await
            }
        }
    }

    /// Forgets an upload of which nothing is in the store, but perhaps a beginning in parts whose
    /// answer was lost.
    async fn forget_unfinished(&self, entry: Upload) -> Result<()> {
        if matches!(entry.body, UploadBody::Parts { .. }) {
            let store = &*self.computer.store;
            for (name, upload) in store.uploads(&entry.name).await? {
                store.abort_parts(&name, &upload).await?;
            }
        }
        self.forget(entry.name).await
    }

    async fn forget(&self, name: String) -> Result<()> {
        self.computer.catalog(move |c| c.drop_upload(&name)).await
    }

    /// The names that collection has marked.
    async fn tombstones(&self) -> Result<BTreeSet<String>> {
        let store = &*self.computer.store;
        let mut marked = BTreeSet::new();
        for (name, _) in store.list("gc/", None).await? {
            let Some(id) = name.strip_prefix("gc/").and_then(|id| id.parse::<ObjectId>().ok())
            else {
                continue;
            };
            let bytes = store.get(&name, None).await?;
            let context = self.context();
            let text =
                try_keys(self.keys(), &bytes, |key| open_tombstones(context, key, id, &bytes));
            #[derive(serde::Deserialize)]
            struct Tombstones {
                names: Vec<String>,
            }
            let read = text.and_then(|text| Ok(json::read::<Tombstones>(&text)?));
            marked.extend(read.map_err(BackupError::format(name))?.names);
        }
        Ok(marked)
    }
}

/// The file an upload in parts is of.
fn file_of(entry: &Upload) -> Option<FileId> {
    entry.items.first()?.field.strip_prefix("at/")?.parse().ok()
}
