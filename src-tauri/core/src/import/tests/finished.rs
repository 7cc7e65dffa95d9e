//! A picture from elsewhere joins the photo it was made of, and only that.

use super::*;
use crate::catalog::Query;

/// Of a camera that says its model and when.
const TENT: &[u8] = include_bytes!("../../../../../tests/fixtures/card/tent.jpg");
const FIELD: &[u8] = include_bytes!("../../../../../tests/fixtures/card/field.jpg");
const UNDATED: &[u8] = include_bytes!("../../../../../tests/fixtures/card/chart_nodate.jpg");

/// As an editor leaves it: other bytes, the same facts.
fn edited(picture: &[u8]) -> Vec<u8> {
    [picture, b"edited"].concat()
}

/// Imports another folder, and says how many files each photo has then.
fn after(desk: &Desk, exports: &[(&str, &[u8])]) -> Vec<usize> {
    for (path, bytes) in exports {
        let path = desk.path("exports").join(path);
        files::create_dirs(path.parent().unwrap()).unwrap();
        files::write_new(&path, bytes).unwrap();
    }
    let request = Request { source: desk.path("exports"), ..desk.request(&[]) };
    assert_eq!(desk.run(&request).imported, exports.len() as u64);
    let photos = desk.catalog.find(&Query::all()).unwrap();
    photos.into_iter().map(|photo| desk.catalog.files_of(photo).unwrap().len()).collect()
}

#[test]
fn a_picture_from_elsewhere_joins_the_photo_of_its_name_camera_and_second() {
    let desk = Desk::new();
    desk.put("DCIM/100X/P4250001.JPG", TENT);
    desk.run(&desk.request(&[]));
    let photo = desk.catalog.find(&Query::all()).unwrap()[0];
    let shown_by = desk.catalog.photo(photo).unwrap().unwrap().lead;
    assert_eq!(after(&desk, &[("p4250001.jpg", &edited(TENT))]), [2]);
    assert_eq!(desk.catalog.photo(photo).unwrap().unwrap().lead, shown_by, "shown as it was");
    let files = desk.catalog.files_of(photo).unwrap();
    let finished = files.iter().find(|file| file.file != shown_by).unwrap();
    assert_eq!(finished.replaces, Some(shown_by));
}

#[test]
fn a_picture_of_another_name_camera_or_card_is_a_photo_of_its_own() {
    for (what, path, bytes) in [
        ("another name", "P4250002.JPG", edited(TENT)),
        ("a name that only begins alike", "P4250001-2.JPG", edited(TENT)),
        ("another camera", "P4250001.JPG", edited(FIELD)),
        ("nothing that says when", "P4250001.JPG", edited(UNDATED)),
    ] {
        let desk = Desk::new();
        desk.put("DCIM/100X/P4250001.JPG", TENT);
        desk.run(&desk.request(&[]));
        assert_eq!(after(&desk, &[(path, &bytes)]), [1, 1], "{what}");
    }
    let desk = Desk::new();
    desk.put("DCIM/100X/P4250001.JPG", TENT);
    desk.run(&desk.request(&[]));
    desk.put("DCIM/101X/P4250001.JPG", edited(TENT));
    desk.run(&desk.request(&[]));
    assert_eq!(desk.catalog.find(&Query::all()).unwrap().len(), 2, "of the same card");
}
