//! `darkslide demo`, as `make demo` runs it: the whole job, and a link that was followed.

use crate::support::program::Place;

#[test]
fn the_demo_goes_from_card_to_link_and_cleans_up() {
    let place = Place::new();
    let computer = place.computer("anybody");
    let scratch = place.path("scratch");
    std::fs::create_dir_all(&scratch).unwrap();
    let output =
        computer.command(["demo", "--json"]).env("TMPDIR", &scratch).output().expect("it starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one document");

    let steps = said["steps"].as_array().unwrap();
    let figure = |step: &str, name: &str| {
        let found = steps.iter().find(|s| s["step"] == step);
        found.unwrap_or_else(|| panic!("no step {step}: {said}"))["figures"][name].clone()
    };
    let files = figure("sample card", "files");
    assert!(figure("sample card", "exposures").as_u64().unwrap() >= 40, "{said}");
    assert_eq!(figure("import", "imported"), files, "every file of the card");
    assert_eq!(figure("backup", "uploaded"), files, "is in the bucket");
    assert_eq!(figure("vault open", "restored"), files, "and came back elsewhere");
    assert!(figure("share", "items").as_u64().unwrap() > 20, "{said}");
    assert!(figure("link", "photo_bytes").as_u64().unwrap() > 1000, "{said}");
    let url = said["url"].as_str().unwrap();
    assert!(url.contains("X-Amz-Signature") && url.contains("#v1."), "{url}");
    assert_eq!(std::fs::read_dir(&scratch).unwrap().count(), 0, "nothing stays behind");
    assert_eq!(std::fs::read_dir(&computer.home).unwrap().count(), 0, "nor in the user's home");
}
