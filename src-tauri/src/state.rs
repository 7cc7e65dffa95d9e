//! What the window holds between two commands: the open vault, and what was typed to open it.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use darkslide_core::card;
use darkslide_core::error::{Code, Error};
use darkslide_core::keys::KeysError;
use darkslide_core::vault::{AskPassphrase, Frames, Settings, Vault, app_lock};
use tauri::ipc::Channel;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::error::{Result, WireError};
use crate::following::Following;
use crate::jobs::{Job, Jobs};
use crate::wire::Counts;

/// How many previews are waited for at once. Their order is the core's business: what was asked for
/// last is made first, so more than are made at once have to be known to it.
const PREVIEWS: usize = 64;

/// So many cards are remembered for their pictures; the oldest goes first.
const CARDS: usize = 16;

/// The window is closed to whoever does not know its passphrase.
#[derive(Debug, thiserror::Error)]
#[error("the window is locked")]
struct Locked;

/// The passphrase of this session, where one was needed: from the environment, or typed.
#[derive(Clone, Default)]
pub struct Passphrase(Arc<Mutex<Option<Zeroizing<String>>>>);

impl Passphrase {
    pub fn give(&self, passphrase: Zeroizing<String>) {
        *lock(&self.0) = Some(passphrase);
    }

    /// Nobody has given one.
    pub fn forget(&self) {
        *lock(&self.0) = None;
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
    /// What whoever waits for cards waits on.
    pub card_changes: Mutex<card::Changes>,
    pub following: Following,
    vault: Mutex<Option<Arc<Vault>>>,
    locked: AtomicBool,
    /// Cards that are looked at, by the id the window has.
    cards: Mutex<VecDeque<(String, Arc<Frames>)>>,
    card_ids: AtomicU64,
}

/// The one handle commands and the preview scheme take; clones share everything.
#[derive(Clone)]
pub struct App(Arc<Desk>);

impl App {
    pub fn new(settings: Settings, passphrase: Passphrase, suggested_library: PathBuf) -> Self {
        // A home that cannot be read is told of when it is opened.
        let locked = app_lock(&settings.home).is_ok_and(|lock| lock.is_some());
        // Never the number of a card of an earlier day: the web view may still have its pictures.
        let first_card = (settings.now)().as_millisecond().unsigned_abs();
        Self(Arc::new(Desk {
            settings,
            passphrase,
            suggested_library,
            jobs: Jobs::default(),
            previews: Semaphore::new(PREVIEWS),
            card_changes: Mutex::default(),
            following: Following::default(),
            vault: Mutex::default(),
            locked: AtomicBool::new(locked),
            cards: Mutex::default(),
            card_ids: AtomicU64::new(first_card),
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

    /// The same where the work is brought to its end though the window is closed.
    pub async fn lasting<T: Send + 'static>(
        &self,
        job: String,
        channel: Channel<Counts>,
        work: impl FnOnce(&Vault, &Job<'_>) -> std::result::Result<T, Error> + Send + 'static,
    ) -> Result<T> {
        let app = self.clone();
        self.long(job, channel, move |vault, job| {
            let _lasting = app.desk().jobs.lasting();
            work(vault, job)
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
    /// The window is locked, nothing was set up, another program has it open, or its catalogue is
    /// damaged or newer.
    pub fn vault(&self) -> std::result::Result<Arc<Vault>, Error> {
        if self.locked.load(Ordering::SeqCst) {
            return Err(Error::new(Code::Locked, Locked));
        }
        let mut open = lock(&self.vault);
        if let Some(vault) = &*open {
            return Ok(Arc::clone(vault));
        }
        let vault = Arc::new(Vault::open(self.settings.clone())?);
        *open = Some(Arc::clone(&vault));
        Ok(vault)
    }

    /// The vault if it is open: nobody opens one for what runs by itself.
    pub fn opened(&self) -> Option<Arc<Vault>> {
        lock(&self.vault).clone()
    }

    /// Locks the window and forgets the keys; whether there is a lock. Work that runs goes on.
    pub fn lock(&self) -> bool {
        let has_lock = app_lock(&self.settings.home).is_ok_and(|lock| lock.is_some());
        if has_lock {
            self.locked.store(true, Ordering::SeqCst);
            self.passphrase.forget();
            lock(&self.cards).clear();
            if let Some(vault) = &*lock(&self.vault) {
                vault.forget_keys();
            }
        }
        has_lock
    }

    /// # Errors
    /// Another passphrase, or a home that cannot be read.
    pub fn unlock(&self, passphrase: &str) -> std::result::Result<(), Error> {
        if let Some(lock) = app_lock(&self.settings.home)?
            && !lock.opens(passphrase)?
        {
            return Err(KeysError::WrongKey { slot: "the window".to_owned() }.into());
        }
        self.locked.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// Remembers a card for its pictures, under an id that names no path.
    pub fn look_at(&self, frames: Frames) -> String {
        let id = self.card_ids.fetch_add(1, Ordering::Relaxed).to_string();
        let mut cards = lock(&self.cards);
        cards.push_back((id.clone(), Arc::new(frames)));
        while cards.len() > CARDS {
            cards.pop_front();
        }
        id
    }

    pub fn card(&self, id: &str) -> Option<Arc<Frames>> {
        let cards = lock(&self.cards);
        cards.iter().find(|(known, _)| known == id).map(|(_, frames)| Arc::clone(frames))
    }

    /// Keeps a vault that was just set up.
    pub fn keep(&self, vault: Vault) {
        *lock(&self.vault) = Some(Arc::new(vault));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
