//! `darkslide export`: verified copies under the original names, nothing replaced, all of it told.

use std::collections::BTreeMap;
use std::path::Path;

use darkslide_demo::card;
use serde_json::Value;

use crate::support::program::{Place, files_below, originals_below, sha256};

fn bytes_below(dir: &Path) -> BTreeMap<String, String> {
    files_below(dir)
        .into_iter()
        .map(|name| (name.clone(), sha256(&std::fs::read(dir.join(name)).unwrap())))
        .collect()
}

#[test]
fn an_export_holds_every_file_under_its_own_name_and_the_second_copies_nothing() {
    let place = Place::new();
    let truth = card::make(
        &place.path("card"),
        &card::Options { long_side: 480, ..card::Options::default() },
    )
    .unwrap();
    let computer = place.computer("one");
    computer.init();
    computer.import(&truth.root, "Smith");
    let to = place.path("out");
    let args = ["export", "--to", to.to_str().unwrap()];

    let done = computer.json(&args);
    let rows = computer.lines(&["list"]);
    assert_eq!(done["failed"], Value::Array(vec![]));
    assert_eq!(done["photos"], rows.len());
    assert_eq!(done["exported"], truth.files().count());
    let out = bytes_below(&to);
    let told: Value =
        serde_json::from_slice(&std::fs::read(to.join("darkslide-export.json")).unwrap()).unwrap();
    let photos = told["photos"].as_array().unwrap();
    assert_eq!(photos.len(), rows.len());
    for (photo, row) in photos.iter().zip(&rows) {
        assert_eq!(photo["captured_at"], row["captured_at"]);
        assert_eq!(photo["shoot"], "Smith");
        let files = photo["files"].as_array().unwrap();
        assert_eq!(files.len(), row["files"].as_array().unwrap().len());
        for file in files {
            let name = file["path"].as_str().unwrap();
            assert_eq!(out[name], file["sha256"].as_str().unwrap(), "{name}");
        }
    }
    let stems: Vec<_> = photos
        .iter()
        .map(|photo| {
            let files = photo["files"].as_array().unwrap();
            let stem =
                |file: &Value| file["path"].as_str().unwrap().split('.').next().unwrap().len();
            files.iter().map(stem).collect::<Vec<_>>()
        })
        .collect();
    assert!(stems.iter().all(|lengths| lengths.iter().all(|n| *n == lengths[0])), "{stems:?}");

    let again = computer.json(&args);
    assert_eq!((&again["exported"], &again["already_here"]), (&0.into(), &done["exported"]));
    assert_eq!(again["metadata"], to.join("darkslide-export-2.json").to_str().unwrap());
    let after = bytes_below(&to);
    assert!(out.iter().all(|(name, hash)| &after[name] == hash));
    assert_eq!(after.len(), out.len() + 1);
}

#[test]
fn taken_names_stay_rotted_copies_are_left_out_and_mirrors_help() {
    let place = Place::new();
    let truth = card::make_many(&place.path("card"), 3, 5).unwrap();
    let computer = place.computer("one");
    let mirror = place.path("mirror");
    let (library, nas) = (computer.library.to_str().unwrap(), mirror.to_str().unwrap());
    computer.json(&["init", "--library", library, "--mirror", nas]);
    computer.import(&truth.root, "Smith");
    let originals = originals_below(&computer.library);
    let spoil = |path: &Path| {
        let time = std::fs::metadata(path).unwrap().modified().unwrap();
        let mut bytes = std::fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(path, bytes).unwrap();
        std::fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    };
    // one copy rotted: the mirror's is taken; both rotted: said, and nothing is given away
    spoil(&computer.library.join(&originals[0]));
    spoil(&computer.library.join(&originals[1]));
    spoil(&mirror.join(&originals[1]));
    let to = place.path("out");
    std::fs::create_dir(&to).unwrap();
    std::fs::write(to.join("IMG_0003.JPG"), "somebody else's").unwrap();

    let done = computer.json_with(&["export", "--to", to.to_str().unwrap()], &[1]);
    assert_eq!(done["exported"], 2, "{done}");
    assert_eq!(done["failed"][0]["path"], "IMG_0002.JPG", "{done}");
    let reason = done["failed"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("no longer holds what was imported"), "{reason}");
    let files: Vec<_> = truth.files().collect();
    let out = bytes_below(&to);
    assert_eq!(out["IMG_0001.JPG"], files[0].sha256);
    assert_eq!(out["IMG_0003.JPG"], sha256(b"somebody else's"));
    assert_eq!(out["IMG_0003-2.JPG"], files[2].sha256);
    assert!(!out.contains_key("IMG_0002.JPG"));

    let inside = computer.library.join("Originals/out");
    let said = computer.says(&["export", "--to", inside.to_str().unwrap()]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.stderr.contains("lies in the library"), "{said:?}");
}
