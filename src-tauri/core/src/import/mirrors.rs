//! Makes up for copies that a mirror lacks: it was away, full, or joined later.
//!
//! The library's file is read once, compared with the hash it was imported with, and copied like
//! any other file: verified past the page cache before it has its name. A file of the library that
//! is no longer what was imported is not spread; it is named. Where the library has an ASC MHL
//! history, the mirror's gets a generation for what it was given. Whether what the catalogue knows
//! to be there still is, is looked at when asked: on a network drive that takes its time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rand::RngExt as _;

use super::commit::place_one;
use super::error::Result;
use super::intake::reason_of;
use super::mhl::{self, About, Copy};
use super::plan::folder_of;
use super::report::MirrorFailure;
use super::roots::Roots;
use crate::catalog::{Catalog, MirrorCopy, Mirrored, Unmirrored};
use crate::files::{self, Block, CopyError, Source, Stager, Xxh64};
use crate::media::{FileId, ImportId};
use crate::progress::Progress;

/// Copies that are recorded in one transaction.
const BATCH: usize = 64;

/// What mirrors got, and what they still lack.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct MirrorsMadeUp {
    pub files: u64,
    pub bytes: u64,
    pub failed: Vec<MirrorFailure>,
    /// Stopped by the user before it was through.
    pub cancelled: bool,
}

/// Where copies are made up for, and with what.
#[derive(Clone, Copy)]
pub struct MakeUp<'a> {
    pub library: &'a Path,
    pub mirrors: &'a [PathBuf],
    /// The mark a root must bear, where there is one.
    pub mark: Option<&'a str>,
    pub catalog: &'a Catalog,
    /// What this computer is called, for manifests.
    pub computer: &'a str,
    pub now: &'a (dyn Fn() -> Timestamp + Sync),
    pub progress: &'a Progress,
    /// Look whether the copies the catalogue knows of are still there.
    pub look: bool,
}

impl std::fmt::Debug for MakeUp<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MakeUp").field("mirrors", &self.mirrors).finish_non_exhaustive()
    }
}

impl MakeUp<'_> {
    /// Brings every mirror that is there up to the library.
    ///
    /// # Errors
    /// When the library is away, or the catalogue cannot be read or written. A mirror that is away
    /// or fails is in the report, and so is being stopped; the next run goes on.
    pub fn run(&self) -> Result<MirrorsMadeUp> {
        let mut made = MirrorsMadeUp::default();
        if self.mirrors.is_empty() {
            return Ok(made);
        }
        let roots = Roots::new(self.library, self.mirrors, self.mark)?;
        made.failed.clone_from(&roots.away);
        for root in 1..roots.len() {
            self.one(&roots, root, &mut made)?;
            if made.cancelled {
                break;
            }
        }
        Ok(made)
    }

    fn one(&self, roots: &Roots, root: usize, made: &mut MirrorsMadeUp) -> Result<()> {
        let name = &roots.all[root].name;
        let failure = |path: &str, reason: String| MirrorFailure {
            mirror: name.clone(),
            path: path.to_owned(),
            reason,
        };
        if self.look {
            let gone = gone_from(self.catalog, &roots.all[root].path, name)?;
            for copy in &gone {
                if self.catalog.file(copy.file)?.is_none_or(|row| row.local.is_none()) {
                    let reason = "is gone there, and the library does not have it".to_owned();
                    made.failed.push(failure(&copy.path, reason));
                }
            }
            let gone: Vec<FileId> = gone.into_iter().map(|copy| copy.file).collect();
            self.catalog.forget_mirrored(name, &gone)?;
        }
        let lacking = self.catalog.unmirrored(name)?;
        if lacking.is_empty() {
            return Ok(());
        }
        let bytes = lacking.iter().map(|file| file.bytes).sum();
        self.progress.add_total(lacking.len() as u64, bytes);
        let free = match files::free_space(&roots.all[root].path) {
            Ok(free) => free,
            Err(error) => {
                made.failed.push(failure("", error.to_string()));
                return Ok(());
            }
        };
        if bytes > free {
            let reason = format!(
                "{} are needed there and {} are free",
                files::size(bytes),
                files::size(free)
            );
            made.failed.push(failure("", reason));
            return Ok(());
        }
        let (mut stager, mut block) = (Stager::default(), Block::default());
        let mut done: Vec<MirrorCopy> = Vec::new();
        let (mut placed, mut sums) = (Vec::new(), HashMap::new());
        let mut swept = std::collections::HashSet::new();
        for file in &lacking {
            if self.progress.is_cancelled() {
                made.cancelled = true;
                break;
            }
            if swept.insert(folder_of(&file.path)) {
                // half files of a killed run
                let folder = roots.path(root, folder_of(&file.path));
                if folder.is_dir()
                    && let Err(error) = files::sweep(&folder)
                {
                    made.failed.push(failure(folder_of(&file.path), reason_of(&error)));
                }
            }
            match self.copy(roots, root, file, &mut stager, &mut block) {
                Ok((path, xxh64, mtime_ns)) => {
                    made.files += 1;
                    made.bytes += file.bytes;
                    let verified_at = (self.now)();
                    sums.insert(file.sha256, xxh64);
                    let (bytes, sha256) = (file.bytes, file.sha256);
                    placed.push(Copy { path: path.clone(), bytes, mtime_ns, sha256 });
                    let mirror = name.clone();
                    done.push(MirrorCopy { file: file.file, mirror, path, verified_at });
                }
                Err(Failed::Cancelled) => {
                    made.cancelled = true;
                    break;
                }
                Err(Failed::Here(reason)) => made.failed.push(failure(&file.path, reason)),
            }
            self.progress.add_files(1);
            if done.len() >= BATCH {
                self.catalog.set_mirrored(&std::mem::take(&mut done))?;
            }
        }
        self.catalog.set_mirrored(&done)?;
        // no import brought these here: they are a generation for themselves
        let import = ImportId(rand::rng().random());
        let about = About { import, at: (self.now)(), computer: self.computer };
        let unnoted = mhl::made_up(roots, root, placed, &sums, &about);
        made.failed.extend(unnoted.into_iter().map(|why| failure("ascmhl/", why)));
        Ok(())
    }

    fn copy(
        &self,
        roots: &Roots,
        root: usize,
        file: &Unmirrored,
        stager: &mut Stager<'_>,
        block: &mut Block,
    ) -> Result<(String, Xxh64, i64), Failed> {
        let target = roots.path(root, &file.path);
        let folder = roots.path(root, folder_of(&file.path));
        let here = |e| Failed::Here(reason_of(&e));
        roots.make_folder(root, folder_of(&file.path)).map_err(here)?;
        let mut source = Source::open(&roots.path(0, &file.path))?;
        let mut staged = stager.stage(&mut source, &[target], self.progress)?;
        if (staged.sha256, staged.bytes) != (file.sha256, file.bytes) {
            let reason = "the library's file is no longer what was imported";
            return Err(Failed::Here(reason.to_owned()));
        }
        let copy = staged.copies.pop().expect("one copy for one target");
        let whole = (file.sha256, file.bytes);
        roots.is_still_there(root).map_err(here)?;
        let path = copy
            .and_then(|copy| place_one(copy, roots, root, &file.path, whole, block))
            .map_err(|e| Failed::Here(reason_of(&e)))?;
        files::sync_dir(&folder).map_err(|e| Failed::Here(reason_of(&e)))?;
        Ok((path, staged.xxh64, staged.mtime_ns))
    }
}

/// The copies that a mirror which is there should have and does not, or not with their length.
///
/// # Errors
/// The catalogue cannot be read.
pub fn gone_from(catalog: &Catalog, mirror: &Path, name: &str) -> Result<Vec<Mirrored>> {
    let is_gone = |copy: &Mirrored| {
        let meta = std::fs::symlink_metadata(mirror.join(&copy.path));
        !meta.is_ok_and(|meta| meta.is_file() && meta.len() == copy.bytes)
    };
    Ok(catalog.expected_on(name)?.into_iter().filter(is_gone).collect())
}

enum Failed {
    Cancelled,
    Here(String),
}

impl From<CopyError> for Failed {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::Cancelled(_) => Self::Cancelled,
            other => Self::Here(format!("in the library: {other}")),
        }
    }
}
