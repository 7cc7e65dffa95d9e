//! The whole job and the way back: what a new computer sees is what the old one had.

use std::collections::BTreeMap;

use darkslide_demo::card::{self, CardTruth};
use serde_json::Value;

use crate::support::garage::Garage;
use crate::support::program::{Bucket, Computer, Place, Server, originals_below, sha256};

#[test]
fn a_vault_comes_back_from_words_and_bucket_on_the_demo_server() {
    let place = Place::new();
    let server = Server::start(&place);
    whole_job(&place, server.bucket());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_comes_back_from_words_and_bucket_on_garage() {
    let garage = Garage::start(&["photos"]).await;
    whole_job(&Place::new(), Bucket::from(&garage));
}

fn whole_job(place: &Place, bucket: Bucket) {
    let truth = sample_card(place, 7);
    let old = place.computer("old").with(bucket.clone());
    old.init();

    let report = old.import(&truth.root, "Müller wedding");
    assert_eq!(report["imported"], truth.files().count(), "{report}");
    assert_eq!(report["failed"], Value::Array(vec![]));
    assert_eq!(report["bytes"], truth.bytes());
    library_holds(&old, &truth);
    edit(&old);
    let words = old.vault_create();
    let backup = old.json(&["backup"]);
    assert_eq!(backup["failed"], Value::Array(vec![]));
    assert_eq!(backup["uploaded"], truth.files().count(), "{backup}");

    let again = old.json(&["backup"]);
    assert_eq!(again["uploaded"], 0, "a second run has nothing to do: {again}");

    let new = place.computer("new").with(bucket);
    new.vault_open(&words);
    assert_eq!(rows(&new), rows(&old), "the catalogue is the same, but for local paths");
    assert_eq!(new.lines(&["list", "rating>=4 keyword:dance"]).len(), 2);

    let restored = new.json(&["restore"]);
    assert_eq!(restored["restored"], truth.files().count(), "{restored}");
    assert_eq!(restored["failed"], Value::Array(vec![]));
    library_holds(&new, &truth);

    let twice = new.json(&["restore"]);
    assert_eq!(twice["restored"], 0, "what is here is not fetched again: {twice}");
}

/// What the catalogue alone knows: no original holds it.
fn edit(computer: &Computer) {
    let photos = computer.lines(&["list", "camera:R6m2"]);
    let id = |n: usize| format!("id:{}", photos[n]["id"].as_str().unwrap());
    for n in [0, 3] {
        computer.json(&["tag", &id(n), "--rating", "4", "--keyword", "dance", "--label", "red"]);
    }
    computer.json(&["tag", &id(1), "--rating", "1", "--caption", "Für Großmutter 🎞"]);
    computer.json(&["album", "create", "Best"]);
    computer.json(&["album", "add", "Best", "rating>=4"]);
}

/// Every file of the card lies in the library once, with its bytes.
fn library_holds(computer: &Computer, truth: &CardTruth) {
    let mut wanted: Vec<_> = truth.files().map(|file| file.sha256.clone()).collect();
    let mut found: Vec<_> = originals_below(&computer.library)
        .iter()
        .map(|path| sha256(&std::fs::read(computer.library.join(path)).unwrap()))
        .collect();
    wanted.sort();
    found.sort();
    assert_eq!(found, wanted, "the library holds exactly the card's files");
}

/// `list --json` by photo, without what belongs to one computer.
fn rows(computer: &Computer) -> BTreeMap<String, Value> {
    let rows = computer.lines(&["list"]);
    let mut out = BTreeMap::new();
    for mut row in rows {
        let object = row.as_object_mut().expect("a row is an object");
        object.remove("path");
        object.remove("copies");
        for file in object["files"].as_array_mut().expect("a row has files") {
            file.as_object_mut().expect("a file is an object").remove("path");
        }
        let id = object["id"].as_str().expect("a row has an id").to_owned();
        assert!(out.insert(id, row).is_none(), "an exposure is listed once");
    }
    assert!(!out.is_empty());
    out
}

pub fn sample_card(place: &Place, seed: u64) -> CardTruth {
    let options = card::Options { seed, long_side: 600, ..card::Options::default() };
    card::make(&place.path("card"), &options).unwrap()
}

#[test]
fn the_catalogue_says_what_the_card_holds() {
    let place = Place::new();
    let truth = sample_card(&place, 9);
    let computer = place.computer("one");
    computer.init();
    computer.import(&truth.root, "Harbour");

    let mut by_hash: BTreeMap<String, Value> = BTreeMap::new();
    for row in computer.lines(&["list"]) {
        by_hash.insert(row["sha256"].as_str().unwrap().to_owned(), row);
    }
    assert_eq!(by_hash.len(), truth.exposures.len(), "one row an exposure");
    for exposure in &truth.exposures {
        let lead = &exposure.files[0];
        let row = by_hash.get(&lead.sha256).unwrap_or_else(|| panic!("{} has no row", lead.path));
        let mut wanted: Vec<_> = exposure.files.iter().map(|f| f.sha256.as_str()).collect();
        let mut found: Vec<_> = row["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["sha256"].as_str().unwrap())
            .collect();
        wanted.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, wanted, "{} and its companions", lead.path);
        if let Some(taken) = &exposure.captured_at {
            assert_eq!(row["captured_at"], taken.as_str(), "{}", lead.path);
        }
        if let Some(model) = &exposure.model {
            assert_eq!(row["model"], model.as_str(), "{}", lead.path);
        }
        let state = row["preview"]["state"].as_str().unwrap();
        let video = lead.path.ends_with(".MP4");
        assert!(
            if exposure.broken { state == "damaged" } else { state == "ready" || video },
            "{}: the preview is {state}",
            lead.path
        );
        assert_eq!(row["shoot"], "Harbour");
    }
}

#[test]
fn the_same_card_twice_is_already_here() {
    let place = Place::new();
    let truth = card::make_many(&place.path("card"), 20, 5).unwrap();
    let computer = place.computer("one");
    computer.init();
    computer.import(&truth.root, "One");
    let again = computer.import(&truth.root, "One");
    assert_eq!(again["imported"], 0, "{again}");
    assert_eq!(again["already_here"], 20, "{again}");
    library_holds(&computer, &truth);
}
