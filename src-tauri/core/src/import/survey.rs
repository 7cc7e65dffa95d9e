//! What is on the card, and what of it the catalogue knows already.
//!
//! A file is known by its SHA-256. It is not read for that when the catalogue has nothing of its
//! length, or when it lay on this card before with the same path, length and time. Where the file
//! system keeps when a file was changed, it must call it the same file, unchanged, too; where it does
//! not, the card must be known by more than its path, at which another may lie now. A file whose length alone is known is left open: the copy, which reads it
//! anyway, will tell.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::error::{ImportError, Result};
use super::roots::{Here, Roots};
use crate::card::{self, CardFile, Exposure, Scan, group};
use crate::catalog::{CardSeen, Catalog, FileRow};
use crate::files::{self, Block};
use crate::media::{
    CaptureTime, ClockCorrection, ContentHash, MediaKind, PhotoId, Role, TimeSource,
};
use crate::metadata::{self, Metadata};
use crate::progress::Progress;

/// Headers are read by this many threads: they wait for the card, not for the processor.
const THREADS: usize = 4;

/// One file of the card and what is known of it.
#[derive(Debug)]
pub(super) struct Item {
    pub card: CardFile,
    /// Its hash, where it is known without reading it now.
    pub hash: Option<ContentHash>,
    /// The same content in the catalogue.
    pub here: Option<Here>,
}

/// One exposure of the card.
#[derive(Debug)]
pub(super) struct Shot {
    /// The leading file first.
    pub items: Vec<Item>,
    /// The exposure in the catalogue that the new ones of these files belong to.
    pub photo: Option<PhotoId>,
    /// For the template.
    pub time: DateTime,
    pub camera: String,
    pub serial: String,
    pub lens: String,
}

/// How thoroughly to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As much as is needed before copying.
    Quick,
    /// Until it is certain what is new: for a plan that is shown and not run.
    Exact,
}

pub(super) struct Survey<'a> {
    pub scan: &'a Scan,
    pub catalog: &'a Catalog,
    pub roots: &'a Roots,
    pub card: &'a str,
    pub look: Look,
    /// Whether the template asks for dates or cameras.
    pub metadata: bool,
    pub clock: &'a ClockCorrection,
    pub progress: &'a Progress,
}

impl Survey<'_> {
    /// Groups the card's files and looks each up.
    pub fn take(&self) -> Result<Vec<Shot>> {
        let exposures = group(self.scan.files.clone(), &mut |image, film| {
            self.read(film).is_motion_of(&self.read(image))
        });
        let seen = self.seen()?;
        let twins = self.twins();
        let next = AtomicUsize::new(0);
        let stop = AtomicBool::new(false);
        let shots: Mutex<Vec<(usize, Shot)>> = Mutex::new(Vec::with_capacity(exposures.len()));
        let work = || -> Result<()> {
            let mut block = Block::default();
            while !stop.load(Ordering::Relaxed) {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let Some(exposure) = exposures.get(n) else { break };
                self.progress.check()?;
                let shot = self.shot(exposure, &seen, &twins, &mut block)?;
                shots.lock().map_err(|_| ImportError::Broken)?.push((n, shot));
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|_| {
                    scope.spawn(|| work().inspect_err(|_| stop.store(true, Ordering::Relaxed)))
                })
                .collect();
            // every thread is waited for before the first failure is told
            let ends: Vec<_> =
                threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
            ends.into_iter().try_for_each(|end| end.map_err(|_| ImportError::Broken)?)
        })?;
        let mut shots = shots.into_inner().map_err(|_| ImportError::Broken)?;
        shots.sort_by_key(|(n, _)| *n);
        Ok(shots.into_iter().map(|(_, shot)| shot).collect())
    }

    fn read(&self, file: &CardFile) -> Metadata {
        metadata::read(&self.scan.root.join(&file.path), &file.name())
    }

    fn seen(&self) -> Result<HashMap<Vec<u8>, CardSeen>> {
        let seen = self.catalog.seen_on(self.card)?;
        Ok(seen.into_iter().map(|seen| (seen.path.clone(), seen)).collect())
    }

    /// Lengths that more than one file of the card has. Only an exact look asks.
    fn twins(&self) -> HashSet<u64> {
        let mut once = HashSet::new();
        match self.look {
            Look::Quick => HashSet::new(),
            Look::Exact => {
                self.scan.files.iter().map(|f| f.bytes).filter(|b| !once.insert(*b)).collect()
            }
        }
    }

    fn shot(
        &self,
        exposure: &Exposure,
        seen: &HashMap<Vec<u8>, CardSeen>,
        twins: &HashSet<u64>,
        block: &mut Block,
    ) -> Result<Shot> {
        let mut hashes = Vec::with_capacity(exposure.files.len());
        for file in &exposure.files {
            hashes.push(self.hash(file, seen, twins, block)?);
        }
        let known: Vec<_> =
            exposure.files.iter().zip(&hashes).map(|(f, h)| (f.role, f.raw_name(), *h)).collect();
        let (photo, rows) = settle(self.catalog, &known)?;
        let mut items = Vec::with_capacity(rows.len());
        for ((card, hash), row) in exposure.files.iter().cloned().zip(hashes).zip(rows) {
            let here = match row {
                Some(row) => Some(Here::new(row, self.roots, self.catalog, block)?),
                None => None,
            };
            items.push(Item { card, hash, here });
        }
        // one that is lost may have to go to another place than its old one, too
        let lost = |item: &Item| item.here.as_ref().is_none_or(|h| h.lacking().contains(&0));
        let copying = items.iter().any(lost);
        let naming = if copying && self.metadata {
            naming(exposure, &self.scan.root)
        } else {
            Naming::default()
        };
        let said = naming.time.unwrap_or_else(|| file_time(exposure));
        let time = self.clock.apply(said).local;
        let Naming { camera, serial, lens, .. } = naming;
        Ok(Shot { items, photo, time, camera, serial, lens })
    }

    /// The hash of a file, if it is known or has to be before anything is copied.
    fn hash(
        &self,
        file: &CardFile,
        seen: &HashMap<Vec<u8>, CardSeen>,
        twins: &HashSet<u64>,
        block: &mut Block,
    ) -> Result<Option<ContentHash>> {
        if let Some(seen) = seen.get(file.raw_path())
            && (seen.bytes, seen.mtime_ns) == (file.bytes, file.mtime_ns)
            && match file.last_change {
                Some(_) => file.last_change == seen.last_change,
                None => !card::is_only_a_path(self.card),
            }
        {
            return Ok(Some(seen.sha256));
        }
        let names = self.catalog.names_of_length(file.bytes)?;
        let likely = names.iter().any(|name| name == file.raw_name());
        let ask = likely
            || self.look == Look::Exact && (!names.is_empty() || twins.contains(&file.bytes));
        if !ask {
            return Ok(None);
        }
        // what cannot be read now fails when it is copied
        let path = self.scan.root.join(&file.path);
        Ok(files::hash_of(&path, block).ok().map(|(hash, _)| hash))
    }
}

/// From the first file that says when it was taken.
pub(super) fn naming(exposure: &Exposure, root: &Path) -> Naming {
    let (mut time, mut fallback) = (None, None);
    let (mut camera, mut serial, mut lens) = (None, None, None);
    for file in &exposure.files {
        let meta = metadata::read(&root.join(&file.path), &file.name());
        let lead = file == exposure.lead();
        if lead {
            fallback = meta.file_time;
        }
        time = time.or(meta.taken);
        camera = camera.or(meta.model);
        serial = serial.or(meta.serial);
        lens = lens.or(meta.lens);
        if time.is_some() && camera.is_some() || lead && meta.kind == MediaKind::Other {
            break;
        }
    }
    Naming {
        time: time.or(fallback),
        camera: camera.unwrap_or_default(),
        serial: serial.unwrap_or_default(),
        lens: lens.unwrap_or_default(),
    }
}

/// What the files of an exposure say for its name.
#[derive(Default)]
pub(super) struct Naming {
    pub time: Option<CaptureTime>,
    pub camera: String,
    pub serial: String,
    pub lens: String,
}

/// The time of the leading file itself, in UTC.
pub(super) fn file_time(exposure: &Exposure) -> CaptureTime {
    let nanos = i128::from(exposure.lead().mtime_ns);
    let time = Timestamp::from_nanosecond(nanos).unwrap_or(Timestamp::UNIX_EPOCH);
    let local = time.to_zoned(TimeZone::UTC).datetime();
    CaptureTime { local, offset_min: Some(0), source: TimeSource::File }
}

/// Whether a file is somebody's work by itself, and not something that goes with such a file.
pub(super) fn is_main(role: Role) -> bool {
    matches!(role, Role::Raw | Role::Image | Role::Video | Role::Audio)
}

/// Decides which files of one exposure are here already, and to which exposure of the catalogue the
/// others belong.
///
/// Sidecars and the like are often equal byte for byte from photo to photo: they are here only if
/// *their* photo has them. Alone on the card, they count by themselves.
pub(super) fn settle(
    catalog: &Catalog,
    files: &[(Role, &[u8], Option<ContentHash>)],
) -> Result<(Option<PhotoId>, Vec<Option<FileRow>>)> {
    let alone = !files.iter().any(|(role, ..)| is_main(*role));
    let mut rows: Vec<Option<FileRow>> = Vec::with_capacity(files.len());
    for (role, _, hash) in files {
        rows.push(match hash {
            Some(hash) if alone || is_main(*role) => catalog.file_by_hash(hash)?,
            _ => None,
        });
    }
    let same_name = || {
        let pairs = files.iter().zip(&rows);
        pairs.filter_map(|((_, name, _), row)| row.as_ref().filter(|r| r.name == *name)).next()
    };
    let photo = rows.first().and_then(Option::as_ref).or_else(same_name).map(|row| row.photo);
    if let Some(photo) = photo
        && !alone
        && files.iter().any(|(role, _, hash)| !is_main(*role) && hash.is_some())
    {
        let its = catalog.files_of(photo)?;
        for ((role, _, hash), row) in files.iter().zip(&mut rows) {
            if !is_main(*role) {
                *row = its.iter().find(|f| Some(f.sha256) == *hash).cloned();
            }
        }
    }
    Ok((photo, rows))
}
