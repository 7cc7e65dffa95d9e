//! Mirrors: further copies of the library on this photographer's own disks.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::config::ConfigError;
use super::{Vault, apart};
use crate::error::{At as _, Result};
use crate::files;
use crate::import::{self, MakeUp, MirrorsMadeUp};
use crate::progress::Progress;

/// A mirror, and how far it is behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MirrorStatus {
    pub path: PathBuf,
    /// Whether it is there now.
    pub present: bool,
    /// Files that should have a verified copy there and have none, or one that is gone.
    pub files_left: u64,
    pub bytes_left: u64,
    /// Those whose copy was there and is gone, or has another length.
    pub files_gone: u64,
}

impl Vault {
    /// Adds a mirror, an empty folder or one of this library's. One that is known already is taken
    /// for a new disk at the same place: what it should hold is copied again.
    ///
    /// # Errors
    /// It cannot be made, belongs to another library, or lies inside this one or around it.
    pub fn mirror_add(&self, mirror: &Path) -> Result<()> {
        let mirror = std::path::absolute(mirror).at(mirror)?;
        let mut config = self.config();
        let mut mirrors = config.mirrors.clone();
        mirrors.retain(|known| *known != mirror);
        mirrors.push(mirror.clone());
        apart(&config.library, &mirrors)?;
        config.is_nobody_elses(&mirror)?;
        files::create_dirs(&mirror)?;
        if files::root_mark(&mirror) != config.library_id {
            self.catalog.forget_mirror(&mirror.to_string_lossy())?;
        }
        if let Some(id) = &config.library_id {
            files::mark_root(&mirror, id)?;
        }
        if !config.mirrors.contains(&mirror) {
            config.mirrors.push(mirror);
            self.save_config(config)?;
        }
        Ok(())
    }

    /// Stops copying to a mirror. What lies there stays, but no longer counts as a copy.
    ///
    /// # Errors
    /// There is no such mirror.
    pub fn mirror_remove(&self, mirror: &Path) -> Result<()> {
        let mirror = std::path::absolute(mirror).at(mirror)?;
        let mut config = self.config();
        if !config.mirrors.contains(&mirror) {
            return Err(ConfigError::NoMirror(mirror).into());
        }
        config.mirrors.retain(|known| *known != mirror);
        self.save_config(config)?;
        Ok(self.catalog.forget_mirror(&mirror.to_string_lossy())?)
    }

    /// Every mirror and what it lacks; of one that is there, each copy is looked at.
    ///
    /// # Errors
    /// The catalogue could not be read.
    pub fn mirror_list(&self) -> Result<Vec<MirrorStatus>> {
        let config = self.config();
        let status = |path: PathBuf| {
            let name = path.to_string_lossy();
            let lacking = self.catalog.unmirrored(&name)?;
            let present = config.is_there(&path);
            let gone = match present {
                true => import::gone_from(&self.catalog, &path, &name)?,
                false => Vec::new(),
            };
            let bytes = lacking.iter().map(|file| file.bytes);
            Ok(MirrorStatus {
                present,
                files_left: (lacking.len() + gone.len()) as u64,
                bytes_left: bytes.chain(gone.iter().map(|copy| copy.bytes)).sum(),
                files_gone: gone.len() as u64,
                path,
            })
        };
        config.mirrors.clone().into_iter().map(status).collect()
    }

    /// Copies to every mirror that is there what it lacks, verified; what is gone there, too.
    ///
    /// # Errors
    /// The library is away, or the catalogue cannot be read or written. A mirror that is away or
    /// fails is in the report.
    pub fn mirror_sync(&self, progress: &Progress) -> Result<MirrorsMadeUp> {
        self.make_up(true, progress)
    }

    /// As `mirror_sync`; without `look` only what the catalogue knows to be lacking.
    pub(super) fn make_up(&self, look: bool, progress: &Progress) -> Result<MirrorsMadeUp> {
        let config = self.config();
        let now = self.settings.now.as_ref();
        let make_up = MakeUp {
            library: &config.library,
            mirrors: &config.mirrors,
            mark: config.library_id.as_deref(),
            catalog: &self.catalog,
            computer: &self.settings.computer,
            now: &now,
            progress,
            look,
        };
        Ok(make_up.run()?)
    }
}
