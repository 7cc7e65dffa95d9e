//! Passes over small folders, made on the spot.
#![allow(clippy::disallowed_methods, reason = "tests make and break files of their own")]

use std::sync::Arc;

use jiff::Timestamp;

use super::*;
use crate::catalog::{Catalog, Query};
use crate::import::{Adoption, adopt};
use crate::media::DeviceId;
use crate::progress::Progress;

/// Says that it was taken on 2024-04-14 at 02:20:31.
const TAKEN: &[u8] = include_bytes!("../../../../../tests/fixtures/camera/kathmandu.jpg");
const ORIGINAL: &str = "Originals/2024/Nepal/IMG_1.JPG";

struct Desk {
    dir: tempfile::TempDir,
    catalog: Catalog,
    kind: Kind,
}

fn now() -> Timestamp {
    Timestamp::from_second(1_780_000_000).unwrap()
}

impl Desk {
    fn new(kind: Kind) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["library", "exports"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        let catalog = Catalog::in_memory(DeviceId([1; 8]), Arc::new(now)).unwrap();
        Self { dir, catalog, kind }
    }

    /// A library with one photo in it.
    fn with_photo() -> Self {
        let desk = Self::new(Kind::Finished);
        desk.put(&format!("library/{ORIGINAL}"), "the camera's");
        let progress = Progress::new();
        let means = Means {
            together: &crate::import::Together::default(),
            computer: "desk",
            catalog: &desk.catalog,
            now: &now,
            progress: &progress,
            on_imported: &|_: &Arrival| {},
        };
        let library = desk.path("library");
        let adoption = Adoption { dir: library.clone(), library, shoot: None, client: None };
        assert_eq!(adopt(&adoption, &means).unwrap().adopted, 1);
        desk
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// A picture that says when it was taken, and differs by what follows its last byte.
    fn put(&self, path: &str, tail: &str) {
        self.write(path, &[TAKEN, tail.as_bytes()].concat());
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn pass(&self) -> FolderReport {
        self.pass_after(Duration::ZERO, now(), &Progress::new()).0
    }

    /// The report, and whose pictures are to be made.
    fn pass_after(
        &self,
        settle: Duration,
        now: Timestamp,
        progress: &Progress,
    ) -> (FolderReport, Vec<PhotoId>) {
        let arrived = std::sync::Mutex::new(Vec::new());
        let means = Means {
            together: &crate::import::Together::default(),
            computer: "desk",
            catalog: &self.catalog,
            now: &|| now,
            progress,
            on_imported: &|arrival: &Arrival| arrived.lock().unwrap().push(arrival.photo),
        };
        let watched = Watched { dir: self.path("exports"), kind: self.kind };
        let report = pass(&watched, &self.path("library"), None, settle, &means).unwrap();
        (report, arrived.into_inner().unwrap())
    }

    fn photos(&self) -> Vec<PhotoId> {
        self.catalog.find(&Query::all()).unwrap()
    }

    fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.path("library").join(path)).unwrap()
    }
}

fn to(report: &FolderReport) -> Vec<&str> {
    report.added.iter().map(|added| added.to.as_str()).collect()
}

#[test]
fn a_finished_picture_joins_its_photo_and_a_re_export_is_a_new_version_of_it() {
    let desk = Desk::with_photo();
    let photo = desk.photos()[0];
    desk.put("exports/web/IMG_1-Edit.jpg", "first");
    let first = desk.pass();
    assert_eq!(to(&first), ["Finished/2024/Nepal/IMG_1-Edit.jpg"], "{first:?}");
    assert!(first.added[0].attached && !first.added[0].new_version);

    desk.put("exports/web/IMG_1-Edit.jpg", "second");
    let (second, arrived) = desk.pass_after(Duration::ZERO, now(), &Progress::new());
    assert_eq!(to(&second), ["Finished/2024/Nepal/IMG_1-Edit-2.jpg"], "{second:?}");
    assert!(second.added[0].attached && second.added[0].new_version);
    assert!(arrived.is_empty(), "the photo is still shown by the camera's own");

    assert_eq!(desk.photos(), [photo]);
    let files = desk.catalog.files_of(photo).unwrap();
    let by_path = |path: &str| {
        files.iter().find(|f| f.local.as_ref().is_some_and(|l| l.path == path)).unwrap()
    };
    let (old, new) = (
        by_path("Finished/2024/Nepal/IMG_1-Edit.jpg"),
        by_path("Finished/2024/Nepal/IMG_1-Edit-2.jpg"),
    );
    assert!(by_path(ORIGINAL).lead);
    assert_eq!((old.replaces, new.replaces), (Some(by_path(ORIGINAL).file), Some(old.file)));
    assert_eq!((old.role, &old.name), (Role::Image, &b"IMG_1-Edit.jpg".to_vec()));
    assert!(desk.read("Finished/2024/Nepal/IMG_1-Edit.jpg").ends_with(b"first"), "kept");
    assert!(desk.read("Finished/2024/Nepal/IMG_1-Edit-2.jpg").ends_with(b"second"));
}

#[test]
fn a_re_export_is_known_by_its_name_where_nothing_else_tells() {
    let desk = Desk::with_photo();
    desk.put("exports/IMG_1.jpg", "first");
    desk.pass();
    // nothing in another folder was seen before
    fs::remove_file(desk.path("exports/IMG_1.jpg")).unwrap();
    desk.put("exports/sub/IMG_1.jpg", "second");
    let second = desk.pass();
    assert!(second.added[0].new_version, "{second:?}");
    let files = desk.catalog.files_of(desk.photos()[0]).unwrap();
    let is_new = |f: &&FileRow| f.local.as_ref().is_some_and(|l| l.path == second.added[0].to);
    let replaced = files.iter().find(is_new).unwrap().replaces;
    let first = files.iter().find(|f| Some(f.file) == replaced).unwrap();
    assert!(!first.lead && first.name == b"IMG_1.jpg", "the first export, not the original");
}

#[test]
fn another_name_or_another_moment_makes_a_photo_of_its_own() {
    let desk = Desk::with_photo();
    desk.put("exports/IMG_10.jpg", "another name");
    let sydney = fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/fixtures/camera/orientation_9.jpg"
    ));
    desk.write("exports/IMG_1.jpg", &sydney.unwrap());
    let (report, arrived) = desk.pass_after(Duration::ZERO, now(), &Progress::new());
    assert_eq!(report.added.len(), 2, "{report:?}");
    assert!(report.added.iter().all(|added| !added.attached));
    assert_eq!((desk.photos().len(), arrived.len()), (3, 2), "they are to be shown");
    assert!(to(&report).contains(&"Finished/2024/2024-04-14/IMG_10.jpg"), "{report:?}");
}

#[test]
fn a_picture_of_its_own_is_shown_by_its_newest_version() {
    let desk = Desk::new(Kind::Finished);
    for (tail, name) in [("first", "A.jpg"), ("second", "A-2.jpg"), ("third", "A-3.jpg")] {
        desk.put("exports/A.jpg", tail);
        let (report, arrived) = desk.pass_after(Duration::ZERO, now(), &Progress::new());
        assert_eq!(to(&report), [format!("Finished/2024/2024-04-14/{name}")]);
        let photos = desk.photos();
        assert_eq!((photos.len(), &arrived), (1, &photos), "{tail}: its preview is to be made");
        let lead = desk.catalog.files_of(photos[0]).unwrap().remove(0);
        assert_eq!(lead.local.unwrap().path, to(&report)[0], "{tail}");
    }
}

#[test]
fn what_was_taken_in_is_not_read_again_and_what_the_library_has_not_copied() {
    let desk = Desk::with_photo();
    desk.put("exports/again.jpg", "the camera's");
    desk.put("exports/new.jpg", "new");
    let first = desk.pass();
    assert_eq!((first.added.len(), first.already_here), (1, 1), "{first:?}");
    let progress = Progress::new();
    let (second, _) = desk.pass_after(Duration::ZERO, now(), &progress);
    assert_eq!((second.added.len(), second.already_here), (0, 2));
    assert_eq!(progress.counts().bytes_done, 0);
    assert_eq!(desk.catalog.imports().unwrap().len(), 2, "a pass with nothing new is no import");
}

#[test]
fn a_file_is_left_until_it_has_been_left_alone() {
    let desk = Desk::new(Kind::Finished);
    desk.put("exports/a.jpg", "x");
    desk.write("exports/empty.jpg", b"");
    let meta = fs::metadata(desk.path("exports/a.jpg")).unwrap();
    let written = Timestamp::from_nanosecond(
        i128::from(meta.ctime()) * 1_000_000_000 + i128::from(meta.ctime_nsec()),
    )
    .unwrap();
    let after = |seconds: i64| {
        let now = written.saturating_add(jiff::SignedDuration::from_secs(seconds)).unwrap();
        desk.pass_after(SETTLE, now, &Progress::new()).0
    };
    let early = after(2);
    assert_eq!((early.added.len(), early.waiting.len()), (0, 2), "{early:?}");
    let late = after(60);
    assert_eq!((late.added.len(), late.waiting.len()), (1, 0), "{late:?}");
    assert_eq!(late.skipped[0].reason, "is empty", "nobody waits for it for ever");
    desk.write("exports/empty.jpg", b"no longer");
    assert_eq!(after(86_400 * 365).added.len(), 1);
}

#[test]
fn a_folder_that_is_away_is_said_to_be_and_nothing_else_happens() {
    let desk = Desk::new(Kind::Finished);
    fs::remove_dir(desk.path("exports")).unwrap();
    let report = desk.pass();
    assert!(report.away && report.failed.is_empty());
}

#[test]
fn only_pictures_and_films_are_finished_and_links_are_not_followed() {
    let desk = Desk::new(Kind::Finished);
    desk.put("exports/a.jpg", "x");
    desk.write("exports/notes.txt", b"x");
    desk.write("secret/b.jpg", b"x");
    std::os::unix::fs::symlink(desk.path("secret/b.jpg"), desk.path("exports/b.jpg")).unwrap();
    let report = desk.pass();
    assert_eq!((report.added.len(), report.skipped.len()), (1, 2), "{report:?}");
}

#[test]
fn a_pass_cut_off_before_the_catalogue_knew_doubles_nothing() {
    let desk = Desk::new(Kind::Finished);
    desk.put("exports/a.jpg", "x");
    desk.put("library/Finished/2024/2024-04-14/a.jpg", "x");
    let half = "library/Finished/2024/2024-04-14/.darkslide-tmp-0123456789abcdef";
    desk.write(half, b"half");
    let report = desk.pass();
    assert_eq!(to(&report), ["Finished/2024/2024-04-14/a.jpg"]);
    assert!(!desk.path(half).exists());
    assert_eq!(fs::read_dir(desk.path("library/Finished/2024/2024-04-14")).unwrap().count(), 1);
}

#[test]
fn catalogue_backups_keep_their_folders_and_every_version() {
    let desk = Desk::new(Kind::CatalogueBackup);
    desk.write("exports/2026-01-02 1012/Lightroom Catalog.zip", b"zip");
    desk.write("exports/Previews.lrdata/x.db", b"cache");
    desk.write("exports/library.db", b"one");
    desk.write("exports/Wedding.cocatalogdb", b"in use");
    desk.write("exports/Wedding.lock", b"");
    let report = desk.pass();
    let expected = [
        "Catalogue backups/exports/2026-01-02 1012/Lightroom Catalog.zip",
        "Catalogue backups/exports/library.db",
    ];
    assert_eq!(to(&report), expected, "{report:?}");
    assert_eq!((report.waiting.len(), report.skipped.len()), (1, 2));
    desk.write("exports/library.db", b"two, later");
    fs::remove_file(desk.path("exports/Wedding.lock")).unwrap();
    let later = desk.pass();
    let expected =
        ["Catalogue backups/exports/Wedding.cocatalogdb", "Catalogue backups/exports/library-2.db"];
    assert_eq!(to(&later), expected, "{later:?}");
    assert!(later.added[1].new_version);
    assert_eq!((desk.photos().len(), desk.read(expected[1])), (3, b"two, later".to_vec()));
    assert_eq!(desk.catalog.not_in_cloud(9).unwrap().len(), 4, "the next backup sends them all");
}

#[test]
fn nothing_is_written_into_a_mount_point_without_its_drive() {
    let desk = Desk::new(Kind::Finished);
    desk.put("exports/a.jpg", "x");
    let progress = Progress::new();
    let means = Means {
        together: &crate::import::Together::default(),
        computer: "desk",
        catalog: &desk.catalog,
        now: &now,
        progress: &progress,
        on_imported: &|_: &Arrival| {},
    };
    let watched = Watched { dir: desk.path("exports"), kind: Kind::Finished };
    let library = desk.path("library");
    let pass = || pass(&watched, &library, Some("a"), Duration::ZERO, &means);
    assert!(matches!(pass(), Err(RoutineError::LibraryAway(_))));
    assert_eq!(fs::read_dir(&library).unwrap().count(), 0);
    files::mark_root(&library, "a").unwrap();
    assert_eq!(pass().unwrap().added.len(), 1, "it is not counted as taken in");
}

/// The files of the one photo that no other took the place of, by their place in the library.
fn current(desk: &Desk) -> Vec<String> {
    let files = desk.catalog.files_of(desk.photos()[0]).unwrap();
    let replaced = |file: &FileRow| files.iter().any(|other| other.replaces == Some(file.file));
    let path = |file: &FileRow| file.local.as_ref().unwrap().path.clone();
    let mut paths: Vec<String> = files.iter().filter(|file| !replaced(file)).map(path).collect();
    paths.sort();
    paths
}

#[test]
fn what_lies_in_the_folder_is_the_newest_also_where_it_was_there_before() {
    let desk = Desk::with_photo();
    for (n, (tail, name)) in
        [("A", ""), ("B", "-2"), ("C", "-3"), ("A", ""), ("C", "-3"), ("B", "-2")]
            .iter()
            .enumerate()
    {
        desk.put("exports/IMG_1-Edit.jpg", tail);
        // the same length and maybe the same moment
        let time = std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + n as u64);
        let file = fs::File::options().write(true).open(desk.path("exports/IMG_1-Edit.jpg"));
        file.unwrap().set_modified(time).unwrap();
        let report = desk.pass();
        assert_eq!(report.added.len(), 1, "{tail}: {report:?}");
        assert_eq!(current(&desk), [format!("Finished/2024/Nepal/IMG_1-Edit{name}.jpg")], "{n}");
    }
    assert_eq!(fs::read_dir(desk.path("library/Finished/2024/Nepal")).unwrap().count(), 3);
}

#[test]
fn a_picture_of_its_own_is_shown_by_the_version_that_came_back() {
    let desk = Desk::new(Kind::Finished);
    for (tail, name) in [("first", "A.jpg"), ("second", "A-2.jpg"), ("first", "A.jpg")] {
        desk.put("exports/A.jpg", tail);
        let (_, arrived) = desk.pass_after(Duration::ZERO, now(), &Progress::new());
        let photos = desk.photos();
        assert_eq!((photos.len(), &arrived), (1, &photos), "{tail}: its preview is to be made");
        let lead = desk.catalog.files_of(photos[0]).unwrap().remove(0);
        assert_eq!(lead.local.unwrap().path, format!("Finished/2024/2024-04-14/{name}"));
    }
}

#[test]
fn two_pictures_of_one_name_in_two_folders_are_no_versions_of_one_another() {
    let desk = Desk::with_photo();
    desk.put("exports/web/IMG_1.jpg", "small");
    desk.put("exports/print/IMG_1.jpg", "large");
    let first = desk.pass();
    assert!(first.added.iter().all(|added| added.attached && !added.new_version), "{first:?}");
    let names = ["Finished/2024/Nepal/IMG_1-2.jpg", "Finished/2024/Nepal/IMG_1.jpg"];
    assert_eq!((desk.photos().len(), current(&desk)), (1, names.map(str::to_owned).into()));
    desk.put("exports/web/IMG_1.jpg", "small, again");
    let second = desk.pass();
    assert!(second.added[0].new_version, "{second:?}");
    assert_eq!(current(&desk).len(), 2, "one of each");

    // where nothing but they show the photo, there are two
    let alone = Desk::new(Kind::Finished);
    alone.put("exports/web/A.jpg", "small");
    alone.put("exports/print/A.jpg", "large");
    alone.pass();
    assert_eq!(alone.photos().len(), 2);
}
