//! A visual set of the window's states, flow by flow: empty, loading, working, partial, offline,
//! error, done. In each, what must be seen is seen, nothing is cut off, and axe-core finds nothing.
//!
//! The pictures are for people: `test-output/states/index.html`. `DARKSLIDE_SOAK` walks through all
//! of them (`make soak`).

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use darkslide_demo::s3::Fault;

use crate::roundtrip::sample_card;
use crate::support::desktop::{Desktop, ENTER, ESCAPE};
use crate::support::program::{Bucket, Place, Server, files_below};
use crate::support::states::{Walk, nothing_wrong};
use crate::window::confirm_words;

const DELETE: &str = "\u{e017}";
const RIGHT: &str = "\u{e014}";
const SHIFT: &str = "\u{e008}";
const RELEASE: &str = "\u{e000}";

/// A film that takes a while to copy.
const LONG: u64 = 1_500_000_000;

/// A film whose parts take a while to reach a slow bucket.
const SHORT: u64 = 200_000_000;

/// What the bucket does with what is written to it.
const WORKS: u8 = 0;
const REFUSES: u8 = 1;
const IS_SLOW: u8 = 2;

/// Every photo that is in view has its pixels.
const PICTURES: &str = "
    const seen = [...document.querySelectorAll('[role=option] img')];
    return seen.length > 3 && seen.every((img) => img.complete && img.naturalWidth > 0);";

/// The photo in the viewer is there.
const PHOTO: &str = "
    const img = document.querySelector('.viewer img.picture');
    return img !== null && img.complete && img.naturalWidth > 0;";

/// Every state there is, in `make soak`; otherwise those that are quick to come to.
fn whole_set() -> bool {
    std::env::var_os("DARKSLIDE_SOAK").is_some()
}

async fn click(desktop: &Desktop, css: &str) {
    desktop.find(css).await.click().await.unwrap();
}

async fn fill_bucket(desktop: &Desktop, bucket: &Bucket, endpoint: &str) {
    desktop.press("Other").await;
    desktop.fill("endpoint", endpoint).await;
    desktop.fill("region", &bucket.region).await;
    desktop.fill("bucket", &bucket.bucket).await;
}

/// Goes to a place of the rail; what lies over it would be in the way of a press.
async fn go(desktop: &Desktop, place: &str) {
    let script = format!(
        "const button = [...document.querySelectorAll('nav button')]
            .find((button) => button.innerText.startsWith('{place}'));
         button.click();
         return true;"
    );
    desktop.until(place, &script).await;
}

#[test]
fn the_first_run_is_clear_in_every_state() {
    let place = Place::new();
    let server = Server::start(&place);
    let truth = sample_card(&place, 6);
    let bucket = Bucket { bucket: "ada-photos".to_owned(), ..server.bucket() };
    let computer = place.computer("studio").with(bucket.clone());
    let file = place.path("a-file");
    fs::write(&file, "no folder").unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();

    runtime.block_on(async {
        let desktop = Desktop::open(&computer).await;
        desktop.until_text("Where should your photos live?").await;
        let mut walk = Walk::begin(&desktop, "1-first-run").await;
        walk.state("empty", &["Step 1 of 2", "Start a new library", "Begin"]).await;
        walk.round("empty").await;
        desktop.fill("library", file.to_str().unwrap()).await;
        desktop.press("Begin").await;
        desktop.find("[role=alert]").await;
        walk.state("error", &["Details"]).await;
        click(&desktop, "[value=open]").await;
        walk.state("open", &["Where photos of the vault will be put."]).await;

        click(&desktop, "[value=adopt]").await;
        desktop.fill("library", truth.root.to_str().unwrap()).await;
        walk.hold("adopt").await;
        desktop.press("Begin").await;
        desktop.until_text(" of ").await;
        walk.state("adopting", &["Looking at your photos", "Stop"]).await;
        walk.let_go().await;
        walk.state("adopted", &["files taken in", "Continue"]).await;
        desktop.press("Continue").await;
        walk.state("bucket", &["Where should the second copy go?", "Later"]).await;
        desktop.press("Amazon S3").await;
        desktop.fill("bucket", "ada-photos").await;
        click(&desktop, "details:first-of-type summary").await;
        walk.state("rights", &["arn:aws:s3:::ada-photos", "a month"]).await;
        fill_bucket(&desktop, &bucket, "http://127.0.0.1:1").await;
        desktop.press("Check the bucket").await;
        walk.state("offline", &["This bucket cannot be used yet", "does not answer"]).await;
        desktop.fill("endpoint", &bucket.endpoint).await;
        walk.hold("check_bucket").await;
        desktop.press("Check the bucket").await;
        walk.state("checking", &["Checking…"]).await;
        walk.let_go().await;
        walk.state("missing", &["it has no bucket “ada-photos”", "Make the bucket"]).await;
        desktop.press("Make the bucket").await;
        walk.state("good", &["This bucket can hold your photos", "Connect"]).await;
        desktop.press("Connect").await;
        walk.state("words", &["Your 24 words", "I have written them down"]).await;
        desktop.press("I have written them down").await;
        desktop.press("Compare").await;
        walk.state("words-wrong", &["Not this one.", "Show the words again"]).await;
        desktop.press("Show the words again").await;
        walk.hold("create_vault").await;
        confirm_words(&desktop).await;
        walk.state("connecting", &["Connecting…"]).await;
        walk.let_go().await;
        desktop.find(".kit svg").await;
        walk.state("kit", &["Your recovery kit", "Darkslide recovery kit", "Print…"]).await;
        desktop.press("Continue").await;
        desktop.until("pictures", PICTURES).await;
        walk.state("done", &["Library", "photos"]).await;
        nothing_wrong(&walk.end());
        desktop.close().await;
    });
}

#[test]
fn what_keeps_the_window_from_opening_is_told() {
    let place = Place::new();
    let computer = place.computer("studio");
    computer.init();
    let config = computer.home.join("darkslide/config.json");
    let ours = fs::read_to_string(&config).unwrap();
    let lock = File::open(computer.home.join("darkslide/catalog.lock")).unwrap();
    lock.try_lock().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();

    runtime.block_on(async {
        let desktop = Desktop::open(&computer).await;
        desktop.until_text("Try again").await;
        let mut walk = Walk::begin(&desktop, "0-start").await;
        walk.state("second-program", &["Another Darkslide has this catalogue open."]).await;
        drop(lock);
        fs::write(&config, ours.replacen("\"version\": 1", "\"version\": 2", 1)).unwrap();
        desktop.press("Try again").await;
        walk.state("newer", &["This catalogue was written by a newer Darkslide."]).await;
        fs::write(&config, &ours).unwrap();
        desktop.press("Try again").await;
        walk.state("empty", &["No photos yet", "Import photos"]).await;
        go(&desktop, "Home").await;
        walk.state("empty-home", &["No photos yet", "Import photos"]).await;
        go(&desktop, "Links").await;
        walk.state("empty-links", &["No links yet", "Go to the library"]).await;
        go(&desktop, "Trash").await;
        walk.state("empty-trash", &["The trash is empty"]).await;
        // Without keys in its environment it asks for them, and for a passphrase.
        desktop.press("Connect a bucket").await;
        desktop.press("Cloudflare R2").await;
        walk.state("connect", &["Access key", "Secret key", "Check the bucket"]).await;
        walk.round("connect").await;
        walk.escape("footer button").await;
        nothing_wrong(&walk.end());
        desktop.close().await;
    });
}

#[test]
fn an_ordinary_day_is_clear_in_every_state() {
    let place = Place::new();
    let server = Server::start(&place);
    let computer = place.computer("studio").with(server.bucket());
    computer.init();
    let card = sample_card(&place, 31).root;
    // Another disk than the library's, so that two copies are two places.
    let nas = tempfile::tempdir_in("/dev/shm").unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();

    runtime.block_on(async {
        let desktop = Desktop::open(&computer).await;
        desktop.until_text("No photos yet").await;
        let mut wrong = a_card(&desktop, &place, &card).await;
        if whole_set() {
            wrong.extend(looking(&desktop).await);
            wrong.extend(safe(&desktop, &server, &computer.library).await);
            wrong.extend(sharing(&desktop).await);
            wrong.extend(settings(&desktop, &place, nas.path()).await);
        }
        nothing_wrong(&wrong);
        desktop.close().await;
    });
}

async fn a_card(desktop: &Desktop, place: &Place, card: &Path) -> Vec<String> {
    let mut walk = Walk::begin(desktop, "2-card").await;
    go(desktop, "Import").await;
    walk.state("no-card", &["No card is in.", "Choose…"]).await;
    desktop.fill("source", place.path("nowhere").to_str().unwrap()).await;
    desktop.press("See what is new").await;
    walk.state("gone", &["That is not there."]).await;
    let empty = place.path("empty-card");
    fs::create_dir_all(empty.join("DCIM")).unwrap();
    desktop.fill("source", empty.to_str().unwrap()).await;
    desktop.press("See what is new").await;
    walk.state("empty", &["Nothing new", "There is nothing on it that could be imported."]).await;
    desktop.press("Back").await;

    desktop.fill("source", card.to_str().unwrap()).await;
    walk.hold("plan_import").await;
    desktop.press("See what is new").await;
    desktop.find(".pictures img").await;
    walk.state("looking", &["Looking at the card", "Stop"]).await;
    walk.let_go().await;
    desktop.fill("shoot", "Smith wedding").await;
    walk.state("plan", &["new files", "The first will be", "free"]).await;
    walk.round("plan").await;
    click(desktop, "aside details:last-of-type summary").await;
    desktop.fill("template", "Originals/{nonsense}/{original}").await;
    walk.state("template-wrong", &["nonsense", "Names and folders"]).await;
    desktop.fill("template", "Originals/{shoot}/{original}").await;
    desktop.until_text("Originals/Smith wedding/").await;
    walk.hold("import_card").await;
    desktop.press("Import ").await;
    desktop.until_text(" of ").await;
    walk.state("importing", &["Importing", "Stop", "What is verified stays"]).await;
    walk.let_go().await;
    walk.state("keep", &["Keep the card", "Copied and verified once."]).await;
    desktop.press("Import another").await;
    desktop.fill("source", card.to_str().unwrap()).await;
    desktop.press("See what is new").await;
    walk.state("nothing-new", &["Keep the card", "Every photo on it is in your library already"])
        .await;
    desktop.press("Import another").await;
    if whole_set() {
        torn(desktop, &mut walk, place).await;
    }
    go(desktop, "Library").await;
    desktop.until("pictures", PICTURES).await;
    walk.end()
}

/// A long film breaks off while it is copied; the second time the person stops it.
async fn torn(desktop: &Desktop, walk: &mut Walk<'_>, place: &Place) {
    let card = place.path("torn-card/DCIM");
    fs::create_dir_all(&card).unwrap();
    fs::copy(fixture("signpost.jpg"), card.join("SIGNPOST.JPG")).unwrap();
    fs::copy(fixture("clip.mp4"), card.join("LONG.MP4")).unwrap();
    fs::copy(fixture("clip.mp4"), card.join("SHORT.MP4")).unwrap();
    let short = File::options().write(true).open(card.join("SHORT.MP4")).unwrap();
    short.set_len(SHORT).unwrap();
    let film = File::options().write(true).open(card.join("LONG.MP4")).unwrap();
    // Zeros cost no room on the card.
    film.set_len(LONG).unwrap();
    desktop.fill("source", place.path("torn-card").to_str().unwrap()).await;
    desktop.press("See what is new").await;
    desktop.press("Import ").await;
    // A rate is only told once something was copied.
    desktop.until_text("/s").await;
    film.set_len(1_000).unwrap();
    walk.state("partial", &["1 file failed", "LONG.MP4", "Go on with the rest"]).await;
    film.set_len(LONG).unwrap();
    desktop.press("Go on with the rest").await;
    desktop.press("Import ").await;
    desktop.press("Stop").await;
    walk.state("stopped", &["Stopped. Keep the card.", "Go on with the rest"]).await;
}

async fn looking(desktop: &Desktop) -> Vec<String> {
    let mut walk = Walk::begin(desktop, "3-look").await;
    click(desktop, "[data-index='0']").await;
    for key in ["3", "p", "x", "6", "5"] {
        desktop.keys(key).await;
    }
    desktop.find("[data-index='4'] [aria-label='5 stars']").await;
    walk.state("rated", &["Smith wedding", "1 chosen"]).await;
    walk.round("library").await;
    click(desktop, "[data-index='4']").await;
    desktop.keys("?").await;
    walk.state("keys", &["Undo, whatever it was", "This sheet"]).await;
    walk.escape("[role=listbox]").await;
    desktop.keys("c").await;
    let pair = "return document.querySelectorAll('.viewer .caption').length === 2";
    desktop.until("two photos", pair).await;
    walk.state("compare", &["Held"]).await;
    walk.escape(".viewer").await;
    walk.escape("[role=listbox]").await;
    desktop.press("Filter").await;
    let choices = "return document.querySelectorAll('[name=filter-camera] option').length > 1";
    desktop.until("choices", choices).await;
    click(desktop, "[role=dialog] [aria-label='3 stars or more']").await;
    walk.state("filter", &["3 stars or more", "Taken in"]).await;
    desktop.keys(ESCAPE).await;
    let field = desktop.find("[name=filter]").await;
    field.send_keys("colour:red").await.unwrap();
    walk.state("filter-wrong", &["`colour` is nothing to search by"]).await;
    desktop.fill("filter", "nobody").await;
    walk.state("nothing-found", &["Nothing found", "Show all"]).await;
    desktop.press("Show all").await;
    desktop.until("pictures", PICTURES).await;

    click(desktop, "[data-index='0']").await;
    desktop.keys(&format!("{SHIFT}{RIGHT}{RIGHT}{RELEASE}")).await;
    desktop.keys("b").await;
    walk.state("album", &["Add 3 photos to an album", "New album"]).await;
    walk.escape("[role=listbox]").await;
    desktop.keys("b").await;
    desktop.fill("album", &format!("Best of the day{ENTER}")).await;
    click(desktop, "[data-album='Best of the day']").await;
    desktop.until("three", "return document.querySelectorAll('[data-photo]').length === 3").await;
    desktop
        .until("pictures", "return document.querySelectorAll('[data-photo] img').length === 3")
        .await;
    walk.state("in-album", &["Best of the day", "Change…", "Share"]).await;
    desktop.press("Change…").await;
    walk.state("change-album", &["Change the album", "Delete the album"]).await;
    walk.escape("button").await;

    go(desktop, "Library").await;
    desktop.until("pictures", PICTURES).await;
    click(desktop, "[data-index='1']").await;
    desktop.keys("i").await;
    desktop
        .until("the histogram", "return document.querySelector('svg path.r[d^=M]') !== null")
        .await;
    walk.state("known", &["Exposure", "Keywords", "Copies"]).await;
    desktop.keys(ENTER).await;
    desktop.until("the photo", PHOTO).await;
    walk.state("viewer-known", &["Exposure", "Keywords", "100 %"]).await;
    desktop.keys("i").await;
    walk.state("viewer", &["2 of", "100 %"]).await;
    walk.round("viewer").await;
    desktop.js("document.querySelector('.viewer').focus()").await;
    desktop.keys("z").await;
    desktop.until("100 %", "return document.querySelector('img.full.whole') !== null").await;
    walk.state("viewer-100", &["2 of"]).await;
    desktop.keys(&format!("{SHIFT}{RIGHT}{RELEASE}")).await;
    desktop.keys(ESCAPE).await;
    desktop.keys(ESCAPE).await;
    let grid = "return !document.querySelector('.viewer') && document.activeElement.matches('[role=listbox]')";
    desktop.until("the grid, with the focus", grid).await;
    desktop.keys(DELETE).await;
    walk.state("thrown-away", &["1 photo in the trash", "Undo"]).await;
    go(desktop, "Trash").await;
    desktop.until("one", "return document.querySelectorAll('[data-photo]').length === 1").await;
    walk.state("trash", &["Put back"]).await;
    go(desktop, "Library").await;
    walk.end()
}

async fn safe(desktop: &Desktop, server: &Server, library: &Path) -> Vec<String> {
    let bucket = server.bucket();
    let mut walk = Walk::begin(desktop, "4-safe").await;
    go(desktop, "Home").await;
    walk.state("no-bucket", &["exist only on this computer", "No bucket yet"]).await;
    desktop.press("Connect a bucket").await;
    fill_bucket(desktop, &bucket, &bucket.endpoint).await;
    desktop.press("Check the bucket").await;
    walk.state("connect", &["This bucket can hold your photos"]).await;
    desktop.press_only("Connect").await;
    confirm_words(desktop).await;
    walk.state("kit", &["Your recovery kit", "Save as a file…"]).await;
    desktop.press("Continue").await;
    walk.state("not-backed-up", &["exist only on this computer", "Back up"]).await;

    let mood = Arc::new(AtomicU8::new(REFUSES));
    for (kind, fault) in
        [(REFUSES, Fault::Status(403)), (IS_SLOW, Fault::Late(Duration::from_millis(1_500)))]
    {
        let mood = mood.clone();
        server.s3.inject(usize::MAX, fault, move |request| {
            request.method == "PUT" && mood.load(Ordering::Relaxed) == kind
        });
    }
    desktop.press("Back up").await;
    walk.state("refused", &["The bucket refuses these keys.", "Try again"]).await;
    mood.store(IS_SLOW, Ordering::Relaxed);
    desktop.press("Try again").await;
    desktop.until_text(" left").await;
    walk.state("backing-up", &["Backing up", "Pause"]).await;
    desktop.press("Pause").await;
    walk.state("paused", &["The backup is paused", "Go on"]).await;
    mood.store(WORKS, Ordering::Relaxed);
    // The film, whose parts were on their way, is not where it was.
    let lost = files_below(library).into_iter().find(|path| path.ends_with("SHORT.MP4")).unwrap();
    let kept = fs::read(library.join(&lost)).unwrap();
    fs::remove_file(library.join(&lost)).unwrap();
    desktop.press("Go on").await;
    walk.state("partial", &["1 file could not be backed up", "Try these again"]).await;
    fs::write(library.join(&lost), kept).unwrap();
    desktop.press("Try these again").await;
    walk.state("done", &["Everything is safe in two places."]).await;
    walk.end()
}

async fn sharing(desktop: &Desktop) -> Vec<String> {
    let mut walk = Walk::begin(desktop, "5-share").await;
    go(desktop, "Library").await;
    desktop.until("pictures", PICTURES).await;
    click(desktop, "[data-index='0']").await;
    desktop.keys(&format!("{SHIFT}{RIGHT}{RELEASE}")).await;
    desktop.until_text("2 chosen").await;
    desktop.press("Share").await;
    desktop.fill("title", "Smith wedding, a first look").await;
    click(desktop, "[name=passcode]").await;
    walk.state("choices", &["Share 2 photos", "Ends after", "Make the link"]).await;
    walk.round("choices").await;
    walk.hold("share").await;
    desktop.press("Make the link").await;
    desktop.until_text("resized, encrypted and uploaded").await;
    walk.state("working", &["of 2 photos", "Stop"]).await;
    walk.let_go().await;
    walk.state("link", &["Link", "Passcode, to be sent another way", "Done"]).await;
    desktop.press("Done").await;
    go(desktop, "Links").await;
    walk.state("live", &["Smith wedding, a first look", "Revoke"]).await;
    desktop.press("Revoke").await;
    walk.state("revoke", &["Revoke “Smith wedding, a first look”?", "Keep it"]).await;
    walk.hold("revoke_link").await;
    desktop.press("Revoke the link").await;
    walk.state("revoking", &["Revoking…"]).await;
    walk.let_go().await;
    walk.state("revoked", &["Revoked", "Dead, checked"]).await;
    walk.end()
}

async fn settings(desktop: &Desktop, place: &Place, nas: &Path) -> Vec<String> {
    let exports = place.path("exports");
    fs::create_dir_all(&exports).unwrap();
    let mut walk = Walk::begin(desktop, "6-around").await;
    go(desktop, "Settings").await;
    desktop.fill("mirror", nas.to_str().unwrap()).await;
    desktop.press("Add mirror").await;
    desktop.press("Copy what is missing").await;
    desktop.until_text("Has everything.").await;
    walk.state("settings", &["Mirrors", "Has everything."]).await;
    desktop.fill("watched", exports.to_str().unwrap()).await;
    desktop.press("Watch").await;
    desktop.until_text("Finished photos").await;
    desktop.press("New preset").await;
    desktop.fill("preset-name", "wedding").await;
    desktop.fill("preset-creator", "Ada Müller").await;
    desktop.fill("preset-day", "25").await;
    walk.state("preset", &["Keep preset", "0 to 23"]).await;
    desktop.fill("preset-day", "4").await;
    desktop.press("Keep preset").await;
    desktop.press("Check the bucket").await;
    walk.state("bucket", &["This bucket can hold your photos"]).await;
    walk.round("settings").await;
    desktop.js("document.activeElement.blur()").await;
    desktop.keys("?").await;
    desktop.until_text("This sheet").await;
    desktop.keys(ESCAPE).await;

    // With the mirror on a disk of its own, a card may be formatted after.
    let card = place.path("second-card/DCIM");
    fs::create_dir_all(&card).unwrap();
    fs::copy(fixture("../pictures/adobe.jpg"), card.join("ADOBE.JPG")).unwrap();
    go(desktop, "Import").await;
    desktop.press("Import another").await;
    desktop.fill("source", place.path("second-card").to_str().unwrap()).await;
    desktop.press("See what is new").await;
    desktop.press("Import 1").await;
    walk.state("safe-to-format", &["Safe to format", "verified copies in two places"]).await;
    desktop.press("Show the photos").await;
    desktop.until("pictures", PICTURES).await;

    go(desktop, "Settings").await;
    desktop.fill("lock", "red light").await;
    desktop.fill("lock-again", "red light").await;
    desktop.press("Set the lock").await;
    desktop.press("Lock now").await;
    walk.state("locked", &["Locked", "Unlock"]).await;
    desktop.fill("unlock", "green light").await;
    desktop.press("Unlock").await;
    walk.state("locked-wrong", &["This is not the passphrase."]).await;
    for command in ["months", "safety", "links"] {
        walk.hold(command).await;
    }
    desktop.fill("unlock", "red light").await;
    desktop.press("Unlock").await;
    desktop.find(".bones").await;
    walk.state("loading", &["Library"]).await;
    go(desktop, "Home").await;
    walk.state("loading-home", &["Home"]).await;
    go(desktop, "Links").await;
    walk.state("loading-links", &["Links"]).await;
    walk.let_go().await;
    desktop.until_text("not in the bucket yet").await;
    walk.end()
}

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/card").join(name)
}
