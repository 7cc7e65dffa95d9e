//! The way back when the bucket is not what it was: what is lost is named, the rest comes whole.

use std::collections::BTreeSet;

use darkslide_demo::card;

use crate::roundtrip::sample_card;
use crate::support::program::{Place, Server, files_below, originals_below, sha256};

#[test]
fn a_damaged_and_a_missing_object_are_named_and_the_rest_comes_back() {
    let place = Place::new();
    let server = Server::start(&place);
    let truth = sample_card(&place, 21);
    let old = place.computer("old").with(server.bucket());
    old.init();
    old.import(&truth.root, "Harbour");
    let words = old.vault_create();
    old.json(&["backup"]);

    let bucket = server.dir.join("photos");
    let mut large: Vec<_> =
        files_below(&bucket).into_iter().filter(|name| name.starts_with("o/")).collect();
    large.sort();
    assert!(large.len() > 2, "some files are objects of their own: {large:?}");
    let (damaged, missing) = (bucket.join(&large[0]), bucket.join(&large[1]));
    let mut bytes = std::fs::read(&damaged).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&damaged, bytes).unwrap();
    std::fs::remove_file(missing).unwrap();

    let new = place.computer("new").with(server.bucket());
    new.vault_open(&words);
    let report = new.json_with(&["restore"], &[1]);
    let all = truth.files().count();
    assert_eq!(report["restored"], all - 2, "{report}");
    let failed = report["failed"].as_array().unwrap();
    let named: BTreeSet<_> = failed.iter().map(|f| f["path"].as_str().unwrap()).collect();
    assert_eq!(named.len(), 2, "both by the name the photographer knows: {report}");
    let reasons = report["failed"].to_string();
    assert!(reasons.contains("damaged") && reasons.contains("not in the bucket"), "{reasons}");

    let here = files_below(&new.library.join("Originals"));
    assert_eq!(here.len(), all - 2, "nothing is kept of a damaged one: {here:?}");
    let wanted: BTreeSet<_> = truth.files().map(|file| file.sha256.clone()).collect();
    for path in &here {
        let bytes = std::fs::read(new.library.join("Originals").join(path)).unwrap();
        assert!(wanted.contains(&sha256(&bytes)), "{path} is byte for byte the card's");
        assert!(!named.contains(format!("Originals/{path}").as_str()), "{path} was said to fail");
    }
}

#[test]
fn a_rotted_original_is_not_called_whole_and_comes_back_beside_it() {
    let place = Place::new();
    let server = Server::start(&place);
    let truth = card::make_many(&place.path("card"), 4, 31).unwrap();
    let computer = place.computer("one").with(server.bucket());
    computer.init();
    computer.import(&truth.root, "Harbour");
    computer.vault_create();
    computer.json(&["backup"]);
    let rotted = computer.library.join(&originals_below(&computer.library)[0]);
    let mut bytes = std::fs::read(&rotted).unwrap();
    let whole = sha256(&bytes);
    bytes[100] ^= 1;
    std::fs::write(&rotted, &bytes).unwrap();

    let report = computer.json(&["restore"]);
    assert_eq!((&report["restored"], &report["already_here"]), (&1.into(), &3.into()), "{report}");
    assert_eq!(std::fs::read(&rotted).unwrap(), bytes, "nothing is overwritten");
    let held: Vec<_> = originals_below(&computer.library)
        .iter()
        .map(|path| sha256(&std::fs::read(computer.library.join(path)).unwrap()))
        .collect();
    assert!(held.len() == 5 && held.contains(&whole), "the whole one lies beside it");
    assert_eq!(computer.json(&["restore"])["restored"], 0, "and is known from now on");
}

#[test]
fn what_was_missing_once_is_read_when_it_is_back() {
    let place = Place::new();
    let server = Server::start(&place);
    let truth = card::make_many(&place.path("card"), 3, 32).unwrap();
    let old = place.computer("old").with(server.bucket());
    old.init();
    old.import(&truth.root, "Harbour");
    let words = old.vault_create();
    old.json(&["backup"]);
    let segments = server.dir.join("photos/cat");
    let aside = place.path("aside");
    std::fs::rename(&segments, &aside).unwrap();

    let new = place.computer("new").with(server.bucket());
    let opened = new.try_vault_open(&words, &[1]);
    assert!(opened["failed"].to_string().contains("cat/"), "it is named: {opened}");
    let backup = new.json_with(&["backup"], &[1]);
    assert!(backup["problems"].to_string().contains("cat/"), "and stays named: {backup}");
    for name in files_below(&aside) {
        std::fs::rename(aside.join(&name), segments.join(&name)).unwrap();
    }
    new.json(&["backup"]);
    assert_eq!(new.lines(&["list"]).len(), 3, "it is read as soon as it is back");
}

#[test]
fn a_bucket_whose_log_is_gone_says_so() {
    let place = Place::new();
    let server = Server::start(&place);
    let truth = card::make_many(&place.path("card"), 3, 33).unwrap();
    let old = place.computer("old").with(server.bucket());
    old.init();
    old.import(&truth.root, "Harbour");
    let words = old.vault_create();
    old.json(&["backup"]);
    std::fs::remove_dir_all(server.dir.join("photos/log")).unwrap();
    let new = place.computer("new").with(server.bucket());
    let opened = new.try_vault_open(&words, &[1]);
    assert_eq!(opened["photos"], 3, "everything is still found: {opened}");
    assert!(opened["failed"].to_string().contains("no commit"), "{opened}");
}

#[test]
fn wrong_words_leave_nothing_behind() {
    let place = Place::new();
    let server = Server::start(&place);
    let old = place.computer("old").with(server.bucket());
    old.init();
    let words = old.vault_create();
    let other = place.computer("other");
    let elsewhere = Place::new();
    let second = Server::start(&elsewhere);
    let other = other.with(second.bucket());
    other.init();
    let wrong = other.vault_create();
    let new = place.computer("new").with(server.bucket());
    let refused = new.try_vault_open(&wrong, &[3]);
    assert_eq!(refused["error"]["code"], "wrong_key", "{refused}");
    assert!(!new.home.join("darkslide").exists(), "no home is set up for words that do not fit");
    new.vault_open(&words);
}
