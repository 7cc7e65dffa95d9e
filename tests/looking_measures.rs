//! How quick the window is with a large library: start, the next photo, scrolling, filtering,
//! resting, and what it takes of the memory after long use.
//!
//! With 20,000 photos and twenty times the limits in every run (memory 2.5, rest 6 times), and a moment of use;
//! `scripts/bench.sh` sets `DARKSLIDE_PHOTOS=100000`, `DARKSLIDE_MINUTES` and holds it to the limits
//! themselves. The figures lie in `test-output/window-figures.json` afterwards.
//!
//! Times are taken in the page: what the driver needs to bring a key there is not the window's.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::desktop::{Desktop, ENTER, ESCAPE};
use crate::support::large_library::fill;
use crate::support::processes::Processes;
use crate::support::program::{Computer, Place};

const RIGHT: &str = "\u{e014}";

fn photos() -> (u32, f64) {
    match std::env::var("DARKSLIDE_PHOTOS") {
        Ok(count) => (count.parse().expect("a number"), 1.0),
        // Not optimised, and other tests run beside it: only what went badly wrong is seen.
        Err(_) => (20_000, 20.0),
    }
}

/// How long it is used before its memory is looked at again.
fn long_use() -> Duration {
    let minutes = std::env::var("DARKSLIDE_MINUTES").map_or(0.05, |n| n.parse().expect("minutes"));
    Duration::from_secs_f64(minutes * 60.0)
}

#[derive(Default)]
struct Figures {
    all: BTreeMap<String, Value>,
    missed: Vec<String>,
}

impl Figures {
    fn note(&mut self, name: &str, figure: f64, limit: f64, slack: f64) {
        let rounded = (figure * 10.0).round() / 10.0;
        self.all.insert(name.to_owned(), json!({ "figure": rounded, "limit": limit }));
        if figure > limit * slack {
            self.missed.push(format!("{name}: {figure:.1}, at most {limit}"));
        }
    }

    /// A figure nothing is asked of, to judge the others by.
    fn tell(&mut self, name: &str, figure: f64) {
        self.all.insert(name.to_owned(), json!({ "figure": (figure * 10.0).round() / 10.0 }));
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

/// The value that so large a share of these does not exceed.
fn quantile(value: &Value, share: f64) -> f64 {
    let mut times: Vec<f64> = value.as_array().unwrap().iter().map(number).collect();
    times.sort_by(f64::total_cmp);
    times[((times.len() - 1) as f64 * share).round() as usize]
}

/// Takes all files out of the system's memory, where a measurement asks for it and may; whether it did.
fn uncached() -> bool {
    if std::env::var_os("DARKSLIDE_PHOTOS").is_none() {
        return false;
    }
    // What is not on the disk yet cannot be taken out.
    std::process::Command::new("sync").status().unwrap();
    std::fs::write("/proc/sys/vm/drop_caches", "3").is_ok()
}

async fn start(computer: &Computer) -> (Desktop, f64) {
    let desktop = Desktop::open(computer).await;
    let mark = "const [mark] = performance.getEntriesByName('first-pictures');
        return mark ? performance.timeOrigin + mark.startTime : null;";
    let shown = number(&desktop.until("the first pictures", mark).await);
    let started = Processes::of(&computer.home).started();
    (desktop, shown - started)
}

/// From the press of a key to another picture on the screen, so many times.
async fn steps(desktop: &Desktop, picture: &str, count: usize) -> Value {
    let script = "window.steps = [];
        window.measuring = new AbortController();
        const { signal } = measuring;
        const shown = () => document.querySelector(PICTURE);
        addEventListener('keydown', (event) => {
            if (event.key !== 'ArrowRight') return;
            const begun = event.timeStamp;
            const old = shown()?.src;
            const look = () => {
                const img = shown();
                if (img && img.src !== old && img.complete && img.naturalWidth > 0)
                    // The frame with it has been handed over when the next one begins.
                    requestAnimationFrame(() => steps.push(performance.now() - begun));
                else if (!signal.aborted) requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
        }, { capture: true, signal });";
    desktop.js(&script.replace("PICTURE", &json!(picture).to_string())).await;
    for n in 1..=count {
        desktop.keys(RIGHT).await;
        // A look at the photo, as a quick photographer takes it, and no question in between.
        tokio::time::sleep(Duration::from_millis(300)).await;
        desktop.until("the next photo", &format!("return steps.length >= {n}")).await;
    }
    desktop.js("measuring.abort(); return steps").await
}

/// Two pictures of the viewer's size, decoded, in an otherwise empty page: a key shows the other.
/// No window in this web view on this computer can be quicker.
async fn bare_steps(desktop: &Desktop, count: usize) -> Value {
    desktop
        .js("const pictures = [...document.querySelectorAll('.viewer img')].slice(0, 2).map((one) => {
                const img = new Image();
                img.src = one.src;
                img.decoding = 'sync';
                Object.assign(img.style, { position: 'fixed', inset: '0', width: '100%',
                    height: '100%', objectFit: 'contain' });
                return img;
            });
            document.body.replaceChildren(...pictures);
            let at = 0;
            const show = () => pictures.forEach((img, n) => {
                img.className = n === at ? 'shown' : '';
                img.style.visibility = n === at ? 'visible' : 'hidden';
            });
            show();
            addEventListener('keydown', () => { at = 1 - at; show(); });
            window.ready = false;
            Promise.all(pictures.map((img) => img.decode())).then(() => (window.ready = true));")
        .await;
    desktop.until("the bare pictures", "return ready").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    steps(desktop, "img.shown", count).await
}

/// Script and layout of each scroll step, and how long cells in view had no picture.
async fn scrolling(desktop: &Desktop, steps: usize) -> Value {
    let script = "window.scrolled = null;
        (async () => {
            const scroller = document.querySelector('[role=listbox]');
            const costs = [], scripts = [], blanks = [];
            const frame = () => new Promise((done) => requestAnimationFrame(done));
            const bare = () => {
                const box = scroller.getBoundingClientRect();
                return [...scroller.querySelectorAll('[role=option]')].some((cell) => {
                    const at = cell.getBoundingClientRect();
                    if (at.bottom < box.top || at.top > box.bottom) return false;
                    const img = cell.querySelector('img');
                    return !img || !img.complete || img.naturalWidth === 0;
                });
            };
            let since = null;
            for (let step = 0; step < STEPS; step += 1) {
                const begun = performance.now();
                scroller.scrollTop += 120;
                scroller.dispatchEvent(new Event('scroll'));
                await Promise.resolve();
                await Promise.resolve();
                scripts.push(performance.now() - begun);
                void scroller.offsetHeight;
                document.querySelector('[role=option]')?.getBoundingClientRect();
                costs.push(performance.now() - begun);
                await frame();
                const now = performance.now();
                if (bare()) since ??= now;
                else if (since !== null) { blanks.push(now - since); since = null; }
            }
            const end = performance.now();
            while (bare() && performance.now() - end < 5000) await frame();
            if (since !== null) blanks.push(performance.now() - since);
            window.scrolled = { costs, scripts, blanks: [0, ...blanks] };
        })();";
    desktop.js(&script.replace("STEPS", &steps.to_string())).await;
    desktop.until("the end of scrolling", "return window.scrolled").await
}

/// From Enter in the filter to its result on the screen.
async fn filtering(desktop: &Desktop, query: &str) -> f64 {
    let script = "window.found = null;
        const heads = () => [...document.querySelectorAll('h2')].map((h) => h.innerText).join();
        const before = heads();
        const field = document.querySelector('[name=filter]');
        field.focus();
        field.value = QUERY;
        // At once: typed slowly, the result would be there before Enter.
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        const begun = performance.now();
        const watch = new MutationObserver(() => {
            if (heads() === before || !document.querySelector('[data-photo]')) return;
            watch.disconnect();
            requestAnimationFrame(() => (window.found = performance.now() - begun));
        });
        watch.observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true });
        field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));";
    desktop.js(&script.replace("QUERY", &json!(query).to_string())).await;
    let time = number(&desktop.until("the result", "return window.found").await);
    unfilter(desktop).await;
    time
}

/// A query has two terms at most; one press too many does nothing.
async fn unfilter(desktop: &Desktop) {
    let field = desktop.find("[name=filter]").await;
    field.send_keys("\u{e003}\u{e003}").await.unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
}

/// A round of what a photographer does for hours: scrolls, looks for something, looks at photos one
/// after the other, gives stars and takes them back.
async fn round(desktop: &Desktop, round: usize) {
    let top = 900 * (round % 30);
    desktop.js(&format!("document.querySelector('[role=listbox]').scrollTop = {top}")).await;
    scrolling(desktop, 40).await;
    filtering(desktop, ["rating>=4", "dance", "date:2022-05"][round % 3]).await;
    desktop.js("document.querySelector('[role=listbox]').scrollTop = 0").await;
    desktop.find("[data-index='0']").await.click().await.unwrap();
    desktop.keys(ENTER).await;
    desktop.find(".viewer img.picture").await;
    for step in 0..10 {
        desktop.keys(RIGHT).await;
        tokio::time::sleep(Duration::from_millis(250)).await;
        if step == 5 {
            desktop.keys("4").await;
            tokio::time::sleep(Duration::from_millis(300)).await;
            desktop.keys("0").await;
        }
    }
    desktop.keys(ESCAPE).await;
    desktop.until("the grid", "return !document.querySelector('.viewer')").await;
}

/// Megabytes after every round of so long a use, two of them at least.
async fn use_for(desktop: &Desktop, processes: &Processes, time: Duration) -> Vec<f64> {
    let begun = Instant::now();
    let mut megabytes = Vec::new();
    while megabytes.len() < 2 || begun.elapsed() < time {
        round(desktop, megabytes.len()).await;
        megabytes.push(processes.memory());
    }
    megabytes
}

fn most(megabytes: &[f64]) -> f64 {
    megabytes.iter().copied().fold(0.0, f64::max)
}

#[test]
fn a_large_library_is_quick_in_the_window() {
    let (all, slack) = photos();
    let place = Place::new();
    let computer = place.computer("studio");
    fill(&computer, all);
    let mut figures = Figures::default();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let name = match uncached() {
            true => "start to first pictures, all from the disk, ms",
            false => "start to first pictures, first time, ms",
        };
        let cold = start(&computer).await;
        figures.note(name, cold.1, 1_500.0, slack);
        cold.0.close().await;
        let (desktop, warm) = start(&computer).await;
        figures.note("start to first pictures, again, ms", warm, 800.0, slack);
        let processes = Processes::of(&computer.home);

        let scrolled = scrolling(&desktop, 150).await;
        let cost = quantile(&scrolled["costs"], 0.95);
        figures.note("scroll step, script and layout, p95 ms", cost, 8.0, slack);
        let script = quantile(&scrolled["scripts"], 0.95);
        figures.tell("scroll step, script alone, p95 ms", script);
        let blank = quantile(&scrolled["blanks"], 1.0);
        figures.note("longest without a picture, ms", blank, 100.0, slack);

        let mut slowest: f64 = 0.0;
        let mut once: f64 = 0.0;
        for query in
            ["rating>=4", "dance", "camera:R6 iso>=1600", "date:2022-05", "shoot:\"Shoot 7\""]
        {
            let mut times = Vec::new();
            for _ in 0..3 {
                times.push(filtering(&desktop, query).await);
            }
            let (typical, most) = (quantile(&json!(times), 0.5), quantile(&json!(times), 1.0));
            figures.tell(&format!("filter result, {query}, median ms"), typical);
            (slowest, once) = (typical.max(slowest), most.max(once));
        }
        figures.tell("filter result, slowest of 15, ms", once);
        figures.note("filter result, slowest median, ms", slowest, 100.0, slack);

        desktop.js("document.querySelector('[role=listbox]').scrollTop = 0").await;
        desktop.find("[data-index='0']").await.click().await.unwrap();
        desktop.keys(ENTER).await;
        desktop.find(".viewer img.picture").await;
        tokio::time::sleep(Duration::from_millis(800)).await;
        let times = steps(&desktop, ".viewer img.picture", 40).await;
        figures.note("key to next photo, p95 ms", quantile(&times, 0.95), 50.0, slack);
        figures.tell("key to next photo, median ms", quantile(&times, 0.5));

        let now = processes.memory();
        figures.note("memory of all processes, MB", now, 600.0, slack.min(2.5));
        tokio::time::sleep(Duration::from_secs(3)).await;
        let (before, begun) = (processes.processor(), Instant::now());
        tokio::time::sleep(Duration::from_secs(5)).await;
        let idle = (processes.processor() - before) / begun.elapsed().as_secs_f64() * 100.0;
        figures.note("idle processor, %", idle, 1.0, slack.min(6.0));

        desktop.keys(ESCAPE).await;
        let used = use_for(&desktop, &processes, long_use()).await;
        let part = (used.len() / 4).max(1);
        let (first, last) = (most(&used[..part]), most(&used[used.len() - part..]));
        figures.note("memory at most in use, MB", most(&used), 600.0, slack.min(2.5));
        figures.note("memory in use, last / first quarter", last / first, 1.1, slack.min(1.5));
        figures.all.insert("memory in use, MB".into(), json!(used));

        desktop.keys(ENTER).await;
        desktop
            .until("the viewer", "return document.querySelectorAll('.viewer img').length > 3")
            .await;
        let bare = bare_steps(&desktop, 20).await;
        figures.tell("the same in an empty page, p95 ms", quantile(&bare, 0.95));
        figures.tell("the same in an empty page, median ms", quantile(&bare, 0.5));
        desktop.close().await;
    });
    figures.tell("photos", all.into());
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/test-output"));
    std::fs::create_dir_all(&folder).unwrap();
    let text = serde_json::to_string_pretty(&figures.all).unwrap();
    std::fs::write(folder.join("window-figures.json"), &text).unwrap();
    assert!(figures.missed.is_empty(), "{:#?}\n{text}", figures.missed);
}
