//! What a bucket can be asked and told about itself: who may look in from outside, what becomes of
//! uploads nobody finished.
//!
//! No service must know any of this. An answer is `None` where the service does not, or where these
//! credentials may not ask.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleRule,
    LifecycleRuleFilter, PublicAccessBlockConfiguration,
};

use super::super::{Result, StoreError};
use super::S3Store;

/// What the rule of ours is called; nobody else's is touched.
const RULE: &str = "darkslide-unfinished-uploads";

impl S3Store {
    /// Whether the service keeps the public out, whatever else is set.
    ///
    /// # Errors
    /// `Offline` and the like; not knowing is no error.
    pub async fn public_access_blocked(&self) -> Result<Option<bool>> {
        let asked = self.asked("asking who may see", "");
        let answer = self.0.client.get_public_access_block().bucket(self.bucket()).send().await;
        let answer = answer.map_err(|error| asked.failed(error));
        known(answer.map(|answer| {
            answer.public_access_block_configuration().is_some_and(|set| {
                set.block_public_acls() == Some(true)
                    && set.ignore_public_acls() == Some(true)
                    && set.block_public_policy() == Some(true)
                    && set.restrict_public_buckets() == Some(true)
            })
        }))
    }

    /// Keeps the public out. Signed addresses go on working.
    ///
    /// # Errors
    /// The service does not know this, or the credentials may not set it.
    pub async fn block_public_access(&self) -> Result<()> {
        let all = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true)
            .build();
        let asked = self.asked("keeping the public out of", "");
        let request = self.0.client.put_public_access_block().bucket(self.bucket());
        let sent = request.public_access_block_configuration(all).send().await;
        sent.map(drop).map_err(|error| asked.failed(error))
    }

    /// Whether a rule takes away uploads that nobody finished.
    ///
    /// # Errors
    /// As `public_access_blocked`.
    pub async fn clears_unfinished_uploads(&self) -> Result<Option<bool>> {
        let rules = known(self.rules().await)?;
        let clears = |rule: &LifecycleRule| {
            rule.status() == &ExpirationStatus::Enabled
                && rule.abort_incomplete_multipart_upload().is_some()
        };
        Ok(rules.map(|rules| rules.iter().any(clears)))
    }

    /// Has uploads that nobody finished taken away after a week; rules that are there stay.
    ///
    /// # Errors
    /// As `block_public_access`.
    pub async fn clear_unfinished_uploads(&self) -> Result<()> {
        let mut rules = match self.rules().await {
            Ok(rules) => rules,
            Err(StoreError::NotFound { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        rules.retain(|rule| rule.id() != Some(RULE));
        let asked = self.asked("setting a rule for", "");
        let impossible = |_| asked.unexpected("a rule", "a rule that cannot be");
        let abort = AbortIncompleteMultipartUpload::builder().days_after_initiation(7).build();
        let rule = LifecycleRule::builder()
            .id(RULE)
            .status(ExpirationStatus::Enabled)
            .filter(LifecycleRuleFilter::builder().prefix("").build())
            .abort_incomplete_multipart_upload(abort);
        rules.push(rule.build().map_err(impossible)?);
        let all = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build();
        let request = self.0.client.put_bucket_lifecycle_configuration().bucket(self.bucket());
        let sent = request.lifecycle_configuration(all.map_err(impossible)?).send().await;
        sent.map(drop).map_err(|error| asked.failed(error))
    }

    /// Every bucket these credentials can name.
    ///
    /// # Errors
    /// As `public_access_blocked`.
    pub async fn other_buckets(&self) -> Result<Option<Vec<String>>> {
        let asked = self.asked("looking beside", "");
        let answer = self.0.client.list_buckets().send().await.map_err(|e| asked.failed(e));
        let own = self.bucket().to_owned();
        let others = answer.map(|answer| {
            let names = answer.buckets().iter().filter_map(|bucket| bucket.name());
            names.filter(|name| *name != own).map(str::to_owned).collect()
        });
        match others {
            Ok(others) => Ok(Some(others)),
            Err(error) if error.is_retryable() => Err(error),
            Err(_) => Ok(None),
        }
    }

    async fn rules(&self) -> Result<Vec<LifecycleRule>> {
        let asked = self.asked("asking for the rules of", "");
        let request = self.0.client.get_bucket_lifecycle_configuration().bucket(self.bucket());
        let answer = request.send().await.map_err(|error| asked.failed(error))?;
        Ok(answer.rules.unwrap_or_default())
    }
}

/// Nothing set is `false`; what nobody says is `None`.
fn known<T: Default>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(StoreError::NotFound { .. }) => Ok(Some(T::default())),
        Err(error) if error.is_retryable() => Err(error),
        Err(_) => Ok(None),
    }
}
