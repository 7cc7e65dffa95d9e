//! Camera files, broken files and hostile files: what is read of them, and that nothing is made up.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::*;
use crate::media::{CaptureTime, MediaKind, TimeSource};

fn fixture(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(name);
    assert!(path.is_file(), "{} is missing", path.display());
    path
}

fn record(name: &str) -> Metadata {
    read(&fixture(name), name)
}

fn taken(record: &Metadata) -> String {
    let Some(taken) = record.taken else { return "-".into() };
    let offset = taken.offset_min.map_or("?".into(), |minutes| minutes.to_string());
    format!("{} {offset} {:?}", taken.local, taken.source)
}

fn text(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or("-")
}

#[test]
fn camera_files_are_read_as_their_makers_wrote_them() {
    // file, format, make, model, orientation, upright size, taken
    type Row =
        (&'static str, &'static str, &'static str, &'static str, u8, (u32, u32), &'static str);
    #[rustfmt::skip]
    let rows: &[Row] = &[
        ("card/butterfly.jpg", "JPEG", "EASTMAN KODAK COMPANY", "KODAK DX4330 DIGITAL CAMERA", 1, (2160, 1440), "2003-05-26T11:14:47 ? Exif"),
        ("card/waterfall.jpg", "JPEG", "-", "-", 6, (1800, 1200), "-"),
        ("card/chart_nodate.jpg", "JPEG", "TEKOM", "D30CC", 1, (640, 480), "-"),
        ("card/1ds3.cr2", "CR2", "Canon", "Canon EOS-1Ds Mark III", 1, (5616, 3744), "2007-10-18T13:44:32 ? Exif"),
        ("card/5d3.cr2", "CR2", "Canon", "Canon EOS 5D Mark III", 6, (1332, 2000), "2023-09-01T17:20:08.7 ? Exif"),
        ("card/rp.cr3", "CR3", "Canon", "Canon EOS RP", 1, (612, 408), "2020-02-18T08:56:22.57 -420 Exif"),
        ("card/d90.nef", "NEF", "NIKON CORPORATION", "NIKON D90", 1, (612, 404), "2021-06-25T10:35:42 ? Exif"),
        ("camera/a57.arw", "ARW", "SONY", "SLT-A57", 8, (612, 404), "2020-04-27T16:07:56 ? Exif"),
        ("camera/4900zoom.raf", "RAF", "FUJIFILM", "FinePix4900ZOOM", 1, (576, 432), "2003-03-22T16:16:16 ? Exif"),
        ("camera/lc33.rw2", "RW2", "Panasonic", "DMC-LC33", 1, (576, 432), "2004-10-11T18:54:01 ? Exif"),
        ("camera/dc50.kdc", "KDC", "Eastman Kodak Company", "Kodak Digital Science DC50 Zoom Camera", 1, (756, 504), "1994-01-01T14:39:22 ? Exif"),
        ("camera/g2.thm", "THM", "Canon", "Canon PowerShot G2", 1, (160, 120), "2022-01-20T08:16:09 ? Exif"),
        ("camera/iphone12.avif", "AVIF", "Apple", "iPhone 12 Pro", 1, (192, 256), "2022-07-22T21:26:32.092 480 Exif"),
        ("camera/kathmandu.jpg", "JPEG", "-", "-", 1, (1920, 1080), "2024-04-14T02:20:31 345 Exif"),
        ("card/clip.mp4", "MP4", "-", "-", 1, (360, 640), "2023-06-18T08:15:02 0 Quicktime"),
        ("camera/xavc.mp4", "MP4", "-", "-", 1, (1920, 1080), "2026-04-26T09:25:15 0 Quicktime"),
    ];
    for (file, format, make, model, orientation, size, when) in rows {
        let record = record(file);
        assert_eq!(record.format, *format, "{file}");
        assert_eq!((text(&record.make), text(&record.model)), (*make, *model), "{file}");
        assert_eq!(record.orientation, *orientation, "{file}");
        assert_eq!(record.width.zip(record.height), Some(*size), "{file}");
        assert_eq!(taken(&record), *when, "{file}");
    }
}

#[test]
fn lens_exposure_and_serial_are_read() {
    let canon = record("card/1ds3.cr2");
    assert_eq!(text(&canon.lens), "EF50mm f/1.2L USM", "from the maker's own note");
    assert_eq!(text(&canon.serial), "600005");
    let sony = record("camera/a57.arw");
    assert_eq!(text(&sony.lens), "RF24-105mm F4 L IS USM");
    let squirrel = record("card/squirrel.jpg");
    assert_eq!(squirrel.iso, Some(3200));
    assert_eq!(squirrel.aperture, Some(5.6));
    assert_eq!(text(&squirrel.shutter), "1/800");
    assert_eq!(squirrel.focal_length, Some(85.0));
}

#[test]
fn the_film_of_a_motion_photo_is_found() {
    let film = record("card/motion.jpg").film.unwrap();
    assert_eq!(film, Span { start: 131_817, len: 25_506 });
    for still in ["card/field.jpg", "camera/cut.heic", "card/clip.mp4", "camera/g2.thm"] {
        assert_eq!(record(still).film, None, "{still}");
    }
}

#[test]
fn a_short_film_of_the_same_moment_belongs_to_its_photo_even_where_a_mark_was_lost() {
    let apple = |seconds, time: &str, id: Option<&str>| Metadata {
        make: Some("Apple".to_owned()),
        seconds: Some(seconds),
        taken: Some(CaptureTime {
            local: time.parse().unwrap(),
            offset_min: Some(120),
            source: TimeSource::Exif,
        }),
        content_id: id.map(ToOwned::to_owned),
        ..Metadata::empty("a.mov", &[])
    };
    let still = apple(0.0, "2025-06-01T12:00:00", Some("A"));
    let film = |seconds, time, id| apple(seconds, time, id).is_motion_of(&still);
    assert!(film(40.0, "2024-01-01T00:00:00", Some("A")), "the mark is the mark");
    assert!(!film(2.5, "2025-06-01T12:00:00", Some("B")), "and another is another");
    assert!(film(2.5, "2025-06-01T12:00:01", None));
    assert!(!film(2.5, "2025-06-01T12:00:09", None), "another moment");
    assert!(!film(12.0, "2025-06-01T12:00:00", None), "a film of its own");
    let other =
        Metadata { make: Some("Canon".to_owned()), ..apple(2.5, "2025-06-01T12:00:00", None) };
    assert!(!other.is_motion_of(&still), "cameras give films and photos one stem by chance");
}

#[test]
fn places_are_signed_and_in_range() {
    let near = |file: &str, lat: f64, lon: f64| {
        let place = record(file).gps.unwrap();
        assert!(
            (place.lat - lat).abs() < 1e-4 && (place.lon - lon).abs() < 1e-4,
            "{file} {place:?}"
        );
    };
    near("camera/sydney.jpg", -33.855_698, 151.210_381);
    near("card/squirrel.jpg", 37.871_093, -122.256_78);
    near("card/clip.mp4", 48.8584, 2.294_49);
    near("camera/cut.heic", 47.649_606, -122.351_281);
    assert_eq!(record("card/butterfly.jpg").gps, None);
    assert!(Gps::new(90.5, 0.0).is_none() && Gps::new(0.0, f64::NAN).is_none());
}

#[test]
fn words_come_from_xmp_and_a_sidecar_says_them_too() {
    let inside = record("card/squirrel.jpg");
    assert_eq!(inside.xmp.keywords, ["Alvin the Squirrel", "Berkley", "USA"]);
    assert_eq!((inside.xmp.rating, text(&inside.artist)), (Some(3), "Patrik"));
    let beside = record("card/squirrel.jpg.xmp");
    assert_eq!((beside.format, beside.kind), ("XMP", MediaKind::Sidecar));
    assert_eq!(beside.xmp.rating, Some(4));
    assert!(beside.xmp.keywords.contains(&"test".to_owned()));
    assert_eq!(beside.taken.unwrap().source, TimeSource::Xmp);
    assert_eq!(xmp::read(&fixture("card/squirrel.jpg.xmp")), Some(beside.xmp));
}

#[test]
fn no_date_is_made_up() {
    for file in ["camera/blank_date.jpg", "camera/impossible_date.jpg", "camera/traversal.jpg"] {
        let record = record(file);
        assert_eq!(record.taken, None, "{file}");
        let file_time = record.file_time.unwrap();
        assert_eq!(file_time.source, TimeSource::File, "{file}");
        assert_eq!(record.time(), Some(file_time), "it still sorts");
        assert!(record.make.is_some(), "{file}: the rest is still read");
    }
}

#[test]
fn an_orientation_there_is_not_counts_as_upright() {
    let record = record("camera/orientation_9.jpg");
    assert_eq!((record.orientation, record.width, record.height), (1, Some(640), Some(480)));
}

#[test]
fn of_several_pages_the_first_that_is_no_thumbnail_is_the_picture() {
    let directory = |kind: u32, (width, height): (u32, u32), next: u32| {
        let mut out = 3u16.to_le_bytes().to_vec();
        for (tag, value) in [(0xFEu16, kind), (0x100, width), (0x101, height)] {
            out.extend([&tag.to_le_bytes()[..], &4u16.to_le_bytes(), &1u32.to_le_bytes()].concat());
            out.extend(value.to_le_bytes());
        }
        [out, next.to_le_bytes().to_vec()].concat()
    };
    let len = directory(0, (1, 1), 0).len() as u32;
    let pages = [
        b"II*\0\x08\0\0\0".to_vec(),
        directory(1, (160, 120), 8 + len),
        directory(0, (400, 300), 8 + 2 * len),
        directory(0, (900, 800), 0),
    ];
    let record = Metadata::of_bytes("a.tif", &pages.concat());
    assert_eq!((record.width, record.height), (Some(400), Some(300)));
}

#[test]
fn hostile_texts_stay_texts() {
    let record = record("camera/traversal.jpg");
    assert_eq!(text(&record.make), "../../../../tmp/pwn");
    assert_eq!(text(&record.serial), "'; DROP TABLE photos;--");
    let entities = xmp::read(&fixture("camera/entities.xmp"));
    assert_eq!(entities.unwrap().caption, None, "entities are not expanded");
}

#[test]
fn meta_holds_what_is_known_and_nothing_else() {
    let meta = record("camera/sydney.jpg").to_meta();
    assert_eq!(meta["model"], "ILCE-7RM3");
    assert_eq!((&meta["width"], &meta["height"]), (&300.into(), &200.into()));
    assert!(meta["gps"]["lat"].as_f64().unwrap() < -33.0);
    assert!(!meta.contains_key("copyright") && meta.values().all(|value| !value.is_null()));
    let nothing = read(Path::new("/nowhere/at all.jpg"), "at all.jpg").to_meta();
    assert_eq!(nothing.len(), 2, "format and orientation: {nothing:?}");
}

#[test]
fn every_file_survives_being_cut_and_scribbled_on() {
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("copy");
    let mut state = 0x2545_f491_u32;
    for folder in ["card", "camera"] {
        for entry in std::fs::read_dir(fixture("LICENCES.md").with_file_name(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            // Structure lies in the first part; whole raw files would only take time.
            let mut whole = std::fs::read(&path).unwrap();
            whole.truncate(40_000);
            for round in 0..40 {
                let mut bytes = whole.clone();
                for _ in 0..=round {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let at = state as usize % bytes.len().min(4_000);
                    bytes[at] = [0, 0xFF, 0x7F, (state >> 24) as u8][round % 4];
                }
                bytes.truncate(whole.len() * (round + 1) / 40);
                write(&copy, &bytes);
                let start = Instant::now();
                let record = read(&copy, &name);
                assert!(start.elapsed() < Duration::from_secs(2), "{name} {round}");
                assert!((1..=8).contains(&record.orientation), "{name} {round}");
            }
        }
    }
}

#[test]
fn loops_depth_and_great_lengths_cost_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a");
    let boxes = |kind: &[u8; 4]| {
        let one = [&8u32.to_be_bytes(), kind.as_slice()].concat();
        one.repeat(200_000)
    };
    let great =
        [b"\xFF\xFF\xFF\xFFmoov".as_slice(), b"\0\0\0\x01trak\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"]
            .concat();
    let nested: Vec<u8> =
        (0..20_000u32).flat_map(|n| [(160_000 - n * 8).to_be_bytes(), *b"moov"].concat()).collect();
    let cases: [(&str, Vec<u8>); 5] = [
        ("a.mp4", boxes(b"trak")),
        ("a.mp4", nested),
        ("a.heic", great),
        ("a.jpg", [b"\xFF\xD8".as_slice(), &b"\xFF\xE1\x00\x02".repeat(300_000)].concat()),
        (
            "a.png",
            [b"\x89PNG\r\n\x1a\n".as_slice(), &b"\0\0\0\0tEXt\0\0\0\0".repeat(300_000)].concat(),
        ),
    ];
    for (name, bytes) in cases {
        write(&path, &bytes);
        let start = Instant::now();
        let _ = read(&path, name);
        assert!(start.elapsed() < Duration::from_secs(2), "{name}");
    }
    for name in ["camera/loop.jpg", "camera/loop.tiff"] {
        assert!(record(name).width.is_some(), "{name}");
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's own scratch file")]
fn write(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
}
