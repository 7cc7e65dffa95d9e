//! The client's page in a real Chromium, against the embedded S3 server and Garage.
//!
//! Nothing may be said in the console: a violated policy, a foreign request or an exception is a
//! failure. Screenshots lie in `test-output/` afterwards.

use std::any::Any;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use darkslide_core::catalog::{
    Catalog, Edit, Flag, ImportRow, ImportState, ImportedExposure, ImportedFile,
};
use darkslide_core::media::{
    AlbumId, ContentHash, DeviceId, FileId, ImportId, MediaKind, PhotoId, Role,
};
use darkslide_core::previews::Cache;
use darkslide_core::progress::Progress;
use darkslide_core::share::{self, Created, Originals, ShareOptions, Shares, State};
use darkslide_core::store::{S3Store, Store, sha256};
use darkslide_demo::s3::EmbeddedS3;
use jiff::Timestamp;
use serde_json::json;
use tempfile::TempDir;

use crate::store_s3::connect;
use crate::support::browser::{Browser, DESK, Look, PHONE};
use crate::support::garage::Garage;

static PAGE: &[u8] = include_bytes!("../ui/dist/gallery/index.html");

/// JPEGs of the sample card.
const PHOTOS: [&str; 9] = [
    "whale.jpg",
    "waterfall.jpg",
    "tent.jpg",
    "squirrel.jpg",
    "butterfly.jpg",
    "mirador.jpg",
    "field.jpg",
    "signpost.jpg",
    "winter.jpg",
];

/// Those of them that are soon decoded, for a large album.
const SMALL: [&str; 3] = ["field.jpg", "mirador.jpg", "signpost.jpg"];

struct Studio {
    _folder: TempDir,
    _server: Box<dyn Any + Send>,
    library: PathBuf,
    store: S3Store,
    shares: Shares,
    album: AlbumId,
}

impl Studio {
    /// A catalogue with an album of `count` photos, and a bucket.
    async fn with(count: usize) -> Self {
        Self::of(&PHOTOS, count).await
    }

    async fn of(pictures: &[&str], count: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = EmbeddedS3::start(&folder.path().join("s3"), &["shares"]).await.unwrap();
        let store = connect(&server, "shares").await;
        Self::on(folder, store, Box::new(server), pictures, count)
    }

    fn on(
        folder: TempDir,
        store: S3Store,
        server: Box<dyn Any + Send>,
        pictures: &[&str],
        count: usize,
    ) -> Self {
        let library = folder.path().join("library");
        let now: Arc<dyn Fn() -> Timestamp + Send + Sync> = Arc::new(Timestamp::now);
        let catalog = Catalog::in_memory(DeviceId([7; 8]), now.clone()).unwrap();
        let photos = import(&catalog, &library, pictures, count);
        let album = catalog.create_album("Best").unwrap();
        catalog.add_to_album(album, &photos).unwrap();
        let shares = Shares {
            store: Arc::new(store.clone()),
            catalog: Arc::new(catalog),
            previews: Cache::new(folder.path().join("previews")),
            library: library.clone(),
            page: Bytes::from_static(PAGE),
            now,
        };
        Self { _folder: folder, _server: server, library, store, shares, album }
    }

    async fn share(&self, options: ShareOptions) -> Created {
        self.shares.create(self.album, &options, &Progress::new()).await.unwrap()
    }
}

fn import(catalog: &Catalog, library: &Path, pictures: &[&str], count: usize) -> Vec<PhotoId> {
    let import = ImportId([1; 16]);
    std::fs::create_dir_all(library).unwrap();
    catalog
        .begin_import(&ImportRow {
            id: import,
            source: "card".into(),
            card: None,
            device_no: None,
            shoot: None,
            started: Timestamp::now(),
            ended: None,
            state: ImportState::Running,
        })
        .unwrap();
    let mut ids = Vec::new();
    let mut exposures = Vec::new();
    for n in 0..count {
        let source = pictures[n % pictures.len()];
        let from = format!("{}/tests/fixtures/card/{source}", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(from).unwrap();
        let name = format!("IMG_{n:04}.JPG");
        std::fs::write(library.join(&name), &bytes).unwrap();
        let mut id = [0; 16];
        id[..8].copy_from_slice(&(n as u64 + 1).to_be_bytes());
        ids.push(PhotoId(id));
        let caption = format!("{} & <b>friends</b>", source.trim_end_matches(".jpg"));
        exposures.push(ImportedExposure {
            photo: PhotoId(id),
            import,
            shoot: None,
            kind: MediaKind::Photo,
            taken: None,
            meta: json!({ "format": "JPEG", "orientation": if source == "waterfall.jpg" { 6 } else { 1 } }).as_object().unwrap().clone(),
            more: [("caption".to_owned(), json!(caption))].into(),
            files: vec![ImportedFile {
                file: FileId((n as u64 + 1).to_be_bytes()),
                role: Role::Image,
                name: name.clone().into_bytes(),
                bytes: bytes.len() as u64,
                sha256: ContentHash(sha256(&bytes)),
                mime: "image/jpeg".into(),
                path: name,
                mtime_ns: 1,
                verified_at: Timestamp::now(),
                lead: true,
                replaces: None,
                mirrors: Vec::new(),
            }],
        });
    }
    catalog.record_import(&exposures, &[]).unwrap();
    ids
}

fn options() -> ShareOptions {
    ShareOptions {
        title: "Jürgen & Ana".into(),
        message: Some("Thank you for two lovely days.\nHere are the best of them.".into()),
        ..ShareOptions::default()
    }
}

/// Every tile in the window shows decoded pixels.
const TILES_SHOWN: &str = "
    const tiles = [...document.querySelectorAll('.tile')].filter(t => {
        const { top, bottom } = t.getBoundingClientRect();
        return bottom > 0 && top < innerHeight;
    });
    return tiles.length > 0
        && tiles.every(t => t.classList.contains('shown') && t.firstChild.naturalWidth > 0)
        && tiles.length";
const VIEW_SHOWN: &str = "
    const image = document.querySelector('.slide:not([inert]) img');
    return image.complete && image.naturalWidth > 512 && image.naturalWidth";

async fn quiet(browser: &Browser) {
    let said = browser.console().await;
    assert!(said.is_empty(), "the console was told: {said:#?}");
}

/// A refused request is written into the console by the browser itself, and nothing else may be.
async fn only_refusals(browser: &Browser) {
    let said = browser.console().await;
    let other: Vec<_> =
        said.iter().filter(|line| !line.contains("Failed to load resource")).collect();
    assert!(other.is_empty(), "the console was told: {other:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_shows_the_photos_in_a_browser() {
    let studio = Studio::with(40).await;
    let created = studio.share(options()).await;
    assert!(created.failed.is_empty(), "{:?}", created.failed);
    assert_eq!(created.items, 40);
    assert!(created.url.len() <= 520, "{} characters", created.url.len());

    let browser = Browser::start(DESK).await;
    browser.open(&created.url).await;
    browser.until("photos in the window", TILES_SHOWN).await;
    assert_eq!(browser.js("return document.title").await, "Jürgen & Ana");
    let facts = browser.js("return document.querySelector('.facts').innerText").await;
    assert!(facts.as_str().unwrap().contains("40 photos"), "{facts}");
    assert!(facts.as_str().unwrap().contains("3 days left"), "{facts}");
    browser.picture("desk-dark").await;
    browser.look(Look { dark: false, ..DESK }).await;
    browser.picture("desk-light").await;
    browser.look(DESK).await;

    // Only what is near was fetched, and the order is the album's.
    let far = browser.js("return document.querySelectorAll('.tile')[39].className").await;
    assert_eq!(far, "tile", "a photo far below the window is not fetched");
    browser.js("scrollTo(0, document.body.scrollHeight)").await;
    browser.until("the last photos", TILES_SHOWN).await;
    browser.js("scrollTo(0, 0)").await;

    // The viewer: by keyboard.
    browser.js("document.querySelector('.tile').focus()").await;
    browser.key("ArrowRight").await;
    browser.key("Enter").await;
    browser.until("the large picture", VIEW_SHOWN).await;
    let caption = browser.js("return document.querySelector('.caption').textContent").await;
    assert_eq!(caption, "waterfall & <b>friends</b>", "captions are text, never markup");
    browser.picture("viewer").await;
    browser.key("ArrowRight").await;
    browser
        .until("the third", "return document.querySelector('.position').textContent === '3 of 40'")
        .await;
    browser.key("End").await;
    browser
        .until("the last", "return document.querySelector('.position').textContent === '40 of 40'")
        .await;
    browser.key("z").await;
    browser.until("zoomed", "return !!document.querySelector('.slide.zoomed')").await;
    browser.key("Home").await;
    browser.until("the large picture", VIEW_SHOWN).await;
    browser.key("Escape").await;
    browser.until("closed", "return !document.querySelector('dialog[open]')").await;
    let label = browser.js("return document.activeElement.getAttribute('aria-label')").await;
    assert_eq!(label, "Photo 1 of 40: whale & <b>friends</b>", "the keyboard is where it was");

    quiet(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_shows_swipes_and_saves() {
    let studio = Studio::with(12).await;
    let photos = studio.shares.catalog.album_items(studio.album).unwrap();
    let pick = Edit { flag: Some(Some(Flag::Pick)), ..Edit::default() };
    studio.shares.catalog.edit_photos(&[photos[1].photo], &pick).unwrap();
    let created = studio.share(ShareOptions { originals: Originals::Chosen, ..options() }).await;

    let browser = Browser::start(Look { language: "de-DE", ..PHONE }).await;
    browser.open(&created.url).await;
    browser.until("photos in the window", TILES_SHOWN).await;
    assert_eq!(browser.js("return document.documentElement.lang").await, "de");
    let overflow = browser.js("return document.documentElement.scrollWidth - innerWidth").await;
    assert_eq!(overflow, 0, "nothing is wider than the phone");
    browser.picture("phone").await;

    browser.js("document.querySelector('.tile').click()").await;
    browser.until("the large picture", VIEW_SHOWN).await;
    browser.picture("phone-viewer").await;
    swipe(&browser, 300, 80).await;
    browser
        .until(
            "the second",
            "return document.querySelector('.position').textContent === '2 von 12'",
        )
        .await;

    // The picked photo is saved in full size: byte for byte the original.
    let save = "document.querySelector('.save').click()";
    browser.js(save).await;
    let file = browser.downloads.join("IMG_0001.JPG");
    wait_for(&file).await;
    assert_eq!(
        std::fs::read(&file).unwrap(),
        std::fs::read(studio.library.join("IMG_0001.JPG")).unwrap()
    );

    // Another one as it is shown.
    swipe(&browser, 300, 80).await;
    browser
        .until("the third", "return document.querySelector('.position').textContent === '3 von 12'")
        .await;
    browser.until("the large picture", VIEW_SHOWN).await;
    browser.js(save).await;
    let file = browser.downloads.join("IMG_0002.JPG");
    wait_for(&file).await;
    assert!(std::fs::read(&file).unwrap().starts_with(&[0xff, 0xd8, 0xff]));

    // The phone's back button closes the viewer and stays in the gallery.
    browser.page.back().await.unwrap();
    browser.until("closed", "return !document.querySelector('dialog[open]')").await;
    assert_eq!(browser.js("return document.querySelectorAll('.tile').length").await, 12);
    quiet(&browser).await;
    browser.close().await;
}

async fn swipe(browser: &Browser, from: i32, to: i32) {
    let touch = |kind: &str, x: Option<i32>| {
        let points: Vec<_> = x.map(|x| json!({ "x": x, "y": 420 })).into_iter().collect();
        json!({ "type": kind, "touchPoints": points })
    };
    browser.devtools("Input.dispatchTouchEvent", touch("touchStart", Some(from))).await;
    for step in 1..=6 {
        let x = from + (to - from) * step / 6;
        browser.devtools("Input.dispatchTouchEvent", touch("touchMove", Some(x))).await;
    }
    browser.devtools("Input.dispatchTouchEvent", touch("touchEnd", None)).await;
}

async fn wait_for(file: &Path) {
    for _ in 0..200 {
        if file.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} was not saved", file.display());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passcode_opens_and_a_wrong_one_is_told_kindly() {
    let studio = Studio::with(5).await;
    let created = studio.share(ShareOptions { passcode: true, ..options() }).await;
    let passcode = created.passcode.clone().unwrap();

    let browser = Browser::start(DESK).await;
    browser.open(&created.url).await;
    browser.until_heading("This gallery has a passcode").await;
    let title = browser.js("return document.body.innerText.includes('Ana')").await;
    assert_eq!(title, false, "nothing of the album is known before the passcode");
    browser.picture("passcode").await;
    type_passcode(&browser, "no code").await;
    browser
        .until("the shape", "return document.querySelector('.hint').textContent.includes('eight')")
        .await;
    type_passcode(&browser, "ZZZZ-ZZZZ").await;
    browser
        .until(
            "the refusal",
            "return document.querySelector('.hint').textContent.includes('does not fit')",
        )
        .await;
    browser.picture("passcode-wrong").await;
    // As somebody types what was read out to them.
    type_passcode(&browser, &passcode.to_lowercase().replace('-', " ")).await;
    browser.until("photos in the window", TILES_SHOWN).await;
    quiet(&browser).await;
    browser.close().await;

    // The same through the program's own eyes.
    assert!(share::visit(&studio.store, &created.url, None).await.is_err());
    let visited = share::visit(&studio.store, &created.url, Some(&passcode)).await.unwrap();
    assert_eq!(visited.index.photos.len(), 5);
    assert!(visited.first_photo.starts_with(&[0xff, 0xd8, 0xff]));
}

async fn type_passcode(browser: &Browser, text: &str) {
    let script = format!(
        "const input = document.getElementById('passcode');
         input.value = {};
         input.form.requestSubmit();",
        json!(text)
    );
    browser.js(&script).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_link_says_so_and_gives_nothing() {
    let studio = Studio::with(5).await;
    let created =
        studio.share(ShareOptions { expires_in: Duration::from_secs(6), ..options() }).await;
    let visited = share::visit(&studio.store, &created.url, None).await.unwrap();
    let item = visited.index.address(visited.index.photos[0].view).unwrap().parse().unwrap();

    let browser = Browser::start(DESK).await;
    browser.open(&created.url).await;
    browser.until("photos in the window", TILES_SHOWN).await;
    quiet(&browser).await;
    // The page that is open notices by itself; the photos go.
    browser.until_heading("This gallery has ended").await;
    assert_eq!(browser.js("return document.images.length").await, 0);

    // The store refuses too, before anything is deleted: index, items, not the page.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let refused = studio.store.visit(&item).await.unwrap();
    assert_eq!(refused.status, 403);
    let link = share::Link::parse(&created.url).unwrap();
    assert_eq!(studio.store.visit(&link.index().unwrap()).await.unwrap().status, 403);
    assert_eq!(studio.store.visit(&link.view).await.unwrap().status, 200);
    browser.open(&created.url).await;
    browser.until_heading("This gallery has ended").await;
    browser.picture("ended").await;

    // The sweep deletes what lay behind it; the page says the same.
    let swept = studio.shares.sweep().await.unwrap();
    assert_eq!((swept.shares, swept.objects), (1, 11));
    assert_eq!(studio.store.list("s/", None).await.unwrap().len(), 1, "the page stays");
    assert_eq!(studio.shares.sweep().await.unwrap().shares, 0, "once is enough");
    browser.open(&created.url).await;
    browser.until_heading("This gallery has ended").await;
    only_refusals(&browser).await;
    browser.close().await;
    let listed = share::list(&studio.shares.catalog, Timestamp::now()).unwrap();
    assert_eq!(listed[0].state, State::Ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_link_is_dead_and_says_so() {
    let studio = Studio::with(5).await;
    let created = studio.share(options()).await;
    let other = studio.share(options()).await;

    let browser = Browser::start(DESK).await;
    browser.open(&created.url).await;
    browser.until("photos in the window", TILES_SHOWN).await;
    quiet(&browser).await;
    let proof = studio.shares.revoke(&created.share_id[..8]).await.unwrap();
    assert!(proof.dead, "{proof:?}");
    assert_eq!(proof.statuses, [(404, 11)].into(), "the index and two items a photo");
    assert_eq!(proof.deleted, 11);

    // The page that is open notices with the next photo it wants.
    browser.js("document.querySelector('.tile').click()").await;
    browser.until_heading("This link was revoked").await;
    browser.open(&created.url).await;
    browser.until_heading("This link was revoked").await;
    browser.picture("revoked").await;
    // The other link to the same album is another share.
    browser.open(&other.url).await;
    browser.until("photos in the window", TILES_SHOWN).await;
    only_refusals(&browser).await;
    browser.close().await;

    assert!(studio.shares.revoke(&created.share_id).await.unwrap().dead, "again is no error");
    let info = share::show(&studio.shares.catalog, &created.share_id, Timestamp::now()).unwrap();
    assert_eq!(info.state, State::Revoked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_link_and_a_lost_line_are_told_apart() {
    let studio = Studio::with(5).await;
    let created = studio.share(options()).await;
    let browser = Browser::start(DESK).await;

    let cut = &created.url[..created.url.len() - 10];
    browser.open(cut).await;
    browser.until_heading("This link is not complete").await;
    browser.picture("damaged").await;
    let without = created.url.split('#').next().unwrap();
    browser.open(without).await;
    browser.until_heading("This link is not complete").await;
    quiet(&browser).await;
    // One letter of the signature changed: only the store can tell.
    let mut changed = created.url.clone();
    let letter = changed.len() - 20;
    let other = if changed.as_bytes()[letter] == b'A' { "B" } else { "A" };
    changed.replace_range(letter..=letter, other);
    browser.open(&changed).await;
    browser.until_heading("This link is not complete").await;

    browser.open(&created.url).await;
    browser.until("photos in the window", TILES_SHOWN).await;
    let offline = |offline: bool| json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
    browser.devtools("Network.enable", json!({})).await;
    browser.devtools("Network.emulateNetworkConditions", offline(true)).await;
    browser.js("document.querySelectorAll('.tile')[2].click()").await;
    browser
        .until(
            "a word about it",
            "return !document.querySelector('.slide:not([inert]) .trouble').hidden",
        )
        .await;
    browser.picture("offline-photo").await;
    browser.devtools("Network.emulateNetworkConditions", offline(false)).await;
    browser.js("document.querySelector('.slide:not([inert]) .trouble button').click()").await;
    browser.until("the large picture", VIEW_SHOWN).await;
    only_refusals(&browser).await;
    browser.close().await;
}

/// Garage answers an ended address with 400, keeps no versions and knows nobody's page.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_lives_ends_and_dies_on_garage_too() {
    let garage = Garage::start(&["shares"]).await;
    let store = garage.connect("shares").await;
    let folder = tempfile::tempdir().unwrap();
    let studio = Studio::on(folder, store, Box::new(garage), &PHOTOS, 5);
    let created = studio.share(options()).await;
    let short = ShareOptions { expires_in: Duration::from_secs(8), ..options() };
    let ending = studio.share(short).await;

    let browser = Browser::start(DESK).await;
    browser.open(&ending.url).await;
    browser.until("photos in the window", TILES_SHOWN).await;
    browser.picture("garage").await;
    quiet(&browser).await;
    browser.until_heading("This gallery has ended").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let ended = share::Link::parse(&ending.url).unwrap();
    let refused = studio.store.visit(&ended.index().unwrap()).await.unwrap();
    assert!((400..=403).contains(&refused.status), "HTTP {}", refused.status);
    browser.open(&ending.url).await;
    browser.until_heading("This gallery has ended").await;

    browser.open(&created.url).await;
    browser.until("photos in the window", TILES_SHOWN).await;
    let proof = studio.shares.revoke(&created.share_id).await.unwrap();
    assert!(proof.dead, "{proof:?}");
    browser.open(&created.url).await;
    browser.until_heading("This link was revoked").await;
    only_refusals(&browser).await;
    browser.close().await;
}

/// Scrolls to the end within the page's own frames and tells how long each frame took, in ms.
const SCROLL: &str = "
    const frames = [];
    let last = performance.now();
    const step = () => {
        const now = performance.now();
        frames.push(now - last);
        last = now;
        const before = scrollY;
        scrollBy(0, 120);
        if (scrollY > before) requestAnimationFrame(step);
        else window.frames_ms = frames.sort((a, b) => a - b);
    };
    requestAnimationFrame(step)";

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_photos_scroll_on_a_phone() {
    let studio = Studio::of(&SMALL, 500).await;
    let created = studio.share(ShareOptions { size_px: 720, ..options() }).await;
    assert_eq!((created.items, created.failed.len()), (500, 0));

    let browser = Browser::start(PHONE).await;
    browser.open(&created.url).await;
    browser.until("photos in the window", TILES_SHOWN).await;
    let begun = browser
        .js("return performance.getEntriesByType('resource').length")
        .await
        .as_u64()
        .unwrap();
    assert!(begun < 100, "only what is near was fetched, not {begun} things");

    browser.js(SCROLL).await;
    let frames = browser.until("the end of the page", "return window.frames_ms ?? false").await;
    let frames: Vec<f64> =
        frames.as_array().unwrap().iter().map(|ms| ms.as_f64().unwrap()).collect();
    let (median, slow) = (frames[frames.len() / 2], frames[frames.len() * 95 / 100]);
    println!("{} frames: median {median:.0} ms, 95 % within {slow:.0} ms", frames.len());
    assert!(frames.len() > 50, "it was a long way: {} frames", frames.len());
    assert!(median < 50.0, "the median frame took {median:.0} ms");
    browser.until("the last photos", TILES_SHOWN).await;
    browser.picture("phone-500-end").await;

    // What is far away is given back: a phone's memory holds some screens, never all 500.
    let held = browser.js("return document.querySelectorAll('.tile img[src]').length").await;
    assert!(held.as_u64().unwrap() < 150, "{held} pictures are held");
    browser.js("scrollTo(0, 0)").await;
    browser.until("the first photos again", TILES_SHOWN).await;
    quiet(&browser).await;
    browser.close().await;
}
