//! A preset through the real program: names, fields, clock, the way to the bucket and back.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::program::{Place, Server, originals_below, sha256};

fn card(place: &Place) -> std::path::PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/card");
    let card = place.path("card");
    let folder = card.join("DCIM/100CANON");
    fs::create_dir_all(&folder).unwrap();
    for (from, to) in [
        ("rp.cr3", "IMG_0001.CR3"),
        ("squirrel.jpg.xmp", "IMG_0001.XMP"),
        ("squirrel.jpg", "IMG_0002.JPG"),
    ] {
        fs::copy(fixtures.join(from), folder.join(to)).unwrap();
    }
    card
}

#[test]
fn a_preset_names_describes_and_follows_to_the_next_computer() {
    let place = Place::new();
    let server = Server::start(&place);
    let card = card(&place);
    let card = card.to_str().unwrap();
    let old = place.computer("old").with(server.bucket());
    old.init();

    let refused = old.says(&["preset", "create", "x", "--template", "{frame}"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("seq_day"), "it says which tokens there are: {refused:?}");

    let made = old.json(&[
        "preset",
        "create",
        "Wedding",
        "--template",
        "Originals/{shoot_date} {job}/{job}_{seq_day:3}.{ext:lower}",
        "--day-starts",
        "4",
        "--creator",
        "Ada Müller",
        "--copyright",
        "© 2026 Ada Müller",
        "--city",
        "Köln",
        "--keyword",
        "church",
        "--clock-shift",
        "+1h",
        "--sidecars",
        "all",
    ]);
    assert_eq!(made["iptc"]["creator"], "Ada Müller");
    assert_eq!(made["example"]["to"], "Originals/2026-05-16/_001.cr3", "{made}");

    let import = ["import", card, "--preset", "wedding", "--job", "W-26-4"];
    let plan = old.json(&[&import[..], &["--dry-run"]].concat());
    let planned: Vec<_> =
        plan["new"].as_array().unwrap().iter().map(|f| f["to"].as_str().unwrap()).collect();
    assert!(planned.iter().all(|to| to.contains(" W-26-4/W-26-4_001")), "{planned:?}");
    let report = old.json(&import);
    assert_eq!((&report["imported"], &report["sidecars"]), (&json!(3), &json!(2)), "{report}");
    let names = originals_below(&old.library);
    let ends = |end: &str| names.iter().filter(|name| name.ends_with(end)).count();
    assert_eq!((ends("_001.cr3"), ends("_001.card.xmp"), ends("_001.xmp")), (1, 1, 1), "{names:?}");
    assert_eq!((ends("_001.jpg"), ends("_001.jpg.xmp"), names.len()), (1, 1, 5), "{names:?}");

    let rows = old.lines(&["list", "job:w-26-4 keyword:church", "--sort", "name"]);
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["captured_at"], "2020-02-18T09:56:22", "an hour later than the camera said");
    let query = format!("id:{}", rows[0]["id"].as_str().unwrap());
    old.json(&["tag", &query, "--clock-shift", "+0s"]);
    let row = &old.lines(&["list", &query])[0];
    assert_eq!(row["captured_at"], "2020-02-18T08:56:22", "and back");

    let again = old.json(&["import", card]);
    assert_eq!((&again["imported"], &again["already_here"]), (&json!(0), &json!(3)), "{again}");

    let words = old.vault_create();
    let backup = old.json(&["backup"]);
    assert_eq!((&backup["uploaded"], &backup["failed"]), (&json!(5), &json!([])), "{backup}");
    let new = place.computer("new").with(server.bucket());
    new.vault_open(&words);
    let presets = new.lines(&["preset", "list"]);
    assert_eq!(presets.len(), 1);
    assert_eq!((&presets[0]["name"], &presets[0]["zone"]), (&json!("Wedding"), &Value::Null));
    assert_eq!(presets[0]["day_starts_at_hour"], 4);
    new.json(&["restore"]);
    let hashes = |library: &Path| {
        let hash = |name: String| (sha256(&fs::read(library.join(&name)).unwrap()), name);
        originals_below(library).into_iter().map(hash).collect::<Vec<_>>()
    };
    assert_eq!(hashes(&new.library), hashes(&old.library));
    assert_eq!(new.lines(&["list", "köln"]).len(), 2, "fields are searched there as well");

    new.json(&["preset", "remove", "WEDDING"]);
    let gone = new.says(&["import", card, "--preset", "wedding"]);
    assert!(gone.stderr.contains("no preset"), "{gone:?}");
}
