//! The main job in the real window: a new home, a bucket, a card, stars, a link that opens.
//!
//! Screenshots lie in `test-output/` afterwards.

use serde_json::Value;

use crate::roundtrip::sample_card;
use crate::support::browser::{Browser, DESK};
use crate::support::desktop::{Desktop, ENTER, ESCAPE};
use crate::support::garage::Garage;
use crate::support::program::{Bucket, Place};

/// Every photo that is in view has its pixels.
const PICTURES: &str = "
    const seen = [...document.querySelectorAll('[role=option] img')];
    return seen.length > 5 && seen.every((img) => img.complete && img.naturalWidth > 0);";

#[test]
fn the_main_job_is_done_in_the_window() {
    let place = Place::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let garage = runtime.block_on(Garage::start(&["photos"]));
    let bucket = Bucket::from(&garage);
    let truth = sample_card(&place, 11);
    let computer = place.computer("studio").with(bucket.clone());

    runtime.block_on(async {
        let desktop = Desktop::open(&computer).await;
        desktop.until_text("Where should your photos live?").await;
        desktop.picture("first").await;
        desktop.fill("library", computer.library.to_str().unwrap()).await;
        desktop.press("Begin").await;

        connect(&desktop, &bucket).await;
        desktop.until_text("No photos yet").await;

        desktop.press("Import").await;
        desktop.fill("source", truth.root.to_str().unwrap()).await;
        desktop.press("See what is new").await;
        let files = truth.files().count();
        desktop.until_text(&format!("{files} new files")).await;
        desktop.fill("shoot", "Harbour").await;
        desktop.picture("plan").await;
        desktop.press(&format!("Import {files}")).await;
        desktop.until_text("Keep the card").await;
        desktop.picture("verdict").await;
        let said = desktop.js("return document.querySelector('main').innerText").await;
        assert!(!said.as_str().unwrap().contains("failed"), "every file was taken: {said}");

        desktop.press("Show the photos").await;
        desktop.until("pictures", PICTURES).await;
        desktop.picture("library").await;
        rate(&desktop).await;
        let link = share(&desktop).await;

        let browser = Browser::start(DESK).await;
        browser.open(&link).await;
        browser.until_heading("Harbour, two of them").await;
        let shown = "
            const tiles = [...document.querySelectorAll('.tile')];
            return tiles.length === 2 && document.querySelectorAll('.tile img').length === 2
                && [...document.querySelectorAll('.tile img')].every((i) => i.naturalWidth > 0);";
        browser.until("both photos", shown).await;
        browser.picture("of-the-window").await;
        browser.close().await;

        revoke(&desktop).await;
        desktop.press("Back up now").await;
        desktop.until_text("Backup up to date").await;
        desktop.press("Import").await;
        desktop.until_text("Safe to format").await;

        let refused = computer.says(&["list"]);
        assert_eq!(refused.code, Some(3), "one program at a time: {}", refused.stderr);
        desktop.close().await;
    });

    let rated = computer.lines(&["list", "rating:2"]);
    assert_eq!(rated.len(), 1, "the stars given in the window are in the catalogue");
    assert_eq!(rated[0]["shoot"], "Harbour");
    assert_eq!(rated[0]["copies"]["cloud"], true, "and its files are in the bucket");
    let shares = computer.lines(&["share", "list"]);
    assert_eq!(shares.len(), 1);
    assert_eq!(shares[0]["state"], "revoked");
}

/// Through the second step of the first run: the bucket, looked at, and the words.
async fn connect(desktop: &Desktop, bucket: &Bucket) {
    desktop.until_text("Where should the second copy go?").await;
    desktop.press("Other").await;
    desktop.fill("endpoint", &bucket.endpoint).await;
    desktop.fill("region", &bucket.region).await;
    desktop.fill("bucket", &bucket.bucket).await;
    desktop.press("Check the bucket").await;
    desktop.until_text("This bucket can hold your photos").await;
    desktop.picture("connect").await;
    desktop.press("Connect").await;
    confirm_words(desktop).await;
    desktop.until_text("Your recovery kit").await;
    desktop.press("Continue").await;
    desktop.until_text("Connected to photos").await;
}

/// Reads the 24 words off the window and gives back the three that are asked for; all 24.
pub async fn confirm_words(desktop: &Desktop) -> Vec<String> {
    desktop.until_text("Your 24 words").await;
    let words = "return [...document.querySelectorAll('ol li')].map((li) => li.innerText)";
    let words = desktop.js(words).await;
    let words: Vec<String> = words
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap().split_whitespace().nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(words.len(), 24);
    desktop.press("I have written them down").await;
    desktop.find("[name^=word-]").await;
    let names = "return [...document.querySelectorAll('[name^=word-]')].map((i) => i.name)";
    let names = desktop.js(names).await;
    let names: Vec<&str> = names.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(names.len(), 3, "three are asked back");
    for name in names {
        let place: usize = name.trim_start_matches("word-").parse().unwrap();
        desktop.fill(name, &words[place - 1]).await;
    }
    desktop.press("Compare").await;
    words
}

async fn rate(desktop: &Desktop) {
    desktop.find("[data-index='0']").await.click().await.unwrap();
    desktop.keys("2").await;
    desktop.find("[data-index='0'] [aria-label='2 stars']").await;
    desktop.keys(ENTER).await;
    let whole = "
        const img = document.querySelector('.viewer .picture');
        return img !== null && img.complete && img.naturalWidth > 0;";
    desktop.until("the photo in the viewer", whole).await;
    desktop.picture("viewer").await;
    desktop.keys(ESCAPE).await;
    desktop.until("the grid", "return document.querySelector('.viewer') === null").await;
}

/// Shares the first two photos; the link.
async fn share(desktop: &Desktop) -> String {
    desktop.find("[data-index='0']").await.click().await.unwrap();
    desktop.keys("\u{e008}\u{e014}\u{e008}").await; // Shift and the right arrow
    desktop.until_text("2 chosen").await;
    desktop.press("Share").await;
    desktop.until_text("Share 2 photos").await;
    desktop.fill("title", "Harbour, two of them").await;
    desktop.picture("share").await;
    desktop.press("Make the link").await;
    desktop.find("dialog input[readonly]").await;
    desktop.picture("link").await;
    let link = desktop.js("return document.querySelector('dialog input[readonly]').value").await;
    desktop.press("Copy").await;
    desktop.until_text("Copied").await;
    desktop.press("Done").await;
    link.as_str().unwrap().to_owned()
}

async fn revoke(desktop: &Desktop) {
    desktop.press("Links").await;
    desktop.until_text("Harbour, two of them").await;
    desktop.picture("links").await;
    desktop.press("Revoke").await;
    desktop.press("Revoke the link").await;
    desktop.until_text("Dead, checked").await;
}
