//! How a backup goes about it, and what it did.

use std::time::Duration;

use serde::Serialize;

/// Sizes and times of a run. Only tests want anything but the default.
#[derive(Debug, Clone, Copy)]
pub struct BackupOptions {
    /// A run commits at the latest after this time, so that a closed lid costs minutes ...
    pub commit_every: Duration,
    /// ... or after this many bytes.
    pub commit_bytes: u64,
    /// Uploads at a time.
    pub in_flight: usize,
    /// Bytes of bodies in memory at a time.
    pub memory: u64,
    /// Up to here an object is put at once ...
    pub one_put: u64,
    /// ... above, in parts of at least this size.
    pub smallest_part: u64,
}

const MIB: u64 = 1024 * 1024;

impl Default for BackupOptions {
    fn default() -> Self {
        Self {
            commit_every: Duration::from_secs(15 * 60),
            commit_bytes: 4 * 1024 * MIB,
            in_flight: 8,
            memory: 160 * MIB,
            one_put: 64 * MIB,
            smallest_part: 16 * MIB,
        }
    }
}

impl BackupOptions {
    /// The part size for an object: some stores take only 1,000 parts.
    #[must_use]
    pub const fn part_bytes(&self, object: u64) -> u64 {
        let wanted = object.div_ceil(900).next_multiple_of(MIB);
        if wanted > self.smallest_part { wanted } else { self.smallest_part }
    }
}

/// One file that is not in the bucket, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// Relative to the library's root.
    pub path: String,
    pub reason: String,
}

/// What a run did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BackupReport {
    /// Files that this run brought into a read-back commit.
    pub uploaded: u64,
    /// Files that were there already.
    pub skipped: u64,
    pub failed: Vec<Failed>,
    /// Of the uploaded files' contents.
    pub bytes: u64,
    pub seconds: f64,
    /// The last commit of this run; none when there was nothing new.
    pub commit: Option<String>,
    /// What of the bucket could not be read, in words.
    pub problems: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_object_takes_more_than_900_parts() {
        let options = BackupOptions::default();
        assert_eq!(options.part_bytes(100 * MIB), 16 * MIB);
        for gib in [1, 14, 15, 50, 1000, 5000] {
            let object = gib * 1024 * MIB;
            let part = options.part_bytes(object);
            assert!(object.div_ceil(part) <= 900 && part.is_multiple_of(MIB), "{gib} GiB");
        }
    }
}
