//! `darkslide bucket`: what a bucket does is found out by doing it, on two servers that differ.

use serde_json::Value;

use crate::support::canned::{Asked, Canned, CannedServer};
use crate::support::garage::Garage;
use crate::support::program::{Bucket, Computer, Place, Server};

fn marks(check: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = check["findings"].as_array().unwrap().iter();
    findings.map(|finding| (text(&finding["subject"]), text(&finding["mark"]))).collect()
}

#[track_caller]
fn mark_of(check: &Value, subject: &str) -> String {
    let marks = marks(check);
    let found = marks.iter().find(|(known, _)| known == subject);
    found.unwrap_or_else(|| panic!("nothing said of {subject}: {check:#}")).1.clone()
}

fn says(check: &Value, subject: &str) -> String {
    let findings = check["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["subject"] == subject).unwrap();
    found["says"].as_str().unwrap().to_owned()
}

fn check(computer: &Computer, bucket: &Bucket, codes: &[i32]) -> Value {
    let computer = computer.clone().with(bucket.clone());
    computer.json_with(&[&["bucket", "check"], bucket.flags().as_slice()].concat(), codes)
}

#[test]
fn a_good_bucket_is_called_good_for_what_it_did_and_nothing_stays_behind() {
    let place = Place::new();
    let server = Server::start(&place);
    let computer = place.computer("studio");
    let found = check(&computer, &server.bucket(), &[0]);
    assert_eq!(found["usable"], true, "{found:#}");
    for subject in [
        "line",
        "answer",
        "clock",
        "write",
        "read",
        "list",
        "checksum",
        "replace",
        "strangers",
        "links",
        "delete",
    ] {
        assert_eq!(mark_of(&found, subject), "good", "{subject}: {found:#}");
    }
    assert_eq!(mark_of(&found, "public_access"), "unknown", "this store has no such switch");
    assert!(server.objects().is_empty(), "{:?}", server.objects());
    assert!(!computer.home.join("darkslide").exists(), "a check needs no home and makes none");
}

#[test]
fn garage_is_told_apart_made_safer_and_used() {
    let place = Place::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let garage = runtime.block_on(Garage::start(&["photos"]));
    let computer = place.computer("studio");
    let bucket = Bucket::from(&garage);
    let found = check(&computer, &bucket, &[0]);
    assert_eq!(found["usable"], true, "{found:#}");
    for subject in ["checksum", "strangers", "links", "delete", "keys"] {
        assert_eq!(mark_of(&found, subject), "good", "{subject}: {found:#}");
    }
    assert_eq!(mark_of(&found, "replace"), "note", "Garage replaces whatever it is told");
    assert_eq!(mark_of(&found, "leftovers"), "note");
    assert_eq!(found["can_set"], serde_json::json!(["leftovers"]));

    let computer = computer.with(bucket.clone());
    let harden = [&["bucket", "harden"], bucket.flags().as_slice()].concat();
    let set = computer.json(&harden);
    assert_eq!(mark_of(&set["check"], "leftovers"), "good", "{set:#}");
    assert_eq!(set["check"]["can_set"], serde_json::json!([]));
    assert_eq!(computer.json(&harden)["set"], serde_json::json!([]), "once is enough");

    computer.init();
    computer.vault_create();
    assert_eq!(computer.json(&["bucket", "check"])["usable"], true, "this home's, by itself");
}

#[test]
fn what_is_wrong_is_said_in_words_and_never_called_usable() {
    let place = Place::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let garage = runtime.block_on(Garage::start(&["photos"]));
    let server = Server::start(&place);
    let computer = place.computer("studio");
    for good in [server.bucket(), Bucket::from(&garage)] {
        let wrong = |change: fn(&mut Bucket)| {
            let mut bucket = good.clone();
            change(&mut bucket);
            let found = check(&computer, &bucket, &[1]);
            assert_eq!(found["usable"], false, "{found:#}");
            found
        };
        let found = wrong(|bucket| bucket.secret_key = "0123456789abcdef".repeat(4));
        assert!(says(&found, "answer").contains("secret key"), "{found:#}");
        let found = wrong(|bucket| bucket.access_key = "GK0123456789abcdef01234567".to_owned());
        assert!(says(&found, "answer").contains("access key"), "{found:#}");
        let found = wrong(|bucket| bucket.bucket = "another".to_owned());
        let missing = found["missing"] == true || says(&found, "answer").contains("no right");
        assert!(missing, "{found:#}");
        let found = wrong(|bucket| bucket.endpoint = "http://127.0.0.1:1".to_owned());
        assert!(says(&found, "answer").contains("does not answer"), "{found:#}");
    }
    let no_address = Bucket { endpoint: "ftp://store".to_owned(), ..server.bucket() };
    let said = computer.says(&[&["bucket", "check"], no_address.flags().as_slice()].concat());
    assert_eq!(said.code, Some(2), "{}", said.stderr);
}

#[test]
fn a_missing_bucket_is_made() {
    let place = Place::new();
    let server = Server::start(&place);
    let fresh = Bucket { bucket: "fresh".to_owned(), ..server.bucket() };
    let computer = place.computer("studio").with(fresh.clone());
    let found = check(&computer, &fresh, &[1]);
    assert_eq!(found["missing"], true, "{found:#}");
    let made = computer.json(&[&["bucket", "create"], fresh.flags().as_slice()].concat());
    assert_eq!(made["usable"], true, "{made:#}");
}

#[test]
fn rights_and_costs_are_told_without_a_home() {
    let place = Place::new();
    let computer = place.computer("studio");
    let policy = computer.json(&["bucket", "policy", "--provider", "aws", "--bucket", "my-photos"]);
    let text: Value = serde_json::from_str(policy["text"].as_str().unwrap()).unwrap();
    assert_eq!(text["Statement"][0]["Resource"][0], "arn:aws:s3:::my-photos");
    let refused = computer.says(&["bucket", "policy", "--provider", "nobody", "--bucket", "b"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("aws, b2, r2"), "{}", refused.stderr);

    let costs = computer.lines(&["bucket", "cost", "2TB"]);
    let of = |id: &str| costs.iter().find(|cost| cost["provider"] == id).unwrap();
    assert_eq!(of("aws")["monthly"], 46.0);
    assert_eq!(of("wasabi")["monthly"], 15.98);
    assert!(costs.iter().all(|cost| cost["as_of"].as_str().is_some_and(|day| day.len() == 7)));
}

#[test]
fn a_store_that_takes_anything_and_ends_nothing_is_called_bad() {
    let place = Place::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let name = std::sync::Mutex::new(String::new());
    let careless = move |asked: &Asked| {
        let (path, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
        let has = |what: &str| query.split('&').any(|part| part.split('=').next() == Some(what));
        match asked.method.as_str() {
            "PUT" if path.contains("/probe/") => {
                *name.lock().unwrap() = path.trim_start_matches("/careless/").to_owned();
                Canned::xml(200, "")
            }
            "GET" if has("versioning") => Canned::xml(
                200,
                "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
            ),
            "GET" if has("publicAccessBlock") => {
                Canned::error(404, "NoSuchPublicAccessBlockConfiguration")
            }
            "GET" if has("lifecycle") => Canned::error(404, "NoSuchLifecycleConfiguration"),
            "GET" if has("list-type") => {
                let key = name.lock().unwrap().clone();
                let object = format!(
                    "<Contents><Key>{key}</Key><Size>38</Size>\
                     <LastModified>2026-06-01T12:00:00.000Z</LastModified></Contents>"
                );
                let one = "<IsTruncated>false</IsTruncated>";
                Canned::xml(200, &format!("<ListBucketResult>{one}{object}</ListBucketResult>"))
            }
            "GET" if path == "/" => Canned::xml(
                200,
                "<ListAllMyBucketsResult><Buckets><Bucket><Name>careless</Name></Bucket>\
                 <Bucket><Name>payroll</Name></Bucket></Buckets></ListAllMyBucketsResult>",
            ),
            "GET" => Canned(200, Vec::new(), "Darkslide looks what this bucket does.".to_owned()),
            "POST" => Canned::xml(200, "<DeleteResult></DeleteResult>"),
            _ => Canned(200, Vec::new(), String::new()),
        }
    };
    let server = runtime.block_on(CannedServer::start(careless));
    let bucket = Bucket {
        endpoint: server.endpoint.clone(),
        region: "us-east-1".to_owned(),
        bucket: "careless".to_owned(),
        access_key: "key".to_owned(),
        secret_key: "secret".to_owned(),
    };
    let computer = place.computer("studio");
    let found = check(&computer, &bucket, &[1]);
    assert_eq!(found["usable"], false);
    for subject in ["checksum", "strangers", "links", "delete"] {
        assert_eq!(mark_of(&found, subject), "bad", "{subject}: {found:#}");
    }
    assert_eq!(mark_of(&found, "versions"), "good", "{found:#}");
    assert_eq!(mark_of(&found, "keys"), "note", "{found:#}");
    assert_eq!(mark_of(&found, "clock"), "unknown", "{found:#}");
    assert_eq!(found["can_set"], serde_json::json!(["public_access", "leftovers"]));

    let computer = computer.with(bucket.clone());
    computer.json_with(&[&["bucket", "harden"], bucket.flags().as_slice()].concat(), &[1]);
    let put = |what: &str| {
        let asked = server.asked();
        let found = asked.iter().find(|asked| asked.method == "PUT" && asked.target.contains(what));
        found.unwrap_or_else(|| panic!("{what} was not set")).body.clone()
    };
    assert!(put("publicAccessBlock").contains("<RestrictPublicBuckets>true"));
    assert!(put("lifecycle").contains("<DaysAfterInitiation>7"));
}
