//! Brings this computer up to date with the bucket: heads, pages, rows, slots.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, StreamExt as _};

use crate::catalog::{Row, VaultPage};
use crate::encryption::open;
use crate::keys::json;
use crate::media::{KeyId, ShootId, SubjectId};
use crate::store::{StoreError, sha256};

use super::bucket::get_named;
use super::computer::{OpenVault, open_page, try_keys};
use super::error::{BackupError, Result};
use super::format::{CommitName, FormatError, ObjectId, Sha, page_name, read_segment};
use super::joined::Joined;
use super::{guard, heads};

/// Requests in flight for things of kilobytes; segments are megabytes.
const PAGES_AT_ONCE: usize = 16;
const SEGMENTS_AT_ONCE: usize = 3;

/// What a join met.
#[derive(Debug, Default)]
pub struct JoinReport {
    /// Rows read from segments this catalogue did not have.
    pub rows: u64,
    /// What could not be read, in words. Nothing of it was dropped from the vault.
    pub problems: Vec<String>,
}

impl OpenVault {
    /// Joins what other computers committed. One request when there is nothing new.
    ///
    /// # Errors
    /// The store fails, the state is older than this computer has seen, or the vault has a newer
    /// key.
    pub async fn join(&self) -> Result<JoinReport> {
        let _busy = self.busy.lock().await;
        self.join_now().await
    }

    pub(super) async fn join_now(&self) -> Result<JoinReport> {
        let listed = heads::list(&*self.computer.store).await?;
        self.check_device(&listed).await?;
        let is_current = {
            // Without a log, what lies there was read by the first join of this run.
            let known = self.known();
            let looked = !listed.is_empty() || (known.looked && known.joined.parents.is_empty());
            looked && known.joined.is_current(&listed)
        };
        if is_current && !self.lacks_something().await? {
            return Ok(JoinReport::default());
        }
        let report = self.join_listed(&listed).await?;
        self.known().looked = true;
        Ok(report)
    }

    /// Whether a page or segment that the joined heads name could not be read so far: it is asked
    /// for, and named as a problem, until it is back.
    async fn lacks_something(&self) -> Result<bool> {
        let here: BTreeSet<ObjectId> = self.segments_here().await?;
        let known = self.known();
        let pages = known.joined.ring.values().flat_map(|pages| pages.keys());
        Ok(known.joined.segments.keys().any(|segment| !here.contains(segment))
            || pages.into_iter().any(|page| !known.opened.contains(page)))
    }

    async fn segments_here(&self) -> Result<BTreeSet<ObjectId>> {
        let segments = self.computer.catalog(|catalog| catalog.vault_segments()).await?;
        Ok(segments.into_iter().map(ObjectId).collect())
    }

    /// A commit under our id that we did not write: this catalogue was cloned. Two machines must
    /// not write as one, so this one becomes another.
    async fn check_device(&self, listed: &BTreeSet<CommitName>) -> Result<()> {
        let catalog = &self.computer.catalog;
        let device = catalog.device();
        if !listed.iter().any(|name| name.device == device) {
            return Ok(());
        }
        let own: BTreeSet<String> =
            self.computer.catalog(|catalog| catalog.own_commits()).await?.into_iter().collect();
        let foreign =
            |name: &&CommitName| name.device == device && !own.contains(&name.to_string());
        if listed.iter().any(|name| foreign(&name)) {
            let device = self.computer.catalog(|catalog| catalog.renew_device()).await?;
            tracing::info!(%device, "another computer writes under this one's id: a new id");
        }
        Ok(())
    }

    async fn join_listed(&self, listed: &BTreeSet<CommitName>) -> Result<JoinReport> {
        let store = &*self.computer.store;
        let heads = heads::read(store, self.context(), self.keys(), listed).await?;
        let mut report = JoinReport::default();
        report.problems.extend(heads.unopened.iter().map(|(_, error)| error.to_string()));
        let (dir, vault) = (self.computer.state_dir.clone(), self.id());
        let now = heads.joined.clone();
        tokio::task::spawn_blocking(move || guard::check(&dir, vault, &now)).await??;
        if let Some(about) = &heads.about
            && about.as_bytes() != self.about.to_bytes()
        {
            return Err(BackupError::WrongHash { name: "vault.json".to_owned() });
        }
        let mut joined = heads.joined;
        if joined.parents.is_empty() {
            self.join_without_log(&mut joined).await?;
            if !joined.segments.is_empty() {
                let gone = "no commit is left in the bucket's log: the catalogue was put together \
                            from every page and segment there is";
                report.problems.push(gone.to_owned());
            }
        }
        if let Some(newer) = heads.newer {
            self.known().newer = Some(newer);
        }
        self.join_pages(&joined, &mut report).await?;
        self.join_segments(&joined, &mut report).await?;
        self.join_slots(&joined, &mut report).await?;

        let bytes = joined.to_bytes();
        self.computer
            .catalog(move |catalog| {
                catalog.set_vault_state(&bytes)?;
                catalog.tidy_uploads()
            })
            .await?;
        self.remember(&joined).await?;
        self.known().joined = joined;
        Ok(report)
    }

    /// Notes in the rollback guard what was seen.
    pub(super) async fn remember(&self, joined: &Joined) -> Result<()> {
        let (dir, vault, seen) = (self.computer.state_dir.clone(), self.id(), joined.clone());
        tokio::task::spawn_blocking(move || guard::remember(&dir, vault, &seen)).await?
    }

    /// No log, or none that opens: every page and every segment there is counts. What is gone wins,
    /// so nothing erased comes back.
    async fn join_without_log(&self, joined: &mut Joined) -> Result<()> {
        let store = &*self.computer.store;
        for (name, _) in store.list("ring/", None).await? {
            let mut parts = name.split('/').skip(1);
            let shoot = parts.next().and_then(|shoot| shoot.parse::<ShootId>().ok());
            let page = parts.next().and_then(|page| page.parse::<ObjectId>().ok());
            if let (Some(shoot), Some(page)) = (shoot, page) {
                let sha = Sha(sha256(&store.get(&name, None).await?));
                joined.ring.entry(shoot).or_default().insert(page, sha);
            }
        }
        for (name, _) in store.list("cat/", None).await? {
            let segment = name.strip_prefix("cat/").and_then(|id| id.parse::<ObjectId>().ok());
            if let Some(segment) = segment {
                let sha = Sha(sha256(&store.get(&name, None).await?));
                joined.segments.insert(segment, sha);
            }
        }
        Ok(())
    }

    async fn join_pages(&self, joined: &Joined, report: &mut JoinReport) -> Result<()> {
        let wanted: Vec<(ShootId, ObjectId, Sha)> = {
            let known = self.known();
            let pages = joined
                .ring
                .iter()
                .flat_map(|(shoot, pages)| pages.iter().map(|(page, sha)| (*shoot, *page, *sha)));
            pages.filter(|(_, page, _)| !known.opened.contains(page)).collect()
        };
        let store = &*self.computer.store;
        let mut pages = stream::iter(wanted)
            .map(|(shoot, page, sha)| async move {
                let name = page_name(shoot, page);
                let body = get_named(store, &name, Some(sha)).await;
                (shoot, page, sha, name, body)
            })
            .buffer_unordered(PAGES_AT_ONCE);
        let mut kept = Vec::new();
        while let Some((shoot, page, sha, name, body)) = pages.next().await {
            let Some(bytes) = readable(body, report)? else { continue };
            match open_page(self.context(), self.keys(), shoot, page, &bytes) {
                Ok(opened) => {
                    self.known().take_page(shoot, page, opened, &name)?;
                    let (page, sha256) = (page.0, sha.0);
                    kept.push(VaultPage {
                        shoot,
                        page,
                        sha256,
                        sealed: bytes.to_vec(),
                        named: true,
                    });
                }
                Err(source) => {
                    report.problems.push(BackupError::Format { name, source }.to_string());
                }
            }
        }
        self.computer.catalog(move |catalog| catalog.add_vault_pages(&kept, &[])).await
    }

    async fn join_segments(&self, joined: &Joined, report: &mut JoinReport) -> Result<()> {
        let here = self.segments_here().await?;
        let wanted: Vec<(ObjectId, Sha)> = joined
            .segments
            .iter()
            .filter(|(segment, _)| !here.contains(segment))
            .map(|(segment, sha)| (*segment, *sha))
            .collect();
        let store = &*self.computer.store;
        let mut segments = stream::iter(wanted)
            .map(|(segment, sha)| async move {
                (segment, get_named(store, &format!("cat/{segment}"), Some(sha)).await)
            })
            .buffer_unordered(SEGMENTS_AT_ONCE);
        while let Some((segment, body)) = segments.next().await {
            let Some(bytes) = readable(body, report)? else { continue };
            self.join_segment(segment, bytes, report).await?;
        }
        Ok(())
    }

    /// Merges one segment's rows into the catalogue.
    async fn join_segment(
        &self,
        segment: ObjectId,
        bytes: Bytes,
        report: &mut JoinReport,
    ) -> Result<()> {
        let (context, keys, ring) =
            (self.context(), self.keys().to_vec(), self.known().ring.clone());
        let catalog = Arc::clone(&self.computer.catalog);
        let at = (self.computer.now)();
        let merged = tokio::task::spawn_blocking(move || -> Result<_> {
            let name = format!("cat/{segment}");
            let sealed =
                match try_keys(&keys, &bytes, |key| read_segment(context, key, segment, &bytes)) {
                    Ok(sealed) => sealed,
                    Err(source) => {
                        let problem = BackupError::Format { name, source }.to_string();
                        return Ok((Vec::new(), vec![problem]));
                    }
                };
            let (mut rows, mut problems): (Vec<(Row, KeyId)>, _) = (Vec::new(), Vec::new());
            for row in sealed {
                if ring.is_gone(SubjectId(row.kid.0)) {
                    continue;
                }
                let read = || -> Result<Row, FormatError> {
                    let key = ring.get(row.kid).ok_or(FormatError::Shape("its key is missing"))?;
                    let text = open(key, &context.row(segment, row.n), &row.sealed)?;
                    Ok(json::read(&text)?)
                };
                match read() {
                    Ok(read) if ring.is_gone(read.subject) => {}
                    Ok(read) => rows.push((read, row.kid)),
                    Err(error) => problems.push(format!("row {} of `{name}`: {error}", row.n)),
                }
            }
            catalog.merge_committed(&rows, at)?;
            if problems.is_empty() {
                catalog.add_vault_segments(&[segment.0])?;
            }
            let kids: Vec<_> =
                rows.into_iter().map(|(row, kid)| ((row.kind, row.subject), kid)).collect();
            Ok((kids, problems))
        });
        let (kids, problems) = merged.await??;
        report.rows += kids.len() as u64;
        report.problems.extend(problems);
        let mut known = self.known();
        for (subject, kid) in kids {
            known.kids.entry(subject).or_insert(kid);
        }
        Ok(())
    }

    /// Keeps copies of the slots that the heads name, and forgets revoked ones: without slots the
    /// words open nothing. One that is missing from the bucket is not put back from here.
    async fn join_slots(&self, joined: &Joined, report: &mut JoinReport) -> Result<()> {
        let kept = self.computer.catalog(|catalog| catalog.vault_slots()).await?;
        let store = &*self.computer.store;
        for (file, sha) in &joined.slots {
            let name = format!("keys/{file}");
            match (sha, kept.get(file)) {
                (None, Some(_)) => {
                    let file = file.clone();
                    self.computer.catalog(move |c| c.set_vault_slot(&file, None)).await?;
                }
                (Some(sha), None) => {
                    let body = get_named(store, &name, Some(*sha)).await;
                    if let Some(body) = readable(body, report)? {
                        let file = file.clone();
                        self.computer
                            .catalog(move |catalog| catalog.set_vault_slot(&file, Some(&body)))
                            .await?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Refuses to write where a newer program has written.
    pub(super) fn check_writable(&self) -> Result<()> {
        match &self.known().newer {
            Some(name) => Err(BackupError::Newer { name: name.clone() }),
            None => Ok(()),
        }
    }
}

/// A thing that is missing or is not what was committed is a problem to tell; a store that does not
/// answer ends the join.
fn readable(body: Result<Bytes>, report: &mut JoinReport) -> Result<Option<Bytes>> {
    match body {
        Ok(bytes) => Ok(Some(bytes)),
        Err(
            error @ (BackupError::WrongHash { .. }
            | BackupError::Store(StoreError::NotFound { .. })),
        ) => {
            report.problems.push(error.to_string());
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
