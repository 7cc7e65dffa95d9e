//! What an S3 store does when the line, the service or its settings are not what they should be.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use darkslide_core::error::{Code, Error};
use darkslide_core::store::{
    Clock, Connection, Credentials, Patience, PutOptions, S3Store, Store, StoreError, sha256,
};
use darkslide_demo::s3::{EmbeddedS3, Fault, Request};
use jiff::{SignedDuration, Timestamp};

use crate::support::http;

/// Soon out of patience, so that tests of impatience are quick.
const HASTY: Patience = Patience {
    connect: Duration::from_secs(2),
    answer: Duration::from_millis(1500),
    per_mib: Duration::from_secs(10),
    stall: Duration::from_secs(1),
    attempts: 3,
    first_pause: Duration::from_millis(10),
};

fn connection(endpoint: &str, bucket: &str, root: &str) -> Connection {
    Connection {
        endpoint: Some(endpoint.to_owned()),
        region: "us-east-1".to_owned(),
        bucket: bucket.to_owned(),
        root: root.to_owned(),
        path_style: None,
    }
}

fn real_time() -> Clock {
    Arc::new(Timestamp::now)
}

pub async fn connect(server: &EmbeddedS3, bucket: &str) -> S3Store {
    connect_below(server, bucket, "").await
}

pub async fn connect_below(server: &EmbeddedS3, bucket: &str, root: &str) -> S3Store {
    let credentials = Credentials::explicit(&server.access_key, &server.secret_key);
    let connection = connection(&server.endpoint, bucket, root);
    S3Store::connect(connection, &credentials, real_time()).await.unwrap()
}

async fn hasty(server: &EmbeddedS3, bucket: &str, clock: Clock) -> S3Store {
    let credentials = Credentials::explicit(&server.access_key, &server.secret_key);
    let connection = connection(&server.endpoint, bucket, "");
    S3Store::connect_patiently(connection, &credentials, clock, HASTY).await.unwrap()
}

async fn start() -> (tempfile::TempDir, EmbeddedS3) {
    let folder = tempfile::tempdir().unwrap();
    let server = EmbeddedS3::start(folder.path(), &["bucket"]).await.unwrap();
    (folder, server)
}

async fn put(store: &S3Store, name: &str, body: &[u8]) -> Result<(), StoreError> {
    let body = Bytes::copy_from_slice(body);
    let digest = sha256(&body);
    store.put(name, body, digest, &PutOptions::default()).await
}

fn to(method: &'static str) -> impl Fn(&Request) -> bool {
    move |request| request.method == method
}

#[tokio::test]
async fn passing_trouble_is_overcome_by_trying_again() {
    for fault in [
        Fault::Status(500),
        Fault::Status(503),
        Fault::Refuse,
        Fault::LoseAnswer,
        Fault::Late(Duration::from_secs(4)),
    ] {
        let (_folder, server) = start().await;
        let store = hasty(&server, "bucket", real_time()).await;
        server.inject(2, fault, to("PUT"));
        put(&store, "name", b"body").await.unwrap();
        server.inject(2, fault, to("GET"));
        assert_eq!(store.get("name", None).await.unwrap(), "body", "{fault:?}");
        let puts = server.requests().iter().filter(|r| r.method == "PUT").count();
        assert_eq!(puts, 3, "{fault:?}: two failed, the third did not");
    }
}

#[tokio::test]
async fn lasting_trouble_is_told_after_some_tries() {
    let (_folder, server) = start().await;
    let store = hasty(&server, "bucket", real_time()).await;
    server.inject(100, Fault::Status(503), to("PUT"));
    let busy = put(&store, "name", b"body").await.unwrap_err();
    assert!(matches!(busy, StoreError::Busy { status: 503, .. }), "{busy:?}");
    assert!(busy.is_retryable());
    assert_eq!(server.requests().len(), 3);
    server.inject(100, Fault::Late(Duration::from_secs(5)), to("HEAD"));
    let slow = store.head("name").await.unwrap_err();
    assert!(matches!(slow, StoreError::Offline { .. }), "{slow:?}");
    assert_eq!(Error::from(slow).code, Code::Offline);
}

#[tokio::test]
async fn a_refusal_is_not_tried_again() {
    let (_folder, server) = start().await;
    let store = hasty(&server, "bucket", real_time()).await;
    server.inject(1, Fault::Status(403), to("PUT"));
    let refused = put(&store, "name", b"body").await.unwrap_err();
    assert!(matches!(refused, StoreError::Forbidden { .. }), "{refused:?}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_broken_download_goes_on_where_it_broke() {
    let (_folder, server) = start().await;
    let store = hasty(&server, "bucket", real_time()).await;
    let body: Vec<u8> = (0..400_000_u32).map(|n| (n % 251) as u8).collect();
    put(&store, "large", &body).await.unwrap();
    server.inject(1, Fault::CutBody(100_000), to("GET"));
    server.inject(1, Fault::CutBody(150_000), to("GET"));
    assert!(store.get("large", None).await.unwrap() == body);
    let gets = server.requests();
    let begins: Vec<Option<usize>> = gets
        .iter()
        .filter(|r| r.method == "GET")
        .map(|r| r.header("range")?.strip_prefix("bytes=")?.strip_suffix("-399999")?.parse().ok())
        .collect();
    let [None, Some(second), Some(third)] = begins[..] else { panic!("{begins:?}") };
    // What was sent last before a line breaks may not arrive.
    assert!(second <= 100_000 && third >= second && third <= second + 150_000, "{begins:?}");

    server.inject(1, Fault::CutBody(5), to("GET"));
    assert_eq!(store.get("large", Some(1000..1010)).await.unwrap(), &body[1000..1010]);
    server.inject(100, Fault::CutBody(1), to("GET"));
    let given_up = store.get("large", None).await.map(|body| body.len()).unwrap_err();
    assert!(matches!(given_up, StoreError::Offline { .. }), "{given_up:?}");
}

#[tokio::test]
async fn an_object_that_changes_during_a_download_is_not_glued_together() {
    let (_folder, server) = start().await;
    let store = connect(&server, "bucket").await;
    put(&store, "name", &[b'a'; 300_000]).await.unwrap();
    server.inject(1, Fault::CutBody(100_000), to("GET"));
    let mut pieces = store.get_stream("name", None).await.unwrap();
    put(&store, "name", &[b'b'; 300_000]).await.unwrap();
    let mut failed = None;
    while let Some(piece) = futures::StreamExt::next(&mut pieces).await {
        match piece {
            Ok(piece) => assert!(piece.iter().all(|&b| b == b'a')),
            Err(error) => failed = Some(error),
        }
    }
    assert!(matches!(failed, Some(StoreError::Unexpected { .. })), "{failed:?}");
}

#[tokio::test]
async fn wrong_credentials_are_forbidden() {
    let (_folder, server) = start().await;
    for credentials in [
        Credentials::explicit(&server.access_key, "not the secret"),
        Credentials::explicit("nobody", &server.secret_key),
    ] {
        let connection = connection(&server.endpoint, "bucket", "");
        let store = S3Store::connect(connection, &credentials, real_time()).await.unwrap();
        for error in [
            put(&store, "name", b"body").await.unwrap_err(),
            store.get("name", None).await.unwrap_err(),
            store.head("name").await.unwrap_err(),
            store.list("", None).await.unwrap_err(),
            store.delete(&["name".to_owned()]).await.unwrap_err(),
        ] {
            assert!(matches!(error, StoreError::Forbidden { .. }), "{error:?}");
            assert_eq!(Error::from(error).code, Code::Forbidden);
        }
        assert!(!format!("{credentials:?}").contains("secret"), "secrets are not shown");
    }
}

#[tokio::test]
async fn an_absent_bucket_is_told_by_name_and_can_be_made() {
    let (_folder, server) = start().await;
    let store = connect(&server, "absent").await;
    assert!(!store.bucket_exists().await.unwrap());
    for error in [
        put(&store, "name", b"body").await.unwrap_err(),
        store.get("name", None).await.unwrap_err(),
        store.head("name").await.unwrap_err(),
        store.list("", None).await.unwrap_err(),
        store.begin_parts("name", &PutOptions::default()).await.unwrap_err(),
    ] {
        assert!(
            matches!(&error, StoreError::NoBucket { bucket } if bucket == "absent"),
            "{error:?}"
        );
        assert_eq!(Error::from(error).code, Code::NoBucket);
    }
    store.create_bucket().await.unwrap();
    store.create_bucket().await.unwrap();
    assert!(store.bucket_exists().await.unwrap());
    put(&store, "name", b"body").await.unwrap();
}

#[tokio::test]
async fn a_closed_port_is_offline_within_seconds() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let connection = connection(&format!("http://127.0.0.1:{port}"), "bucket", "");
    let credentials = Credentials::explicit("key", "secret");
    let store = S3Store::connect(connection, &credentials, real_time()).await.unwrap();
    let begun = Instant::now();
    let error = store.list("", None).await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(matches!(error, StoreError::Offline { .. }), "{error:?}");
    let said = error.to_string();
    assert!(said.contains(&format!("127.0.0.1:{port}")) && said.contains("refused"), "{said}");
    assert_eq!(Error::from(error).code, Code::Offline);
}

#[tokio::test]
async fn a_wrong_clock_is_blamed_and_not_the_credentials() {
    let (_folder, server) = start().await;
    for hours in [-1, 1] {
        let off = SignedDuration::from_hours(hours);
        let clock: Clock = Arc::new(move || Timestamp::now() + off);
        let credentials = Credentials::explicit(&server.access_key, &server.secret_key);
        let at = connection(&server.endpoint, "bucket", "");
        let once = Patience { attempts: 1, ..HASTY };
        let store = S3Store::connect_patiently(at, &credentials, clock, once).await.unwrap();
        let error = put(&store, "name", b"body").await.unwrap_err();
        let StoreError::ClockSkew { server: theirs, here } = error else {
            panic!("{error:?}");
        };
        let error = here.duration_since(theirs) - off;
        assert!(error.abs() < SignedDuration::from_secs(5), "{error}");
    }
}

#[tokio::test]
async fn with_a_wrong_clock_requests_are_signed_by_the_stores() {
    let (_folder, server) = start().await;
    let clock: Clock = Arc::new(|| Timestamp::now() - SignedDuration::from_hours(3));
    let store = hasty(&server, "bucket", clock).await;
    put(&store, "name", b"body").await.unwrap();
    let date = store.server_date().await.unwrap();
    assert!(date.duration_since(Timestamp::now()).abs() < SignedDuration::from_secs(5));
    let ahead = store.clock_ahead().unwrap() - SignedDuration::from_hours(3);
    assert!(ahead.abs() < SignedDuration::from_secs(5), "{ahead}");
}

#[tokio::test]
async fn a_client_can_open_the_page_but_not_after_its_end() {
    let (_folder, server) = start().await;
    let store = connect(&server, "bucket").await;
    let page = Bytes::from_static(b"<!doctype html><title>Darkslide</title>");
    let options = PutOptions { content_type: Some("text/html".into()), ..PutOptions::default() };
    store.put("s/x/view", page.clone(), sha256(&page), &options).await.unwrap();
    let week = Duration::from_secs(7 * 24 * 3600);
    let now = Timestamp::now();
    let link = store.presign_get("s/x/view", week, now, &[]).await.unwrap();
    let answer = http::send("GET", &link.url, &[], b"").await;
    assert_eq!((answer.status, &answer.body[..]), (200, &page[..]));
    assert_eq!(answer.header("content-type"), Some("text/html"), "a browser shows it");
    assert_eq!(answer.header("content-disposition"), None, "and does not save it");
    let part = http::send("GET", &link.url, &[("range", "bytes=0-8")], b"").await;
    assert_eq!((part.status, &part.body[..]), (206, &page[..9]));
    let unsigned = link.url.as_str().split('?').next().unwrap().parse().unwrap();
    assert_eq!(http::send("GET", &unsigned, &[], b"").await.status, 403);
    let week_ago = now - SignedDuration::from_secs(7 * 24 * 3600 + 1);
    let ended = store.presign_get("s/x/view", week, week_ago, &[]).await.unwrap();
    assert_eq!(http::send("GET", &ended.url, &[], b"").await.status, 403);
    // An address for reading does not write or delete.
    assert_eq!(http::send("PUT", &link.url, &[], b"defaced").await.status, 403);
    assert_eq!(http::send("DELETE", &link.url, &[], b"").await.status, 403);
    assert_eq!(store.get("s/x/view", None).await.unwrap(), page);
    assert!(!format!("{link:?}").contains("Signature"), "an address is a secret in logs");
}

#[tokio::test]
async fn services_without_bulk_deletion_are_deleted_from_one_by_one() {
    let (_folder, server) = start().await;
    let store = connect(&server, "bucket").await;
    let names: Vec<String> = (0..5).map(|n| format!("p/{n}")).collect();
    for name in &names {
        put(&store, name, b"x").await.unwrap();
    }
    server.inject(1, Fault::Status(501), |r| r.method == "POST" && r.query.contains("delete"));
    store.delete(&names).await.unwrap();
    assert!(store.list("", None).await.unwrap().is_empty());
}

/// Certificates matter to https only, so a broken setting must not keep anybody from a server on
/// this computer. The environment is another process's: this one's tests run beside each other.
#[tokio::test]
async fn plain_http_needs_no_certificates() {
    let this = std::env::current_exe().unwrap();
    let mut other = tokio::process::Command::new(this);
    other.args(["--exact", "store_s3::an_absent_bucket_is_told_by_name_and_can_be_made"]);
    for name in ["SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_CA_BUNDLE"] {
        other.env(name, "/nowhere/at-all.pem");
    }
    let done = other.output().await.unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
async fn addresses_that_are_none_are_refused_at_once() {
    let credentials = Credentials::explicit("key", "secret");
    for endpoint in [
        "",
        "s3.example.com",
        "ftp://s3.example.com",
        "https://user:pw@s3.example.com",
        "https://s3.example.com/bucket",
        "https://s3.example.com?x=1",
        "file:///tmp",
    ] {
        let connection = connection(endpoint, "bucket", "");
        let refused = S3Store::connect(connection, &credentials, real_time()).await;
        assert!(matches!(refused, Err(StoreError::BadEndpoint { .. })), "{endpoint}: {refused:?}");
    }
    for root in ["photos", "/", "../", "a b/", "a//"] {
        let connection = connection("http://127.0.0.1:1", "bucket", root);
        let refused = S3Store::connect(connection, &credentials, real_time()).await;
        assert!(matches!(refused, Err(StoreError::BadName { .. })), "{root}: {refused:?}");
    }
}
