//! `darkslide album`: chosen photos in an order.

use darkslide_core::error::Result;
use darkslide_core::vault::Vault;
use serde_json::json;

use crate::args::Album;
use crate::report::{Outcome, Report, count};

pub fn album(vault: &Vault, album: Album, report: &Report) -> Result<Outcome> {
    match album {
        Album::Create { name } => {
            let id = vault.album_create(&name)?;
            report.result(&json!({ "id": id, "name": name }), || format!("Album {name} is there."));
        }
        Album::Add { name, query } => {
            let photos = vault.album_add(&name, &query.text())?;
            report.result(&json!({ "name": name, "added": photos }), || {
                format!("{} put into {name}.", count(photos, "photo"))
            });
        }
        Album::Remove { name, query } => {
            let photos = vault.album_remove(&name, &query.text())?;
            report.result(&json!({ "name": name, "removed": photos }), || {
                format!("{} taken out of {name}.", count(photos, "photo"))
            });
        }
        Album::List => {
            let albums = vault.albums()?;
            report.list(&albums, |a| format!("{}  {}", count(a.photos, "photo"), a.name));
        }
    }
    Ok(Outcome::Clean)
}
