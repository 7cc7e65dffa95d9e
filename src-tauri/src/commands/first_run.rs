//! The first run: photos that are there already, a bucket looked at before it is used, a vault
//! opened from its words, the recovery kit.

use std::path::PathBuf;

use darkslide_core::error::Error;
use darkslide_core::store::{Credentials, PROVIDERS, Provider as Known};
use darkslide_core::vault::{
    AdoptOptions, BucketChoice, KitFile, Settings, Vault, check_bucket as check,
    harden_bucket as harden, make_bucket as make,
};
use tauri::ipc::Channel;
use tauri::{AppHandle, State};

use crate::commands::home::file_dialog;
use crate::error::Result;
use crate::state::App;
use crate::wire::{
    AdoptReport, Bucket, BucketCheck, BucketKeys, Counts, Opening, Policy, Provider, Recovery,
    VaultOpened,
};

/// The settings with the keys that were typed, or with those the program has.
fn with_keys(settings: &Settings, keys: Option<BucketKeys>) -> Settings {
    let mut settings = settings.clone();
    if let Some(BucketKeys { access_key, secret_key }) = keys {
        settings.credentials = Some(Credentials::explicit(access_key, secret_key));
    }
    settings
}

#[tauri::command]
pub fn providers() -> Vec<Provider> {
    PROVIDERS.iter().map(Into::into).collect()
}

#[tauri::command]
pub fn bucket_policy(provider: String, buckets: Vec<String>) -> Policy {
    let buckets: Vec<&str> = buckets.iter().map(String::as_str).collect();
    Known::named(&provider).policy(&buckets).into()
}

#[tauri::command]
pub async fn check_bucket(
    app: State<'_, App>,
    bucket: Bucket,
    keys: Option<BucketKeys>,
) -> Result<BucketCheck> {
    app.blocking(move |desk| {
        let checked = check(&with_keys(&desk.settings, keys), &bucket.into())?;
        Ok::<_, Error>(checked.into())
    })
    .await
}

/// Makes the bucket, and looks at it.
#[tauri::command]
pub async fn make_bucket(
    app: State<'_, App>,
    bucket: Bucket,
    keys: Option<BucketKeys>,
) -> Result<BucketCheck> {
    app.blocking(move |desk| {
        let (settings, bucket) = (with_keys(&desk.settings, keys), BucketChoice::from(bucket));
        make(&settings, &bucket)?;
        Ok::<_, Error>(check(&settings, &bucket)?.into())
    })
    .await
}

/// Sets what the store offers to make it safer, and looks again.
#[tauri::command]
pub async fn harden_bucket(
    app: State<'_, App>,
    bucket: Bucket,
    keys: Option<BucketKeys>,
) -> Result<BucketCheck> {
    app.blocking(move |desk| {
        let (settings, bucket) = (with_keys(&desk.settings, keys), BucketChoice::from(bucket));
        harden(&settings, &bucket, &check(&settings, &bucket)?.can_set)?;
        Ok::<_, Error>(check(&settings, &bucket)?.into())
    })
    .await
}

/// A vault on a computer that does not know it yet: catalogue and thumbnails from the bucket.
#[tauri::command]
pub async fn open_vault(
    app: State<'_, App>,
    opening: Opening,
    keys: Option<BucketKeys>,
    job: String,
    channel: Channel<Counts>,
) -> Result<VaultOpened> {
    app.blocking(move |desk| {
        let job = desk.jobs.start(job, channel);
        let Opening { bucket, words, library } = opening;
        let (vault, opened) = Vault::open_from_bucket(
            with_keys(&desk.settings, keys),
            bucket.into(),
            &words,
            Some(&PathBuf::from(library)),
            &job.progress,
        )?;
        // Without a way in of its own it is asked for, and this is done again.
        if opened.enrolled {
            desk.keep(vault);
        }
        Ok::<_, Error>(opened.into())
    })
    .await
}

/// Catalogues photos where they are.
#[tauri::command]
pub async fn adopt(
    app: State<'_, App>,
    folder: String,
    job: String,
    channel: Channel<Counts>,
) -> Result<AdoptReport> {
    app.lasting(job, channel, move |vault, job| {
        let options = AdoptOptions {
            dir: PathBuf::from(folder),
            // They come while the photos are looked at; nobody waits for them here.
            previews_later: true,
            ..AdoptOptions::default()
        };
        Ok(vault.adopt(&options, &job.progress)?.into())
    })
    .await
}

/// Writes the kit where the photographer says; null when the dialog was closed without a choice.
#[tauri::command]
pub async fn save_kit(
    app: State<'_, App>,
    handle: AppHandle,
    recovery: Recovery,
    title: String,
) -> Result<Option<String>> {
    let (send, receive) = tokio::sync::oneshot::channel();
    let dialog = file_dialog(&handle, app.desk())
        .set_title(title)
        .set_file_name("darkslide-recovery-kit.html");
    dialog.save_file(move |path| drop(send.send(path)));
    let chosen = receive.await.ok().flatten().and_then(|path| path.into_path().ok());
    let Some(path) = chosen else { return Ok(None) };
    app.with_vault(move |vault| {
        // The dialog may have asked about replacing: the words of another vault stay all the same.
        let file = KitFile::reserve_beside(&path)?;
        let path = file.path().display().to_string();
        file.write(&vault.kit(&recovery.try_into()?))?;
        Ok(Some(path))
    })
    .await
}
