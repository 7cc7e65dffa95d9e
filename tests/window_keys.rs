//! Where a vault's keys lie once the window has made it: in the keyring, where there is one; behind
//! a passphrase where there is none; and on paper, always.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use fantoccini::Locator;
use serde_json::Value;

use crate::roundtrip::sample_card;
use crate::support::browser::{Browser, DESK};
use crate::support::desktop::Desktop;
use crate::support::keyring::Keyring;
use crate::support::program::{Bucket, Computer, Place, Server, files_below};
use crate::window::confirm_words;

/// The passphrase the command line of these tests has in its environment.
const PASSPHRASE: &str = "correct horse battery staple";

/// The window without the passphrase of the environment.
const ALONE: [&str; 4] = ["env", "-u", "DARKSLIDE_PASSPHRASE", "WebKitWebDriver"];

/// A new library, and a bucket that was looked at.
async fn to_the_bucket(desktop: &Desktop, computer: &Computer, bucket: &Bucket, typed: bool) {
    desktop.until_text("Where should your photos live?").await;
    desktop.fill("library", computer.library.to_str().unwrap()).await;
    desktop.press("Begin").await;
    desktop.until_text("Where should the second copy go?").await;
    desktop.press("Other").await;
    desktop.fill("endpoint", &bucket.endpoint).await;
    desktop.fill("region", &bucket.region).await;
    desktop.fill("bucket", &bucket.bucket).await;
    if typed {
        desktop.fill("access-key", &bucket.access_key).await;
        desktop.fill("secret-key", &bucket.secret_key).await;
    }
    desktop.press("Check the bucket").await;
    desktop.until_text("This bucket can hold your photos").await;
}

/// What a QR code in a picture says.
fn code_in(png: &[u8]) -> String {
    let picture = image::load_from_memory(png).unwrap().into_luma8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        picture.get_pixel(x as u32, y as u32).0[0]
    });
    let found = prepared.detect_grids();
    assert_eq!(found.len(), 1, "one code is in the picture");
    found[0].decode().unwrap().1
}

#[test]
fn with_a_keyring_the_keys_lie_in_it_and_in_no_file() {
    let place = Place::new();
    let server = Server::start(&place);
    let bucket = server.bucket();
    // Nothing in its environment: the keys are typed.
    let studio = place.computer("studio");
    let keyring = Keyring::unlock(&studio.home);
    let bus = format!("DBUS_SESSION_BUS_ADDRESS={}", keyring.bus);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let words = runtime.block_on(async {
        let [env, without, passphrase, driver] = ALONE;
        let desktop = Desktop::open_by(&studio, &[env, without, passphrase, &bus, driver]).await;
        to_the_bucket(&desktop, &studio, &bucket, true).await;
        desktop.press("Connect").await;
        let words = confirm_words(&desktop).await;
        desktop.until_text("Your recovery kit").await;
        desktop.press("Continue").await;
        desktop.until_text("Connected to photos").await;
        desktop.close().await;
        words
    });

    let status = studio.json(&["vault", "status"]);
    let vault = status["vault"]["vault_id"].as_str().unwrap();
    let names = keyring.names();
    let (device, s3) = (format!("device-key/{vault}/"), format!("s3/{vault}"));
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names[0].starts_with(&device) && names[1] == s3, "{names:?}");
    let device_key = keyring.secret(&names[0]);
    assert_eq!(device_key.len(), 32);
    let kept: [String; 2] = serde_json::from_slice(&keyring.secret(&s3)).unwrap();
    assert_eq!(kept, [bucket.access_key.clone(), bucket.secret_key.clone()]);

    let secrets = [
        ("the bucket's secret", bucket.secret_key.clone().into_bytes()),
        ("the device key", device_key.clone()),
        ("the device key in hex", data_encoding::HEXLOWER.encode(&device_key).into_bytes()),
        ("the device key in base64", data_encoding::BASE64_NOPAD.encode(&device_key).into_bytes()),
        ("the words", words[..3].join(" ").into_bytes()),
    ];
    for folder in [&studio.home, &studio.library] {
        for file in files_below(folder) {
            let Ok(bytes) = std::fs::read(folder.join(&file)) else { continue };
            for (what, secret) in &secrets {
                let is_there = bytes.windows(secret.len()).any(|part| part == secret);
                assert!(!is_there, "{what} is in {file}");
            }
        }
    }

    // The command line opens the vault with nothing but the keyring, and not without it.
    studio.import(&sample_card(&place, 3).root, "Harbour");
    let backup = |bus: &str| {
        let mut command = studio.command(["backup", "--json"]);
        command.env_remove("DARKSLIDE_PASSPHRASE").env("DBUS_SESSION_BUS_ADDRESS", bus);
        let said = command.output().unwrap();
        let json: Value = serde_json::from_slice(&said.stdout).unwrap();
        (said.status.code(), json)
    };
    let (status, done) = backup(&keyring.bus);
    assert_eq!(status, Some(0), "{done}");
    drop(keyring);
    let (status, refused) = backup("unix:path=/nowhere/bus");
    assert_eq!(status, Some(3), "{refused}");
    assert_eq!(refused["error"]["code"], "no_credentials", "no keys to the bucket: {refused}");
    // A passphrase opens nothing here: there is none to be right or wrong about.
    let said = studio.with(bucket).json_with(&["backup"], &[3]);
    assert_eq!(said["error"]["code"], "no_keyring", "{said}");
}

#[test]
fn without_a_keyring_a_passphrase_opens_the_vault_and_the_kit_is_whole() {
    let place = Place::new();
    let server = Server::start(&place);
    let studio = place.computer("studio").with(server.bucket());
    let truth = sample_card(&place, 9);
    let kit = place.path("kit.html");
    let runtime = tokio::runtime::Runtime::new().unwrap();

    let (words, shown) = runtime.block_on(async {
        let desktop = Desktop::open_by(&studio, &ALONE).await;
        to_the_bucket(&desktop, &studio, &server.bucket(), false).await;
        desktop.press("Connect").await;
        desktop.until_text("keyring does not answer").await;
        assert!(server.objects().is_empty(), "nothing was made that nobody could open");
        desktop.fill("passphrase", PASSPHRASE).await;
        desktop.fill("passphrase-again", "correct horse battery stable").await;
        desktop.until_text("These two differ.").await;
        desktop.picture("keys-passphrase").await;
        desktop.fill("passphrase-again", PASSPHRASE).await;
        desktop.press("Connect").await;
        let words = confirm_words(&desktop).await;
        desktop.until_text("Your recovery kit").await;
        let seen = desktop.snapshot().await;
        desktop.press("Save as a file").await;
        desktop.dialog("Save the recovery kit").await;
        desktop.xdotool(&["key", "ctrl+a"]).await;
        desktop.xdotool(&["type", "--delay", "10", kit.to_str().unwrap()]).await;
        desktop.xdotool(&["key", "Return"]).await;
        desktop.until_text("Saved as").await;
        desktop.picture("keys-kit").await;
        desktop.press("Continue").await;
        desktop.until_text("Connected to photos").await;
        desktop.close().await;
        (words, code_in(&seen))
    });
    check_code(&shown, &server.bucket(), &words);
    assert_eq!(std::fs::metadata(&kit).unwrap().permissions().mode() & 0o777, 0o600);
    runtime.block_on(check_page(&kit, &shown, &words));

    studio.import(&truth.root, "Harbour");
    runtime.block_on(async {
        let desktop = Desktop::open_by(&studio, &ALONE).await;
        desktop.press("Back up now").await;
        desktop.press("Unlock").await;
        desktop.fill("passphrase", "correct horse battery stable").await;
        desktop.find("[form=unlock]").await.click().await.unwrap();
        desktop.until_text("The key does not open this vault.").await;
        desktop.picture("keys-wrong-passphrase").await;
        desktop.fill("passphrase", PASSPHRASE).await;
        desktop.find("[form=unlock]").await.click().await.unwrap();
        desktop.until_text("Backup up to date").await;
        desktop.close().await;
    });
    assert_eq!(studio.json(&["backup"])["uploaded"], 0, "the command line takes the same one");
}

/// Everything another computer asks for, a line each.
#[track_caller]
fn check_code(said: &str, bucket: &Bucket, words: &[String]) {
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "DARKSLIDE RECOVERY KIT");
    for (name, value) in [
        ("endpoint", bucket.endpoint.as_str()),
        ("region", &bucket.region),
        ("bucket", &bucket.bucket),
        ("words", &words.join(" ")),
    ] {
        assert!(lines.contains(&format!("{name} {value}").as_str()), "{name}: {said}");
    }
    assert!(lines.iter().any(|line| line.starts_with("vault ") && line.len() == 38), "{said}");
}

/// The file as a browser shows it: the same code as in the window, and all of it in words too.
async fn check_page(file: &Path, code: &str, words: &[String]) {
    let browser = Browser::start(DESK).await;
    browser.open(&format!("file://{}", file.display())).await;
    assert_eq!(code_in(&browser.page.screenshot().await.unwrap()), code, "both codes say the same");
    let text = browser.page.find(Locator::Css("body")).await.unwrap().text().await.unwrap();
    let facts = code.lines().skip(1).filter_map(|line| line.split_once(' '));
    let facts = facts.filter(|(name, _)| *name != "words").map(|(_, fact)| fact);
    for fact in facts.chain(words.iter().map(String::as_str)) {
        assert!(text.contains(fact), "{fact} is missing on the page:\n{text}");
    }
    browser.picture("recovery-kit").await;
    browser.close().await;
}
