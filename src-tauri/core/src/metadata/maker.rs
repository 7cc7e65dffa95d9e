//! The little of Canon's, Nikon's and Apple's own notes that the standard tags lack.
//!
//! Cameras before about 2010 give lens and serial number only there, phones the Live Photo's id.

use super::exif::{Exif, lens_words};
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
    }
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
