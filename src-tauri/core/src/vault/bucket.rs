//! The encrypted vault: making one, opening one on a new computer, reaching the one there is.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use serde::Serialize;
use zeroize::Zeroizing;

use super::config::{Config, ConfigError, VaultConfig};
use super::settings::{Ask, Settings};
use super::{BucketChoice, Vault};
use crate::backup::{self, Computer, OpenVault, WayIn};
use crate::error::{At as _, Result};
use crate::keys::{KeysError, RecoveryWords};
use crate::media::VaultId;
use crate::progress::Progress;
use crate::restore::{self, OpenReport};
use crate::store::{Connection, Credentials, S3Store, Store, StoreError, ThrottledStore};

/// The vault, open, and the stores behind it.
#[derive(Debug, Clone)]
pub(super) struct Reached {
    pub vault: Arc<OpenVault>,
}

/// A vault that was made, with the words that open it.
#[derive(Clone, Serialize)]
pub struct Created {
    pub vault_id: VaultId,
    pub words: String,
    pub endpoint: String,
    pub region: String,
    pub bucket: String,
    pub share_bucket: Option<String>,
    pub root: String,
}

impl std::fmt::Debug for Created {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Created({}, [REDACTED])", self.vault_id)
    }
}

/// What `Vault::open_from_bucket` brought.
pub type Opened = OpenReport;

impl BucketChoice {
    pub(super) fn connection(&self, bucket: &str, root: &str) -> Connection {
        Connection {
            endpoint: Some(self.endpoint.clone()),
            region: self.region.clone(),
            bucket: bucket.to_owned(),
            root: root.to_owned(),
            path_style: None,
        }
    }
}

impl Vault {
    /// Draws the 24 words of a vault that is to be made: they can be on paper, and asked back,
    /// before anything depends on them.
    ///
    /// # Errors
    /// This home has a vault already, or there is neither a keyring nor a passphrase.
    pub fn draw_words(&self) -> Result<Zeroizing<String>> {
        if self.config().vault.is_some() {
            return Err(ConfigError::HasVault(self.settings.home.clone()).into());
        }
        if !keyring_answers(&self.settings) && (self.settings.ask_passphrase)(Ask::New).is_none() {
            let why = "it does not take the key of this computer".to_owned();
            return Err(KeysError::NoKeyring { why }.into());
        }
        Ok(RecoveryWords::random().to_text())
    }

    /// Makes a new vault in an empty bucket and ties this home to it; its words are drawn now.
    ///
    /// # Errors
    /// As `create_vault_with`.
    pub fn create_vault(&self, bucket: BucketChoice) -> Result<Created> {
        self.make_vault(bucket, &RecoveryWords::random())
    }

    /// Makes a new vault in an empty bucket, which these words open, and ties this home to it.
    ///
    /// # Errors
    /// These are no 24 words, this home or the bucket has a vault already, the bucket cannot be
    /// reached, or there is neither a keyring nor a passphrase; nothing stays behind then.
    pub fn create_vault_with(&self, bucket: BucketChoice, words: &str) -> Result<Created> {
        self.make_vault(bucket, &RecoveryWords::parse(words).map_err(KeysError::from)?)
    }

    fn make_vault(&self, bucket: BucketChoice, words: &RecoveryWords) -> Result<Created> {
        let mut config = self.config();
        if config.vault.is_some() {
            return Err(ConfigError::HasVault(self.settings.home.clone()).into());
        }
        let settings = &self.settings;
        let credentials = self.credentials(None, &bucket)?;
        let computer = self.computer(connect(settings, &bucket, &credentials)?);
        let secrets = Arc::clone(&settings.secrets);
        // What cannot be written now could not be written once the vault is there either.
        self.save_config(config.clone())?;
        let typed = passphrase_without_keyring(settings);
        let making = backup::create(computer, secrets, typed, words);
        let vault = settings.runtime.block_on(making)?;
        let id = vault.id();
        keep_credentials(settings, id, &credentials);
        config.vault = Some(VaultConfig { id, bucket: bucket.clone() });
        self.save_config(config)?;
        *self.reached.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Reached { vault: Arc::new(vault) });
        Ok(Created {
            vault_id: id,
            words: words.to_text().to_string(),
            endpoint: bucket.endpoint,
            region: bucket.region,
            bucket: bucket.bucket,
            share_bucket: bucket.share_bucket,
            root: bucket.root,
        })
    }

    /// Uses these keys for the store as long as this home is open, before all others.
    pub fn use_credentials(&self, credentials: Credentials) {
        *self.typed.write().unwrap_or_else(PoisonError::into_inner) = Some(credentials);
    }

    /// Uses these keys for the bucket from now on, in place of those that ended, and keeps them where
    /// a keyring answers; whether one did.
    ///
    /// # Errors
    /// There is no vault, or the store does not take these either: then all is as it was.
    pub fn renew_credentials(&self, credentials: Credentials) -> Result<bool> {
        let mut config = self.config();
        let vault = config.vault.as_mut().ok_or(ConfigError::NoVault)?;
        connect(&self.settings, &vault.bucket, &credentials)?;
        let kept = keep_credentials(&self.settings, vault.id, &credentials);
        // A profile would go before keys that are kept.
        if kept && vault.bucket.profile.take().is_some() {
            self.save_config(config)?;
        }
        self.use_credentials(credentials);
        self.forget_reached();
        Ok(kept)
    }

    pub(super) fn credentials(
        &self,
        vault: Option<VaultId>,
        bucket: &BucketChoice,
    ) -> Result<Credentials> {
        match &*self.typed.read().unwrap_or_else(PoisonError::into_inner) {
            Some(typed) => Ok(typed.clone()),
            None => credentials(&self.settings, vault, bucket),
        }
    }

    /// Sets up an empty home from a bucket and the words: the catalogue and its thumbnails. Doing
    /// it again after an interruption goes on.
    ///
    /// # Errors
    /// The home is in use, the words do not open the vault, or the bucket cannot be reached.
    pub fn open_from_bucket(
        settings: Settings,
        bucket: BucketChoice,
        words: &str,
        library: Option<&Path>,
        progress: &Progress,
    ) -> Result<(Self, Opened)> {
        let words = RecoveryWords::parse(words).map_err(KeysError::from)?;
        let library = match library {
            Some(library) => std::path::absolute(library).at(library)?,
            None => settings.home.join("library"),
        };
        // A catalogue that belongs to this very bucket is an interrupted opening: go on with it.
        if let Ok(config) = Config::load(&settings.home) {
            match &config.vault {
                Some(vault) if vault.bucket == bucket => {}
                _ => return Err(ConfigError::Exists(settings.home).into()),
            }
        }
        // Before anything is made here: is there a vault, and do the words open it?
        let credentials = credentials(&settings, None, &bucket)?;
        let store = connect(&settings, &bucket, &credentials)?;
        let way = WayIn::Words(words);
        let about = settings.runtime.block_on(restore::check_way(&*store, &way))?;

        let vault = match Config::exists(&settings.home) {
            true => Self::open(settings)?,
            false => Self::init_for(settings, &library, VaultConfig { id: about.vault, bucket })?,
        };
        let settings = &vault.settings;
        let passphrase = passphrase_without_keyring(settings);
        let (open, report) = settings.runtime.block_on(restore::open_vault(
            vault.computer(store),
            Arc::clone(&settings.secrets),
            &way,
            passphrase,
            progress,
        ))?;
        keep_credentials(settings, open.id(), &credentials);
        *vault.reached.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Reached { vault: open });
        Ok((vault, report))
    }

    /// The open vault: unlocked at the first call, kept from then on.
    pub(super) fn open_vault(&self) -> Result<Arc<OpenVault>> {
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reached) = &*reached {
            return Ok(Arc::clone(&reached.vault));
        }
        let vault = self.unlock(self.vault_store()?)?;
        *reached = Some(Reached { vault: Arc::clone(&vault) });
        Ok(vault)
    }

    /// Opens the vault if it is not open yet, so that a wrong passphrase is found out at once.
    ///
    /// # Errors
    /// There is no vault, neither keyring nor passphrase opens it, or the bucket is out of reach.
    pub fn unlock_bucket(&self) -> Result<()> {
        self.open_vault().map(drop)
    }

    /// The next use opens the vault anew: something it was opened with has changed.
    pub(super) fn forget_reached(&self) {
        *self.reached.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The same vault behind a line of at most `bytes_per_second`.
    pub(super) fn open_throttled(&self, bytes_per_second: u64) -> Result<Arc<OpenVault>> {
        self.unlock(Arc::new(ThrottledStore::new(self.vault_store()?, bytes_per_second)))
    }

    fn vault_store(&self) -> Result<Arc<dyn Store>> {
        let config = self.config().vault.ok_or(ConfigError::NoVault)?;
        let credentials = self.credentials(Some(config.id), &config.bucket)?;
        connect(&self.settings, &config.bucket, &credentials)
    }

    fn unlock(&self, store: Arc<dyn Store>) -> Result<Arc<OpenVault>> {
        let settings = &self.settings;
        let ask = Arc::clone(&settings.ask_passphrase);
        let unlocking =
            backup::unlock(self.computer(store), Arc::clone(&settings.secrets), move || {
                ask(Ask::Open)
            });
        Ok(Arc::new(settings.runtime.block_on(unlocking)?))
    }

    /// The bucket shares lie in.
    pub(super) fn share_bucket(&self) -> Result<Arc<dyn Store>> {
        let config = self.config().vault.ok_or(ConfigError::NoVault)?;
        let settings = &self.settings;
        let credentials = self.credentials(Some(config.id), &config.bucket)?;
        let (bucket, root) = match &config.bucket.share_bucket {
            Some(own) => (own.as_str(), ""),
            None => (config.bucket.bucket.as_str(), config.bucket.root.as_str()),
        };
        let connection = config.bucket.connection(bucket, root);
        let connecting = S3Store::connect(connection, &credentials, settings.now.clone());
        Ok(Arc::new(settings.runtime.block_on(connecting)?))
    }

    /// The newest commit this computer has seen, without asking the network.
    pub(super) fn last_commit(&self) -> Result<Option<String>> {
        Ok(backup::last_commit(&self.catalog)?)
    }

    fn computer(&self, store: Arc<dyn Store>) -> Computer {
        Computer {
            store,
            catalog: Arc::clone(&self.catalog),
            library: self.library(),
            previews: self.previews.clone(),
            state_dir: self.settings.home.join("state"),
            now: Arc::clone(&self.settings.now),
            program: self.settings.program.clone(),
        }
    }
}

/// A name in the keyring that is only there to find out whether one answers.
const PROBE: &str = "probe";

fn keyring_answers(settings: &Settings) -> bool {
    if settings.secrets.set(PROBE, b"ok").is_err() {
        return false;
    }
    if let Err(error) = settings.secrets.delete(PROBE) {
        tracing::warn!(%error, "a probe stays in the keyring");
    }
    true
}

/// Only where no keyring answers is there a reason to ask.
fn passphrase_without_keyring(settings: &Settings) -> Option<Zeroizing<String>> {
    if keyring_answers(settings) { None } else { (settings.ask_passphrase)(Ask::New) }
}

fn secret_name(vault: VaultId) -> String {
    format!("s3/{vault}")
}

/// Who asks the store: the profile that was named, else keys given for this run, then the keyring, then whatever
/// the AWS tools of this computer use.
pub(super) fn credentials(
    settings: &Settings,
    vault: Option<VaultId>,
    bucket: &BucketChoice,
) -> Result<Credentials> {
    // A profile is named on purpose: it goes before what happens to be in the environment.
    if bucket.profile.is_none()
        && let Some(given) = &settings.credentials
    {
        return Ok(given.clone());
    }
    if bucket.profile.is_none()
        && let Some(vault) = vault
        && let Ok(Some(kept)) = settings.secrets.get(&secret_name(vault))
        && let Ok([key_id, secret]) = serde_json::from_slice::<[String; 2]>(&kept)
    {
        return Ok(Credentials::explicit(key_id, secret));
    }
    Ok(Credentials::Chain { profile: bucket.profile.clone() })
}

/// Keeps explicit, lasting keys in the keyring, so that the window and the nightly run have them;
/// whether it took them.
fn keep_credentials(settings: &Settings, vault: VaultId, credentials: &Credentials) -> bool {
    let Credentials::Explicit { key_id, secret, session_token: None } = credentials else {
        return false;
    };
    let both = Zeroizing::new(
        serde_json::to_vec(&[key_id.as_str(), secret.as_str()]).expect("two strings"),
    );
    match settings.secrets.set(&secret_name(vault), &both) {
        Ok(()) => true,
        Err(KeysError::NoKeyring { .. }) => false,
        Err(error) => {
            tracing::warn!(%error, "the S3 keys are not in the keyring");
            false
        }
    }
}

fn connect(
    settings: &Settings,
    bucket: &BucketChoice,
    credentials: &Credentials,
) -> Result<Arc<dyn Store>> {
    let connection = bucket.connection(&bucket.bucket, &bucket.root);
    let store = settings.runtime.block_on(async {
        let store = S3Store::connect(connection, credentials, settings.now.clone()).await?;
        match store.bucket_exists().await {
            Ok(true) => Ok(store),
            Ok(false) => Err(StoreError::NoBucket { bucket: bucket.bucket.clone() }),
            // This question is refused without a reason; the next one brings it.
            Err(refused @ (StoreError::Forbidden { .. } | StoreError::Unexpected { .. })) => {
                Err(store.list("probe/", None).await.err().unwrap_or(refused))
            }
            Err(error) => Err(error),
        }
    })?;
    Ok(Arc::new(store))
}
