//! Culling and looking closely: flags, words, trash, undo, the info panel, and whether all is safe.

use darkslide_core::catalog::{Act, Edit, Flag};
use tauri::State;
use tauri::ipc::Channel;

use super::{photo_id, photo_ids};
use crate::error::{Result, WireError};
use crate::state::App;
use crate::wire::{
    Counts, Details, Facet, Facets, Histogram, MirrorReport, PhotoFlag, RestoreReport, Safety,
    Undone, Words,
};

async fn edit(app: &App, photos: Vec<String>, edit: Edit) -> Result<()> {
    let act = Act::Edit { photos: photo_ids(&photos)?, edit: Box::new(edit) };
    app.with_vault(move |vault| vault.act(&act).map(drop)).await
}

#[tauri::command]
pub async fn flag(app: State<'_, App>, photos: Vec<String>, flag: Option<PhotoFlag>) -> Result<()> {
    let flag = flag.map(|flag| match flag {
        PhotoFlag::Pick => Flag::Pick,
        PhotoFlag::Reject => Flag::Reject,
    });
    edit(&app, photos, Edit { flag: Some(flag), ..Edit::default() }).await
}

#[tauri::command]
pub async fn describe(app: State<'_, App>, photos: Vec<String>, words: Words) -> Result<()> {
    let Words { title, caption, add_keywords, remove_keywords } = words;
    let change = Edit {
        title: title.map(Some),
        caption: caption.map(Some),
        add_keywords,
        remove_keywords,
        ..Edit::default()
    };
    edit(&app, photos, change).await
}

/// Into the trash, or out of it. No file is touched.
#[tauri::command]
pub async fn trash(app: State<'_, App>, photos: Vec<String>, trash: bool) -> Result<()> {
    edit(&app, photos, Edit { trash: Some(trash), ..Edit::default() }).await
}

#[tauri::command]
pub async fn undo(app: State<'_, App>) -> Result<Option<Undone>> {
    app.with_vault(|vault| Ok(vault.undo()?.map(Into::into))).await
}

#[tauri::command]
pub async fn redo(app: State<'_, App>) -> Result<Option<Undone>> {
    app.with_vault(|vault| Ok(vault.redo()?.map(Into::into))).await
}

/// The ids of everything a query finds.
#[tauri::command]
pub async fn find_photos(app: State<'_, App>, query: String) -> Result<Vec<String>> {
    app.with_vault(move |vault| Ok(vault.find(&query)?.iter().map(ToString::to_string).collect()))
        .await
}

#[tauri::command]
pub async fn details(app: State<'_, App>, photo: String) -> Result<Details> {
    let photo = photo_id(&photo)?;
    app.with_vault(move |vault| Ok(Details::of(vault.details(photo)?, &vault.library()))).await
}

#[tauri::command]
pub async fn histogram(app: State<'_, App>, photo: String) -> Result<Histogram> {
    let photo = photo_id(&photo)?;
    app.with_vault(move |vault| Ok(vault.histogram(photo)?.into())).await
}

#[tauri::command]
pub async fn facets(app: State<'_, App>) -> Result<Facets> {
    app.with_vault(|vault| Ok(Facets::of(vault.facets()?, vault.shoots()?))).await
}

/// The shoots with photos, the newest first.
#[tauri::command]
pub async fn shoots(app: State<'_, App>) -> Result<Vec<Facet>> {
    app.with_vault(|vault| Ok(Facet::of_shoots(vault.shoots()?))).await
}

/// How many were in it.
#[tauri::command]
pub async fn remove_from_album(
    app: State<'_, App>,
    name: String,
    photos: Vec<String>,
) -> Result<u64> {
    let photos = photo_ids(&photos)?;
    app.with_vault(move |vault| {
        let album = vault.album_called(&name)?;
        vault.act(&Act::RemoveFromAlbum { album, photos })
    })
    .await
}

#[tauri::command]
pub async fn rename_album(app: State<'_, App>, name: String, to: String) -> Result<()> {
    app.with_vault(move |vault| {
        let album = vault.album_called(&name)?;
        vault.act(&Act::RenameAlbum { album, name: to }).map(drop)
    })
    .await
}

/// The album goes; its photos stay.
#[tauri::command]
pub async fn trash_album(app: State<'_, App>, name: String) -> Result<()> {
    app.with_vault(move |vault| {
        let album = vault.album_called(&name)?;
        vault.act(&Act::TrashAlbum { album }).map(drop)
    })
    .await
}

#[tauri::command]
pub async fn full_screen(window: tauri::Window, on: bool) -> Result<()> {
    window.set_fullscreen(on).map_err(|error| WireError::of_the_window(&error))
}

#[tauri::command]
pub async fn safety(app: State<'_, App>) -> Result<Safety> {
    app.with_vault(|vault| Ok(vault.safety()?.into())).await
}

/// Brings originals back out of the bucket, into the library.
#[tauri::command]
pub async fn bring_back(
    app: State<'_, App>,
    query: String,
    job: String,
    channel: Channel<Counts>,
) -> Result<RestoreReport> {
    app.lasting(job, channel, move |vault, job| {
        Ok(vault.restore(&query, None, &job.progress)?.into())
    })
    .await
}

#[tauri::command]
pub async fn copy_to_mirrors(
    app: State<'_, App>,
    job: String,
    channel: Channel<Counts>,
) -> Result<MirrorReport> {
    app.lasting(job, channel, |vault, job| Ok(vault.mirror_sync(&job.progress)?.into())).await
}
