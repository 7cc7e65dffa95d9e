//! "Are my photos safe?": how many places every photo is in, as this computer knows it.
//!
//! Nothing is asked of the network here, and nothing is called safe that was not proven: a place
//! counts after its copy was read back, or after a commit of the bucket was.

use std::collections::HashSet;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use super::Vault;
use crate::catalog::{PlaceKind, ShootSafety};
use crate::error::Result;
use crate::files;

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Safety {
    pub photos: u64,
    /// The fewest places a photo is in; 0 without photos.
    pub places: u64,
    /// Photos that are whole nowhere.
    pub nowhere: u64,
    /// Photos that are whole in one place only.
    pub alone: u64,
    pub all: Vec<SafePlace>,
    /// Shoots that need something, the newest first.
    pub shoots: Vec<UnsafeShoot>,
    /// Shoots that need nothing.
    pub shoots_safe: u64,
    /// When the newest commit of the bucket was read back.
    pub last_commit: Option<Timestamp>,
    /// What was wished of the last backup that did not come to its end.
    pub backup: Option<BackupWish>,
}

/// A place copies lie in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SafePlace {
    pub kind: PlaceKind,
    /// A folder, or the bucket's name.
    pub name: String,
    /// Whether it is there now; a bucket is not asked.
    pub present: bool,
    /// Photos it lacks, or has in part only.
    pub lacking: u64,
}

/// A shoot that needs something.
pub type UnsafeShoot = ShootSafety;

/// Whether a backup should be running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupWish {
    /// It was, when the program ended or the bucket went away.
    Running,
    /// It was stopped by hand.
    Paused,
    Done,
}

const NOTE: &str = "backup_wish";

impl BackupWish {
    const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "",
        }
    }
}

impl Vault {
    /// How safe everything is, without asking the network.
    ///
    /// # Errors
    /// The catalogue could not be read.
    pub fn safety(&self) -> Result<Safety> {
        let config = self.config();
        let mirrors: Vec<String> =
            config.mirrors.iter().map(|root| root.to_string_lossy().into_owned()).collect();
        // two folders on one disk are one place; what a mirror lacks is told of each of them
        let mut rows = self.catalog.safety(&self.mirrors_apart()?)?;
        for (row, every) in rows.iter_mut().zip(self.catalog.safety(&mirrors)?) {
            row.not_mirrored = every.not_mirrored;
        }
        let sum = |of: fn(&ShootSafety) -> u64| rows.iter().map(of).sum::<u64>();
        let mut all = vec![SafePlace {
            kind: PlaceKind::Library,
            name: config.library.to_string_lossy().into_owned(),
            present: config.is_there(&config.library),
            lacking: sum(|row| row.not_in_library),
        }];
        for mirror in &config.mirrors {
            let name = mirror.to_string_lossy().into_owned();
            // Counted over all mirrors the figure would name the wrong disk.
            let one = self.catalog.safety(std::slice::from_ref(&name))?;
            all.push(SafePlace {
                kind: PlaceKind::Mirror,
                present: config.is_there(mirror),
                lacking: one.iter().map(|row| row.not_mirrored).sum(),
                name,
            });
        }
        if let Some(vault) = &config.vault {
            all.push(SafePlace {
                kind: PlaceKind::Bucket,
                name: vault.bucket.bucket.clone(),
                present: true,
                lacking: sum(|row| row.not_in_bucket),
            });
        }
        let has_bucket = config.vault.is_some();
        let needs = |row: &ShootSafety| {
            row.places < 2
                || row.not_in_library > 0
                || row.not_mirrored > 0
                || (has_bucket && row.not_in_bucket > 0)
        };
        let (photos, nowhere, alone) =
            (sum(|row| row.photos), sum(|row| row.nowhere), sum(|row| row.alone));
        let places = rows.iter().map(|row| row.places).min().unwrap_or(0);
        let (shoots, safe): (Vec<_>, Vec<_>) = rows.into_iter().partition(needs);
        Ok(Safety {
            photos,
            places,
            nowhere,
            alone,
            all,
            shoots,
            shoots_safe: safe.len() as u64,
            last_commit: self.catalog.last_committed()?,
            backup: self.backup_wish()?,
        })
    }

    /// The mirrors that are places of their own.
    fn mirrors_apart(&self) -> Result<Vec<String>> {
        let config = self.config();
        let known = self.catalog.root_devices()?;
        let device = |root: &PathBuf| {
            let name = root.to_string_lossy().into_owned();
            let now = config.is_there(root).then(|| files::device_of(root).ok()).flatten();
            let device = now.or_else(|| known.get(&name).copied());
            (name, device)
        };
        let (_, library) = device(&config.library);
        Ok(apart(library, config.mirrors.iter().map(device)))
    }

    fn backup_wish(&self) -> Result<Option<BackupWish>> {
        let note = self.catalog.vault_note(NOTE)?.unwrap_or_default();
        let wishes = [BackupWish::Running, BackupWish::Paused];
        Ok(wishes.into_iter().find(|wish| wish.word().as_bytes() == note))
    }

    /// Notes what is wished of a backup, so that it goes on after the program was ended.
    pub(super) fn note_backup(&self, wish: BackupWish) -> Result<()> {
        Ok(self.catalog.set_vault_note(NOTE, wish.word().as_bytes())?)
    }
}

/// Those of the mirrors that lie on a device of their own, as the verdict on a card counts them. One
/// whose device nobody knows is no place.
fn apart(
    library: Option<u64>,
    mirrors: impl Iterator<Item = (String, Option<u64>)>,
) -> Vec<String> {
    let mut taken: HashSet<u64> = library.into_iter().collect();
    mirrors
        .filter_map(|(name, device)| device.is_some_and(|it| taken.insert(it)).then_some(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_folders_on_one_disk_are_one_place() {
        let mirrors = [("same", Some(1)), ("nas", Some(2)), ("nas too", Some(2)), ("new", None)];
        let mirrors = mirrors.map(|(name, device)| (name.to_owned(), device));
        assert_eq!(apart(Some(1), mirrors.into_iter()), ["nas"]);
    }
}
