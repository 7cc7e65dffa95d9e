//! Puts and gets that believe nothing: what was put is looked at, what was got is hashed.

use bytes::Bytes;
use futures::StreamExt as _;
use sha2::{Digest as _, Sha256};

use crate::store::{Info, PutOptions, Store, sha256};

use super::error::{BackupError, Result};
use super::format::Sha;

/// Puts `body` and makes sure that the store has exactly that.
pub(super) async fn put_checked(
    store: &dyn Store,
    name: &str,
    body: Bytes,
    sha: [u8; 32],
) -> Result<()> {
    let bytes = body.len() as u64;
    store.put(name, body, sha, &PutOptions::default()).await?;
    if is_there(store, name, bytes, &sha).await? {
        return Ok(());
    }
    Err(BackupError::NotAsSent { name: name.to_owned() })
}

/// Whether the store has `name` with this length and hash: by its own checksum, or by reading it.
pub(super) async fn is_there(
    store: &dyn Store,
    name: &str,
    bytes: u64,
    sha: &[u8; 32],
) -> Result<bool> {
    match store.head(name).await? {
        Some(Info { bytes: has, .. }) if has != bytes => Ok(false),
        Some(Info { sha256: Some(has), .. }) => Ok(has == *sha),
        Some(_) => Ok(hash_parts(store, name, bytes).await? == [*sha]),
        None => Ok(false),
    }
}

/// The same for an object that was put in parts with these hashes.
pub(super) async fn parts_are_there(
    store: &dyn Store,
    name: &str,
    bytes: u64,
    part_bytes: u64,
    parts: &[[u8; 32]],
) -> Result<bool> {
    match store.head(name).await? {
        Some(Info { bytes: has, .. }) if has != bytes => Ok(false),
        Some(Info { sha256_of_parts: Some(has), .. }) => {
            Ok(has == crate::store::sha256_of_parts(parts))
        }
        Some(_) => Ok(hash_parts(store, name, part_bytes).await? == parts),
        None => Ok(false),
    }
}

/// Reads an object and hashes it in pieces of `part_bytes`.
async fn hash_parts(store: &dyn Store, name: &str, part_bytes: u64) -> Result<Vec<[u8; 32]>> {
    let mut chunks = store.get_stream(name, None).await?;
    let (mut hashes, mut hasher, mut left) = (Vec::new(), Sha256::new(), part_bytes);
    while let Some(chunk) = chunks.next().await {
        let mut chunk = chunk?;
        while !chunk.is_empty() {
            let n = usize::try_from(left).unwrap_or(usize::MAX).min(chunk.len());
            hasher.update(chunk.split_to(n));
            left -= n as u64;
            if left == 0 {
                hashes.push(std::mem::take(&mut hasher).finalize().into());
                left = part_bytes;
            }
        }
    }
    if left < part_bytes {
        hashes.push(hasher.finalize().into());
    }
    Ok(hashes)
}

/// Gets a whole object that a commit names, and checks its hash.
pub(super) async fn get_named(store: &dyn Store, name: &str, sha: Option<Sha>) -> Result<Bytes> {
    let body = store.get(name, None).await?;
    match sha {
        Some(Sha(sha)) if sha256(&body) != sha => {
            Err(BackupError::WrongHash { name: name.to_owned() })
        }
        _ => Ok(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    #[tokio::test]
    async fn a_put_is_believed_only_when_the_store_has_it() {
        for store in [MemoryStore::new(), MemoryStore::new().forgetting_checksums()] {
            let body = Bytes::from(vec![7; 100_000]);
            let sha = sha256(&body);
            put_checked(&store, "a/b", body, sha).await.expect("put");
            assert!(is_there(&store, "a/b", 100_000, &sha).await.expect("answers"));
            assert!(!is_there(&store, "a/b", 100_001, &sha).await.expect("answers"));
            assert!(!is_there(&store, "a/b", 100_000, &[0; 32]).await.expect("answers"));
            assert!(!is_there(&store, "a/c", 100_000, &sha).await.expect("answers"));
        }
    }

    #[tokio::test]
    async fn an_object_in_parts_is_checked_part_by_part() {
        for store in [MemoryStore::new(), MemoryStore::new().forgetting_checksums()] {
            let upload = store.begin_parts("o/x", &PutOptions::default()).await.expect("begins");
            let mut parts = Vec::new();
            let mut hashes = Vec::new();
            for (number, body) in [(1, vec![1; 1000]), (2, vec![2; 1000]), (3, vec![3; 10])] {
                let sha = sha256(&body);
                hashes.push(sha);
                parts.push(
                    store.put_part("o/x", &upload, number, body.into(), sha).await.expect("part"),
                );
            }
            store.finish_parts("o/x", &upload, &parts).await.expect("finishes");
            let there = parts_are_there(&store, "o/x", 2010, 1000, &hashes).await;
            assert!(there.expect("answers"));
            hashes[1] = [0; 32];
            let there = parts_are_there(&store, "o/x", 2010, 1000, &hashes).await;
            assert!(!there.expect("answers"));
        }
    }
}
