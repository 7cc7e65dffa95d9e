//! What lies in the library already, what other programs did to it, and what joins it by itself.

use std::fs;
use std::path::Path;

use darkslide_demo::card;
use serde_json::{Value, json};

use crate::support::program::{Computer, Place, Server, files_below};

/// A tree of 12 photos from before the program, as a library.
fn old_tree(place: &Place) -> Computer {
    let computer = place.computer("one");
    card::make_many(&computer.library.join("2019/Paris"), 12, 21).unwrap();
    computer.init();
    computer
}

fn adopt(computer: &Computer) -> Value {
    computer.json(&["adopt", computer.library.to_str().unwrap()])
}

#[test]
fn an_adopted_tree_is_backed_up_once_however_it_is_moved_about() {
    let place = Place::new();
    let server = Server::start(&place);
    let mut computer = old_tree(&place).with(server.bucket());
    let before = files_below(&computer.library);
    let report = adopt(&computer);
    assert_eq!((&report["adopted"], &report["failed"]), (&json!(12), &json!([])), "{report}");
    assert_eq!(files_below(&computer.library), before, "nothing was moved, copied or added");
    assert!(computer.lines(&["list"]).iter().all(|row| row["preview"]["state"] == "ready"));
    let words = computer.vault_create();
    assert_eq!(computer.json(&["backup"])["uploaded"], 12);
    let stored = || server.objects().iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
    let before = stored();

    // another program renames a folder and a file, and the whole library goes to another disk
    let paris = computer.library.join("2019/Paris");
    fs::rename(paris.join("DCIM/100CANON/IMG_0001.JPG"), paris.join("Eiffel.jpg")).unwrap();
    fs::rename(&paris, computer.library.join("Travel")).unwrap();
    let disk = place.path("new-disk");
    fs::rename(&computer.library, &disk).unwrap();
    computer.library = disk;
    let elsewhere = computer.says(&["library", "at", place.path("one").to_str().unwrap()]);
    assert_eq!(elsewhere.code, Some(2), "another folder is not the library: {}", elsewhere.stderr);

    // it is told by the files that lie where they did
    fs::rename(computer.library.join("Travel"), computer.library.join("2019/Paris")).unwrap();
    let moved = computer.json(&["library", "at", computer.library.to_str().unwrap()]);
    assert_eq!(moved["recognised_by"], 11, "{moved}");
    fs::rename(computer.library.join("2019/Paris"), computer.library.join("2019/Travel")).unwrap();

    let again = computer.json(&["backup"]);
    assert_eq!((&again["uploaded"], &again["failed"]), (&json!(0), &json!([])), "{again}");
    assert!(stored() - before < 100_000, "what was sent is the catalogue alone");
    assert_eq!(computer.lines(&["list", "status:missing"]).len(), 0);
    let found = computer.json(&["library", "rescan"]);
    assert_eq!((&found["in_place"], &found["missing"]), (&json!(12), &json!([])), "{found}");

    // a new computer puts them where they lie now
    let new = place.computer("new").with(server.bucket());
    new.vault_open(&words);
    assert_eq!(new.json(&["restore"])["restored"], 12);
    assert!(new.library.join("2019/Travel/Eiffel.jpg").is_file());
}

#[test]
fn what_is_gone_from_everywhere_is_said_at_every_backup() {
    let place = Place::new();
    let server = Server::start(&place);
    let computer = old_tree(&place).with(server.bucket());
    adopt(&computer);
    computer.vault_create();
    let gone = computer.library.join("2019/Paris/DCIM/100CANON/IMG_0003.JPG");
    let kept = place.path("kept.jpg");
    fs::rename(&gone, &kept).unwrap();
    for _ in 0..2 {
        let backup = computer.json_with(&["backup"], &[1]);
        assert_eq!(backup["failed"].as_array().unwrap().len(), 1, "{backup}");
    }
    assert_eq!(computer.lines(&["list", "status:missing"]).len(), 1);
    fs::rename(&kept, computer.library.join("back.jpg")).unwrap();
    assert_eq!(computer.json(&["backup"])["uploaded"], 1);
}

#[test]
fn a_tree_outside_the_library_is_refused_with_what_to_do() {
    let place = Place::new();
    let computer = old_tree(&place);
    let outside = place.path("outside");
    fs::create_dir(&outside).unwrap();
    let said = computer.says(&["adopt", outside.to_str().unwrap()]);
    assert_eq!(said.code, Some(2));
    assert!(said.stderr.contains("init --library"), "{}", said.stderr);
}

#[test]
fn an_export_joins_its_photo_and_a_re_export_comes_as_a_new_version() {
    let place = Place::new();
    let computer = old_tree(&place);
    adopt(&computer);
    let exports = place.path("exports");
    fs::create_dir(&exports).unwrap();
    let dir = exports.to_str().unwrap();
    computer.json(&["watch", "add", dir, "--as", "finished"]);
    let original = computer.library.join("2019/Paris/DCIM/100CANON/IMG_0004.JPG");
    let export = |tail: &[u8]| {
        let bytes = [fs::read(&original).unwrap().as_slice(), tail].concat();
        fs::write(exports.join("IMG_0004.jpg"), bytes).unwrap();
    };
    let run = || computer.json(&["watch", "run", "--settle", "0s"])["folders"][0].clone();

    export(b"first");
    let first = run();
    assert_eq!(first["added"][0]["attached"], true, "{first}");
    let to = |report: &Value| report["added"][0]["to"].as_str().unwrap().to_owned();
    assert_eq!(to(&first), "Finished/2019/Paris/DCIM/100CANON/IMG_0004.jpg");
    assert_eq!(run()["already_here"], 1);
    export(b"second");
    let second = run();
    assert_eq!(second["added"][0]["new_version"], true, "{second}");
    ends_with(&computer.library.join(to(&first)), b"first");
    ends_with(&computer.library.join(to(&second)), b"second");
    let rows = computer.lines(&["list"]);
    assert_eq!(rows.len(), 12, "no photo was added");
    assert_eq!(rows.iter().map(|row| row["files"].as_array().unwrap().len()).max(), Some(3));

    fs::rename(&exports, place.path("away")).unwrap();
    assert_eq!(run()["away"], true, "a drive that is away is no failure");
    assert_eq!(computer.lines(&["watch", "list"])[0]["away"], true);
    computer.json(&["watch", "remove", dir]);
    assert_eq!(computer.lines(&["watch", "list"]).len(), 0);
}

#[test]
fn following_takes_an_export_in_while_other_commands_run_and_ends_on_ctrl_c() {
    let place = Place::new();
    let computer = old_tree(&place);
    adopt(&computer);
    let exports = place.path("exports");
    fs::create_dir(&exports).unwrap();
    computer.json(&["watch", "add", exports.to_str().unwrap(), "--as", "finished"]);
    let mut child = computer.start(&["watch", "follow", "--settle", "1s", "--json"]);
    let original = computer.library.join("2019/Paris/DCIM/100CANON/IMG_0004.JPG");
    let bytes = [fs::read(&original).unwrap().as_slice(), b"export"].concat();
    fs::write(exports.join("IMG_0004.jpg"), bytes).unwrap();

    let joined = computer.library.join("Finished/2019/Paris/DCIM/100CANON/IMG_0004.jpg");
    for _ in 0..600 {
        if joined.exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    ends_with(&joined, b"export");
    // the catalogue is free but for the moments of a pass
    let listed = (0..50).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(200));
        computer.says(&["list"]).code == Some(0)
    });
    assert!(listed && child.try_wait().unwrap().is_none(), "it goes on, and so do others");
    let stopped =
        std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(stopped.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let said: Value = serde_json::from_slice(&output.stdout).expect("one document, of one pass");
    assert_eq!(said["folders"][0]["added"][0]["attached"], true, "{said}");
}

#[track_caller]
fn ends_with(path: &Path, tail: &[u8]) {
    assert!(fs::read(path).unwrap().ends_with(tail), "{}", path.display());
}

#[test]
fn a_drive_that_is_away_gets_nothing_and_loses_nothing() {
    let place = Place::new();
    let computer = old_tree(&place);
    adopt(&computer);
    let (card, exports) = (place.path("card"), place.path("exports"));
    card::make_many(&card, 3, 5).unwrap();
    fs::create_dir(&exports).unwrap();
    let added = computer.says(&["watch", "add", exports.to_str().unwrap(), "--as", "finished"]);
    assert_eq!(added.code, Some(0), "{}", added.stderr);
    fs::copy(card.join("DCIM/100CANON/IMG_0001.JPG"), exports.join("new.jpg")).unwrap();

    // the drive goes and leaves the folder it was mounted on
    let drive = place.path("drive");
    fs::rename(&computer.library, &drive).unwrap();
    fs::create_dir(&computer.library).unwrap();
    let (card, library) = (card.to_str().unwrap(), computer.library.to_str().unwrap());
    let tries: [&[&str]; 5] = [
        &["import", card],
        &["watch", "run", "--settle", "0s"],
        &["library", "rescan"],
        &["adopt", library],
        &["sidecars", "write"],
    ];
    for args in tries {
        let said = computer.says(args);
        assert_eq!(said.code, Some(3), "{args:?}: {}{}", said.stdout, said.stderr);
        assert_eq!(fs::read_dir(&computer.library).unwrap().count(), 0, "{args:?}");
    }
    assert_eq!(computer.lines(&["list", "status:missing"]).len(), 0, "nothing is forgotten");

    fs::remove_dir(&computer.library).unwrap();
    fs::rename(&drive, &computer.library).unwrap();
    let run = computer.json(&["watch", "run", "--settle", "0s"]);
    assert_eq!(run["folders"][0]["added"].as_array().unwrap().len(), 1, "{run}");
    assert_eq!(computer.json(&["import", card])["failed"], json!([]));
}

#[test]
fn a_second_home_shares_a_library_and_takes_it_from_nobody() {
    let place = Place::new();
    let first = old_tree(&place);
    adopt(&first);
    let mut second = place.computer("second");
    second.library = first.library.clone();
    let library = first.library.to_str().unwrap();
    let made = second.json(&["init", "--library", library]);
    assert_eq!(made["shared"], true, "{made}");
    assert_eq!(adopt(&second)["adopted"], 12);
    let card = place.path("card");
    card::make_many(&card, 2, 5).unwrap();
    for computer in [&first, &second] {
        let done = computer.json(&["import", card.to_str().unwrap()]);
        assert_eq!(done["failed"], json!([]), "{done}");
    }
    // a mirror is of one library only
    let third = place.computer("third");
    third.init();
    let said = third.says(&["mirror", "add", library]);
    assert_eq!(said.code, Some(2), "{}", said.stderr);
    assert!(said.stderr.contains("belongs to another library"), "{}", said.stderr);
}

#[test]
fn a_link_to_the_library_is_the_library() {
    let place = Place::new();
    let computer = old_tree(&place);
    adopt(&computer);
    let (link, mirror) = (place.path("link"), place.path("mirror"));
    std::os::unix::fs::symlink(&computer.library, &link).unwrap();
    assert_eq!(computer.says(&["mirror", "add", mirror.to_str().unwrap()]).code, Some(0));
    let mirror_link = place.path("mirror-link");
    std::os::unix::fs::symlink(&mirror, &mirror_link).unwrap();
    let before = files_below(&computer.library);
    let (dotted, below) = (mirror.join("../link/2019/out"), link.join("out"));
    let tries: [&[&str]; 5] = [
        &["export", "--to", below.to_str().unwrap()],
        &["export", "--to", dotted.to_str().unwrap()],
        &["mirror", "add", link.to_str().unwrap()],
        &["mirror", "add", mirror_link.to_str().unwrap()],
        &["library", "at", link.to_str().unwrap(), "--mirror", mirror.to_str().unwrap()],
    ];
    for args in tries {
        let said = computer.says(args);
        assert_eq!(said.code, Some(2), "{args:?}: {}{}", said.stdout, said.stderr);
    }
    assert_eq!(files_below(&computer.library), before);
}

#[test]
fn what_failed_is_said_quietly_and_names_move_no_cursor() {
    let place = Place::new();
    let computer = place.computer("one");
    computer.init();
    let (card, exports) = (place.path("card"), place.path("ex\x1b]0;ports"));
    fs::create_dir_all(&exports).unwrap();
    fs::create_dir_all(&card).unwrap();
    let picture = card::make_many(&place.path("source"), 1, 5).unwrap();
    let picture = picture.root.join("DCIM/100CANON/IMG_0001.JPG");
    fs::copy(&picture, exports.join("a\x1b[31m\nFAILED b.jpg")).unwrap();
    computer.says(&["watch", "add", exports.to_str().unwrap(), "--as", "finished"]);
    for args in [
        &["watch", "list"][..],
        &["watch", "run", "--settle", "0s"],
        &["imports"],
        &["import", "/nowhere\x1b]0;card"],
        &["watch", "remove", exports.to_str().unwrap()],
    ] {
        let said = computer.says(args);
        let text = format!("{}{}", said.stdout, said.stderr);
        assert!(text.contains("\\u{1b}"), "{args:?}: {text}");
        assert!(!text.contains('\x1b') && !text.contains("\nFAILED"), "{args:?}: {text}");
    }

    // a manifest that names a file the card does not have: the card is kept, and that is said
    fs::copy(&picture, card.join("a.jpg")).unwrap();
    fs::write(card.join("card.md5"), format!("{}  gone.jpg\n", "0".repeat(32))).unwrap();
    let said = computer.says(&["-q", "import", card.to_str().unwrap()]);
    assert_eq!((said.code, said.stdout.as_str()), (Some(1), ""), "{}", said.stderr);
    assert!(said.stderr.contains("Keep the card: "), "{}", said.stderr);
    assert!(said.stderr.contains("MISSING  gone.jpg"), "{}", said.stderr);
}
