//! What is asked of the system's web view beyond what Tauri asks.

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
