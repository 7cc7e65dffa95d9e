//! The JPEGs inside raw files: what the camera's own screen shows.
//!
//! Each family keeps them elsewhere; where the structure names none of a useful size, the file is
//! searched for JPEG beginnings. Raw data itself is often lossless JPEG and never taken for one.

use crate::metadata::source::Window;
use crate::metadata::tiff::{Directory, Tiff};
use crate::metadata::{containers, crw, heif, jpeg};

/// A JPEG inside the file and its size in pixels.
#[derive(Clone, Copy)]
pub(crate) struct Embedded<'a> {
    pub window: Window<'a>,
    pub longer: u32,
    pub is_landscape: bool,
}

/// A preview smaller than this is worth a search for a larger one.
const USEFUL: u32 = 1024;
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
    let opens = |w: &[u8]| {
        w[0] == 0xFF
            && w[1] == 0xD8
            && w[2] == 0xFF
            && matches!(w[3], 0xC0..=0xC4 | 0xDB | 0xE0..=0xEF | 0xFE)
    };
    piece.windows(4).enumerate().filter(move |(_, w)| opens(w)).map(|(at, _)| at)
}

/// Cuts the window where its picture ends.
fn cut(window: Window<'_>) -> Option<Window<'_>> {
    const PIECE: usize = 1 << 20;
    let mut at = jpeg::segments(window)?.scan;
    while let Some(piece) = window.read_up_to(at, PIECE).filter(|piece| piece.len() > 1) {
        // Inside picture data FF is followed by 00 or a restart: FF D9 is the end.
        if let Some(end) = piece.windows(2).position(|w| w == [0xFF, 0xD9]) {
            return window.part(0, at + end as u64 + 2);
        }
        at += piece.len() as u64 - 1;
    }
    Some(window)
}
