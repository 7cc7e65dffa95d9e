//! What a bucket does, found out by doing it, and told in words a photographer can act on.
//!
//! Nothing is believed because a provider says so: bytes are written, read, listed and deleted;
//! bytes that are not what they claim to be must be refused, a stranger must not get in, and an
//! address that has ended must be dead. What cannot be found out is said to be unknown, never
//! called good. Everything happens under `probe/` and is taken away again.

use std::time::Duration;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use url::Url;

use super::{
    CLOCK_TOLERANCE, PutOptions, Result, S3Store, SHORTEST_LINK, Store, StoreError, sha256,
};

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    Line,
    Answer,
    Clock,
    Write,
    Read,
    List,
    Checksum,
    Replace,
    Strangers,
    PublicAccess,
    Links,
    Versions,
    Leftovers,
    Keys,
    Delete,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    Good,
    /// Works, but worth knowing.
    Note,
    /// Must be mended before photos go there.
    Bad,
    /// The store does not say.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub subject: Subject,
    pub mark: Mark,
    /// One or two sentences.
    pub says: String,
}

/// What can be set from here to make a bucket safer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hardening {
    /// The service keeps the public out, whatever else is set.
    PublicAccess,
    /// Uploads nobody finished go after a week.
    Leftovers,
}

/// A bucket, looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BucketCheck {
    pub bucket: String,
    /// Whether photos may go there.
    pub usable: bool,
    /// The store answers, and there is no bucket of this name: it could be made.
    pub missing: bool,
    pub findings: Vec<Finding>,
    /// What `harden` could do.
    pub can_set: Vec<Hardening>,
}

impl BucketCheck {
    fn say(&mut self, subject: Subject, mark: Mark, says: impl Into<String>) {
        self.findings.push(Finding { subject, mark, says: says.into() });
    }

    fn failed(&mut self, subject: Subject, what: &str, error: &StoreError) {
        self.say(subject, Mark::Bad, format!("{what}: {}.", in_words(error)));
    }
}

/// Looks what the bucket does. `unique` keeps two looks at the same time apart.
pub async fn check(store: &S3Store, unique: &str, now: Timestamp) -> BucketCheck {
    let bucket = store.connection().bucket.clone();
    let mut found = BucketCheck {
        bucket,
        usable: false,
        missing: false,
        findings: Vec::new(),
        can_set: Vec::new(),
    };
    line(store, &mut found);
    if reach(store, &mut found).await {
        clock(store, &mut found);
        let name = format!("probe/{unique}");
        if write_and_read(store, &name, &mut found).await {
            checksum(store, &name, &mut found).await;
            replace(store, &name, &mut found).await;
            strangers(store, &name, &mut found).await;
            links(store, &name, now, &mut found).await;
        }
        settings(store, &mut found).await;
        delete(store, &name, &mut found).await;
    }
    found.usable = found.findings.iter().all(|finding| finding.mark != Mark::Bad);
    found
}

/// Sets what `check` found could be set; returns what was done.
///
/// # Errors
/// The service refuses one of them; those before it are done.
pub async fn harden(store: &S3Store, what: &[Hardening]) -> Result<()> {
    for hardening in what {
        match hardening {
            Hardening::PublicAccess => store.block_public_access().await?,
            Hardening::Leftovers => store.clear_unfinished_uploads().await?,
        }
    }
    Ok(())
}

fn line(store: &S3Store, found: &mut BucketCheck) {
    let endpoint = store.connection().endpoint.as_deref().unwrap_or("https://");
    let url = Url::parse(endpoint).ok();
    let here = url
        .as_ref()
        .and_then(Url::host_str)
        .is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]"));
    if endpoint.starts_with("https://") {
        found.say(Subject::Line, Mark::Good, "The line is encrypted (https).");
    } else if here {
        found.say(
            Subject::Line,
            Mark::Good,
            "The store is on this computer: no line to listen to.",
        );
    } else {
        found.say(
            Subject::Line,
            Mark::Note,
            "The line is not encrypted (http). Photos are, but whoever listens sees when and how much, and can use a client's link. Use https where the store has it.",
        );
    }
}

async fn reach(store: &S3Store, found: &mut BucketCheck) -> bool {
    let bucket = found.bucket.clone();
    let error = match store.bucket_exists().await {
        Ok(true) => {
            found.say(Subject::Answer, Mark::Good, format!("The bucket “{bucket}” answers."));
            return true;
        }
        Ok(false) => StoreError::NoBucket { bucket: bucket.clone() },
        // This first question is answered without a reason: a second one brings it.
        Err(error @ (StoreError::Forbidden { .. } | StoreError::Unexpected { .. })) => {
            store.list("probe/", None).await.err().unwrap_or(error)
        }
        Err(error) => error,
    };
    match &error {
        StoreError::NoBucket { .. } => {
            found.missing = true;
            found.say(
                Subject::Answer,
                Mark::Bad,
                format!("The store answers, but it has no bucket “{bucket}”. Make it, or check the name and the region."),
            );
        }
        StoreError::ClockSkew { .. } => found.say(
            Subject::Clock,
            Mark::Bad,
            format!("No request is taken: {error}. Set this computer's clock, then check again."),
        ),
        _ => {
            found.failed(Subject::Answer, &format!("The bucket “{bucket}” cannot be used"), &error)
        }
    }
    false
}

fn clock(store: &S3Store, found: &mut BucketCheck) {
    let Some(ahead) = store.clock_ahead() else {
        return found.say(Subject::Clock, Mark::Unknown, "The store does not say its time.");
    };
    let seconds = ahead.as_secs();
    let way = if seconds < 0 { "ahead of" } else { "behind" };
    let apart = seconds.unsigned_abs();
    if ahead.unsigned_abs() > CLOCK_TOLERANCE {
        let minutes = apart / 60;
        found.say(
            Subject::Clock,
            Mark::Bad,
            format!("This computer's clock is {minutes} minutes {way} the store's. Set it: requests are refused and links end at the wrong time."),
        );
    } else if apart > 30 {
        found.say(
            Subject::Clock,
            Mark::Note,
            format!("This computer's clock is {apart} seconds {way} the store's. Links end by the store's clock."),
        );
    } else {
        found.say(Subject::Clock, Mark::Good, "This computer's clock and the store's agree.");
    }
}

fn body() -> Bytes {
    Bytes::from_static(b"Darkslide looks what this bucket does.")
}

async fn write_and_read(store: &S3Store, name: &str, found: &mut BucketCheck) -> bool {
    let body = body();
    if let Err(error) = store.put(name, body.clone(), sha256(&body), &PutOptions::default()).await {
        found.failed(Subject::Write, "Nothing can be written", &error);
        return false;
    }
    found.say(Subject::Write, Mark::Good, "Writing works.");
    match store.get(name, None).await {
        Ok(got) if got == body => {
            found.say(Subject::Read, Mark::Good, "Reading gives back what was written.")
        }
        Ok(_) => found.say(
            Subject::Read,
            Mark::Bad,
            "What is read is not what was written. Do not use this bucket.",
        ),
        Err(error) => found.failed(Subject::Read, "What was written cannot be read", &error),
    }
    match store.list("probe/", None).await {
        Ok(names) if names.iter().any(|(listed, _)| listed == name) => {
            found.say(Subject::List, Mark::Good, "Listing shows what is there.");
        }
        Ok(_) => found.say(Subject::List, Mark::Bad, "What was written is not listed: the list comes late. A backup could not be trusted here."),
        Err(error) => found.failed(Subject::List, "The bucket cannot be listed", &error),
    }
    true
}

async fn checksum(store: &S3Store, name: &str, found: &mut BucketCheck) {
    match store.put(name, body(), [0; 32], &PutOptions::default()).await {
        Err(StoreError::ChecksumMismatch { .. }) => {
            found.say(Subject::Checksum, Mark::Good, "Bytes that changed on the way are refused.");
        }
        Ok(()) => found.say(
            Subject::Checksum,
            Mark::Bad,
            "Bytes that changed on the way are taken without a word. A damaged upload would look like a good one.",
        ),
        Err(error) => found.failed(Subject::Checksum, "Whether damaged bytes are refused could not be found out", &error),
    }
}

async fn replace(store: &S3Store, name: &str, found: &mut BucketCheck) {
    let fresh = PutOptions { if_none_match: true, ..PutOptions::default() };
    let body = body();
    match store.put(name, body.clone(), sha256(&body), &fresh).await {
        Err(StoreError::PreconditionFailed { .. }) => {
            found.say(Subject::Replace, Mark::Good, "What is there can be kept from being replaced.");
        }
        Err(error) if error.is_retryable() => {
            found.failed(Subject::Replace, "The store stopped answering", &error);
        }
        _ => found.say(
            Subject::Replace,
            Mark::Note,
            "The store cannot be told to keep what is there from being replaced. Darkslide looks by itself before it writes.",
        ),
    }
}

/// The address without its signature is what a stranger could guess.
async fn strangers(store: &S3Store, name: &str, found: &mut BucketCheck) {
    let signed = store.presign_get(name, Duration::from_secs(60), Timestamp::UNIX_EPOCH, &[]).await;
    let Ok(mut object) = signed.map(|signed| signed.url) else {
        return found.say(
            Subject::Strangers,
            Mark::Unknown,
            "Whether strangers get in could not be tried.",
        );
    };
    object.set_query(None);
    let mut list = object.clone();
    let root = format!("{}{name}", store.connection().root);
    let path = list.path().strip_suffix(root.as_str()).unwrap_or("/").to_owned();
    list.set_path(&path);
    list.set_query(Some("list-type=2"));
    let read = store.visit(&object).await.map(|visit| visit.status);
    let listed = store.visit(&list).await.map(|visit| visit.status);
    match (read, listed) {
        (Ok(200), _) => found.say(
            Subject::Strangers,
            Mark::Bad,
            "Anybody can read what is in this bucket. Photos are encrypted, but revoked links would stay open: make the bucket private.",
        ),
        (Ok(_), Ok(200)) => found.say(
            Subject::Strangers,
            Mark::Bad,
            "Anybody can list this bucket. Make it private.",
        ),
        (Ok(_), Ok(_)) => found.say(Subject::Strangers, Mark::Good, "Strangers can neither read nor list."),
        (Err(error), _) | (_, Err(error)) => {
            found.failed(Subject::Strangers, "Whether strangers get in could not be tried", &error);
        }
    }
}

async fn links(store: &S3Store, name: &str, now: Timestamp, found: &mut BucketCheck) {
    // Links live by the store's clock.
    let now = store.clock_ahead().and_then(|ahead| now.checked_add(ahead).ok()).unwrap_or(now);
    let before = now - SignedDuration::from_hours(1);
    let visit = async |from: Timestamp, life: Duration| {
        let signed = store.presign_get(name, life, from, &[]).await?;
        Ok::<_, StoreError>(store.visit(&signed.url).await?.status)
    };
    let live = visit(now, Duration::from_secs(300)).await;
    let ended = visit(before, SHORTEST_LINK).await;
    match (live, ended) {
        (Ok(200), Ok(200)) => found.say(
            Subject::Links,
            Mark::Bad,
            "A link that had ended still opened. Clients' links would never end here.",
        ),
        (Ok(200), Ok(_)) => found.say(
            Subject::Links,
            Mark::Good,
            "A client's link opens without an account, and one that had ended was refused.",
        ),
        (Ok(status), Ok(_)) => found.say(
            Subject::Links,
            Mark::Note,
            format!("A signed link did not open (HTTP {status}). Backup works; sharing will not until that is mended."),
        ),
        (Err(error), _) | (_, Err(error)) => found.failed(Subject::Links, "Links could not be tried", &error),
    }
}

async fn settings(store: &S3Store, found: &mut BucketCheck) {
    match store.public_access_blocked().await {
        Ok(Some(true)) => found.say(Subject::PublicAccess, Mark::Good, "The provider keeps the public out, even if somebody makes a mistake."),
        Ok(Some(false)) => {
            found.can_set.push(Hardening::PublicAccess);
            found.say(Subject::PublicAccess, Mark::Note, "The provider's block on public access is off. It can be set from here.");
        }
        Ok(None) => found.say(Subject::PublicAccess, Mark::Unknown, "The store has no switch against public access, or these keys may not ask; what strangers get was tried above."),
        Err(error) => found.failed(Subject::PublicAccess, "The store stopped answering", &error),
    }
    match store.keeps_versions().await {
        Ok(Some(true)) => found.say(
            Subject::Versions,
            Mark::Good,
            "Old versions are kept: what was deleted or replaced can be had back from the provider. When a link is revoked Darkslide deletes every version of it.",
        ),
        Ok(Some(false)) => found.say(
            Subject::Versions,
            Mark::Note,
            "No old versions are kept: whoever has these keys can delete for good. Keep a second copy on a disk of your own.",
        ),
        Ok(None) => found.say(Subject::Versions, Mark::Unknown, "These keys may not ask whether old versions are kept."),
        Err(error) => found.failed(Subject::Versions, "The store stopped answering", &error),
    }
    match store.clears_unfinished_uploads().await {
        Ok(Some(true)) => found.say(
            Subject::Leftovers,
            Mark::Good,
            "Uploads that nobody finished are taken away.",
        ),
        Ok(Some(false)) => {
            found.can_set.push(Hardening::Leftovers);
            found.say(Subject::Leftovers, Mark::Note, "Uploads that are cut off for good would be paid for. A rule that takes them away after a week can be set from here.");
        }
        Ok(None) => found.say(
            Subject::Leftovers,
            Mark::Unknown,
            "The store knows no rule for unfinished uploads, or these keys may not ask.",
        ),
        Err(error) => found.failed(Subject::Leftovers, "The store stopped answering", &error),
    }
    match store.other_buckets().await {
        Ok(Some(others)) if !others.is_empty() => {
            let others = match others.len() {
                1 => "another bucket".to_owned(),
                n => format!("{n} other buckets"),
            };
            found.say(Subject::Keys, Mark::Note, format!("These keys see {others} too. Keys for this bucket alone do less harm when they are lost."));
        }
        Ok(_) => found.say(Subject::Keys, Mark::Good, "These keys see no other bucket."),
        Err(error) => found.failed(Subject::Keys, "The store stopped answering", &error),
    }
}

async fn delete(store: &S3Store, name: &str, found: &mut BucketCheck) {
    if !found.findings.iter().any(|f| f.subject == Subject::Write && f.mark == Mark::Good) {
        return;
    }
    let gone = async {
        store.delete(&[name.to_owned()]).await?;
        store.head(name).await
    };
    match gone.await {
        Ok(None) => found.say(Subject::Delete, Mark::Good, "Deleting works: links can be revoked."),
        Ok(Some(_)) => found.say(
            Subject::Delete,
            Mark::Bad,
            "What was deleted is still there: links could not be revoked.",
        ),
        Err(error) => found.failed(
            Subject::Delete,
            "Nothing can be deleted, so links could not be revoked",
            &error,
        ),
    }
}

/// A failure in a photographer's words, without a full stop; the service's own code behind it.
fn in_words(error: &StoreError) -> String {
    let StoreError::Forbidden { source, .. } = error else { return error.to_string() };
    let source = source.to_string();
    let why = [
        ("InvalidAccessKeyId", "the store does not know this access key"),
        ("NotSignedUp", "the store does not know this access key"),
        ("No such key", "the store does not know this access key"),
        ("SignatureDoesNotMatch", "the secret key does not belong to this access key"),
        ("Invalid signature", "the secret key does not belong to this access key"),
        ("ExpiredToken", "these keys have ended: get new ones"),
    ];
    match why.iter().find(|(code, _)| source.contains(code)) {
        Some((_, words)) => format!("{words} ({source})"),
        None => format!("these keys have no right to it ({source})"),
    }
}
