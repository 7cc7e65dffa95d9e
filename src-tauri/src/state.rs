//! What the window holds between two commands: the open vault, and what was typed to open it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use darkslide_core::error::Error;
use darkslide_core::vault::{AskPassphrase, Settings, Vault};
use tauri::ipc::Channel;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::error::{Result, WireError};
use crate::jobs::{Job, Jobs};
use crate::wire::Counts;

/// How many previews are waited for at once. Their order is the core's business: what was asked for
/// last is made first, so more than are made at once have to be known to it.
const PREVIEWS: usize = 64;

/// The passphrase of this session, where one was needed: from the environment, or typed.
#[derive(Clone, Default)]
pub struct Passphrase(Arc<Mutex<Option<Zeroizing<String>>>>);

impl Passphrase {
    pub fn give(&self, passphrase: Zeroizing<String>) {
        *lock(&self.0) = Some(passphrase);
    }

    /// The answer to the core's question: nobody is asked, the window has asked before.
    #[must_use]
    pub fn answer(&self) -> AskPassphrase {
        let given = self.clone();
        Arc::new(move |_| lock(&given.0).clone())
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase([REDACTED])")
    }
}

/// The vault of this window, opened when it is first needed.
pub struct Desk {
    pub settings: Settings,
    pub passphrase: Passphrase,
    pub suggested_library: PathBuf,
    pub jobs: Jobs,
    /// Each takes a thread that waits.
    pub previews: Semaphore,
    vault: Mutex<Option<Arc<Vault>>>,
}

/// The one handle commands and the preview scheme take; clones share everything.
#[derive(Clone)]
pub struct App(Arc<Desk>);

impl App {
    pub fn new(settings: Settings, passphrase: Passphrase, suggested_library: PathBuf) -> Self {
        Self(Arc::new(Desk {
            settings,
            passphrase,
            suggested_library,
            jobs: Jobs::default(),
            previews: Semaphore::new(PREVIEWS),
            vault: Mutex::default(),
        }))
    }

    /// Runs blocking work of the core on a thread that may wait.
    pub async fn blocking<T, E>(
        &self,
        work: impl FnOnce(&Desk) -> std::result::Result<T, E> + Send + 'static,
    ) -> Result<T>
    where
        T: Send + 'static,
        E: Into<WireError> + Send + 'static,
    {
        let desk = Arc::clone(&self.0);
        let done = self.0.settings.runtime.spawn_blocking(move || work(&desk)).await;
        done.map_err(|panic| WireError::internal(&panic))?.map_err(Into::into)
    }

    /// The same with the open vault at hand.
    pub async fn with_vault<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Vault) -> std::result::Result<T, Error> + Send + 'static,
    ) -> Result<T> {
        self.blocking(move |desk| work(&*desk.vault()?)).await
    }

    /// Long work that tells how far it is under the id `job`.
    pub async fn long<T: Send + 'static>(
        &self,
        job: String,
        channel: Channel<Counts>,
        work: impl FnOnce(&Vault, &Job<'_>) -> std::result::Result<T, Error> + Send + 'static,
    ) -> Result<T> {
        self.blocking(move |desk| {
            let vault = desk.vault()?;
            work(&vault, &desk.jobs.start(job, channel))
        })
        .await
    }

    pub fn desk(&self) -> &Desk {
        &self.0
    }
}

impl Desk {
    /// The open vault; a failure is not remembered, so that trying again makes sense.
    ///
    /// # Errors
    /// Nothing was set up, another program has it open, or its catalogue is damaged or newer.
    pub fn vault(&self) -> std::result::Result<Arc<Vault>, Error> {
        let mut open = lock(&self.vault);
        if let Some(vault) = &*open {
            return Ok(Arc::clone(vault));
        }
        let vault = Arc::new(Vault::open(self.settings.clone())?);
        *open = Some(Arc::clone(&vault));
        Ok(vault)
    }

    /// Keeps a vault that was just set up.
    pub fn keep(&self, vault: Vault) {
        *lock(&self.vault) = Some(Arc::new(vault));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
