//! A card to look at before it is imported, and letting go of it afterwards.

use std::path::PathBuf;

use darkslide_core::progress::Progress;
use tauri::State;
use tauri::ipc::Channel;

use crate::error::Result;
use crate::state::App;
use crate::wire::{CardContents, Counts, Ejected, ImportOrder};

/// What is on a card, at once; its pictures are fetched by the id of the answer.
#[tauri::command]
pub async fn card_contents(app: State<'_, App>, source: String) -> Result<CardContents> {
    app.blocking(move |desk| {
        let vault = desk.vault()?;
        let frames = vault.card_frames(&PathBuf::from(source), &Progress::new())?;
        let rows = frames.frames.iter().map(Into::into).collect();
        Ok::<_, darkslide_core::error::Error>(CardContents {
            id: desk.look_at(frames),
            frames: rows,
        })
    })
    .await
}

/// When its exposures were taken, in the order of `card_contents`.
#[tauri::command]
pub async fn card_times(
    app: State<'_, App>,
    id: String,
    job: String,
    channel: Channel<Counts>,
) -> Result<Vec<Option<String>>> {
    app.blocking(move |desk| {
        let vault = desk.vault()?;
        let job = desk.jobs.start(job, channel);
        let Some(frames) = desk.card(&id) else { return Ok(Vec::new()) };
        let times = vault.card_times(&frames, &job.progress)?;
        Ok::<_, darkslide_core::error::Error>(
            times.into_iter().map(|time| time.map(|time| time.to_string())).collect(),
        )
    })
    .await
}

/// Where the first photo of the card would go; without a card, a made-up one.
#[tauri::command]
pub async fn sample_name(app: State<'_, App>, order: ImportOrder) -> Result<String> {
    app.with_vault(move |vault| Ok(vault.sample_name(&order.into(), &Progress::new())?.to)).await
}

#[tauri::command]
pub async fn eject_card(
    app: State<'_, App>,
    source: String,
    job: String,
    channel: Channel<Counts>,
) -> Result<Ejected> {
    app.long(job, channel, move |vault, job| {
        Ok(vault.eject(&PathBuf::from(source), &job.progress)?.into())
    })
    .await
}
