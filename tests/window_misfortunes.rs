//! What goes wrong at the desk, in the real window: each misfortune in words of its own, which say
//! what happened, what is safe and what to do next.
//!
//! Others are where they happen: no network, a bucket that is missing, wrong words
//! (`window_first_run`), no keyring (`window_keys`), a wrong passphrase (`window_settings`), a newer
//! catalogue and a held one (`window_states`), a second program (`window_twice`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::canned::{Asked, Canned, CannedServer};
use crate::support::desktop::Desktop;

use crate::support::program::{Bucket, Computer, Place, Server};

/// Three sentences of a notice, all of them on the screen.
async fn told(desktop: &Desktop, sentences: [&str; 3], picture: &str) {
    for sentence in sentences {
        desktop.until_text(sentence).await;
    }
    desktop.picture(picture).await;
}

/// A new sheet for another folder.
async fn look_at(desktop: &Desktop, folder: &Path) {
    desktop.fill("source", folder.to_str().unwrap()).await;
    desktop.press("See what is new").await;
}

/// A picture of `tests/fixtures/pictures`.
fn picture_of(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pictures").join(name)
}

fn card_of(folder: &Path, pictures: &[&str]) {
    fs::create_dir_all(folder.join("DCIM/100EOS")).unwrap();
    for picture in pictures {
        fs::copy(picture_of(picture), folder.join("DCIM/100EOS").join(picture)).unwrap();
    }
}

async fn said(desktop: &Desktop) -> String {
    let said = desktop.js("return document.querySelector('main').innerText").await;
    said.as_str().unwrap().to_owned()
}

#[test]
fn what_goes_wrong_with_a_card_or_the_library_is_told_in_its_own_words() {
    let place = Place::new();
    let computer = place.computer("studio");
    computer.init();
    let [nowhere, empty, broken, pulled, drawer] =
        ["nowhere", "empty", "broken", "pulled", "in-a-drawer"].map(|name| place.path(name));
    card_of(&empty, &[]);
    card_of(&broken, &[]);
    fs::write(broken.join("DCIM/100EOS/IMG_1.JPG"), b"\xff\xd8\xff\xe0 no picture").unwrap();
    card_of(&pulled, &["adobe.jpg"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();

    runtime.block_on(async {
        let desktop = Desktop::open(&computer).await;
        desktop.until_text("No photos yet").await;
        desktop.press("Import").await;
        look_at(&desktop, &nowhere).await;
        let sentences = ["That is not there.", "Nothing was changed.", "may have been taken out"];
        told(&desktop, sentences, "wrong-no-folder").await;

        look_at(&desktop, &empty).await;
        desktop.until_text("There is nothing on it that could be imported.").await;
        desktop.press("Back").await;

        // It is copied and proven like any other: who knows what can be got out of it one day.
        look_at(&desktop, &broken).await;
        desktop.press("Import 1").await;
        desktop.until_text("Keep the card").await;
        desktop.press("Show the photos").await;
        desktop.until_text("Damaged file").await;
        desktop.picture("wrong-damaged").await;

        // The card goes while its plan is looked at; where it was mounted, an empty folder stays.
        desktop.press("Import").await;
        desktop.press("Import another").await;
        look_at(&desktop, &pulled).await;
        desktop.until_text("1 new file").await;
        fs::rename(pulled.join("DCIM"), place.path("dcim-away")).unwrap();
        desktop.press("Import 1").await;
        let sentences =
            ["The card went away. Keep it", "is verified and stays", "Put the card back in"];
        told(&desktop, sentences, "wrong-card-gone").await;
        assert!(!said(&desktop).await.contains("Copied and verified once"), "nothing was");
        fs::rename(place.path("dcim-away"), pulled.join("DCIM")).unwrap();
        desktop.press("Go on with the rest").await;
        desktop.until_text("1 new file").await;

        fs::rename(&computer.library, &drawer).unwrap();
        desktop.press("Import 1").await;
        let sentences =
            ["The library’s folder is not there.", "on this computer", "Connect the disk"];
        told(&desktop, sentences, "wrong-library-away").await;
        fs::rename(&drawer, &computer.library).unwrap();
        desktop.press("Import 1").await;
        desktop.until_text("Keep the card").await;

        // In again with nothing new on it, it gets its verdict, and not a shrug.
        desktop.press("Import another").await;
        look_at(&desktop, &pulled).await;
        desktop
            .until_text("Every photo on it is in your library already, but in one place only")
            .await;
        desktop.picture("wrong-nothing-new").await;
        desktop.close().await;
    });
    assert_eq!(computer.lines(&["list"]).len(), 2, "the broken one and the one that was pulled");
}

/// The library's disk is this small, in a name space where nobody else sees it.
const SMALL_DISK: &str = r#"
    cp -a "$1" "$1.was" && mount -t tmpfs -o size=1m none "$1" && cp -a "$1.was/." "$1"
    shift; exec WebKitWebDriver "$@""#;

#[test]
fn a_disk_that_is_too_small_is_told_before_anything_is_copied() {
    let can = Command::new("unshare").args(["-rm", "true"]).output();
    if !can.is_ok_and(|output| output.status.success()) {
        return;
    }
    let place = Place::new();
    let computer = place.computer("studio");
    computer.init();
    let card = place.path("card");
    fs::create_dir_all(card.join("DCIM/100EOS")).unwrap();
    fs::write(card.join("DCIM/100EOS/IMG_1.CR2"), vec![7; 3_000_000]).unwrap();
    let library = computer.library.to_str().unwrap().to_owned();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let starter = ["unshare", "-rm", "bash", "-c", SMALL_DISK, "small", &library];
        let desktop = Desktop::open_by(&computer, &starter).await;
        desktop.until_text("No photos yet").await;
        desktop.press("Import").await;
        look_at(&desktop, &card).await;
        let sentences = ["There is not enough room.", "Nothing was copied.", "Make room"];
        told(&desktop, sentences, "wrong-no-room").await;
        let closed = "return [...document.querySelectorAll('aside button')]
            .some((button) => button.innerText === 'Import 1' && button.disabled)";
        assert_eq!(desktop.js(closed).await, Value::Bool(true), "nothing to press");
        desktop.close().await;
    });
}

/// Fills the form of a bucket and has it checked.
async fn check(desktop: &Desktop, bucket: &Bucket) {
    desktop.fill("endpoint", &bucket.endpoint).await;
    desktop.fill("region", &bucket.region).await;
    desktop.fill("bucket", &bucket.bucket).await;
    desktop.fill("access-key", &bucket.access_key).await;
    desktop.fill("secret-key", &bucket.secret_key).await;
    desktop.press("Check the bucket").await;
}

async fn form(desktop: &Desktop) {
    desktop.until_text("No photos yet").await;
    desktop.press("Connect a bucket").await;
    desktop.press("Other").await;
}

#[test]
fn what_is_wrong_with_a_bucket_or_its_keys_is_told_in_its_own_words() {
    let place = Place::new();
    let server = Server::start(&place);
    let computer: Computer = place.computer("studio");
    computer.init();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ahead = |_: &Asked| {
        let hour = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
        let date = jiff::fmt::rfc2822::to_string(&hour.to_zoned(jiff::tz::TimeZone::UTC)).unwrap();
        let Canned(status, _, body) = Canned::error(403, "AccessDenied");
        Canned(status, vec![("date", date)], body)
    };
    let wrong_clock = runtime.block_on(CannedServer::start(ahead));
    let no_rights =
        runtime.block_on(CannedServer::start(|_: &Asked| Canned::error(403, "AccessDenied")));
    let good = server.bucket();
    let at = |endpoint: &str| Bucket { endpoint: endpoint.to_owned(), ..server.bucket() };

    runtime.block_on(async {
        let desktop = Desktop::open(&computer).await;
        form(&desktop).await;
        desktop.fill("bucket", "My Photos!").await;
        desktop.until_text("Letters, digits, dots and dashes only").await;

        let mut told: Vec<String> = Vec::new();
        for (bucket, words, picture) in [
            (
                Bucket { secret_key: "nonsense".repeat(5), ..good.clone() },
                "the secret key does not belong to this access key",
                "wrong-secret",
            ),
            (
                Bucket { access_key: "nobody".to_owned(), ..good.clone() },
                "the store does not know this access key",
                "wrong-key",
            ),
            (at(&no_rights.endpoint), "these keys have no right to it", "wrong-rights"),
            (at(&wrong_clock.endpoint), "clock", "wrong-clock"),
            (at("http://127.0.0.1:1"), "does not answer", "wrong-network"),
            (at(&good.endpoint.replace("http:", "https:")), "http://", "wrong-scheme"),
        ] {
            check(&desktop, &bucket).await;
            desktop.until_text("This bucket cannot be used yet").await;
            desktop.until_text(words).await;
            desktop.picture(picture).await;
            let findings = "return [...document.querySelectorAll('li.wrong')].map((li) => li.innerText).join()";
            let found = desktop.js(findings).await.as_str().unwrap().to_owned();
            assert!(!told.contains(&found), "each in its own words: {found}");
            told.push(found);
            // What is typed anew makes the old answer stale.
            desktop.fill("bucket", "another").await;
            let gone = "return !document.body.innerText.includes('This bucket cannot be used yet')";
            desktop.until("the old answer to go", gone).await;
        }
        check(&desktop, &good).await;
        desktop.until_text("This bucket can hold your photos").await;
        desktop.close().await;
    });
}
