//! Which cards are in the computer, and what a volume is known by.

use std::path::{Path, PathBuf};

use serde::Serialize;

/// Folders cameras make at a card's root.
const MARKS: &[&str] = &["DCIM", "PRIVATE", "MP_ROOT", "CONTENTS"];

/// Begins what a folder is known by whose volume says nothing of itself.
const BY_PATH: &str = "folder:";

/// A volume that looks like a camera's card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundCard {
    pub root: PathBuf,
    /// The volume's name, as far as the mount point tells it.
    pub name: String,
    pub bytes: u64,
    pub free: u64,
    pub removable: bool,
}

/// Returns the mounted volumes that look like cards, by path.
#[must_use]
pub fn find_cards() -> Vec<FoundCard> {
    let Ok(disks) = sysinfo::Disks::new_with_refreshed_list() else { return Vec::new() };
    let mut cards: Vec<FoundCard> = disks
        .iter()
        .filter(|disk| disk.mount_point() != Path::new("/") && is_card(disk.mount_point()))
        .map(|disk| {
            let root = disk.mount_point();
            FoundCard {
                root: root.to_owned(),
                name: root.file_name().unwrap_or(root.as_os_str()).to_string_lossy().into_owned(),
                bytes: disk.total_space(),
                free: disk.available_space(),
                removable: disk.is_removable(),
            }
        })
        .collect();
    cards.sort_by(|a, b| a.root.cmp(&b.root));
    cards.dedup_by(|a, b| a.root == b.root);
    cards
}

/// Whether a folder has what cameras make. Case does not matter: FAT keeps none.
fn is_card(root: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(root) else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        MARKS.iter().any(|mark| name.eq_ignore_ascii_case(mark))
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
    })
}

/// Returns what the folder `root` is known by when it comes back: its volume's identity and its
/// place on it, or its path where the system knows no more.
#[must_use]
pub fn volume_of(root: &Path, device: u64) -> String {
    volume_identity(root, device)
        .unwrap_or_else(|| format!("{BY_PATH}{}", root.as_os_str().to_string_lossy()))
}

/// Whether what `volume_of` said is only a path: another card may lie there today.
#[must_use]
pub fn is_only_a_path(known_by: &str) -> bool {
    known_by.starts_with(BY_PATH)
}

/// Returns where the volume that holds `path` is mounted, and the device it lies on where the system
/// tells; `None` for the system's own volume.
#[must_use]
pub fn mounted(path: &Path) -> Option<(PathBuf, Option<PathBuf>)> {
    let device = crate::files::device_of(path).ok()?;
    let same = |at: &Path| crate::files::device_of(at).is_ok_and(|found| found == device);
    let root = path.ancestors().take_while(|at| same(at)).last()?;
    root.parent()?;
    Some((root.to_owned(), block_device(root, device)))
}

#[cfg(target_os = "linux")]
fn block_device(root: &Path, device: u64) -> Option<PathBuf> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    let (_, source) = mount_of(&mounts, root, device)?;
    source.starts_with("/dev/").then(|| source.into())
}

#[cfg(not(target_os = "linux"))]
fn block_device(_root: &Path, _device: u64) -> Option<PathBuf> {
    None
}

#[cfg(target_os = "linux")]
fn volume_identity(root: &Path, device: u64) -> Option<String> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    let (point, source) = mount_of(&mounts, root, device)?;
    let source = Path::new(&source).canonicalize().ok()?;
    let uuid = std::fs::read_dir("/dev/disk/by-uuid").ok()?.flatten().find_map(|link| {
        (link.path().canonicalize().ok()? == source)
            .then(|| link.file_name().to_string_lossy().into_owned())
    })?;
    let inside = root.strip_prefix(point).unwrap_or(root);
    Some(format!("volume:{uuid}:{}", inside.to_string_lossy()))
}

#[cfg(not(target_os = "linux"))]
fn volume_identity(_root: &Path, _device: u64) -> Option<String> {
    None
}

/// Finds mount point and source of a device in the text of `/proc/self/mountinfo`.
#[cfg(target_os = "linux")]
fn mount_of(mounts: &str, root: &Path, device: u64) -> Option<(PathBuf, String)> {
    let number = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
    mounts
        .lines()
        .filter_map(|line| {
            let fields: Vec<&str> = line.split(' ').collect();
            let point = PathBuf::from(fields.get(4)?.replace("\\040", " "));
            let dash = fields.iter().position(|field| *field == "-")?;
            let fits = *fields.get(2)? == number && root.starts_with(&point);
            fits.then(|| Some((point, (*fields.get(dash + 2)?).to_owned())))?
        })
        .max_by_key(|(point, _)| point.as_os_str().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_known_by_the_folders_cameras_make() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!is_card(dir.path()));
        std::fs::create_dir(dir.path().join("dcim")).unwrap();
        assert!(is_card(dir.path()));
    }

    #[test]
    fn the_innermost_mount_of_the_device_is_taken() {
        let device = rustix::fs::makedev(8, 17);
        let mounts = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
                      30 22 8:17 / /media/EOS\\040R6 rw shared:1 - vfat /dev/sdb1 rw\n";
        let found = mount_of(mounts, Path::new("/media/EOS R6/DCIM"), device);
        assert_eq!(found, Some(("/media/EOS R6".into(), "/dev/sdb1".into())));
        assert_eq!(mount_of(mounts, Path::new("/home"), device), None);
    }

    #[test]
    fn a_folder_is_known_by_the_same_text_every_time() {
        let dir = tempfile::tempdir().unwrap();
        let device = crate::files::device_of(dir.path()).unwrap();
        assert_eq!(volume_of(dir.path(), device), volume_of(dir.path(), device));
        assert_ne!(volume_of(dir.path(), device), volume_of(Path::new("/"), device));
    }
}
