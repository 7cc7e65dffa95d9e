//! A folder of the library as other programs see it: their files, not the program's own.

use std::path::Path;

use super::error::Result;
use crate::card::{self, CardFile, Scan};
use crate::files;
use crate::progress::Progress;

/// What the program keeps for itself at the library's root.
const OWN: &str = ".darkslide";
/// Folders that editors and network drives fill with pictures made from pictures, by the ending of
/// their lower-case name. They are made anew when they are missed.
const CACHES: &[(&str, &str)] = &[
    (".lrdata", "an editor's previews"),
    ("@eadir", "the network drive's thumbnails"),
    (".thumbnails", "the system's thumbnails"),
];

/// Walks `dir`, which lies in `library`; both are resolved. The program's own records and unfinished
/// files are left out without a word, caches by name.
pub(super) fn walk(library: &Path, dir: &Path, progress: &Progress) -> Result<Scan> {
    let mut scan = card::scan(dir, progress)?;
    let own = library.join(OWN);
    let root = scan.root.clone();
    let is_own = |path: &Path| {
        let whole = root.join(path);
        whole.starts_with(&own)
            || path.file_name().is_some_and(|n| files::is_temp(&n.to_string_lossy()))
    };
    scan.files.retain(|file| !is_own(&file.path));
    scan.skipped.retain(|skipped| !is_own(&skipped.path));
    let mut caches: Vec<(std::path::PathBuf, &'static str)> = Vec::new();
    scan.files.retain(|file| {
        let Some((folder, why)) = cache_above(&file.path) else { return true };
        if caches.last().is_none_or(|(last, _)| last != folder) {
            caches.push((folder.to_owned(), why));
        }
        false
    });
    let skipped = |(path, why)| card::Skipped { path, reason: card::SkipReason::Junk(why) };
    scan.skipped.extend(caches.into_iter().map(skipped));
    Ok(scan)
}

/// The folder above a file that is a cache, if one is.
fn cache_above(path: &Path) -> Option<(&Path, &'static str)> {
    path.ancestors().skip(1).find_map(|folder| {
        let name = folder.file_name()?.to_string_lossy().to_lowercase();
        CACHES.iter().find(|(end, _)| name.ends_with(end)).map(|(_, why)| (folder, *why))
    })
}

/// The path of a file below `folder` as the catalogue keeps it: relative to the library, with `/`.
/// `None` where a name is no text.
pub(super) fn library_path(folder: &Path, file: &CardFile) -> Option<String> {
    let path = folder.join(&file.path);
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}
