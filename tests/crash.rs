//! The program is killed at random moments, as by a flat battery; the same command then finishes.
//!
//! The moments are spread over the measured length of an undisturbed run. `DARKSLIDE_SOAK=200`
//! makes many more of them (`make soak`).

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use darkslide_demo::card::{self, CardTruth};
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::Value;

use crate::support::program::{Computer, Place, Server, files_below, originals_below, sha256};

const PHOTOS: usize = 120;

#[test]
fn an_import_killed_at_any_moment_is_finished_by_the_same_command() {
    let place = Place::new();
    let truth = card::make_many(&place.path("card"), PHOTOS, 11).unwrap();
    let card = truth.root.to_str().unwrap().to_owned();
    let args = ["import", &card, "--shoot", "Crash"];
    let calm = place.computer("calm");
    calm.init();
    let mut moments = Moments::within(1, || {
        calm.import(&truth.root, "Crash");
    });
    while let Some(moment) = moments.next() {
        let computer = place.computer("killed");
        computer.init();
        moments.note(kill_after(computer.start(&args), moment));

        let report = computer.json(&args);
        let at = format!("killed after {moment:?}: {report}");
        assert_eq!(report["failed"], Value::Array(vec![]), "{at}");
        let here = report["imported"].as_u64().unwrap() + report["already_here"].as_u64().unwrap();
        assert_eq!(here, PHOTOS as u64, "every file is in one outcome; {at}");
        all_there_once(&computer, &truth, &at);
        for row in computer.lines(&["list"]) {
            assert_eq!(row["preview"]["state"], "ready", "every preview was made; {at}");
        }
        std::fs::remove_dir_all(&computer.library).unwrap();
        std::fs::remove_dir_all(&computer.home).unwrap();
    }
}

#[test]
fn an_adoption_killed_at_any_moment_is_finished_by_the_same_command() {
    let place = Place::new();
    let tree = place.path("tree");
    let truth = card::make_many(&tree.join("Originals"), PHOTOS, 13).unwrap();
    let computer = |name: &str| {
        let computer = Computer { library: tree.clone(), ..place.computer(name) };
        computer.init();
        computer
    };
    let args = ["adopt", tree.to_str().unwrap()];
    let calm = computer("calm");
    let mut moments = Moments::within(3, || {
        calm.json(&args);
    });
    while let Some(moment) = moments.next() {
        let computer = computer("killed");
        moments.note(kill_after(computer.start(&args), moment));

        let report = computer.json(&args);
        let at = format!("killed after {moment:?}: {report}");
        assert_eq!(report["failed"], Value::Array(vec![]), "{at}");
        let here = report["adopted"].as_u64().unwrap() + report["already_here"].as_u64().unwrap();
        assert_eq!(here, PHOTOS as u64, "every file is in one outcome; {at}");
        all_there_once(&computer, &truth, &at);
        for row in computer.lines(&["list"]) {
            assert_eq!(row["preview"]["state"], "ready", "every preview was made; {at}");
        }
        std::fs::remove_dir_all(&computer.home).unwrap();
    }
}

#[test]
fn a_backup_killed_at_any_moment_is_finished_by_the_same_command() {
    let place = Place::new();
    let truth = card::make_many(&place.path("card"), PHOTOS, 12).unwrap();
    // One import is enough: its home and library are put back as they were for every moment.
    let computer = place.computer("one");
    computer.init();
    computer.import(&truth.root, "Crash");
    let saved = place.path("saved");
    copy(&[&computer.home, &computer.library], &saved);
    let begin_again = || {
        std::fs::remove_dir_all(&computer.home).unwrap();
        std::fs::remove_dir_all(&computer.library).unwrap();
        let names = [&computer.home, &computer.library].map(|p| saved.join(p.file_name().unwrap()));
        copy(&[&names[0], &names[1]], computer.home.parent().unwrap());
        let inner = Place::new();
        let server = Server::start(&inner);
        let computer = computer.clone().with(server.bucket());
        let words = computer.vault_create();
        (inner, server, computer, words)
    };

    let (_place, _server, calm, _) = begin_again();
    let mut moments = Moments::within(2, || {
        calm.json(&["backup"]);
    });
    while let Some(moment) = moments.next() {
        let (inner, server, computer, words) = begin_again();
        moments.note(kill_after(computer.start(&["backup"]), moment));

        let report = computer.json(&["backup"]);
        let at = format!("killed after {moment:?}: {report}");
        assert_eq!(report["failed"], Value::Array(vec![]), "{at}");
        let again = computer.json(&["backup"]);
        assert_eq!(again["uploaded"], 0, "nothing is left to do; {at}");
        no_temporary_file(&computer, &at);

        let new = inner.computer("new").with(server.bucket());
        new.vault_open(&words);
        new.json(&["restore"]);
        all_there_once(&new, &truth, &at);
    }
}

/// When to kill: spread over the length of an undisturbed run, until enough runs were hit.
struct Moments {
    whole: Duration,
    dice: SmallRng,
    wanted: usize,
    killed: usize,
    tried: usize,
}

impl Moments {
    fn within(seed: u64, calm_run: impl FnOnce()) -> Self {
        let start = Instant::now();
        calm_run();
        Self {
            whole: start.elapsed(),
            dice: SmallRng::seed_from_u64(seed),
            wanted: std::env::var("DARKSLIDE_SOAK").map_or(4, |n| n.parse().expect("a number")),
            killed: 0,
            tried: 0,
        }
    }

    fn next(&mut self) -> Option<Duration> {
        assert!(self.tried <= self.wanted * 3, "only {} runs were still at work", self.killed);
        let moment = self.whole.mul_f64(self.dice.random_range(0.01..0.99));
        (self.killed < self.wanted).then_some(moment)
    }

    /// A run that was over before its moment counts for nothing: this machine is quicker now.
    fn note(&mut self, was_at_work: bool) {
        self.tried += 1;
        if was_at_work {
            self.killed += 1;
        } else {
            self.whole = self.whole.mul_f64(0.85);
        }
    }
}

/// `cp -a`: times and all, so that nothing looks new.
fn copy(from: &[&Path], to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    let done = Command::new("cp").arg("-a").args(from).arg(to).status().unwrap();
    assert!(done.success());
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

    let files = originals_below(&computer.library);
    let read = |path: &String| std::fs::read(computer.library.join(path)).unwrap();
    let found: BTreeSet<_> = files.iter().map(|path| sha256(&read(path))).collect();
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
