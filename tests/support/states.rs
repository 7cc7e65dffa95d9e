//! A visual set: states of the real window, each looked at by machine and kept for people.
//!
//! Every state is seen dark at 1280 × 800 and light at 1024 × 700. In both, nothing may be cut off
//! ([`AUDIT`]) and axe-core finds nothing. The pictures lie in `test-output/states/`, with an
//! `index.html` that shows all of them.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::desktop::{Desktop, ESCAPE};

const AUDIT: &str = include_str!("audit.js");

/// The tests bring it to the window; it is no part of the program.
const AXE: &str = "ui/node_modules/axe-core/axe.min.js";

const TAB: &str = "\u{e004}";

/// Rules that say nothing here, with the reason.
const NOT_ASKED: [(&str, &str); 0] = [];

/// Makes still what moves: a state is looked at, not the way to it. By the object model, which
/// the content security policy leaves to the page's own scripts and to drivers.
const STILL: &str = "
    const sheet = [...document.styleSheets].find((sheet) => sheet.cssRules.length > 0);
    sheet.insertRule('*, *::before, *::after { transition: none !important }', sheet.cssRules.length);";

/// Shows the light theme to a window whose system is dark.
const THEME: &str = "
    for (const sheet of document.styleSheets)
        for (const rule of sheet.cssRules)
            if (rule instanceof CSSMediaRule && /scheme: light|all/.test(rule.media.mediaText))
                rule.media.mediaText = LIGHT ? 'all' : '(prefers-color-scheme: light)';
    document.querySelector('.viewer')?.dispatchEvent(new PointerEvent('pointermove', { bubbles: true }));";

const AXE_RUN: &str = "
    const done = arguments[arguments.length - 1];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const off = Object.fromEntries(OFF.map((rule) => [rule, { enabled: false }]));
    axe.run(document, { resultTypes: ['violations'], preload: false, rules: off,
        runOnly: { type: RULES ? 'rule' : 'tag', values: RULES ?? tags } }).then(
        (found) => done(found.violations.map((v) => `${v.id} (${v.help}): ` + v.nodes
            .map((node) => `${node.target} ${node.html.slice(0, 160)} ${node.any.map((a) => a.message)}`)
            .join('; '))),
        (error) => done([`axe failed: ${error}`]));";

/// Holds back the shell's answer to a command, so that the time until it comes can be looked at.
const HOLD: &str = "
    if (!window.heldBack) {
        const real = window.fetch;
        window.heldBack = { names: new Set(), waiting: [] };
        window.fetch = (input, init) => {
            const name = String(input?.url ?? input).split('/').at(-1);
            const answer = real(input, init);
            if (!window.heldBack.names.has(name)) return answer;
            return new Promise((go) => window.heldBack.waiting.push(() => go(answer)));
        };
    }
    window.heldBack.names.add(NAME);";

const LET_GO: &str = "
    window.heldBack.names.clear();
    for (const go of window.heldBack.waiting.splice(0)) go();";

/// Everything that must be reached by Tab: of radio buttons one, the arrow keys do the rest.
const STOPS: &str = "
    const open = [...document.querySelectorAll('dialog[open]')];
    const top = open.at(-1) ?? document.querySelector('.viewer') ?? document.body;
    const can = 'button:enabled, input:enabled, select:enabled, textarea, summary, [tabindex=\"0\"]';
    const seen = (el) => el.checkVisibility({ visibilityProperty: true });
    window.stops = [...top.querySelectorAll(can)].filter((el) => seen(el) && el.tabIndex >= 0
        && !el.closest('[inert]') && !(el.type === 'radio' && !el.checked));
    window.reached = new Set();
    document.activeElement?.blur();
    return window.stops.length;";

/// Notes where the focus is; what is wrong with how it is shown.
const STOP: &str = "
    const el = document.activeElement;
    if (!el || el === document.body) return null;
    window.reached.add(el);
    const ring = (at) => at && getComputedStyle(at).outlineStyle !== 'none'
        && parseFloat(getComputedStyle(at).outlineWidth) >= 1;
    const shown = ring(el) || ring(el.closest('label')) || ring(el.querySelector('.current'))
        || el.closest('.search:focus-within');
    const at = el.getBoundingClientRect();
    const inside = at.right > 0 && at.bottom > 0 && at.left < innerWidth && at.top < innerHeight;
    const what = el.outerHTML.slice(0, 120);
    if (!shown) return `no ring is seen around ${what}`;
    return inside ? null : `the focus is outside of the window, on ${what}`;";

const NOT_REACHED: &str = "
    return window.stops.filter((el) => !window.reached.has(el) && el.isConnected)
        .map((el) => `Tab does not reach ${el.outerHTML.slice(0, 120)}`);";

/// One walk through a part of the window.
pub struct Walk<'a> {
    desktop: &'a Desktop,
    flow: &'static str,
    seen: usize,
    wrong: Vec<String>,
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/test-output/states"))
}

impl<'a> Walk<'a> {
    pub async fn begin(desktop: &'a Desktop, flow: &'static str) -> Self {
        std::fs::create_dir_all(folder()).unwrap();
        for old in pictures().into_iter().filter(|name| name.starts_with(flow)) {
            std::fs::remove_file(folder().join(old)).unwrap();
        }
        let axe = concat!(env!("CARGO_MANIFEST_DIR"), "/").to_owned() + AXE;
        let axe = std::fs::read_to_string(axe).expect("axe-core is there (npm ci in ui/)");
        desktop.js(&format!("{axe}; return typeof window.axe")).await;
        desktop.js(STILL).await;
        Self { desktop, flow, seen: 0, wrong: Vec::new() }
    }

    /// Waits for these words, then looks at the state they belong to.
    pub async fn state(&mut self, name: &str, words: &[&str]) {
        for text in words {
            self.desktop.until_text(text).await;
        }
        self.seen += 1;
        let name = format!("{}-{:02}-{name}", self.flow, self.seen);
        for (look, light, size) in [("dark", false, (1280, 800)), ("light", true, (1024, 700))] {
            self.desktop.window.set_window_size(size.0, size.1).await.unwrap();
            self.desktop.js(&THEME.replace("LIGHT", &light.to_string())).await;
            let sized = format!("return innerWidth === {} && innerHeight === {}", size.0, size.1);
            self.desktop.until("the window's size", &sized).await;
            // Pictures that come into view are fetched, and what follows the size is laid out.
            tokio::time::sleep(Duration::from_millis(120)).await;
            let mut found = strings(&self.desktop.js(AUDIT).await);
            found.extend(self.axe(light).await);
            self.wrong.extend(found.into_iter().map(|line| format!("{name}, {look}: {line}")));
            let png = self.desktop.snapshot().await;
            std::fs::write(folder().join(format!("{name}-{look}.png")), png).unwrap();
        }
    }

    /// Light differs from dark by its colours only.
    async fn axe(&self, colours_only: bool) -> Vec<String> {
        let rules = if colours_only { json!(["color-contrast"]) } else { Value::Null };
        let off: Vec<_> = NOT_ASKED.iter().map(|(rule, _)| rule).collect();
        let script =
            AXE_RUN.replace("RULES", &rules.to_string()).replace("OFF", &json!(off).to_string());
        strings(&self.desktop.window.execute_async(&script, Vec::new()).await.unwrap())
    }

    /// Goes round by Tab alone: everything is reached, and the ring is seen at every stop.
    pub async fn round(&mut self, name: &str) {
        let stops = self.desktop.js(STOPS).await.as_u64().unwrap();
        assert!(stops > 0, "{name} has nothing to press");
        let mut found = Vec::new();
        for _ in 0..stops + 2 {
            self.desktop.keys(TAB).await;
            if let Value::String(wrong) = self.desktop.js(STOP).await {
                found.push(wrong);
            }
        }
        found.extend(strings(&self.desktop.js(NOT_REACHED).await));
        found.dedup();
        self.wrong.extend(found.into_iter().map(|line| format!("{} {name}: {line}", self.flow)));
    }

    /// Escape closes what lies over the window and gives the focus back to where it was.
    pub async fn escape(&mut self, back_to: &str) {
        self.desktop.keys(ESCAPE).await;
        let script = format!(
            "return !document.querySelector('dialog[open]') && document.activeElement.matches({})",
            json!(back_to)
        );
        self.desktop.until(&format!("the focus back on {back_to}"), &script).await;
    }

    /// From now on the shell's answer to this command does not come.
    pub async fn hold(&self, command: &str) {
        self.desktop.js(&HOLD.replace("NAME", &json!(command).to_string())).await;
    }

    /// What was held back comes now.
    pub async fn let_go(&self) {
        self.desktop.js(LET_GO).await;
    }

    /// Everything that was found wrong on the way.
    pub fn end(self) -> Vec<String> {
        index();
        assert!(self.seen > 0);
        self.wrong
    }
}

/// Fails with all of it at once.
#[track_caller]
pub fn nothing_wrong(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}

fn strings(value: &Value) -> Vec<String> {
    let lines = value.as_array().unwrap_or_else(|| panic!("no list: {value}"));
    lines.iter().map(|line| line.as_str().unwrap().to_owned()).collect()
}

fn pictures() -> Vec<String> {
    let names = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.filter_map(|name| name.into_string().ok()).collect();
    names.retain(|name| name.ends_with(".png"));
    names.sort();
    names
}

/// The contact sheet of all walks so far.
fn index() {
    let mut html = "<!doctype html><html lang=en><meta charset=utf-8><title>States</title><style>\
        body{margin:24px;background:#111;color:#ddd;font:13px system-ui;display:grid;gap:24px 12px;\
        grid-template-columns:repeat(auto-fill,minmax(420px,1fr))}figure{margin:0}\
        img{width:100%;border:1px solid #333}figcaption{margin-top:4px}</style>"
        .to_owned();
    for name in pictures() {
        let title = name.trim_end_matches(".png").replace('-', " ");
        let _always = write!(
            html,
            "<figure><a href={name}><img src={name} alt=\"\"></a><figcaption>{title}</figcaption></figure>"
        );
    }
    std::fs::write(folder().join("index.html"), html).unwrap();
}
