//! Mints subject keys and puts the ring pages that hold them, before anything is sealed under them:
//! an object whose key is lost is worse than an unused key.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::catalog::{Row, SubjectName, VaultPage};
use crate::keys::MAIN_SHOOT;
use crate::media::{KeyId, ShootId, SubjectId};
use crate::store::sha256;

use super::bucket::put_checked;
use super::computer::OpenVault;
use super::error::{BackupError, Result};
use super::format::{ObjectId, Page, page_name};

const PAGES_AT_ONCE: usize = 8;

/// The subject whose key seals the index of packs of photos without a shoot.
fn main_subject() -> SubjectName {
    ("setting".to_owned(), SubjectId(MAIN_SHOOT.0))
}

/// The subject whose key seals the index of a shoot's packs.
pub(super) fn shoot_subject(shoot: ShootId) -> SubjectName {
    if shoot == MAIN_SHOOT { main_subject() } else { ("shoot".to_owned(), SubjectId(shoot.0)) }
}

/// In whose page the key of a row's subject belongs.
fn home_of(row: &Row) -> ShootId {
    match row.kind.as_str() {
        "shoot" => ShootId(row.subject.0),
        "photo" => row
            .set
            .iter()
            .rev()
            .find_map(|set| set.fields.get("shoot"))
            .and_then(|shoot| shoot.as_str()?.parse().ok())
            .unwrap_or(MAIN_SHOOT),
        _ => MAIN_SHOOT,
    }
}

impl OpenVault {
    /// Gives every unsent subject, and the shoots of unsent photos, a key that lies in the bucket.
    pub(super) async fn mint_for_unsent(&self) -> Result<()> {
        let mut wanted: BTreeMap<SubjectName, ShootId> = BTreeMap::new();
        let mut after = 0;
        loop {
            let rows = self.computer.catalog(move |c| c.unsent_after(after, 1000)).await?;
            let Some((_, last)) = rows.last() else { break };
            after = *last;
            for (row, _) in rows {
                let home = home_of(&row);
                if row.kind == "photo" {
                    wanted.insert(shoot_subject(home), home);
                }
                wanted.insert((row.kind, row.subject), home);
            }
        }
        self.mint(wanted).await
    }

    /// Gives these subjects keys, each in the page of its shoot; those that have one are passed over.
    pub(super) async fn mint(&self, wanted: BTreeMap<SubjectName, ShootId>) -> Result<()> {
        let mut minted: BTreeMap<ShootId, Vec<(SubjectName, KeyId)>> = BTreeMap::new();
        // Minted into a copy: a key counts only once its page was read back.
        let mut ring = {
            let known = self.known();
            if wanted.keys().all(|subject| known.kids.contains_key(subject)) {
                return Ok(());
            }
            known.ring.clone()
        };
        for (subject, shoot) in wanted {
            if !self.known().kids.contains_key(&subject) && !ring.is_gone(subject.1) {
                let kid = ring.mint(shoot);
                minted.entry(shoot).or_default().push((subject, kid));
            }
        }
        let pages: Vec<(ShootId, Page)> =
            minted.keys().map(|shoot| (*shoot, Page::of(&ring, *shoot))).collect();
        let written: Vec<VaultPage> = self.put_pages(pages).await?;
        let keys: Vec<_> = minted.into_values().flatten().collect();
        let (kept, kept_keys) = (written.clone(), keys.clone());
        self.computer.catalog(move |c| c.add_vault_pages(&kept, &kept_keys)).await?;

        let mut known = self.known();
        known.ring = ring;
        known.kids.extend(keys);
        for page in written {
            known.wrote(page.shoot, ObjectId(page.page));
        }
        Ok(())
    }

    /// Puts new pages that hold what is known of these shoots.
    pub(super) async fn rewrite_pages(&self, shoots: BTreeSet<ShootId>) -> Result<()> {
        let ring = self.known().ring.clone();
        let pages = shoots.into_iter().map(|shoot| (shoot, Page::of(&ring, shoot))).collect();
        let written = self.put_pages(pages).await?;
        let kept = written.clone();
        self.computer.catalog(move |c| c.add_vault_pages(&kept, &[])).await?;
        let mut known = self.known();
        for page in written {
            known.wrote(page.shoot, ObjectId(page.page));
        }
        Ok(())
    }

    async fn put_pages(&self, pages: Vec<(ShootId, Page)>) -> Result<Vec<VaultPage>> {
        let puts = pages.into_iter().map(|(shoot, page)| async move {
            let id = ObjectId::random();
            let sealed = page.seal(self.context(), self.newest_key(), shoot, id);
            let (name, sha) = (page_name(shoot, id), sha256(&sealed));
            let store = &*self.computer.store;
            put_checked(store, &name, Bytes::from(sealed.clone()), sha).await?;
            let back = store.get(&name, None).await?;
            let read = Page::open(self.context(), self.newest_key(), shoot, id, &back);
            let read = read.map_err(BackupError::format(name.clone()))?;
            if back != sealed || read.keys != page.keys || read.gone != page.gone {
                return Err(BackupError::NotAsSent { name });
            }
            Ok(VaultPage { shoot, page: id.0, sha256: sha, sealed, named: false })
        });
        stream::iter(puts).buffer_unordered(PAGES_AT_ONCE).try_collect().await
    }
}

impl super::computer::Known {
    /// Notes a page that holds all that is known of its shoot: it stands in for every page of that
    /// shoot that was opened before it.
    fn wrote(&mut self, shoot: ShootId, page: ObjectId) {
        let mine = self.unnamed.entry(shoot).or_default();
        let mut replaced: BTreeSet<ObjectId> = mine.iter().copied().collect();
        mine.push(page);
        if let Some(named) = self.joined.ring.get(&shoot) {
            replaced.extend(named.keys().filter(|page| self.opened.contains(*page)));
        }
        self.replaces.insert(page, replaced);
        self.opened.insert(page);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_live_with_the_shoot_they_were_minted_for() {
        let row = |text: serde_json::Value| -> Row { serde_json::from_value(text).expect("a row") };
        let id = "05".repeat(16);
        let photo = row(json!({"kind": "photo", "subject": id, "set": [
            [[1, 0], "01".repeat(8), {"shoot": "07".repeat(16)}],
            [[2, 0], "01".repeat(8), {"rating": 3}],
        ]}));
        assert_eq!(home_of(&photo), ShootId([7; 16]));
        let lone = row(json!({"kind": "photo", "subject": id, "set": []}));
        assert_eq!(home_of(&lone), MAIN_SHOOT);
        let shoot = row(json!({"kind": "shoot", "subject": id, "set": []}));
        assert_eq!(home_of(&shoot), ShootId([5; 16]));
        let album = row(json!({"kind": "album", "subject": id, "set": []}));
        assert_eq!(home_of(&album), MAIN_SHOOT);
        assert_ne!(shoot_subject(MAIN_SHOOT), shoot_subject(ShootId([5; 16])));
    }
}
