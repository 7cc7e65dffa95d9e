//! What the two mains bring in: the core fetches no time, environment or secret by itself.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::keys::SecretStore;
use crate::sandbox::Decoding;
use crate::store::Credentials;

/// What a passphrase is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// For a vault that is being made: ask twice.
    New,
    /// To open a vault that has one.
    Open,
}

/// Asks for the passphrase; `None` when nobody answers.
pub type AskPassphrase = Arc<dyn Fn(Ask) -> Option<Zeroizing<String>> + Send + Sync>;

/// Everything a `Vault` is built from.
#[derive(Clone)]
pub struct Settings {
    /// Catalogue, previews and state.
    pub home: PathBuf,
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    pub secrets: Arc<dyn SecretStore>,
    pub ask_passphrase: AskPassphrase,
    /// Keys given for this run; they go before those in the keyring and in profiles.
    pub credentials: Option<Credentials>,
    /// The page clients see: one HTML file.
    pub gallery_page: Bytes,
    /// Name and version of the program, written into commits.
    pub program: String,
    /// What this computer is called, written into the vault's list of devices.
    pub computer: String,
    /// Where files of other people's making are read and decoded.
    pub decoding: Decoding,
    pub runtime: tokio::runtime::Handle,
}
