//! The program is killed at random moments, as by a flat battery; the same command then finishes.
//!
//! The moments are spread over the measured length of an undisturbed run. `DARKSLIDE_SOAK=200`
//! makes many more of them (`make soak`).

use std::collections::BTreeSet;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use darkslide_demo::card::{self, CardTruth};
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::Value;

use crate::support::program::{Computer, Place, Server, files_below, sha256};

const PHOTOS: usize = 200;

/// How many moments, and the seed they are drawn from.
fn moments() -> usize {
    std::env::var("DARKSLIDE_SOAK").ok().and_then(|n| n.parse().ok()).unwrap_or(10)
}

#[test]
fn an_import_killed_at_any_moment_is_finished_by_the_same_command() {
    let place = Place::new();
    let truth = card::make_many(&place.path("card"), PHOTOS, 11).unwrap();
    let card = truth.root.to_str().unwrap().to_owned();
    let args = ["import", &card, "--shoot", "Crash"];

    let calm = place.computer("calm");
    calm.init();
    let whole = length(|| {
        calm.import(&truth.root, "Crash");
    });

    let mut dice = SmallRng::seed_from_u64(1);
    let mut killed = 0;
    for n in 0..moments() {
        let moment = whole.mul_f64(dice.random_range(0.02..0.98));
        let computer = place.computer(&format!("import-{n}"));
        computer.init();
        killed += usize::from(kill_after(computer.start(&args), moment));

        let report = computer.json(&args);
        let at = format!("killed after {moment:?} of {whole:?}: {report}");
        assert_eq!(report["failed"], Value::Array(vec![]), "{at}");
        let here = report["imported"].as_u64().unwrap() + report["already_here"].as_u64().unwrap();
        assert_eq!(here, PHOTOS as u64, "every file is in one outcome; {at}");
        all_there_once(&computer, &truth, &at);
        std::fs::remove_dir_all(&computer.library).unwrap();
        std::fs::remove_dir_all(&computer.home).unwrap();
    }
    assert!(killed * 2 > moments(), "only {killed} runs were killed before their end");
}

#[test]
fn a_backup_killed_at_any_moment_is_finished_by_the_same_command() {
    let place = Place::new();
    let truth = card::make_many(&place.path("card"), PHOTOS, 12).unwrap();
    let mut dice = SmallRng::seed_from_u64(2);
    let mut killed = 0;
    let mut whole: Option<Duration> = None;
    for n in 0..=moments() {
        let inner = Place::new();
        let server = Server::start(&inner);
        let computer = inner.computer("one").with(server.bucket());
        computer.init();
        computer.import(&truth.root, "Crash");
        let words = computer.vault_create();
        let Some(whole) = whole else {
            whole = Some(length(|| {
                computer.json(&["backup"]);
            }));
            continue;
        };
        let moment = whole.mul_f64(dice.random_range(0.02..0.98));
        killed += usize::from(kill_after(computer.start(&["backup"]), moment));

        let report = computer.json(&["backup"]);
        let at = format!("moment {n}, killed after {moment:?} of {whole:?}: {report}");
        assert_eq!(report["failed"], Value::Array(vec![]), "{at}");
        let again = computer.json(&["backup"]);
        assert_eq!(again["uploaded"], 0, "nothing is left to do; {at}");
        for row in computer.lines(&["list"]) {
            assert_eq!(row["copies"]["cloud"], 1, "one copy in the bucket; {at}");
        }
        no_temporary_file(&computer, &at);

        let new = inner.computer("new").with(server.bucket());
        new.vault_open(&words);
        new.json(&["restore"]);
        all_there_once(&new, &truth, &at);
    }
    assert!(killed * 2 > moments(), "only {killed} runs were killed before their end");
}

fn length(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Ends the process as a power cut would; true if it was still at work.
fn kill_after(mut child: Child, moment: Duration) -> bool {
    thread::sleep(moment);
    let running = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    running
}

/// Catalogue and library hold exactly the card: nothing lost, nothing doubled, nothing half.
fn all_there_once(computer: &Computer, truth: &CardTruth, at: &str) {
    let wanted: BTreeSet<_> = truth.files().map(|file| file.sha256.clone()).collect();
    let rows = computer.lines(&["list"]);
    let listed: BTreeSet<_> =
        rows.iter().map(|row| row["sha256"].as_str().unwrap().to_owned()).collect();
    assert_eq!(rows.len(), wanted.len(), "one row an exposure; {at}");
    assert!(listed == wanted, "the catalogue lists what the card holds; {at}");

    let originals = computer.library.join("Originals");
    let files = files_below(&originals);
    let found: BTreeSet<_> =
        files.iter().map(|path| sha256(&std::fs::read(originals.join(path)).unwrap())).collect();
    assert_eq!(files.len(), wanted.len(), "one file an exposure: {files:?}; {at}");
    assert!(found == wanted, "the library holds the card's bytes; {at}");
    no_temporary_file(computer, at);
}

/// Whatever is not an original is known by name: no half file was left behind.
fn no_temporary_file(computer: &Computer, at: &str) {
    for dir in [&computer.library, &computer.home] {
        for path in files_below(dir) {
            let name = path.rsplit('/').next().unwrap_or(&path).to_ascii_lowercase();
            let left = name.contains("tmp") || name.contains("temp") || name.contains("partial");
            assert!(!left, "{path} was left behind; {at}");
        }
    }
}
