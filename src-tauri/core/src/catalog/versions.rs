//! Which of a file's versions is the newest.

use serde_json::{Value, json};

use super::database::Catalog;
use super::error::{CatalogError, Result};
use super::row::Change;
use crate::media::{FileId, PhotoId, SubjectKind};

impl Catalog {
    /// Makes `file`, a version of before, the one that replaces `last`, the newest so far. What
    /// replaced it replaces what it did.
    ///
    /// # Errors
    /// There is no such photo, or the database could not be written.
    pub fn newest_again(&self, photo: PhotoId, file: FileId, last: FileId) -> Result<()> {
        let not_found = || CatalogError::NotFound { what: "photo", name: photo.to_string() };
        let fields = self.photo(photo)?.ok_or_else(not_found)?.fields;
        let (file, last) = (file.to_string(), last.to_string());
        let replaced = |value: &Value| value.get("replaces").cloned();
        let before = fields.get(&format!("file/{file}")).and_then(replaced);
        let mut change = Change::new(SubjectKind::Photo, photo);
        for (field, mut value) in fields {
            let Some(id) = field.strip_prefix("file/") else { continue };
            let replaces = if id == file {
                Some(json!(last))
            } else if replaced(&value) == Some(json!(file)) {
                before.clone()
            } else {
                continue;
            };
            match (value.as_object_mut(), replaces) {
                (Some(value), Some(replaces)) => value.insert("replaces".into(), replaces),
                (Some(value), None) => value.remove("replaces"),
                (None, _) => continue,
            };
            change = change.set(field, value);
        }
        self.write(&[change])
    }
}
