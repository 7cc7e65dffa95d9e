//! The mark by which the root of a library or mirror is known to be there.
//!
//! A drive that is not mounted leaves an empty folder behind: whoever writes there fills the wrong
//! disk and believes in a copy that is none. `.darkslide/root.json` says which library's root it is.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::FileError;
use super::folders::create_dirs;
use super::write::replace;

const FOLDER: &str = ".darkslide";
const NAME: &str = "root.json";

#[derive(Serialize, Deserialize)]
struct Mark {
    darkslide: u32,
    library: String,
}

/// Marks a folder as a root of the library `id`; one that is marked so already is left alone.
///
/// # Errors
/// When it cannot be written.
pub fn mark_root(root: &Path, id: &str) -> Result<(), FileError> {
    if root_mark(root).as_deref() == Some(id) {
        return Ok(());
    }
    let folder = root.join(FOLDER);
    create_dirs(&folder)?;
    let mark = Mark { darkslide: 1, library: id.to_owned() };
    let text = serde_json::to_vec_pretty(&mark).expect("a mark is plain data");
    replace(&folder.join(NAME), &text)
}

/// Which library's root a folder is, if it is one.
#[must_use]
pub fn root_mark(root: &Path) -> Option<String> {
    let text = std::fs::read(root.join(FOLDER).join(NAME)).ok()?;
    serde_json::from_slice::<Mark>(&text).ok().map(|mark| mark.library)
}

/// Whether a root is there, and not the empty folder a drive is mounted on. Without `id` any folder is.
#[must_use]
pub fn is_root(root: &Path, id: Option<&str>) -> bool {
    root.is_dir() && id.is_none_or(|id| root_mark(root).as_deref() == Some(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_folder_is_no_root_and_a_marked_one_is() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(root_mark(dir.path()), None);
        mark_root(dir.path(), "a").unwrap();
        mark_root(dir.path(), "a").unwrap();
        assert_eq!(root_mark(dir.path()).as_deref(), Some("a"));
        let is_there = |id| is_root(dir.path(), id);
        assert!(is_there(Some("a")) && is_there(None) && !is_there(Some("b")));
    }
}
