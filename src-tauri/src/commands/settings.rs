//! Settings: mirrors, watched folders, presets, room for previews, the bucket, the lock.

use std::path::PathBuf;

use darkslide_core::error::{Error, Result as CoreResult};
use darkslide_core::import::Preset;
use darkslide_core::vault::{Vault, check_bucket, harden_bucket};
use tauri::State;
use tauri::ipc::Channel;
use zeroize::Zeroizing;

use crate::error::Result;
use crate::following::Following;
use crate::state::App;
use crate::wire::{BucketCheck, Counts, Followed, LeftOut, Preferences, PresetRow, WatchedKind};

fn look(vault: &Vault) -> CoreResult<Preferences> {
    let previews = vault.preview_status()?;
    Ok(Preferences {
        home: vault.home().display().to_string(),
        library: vault.library().display().to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        mirrors: vault.mirror_list()?.into_iter().map(Into::into).collect(),
        watched: vault.watched().into_iter().map(Into::into).collect(),
        presets: vault.presets()?.into_iter().map(Into::into).collect(),
        previews: previews.into(),
        bucket: vault.bucket().ok().map(Into::into),
        lock: darkslide_core::vault::app_lock(vault.home())?.map(|lock| lock.minutes),
    })
}

#[tauri::command]
pub async fn preferences(app: State<'_, App>) -> Result<Preferences> {
    app.with_vault(look).await
}

#[tauri::command]
pub async fn add_mirror(app: State<'_, App>, path: String) -> Result<Preferences> {
    app.with_vault(move |vault| {
        vault.mirror_add(&PathBuf::from(path))?;
        look(vault)
    })
    .await
}

#[tauri::command]
pub async fn remove_mirror(app: State<'_, App>, path: String) -> Result<Preferences> {
    app.with_vault(move |vault| {
        vault.mirror_remove(&PathBuf::from(path))?;
        look(vault)
    })
    .await
}

/// Copies to every mirror what it lacks; the answer is what failed.
#[tauri::command]
pub async fn sync_mirrors(
    app: State<'_, App>,
    job: String,
    channel: Channel<Counts>,
) -> Result<Vec<LeftOut>> {
    app.lasting(job, channel, |vault, job| {
        let done = vault.mirror_sync(&job.progress)?;
        let failed = done.failed.into_iter().map(|failed| LeftOut {
            path: [failed.mirror, failed.path].join(" ").trim_end().to_owned(),
            reason: failed.reason,
        });
        Ok(failed.collect())
    })
    .await
}

/// Follows the watched folders while the program runs; what joins the library from there is told of.
#[tauri::command]
pub fn follow_watched(app: State<'_, App>, channel: Channel<Followed>) {
    Following::begin(&app, channel);
}

#[tauri::command]
pub async fn watch_folder(
    app: State<'_, App>,
    path: String,
    kind: WatchedKind,
) -> Result<Preferences> {
    app.blocking(move |desk| {
        let vault = desk.vault()?;
        vault.watch_add(&PathBuf::from(path), kind.into())?;
        desk.following.changed();
        look(&vault)
    })
    .await
}

#[tauri::command]
pub async fn unwatch_folder(app: State<'_, App>, path: String) -> Result<Preferences> {
    app.blocking(move |desk| {
        let vault = desk.vault()?;
        vault.watch_remove(&PathBuf::from(path))?;
        desk.following.changed();
        look(&vault)
    })
    .await
}

/// Keeps a preset; what the window does not show of one that is there stays as it was.
#[tauri::command]
pub async fn keep_preset(app: State<'_, App>, preset: PresetRow) -> Result<Preferences> {
    app.with_vault(move |vault| {
        let there = vault.preset(&preset.name).map(|named| named.preset).unwrap_or_default();
        let kept: Preset = preset.over(there);
        vault.preset_create(&preset.name, &kept)?;
        look(vault)
    })
    .await
}

#[tauri::command]
pub async fn remove_preset(app: State<'_, App>, name: String) -> Result<Preferences> {
    app.with_vault(move |vault| {
        vault.preset_remove(&name)?;
        look(vault)
    })
    .await
}

#[tauri::command]
pub async fn limit_previews(app: State<'_, App>, bytes: Option<u64>) -> Result<Preferences> {
    app.with_vault(move |vault| {
        vault.set_previews_limit(bytes)?;
        look(vault)
    })
    .await
}

#[tauri::command]
pub async fn check_own_bucket(app: State<'_, App>, harden: bool) -> Result<BucketCheck> {
    app.with_vault(move |vault| {
        let (settings, bucket) = (vault.settings_of_bucket()?, vault.bucket()?);
        let mut check = check_bucket(&settings, &bucket)?;
        if harden && !check.can_set.is_empty() {
            harden_bucket(&settings, &bucket, &check.can_set)?;
            check = check_bucket(&settings, &bucket)?;
        }
        Ok(check.into())
    })
    .await
}

/// Locks the window with this passphrase from now on; null takes the lock away.
#[tauri::command]
pub async fn set_lock(
    app: State<'_, App>,
    passphrase: String,
    minutes: Option<u32>,
) -> Result<Preferences> {
    let passphrase = Zeroizing::new(passphrase);
    app.with_vault(move |vault| {
        match minutes {
            Some(minutes) => vault.set_app_lock(&passphrase, minutes)?,
            None => vault.remove_app_lock(&passphrase)?,
        }
        look(vault)
    })
    .await
}

/// Closes the window to everybody without the passphrase, and forgets the keys. Without a lock,
/// nothing happens.
#[tauri::command]
pub async fn lock(app: State<'_, App>) -> Result<bool> {
    app.blocking(|desk| Ok::<_, Error>(desk.lock())).await
}

#[tauri::command]
pub async fn unlock(app: State<'_, App>, passphrase: String) -> Result<()> {
    let passphrase = Zeroizing::new(passphrase);
    app.blocking(move |desk| desk.unlock(&passphrase)).await
}
