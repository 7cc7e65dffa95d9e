//! The way back when the bucket is not what it was: what is lost is named, the rest comes whole.

use std::collections::BTreeSet;

use crate::roundtrip::sample_card;
use crate::support::program::{Place, Server, files_below, sha256};

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
