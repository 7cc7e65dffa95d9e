//! A card before and after its import: what is on it to look at, and letting go of it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::Vault;
use crate::card::{self, CardFile, Exposure};
use crate::error::{Code, Error, Result};
use crate::media::MediaKind;
use crate::metadata::{self, format_by_name};
use crate::previews::{self, PreviewError, Source};
use crate::progress::Progress;

/// The longer side of a picture shown from the card.
const SHOWN_PX: u32 = 256;
const QUALITY: u8 = 80;
/// Headers are read by this many threads: they wait for the card, not for the processor.
const THREADS: usize = 4;

/// One exposure of a card, before anything of it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Frame {
    /// Of its leading file, on the card, as it can be shown.
    pub path: String,
    #[serde(skip)]
    pub lead: PathBuf,
    pub kind: MediaKind,
    pub files: u64,
    pub bytes: u64,
    /// When the leading file was written, by the card's own time.
    pub written: DateTime,
    /// Every file of it came from this card before.
    pub known: bool,
}

/// What is on a card.
#[derive(Debug, Clone)]
pub struct Frames {
    pub root: PathBuf,
    /// By path.
    pub frames: Vec<Frame>,
}

/// Why a card stays in.
#[derive(Debug, thiserror::Error)]
pub enum EjectError {
    #[error("{}: {source}", path.display())]
    NoFolder { path: PathBuf, source: std::io::Error },
    #[error("{} lies on the system's own disk: there is nothing to take out", .0.display())]
    NoCard(PathBuf),
    #[error(
        "{files} file{} on {} not in the library yet: import the card first",
        if *files == 1 { "" } else { "s" },
        if *files == 1 { format!("{} is", root.display()) } else { format!("{} are", root.display()) }
    )]
    NotCopied { root: PathBuf, files: u64 },
    #[error(
        "{} may hold files that were not copied ({reason}): import it by itself, or take it out by hand",
        root.join(path).display()
    )]
    NotLookedAt { root: PathBuf, path: String, reason: String },
    #[error("the system does not let go of {}: {why}", root.display())]
    Refused { root: PathBuf, why: String },
}

impl From<EjectError> for Error {
    fn from(error: EjectError) -> Self {
        let code = match error {
            EjectError::NoFolder { .. } => Code::NotFound,
            EjectError::NoCard(_)
            | EjectError::NotCopied { .. }
            | EjectError::NotLookedAt { .. } => Code::Usage,
            EjectError::Refused { .. } => Code::Io,
        };
        Self::new(code, error)
    }
}

/// A card that may be taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ejected {
    pub ejected: PathBuf,
    /// The program that let go of it.
    pub by: &'static str,
}

impl Vault {
    /// What is on a card, by names alone: quick enough to be shown at once.
    ///
    /// # Errors
    /// The card cannot be walked, or the catalogue cannot be read.
    pub fn card_frames(&self, source: &Path, progress: &Progress) -> Result<Frames> {
        let scan = card::scan(source, progress)?;
        let volume = card::volume_of(&scan.root, scan.device);
        let seen = self.catalog.seen_on(&volume)?.into_iter();
        let seen: HashMap<_, _> =
            seen.map(|seen| (seen.path, (seen.bytes, seen.mtime_ns))).collect();
        let known =
            |file: &CardFile| seen.get(file.raw_path()) == Some(&(file.bytes, file.mtime_ns));
        let frame = |exposure: &Exposure| {
            let lead = exposure.lead();
            Frame {
                path: lead.path.to_string_lossy().into_owned(),
                lead: lead.path.clone(),
                kind: format_by_name(&lead.name()).kind,
                files: exposure.files.len() as u64,
                bytes: exposure.files.iter().map(|file| file.bytes).sum(),
                written: written(lead.mtime_ns),
                known: exposure.files.iter().all(known),
            }
        };
        let exposures = card::group(scan.files, &mut |_, _| false);
        Ok(Frames { root: scan.root, frames: exposures.iter().map(frame).collect() })
    }

    /// When each of these was taken, as far as the files say; in their order.
    ///
    /// # Errors
    /// It was stopped.
    pub fn card_times(
        &self,
        frames: &Frames,
        progress: &Progress,
    ) -> Result<Vec<Option<DateTime>>> {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut times = Vec::new();
            while progress.check().is_ok() {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let Some(frame) = frames.frames.get(n) else { break };
                let path = frames.root.join(&frame.lead);
                let taken = metadata::read(&path, &frame.path).taken;
                times.push((n, taken.map(|taken| taken.local)));
            }
            times
        };
        let mut all = vec![None; frames.frames.len()];
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
            for thread in threads {
                let times = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                times.into_iter().for_each(|(n, time)| all[n] = time);
            }
        });
        progress.check()?;
        Ok(all)
    }

    /// A small picture of one exposure, straight from the card; nothing is kept of it.
    ///
    /// # Errors
    /// The file is away, broken, or holds no picture.
    pub fn card_picture(&self, frames: &Frames, n: usize) -> Result<Vec<u8>, PreviewError> {
        const NONE: PreviewError = PreviewError::Unsupported { reason: "there is no such file" };
        let frame = frames.frames.get(n).ok_or(NONE)?;
        let path = frames.root.join(&frame.lead);
        let meta = metadata::read(&path, &frame.path);
        let format = meta.format;
        let orientation = meta.orientation;
        let source = Source::File { path: &path, format, orientation };
        Ok(previews::rendition(source, SHOWN_PX, QUALITY, None)?.bytes)
    }

    /// Lets go of the card that holds `path`, once everything on it is in the library.
    ///
    /// # Errors
    /// It is no card, something on it was not copied, or the system does not let go of it.
    pub fn eject(&self, path: &Path, progress: &Progress) -> Result<Ejected> {
        let path = path
            .canonicalize()
            .map_err(|source| EjectError::NoFolder { path: path.to_owned(), source })?;
        let Some((root, device)) = card::mounted(&path) else {
            return Err(EjectError::NoCard(path).into());
        };
        // the whole volume goes, so the whole volume must be known
        let plan = self.left_on_card(&root, progress)?;
        let files = (plan.new.len() + plan.failed.len()) as u64;
        if files > 0 {
            return Err(EjectError::NotCopied { root, files }.into());
        }
        if let Some(part) = plan.left_out.into_iter().next() {
            let (path, reason) = (part.path, part.reason);
            return Err(EjectError::NotLookedAt { root, path, reason }.into());
        }
        match card::let_go(&root, device.as_deref()) {
            Ok(by) => Ok(Ejected { ejected: root, by }),
            Err(why) => Err(EjectError::Refused { root, why }.into()),
        }
    }
}

/// Cameras write their own local time; the system takes it for UTC.
fn written(mtime_ns: i64) -> DateTime {
    let moment = Timestamp::from_nanosecond(mtime_ns.into()).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.to_zoned(TimeZone::UTC).datetime()
}
