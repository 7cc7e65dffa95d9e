//! The library as it lies on disk: adopting what is there, finding what was moved, moving all of it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use super::previewing::{Job, Made, below};
use super::{Vault, apart};
use crate::catalog::FileRow;
use crate::error::{At as _, Code, Error, Result};
use crate::files;
use crate::import::{self, AdoptReport, Adoption, Arrival, FoundAgain, ImportError, Left, Means};
use crate::progress::Progress;

/// So many files are looked at to tell whether a folder is the library.
const SAMPLE: usize = 64;
/// So many of them, the smallest, are read as well.
const READ: usize = 4;

/// What to adopt, and how.
#[derive(Debug, Clone, Default)]
pub struct AdoptOptions {
    /// The library's root or a folder in it.
    pub dir: PathBuf,
    pub shoot: Option<String>,
    pub client: Option<String>,
    /// Leave previews to the next import or backup.
    pub previews_later: bool,
}

/// How an adoption went, with the previews it made.
#[derive(Debug, Clone, Serialize)]
pub struct AdoptDone {
    #[serde(flatten)]
    pub report: AdoptReport,
    pub previews: Made,
    /// Pictures that have no preview, or half of one, and why; by their place in the library.
    pub previews_missing: Vec<Left>,
    /// Until the last preview was there; `seconds` ends with the last file read.
    pub seconds_with_previews: f64,
}

/// Where the library, or a mirror, lies from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    pub was: PathBuf,
    pub path: PathBuf,
    /// Files it was recognised by.
    pub recognised_by: u64,
}

/// Why a folder cannot take the place of another.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    #[error("{} is not there or is no folder", .0.display())]
    NoFolder(PathBuf),
    #[error(
        "{} is not the library of this catalogue: of {asked} of its files, {found} lie there ({} does not)",
        dir.display(), example
    )]
    Another { dir: PathBuf, asked: usize, found: usize, example: String },
    #[error("{} has no mirror at {}", home.display(), mirror.display())]
    NoMirror { home: PathBuf, mirror: PathBuf },
}

impl From<MoveError> for Error {
    fn from(error: MoveError) -> Self {
        Self::new(Code::Usage, error)
    }
}

/// A file of the catalogue, and where below the root it should lie.
struct Expected {
    path: String,
    row: FileRow,
}

impl Vault {
    /// Catalogues a tree in place: nothing is moved or copied, everything is read once. One that was
    /// cut off is finished by doing it again.
    ///
    /// # Errors
    /// The folder does not lie in the library, or what keeps all of it from being done. What concerns
    /// one file is in the report.
    pub fn adopt(&self, options: &AdoptOptions, progress: &Progress) -> Result<AdoptDone> {
        let begun = Instant::now();
        self.can_read()?;
        self.found_again(progress)?;
        let adoption = Adoption {
            dir: std::path::absolute(&options.dir).at(&options.dir)?,
            library: self.library(),
            shoot: options.shoot.clone(),
            client: options.client.clone(),
        };
        let previewer = self.previewer();
        if !options.previews_later {
            self.make_up_for_previews(&previewer)?;
        }
        let arrived = |arrival: &Arrival| {
            if !options.previews_later {
                previewer.add(Job::of(arrival));
            }
        };
        let now = self.settings.now.as_ref();
        let means = Means {
            catalog: &self.catalog,
            together: &self.together,
            now: &now,
            progress,
            computer: &self.settings.computer,
            on_imported: &arrived,
        };
        let report = import::adopt(&adoption, &means)?;
        let tally = previewer.finish()?;
        let (previews, previews_missing) = (tally.made, below(&self.library(), tally.missing));
        let seconds_with_previews = begun.elapsed().as_secs_f64();
        Ok(AdoptDone { report, previews, previews_missing, seconds_with_previews })
    }

    /// Looks for every file of the library, also where other programs may have moved it to.
    ///
    /// # Errors
    /// The library is not there, or the catalogue fails.
    pub fn rescan(&self, progress: &Progress) -> Result<FoundAgain> {
        Ok(self.found_again(progress)?)
    }

    /// As `rescan`, before work that needs to know where the files are. A library that is away is
    /// that work's own matter.
    pub(super) fn find_moved(&self, progress: &Progress) -> Result<()> {
        match self.found_again(progress) {
            Ok(found) => {
                for file in &found.found {
                    tracing::info!(was = ?file.was, path = file.path, "found again");
                }
                Ok(())
            }
            Err(error @ ImportError::LibraryAway(_)) => {
                tracing::warn!(%error, "moved files were not looked for");
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn found_again(&self, progress: &Progress) -> Result<FoundAgain, ImportError> {
        let now = self.settings.now.as_ref();
        let config = self.config();
        let mark = config.library_id.as_deref();
        import::find_again(&config.library, mark, &self.catalog, &now, progress)
    }

    /// Points this home to where its library lies now, after somebody moved it or its drive has
    /// another name.
    ///
    /// # Errors
    /// The folder is not that library: nothing is changed.
    pub fn library_at(&self, dir: &Path) -> Result<Moved> {
        let dir = folder(dir)?;
        let mut expected = Vec::new();
        for local in sample(self.catalog.local_files()?) {
            if let Some(row) = self.catalog.file(local.file)? {
                expected.push(Expected { path: local.path, row });
            }
        }
        let recognised_by = recognise(&dir, expected)?;
        let mut config = self.config();
        apart(&dir, &config.mirrors)?;
        // copied without its hidden folder: it would count as away
        if let Some(id) = config.library_id.as_deref().filter(|_| files::root_mark(&dir).is_none())
        {
            files::mark_root(&dir, id)?;
        }
        let was = std::mem::replace(&mut config.library, dir.clone());
        self.save_config(config)?;
        self.forget_reached();
        Ok(Moved { was, path: dir, recognised_by })
    }

    /// Points this home to where one of its mirrors lies now.
    ///
    /// # Errors
    /// There is no such mirror, or the folder is another one: nothing is changed.
    pub fn mirror_at(&self, mirror: &Path, dir: &Path) -> Result<Moved> {
        let dir = folder(dir)?;
        let mirror = std::path::absolute(mirror).at(mirror)?;
        let mut config = self.config();
        let Some(place) = config.mirrors.iter_mut().find(|path| **path == mirror) else {
            return Err(MoveError::NoMirror { home: self.home().to_owned(), mirror }.into());
        };
        let (old, new) = (mirror.to_string_lossy(), dir.to_string_lossy());
        let mut expected = Vec::new();
        for copy in sample(self.catalog.mirrored_on(&old)?) {
            if let Some(row) = self.catalog.file(copy.file)? {
                expected.push(Expected { path: copy.path, row });
            }
        }
        let recognised_by = recognise(&dir, expected)?;
        place.clone_from(&dir);
        apart(&config.library, &config.mirrors)?;
        // first the catalogue: a home that still has the old name only makes its copies up again
        self.catalog.rename_mirror(&old, &new)?;
        self.save_config(config)?;
        Ok(Moved { was: mirror, path: dir, recognised_by })
    }
}

fn folder(dir: &Path) -> Result<PathBuf> {
    let dir = std::path::absolute(dir).at(dir)?;
    if dir.is_dir() { Ok(dir) } else { Err(MoveError::NoFolder(dir).into()) }
}

/// A few of many, evenly spread.
fn sample<T>(all: Vec<T>) -> Vec<T> {
    let step = all.len().div_ceil(SAMPLE).max(1);
    all.into_iter().step_by(step).collect()
}

/// How many files a folder is recognised by: most must lie there with their lengths, and the
/// smallest of those must have the right bytes. A catalogue without files recognises any folder.
fn recognise(dir: &Path, expected: Vec<Expected>) -> Result<u64> {
    let asked = expected.len();
    let lies = |e: &Expected| {
        std::fs::symlink_metadata(dir.join(&e.path))
            .is_ok_and(|meta| meta.is_file() && meta.len() == e.row.bytes)
    };
    let (mut there, not): (Vec<Expected>, Vec<Expected>) = expected.into_iter().partition(lies);
    let another = |found: usize, example: &str| MoveError::Another {
        dir: dir.to_owned(),
        asked,
        found,
        example: example.to_owned(),
    };
    if let Some(first) = not.first().filter(|_| there.len() * 2 < asked) {
        return Err(another(there.len(), &first.path).into());
    }
    there.sort_by_key(|e| e.row.bytes);
    let mut block = files::Block::default();
    for e in there.iter().take(READ) {
        let hash = files::hash_of(&dir.join(&e.path), &mut block);
        if !hash.is_ok_and(|(hash, _)| hash == e.row.sha256) {
            return Err(another(0, &e.path).into());
        }
    }
    Ok(there.len() as u64)
}
