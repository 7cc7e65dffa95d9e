//! Files made to hurt: the program imports them byte for byte, names each that cannot be shown, and
//! stays alive. What reads them is a process in a cell, and no file costs it more than 1 GiB or 20 s.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use darkslide_core::sandbox::{Decoding, decode_in};
use darkslide_core::{metadata, previews};
use serde_json::Value;

use crate::support::bombs;
use crate::support::program::{Place, files_below, originals_below, sha256};

/// What one worker may take. The program's own pages are a little of it.
const MOST_KB: u64 = 1 << 20;

#[test]
fn bombs_are_imported_byte_for_byte_named_and_survived() {
    let place = Place::new();
    let card = place.path("card/DCIM/100BOMBS");
    fs::create_dir_all(&card).unwrap();
    let files = bombs::all();
    for (name, bytes) in &files {
        fs::write(card.join(name), bytes).unwrap();
    }
    let named: BTreeSet<_> = bombs::unshowable(&files);
    let took = defused(&place, &place.path("card"), &named);
    let most = Duration::from_secs(20) * 3;
    assert!(took < most, "{} bombs took {took:?}", files.len());
}

/// One after the other, each by itself: none has the time or the memory of the others.
#[test]
fn each_bomb_and_each_cut_keeps_within_its_own_20_s_and_1_gib() {
    const MOST: Duration = Duration::from_secs(20);
    let place = Place::new();
    let dir = place.path("bombs");
    fs::create_dir_all(&dir).unwrap();
    for (name, bytes) in bombs::all() {
        fs::write(dir.join(name), bytes).unwrap();
    }
    cut(&dir);
    decode_in(&Decoding::Worker(env!("CARGO_BIN_EXE_darkslide").into()));
    let mut costs = Vec::new();
    for name in files_below(&dir) {
        let path = dir.join(&name);
        let before = sha256(&fs::read(&path).unwrap());
        let peaks = Peaks::begin();
        let start = Instant::now();
        let record = metadata::read(&path, &name);
        let shown = previews::render(&path, record.format, record.orientation).is_ok();
        let took = start.elapsed();
        costs.push((took, peaks.end(), name, shown));
        assert_eq!(sha256(&fs::read(&path).unwrap()), before, "it was only read");
    }
    costs.sort_unstable_by(|a, b| b.cmp(a));
    for (took, kb, name, shown) in costs.iter().take(5) {
        println!("{name}: {took:.1?}, {} MiB, shown: {shown}", kb >> 10);
    }
    let hungry = costs.iter().max_by_key(|(_, kb, ..)| *kb).unwrap();
    println!("{} files; most memory: {}, {} MiB", costs.len(), hungry.2, hungry.1 >> 10);
    for (took, kb, name, _) in &costs {
        assert!(*took < MOST && *kb < MOST_KB, "{name} took {took:?} and {kb} KiB");
    }
}

/// The memory that one file costs: of the workers of this process.
struct Peaks {
    stop: Arc<AtomicBool>,
    watcher: thread::JoinHandle<u64>,
}

impl Peaks {
    fn begin() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stop);
        let me = std::process::id();
        for worker in workers_of(me) {
            // their peaks begin anew
            let _ = fs::write(format!("/proc/{worker}/clear_refs"), "5");
        }
        let watcher = thread::spawn(move || {
            let mut most = 0;
            loop {
                let is_last = seen.load(Ordering::Relaxed);
                let peaks = workers_of(me).into_iter().filter_map(peak_kb);
                most = peaks.fold(most, u64::max);
                if is_last {
                    return most;
                }
                thread::sleep(Duration::from_millis(5));
            }
        });
        Self { stop, watcher }
    }

    fn end(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.watcher.join().unwrap()
    }
}

#[test]
fn files_cut_at_every_kib_are_survived() {
    let place = Place::new();
    let card = place.path("card/DCIM/100CUTS");
    fs::create_dir_all(&card).unwrap();
    let named = cut(&card);
    defused(&place, &place.path("card"), &named);
}

/// Cuts fixtures at every KiB; the names of those that are sure to show nothing whole.
fn cut(card: &Path) -> BTreeSet<String> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut named = BTreeSet::new();
    // The large ones at every 32nd, so that a test stays one; `make soak` cuts all at every KiB.
    let rare = if std::env::var("DARKSLIDE_SOAK").is_ok() { 1 } else { 32 };
    for (fixture, step, word) in [
        ("camera/kathmandu.jpg", 1, "JPG"),
        ("camera/cut.heic", 1, "HEIC"),
        ("camera/iphone12.avif", 1, "AVIF"),
        ("card/clip.mp4", 1, "MP4"),
        ("camera/loop.jpg", 1, "JPG"),
        ("card/rp.cr3", rare, "CR3"),
        ("card/d90.nef", rare, "NEF"),
        ("camera/4900zoom.raf", rare, "RAF"),
        ("camera/dc50.kdc", 1, "KDC"),
    ] {
        let bytes = fs::read(fixtures.join(fixture)).unwrap();
        let stem = Path::new(fixture).file_stem().unwrap().to_str().unwrap();
        for kib in (step..bytes.len() / 1024 + 1).step_by(step) {
            let name = format!("{stem}_{kib:04}.{word}");
            // The name and a line of it: no two files have the same bytes, or one would be here already.
            let mut cut = bytes[..(kib * 1024).min(bytes.len())].to_vec();
            cut.extend(name.as_bytes());
            fs::write(card.join(&name), cut).unwrap();
            if stem == "kathmandu" && kib * 1024 < bytes.len() {
                named.insert(name);
            }
        }
    }
    named
}

#[test]
fn a_worker_is_in_its_cell_and_knows_no_secret() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let mut worker = Command::new(env!("CARGO_BIN_EXE_darkslide"))
        .arg("--darkslide-worker")
        .stdin(OwnedFd::from(theirs))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let hello = frame(&ours);
    assert!(hello.starts_with(b"DSW\x01\0"), "a worker says hello first");
    let cell: Value = serde_json::from_slice(&hello[20..]).unwrap();
    assert_eq!(cell["limits"], true, "{cell}");
    if cfg!(target_os = "linux") {
        // It has tried: no file opens, no socket is made, no program starts.
        assert_eq!(cell["seccomp"], true, "{cell}");
        assert_eq!(cell["closed"], true, "{cell}");
        let about = fs::read_to_string(format!("/proc/{}/status", worker.id())).unwrap();
        let has = |line: &str| about.lines().any(|l| l.split_whitespace().eq(line.split(' ')));
        assert!(has("NoNewPrivs: 1") && has("Seccomp: 2"), "{about}");
        let limits = fs::read_to_string(format!("/proc/{}/limits", worker.id())).unwrap();
        let limit = |name: &str| {
            let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
            line[26..].split_whitespace().next().unwrap().parse::<u64>().unwrap()
        };
        assert!(limit("Max address space") < (1 << 30) + (1 << 30), "1 GiB and the program");
        assert_eq!((limit("Max core file size"), limit("Max open files")), (0, 16));
        assert_eq!(limit("Max file size"), 0);
    }
    drop(ours);
    assert!(worker.wait().unwrap().success(), "nobody is there to ask: it ends");
}

#[test]
fn workers_end_with_the_program_and_do_not_have_its_environment() {
    let place = Place::new();
    let computer = place.computer("one");
    computer.init();
    let card = many(&place);
    let mut program = computer
        .command(["import", card.to_str().unwrap()])
        .env("AWS_SECRET_ACCESS_KEY", "not-for-decoders")
        .spawn()
        .unwrap();
    let workers = until(|| {
        let workers = workers_of(program.id());
        (!workers.is_empty()).then_some(workers)
    });
    for worker in &workers {
        let environment = fs::read(format!("/proc/{worker}/environ")).unwrap_or_default();
        assert!(!environment.windows(16).any(|w| w == b"not-for-decoders"));
        assert!(!environment.windows(10).any(|w| w == b"PASSPHRASE"));
    }
    program.kill().unwrap();
    program.wait().unwrap();
    let gone = |pid: &u32| {
        fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
    };
    until(|| workers.iter().all(gone).then_some(()));
}

#[test]
fn workers_killed_from_outside_cost_no_preview() {
    let place = Place::new();
    let computer = place.computer("one");
    computer.init();
    let card = many(&place);
    let program = computer.start(&["import", card.to_str().unwrap(), "--json"]);
    let killer = {
        let pid = program.id();
        thread::spawn(move || {
            let mut killed = 0;
            for _ in 0..20 {
                thread::sleep(Duration::from_millis(150));
                if let Some(worker) = workers_of(pid).first() {
                    let done = Command::new("kill").args(["-9", &worker.to_string()]).status();
                    killed += u32::from(done.unwrap().success());
                }
            }
            killed
        })
    };
    let said = program.wait_with_output().unwrap();
    assert!(killer.join().unwrap() > 0, "a worker was killed");
    let report: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(report["failed"], Value::Array(vec![]));
    assert_eq!(report["previews_missing"], Value::Array(vec![]), "no file is blamed for it");
    for row in computer.lines(&["list"]) {
        assert_eq!(row["preview"]["state"], "ready", "{row}");
        assert!(row["captured_at"].is_string() && row["make"].is_string(), "{row}");
    }
}

#[test]
fn a_worker_that_hangs_is_ended_and_the_file_is_tried_again_later() {
    let place = Place::new();
    let computer = place.computer("one");
    computer.init();
    let card = many(&place);
    let import = ["import", card.to_str().unwrap(), "--no-previews"];
    computer.json(&import);
    let program = computer.start(&["previews", "rebuild", "--missing", "--json"]);
    let stopped = until(|| workers_of(program.id()).first().copied());
    let done = Command::new("kill").args(["-STOP", &stopped.to_string()]).status().unwrap();
    assert!(done.success());
    let start = Instant::now();
    let said = program.wait_with_output().unwrap();
    assert!(said.status.success(), "the program goes on");
    assert!(start.elapsed() < Duration::from_secs(40), "{:?}", start.elapsed());
    assert!(!Path::new(&format!("/proc/{stopped}")).exists(), "what hung was ended");
    let lacking = || {
        let rows = computer.lines(&["list"]);
        rows.iter().filter(|row| row["preview"]["state"] != "ready").count()
    };
    // It used no processor: for all anybody knows its disk was slow, so it is not damaged.
    assert!(lacking() <= 2);
    assert_eq!(computer.json(&["previews", "status"])["damaged"], 0);
    computer.json(&["previews", "rebuild", "--missing"]);
    assert_eq!(lacking(), 0);
}

/// Imports the card and checks everything that must hold of it, but for how long it took.
#[expect(clippy::print_stdout, reason = "a figure for whoever reads the log")]
fn defused(place: &Place, card: &Path, named: &BTreeSet<String>) -> Duration {
    let computer = place.computer("one");
    computer.init();
    let start = Instant::now();
    let program = computer.start(&["import", card.to_str().unwrap(), "--json"]);
    let watcher = watch(&program);
    let said = program.wait_with_output().unwrap();
    let took = start.elapsed();
    let (most, worst) = watcher.join().unwrap();
    let stderr = String::from_utf8_lossy(&said.stderr);
    let report: Value = serde_json::from_slice(&said.stdout)
        .unwrap_or_else(|e| panic!("{e}: {:?} {stderr}", said.status));
    assert_eq!(report["failed"], Value::Array(vec![]), "{stderr}");
    println!("{} files: {took:.1?}, a worker at most {} MiB", files_below(card).len(), most >> 10);
    assert!(most < MOST_KB, "a worker took {most} KiB");
    assert!(worst < 300 * 1024, "the program itself took {worst} KiB");

    let hashes = |dir: &Path, paths: Vec<String>| -> BTreeMap<String, u32> {
        let mut all = BTreeMap::new();
        for path in paths {
            *all.entry(sha256(&fs::read(dir.join(path)).unwrap())).or_default() += 1;
        }
        all
    };
    let on_card = hashes(card, files_below(card));
    let here = hashes(&computer.library, originals_below(&computer.library));
    assert!(on_card == here, "every file lies in the library, byte for byte");

    let missing = report["previews_missing"].as_array().unwrap();
    let base = |left: &Value| left["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let told: BTreeSet<String> = missing.iter().map(base).collect();
    let unsaid: Vec<_> = named.difference(&told).collect();
    assert!(unsaid.is_empty(), "not named in the report: {unsaid:?}\nnamed: {missing:?}");
    for left in missing {
        let reason = left["reason"].as_str().unwrap();
        assert!(reason.starts_with("damaged: ") || reason.starts_with("no preview: "), "{left}");
    }
    // The catalogue is sound, and the program still does what it does.
    assert!(!computer.lines(&["list"]).is_empty());
    took
}

/// Follows the memory of the program and of its workers, in KiB at their peaks.
fn watch(program: &Child) -> thread::JoinHandle<(u64, u64)> {
    let pid = program.id();
    thread::spawn(move || {
        let (mut most, mut itself) = (0, 0);
        while let Some(peak) = peak_kb(pid) {
            itself = itself.max(peak);
            for worker in workers_of(pid) {
                most = most.max(peak_kb(worker).unwrap_or(0));
            }
            thread::sleep(Duration::from_millis(3));
        }
        (most, itself)
    })
}

fn peak_kb(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// The workers this process has started. One that is forked but not yet itself is none: until its
/// `exec` it shows its parent's arguments and environment.
fn workers_of(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let children = |task: fs::DirEntry| fs::read_to_string(task.path().join("children")).ok();
    let all = tasks.filter_map(children).collect::<Vec<_>>().join(" ");
    let is_itself = |pid: &u32| {
        fs::read(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| line.split(|byte| *byte == 0).any(|arg| arg == b"--darkslide-worker"))
    };
    all.split_whitespace().filter_map(|pid| pid.parse().ok()).filter(is_itself).collect()
}

fn until<T>(mut there: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(Instant::now() < end, "it did not happen");
        thread::sleep(Duration::from_millis(2));
    }
}

/// A card of some hundred small pictures.
fn many(place: &Place) -> PathBuf {
    darkslide_demo::card::make_many(&place.path("many"), 120, 5).unwrap().root
}

/// The first frame that comes, whole.
fn frame(mut from: &UnixStream) -> Vec<u8> {
    use std::io::Read as _;
    let mut frame = vec![0; 20];
    from.read_exact(&mut frame).unwrap();
    let len = u32::from_le_bytes(frame[8..12].try_into().unwrap()) as usize;
    let mut head = vec![0; len];
    from.read_exact(&mut head).unwrap();
    frame.extend(head);
    frame
}
