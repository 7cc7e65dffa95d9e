//! The window's program is killed at random moments of its use: what the window had shown as done is
//! there afterwards, and an import that was cut off goes on by itself.
//!
//! One home for all moments, so that what a crash left meets the next. `DARKSLIDE_SOAK` makes fifty of
//! them (`make soak`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::roundtrip::sample_card;
use crate::support::desktop::Desktop;
use crate::support::program::{Computer, Place, sha256};

const DELETE: &str = "\u{e017}";
const LABELS: [(&str, &str); 4] = [("6", "red"), ("7", "yellow"), ("8", "green"), ("9", "blue")];
/// The longest the window is used before it is killed.
const LONGEST: Duration = Duration::from_secs(6);
const PATIENCE: Duration = Duration::from_secs(120);

/// What the window has shown as done.
#[derive(Default)]
struct Shown {
    stars: BTreeMap<String, u64>,
    labels: BTreeMap<String, Option<&'static str>>,
    albums: BTreeMap<String, BTreeSet<String>>,
    trash: BTreeSet<String>,
    /// Sums of the files of imports that ended with a verdict.
    imported: BTreeSet<String>,
    deeds: usize,
}

/// The driver failed: the program is gone, unless a look at the clock says otherwise.
struct Gone(String);

type Result<T> = std::result::Result<T, Gone>;

/// A driver whose program is gone may also say nothing at all.
async fn patiently<T>(asked: impl Future<Output = std::result::Result<T, CmdError>>) -> Result<T> {
    match tokio::time::timeout(Duration::from_secs(30), asked).await {
        Ok(answer) => answer.map_err(|error| Gone(error.to_string())),
        Err(silent) => Err(Gone(silent.to_string())),
    }
}

/// A photographer at work; every deed may be the last.
struct Hand<'a> {
    window: &'a Client,
    dice: &'a mut SmallRng,
    shown: &'a mut Shown,
}

impl Hand<'_> {
    async fn js(&self, script: &str) -> Result<Value> {
        patiently(self.window.execute(script, Vec::new())).await
    }

    /// Waits until the script returns something true.
    async fn until(&self, script: &str) -> Result<Value> {
        let begun = Instant::now();
        loop {
            let value = self.js(script).await?;
            if !matches!(value, Value::Null | Value::Bool(false)) {
                return Ok(value);
            }
            if begun.elapsed() > PATIENCE {
                let text = self.js("return document.body.innerText").await?;
                panic!("waited in vain for {script}; the window shows:\n{text}");
            }
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
    }

    async fn press(&self, words: &str) -> Result<()> {
        let script = format!(
            "const found = [...document.querySelectorAll('button:not([disabled])')]
                .find((it) => it.innerText.trim().startsWith({words:?}));
             found?.click();
             return found !== undefined"
        );
        self.until(&script).await.map(drop)
    }

    async fn fill(&self, name: &str, text: &str) -> Result<()> {
        let script = format!(
            "const field = document.querySelector('[name={name}]');
             if (field === null) return false;
             field.value = {};
             field.dispatchEvent(new Event('input', {{ bubbles: true }}));
             return true",
            json!(text)
        );
        self.until(&script).await.map(drop)
    }

    async fn keys(&self, keys: &str) -> Result<()> {
        let grid = patiently(self.window.find(Locator::Css("[role=listbox]"))).await?;
        patiently(grid.send_keys(keys)).await
    }

    /// Chooses one of the photos that are seen, and nothing else.
    async fn choose(&mut self) -> Result<String> {
        let seen = "const seen = [...document.querySelectorAll('[role=option][data-photo]')];
            return seen.length > 0 && seen.map((cell) => cell.dataset.photo)";
        let seen = self.until(seen).await?;
        let seen = seen.as_array().unwrap();
        let photo = seen[self.dice.random_range(0..seen.len())].as_str().unwrap().to_owned();
        let chosen = format!(
            "const cell = document.querySelector('[data-photo=\"{photo}\"]');
             cell?.click();
             document.querySelector('[role=listbox]').focus();
             return cell !== null"
        );
        self.until(&chosen).await?;
        let only = format!(
            "const all = [...document.querySelectorAll('[role=option][aria-selected=true]')];
             return all.length === 1 && all[0].dataset.photo === '{photo}'"
        );
        self.until(&only).await?;
        Ok(photo)
    }

    /// Waits until this is seen of the photo, and is in the catalogue.
    async fn see(&self, photo: &str, condition: &str) -> Result<()> {
        let script = format!(
            "const cell = document.querySelector('[data-photo=\"{photo}\"]');
             const kept = document.querySelector('[role=listbox][aria-busy=false]') !== null;
             return kept && cell !== null && {condition}"
        );
        self.until(&script).await.map(drop)
    }

    async fn star(&mut self) -> Result<()> {
        let photo = self.choose().await?;
        let stars = self.dice.random_range(1..=5_u64);
        // Whether a deed that is cut off has happened, nobody can say.
        self.shown.stars.remove(&photo);
        self.keys(&stars.to_string()).await?;
        let star = format!("cell.querySelector('[aria-label^=\"{stars} star\"]') !== null");
        self.see(&photo, &star).await?;
        self.shown.stars.insert(photo, stars);
        Ok(())
    }

    async fn label(&mut self) -> Result<()> {
        let photo = self.choose().await?;
        let (key, colour) = LABELS[self.dice.random_range(0..LABELS.len())];
        let label = format!("cell.querySelector('.label.{colour}') !== null");
        let before = format!(
            "const cell = document.querySelector('[data-photo=\"{photo}\"]');
             return cell !== null && {label}"
        );
        let had = self.js(&before).await? == Value::Bool(true);
        self.shown.labels.remove(&photo);
        self.keys(key).await?;
        self.see(&photo, &format!("{} ({label})", if had { "!" } else { "" })).await?;
        self.shown.labels.insert(photo, (!had).then_some(colour));
        Ok(())
    }

    async fn collect(&mut self) -> Result<()> {
        let photo = self.choose().await?;
        let album = format!("Album {}", self.dice.random_range(0..5));
        self.keys("b").await?;
        self.fill("album", &album).await?;
        self.press("Create").await?;
        self.until("return document.querySelector('dialog') === null").await?;
        self.shown.albums.entry(album).or_default().insert(photo);
        Ok(())
    }

    async fn discard(&mut self) -> Result<()> {
        let photo = self.choose().await?;
        self.keys(DELETE).await?;
        let gone = format!(
            "return document.querySelector('[data-photo=\"{photo}\"]') === null
                && document.querySelector('.said')?.innerText.includes('in the trash')"
        );
        self.until(&gone).await?;
        self.shown.trash.insert(photo);
        Ok(())
    }

    async fn import(&mut self, card: &Path) -> Result<()> {
        self.press("Import").await?;
        // A sheet of before may be in front.
        let other = format!(
            "const field = document.querySelector('[name=source]');
             if (field === null) {{
                 [...document.querySelectorAll('button')]
                     .find((it) => /^(Import another|Another|Back)/.test(it.innerText.trim()))
                     ?.click();
                 return false;
             }}
             field.value = {};
             field.dispatchEvent(new Event('input', {{ bubbles: true }}));
             field.form.requestSubmit();
             return true",
            json!(card)
        );
        self.until(&other).await?;
        let new = format!("return document.body.innerText.includes('{CARD} new files')");
        self.until(&new).await?;
        self.press(&format!("Import {CARD}")).await?;
        self.until("return document.body.innerText.includes('Keep the card\\n')").await?;
        self.shown.imported.extend(sums(card));
        self.press("Show the photos").await
    }
}

/// Files of a card.
const CARD: usize = 6;

/// A card nobody has seen before: pictures of another one, each with a tail of its own.
fn make_card(folder: PathBuf, pictures: &[PathBuf], seed: u64) -> PathBuf {
    std::fs::create_dir_all(folder.join("DCIM")).unwrap();
    for (n, picture) in pictures.iter().cycle().take(CARD).enumerate() {
        let mut bytes = std::fs::read(picture).unwrap();
        bytes.extend(format!("{seed} {n}").bytes());
        std::fs::write(folder.join(format!("DCIM/IMG_{n}.JPG")), bytes).unwrap();
    }
    folder
}

fn sums(card: &Path) -> Vec<String> {
    let files = std::fs::read_dir(card.join("DCIM")).unwrap();
    files.map(|file| sha256(&std::fs::read(file.unwrap().path()).unwrap())).collect()
}

/// The window's program in this home: not its workers, which it starts itself.
pub fn program_in(home: &Path) -> u32 {
    let status = |pid: u32| std::fs::read_to_string(format!("/proc/{pid}/stat")).ok();
    let is_program = |pid: u32| {
        let exe = std::fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
        exe.file_name().is_some_and(|name| name == "darkslide-app")
    };
    let in_home = |pid: u32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let home = home.to_str().unwrap().as_bytes();
        environment.windows(home.len()).any(|part| part == home)
    };
    let parent = |pid: u32| -> Option<u32> {
        status(pid)?.rsplit_once(") ")?.1.split_whitespace().nth(1)?.parse().ok()
    };
    let mut all = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str().and_then(|name| name.parse().ok()));
    let first =
        |pid: &u32| is_program(*pid) && in_home(*pid) && !parent(*pid).is_some_and(is_program);
    all.find(first).expect("the window's program runs")
}

pub fn kill(pid: u32) {
    let done = Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    assert!(done.success(), "the program was there to be killed");
}

/// Everything that was shown as done is in the catalogue and the library.
fn all_there(computer: &Computer, shown: &Shown, at: &str) {
    let mut rows: BTreeMap<String, Value> = BTreeMap::new();
    let mut trashed = BTreeSet::new();
    for row in computer.lines(&["list", "status:trash"]) {
        trashed.insert(row["id"].as_str().unwrap().to_owned());
        rows.insert(row["id"].as_str().unwrap().to_owned(), row);
    }
    for row in computer.lines(&["list"]) {
        rows.insert(row["id"].as_str().unwrap().to_owned(), row);
    }
    for (photo, stars) in &shown.stars {
        assert_eq!(rows[photo]["rating"], *stars, "stars of {photo}; {at}");
    }
    for (photo, label) in &shown.labels {
        assert_eq!(rows[photo]["label"], json!(label), "label of {photo}; {at}");
    }
    assert!(shown.trash.is_subset(&trashed), "the trash holds what was thrown away; {at}");
    for (album, photos) in &shown.albums {
        let query = format!("album:\"{album}\"");
        let trash = format!("{query} status:trash");
        let listed: BTreeSet<String> = [query, trash]
            .iter()
            .flat_map(|query| computer.lines(&["list", query]))
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect();
        assert!(photos.is_subset(&listed), "{album} holds what was put there; {at}");
    }
    let have: BTreeMap<&str, &Value> =
        rows.values().map(|row| (row["sha256"].as_str().unwrap(), row)).collect();
    for sum in &shown.imported {
        let row = have.get(sum.as_str()).unwrap_or_else(|| panic!("{sum} is imported; {at}"));
        let bytes = std::fs::read(row["path"].as_str().unwrap()).unwrap();
        assert_eq!(sha256(&bytes), *sum, "the library holds its bytes; {at}");
    }
}

/// Opens the window and uses it until it is killed; how long that was after it came up.
async fn use_until_killed(
    computer: &Computer,
    cards: &mut impl Iterator<Item = PathBuf>,
    dice: &mut SmallRng,
    shown: &mut Shown,
) -> Duration {
    let desktop = Desktop::open(computer).await;
    // What was cut off goes on by itself and is not waited for.
    desktop
        .until("photos", "return document.querySelectorAll('[role=option] img').length > 3")
        .await;
    let moment = LONGEST.mul_f64(dice.random_range(0.01..1.0));
    let pid = program_in(&computer.home);
    let mut killing = tokio::spawn(async move {
        tokio::time::sleep(moment).await;
        kill(pid);
    });
    let mut hand = Hand { window: &desktop.window, dice, shown };
    let Gone(why) = loop {
        let deed = match hand.dice.random_range(0..7) {
            0 | 1 => hand.star().await,
            2 => hand.label().await,
            3 => hand.collect().await,
            4 => hand.discard().await,
            _ => hand.import(&cards.next().unwrap()).await,
        };
        match deed {
            Ok(()) => hand.shown.deeds += 1,
            Err(gone) => break gone,
        }
    };
    let killed = tokio::time::timeout(Duration::from_secs(1), &mut killing).await;
    killed.unwrap_or_else(|_| panic!("it was not killed yet: {why}")).unwrap();
    moment
}

#[test]
fn what_the_window_showed_as_done_outlives_kill_9_at_any_moment() {
    let moments = match std::env::var("DARKSLIDE_SOAK") {
        Ok(count) => count.parse::<usize>().expect("a number").min(50),
        Err(_) => 3,
    };
    let place = Place::new();
    let computer = place.computer("studio");
    let sample = sample_card(&place, 41);
    computer.init();
    computer.import(&sample.root, "Harbour");
    let pictures: Vec<PathBuf> = computer
        .lines(&["list", "format:jpeg"])
        .iter()
        .filter(|row| row["preview"]["state"] == "ready" && row["kind"] == "photo")
        .map(|row| PathBuf::from(row["path"].as_str().unwrap()))
        .collect();
    let mut begun = Vec::new();
    let mut cards = (0..).map(|n| {
        let card = make_card(place.path(&format!("card-{n}")), &pictures, n);
        begun.push(card.clone());
        card
    });
    let mut dice = SmallRng::seed_from_u64(5);
    let mut shown = Shown::default();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for n in 0..moments {
        let using = use_until_killed(&computer, &mut cards, &mut dice, &mut shown);
        let moment = runtime.block_on(using);
        let at = format!("moment {n}, killed {moment:?} after the window came up");
        all_there(&computer, &shown, &at);
    }
    assert!(shown.deeds > 0, "something was done between the crashes");
    println!("{moments} crashes, {} things shown as done, none lost", shown.deeds);

    // What was ordered and cut off is done when the window may stay.
    runtime.block_on(async {
        let desktop = Desktop::open(&computer).await;
        let rest = "const line = document.querySelector('footer')?.innerText ?? 'Importing';
            return !/Importing|Looking at the card/.test(line)";
        desktop.until("the window", "return document.querySelector('footer') !== null").await;
        let mut quiet = 0;
        while quiet < 10 {
            quiet = if desktop.js(rest).await == Value::Bool(true) { quiet + 1 } else { 0 };
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        desktop.close().await;
    });
    for card in begun {
        // The last of them may have been cut off before it was ordered.
        let report = computer.json(&["import", card.to_str().unwrap()]);
        assert_eq!(report["failed"], json!([]), "{report}");
        shown.imported.extend(sums(&card));
    }
    all_there(&computer, &shown, "after all crashes");
}
