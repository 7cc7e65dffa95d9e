//! What is asked of the system's window and web view beyond what Tauri asks.

/// Draws on the processor where there is nothing else to draw with: the web view would imitate a
/// graphics card there, which makes a step to the next photo and a frame of scrolling twice as long
/// and takes twice the memory.
///
/// # Errors
/// The window is gone already.
#[cfg(target_os = "linux")]
pub fn draw_plainly(window: &tauri::WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt as _, WebViewExt as _};

    if has_graphics() {
        return Ok(());
    }
    window.with_webview(|view| {
        if let Some(settings) = view.inner().settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    })
}

/// Whether the system has a device that draws, `/dev/dri/renderD128` for one.
#[cfg(target_os = "linux")]
fn has_graphics() -> bool {
    let mut devices = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
    devices.any(|device| device.file_name().as_encoded_bytes().starts_with(b"renderD"))
}

/// Other systems' web views look after this by themselves.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub fn draw_plainly(_: &tauri::WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

/// Keeps no decoded pictures but those that are seen: a photographer looks at thousands, each of
/// them many megabytes, and the preview cache on the disk is near.
///
/// # Errors
/// The window is gone already.
#[cfg(target_os = "linux")]
pub fn keep_little(window: &tauri::WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{CacheModel, WebContextExt as _, WebViewExt as _};

    window.with_webview(|view| {
        if let Some(context) = view.inner().context() {
            context.set_cache_model(CacheModel::DocumentViewer);
        }
    })
}

/// Other systems' web views look after this by themselves.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub fn keep_little(_: &tauri::WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

/// Brings the window up, before all others, whatever became of it: the program was started again.
///
/// # Errors
/// The window is gone already.
pub fn come_up(window: &tauri::WebviewWindow) -> tauri::Result<()> {
    window.unminimize()?;
    window.show()?;
    window.set_focus()?;
    insist(window)
}

/// Asks for the keyboard as of now. Tauri asks as of the last key pressed in this window, and what has
/// been used since would keep it.
#[cfg(target_os = "linux")]
fn insist(window: &tauri::WebviewWindow) -> tauri::Result<()> {
    use gtk::prelude::{Cast as _, GtkWindowExt as _, WidgetExt as _};

    let front = window.clone();
    window.run_on_main_thread(move || {
        let Ok(front) = front.gtk_window() else { return };
        let x11 = front.window().and_then(|it| it.downcast::<gdkx11::X11Window>().ok());
        if let Some(x11) = x11 {
            front.present_with_time(gdkx11::functions::x11_get_server_time(&x11));
        }
    })
}

#[cfg(not(target_os = "linux"))]
fn insist(_: &tauri::WebviewWindow) -> tauri::Result<()> {
    Ok(())
}
