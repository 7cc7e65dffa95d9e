//! Reads the log: which commits are listed, and which of them are heads.

use std::collections::BTreeSet;

use crate::keys::VaultKey;
use crate::store::{Store, sha256};

use super::computer::try_keys;
use super::error::{BackupError, Result};
use super::format::{Commit, CommitName, Context, Sha, under_vault_generation};
use super::joined::Joined;

/// What the log holds.
#[derive(Debug, Default)]
pub(super) struct Heads {
    pub joined: Joined,
    /// `vault.json` as the heads know it.
    pub about: Option<String>,
    /// Commits that did not open, and why. They count for nothing.
    pub unopened: Vec<(CommitName, BackupError)>,
    /// A commit from a newer program.
    pub newer: Option<String>,
}

/// Lists the log.
pub(super) async fn list(store: &dyn Store) -> Result<BTreeSet<CommitName>> {
    let listed = store.list("log/", None).await?;
    Ok(listed.iter().filter_map(|(name, _)| CommitName::of_object(name)).collect())
}

/// Goes down from the highest name, skips what a commit already read contains, reads the others.
pub(super) async fn read(
    store: &dyn Store,
    context: Context,
    keys: &[VaultKey],
    listed: &BTreeSet<CommitName>,
) -> Result<Heads> {
    let mut heads = Heads::default();
    let mut needed = None;
    for name in listed.iter().rev() {
        if heads.joined.contains.contains(&name.rand) {
            continue;
        }
        let bytes = match store.get(&name.object(), None).await {
            Ok(bytes) => bytes,
            // Collected by another computer between the list and now.
            Err(crate::store::StoreError::NotFound { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        let generation = under_vault_generation(&bytes).unwrap_or(0);
        match try_keys(keys, &bytes, |key| Commit::open(context, key, *name, &bytes)) {
            Ok(commit) => {
                if commit.newer {
                    heads.newer.get_or_insert(name.object());
                }
                heads.about.get_or_insert_with(|| commit.vault.clone());
                heads.joined.join(*name, Sha(sha256(&bytes)), generation, commit);
            }
            Err(source) => {
                if keys.iter().all(|key| key.generation < generation) {
                    needed = needed.max(Some(generation));
                }
                let error = BackupError::Format { name: name.object(), source };
                heads.unopened.push((*name, error));
            }
        }
    }
    // Rand by rand: a commit may contain ones that were collected long ago.
    let rands: BTreeSet<_> = listed.iter().map(|name| name.rand).collect();
    heads.joined.contains.retain(|rand| rands.contains(rand));
    match needed {
        Some(needed) => Err(BackupError::NewGeneration { needed }),
        None => Ok(heads),
    }
}
