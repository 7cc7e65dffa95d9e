//! Closing the window ends the program, but not in the middle of an import or a backup: these go on
//! without the window, and the program ends after them. Started again meanwhile, it shows the window.

use std::thread;
use std::time::Duration;

use tauri::{Manager as _, Window};

use crate::state::App;

/// What ends may begin the next: so long the window has to say so.
const REST: Duration = Duration::from_secs(2);

/// Whether the window is only put away, because work goes on.
pub fn waits(window: &Window) -> bool {
    let app = window.state::<App>().inner().clone();
    if !app.desk().jobs.lasts() {
        return false;
    }
    if let Err(error) = window.hide() {
        tracing::warn!(%error, "the window stays");
        return true;
    }
    let window = window.clone();
    thread::spawn(move || {
        loop {
            app.desk().jobs.wait();
            thread::sleep(REST);
            match window.is_visible() {
                // Somebody wants it again, and may close it again.
                Ok(true) => return,
                _ if app.desk().jobs.lasts() => {}
                _ => break,
            }
        }
        window.app_handle().exit(0);
    });
    true
}
