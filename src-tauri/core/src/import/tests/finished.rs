//! A picture from elsewhere joins the raw photo it was made of, and only that.

use super::*;
use crate::catalog::Query;

/// Of a Nikon D90 that says its model, its number and when.
const RAW: &[u8] = include_bytes!("../../../../../tests/fixtures/card/d90.nef");
const MODEL: &str = "NIKON D90";
const TAKEN: &str = "2021:06:25 10:35:42";
const SERIAL: &str = "000000000001";

/// A JPEG as an editor leaves it: the camera and the time, no more.
fn edited(model: &str, taken: &str) -> Vec<u8> {
    edited_by(model, taken, None)
}

/// The same by an editor that leaves the camera's number too.
fn edited_by(model: &str, taken: &str, serial: Option<&str>) -> Vec<u8> {
    let own: Vec<(u16, &str)> = [(0x9003, Some(taken)), (0xA431, serial)]
        .into_iter()
        .filter_map(|(tag, it)| Some((tag, it?)))
        .collect();
    let entry = |tag: u16, kind: u16, count: usize, value: usize| {
        let mut entry = [tag.to_le_bytes(), kind.to_le_bytes()].concat();
        entry.extend((count as u32).to_le_bytes());
        entry.extend((value as u32).to_le_bytes());
        entry
    };
    // two entries at 8, the camera's own at 38, then the texts, each with its end
    let own_at = 8 + 2 + 2 * 12 + 4;
    let mut words_at = own_at + 2 + own.len() * 12 + 4;
    let mut words = Vec::new();
    let mut word = |text: &str| {
        let (at, len) = (words_at, text.len() + 1);
        words.extend([text.as_bytes(), b"\0"].concat());
        words_at += len;
        (len, at)
    };
    let mut tiff = b"II\x2a\0\x08\0\0\0\x02\0".to_vec();
    let (len, at) = word(model);
    tiff.extend(entry(0x0110, 2, len, at));
    tiff.extend(entry(0x8769, 4, 1, own_at));
    tiff.extend([0; 4]);
    tiff.extend([own.len() as u8, 0]);
    for (tag, text) in own {
        let (len, at) = word(text);
        tiff.extend(entry(tag, 2, len, at));
    }
    tiff.extend([0; 4]);
    tiff.extend(words);
    let len = u16::try_from(2 + 6 + tiff.len()).unwrap().to_be_bytes();
    [b"\xff\xd8\xff\xe1".as_slice(), &len, b"Exif\0\0", &tiff, b"\xff\xd9"].concat()
}

/// A desk with a raw photo of these names imported.
fn with_raws(names: &[&str]) -> Desk {
    let desk = Desk::new();
    for (n, name) in names.iter().enumerate() {
        desk.put(name, [RAW, &[n as u8]].concat());
    }
    desk.run(&desk.request(&[]));
    desk
}

/// Imports another folder with this in it, and says how many files each photo has then.
fn after(desk: &Desk, path: &str, bytes: &[u8]) -> Vec<usize> {
    let path = desk.path("exports").join(path);
    files::create_dirs(path.parent().unwrap()).unwrap();
    files::write_new(&path, bytes).unwrap();
    let mut request = Request { source: desk.path("exports"), ..desk.request(&[]) };
    request.directions.iptc.keywords = vec!["delivered".to_owned()];
    assert_eq!(desk.run(&request).imported, 1);
    let photos = desk.catalog.find(&Query::all()).unwrap();
    let mut counts: Vec<usize> =
        photos.into_iter().map(|photo| desk.catalog.files_of(photo).unwrap().len()).collect();
    counts.sort_unstable();
    counts
}

#[test]
fn a_picture_from_elsewhere_joins_the_raw_photo_of_its_name_camera_and_moment() {
    let desk = with_raws(&["DCIM/100X/DSC_0001.NEF"]);
    let photo = desk.catalog.find(&Query::all()).unwrap()[0];
    let raw = desk.catalog.photo(photo).unwrap().unwrap();
    assert_eq!(after(&desk, "dsc_0001.jpg", &edited(MODEL, TAKEN)), [2]);
    let joined = desk.catalog.photo(photo).unwrap().unwrap();
    assert_eq!(joined.lead, raw.lead, "shown as it was");
    assert!(joined.keywords.is_empty(), "what was said of the later import's photos");
    let files = desk.catalog.files_of(photo).unwrap();
    let finished = files.iter().find(|file| file.file != raw.lead).unwrap();
    assert_eq!(finished.replaces, Some(raw.lead));
}

#[test]
fn a_picture_of_another_name_camera_moment_or_of_the_same_card_is_a_photo_of_its_own() {
    for (what, path, bytes) in [
        ("another name", "DSC_0002.JPG", edited(MODEL, TAKEN)),
        ("a name that only begins alike", "DSC_0001-2.JPG", edited(MODEL, TAKEN)),
        ("a name with more to it", "DSC_0001.a.JPG", edited(MODEL, TAKEN)),
        ("another camera", "DSC_0001.JPG", edited("NIKON D91", TAKEN)),
        ("another of the same make", "DSC_0001.JPG", edited_by(MODEL, TAKEN, Some("000000000002"))),
        ("another second", "DSC_0001.JPG", edited(MODEL, "2021:06:25 10:35:43")),
        ("nothing that says when", "DSC_0001.JPG", edited(MODEL, "    :  :     :  :  ")),
        ("nothing that says by what", "DSC_0001.JPG", edited("", TAKEN)),
    ] {
        let desk = with_raws(&["DCIM/100X/DSC_0001.NEF"]);
        assert_eq!(after(&desk, path, &bytes), [1, 1], "{what}");
    }
    let desk = with_raws(&["DCIM/100X/DSC_0001.NEF"]);
    desk.put("DCIM/101X/DSC_0001.JPG", edited(MODEL, TAKEN));
    desk.run(&desk.request(&[]));
    assert_eq!(desk.catalog.find(&Query::all()).unwrap().len(), 2, "of the same card");
}

#[test]
fn a_picture_that_tells_the_cameras_number_joins_the_photo_of_that_number() {
    let desk = with_raws(&["DCIM/100X/DSC_0001.NEF"]);
    assert_eq!(after(&desk, "DSC_0001.JPG", &edited_by(MODEL, TAKEN, Some(SERIAL))), [2]);
}

#[test]
fn of_two_pictures_neither_is_the_others_finished_version() {
    let desk = Desk::new();
    desk.put("DCIM/100X/DSC_0001.JPG", edited(MODEL, TAKEN));
    desk.run(&desk.request(&[]));
    let other = [edited(MODEL, TAKEN), b"other".to_vec()].concat();
    assert_eq!(after(&desk, "DSC_0001.JPG", &other), [1, 1]);
}
