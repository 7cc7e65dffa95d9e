//! The rollback guard: what the last join saw, kept outside the catalogue.
//!
//! A bucket that shows less than this computer has seen was rolled back, by its operator or by
//! whoever got its keys; nothing is written on top of that.

use std::path::{Path, PathBuf};

use crate::error::PathError;
use crate::files;
use crate::media::VaultId;

use super::error::Result;
use super::joined::Joined;

fn path(dir: &Path, vault: VaultId) -> PathBuf {
    dir.join(format!("{vault}.seen.json"))
}

/// Refuses `now` when it is behind what was seen.
pub(super) fn check(dir: &Path, vault: VaultId, now: &Joined) -> Result<()> {
    let path = path(dir, vault);
    let seen = match std::fs::read(&path) {
        Ok(bytes) => Joined::read(&bytes)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(PathError { path, source }.into()),
    };
    seen.check_not_behind(now)
}

/// Remembers `now`: its devices and generation.
pub(super) fn remember(dir: &Path, vault: VaultId, now: &Joined) -> Result<()> {
    let seen = Joined {
        devices: now.devices.clone(),
        generation: now.generation,
        seq: now.seq,
        ..Joined::default()
    };
    files::create_dirs(dir)?;
    Ok(files::replace(&path(dir, vault), &seen.to_bytes())?)
}
