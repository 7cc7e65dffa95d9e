//! The little of makers' own notes that the standard tags lack.
//!
//! Cameras before about 2010 give lens and serial number only there, phones the Live Photo's id.

use super::exif::{self, Exif, lens_words};
use super::source::Window;
use super::tiff::{Directory, Tiff};

/// Fills what is still missing from the maker's note of the EXIF directory.
pub(crate) fn read(tiff: &Tiff<'_>, photo: &Directory, exif: &mut Exif) {
    let Some(entry) = photo.get(0x927C) else { return };
    let (offset, len) = tiff.extent(entry);
    let Some(note) = tiff.window().part(offset, len) else { return };
    let make = exif.make.as_deref().unwrap_or_default();
    if make.starts_with("Canon") {
        // A bare directory whose offsets count from the EXIF block's start.
        if let Some(note) = tiff.directory(offset) {
            canon(tiff, &note, exif);
        }
    } else if make.to_ascii_uppercase().starts_with("NIKON") {
        // "Nikon\0", a version, then a TIFF of its own.
        let Some(inner) = note.from(10).and_then(Tiff::open) else { return };
        if let Some(note) = inner.chain().first() {
            nikon(&inner, note, exif);
        }
    } else if note.array(0) == Some(*b"Apple iOS\0") {
        let Some(big_endian) = note.array(12).map(|order: [u8; 2]| order == *b"MM") else { return };
        let inner = Tiff::headless(note, big_endian);
        let id = inner.directory(14).and_then(|d| inner.text(d.get(0x11)?));
        exif.content_id = id;
    } else {
        marked(tiff, offset, note, exif);
    }
}

/// Notes that are a directory behind a mark; offsets count from the EXIF block, or from the note.
fn marked(tiff: &Tiff<'_>, offset: u64, note: Window<'_>, exif: &mut Exif) {
    let Some(mark) = note.array::<12>(0) else { return };
    let text = |tiff: &Tiff<'_>, directory: &Directory, tag| {
        directory.get(tag).and_then(|entry| tiff.text(entry))
    };
    let fill = |field: &mut Option<String>, value: Option<String>| {
        if field.is_none() {
            *field = value;
        }
    };
    match &mark {
        b"Panasonic\0\0\0" => {
            let Some(directory) = tiff.directory(offset + 12) else { return };
            fill(&mut exif.lens, text(tiff, &directory, 0x51).filter(|lens| lens != "NO-LENS"));
        }
        [b'O', b'L', b'Y', b'M', b'P', b'U', b'S', 0, order, ..]
        | [b'O', b'M', b' ', b'S', b'Y', b'S', b'T', b'E', order, ..] => {
            // "OLYMPUS\0II" and "OM SYSTEM\0\0\0II": the equipment has a directory of its own.
            let (order, start) = match mark[0..2] == *b"OM" {
                true => (note.array(12).map_or(0, |[byte]| byte), 16),
                false => (*order, 12),
            };
            let inner = Tiff::headless(note, order == b'M');
            let Some(main) = inner.directory(start) else { return };
            let equipment = main.get(0x2010).and_then(|entry| inner.pointed(entry));
            let Some(equipment) = equipment else { return };
            fill(&mut exif.serial, text(&inner, &equipment, 0x101));
            fill(&mut exif.lens, text(&inner, &equipment, 0x203));
        }
        [b'O', b'L', b'Y', b'M', b'P', 0, ..] => {
            let Some(directory) = tiff.directory(offset + 8) else { return };
            fill(&mut exif.serial, text(tiff, &directory, 0x0404));
        }
        [b'A', b'O', b'C', 0, ..] => {
            let Some(directory) = tiff.directory(offset + 6) else { return };
            fill(&mut exif.serial, text(tiff, &directory, 0x0229));
        }
        [b'P', b'E', b'N', b'T', b'A', b'X', b' ', 0, order, ..] => {
            let inner = Tiff::headless(note, *order == b'M');
            let Some(directory) = inner.directory(10) else { return };
            fill(&mut exif.serial, text(&inner, &directory, 0x0229));
        }
        _ => {}
    }
}

/// Reads the four blocks of Canon's raw files and films since 2018: the main, EXIF, maker's and GPS
/// directories, each a TIFF of its own.
pub(crate) fn canon_blocks([main, photo, note, gps]: [Option<Window<'_>>; 4]) -> Exif {
    let block = |block: Option<Window<'_>>| block.and_then(Tiff::open).map(|t| exif::read(&t));
    let mut exif = block(main).unwrap_or_default();
    exif.complete(block(photo).unwrap_or_default());
    let gps = gps.and_then(|block| exif::gps_block(&Tiff::open(block)?));
    exif.complete(Exif { gps, ..Exif::default() });
    if let Some(tiff) = note.and_then(Tiff::open)
        && let Some(note) = tiff.chain().first()
    {
        canon(&tiff, note, &mut exif);
    }
    exif
}

/// Reads Canon's note, which CR3 files keep as a block of its own.
pub(crate) fn canon(tiff: &Tiff<'_>, note: &Directory, exif: &mut Exif) {
    let text = |tag| note.get(tag).and_then(|e| tiff.text(e));
    if exif.lens.is_none() {
        exif.lens = text(0x95);
    }
    if exif.serial.is_none() {
        let number = note.get(0x0C).and_then(|e| tiff.number(e)).filter(|n| *n > 0);
        exif.serial = number.map(|n| n.to_string());
    }
}

fn nikon(tiff: &Tiff<'_>, note: &Directory, exif: &mut Exif) {
    if exif.serial.is_none() {
        exif.serial = note.get(0x1D).and_then(|e| tiff.text(e));
    }
    if exif.lens.is_none() {
        exif.lens = note.get(0x84).and_then(|e| lens_words(&tiff.reals(e, 4)));
    }
    if exif.iso.is_none() {
        let iso = note.get(0x02).map(|e| tiff.numbers(e, 2)).unwrap_or_default();
        exif.iso = iso.get(1).copied().filter(|iso| *iso > 0);
    }
}
