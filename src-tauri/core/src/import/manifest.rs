//! The manifest: one JSON file over everything an import took, whole runs or interrupted ones.
//!
//! `library/.darkslide/manifests/<import id>.json` names each file of the card with its path in the
//! library, length, SHA-256 and outcome. It is written anew at the end of every run of the same
//! import, atomically, from the catalogue's own record.

use std::collections::HashMap;
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::Result;
use crate::catalog::{Catalog, ImportRow, Outcome};
use crate::files;
use crate::media::FileId;

const FOLDER: &str = ".darkslide/manifests";

/// What is not in the catalogue's record.
pub(super) struct Facts<'a> {
    pub import: &'a ImportRow,
    pub ended: Timestamp,
    pub read_back: &'a str,
    pub safe_to_format: bool,
    /// Library paths of files of this run; others are looked up.
    pub paths: &'a HashMap<FileId, String>,
}

/// Writes the manifest and returns its path, relative to the library's root.
pub(super) fn write(library: &Path, catalog: &Catalog, facts: &Facts<'_>) -> Result<String> {
    let import = facts.import;
    let mut files = Vec::new();
    for file in catalog.import_files(import.id)? {
        let path = match file.file {
            None => None,
            Some(id) => match facts.paths.get(&id) {
                Some(path) => Some(path.clone()),
                None => catalog.file(id)?.and_then(|row| row.local.map(|l| l.path).or(row.path)),
            },
        };
        let mut line = json!({
            "card_path": String::from_utf8_lossy(&file.card_path),
            "bytes": file.bytes,
            "outcome": match file.outcome {
                Outcome::Imported => "imported",
                Outcome::AlreadyHere => "already_here",
                Outcome::Skipped => "skipped",
                Outcome::Failed => "failed",
            },
        });
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                line[name] = value;
            }
        };
        let raw = std::str::from_utf8(&file.card_path).is_err();
        set(
            "card_path_base64url",
            raw.then(|| data_encoding::BASE64URL_NOPAD.encode(&file.card_path).into()),
        );
        set("path", path.map(Value::from));
        set("sha256", file.sha256.map(|hash| hash.to_string().into()));
        let modified = Timestamp::from_nanosecond(i128::from(file.mtime_ns)).ok();
        set("modified", modified.filter(|_| file.mtime_ns != 0).map(|t| t.to_string().into()));
        set("reason", file.reason.map(Value::from));
        files.push(line);
    }
    let manifest = json!({
        "manifest": 1,
        "import": import.id,
        "source": import.source,
        "card": import.card,
        "started": import.started,
        "ended": facts.ended,
        "read_back": facts.read_back,
        "safe_to_format": facts.safe_to_format,
        "files": files,
    });
    let folder = library.join(FOLDER);
    files::create_dirs(&folder)?;
    let text = serde_json::to_vec_pretty(&manifest).expect("a manifest is plain data");
    files::replace(&folder.join(format!("{}.json", import.id)), &text)?;
    Ok(format!("{FOLDER}/{}.json", import.id))
}
