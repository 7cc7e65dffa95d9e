//! Looking at photos, rating them, albums.

use darkslide_core::catalog::{Act, Edit, Start};
use darkslide_core::error::Error;
use tauri::State;

use super::{photo_id, photo_ids};
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
    sort: Option<String>,
) -> Result<Vec<Photo>> {
    app.with_vault(move |vault| {
        let rows = match sort {
            Some(sort) => vault.sorted_grid(
                &query,
                sort.parse().map_err(Error::from)?,
                offset,
                limit.min(MOST),
            )?,
            None => vault.grid(&query, &Start::Offset(offset), limit.min(MOST))?,
        };
        Ok(rows.into_iter().map(Into::into).collect())
    })
    .await
}

/// How many photos of the grid stand before this one.
#[tauri::command]
pub async fn place_of_photo(
    app: State<'_, App>,
    query: String,
    sort: Option<String>,
    photo: String,
) -> Result<Option<u64>> {
    let photo = photo_id(&photo)?;
    app.with_vault(move |vault| {
        let order = sort.map(|sort| sort.parse().map_err(Error::from)).transpose()?;
        vault.place(&query, order, photo)
    })
    .await
}

#[tauri::command]
pub async fn rate(app: State<'_, App>, photos: Vec<String>, rating: u8) -> Result<()> {
    let photos = photo_ids(&photos)?;
    let edit = Box::new(Edit { rating: Some(rating), ..Edit::default() });
    app.with_vault(move |vault| vault.act(&Act::Edit { photos, edit }).map(drop)).await
}

#[tauri::command]
pub async fn label(app: State<'_, App>, photos: Vec<String>, label: Option<String>) -> Result<()> {
    let photos = photo_ids(&photos)?;
    let edit = Box::new(Edit { label: Some(label), ..Edit::default() });
    app.with_vault(move |vault| vault.act(&Act::Edit { photos, edit }).map(drop)).await
}

#[tauri::command]
pub async fn albums(app: State<'_, App>) -> Result<Vec<Album>> {
    app.with_vault(|vault| Ok(vault.albums()?.into_iter().map(Into::into).collect())).await
}

#[tauri::command]
pub async fn create_album(app: State<'_, App>, name: String, photos: Vec<String>) -> Result<()> {
    let photos = photo_ids(&photos)?;
    app.with_vault(move |vault| vault.act(&Act::CreateAlbum { name, photos }).map(drop)).await
}

/// How many were new to it.
#[tauri::command]
pub async fn add_to_album(app: State<'_, App>, name: String, photos: Vec<String>) -> Result<u64> {
    let photos = photo_ids(&photos)?;
    app.with_vault(move |vault| {
        let album = vault.album_called(&name)?;
        vault.act(&Act::AddToAlbum { album, photos })
    })
    .await
}
