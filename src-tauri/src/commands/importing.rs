//! Cards and imports.

use darkslide_core::card;
use tauri::State;
use tauri::ipc::Channel;

use crate::error::{Result, WireError};
use crate::state::App;
use crate::wire::{Card, Counts, ImportOrder, ImportPlan, ImportReport};

#[tauri::command]
pub async fn cards(app: State<'_, App>) -> Result<Vec<Card>> {
    app.blocking(|_| Ok::<_, WireError>(card::find_cards().into_iter().map(Into::into).collect()))
        .await
}

#[tauri::command]
pub async fn plan_import(
    app: State<'_, App>,
    order: ImportOrder,
    job: String,
    channel: Channel<Counts>,
) -> Result<ImportPlan> {
    app.long(job, channel, move |vault, job| {
        Ok(vault.plan_import(&order.into(), &job.progress)?.into())
    })
    .await
}

#[tauri::command]
pub async fn import_card(
    app: State<'_, App>,
    order: ImportOrder,
    job: String,
    channel: Channel<Counts>,
) -> Result<ImportReport> {
    app.long(job, channel, move |vault, job| {
        Ok(vault.import(&order.into(), &job.progress)?.report.into())
    })
    .await
}

/// Whether there was such work to stop.
#[tauri::command]
pub fn cancel_job(app: State<'_, App>, job: String) -> bool {
    app.desk().jobs.cancel(&job)
}
