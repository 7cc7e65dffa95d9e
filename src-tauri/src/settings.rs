//! Environment, arguments, folders, clock and keyring: read here and nowhere else.

use std::ffi::OsString;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use darkslide_app::{Passphrase, Start};
use darkslide_core::keys::Keyring;
use darkslide_core::sandbox::Decoding;
use darkslide_core::store::Credentials;
use darkslide_core::vault::Settings;
use tokio::runtime::Handle;
use zeroize::Zeroizing;

/// The page that clients see, built from `ui/gallery`.
static GALLERY_PAGE: &[u8] = include_bytes!("../../ui/dist/gallery/index.html");

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("no folder for the program's data is known on this system; give one with --home")]
    NoHome,
    #[error("--home wants a folder")]
    HomeWithoutFolder,
    #[error("there is no argument {0:?}; the window knows only --home DIR")]
    Argument(OsString),
    #[error("the file {path} could not be read: {source}", path = path.display())]
    SecretFile { path: PathBuf, source: std::io::Error },
}

/// What the window starts with.
///
/// # Errors
/// An argument nobody knows, a secret's file that cannot be read, or a system without data folder.
pub fn gather(runtime: Handle) -> Result<Start, SettingsError> {
    let home = match home_argument(std::env::args_os().skip(1))? {
        Some(home) => home,
        None => match variable("DARKSLIDE_HOME") {
            Some(home) => PathBuf::from(home.as_str()),
            None => dirs::data_dir().ok_or(SettingsError::NoHome)?.join("darkslide"),
        },
    };
    let passphrase = Passphrase::default();
    if let Some(given) = secret("DARKSLIDE_PASSPHRASE")? {
        passphrase.give(given);
    }
    let pictures = dirs::picture_dir().or_else(dirs::home_dir).unwrap_or_else(|| home.clone());
    Ok(Start {
        settings: Settings {
            home,
            now: Arc::new(jiff::Timestamp::now),
            secrets: Arc::new(Keyring::new()),
            ask_passphrase: passphrase.answer(),
            credentials: credentials()?,
            gallery_page: GALLERY_PAGE.into(),
            program: concat!("darkslide-app ", env!("CARGO_PKG_VERSION")).to_owned(),
            computer: computer(),
            decoding: itself(),
            runtime,
        },
        passphrase,
        suggested_library: pictures.join("Darkslide"),
    })
}

fn home_argument(
    mut arguments: impl Iterator<Item = OsString>,
) -> Result<Option<PathBuf>, SettingsError> {
    let mut home = None;
    while let Some(argument) = arguments.next() {
        if argument == "--home" {
            home = Some(arguments.next().ok_or(SettingsError::HomeWithoutFolder)?.into());
        } else if let Some(folder) = argument.to_str().and_then(|a| a.strip_prefix("--home=")) {
            home = Some(folder.into());
        } else {
            return Err(SettingsError::Argument(argument));
        }
    }
    Ok(home)
}

#[expect(clippy::disallowed_methods, reason = "this is the place that reads the environment")]
fn variable(name: &str) -> Option<Zeroizing<String>> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).map(Zeroizing::new)
}

/// An environment variable, or the first line of the file that `NAME_FILE` names.
fn secret(name: &str) -> Result<Option<Zeroizing<String>>, SettingsError> {
    if let Some(value) = variable(name) {
        return Ok(Some(value));
    }
    let Some(path) = variable(&format!("{name}_FILE")) else { return Ok(None) };
    let path = PathBuf::from(path.as_str());
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(&path)
        .and_then(|file| file.take(64 * 1024).read_to_string(&mut text))
        .map_err(|source| SettingsError::SecretFile { path, source })?;
    Ok(Some(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())))
}

/// The keys of the environment, which go before those of keyring and profile.
fn credentials() -> Result<Option<Credentials>, SettingsError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Option<PathBuf>, SettingsError> {
        home_argument(arguments.iter().map(OsString::from))
    }

    #[test]
    fn the_home_may_be_given_as_an_argument_and_nothing_else_may() {
        assert_eq!(parsed(&[]).unwrap(), None);
        assert_eq!(parsed(&["--home", "/a b"]).unwrap(), Some("/a b".into()));
        assert_eq!(parsed(&["--home=/c"]).unwrap(), Some("/c".into()));
        assert!(matches!(parsed(&["--home"]), Err(SettingsError::HomeWithoutFolder)));
        assert!(matches!(parsed(&["--hom"]), Err(SettingsError::Argument(_))));
    }
}
