//! The room as a whole, over a store in memory: what is in the bucket, what comes back, and what
//! happens when a run is cut off anywhere.

use std::collections::BTreeSet;

use crate::keys::RecoveryWords;
use crate::media::FileId;
use crate::progress::Progress;
use crate::store::{Fault, MemoryStore, Operation, Store as _, When};

use super::error::BackupError;
use super::fixture::{CANARY, Home, backup, check_everything, small};
use super::{BackupOptions, RolledBack};

fn names(bucket: &MemoryStore, prefix: &str) -> Vec<String> {
    bucket.names().into_iter().filter(|name| name.starts_with(prefix)).collect()
}

#[tokio::test]
async fn everything_comes_back_from_bucket_and_words_alone() {
    let bucket = MemoryStore::new();
    let home = Home::new(1, &bucket);
    let (vault, words) = home.create().await;
    for n in 1..=4 {
        home.add_photo(n, 300_000);
    }
    home.add_photo(5, 3_500_000);
    let report = backup(&vault).await.expect("runs");
    assert_eq!((report.uploaded, report.skipped), (10, 0));
    assert!(report.failed.is_empty() && report.commit.is_some() && report.problems.is_empty());
    assert_eq!(home.catalog.cloud_count().expect("reads").files_left, 0);
    assert_eq!(names(&bucket, "o/").len(), 5);
    assert_eq!(names(&bucket, "p/").len(), 3, "thumbs, sidecars, views");

    let elsewhere = Home::new(2, &bucket);
    let opened = elsewhere.open(&words).await;
    assert_eq!(elsewhere.rows(), home.rows());
    assert_eq!(check_everything(&opened).await, 10 + 10);
    assert_eq!(elsewhere.catalog.cloud_count().expect("reads").files, 10);
    assert_eq!(elsewhere.catalog.unsent_count().expect("reads"), 0);
}

#[tokio::test]
async fn nothing_new_costs_one_list_and_makes_no_commit() {
    let bucket = MemoryStore::new();
    let home = Home::new(1, &bucket);
    let (vault, _) = home.create().await;
    home.add_photo(1, 1000);
    backup(&vault).await.expect("runs");
    let before = (home.store.calls().len(), bucket.names());
    let report = backup(&home.unlock().await).await.expect("runs");
    assert_eq!((report.uploaded, report.skipped, report.commit), (0, 2, None));
    let calls = home.store.calls().split_off(before.0);
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert_eq!(bucket.names(), before.1);
}

#[tokio::test]
async fn nothing_in_the_bucket_can_be_read() {
    let bucket = MemoryStore::new();
    let home = Home::new(1, &bucket);
    let (vault, _) = home.create().await;
    let photo = home.add_photo(1, 300_000);
    let caption = crate::catalog::Edit {
        caption: Some(Some(format!("{CANARY} in the tree"))),
        add_keywords: vec![CANARY.to_owned()],
        ..Default::default()
    };
    home.catalog.edit_photos(&[photo], &caption).expect("edited");
    backup(&vault).await.expect("runs");
    let canary = CANARY.as_bytes();
    for name in bucket.names() {
        let body = bucket.get(&name, None).await.expect("there");
        assert!(!name.contains(CANARY));
        assert!(!body.windows(canary.len()).any(|part| part == canary), "{name}");
        assert!(!body.windows(3).take(64).any(|part| part == [0xff, 0xd8, 0xff]), "{name}");
        let head: &[u8] = if name.starts_with("o/") {
            b"DSO1"
        } else if name.starts_with("p/") {
            b"DSP1"
        } else if name.starts_with("keys/") || name == "vault.json" {
            b"{"
        } else {
            b"DSV1"
        };
        assert!(body.starts_with(head), "{name}");
    }
}

/// Runs a backup that is cut off at its `n`-th request, then another; says whether `n` was reached.
async fn cut_off_at(n: usize, fault: Fault) -> bool {
    let bucket = MemoryStore::new();
    let home = Home::new(1, &bucket);
    let (vault, words) = home.create().await;
    for photo in 1..=2 {
        home.add_photo(photo, 300_000);
    }
    home.add_photo(3, 2_300_000);
    let before = home.store.calls().len();
    home.store.plan(When::From(before + n), fault);
    let options = BackupOptions { commit_bytes: 500_000, ..small() };
    let cut = vault.backup(&options, &Progress::new()).await;
    home.store.heal();
    drop(vault);
    home.sleep(60);
    let vault = home.unlock().await;
    let report = backup(&vault).await.unwrap_or_else(|e| panic!("after request {n}: {e}"));
    assert!(report.failed.is_empty(), "after request {n}: {:?}", report.failed);
    assert_eq!(home.catalog.cloud_count().expect("reads").files_left, 0, "after request {n}");
    assert_eq!(home.catalog.unsent_count().expect("reads"), 0, "after request {n}");
    assert!(!home.catalog.has_uploads().expect("reads"), "after request {n}");
    assert_eq!(names(&bucket, "o/").len(), 3, "nothing is doubled after request {n}");
    assert_eq!(names(&bucket, "p/").len(), 3, "nothing is doubled after request {n}");
    assert_eq!(bucket.uploads("").await.expect("lists").len(), 0, "after request {n}");

    let elsewhere = Home::new(2, &bucket);
    let opened = elsewhere.open(&words).await;
    assert_eq!(elsewhere.rows(), home.rows(), "after request {n}");
    assert_eq!(check_everything(&opened).await, 6 + 6, "after request {n}");
    let again = backup(&home.unlock().await).await.expect("runs");
    assert_eq!((again.uploaded, again.commit), (0, None), "after request {n}");
    cut.is_err()
}

#[tokio::test]
async fn a_run_may_be_cut_off_before_any_request() {
    let mut n = 1;
    while cut_off_at(n, Fault::Fail).await {
        n += 1;
    }
    assert!(n > 30, "the run was cut off at {n} places only");
}

#[tokio::test]
async fn a_run_may_be_cut_off_after_any_request() {
    let mut n = 1;
    while cut_off_at(n, Fault::LoseAnswer).await {
        n += 1;
    }
    assert!(n > 30, "the run was cut off at {n} places only");
}

#[tokio::test]
async fn a_file_that_rotted_is_told_and_the_rest_goes_on() {
    let bucket = MemoryStore::new();
    let home = Home::new(1, &bucket);
    let (vault, _) = home.create().await;
    for (n, len) in [(1, 300_000), (2, 2000), (3, 3_500_000), (4, 300_000)] {
        home.add_photo(n, len);
    }
    for n in 1..=3 {
        home.rot(n);
    }
    let report = backup(&vault).await.expect("runs");
    assert_eq!(report.uploaded, 5, "four sidecars and the one good file");
    let failed: BTreeSet<&str> = report.failed.iter().map(|f| f.path.as_str()).collect();
    let expected = [1, 2, 3].map(|n| format!("Originals/{CANARY}_{n}.0"));
    assert_eq!(failed, expected.iter().map(String::as_str).collect());
    assert!(report.failed.iter().all(|f| f.reason.contains("changed")), "{:?}", report.failed);
    assert_eq!(bucket.uploads("").await.expect("lists").len(), 0, "nothing half sent stays");
    let cloud = |n: u8| {
        let file = home.catalog.file(FileId([n, 0, 0, 0, 0, 0, 0, 1])).expect("reads");
        file.expect("there").cloud
    };
    assert_eq!([1, 2, 3, 4].map(cloud), [false, false, false, true]);
}

#[tokio::test]
async fn an_upload_in_parts_goes_on_with_the_parts_not_yet_sent() {
    let bucket = MemoryStore::new();
    let home = Home::new(1, &bucket);
    let (vault, words) = home.create().await;
    home.add_photo(1, 5_500_000);
    home.store.plan(When::Of(Operation::PutPart, 4), Fault::Fail);
    assert!(backup(&vault).await.is_err());
    home.store.heal();
    let sent = |store: &crate::store::FaultyStore| {
        store.calls().iter().filter(|call| call.operation == Operation::PutPart).count()
    };
    let before = sent(&home.store);
    let report = backup(&home.unlock().await).await.expect("runs");
    assert_eq!((report.uploaded, sent(&home.store) - before), (1, 3), "parts 4 to 6");
    check_everything(&*Home::new(2, &bucket).open(&words).await).await;

    // The same, but the file changed between: its upload is begun anew, or refused.
    home.add_photo(2, 5_500_000);
    home.store.plan(When::Of(Operation::PutPart, sent(&home.store) + 4), Fault::Fail);
    assert!(backup(&home.unlock().await).await.is_err());
    home.store.heal();
    home.rot(2);
    let report = backup(&home.unlock().await).await.expect("runs");
    assert_eq!(report.failed.len(), 1);
    assert_eq!(bucket.uploads("").await.expect("lists").len(), 0);
    assert_eq!(names(&bucket, "o/").len(), 1);
}

#[tokio::test]
async fn a_long_run_commits_on_its_way() {
    let bucket = MemoryStore::new();
    let home = Home::new(1, &bucket);
    let (vault, _) = home.create().await;
    for n in 1..=6 {
        home.add_photo(n, 300_000);
    }
    let options = BackupOptions { commit_bytes: 600_000, in_flight: 1, ..small() };
    vault.backup(&options, &Progress::new()).await.expect("runs");
    assert!(names(&bucket, "log/").len() >= 3, "{:?}", names(&bucket, "log/"));
}

#[tokio::test]
async fn two_computers_meet_in_one_state() {
    let bucket = MemoryStore::new();
    let one = Home::new(1, &bucket);
    let (vault_one, words) = one.create().await;
    one.add_photo(1, 300_000);
    backup(&vault_one).await.expect("runs");
    let two = Home::new(2, &bucket);
    let vault_two = two.open(&words).await;

    // Both work without seeing each other.
    one.add_photo(2, 300_000);
    two.add_photo(3, 300_000);
    two.catalog
        .edit_photos(
            &[crate::media::PhotoId([1; 16])],
            &crate::catalog::Edit { rating: Some(5), ..Default::default() },
        )
        .expect("rated");
    backup(&vault_two).await.expect("runs");
    let report = backup(&vault_one).await.expect("runs");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    vault_two.join().await.expect("joins");
    assert_eq!(one.rows(), two.rows());
    assert_eq!(check_everything(&vault_one).await, 6 + 6);
    assert_eq!(check_everything(&vault_two).await, 6 + 6);

    let three = Home::new(3, &bucket);
    check_everything(&*three.open(&words).await).await;
    assert_eq!(three.rows(), one.rows());
}

#[tokio::test]
async fn a_clone_takes_an_id_of_its_own() {
    let bucket = MemoryStore::new();
    let one = Home::new(1, &bucket);
    let (vault, words) = one.create().await;
    one.add_photo(1, 1000);
    backup(&vault).await.expect("runs");
    let clone = Home::new(1, &bucket);
    let cloned = clone.open(&words).await;
    assert_ne!(clone.catalog.device(), one.catalog.device(), "two machines must not write as one");
    clone.add_photo(2, 1000);
    backup(&cloned).await.expect("runs");
    backup(&vault).await.expect("runs");
    assert_eq!(one.rows(), clone.rows());
}

#[tokio::test]
async fn a_bucket_rolled_back_is_refused() {
    let bucket = MemoryStore::new();
    let home = Home::new(1, &bucket);
    let (vault, _) = home.create().await;
    home.add_photo(1, 1000);
    backup(&vault).await.expect("runs");
    let mut old = home.computer();
    old.store = std::sync::Arc::new(bucket.snapshot());
    home.add_photo(2, 1000);
    backup(&vault).await.expect("runs");
    let vault = super::unlock(old, home.secrets.clone(), || None).await.expect("opens");
    assert!(matches!(
        vault.join().await,
        Err(BackupError::RolledBack { what: RolledBack::Device { had: 2, has: 1, .. } })
    ));
}

#[tokio::test]
async fn a_forged_commit_counts_for_nothing_and_is_told() {
    let bucket = MemoryStore::new();
    let home = Home::new(1, &bucket);
    let (vault, _) = home.create().await;
    home.add_photo(1, 1000);
    backup(&vault).await.expect("runs");
    let real = names(&bucket, "log/")[0].clone();
    let body = bucket.get(&real, None).await.expect("there");
    let forged = "log/0000000009-0202020202020202-0303030303030303";
    let sha = crate::store::sha256(&body);
    bucket.put(forged, body, sha, &Default::default()).await.expect("put");
    home.add_photo(2, 1000);
    let report = backup(&vault).await.expect("runs");
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    assert!(report.commit.expect("a commit").starts_with("0000000002-"), "its seq does not count");
}

#[tokio::test]
async fn without_a_log_pages_and_segments_are_enough() {
    let bucket = MemoryStore::new();
    let home = Home::new(1, &bucket);
    let (vault, words) = home.create().await;
    home.add_photo(1, 300_000);
    backup(&vault).await.expect("runs");
    bucket.delete(&names(&bucket, "log/")).await.expect("deleted");
    let elsewhere = Home::new(2, &bucket);
    let (opened, problems) = elsewhere.open_damaged(&words).await;
    assert!(problems.len() == 1 && problems[0].contains("no commit is left"), "{problems:?}");
    assert_eq!(elsewhere.rows(), home.rows());
    check_everything(&opened).await;
    elsewhere.add_photo(2, 1000);
    backup(&opened).await.expect("then commits");
    assert_eq!(names(&bucket, "log/").len(), 1);
}

#[tokio::test]
async fn a_bucket_with_a_vault_takes_no_second_one() {
    let bucket = MemoryStore::new();
    let home = Home::new(1, &bucket);
    home.create().await;
    let second = Home::new(2, &bucket);
    let error =
        super::create(second.computer(), second.secrets.clone(), None, &RecoveryWords::random())
            .await;
    assert!(matches!(error, Err(BackupError::VaultExists { .. })));
}

#[tokio::test]
async fn a_creation_that_failed_can_be_tried_again() {
    let bucket = MemoryStore::new();
    let home = Home::new(1, &bucket);
    home.store.plan(When::Of(Operation::Put, 3), Fault::Fail);
    let failed =
        super::create(home.computer(), home.secrets.clone(), None, &RecoveryWords::random()).await;
    assert!(failed.is_err());
    home.store.heal();
    assert_eq!(bucket.names(), Vec::<String>::new());
    home.create().await;
}

#[tokio::test]
async fn without_a_keyring_the_passphrase_opens() {
    use std::sync::Arc;
    use zeroize::Zeroizing;
    let bucket = MemoryStore::new();
    let home = Home::new(1, &bucket);
    let away = Arc::new(crate::keys::MemorySecrets::away());
    let typed = || Some(Zeroizing::new("a long passphrase".to_owned()));
    let none = super::create(home.computer(), away.clone(), None, &RecoveryWords::random()).await;
    assert!(matches!(none, Err(BackupError::Keys(crate::keys::KeysError::NoKeyring { .. }))));
    super::create(home.computer(), away.clone(), typed(), &RecoveryWords::random())
        .await
        .expect("created");
    super::unlock(home.computer(), away.clone(), typed).await.expect("opens");
    let wrong = || Some(Zeroizing::new("another".to_owned()));
    let refused = super::unlock(home.computer(), away.clone(), wrong).await;
    assert!(matches!(refused, Err(BackupError::NoWayIn { .. })));
    assert!(super::unlock(home.computer(), away, || None).await.is_err());
}
