//! What of a photo can be played; the film itself goes by `film_scheme`.

use tauri::State;

use super::photo_ids;
use crate::error::Result;
use crate::state::App;
use crate::wire::Film;

#[tauri::command]
pub async fn film(app: State<'_, App>, photo: String) -> Result<Option<Film>> {
    let photo = photo_ids(&[photo])?[0];
    app.with_vault(move |vault| {
        let film = vault.film(photo)?;
        Ok(film.map(|film| Film {
            bytes: film.len(),
            is_of_still: film.is_of_still,
            mime: film.mime,
        }))
    })
    .await
}
