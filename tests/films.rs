//! What of a photo moves, played in the real window: a film, a Live Photo, a motion photo.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::desktop::{Desktop, ENTER};
use crate::support::program::Place;
use crate::support::readers::exiftool_set;

const RIGHT: &str = "\u{e014}";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

#[test]
fn films_and_live_and_motion_photos_play_in_the_window() {
    let place = Place::new();
    let card = place.path("card/DCIM/100TEST");
    fs::create_dir_all(&card).unwrap();
    fs::copy(fixture("card/clip.mp4"), card.join("FILM.MP4")).unwrap();
    fs::copy(fixture("card/motion.jpg"), card.join("MOTION.JPG")).unwrap();
    fs::copy(fixture("card/whale.jpg"), card.join("STILL.JPG")).unwrap();
    // As a phone writes them, and as one half comes back from a program that drops its mark.
    let (still, film) = (card.join("LIVE.JPG"), card.join("LIVE.MOV"));
    fs::copy(fixture("card/field.jpg"), &still).unwrap();
    fs::copy(fixture("card/clip.mp4"), &film).unwrap();
    exiftool_set(
        &still,
        &["-Make=Apple", "-DateTimeOriginal=2025:06:01 12:00:00", "-OffsetTimeOriginal=+02:00"],
    );
    exiftool_set(&film, &["-Keys:Make=Apple", "-Keys:CreationDate=2025:06:01 12:00:01+02:00"]);

    let computer = place.computer("studio");
    computer.init();
    computer.import(&place.path("card"), "Films");
    let rows = computer.lines(&["list"]);
    assert_eq!(rows.len(), 4, "both halves of the Live Photo are one: {rows:?}");

    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let desktop = Desktop::open(&computer).await;
        desktop.find("[data-index='3'] img").await;
        desktop.find("[data-index='0']").await.click().await.unwrap();
        desktop.keys(ENTER).await;
        let mut seen = Vec::new();
        for _ in 0..4 {
            let name = desktop.js("return document.querySelector('.viewer .name').innerText").await;
            let name = name.as_str().unwrap().to_owned();
            if name.starts_with("STILL") {
                let play = "return document.querySelector('.viewer [aria-label=Play]') !== null";
                assert_eq!(desktop.js(play).await, false, "a still has nothing to play");
            } else {
                plays(&desktop, &name).await;
            }
            seen.push(name);
            desktop.keys(RIGHT).await;
            let gone = "return document.querySelector('.viewer video') === null";
            desktop.until("the next photo, still", gone).await;
        }
        seen.sort();
        let stems: Vec<&str> = seen.iter().map(|name| name.split('.').next().unwrap()).collect();
        assert_eq!(stems, ["FILM", "LIVE", "MOTION", "STILL"]);
        desktop.close().await;
    });
}

async fn plays(desktop: &Desktop, name: &str) {
    desktop.find(".viewer [aria-label=Play]").await;
    // A film of a second may be over before anybody looks: its own clock is asked as it goes.
    let listen = "
        window.played = 0;
        document.addEventListener('timeupdate', (event) => {
            window.played = Math.max(window.played, event.target.currentTime);
        }, true);";
    desktop.js(listen).await;
    desktop.keys("v").await;
    desktop.until(&format!("{name} to play"), "return window.played > 0").await;
    desktop.picture(&format!("plays-{}", name.to_lowercase())).await;
    let sorry = desktop.js("return document.querySelector('.viewer [role=status]') === null").await;
    assert_eq!(sorry, true, "{name}");
}
