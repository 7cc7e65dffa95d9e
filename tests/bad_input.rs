//! Everything that goes wrong at a desk: each has a code, a message and advice of its own, an exit
//! status scripts can go by, and nothing is lost by it.

use std::collections::HashMap;
use std::path::Path;

use darkslide_demo::card;
use darkslide_demo::s3::Fault;
use serde_json::Value;

use crate::roundtrip::sample_card;
use crate::support::canned::{Asked, Canned, CannedServer};
use crate::support::garage::Garage;
use crate::support::program::{Bucket, Computer, Place, Said, Server};

/// Runs a command that must fail; its code, message, advice.
#[track_caller]
fn refused(computer: &Computer, args: &[&str], exit: i32, code: &str) -> (String, String) {
    let said = computer.says(&[args, &["--json"]].concat());
    assert_eq!(said.code, Some(exit), "{args:?}: {}\n{}", said.stdout, said.stderr);
    let value: Value = serde_json::from_str(&said.stdout)
        .unwrap_or_else(|e| panic!("{args:?} said no JSON ({e}): {}", said.stdout));
    let error = &value["error"];
    assert_eq!(error["code"], code, "{args:?}: {error}");
    let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
    let (message, advice) = (text("message"), text("advice"));
    assert!(message.len() > 10 && advice.len() > 20, "{args:?}: {error}");
    assert!(said.stderr.contains(&message), "people are told the same: {}", said.stderr);
    (message, advice)
}

/// A home with a few photos and a vault.
fn studio(place: &Place, server: &Server, seed: u64) -> Computer {
    let computer = place.computer("studio").with(server.bucket());
    computer.init();
    computer.import(&sample_card(place, seed).root, "Harbour");
    computer.vault_create();
    computer
}

fn flags_of(bucket: &Bucket) -> Vec<String> {
    bucket.flags().map(str::to_owned).to_vec()
}

#[test]
fn every_misfortune_around_the_bucket_is_told_apart() {
    let place = Place::new();
    let server = Server::start(&place);
    let computer = studio(&place, &server, 3);
    let mut told: HashMap<&str, (String, String)> = HashMap::new();
    let with = |change: fn(&mut Bucket)| {
        let mut bucket = server.bucket();
        change(&mut bucket);
        computer.clone().with(bucket)
    };

    let other = with(|bucket| bucket.secret_key = "nonsense".repeat(5));
    told.insert("wrong key", refused(&other, &["backup"], 3, "forbidden"));
    let stranger = with(|bucket| bucket.access_key = "nobody".to_owned());
    told.insert("no rights", refused(&stranger, &["backup"], 3, "forbidden"));

    let (empty, fresh) = (place.computer("empty"), place.computer("fresh"));
    let nowhere = Bucket { endpoint: "http://127.0.0.1:1".to_owned(), ..server.bucket() };
    let missing = Bucket { bucket: "nothing-here".to_owned(), ..server.bucket() };
    for (what, bucket, code) in
        [("no network", nowhere, "offline"), ("no bucket", missing, "no_bucket")]
    {
        empty.init();
        let flags = flags_of(&bucket);
        let args: Vec<&str> =
            ["vault", "create"].into_iter().chain(flags.iter().map(String::as_str)).collect();
        told.insert(what, refused(&empty.clone().with(bucket.clone()), &args, 3, code));
    }
    for (what, bucket, says) in [
        (
            "a name no bucket has",
            Bucket { bucket: "My Photos!".into(), ..server.bucket() },
            "dashes",
        ),
        (
            "https",
            Bucket {
                endpoint: server.bucket().endpoint.replace("http:", "https:"),
                ..server.bucket()
            },
            "http://",
        ),
    ] {
        let flags = flags_of(&bucket);
        let args: Vec<&str> =
            ["vault", "create"].into_iter().chain(flags.iter().map(String::as_str)).collect();
        let (exit, code) = if what == "https" { (3, "offline") } else { (2, "usage") };
        let said = refused(&empty.clone().with(bucket), &args, exit, code);
        assert!(said.0.contains(says), "{what}: {said:?}");
        told.insert(what, said);
    }

    let bucket = server.bucket();
    let words = place.path("words.txt");
    let fresh = fresh.with(bucket.clone());
    let library = fresh.library.to_str().unwrap();
    let open = |words: &Path| {
        let fixed = ["vault", "open", "--library", library, "--words-file"].map(str::to_owned);
        let mut args = fixed.to_vec();
        args.push(words.to_str().unwrap().to_owned());
        args.extend(flags_of(&bucket));
        args
    };
    let legal = "legal winner thank year wave sausage worth useful legal winner thank year wave \
                 sausage worth useful legal winner thank year wave sausage worth title";
    for (what, text, code) in [
        ("misspelt words", "abandon abandon abendon", "bad_words"),
        ("wrong words", legal, "wrong_key"),
    ] {
        std::fs::write(&words, text).unwrap();
        let args = open(&words);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        told.insert(what, refused(&fresh, &args, 3, code));
        assert!(!fresh.home.join("darkslide/config.json").exists(), "{what} leaves no home behind");
    }

    // The keys end while files go up: what came before stays, the same command goes on.
    server.s3.inject(1000, Fault::Status(403), |request| request.method == "PUT");
    told.insert("keys ended midway", {
        let said = computer.says(&["backup", "--json"]);
        assert!(matches!(said.code, Some(1 | 3)), "{}\n{}", said.stdout, said.stderr);
        assert!(said.stdout.contains("refuses these credentials"), "{}", said.stdout);
        (said.stdout, "the same command goes on".to_owned())
    });

    let messages: std::collections::HashSet<&String> = told.values().map(|(m, _)| m).collect();
    assert_eq!(messages.len(), told.len(), "each says something of its own: {told:#?}");
}

#[test]
fn every_misfortune_on_this_computer_is_told_apart() {
    let place = Place::new();
    let server = Server::start(&place);
    let card = sample_card(&place, 4).root;
    let computer = place.computer("studio").with(server.bucket());
    refused(&computer, &["list"], 3, "no_catalog");
    computer.init();

    let away = place.path("taken-out");
    refused(&computer, &["import", away.to_str().unwrap()], 2, "not_found");
    let empty = place.path("empty-card");
    std::fs::create_dir_all(empty.join("DCIM")).unwrap();
    let report = computer.json(&["import", empty.to_str().unwrap()]);
    assert_eq!((&report["imported"], &report["safe_to_format"]), (&0.into(), &false.into()));

    // A corrupt JPEG is copied and proven like any other; only its preview is missing.
    let broken = place.path("broken");
    std::fs::create_dir_all(&broken).unwrap();
    std::fs::write(broken.join("IMG_1.JPG"), b"\xff\xd8\xff\xe0 no picture").unwrap();
    let report = computer.json(&["import", broken.to_str().unwrap()]);
    assert_eq!(report["imported"], 1, "{report}");
    assert_eq!(report["previews"]["damaged"], 1, "{report}");

    let moved = place.path("drive-in-a-drawer");
    std::fs::rename(&computer.library, &moved).unwrap();
    refused(&computer, &["import", card.to_str().unwrap()], 3, "library_away");
    std::fs::rename(&moved, &computer.library).unwrap();

    // No keyring and no passphrase: nothing is made that nobody could open.
    let flags = server.bucket();
    let args = [&["vault", "create"], flags.flags().as_slice(), &["--json"]].concat();
    let mut command = computer.command(&args);
    let said = command.env_remove("DARKSLIDE_PASSPHRASE").output().unwrap();
    assert_eq!(said.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&said.stdout).contains("no_keyring"), "{said:?}");
    assert!(server.objects().is_empty(), "nothing is left in the bucket");
    computer.vault_create();
    let mut command = computer.command(["backup", "--json"]);
    let said = command.env("DARKSLIDE_PASSPHRASE", "another one").output().unwrap();
    assert_eq!(said.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&said.stdout).contains("wrong_key"), "{said:?}");

    // A drive in a drawer is not nineteen lost photos.
    std::fs::rename(&computer.library, &moved).unwrap();
    let report = computer.json_with(&["backup"], &[1]);
    let failed = report["failed"].as_array().unwrap();
    assert!(!failed.is_empty(), "{report}");
    for left in failed {
        assert!(left["reason"].as_str().unwrap().starts_with("the library is not there"), "{left}");
    }
    std::fs::rename(&moved, &computer.library).unwrap();

    let catalog = computer.home.join("darkslide/catalog.db");
    let ours = std::fs::read(&catalog).unwrap();
    std::fs::write(&catalog, "no database at all ".repeat(500)).unwrap();
    let (_, advice) = refused(&computer, &["list"], 3, "catalog_damaged");
    assert!(advice.contains("vault open") && advice.contains("adopt"), "{advice}");
    std::fs::write(&catalog, ours).unwrap();

    // A catalogue of a newer program is left alone, byte for byte.
    let config = computer.home.join("darkslide/config.json");
    let ours = std::fs::read_to_string(&config).unwrap();
    let newer = ours.replacen("\"version\": 1", "\"version\": 2", 1);
    assert_ne!(ours, newer);
    std::fs::write(&config, &newer).unwrap();
    refused(&computer, &["list"], 3, "catalog_newer");
    assert_eq!(std::fs::read_to_string(&config).unwrap(), newer);
    std::fs::write(&config, &ours).unwrap();

    // A second program: the first goes on, the second says so at once.
    let _first = running(&computer);
    refused(&computer, &["list"], 3, "catalog_locked");
}

/// What a program that runs holds.
fn running(computer: &Computer) -> std::fs::File {
    let lock = std::fs::File::open(computer.home.join("darkslide/catalog.lock")).unwrap();
    lock.try_lock().unwrap();
    lock
}

#[test]
fn a_clock_that_is_off_by_an_hour_is_blamed_and_not_the_keys() {
    let place = Place::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ahead = |_: &Asked| {
        let hour = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
        let date = jiff::fmt::rfc2822::to_string(&hour.to_zoned(jiff::tz::TimeZone::UTC)).unwrap();
        let Canned(status, _, body) = Canned::error(403, "AccessDenied");
        Canned(status, vec![("date", date)], body)
    };
    let server = runtime.block_on(CannedServer::start(ahead));
    let bucket = Bucket {
        endpoint: server.endpoint.clone(),
        region: "us-east-1".to_owned(),
        bucket: "photos".to_owned(),
        access_key: "key".to_owned(),
        secret_key: "secret".to_owned(),
    };
    let computer = place.computer("studio").with(bucket.clone());
    computer.init();
    let args = [&["vault", "create"], bucket.flags().as_slice()].concat();
    let (message, advice) = refused(&computer, &args, 3, "clock_skew");
    assert!(message.contains("clock"), "{message}");
    assert!(advice.contains("Set this computer's clock"), "{advice}");
    let args = [&["bucket", "check"], bucket.flags().as_slice()].concat();
    let found = computer.json_with(&args, &[1]);
    assert!(found.to_string().contains("clock"), "{found:#}");
}

#[test]
fn keys_that_end_in_the_middle_of_a_backup_cost_nothing_but_new_keys() {
    let place = Place::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let garage = runtime.block_on(Garage::start(&["photos"]));
    let computer = place.computer("studio").with(Bucket::from(&garage));
    computer.init();
    let many = card::make_many(&place.path("many"), 40, 6).unwrap();
    computer.import(&many.root, "Harbour");
    let words = computer.vault_create();
    let pending = computer.json(&["backup", "--dry-run"]);
    let (files, bytes) = (pending["files"].as_u64().unwrap(), pending["bytes"].as_u64().unwrap());
    let (access_key, secret_key) = garage.new_keys("photos");
    let renewed = Bucket { access_key, secret_key, ..Bucket::from(&garage) };
    let stored = || runtime.block_on(garage.stored(&renewed));

    // At a rate that takes a while; the keys go when some of it has arrived.
    let rate = format!("{}", (bytes / 8).max(1));
    let running = computer.start(&["backup", "--limit-rate", &rate, "--json"]);
    let begun = std::time::Instant::now();
    let before = stored();
    while stored() < before + 5 {
        assert!(begun.elapsed().as_secs() < 120, "nothing arrives");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    garage.end_keys();
    let said = Said::from(running.wait_with_output().unwrap());
    assert_eq!(said.code, Some(3), "{}\n{}", said.stdout, said.stderr);
    let error: Value = serde_json::from_str(&said.stdout).unwrap();
    let error = &error["error"];
    assert_eq!(error["code"], "forbidden", "{error}");
    assert!(error["message"].as_str().unwrap().contains("refuses these credentials"), "{error}");
    let advice = error["advice"].as_str().unwrap();
    assert!(advice.contains("what reached the bucket stays there"), "what is safe: {advice}");
    assert!(advice.contains("goes on where it stopped"), "what to do: {advice}");

    let computer = computer.with(renewed.clone());
    let report = computer.json(&["backup"]);
    let sent = report["uploaded"].as_u64().unwrap();
    assert!(sent < files, "{sent} of {files} were sent again: {report}");
    assert_eq!(computer.json(&["backup"])["uploaded"], 0, "and then there is nothing left");

    let new = place.computer("new").with(renewed);
    new.vault_open(&words);
    let back = new.json(&["restore"]);
    assert_eq!(back["restored"], 40, "{back}");
}
