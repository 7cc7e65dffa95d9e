//! Commits: rows into segments, join once more, one name for the whole state, read back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;

use crate::catalog::{Committed, Query};
use crate::media::{FileId, ShootId, SubjectId};
use crate::store::sha256;

use super::bucket::put_checked;
use super::computer::OpenVault;
use super::error::{BackupError, Result};
use super::format::{Commit, CommitName, ObjectId, SegmentWriter, Sha, Totals};
use super::joined::Joined;

/// Rows taken from the catalogue at a time.
const ROWS: usize = 1000;

impl OpenVault {
    /// Commits everything unsent; `None` when there is nothing to say.
    pub(super) async fn commit(self: &Arc<Self>) -> Result<Option<CommitName>> {
        self.check_writable()?;
        self.mint_for_unsent().await?;
        let mut done = Committed::default();
        let mut segments: BTreeMap<ObjectId, Sha> = BTreeMap::new();
        self.put_segments(&mut done, &mut segments).await?;
        let unnamed = self.known().unnamed.values().any(|pages| !pages.is_empty());
        if segments.is_empty() && !unnamed {
            return Ok(None);
        }

        self.join_now().await?;
        self.check_writable()?;
        self.rewrite_pages_with_gone_keys().await?;

        let mut state = self.state_to_commit().await?;
        state.segments.extend(segments.iter().map(|(id, sha)| (*id, *sha)));
        let name = CommitName::new(state.seq + 1, self.computer.catalog.device());
        let commit = self.describe(&state, name).await?;
        let key = self.newest_key();
        let sealed = commit.seal(self.context(), key, name);
        let sha = sha256(&sealed);
        self.computer.catalog(move |c| c.add_own_commit(&name.to_string())).await?;
        let store = &*self.computer.store;
        put_checked(store, &name.object(), Bytes::from(sealed), sha).await?;
        let back = store.get(&name.object(), None).await?;
        let opened = Commit::open(self.context(), key, name, &back);
        if opened.map_err(BackupError::format(name.object()))? != commit || sha256(&back) != sha {
            return Err(BackupError::NotAsSent { name: name.object() });
        }

        let generation = key.generation;
        let mut joined = Joined { generation, ..Joined::default() };
        joined.join(name, Sha(sha), generation, commit);
        done.pages = joined.ring.values().flat_map(|p| p.keys().map(|id| id.0)).collect();
        done.segments = segments.keys().map(|id| id.0).collect();
        done.state = joined.to_bytes();
        let at = (self.computer.now)();
        self.computer.catalog(move |c| c.set_committed(&done, at)).await?;
        self.remember(&joined).await?;
        let mut known = self.known();
        known.joined = joined;
        known.unnamed.clear();
        known.replaces.clear();
        drop(known);
        Ok(Some(name))
    }

    /// Seals every unsent row under its subject's key and puts the segments.
    async fn put_segments(
        self: &Arc<Self>,
        done: &mut Committed,
        segments: &mut BTreeMap<ObjectId, Sha>,
    ) -> Result<()> {
        let mut writer = SegmentWriter::new(self.context());
        let mut after = 0;
        loop {
            let this = Arc::clone(self);
            let work = tokio::task::spawn_blocking(move || this.seal_rows(after, writer));
            let sealed = work.await??;
            writer = sealed.writer;
            done.sent.extend(sealed.sent);
            done.files.extend(sealed.files);
            for (id, body) in sealed.full {
                segments.insert(id, self.put_segment(id, body).await?);
            }
            match sealed.last {
                Some(last) => after = last,
                None => break,
            }
        }
        if !writer.is_empty() {
            let id = writer.id;
            let body = writer.finish(self.newest_key());
            segments.insert(id, self.put_segment(id, body).await?);
        }
        Ok(())
    }

    /// Takes the next unsent rows after a revision into the segment, closing it when it is full.
    fn seal_rows(&self, after: u64, mut writer: SegmentWriter) -> Result<SealedRows> {
        let rows = self.computer.catalog.unsent_after(after, ROWS)?;
        let last = rows.last().map(|(_, revision)| *revision);
        let (mut full, mut sent, mut files) = (Vec::new(), Vec::new(), Vec::new());
        let known = self.known();
        for (row, revision) in rows {
            let subject = (row.kind.clone(), row.subject);
            // Changed after the keys were minted: it stays unsent until the next commit.
            let Some((kid, key)) =
                known.kids.get(&subject).and_then(|kid| Some((*kid, known.ring.get(*kid)?)))
            else {
                continue;
            };
            let text = serde_json::to_vec(&row).expect("plain data");
            if writer.is_full_for(text.len()) {
                let next = SegmentWriter::new(self.context());
                let closed = std::mem::replace(&mut writer, next);
                full.push((closed.id, closed.finish(self.newest_key())));
            }
            writer.add(kid, key, &text);
            if row.kind == "photo" {
                let fields = row.set.iter().flat_map(|set| &set.fields);
                let placed = fields.filter(|(_, value)| !value.is_null());
                files.extend(
                    placed.filter_map(|(f, _)| f.strip_prefix("at/")?.parse::<FileId>().ok()),
                );
            }
            sent.push((subject, revision));
        }
        drop(known);
        Ok(SealedRows { writer, full, sent, files, last })
    }

    async fn put_segment(&self, id: ObjectId, body: Vec<u8>) -> Result<Sha> {
        let sha = sha256(&body);
        let name = format!("cat/{id}");
        put_checked(&*self.computer.store, &name, Bytes::from(body), sha).await?;
        Ok(Sha(sha))
    }

    /// A page of ours that holds a key another computer erased meanwhile must not be named.
    async fn rewrite_pages_with_gone_keys(&self) -> Result<()> {
        let kept = self.computer.catalog(|c| c.vault_pages()).await?;
        let mut dirty: BTreeSet<ShootId> = BTreeSet::new();
        for page in kept.iter().filter(|page| !page.named) {
            let (id, name) = (ObjectId(page.page), format!("ring/{}", page.shoot));
            let opened = super::computer::open_page(
                self.context(),
                self.keys(),
                page.shoot,
                id,
                &page.sealed,
            )
            .map_err(BackupError::format(name))?;
            let known = self.known();
            if opened.keys.keys().any(|kid| known.ring.is_gone(SubjectId(kid.0))) {
                dirty.insert(page.shoot);
            }
        }
        if dirty.is_empty() { Ok(()) } else { self.rewrite_pages(dirty).await }
    }

    /// The joined state with our pages in it: each in place of those it holds everything of.
    async fn state_to_commit(&self) -> Result<Joined> {
        let (pages, slots) =
            self.computer.catalog(|c| Ok((c.vault_pages()?, c.vault_slots()?))).await?;
        let known = self.known();
        let mut state = known.joined.clone();
        for page in pages.iter().filter(|page| !page.named) {
            let named = state.ring.entry(page.shoot).or_default();
            named.insert(ObjectId(page.page), Sha(page.sha256));
        }
        for replaced in known.replaces.values().flatten() {
            for named in state.ring.values_mut() {
                named.remove(replaced);
            }
        }
        for (file, body) in slots {
            state.slots.entry(file).or_insert(Some(Sha(sha256(&body))));
        }
        Ok(state)
    }

    async fn describe(&self, state: &Joined, name: CommitName) -> Result<Commit> {
        let counts = self.computer.catalog(|c| c.counts(&Query::default())).await?;
        let mut devices = state.devices.clone();
        devices.insert(name.device, name.seq);
        let now = u64::try_from((self.computer.now)().as_millisecond()).unwrap_or(0);
        Ok(Commit {
            v: 1,
            seq: name.seq,
            device: name.device,
            hlc: (now, 0),
            parents: state.parents.clone(),
            contains: state.contains.clone(),
            devices,
            ring: state.ring.clone(),
            segments: state.segments.clone(),
            slots: state.slots.clone(),
            vault: String::from_utf8(self.about.to_bytes()).expect("JSON is text"),
            totals: Totals { photos: counts.photos, files: counts.files, bytes: counts.bytes },
            program: self.computer.program.clone(),
            newer: false,
        })
    }
}

/// What one batch of rows became.
struct SealedRows {
    writer: SegmentWriter,
    full: Vec<(ObjectId, Vec<u8>)>,
    sent: Vec<((String, SubjectId), u64)>,
    files: Vec<FileId>,
    /// The last revision of the batch; nothing when there was none.
    last: Option<u64>,
}
