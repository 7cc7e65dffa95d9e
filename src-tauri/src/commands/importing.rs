//! Cards and imports.

use std::sync::PoisonError;
use std::time::Duration;

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

/// A card may have come or gone unseen: whoever waits looks again after this time in any case.
const LONGEST: Duration = Duration::from_secs(10);

/// The cards that are in, as soon as one may have come or gone.
#[tauri::command]
pub async fn next_cards(app: State<'_, App>) -> Result<Vec<Card>> {
    app.blocking(|desk| {
        let changes = desk.card_changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.wait(LONGEST);
        Ok::<_, WireError>(card::find_cards().into_iter().map(Into::into).collect())
    })
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
    app.lasting(job, channel, move |vault, job| {
        Ok(vault.import_to_the_end(&order.into(), &job.progress)?.report.into())
    })
    .await
}

/// What was ordered of cards that are in, and cut off when the program ended.
#[tauri::command]
pub async fn imports_cut_off(app: State<'_, App>) -> Result<Vec<ImportOrder>> {
    app.with_vault(|vault| Ok(vault.imports_cut_off()?.into_iter().map(Into::into).collect())).await
}

/// Whether there was such work to stop.
#[tauri::command]
pub fn cancel_job(app: State<'_, App>, job: String) -> bool {
    app.desk().jobs.cancel(&job)
}
