//! `config.json` in the home: where the library is, which bucket belongs to it. No secret.

use std::path::{Path, PathBuf};

use rand::RngExt as _;
use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, PathError, Result};
use crate::files;
use crate::keys::AppLock;
use crate::media::VaultId;
use crate::routine::Watched;

const NAME: &str = "config.json";
const VERSION: u32 = 1;

/// What this home knows of the outside.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Config {
    pub version: u32,
    pub library: PathBuf,
    #[serde(default)]
    pub mirrors: Vec<PathBuf>,
    /// What library and mirrors are marked with, 32 hex digits; none in homes of early versions.
    #[serde(default)]
    pub library_id: Option<String>,
    #[serde(default)]
    pub vault: Option<VaultConfig>,
    /// Bytes that previews may take; 0 for as much as they like, nothing for the usual bound.
    #[serde(default)]
    pub previews_limit: Option<u64>,
    /// Folders that are looked at by themselves.
    #[serde(default)]
    pub watched: Vec<Watched>,
    /// The window asks for a passphrase.
    #[serde(default)]
    pub app_lock: Option<AppLock>,
}

/// Which bucket holds the vault.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VaultConfig {
    pub id: VaultId,
    #[serde(flatten)]
    pub bucket: BucketChoice,
}

/// A bucket as the photographer names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketChoice {
    pub endpoint: String,
    pub region: String,
    pub bucket: String,
    /// A bucket of its own for shares; the vault's where there is none.
    pub share_bucket: Option<String>,
    /// Everything stands below this prefix: empty, or ending in `/`.
    pub root: String,
    /// A profile of `~/.aws/config` instead of keys from environment or keyring.
    pub profile: Option<String>,
}

/// Why there is no configuration to work with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("there is no catalogue in {}", .0.display())]
    Missing(PathBuf),
    #[error("{} was written by a newer version of Darkslide", .0.display())]
    Newer(PathBuf),
    #[error("{}: not readable as settings: {source}", path.display())]
    Damaged { path: PathBuf, source: serde_json::Error },
    #[error("{} holds another catalogue already", .0.display())]
    Exists(PathBuf),
    #[error("{} is tied to a vault already", .0.display())]
    HasVault(PathBuf),
    #[error("there is no vault yet")]
    NoVault,
    #[error("{} and {} lie inside one another: a mirror needs a place of its own", folder.display(), root.display())]
    Inside { folder: PathBuf, root: PathBuf },
    #[error(
        "{} belongs to another library: choose another folder, or delete the folder .darkslide in it \
         if that library is no more",
        .0.display()
    )]
    Taken(PathBuf),
    #[error("{bytes} bytes are too few for previews: at least {least}")]
    TooSmall { bytes: u64, least: u64 },
    #[error("{} is no mirror of this library", .0.display())]
    NoMirror(PathBuf),
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        let code = match error {
            ConfigError::Missing(_) => Code::NoCatalog,
            ConfigError::Newer(_) => Code::CatalogNewer,
            ConfigError::Damaged { .. } => Code::CatalogDamaged,
            ConfigError::Exists(_)
            | ConfigError::Inside { .. }
            | ConfigError::Taken(_)
            | ConfigError::TooSmall { .. } => Code::Usage,
            ConfigError::NoMirror(_) => Code::NotFound,
            ConfigError::HasVault(_) => Code::VaultExists,
            ConfigError::NoVault => Code::NoVault,
        };
        Self::new(code, error)
    }
}

impl Config {
    #[must_use]
    pub fn new(library: PathBuf, mirrors: Vec<PathBuf>) -> Self {
        let id: [u8; 16] = rand::rng().random();
        let library_id = Some(data_encoding::HEXLOWER.encode(&id));
        Self {
            version: VERSION,
            library,
            mirrors,
            library_id,
            vault: None,
            previews_limit: None,
            watched: Vec::new(),
            app_lock: None,
        }
    }

    /// Whether a root of the library is there, and not an empty mount point in its place.
    #[must_use]
    pub fn is_there(&self, root: &Path) -> bool {
        files::is_root(root, self.library_id.as_deref())
    }

    /// Refuses a mirror that is marked as another library's: that one would lose it.
    ///
    /// # Errors
    /// `Taken`.
    pub fn is_nobody_elses(&self, mirror: &Path) -> Result<(), ConfigError> {
        match files::root_mark(mirror) {
            Some(mark) if self.library_id.as_ref().is_some_and(|id| *id != mark) => {
                Err(ConfigError::Taken(mirror.to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Marks the library and its mirrors.
    ///
    /// # Errors
    /// When one of them cannot be written.
    pub fn mark_roots(&self) -> Result<()> {
        let Some(id) = &self.library_id else { return Ok(()) };
        for root in std::iter::once(&self.library).chain(&self.mirrors) {
            files::create_dirs(root)?;
            files::mark_root(root, id)?;
        }
        Ok(())
    }

    /// # Errors
    /// `Missing` in a home nothing was set up in, `Newer`, `Damaged`, or an I/O error.
    pub fn load(home: &Path) -> Result<Self> {
        let path = home.join(NAME);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(ConfigError::Missing(home.to_owned()).into());
            }
            Err(source) => return Err(PathError { path, source }.into()),
        };
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let damaged = |source| ConfigError::Damaged { path: path.clone(), source };
        let Version { version } = serde_json::from_slice(&text).map_err(damaged)?;
        if version > VERSION {
            return Err(ConfigError::Newer(path).into());
        }
        Ok(serde_json::from_slice(&text).map_err(damaged)?)
    }

    #[must_use]
    pub fn exists(home: &Path) -> bool {
        home.join(NAME).exists()
    }

    /// Puts the whole file in place at once.
    ///
    /// # Errors
    /// When the home cannot be written.
    pub fn save(&self, home: &Path) -> Result<()> {
        let text = serde_json::to_vec_pretty(self).expect("settings are plain data");
        files::replace(&home.join(NAME), &text)?;
        Ok(())
    }
}
