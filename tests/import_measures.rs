//! Whether an import costs more in the window than on the command line: the same card, by turns, each
//! time into an empty library, from the order to the verdict, previews and all.
//!
//! With 30 photos and twenty times the limit in every run, where other tests run beside it: only what
//! went badly wrong is seen. `scripts/bench.sh` sets `DARKSLIDE_PHOTOS`, takes 400 photos, and holds it
//! to the limit itself. The figures lie in
//! `test-output/import-figures.json` afterwards.

use std::time::{Duration, Instant};

use darkslide_demo::card::{self, CardTruth};
use serde_json::json;

use crate::support::desktop::Desktop;
use crate::support::processes::Processes;
use crate::support::program::{Computer, Place};

const LIMIT: f64 = 1.1;

/// Seconds from the start of the program to its end.
fn by_command(computer: &Computer, card: &CardTruth) -> f64 {
    computer.init();
    let begun = Instant::now();
    computer.import(&card.root, "Harbour");
    begun.elapsed().as_secs_f64()
}

/// Seconds from the press of the button to the verdict.
async fn in_window(computer: &Computer, card: &CardTruth) -> f64 {
    computer.init();
    let desktop = Desktop::open(computer).await;
    desktop.until_text("No photos yet").await;
    desktop.press("Import").await;
    desktop.fill("source", card.root.to_str().unwrap()).await;
    desktop.press("See what is new").await;
    desktop.until_text("new files").await;
    desktop.fill("shoot", "Harbour").await;
    at_rest(&Processes::of(&computer.home)).await;
    // Told by the window itself: how often a test looks is no part of it.
    let watch = "
        window.took = null;
        const button = [...document.querySelectorAll('button')]
            .find((it) => /^Import [0-9]/.test(it.innerText.trim()));
        const begun = performance.now();
        new MutationObserver((_, watch) => {
            if (!document.querySelector('.verdict')) return;
            watch.disconnect();
            window.took = performance.now() - begun;
        }).observe(document.body, { subtree: true, childList: true });
        button.click();";
    desktop.js(watch).await;
    let took = desktop.until("the verdict", "return window.took").await.as_f64().unwrap();
    desktop.close().await;
    took / 1e3
}

/// Waits until what the sheet shows of the card is made: it is no part of the import.
async fn at_rest(processes: &Processes) {
    const LOOK: Duration = Duration::from_millis(500);
    let mut before = processes.processor();
    loop {
        tokio::time::sleep(LOOK).await;
        let now = processes.processor();
        if now - before < 0.1 * LOOK.as_secs_f64() {
            return;
        }
        before = now;
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

#[test]
fn an_import_in_the_window_takes_as_long_as_on_the_command_line() {
    let (photos, turns, slack) = match std::env::var_os("DARKSLIDE_PHOTOS") {
        Some(_) => (400, 5, 1.0),
        None => (30, 1, 20.0),
    };
    let place = Place::new();
    let card = card::make_many(&place.path("card"), photos, 61).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (mut command, mut window) = (Vec::new(), Vec::new());
    for turn in 0..turns {
        command.push(by_command(&place.computer(&format!("command-{turn}")), &card));
        let computer = place.computer(&format!("window-{turn}"));
        window.push(runtime.block_on(in_window(&computer, &card)));
    }
    let figures = json!({ "photos": photos, "command, s": command, "window, s": window });
    let ratio = median(window) / median(command);
    let text = serde_json::to_string_pretty(&json!({ "ratio": ratio, "of": figures })).unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/test-output");
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(format!("{folder}/import-figures.json"), &text).unwrap();
    assert!(ratio <= LIMIT * slack, "{text}");
}
