//! A library of any size, as if it had been imported, with previews of its newest photos.

use std::sync::Arc;

use darkslide_core::catalog::{Catalog, Fields, ImportedExposure, ImportedFile};
use darkslide_core::media::{
    CaptureTime, ContentHash, FileId, ImportId, MediaKind, PhotoId, PreviewSize, Role, ShootId,
    TimeSource,
};
use darkslide_core::previews::Cache;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, RgbImage};
use serde_json::json;

use super::program::Computer;

/// So many of the newest photos have small previews, and so many large ones.
const THUMBS: u32 = 2_000;
const VIEWS: u32 = 80;

fn id<const N: usize>(n: u32, salt: u8) -> [u8; N] {
    let mut state = (u64::from(n) << 8 | u64::from(salt)).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::array::from_fn(|_| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8
    })
}

/// Photo `n` of `all`, the newest last.
fn exposure(n: u32, all: u32, shoots: &[ShootId]) -> ImportedExposure {
    let seconds = i64::from(n) * 200_000_000 / i64::from(all);
    let taken = jiff::civil::date(2020, 1, 1).at(8, 0, 0, 0);
    let taken = taken.checked_add(jiff::Span::new().seconds(seconds)).unwrap();
    let meta = json!({
        "make": "Canon", "model": format!("Canon EOS R{}", n % 7), "lens": format!("RF{}mm F2", 24 + n % 90),
        "iso": 100 << (n % 8), "aperture": 2.8, "shutter": "1/250", "focal_length": 85.0,
        "width": 6000, "height": 4000, "orientation": 1, "format": "CR3",
    });
    let mut more = Fields::new();
    more.insert("preview".into(), json!({ "state": "ready", "width": 2048, "height": 1365 }));
    if n.is_multiple_of(10) {
        more.insert("rating".into(), (n / 10 % 6).into());
        more.insert("kw/dance".into(), true.into());
    }
    ImportedExposure {
        photo: PhotoId(id(n, 1)),
        import: ImportId([7; 16]),
        shoot: Some(shoots[n as usize * shoots.len() / all as usize]),
        kind: MediaKind::Raw,
        taken: Some(CaptureTime { local: taken, offset_min: Some(60), source: TimeSource::Exif }),
        meta: meta.as_object().unwrap().clone(),
        more,
        files: vec![ImportedFile {
            file: FileId(id(n, 2)),
            role: Role::Raw,
            name: format!("IMG_{:04}.CR3", n % 10_000).into_bytes(),
            bytes: 30_000_000,
            sha256: ContentHash(id(n, 3)),
            mime: "image/x-canon-cr3".into(),
            path: format!("Originals/{}/IMG_{n:06}.CR3", n / 1_000),
            mtime_ns: 1,
            verified_at: jiff::Timestamp::from_second(1_780_000_000).unwrap(),
            lead: true,
            replaces: None,
            mirrors: Vec::new(),
        }],
    }
}

/// A picture with structure, so that its JPEG is as large as those of photos.
fn picture(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
        let wave = (u * 19.0 + f64::from(seed)).sin() * (v * 23.0).cos();
        let grain = (x.wrapping_mul(374_761_393) ^ y.wrapping_mul(668_265_263)) >> 27;
        let of = |base: f64| (base + wave * 60.0 + f64::from(grain)).clamp(0.0, 255.0) as u8;
        image::Rgb([of(90.0 + u * 80.0), of(100.0), of(80.0 + v * 90.0)])
    });
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, 85);
    encoder.encode(picture.as_raw(), width, height, ExtendedColorType::Rgb8).unwrap();
    jpeg
}

/// A library of so many photos, as if imported.
pub fn fill(computer: &Computer, all: u32) {
    computer.init();
    let home = computer.home.join("darkslide");
    let catalog = Catalog::open(&home, Arc::new(jiff::Timestamp::now)).unwrap();
    let shoots: Vec<ShootId> =
        (0..200).map(|n| catalog.shoot_named(&format!("Shoot {n}"), None).unwrap()).collect();
    for first in (0..all).step_by(2_000) {
        let batch: Vec<_> =
            (first..all.min(first + 2_000)).map(|n| exposure(n, all, &shoots)).collect();
        catalog.record_import(&batch, &[]).unwrap();
    }
    drop(catalog);
    let cache = Cache::new(home.join("previews"));
    let thumbs: Vec<_> = (0..8).map(|seed| picture(512, 341, seed)).collect();
    let views: Vec<_> = (0..8).map(|seed| picture(2048, 1365, seed)).collect();
    for (n, back) in (0..all).rev().zip(0..THUMBS) {
        let photo = PhotoId(id(n, 1));
        // Straight to its place: nobody waits for these to be safe.
        let put = |size, jpeg: &[u8]| {
            let path = cache.path(photo, size);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, jpeg).unwrap();
        };
        put(PreviewSize::Thumb, &thumbs[n as usize % 8]);
        if back < VIEWS {
            put(PreviewSize::View, &views[n as usize % 8]);
        }
    }
}
