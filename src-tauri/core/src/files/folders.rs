//! Folders: made, synced, emptied, and asked how much room there is.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use super::error::FileError;
use super::names::is_temp;

/// Makes a folder and those above it; each new one is on disk when this returns.
///
/// # Errors
/// When one of them cannot be made, or a file stands in the way.
pub fn create_dirs(path: &Path) -> Result<(), FileError> {
    let mut missing: Vec<&Path> = Vec::new();
    let mut above = Some(path);
    while let Some(dir) = above {
        if dir.as_os_str().is_empty() || dir.is_dir() {
            break;
        }
        missing.push(dir);
        above = dir.parent();
    }
    for dir in missing.into_iter().rev() {
        match fs::create_dir(dir) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => {}
            made => made.map_err(|e| FileError::io(dir, e))?,
        }
        sync_dir(dir.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
    }
    Ok(())
}

/// Lets nobody but the user look into a folder. Where the file system knows no rights, nothing is
/// lost that it could have kept.
///
/// # Errors
/// When the folder is not the user's own.
pub fn keep_private(path: &Path) -> Result<(), FileError> {
    use std::os::unix::fs::PermissionsExt as _;
    match fs::set_permissions(path, fs::Permissions::from_mode(0o700)) {
        Err(e) if e.kind() == io::ErrorKind::Unsupported => Ok(()),
        other => other.map_err(|e| FileError::io(path, e)),
    }
}

/// Brings a folder's entries to disk.
///
/// # Errors
/// When the folder cannot be opened or synced.
pub fn sync_dir(dir: &Path) -> Result<(), FileError> {
    let synced = File::open(dir).and_then(|d| d.sync_all());
    match synced {
        // some network file systems cannot sync a folder and need not
        Err(e) if e.kind() == io::ErrorKind::InvalidInput => Ok(()),
        other => other.map_err(|e| FileError::io(dir, e)),
    }
}

/// Removes a file; that it is not there is fine.
///
/// # Errors
/// When it is there and cannot be removed.
#[expect(clippy::disallowed_methods, reason = "this is the place that removes")]
pub fn remove(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(|e| FileError::io(path, e)),
    }
}

/// Removes a folder with everything in it; that it is not there is fine.
///
/// # Errors
/// When something in it cannot be removed.
#[expect(clippy::disallowed_methods, reason = "this is the place that removes")]
pub fn remove_dir_all(path: &Path) -> Result<(), FileError> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(|e| FileError::io(path, e)),
    }
}

/// Removes a folder if nothing is in it; says whether it is gone.
pub fn remove_if_empty(path: &Path) -> bool {
    fs::remove_dir(path).is_ok()
}

/// Removes what killed runs left half written in this folder; returns how many files that were.
///
/// # Errors
/// When the folder is there and cannot be read, or a leftover cannot be removed.
pub fn sweep(dir: &Path) -> Result<u64, FileError> {
    let entries = match fs::read_dir(dir) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries.map_err(|e| FileError::io(dir, e))?,
    };
    let mut swept = 0;
    for entry in entries {
        let entry = entry.map_err(|e| FileError::io(dir, e))?;
        if entry.file_name().to_str().is_some_and(is_temp) {
            remove(&entry.path())?;
            swept += 1;
        }
    }
    Ok(swept)
}

/// Returns how many bytes an ordinary user may still write below `path`, which need not exist yet.
///
/// # Errors
/// When the file system does not say.
pub fn free_space(path: &Path) -> Result<u64, FileError> {
    let there = nearest(path);
    let disk = rustix::fs::statvfs(&there).map_err(|e| FileError::io(&there, e))?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Returns the number of the device `path` lies on or would lie on. Copies on one device count once.
///
/// # Errors
/// When nothing of the path is there.
pub fn device_of(path: &Path) -> Result<u64, FileError> {
    let there = nearest(path);
    Ok(fs::metadata(&there).map_err(|e| FileError::io(&there, e))?.dev())
}

/// The path itself, or the nearest folder above it that exists.
fn nearest(path: &Path) -> PathBuf {
    let found = path.ancestors().find(|p| !p.as_os_str().is_empty() && p.exists());
    found.map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// Where a path leads once every link and `..` on its way is followed. What is not there yet is
/// taken by its name.
#[must_use]
pub fn real_path(path: &Path) -> PathBuf {
    let mut real = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(real.pop()),
            part => real.push(part),
        }
        real = real.canonicalize().unwrap_or(real);
    }
    real
}

#[cfg(test)]
mod tests {
    use super::super::write::write_new;
    use super::*;

    #[test]
    fn folders_are_made_all_the_way_and_twice_is_fine() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b/c");
        create_dirs(&deep).unwrap();
        create_dirs(&deep).unwrap();
        assert!(deep.is_dir());
        write_new(&dir.path().join("file"), b"x").unwrap();
        assert!(create_dirs(&dir.path().join("file/below")).is_err());
    }

    #[test]
    fn sweeping_takes_only_our_own_leftovers() {
        let dir = tempfile::tempdir().unwrap();
        let keep = ["IMG_1.JPG", ".darkslide-tmp-notes", "x.darkslide-tmp-0123456789abcdef"];
        for name in keep.into_iter().chain([".darkslide-tmp-0123456789abcdef"]) {
            write_new(&dir.path().join(name), b"x").unwrap();
        }
        assert_eq!(sweep(dir.path()).unwrap(), 1);
        assert!(keep.iter().all(|name| dir.path().join(name).exists()));
        assert_eq!(sweep(&dir.path().join("nowhere")).unwrap(), 0);
    }

    #[test]
    fn room_and_device_are_known_before_a_folder_exists() {
        let dir = tempfile::tempdir().unwrap();
        let later = dir.path().join("not/yet");
        assert!(free_space(&later).unwrap() > 0);
        assert_eq!(device_of(&later).unwrap(), device_of(dir.path()).unwrap());
    }

    #[test]
    fn a_path_leads_where_its_links_do_even_where_nothing_is_yet() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        create_dirs(&root.join("library/2026")).unwrap();
        std::os::unix::fs::symlink(root.join("library"), root.join("link")).unwrap();
        for (path, real) in [
            ("link", "library"),
            ("link/2026/../new/folder", "library/new/folder"),
            ("nothing/../library/2026", "library/2026"),
            ("link/..", ""),
        ] {
            assert_eq!(real_path(&root.join(path)), root.join(real), "{path}");
        }
    }

    #[test]
    fn removing_what_is_not_there_is_fine() {
        let dir = tempfile::tempdir().unwrap();
        remove(&dir.path().join("none")).unwrap();
        remove_dir_all(&dir.path().join("none")).unwrap();
        assert!(!remove_if_empty(&dir.path().join("none")));
    }
}
