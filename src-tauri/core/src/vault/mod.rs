//! `Vault`: the whole program behind one type, one method per use case.
//!
//! The window and the command line hold nothing else. A `Vault` is built from explicit `Settings`;
//! its methods block, and cross once into the async rooms (`store` and below) on the runtime that
//! came with the settings, so call them from a thread that may wait, never from an async task.
//!
//! - `config` what this home knows of the outside · `settings` what the mains bring in
//! - `mirroring` further copies on own disks
//! - `importing` card to catalogue to previews · `library` lists, edits, albums, pictures
//! - `card` what is on a card to look at, letting go of it
//! - `looking` what is done by hand, and taking it back · `safety` whether photos are safe
//! - `bucket` making, opening and reaching the encrypted vault · `copying` backup and restore
//! - `checking` looking at a bucket, making it, making it safer
//! - `locking` the window's lock · `kit` the recovery kit
//! - `exporting` copies for other programs · `films` what of a photo moves
//! - `presets` how to import, under a name · `sharing` links · `status` what is safe where
//! - `previewing` the queue previews are made in · `preview_cache` their room, making them anew
//! - `verdicts` which cards may be formatted
//! - `wishes` imports that go on after the program was ended
//! - `tree` the library as it lies on disk: adopted, looked through, moved · `watching` folders that
//!   are watched

mod bucket;
mod card;
mod checking;
mod config;
mod copying;
mod exporting;
mod films;
mod importing;
mod kit;
mod library;
mod locking;
mod looking;
mod mirroring;
mod presets;
mod preview_cache;
mod previewing;
mod safety;
mod settings;
mod sharing;
mod sidecars;
mod status;
mod tree;
mod verdicts;
mod watching;
mod wishes;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once, RwLock, Weak};

pub use bucket::{Created, Opened};
pub use card::{EjectError, Ejected, Frame, Frames};
pub use checking::{check_bucket, harden_bucket, make_bucket};
pub use config::{BucketChoice, ConfigError, VaultConfig};
pub use copying::{BackupDone, Pending};
pub use films::Film;
pub use importing::{ImportDone, ImportOptions};
pub use kit::{Kit, KitFile};
pub use library::Shown;
pub use locking::app_lock;
pub use looking::{Deed, Details, Undone};
pub use mirroring::MirrorStatus;
pub use presets::NamedPreset;
pub use preview_cache::{PreviewStatus, Rebuild, Rebuilt};
pub use previewing::Made;
pub use safety::{BackupWish, SafePlace, Safety, UnsafeShoot};
pub use settings::{Ask, AskPassphrase, Settings};
pub use status::{BucketStatus, Status};
pub use tree::{AdoptDone, AdoptOptions, Moved};
pub use verdicts::{ImportKind, ImportVerdict};
pub use watching::{WatchReport, WatchedFolder};

use crate::catalog::Catalog;
use crate::error::{At as _, Result};
use crate::files;
use crate::import::{LibraryLock, Together};
use crate::previews::Cache;
use crate::sandbox;
use crate::store::Credentials;
use bucket::Reached;
use config::Config;
use looking::History;
use previewing::Previewing;
use wishes::Wish;

/// One home: its catalogue, library, previews, and the vault it is backed up to.
pub struct Vault {
    settings: Settings,
    config: RwLock<Config>,
    catalog: Arc<Catalog>,
    previews: Cache,
    previewing: Previewing,
    /// Held while an import runs, by all that run.
    importing: Mutex<Weak<LibraryLock>>,
    /// Imports that run and are to be gone on with if the program ends.
    wishes_running: Mutex<Vec<Wish>>,
    /// What imports that run at the same time share.
    together: Arc<Together>,
    /// Leftovers in the preview cache are taken away once.
    swept: Once,
    /// Keys that were typed while this home was open.
    typed: RwLock<Option<Credentials>>,
    /// What was done in this session, to take it back.
    history: Mutex<History>,
    /// The vault in the bucket, once something needed it.
    reached: Mutex<Option<Reached>>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("home", &self.settings.home).finish_non_exhaustive()
    }
}

impl Vault {
    /// Sets up a new home: an empty catalogue and the library's folder. Doing it again with the
    /// same folders changes nothing. A folder that is a library already keeps its mark, so that the
    /// home it has still knows it.
    ///
    /// # Errors
    /// A home that holds another library already, a mirror of another library, or folders that
    /// cannot be made.
    pub fn init(settings: Settings, library: &Path, mirrors: &[PathBuf]) -> Result<Self> {
        let absolute = |path: &Path| std::path::absolute(path).at(path);
        let library = absolute(library)?;
        let mirrors = mirrors.iter().map(|m| absolute(m)).collect::<Result<Vec<_>, _>>()?;
        apart(&library, &mirrors)?;
        if Config::exists(&settings.home) {
            let config = Config::load(&settings.home)?;
            if config.library != library || config.mirrors != mirrors {
                return Err(ConfigError::Exists(settings.home).into());
            }
            return Self::open(settings);
        }
        Self::set_up(settings, Config::new(library, mirrors))
    }

    /// Whether `init` would make this home one more of a library that has one.
    #[must_use]
    pub fn shares_library(home: &Path, library: &Path) -> bool {
        !Config::exists(home) && files::root_mark(library).is_some()
    }

    /// Sets up the home of a vault that is about to be opened here.
    fn init_for(settings: Settings, library: &Path, vault: VaultConfig) -> Result<Self> {
        let config = Config { vault: Some(vault), ..Config::new(library.to_owned(), Vec::new()) };
        Self::set_up(settings, config)
    }

    fn set_up(settings: Settings, mut config: Config) -> Result<Self> {
        // Another home's library, or what a killed `init` left: to both it stays the one it is.
        if let Some(id) = files::root_mark(&config.library) {
            config.library_id = Some(id);
        }
        config.mirrors.iter().try_for_each(|mirror| config.is_nobody_elses(mirror))?;
        files::create_dirs(&settings.home)?;
        // Links, passcodes and all that is known of clients lie here in clear.
        files::keep_private(&settings.home)?;
        for folder in std::iter::once(&config.library).chain(&config.mirrors) {
            files::create_dirs(folder)?;
        }
        config.mark_roots()?;
        let catalog = Catalog::create(&settings.home, None, settings.now.clone())?;
        catalog.name_device(&settings.computer, std::env::consts::OS)?;
        // Last: a home without it counts as not set up, so a killed `init` is simply done again.
        config.save(&settings.home)?;
        Ok(Self::assemble(settings, config, catalog))
    }

    /// Opens a home that was set up before.
    ///
    /// # Errors
    /// Nothing was set up there, another program has it open, or its catalogue is damaged or newer.
    pub fn open(settings: Settings) -> Result<Self> {
        let config = Config::load(&settings.home)?;
        let catalog = Catalog::open(&settings.home, settings.now.clone())?;
        Ok(Self::assemble(settings, config, catalog))
    }

    /// Whether `home` was set up before.
    #[must_use]
    pub fn is_set_up(home: &Path) -> bool {
        Config::exists(home)
    }

    fn assemble(settings: Settings, config: Config, catalog: Catalog) -> Self {
        sandbox::decode_in(&settings.decoding);
        let previews = Cache::new(settings.home.join("previews"));
        previews.limit_from_now(config.previews_limit());
        let catalog = Arc::new(catalog);
        Self {
            previewing: Previewing::new(&catalog, &previews),
            previews,
            catalog,
            config: RwLock::new(config),
            importing: Mutex::default(),
            wishes_running: Mutex::default(),
            together: Arc::default(),
            swept: Once::new(),
            typed: RwLock::new(None),
            reached: Mutex::new(None),
            history: Mutex::default(),
            settings,
        }
    }

    #[must_use]
    pub fn home(&self) -> &Path {
        &self.settings.home
    }

    /// The library's root folder.
    #[must_use]
    pub fn library(&self) -> PathBuf {
        self.config().library
    }

    /// Further local copies.
    #[must_use]
    pub fn mirrors(&self) -> Vec<PathBuf> {
        self.config().mirrors
    }

    fn config(&self) -> Config {
        self.config.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn save_config(&self, config: Config) -> Result<()> {
        config.save(&self.settings.home)?;
        *self.config.write().unwrap_or_else(std::sync::PoisonError::into_inner) = config;
        Ok(())
    }

    fn now(&self) -> jiff::Timestamp {
        (self.settings.now)()
    }
}

/// Refuses mirrors that lie in the library, around it, or in one another: they would be no copies.
///
/// By where they lead: a link to the library is the library.
fn apart(library: &Path, mirrors: &[PathBuf]) -> Result<(), ConfigError> {
    for (n, mirror) in mirrors.iter().enumerate() {
        let others = mirrors[..n].iter().map(PathBuf::as_path).chain([library]);
        let real = files::real_path(mirror);
        for other in others {
            let real_other = files::real_path(other);
            if real.starts_with(&real_other) || real_other.starts_with(&real) {
                let (folder, root) = (mirror.clone(), other.to_owned());
                return Err(ConfigError::Inside { folder, root });
            }
        }
    }
    Ok(())
}
