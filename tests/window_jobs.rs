//! Work in the window that is cut off and gone on with: an import that is stopped, one whose program
//! ends, a backup whose keys end; and what comes by itself from a watched folder.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use darkslide_demo::card::{self, CardTruth};
use darkslide_demo::s3::Fault;

use crate::roundtrip::sample_card;
use crate::support::desktop::Desktop;
use crate::support::program::{Computer, Place, Server, files_below, originals_below, sha256};
use crate::window_crash::{kill, program_in};

/// Of a card: enough that its copying is not over before a hand is there.
const PHOTOS: usize = 240;

/// How many files the status line says are imported, and more than three of them.
const DONE: &str = "
    const line = document.querySelector('footer').innerText;
    const figure = /Importing, ([0-9,]+)\\//.exec(line);
    const done = figure !== null && Number(figure[1].replace(',', '')) > 3;";

async fn order(desktop: &Desktop, card: &CardTruth, shoot: &str) {
    desktop.press("Import").await;
    desktop.fill("source", card.root.to_str().unwrap()).await;
    desktop.press("See what is new").await;
    desktop.until_text("new files").await;
    desktop.fill("shoot", shoot).await;
    desktop.press("Import ").await;
}

/// Every file of the card is in the library once.
fn all_there_once(computer: &Computer, card: &CardTruth, what: &str) {
    let mut wanted: Vec<_> = card.files().map(|file| file.sha256.clone()).collect();
    let read = |path: &String| sha256(&std::fs::read(computer.library.join(path)).unwrap());
    let mut found: Vec<_> = originals_below(&computer.library)
        .iter()
        .filter(|path| path.contains(what))
        .map(read)
        .collect();
    wanted.sort();
    found.sort();
    assert_eq!(found, wanted, "{what} is there, and once");
}

#[test]
fn an_import_is_stopped_and_gone_on_with_and_outlives_its_program() {
    let place = Place::new();
    let computer = place.computer("studio");
    computer.init();
    let stopped = card::make_many(&place.path("first"), PHOTOS, 51).unwrap();
    let killed = card::make_many(&place.path("second"), PHOTOS, 52).unwrap();
    let edited = card::make_many(&place.path("edited"), 1, 54).unwrap();
    let exports = place.path("exports");
    std::fs::create_dir(&exports).unwrap();
    computer.json(&["watch", "add", exports.to_str().unwrap(), "--as", "finished"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let desktop = Desktop::open(&computer).await;
        desktop.until_text("No photos yet").await;
        order(&desktop, &stopped, "Stopped").await;
        // Within the page: a driver's hand may come when everything is copied.
        let stop = format!(
            "{DONE}
            const stop = [...document.querySelectorAll('button')]
                .find((it) => it.innerText.trim() === 'Stop');
            if (!done || !stop || stop.disabled) return false;
            stop.click();
            return true;"
        );
        desktop.until("some files, and a button to stop", &stop).await;
        desktop.until_text("Stopped. Keep the card.").await;
        desktop.picture("import-stopped").await;
        desktop.press("Go on with the rest").await;
        desktop.until_text("already here").await;
        desktop.press("Import ").await;
        desktop.until_text("Copied and verified once").await;

        desktop.press("Import another").await;
        order(&desktop, &killed, "Killed").await;
        desktop.until("some files", &format!("{DONE} return done;")).await;
        kill(program_in(&computer.home));
    });
    all_there_once(&computer, &stopped, "Stopped");

    runtime.block_on(async {
        let desktop = Desktop::open(&computer).await;
        // What an editor exports comes by itself, once it has rested.
        let picture = edited.files().next().unwrap();
        let export = exports.join("IMG_0001-print.jpg");
        std::fs::copy(edited.root.join(&picture.path), export).unwrap();
        // Nobody asks for either, and nothing comes to the front.
        desktop
            .until(
                "the export to be told of",
                "return document.querySelector('.said')?.innerText.includes('watched folder')",
            )
            .await;
        desktop.picture("watched").await;
        let all = format!(
            "const cell = document.querySelector('[role=option]');
             return Number(cell?.getAttribute('aria-setsize')) >= {}",
            2 * PHOTOS
        );
        desktop.until("the rest of the card", &all).await;
        let rest = "return !document.querySelector('footer').innerText.includes('Importing')";
        desktop.until("the end of it", rest).await;
        desktop.picture("import-gone-on-with").await;
        desktop.close().await;
    });
    all_there_once(&computer, &killed, "Killed");
    let finished = files_below(&computer.library.join("Finished"));
    assert_eq!(finished.len(), 1, "{finished:?}");
}

#[test]
fn keys_that_end_in_the_middle_are_renewed_in_the_window_and_the_backup_goes_on() {
    let place = Place::new();
    let server = Server::start(&place);
    let computer = place.computer("studio").with(server.bucket());
    computer.init();
    computer.import(&sample_card(&place, 53).root, "Harbour");
    computer.vault_create();
    let sent = || server.s3.requests().iter().filter(|asked| asked.method == "PUT").count();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let desktop = Desktop::open(&computer).await;
        desktop.until_text("Back up now").await;
        server
            .s3
            .inject(1_000, Fault::Late(Duration::from_millis(300)), |asked| asked.method == "PUT");
        let before = sent();
        desktop.press("Back up now").await;
        let begun = Instant::now();
        while sent() < before + 12 {
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing goes up");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let (access_key, secret_key) = server.s3.renew_keys();
        desktop.until_text("The bucket refuses these keys.").await;
        desktop.until_text("what reached the bucket stays there").await;
        desktop.press("Home").await;
        desktop.until_text("goes on where it stopped").await;
        desktop.picture("keys-ended").await;
        let ended = server.s3.requests().len();
        let arrived: HashSet<String> =
            server.objects().into_iter().map(|(name, _)| format!("/photos/{name}")).collect();
        let is_file =
            |path: &String| ["/photos/o/", "/photos/p/"].iter().any(|it| path.starts_with(it));
        assert!(arrived.iter().any(is_file), "some of it had arrived: {arrived:?}");

        desktop.press("New keys…").await;
        desktop.fill("access-key", &access_key).await;
        desktop.fill("secret-key", "not this one").await;
        desktop.press("Use these keys").await;
        desktop
            .until(
                "it to be refused",
                "return document.querySelector('dialog').innerText.includes('refuses')",
            )
            .await;
        desktop.picture("keys-new").await;
        desktop.fill("secret-key", &secret_key).await;
        desktop.press("Use these keys").await;
        desktop.until_text("Backup up to date").await;
        desktop.picture("keys-renewed").await;
        desktop.close().await;
        let after = &server.s3.requests()[ended..];
        let again = after.iter().find(|asked| {
            asked.method == "PUT" && is_file(&asked.path) && arrived.contains(&asked.path)
        });
        assert!(again.is_none(), "what had arrived was sent again: {again:?}");
    });
}
