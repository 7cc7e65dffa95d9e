//! The ASC MHL history beside the originals, judged by the ASC's own program; and cards that bring
//! a history of their own.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use darkslide_demo::card;
use serde_json::Value;

use crate::support::ascmhl;
use crate::support::program::{Computer, Place, files_below, originals_below};

/// A folder that stands for a card, with these files; the bytes are made of the name.
fn make_card(place: &Place, name: &str, files: &[&[u8]]) -> PathBuf {
    let card = place.path(name);
    for file in files {
        let path = card.join(OsStr::from_bytes(file));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, [b"bytes of ", *file, name.as_bytes()].concat().repeat(1000)).unwrap();
    }
    card
}

fn import(computer: &Computer, card: &Path, more: &[&str], codes: &[i32]) -> Value {
    let args = [&["import", card.to_str().unwrap(), "--no-previews"], more].concat();
    computer.json_with(&args, codes)
}

fn flip(path: &Path) {
    let file = fs::File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, 7).unwrap();
    file.write_all_at(&[byte[0] ^ 1], 7).unwrap();
}

#[test]
fn every_import_is_one_generation_that_verifies_in_library_and_mirror() {
    let place = Place::new();
    let computer = place.computer("one");
    let mirror = place.path("mirror");
    fs::create_dir(&mirror).unwrap();
    let [library, at] = [&computer.library, &mirror].map(|p| p.to_str().unwrap());
    computer.json(&["init", "--library", library, "--mirror", at]);
    let roots = [&computer.library, &mirror].map(|root| root.join("Originals"));

    let first = make_card(&place, "first", &[b"DCIM/1.CR3", b"DCIM/1.JPG", b"DCIM/2.JPG"]);
    let report = import(&computer, &first, &["--shoot", "Smith & <Sons>"], &[0]);
    let named = report["mhl"].as_str().unwrap();
    assert!(named.starts_with("Originals/ascmhl/0001_Originals_"), "{report}");
    assert!(computer.library.join(named).is_file() && mirror.join(named).is_file());
    roots.iter().for_each(|root| ascmhl::holds(root, 1));

    let before = fs::read(computer.library.join(named)).unwrap();
    let second = make_card(&place, "second", &[b"DCIM/1.JPG", b"DCIM/3.JPG"]);
    let report = import(&computer, &second, &["--shoot", "Smith & <Sons>"], &[0]);
    assert!(report["mhl"].as_str().unwrap().starts_with("Originals/ascmhl/0002_"), "{report}");
    assert_eq!(fs::read(computer.library.join(named)).unwrap(), before, "never touched again");
    roots.iter().for_each(|root| ascmhl::holds(root, 2));

    let again = import(&computer, &second, &[], &[0]);
    assert_eq!((&again["imported"], &again["mhl"]), (&Value::from(0), &report["mhl"]));
    roots.iter().for_each(|root| ascmhl::holds(root, 2));

    // a copy that is lost comes back from the card, as the same file
    let lost = originals_below(&mirror).pop().unwrap();
    fs::remove_file(mirror.join(&lost)).unwrap();
    assert_eq!(ascmhl::verify(&roots[1]).code, 10, "{lost} is missing");
    import(&computer, &second, &[], &[0]);
    assert!(mirror.join(&lost).is_file());
    ascmhl::holds(&roots[0], 2);
    assert_eq!(ascmhl::verify(&roots[1]).code, 0);

    // the photographer's own use of the program, and ours after it
    assert_eq!(ascmhl::create(&roots[0], "md5").code, 0);
    let third = make_card(&place, "third", &[b"DCIM/9.JPG"]);
    import(&computer, &third, &[], &[0]);
    ascmhl::holds(&roots[0], 4);

    // a new disk in the mirror's place gets all files at once, and one generation that names them
    fs::remove_dir_all(&mirror).unwrap();
    computer.lines(&["mirror", "add", at]);
    assert_eq!(computer.json(&["mirror", "sync"])["failed"], Value::Array(vec![]));
    assert_eq!(originals_below(&mirror), originals_below(&computer.library));
    ascmhl::holds(&roots[1], 1);

    let victim = computer.library.join(&originals_below(&computer.library)[0]);
    flip(&victim);
    let verify = ascmhl::verify(&roots[0]);
    assert_eq!(verify.code, 11, "{}", verify.text);
    assert!(verify.text.contains("hash mismatch"), "{}", verify.text);
    assert_eq!(ascmhl::verify(&roots[1]).code, 0, "the mirror is whole");
}

#[test]
fn an_import_that_was_killed_ends_with_one_generation_over_everything() {
    let place = Place::new();
    let truth = card::make_many(&place.path("card"), 200, 13).unwrap();
    let args = ["import", truth.root.to_str().unwrap(), "--no-previews"];
    let mut killed = 0;
    for n in 0..12 {
        let computer = place.computer(&format!("killed-{n}"));
        computer.init();
        let mut child = computer.start(&args);
        // some files have their names, most have not
        let deadline = Instant::now() + Duration::from_secs(60);
        while originals_below(&computer.library).len() < 20 + n * 5 && Instant::now() < deadline {
            if child.try_wait().unwrap().is_some() {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
        let running = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        if !running || computer.library.join("Originals/ascmhl").exists() {
            continue; // too late: it was about to end
        }
        killed += 1;
        let report = computer.json(&args);
        let already = report["already_here"].as_u64().unwrap();
        assert_eq!(report["imported"].as_u64().unwrap() + already, 200, "{report}");
        ascmhl::holds(&computer.library.join("Originals"), 1);
        let manifest = computer.library.join(report["mhl"].as_str().unwrap());
        let text = fs::read_to_string(manifest).unwrap();
        assert_eq!(text.matches("<hash>").count(), 200, "one generation names everything");
        if killed == 2 {
            return;
        }
    }
    panic!("no import was killed in time");
}

#[test]
fn names_of_every_kind_are_verified() {
    let place = Place::new();
    let computer = place.computer("one");
    computer.init();
    let names: &[&[u8]] = &[
        b"a & <b> \"c\" 'd'.jpg",
        b"&amp;&#65;.jpg",
        b"]]>.jpg",
        b"'); DROP TABLE photos;--.jpg",
        b"..jpg",
        b" two  spaces .jpg",
        b"trailing. ",
        b"back\\slash.jpg",
        b"line\nbreak.jpg",
        b"tab\tand\x1bescape.jpg",
        b"\xff\xfe\xed\xa0\x80.jpg",
        "caf\u{e9}.jpg".as_bytes(),
        "cafe\u{301}.jpg".as_bytes(),
        "right\u{202e}gpj.exe".as_bytes(),
        "not\u{fffe}xml\u{ffff}.jpg".as_bytes(),
        "🎞️ film.jpg".as_bytes(),
        b"CON.jpg",
        b".hidden.jpg",
        b"ascmhl",
        b"#comment.jpg",
        b"!not.jpg",
        b"[a]*?.jpg",
        b"DCIM/ascmhl/clip.jpg",
    ];
    let card = make_card(&place, "card", names);
    fs::write(card.join("nothing.bin"), "").unwrap();
    let total = names.len() + 1;
    let report = import(&computer, &card, &["--shoot", "ascmhl"], &[0]);
    assert_eq!(report["imported"], total, "{report}");
    ascmhl::holds(&computer.library.join("Originals"), 1);

    // without a fixed folder, the library itself is the root, and holds our records as well
    let other = place.computer("other");
    other.init();
    for shoot in ["ascmhl", "Second"] {
        let card = make_card(&place, shoot, names);
        let template = ["--template", "{shoot}/{original}", "--shoot", shoot];
        let report = import(&other, &card, &template, &[0]);
        assert!(report["mhl"].as_str().unwrap().starts_with("ascmhl/"), "{report}");
    }
    ascmhl::holds(&other.library, 2);
    let named = files_below(&other.library.join("_ascmhl"));
    assert_eq!(named.len(), names.len(), "a shoot of that name is no history");
}

#[test]
fn a_cards_own_history_is_what_its_files_are_compared_with() {
    let place = Place::new();
    let computer = place.computer("one");
    computer.init();
    let card = make_card(&place, "card", &[b"DCIM/1.JPG", b"DCIM/2.JPG", b"DCIM/a & b.JPG"]);
    for format in ["md5", "sha1", "xxh64", "xxh3", "xxh128", "c4"] {
        fs::remove_dir_all(card.join("ascmhl")).ok();
        assert_eq!(ascmhl::create(&card, format).code, 0);
        let computer = place.computer(format);
        computer.init();
        let report = import(&computer, &card, &[], &[0]);
        let reference = &report["reference"];
        assert_eq!((&reference["checked"], &reference["differing"]), (&3.into(), &0.into()));
        assert!(reference["manifest"].as_str().unwrap().starts_with("ascmhl/0001_card_"));
        assert_eq!(reference["missing"], Value::Array(vec![]), "{format}: {report}");
        ascmhl::holds(&computer.library.join("Originals"), 1);
    }

    // the card's bits rot, and a file is lost
    flip(&card.join("DCIM/2.JPG"));
    fs::remove_file(card.join("DCIM/1.JPG")).unwrap();
    let report = import(&computer, &card, &[], &[1]);
    let reference = &report["reference"];
    assert_eq!((&reference["checked"], &reference["differing"]), (&2.into(), &1.into()));
    assert_eq!(reference["missing"], serde_json::json!(["DCIM/1.JPG"]));
    assert_eq!(report["safe_to_format"], false);
    let [failed] = &report["failed"].as_array().unwrap()[..] else { panic!("{report}") };
    assert_eq!(failed["path"], "DCIM/2.JPG");
    let reason = failed["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("differs from the card's own manifest ascmhl/0001_card_"),
        "{reason}"
    );
    let kept = originals_below(&computer.library);
    assert!(!kept.iter().any(|path| path.ends_with("2.JPG")), "{kept:?}");
    let said = computer.says(&["import", card.to_str().unwrap(), "--no-previews"]);
    assert!(said.stdout.contains("MISSING  DCIM/1.JPG"), "{}", said.stdout);

    // the same card, read well this time
    flip(&card.join("DCIM/2.JPG"));
    fs::write(card.join("DCIM/1.JPG"), b"bytes of DCIM/1.JPGcard".repeat(1000)).unwrap();
    let report = import(&computer, &card, &[], &[0]);
    assert_eq!(report["reference"]["missing"], Value::Array(vec![]), "{report}");
    ascmhl::holds(&computer.library.join("Originals"), 1);
}

#[test]
fn sidecars_that_are_written_again_leave_the_history_whole() {
    let place = Place::new();
    let computer = place.computer("one");
    let mirror = place.path("mirror");
    fs::create_dir(&mirror).unwrap();
    let [library, at] = [&computer.library, &mirror].map(|p| p.to_str().unwrap());
    computer.json(&["init", "--library", library, "--mirror", at]);
    let card = make_card(&place, "card", &[b"DCIM/1.CR3", b"DCIM/2.JPG"]);
    import(&computer, &card, &["--copyright", "Ann", "--sidecars", "raw"], &[0]);
    let verify = || {
        for root in [&computer.library, &mirror] {
            let said = ascmhl::verify(&root.join("Originals"));
            assert_eq!(said.code, 0, "{said:?}");
        }
    };
    verify();
    for more in [&[][..], &["--all"]] {
        computer.json(&["tag", "rating>=0", "--rating", &(3 + more.len()).to_string()]);
        let written = computer.json(&[&["sidecars", "write"][..], more].concat());
        assert!(written["written"].as_u64() > Some(0), "{written}");
        verify();
    }
}
