//! The window's program: gathers what the core may not fetch by itself, and opens the window.

// No console beside the window on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod settings;

use std::error::Error;

use darkslide_core::worker;

fn main() -> Result<(), Box<dyn Error>> {
    // Started again by itself, to decode in a cell: nothing else of this program is to run.
    if std::env::args_os().nth(1).is_some_and(|first| first == worker::ARGUMENT) {
        return Ok(worker::serve()?);
    }
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing::Level::WARN)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let started = settings::gather(runtime.handle().clone())?;
    darkslide_app::run(started)?;
    Ok(())
}
