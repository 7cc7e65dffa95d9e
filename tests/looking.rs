//! Looking and rating in the real window: the viewer, keys, undo, filters, albums, the trash, and
//! whether everything is safe.
//!
//! Screenshots lie in `test-output/` afterwards.

use std::time::Duration;

use fantoccini::actions::{InputSource as _, MouseActions, PointerAction};
use serde_json::{Value, json};

use crate::roundtrip::sample_card;
use crate::support::desktop::{Desktop, ENTER, ESCAPE};
use crate::support::program::{Computer, Place, Server};

const DELETE: &str = "\u{e017}";
const RIGHT: &str = "\u{e014}";
const LEFT: &str = "\u{e012}";
const CONTROL: &str = "\u{e009}";
const SHIFT: &str = "\u{e008}";
const RELEASE: &str = "\u{e000}";
const BACKSPACE: &str = "\u{e003}";

/// A computer with the sample card's photos in it.
fn studio(place: &Place, seed: u64) -> Computer {
    let computer = place.computer("studio");
    let truth = sample_card(place, seed);
    computer.init();
    computer.import(&truth.root, "Harbour");
    computer
}

async fn open(computer: &Computer) -> Desktop {
    let desktop = Desktop::open(computer).await;
    desktop
        .until("photos", "return document.querySelectorAll('[role=option] img').length > 5")
        .await;
    desktop
}

impl Desktop {
    async fn undo(&self) {
        self.keys(&format!("{CONTROL}z{RELEASE}")).await;
    }

    async fn said(&self, words: &str) {
        let script = format!(
            "const said = document.querySelector('.said');
             return said !== null && said.innerText.includes({})",
            json!(words)
        );
        self.until(&format!("{words:?} to be said"), &script).await;
    }

    async fn seen(&self) -> String {
        let name = "return document.querySelector('.viewer .name').innerText";
        self.js(name).await.as_str().unwrap().to_owned()
    }

    /// Waits until the grid holds so many photos, seen or not.
    async fn shows(&self, count: usize, what: &str) {
        let script = format!(
            "const cell = document.querySelector('[role=option][data-photo]');
             return cell !== null && cell.getAttribute('aria-setsize') === '{count}'"
        );
        self.until(&format!("{count} photos: {what}"), &script).await;
    }

    /// Waits until the shoot's count beside its name is this.
    async fn shoot_counts(&self, photos: usize) {
        let script = format!(
            "const count = document.querySelector('nav .name[title=Harbour] ~ .count');
             return count !== null && count.innerText === '{photos}'"
        );
        self.until(&format!("{photos} photos beside the shoot's name"), &script).await;
    }

    async fn cell(&self, index: usize, what: &str) {
        let css = format!("[data-index='{index}'] {what}");
        self.find(&css).await;
    }

    async fn filter(&self, query: &str) {
        let field = self.find("[name=filter]").await;
        field.send_keys(query).await.unwrap();
        field.send_keys(ENTER).await.unwrap();
    }
}

#[test]
fn photos_are_rated_by_key_looked_at_closely_and_everything_is_taken_back() {
    let place = Place::new();
    let computer = studio(&place, 21);
    let jpeg = computer
        .lines(&["list", "format:jpeg"])
        .into_iter()
        .find(|row| row["preview"]["state"] == "ready" && row["width"].as_u64() > Some(0))
        .expect("the card has a JPEG");
    let three_stars = computer.lines(&["list", "rating:3"]).len();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let desktop = open(&computer).await;
        desktop.find("[data-index='0']").await.click().await.unwrap();
        // Each verdict goes on to the next photo; Shift stays, this once.
        desktop.keys("3").await;
        desktop.keys("p").await;
        desktop.keys(&format!("{SHIFT}x{RELEASE}")).await;
        desktop.keys("6").await;
        desktop.cell(0, "[aria-label='3 stars']").await;
        desktop.cell(1, ".flag:not(.reject)").await;
        desktop.cell(2, ".flag.reject").await;
        desktop.cell(2, ".label.red").await;
        desktop.picture("rated").await;
        // Several at once, and no going on.
        desktop.find("[data-index='4']").await.click().await.unwrap();
        desktop.keys(&format!("{SHIFT}{RIGHT}{RIGHT}{RELEASE}")).await;
        desktop.until_text("3 chosen").await;
        desktop.keys("5").await;
        for index in 4..=6 {
            desktop.cell(index, "[aria-label='5 stars']").await;
        }
        desktop.undo().await;
        desktop.said("Taken back: stars of 3 photos").await;
        desktop
            .until(
                "stars taken back",
                "return !document.querySelector('[data-index=\"4\"] [aria-label=\"5 stars\"]')",
            )
            .await;
        for what in ["labels", "flags", "flags", "stars"] {
            desktop.undo().await;
            desktop.said(&format!("Taken back: {what} of 1 photo")).await;
        }
        desktop.undo().await;
        desktop.said("Nothing left to take back").await;
        desktop
            .until(
                "nothing rated",
                "return !document.querySelector('[data-index=\"0\"] [aria-label=\"3 stars\"]')",
            )
            .await;
        desktop.keys(&format!("{CONTROL}{SHIFT}z{RELEASE}")).await;
        desktop.said("Done again: stars of 1 photo").await;
        desktop.cell(0, "[aria-label='3 stars']").await;

        the_viewer(&desktop, &jpeg).await;

        desktop.keys("?").await;
        desktop.until_text("Undo, whatever it was").await;
        desktop.picture("keys").await;
        desktop.keys(ESCAPE).await;
        desktop.close().await;
    });
    assert_eq!(computer.lines(&["list", "rating:3"]).len(), three_stars + 1);
    let described = computer.lines(&["list", "keyword:pier"]);
    assert_eq!(described.len(), 1, "the keyword written in the window");
    assert_eq!(described[0]["title"], "The pier");
    assert_eq!(computer.lines(&["list", "flag:pick"]).len(), 1);
}

async fn the_viewer(desktop: &Desktop, jpeg: &Value) {
    desktop.find("[data-index='0']").await.click().await.unwrap();
    desktop.keys(ENTER).await;
    let shown = "const img = document.querySelector('.viewer img.picture');
        return img !== null && img.complete && img.naturalWidth > 0;";
    desktop.until("the photo", shown).await;
    let first = desktop.seen().await;
    desktop.keys(RIGHT).await;
    desktop.until("the next photo", shown).await;
    assert_ne!(desktop.seen().await, first);
    desktop.keys("p").await;
    desktop.keys(LEFT).await;
    desktop.until_text("Picked").await;
    desktop.picture("viewer-film").await;

    two_beside_each_other(desktop).await;

    // The info panel, and words written there.
    desktop.keys("i").await;
    desktop
        .until("the histogram", "return document.querySelectorAll('svg path.r[d^=M]').length === 1")
        .await;
    desktop.until_text("Copies").await;
    desktop.fill("title-of-photo", &format!("The pier{ENTER}")).await;
    desktop.fill("keyword", &format!("pier{ENTER}")).await;
    desktop.find("[aria-label='Take pier away']").await;
    desktop.picture("viewer-info").await;
    desktop.js("document.querySelector('.viewer').focus()").await;
    desktop.keys("i").await;

    // 100 %: every pixel of the original.
    let id = jpeg["id"].as_str().unwrap();
    desktop.keys(ESCAPE).await;
    desktop.until("the grid", "return document.querySelector('.viewer') === null").await;
    desktop.filter(&format!("id:{id}")).await;
    desktop.shows(1, "the JPEG alone").await;
    desktop.find("[data-index='0']").await.click().await.unwrap();
    desktop.keys(ENTER).await;
    desktop.until("the photo", shown).await;
    desktop.keys("z").await;
    let whole = "const img = document.querySelector('img.full.whole');
        return img !== null && [img.naturalWidth, img.naturalHeight, img.getBoundingClientRect().width
            * devicePixelRatio];";
    let size = desktop.until("100 %", whole).await;
    let (width, height) = (jpeg["width"].as_f64().unwrap(), jpeg["height"].as_f64().unwrap());
    assert_eq!(size, json!([width as u64, height as u64, width as u64]), "pixel for pixel");
    desktop.picture("viewer-100").await;
    desktop.keys("z").await;
    desktop.until("the whole photo", shown).await;
    desktop.keys(ESCAPE).await;
    desktop.until("the grid", "return document.querySelector('.viewer') === null").await;
    let field = desktop.find("[name=filter]").await;
    field.send_keys(BACKSPACE).await.unwrap();
    desktop
        .until("all photos", "return document.querySelectorAll('[role=option]').length > 5")
        .await;
    desktop.find("[data-index='0']").await.click().await.unwrap();
}

/// One photo stays while others come beside it; keys are about the one on the right.
async fn two_beside_each_other(desktop: &Desktop) {
    let pair = "const left = document.querySelector('.viewer .held .caption .name');
        const right = document.querySelector('.viewer .half:not(.held) .caption .name');
        const seen = [...document.querySelectorAll('.viewer .shown, .viewer .picture')];
        const ready = seen.length === 2 && seen.every((img) => img.complete && img.naturalWidth > 0);
        return left && right && ready ? [left.innerText, right.innerText] : null;";
    let alone = desktop.seen().await;
    desktop.keys("c").await;
    let begun = desktop.until("two photos", pair).await;
    assert_ne!(begun[0], begun[1]);
    // The one beside the next is the one that was seen; what comes after it comes on the right.
    desktop.keys(RIGHT).await;
    let further = desktop
        .until(
            "the photo after the next",
            &format!(
                "const now = (() => {{ {pair} }})();
            return now && now[1] !== {} ? now : null;",
                begun[1]
            ),
        )
        .await;
    assert_eq!(further[0], begun[0], "held");
    desktop.picture("viewer-compare").await;
    // They change places, and verdicts follow.
    desktop.keys(&format!("{SHIFT}c{RELEASE}")).await;
    let changed = format!(
        "return JSON.stringify((() => {{ {pair} }})()) === JSON.stringify({})",
        json!([further[1], further[0]])
    );
    desktop.until("the two in each other's place", &changed).await;
    desktop.keys(&format!("{SHIFT}x{RELEASE}")).await;
    let judged =
        "return /Rejected/.test(document.querySelector('.half:not(.held) .caption').innerText)
        && !/Rejected/.test(document.querySelector('.held .caption').innerText)";
    desktop.until("the verdict on the right one", judged).await;
    desktop.undo().await;
    desktop.until("no verdict", &format!("return !(() => {{ {judged} }})()")).await;
    // One in front of the held one goes and comes back: nothing is skipped, nothing seen twice.
    desktop.keys(DELETE).await;
    let on = format!(
        "const now = (() => {{ {pair} }})();
            return now && now[0] === {} && now[1] !== {} ? now : null;",
        further[1], further[0]
    );
    desktop.until("the next one beside the one held", &on).await;
    desktop.keys(RIGHT).await;
    let past = on.replace(
        "return now && ",
        &format!("return now && now[1] !== {} && now[1] !== now[0] && ", begun[1]),
    );
    desktop.until("past the one held", &past).await;
    desktop.undo().await;
    desktop
        .until(
            "all of them",
            "return / of 40$/.test(document.querySelector('.viewer .top .figures').innerText)",
        )
        .await;
    desktop.keys(LEFT).await;
    let back = format!("return (() => {{ {pair} }})()?.[1] === {}", begun[1]);
    desktop.until("past the one held, the other way", &back).await;
    desktop.keys(LEFT).await;
    let again = format!(
        "return JSON.stringify((() => {{ {pair} }})()) === JSON.stringify({})",
        json!([further[1], further[0]])
    );
    desktop.until("the one that came back", &again).await;
    // Both at 100 %, and what one shows the other shows.
    desktop.keys("z").await;
    desktop
        .until("two at 100 %", "return document.querySelectorAll('.viewer img.whole').length === 2")
        .await;
    desktop.picture("viewer-compare-100").await;
    // The sample's pictures are small: so is what shows them, then there is something to move.
    desktop
        .js("for (const { style } of document.querySelectorAll('.viewer .half')) {
                style.right = 'auto';
                style.width = '80px';
            }
            document.querySelector('.held .stage').scrollLeft = 60;")
        .await;
    let together =
        "const [one, two] = [...document.querySelectorAll('.viewer .stage')].map((stage) =>
            (stage.scrollLeft + stage.clientWidth / 2) / stage.scrollWidth);
        return one > 0.6 && Math.abs(one - two) < 0.02";
    desktop.until("the same spot of both", together).await;
    desktop.keys("z").await;
    desktop.keys(ESCAPE).await;
    desktop.until("one photo", "return document.querySelector('.viewer .held') === null").await;
    assert_eq!(desktop.seen().await, alone, "back at the one that was held, which is on the right");
}

#[test]
fn photos_are_found_collected_and_thrown_away_and_come_back() {
    let place = Place::new();
    let computer = studio(&place, 22);
    computer.json(&["tag", "kind:raw", "--rating", "4"]);
    let all = computer.lines(&["list"]).len();
    let starred = computer.lines(&["list", "rating>=4"]).len();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let desktop = open(&computer).await;
        // Typed, it becomes a chip in words; a wrong one is told kindly, and nothing vanishes.
        desktop.filter("rating>=4").await;
        desktop.shows(starred, "four stars").await;
        desktop.until_text("4 stars or more").await;
        desktop.find("[name=filter]").await.send_keys("colour:red").await.unwrap();
        desktop.until_text("`colour` is nothing to search by").await;
        desktop.shows(starred, "what was shown before").await;
        desktop.picture("filter-wrong").await;
        desktop.keys(ESCAPE).await;
        desktop.press("Filter").await;
        desktop
            .until(
                "choices",
                "return document.querySelectorAll('[name=filter-camera] option').length > 1",
            )
            .await;
        desktop.picture("filter-menu").await;
        desktop.find("[role=dialog] [aria-label='2 stars or more']").await.click().await.unwrap();
        desktop.until_text("2 stars or more").await;
        desktop.keys(ESCAPE).await;
        let field = desktop.find("[name=filter]").await;
        field.click().await.unwrap();
        field.send_keys(BACKSPACE).await.unwrap();
        desktop.shows(all, "everything again").await;

        // An album by key, and by dragging.
        desktop.find("[data-index='0']").await.click().await.unwrap();
        desktop.keys("b").await;
        desktop.fill("album", &format!("Best{ENTER}")).await;
        desktop.find("[data-album=Best]").await;
        drag(&desktop, "[data-index='2']", "[data-album=Best]").await;
        desktop.said("1 photo put into Best").await;
        let two = "return document.querySelector('[data-album=Best] .count').innerText === '2'";
        desktop.until("two photos in the album", two).await;
        desktop.find("[data-album=Best]").await.click().await.unwrap();
        desktop.shows(2, "the album").await;
        desktop.picture("album").await;

        // The trash, and out of it.
        desktop.find("[data-index='0']").await.click().await.unwrap();
        desktop.keys(DELETE).await;
        desktop.said("1 photo in the trash").await;
        desktop.shows(1, "the rest of the album").await;
        desktop.shoot_counts(all - 1).await;
        desktop.press("Trash").await;
        desktop.shows(1, "the trash").await;
        desktop.picture("trash").await;
        desktop.find("[data-index='0']").await.click().await.unwrap();
        desktop.keys("r").await;
        desktop.until_text("The trash is empty").await;
        desktop.shoot_counts(all).await;
        desktop.undo().await;
        desktop.shows(1, "in the trash again").await;

        // From any place to any other, and whoever goes there has its photos under the keys.
        desktop.press("Home").await;
        desktop.until_text("exist only on this computer").await;
        desktop.press("Trash").await;
        desktop.shows(1, "the trash, from elsewhere").await;
        desktop.press("Home").await;
        desktop.press("Library").await;
        desktop.shows(all - 1, "the library, from elsewhere").await;
        let grid = "return document.activeElement.matches('[role=listbox]')";
        desktop.until("the focus in the grid", grid).await;
        desktop.keys(&format!("{CONTROL}a{RELEASE}")).await;
        desktop.until_text(&format!("{} chosen", all - 1)).await;
        desktop.close().await;
    });
    let trashed = computer.lines(&["list", "status:trash"]);
    assert_eq!(trashed.len(), 1, "what the window did is in the catalogue");
    assert!(
        std::path::Path::new(trashed[0]["path"].as_str().unwrap()).exists(),
        "no file was touched"
    );
    let back = computer.json(&["trash", "--back"]);
    assert_eq!(back["changed"], 1);
    assert_eq!(computer.lines(&["list", "album:Best"]).len(), 2);
    assert_eq!(computer.json(&["trash", "album:Best"])["changed"], 2);
    assert_eq!(computer.lines(&["list"]).len(), all - 2);
    assert_eq!(computer.says(&["trash"]).code, Some(2), "a query is needed");
}

/// Presses on one thing, moves to the other, and lets go there.
async fn drag(desktop: &Desktop, from: &str, to: &str) {
    let place = |css: &str| {
        format!(
            "const box = document.querySelector({}).getBoundingClientRect();
             return [Math.round(box.left + box.width / 2), Math.round(box.top + box.height / 2)]",
            json!(css)
        )
    };
    let at = |value: Value| (value[0].as_i64().unwrap(), value[1].as_i64().unwrap());
    let (from, to) = (at(desktop.js(&place(from)).await), at(desktop.js(&place(to)).await));
    let go = |(x, y): (i64, i64)| PointerAction::MoveTo {
        duration: Some(Duration::from_millis(120)),
        x: x as f64,
        y: y as f64,
    };
    let mouse = MouseActions::new("mouse".to_owned())
        .then(go(from))
        .then(PointerAction::Down { button: 0 })
        .then(go((from.0 + 20, from.1 + 20)))
        .then(go(to))
        .then(PointerAction::Up { button: 0 });
    desktop.window.perform_actions(mouse).await.unwrap();
}

#[test]
fn home_says_whether_the_photos_are_safe_and_a_backup_can_wait() {
    let place = Place::new();
    let server = Server::start(&place);
    let computer = studio(&place, 23).with(server.bucket());
    let photos = computer.lines(&["list"]).len();
    computer.vault_create();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let desktop = open(&computer).await;
        desktop.press("Home").await;
        desktop.until_text(&format!("All {photos} photos exist only on this computer.")).await;
        desktop.until_text("Harbour").await;
        desktop.picture("home-alone").await;
        desktop.press("Back up").await;
        desktop.until_text("Everything is safe in two places.").await;
        desktop.picture("home-safe").await;
        desktop.close().await;
    });
    assert_eq!(computer.lines(&["list", "status:notbackedup"]).len(), 0);
}
