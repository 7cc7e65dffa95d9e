//! Which files an editor's catalogue, or a backup of one, is made of; and when it is in use.

use std::path::Path;

/// Endings of lower-case names.
const ENDINGS: &[&str] = &[
    // Lightroom: the catalogue, and the archive its own backup makes
    ".lrcat",
    ".lrcat-data",
    ".zip",
    // Capture One: catalogues and sessions
    ".cocatalogdb",
    ".cosessiondb",
];
/// darktable's databases, and its snapshots `library.db-snp-20250516140322`, `data.db-pre-4.6.0`.
const DARKTABLE: &[&str] = &["library.db", "data.db"];
/// What lies beside a catalogue while its editor has it open: added to its name, or in place of its
/// ending.
const BESIDE: &[&str] = &[".lock", "-wal", "-journal", "-shm"];

/// Whether a file of this name is an editor's catalogue or a backup of one.
pub(super) fn is_catalogue(name: &str) -> bool {
    let name = name.to_lowercase();
    let snapshot = |db: &&str| {
        name.strip_prefix(*db).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with("-snp-") || rest.starts_with("-pre-")
        })
    };
    ENDINGS.iter().any(|end| name.len() > end.len() && name.ends_with(end))
        || DARKTABLE.iter().any(snapshot)
}

/// Whether the editor that a catalogue belongs to has it open: a copy would be of no use.
pub(super) fn is_open(path: &Path) -> bool {
    let Some(name) = path.file_name() else { return false };
    let beside = |name: &std::ffi::OsStr, end: &str| {
        let mut name = name.to_owned();
        name.push(end);
        std::fs::symlink_metadata(path.with_file_name(name)).is_ok()
    };
    BESIDE.iter().any(|end| beside(name, end))
        || path.file_stem().is_some_and(|stem| beside(stem, ".lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogues_of_the_usual_editors_are_known_and_their_previews_are_not() {
        for name in [
            "Lightroom Catalog-v13.lrcat",
            "Lightroom Catalog.zip",
            "Wedding.cocatalogdb",
            "Session.COSESSIONDB",
            "library.db",
            "library.db-snp-20250516140322",
            "data.db-pre-4.6.0",
        ] {
            assert!(is_catalogue(name), "{name}");
        }
        for name in [
            "Previews.lrdata",
            "root-pixels.db",
            "library.db-wal",
            ".zip",
            "a.jpg",
            "library.db.lock",
        ] {
            assert!(!is_catalogue(name), "{name}");
        }
    }

    #[test]
    fn a_lock_or_log_beside_it_tells_that_it_is_open() {
        for (name, beside) in [
            ("a.lrcat", "a.lrcat.lock"),
            ("a.lrcat", "a.lrcat-wal"),
            ("a.cocatalogdb", "a.lock"),
            ("library.db", "library.db.lock"),
        ] {
            let dir = tempfile::tempdir().unwrap();
            assert!(!is_open(&dir.path().join(name)));
            crate::files::write_new(&dir.path().join(beside), b"").unwrap();
            assert!(is_open(&dir.path().join(name)), "{beside}");
        }
    }
}
