//! Has a worker decode a picture, where workers were chosen.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::decode::unsupported;
use super::film;
use super::histogram::{Histogram, STEPS, histogram_here};
use super::render::{contained, render_jpeg};
use super::{Jpeg, PreviewError, Rendered, Source, render_here, rendition_here};
use crate::error::{At as _, PathError};
use crate::media::MediaKind;
use crate::metadata::format_by_name;
use crate::sandbox::{self, Answer, Ask, Fault, Kind, Pool};

/// Renders the picture at `path`; `format` is the catalogue's word ("JPEG", "CR3"), `orientation`
/// EXIF's 1 to 8.
///
/// # Errors
/// `Damaged` when the file is broken, `Unsupported` when nothing here decodes it.
pub fn render(path: &Path, format: &str, orientation: u8) -> Result<Rendered, PreviewError> {
    match sandbox::pool() {
        Some(pool) => render_by(pool, path, format, orientation),
        None => render_here(path, format, orientation),
    }
}

/// Renders `source` at most `max_px` on the longer side (never larger than it is), JPEG `quality`
/// 1 to 100, with `watermark` written across it if given.
///
/// Pixels are encoded anew, so no EXIF, XMP, place or thumbnail of the source is in the result.
///
/// # Errors
/// As `render`, but a partly damaged picture is refused: a client is not shown half of one.
pub fn rendition(
    source: Source<'_>,
    max_px: u32,
    quality: u8,
    watermark: Option<&str>,
) -> Result<Jpeg, PreviewError> {
    match sandbox::pool() {
        Some(pool) => rendition_by(pool, source, max_px, quality, watermark),
        None => rendition_here(source, max_px, quality, watermark),
    }
}

/// Counts the brightnesses of a JPEG that this program made.
///
/// # Errors
/// `Damaged` when it is none.
pub fn histogram(jpeg: &[u8]) -> Result<Histogram, PreviewError> {
    let Some(pool) = sandbox::pool() else { return histogram_here(jpeg) };
    let mut wanted = Wanted::nothing();
    wanted.histogram = true;
    match ask(pool, Kind::Rendition, &wanted, jpeg, None)? {
        (Outcome::Histogram(found), _) if found.is_whole() => Ok(found),
        (outcome, body) => Err(refused(outcome, body, Path::new(""))),
    }
}

impl Histogram {
    fn is_whole(&self) -> bool {
        [&self.red, &self.green, &self.blue].iter().all(|counts| counts.len() == STEPS)
    }
}

/// What is asked for; the file goes along, or its bytes are the body.
#[derive(Serialize, Deserialize)]
struct Wanted {
    /// Of a file; a JPEG in the body has none.
    file: Option<(String, u8)>,
    max_px: u32,
    quality: u8,
    watermark: Option<String>,
    /// Counts instead of a picture.
    #[serde(default)]
    histogram: bool,
}

impl Wanted {
    const fn nothing() -> Self {
        Self { file: None, max_px: 0, quality: 0, watermark: None, histogram: false }
    }
}

/// What is answered; the pictures are in the body, one behind the other.
#[derive(Serialize, Deserialize)]
enum Outcome {
    Rendered(Sizes),
    Rendition(u32, u32),
    Histogram(Histogram),
    Damaged(String, Option<Sizes>),
    Unsupported(String),
    Io(String),
}

#[derive(Serialize, Deserialize)]
struct Sizes {
    thumb_px: (u32, u32),
    view_px: (u32, u32),
    /// Length of the thumb; the rest of the body is the view.
    thumb: usize,
}

const NOT_UNDERSTOOD: PreviewError =
    PreviewError::Damaged { reason: "its decoder says what is not understood", partial: None };

fn render_by(
    pool: &Pool,
    path: &Path,
    format: &str,
    orientation: u8,
) -> Result<Rendered, PreviewError> {
    let mut wanted = Wanted::nothing();
    let answer = if is_film(format) {
        // a worker starts no program: the film's still is taken here and decoded there
        ask(pool, Kind::Render, &wanted, &still(path)?, None)?
    } else {
        let file = File::open(path).at(path)?;
        wanted.file = Some((format.to_owned(), orientation));
        ask(pool, Kind::Render, &wanted, &[], Some((&file, path)))?
    };
    match answer {
        (Outcome::Rendered(sizes), body) => sizes.rendered(body).ok_or(NOT_UNDERSTOOD),
        (outcome, body) => Err(refused(outcome, body, path)),
    }
}

fn rendition_by(
    pool: &Pool,
    source: Source<'_>,
    max_px: u32,
    quality: u8,
    watermark: Option<&str>,
) -> Result<Jpeg, PreviewError> {
    let watermark = watermark.map(str::to_owned);
    let mut wanted = Wanted { max_px, quality, watermark, ..Wanted::nothing() };
    let (path, (outcome, bytes)) = match source {
        Source::File { path, format, .. } if is_film(format) => {
            (path, ask(pool, Kind::Rendition, &wanted, &still(path)?, None)?)
        }
        Source::File { path, format, orientation } => {
            let file = File::open(path).at(path)?;
            wanted.file = Some((format.to_owned(), orientation));
            (path, ask(pool, Kind::Rendition, &wanted, &[], Some((&file, path)))?)
        }
        Source::Jpeg(jpeg) => (Path::new(""), ask(pool, Kind::Rendition, &wanted, jpeg, None)?),
    };
    match outcome {
        Outcome::Rendition(width, height) if is_jpeg(&bytes) => Ok(Jpeg { bytes, width, height }),
        outcome => Err(refused(outcome, bytes, path)),
    }
}

fn is_film(format: &str) -> bool {
    format_by_name(&format!(".{format}")).kind == MediaKind::Video
}

fn still(path: &Path) -> Result<Vec<u8>, PreviewError> {
    contained(|| film::still(path).ok_or(unsupported("no frame of the film can be shown")))
}

fn ask(
    pool: &Pool,
    kind: Kind,
    wanted: &Wanted,
    body: &[u8],
    file: Option<(&File, &Path)>,
) -> Result<(Outcome, Vec<u8>), PreviewError> {
    let head = serde_json::to_vec(wanted).expect("a wish is plain data");
    let ask = Ask { kind, head: &head, body, file: file.map(|(file, _)| file) };
    let damaged = |reason| PreviewError::Damaged { reason, partial: None };
    match pool.ask(ask) {
        Ok(Answer { head, body }) => {
            let outcome = serde_json::from_slice(&head).map_err(|_| NOT_UNDERSTOOD)?;
            Ok((outcome, body))
        }
        Err(Fault::Crashed) => Err(damaged("it ends the program that decodes it")),
        Err(Fault::Hung) => Err(damaged("decoding it takes longer than 20 s")),
        // Nothing is known of the picture: another time.
        Err(fault @ (Fault::Stalled | Fault::NotStarted(_))) => {
            let path = file.map_or(Path::new(""), |(_, path)| path).to_owned();
            Err(PathError { path, source: io::Error::other(fault) }.into())
        }
    }
}

fn refused(outcome: Outcome, body: Vec<u8>, path: &Path) -> PreviewError {
    match outcome {
        Outcome::Rendered(_) | Outcome::Rendition(..) | Outcome::Histogram(_) => NOT_UNDERSTOOD,
        Outcome::Damaged(reason, sizes) => PreviewError::Damaged {
            reason: kept(reason),
            partial: sizes.and_then(|sizes| sizes.rendered(body)).map(Box::new),
        },
        Outcome::Unsupported(reason) => PreviewError::Unsupported { reason: kept(reason) },
        Outcome::Io(why) => {
            PathError { path: path.to_owned(), source: io::Error::other(why) }.into()
        }
    }
}

impl Sizes {
    /// The pictures, if they are two JPEGs. They were encoded by the worker: what is looked at here
    /// is their marks alone, and whoever shows them decodes them as something from outside.
    fn rendered(self, mut body: Vec<u8>) -> Option<Rendered> {
        if self.thumb > body.len() {
            return None;
        }
        let view = body.split_off(self.thumb);
        let Self { thumb_px, view_px, .. } = self;
        (is_jpeg(&body) && is_jpeg(&view)).then_some(Rendered {
            thumb: body,
            thumb_px,
            view,
            view_px,
        })
    }
}

fn is_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0xD8]) && bytes.ends_with(&[0xFF, 0xD9])
}

/// Returns a worker's reason as one of the few there are. What it says is short, printable and one
/// of not many, or it is not repeated.
fn kept(reason: String) -> &'static str {
    const MOST: usize = 100;
    static KEPT: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept.get(reason.as_str()) {
        return known;
    }
    let is_plain = reason.len() <= 120 && reason.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    if !is_plain || kept.len() >= MOST {
        return "it cannot be decoded";
    }
    let reason: &'static str = reason.leak();
    kept.insert(reason);
    reason
}

/// In a worker: thumb and view of the file that was handed in, or of the upright JPEG in the body.
pub(crate) fn answer_render(head: &[u8], body: &[u8]) -> Answer {
    let Ok(Wanted { file, .. }) = serde_json::from_slice(head) else {
        return said(&Outcome::Io("this was not understood".to_owned()), Vec::new());
    };
    let rendered = match &file {
        Some((format, orientation)) => render_here(Path::new(""), format, *orientation),
        None => render_jpeg(body),
    };
    let sizes = |Rendered { mut thumb, thumb_px, view, view_px }: Rendered| {
        let sizes = Sizes { thumb_px, view_px, thumb: thumb.len() };
        thumb.extend(view);
        (sizes, thumb)
    };
    match rendered {
        Ok(rendered) => {
            let (sizes, body) = sizes(rendered);
            said(&Outcome::Rendered(sizes), body)
        }
        Err(PreviewError::Damaged { reason, partial: Some(partial) }) => {
            let (sizes, body) = sizes(*partial);
            said(&Outcome::Damaged(reason.to_owned(), Some(sizes)), body)
        }
        Err(error) => said(&told(error), Vec::new()),
    }
}

/// In a worker: a rendition of the file that was handed in, or of the JPEG in the body.
pub(crate) fn answer_rendition(head: &[u8], body: &[u8]) -> Answer {
    let Ok(wanted) = serde_json::from_slice(head) else {
        return said(&Outcome::Io("this was not understood".to_owned()), Vec::new());
    };
    let Wanted { file, max_px, quality, watermark, histogram } = wanted;
    if histogram {
        let outcome = histogram_here(body).map_or_else(told, Outcome::Histogram);
        return said(&outcome, Vec::new());
    }
    let source = match &file {
        Some((format, orientation)) => {
            Source::File { path: Path::new(""), format, orientation: *orientation }
        }
        None => Source::Jpeg(body),
    };
    match rendition_here(source, max_px, quality, watermark.as_deref()) {
        Ok(Jpeg { bytes, width, height }) => said(&Outcome::Rendition(width, height), bytes),
        Err(error) => said(&told(error), Vec::new()),
    }
}

fn told(error: PreviewError) -> Outcome {
    match error {
        PreviewError::Damaged { reason, .. } => Outcome::Damaged(reason.to_owned(), None),
        PreviewError::Unsupported { reason } => Outcome::Unsupported(reason.to_owned()),
        PreviewError::Io(PathError { source, .. }) => Outcome::Io(source.to_string()),
    }
}

fn said(outcome: &Outcome, body: Vec<u8>) -> Answer {
    Answer { head: serde_json::to_vec(outcome).unwrap_or_default(), body }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_worker_says_is_not_believed_further_than_it_is_checked() {
        let sizes = |thumb| Sizes { thumb_px: (1, 1), view_px: (1, 1), thumb };
        let jpeg = [0xFF, 0xD8, 0xFF, 0xD9];
        let both = jpeg.repeat(2);
        assert!(sizes(4).rendered(both.clone()).is_some());
        for (thumb, body) in [(0, both.clone()), (9, both.clone()), (8, both), (4, vec![0; 8])] {
            assert!(sizes(thumb).rendered(body).is_none(), "{thumb}");
        }
        assert_eq!(kept("its data is corrupt".to_owned()), "its data is corrupt");
        assert_eq!(kept("\u{1b}[2J".to_owned()), "it cannot be decoded");
        assert_eq!(kept("x".repeat(1000)), "it cannot be decoded");
    }
}
