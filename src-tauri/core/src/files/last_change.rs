//! What a file system says of a file by itself: as long as it says the same, the file is the one it
//! was, and unchanged.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::media::LastChange;

/// Which file this is and when it was last changed.
#[must_use]
pub fn last_change_of(meta: &Metadata) -> LastChange {
    let changed_ns = meta.ctime().saturating_mul(1_000_000_000).saturating_add(meta.ctime_nsec());
    LastChange { inode: meta.ino(), changed_ns }
}

/// Whether the file system at `path` keeps what `LastChange` needs. FAT and exFAT, which cards are
/// formatted with, do not: they number files as they come and know no time of change. tmpfs does not
/// when a file is written through memory, and what a share says is its server's word. So only systems
/// known to keep it are named here.
#[must_use]
#[cfg(target_os = "linux")]
pub fn keeps_changes(path: &Path) -> bool {
    /// From `linux/magic.h` and the systems' own headers: ext2 to ext4, XFS, Btrfs, F2FS, ZFS,
    /// bcachefs, NTFS. Not overlayfs: what lies below it may be any.
    const KEEPING: [u64; 7] =
        [0xEF53, 0x5846_5342, 0x9123_683E, 0xF2F5_2010, 0x2FC1_2FC1, 0xCA45_1A4E, 0x7366_746E];
    // the kernel's word is signed or not, long or not, by architecture: its low 32 bits are the name
    rustix::fs::statfs(path).is_ok_and(|disk| KEEPING.contains(&(disk.f_type as u64 & 0xFFFF_FFFF)))
}

/// Elsewhere it is not known, and files are read instead.
#[must_use]
#[cfg(not(target_os = "linux"))]
pub fn keeps_changes(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::files;

    #[test]
    fn a_file_put_in_anothers_place_with_its_time_is_not_the_one_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        let at = |path: &Path| {
            let meta = fs::metadata(path).unwrap();
            (last_change_of(&meta), files::mtime_ns(&meta))
        };
        files::write_new(&path, b"one").unwrap();
        let set = |time| fs::File::open(&path).unwrap().set_modified(time).unwrap();
        set(UNIX_EPOCH + Duration::from_secs(1));
        let (first, mtime_ns) = at(&path);
        assert_eq!(at(&path).0, first);
        fs::read(&path).unwrap();
        assert_eq!(at(&path).0, first, "reading is no change");
        // the clock of a file system ticks every few milliseconds
        std::thread::sleep(Duration::from_millis(50));
        files::replace(&path, b"two").unwrap();
        set(UNIX_EPOCH + Duration::from_secs(1));
        let (second, its_mtime_ns) = at(&path);
        assert_eq!(its_mtime_ns, mtime_ns);
        assert_ne!(second, first);
    }
}
