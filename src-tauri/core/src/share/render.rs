//! One photo made ready for a share: its renditions and, if asked, its original, still in clear.
//!
//! Blocking work for a thread. What cannot be made is this photo's reason and nobody else's.

use std::fs;
use std::path::PathBuf;

use super::{ShareOptions, THUMB_PX};
use crate::catalog::{FileRow, PhotoRow, PreviewState};
use crate::error::{At as _, PathError};
use crate::media::{ContentHash, MediaKind, PhotoId, PreviewSize, Role};
use crate::metadata::format_by_name;
use crate::previews::{self, Cache, Jpeg, PreviewError, Source};
use crate::store::sha256;

/// JPEG quality of what the page shows large, of its small pictures, and of a whole picture made
/// because the original is nothing a browser shows.
const VIEW_QUALITY: u8 = 86;
const THUMB_QUALITY: u8 = 80;
const FULL_QUALITY: u8 = 93;
/// Originals that the page hands over as they are.
const BROWSERS_SHOW: [&str; 4] = ["image/jpeg", "image/png", "image/webp", "image/avif"];

/// A photo to be made ready.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub photo: PhotoId,
    pub name: String,
    pub caption: Option<String>,
    format: String,
    orientation: u8,
    damaged: bool,
    /// The leading file on this computer.
    original: Option<PathBuf>,
    /// The size of the cached view, if there is one.
    view_px: Option<(u32, u32)>,
    full: Option<Full>,
}

/// How the full size is had.
#[derive(Debug, Clone)]
enum Full {
    /// These bytes, checked against this hash.
    Bytes { path: PathBuf, bytes: u64, sha256: ContentHash },
    /// The leading file, decoded whole.
    Decoded,
    /// It is not on this computer.
    Away,
}

/// A photo that is ready.
#[derive(Debug)]
pub(super) struct Ready {
    pub view: Jpeg,
    pub thumb: Vec<u8>,
    pub full: Option<Vec<u8>>,
    /// Why the full size that was asked for is missing.
    pub without_full: Option<String>,
}

/// Why a photo is left out.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unready {
    #[error("its original is not on this computer, and no preview of it either")]
    Away,
    #[error(transparent)]
    Preview(#[from] PreviewError),
    #[error(transparent)]
    Io(#[from] PathError),
    #[error("its original is not the file that was imported: the bytes differ")]
    Changed,
}

impl Job {
    pub fn new(
        row: &PhotoRow,
        files: &[FileRow],
        wants_full: bool,
        library: &std::path::Path,
    ) -> Self {
        let on_disk = |file: &FileRow| file.local.as_ref().map(|local| library.join(&local.path));
        let lead = files.iter().find(|file| file.lead);
        let original = lead.and_then(on_disk);
        let browser_shows =
            |file: &&FileRow| file.role == Role::Image && BROWSERS_SHOW.contains(&&*file.mime);
        let full = wants_full.then(|| {
            // The leading file first, then the JPEG beside a raw.
            let shown = lead.filter(browser_shows).or_else(|| files.iter().find(browser_shows));
            match shown.and_then(|file| Some((file, on_disk(file)?))) {
                Some((file, path)) => Full::Bytes { path, bytes: file.bytes, sha256: file.sha256 },
                None if original.is_some() => Full::Decoded,
                None => Full::Away,
            }
        });
        Self {
            photo: row.id,
            name: row.name.clone(),
            caption: row.caption.clone().or_else(|| row.title.clone()),
            format: row.format.clone().unwrap_or_default(),
            orientation: row.orientation.unwrap_or(1),
            damaged: row.preview.state == Some(PreviewState::Damaged),
            original,
            view_px: row.preview.width.zip(row.preview.height),
            full,
        }
    }

    /// About how much memory making it ready takes beside the decoders', for the budget.
    pub fn weight(&self) -> u64 {
        match &self.full {
            // In clear and sealed.
            Some(Full::Bytes { bytes, .. }) => bytes * 2,
            Some(Full::Decoded) => 64 << 20,
            Some(Full::Away) | None => 4 << 20,
        }
    }

    /// Makes the renditions.
    pub fn make(&self, options: &ShareOptions, cache: &Cache) -> Result<Ready, Unready> {
        if self.damaged {
            let reason = "it does not decode";
            return Err(PreviewError::Damaged { reason, partial: None }.into());
        }
        let mark = options.watermark.as_deref();
        let view = self.view(options, cache)?;
        let thumb = match mark {
            None => cache.get(self.photo, PreviewSize::Thumb)?,
            Some(_) => None,
        };
        // A marked thumb is made of the marked view: no clean copy lies in the share.
        let thumb = match thumb {
            Some(thumb) => thumb,
            None => {
                let source = Source::Jpeg(&view.bytes);
                previews::rendition(source, THUMB_PX, THUMB_QUALITY, None)?.bytes
            }
        };
        let (full, without_full) = match self.full() {
            Ok(full) => (full, None),
            Err(reason) => (None, Some(format!("without its full size: {reason}"))),
        };
        Ok(Ready { view, thumb, full, without_full })
    }

    fn view(&self, options: &ShareOptions, cache: &Cache) -> Result<Jpeg, Unready> {
        let mark = options.watermark.as_deref();
        let cached = match options.size_px <= PreviewSize::View.px() || self.original.is_none() {
            true => cache.get(self.photo, PreviewSize::View)?,
            false => None,
        };
        match (cached, &self.original) {
            // The cached view is just what is asked for.
            (Some(bytes), _) if options.size_px >= PreviewSize::View.px() && mark.is_none() => {
                match self.view_px {
                    Some((width, height)) => Ok(Jpeg { bytes, width, height }),
                    None => self.rendered(Source::Jpeg(&bytes), options, mark),
                }
            }
            (Some(bytes), _) => self.rendered(Source::Jpeg(&bytes), options, mark),
            (None, Some(path)) => {
                let source = self.source(path);
                self.rendered(source, options, mark)
            }
            (None, None) => Err(Unready::Away),
        }
    }

    fn rendered(
        &self,
        source: Source<'_>,
        options: &ShareOptions,
        mark: Option<&str>,
    ) -> Result<Jpeg, Unready> {
        Ok(previews::rendition(source, options.size_px, VIEW_QUALITY, mark)?)
    }

    fn source<'a>(&'a self, path: &'a std::path::Path) -> Source<'a> {
        Source::File { path, format: &self.format, orientation: self.orientation }
    }

    fn is_film(&self) -> bool {
        format_by_name(&format!(".{}", self.format)).kind == MediaKind::Video
    }

    fn full(&self) -> Result<Option<Vec<u8>>, Unready> {
        match &self.full {
            None => Ok(None),
            Some(Full::Away) => Err(Unready::Away),
            Some(Full::Bytes { path, sha256: expected, .. }) => {
                let bytes = fs::read(path).at(path)?;
                if sha256(&bytes) == expected.0 { Ok(Some(bytes)) } else { Err(Unready::Changed) }
            }
            Some(Full::Decoded) if self.is_film() => {
                // Its first frame is a view of it, not the film in its full size.
                Err(PreviewError::Unsupported { reason: "it is a film" }.into())
            }
            Some(Full::Decoded) => {
                let path = self.original.as_ref().ok_or(Unready::Away)?;
                let whole = previews::rendition(self.source(path), u32::MAX, FULL_QUALITY, None)?;
                Ok(Some(whole.bytes))
            }
        }
    }
}
