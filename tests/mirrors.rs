//! Mirrors that come and go, several cards at once, and the verdict that follows them.

use std::path::Path;

use darkslide_demo::card;
use serde_json::Value;

use crate::support::program::{Computer, Place, Server, files_below, originals_below, sha256};

/// A folder on another device than the tests' temporary ones.
fn other_disk() -> tempfile::TempDir {
    let dir = tempfile::Builder::new().prefix("darkslide-test-").tempdir_in("/dev/shm");
    dir.expect("Linux has /dev/shm")
}

fn hashes(root: &Path) -> Vec<String> {
    let bytes = |path: &String| std::fs::read(root.join(path)).unwrap();
    let mut all: Vec<_> = originals_below(root).iter().map(|p| sha256(&bytes(p))).collect();
    all.sort();
    all
}

fn verdicts(computer: &Computer) -> Vec<(bool, usize)> {
    let imports = computer.lines(&["imports"]);
    let missing = |import: &Value| import["missing"].as_array().unwrap().len();
    imports.iter().map(|i| (i["safe_to_format"].as_bool().unwrap(), missing(i))).collect()
}

#[test]
fn a_mirror_that_was_away_is_made_up_for_and_turns_the_verdict() {
    let place = Place::new();
    let shm = other_disk();
    let (mirror, parked) = (shm.path().join("nas"), shm.path().join("parked"));
    let computer = place.computer("one");
    let (library, nas) = (computer.library.to_str().unwrap(), mirror.to_str().unwrap());
    computer.json(&["init", "--library", library, "--mirror", nas]);
    let truth = card::make_many(&place.path("card"), 12, 3).unwrap();
    let card = truth.root.to_str().unwrap();

    // The network drive drops away; an empty folder stays where it was mounted.
    std::fs::rename(&mirror, &parked).unwrap();
    std::fs::create_dir(&mirror).unwrap();
    let report = computer.json_with(&["import", card], &[1]);
    assert_eq!((&report["imported"], &report["safe_to_format"]), (&12.into(), &false.into()));
    assert_eq!(report["mirror_failed"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(files_below(&mirror).len(), 0, "nothing fills the empty mount point");
    assert_eq!(verdicts(&computer), [(false, 12)]);

    // It is back, the card long gone: the next import of another card makes up for it.
    std::fs::remove_dir(&mirror).unwrap();
    std::fs::rename(&parked, &mirror).unwrap();
    std::fs::remove_dir_all(&truth.root).unwrap();
    let next = card::make_many(&place.path("next"), 3, 4).unwrap();
    let report = computer.json(&["import", next.root.to_str().unwrap()]);
    assert_eq!(report["made_up"]["files"], 12, "{report}");
    assert_eq!(hashes(&mirror), hashes(&computer.library));
    assert_eq!(verdicts(&computer), [(true, 0), (true, 0)], "both cards may be formatted");
    assert_eq!(computer.json(&["mirror", "sync"])["files"], 0);

    // A new disk in the old one's place is filled on request.
    std::fs::remove_dir_all(&mirror).unwrap();
    computer.lines(&["mirror", "add", nas]);
    assert_eq!(verdicts(&computer), [(false, 3), (false, 12)], "those copies are gone");
    assert_eq!(computer.json(&["mirror", "sync"])["files"], 15);
    assert_eq!(hashes(&mirror), hashes(&computer.library));
    assert_eq!(verdicts(&computer), [(true, 0), (true, 0)]);
}

#[test]
fn a_mirror_on_the_card_itself_never_makes_it_safe_to_format() {
    let place = Place::new();
    let shm = other_disk();
    let (card, mirror) = (shm.path().join("card"), shm.path().join("mirror"));
    let computer = place.computer("one");
    let (library, mirror) = (computer.library.to_str().unwrap(), mirror.to_str().unwrap());
    computer.json(&["init", "--library", library, "--mirror", mirror]);
    let truth = card::make_many(&card, 4, 9).unwrap();
    let report = computer.json(&["import", truth.root.to_str().unwrap(), "--no-previews"]);
    assert_eq!(report["safe_to_format"], false, "{report}");
    assert_eq!(verdicts(&computer), [(false, 4)], "formatting takes those copies with it");
}

#[test]
fn a_copy_that_is_gone_is_no_copy_and_is_made_up_for() {
    let place = Place::new();
    let shm = other_disk();
    let (mirror, parked) = (shm.path().join("nas"), shm.path().join("parked"));
    let computer = place.computer("one");
    let (library, nas) = (computer.library.to_str().unwrap(), mirror.to_str().unwrap());
    computer.json(&["init", "--library", library, "--mirror", nas]);
    let truth = card::make_many(&place.path("card"), 6, 10).unwrap();
    computer.json(&["import", truth.root.to_str().unwrap(), "--no-previews"]);
    assert_eq!(verdicts(&computer), [(true, 0)]);

    let there = originals_below(&mirror);
    for path in &there[1..] {
        std::fs::remove_file(mirror.join(path)).unwrap();
    }
    std::fs::write(mirror.join(&there[0]), "half").unwrap();
    assert_eq!(verdicts(&computer), [(false, 6)]);
    let list = &computer.lines(&["mirror", "list"])[0];
    assert_eq!((&list["files_left"], &list["files_gone"]), (&6.into(), &6.into()), "{list}");
    assert_eq!(computer.json(&["mirror", "sync"])["files"], 6);
    assert_eq!(verdicts(&computer), [(true, 0)]);

    // A drive in a drawer counts as it was last proven, and that is said.
    std::fs::rename(&mirror, &parked).unwrap();
    let away = &computer.lines(&["imports"])[0];
    assert_eq!((&away["safe_to_format"], &away["resting_on"][0]), (&true.into(), &nas.into()));
    let said = computer.says(&["imports"]).stdout;
    assert!(said.contains("if what was last seen on"), "{said}");
    let original = &originals_below(&computer.library)[0];
    std::fs::remove_file(computer.library.join(original)).unwrap();
    assert_eq!(verdicts(&computer), [(false, 1)]);
    std::fs::rename(&parked, &mirror).unwrap();
    std::fs::remove_dir_all(mirror.join("Originals")).unwrap();
    let said = computer.says(&["imports"]).stdout;
    let wanted = "keep the card: 1 file with no other copy here, 5 files with one copy only";
    assert!(said.contains(wanted), "{said}");
}

#[test]
fn an_adopted_tree_is_no_card() {
    let place = Place::new();
    let computer = place.computer("one");
    computer.init();
    let truth = card::make_many(&computer.library.join("old"), 3, 11).unwrap();
    computer.json(&["adopt", truth.root.to_str().unwrap(), "--no-previews"]);
    let import = &computer.lines(&["imports"])[0];
    assert_eq!((&import["kind"], &import["safe_to_format"]), (&"adopted".into(), &false.into()));
    let said = computer.says(&["imports"]).stdout;
    assert!(said.contains("adopted: 3 files with one copy only"), "{said}");
}

#[test]
fn a_backup_makes_the_card_safe_to_format() {
    let place = Place::new();
    let server = Server::start(&place);
    let computer = place.computer("one").with(server.bucket());
    computer.init();
    let truth = card::make_many(&place.path("card"), 5, 6).unwrap();
    let report = computer.import(&truth.root, "Harbour");
    assert_eq!(report["safe_to_format"], false, "one disk is one place");
    assert_eq!(report["missing"].as_array().unwrap().len(), 5);
    computer.vault_create();
    assert_eq!(verdicts(&computer), [(false, 5)]);
    let backup = computer.json(&["backup"]);
    assert_eq!(backup["now_safe"][0]["source"], truth.root.to_str().unwrap(), "{backup}");
    assert_eq!(verdicts(&computer), [(true, 0)]);
    assert_eq!(computer.json(&["backup"])["now_safe"], Value::Array(vec![]), "said once");
    let again = computer.import(&truth.root, "Harbour");
    assert_eq!(again["safe_to_format"], true, "{again}");
}

#[test]
fn two_cards_are_imported_at_once_and_each_has_its_own_verdict() {
    let place = Place::new();
    let computer = place.computer("one");
    computer.init();
    let a = card::make_many(&place.path("a"), 30, 7).unwrap();
    let b = card::make_many(&place.path("b"), 20, 8).unwrap();
    let (a, b) = (a.root.to_str().unwrap(), b.root.to_str().unwrap());
    let nowhere = place.path("nowhere");
    let report = computer.json_with(&["import", a, b, nowhere.to_str().unwrap()], &[1]);
    assert_eq!(report["imported"], 50, "{report}");
    let cards = report["cards"].as_array().unwrap();
    assert_eq!((&cards[0]["imported"], &cards[1]["imported"]), (&30.into(), &20.into()));
    assert!(cards[2]["error"]["message"].as_str().unwrap().contains("nowhere"), "{report}");
    assert_eq!(report["safe_to_format"], false);
    let missing = report["missing_on"].as_array().unwrap();
    assert_eq!(missing.iter().filter(|left| left["source"] == a).count(), 30, "{report}");
    let (gone, away) = (nowhere.to_str().unwrap(), place.path("away"));
    let said = computer.says(&["import", gone, away.to_str().unwrap()]);
    assert!(said.stderr.contains("nowhere") && said.stderr.contains("away"), "each: {said:?}");
    assert_eq!(computer.lines(&["list"]).len(), 50);
    let mut each = verdicts(&computer);
    each.sort_unstable();
    assert_eq!(each, [(false, 20), (false, 30)], "an import for each card");
}
