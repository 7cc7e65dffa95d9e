//! Catalogues and exposures for the tests of this room.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use serde_json::json;

use crate::media::{
    CaptureTime, ContentHash, DeviceId, FileId, ImportId, MediaKind, PhotoId, Role, ShootId,
    TimeSource,
};

use super::{Catalog, Clock, ImportedExposure, ImportedFile, Query};

pub(super) const IMPORT: ImportId = ImportId([0xee; 16]);

/// A clock that goes on by a second whenever it is asked.
pub(super) fn clock() -> Clock {
    let seconds = AtomicI64::new(1_780_000_000);
    Arc::new(move || Timestamp::from_second(seconds.fetch_add(1, Ordering::Relaxed)).unwrap())
}

pub(super) fn catalog() -> Catalog {
    catalog_of(1)
}

pub(super) fn catalog_of(device: u8) -> Catalog {
    Catalog::in_memory(DeviceId([device; 8]), clock()).unwrap()
}

pub(super) fn photo_id(n: u8) -> PhotoId {
    PhotoId([n; 16])
}

pub(super) fn file_id(n: u8) -> FileId {
    FileId([n; 8])
}

/// Photo `n`: one raw file `IMG_000n.CR3`, taken on day `n` of June 2025 (31 is the first again) by a Canon EOS R6.
pub(super) fn exposure(n: u8) -> ImportedExposure {
    let meta = json!({
        "make": "Canon", "model": "Canon EOS R6", "lens": "RF85mm F1.2 L USM", "iso": 100 * u32::from(n),
        "aperture": 2.8, "shutter": "1/250", "focal_length": 85.0, "width": 5472, "height": 3648,
        "orientation": 1, "format": "CR3",
    });
    ImportedExposure {
        photo: photo_id(n),
        import: IMPORT,
        shoot: None,
        kind: MediaKind::Raw,
        taken: Some(CaptureTime {
            local: format!("2025-06-{:02}T10:00:00.5", (n - 1) % 30 + 1).parse().unwrap(),
            offset_min: Some(120),
            source: TimeSource::Exif,
        }),
        meta: meta.as_object().unwrap().clone(),
        more: super::Fields::new(),
        files: vec![raw_file(n)],
    }
}

fn raw_file(n: u8) -> ImportedFile {
    ImportedFile {
        file: file_id(n),
        role: Role::Raw,
        name: format!("IMG_{n:04}.CR3").into_bytes(),
        bytes: 1_000 * u64::from(n),
        sha256: ContentHash([n; 32]),
        mime: "image/x-canon-cr3".into(),
        path: format!("Originals/2025/IMG_{n:04}.CR3"),
        mtime_ns: 1,
        verified_at: Timestamp::from_second(1_780_000_000).unwrap(),
        lead: true,
        replaces: None,
        mirrors: Vec::new(),
    }
}

/// The JPEG beside photo `n`, as file `file`.
pub(super) fn jpeg_of(n: u8, file: u8) -> ImportedFile {
    ImportedFile {
        file: file_id(file),
        role: Role::Image,
        name: format!("IMG_{n:04}.JPG").into_bytes(),
        bytes: 10,
        sha256: ContentHash([file; 32]),
        mime: "image/jpeg".into(),
        path: format!("Originals/2025/IMG_{n:04}.JPG"),
        lead: false,
        ..raw_file(n)
    }
}

/// A catalogue with photos 1 to `n`.
pub(super) fn with_photos(n: u8) -> Catalog {
    let catalog = catalog();
    let exposures: Vec<_> = (1..=n).map(exposure).collect();
    catalog.record_import(&exposures, &[]).unwrap();
    catalog
}

pub(super) fn in_shoot(mut exposure: ImportedExposure, shoot: ShootId) -> ImportedExposure {
    exposure.shoot = Some(shoot);
    exposure
}

/// The numbers of the photos a query finds.
pub(super) fn found(catalog: &Catalog, query: &str) -> Vec<u8> {
    let query = Query::parse(query).unwrap();
    catalog.find(&query).unwrap().into_iter().map(|id| id.0[0]).collect()
}
