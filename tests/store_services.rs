//! How an S3 store meets services that differ: those that keep versions, and those that say the
//! same thing in other words.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use darkslide_core::store::{
    Connection, Credentials, Patience, PutOptions, S3Store, Store, StoreError, sha256,
};
use darkslide_demo::s3::EmbeddedS3;
use jiff::Timestamp;

use crate::support::canned::{Asked, Canned, CannedServer};

const ONCE: Patience = Patience {
    connect: Duration::from_secs(2),
    answer: Duration::from_secs(5),
    per_mib: Duration::from_secs(5),
    stall: Duration::from_secs(2),
    attempts: 1,
    first_pause: Duration::from_millis(1),
};

async fn connect(endpoint: &str, credentials: &Credentials) -> S3Store {
    let connection = Connection {
        endpoint: Some(endpoint.to_owned()),
        region: "us-east-1".to_owned(),
        bucket: "bucket".to_owned(),
        root: "root/".to_owned(),
        path_style: None,
    };
    let clock = Arc::new(Timestamp::now);
    S3Store::connect_patiently(connection, credentials, clock, ONCE).await.unwrap()
}

async fn canned(server: &CannedServer) -> S3Store {
    connect(&server.endpoint, &Credentials::explicit("key", "secret")).await
}

fn asks(asked: &Asked, parameter: &str) -> bool {
    let query = asked.target.split_once('?').map_or("", |(_, query)| query);
    query.split('&').any(|p| p == parameter || p.split('=').next() == Some(parameter))
}

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// A bucket with versions holds `s/1/item` three times (one of them a delete marker), and a
/// neighbour whose name begins the same.
fn versions(asked: &Asked) -> Canned {
    let entry = |kind: &str, key: &str, version: &str| {
        format!(
            "<{kind}><Key>root/{key}</Key><VersionId>{version}</VersionId><IsLatest>true</IsLatest>\
             <LastModified>2026-06-01T12:00:00.000Z</LastModified></{kind}>"
        )
    };
    if asks(asked, "versioning") {
        let status = "<Status>Enabled</Status>";
        Canned::xml(200, &format!("<VersioningConfiguration>{status}</VersioningConfiguration>"))
    } else if asks(asked, "versions") {
        let first = !asks(asked, "key-marker");
        let page = if first {
            entry("DeleteMarker", "s/1/item", "v3")
                + &entry("Version", "s/1/item", "v2")
                + "<NextKeyMarker>root/s/1/item</NextKeyMarker>\
                   <NextVersionIdMarker>v2</NextVersionIdMarker>"
        } else {
            entry("Version", "s/1/item", "v1") + &entry("Version", "s/1/item-2", "w1")
        };
        Canned::xml(
            200,
            &format!(
                "<ListVersionsResult><IsTruncated>{first}</IsTruncated>{page}</ListVersionsResult>"
            ),
        )
    } else if asks(asked, "delete") {
        Canned::xml(200, "<DeleteResult></DeleteResult>")
    } else {
        Canned(204, Vec::new(), String::new())
    }
}

#[tokio::test]
async fn every_version_goes_and_no_neighbours() {
    let server = CannedServer::start(versions).await;
    let store = canned(&server).await;
    store.delete(&strings(&["s/1/item", "s/1/gone-already"])).await.unwrap();
    let asked = server.asked();
    let delete = asked.iter().find(|a| asks(a, "delete")).expect("one DeleteObjects");
    for version in ["v1", "v2", "v3"] {
        let object = format!("<Key>root/s/1/item</Key><VersionId>{version}</VersionId>");
        assert!(delete.body.contains(&object), "{version}: {}", delete.body);
    }
    assert!(delete.body.contains("root/s/1/gone-already"), "{}", delete.body);
    assert!(!delete.body.contains("item-2"), "a neighbour: {}", delete.body);
    assert_eq!(store.keeps_versions().await.unwrap(), Some(true));
}

#[tokio::test]
async fn a_folder_of_names_is_listed_once() {
    let server = CannedServer::start(versions).await;
    let store = canned(&server).await;
    let names: Vec<String> = (0..50).map(|n| format!("s/1/{n}")).collect();
    store.delete(&names).await.unwrap();
    let lists = server.asked().iter().filter(|a| asks(a, "versions")).count();
    assert_eq!(lists, 2, "two pages, not fifty lists");
}

#[tokio::test]
async fn a_version_that_stays_is_an_error() {
    let server = CannedServer::start(|asked| {
        if asks(asked, "delete") {
            let error = "<Error><Key>root/s/1/item</Key><VersionId>v1</VersionId>\
                         <Code>AccessDenied</Code><Message>locked</Message></Error>";
            Canned::xml(200, &format!("<DeleteResult>{error}</DeleteResult>"))
        } else {
            versions(asked)
        }
    })
    .await;
    let error = canned(&server).await.delete(&strings(&["s/1/item"])).await.unwrap_err();
    let StoreError::Forbidden { what, .. } = &error else { panic!("{error:?}") };
    assert!(what.contains("s/1/item"), "{what}");
}

#[tokio::test]
async fn credentials_that_may_not_ask_for_versions_can_still_delete() {
    let server = CannedServer::start(|asked| {
        if asks(asked, "versioning") || asks(asked, "versions") {
            Canned::error(403, "AccessDenied")
        } else {
            versions(asked)
        }
    })
    .await;
    let store = canned(&server).await;
    store.delete(&strings(&["s/1/a"])).await.unwrap();
    assert_eq!(store.keeps_versions().await.unwrap(), None, "nobody knows");
    assert!(server.asked().iter().any(|a| a.method == "DELETE" && a.target.contains("s/1/a")));
}

#[tokio::test]
async fn other_words_for_the_same_trouble_are_understood() {
    let class = |error: &StoreError| {
        let debug = format!("{error:?}");
        debug.split([' ', '{']).next().unwrap_or_default().to_owned()
    };
    for (status, code, expected) in [
        (403, "AccessDenied", "Forbidden"),
        (403, "InvalidAccessKeyId", "Forbidden"),
        (401, "Unauthorized", "Forbidden"),
        (400, "ExpiredToken", "Forbidden"),
        (400, "InvalidToken", "Forbidden"),
        (404, "NoSuchBucket", "NoBucket"),
        (400, "BadDigest", "ChecksumMismatch"),
        (400, "XAmzContentSHA256Mismatch", "ChecksumMismatch"),
        (412, "PreconditionFailed", "PreconditionFailed"),
        (409, "ConditionalRequestConflict", "Busy"),
        (503, "SlowDown", "Busy"),
        (429, "TooManyRequests", "Busy"),
        (500, "InternalError", "Busy"),
        (502, "", "Busy"),
        (301, "PermanentRedirect", "WrongRegion"),
        (400, "AuthorizationHeaderMalformed", "WrongRegion"),
        (507, "InsufficientStorage", "Unexpected"),
        (501, "NotImplemented", "Unexpected"),
        (418, "Teapot", "Unexpected"),
    ] {
        let server = CannedServer::start(move |_| match code {
            "" => Canned(status, Vec::new(), "<html>Bad gateway".to_owned()),
            _ => Canned::error(status, code),
        })
        .await;
        let body = Bytes::from_static(b"body");
        let digest = sha256(&body);
        let put = canned(&server).await.put("name", body, digest, &PutOptions::default()).await;
        let error = put.unwrap_err();
        assert_eq!(class(&error), expected, "{status} {code}: {error:?}");
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        if matches!(expected, "Forbidden" | "Busy" | "Unexpected") && !code.is_empty() {
            let cause = cause.unwrap();
            assert!(cause.contains(code) && cause.contains(&status.to_string()), "{cause}");
        }
    }
}

#[tokio::test]
async fn the_right_region_is_told() {
    let server = CannedServer::start(|_| {
        let Canned(status, _, body) = Canned::error(301, "PermanentRedirect");
        Canned(status, vec![("x-amz-bucket-region", "eu-central-1".to_owned())], body)
    })
    .await;
    let error = canned(&server).await.list("", None).await.unwrap_err();
    assert_eq!(error.to_string(), "the bucket is in another region: eu-central-1");
}

#[tokio::test]
async fn a_list_that_goes_in_circles_ends() {
    let server = CannedServer::start(|_| {
        Canned::xml(
            200,
            "<ListBucketResult><IsTruncated>true</IsTruncated>\
             <NextContinuationToken>again</NextContinuationToken></ListBucketResult>",
        )
    })
    .await;
    let error = canned(&server).await.list("", None).await.unwrap_err();
    assert!(matches!(error, StoreError::Unexpected { .. }), "{error:?}");
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn what_other_hands_put_into_the_bucket_is_not_ours() {
    let server = CannedServer::start(|_| {
        let entry = |key: &str| format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>");
        let keys = ["root/", "root/a b.jpg", "root/good", "root/../up", "elsewhere/x", "root/x/"];
        let entries: String = keys.map(entry).concat();
        Canned::xml(200, &format!("<ListBucketResult>{entries}</ListBucketResult>"))
    })
    .await;
    let names = canned(&server).await.list("", None).await.unwrap();
    assert_eq!(names.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["good"]);
}

#[tokio::test]
async fn every_body_carries_its_hash_where_every_service_looks() {
    let folder = tempfile::tempdir().unwrap();
    let server = EmbeddedS3::start(folder.path(), &["bucket"]).await.unwrap();
    let credentials = Credentials::explicit(&server.access_key, &server.secret_key);
    let store = connect(&server.endpoint, &credentials).await;
    let body = Bytes::from_static(b"body");
    let digest = sha256(&body);
    store.put("name", body.clone(), digest, &PutOptions::default()).await.unwrap();
    let upload = store.begin_parts("parts", &PutOptions::default()).await.unwrap();
    store.put_part("parts", &upload, 1, body, digest).await.unwrap();
    let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    let base64 = data_encoding::BASE64.encode(&digest);
    let puts: Vec<_> = server.requests().into_iter().filter(|r| r.method == "PUT").collect();
    assert_eq!(puts.len(), 2);
    for put in puts {
        assert_eq!(put.header("x-amz-content-sha256"), Some(hex.as_str()));
        assert_eq!(put.header("x-amz-checksum-sha256"), Some(base64.as_str()));
        let signed = put.header("authorization").unwrap();
        assert!(signed.contains("x-amz-checksum-sha256"), "{signed}");
        assert_eq!(put.header("content-length"), Some("4"), "as it is, without trailers");
        assert_eq!(put.header("content-encoding"), None);
    }
}

/// The chain reads the environment, so it is another process that connects.
#[tokio::test]
async fn profiles_of_the_aws_tools_open_the_bucket() {
    let folder = tempfile::tempdir().unwrap();
    let server = EmbeddedS3::start(&folder.path().join("s3"), &["bucket"]).await.unwrap();
    let file = folder.path().join("credentials");
    let text = format!(
        "[studio]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        server.access_key, server.secret_key
    );
    std::fs::write(&file, text).unwrap();
    for (profile, expected) in [("studio", "connected"), ("nobody", "NoCredentials")] {
        let mut other = tokio::process::Command::new(std::env::current_exe().unwrap());
        other.args(["--exact", "store_services::connect_by_the_chain", "--ignored", "--nocapture"]);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                other.env_remove(name);
            }
        }
        other.env("AWS_SHARED_CREDENTIALS_FILE", &file);
        other.env("AWS_CONFIG_FILE", folder.path().join("no-config"));
        other.env("AWS_EC2_METADATA_DISABLED", "true");
        other.env("TEST_ENDPOINT", &server.endpoint);
        other.env("TEST_PROFILE", profile);
        let done = other.output().await.unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(said.contains(&format!("chain: {expected}")), "{profile}: {said}");
    }
}

#[tokio::test]
#[ignore = "runs in the process that profiles_of_the_aws_tools_open_the_bucket starts"]
async fn connect_by_the_chain() {
    let value = |name: &str| std::env::var_os(name).unwrap().into_string().unwrap();
    let credentials = Credentials::Chain { profile: Some(value("TEST_PROFILE")) };
    match connect(&value("TEST_ENDPOINT"), &credentials).await.list("", None).await {
        Ok(names) => println!("chain: connected, {} names", names.len()),
        Err(error) => println!("chain: {error:?}"),
    }
}
