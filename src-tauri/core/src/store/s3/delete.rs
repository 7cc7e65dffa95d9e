//! Deletes names so that nothing of them is left, old versions included.

use std::collections::{BTreeMap, HashSet};

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use futures::stream::{self, StreamExt};

use super::super::{Result, StoreError};
use super::S3Store;
use super::parts::is_not_implemented;

/// How many one DeleteObjects takes.
const AT_ONCE: usize = 1000;
/// From this many names in one folder it is cheaper to list the folder than each name.
const LIST_FOLDER_FROM: usize = 4;

/// A key, and its version where the bucket keeps them.
type Doomed = (String, Option<String>);

impl S3Store {
    pub(super) async fn delete_all_versions(&self, names: &[String]) -> Result<()> {
        let keys = names.iter().map(|name| self.key(name)).collect::<Result<Vec<_>>>()?;
        if keys.is_empty() {
            return Ok(());
        }
        let doomed = if self.find_keeps_versions().await? == Some(false) {
            keys.into_iter().map(|key| (key, None)).collect()
        } else {
            self.versions_of(keys).await?
        };
        let mut first_failure = None;
        for batch in doomed.chunks(AT_ONCE) {
            if let Err(error) = self.delete_batch(batch).await {
                // Offline stays offline: going on would only take longer to say so.
                if error.is_retryable() {
                    return Err(first_failure.unwrap_or(error));
                }
                first_failure.get_or_insert(error);
            }
        }
        first_failure.map_or(Ok(()), Err)
    }

    /// `None`: these credentials may not know.
    pub(super) async fn find_keeps_versions(&self) -> Result<Option<bool>> {
        let ask = async || {
            let asked = self.asked("asking for versions of", "");
            let answer = self.0.client.get_bucket_versioning().bucket(self.bucket()).send().await;
            match answer.map_err(|e| asked.failed(e)) {
                // Suspended versioning still keeps what it kept before.
                Ok(answer) => Ok(Some(answer.status().is_some())),
                Err(StoreError::Forbidden { .. }) => Ok(None),
                Err(error) if is_not_implemented(&error) => Ok(Some(false)),
                Err(error) => Err(error),
            }
        };
        self.0.keeps_versions.get_or_try_init(ask).await.copied()
    }

    /// Every version and delete marker of these keys, and each key itself.
    async fn versions_of(&self, keys: Vec<String>) -> Result<Vec<Doomed>> {
        let mut doomed = Vec::new();
        let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for key in keys {
            let folder = key.rfind('/').map_or("", |slash| &key[..=slash]).to_owned();
            folders.entry(folder).or_default().push(key);
        }
        for (folder, keys) in folders {
            let wanted: HashSet<&str> = keys.iter().map(String::as_str).collect();
            let prefixes = if keys.len() < LIST_FOLDER_FROM { keys.clone() } else { vec![folder] };
            let mut found = Vec::new();
            for prefix in prefixes {
                match self.versions_below(&prefix).await {
                    Ok(versions) => found.extend(versions),
                    // Cannot list versions, so cannot keep them either, or we may not: then the
                    // plain delete below is all there is.
                    Err(e) if is_not_implemented(&e) => {}
                    Err(StoreError::Forbidden { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            found.retain(|(key, _)| wanted.contains(key.as_str()));
            let versioned: HashSet<String> = found.iter().map(|(key, _)| key.clone()).collect();
            doomed.extend(found);
            doomed.extend(
                keys.into_iter().filter(|key| !versioned.contains(key)).map(|key| (key, None)),
            );
        }
        Ok(doomed)
    }

    async fn versions_below(&self, prefix: &str) -> Result<Vec<Doomed>> {
        let asked = self.asked("listing versions of", prefix);
        let mut all = Vec::new();
        let mut marker: (Option<String>, Option<String>) = (None, None);
        loop {
            let page = self
                .0
                .client
                .list_object_versions()
                .bucket(self.bucket())
                .prefix(prefix)
                .set_key_marker(marker.0.clone())
                .set_version_id_marker(marker.1.clone())
                .send()
                .await
                .map_err(|e| asked.failed(e))?;
            let versions = page.versions().iter().map(|v| (v.key(), v.version_id()));
            let markers = page.delete_markers().iter().map(|m| (m.key(), m.version_id()));
            for (key, version) in versions.chain(markers) {
                if let Some(key) = key {
                    all.push((key.to_owned(), version.map(str::to_owned)));
                }
            }
            let next = (
                page.next_key_marker().map(str::to_owned),
                page.next_version_id_marker().map(str::to_owned),
            );
            match page.is_truncated() == Some(true) {
                false => break,
                true if next != marker => marker = next,
                true => return Err(asked.unexpected("IsTruncated", "a list that never ends")),
            }
        }
        Ok(all)
    }

    async fn delete_batch(&self, batch: &[Doomed]) -> Result<()> {
        if let [one] = batch {
            return self.delete_one(one).await;
        }
        let mut delete = Delete::builder().quiet(true);
        for (key, version) in batch {
            let object = ObjectIdentifier::builder().key(key).set_version_id(version.clone());
            let object = object.build().map_err(|source| StoreError::Unexpected {
                what: format!("deleting `{key}`"),
                answer: "no request could be made".into(),
                source: Box::new(source),
            })?;
            delete = delete.objects(object);
        }
        let delete = delete.build().map_err(|source| StoreError::Unexpected {
            what: "deleting".into(),
            answer: "no request could be made".into(),
            source: Box::new(source),
        })?;
        let asked = self.asked("deleting from", "");
        let request = self.0.client.delete_objects().bucket(self.bucket()).delete(delete);
        let answer = match request.send().await.map_err(|e| asked.failed(e)) {
            Ok(answer) => answer,
            Err(error) if is_not_implemented(&error) => return self.delete_singly(batch).await,
            // Some services insist on an MD5 that the SDK no longer sends.
            Err(StoreError::Unexpected { answer, .. })
                if matches!(answer.as_str(), "MissingContentMD5" | "InvalidRequest") =>
            {
                return self.delete_singly(batch).await;
            }
            Err(error) => return Err(error),
        };
        let Some(failed) = answer.errors().iter().find(|e| e.code() != Some("NoSuchKey")) else {
            return Ok(());
        };
        let what = format!("deleting `{}`", failed.key().unwrap_or_default());
        let code = failed.code().unwrap_or("no code").to_owned();
        let source = failed.message().unwrap_or("no message").to_owned().into();
        Err(match code.as_str() {
            "AccessDenied" => StoreError::Forbidden { what, source },
            _ => StoreError::Unexpected { what, answer: code, source },
        })
    }

    async fn delete_singly(&self, batch: &[Doomed]) -> Result<()> {
        let each = batch.iter().cloned().map(|one| async move { self.delete_one(&one).await });
        let answers: Vec<Result<()>> = stream::iter(each).buffer_unordered(8).collect().await;
        answers.into_iter().collect()
    }

    async fn delete_one(&self, (key, version): &Doomed) -> Result<()> {
        let request = self
            .0
            .client
            .delete_object()
            .bucket(self.bucket())
            .key(key)
            .set_version_id(version.clone());
        match request.send().await.map_err(|e| self.asked("deleting", key).failed(e)) {
            Ok(_) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
