//! The end of a share: revoked on request and proven, or swept away after its time.
//!
//! A signature that has ended leaves ciphertext behind, and a revoked one would go on working, so
//! both ends are deletions. The page itself stays until its own signature ends: it holds nothing
//! private, and says to whoever still has the link which of the two happened.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use futures::stream;
use jiff::Timestamp;
use serde::Serialize;
use url::Url;

use super::error::ShareError;
use super::index::Index;
use super::link::{Link, share_name};
use super::passcode::Passcode;
use super::record::{self, Record, State};
use super::{PAGE_LIVES, Shares, object, share_key};

/// Addresses asked at the same time.
const VISITS: usize = 16;
/// An interrupted creation is cleared away after this long.
const ABANDONED: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// The proof of a revocation: every address was asked again, without credentials.
#[derive(Debug, Clone, Serialize)]
pub struct Revoked {
    pub share_id: String,
    /// No address of the album gives anything, and nothing but the page is left in the bucket.
    pub dead: bool,
    pub checked_at: Timestamp,
    /// How often the addresses gave which HTTP status.
    pub statuses: BTreeMap<u16, u64>,
    /// Objects deleted, in all versions.
    pub deleted: u64,
}

/// What a sweep cleared away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    pub shares: u64,
    pub objects: u64,
}

impl Shares {
    /// Takes the share whose id begins with `prefix` back: deletes the album, then asks every
    /// address it had. May be repeated.
    ///
    /// # Errors
    /// No such share, or the store could not be reached. What was deleted by then is called revoked,
    /// and not proven.
    pub async fn revoke(&self, prefix: &str) -> Result<Revoked, ShareError> {
        let record = record::find(&self.catalog, prefix, (self.now)())?;
        // Its addresses have to be known before they lead nowhere; deleting does not wait for that.
        let addresses = self.addresses(&record).await;
        let deleted = self.delete(&record, Keep::Page).await?;
        record::mark(&self.catalog, record.id, &["revoked", "swept"], (self.now)())?;
        let addresses = addresses?;

        let visits = stream::iter(addresses)
            .map(|address| async move { self.store.visit(&address).await })
            .buffer_unordered(VISITS)
            .collect::<Vec<_>>()
            .await;
        let mut statuses = BTreeMap::new();
        for visit in visits {
            *statuses.entry(visit?.status).or_insert(0) += 1;
        }
        let left = self.names(&record).await?;
        let page = object(record.id, "view");
        let dead = statuses.keys().all(|status| (400..500).contains(status))
            && left.iter().all(|name| *name == page);
        let checked_at = record::second((self.now)());
        if dead {
            record::mark(&self.catalog, record.id, &["proven"], checked_at)?;
        }
        Ok(Revoked { share_id: record.info.share_id, dead, checked_at, statuses, deleted })
    }

    /// Deletes what lies behind ended links, then their pages too; call it when the program runs.
    ///
    /// # Errors
    /// The catalogue or the store could not be reached; what was swept until then stays swept.
    pub async fn sweep(&self) -> Result<Swept, ShareError> {
        let now = (self.now)();
        let mut swept = Swept::default();
        for record in record::records(&self.catalog, now)? {
            let age = now.duration_since(record.info.created_at);
            let is_abandoned = record.info.state == State::Unfinished && age > ABANDONED;
            let is_over = matches!(record.info.state, State::Ended | State::Revoked);
            // The page was signed when the album was uploaded, a while after `created`.
            let page_is_dead = age > record::lifetime(PAGE_LIVES) + ABANDONED;
            let (keep, marks): (_, &[&str]) = match () {
                () if record.gone => continue,
                () if is_abandoned || (is_over && page_is_dead) => {
                    (Keep::Nothing, &["swept", "gone"])
                }
                () if is_over && !record.swept => (Keep::Page, &["swept"]),
                () => continue,
            };
            swept.objects += self.delete(&record, keep).await?;
            swept.shares += 1;
            record::mark(&self.catalog, record.id, marks, now)?;
        }
        Ok(swept)
    }

    /// Every address the link leads to, but the page's: of the index, and of what it lists.
    async fn addresses(&self, record: &Record) -> Result<Vec<Url>, ShareError> {
        if record.info.state == State::Unfinished {
            return Ok(Vec::new());
        }
        let link = Link::parse(&record.info.url)?;
        let mut addresses = vec![link.index()?];
        let name = object(record.id, &format!("index/{}", link.n));
        let sealed = match self.store.get(&name, None).await {
            Ok(sealed) => sealed,
            // Revoked or swept before.
            Err(crate::store::StoreError::NotFound { .. }) => return Ok(addresses),
            Err(error) => return Err(error.into()),
        };
        let passcode = record.info.passcode.as_deref().map(Passcode::typed).transpose()?;
        let key = share_key(&link.secret, record.id, passcode.as_ref());
        // A damaged index must not keep a share alive: what it listed is still deleted by prefix.
        if let Ok(index) = Index::open(&key, record.id, link.n, &sealed) {
            let items = (0..index.items.len()).filter_map(|item| index.address(item));
            addresses.extend(items.filter_map(|address| Url::parse(&address).ok()));
        }
        Ok(addresses)
    }

    pub(super) async fn delete(&self, record: &Record, keep: Keep) -> Result<u64, ShareError> {
        let mut names = self.names(record).await?;
        if keep == Keep::Page {
            let page = object(record.id, "view");
            names.retain(|name| *name != page);
        }
        self.store.delete(&names).await?;
        Ok(names.len() as u64)
    }

    async fn names(&self, record: &Record) -> Result<Vec<String>, ShareError> {
        let prefix = format!("s/{}/", share_name(record.id));
        let found = self.store.list(&prefix, None).await?;
        Ok(found.into_iter().map(|(name, _)| name).collect())
    }
}

/// What stays of a share's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Page,
    Nothing,
}
