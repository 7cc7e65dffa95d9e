//! The contract of `Store`, held against every implementation: memory, the embedded server and a
//! Garage server.

use std::time::Duration;

use bytes::Bytes;
use darkslide_core::store::{
    LONGEST_LINK, MemoryStore, PartBodies, PutOptions, SHORTEST_LINK, SMALLEST_PART, Store,
    StoreError, UploadId, probe, sha256, sha256_of_parts,
};
use darkslide_demo::s3::EmbeddedS3;
use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};

use crate::store_s3;
use crate::support::garage::Garage;
use crate::support::http;

/// Where services may differ without breaking the contract.
struct Known {
    checksums_kept: bool,
    conditions: bool,
    lists_uploads: bool,
    /// There is a line to it: presigned addresses can be used by others.
    network: bool,
    now: Timestamp,
}

#[tokio::test]
async fn memory_keeps_the_contract() {
    let store = MemoryStore::new();
    let now = store.server_date().await.unwrap();
    let known =
        Known { checksums_kept: true, conditions: true, lists_uploads: true, network: false, now };
    check(&store, &known).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_server_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let server = EmbeddedS3::start(folder.path(), &["bucket"]).await.unwrap();
    let store = store_s3::connect(&server, "bucket").await;
    let known = Known {
        checksums_kept: true,
        conditions: true,
        lists_uploads: true,
        network: true,
        now: Timestamp::now(),
    };
    check(&store, &known).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_server_keeps_the_contract_below_a_root() {
    let folder = tempfile::tempdir().unwrap();
    let server = EmbeddedS3::start(folder.path(), &["bucket"]).await.unwrap();
    let outer = store_s3::connect(&server, "bucket").await;
    put(&outer, "neighbour", b"not below the root").await;
    let store = store_s3::connect_below(&server, "bucket", "photos/vault/").await;
    let known = Known {
        checksums_kept: true,
        conditions: true,
        lists_uploads: true,
        network: true,
        now: Timestamp::now(),
    };
    check(&store, &known).await;
    assert_eq!(names(&outer, "").await, ["neighbour"], "nothing reaches beyond the root");
}

#[tokio::test(flavor = "multi_thread")]
async fn garage_keeps_the_contract() {
    let garage = Garage::start(&["bucket", "second"]).await;
    let known = Known {
        checksums_kept: true,
        conditions: false,
        lists_uploads: true,
        network: true,
        now: Timestamp::now(),
    };
    check(&garage.connect("bucket").await, &known).await;
    put(&garage.connect("second").await, "name", b"a second bucket").await;
}

async fn check(store: &dyn Store, known: &Known) {
    what_is_put_is_got_back(store, known).await;
    a_body_that_is_not_its_hash_is_refused(store).await;
    a_second_put_replaces_unless_told_not_to(store, known).await;
    ranges_give_exactly_their_bytes(store).await;
    what_is_missing_is_said_to_be_missing(store).await;
    names_outside_the_contract_never_reach_a_server(store).await;
    folders_are_no_objects_and_leave_no_trace(store).await;
    lists_are_whole_and_in_order(store).await;
    parts_become_one_object(store, known).await;
    a_failed_upload_in_parts_leaves_nothing(store, known).await;
    presigned_addresses_open_until_they_end(store, known).await;
    presigned_puts_take_what_was_signed_and_nothing_else(store, known).await;
    the_probe_finds_what_is_known(store, known).await;
    assert!(names(store, "").await.is_empty(), "the suite cleans up after itself");
}

async fn put(store: &dyn Store, name: &str, body: &'static [u8]) {
    let options = PutOptions::default();
    store.put(name, Bytes::from_static(body), sha256(body), &options).await.unwrap();
}

async fn names(store: &dyn Store, prefix: &str) -> Vec<String> {
    store.list(prefix, None).await.unwrap().into_iter().map(|(name, _)| name).collect()
}

async fn delete(store: &dyn Store, names: &[&str]) {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    store.delete(&names).await.unwrap();
}

async fn what_is_put_is_got_back(store: &dyn Store, known: &Known) {
    let page = PutOptions {
        content_type: Some("text/html; charset=utf-8".into()),
        ..PutOptions::default()
    };
    let body = Bytes::from_static(b"<!doctype html>");
    store.put("s/a1/view", body.clone(), sha256(&body), &page).await.unwrap();
    assert_eq!(store.get("s/a1/view", None).await.unwrap(), body);
    let info = store.head("s/a1/view").await.unwrap().unwrap();
    assert_eq!(info.bytes, 15);
    assert_eq!(info.sha256.is_some(), known.checksums_kept);
    assert!(info.sha256.is_none_or(|kept| kept == sha256(&body)));
    assert_eq!(info.sha256_of_parts, None);
    assert_eq!(info.content_type.as_deref(), Some("text/html; charset=utf-8"));
    let age = known.now.duration_since(info.last_modified).abs();
    assert!(age < SignedDuration::from_mins(5), "the time is the store's: {info:?}");

    put(store, "empty", b"").await;
    assert_eq!(store.get("empty", None).await.unwrap(), Bytes::new());
    assert_eq!(store.head("empty").await.unwrap().unwrap().bytes, 0);

    let large = Bytes::from(noise(3_000_001));
    store.put("large", large.clone(), sha256(&large), &PutOptions::default()).await.unwrap();
    let pieces: Vec<Bytes> =
        store.get_stream("large", None).await.unwrap().try_collect().await.unwrap();
    assert!(pieces.len() > 1, "a stream comes in pieces");
    assert!(pieces.concat() == large);
    delete(store, &["s/a1/view", "empty", "large"]).await;
}

async fn a_body_that_is_not_its_hash_is_refused(store: &dyn Store) {
    put(store, "kept", b"before").await;
    for name in ["kept", "fresh"] {
        let body = Bytes::from_static(b"changed on the way");
        let refused = store.put(name, body, sha256(b"as it was"), &PutOptions::default()).await;
        assert!(matches!(refused, Err(StoreError::ChecksumMismatch { .. })), "{refused:?}");
    }
    assert_eq!(store.get("kept", None).await.unwrap(), "before", "what was there stays");
    assert_eq!(store.head("fresh").await.unwrap(), None, "nothing was stored");
    delete(store, &["kept"]).await;
}

async fn a_second_put_replaces_unless_told_not_to(store: &dyn Store, known: &Known) {
    put(store, "twice", b"first").await;
    put(store, "twice", b"second, and longer").await;
    assert_eq!(store.get("twice", None).await.unwrap(), "second, and longer");
    let fresh = PutOptions { if_none_match: true, ..PutOptions::default() };
    let third = Bytes::from_static(b"third");
    let again = store.put("twice", third.clone(), sha256(&third), &fresh).await;
    if known.conditions {
        assert!(matches!(again, Err(StoreError::PreconditionFailed { .. })), "{again:?}");
        assert_eq!(store.get("twice", None).await.unwrap(), "second, and longer");
    } else {
        again.unwrap();
    }
    store.put("once", third.clone(), sha256(&third), &fresh).await.unwrap();
    delete(store, &["twice", "once"]).await;
}

async fn ranges_give_exactly_their_bytes(store: &dyn Store) {
    put(store, "digits", b"0123456789").await;
    assert_eq!(store.get("digits", Some(0..1)).await.unwrap(), "0");
    assert_eq!(store.get("digits", Some(3..7)).await.unwrap(), "3456");
    assert_eq!(store.get("digits", Some(9..10)).await.unwrap(), "9");
    assert_eq!(store.get("digits", Some(8..100)).await.unwrap(), "89", "cut at the end");
    for (start, end) in [(10, 11), (50, 60), (4, 4)] {
        let none = store.get("digits", Some(start..end)).await;
        assert!(matches!(none, Err(StoreError::BadRange { .. })), "{start}..{end}: {none:?}");
    }
    delete(store, &["digits"]).await;
}

async fn what_is_missing_is_said_to_be_missing(store: &dyn Store) {
    assert_eq!(store.head("missing").await.unwrap(), None);
    let got = store.get("missing", None).await;
    assert!(matches!(got, Err(StoreError::NotFound { .. })), "{got:?}");
    let got = store.get("missing", Some(0..4)).await;
    assert!(matches!(got, Err(StoreError::NotFound { .. })), "{got:?}");
    delete(store, &["missing", "also/missing"]).await;
    delete(store, &["missing"]).await;
    delete(store, &[]).await;
}

async fn names_outside_the_contract_never_reach_a_server(store: &dyn Store) {
    let long = "a".repeat(901);
    for name in ["", "/a", "a/", "a//b", "../a", "a/./b", "a b", "ä", "a?b", "a%2e", &long] {
        let refused = store.put(name, Bytes::new(), sha256(b""), &PutOptions::default()).await;
        assert!(matches!(refused, Err(StoreError::BadName { .. })), "{name}: {refused:?}");
        assert!(matches!(store.get(name, None).await, Err(StoreError::BadName { .. })));
        assert!(matches!(store.head(name).await, Err(StoreError::BadName { .. })));
    }
}

async fn folders_are_no_objects_and_leave_no_trace(store: &dyn Store) {
    let all = ["s/b2/index/1", "s/b2/index/2", "s/b2/item", "s/b2/view"];
    for name in all {
        put(store, name, b"x").await;
    }
    for folder in ["s", "s/b2", "s/b2/index"] {
        assert_eq!(store.head(folder).await.unwrap(), None, "{folder}");
        let got = store.get(folder, None).await;
        assert!(matches!(got, Err(StoreError::NotFound { .. })), "{folder}: {got:?}");
    }
    assert_eq!(names(store, "s/b2/").await, all);
    assert_eq!(names(store, "s/b2/in").await, &all[..2], "a prefix is no folder");
    delete(store, &all).await;
    assert!(names(store, "s/").await.is_empty());
    put(store, "s/b2", b"where a folder was").await;
    delete(store, &["s/b2"]).await;
}

async fn lists_are_whole_and_in_order(store: &dyn Store) {
    let mut all: Vec<String> = (0..1101).map(|n| format!("log/{n:010}-a")).collect();
    stream::iter(&all).map(|n| put(store, n, b"x")).buffer_unordered(16).collect::<()>().await;
    let found = store.list("log/", None).await.unwrap();
    assert_eq!(found.iter().map(|(n, _)| n.clone()).collect::<Vec<_>>(), all);
    assert!(found.iter().all(|(_, info)| info.bytes == 1));
    let after = store.list("log/", Some("log/0000000998-a")).await.unwrap();
    assert_eq!(after.first().map(|(n, _)| n.as_str()), Some("log/0000000999-a"));
    assert_eq!(after.len(), 102);
    let between = store.list("log/", Some("log/0000001099")).await.unwrap();
    assert_eq!(between.len(), 2, "start_after need not be there itself");
    assert!(store.list("log/", Some("log/z")).await.unwrap().is_empty());
    all.push("not/there".into());
    store.delete(&all).await.unwrap();
    assert!(names(store, "log/").await.is_empty());
}

async fn parts_become_one_object(store: &dyn Store, known: &Known) {
    let part = usize::try_from(SMALLEST_PART).unwrap();
    let whole = Bytes::from(noise(part * 2 + 1000));
    let bodies = [whole.slice(..part), whole.slice(part..part * 2), whole.slice(part * 2..)];
    let options = PutOptions { content_type: Some("video/mp4".into()), ..PutOptions::default() };
    let upload = store.begin_parts("o/ab/large", &options).await.unwrap();
    assert_eq!(store.parts("o/ab/large", &upload).await.unwrap(), []);

    let mut sent = Vec::new();
    // Out of order, the second one twice, and one that breaks on the way.
    let (first, second, third) = (&bodies[0], &bodies[1], &bodies[2]);
    for (number, body) in [(2, third), (3, third), (2, second), (1, first)] {
        let digest = sha256(body);
        sent.push(
            store.put_part("o/ab/large", &upload, number, body.clone(), digest).await.unwrap(),
        );
    }
    let broken = store.put_part("o/ab/large", &upload, 4, third.clone(), sha256(first)).await;
    assert!(matches!(broken, Err(StoreError::ChecksumMismatch { .. })), "{broken:?}");
    assert_eq!(store.head("o/ab/large").await.unwrap(), None, "parts are not visible");
    if known.lists_uploads {
        assert_eq!(store.uploads("o/").await.unwrap(), [("o/ab/large".to_owned(), upload.clone())]);
        assert_eq!(store.uploads("p/").await.unwrap(), []);
    }
    let there = store.parts("o/ab/large", &upload).await.unwrap();
    assert_eq!(
        there.iter().map(|p| (p.number, p.bytes)).collect::<Vec<_>>(),
        [(1, SMALLEST_PART), (2, SMALLEST_PART), (3, 1000)]
    );

    let parts = [&sent[3], &sent[2], &sent[1]].map(Clone::clone);
    let mut wrong = parts.clone();
    wrong[1].etag = sent[0].etag.clone();
    wrong[1].sha256 = sent[0].sha256;
    assert!(
        store.finish_parts("o/ab/large", &upload, &wrong).await.is_err(),
        "a part that was replaced cannot be named"
    );
    store.finish_parts("o/ab/large", &upload, &parts).await.unwrap();
    assert!(store.get("o/ab/large", None).await.unwrap() == whole);
    let cut = SMALLEST_PART - 2..SMALLEST_PART + 2;
    assert_eq!(store.get("o/ab/large", Some(cut)).await.unwrap(), whole.slice(part - 2..part + 2));
    let info = store.head("o/ab/large").await.unwrap().unwrap();
    assert_eq!(info.bytes, whole.len() as u64);
    assert_eq!(info.content_type.as_deref(), Some("video/mp4"));
    assert_eq!(info.sha256, None, "nobody computed it");
    if known.checksums_kept {
        let digests = [sha256(first), sha256(second), sha256(third)];
        assert_eq!(info.sha256_of_parts, Some(sha256_of_parts(&digests)));
    }
    let gone = store.parts("o/ab/large", &upload).await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })), "{gone:?}");
    delete(store, &["o/ab/large"]).await;
}

async fn a_failed_upload_in_parts_leaves_nothing(store: &dyn Store, known: &Known) {
    let part = usize::try_from(SMALLEST_PART).unwrap();
    let bodies: PartBodies<'_> = stream::iter([
        Ok(Bytes::from(noise(part))),
        Err(std::io::Error::other("the disk cannot be read")),
    ])
    .boxed();
    let failed = store.put_parts("o/cd/torn", bodies, &PutOptions::default()).await;
    assert!(matches!(failed, Err(StoreError::Body { .. })), "{failed:?}");
    assert_eq!(store.head("o/cd/torn").await.unwrap(), None);
    if known.lists_uploads {
        assert_eq!(store.uploads("").await.unwrap(), [], "it was aborted");
    }

    let upload = store.begin_parts("o/cd/torn", &PutOptions::default()).await.unwrap();
    store.abort_parts("o/cd/torn", &upload).await.unwrap();
    store.abort_parts("o/cd/torn", &upload).await.unwrap();
    let gone = store.parts("o/cd/torn", &upload).await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })), "{gone:?}");
    let body = Bytes::from_static(b"late");
    let late = store.put_part("o/cd/torn", &upload, 1, body, sha256(b"late")).await;
    assert!(matches!(late, Err(StoreError::NotFound { .. })), "{late:?}");
    store.abort_parts("o/cd/torn", &UploadId(upload.0.replace('1', "2"))).await.unwrap();

    let good: PartBodies<'_> =
        stream::iter([Ok(Bytes::from_static(b"one part is enough"))]).boxed();
    store.put_parts("o/cd/whole", good, &PutOptions::default()).await.unwrap();
    assert_eq!(store.get("o/cd/whole", None).await.unwrap(), "one part is enough");
    delete(store, &["o/cd/whole"]).await;
}

async fn presigned_addresses_open_until_they_end(store: &dyn Store, known: &Known) {
    put(store, "s/c3/item", b"ciphertext").await;
    for expires in
        [Duration::ZERO, Duration::from_millis(999), LONGEST_LINK + Duration::from_secs(1)]
    {
        let refused = store.presign_get("s/c3/item", expires, known.now, &[]).await;
        assert!(matches!(refused, Err(StoreError::BadExpiry { .. })), "{expires:?}: {refused:?}");
    }
    let now = if known.network { Timestamp::now() } else { known.now };
    let open = store.presign_get("s/c3/item", LONGEST_LINK, now, &[]).await.unwrap();
    let visit = store.visit(&open.url).await.unwrap();
    assert_eq!((visit.status, &visit.body[..]), (200, &b"ciphertext"[..]));
    let noted = [("x-ds-link", "a1b2"), ("x-ds-k", "7")];
    let noted = store.presign_get("s/c3/item", LONGEST_LINK, now, &noted).await.unwrap();
    assert!(noted.url.as_str().contains("x-ds-link=a1b2"), "services log it");
    assert_eq!(store.visit(&noted.url).await.unwrap().status, 200);

    let refused = |status: u16| matches!(status, 400 | 403);
    let ends = now - SignedDuration::from_secs(60);
    let just = store.presign_get("s/c3/item", Duration::from_secs(90), ends, &[]).await.unwrap();
    assert_eq!(store.visit(&just.url).await.unwrap().status, 200, "30 seconds are left");
    let ended = store.presign_get("s/c3/item", Duration::from_secs(50), ends, &[]).await.unwrap();
    assert!(refused(store.visit(&ended.url).await.unwrap().status), "it ended 10 seconds ago");
    let ended = store.presign_get("s/c3/item", SHORTEST_LINK, ends, &[]).await.unwrap();
    assert!(refused(store.visit(&ended.url).await.unwrap().status));

    for (from, to) in [
        ("X-Amz-Expires=604800", "X-Amz-Expires=604799"),
        ("/s/c3/item", "/s/c3/other"),
        ("X-Amz-Signature=", "X-Amz-Signature=0"),
        ("x-ds-link=a1b2", "x-ds-link=a1b3"),
    ] {
        let tampered = noted.url.as_str().replace(from, to);
        assert_ne!(tampered, noted.url.as_str(), "{from}");
        let status = store.visit(&tampered.parse().unwrap()).await.unwrap().status;
        assert!(refused(status), "{to}: {status}");
    }
    delete(store, &["s/c3/item"]).await;
    assert_eq!(store.visit(&open.url).await.unwrap().status, 404, "deleted is dead");
}

async fn presigned_puts_take_what_was_signed_and_nothing_else(store: &dyn Store, known: &Known) {
    let now = if known.network { Timestamp::now() } else { known.now };
    let kind = "application/octet-stream";
    let hour = Duration::from_secs(3600);
    let slot = store.presign_put("s/d4/sel/00", 65536, kind, hour, now).await.unwrap();
    if known.network {
        let body = noise(65536);
        let headers: Vec<(&str, &str)> =
            slot.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        for (what, url, headers, body) in [
            ("shorter", &slot.url, &headers[..], &body[1..]),
            ("longer", &slot.url, &headers[..], &noise(65537)[..]),
            ("without its headers", &slot.url, &[][..], &body[..]),
        ] {
            let answer = http::send("PUT", url, headers, body).await;
            assert!(matches!(answer.status, 400 | 403), "{what}: {}", answer.status);
            assert_eq!(store.head("s/d4/sel/00").await.unwrap(), None, "{what}");
        }
        let answer = http::send("PUT", &slot.url, &headers, &body).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        assert!(store.get("s/d4/sel/00", None).await.unwrap() == body);
        let again = http::send("PUT", &slot.url, &headers, &noise(65536)).await.status;
        assert_eq!(again, if known.conditions { 412 } else { 200 });
        delete(store, &["s/d4/sel/00"]).await;
        let ago = now - SignedDuration::from_secs(3700);
        let ended = store.presign_put("s/d4/sel/00", 65536, kind, hour, ago).await.unwrap();
        let status = http::send("PUT", &ended.url, &headers, &body).await.status;
        assert!(matches!(status, 400 | 403), "ended: {status}");
    }
}

async fn the_probe_finds_what_is_known(store: &dyn Store, known: &Known) {
    let now = if known.network { Timestamp::now() } else { known.now };
    let found = probe(store, "3f9a", now).await.unwrap();
    assert!(found.checksum_enforced);
    assert_eq!(found.checksum_kept, known.checksums_kept);
    assert_eq!(found.if_none_match, known.conditions);
    assert_eq!(found.keeps_versions, Some(false));
    assert!(found.clock_ahead.abs() <= 5, "{found:?}");
}

/// Bytes without a pattern, the same at every run.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ length as u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}
