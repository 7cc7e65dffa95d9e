//! A card in the real window: it appears by itself, shows its pictures at once, tells new from
//! known, names its files as they will be called, is stopped and gone on with, and is told of.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::roundtrip::sample_card;
use crate::support::desktop::Desktop;
use crate::support::program::Place;

/// A picture straight from the card has its pixels.
const FROM_THE_CARD: &str = "
    const seen = [...document.querySelectorAll('.pictures img')];
    return seen.some((img) => img.complete && img.naturalWidth > 0) && performance.now();";

/// Puts the sample in as a card once `$1` exists, where nobody else sees it.
const CARD_READER: &str = r#"
    (while [ ! -e "$1" ]; do sleep 0.02; done; mount --bind "$2" "$3") & shift 3; exec WebKitWebDriver "$@""#;

#[test]
fn a_card_appears_shows_its_pictures_and_ends_with_a_verdict() {
    let place = Place::new();
    let sample = sample_card(&place, 23);
    let (card, put_in) = (place.path("EOS_DIGITAL"), place.path("put-in"));
    std::fs::create_dir(&card).unwrap();
    let computer = place.computer("studio");
    let mirror = place.path("nas");
    let folders = [&computer.library, &mirror].map(|folder| folder.to_str().unwrap());
    computer.json(&["init", "--library", folders[0], "--mirror", folders[1]]);
    computer.json(&["preset", "create", "wedding", "--creator", "Ada", "--day-starts", "4"]);
    // A part of it was imported before: it must be told apart.
    let before = place.path("before");
    let old = sample.files().next().unwrap();
    std::fs::create_dir_all(&before).unwrap();
    std::fs::copy(sample.root.join(&old.path), before.join("old.jpg")).unwrap();
    computer.import(&before, "Before");
    let files = sample.files().count();
    let runtime = tokio::runtime::Runtime::new().unwrap();

    runtime.block_on(async {
        // Where nobody may mount, the folder is chosen by hand.
        let can = Command::new("unshare").args(["-rm", "true"]).output();
        let by_itself = can.is_ok_and(|output| output.status.success());
        let [go, from, to] = [&put_in, &sample.root, &card].map(|path| path.to_str().unwrap());
        let reader = ["unshare", "-rm", "bash", "-c", CARD_READER, "reader", go, from, to];
        let desktop = match by_itself {
            true => Desktop::open_by(&computer, &reader).await,
            false => Desktop::open(&computer).await,
        };
        desktop
            .until("the library", "return document.querySelectorAll('[role=option]').length > 0")
            .await;
        let begun = Instant::now();
        if by_itself {
            std::fs::write(&put_in, "").unwrap();
        } else {
            desktop.press("Import").await;
            desktop.fill("source", from).await;
            desktop.press("See what is new").await;
        }
        desktop.until("pictures straight from the card", FROM_THE_CARD).await;
        // Not optimised, and with other tests beside it, it may be many seconds.
        let limit = match std::env::var_os("DARKSLIDE_PHOTOS") {
            Some(_) => Duration::from_secs(1),
            None => Duration::from_secs(30),
        };
        let took = begun.elapsed();
        assert!(took < limit, "the first picture took {took:?}");
        note(took);
        desktop.until_text("new files").await;
        desktop.picture("card").await;
        let said = desktop.js("return document.querySelector('aside').innerText").await;
        let said = said.as_str().unwrap();
        assert!(said.contains(&format!("{} new files", files - 1)), "{said}");
        assert!(said.contains("1 already here"), "{said}");
        assert!(said.contains(folders[0]) && said.contains(folders[1]), "both places: {said}");
        desktop.find(".pictures li.here").await;

        desktop.fill("shoot", "Smith wedding").await;
        desktop.until_text("Smith wedding/IMG").await;
        desktop.find("aside details:last-of-type summary").await.click().await.unwrap();
        desktop.fill("template", "Originals/{nonsense}/{original}").await;
        desktop.until_text("nonsense").await;
        desktop
            .until("the button waits", "return document.querySelector('aside .main').disabled")
            .await;
        desktop.picture("card-template").await;
        desktop.fill("template", "Originals/{shoot}/{seq:4} {original}").await;
        desktop.until_text("Originals/Smith wedding/0001 ").await;
        desktop.press("Import ").await;
        desktop.until_text("Keep the card").await;
        desktop.picture("card-verdict").await;
        if by_itself {
            // One disk twice is one place, and this card lies on the system's own.
            desktop.press("Eject").await;
            desktop.until_text("there is nothing to take out.").await;
            desktop.picture("card-eject").await;
        }
        desktop.press("Show the photos").await;
        desktop.close().await;
    });
    let imported = computer.lines(&["list", "shoot:\"Smith wedding\""]);
    assert!(!imported.is_empty());
    let path = std::path::Path::new(imported[0]["path"].as_str().unwrap());
    let path = path.strip_prefix(&computer.library).unwrap();
    assert!(path.starts_with("Originals/Smith wedding"), "{}", path.display());
    assert!(mirror.join(path).exists(), "and on the mirror");
}

/// The figure, where somebody asks for it.
fn note(took: Duration) {
    let text = format!("{} ms from the card's arrival to its first picture\n", took.as_millis());
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/test-output");
    std::fs::write(format!("{folder}/card-first-picture.txt"), text).unwrap();
}
