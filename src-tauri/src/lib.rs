#[cfg(test)]
mod bindings;
mod error;
mod jobs;
mod wire;

pub fn run() {
    tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .run(tauri::generate_context!())
        .expect("the window system answers");
}
