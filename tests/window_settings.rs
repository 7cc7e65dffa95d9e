//! Settings in the real window, kept where the command line finds them; and the lock.

use crate::support::desktop::Desktop;
use crate::support::program::Place;

#[test]
fn what_is_set_in_the_window_is_set_and_a_locked_window_shows_nothing() {
    let place = Place::new();
    let computer = place.computer("studio");
    computer.init();
    let (nas, exports) = (place.path("nas"), place.path("exports"));
    std::fs::create_dir_all(&exports).unwrap();
    let inside = computer.library.join("inside");
    let runtime = tokio::runtime::Runtime::new().unwrap();

    runtime.block_on(async {
        let desktop = Desktop::open(&computer).await;
        desktop.press("Settings").await;
        desktop.until_text("Watched folders").await;
        desktop.fill("mirror", inside.to_str().unwrap()).await;
        desktop.press("Add mirror").await;
        desktop.until_text("a mirror needs a place of its own.").await;
        desktop.fill("mirror", nas.to_str().unwrap()).await;
        desktop.press("Add mirror").await;
        desktop.until_text("Has everything.").await;
        desktop.fill("watched", exports.to_str().unwrap()).await;
        desktop.press("Watch").await;
        desktop.until_text("Finished photos").await;
        desktop.press("New preset").await;
        desktop.fill("preset-name", "wedding").await;
        desktop.fill("preset-creator", "Ada Müller").await;
        desktop.fill("preset-day", "4").await;
        desktop.press("Keep preset").await;
        desktop.until_text("a day starts at 4").await;
        let choose = "
            const limit = document.querySelector('[name=limit]');
            limit.value = '5';
            limit.dispatchEvent(new Event('change', { bubbles: true }));";
        desktop.js(choose).await;
        desktop.picture("settings").await;

        desktop.fill("lock", "red light").await;
        desktop.fill("lock-again", "red night").await;
        desktop.until_text("These two differ.").await;
        desktop.fill("lock-again", "red light").await;
        desktop.press("Set the lock").await;
        desktop.press("Lock now").await;
        desktop.until_text("Locked").await;
        desktop.picture("locked").await;
        let shown = desktop.js("return document.body.innerText").await;
        assert!(!shown.as_str().unwrap().contains("wedding"), "{shown}");
        desktop.fill("unlock", "green light").await;
        desktop.press("Unlock").await;
        desktop.until_text("This is not the passphrase.").await;
        desktop.fill("unlock", "red light").await;
        desktop.press("Unlock").await;
        desktop.until_text("No photos yet").await;
        desktop.close().await;

        // The lock outlives the program.
        let desktop = Desktop::open(&computer).await;
        desktop.until_text("Locked").await;
        desktop.window.close().await.unwrap();
    });

    let mirrors = computer.lines(&["mirror", "list"]);
    assert_eq!(mirrors[0]["path"], nas.to_str().unwrap());
    assert_eq!(computer.lines(&["preset", "list"])[0]["iptc"]["creator"], "Ada Müller");
    assert_eq!(computer.json(&["previews", "status"])["limit"], 5_000_000_000_u64);
    assert_eq!(computer.lines(&["watch", "list"]).len(), 1);
}

#[test]
fn a_lock_takes_no_verdict_along() {
    let place = Place::new();
    let computer = place.computer("studio");
    computer.init();
    let card = place.path("card/DCIM");
    std::fs::create_dir_all(&card).unwrap();
    let picture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pictures/adobe.jpg");
    std::fs::copy(picture, card.join("IMG_1.JPG")).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();

    runtime.block_on(async {
        let desktop = Desktop::open(&computer).await;
        desktop.until_text("No photos yet").await;
        desktop.press("Import").await;
        desktop.fill("source", place.path("card").to_str().unwrap()).await;
        desktop.press("See what is new").await;
        desktop.press("Import 1").await;
        desktop.until_text("Keep the card").await;

        desktop.press("Settings").await;
        desktop.fill("lock", "red light").await;
        desktop.fill("lock-again", "red light").await;
        desktop.press("Set the lock").await;
        desktop.press("Lock now").await;
        desktop.until_text("Locked").await;
        // As long as somebody needs to come back: the cards are asked for meanwhile.
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        desktop.fill("unlock", "red light").await;
        desktop.press("Unlock").await;
        desktop.until_text("1 photo").await;
        desktop.press("Import").await;
        desktop.until_text("Keep the card").await;
        desktop.close().await;
    });
}
