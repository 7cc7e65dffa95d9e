//! The bucket: connecting one, and bringing everything there.

use darkslide_core::store::Credentials;
use tauri::State;
use tauri::ipc::Channel;
use zeroize::Zeroizing;

use crate::error::Result;
use crate::state::App;
use crate::wire::{BackupReport, Bucket, BucketKeys, Counts, Recovery};

/// The words of a vault that is to be made, to be written down before it is.
#[tauri::command]
pub async fn draw_words(app: State<'_, App>) -> Result<Vec<String>> {
    app.with_vault(|vault| Ok(vault.draw_words()?.split(' ').map(str::to_owned).collect())).await
}

/// Makes the vault these words open.
#[tauri::command]
pub async fn create_vault(
    app: State<'_, App>,
    bucket: Bucket,
    keys: Option<BucketKeys>,
    words: Vec<String>,
) -> Result<Recovery> {
    let words = Zeroizing::new(words.join(" "));
    app.with_vault(move |vault| {
        if let Some(BucketKeys { access_key, secret_key }) = keys {
            vault.use_credentials(Credentials::explicit(access_key, secret_key));
        }
        Ok(vault.create_vault_with(bucket.into(), &words)?.into())
    })
    .await
}

/// New keys to the bucket, in place of those that ended; whether the keyring keeps them.
#[tauri::command]
pub async fn renew_keys(app: State<'_, App>, keys: BucketKeys) -> Result<bool> {
    app.with_vault(move |vault| {
        let BucketKeys { access_key, secret_key } = keys;
        vault.renew_credentials(Credentials::explicit(access_key, secret_key))
    })
    .await
}

/// The passphrase of a vault on a computer whose keyring does not answer.
#[tauri::command]
pub fn give_passphrase(app: State<'_, App>, passphrase: String) {
    app.desk().passphrase.give(Zeroizing::new(passphrase));
}

/// The same for a vault that is there: tried out, and forgotten again if it does not open it.
#[tauri::command]
pub async fn unlock_vault(app: State<'_, App>, passphrase: String) -> Result<()> {
    app.blocking(move |desk| {
        desk.passphrase.give(Zeroizing::new(passphrase));
        desk.vault()?.unlock_bucket().inspect_err(|_| desk.passphrase.forget())
    })
    .await
}

#[tauri::command]
pub async fn back_up(
    app: State<'_, App>,
    job: String,
    channel: Channel<Counts>,
) -> Result<BackupReport> {
    app.lasting(job, channel, |vault, job| Ok(vault.backup(None, &job.progress)?.report.into()))
        .await
}
