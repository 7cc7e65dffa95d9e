//! Photos out of the library for other programs and people: verified copies under their original
//! names, and beside them, as JSON, all the catalogue knows of them.
//!
//! Nothing there is ever replaced. The files of one exposure keep one stem: where a name is taken by
//! something else, all of them get the same suffix. What is there already, byte for byte, is left as
//! it is, so an export that was cut off is finished by the same command.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::catalog::{Catalog, CatalogError, FileRow, ListRow};
use crate::error::{Code, Error};
use crate::files::{self, Block, FileError, Source, Stager, VerifiedCopyError};
use crate::media::Role;
use crate::progress::{Cancelled, Progress};

/// The catalogue's part of an export.
const METADATA: &str = "darkslide-export.json";
const ROTTED: &str = "its copy no longer holds what was imported, and was not given out: \
                      `darkslide restore --to DIR` brings the original back from the bucket";

const REWRITTEN: &str = "another program wrote it anew: `darkslide sidecars check` says how, and \
                         settles which one counts";

/// Why nothing more could be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("cannot export into {}: it lies in the library", .0.display())]
    InLibrary(PathBuf),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl From<ExportError> for Error {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::InLibrary(_) => Self::new(Code::Usage, error),
            ExportError::File(e) => e.into(),
            ExportError::Catalog(e) => e.into(),
            ExportError::Cancelled(_) => Self::new(Code::Cancelled, error),
        }
    }
}

/// A file that could not be exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotExported {
    /// Its name on the card.
    pub path: String,
    pub reason: String,
}

/// How an export went; every file is counted once.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ExportReport {
    pub photos: u64,
    /// Files copied and read back.
    pub exported: u64,
    /// Files that were there with the right bytes already.
    pub already_here: u64,
    pub failed: Vec<NotExported>,
    /// Bytes of the files copied.
    pub bytes: u64,
    pub seconds: f64,
    /// The file with all the catalogue knows of these photos.
    pub metadata: PathBuf,
}

/// Everything an export needs.
#[derive(Debug)]
pub struct Export<'a> {
    pub catalog: &'a Catalog,
    /// Where copies lie: the library, then its mirrors.
    pub roots: &'a [PathBuf],
    pub to: &'a Path,
    pub now: Timestamp,
    pub progress: &'a Progress,
}

impl Export<'_> {
    /// Copies every current file of these photos.
    ///
    /// # Errors
    /// Only what would stop every file: a folder that cannot be written, no room, no catalogue, or
    /// the user. What was copied until then stays.
    pub fn run(&self, photos: &[ListRow]) -> Result<ExportReport, ExportError> {
        let begun = Instant::now();
        let to = files::real_path(self.to);
        if self.roots.iter().any(|root| to.starts_with(files::real_path(root))) {
            return Err(ExportError::InLibrary(self.to.to_owned()));
        }
        files::create_dirs(self.to)?;
        files::sweep(self.to)?;
        let mut exposures = Vec::with_capacity(photos.len());
        for photo in photos {
            exposures.push((photo, current(self.catalog.files_of(photo.id)?)));
        }
        let count = exposures.iter().map(|(_, files)| files.len() as u64).sum();
        let bytes = exposures.iter().flat_map(|(_, files)| files).map(|file| file.bytes).sum();
        self.progress.set_total(count, bytes);

        let mut report = ExportReport::default();
        let (mut stager, mut block) = (Stager::default(), Block::default());
        let mut told = Vec::with_capacity(photos.len());
        for (photo, files) in exposures {
            let names = self.exposure(&files, &mut stager, &mut block, &mut report)?;
            report.photos += 1;
            told.push(tell(photo, &names));
        }
        report.metadata = self.write_metadata(told, &mut block)?;
        files::sync_dir(self.to)?;
        report.seconds = begun.elapsed().as_secs_f64();
        Ok(report)
    }

    /// Copies the files of one exposure; returns the name each has now.
    fn exposure(
        &self,
        files: &[FileRow],
        stager: &mut Stager<'_>,
        block: &mut Block,
        report: &mut ExportReport,
    ) -> Result<Vec<(FileRow, String)>, ExportError> {
        let mut done = Vec::with_capacity(files.len());
        let names = self.names(files, block);
        for (file, name) in files.iter().zip(names) {
            self.progress.check()?;
            let target = name.map(|name| (self.to.join(&name), name));
            let outcome = match &target {
                None => Err("no name is left for it there".to_owned()),
                Some((path, _)) if is_it(path, file, block) => Ok(false),
                Some((path, _)) => self.copy(file, path, stager)?.map(|()| true),
            };
            self.progress.add_files(1);
            match (outcome, target) {
                (Ok(copied), Some((_, name))) => {
                    if copied {
                        report.exported += 1;
                        report.bytes += file.bytes;
                    } else {
                        report.already_here += 1;
                        self.progress.add_bytes(file.bytes);
                    }
                    done.push((file.clone(), name));
                }
                (Err(reason), _) => {
                    report.failed.push(NotExported { path: file.shown_name(), reason });
                }
                (Ok(_), None) => {}
            }
        }
        Ok(done)
    }

    /// A name for each file, all with one suffix, each free or held by that very file.
    fn names(&self, files: &[FileRow], block: &mut Block) -> Vec<Option<String>> {
        let plain: Vec<_> = files.iter().map(|file| files::safe_name(&file.name)).collect();
        let mut seen = HashSet::new();
        let alone = plain.iter().all(|name| seen.insert(files::fold_name(name)));
        let fits = |file: &FileRow, name: &str, block: &mut Block| {
            let path = self.to.join(name);
            std::fs::symlink_metadata(&path).is_err() || is_it(&path, file, block)
        };
        if alone {
            let mut rows: Vec<_> = plain.iter().map(|name| files::numbered(name)).collect();
            loop {
                let names: Vec<_> = rows.iter_mut().filter_map(Iterator::next).collect();
                if names.len() < plain.len() {
                    break;
                }
                if files.iter().zip(&names).all(|(file, name)| fits(file, name, block)) {
                    return names.into_iter().map(Some).collect();
                }
            }
        }
        // two files of one exposure with one name: each for itself
        let mut taken = HashSet::new();
        files
            .iter()
            .zip(&plain)
            .map(|(file, name)| {
                files::numbered(name).find(|name| {
                    !taken.contains(&files::fold_name(name))
                        && fits(file, name, block)
                        && taken.insert(files::fold_name(name))
                })
            })
            .collect()
    }

    /// Whether a sidecar lies in the library as another program wrote it since. A mirror still has the
    /// one before: given out, it would undo that work unnoticed.
    fn is_rewritten(&self, file: &FileRow) -> bool {
        let Some(local) = file.local.as_ref().filter(|_| file.role == Role::Sidecar) else {
            return false;
        };
        let Some(root) = self.roots.first() else { return false };
        let path = root.join(&local.path);
        let touched = std::fs::symlink_metadata(&path).is_ok_and(|found| {
            (found.len(), files::mtime_ns(&found)) != (local.bytes, local.mtime_ns)
        });
        touched
            && files::hash_of(&path, &mut Block::default())
                .is_ok_and(|(hash, _)| hash != file.sha256)
    }

    /// Copies the first of its copies that still is what was imported.
    fn copy(
        &self,
        file: &FileRow,
        path: &Path,
        stager: &mut Stager<'_>,
    ) -> Result<Result<(), String>, ExportError> {
        let mut reason =
            "no copy is on this computer: `darkslide restore` brings it back from the \
                          bucket"
                .to_owned();
        if self.is_rewritten(file) {
            return Ok(Err(REWRITTEN.to_owned()));
        }
        for (n, root) in self.roots.iter().enumerate() {
            let inside = match &file.local {
                Some(local) if n == 0 => Some(&local.path),
                _ => file.path.as_ref(),
            };
            let Some(inside) = inside else { continue };
            match self.copy_from(&root.join(inside), file, path, stager) {
                Ok(true) => return Ok(Ok(())),
                Ok(false) => reason = ROTTED.to_owned(),
                Err(VerifiedCopyError::Source(files::CopyError::Cancelled(stop))) => {
                    return Err(stop.into());
                }
                Err(VerifiedCopyError::Source(error)) => {
                    let missing = matches!(&error, files::CopyError::Source(e)
                        if e.source.kind() == std::io::ErrorKind::NotFound);
                    if !missing {
                        reason = error.to_string();
                    }
                }
                Err(VerifiedCopyError::Destination(error)) => return Err(error.into()),
            }
        }
        Ok(Err(reason))
    }

    /// Returns whether the copy at `from` still was what was imported, and lies at `path` now.
    fn copy_from(
        &self,
        from: &Path,
        file: &FileRow,
        path: &Path,
        stager: &mut Stager<'_>,
    ) -> Result<bool, VerifiedCopyError> {
        let mut source = Source::open(from)?;
        let mut staged = stager.stage(&mut source, &[path.to_owned()], self.progress)?;
        if staged.sha256 != file.sha256 {
            // dropped unplaced: rotted bytes are given to nobody
            return Ok(false);
        }
        if let Some(copy) = staged.copies.pop() {
            copy?.place_at(path)?;
        }
        Ok(true)
    }

    /// Writes what the catalogue knows; an earlier export's file stays beside it.
    fn write_metadata(
        &self,
        photos: Vec<Value>,
        block: &mut Block,
    ) -> Result<PathBuf, ExportError> {
        let document = json!({ "exported_at": self.now.to_string(), "photos": photos });
        let bytes = serde_json::to_vec_pretty(&document).expect("rows are plain data");
        for name in files::numbered(METADATA) {
            let path = self.to.join(name);
            match files::write_new(&path, &bytes) {
                Ok(()) => {
                    let (found, ..) = files::read_back(&path, block)?;
                    if found.0 != <[u8; 32]>::from(Sha256::digest(&bytes)) {
                        return Err(FileError::Mismatch(path).into());
                    }
                    return Ok(path);
                }
                Err(FileError::Exists(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(FileError::Exists(self.to.join(METADATA)).into())
    }
}

/// The files of an exposure but finished versions that a newer one took the place of: what it is
/// shown by and what the camera kept raw always goes along.
fn current(files: Vec<FileRow>) -> Vec<FileRow> {
    let replaced: HashSet<_> = files.iter().filter_map(|file| file.replaces).collect();
    let stays = |file: &FileRow| file.lead || file.role == Role::Raw;
    files.into_iter().filter(|file| stays(file) || !replaced.contains(&file.file)).collect()
}

/// Whether that very file lies there.
fn is_it(path: &Path, file: &FileRow, block: &mut Block) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file() && found.len() == file.bytes)
        && files::hash_of(path, block).is_ok_and(|(hash, _)| hash == file.sha256)
}

/// The row as `list` shows it, with names in the export in the place of paths in the library.
fn tell(photo: &ListRow, names: &[(FileRow, String)]) -> Value {
    let mut row = serde_json::to_value(photo).expect("a row is plain data");
    let lead = names.iter().find(|(file, _)| file.lead).map(|(_, name)| name.clone());
    let files: Vec<_> = names
        .iter()
        .map(|(file, name)| {
            json!({
                "path": name,
                "original_name": file.shown_name(),
                "role": file.role,
                "bytes": file.bytes,
                "sha256": file.sha256,
            })
        })
        .collect();
    if let Some(row) = row.as_object_mut() {
        for of_this_computer in ["copies", "preview"] {
            row.remove(of_this_computer);
        }
        row.insert("path".into(), lead.into());
        row.insert("files".into(), files.into());
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{ContentHash, FileId, PhotoId};

    fn file(n: u8, role: Role, lead: bool, replaces: Option<u8>) -> FileRow {
        FileRow {
            photo: PhotoId([1; 16]),
            file: FileId([n; 8]),
            role,
            name: b"IMG_1".to_vec(),
            bytes: 1,
            sha256: ContentHash([n; 32]),
            mime: String::new(),
            path: None,
            lead,
            place: None,
            replaces: replaces.map(|n| FileId([n; 8])),
            trash: false,
            local: None,
            cloud: false,
        }
    }

    #[test]
    fn an_export_holds_the_original_and_the_newest_of_what_was_made_of_it() {
        let held = |files: &[FileRow]| -> Vec<u8> {
            current(files.to_vec()).iter().map(|file| file.file.0[0]).collect()
        };
        let raw = file(1, Role::Raw, true, None);
        let (first, second) =
            (file(2, Role::Image, false, Some(1)), file(3, Role::Image, false, Some(2)));
        assert_eq!(held(&[raw.clone(), first.clone(), second.clone()]), [1, 3]);
        // shown by what was made of it
        let shown = file(3, Role::Image, true, Some(2));
        let raw = file(1, Role::Raw, false, None);
        assert_eq!(held(&[raw, first, shown]), [1, 3]);
        let (old, new) = (file(4, Role::Image, false, None), file(5, Role::Image, true, Some(4)));
        assert_eq!(held(&[old, new]), [5], "a re-export has taken the place of the one before");
    }
}
