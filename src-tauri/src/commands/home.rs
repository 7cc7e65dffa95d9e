//! The home: whether there is one, and making it.

use std::path::PathBuf;

use darkslide_core::error::Error;
use darkslide_core::vault::{Vault, app_lock};
use tauri::{AppHandle, State, Wry};
use tauri_plugin_dialog::{DialogExt as _, FileDialogBuilder};

use crate::error::Result;
use crate::state::{App, Desk};
use crate::wire::{Home, Status};

fn look(desk: &Desk) -> std::result::Result<Home, Error> {
    let vault = match Vault::is_set_up(&desk.settings.home) {
        true => Some(desk.vault()?),
        false => None,
    };
    // What has no vault has no bucket, and nothing else can be wrong here.
    let bucket = vault.as_ref().and_then(|vault| vault.bucket().ok()).map(|bucket| bucket.bucket);
    Ok(Home {
        home: desk.settings.home.display().to_string(),
        library: vault.map(|vault| vault.library().display().to_string()),
        suggested_library: desk.suggested_library.display().to_string(),
        bucket,
        keys_given: desk.settings.credentials.is_some(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        lock: app_lock(&desk.settings.home)?.map(|lock| lock.minutes),
    })
}

#[tauri::command]
pub async fn home(app: State<'_, App>) -> Result<Home> {
    app.blocking(look).await
}

#[tauri::command]
pub async fn set_up(app: State<'_, App>, library: String) -> Result<Home> {
    app.blocking(move |desk| {
        desk.keep(Vault::init(desk.settings.clone(), &PathBuf::from(library), &[])?);
        look(desk)
    })
    .await
}

/// A dialog for files that begins where photos usually are: GTK's own begins with an empty list.
pub(super) fn file_dialog(handle: &AppHandle, desk: &Desk) -> FileDialogBuilder<Wry> {
    let dialog = handle.dialog().file();
    match desk.suggested_library.ancestors().skip(1).find(|folder| folder.is_dir()) {
        Some(folder) => dialog.set_directory(folder),
        None => dialog,
    }
}

/// The system's own dialog; null when it was closed without a choice.
#[tauri::command]
pub async fn pick_folder(
    app: State<'_, App>,
    handle: AppHandle,
    title: String,
) -> Result<Option<String>> {
    let (send, receive) = tokio::sync::oneshot::channel();
    let dialog = file_dialog(&handle, app.desk()).set_title(title);
    dialog.pick_folder(move |folder| drop(send.send(folder)));
    Ok(receive.await.ok().flatten().map(|folder| folder.to_string()))
}

#[tauri::command]
pub async fn status(app: State<'_, App>) -> Result<Status> {
    app.with_vault(|vault| Ok(vault.status()?.into())).await
}
