//! Adoptions of small trees, made on the spot.
#![allow(clippy::disallowed_methods, reason = "tests make and break files of their own")]

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use jiff::Timestamp;

use super::*;
use crate::catalog::{Catalog, Query};
use crate::media::DeviceId;
use crate::progress::Progress;

pub(in super::super) struct Tree {
    pub dir: tempfile::TempDir,
    pub catalog: Catalog,
}

pub(in super::super) fn now() -> Timestamp {
    Timestamp::from_second(1_780_000_000).unwrap()
}

impl Tree {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("library")).unwrap();
        let catalog = Catalog::in_memory(DeviceId([1; 8]), Arc::new(now)).unwrap();
        Self { dir, catalog }
    }

    /// With these files in it, and adopted.
    pub fn adopted(files: &[(&str, &str)]) -> Self {
        let tree = Self::new();
        for (path, text) in files {
            tree.put(path, text);
        }
        assert!(tree.adopt("").is_clean());
        tree
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join("library").join(path)
    }

    /// Writes a file whose time tells that it is another one than before.
    pub fn put(&self, path: &str, text: &str) {
        static SECONDS: AtomicUsize = AtomicUsize::new(0);
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let seconds = 1_747_404_202 + 60 * SECONDS.fetch_add(1, Ordering::Relaxed) as u64;
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
    }

    pub fn rename(&self, from: &str, to: &str) {
        let to = self.path(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(self.path(from), to).unwrap();
    }

    pub fn adopt(&self, dir: &str) -> AdoptReport {
        self.adopt_with(dir, &Progress::new())
    }

    fn adopt_with(&self, dir: &str, progress: &Progress) -> AdoptReport {
        self.try_adopt(&self.path(dir), progress).unwrap()
    }

    fn try_adopt(&self, dir: &Path, progress: &Progress) -> Result<AdoptReport> {
        let means = Means {
            together: &crate::import::Together::default(),
            computer: "desk",
            catalog: &self.catalog,
            now: &now,
            progress,
            on_imported: &|_: &Arrival| {},
        };
        let (dir, library) = (dir.to_owned(), self.path(""));
        adopt(&Adoption { dir, library, shoot: None, client: None }, &means)
    }

    /// Exposures as the catalogue has them: the local paths of their files.
    pub fn exposures(&self) -> Vec<String> {
        let mut exposures = Vec::new();
        for photo in self.catalog.find(&Query::all()).unwrap() {
            let files = self.catalog.files_of(photo).unwrap();
            let paths: Vec<_> = files
                .into_iter()
                .map(|file| file.local.map_or_else(|| "-".to_owned(), |local| local.path))
                .collect();
            exposures.push(paths.join(" + "));
        }
        exposures.sort();
        exposures
    }
}

fn counts(report: &AdoptReport) -> (u64, u64, usize, usize) {
    (report.adopted, report.already_here, report.skipped.len(), report.failed.len())
}

#[test]
fn a_tree_is_catalogued_where_it_lies_and_the_second_time_nothing_is_new() {
    let tree = Tree::new();
    tree.put("2019/Paris/IMG_1.CR2", "raw");
    tree.put("2019/Paris/IMG_1.JPG", "image");
    tree.put("2019/Paris/IMG_1.xmp", "sidecar");
    tree.put("2019/Paris/copy/OTHER.JPG", "image");
    tree.put("2019/notes.txt", "what is this");
    tree.put(".DS_Store", "junk");
    tree.put("Catalog Previews.lrdata/a/1.lrprev", "cache");
    tree.put("Catalog Previews.lrdata/a/2.lrprev", "cache too");
    tree.put(".darkslide/manifests/x.json", "ours");
    let before = fs::metadata(tree.path("2019/Paris/IMG_1.CR2")).unwrap().modified().unwrap();
    let report = tree.adopt("");
    assert_eq!(counts(&report), (4, 1, 2, 0), "{report:?}");
    assert_eq!(report.bytes, "raw image sidecar what is this".len() as u64 - 3);
    assert!(report.is_clean());
    assert_eq!(
        tree.exposures(),
        ["2019/Paris/IMG_1.CR2 + 2019/Paris/IMG_1.JPG + 2019/Paris/IMG_1.xmp", "2019/notes.txt"]
    );
    let after = fs::metadata(tree.path("2019/Paris/IMG_1.CR2")).unwrap().modified().unwrap();
    assert_eq!(before, after);
    assert_eq!(tree.catalog.imports().unwrap()[0].state, ImportState::Clean);

    let again = tree.adopt("");
    assert_eq!(counts(&again), (0, 5, 2, 0), "{again:?}");
    assert_eq!((again.bytes, again.import_id), (0, None), "no import was made for nothing");
}

#[test]
fn one_folder_can_be_adopted_and_its_paths_are_the_librarys() {
    let tree = Tree::new();
    tree.put("a/1.JPG", "one");
    tree.put("b/2.JPG", "two");
    assert_eq!(counts(&tree.adopt("b")), (1, 0, 0, 0));
    assert_eq!(tree.exposures(), ["b/2.JPG"]);
    assert_eq!(counts(&tree.adopt("")), (1, 1, 0, 0));
}

#[test]
fn a_folder_outside_the_library_is_refused_with_what_to_do() {
    let tree = Tree::new();
    let outside = tree.dir.path().join("elsewhere");
    fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, tree.path("link")).unwrap();
    for dir in [&outside, tree.dir.path(), &tree.path("link")] {
        let error = tree.try_adopt(dir, &Progress::new()).unwrap_err();
        assert!(matches!(error, ImportError::Outside { .. }), "{error}");
        assert!(error.to_string().contains("init --library"), "{error}");
    }
    let gone = tree.try_adopt(&tree.path("nowhere"), &Progress::new()).unwrap_err();
    assert!(matches!(gone, ImportError::Card(CardError::Root(_))), "{gone}");
}

#[test]
fn a_file_that_joins_later_joins_its_exposure() {
    let tree = Tree::adopted(&[("a/1.CR2", "raw")]);
    tree.put("a/1.JPG", "image");
    assert_eq!(counts(&tree.adopt("a")), (1, 1, 0, 0));
    assert_eq!(tree.exposures(), ["a/1.CR2 + a/1.JPG"]);
}

#[test]
fn content_lost_from_sight_is_found_again_and_not_taken_twice() {
    let tree = Tree::adopted(&[("a/1.JPG", "image"), ("a/2.JPG", "picture")]);
    let photos = tree.catalog.find(&Query::all()).unwrap();
    tree.rename("a/1.JPG", "b/renamed.JPG");
    let report = tree.adopt("");
    assert_eq!((counts(&report), report.found_again), ((0, 2, 0, 0), 1), "{report:?}");
    assert_eq!(tree.exposures(), ["a/2.JPG", "b/renamed.JPG"]);
    let all: Vec<_> = tree.catalog.local_files().unwrap().iter().map(|l| l.file).collect();
    tree.catalog.forget_local(&all).unwrap();
    assert_eq!(tree.adopt("").found_again, 2, "as on a new computer beside the old disk");
    assert_eq!(tree.catalog.find(&Query::all()).unwrap(), photos);
}

#[test]
fn a_file_edited_in_place_comes_as_a_new_version_of_its_exposure() {
    let tree = Tree::adopted(&[("a/1.CR2", "raw"), ("a/1.xmp", "before"), ("b/2.JPG", "picture")]);
    tree.put("a/1.xmp", "after it was edited");
    tree.put("b/2.JPG", "pixture");
    let report = tree.adopt("");
    assert_eq!(counts(&report), (2, 1, 0, 0), "{report:?}");
    assert_eq!(tree.exposures().len(), 2, "no photo was doubled");
    for photo in tree.catalog.find(&Query::all()).unwrap() {
        let files = tree.catalog.files_of(photo).unwrap();
        let new = files.iter().find(|file| file.replaces.is_some()).unwrap();
        let old = files.iter().find(|file| Some(file.file) == new.replaces).unwrap();
        assert_eq!((old.local.as_ref(), &old.name), (None, &new.name));
        assert!(!old.lead && files[0].local.is_some(), "what is shown is what is there");
    }
    assert_eq!(counts(&tree.adopt("")), (0, 3, 0, 0));
}

#[test]
fn a_touched_file_is_read_once_and_then_known_again() {
    let tree = Tree::adopted(&[("a/1.JPG", "image")]);
    tree.put("a/1.JPG", "image");
    let bytes_read = |progress: Progress| {
        assert_eq!(counts(&tree.adopt_with("", &progress)), (0, 1, 0, 0));
        progress.counts().bytes_done
    };
    assert_eq!([bytes_read(Progress::new()), bytes_read(Progress::new())], [5, 0]);
}

#[test]
fn an_adoption_that_was_stopped_goes_on_under_the_same_import() {
    let tree = Tree::new();
    for n in 0..300 {
        tree.put(&format!("a/{n}.JPG"), &format!("picture {n}"));
    }
    // cut off as by a kill: nothing is said about its end
    let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let arrived = AtomicUsize::new(0);
        let means = Means {
            together: &crate::import::Together::default(),
            computer: "desk",
            catalog: &tree.catalog,
            now: &now,
            progress: &Progress::new(),
            on_imported: &|_: &Arrival| {
                assert!(arrived.fetch_add(1, Ordering::Relaxed) < 150, "killed here");
            },
        };
        let (dir, library) = (tree.path(""), tree.path(""));
        adopt(&Adoption { dir, library, shoot: None, client: None }, &means)
    }));
    assert!(killed.is_err());
    let recorded = tree.exposures().len();
    assert!((1..300).contains(&recorded), "{recorded}");
    let import = tree.catalog.imports().unwrap().remove(0);
    assert_eq!(import.state, ImportState::Running);

    let report = tree.adopt("");
    let (recorded, left) = (recorded as u64, 300 - recorded as u64);
    assert_eq!((report.adopted, report.already_here), (left, recorded));
    assert_eq!(report.import_id, Some(import.id));
    assert_eq!((tree.exposures().len(), tree.catalog.imports().unwrap().len()), (300, 1));
}

#[test]
fn stopping_leaves_the_rest_for_the_next_time() {
    let tree = Tree::new();
    for n in 0..20 {
        tree.put(&format!("a/{n}.JPG"), &format!("picture {n}"));
    }
    let stop: Arc<std::sync::OnceLock<Progress>> = Arc::default();
    let progress = Progress::watched({
        let stop = Arc::clone(&stop);
        move |counts| {
            if let Some(progress) = stop.get().filter(|_| counts.bytes_done > 0) {
                progress.cancel();
            }
        }
    });
    stop.set(progress.clone()).unwrap();
    let report = tree.adopt_with("", &progress);
    assert!(report.cancelled && !report.is_clean());
    assert_eq!(report.adopted + report.failed.len() as u64, 20, "each in one outcome");
    let again = tree.adopt("");
    assert_eq!(again.adopted + report.adopted, 20);
    assert_eq!(tree.exposures().len(), 20);
}

#[test]
fn a_name_that_is_no_text_fails_by_name_and_the_rest_is_taken() {
    use std::os::unix::ffi::OsStrExt;
    let tree = Tree::new();
    tree.put("a/1.JPG", "image");
    fs::write(tree.path("a").join(std::ffi::OsStr::from_bytes(b"\xff.JPG")), "x").unwrap();
    let report = tree.adopt("");
    assert_eq!(counts(&report), (1, 0, 0, 1), "{report:?}");
    assert!(!report.is_clean() && report.failed[0].reason.contains("rename"));
}
