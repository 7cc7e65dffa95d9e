//! This computer and its bucket, and the vault while it is open on it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use crate::catalog::{self, Catalog, SubjectName};
use crate::encryption::Key;
use crate::keys::{KeyRing, SecretStore, VaultKey};
use crate::media::{KeyId, ShootId, SubjectId, VaultId};
use crate::previews::Cache;
use crate::store::{Clock, Store};

use super::error::{BackupError, Result};
use super::format::{About, Context, ObjectId, Page};
use super::joined::Joined;

/// Everything a backup works on, but for the keys.
#[derive(Clone)]
pub struct Computer {
    pub store: Arc<dyn Store>,
    pub catalog: Arc<Catalog>,
    /// The root that the catalogue's paths are relative to.
    pub library: PathBuf,
    pub previews: Cache,
    /// For the rollback guard: a folder that is not restored together with the catalogue.
    pub state_dir: PathBuf,
    pub now: Clock,
    /// Name and version of the program, written into commits.
    pub program: String,
}

impl std::fmt::Debug for Computer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Computer").field("library", &self.library).finish_non_exhaustive()
    }
}

impl Computer {
    /// Asks the catalogue on a thread that may wait for the disk.
    pub(crate) async fn catalog<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Catalog) -> catalog::Result<T> + Send + 'static,
    ) -> Result<T> {
        let catalog = Arc::clone(&self.catalog);
        Ok(tokio::task::spawn_blocking(move || work(&catalog)).await??)
    }
}

/// The note under which `vault.json` is kept.
pub(super) const ABOUT: &str = "about";

/// A vault whose keys are in memory.
pub struct OpenVault {
    pub computer: Computer,
    pub about: About,
    keys: Vec<VaultKey>,
    known: Mutex<Known>,
    /// One backup or join at a time.
    pub(super) busy: tokio::sync::Mutex<()>,
}

/// What was read of the vault so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub ring: KeyRing,
    pub kids: HashMap<SubjectName, KeyId>,
    pub joined: Joined,
    /// Whether the bucket was looked at since the vault was opened.
    pub looked: bool,
    /// Pages whose keys are in `ring`.
    pub opened: BTreeSet<ObjectId>,
    /// Pages put by this computer that no commit names yet.
    pub unnamed: BTreeMap<ShootId, Vec<ObjectId>>,
    /// Pages written by this run, and the ones they stand in for.
    pub replaces: HashMap<ObjectId, BTreeSet<ObjectId>>,
    /// Something a newer program wrote: look, but do not write.
    pub newer: Option<String>,
}

impl std::fmt::Debug for OpenVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenVault").field("vault", &self.about.vault).finish_non_exhaustive()
    }
}

impl OpenVault {
    /// Opens what the catalogue keeps of its vault: no network.
    ///
    /// # Errors
    /// `NoVault`, or sealed pages that `keys` do not open.
    pub async fn load(computer: Computer, keys: Vec<VaultKey>) -> Result<Self> {
        let about = about(&computer).await?;
        let context = Context(about.vault);
        let (pages, kids, state) = computer
            .catalog(|catalog| {
                Ok((catalog.vault_pages()?, catalog.subject_keys()?, catalog.vault_state()?))
            })
            .await?;
        let vault_keys = keys.clone();
        let known = tokio::task::spawn_blocking(move || -> Result<Known> {
            let mut known = Known { kids: kids.into_iter().collect(), ..Known::default() };
            for kept in pages {
                let id = ObjectId(kept.page);
                let name = super::format::page_name(kept.shoot, id);
                let page = open_page(context, &vault_keys, kept.shoot, id, &kept.sealed)
                    .map_err(|e| BackupError::format(name.clone())(e))?;
                known.take_page(kept.shoot, id, page, &name)?;
                if !kept.named {
                    known.unnamed.entry(kept.shoot).or_default().push(id);
                }
            }
            if let Some(state) = state {
                known.joined = Joined::read(&state)?;
            }
            Ok(known)
        })
        .await??;
        Ok(Self {
            computer,
            about,
            keys,
            known: Mutex::new(known),
            busy: tokio::sync::Mutex::new(()),
        })
    }

    /// Takes up a vault that is in the bucket on a computer whose catalogue knows none: `about` is
    /// the bucket's `vault.json`, `slots` its slots. The next [`join`](Self::join) fills the
    /// catalogue.
    ///
    /// # Errors
    /// When `about` is no `vault.json`, or the catalogue could not be written.
    pub async fn adopt(
        computer: Computer,
        keys: Vec<VaultKey>,
        about: &[u8],
        slots: &[(String, Vec<u8>)],
    ) -> Result<Self> {
        About::read(about).map_err(BackupError::format("vault.json"))?;
        let about = about.to_vec();
        computer
            .catalog(move |catalog| {
                catalog.forget_vault()?;
                catalog.set_vault_note(ABOUT, &about)
            })
            .await?;
        for (file, body) in slots {
            super::unlock::keep_slot(&computer, file, body).await?;
        }
        Self::load(computer, keys).await
    }

    /// Makes this computer able to open the vault by itself: a device slot where a keyring answers,
    /// else a passphrase slot.
    ///
    /// # Errors
    /// `NoKeyring` when none answers and there is no passphrase; the store fails.
    pub async fn enrol(
        &self,
        secrets: Arc<dyn SecretStore>,
        passphrase: Option<Zeroizing<String>>,
    ) -> Result<()> {
        let key = self.newest_key();
        super::unlock::enrol(&self.computer, self.id(), key, secrets, passphrase).await
    }

    #[must_use]
    pub const fn id(&self) -> VaultId {
        self.about.vault
    }

    #[must_use]
    pub const fn context(&self) -> Context {
        Context(self.about.vault)
    }

    /// The key of that id, if any page this computer has read holds it.
    #[must_use]
    pub fn key(&self, kid: KeyId) -> Option<Key> {
        self.known().ring.get(kid).cloned()
    }

    /// The key id a subject's rows and files are sealed under.
    #[must_use]
    pub fn key_id_of(&self, kind: &str, subject: SubjectId) -> Option<KeyId> {
        self.known().kids.get(&(kind.to_owned(), subject)).copied()
    }

    /// The state of the vault as this computer last saw it.
    #[must_use]
    pub fn joined(&self) -> Joined {
        self.known().joined.clone()
    }

    /// The newest vault key: what is written is sealed under it.
    pub(super) fn newest_key(&self) -> &VaultKey {
        self.keys.iter().max_by_key(|key| key.generation).expect("a vault opens with a key")
    }

    pub(super) fn keys(&self) -> &[VaultKey] {
        &self.keys
    }

    /// Never held across an await, and no step leaves it half done.
    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Takes in a page: its keys, and what is gone.
    pub fn take_page(
        &mut self,
        shoot: ShootId,
        id: ObjectId,
        page: Page,
        name: &str,
    ) -> Result<()> {
        if page.newer {
            self.newer.get_or_insert(name.to_owned());
        }
        self.ring.remove(page.gone);
        for (kid, key) in page.keys {
            self.ring.add(shoot, kid, key)?;
        }
        self.opened.insert(id);
        Ok(())
    }
}

/// Opens a page with whichever key of its generation fits.
pub(super) fn open_page(
    context: Context,
    keys: &[VaultKey],
    shoot: ShootId,
    page: ObjectId,
    bytes: &[u8],
) -> Result<Page, super::format::FormatError> {
    try_keys(keys, bytes, |key| Page::open(context, key, shoot, page, bytes))
}

/// Tries every key of the generation in the clear header: two rivals of one number may be known.
pub(super) fn try_keys<T>(
    keys: &[VaultKey],
    bytes: &[u8],
    open: impl Fn(&VaultKey) -> Result<T, super::format::FormatError>,
) -> Result<T, super::format::FormatError> {
    let generation = super::format::under_vault_generation(bytes)?;
    let mut failed = None;
    for key in keys.iter().filter(|key| key.generation == generation) {
        match open(key) {
            Ok(opened) => return Ok(opened),
            Err(error) => failed = Some(error),
        }
    }
    Err(failed.unwrap_or(super::format::FormatError::Shape("its vault key is not known here")))
}

/// Ties this computer's catalogue to a vault that is there already.
///
/// # Errors
/// The catalogue could not be written.
pub async fn keep_about(computer: &Computer, about: &About) -> Result<()> {
    let bytes = about.to_bytes();
    computer.catalog(move |catalog| catalog.set_vault_note(ABOUT, &bytes)).await
}

/// The newest commit this computer has seen; no network.
///
/// # Errors
/// The catalogue could not be read.
pub fn last_commit(catalog: &Catalog) -> Result<Option<String>> {
    let Some(state) = catalog.vault_state()? else { return Ok(None) };
    Ok(Joined::read(&state)?.parents.last().map(|(name, _)| name.to_string()))
}

/// This computer's copy of `vault.json`.
pub(super) async fn about(computer: &Computer) -> Result<About> {
    let bytes = computer.catalog(|catalog| catalog.vault_note(ABOUT)).await?;
    let bytes = bytes.ok_or(BackupError::NoVault)?;
    About::read(&bytes).map_err(BackupError::format("vault.json"))
}
