//! Links for clients.

use tauri::State;
use tauri::ipc::Channel;

use crate::error::Result;
use crate::state::App;
use crate::wire::{Counts, Link, LinkRow, Revoked, ShareOrder};

#[tauri::command]
pub async fn share(
    app: State<'_, App>,
    order: ShareOrder,
    job: String,
    channel: Channel<Counts>,
) -> Result<Link> {
    app.lasting(job, channel, move |vault, job| {
        let (album, options) = order.into_parts();
        let made = vault.share_create(&album, &options, &job.progress)?;
        Ok(Link::made(made, options.title))
    })
    .await
}

#[tauri::command]
pub async fn links(app: State<'_, App>) -> Result<Vec<LinkRow>> {
    app.with_vault(|vault| Ok(vault.shares()?.into_iter().map(Into::into).collect())).await
}

#[tauri::command]
pub async fn show_link(app: State<'_, App>, id: String) -> Result<Link> {
    app.with_vault(move |vault| Ok(vault.share_show(&id)?.into())).await
}

#[tauri::command]
pub async fn revoke_link(app: State<'_, App>, id: String) -> Result<Revoked> {
    app.with_vault(move |vault| Ok(vault.share_revoke(&id)?.into())).await
}
