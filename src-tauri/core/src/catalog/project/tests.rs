//! Fields out of anybody's hand: what has not the expected form is not shown, and harms nothing.

use serde_json::{Value, json};

use crate::media::{MediaKind, SubjectId, SubjectKind};

use super::super::fixture::{catalog, exposure, file_id, found, jpeg_of, photo_id, with_photos};
use super::super::{Catalog, Change, ListRow, Order, Query};

fn set(catalog: &Catalog, field: &str, value: Value) {
    catalog.write(&[Change::new(SubjectKind::Photo, photo_id(1)).set(field, value)]).unwrap();
}

fn listed(catalog: &Catalog) -> ListRow {
    catalog.list(&Query::all(), Order::default(), None, None).unwrap().remove(0)
}

#[test]
fn an_exposure_is_shown_as_soon_as_it_has_a_file_and_no_longer() {
    let catalog = catalog();
    let photo = Change::new(SubjectKind::Photo, photo_id(1));
    catalog.write(&[photo.clone().set("rating", 3).set("kw/dance", true)]).unwrap();
    assert!(found(&catalog, "").is_empty(), "an exposure without files is not one yet");
    catalog.record_import(&[exposure(1)], &[]).unwrap();
    assert_eq!(found(&catalog, "keyword:dance rating:3 dance"), [1], "what came before counts");
    catalog.write(&[photo.set(format!("file/{}", file_id(1)), Value::Null)]).unwrap();
    assert!(found(&catalog, "").is_empty());
    assert!(found(&catalog, "dance").is_empty(), "nor is it found by its words");
}

#[test]
fn values_of_the_wrong_form_are_as_good_as_absent() {
    for (field, value) in [
        ("rating", json!(99)),
        ("rating", json!("five")),
        ("rating", json!(-1)),
        ("label", json!(["red"])),
        ("flag", json!("burn")),
        ("trash", json!("yes")),
        ("taken", json!("2025-02-30T00:00:00")),
        ("taken", json!("-000001-01-01T00:00:00")),
        ("taken", json!(20250101)),
        ("offset", json!(99_999)),
        ("kind", json!("hologram")),
        ("shoot", json!("../../etc")),
        ("meta", json!("none")),
        (
            "meta",
            json!({"iso": -5, "aperture": "wide", "width": 1e300, "orientation": 9,
            "gps": {"lat": 91, "lon": 0}, "make": 5, "lens": {"a": 1}}),
        ),
        ("preview", json!({"state": "lovely", "width": -3})),
        ("kw/dance", json!("perhaps")),
        ("kw/", json!(true)),
        ("file/xyz", json!({})),
        (
            "file/0202020202020202",
            json!({"role": "raw", "name": "***", "length": 1, "sha256": "AA"}),
        ),
        ("at/0101010101010101", json!("somewhere")),
    ] {
        let catalog = with_photos(1);
        set(&catalog, field, value.clone());
        let row = listed(&catalog);
        let what = format!("{field} = {value}");
        assert_eq!((row.rating, row.label, row.flag), (0, None, None), "{what}");
        assert_eq!(row.kind, MediaKind::Raw, "{what}");
        assert_eq!(row.files.len(), 1, "{what}");
        assert!(row.keywords.is_empty() && row.gps.is_none() && row.shoot.is_none(), "{what}");
        if field == "meta" {
            assert_eq!((row.iso, row.aperture, row.width), (None, None, None), "{what}");
            assert_eq!((row.orientation, row.make, row.lens), (None, None, None), "{what}");
        }
        if field == "taken" {
            assert_eq!(row.captured_at, None, "{what}");
        }
        if field == "offset" {
            assert_eq!(row.offset, None, "{what}");
        }
        let fields = catalog.photo(photo_id(1)).unwrap().unwrap().fields;
        assert_eq!(fields[field], value, "the subject keeps what came: {what}");
    }
}

#[test]
fn a_path_from_elsewhere_never_leaves_the_library() {
    for path in
        ["../x", "/etc/passwd", "a/../../b", "C:\\x", "c:x", "a\\..\\b", "a//b", "./a", "", "a\0"]
    {
        let catalog = catalog();
        let mut hostile = exposure(1);
        hostile.files[0].path = "ok".into();
        catalog.record_import(&[hostile], &[]).unwrap();
        let mut file =
            catalog.photo(photo_id(1)).unwrap().unwrap().fields["file/0101010101010101"].clone();
        file["path"] = path.into();
        set(&catalog, "file/0101010101010101", file);
        assert_eq!(catalog.files_of(photo_id(1)).unwrap()[0].path, None, "{path:?}");
    }
}

#[test]
fn the_file_marked_as_leading_leads_else_the_most_picture_like() {
    let catalog = catalog();
    let mut pair = exposure(1);
    pair.files[0].lead = false;
    pair.files.insert(0, jpeg_of(1, 0));
    catalog.record_import(&[pair], &[]).unwrap();
    assert_eq!(listed(&catalog).original_name, "IMG_0001.CR3", "raw before its JPEG");
    let mut file =
        catalog.photo(photo_id(1)).unwrap().unwrap().fields["file/0000000000000000"].clone();
    file["lead"] = true.into();
    set(&catalog, "file/0000000000000000", file);
    let row = listed(&catalog);
    assert_eq!(row.original_name, "IMG_0001.JPG");
    assert_eq!(row.files[0].original_name, "IMG_0001.JPG", "the leading file stands first");
}

#[test]
fn previews_from_the_bucket_make_a_photo_ready() {
    let catalog = with_photos(1);
    set(&catalog, "view", json!({"at": ["k", "o"], "width": 2048, "height": 1365}));
    let row = serde_json::to_value(listed(&catalog)).unwrap();
    assert_eq!(row["preview"], json!({"state": "ready", "width": 2048, "height": 1365}));
}

#[test]
fn two_spellings_of_a_keyword_are_one() {
    let catalog = with_photos(1);
    set(&catalog, "kw/dance", json!(true));
    set(&catalog, "kw/Dance", json!(true));
    assert_eq!(listed(&catalog).keywords, ["Dance"]);
}

#[test]
fn a_setting_subject_of_another_id_is_not_ours() {
    let catalog = catalog();
    let stray = SubjectId([1; 16]);
    catalog.write(&[Change::new(SubjectKind::Setting, stray).set("theme", "dark")]).unwrap();
    assert_eq!(catalog.setting("theme").unwrap(), None);
}
