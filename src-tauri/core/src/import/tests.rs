//! Imports of small cards, made on the spot.
#![allow(clippy::disallowed_methods, reason = "tests make and break files of their own")]

mod finished;
mod naming;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;

use super::run::Run;
use super::*;
use crate::catalog::{Catalog, ImportState};
use crate::files;
use crate::media::{DeviceId, FileId, PhotoId};
use crate::progress::Progress;

struct Desk {
    dir: tempfile::TempDir,
    catalog: Catalog,
    together: Arc<Together>,
}

fn now() -> Timestamp {
    Timestamp::from_second(1_780_000_000).unwrap()
}

fn quiet(_: &Arrival) {}

fn means<'a>(catalog: &'a Catalog, together: &'a Together, progress: &'a Progress) -> Means<'a> {
    Means { catalog, together, now: &now, progress, computer: "desk", on_imported: &quiet }
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["card", "library", "mirror"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        let catalog = Catalog::in_memory(DeviceId([1; 8]), Arc::new(now)).unwrap();
        Self { dir, catalog, together: Arc::default() }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path("card").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_747_404_202);
        file.set_modified(time).unwrap();
    }

    fn request(&self, mirrors: &[&str]) -> Request {
        Request {
            source: self.path("card"),
            library: self.path("library"),
            mirrors: mirrors.iter().map(|m| self.path(m)).collect(),
            mark: None,
            template: Template::default(),
            shoot: None,
            client: None,
            home_device: None,
            directions: Directions::default(),
        }
    }

    fn plan(&self, request: &Request) -> Plan {
        plan(request, &self.catalog, &self.together, Look::Quick, &Progress::new()).unwrap()
    }

    /// Leaves the journal of a run that was about to place these card files at these paths.
    fn cut_off(&self, request: &Request, placing: &[(&str, &str)]) {
        let plan = self.plan(request);
        let import = crate::media::ImportId([9; 16]);
        let (folders, roots) = (plan.folders(), &plan.roots);
        let mut journal =
            journal::Journal::open(&request.library, import, &plan.card, &folders, roots).unwrap();
        let any = plan.card_files().next().unwrap();
        let files: Vec<_> = placing
            .iter()
            .map(|(path, _)| crate::card::CardFile { path: path.into(), ..any.clone() })
            .collect();
        let files: Vec<_> = files
            .into_iter()
            .map(|file| plan.card_files().find(|it| it.path == file.path).cloned().unwrap_or(file))
            .collect();
        let sums = (crate::media::ContentHash([0; 32]), files::Xxh64(0));
        let lines = files.iter().zip(placing).map(|(file, (_, to))| (file, *to, sums.0, sums.1));
        journal.placing(lines, &crate::catalog::LastNumbers::new()).unwrap();
    }

    fn run(&self, request: &Request) -> ImportReport {
        self.run_with(request, &Progress::new(), None)
    }

    fn run_with(
        &self,
        request: &Request,
        progress: &Progress,
        tamper: Option<&(dyn Fn(&Path) + Sync)>,
    ) -> ImportReport {
        let plan = self.plan(request);
        let means = means(&self.catalog, &self.together, progress);
        Run { plan, means: &means, tamper }.go().unwrap()
    }

    /// Every file below a folder but for our own records, with its content.
    fn tree(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let root = self.path(folder);
        let (mut found, mut folders) = (BTreeMap::new(), vec![root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.ends_with(".darkslide") || path.ends_with("ascmhl") {
                    continue;
                } else if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                    found.insert(name, fs::read(&path).unwrap());
                }
            }
        }
        found
    }

    fn names(&self, folder: &str) -> Vec<String> {
        self.tree(folder).into_keys().collect()
    }

    fn manifests(&self) -> Vec<serde_json::Value> {
        let folder = self.path("library/.darkslide/manifests");
        let read = |e: fs::DirEntry| serde_json::from_slice(&fs::read(e.path()).unwrap()).unwrap();
        fs::read_dir(folder).unwrap().map(|e| read(e.unwrap())).collect()
    }

    fn photos(&self) -> Vec<PhotoId> {
        self.catalog.find(&"".parse().unwrap()).unwrap()
    }
}

const DAY: &str = "Originals/2025/2025-05-16";

fn counts(report: &ImportReport) -> (u64, u64, usize, usize) {
    (report.imported, report.already_here, report.skipped.len(), report.failed.len())
}

#[test]
fn every_file_of_a_card_ends_in_one_outcome_and_the_second_run_takes_nothing() {
    let desk = Desk::new();
    desk.put("DCIM/100/IMG_1.CR3", "raw");
    desk.put("DCIM/100/IMG_1.JPG", "image");
    desk.put("DCIM/100/IMG_1.XMP", "sidecar");
    desk.put("DCIM/100/notes.bin", "what is this");
    desk.put("DCIM/101/COPY.JPG", "image");
    desk.put(".DS_Store", "junk");
    let report = desk.run(&desk.request(&[]));
    assert_eq!(counts(&report), (4, 1, 1, 0), "{report:?}");
    assert!(report.is_clean() && !report.read_back.is_empty());
    assert_eq!(
        desk.names("library"),
        ["IMG_1.CR3", "IMG_1.JPG", "IMG_1.XMP", "notes.bin"].map(|n| format!("{DAY}/{n}"))
    );
    assert_eq!(desk.photos().len(), 2);
    assert_eq!(report.arrivals.len(), 2);
    let times = fs::metadata(desk.path("library").join(DAY).join("IMG_1.CR3")).unwrap();
    assert_eq!(files::mtime_ns(&times), 1_747_404_202_000_000_000, "the file's time is kept");

    let before = desk.tree("library");
    let again = desk.run(&desk.request(&[]));
    assert_eq!(counts(&again), (0, 5, 1, 0));
    assert_eq!(desk.tree("library"), before);
    assert_eq!(desk.photos().len(), 2);
    assert_eq!(again.import_id, report.import_id, "nothing was added to that import");
    let [manifest] = &desk.manifests()[..] else { panic!("one manifest") };
    let imported = |f: &&serde_json::Value| f["outcome"] == "imported";
    assert_eq!(manifest["files"].as_array().unwrap().iter().filter(imported).count(), 4);
}

#[test]
fn a_manifest_lists_every_file_with_its_hash_and_outcome() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "one");
    desk.put("a/2.JPG", "one");
    desk.put("Thumbs.db", "junk");
    let report = desk.run(&desk.request(&[]));
    let [manifest] = &desk.manifests()[..] else { panic!("one manifest") };
    assert_eq!(
        report.manifest.unwrap(),
        format!(".darkslide/manifests/{}.json", manifest["import"].as_str().unwrap())
    );
    let files = manifest["files"].as_array().unwrap();
    let told: Vec<_> = files
        .iter()
        .map(|f| (f["card_path"].as_str().unwrap(), f["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(told.len(), 3);
    assert!(told.contains(&("Thumbs.db", "skipped")));
    assert_eq!(told.iter().filter(|(_, o)| *o == "imported").count(), 1);
    assert_eq!(told.iter().filter(|(_, o)| *o == "already_here").count(), 1);
    for file in files.iter().filter(|f| f["outcome"] != "skipped") {
        assert_eq!(
            file["sha256"],
            "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
        );
        assert_eq!(file["path"], format!("{DAY}/1.JPG"));
    }
}

#[test]
fn a_name_that_is_taken_is_never_overwritten() {
    let desk = Desk::new();
    fs::create_dir_all(desk.path("library").join(DAY)).unwrap();
    let taken = desk.path("library").join(DAY).join("IMG_1.JPG");
    fs::write(&taken, "the user's own").unwrap();
    desk.put("a/IMG_1.CR3", "raw");
    desk.put("a/IMG_1.JPG", "image");
    desk.put("b/IMG_1.JPG", "other");
    let report = desk.run(&desk.request(&[]));
    assert_eq!(counts(&report), (3, 0, 0, 0));
    assert_eq!(fs::read(&taken).unwrap(), b"the user's own");
    let tree = desk.tree("library");
    assert_eq!(tree[&format!("{DAY}/IMG_1-2.CR3")], b"raw");
    assert_eq!(tree[&format!("{DAY}/IMG_1-2.JPG")], b"image");
    assert_eq!(tree[&format!("{DAY}/IMG_1-3.JPG")], b"other");
}

#[test]
fn a_flipped_byte_is_caught_and_the_file_stays_new() {
    let desk = Desk::new();
    desk.put("a/1.JPG", vec![7; 100_000]);
    desk.put("a/2.JPG", vec![8; 50_000]);
    let flip = |temp: &Path| {
        if fs::metadata(temp).unwrap().len() == 100_000 {
            let file = fs::File::options().write(true).open(temp).unwrap();
            file.write_all_at(&[0], 70_000).unwrap();
            file.sync_all().unwrap();
        }
    };
    let report = desk.run_with(&desk.request(&[]), &Progress::new(), Some(&flip));
    assert_eq!(counts(&report), (1, 0, 0, 1));
    assert_eq!(report.failed[0].path, "a/1.JPG");
    assert!(!report.safe_to_format && !report.is_clean());
    assert_eq!(desk.names("library"), [format!("{DAY}/2.JPG")], "nothing of it is left");

    let again = desk.run(&desk.request(&[]));
    assert_eq!(counts(&again), (1, 1, 0, 0), "what failed is still new");
    assert_eq!(desk.manifests().len(), 1, "the same import goes on");
    assert_eq!(again.import_id, report.import_id);
}

#[test]
fn a_run_that_read_nothing_is_gone_on_with_whatever_it_took_the_files_for() {
    let desk = Desk::new();
    desk.put("a/1.JPG", vec![7; 1000]);
    let flip = |temp: &Path| fs::write(temp, "spoilt").unwrap();
    let report = desk.run_with(&desk.request(&[]), &Progress::new(), Some(&flip));
    assert_eq!(counts(&report), (0, 0, 0, 1));
    // a card that went away is listed with sizes and times that are not the files' own
    let file = fs::File::options().write(true).open(desk.path("card/a/1.JPG")).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    let again = desk.run(&desk.request(&[]));
    assert_eq!(counts(&again), (1, 0, 0, 0));
    assert_eq!(again.import_id, report.import_id);
    assert_eq!(desk.manifests().len(), 1);
}

#[test]
fn a_copy_that_is_bad_once_is_written_again() {
    let desk = Desk::new();
    desk.put("a/1.JPG", vec![7; 100_000]);
    let times = AtomicU32::new(0);
    let flip = |temp: &Path| {
        if times.fetch_add(1, Ordering::Relaxed) == 0 {
            fs::File::options().write(true).open(temp).unwrap().write_all_at(&[0], 5).unwrap();
        }
    };
    let report = desk.run_with(&desk.request(&[]), &Progress::new(), Some(&flip));
    assert_eq!(counts(&report), (1, 0, 0, 0));
    assert_eq!(times.load(Ordering::Relaxed), 2);
    assert_eq!(desk.tree("library")[&format!("{DAY}/1.JPG")], vec![7; 100_000]);
}

#[test]
fn a_mirrors_copy_that_is_bad_once_is_written_again_and_one_that_stays_bad_is_told() {
    for (bad, failures) in [(1, 0), (u32::MAX, 1)] {
        let desk = Desk::new();
        desk.put("a/1.JPG", vec![7; 100_000]);
        let (mirror, times) = (desk.path("mirror"), AtomicU32::new(0));
        let flip = |temp: &Path| {
            if temp.starts_with(&mirror) && times.fetch_add(1, Ordering::Relaxed) < bad {
                let file = fs::File::options().write(true).open(temp).unwrap();
                file.write_all_at(&[0], 5).unwrap();
                file.sync_all().unwrap();
            }
        };
        let report = desk.run_with(&desk.request(&["mirror"]), &Progress::new(), Some(&flip));
        assert_eq!(counts(&report), (1, 0, 0, 0), "the library's copy is well");
        assert_eq!(report.mirror_failed.len(), failures, "{report:?}");
        assert!(!report.safe_to_format);
        assert_eq!(desk.tree("library")[&format!("{DAY}/1.JPG")], vec![7; 100_000]);
        let on_mirror = desk.tree("mirror").remove(&format!("{DAY}/1.JPG"));
        assert_eq!(on_mirror.is_none(), failures > 0, "wrong bytes never get a name");
        let again = desk.run(&desk.request(&["mirror"]));
        assert!(again.mirror_failed.is_empty());
        assert_eq!(desk.tree("mirror")[&format!("{DAY}/1.JPG")], vec![7; 100_000]);
    }
}

#[test]
fn what_a_killed_run_left_is_taken_up_and_nothing_is_doubled() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "one");
    desk.put("a/2.JPG", "two");
    let request = Request { template: "{date}/{seq:3}".parse().unwrap(), ..desk.request(&[]) };
    // the first run placed a file and left a half one, and died before the catalogue knew
    let plan = desk.plan(&request);
    let folders = plan.folders();
    let import = crate::media::ImportId([9; 16]);
    let mut journal =
        journal::Journal::open(&request.library, import, &plan.card, &folders, &plan.roots)
            .unwrap();
    let second = plan.card_files().find(|f| f.path.ends_with("2.JPG")).unwrap();
    let sums = (crate::media::ContentHash([0; 32]), files::Xxh64(0));
    let line = (second, "2025-05-16/777.JPG", sums.0, sums.1);
    journal.placing([line].into_iter(), &crate::catalog::LastNumbers::new()).unwrap();
    drop((journal, plan));
    fs::create_dir(desk.path("library/2025-05-16")).unwrap();
    fs::write(desk.path("library/2025-05-16/777.JPG"), "two").unwrap();
    fs::write(desk.path("library/2025-05-16/.darkslide-tmp-0123456789abcdef"), "tw").unwrap();

    let report = desk.run(&request);
    assert_eq!(counts(&report), (2, 0, 0, 0));
    assert_eq!(desk.names("library"), ["2025-05-16/001.JPG", "2025-05-16/777.JPG"]);
    assert_eq!(desk.photos().len(), 2);
    let left = fs::read_dir(desk.path("library/.darkslide/journal")).unwrap().count();
    assert_eq!(left, 0, "the journals are gone with their imports");
}

#[test]
fn what_a_killed_run_placed_is_not_kept_twice_where_another_card_brought_it_meanwhile() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "one");
    let request = desk.request(&["mirror"]);
    desk.run(&request);
    let places: Vec<_> =
        desk.names("library").iter().map(|path| desk.path("library").join(path)).collect();
    // the other slot's run had placed the same picture, and one that nobody knows, and died
    for (path, bytes) in [("b/1.JPG", "one"), ("b/2.JPG", "two"), ("b/3.JPG", "one")] {
        for root in ["library", "mirror"] {
            let path = desk.path(root).join(path);
            files::create_dirs(path.parent().unwrap()).unwrap();
            files::write_new(&path, bytes.as_bytes()).unwrap();
        }
    }
    desk.cut_off(&request, &[("a/1.JPG", "b/1.JPG"), ("a/2.JPG", "b/2.JPG")]);

    assert_eq!(counts(&desk.run(&request)), (0, 1, 0, 0));
    assert!(places.iter().all(|path| path.is_file()), "the copy that is known stays");
    for root in ["library", "mirror"] {
        let left: Vec<_> = fs::read_dir(desk.path(root).join("b"))
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert_eq!(left.len(), 2, "{root}: {left:?}");
        assert!(!left.contains(&"1.JPG".into()), "nobody's, and there twice");
    }
}

#[test]
fn a_double_stays_where_the_copy_that_is_known_has_rotted() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "one");
    let request = desk.request(&[]);
    desk.run(&request);
    let known = desk.path("library").join(&desk.names("library")[0]);
    let copy = fs::File::options().write(true).open(&known).unwrap();
    let modified = copy.metadata().unwrap().modified().unwrap();
    copy.write_all_at(b"0", 0).unwrap();
    copy.set_modified(modified).unwrap();
    let double = desk.path("library/b/1.JPG");
    files::create_dirs(double.parent().unwrap()).unwrap();
    files::write_new(&double, b"one").unwrap();
    desk.cut_off(&request, &[("a/1.JPG", "b/1.JPG")]);
    desk.run(&request);
    assert_eq!(fs::read(&double).unwrap(), b"one", "the last good copy here");
}

#[test]
fn equal_sidecars_of_several_photos_are_no_doubles() {
    let desk = Desk::new();
    for n in 1..=3 {
        desk.put(&format!("a/{n}.JPG"), format!("photo {n}"));
        desk.put(&format!("a/{n}.AAE"), "the same for all");
    }
    let request = desk.request(&["mirror"]);
    desk.run(&request);
    let before = [desk.names("library"), desk.names("mirror")];
    assert_eq!(before[1].len(), 6);
    // a run was killed after all of it was recorded
    let placed: Vec<(String, &String)> = before[0]
        .iter()
        .map(|path| (format!("a/{}", path.rsplit('/').next().unwrap()), path))
        .collect();
    let placed: Vec<(&str, &str)> =
        placed.iter().map(|(card, path)| (card.as_str(), path.as_str())).collect();
    desk.cut_off(&request, &placed);
    assert_eq!(counts(&desk.run(&request)), (0, 6, 0, 0));
    assert_eq!([desk.names("library"), desk.names("mirror")], before);
}

#[test]
fn being_stopped_leaves_the_rest_for_the_next_run() {
    let desk = Desk::new();
    for n in 0..20 {
        desk.put(&format!("a/{n:02}.JPG"), format!("{n}"));
    }
    let progress = Progress::new();
    let stop = |_: &Path| progress.cancel();
    let report = desk.run_with(&desk.request(&[]), &progress, Some(&stop));
    assert!(report.cancelled && !report.is_clean());
    assert_eq!(report.imported as usize + report.failed.len(), 20);
    let again = desk.run(&desk.request(&[]));
    assert_eq!(again.imported + again.already_here, 20);
    assert_eq!(desk.names("library").len(), 20);
    let [manifest] = &desk.manifests()[..] else { panic!("one manifest over both runs") };
    let files = manifest["files"].as_array().unwrap();
    assert!(files.len() == 20 && files.iter().all(|f| f["outcome"] == "imported"));
}

#[test]
fn a_mirror_is_written_too_and_on_one_disk_it_does_not_make_the_card_safe() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "one");
    let report = desk.run(&desk.request(&["mirror"]));
    assert_eq!(desk.tree("mirror"), desk.tree("library"));
    assert!(report.is_clean());
    assert!(!report.safe_to_format, "two folders on one disk are one place");
    assert_eq!(report.missing, ["a/1.JPG"]);
}

#[test]
fn two_devices_make_the_card_safe() {
    let desk = Desk::new();
    let Ok(other) = tempfile::tempdir_in("/dev/shm") else { panic!("/dev/shm is needed") };
    assert_ne!(
        files::device_of(other.path()).unwrap(),
        files::device_of(desk.dir.path()).unwrap(),
        "the test needs two devices"
    );
    desk.put("a/1.JPG", "one");
    let request = Request { mirrors: vec![other.path().to_owned()], ..desk.request(&[]) };
    let report = desk.run(&request);
    assert!(report.safe_to_format && report.missing.is_empty(), "{report:?}");
    let again = desk.run(&request);
    assert!(again.safe_to_format, "what was here before counts as well");
    fs::remove_dir_all(other.path().join("Originals")).unwrap();
    let mended = desk.run(&request);
    assert!(mended.safe_to_format, "a lost copy is put back from the card");
    assert_eq!(counts(&mended), (0, 1, 0, 0));
}

#[test]
fn a_mirror_that_is_away_is_told_and_caught_up_later() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "one");
    let request = desk.request(&["mirror"]);
    fs::rename(desk.path("mirror"), desk.path("unplugged")).unwrap();
    let report = desk.run(&request);
    assert_eq!((report.imported, report.mirror_failed.len()), (1, 1));
    assert!(!report.is_clean());
    fs::rename(desk.path("unplugged"), desk.path("mirror")).unwrap();
    let report = desk.run(&request);
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(desk.tree("mirror"), desk.tree("library"));
}

#[test]
fn another_picture_under_the_same_path_length_and_time_is_not_taken_for_the_first() {
    let desk = Desk::new();
    let mut picture = vec![1; 500_000];
    desk.put("DCIM/IMG_0001.CR2", &picture);
    assert_eq!(desk.run(&desk.request(&[])).imported, 1);
    assert_eq!(counts(&desk.run(&desk.request(&[]))), (0, 1, 0, 0));
    picture[250_000] = 2;
    desk.put("DCIM/IMG_0001.CR2", &picture);
    let report = desk.run(&desk.request(&[]));
    assert_eq!(counts(&report), (1, 0, 0, 0), "{report:?}");
    assert!(desk.tree("library").into_values().any(|bytes| bytes == picture));
    // and with no copy in the library
    fs::remove_dir_all(desk.path("library/Originals")).unwrap();
    picture[250_000] = 3;
    desk.put("DCIM/IMG_0001.CR2", &picture);
    assert_eq!(counts(&desk.run(&desk.request(&[]))), (1, 0, 0, 0));
}

#[test]
fn a_lost_original_comes_back_from_the_card() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "one");
    desk.run(&desk.request(&[]));
    let before = desk.tree("library");
    fs::remove_dir_all(desk.path("library/Originals")).unwrap();
    let report = desk.run(&desk.request(&[]));
    assert_eq!(counts(&report), (1, 0, 0, 0));
    assert_eq!(desk.tree("library"), before);
    assert_eq!(desk.photos().len(), 1, "it is still one photo");
}

#[test]
fn equal_sidecars_of_different_photos_both_stay() {
    let desk = Desk::new();
    for n in 1..=2 {
        desk.put(&format!("a/IMG_{n}.JPG"), format!("image {n}"));
        desk.put(&format!("a/IMG_{n}.AAE"), "the same edit");
    }
    let report = desk.run(&desk.request(&[]));
    assert_eq!(counts(&report), (4, 0, 0, 0));
    assert_eq!(desk.names("library").len(), 4);
    assert_eq!(counts(&desk.run(&desk.request(&[]))), (0, 4, 0, 0));
}

#[test]
fn a_file_that_comes_later_joins_its_exposure() {
    let desk = Desk::new();
    desk.put("a/IMG_1.JPG", "image");
    desk.run(&desk.request(&[]));
    desk.put("a/IMG_1.CR3", "raw");
    desk.put("a/IMG_1.XMP", "sidecar");
    let request = Request { shoot: Some("Elsewhere".into()), ..desk.request(&[]) };
    let report = desk.run(&request);
    assert_eq!(counts(&report), (2, 1, 0, 0));
    let [photo] = desk.photos()[..] else { panic!("one exposure") };
    assert_eq!(desk.catalog.files_of(photo).unwrap().len(), 3);
    assert_eq!(
        desk.names("library"),
        ["IMG_1.CR3", "IMG_1.JPG", "IMG_1.XMP"].map(|n| format!("{DAY}/{n}")),
        "beside what was there, under one name"
    );
}

#[test]
fn hostile_names_arrive_as_harmless_ones_and_stay_known_as_they_were() {
    use std::os::unix::ffi::OsStrExt;
    let desk = Desk::new();
    let names: &[&[u8]] = &[
        b"CON.JPG",
        b"a\\..\\b.JPG",
        b"line\nbreak.JPG",
        b"\xff\xfe.JPG",
        b"trailing. ",
        b"$(touch x).JPG",
        b".darkslide-tmp-0123456789abcdef",
    ];
    for (n, name) in names.iter().enumerate() {
        let path = desk.path("card").join(std::ffi::OsStr::from_bytes(name));
        fs::write(path, format!("{n}")).unwrap();
    }
    let report = desk.run(&desk.request(&[]));
    assert_eq!(counts(&report), (7, 0, 0, 0), "{report:?}");
    assert_eq!(desk.names("library").len(), 7);
    for path in desk.names("library") {
        for part in path.split('/') {
            assert_eq!(part, files::safe_name(part.as_bytes()));
        }
    }
    let known: std::collections::BTreeSet<Vec<u8>> = desk
        .photos()
        .iter()
        .flat_map(|photo| desk.catalog.files_of(*photo).unwrap())
        .map(|file| file.name)
        .collect();
    assert_eq!(known, names.iter().map(|n| n.to_vec()).collect(), "raw names stay data");
}

#[test]
fn one_unreadable_file_does_not_stop_the_rest() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "one");
    desk.put("a/2.JPG", "two");
    let plan = desk.plan(&desk.request(&[]));
    fs::remove_file(desk.path("card/a/1.JPG")).unwrap();
    let progress = Progress::new();
    let means = means(&desk.catalog, &desk.together, &progress);
    let report = run(plan, &means).unwrap();
    assert_eq!(counts(&report), (1, 0, 0, 1));
    assert!(!report.card_gone);
    assert_eq!(progress.counts().files_done, progress.counts().files_total);
}

#[test]
fn a_sidecar_whose_photo_could_not_be_copied_waits_for_it() {
    let desk = Desk::new();
    desk.put("a/1.CR3", "raw");
    desk.put("a/1.XMP", "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>");
    desk.put("a/2.JPG", "two");
    let damage_raw = |path: &Path| {
        if fs::read(path).unwrap() == b"raw" {
            fs::write(path, "rot").unwrap();
        }
    };
    let request = desk.request(&["mirror"]);
    let report = desk.run_with(&request, &Progress::new(), Some(&damage_raw));
    assert_eq!(counts(&report), (1, 0, 0, 2), "{report:?}");
    let names = |folder| desk.tree(folder).into_keys().collect::<Vec<_>>();
    for folder in ["library", "mirror"] {
        assert_eq!(names(folder), [format!("{DAY}/2.JPG")], "{folder}");
    }
    let report = desk.run(&request);
    assert_eq!(counts(&report), (2, 1, 0, 0), "{report:?}");
    let all = ["1.CR3", "1.XMP", "2.JPG"].map(|name| format!("{DAY}/{name}"));
    for folder in ["library", "mirror"] {
        assert_eq!(names(folder), all, "{folder}");
    }
}

#[test]
fn a_card_that_is_pulled_is_said_to_be_gone() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "one");
    desk.put("a/2.JPG", "two");
    let plan = desk.plan(&desk.request(&[]));
    fs::remove_dir_all(desk.path("card")).unwrap();
    let progress = Progress::new();
    let means = means(&desk.catalog, &desk.together, &progress);
    let report = run(plan, &means).unwrap();
    assert!(report.card_gone && report.failed.iter().all(|f| f.reason == "the card was removed"));
    assert!(desk.names("library").is_empty() && !desk.path("library/Originals").exists());
}

#[test]
fn a_library_is_not_imported_into_itself() {
    let desk = Desk::new();
    let inside = Request { source: desk.path("library"), ..desk.request(&[]) };
    let around = Request { source: desk.dir.path().to_owned(), ..desk.request(&[]) };
    for request in [inside, around] {
        let refused = plan(&request, &desk.catalog, &desk.together, Look::Quick, &Progress::new());
        assert!(matches!(refused, Err(ImportError::Overlap { .. })));
    }
    let away = Request { library: desk.path("none"), ..desk.request(&[]) };
    let refused = plan(&away, &desk.catalog, &desk.together, Look::Quick, &Progress::new());
    assert!(matches!(refused, Err(ImportError::LibraryAway(_))));
}

#[test]
fn a_plan_that_is_only_shown_writes_nothing_and_counts_exactly() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "same");
    desk.put("b/2.JPG", "same");
    desk.put("b/3.JPG", "new!");
    let request = desk.request(&[]);
    let plan =
        plan(&request, &desk.catalog, &desk.together, Look::Exact, &Progress::new()).unwrap();
    let summary = plan.summary();
    assert_eq!((summary.new.len(), summary.already_here, summary.bytes), (2, 1, 8));
    assert!(summary.fits);
    assert_eq!(summary.new[0].to, format!("{DAY}/1.JPG"));
    assert_eq!(fs::read_dir(desk.path("library")).unwrap().count(), 0);
}

#[test]
fn a_file_is_known_unread_only_as_long_as_its_file_system_calls_it_unchanged() {
    let desk = Desk::new();
    desk.put("DCIM/IMG_0001.CR2", "one");
    desk.run(&desk.request(&[]));
    let plan = desk.plan(&desk.request(&[]));
    let file = &plan.here[0].card;
    let seen = crate::catalog::CardSeen {
        path: file.raw_path().to_vec(),
        bytes: file.bytes,
        mtime_ns: file.mtime_ns,
        // not the file's: it shows whether the file was read
        sha256: crate::media::ContentHash([9; 32]),
        last_change: file.last_change,
    };
    let planned = |seen: crate::catalog::CardSeen| {
        desk.catalog.set_seen(&plan.card, &[seen]).unwrap();
        desk.plan(&desk.request(&[])).here.len()
    };
    let Some(last) = file.last_change else {
        assert_eq!(planned(seen), 1, "nothing vouches for it: it is read");
        return;
    };
    assert_eq!(planned(seen.clone()), 0, "believed");
    let other = crate::media::LastChange { changed_ns: last.changed_ns - 1, ..last };
    assert_eq!(planned(crate::catalog::CardSeen { last_change: Some(other), ..seen.clone() }), 1);
    assert_eq!(planned(crate::catalog::CardSeen { last_change: None, ..seen }), 1);
}

#[test]
fn a_plan_counts_what_the_library_lost_as_new() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "one");
    desk.put("a/2.JPG", "two!");
    let request = desk.request(&[]);
    desk.run(&request);
    fs::remove_file(desk.path("library").join(DAY).join("2.JPG")).unwrap();
    let summary = || {
        plan(&request, &desk.catalog, &desk.together, Look::Exact, &Progress::new())
            .unwrap()
            .summary()
    };
    let lost = summary();
    assert_eq!((lost.new.len(), lost.already_here, lost.bytes), (1, 1, 4));
    assert_eq!(lost.new[0].path, "a/2.JPG");
    assert_eq!(counts(&desk.run(&request)), (1, 1, 0, 0), "as the import counts it");
    assert_eq!(summary().new.len(), 0);
    assert!(summary().left_out.is_empty());
    let deep = (0..70).map(|n| format!("{n}/")).collect::<String>();
    desk.put(&format!("{deep}3.JPG"), "three");
    assert_eq!(summary().left_out.len(), 1, "what was not looked at may be anything");
}

/// The paths each generation of a history names, in their order.
fn generations(desk: &Desk, root: &str) -> Vec<Vec<String>> {
    let dir = desk.path(root).join("Originals/ascmhl");
    let mut names: Vec<_> = fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".mhl"))
        .collect();
    names.sort();
    let path =
        |line: &str| Some(line.trim().strip_prefix("<path ")?.split(['<', '>']).nth(1)?.to_owned());
    let paths = |name: &String| {
        fs::read_to_string(dir.join(name)).unwrap().lines().filter_map(path).collect()
    };
    names.iter().map(paths).collect()
}

#[test]
fn an_import_is_one_generation_in_library_and_mirror() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "one");
    desk.put("a/2.JPG", "two");
    desk.put("a/again.JPG", "two");
    let report = desk.run(&desk.request(&["mirror"]));
    let named = report.mhl.unwrap();
    assert!(named.starts_with("Originals/ascmhl/0001_Originals_"), "{named}");
    for root in ["library", "mirror"] {
        assert!(desk.path(root).join(&named).is_file());
        assert_eq!(
            generations(&desk, root),
            [["1.JPG", "2.JPG"].map(|name| format!("2025/2025-05-16/{name}"))]
        );
    }
    let again = desk.run(&desk.request(&["mirror"]));
    assert_eq!(again.mhl, Some(named), "nothing is new");
    desk.put("b/3.JPG", "three");
    desk.run(&desk.request(&["mirror"]));
    assert_eq!(generations(&desk, "library")[1], ["2025/2025-05-16/3.JPG"]);
}

#[test]
fn an_import_that_was_stopped_ends_with_one_generation_over_both_runs() {
    let desk = Desk::new();
    for n in 0..20 {
        desk.put(&format!("a/{n:02}.JPG"), format!("{n}"));
    }
    let progress = Progress::new();
    let taken = AtomicU32::new(0);
    let stop = |_: &Path| {
        if taken.fetch_add(1, Ordering::Relaxed) == 7 {
            progress.cancel();
        }
    };
    let first = desk.run_with(&desk.request(&[]), &progress, Some(&stop));
    assert!(first.imported > 0 && first.imported < 20);
    assert_eq!(generations(&desk, "library")[0].len() as u64, first.imported, "{first:?}");
    desk.run(&desk.request(&[]));
    let [all] = &generations(&desk, "library")[..] else { panic!("one generation") };
    assert_eq!(all.len(), 20);
}

#[test]
fn a_history_that_could_not_be_written_is_made_up_by_the_next_run() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "one");
    desk.put("a/2.JPG", "two");
    let request = desk.request(&[]);
    let dir = desk.path("library/Originals/ascmhl");
    fs::create_dir_all(dir.parent().unwrap()).unwrap();
    fs::write(&dir, "in the way").unwrap();
    let failed = desk.run(&request);
    assert!(failed.mhl_failed.is_some() && !failed.is_clean(), "{failed:?}");
    assert_eq!(failed.imported, 2, "nothing else is the worse for it");
    fs::remove_file(&dir).unwrap();
    // nobody remembers their sums, so the copies themselves are asked
    let report = desk.run(&request);
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(generations(&desk, "library")[0].len(), 2);
}

#[test]
fn a_mirror_whose_history_cannot_be_written_is_told() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "one");
    fs::create_dir_all(desk.path("mirror/Originals")).unwrap();
    fs::write(desk.path("mirror/Originals/ascmhl"), "in the way").unwrap();
    let report = desk.run(&desk.request(&["mirror"]));
    assert_eq!((report.imported, report.mirror_failed.len()), (1, 1), "{report:?}");
    assert!(report.mhl.is_some() && report.mhl_failed.is_none() && !report.is_clean());
    fs::remove_file(desk.path("mirror/Originals/ascmhl")).unwrap();
    assert!(desk.run(&desk.request(&["mirror"])).is_clean());
    assert_eq!(generations(&desk, "mirror"), generations(&desk, "library"));
}

#[test]
fn the_place_of_a_file_that_vanished_is_not_given_to_another() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "one");
    desk.run(&desk.request(&[]));
    fs::remove_file(desk.path("library").join(DAY).join("1.JPG")).unwrap();
    fs::remove_dir_all(desk.path("card/a")).unwrap();
    desk.put("b/1.JPG", "another");
    desk.run(&desk.request(&[]));
    assert_eq!(desk.names("library"), [format!("{DAY}/1-2.JPG")], "the history names the first");
}

#[test]
fn a_file_that_differs_from_the_cards_own_list_is_not_imported() {
    let desk = Desk::new();
    desk.put("DCIM/1.JPG", "abc");
    desk.put("DCIM/2.JPG", "abd");
    desk.put("DCIM/3.JPG", "not listed");
    let abc = "900150983cd24fb0d6963f7d28e17f72";
    desk.put("sums.md5", format!("{abc}  DCIM/1.JPG\n{abc}  DCIM/2.JPG\n{abc}  DCIM/9.JPG\n"));
    let report = desk.run(&desk.request(&[]));
    assert_eq!(counts(&report), (3, 0, 0, 1), "{report:?}");
    let reference = report.reference.clone().unwrap();
    assert_eq!((reference.manifest.as_str(), reference.manifests), ("sums.md5", 1));
    assert_eq!((reference.checked, reference.differing), (2, 1));
    assert_eq!(reference.missing, ["DCIM/9.JPG"]);
    assert_eq!(report.failed[0].path, "DCIM/2.JPG");
    assert_eq!(
        report.failed[0].reason,
        "differs from the card's own manifest sums.md5: MD5 900150983cd24fb0d6963f7d28e17f72 \
         there, 4911e516e5aa21d327512e0c8b197616 on the card"
    );
    assert!(!report.is_clean() && !report.safe_to_format);
    assert!(!desk.names("library").iter().any(|name| name.ends_with("2.JPG")), "nothing is kept");
    assert_eq!(desk.photos().len(), 3);
}

#[test]
fn a_card_that_lacks_what_its_list_names_is_not_safe_to_format() {
    let desk = Desk::new();
    let other = tempfile::tempdir_in("/dev/shm").unwrap();
    desk.put("1.JPG", "abc");
    desk.put("sums.md5", "900150983cd24fb0d6963f7d28e17f72  1.JPG\n");
    let request = Request { mirrors: vec![other.path().to_owned()], ..desk.request(&[]) };
    let report = desk.run(&request);
    assert!(report.safe_to_format && report.is_clean(), "{report:?}");
    desk.put(
        "sums.md5",
        "900150983cd24fb0d6963f7d28e17f72  1.JPG\n900150983cd24fb0d6963f7d28e17f72  2.JPG\n",
    );
    let report = desk.run(&request);
    assert!(!report.safe_to_format && !report.is_clean());
    assert!(report.verdict.starts_with("Keep the card"), "{}", report.verdict);
    let import =
        desk.catalog.imports().unwrap().into_iter().find(|i| Some(i.id) == report.import_id);
    assert_eq!(import.unwrap().state, ImportState::Incomplete, "no copy made later turns that");
    desk.put("2.JPG", "abc");
    assert!(desk.run(&request).safe_to_format, "a card that is whole again is");
}

#[test]
fn a_mirror_that_was_away_gets_its_copies_from_the_library_later() {
    let desk = Desk::new();
    desk.put("DCIM/1.JPG", "one");
    desk.put("DCIM/2.JPG", "two");
    let away = Request { mark: Some("lib".into()), ..desk.request(&["mirror"]) };
    files::mark_root(&desk.path("library"), "lib").unwrap();
    let report = desk.run(&away);
    assert_eq!(report.imported, 2);
    assert_eq!(report.mirror_failed.len(), 1, "an unmarked folder is an empty mount point");
    assert!(desk.names("mirror").is_empty(), "nothing is written where no mirror is");

    // The card is gone by then; a file of the library that rots meanwhile is not spread.
    fs::remove_dir_all(desk.path("card")).unwrap();
    fs::write(desk.path(&format!("library/{DAY}/2.JPG")), "rot").unwrap();
    files::mark_root(&desk.path("mirror"), "lib").unwrap();
    let make_up = |progress: &Progress| {
        MakeUp {
            library: &desk.path("library"),
            mirrors: &[desk.path("mirror")],
            mark: Some("lib"),
            catalog: &desk.catalog,
            computer: "desk",
            now: &now,
            progress,
            look: true,
        }
        .run()
        .unwrap()
    };
    let stopped = Progress::new();
    stopped.cancel();
    assert!(make_up(&stopped).cancelled && desk.names("mirror").is_empty());
    let made = make_up(&Progress::new());
    assert_eq!((made.files, made.bytes, made.failed.len()), (1, 3, 1));
    assert!(made.failed[0].path.ends_with("2.JPG"), "{:?}", made.failed);
    assert_eq!(desk.tree("mirror"), [(format!("{DAY}/1.JPG"), b"one".to_vec())].into());
    assert_eq!(make_up(&Progress::new()).files, 0, "once is enough");

    // what goes away there later, or is cut short, is made up for as well
    let copy = desk.path(&format!("mirror/{DAY}/1.JPG"));
    fs::remove_file(&copy).unwrap();
    assert_eq!(make_up(&Progress::new()).files, 1, "a copy that is gone is no copy");
    fs::write(&copy, "on").unwrap();
    assert_eq!(make_up(&Progress::new()).files, 1, "nor is half a one");
    let whole = |bytes: &Vec<u8>| bytes == b"one";
    assert!(desk.tree("mirror").values().any(whole));
    fs::remove_dir_all(desk.path("mirror/Originals")).unwrap();
    fs::remove_dir_all(desk.path("library/Originals")).unwrap();
    desk.catalog.forget_local(&local_ids(&desk)).unwrap();
    let failed = make_up(&Progress::new()).failed;
    assert!(failed[0].reason.contains("the library does not have it"), "{failed:?}");
}

fn local_ids(desk: &Desk) -> Vec<FileId> {
    desk.catalog.local_files().unwrap().iter().map(|local| local.file).collect()
}

#[test]
fn a_mirror_without_room_is_left_out_and_a_library_without_room_refuses() {
    let desk = Desk::new();
    let huge = fs::File::create(desk.path("card/1.MOV")).unwrap();
    huge.set_len(1 << 43).unwrap();
    let refused =
        plan(&desk.request(&[]), &desk.catalog, &desk.together, Look::Quick, &Progress::new());
    let error = refused.unwrap_err();
    assert!(matches!(&error, ImportError::NoRoom { needed_bytes, .. } if *needed_bytes == 1 << 43));
    assert!(error.to_string().contains("nothing was copied"), "{error}");
    assert!(desk.names("library").is_empty());
}

#[test]
fn two_cards_at_once_share_nothing_but_what_is_equal() {
    let desk = Desk::new();
    for n in 0..40 {
        desk.put(&format!("a/DCIM/IMG_{n:04}.JPG"), format!("only on a {n}"));
        desk.put(&format!("b/DCIM/IMG_{n:04}.JPG"), format!("only on b {n}"));
        let both = format!("on both {n}");
        desk.put(&format!("a/DCIM/DUP_{n:04}.JPG"), &both);
        desk.put(&format!("b/DCIM/DUP_{n:04}.JPG"), &both);
    }
    let request = |card: &str| Request {
        source: desk.path("card").join(card),
        template: "Originals/{seq:4}".parse().unwrap(),
        ..desk.request(&[])
    };
    let plans = ["a", "b"].map(|card| desk.plan(&request(card)));
    let reports: Vec<ImportReport> = std::thread::scope(|scope| {
        let running = plans.map(|plan| {
            let desk = &desk;
            scope.spawn(move || {
                let progress = Progress::new();
                let means = means(&desk.catalog, &desk.together, &progress);
                Run { plan, means: &means, tamper: None }.go().unwrap()
            })
        });
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let imported: u64 = reports.iter().map(|report| report.imported).sum();
    let here: u64 = reports.iter().map(|report| report.already_here).sum();
    assert_eq!((imported, here), (120, 40), "what both cards hold is taken once");
    assert!(reports.iter().all(ImportReport::is_clean), "{reports:?}");
    let tree = desk.tree("library");
    assert_eq!(tree.len(), 120);
    let contents: std::collections::BTreeSet<_> = tree.values().collect();
    assert_eq!(contents.len(), 120, "nothing is there twice");
    for name in tree.keys() {
        let number = name.trim_start_matches("Originals/").trim_end_matches(".JPG");
        assert!(number.len() == 4, "{name}: two cards never get the same number");
    }
    assert!(desk.together.at_most(0), "nothing stays promised");
}

#[test]
fn a_file_that_is_mended_beside_its_taken_place_keeps_its_day() {
    let desk = Desk::new();
    // taken on 2024-04-14, whatever the file's time is
    desk.put("DCIM/IMG_1.JPG", include_bytes!("../../../../tests/fixtures/camera/kathmandu.jpg"));
    let first = "Originals/2024/2024-04-14/IMG_1.JPG";
    desk.run(&desk.request(&[]));
    assert_eq!(desk.names("library"), [first]);
    fs::write(desk.path("library").join(first), "something else").unwrap();
    let report = desk.run(&desk.request(&[]));
    assert!(report.failed.is_empty(), "{report:?}");
    assert_eq!(desk.names("library"), ["Originals/2024/2024-04-14/IMG_1-2.JPG", first]);
}
