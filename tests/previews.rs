//! Previews on disk: bounded, made anew, whole after every kill, and back when their drive is.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::program::{Computer, Place, files_below};

const PHOTOS: usize = 60;

fn imported(place: &Place) -> Computer {
    let truth = darkslide_demo::card::make_many(&place.path("card"), PHOTOS, 21).unwrap();
    let computer = place.computer("one");
    computer.init();
    computer.import(&truth.root, "Dance");
    computer
}

fn folder(computer: &Computer) -> std::path::PathBuf {
    computer.home.join("darkslide/previews")
}

/// Every preview on disk, which has to be a whole picture.
#[track_caller]
fn whole(computer: &Computer) -> Vec<String> {
    let mut files = files_below(&folder(computer));
    files.retain(|path| path.ends_with(".jpg"));
    for path in &files {
        let bytes = fs::read(folder(computer).join(path)).unwrap();
        let picture = image::load_from_memory(&bytes).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert!(picture.width().max(picture.height()) >= 512, "{path}");
        assert!(bytes.ends_with(&[0xFF, 0xD9]), "{path} is cut");
    }
    files
}

#[test]
fn previews_killed_in_the_making_are_the_old_or_the_new_ones() {
    let place = Place::new();
    let computer = imported(&place);
    for n in 0..6_u64 {
        let mut program = computer.start(&["previews", "rebuild", "--all"]);
        thread::sleep(Duration::from_millis(60 + 150 * n));
        program.kill().unwrap();
        program.wait().unwrap();
        assert_eq!(whole(&computer).len(), 2 * PHOTOS, "none is missing and none is half");
    }
    // Half of them are gone; a killed run makes up for some, the next one for the rest.
    for path in files_below(&folder(&computer)).iter().step_by(2) {
        fs::remove_file(folder(&computer).join(path)).unwrap();
    }
    let mut program = computer.start(&["previews", "rebuild", "--missing"]);
    thread::sleep(Duration::from_millis(400));
    program.kill().unwrap();
    program.wait().unwrap();
    whole(&computer);
    let done = computer.json(&["previews", "rebuild", "--missing"]);
    assert_eq!((&done["damaged"], &done["missing"]), (&Value::from(0), &Value::Array(vec![])));
    assert_eq!(whole(&computer).len(), 2 * PHOTOS);
    let left = files_below(&folder(&computer));
    assert!(left.iter().all(|path| path.ends_with(".jpg")), "nothing half is left: {left:?}");
}

#[test]
fn a_shoot_an_album_or_all_are_made_anew() {
    let place = Place::new();
    let computer = imported(&place);
    let made = |args: &[&str]| computer.json(&[&["previews", "rebuild"], args].concat());
    computer.json(&["album", "create", "Best"]);
    let first = computer.lines(&["list", "--limit", "3"]);
    for row in &first {
        computer.json(&["album", "add", "Best", &format!("id:{}", row["id"].as_str().unwrap())]);
    }
    assert_eq!(made(&["--album", "Best"])["ready"], 3);
    assert_eq!(made(&["--shoot", "Dance"])["ready"], PHOTOS);
    assert_eq!(made(&["--all"])["ready"], PHOTOS);
    assert_eq!(made(&["--missing"])["ready"], 0);
    for wrong in [["--shoot", "Nobody"], ["--album", "Nothing"]] {
        let said = computer.says(&["previews", "rebuild", wrong[0], wrong[1]]);
        assert!(!matches!(said.code, Some(0)), "there is none: {said:?}");
    }
}

#[test]
fn previews_keep_within_their_bound_and_what_went_comes_back_when_it_is_looked_at() {
    let place = Place::new();
    let computer = imported(&place);
    let status = computer.json(&["previews", "status"]);
    assert_eq!((&status["ready"], &status["thumbs"]), (&PHOTOS.into(), &PHOTOS.into()));
    assert_eq!(status["limit"], 20_000_000_000_u64);
    if cfg!(target_os = "linux") {
        assert_eq!(status["worker"]["closed"], true);
    }
    // Too small for anything: said, and nothing is set.
    let said = computer.says(&["previews", "limit", "5MB"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    // Views that take what is left, as of a library far larger than this one.
    let shard = folder(&computer).join("zz");
    fs::create_dir_all(&shard).unwrap();
    let old = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    for n in 0..10 {
        let file = fs::File::create(shard.join(format!("{n}-view.jpg"))).unwrap();
        file.set_len(20_000_000).unwrap();
        file.set_modified(old).unwrap();
    }
    computer.json(&["previews", "limit", "100MB"]);
    let after = computer.json(&["previews", "status"]);
    assert!(after["bytes"].as_u64().unwrap() <= 100_000_000, "{after}");
    assert_eq!(after["thumbs"], PHOTOS, "thumbnails go last");
    let row = &computer.lines(&["list", "--limit", "1"])[0];
    let id = row["id"].as_str().unwrap();
    let view = folder(&computer).join(&id[..2]).join(format!("{id}-view.jpg"));
    let _ = fs::remove_file(&view);
    let out = place.path("out.jpg");
    computer.json(&["preview", id, "--out", out.to_str().unwrap()]);
    assert!(view.is_file(), "what is looked at is made again");
    computer.json(&["previews", "limit", "none"]);
    assert_eq!(computer.json(&["previews", "status"])["limit"], Value::Null);
}

#[test]
fn a_drive_that_was_away_damages_nothing_and_its_photos_heal() {
    let place = Place::new();
    let truth = darkslide_demo::card::make_many(&place.path("card"), 4, 22).unwrap();
    let computer = place.computer("one");
    computer.init();
    computer.json(&["import", truth.root.to_str().unwrap(), "--no-previews"]);
    let away = |away: bool| {
        let (here, there) = (computer.library.clone(), place.path("elsewhere"));
        let (from, to): (&Path, &Path) = if away { (&here, &there) } else { (&there, &here) };
        fs::rename(from, to).unwrap();
    };
    let id = computer.lines(&["list", "--limit", "1"])[0]["id"].as_str().unwrap().to_owned();
    let out = place.path("out.jpg");
    let look =
        || computer.says(&["preview", &id, "--size", "thumb", "--out", out.to_str().unwrap()]);
    away(true);
    assert_ne!(look().code, Some(0), "there is nothing to show");
    let rebuilt = computer.json(&["previews", "rebuild", "--missing"]);
    assert_eq!((&rebuilt["away"], &rebuilt["damaged"]), (&4.into(), &0.into()), "{rebuilt}");
    let status = computer.json(&["previews", "status"]);
    assert_eq!((&status["damaged"], &status["missing"]), (&0.into(), &4.into()), "{status}");
    away(false);
    assert_eq!(look().code, Some(0), "{:?}", look());
    assert_eq!(computer.json(&["previews", "rebuild", "--missing"])["ready"], 3);
    assert_eq!(computer.json(&["previews", "status"])["ready"], 4);
}
