//! How quick the window is with a large library: start, the next photo, scrolling, filtering,
//! resting.
//!
//! With 20,000 photos and twenty times the limits in every run (memory 2.5, rest 6 times); `scripts/bench.sh` sets
//! `DARKSLIDE_PHOTOS=100000` and holds it to the limits themselves. The figures lie in
//! `test-output/window-figures.json` afterwards.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use darkslide_core::catalog::{Catalog, Fields, ImportedExposure, ImportedFile};
use darkslide_core::media::{
    CaptureTime, ContentHash, FileId, ImportId, MediaKind, PhotoId, PreviewSize, Role, ShootId,
    TimeSource,
};
use darkslide_core::previews::Cache;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, RgbImage};
use serde_json::{Value, json};

use crate::support::desktop::{Desktop, ENTER};
use crate::support::program::{Computer, Place};

/// So many of the newest photos have small previews, and so many large ones.
const THUMBS: u32 = 2_000;
const VIEWS: u32 = 80;

fn photos() -> (u32, f64) {
    match std::env::var("DARKSLIDE_PHOTOS") {
        Ok(count) => (count.parse().expect("a number"), 1.0),
        // Not optimised, and other tests run beside it: only what went badly wrong is seen.
        Err(_) => (20_000, 20.0),
    }
}

fn id<const N: usize>(n: u32, salt: u8) -> [u8; N] {
    let mut state = (u64::from(n) << 8 | u64::from(salt)).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::array::from_fn(|_| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8
    })
}

/// Photo `n` of `all`, the newest last.
fn exposure(n: u32, all: u32, shoots: &[ShootId]) -> ImportedExposure {
    let seconds = i64::from(n) * 200_000_000 / i64::from(all);
    let taken = jiff::civil::date(2020, 1, 1).at(8, 0, 0, 0);
    let taken = taken.checked_add(jiff::Span::new().seconds(seconds)).unwrap();
    let meta = json!({
        "make": "Canon", "model": format!("Canon EOS R{}", n % 7), "lens": format!("RF{}mm F2", 24 + n % 90),
        "iso": 100 << (n % 8), "aperture": 2.8, "shutter": "1/250", "focal_length": 85.0,
        "width": 6000, "height": 4000, "orientation": 1, "format": "CR3",
    });
    let mut more = Fields::new();
    more.insert("preview".into(), json!({ "state": "ready", "width": 2048, "height": 1365 }));
    if n.is_multiple_of(10) {
        more.insert("rating".into(), (n / 10 % 6).into());
        more.insert("kw/dance".into(), true.into());
    }
    ImportedExposure {
        photo: PhotoId(id(n, 1)),
        import: ImportId([7; 16]),
        shoot: Some(shoots[n as usize * shoots.len() / all as usize]),
        kind: MediaKind::Raw,
        taken: Some(CaptureTime { local: taken, offset_min: Some(60), source: TimeSource::Exif }),
        meta: meta.as_object().unwrap().clone(),
        more,
        files: vec![ImportedFile {
            file: FileId(id(n, 2)),
            role: Role::Raw,
            name: format!("IMG_{:04}.CR3", n % 10_000).into_bytes(),
            bytes: 30_000_000,
            sha256: ContentHash(id(n, 3)),
            mime: "image/x-canon-cr3".into(),
            path: format!("Originals/{}/IMG_{n:06}.CR3", n / 1_000),
            mtime_ns: 1,
            verified_at: jiff::Timestamp::from_second(1_780_000_000).unwrap(),
            lead: true,
            replaces: None,
            mirrors: Vec::new(),
        }],
    }
}

/// A picture with structure, so that its JPEG is as large as those of photos.
fn picture(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
        let wave = (u * 19.0 + f64::from(seed)).sin() * (v * 23.0).cos();
        let grain = (x.wrapping_mul(374_761_393) ^ y.wrapping_mul(668_265_263)) >> 27;
        let of = |base: f64| (base + wave * 60.0 + f64::from(grain)).clamp(0.0, 255.0) as u8;
        image::Rgb([of(90.0 + u * 80.0), of(100.0), of(80.0 + v * 90.0)])
    });
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, 85);
    encoder.encode(picture.as_raw(), width, height, ExtendedColorType::Rgb8).unwrap();
    jpeg
}

/// A library of so many photos, as if imported.
fn fill(computer: &Computer, all: u32) {
    computer.init();
    let home = computer.home.join("darkslide");
    let catalog = Catalog::open(&home, Arc::new(jiff::Timestamp::now)).unwrap();
    let shoots: Vec<ShootId> =
        (0..200).map(|n| catalog.shoot_named(&format!("Shoot {n}"), None).unwrap()).collect();
    for first in (0..all).step_by(2_000) {
        let batch: Vec<_> =
            (first..all.min(first + 2_000)).map(|n| exposure(n, all, &shoots)).collect();
        catalog.record_import(&batch, &[]).unwrap();
    }
    drop(catalog);
    let cache = Cache::new(home.join("previews"));
    let thumbs: Vec<_> = (0..8).map(|seed| picture(512, 341, seed)).collect();
    let views: Vec<_> = (0..8).map(|seed| picture(2048, 1365, seed)).collect();
    for (n, back) in (0..all).rev().zip(0..THUMBS) {
        let photo = PhotoId(id(n, 1));
        // Straight to its place: nobody waits for these to be safe.
        let put = |size, jpeg: &[u8]| {
            let path = cache.path(photo, size);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, jpeg).unwrap();
        };
        put(PreviewSize::Thumb, &thumbs[n as usize % 8]);
        if back < VIEWS {
            put(PreviewSize::View, &views[n as usize % 8]);
        }
    }
}

/// The window's program and all it started.
struct Processes(Vec<u32>);

fn stat(pid: u32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

impl Processes {
    /// The one whose home this is, and its children.
    fn of(home: &Path) -> Self {
        let all: Vec<u32> = std::fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok())
            .collect();
        let parent = |pid: u32| stat(pid)?.get(1)?.parse::<u32>().ok();
        let is_ours = |pid: &u32| {
            let exe = std::fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
            let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let home = home.to_str().unwrap().as_bytes();
            exe.ends_with("darkslide-app")
                && environment.windows(home.len()).any(|part| part == home)
        };
        let root = *all.iter().find(|pid| is_ours(pid)).expect("the window's program runs");
        let mut found = vec![root];
        let mut at = 0;
        while at < found.len() {
            let children = all.iter().filter(|pid| parent(**pid) == Some(found[at]));
            let new: Vec<u32> = children.filter(|pid| !found.contains(pid)).copied().collect();
            found.extend(new);
            at += 1;
        }
        Self(found)
    }

    /// Milliseconds since 1970 at which the program was started.
    fn started(&self) -> f64 {
        let ticks: f64 = stat(self.0[0]).unwrap()[19].parse().unwrap();
        let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
        let uptime: f64 = uptime.split_whitespace().next().unwrap().parse().unwrap();
        let now = jiff::Timestamp::now().as_millisecond() as f64;
        now - uptime * 1e3 + ticks * 10.0
    }

    /// Seconds of processor so far.
    fn processor(&self) -> f64 {
        let of = |pid: &u32| {
            let stat = stat(*pid)?;
            Some(stat[11].parse::<f64>().ok()? + stat[12].parse::<f64>().ok()?)
        };
        self.0.iter().filter_map(of).sum::<f64>() / 100.0
    }

    /// Megabytes; pages they share count once.
    fn memory(&self) -> f64 {
        let of = |pid: &u32| {
            let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
            let pss = text.lines().find(|line| line.starts_with("Pss:"))?;
            pss.split_whitespace().nth(1)?.parse::<f64>().ok()
        };
        self.0.iter().filter_map(of).sum::<f64>() / 1024.0
    }
}

#[derive(Default)]
struct Figures(BTreeMap<String, Value>, Vec<String>);

impl Figures {
    fn note(&mut self, name: &str, figure: f64, limit: f64, slack: f64) {
        self.0.insert(name.to_owned(), json!({ "figure": figure, "limit": limit }));
        if figure > limit * slack {
            self.1.push(format!("{name}: {figure:.1}, at most {limit}"));
        }
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

async fn start(computer: &Computer) -> (Desktop, f64) {
    let desktop = Desktop::open(computer).await;
    let mark = "const [mark] = performance.getEntriesByName('first-pictures');
        return mark ? performance.timeOrigin + mark.startTime : null;";
    let shown = number(&desktop.until("the first pictures", mark).await);
    let started = Processes::of(&computer.home).started();
    (desktop, shown - started)
}

/// Key press to the next photo on the screen, for so many photos.
async fn steps(desktop: &Desktop, count: usize) -> Value {
    desktop
        .js("window.steps = [];
            addEventListener('keydown', (event) => {
                if (event.key !== 'ArrowRight') return;
                const begun = event.timeStamp;
                const old = document.querySelector('.viewer img.picture')?.src;
                const look = () => {
                    const img = document.querySelector('.viewer img.picture');
                    if (img && img.src !== old && img.complete && img.naturalWidth > 0)
                        // The frame with it has been handed over when the next one begins.
                        requestAnimationFrame(() => steps.push(performance.now() - begun));
                    else requestAnimationFrame(look);
                };
                requestAnimationFrame(look);
            }, true);")
        .await;
    for n in 1..=count {
        desktop.keys("\u{e014}").await;
        desktop.until("the next photo", &format!("return steps.length >= {n}")).await;
        // A look at the photo, as a quick photographer takes it.
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    desktop.js("return steps").await
}

/// Script and layout of each scroll step, and how long cells in view had no picture.
async fn scrolling(desktop: &Desktop) -> Value {
    desktop
        .js("window.scrolled = null;
            (async () => {
                const scroller = document.querySelector('[role=listbox]');
                const costs = [], blanks = [];
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
                for (let step = 0; step < 150; step += 1) {
                    const begun = performance.now();
                    scroller.scrollTop += 120;
                    scroller.dispatchEvent(new Event('scroll'));
                    await Promise.resolve();
                    await Promise.resolve();
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
                window.scrolled = { costs, blanks: [0, ...blanks] };
            })();")
        .await;
    desktop.until("the end of scrolling", "return window.scrolled").await
}

/// From Enter in the filter to its result.
async fn filtering(desktop: &Desktop, query: &str) -> f64 {
    desktop
        .js("window.found = null;
            const heads = () => [...document.querySelectorAll('h2')].map((h) => h.innerText).join();
            const before = heads();
            addEventListener('keydown', function pressed(event) {
                if (event.key !== 'Enter') return;
                removeEventListener('keydown', pressed, true);
                const begun = event.timeStamp;
                const watch = new MutationObserver(() => {
                    if (heads() === before || !document.querySelector('[data-photo]')) return;
                    watch.disconnect();
                    window.found = performance.now() - begun;
                });
                watch.observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true });
            }, true);
            document.querySelector('[name=filter]').value = '';")
        .await;
    let field = desktop.find("[name=filter]").await;
    // At once: typed slowly, the result would be there before Enter.
    field.send_keys(&format!("{query}{ENTER}")).await.unwrap();
    let time = number(&desktop.until("the result", "return window.found").await);
    // A query has two terms at most; one press too many does nothing.
    field.send_keys("\u{e003}\u{e003}").await.unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    time
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
        let cold = start(&computer).await;
        figures.note("start to first pictures, first time, ms", cold.1, 1_500.0, slack);
        cold.0.close().await;
        let (desktop, warm) = start(&computer).await;
        figures.note("start to first pictures, again, ms", warm, 800.0, slack);

        let scrolled = scrolling(&desktop).await;
        figures.note(
            "scroll step, script and layout, p95 ms",
            quantile(&scrolled["costs"], 0.95),
            8.0,
            slack,
        );
        figures.note(
            "longest without a picture, ms",
            quantile(&scrolled["blanks"], 1.0),
            100.0,
            slack,
        );

        let mut times = Vec::new();
        for query in
            ["rating>=4", "dance", "camera:R6 iso>=1600", "date:2022-05", "shoot:\"Shoot 7\""]
        {
            times.push(filtering(&desktop, query).await);
        }
        let slowest = times.iter().copied().fold(0.0, f64::max);
        figures.note("filter result, slowest, ms", slowest, 100.0, slack);

        desktop.js("document.querySelector('[role=listbox]').scrollTop = 0").await;
        desktop.find("[data-index='0']").await.click().await.unwrap();
        desktop.keys(ENTER).await;
        desktop.find(".viewer img.picture").await;
        tokio::time::sleep(Duration::from_millis(800)).await;
        let steps = steps(&desktop, 40).await;
        figures.note("key to next photo, p95 ms", quantile(&steps, 0.95), 50.0, slack);
        figures.0.insert("key to next photo, median ms".into(), json!(quantile(&steps, 0.5)));

        let processes = Processes::of(&computer.home);
        figures.note("memory of all processes, MB", processes.memory(), 600.0, slack.min(2.5));
        tokio::time::sleep(Duration::from_secs(3)).await;
        let (before, begun) = (processes.processor(), Instant::now());
        tokio::time::sleep(Duration::from_secs(5)).await;
        let idle = (processes.processor() - before) / begun.elapsed().as_secs_f64() * 100.0;
        figures.note("idle processor, %", idle, 1.0, slack.min(6.0));
        desktop.close().await;
    });
    figures.0.insert("photos".into(), json!(all));
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/test-output"));
    std::fs::create_dir_all(&folder).unwrap();
    let text = serde_json::to_string_pretty(&figures.0).unwrap();
    std::fs::write(folder.join("window-figures.json"), &text).unwrap();
    assert!(figures.1.is_empty(), "{:#?}\n{text}", figures.1);
}
