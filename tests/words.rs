//! The 24 words are shown once: nothing may lose them, and no file of words is ever replaced.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::support::program::{Place, Said, Server};

/// A word list in a text: 24 words of it in a row would be too clever; the first ones do.
fn words_of(text: &str) -> usize {
    text.split_whitespace()
        .filter(|w| w.len() > 2 && w.chars().all(|c| c.is_ascii_lowercase()))
        .count()
}

#[test]
fn the_words_are_said_even_quietly_and_even_where_stdout_takes_nothing() {
    for full in [false, true] {
        let place = Place::new();
        let server = Server::start(&place);
        let computer = place.computer("one").with(server.bucket());
        computer.init();
        let bucket = server.bucket();
        let args = [&["-q", "vault", "create"], bucket.flags().as_slice()].concat();
        let mut command = computer.command(args);
        if full {
            command.stdout(File::options().write(true).open("/dev/full").unwrap());
        }
        let said = Said::from(command.output().unwrap());
        let (code, text) = if full { (3, &said.stderr) } else { (0, &said.stdout) };
        assert_eq!(said.code, Some(code), "{said:?}");
        assert!(words_of(text) >= 24, "{said:?}");
    }
}

#[test]
fn a_kit_has_its_place_before_there_is_a_vault_and_replaces_nothing() {
    let place = Place::new();
    let server = Server::start(&place);
    let computer = place.computer("one").with(server.bucket());
    computer.init();
    let bucket = server.bucket();
    let create = |kit: String| -> Vec<String> {
        let flags = bucket.flags().map(str::to_owned);
        ["vault", "create", "--kit", &kit].map(str::to_owned).into_iter().chain(flags).collect()
    };
    let run = |path: &std::path::Path, codes: &[i32]| {
        let args = create(path.to_str().unwrap().to_owned());
        computer.json_with(&args.iter().map(String::as_str).collect::<Vec<_>>(), codes)
    };

    let nowhere = place.path("no/such/kit.txt");
    run(&nowhere, &[3]);
    let taken = place.path("older-kit.txt");
    fs::write(&taken, "the words of another vault").unwrap();
    run(&taken, &[3]);
    assert_eq!(fs::read_to_string(&taken).unwrap(), "the words of another vault");
    assert!(server.objects().is_empty(), "no vault was made whose words nobody has");

    let kit = place.path("kit.txt");
    let created = run(&kit, &[0]);
    let text = fs::read_to_string(&kit).unwrap();
    for word in created["words"].as_str().unwrap().split(' ') {
        assert!(text.contains(word), "{word} is missing in {text}");
    }
    assert_eq!(fs::metadata(&kit).unwrap().permissions().mode() & 0o777, 0o600);
    let home = computer.home.join("darkslide");
    assert_eq!(fs::metadata(home).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_creation_that_was_cut_off_can_be_repeated() {
    let place = Place::new();
    let server = Server::start(&place);
    let computer = place.computer("one").with(server.bucket());
    computer.init();
    let left = server.dir.join("photos/keys");
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join("recovery.0123456789abcdef"), "{}").unwrap();
    computer.vault_create();
    let slots = server.objects().into_iter().filter(|(name, _)| name.starts_with("keys/recovery."));
    assert_eq!(slots.count(), 1, "what was left is gone");
    let truth = darkslide_demo::card::make_many(&place.path("card"), 1, 1).unwrap();
    computer.import(&truth.root, "One");
    computer.json(&["backup"]);
    // A second vault in the same place is refused, whatever else is gone.
    let other = place.computer("two").with(server.bucket());
    other.init();
    fs::remove_file(server.dir.join("photos/vault.json")).unwrap();
    let bucket = server.bucket();
    let refused =
        other.json_with(&[&["vault", "create"], bucket.flags().as_slice()].concat(), &[3]);
    assert_eq!(refused["error"]["code"], "vault_exists", "{refused}");
}

#[test]
fn wrong_usage_is_json_too_where_json_was_asked_for() {
    let computer = Place::new().computer("one");
    let said = computer.says(&["--json", "list", "--bogus"]);
    assert_eq!(said.code, Some(2));
    let value: Value = serde_json::from_str(&said.stdout).expect("one document");
    assert_eq!(value["error"]["code"], "usage");
}
