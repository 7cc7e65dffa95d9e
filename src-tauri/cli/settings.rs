//! Gathers what the core may not fetch by itself: environment, folders, clock, prompts, keyring.

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use darkslide_core::error::{Code, Error, Result};
use darkslide_core::keys::Keyring;
use darkslide_core::progress::Progress;
use darkslide_core::sandbox::Decoding;
use darkslide_core::store::Credentials;
use darkslide_core::vault::{Ask, Settings};
use zeroize::Zeroizing;

use crate::args::Global;

/// The page that clients see, built from `ui/gallery`.
#[cfg(not(doc))]
static GALLERY_PAGE: &[u8] = include_bytes!("../../ui/dist/gallery/index.html");
#[cfg(doc)]
static GALLERY_PAGE: &[u8] = b"";

/// An environment variable, or the first line of the file that `NAME_FILE` names.
#[expect(clippy::disallowed_methods, reason = "this is the place that reads the environment")]
fn secret(name: &str) -> Result<Option<Zeroizing<String>>> {
    if let Ok(value) = std::env::var(name) {
        return Ok((!value.is_empty()).then(|| Zeroizing::new(value)));
    }
    let Ok(path) = std::env::var(format!("{name}_FILE")) else { return Ok(None) };
    let text = read_secret_file(Path::new(&path))?;
    Ok(Some(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())))
}

/// A small text file that holds a secret.
pub fn read_secret_file(path: &Path) -> Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(path)
        .and_then(|file| file.take(64 * 1024).read_to_string(&mut text))
        .map_err(|e| Error::new(Code::Usage, SecretFile { path: path.to_owned(), source: e }))?;
    Ok(text)
}

#[derive(Debug, thiserror::Error)]
#[error("the file {} could not be read: {source}", path.display())]
struct SecretFile {
    path: PathBuf,
    source: std::io::Error,
}

#[derive(Debug, thiserror::Error)]
#[error("no folder for the program's data is known on this system; give one with --home")]
struct NoHome;

/// The settings of one run.
///
/// # Errors
/// A secret's file that cannot be read, or a system without a data folder.
pub fn gather(global: &Global, runtime: tokio::runtime::Handle) -> Result<Settings> {
    let home = match &global.home {
        Some(home) => home.clone(),
        None => dirs::data_dir().ok_or_else(|| Error::new(Code::Usage, NoHome))?.join("darkslide"),
    };
    let passphrase = secret("DARKSLIDE_PASSPHRASE")?;
    Ok(Settings {
        home,
        now: Arc::new(jiff::Timestamp::now),
        secrets: Arc::new(Keyring::new()),
        ask_passphrase: Arc::new(move |ask| match &passphrase {
            Some(passphrase) => Some(passphrase.clone()),
            None => prompt(ask),
        }),
        credentials: credentials()?,
        gallery_page: GALLERY_PAGE.into(),
        program: concat!("darkslide ", env!("CARGO_PKG_VERSION")).to_owned(),
        computer: computer(),
        decoding: itself(),
        runtime,
    })
}

/// The keys of the environment, which go before those of keyring and profile.
fn credentials() -> Result<Option<Credentials>> {
    let (Some(id), Some(key)) = (secret("AWS_ACCESS_KEY_ID")?, secret("AWS_SECRET_ACCESS_KEY")?)
    else {
        return Ok(None);
    };
    Ok(Some(Credentials::Explicit {
        key_id: id.to_string(),
        secret: key,
        session_token: secret("AWS_SESSION_TOKEN")?,
    }))
}

/// This program, to be started again as a worker.
fn itself() -> Decoding {
    // On Linux the very file that runs, even if an update has put another in its place.
    let running = PathBuf::from("/proc/self/exe");
    let program = if running.exists() { Ok(running) } else { std::env::current_exe() };
    // Where neither is known no worker starts, and that is said: never in this process for want of one.
    Decoding::Worker(program.unwrap_or_else(|_| PathBuf::from("darkslide")))
}

fn computer() -> String {
    std::fs::read_to_string("/etc/hostname")
        .ok()
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "computer".to_owned())
}

/// Asks on the terminal; without one there is nobody to ask.
fn prompt(ask: Ask) -> Option<Zeroizing<String>> {
    if !std::io::stdin().is_terminal() {
        return None;
    }
    let read = |text: &str| rpassword::prompt_password(text).ok().map(Zeroizing::new);
    match ask {
        Ask::Open => read("Passphrase of the vault: "),
        Ask::New => {
            let first = read("No keyring answers. Choose a passphrase for this vault: ")?;
            let again = read("Once more: ")?;
            (first == again && !first.is_empty()).then_some(first)
        }
    }
}

/// The 24 words, typed on the terminal or piped in.
///
/// # Errors
/// Nobody typed any.
pub fn ask_words() -> Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    if std::io::stdin().is_terminal() {
        text = Zeroizing::new(
            rpassword::prompt_password("The 24 words, with spaces between (nothing is shown): ")
                .map_err(|e| Error::new(Code::BadWords, e))?,
        );
    } else {
        std::io::stdin()
            .take(64 * 1024)
            .read_to_string(&mut text)
            .map_err(|e| Error::new(Code::BadWords, e))?;
    }
    Ok(text)
}

/// From now on Ctrl-C stops `progress` at its next safe point; a second one ends the program.
pub fn stop_on_ctrl_c(progress: &Progress) {
    static RUNNING: OnceLock<Mutex<Progress>> = OnceLock::new();
    let running = RUNNING.get_or_init(|| {
        if let Ok(handle) = tokio::runtime::Handle::try_current() {
            handle.spawn(async {
                let mut stopped = false;
                while tokio::signal::ctrl_c().await.is_ok() {
                    if stopped {
                        std::process::exit(130);
                    }
                    stopped = true;
                    if let Some(Ok(progress)) = RUNNING.get().map(Mutex::lock) {
                        progress.cancel();
                    }
                }
            });
        }
        Mutex::new(progress.clone())
    });
    if let Ok(mut running) = running.lock() {
        *running = progress.clone();
    }
}
