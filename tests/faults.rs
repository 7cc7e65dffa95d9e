//! Every file system call of an import may fail, or be the program's last: nothing is lost by it.
//!
//! `support/faults.c` is loaded into the real program and makes the n-th call below card, library,
//! mirror or home fail (EIO, a full disk, a card that goes away) or kills the program there. Then
//! the same command must finish. `make soak` tries every n with every kind, DARKSLIDE_FAULTS=2000 so many points.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use darkslide_demo::card::{self, CardTruth};
use serde_json::Value;

use crate::support::program::{Computer, Place, Said, files_below, originals_below, sha256};

const FILES: usize = 60;
/// Moments tried in `make test`.
const POINTS: usize = 80;
const KINDS: [&str; 4] = ["kill", "eio", "enospc", "enodev"];
const WORKERS: usize = 2;

fn shim(place: &Place) -> PathBuf {
    let library = place.path("faults.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/faults.c");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([library.as_path(), Path::new(source)])
        .arg("-ldl")
        .output()
        .expect("a C compiler is installed (apt-get install build-essential)");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    library
}

/// A computer with a mirror, and the card it is to import.
struct Desk {
    place: Place,
    computer: Computer,
    mirror: PathBuf,
}

impl Desk {
    fn new() -> Self {
        let place = Place::new();
        let computer = place.computer("one");
        let mirror = place.path("mirror");
        let (library, nas) = (computer.library.to_str().unwrap(), mirror.to_str().unwrap());
        computer.json(&["init", "--library", library, "--mirror", nas]);
        Self { place, computer, mirror }
    }

    /// The import with a fault in it.
    fn faulty(&self, shim: &Path, args: &[&str], card: &Path, at: usize, kind: &str) -> Output {
        let roots = [&self.computer.library, &self.mirror, &self.computer.home];
        let mut watched: Vec<_> = roots.iter().map(|root| root.to_str().unwrap()).collect();
        watched.push(card.to_str().unwrap());
        self.computer
            .command(args)
            .arg("--json")
            .env("LD_PRELOAD", shim)
            .env("FAULT_ROOTS", watched.join(":"))
            .env("FAULT_GONE", card)
            .env("FAULT_AT", at.to_string())
            .env("FAULT_KIND", kind)
            .env("FAULT_COUNT", self.place.path("count"))
            .output()
            .unwrap()
    }
}

#[test]
fn an_import_survives_the_failure_of_any_file_system_call() {
    let place = Place::new();
    let shim = shim(&place);
    let truth = card::make_many(&place.path("card"), FILES, 17).unwrap();
    let args = ["import", truth.root.to_str().unwrap(), "--no-previews"];

    let calm = Desk::new();
    let output = calm.faulty(&shim, &args, &truth.root, 0, "none");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let calls: usize =
        std::fs::read_to_string(calm.place.path("count")).unwrap().trim().parse().unwrap();
    assert!(calls > FILES * 10, "the shim sees what the program does: {calls} calls");

    let wanted = match std::env::var("DARKSLIDE_FAULTS") {
        Ok(count) => count.parse::<usize>().expect("a number"),
        Err(_) if std::env::var_os("DARKSLIDE_SOAK").is_some() => calls * KINDS.len(),
        Err(_) => POINTS,
    };
    // more points than calls: every call again, with the next kind of fault
    let spread = wanted.min(calls);
    let points: Vec<(usize, usize)> =
        (0..wanted).map(|n| (1 + n % spread * calls / spread, n % spread + n / spread)).collect();
    let (next, ends) = (AtomicUsize::new(0), Mutex::new([0; 4]));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(&(at, n)) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let kind = KINDS[n % KINDS.len()];
                    // every other time names are numbers, so that a file taken twice has two
                    let template = ["--template", "Originals/{seq:4}"];
                    let numbered = [&args[..], &template].concat();
                    let args =
                        if (n / KINDS.len()).is_multiple_of(2) { &args[..] } else { &numbered };
                    let end = one(&shim, &truth, args, at, kind);
                    ends.lock().unwrap()[end] += 1;
                }
            });
        }
    });
    let [killed, clean, unclean, refused] = *ends.lock().unwrap();
    println!(
        "{} of {calls} calls: killed {killed}, clean all the same {clean}, unclean {unclean}, not done {refused}",
        points.len()
    );
    assert!(killed > points.len() / 5, "killing kills: {killed}");
    assert!(unclean + refused > points.len() / 5, "faults are felt: {unclean} + {refused}");
}

/// One fault, then the same command without it. Returns how the faulty run ended.
fn one(shim: &Path, truth: &CardTruth, args: &[&str], at: usize, kind: &str) -> usize {
    let desk = Desk::new();
    let output = desk.faulty(shim, args, &truth.root, at, kind);
    let code = output.status.code();
    let said = Said::from(output);
    let what =
        format!("{kind} at call {at} (it ended with {code:?}: {} {})", said.stdout, said.stderr);
    let end = match code {
        None => 0,
        Some(0) => 1,
        Some(1) => 2,
        Some(3) => 3,
        Some(_) => panic!("an unexpected end: {what}"),
    };
    if let Some(0 | 1) = code {
        let report: Value = serde_json::from_str(&said.stdout).expect("a report");
        reported(&report, truth, &what);
        let failed: BTreeSet<_> = report["failed"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["path"].as_str().unwrap().to_owned())
            .collect();
        let kept = hashes(&desk.computer.library);
        for file in truth.files() {
            let is_there = kept.contains(&file.sha256);
            // a folder that could not be listed stands for what is in it
            let told =
                Path::new(&file.path).ancestors().any(|at| failed.contains(at.to_str().unwrap()));
            assert!(is_there || told, "{} was lost quietly: {what}", file.path);
        }
        if code == Some(0) {
            assert!(failed.is_empty() && kept.len() == FILES, "not clean at all: {what}");
        }
    }

    let report = desk.computer.json(args);
    assert_eq!(report["failed"], Value::Array(vec![]), "{report}; after {what}");
    reported(&report, truth, &what);
    let wanted: BTreeSet<_> = truth.files().map(|file| file.sha256.clone()).collect();
    for root in [&desk.computer.library, &desk.mirror] {
        assert_eq!(originals_below(root).len(), FILES, "in {}; after {what}", root.display());
        assert_eq!(hashes(root), wanted, "in {}; after {what}", root.display());
    }
    let rows = desk.computer.lines(&["list"]);
    assert_eq!(rows.len(), FILES, "one row an exposure; after {what}");
    for row in &rows {
        assert_eq!(row["copies"]["library"], true, "{row}; after {what}");
    }
    let own = desk.computer.library.join(".darkslide");
    assert_eq!(files_below(&own.join("manifests")).len(), 1, "one manifest; after {what}");
    assert_eq!(files_below(&own.join("journal")).len(), 0, "no journal stays; after {what}");
    for dir in [&desk.computer.library, &desk.mirror, &desk.computer.home] {
        for path in files_below(dir) {
            assert!(!path.contains("-tmp-"), "{path} was left behind; after {what}");
        }
    }
    end
}

/// Every file of the card is in exactly one outcome; a folder that could not be listed stands for
/// what is in it.
fn reported(report: &Value, truth: &CardTruth, what: &str) {
    let count = |name: &str| report[name].as_u64().unwrap();
    let failed = report["failed"].as_array().unwrap();
    let failed = failed.iter().map(|f| Path::new(f["path"].as_str().unwrap()));
    let stands_for =
        |at: &Path| truth.files().filter(|f| Path::new(&f.path).starts_with(at)).count();
    let failed: usize = failed.map(stands_for).sum();
    let sum = count("imported") + count("already_here") + failed as u64;
    assert!(sum == FILES as u64, "{report}; after {what}");
}

fn hashes(root: &Path) -> BTreeSet<String> {
    let bytes = |path: &String| std::fs::read(root.join(path)).unwrap();
    originals_below(root).iter().map(|path| sha256(&bytes(path))).collect()
}
