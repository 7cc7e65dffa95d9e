//! A real Chromium, driven, whose console is listened to.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use url::Url;

use super::http;

/// The longest a page may take for anything.
const PATIENCE: Duration = Duration::from_secs(90);

pub struct Browser {
    pub page: Client,
    driver: Url,
    /// Where saved photos arrive.
    pub downloads: PathBuf,
    _folder: TempDir,
    // Last: it ends when it is dropped.
    _process: Child,
}

/// How the browser looks at the world.
#[derive(Clone, Copy)]
pub struct Look {
    pub width: u32,
    pub height: u32,
    pub density: f64,
    pub phone: bool,
    pub dark: bool,
    pub language: &'static str,
}

pub const DESK: Look =
    Look { width: 1280, height: 800, density: 1.0, phone: false, dark: true, language: "en-GB" };
pub const PHONE: Look =
    Look { width: 390, height: 844, density: 2.0, phone: true, dark: true, language: "en-GB" };

impl Browser {
    pub async fn start(look: Look) -> Self {
        let folder = tempfile::Builder::new().prefix("darkslide-browser-").tempdir().unwrap();
        let downloads = folder.path().join("downloads");
        std::fs::create_dir_all(&downloads).unwrap();
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver is installed (apt-get install chromium chromium-driver)");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = loop {
            let line = lines.next_line().await.unwrap().expect("chromedriver says its port");
            if let Some(port) = line.rsplit_once("successfully on port ").map(|(_, rest)| rest) {
                break port.trim_end_matches('.').parse::<u16>().unwrap();
            }
        };
        // What it says later must not fill the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });

        let capabilities = json!({
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                    "--disable-background-networking", "--no-first-run", "--hide-scrollbars",
                    format!("--lang={}", look.language),
                    format!("--accept-lang={}", look.language),
                    format!("--user-data-dir={}", folder.path().join("profile").display()),
                ],
                "prefs": {
                    "download.default_directory": downloads.to_str().unwrap(),
                    "download.prompt_for_download": false,
                },
            },
        });
        let driver = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
        let page = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().unwrap().clone())
            .connect(driver.as_str())
            .await
            .unwrap();
        let browser = Self { page, driver, downloads, _folder: folder, _process: process };
        browser.look(look).await;
        browser
    }

    /// Changes size, density and colour scheme, as on another device.
    pub async fn look(&self, look: Look) {
        let scheme = if look.dark { "dark" } else { "light" };
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": look.width, "height": look.height,
                "deviceScaleFactor": look.density, "mobile": look.phone }),
        )
        .await;
        let touch = json!({ "enabled": look.phone, "maxTouchPoints": 5 });
        self.devtools("Emulation.setTouchEmulationEnabled", touch).await;
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.ask("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await
    }

    async fn ask(&self, what: &str, body: Value) -> Value {
        let session = self.page.session_id().await.unwrap().unwrap();
        let address = self.driver.join(&format!("session/{session}/{what}")).unwrap();
        let body = body.to_string();
        let length = body.len().to_string();
        let headers = [("content-type", "application/json"), ("content-length", &length)];
        let answer = http::send("POST", &address, &headers, body.as_bytes()).await;
        let mut answer: Value = serde_json::from_slice(&answer.body).unwrap();
        answer["value"].take()
    }

    /// Opens an address; another one that differs behind `#` only is opened too.
    pub async fn open(&self, address: &str) {
        self.page.goto("about:blank").await.unwrap();
        self.page.goto(address).await.unwrap();
    }

    pub async fn js(&self, script: &str) -> Value {
        self.page.execute(script, Vec::new()).await.unwrap()
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
                panic!("waited in vain: {what}; console: {:?}", self.console().await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits for the page with this heading.
    pub async fn until_heading(&self, heading: &str) {
        let heading = json!(heading);
        let script = format!("return document.querySelector('h1')?.textContent === {heading}");
        self.until(&format!("heading {heading}"), &script).await;
    }

    pub async fn key(&self, key: &str) {
        for kind in ["rawKeyDown", "keyUp"] {
            let code = match key {
                "Escape" => 27,
                "Enter" => 13,
                "End" => 35,
                "Home" => 36,
                "ArrowLeft" => 37,
                "ArrowUp" => 38,
                "ArrowRight" => 39,
                "ArrowDown" => 40,
                "Tab" => 9,
                other => u32::from(other.to_uppercase().as_bytes()[0]),
            };
            let mut event =
                json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code });
            if key == "Enter" && kind == "rawKeyDown" {
                event["type"] = json!("keyDown");
                event["text"] = json!("\r");
            }
            self.devtools("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Saves what is seen to `test-output/<name>.png`.
    pub async fn picture(&self, name: &str) {
        // A fade that has just begun should be over.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/test-output");
        std::fs::create_dir_all(folder).unwrap();
        let png = self.page.screenshot().await.unwrap();
        std::fs::write(format!("{folder}/gallery-{name}.png"), png).unwrap();
    }

    /// What the console was told since it was last asked.
    pub async fn console(&self) -> Vec<String> {
        let entries = self.ask("se/log", json!({ "type": "browser" })).await;
        let entries = entries.as_array().cloned().unwrap_or_default();
        entries.iter().map(|e| e["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    pub async fn close(self) {
        self.page.close().await.unwrap();
    }
}
