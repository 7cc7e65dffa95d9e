//! The JPEGs inside raw files: what the camera's own screen shows.
//!
//! Each family keeps them elsewhere; where the structure names none of a useful size, the file is
//! searched for JPEG beginnings: that finds those in the makers' own notes too. Raw data itself is
//! often lossless JPEG and never taken for one.

use std::path::Path;

use super::PreviewError;
use super::pixels::Pixels;
use crate::error::At as _;
use crate::metadata::source::{Source, Window};
use crate::metadata::tiff::{Directory, Tiff};
use crate::metadata::{containers, crw, heif, jpeg};

/// A JPEG inside the file and its size in pixels.
#[derive(Clone, Copy)]
pub(crate) struct Embedded<'a> {
    pub window: Window<'a>,
    pub longer: u32,
    pub is_landscape: bool,
    pub is_square: bool,
    /// Whether it tells its colours itself.
    pub has_exif: bool,
}

/// A preview smaller than this is worth a search for a larger one.
pub(super) const USEFUL: u32 = 1024;
/// How far into a file the search goes.
const MAX_SEARCH: u64 = 256 << 20;
const MAX_FOUND: usize = 64;

/// Returns the embedded JPEGs in the order to try them: the smallest of at least `wanted` pixels
/// first, then the largest.
pub(crate) fn find<'a>(file: Window<'a>, format: &str, wanted: u32) -> Vec<Embedded<'a>> {
    let mut found: Vec<_> = named(file, format).into_iter().filter_map(examine).collect();
    let best = found.iter().map(|e| e.longer).max().unwrap_or(0);
    // The parts of a lossy DNG's picture look like JPEGs of their own: no search where one is named.
    let is_tiled = matches!(format, "DNG" | "GPR");
    if best == 0 || (best < USEFUL && !is_tiled) {
        found.extend(search(file));
    }
    found
        .sort_by_key(|e| if e.longer >= wanted { (0, e.longer) } else { (1, u32::MAX - e.longer) });
    found.dedup_by_key(|e| e.window.start());
    found
}

/// The largest picture a camera put into a raw file of this format, as the camera wrote it.
///
/// # Errors
/// The file cannot be read, or holds none.
pub fn largest(path: &Path, format: &str) -> Result<Vec<u8>, PreviewError> {
    const MAX_JPEG: usize = 64 << 20;
    let file = Source::open(path, MAX_SEARCH).at(path)?;
    let found = find(file.all(), format, u32::MAX);
    let whole = found.iter().find_map(|jpeg| jpeg.window.small(MAX_JPEG));
    whole.ok_or(PreviewError::Unsupported { reason: "it holds no picture" })
}

/// Returns the places the file's own structure names.
fn named<'a>(file: Window<'a>, format: &str) -> Vec<Window<'a>> {
    match format {
        "CR3" => heif::cr3(file).map(|cr3| cr3.jpegs).unwrap_or_default(),
        "RAF" => containers::raf(file).into_iter().collect(),
        "X3F" => containers::x3f(file),
        "CRW" => crw::crw(file).map(|crw| crw.jpegs).unwrap_or_default(),
        "MRW" => containers::mrw(file).map(in_tiff).unwrap_or_default(),
        _ => in_tiff(file),
    }
}

fn in_tiff(block: Window<'_>) -> Vec<Window<'_>> {
    let Some(tiff) = Tiff::open(block) else { return Vec::new() };
    let directories = tiff.all();
    directories.iter().flat_map(|d| in_directory(&tiff, d)).collect()
}

fn in_directory<'a>(tiff: &Tiff<'a>, directory: &Directory) -> Vec<Window<'a>> {
    let one = |tag| {
        let numbers = tiff.numbers(directory.get(tag)?, 2);
        // A picture in several strips is no embedded JPEG.
        <[u32; 1]>::try_from(numbers).ok().map(|[n]| u64::from(n))
    };
    let place = |offset, len| tiff.window().part(one(offset)?, one(len)?);
    let panasonic = directory.get(0x2E).and_then(|entry| {
        let (offset, len) = tiff.extent(entry);
        tiff.window().part(offset, len)
    });
    [place(0x0201, 0x0202), place(0x0111, 0x0117), panasonic].into_iter().flatten().collect()
}

/// Returns the JPEG if the window begins with one that shows a picture.
fn examine(window: Window<'_>) -> Option<Embedded<'_>> {
    if window.array(0)? != [0xFF, 0xD8, 0xFF] {
        return None;
    }
    let jpeg = jpeg::segments(window)?;
    let shows = jpeg.process <= 2 && matches!(jpeg.components, 1 | 3) && jpeg.has_scan;
    let (width, height) = (jpeg.width, jpeg.height);
    (shows && width > 0 && height > 0).then_some(Embedded {
        window,
        longer: width.max(height),
        is_landscape: width > height,
        is_square: width == height,
        has_exif: jpeg.exif.is_some(),
    })
}

/// Searches the file for JPEGs, whatever its structure.
pub(crate) fn search(file: Window<'_>) -> Vec<Embedded<'_>> {
    const PIECE: usize = 1 << 20;
    let mut found: Vec<Embedded<'_>> = Vec::new();
    let mut at = 0;
    while at < file.len().min(MAX_SEARCH) && found.len() < MAX_FOUND {
        let Some(piece) = file.read_up_to(at, PIECE) else { break };
        for start in beginnings(&piece) {
            let candidate = file.from(at + start as u64).and_then(examine);
            found.extend(candidate.and_then(|e| Some(Embedded { window: cut(e.window)?, ..e })));
        }
        // Pieces overlap, so that no beginning falls between two.
        at += (PIECE - 3) as u64;
    }
    found
}

/// Returns where `FF D8 FF` and a marker that opens a JPEG stand.
fn beginnings(piece: &[u8]) -> impl Iterator<Item = usize> {
    let opens =
        |at: &usize| matches!(piece.get(at + 3), Some(0xC0..=0xC4 | 0xDB | 0xE0..=0xEF | 0xFE));
    memchr::memmem::find_iter(piece, &[0xFF, 0xD8, 0xFF]).filter(opens)
}

/// Cuts the window where its picture ends.
fn cut(window: Window<'_>) -> Option<Window<'_>> {
    const PIECE: usize = 1 << 20;
    let mut at = jpeg::segments(window)?.scan;
    while let Some(piece) = window.read_up_to(at, PIECE).filter(|piece| piece.len() > 1) {
        // Inside picture data FF is followed by 00 or a restart: FF D9 is the end.
        if let Some(end) = memchr::memmem::find(&piece, &[0xFF, 0xD9]) {
            return window.part(0, at + end as u64 + 2);
        }
        at += piece.len() as u64 - 1;
    }
    Some(window)
}

/// Returns the largest picture of plain 8-bit red, green and blue: what old cameras have for a
/// thumbnail.
pub(super) fn bitmap(file: Window<'_>) -> Option<Pixels> {
    const MAX_SIDE: u32 = 4096;
    let tiff = Tiff::open(file)?;
    let one = |d: &Directory, tag| d.get(tag).and_then(|entry| tiff.number(entry));
    let place = |d: &Directory| -> Option<(Window<'_>, u32, u32)> {
        let (width, height) = (one(d, 0x0100)?, one(d, 0x0101)?);
        let is_plain = one(d, 0x0103).unwrap_or(1) == 1 && one(d, 0x0106) == Some(2);
        let is_eight_bits = d.get(0x0102).is_some_and(|e| tiff.numbers(e, 3) == [8, 8, 8]);
        let is_sane = (16..=MAX_SIDE).contains(&width) && (16..=MAX_SIDE).contains(&height);
        if !is_plain || !is_eight_bits || !is_sane || d.get(0x0111)?.count() != 1 {
            return None;
        }
        let len = u64::from(width) * u64::from(height) * 3;
        let window = tiff.window().part(one(d, 0x0111)?.into(), len)?;
        (window.len() == len).then_some((window, width, height))
    };
    let found = tiff.all();
    let (window, width, height) = found.iter().filter_map(place).max_by_key(|(_, w, h)| w * h)?;
    Some(Pixels { rgb: window.small(MAX_SIDE as usize * MAX_SIDE as usize * 3)?, width, height })
}
