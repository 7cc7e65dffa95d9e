//! Puts the fields of new photos beside them as XMP: `IMG_1.xmp` for a raw file, `IMG_1.JPG.xmp`
//! for another where that was asked for. Originals are never changed.
//!
//! That a sidecar is due stands in the catalogue from the moment its photo does, and so do the
//! fields: a run that is killed before it wrote them leaves them to the next one, which needs to be
//! told nothing again. A sidecar that came from the card is an original. It lies beside as
//! `IMG_1.card.xmp`, byte for byte, so the card stays known, and ours, which holds all of it, is
//! its next version. Ours is a file of the photo like any other: copied to the mirrors, backed up.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rand::RngExt as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::directions::Sidecars;
use super::error::{ImportError, Result};
use super::intake::reason_of;
use super::plan::folder_of;
use super::report::Left;
use super::roots::Roots;
use crate::catalog::{Catalog, FileRow, ImportedFile, MirrorCopy, PhotoRow, SidecarDone};
use crate::error::At as _;
use crate::files::{self, Block, FileError, NewFile, fold_name, safe_name};
use crate::media::{ContentHash, FileId, ImportId, PhotoId, Role};
use crate::metadata::{IptcFields, xmp};
use crate::progress::Progress;

/// Photos whose sidecars are recorded in one transaction.
const BATCH: usize = 64;
/// Threads that wait for the disk.
const THREADS: usize = 4;
/// No sidecar is as long as this.
const LONGEST: u64 = 16 << 20;

/// What the step needs.
pub(super) struct SidecarStep<'a> {
    pub catalog: &'a Catalog,
    pub roots: &'a Roots,
    pub import: ImportId,
    /// When the import began: a run that goes on writes the same bytes as the one before.
    pub began: Timestamp,
    pub now: &'a (dyn Fn() -> Timestamp + Sync),
    pub progress: &'a Progress,
}

/// What it did.
#[derive(Debug, Default)]
pub(super) struct SidecarsWritten {
    pub written: u64,
    pub failed: Vec<Left>,
}

/// One sidecar, verified under its temporary names.
struct Staged {
    /// Relative to each root.
    to: String,
    sha256: ContentHash,
    bytes: u64,
    /// The sidecar of the card that it holds.
    replaces: Option<FileId>,
    copies: Vec<(usize, Result<NewFile, FileError>)>,
}

/// What came of one photo.
struct Prepared {
    photo: PhotoId,
    staged: Vec<Staged>,
    failed: Vec<Left>,
    /// Trying again later may help.
    again: bool,
}

impl SidecarStep<'_> {
    /// Writes every sidecar of the import that is due.
    pub fn take(&self) -> Result<SidecarsWritten> {
        let due = self.catalog.sidecars_due(self.import)?;
        let mut done = SidecarsWritten::default();
        for batch in due.chunks(BATCH) {
            if self.progress.is_cancelled() {
                break;
            }
            self.batch(batch, &mut done)?;
        }
        done.failed.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(done)
    }

    fn batch(&self, photos: &[PhotoId], done: &mut SidecarsWritten) -> Result<()> {
        let share = photos.len().div_ceil(THREADS);
        let prepared: Vec<Prepared> = std::thread::scope(|scope| {
            let threads: Vec<_> = photos
                .chunks(share)
                .map(|photos| {
                    scope.spawn(move || {
                        let mut block = Block::default();
                        let prepare = |photo: &PhotoId| self.prepare(*photo, &mut block);
                        photos.iter().map(prepare).collect::<Result<Vec<_>>>()
                    })
                })
                .collect();
            // every thread is waited for before the first failure is told
            let ends: Vec<_> =
                threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
            let mut all = Vec::new();
            for end in ends {
                all.extend(end.map_err(|_| ImportError::Broken)??);
            }
            Ok::<_, ImportError>(all)
        })?;

        let mut block = Block::default();
        let mut touched: BTreeSet<PathBuf> = BTreeSet::new();
        let mut records = Vec::new();
        for Prepared { photo, staged, failed, mut again } in prepared {
            done.failed.extend(failed);
            let mut written = Vec::new();
            for staged in staged {
                match self.place(staged, &mut touched, &mut block) {
                    Ok(file) => written.push(file),
                    Err((left, retry)) => {
                        done.failed.push(left);
                        again |= retry;
                    }
                }
            }
            records.push(SidecarDone { photo, files: written, gone: Vec::new(), again });
        }
        for folder in touched {
            let Err(error) = files::sync_dir(&folder) else { continue };
            // nobody can say that those names will stay: they are placed again by the next run
            for record in &mut records {
                let stays = |file: &ImportedFile| {
                    (0..self.roots.len())
                        .all(|root| self.roots.path(root, folder_of(&file.path)) != folder)
                };
                let (stay, lost) = std::mem::take(&mut record.files).into_iter().partition(stays);
                record.files = stay;
                let lost: Vec<ImportedFile> = lost;
                record.again |= !lost.is_empty();
                let left = |file: ImportedFile| Left { path: file.path, reason: reason_of(&error) };
                done.failed.extend(lost.into_iter().map(left));
            }
        }
        self.catalog.record_sidecars(&records)?;
        done.written += records.iter().map(|record| record.files.len() as u64).sum::<u64>();
        Ok(())
    }

    /// Writes one photo's sidecars under temporary names.
    fn prepare(&self, photo: PhotoId, block: &mut Block) -> Result<Prepared> {
        let mut prepared = Prepared { photo, staged: Vec::new(), failed: Vec::new(), again: false };
        let Some(row) = self.catalog.photo(photo)? else { return Ok(prepared) };
        let said = row.fields.get("sidecar").cloned().unwrap_or(Value::Null);
        let wanted = serde_json::from_value(said).unwrap_or_default();
        let its = self.catalog.files_of(photo)?;
        let fields = fields_of(&row);
        for (to, base) in targets(&its, wanted) {
            if its.iter().any(|file| path_of(file) == Some(to.as_str())) {
                let ours =
                    base.is_none_or(|base| its.iter().any(|f| f.replaces == Some(base.file)));
                if !ours {
                    let reason = "the card's own sidecar has this name: the fields are in the \
                        catalogue only";
                    prepared.failed.push(Left { path: to, reason: reason.to_owned() });
                }
                continue;
            }
            let bytes = base.and_then(|base| self.read(base));
            let merged = xmp::merge(bytes.as_deref(), &fields, self.began);
            // one that cannot be merged with says nothing to any program either
            let merged = merged.or_else(|| xmp::merge(None, &fields, self.began));
            let Some(merged) = merged else { continue };
            prepared.staged.push(self.stage(to, &merged, base.map(|base| base.file), block));
        }
        Ok(prepared)
    }

    fn read(&self, sidecar: &FileRow) -> Option<Vec<u8>> {
        let path = self.roots.path(0, &sidecar.local.as_ref()?.path);
        let short = std::fs::metadata(&path).ok()?.len() <= LONGEST;
        short.then(|| std::fs::read(&path).ok())?
    }

    fn stage(
        &self,
        to: String,
        bytes: &[u8],
        replaces: Option<FileId>,
        block: &mut Block,
    ) -> Staged {
        let sha256 = ContentHash(Sha256::digest(bytes).into());
        let copies = (0..self.roots.len()).map(|root| {
            let path = self.roots.path(root, &to);
            (root, verified(&path, bytes, sha256, block))
        });
        let copies = copies.collect();
        Staged { to, sha256, bytes: bytes.len() as u64, replaces, copies }
    }

    /// Gives the copies their names; the library's must get it, or nothing is recorded.
    fn place(
        &self,
        staged: Staged,
        touched: &mut BTreeSet<PathBuf>,
        block: &mut Block,
    ) -> Result<ImportedFile, (Left, bool)> {
        let Staged { to, sha256, bytes, replaces, copies } = staged;
        let left = |reason: String| Left { path: to.clone(), reason };
        let at = (self.now)();
        let id = FileId(rand::rng().random());
        let mut mirrors = Vec::new();
        for (root, copy) in copies {
            let path = self.roots.path(root, &to);
            let placed = copy.and_then(|mut copy| match copy.place_at(&path) {
                // the run before was killed after this and before the catalogue knew
                Err(FileError::Exists(_)) if files::is_whole(&path, (sha256, bytes), block) => {
                    Ok(())
                }
                placed => placed,
            });
            match placed {
                Ok(()) => {
                    touched.insert(self.roots.path(root, folder_of(&to)));
                    if root > 0 {
                        mirrors.push(MirrorCopy {
                            file: id,
                            mirror: self.roots.all[root].name.clone(),
                            path: to.clone(),
                            verified_at: at,
                        });
                    }
                }
                Err(error) if root == 0 => {
                    let taken = matches!(error, FileError::Exists(_));
                    return Err((left(reason_of(&error)), !taken));
                }
                // a mirror that fails is told of with the photo itself
                Err(_) => {}
            }
        }
        let meta = std::fs::metadata(self.roots.path(0, &to));
        let name = to.rsplit_once('/').map_or(to.as_str(), |(_, name)| name);
        Ok(ImportedFile {
            file: id,
            role: Role::Sidecar,
            name: name.as_bytes().to_vec(),
            bytes,
            sha256,
            mime: "application/rdf+xml".to_owned(),
            mtime_ns: meta.as_ref().map_or(0, files::mtime_ns),
            verified_at: at,
            lead: false,
            replaces,
            mirrors,
            path: to,
        })
    }
}

/// Writes bytes under a temporary name and reads them back.
fn verified(
    path: &Path,
    bytes: &[u8],
    sha256: ContentHash,
    block: &mut Block,
) -> Result<NewFile, FileError> {
    let mut new = NewFile::create(path)?;
    new.write_all(bytes).at(path)?;
    new.sync()?;
    let (found, length, _) = files::read_back(new.temp(), block)?;
    if (found, length) == (sha256, bytes.len() as u64) {
        Ok(new)
    } else {
        Err(FileError::Mismatch(path.to_owned()))
    }
}

/// Where a photo's sidecars go, and the card's sidecar that each is to hold.
fn targets(its: &[FileRow], wanted: Sidecars) -> Vec<(String, Option<&FileRow>)> {
    let raw = its.iter().find(|file| file.role == Role::Raw && file.local.is_some());
    let named = |name: String| {
        let name = fold_name(&name);
        let written = |f: &FileRow| f.replaces.is_some() || f.role != Role::Sidecar;
        its.iter().find(|f| !written(f) && fold_name(&f.shown_name()) == name)
    };
    let mut targets = Vec::new();
    if let Some(raw) = raw.filter(|_| wanted != Sidecars::None) {
        let name = raw.shown_name();
        let base = named(format!("{}.xmp", stem_of(&name)));
        let base = base.or_else(|| named(format!("{name}.xmp")));
        let to = path_of(raw).map(|path| sidecar_of(stem_of(path)));
        targets.extend(to.map(|to| (to, base)));
    }
    let other = |f: &&FileRow| matches!(f.role, Role::Image | Role::Video | Role::Audio);
    for file in its.iter().filter(other).filter(|_| wanted == Sidecars::All) {
        let name = file.shown_name();
        let alone = raw.is_none() && file.lead;
        let base = named(format!("{name}.xmp"));
        let base = base.or_else(|| named(format!("{}.xmp", stem_of(&name))).filter(|_| alone));
        targets.extend(path_of(file).map(|path| (sidecar_of(path), base)));
    }
    targets
}

fn path_of(file: &FileRow) -> Option<&str> {
    file.local.as_ref().map(|local| local.path.as_str())
}

/// A path or name without its extension.
pub(super) fn stem_of(path: &str) -> &str {
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    match path[name..].rfind('.') {
        Some(dot) if dot > 0 => &path[..name + dot],
        _ => path,
    }
}

pub(super) fn sidecar_of(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let name = safe_name(format!("{name}.xmp").as_bytes());
    if folder.is_empty() { name } else { format!("{folder}/{name}") }
}

/// The fields as the catalogue has them: what a sidecar said already is among them.
pub(super) fn fields_of(row: &PhotoRow) -> IptcFields {
    let text = |name: &str| {
        let value = row.fields.get(&format!("iptc/{name}"))?;
        value.as_str().map(ToOwned::to_owned)
    };
    IptcFields {
        creator: text("creator"),
        copyright: text("copyright"),
        usage_terms: text("usage_terms"),
        credit: text("credit"),
        source: text("source"),
        contact_email: text("contact_email"),
        contact_url: text("contact_url"),
        headline: text("headline"),
        city: text("city"),
        country: text("country"),
        title: row.title.clone(),
        caption: row.caption.clone(),
        keywords: row.keywords.clone(),
        label: row.label.clone(),
        rating: Some(row.rating).filter(|stars| *stars > 0),
    }
}
