//! The desktop shell: one window, thin.
//!
//! Commands take, convert, call the core and convert back; what crosses is in `wire`, errors cross
//! as `error::WireError`, long work is in `jobs`, pictures travel by `preview_scheme`. Nothing here
//! knows what a photo is: an `if` about photos belongs in the core.

#[cfg(test)]
mod bindings;
mod closing;
mod commands;
mod convert;
mod convert_looking;
mod error;
mod film_scheme;
mod following;
mod jobs;
mod preview_scheme;
mod state;
mod view;
mod wire;

use std::path::PathBuf;

use darkslide_core::vault::Settings;
use tauri::http::StatusCode;
use tauri::{Manager as _, WindowEvent};

pub use state::Passphrase;

const WINDOW: &str = "main";

/// What the program brings to its window.
pub struct Start {
    pub settings: Settings,
    pub passphrase: Passphrase,
    /// Where a new library would go.
    pub suggested_library: PathBuf,
}

/// Opens the window and stays until it is closed.
///
/// # Errors
/// The system gives no window.
pub fn run(start: Start) -> tauri::Result<()> {
    tauri::async_runtime::set(start.settings.runtime.clone());
    let app = state::App::new(start.settings, start.passphrase, start.suggested_library);
    let previews = app.clone();
    tauri::Builder::default()
        // First: a second program ends here, and the window of the first comes up. Without a bus
        // nobody tells it; then the catalogue's lock does.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| {
            if let Some(window) = app.get_webview_window(WINDOW)
                && let Err(error) = view::come_up(&window)
            {
                tracing::warn!(%error, "the window did not come up");
            }
        }))
        .plugin(tauri_plugin_dialog::init())
        .manage(app)
        .setup(|app| {
            if let Some(window) = app.get_webview_window(WINDOW) {
                view::keep_little(&window)?;
                view::draw_plainly(&window)?;
            }
            Ok(())
        })
        .on_window_event(|window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event
                && closing::waits(window)
            {
                api.prevent_close();
            }
        })
        .register_asynchronous_uri_scheme_protocol(
            preview_scheme::SCHEME,
            move |context, request, responder| {
                if context.webview_label() != WINDOW {
                    responder.respond(preview_scheme::empty(StatusCode::FORBIDDEN));
                    return;
                }
                let app = previews.clone();
                tauri::async_runtime::spawn(async move {
                    responder.respond(preview_scheme::answer(app, request).await);
                });
            },
        )
        .invoke_handler(tauri::generate_handler![
            commands::home::home,
            commands::home::set_up,
            commands::home::pick_folder,
            commands::home::status,
            commands::first_run::providers,
            commands::first_run::bucket_policy,
            commands::first_run::check_bucket,
            commands::first_run::make_bucket,
            commands::first_run::harden_bucket,
            commands::first_run::open_vault,
            commands::first_run::adopt,
            commands::first_run::save_kit,
            commands::bucket::create_vault,
            commands::bucket::draw_words,
            commands::bucket::renew_keys,
            commands::bucket::give_passphrase,
            commands::bucket::unlock_vault,
            commands::bucket::back_up,
            commands::card::card_contents,
            commands::card::card_times,
            commands::card::sample_name,
            commands::card::eject_card,
            commands::settings::preferences,
            commands::settings::add_mirror,
            commands::settings::remove_mirror,
            commands::settings::sync_mirrors,
            commands::settings::follow_watched,
            commands::settings::watch_folder,
            commands::settings::unwatch_folder,
            commands::settings::keep_preset,
            commands::settings::remove_preset,
            commands::settings::limit_previews,
            commands::settings::check_own_bucket,
            commands::settings::set_lock,
            commands::settings::lock,
            commands::settings::unlock,
            commands::importing::cards,
            commands::importing::next_cards,
            commands::importing::plan_import,
            commands::importing::import_card,
            commands::importing::imports_cut_off,
            commands::importing::cancel_job,
            commands::films::film,
            commands::library::months,
            commands::library::photos,
            commands::library::place_of_photo,
            commands::library::rate,
            commands::library::label,
            commands::library::albums,
            commands::library::create_album,
            commands::library::add_to_album,
            commands::looking::flag,
            commands::looking::describe,
            commands::looking::trash,
            commands::looking::undo,
            commands::looking::redo,
            commands::looking::find_photos,
            commands::looking::details,
            commands::looking::histogram,
            commands::looking::facets,
            commands::looking::shoots,
            commands::looking::remove_from_album,
            commands::looking::rename_album,
            commands::looking::trash_album,
            commands::looking::full_screen,
            commands::looking::safety,
            commands::looking::bring_back,
            commands::looking::copy_to_mirrors,
            commands::sharing::share,
            commands::sharing::links,
            commands::sharing::show_link,
            commands::sharing::revoke_link,
        ])
        .run(tauri::generate_context!())
}
