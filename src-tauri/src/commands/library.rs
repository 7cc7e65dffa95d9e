//! Looking at photos, rating them, albums.

use darkslide_core::catalog::{Edit, Start};
use tauri::State;

use super::photo_ids;
use crate::error::Result;
use crate::state::App;
use crate::wire::{Album, Month, Photo};

/// However much is asked for, one answer stays small.
const MOST: usize = 1000;

#[tauri::command]
pub async fn months(app: State<'_, App>, query: String) -> Result<Vec<Month>> {
    app.with_vault(move |vault| Ok(vault.months(&query)?.into_iter().map(Into::into).collect()))
        .await
}

#[tauri::command]
pub async fn photos(
    app: State<'_, App>,
    query: String,
    offset: u64,
    limit: usize,
) -> Result<Vec<Photo>> {
    app.with_vault(move |vault| {
        let rows = vault.grid(&query, &Start::Offset(offset), limit.min(MOST))?;
        Ok(rows.into_iter().map(Into::into).collect())
    })
    .await
}

#[tauri::command]
pub async fn rate(app: State<'_, App>, photos: Vec<String>, rating: u8) -> Result<()> {
    let photos = photo_ids(&photos)?;
    let edit = Edit { rating: Some(rating), ..Edit::default() };
    app.with_vault(move |vault| vault.edit_photos(&photos, &edit).map(drop)).await
}

#[tauri::command]
pub async fn label(app: State<'_, App>, photos: Vec<String>, label: Option<String>) -> Result<()> {
    let photos = photo_ids(&photos)?;
    let edit = Edit { label: Some(label), ..Edit::default() };
    app.with_vault(move |vault| vault.edit_photos(&photos, &edit).map(drop)).await
}

#[tauri::command]
pub async fn albums(app: State<'_, App>) -> Result<Vec<Album>> {
    app.with_vault(|vault| Ok(vault.albums()?.into_iter().map(Into::into).collect())).await
}

#[tauri::command]
pub async fn create_album(app: State<'_, App>, name: String, photos: Vec<String>) -> Result<()> {
    let photos = photo_ids(&photos)?;
    app.with_vault(move |vault| {
        vault.album_create(&name)?;
        vault.album_add_photos(&name, &photos).map(drop)
    })
    .await
}

/// How many were new to it.
#[tauri::command]
pub async fn add_to_album(app: State<'_, App>, name: String, photos: Vec<String>) -> Result<u64> {
    let photos = photo_ids(&photos)?;
    app.with_vault(move |vault| vault.album_add_photos(&name, &photos)).await
}
