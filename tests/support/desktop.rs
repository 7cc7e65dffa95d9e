//! The real window on a screen of its own, driven by WebDriver.
//!
//! Xvfb gives the screen, WebKitWebDriver starts the program and speaks with its web view. The
//! window lives in the home of a [`Computer`], like the command line in the other tests.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::program::Computer;

/// The longest the window may take for anything.
const PATIENCE: Duration = Duration::from_secs(180);

/// Changes a pixel that cannot be told from its surroundings, until it is stopped.
const TICK: &str = "
    window.ticker = document.createElement('i');
    Object.assign(ticker.style, { position: 'fixed', inset: '0 auto auto 0', width: '1px', height: '1px' });
    (document.querySelector('dialog[open]') ?? document.body).append(ticker);
    let n = 0;
    window.ticking = setInterval(() => (ticker.style.background = `rgb(0 0 0 / ${++n % 2}%)`), 20);";

/// WebDriver's names of keys.
pub const ENTER: &str = "\u{e007}";
pub const ESCAPE: &str = "\u{e00c}";

pub struct Desktop {
    pub window: Client,
    /// Of the screen the window is on.
    pub display: String,
    /// Held by the program while its home is open.
    lock: PathBuf,
    // They end when they are dropped, the program's driver first.
    _driver: Child,
    _screen: Child,
}

/// `darkslide-app` stands beside the command line once it was built.
pub fn program() -> PathBuf {
    let name = format!("darkslide-app{}", std::env::consts::EXE_SUFFIX);
    let path = PathBuf::from(env!("CARGO_BIN_EXE_darkslide")).with_file_name(name);
    assert!(path.exists(), "{} is missing: run `cargo build --workspace` first", path.display());
    path
}

impl Desktop {
    /// Opens the window of this computer's home.
    pub async fn open(computer: &Computer) -> Self {
        Self::open_by(computer, &["WebKitWebDriver"]).await
    }

    /// The same where the driver is started by another program, which gets its arguments.
    pub async fn open_by(computer: &Computer, starter: &[&str]) -> Self {
        let program = program();
        let (screen, display) = screen().await;
        // Taken and given back: the driver wants to be told a free port.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let environment = computer.command([""; 0]);
        let mut driver = Command::new(starter[0]);
        driver
            .args(&starter[1..])
            .args(["--host=127.0.0.1", &format!("--port={port}")])
            .env_clear()
            .envs(environment.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .env("DISPLAY", &display)
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("NO_AT_BRIDGE", "1")
            .env("GTK_THEME", "Adwaita:dark")
            .env("XDG_RUNTIME_DIR", &computer.home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        let driver = driver
            .spawn()
            .expect("WebKitWebDriver is installed (apt-get install webkit2gtk-driver)");
        let capabilities = json!({
            "webkitgtk:browserOptions": { "binary": program, "args": [] },
        });
        let address = format!("http://127.0.0.1:{port}/");
        let begun = Instant::now();
        let window = loop {
            let connecting = ClientBuilder::new(HttpConnector::new())
                .capabilities(capabilities.as_object().unwrap().clone())
                .connect(&address)
                .await;
            match connecting {
                Ok(window) => break window,
                Err(error) if begun.elapsed() > PATIENCE => panic!("no window came up: {error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        };
        let lock = computer.home.join("darkslide/catalog.lock");
        Self { window, display, lock, _driver: driver, _screen: screen }
    }

    pub async fn js(&self, script: &str) -> Value {
        self.window.execute(script, Vec::new()).await.unwrap()
    }

    /// Waits until the script returns something that is true.
    pub async fn until(&self, what: &str, script: &str) -> Value {
        let begun = Instant::now();
        loop {
            let value = self.js(script).await;
            if !matches!(value, Value::Null | Value::Bool(false)) {
                return value;
            }
            if begun.elapsed() > PATIENCE {
                self.picture("timeout").await;
                let text = self.js("return document.body.innerText").await;
                panic!("waited in vain for {what}; the window shows:\n{}", text.as_str().unwrap());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits for this text anywhere in the window.
    pub async fn until_text(&self, text: &str) {
        let script = format!("return document.body.innerText.includes({})", json!(text));
        self.until(&format!("{text:?}"), &script).await;
    }

    /// Waits for what the CSS selector finds.
    pub async fn find(&self, css: &str) -> Element {
        self.until(css, &format!("return document.querySelector({}) !== null", json!(css))).await;
        self.window.find(Locator::Css(css)).await.unwrap()
    }

    /// Presses the button that is not disabled and begins with these words.
    pub async fn press(&self, words: &str) {
        self.press_where(words, "starts-with(normalize-space(.), WORDS)").await;
    }

    /// The same where others begin with these words too.
    pub async fn press_only(&self, words: &str) {
        self.press_where(words, "normalize-space(.) = WORDS").await;
    }

    async fn press_where(&self, words: &str, is_it: &str) {
        let is_it = is_it.replace("WORDS", &json!(words).to_string());
        let xpath = format!("//button[not(@disabled)][{is_it}]");
        let script = format!(
            "return document.evaluate({}, document, null, 9, null).singleNodeValue !== null",
            json!(xpath)
        );
        self.until(&format!("a button {words:?}"), &script).await;
        self.window.find(Locator::XPath(&xpath)).await.unwrap().click().await.unwrap();
    }

    /// Writes into the field of this name, in place of what stands there.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.find(&format!("[name={name}]")).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Types keys where the focus is.
    pub async fn keys(&self, keys: &str) {
        self.window.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Waits for a dialog of the system, which WebDriver does not see, and gives it the keyboard.
    pub async fn dialog(&self, title: &str) {
        let begun = Instant::now();
        let title = format!("^{title}$");
        let look = ["search", "--onlyvisible", "--name", &title];
        let dialog = loop {
            let found = self.xdotool(&look).await;
            if let Some(dialog) = found.lines().next() {
                break dialog.to_owned();
            }
            assert!(begun.elapsed() < PATIENCE, "a dialog {title:?} comes up");
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        // No window manager is there to do so.
        self.xdotool(&["windowfocus", "--sync", &dialog]).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }

    /// A hand on the keyboard of the window's screen; what it says.
    pub async fn xdotool(&self, args: &[&str]) -> String {
        let mut hand = Command::new("xdotool");
        let done = hand.args(args).env("DISPLAY", &self.display).output().await;
        String::from_utf8(done.expect("xdotool is installed (apt-get install xdotool)").stdout)
            .unwrap()
    }

    /// Saves what is seen to `test-output/window-<name>.png`.
    pub async fn picture(&self, name: &str) {
        // What has just begun to fade should be over.
        tokio::time::sleep(Duration::from_millis(400)).await;
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/test-output");
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(format!("{folder}/window-{name}.png"), self.snapshot().await).unwrap();
    }

    /// What is seen, as a PNG.
    pub async fn snapshot(&self) -> Vec<u8> {
        // The driver takes it with the next frame, and a window that draws without a graphics
        // device has none as long as nothing changes: something does, which nobody sees.
        self.js(TICK).await;
        let png = self.window.screenshot().await.unwrap();
        self.js("clearInterval(window.ticking); window.ticker.remove()").await;
        png
    }

    /// Closes the window; its home is free afterwards.
    pub async fn close(self) {
        self.window.close().await.unwrap();
        let begun = Instant::now();
        while std::fs::File::open(&self.lock).unwrap().try_lock().is_err() {
            assert!(begun.elapsed() < PATIENCE, "the program ends with its window");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A screen nobody sees, and its name.
async fn screen() -> (Child, String) {
    let mut screen = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("Xvfb is installed (apt-get install xvfb)");
    let mut lines = BufReader::new(screen.stdout.take().unwrap()).lines();
    let number = lines.next_line().await.unwrap().expect("Xvfb says its display");
    (screen, format!(":{}", number.trim()))
}
