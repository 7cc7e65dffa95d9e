//! XMP sidecars between this program and others: what they wrote is read, what we write they read,
//! nothing of theirs is lost, and what they changed is asked about.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::program::{Computer, Place, files_below};
use crate::support::readers::{canonical, exiftool, exiftool_set, exiv2, exiv2_set};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A card with these files, imported.
fn imported(place: &Place, files: &[(&str, &[u8])]) -> Computer {
    let card = place.path("card/DCIM/100TEST");
    fs::create_dir_all(&card).unwrap();
    for (name, bytes) in files {
        fs::write(card.join(name), bytes).unwrap();
    }
    let computer = place.computer("one");
    computer.init();
    computer.import(&place.path("card"), "Sidecars");
    computer
}

fn raw() -> Vec<u8> {
    fs::read(fixture("card/rp.cr3")).unwrap()
}

/// The one photo there is.
fn photo(computer: &Computer) -> Value {
    let mut rows = computer.lines(&["list"]);
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}

fn in_library(computer: &Computer, name: &str) -> PathBuf {
    let found = files_below(&computer.library).into_iter().find(|path| path.ends_with(name));
    computer.library.join(found.unwrap_or_else(|| panic!("the library has no {name}")))
}

/// As Lightroom Classic writes them: attributes, a mask's worth of settings, a history.
const LIGHTROOM: &str = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0-c000 1.000000, 0000/00/00-00:00:00        ">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
    xmlns:exif="http://ns.adobe.com/exif/1.0/"
    xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
    xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
    xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
   xmp:Rating="4"
   xmp:Label="Red"
   xmp:MetadataDate="2024-06-18T10:15:02+02:00"
   exif:GPSLatitude="48,51.504N"
   exif:GPSLongitude="2,17.669400E"
   photoshop:City="Paris"
   crs:Exposure2012="+0.50"
   crs:HasCrop="False">
   <dc:subject><rdf:Bag><rdf:li>Ann</rdf:li><rdf:li>cake</rdf:li></rdf:Bag></dc:subject>
   <lr:hierarchicalSubject><rdf:Bag><rdf:li>People|Family|Ann</rdf:li><rdf:li>cake</rdf:li></rdf:Bag></lr:hierarchicalSubject>
   <dc:description><rdf:Alt><rdf:li xml:lang="x-default">First line&#xA;second line</rdf:li></rdf:Alt></dc:description>
   <dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© Ada Müller</rdf:li></rdf:Alt></dc:rights>
   <xmpMM:History><rdf:Seq><rdf:li stEvt:action="saved" stEvt:changed="/metadata"/></rdf:Seq></xmpMM:History>
   <crs:ToneCurvePV2012><rdf:Seq><rdf:li>0, 0</rdf:li><rdf:li>255, 255</rdf:li></rdf:Seq></crs:ToneCurvePV2012>
   <crs:MaskGroupBasedCorrections><rdf:Seq><rdf:li><rdf:Description crs:What="Correction" crs:CorrectionName="Mask &lt;1&gt; &amp; more">
     <crs:CorrectionMasks><rdf:Seq><rdf:li crs:What="Mask/Image" crs:MaskDigest="A1"/><rdf:li><rdf:Description crs:What="Mask/Paint">
      <crs:Dabs><rdf:Seq><rdf:li>d 0.5 0.25</rdf:li></rdf:Seq></crs:Dabs></rdf:Description></rdf:li></rdf:Seq></crs:CorrectionMasks>
    </rdf:Description></rdf:li></rdf:Seq></crs:MaskGroupBasedCorrections>
   <crs:Look rdf:parseType="Resource"><crs:Name>Adobe Color</crs:Name><crs:Parameters rdf:parseType="Resource"><crs:Version>15.0</crs:Version></crs:Parameters></crs:Look>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"#;

/// As darktable writes them, beside `IMG_1.CR3` as `IMG_1.CR3.xmp`.
const DARKTABLE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:darktable="http://darktable.sf.net/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
   xmp:Rating="2"
   xmp:MetadataDate="2025-01-01T00:00:00Z"
   darktable:xmp_version="5"
   darktable:raw_params="0">
   <dc:subject><rdf:Seq><rdf:li>Ann</rdf:li><rdf:li>Rome</rdf:li></rdf:Seq></dc:subject>
   <lr:hierarchicalSubject><rdf:Seq><rdf:li>Places|Italy|Rome</rdf:li></rdf:Seq></lr:hierarchicalSubject>
   <darktable:colorlabels><rdf:Seq><rdf:li>2</rdf:li></rdf:Seq></darktable:colorlabels>
   <darktable:history><rdf:Seq><rdf:li darktable:num="0" darktable:operation="exposure" darktable:params="00"/></rdf:Seq></darktable:history>
   <darktable:masks_history><rdf:Seq><rdf:li darktable:mask_num="1" darktable:mask_points="gz04eJxjYGBg&#x41;" darktable:mask_name="path #1"/></rdf:Seq></darktable:masks_history>
   <!-- nobody's --><darktable:iop_order_list>rawprepare,0,
 demosaic,0</darktable:iop_order_list>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"#;

/// As digiKam writes them.
const DIGIKAM: &str = r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:digiKam="http://www.digikam.org/ns/1.0/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
   digiKam:ColorLabel="4" digiKam:PickLabel="3" xmp:Rating="5">
   <digiKam:TagsList><rdf:Seq><rdf:li>People/Ann</rdf:li><rdf:li>dance</rdf:li></rdf:Seq></digiKam:TagsList>
   <digiKam:CaptionsAuthorNames><rdf:Alt><rdf:li xml:lang="x-default">Ada</rdf:li></rdf:Alt></digiKam:CaptionsAuthorNames>
   <dc:subject><rdf:Bag><rdf:li>Ann</rdf:li><rdf:li>dance</rdf:li></rdf:Bag></dc:subject>
   <mwg-rs:Regions xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" rdf:parseType="Resource">
    <mwg-rs:AppliedToDimensions stDim:w="6240" stDim:h="4160" stDim:unit="pixel"/>
    <mwg-rs:RegionList><rdf:Bag><rdf:li><rdf:Description mwg-rs:Name="Ann" mwg-rs:Type="Face"><mwg-rs:Area stArea:x="0.5" stArea:y="0.25" stArea:w="0.1" stArea:h="0.2" stArea:unit="normalized"/></rdf:Description></rdf:li></rdf:Bag></mwg-rs:RegionList>
   </mwg-rs:Regions>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"#;

#[test]
fn sidecars_of_lightroom_darktable_and_digikam_are_read() {
    for (sidecar, name, expected) in [
        (
            LIGHTROOM,
            "IMG_1.xmp",
            json!({
                "rating": 4, "label": "Red", "keywords": ["Ann", "cake"],
                "keyword_paths": ["People|Family|Ann"], "caption": "First line\nsecond line",
                "iptc": {"copyright": "© Ada Müller", "city": "Paris"},
            }),
        ),
        (
            DARKTABLE,
            "IMG_1.CR3.xmp",
            json!({
                "rating": 2, "label": "Green", "keywords": ["Ann", "Rome"],
                "keyword_paths": ["Places|Italy|Rome"],
            }),
        ),
        (
            DIGIKAM,
            "IMG_1.CR3.xmp",
            json!({
                "rating": 5, "label": "Green", "flag": "pick", "keywords": ["Ann", "dance"],
                "keyword_paths": ["People|Ann"],
            }),
        ),
    ] {
        let place = Place::new();
        let computer = imported(&place, &[("IMG_1.CR3", &raw()), (name, sidecar.as_bytes())]);
        let row = photo(&computer);
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(row[field], *value, "{name} {field}");
        }
        assert_eq!(row["sidecar_conflicts"], json!([]));
    }
}

#[test]
fn of_two_sidecars_the_one_changed_last_wins_and_the_other_is_shown() {
    let place = Place::new();
    let files: [(&str, &[u8]); 3] = [
        ("IMG_1.CR3", &raw()),
        ("IMG_1.xmp", LIGHTROOM.as_bytes()),
        ("IMG_1.CR3.xmp", DARKTABLE.as_bytes()),
    ];
    let row = photo(&imported(&place, &files));
    assert_eq!((&row["rating"], &row["label"]), (&json!(2), &json!("Green")), "darktable was last");
    assert_eq!(row["caption"], "First line\nsecond line", "darktable says nothing of it");
    let conflicts = row["sidecar_conflicts"].as_array().unwrap();
    assert!(
        conflicts.contains(&json!({ "field": "rating", "taken": 2, "left": 4 })),
        "{conflicts:?}"
    );
}

#[test]
fn what_the_catalogue_says_other_programs_read() {
    let place = Place::new();
    let computer = imported(&place, &[("IMG_1.CR3", &raw()), ("IMG_1.xmp", LIGHTROOM.as_bytes())]);
    computer.json(&[
        "tag",
        "rating>=0",
        "--rating",
        "5",
        "--label",
        "Blue",
        "--keyword",
        "Places|Rome",
        "--keyword",
        "-cake",
        "--title",
        "The <bride> & \"groom\"",
        "--caption",
        "Zwölf\nZeilen",
        "--clock-shift",
        "+1h",
        "--zone",
        "+02:00",
    ]);
    let written = computer.json(&["sidecars", "write"]);
    assert_eq!((&written["written"], &written["failed"]), (&json!(1), &json!([])), "{written}");
    let sidecar = in_library(&computer, "IMG_1.xmp");
    let row = photo(&computer);

    let read = exiftool(&sidecar);
    assert_eq!(read["XMP-xmp:Rating"], 5);
    assert_eq!(read["XMP-xmp:Label"], "Blue");
    assert_eq!(read["XMP-dc:Subject"], json!(["Ann", "Rome"]));
    assert_eq!(read["XMP-lr:HierarchicalSubject"], json!(["People|Family|Ann", "Places|Rome"]));
    assert_eq!(read["XMP-dc:Title"], "The <bride> & \"groom\"");
    assert_eq!(read["XMP-dc:Description"], "Zwölf\nZeilen");
    assert_eq!(read["XMP-dc:Rights"], "© Ada Müller");
    let lat = read["XMP-exif:GPSLatitude"].as_f64().unwrap();
    assert!((lat - 48.8584).abs() < 1e-6, "{lat}");
    let taken = row["captured_at"].as_str().unwrap().replacen('-', ":", 2).replace('T', " ");
    let time = read["XMP-exif:DateTimeOriginal"].as_str().unwrap();
    assert!(time.starts_with(&taken) && time.ends_with("+02:00"), "{time}, not {taken}");
    // not ours, and still there
    assert_eq!(read["XMP-crs:Exposure2012"], "+0.50");
    assert!(read["XMP-xmpMM:HistoryAction"].to_string().contains("saved"), "{read}");

    let exiv2 = |key: &str| exiv2(&sidecar, key);
    assert_eq!(exiv2("Xmp.xmp.Rating").as_deref(), Some("5"));
    assert_eq!(exiv2("Xmp.xmp.Label").as_deref(), Some("Blue"));
    assert_eq!(exiv2("Xmp.dc.subject").as_deref(), Some("Ann, Rome"));
    assert_eq!(exiv2("Xmp.crs.Exposure2012").as_deref(), Some("+0.50"));
    assert_eq!(exiv2("Xmp.dc.rights").as_deref(), Some("lang=\"x-default\" © Ada Müller"));

    let again = computer.json(&["sidecars", "write"]);
    assert_eq!((&again["written"], &again["unchanged"]), (&json!(0), &json!(1)), "{again}");
    assert_eq!(photo(&computer)["copies"]["library"], true);
}

/// What this program sets; everything else in a sidecar is somebody else's.
fn ours() -> Vec<String> {
    let of = |namespace: &str, names: &str| -> Vec<String> {
        names.split(' ').map(|name| format!("{{http://{namespace}}}{name}")).collect()
    };
    [
        of("ns.adobe.com/xap/1.0/", "Rating Label MetadataDate"),
        of("purl.org/dc/elements/1.1/", "subject title description"),
        of("ns.adobe.com/lightroom/1.0/", "hierarchicalSubject"),
        of("www.digikam.org/ns/1.0/", "TagsList ColorLabel PickLabel"),
        of("darktable.sf.net/", "colorlabels"),
    ]
    .concat()
}

#[test]
fn what_is_none_of_ours_is_the_same_canonical_xml_afterwards() {
    let real = fs::read_to_string(fixture("card/squirrel.jpg.xmp")).unwrap();
    for (sidecar, name, most) in [
        (LIGHTROOM, "IMG_1.xmp", 10),
        (DARKTABLE, "IMG_1.CR3.xmp", 5),
        (DIGIKAM, "IMG_1.CR3.xmp", 2),
        (&real, "IMG_1.xmp", 50),
    ] {
        let place = Place::new();
        let theirs = place.path("theirs.xmp");
        fs::write(&theirs, sidecar).unwrap();
        let computer = imported(&place, &[("IMG_1.CR3", &raw()), (name, sidecar.as_bytes())]);
        computer.json(&[
            "tag",
            "rating>=0",
            "--rating",
            "1",
            "--label",
            "Yellow",
            "--keyword",
            "People|Bea",
            "--keyword",
            "-Ann",
            "--title",
            "A <title>",
            "--caption",
            "Zwölf\nZeilen",
        ]);
        assert_eq!(computer.json(&["sidecars", "write"])["written"], 1, "{name}");
        let written = in_library(&computer, name);
        let before = canonical(&theirs, &ours());
        assert!(before.len() >= most, "{name} has much to lose: {}", before.len());
        assert_eq!(canonical(&written, &ours()), before, "{name}");
        // and once more, from what was written
        computer.json(&["tag", "rating>=0", "--rating", "5", "--keyword", "-Bea"]);
        assert_eq!(computer.json(&["sidecars", "write"])["written"], 1, "{name}");
        assert_eq!(canonical(&written, &ours()), before, "{name}");
        assert_eq!(exiftool(&written)["XMP-xmp:Rating"], 5, "ours are set beside them");
    }
}

#[test]
fn a_photo_without_raw_gets_its_sidecar_only_when_asked() {
    let place = Place::new();
    let jpeg = fs::read(fixture("camera/sydney.jpg")).unwrap();
    let computer = imported(&place, &[("IMG_1.JPG", &jpeg)]);
    computer.json(&["tag", "rating>=0", "--rating", "3"]);
    assert_eq!(computer.json(&["sidecars", "write"])["written"], 0);
    assert_eq!(computer.json(&["sidecars", "write", "--all"])["written"], 1);
    let sidecar = in_library(&computer, "IMG_1.JPG.xmp");
    let read = exiftool(&sidecar);
    assert_eq!(read["XMP-xmp:Rating"], 3);
    let (lat, lon) = (&read["XMP-exif:GPSLatitude"], &read["XMP-exif:GPSLongitude"]);
    assert!((lat.as_f64().unwrap() + 33.855_698).abs() < 1e-5, "{lat}");
    assert!((lon.as_f64().unwrap() - 151.210_381).abs() < 1e-5, "{lon}");
    let original = fs::read(in_library(&computer, "IMG_1.JPG")).unwrap();
    assert_eq!(original, jpeg, "originals are never changed");
}

#[test]
fn a_sidecar_another_program_changed_is_asked_about() {
    let place = Place::new();
    let computer = imported(&place, &[("IMG_1.CR3", &raw()), ("IMG_1.xmp", LIGHTROOM.as_bytes())]);
    let sidecar = in_library(&computer, "IMG_1.xmp");
    let calm = computer.json(&["sidecars", "check"]);
    assert_eq!((&calm["sidecars"], &calm["changed"]), (&json!(1), &json!([])), "{calm}");

    exiftool_set(&sidecar, &["-XMP-xmp:Rating=2", "-XMP-crs:Contrast2012=+25"]);
    let asked = computer.json_with(&["sidecars", "check"], &[1]);
    let changed = &asked["changed"][0];
    assert_eq!(changed["because"], "changed", "{asked}");
    assert_eq!(changed["differences"], json!([{ "field": "rating", "ours": 4, "theirs": 2 }]));
    assert_eq!(photo(&computer)["rating"], 4, "asking changes nothing");
    let refused = computer.json_with(&["sidecars", "write"], &[1]);
    assert_eq!(refused["written"], 0, "nor is it written over: {refused}");

    computer.json(&["sidecars", "check", "--take", "theirs"]);
    assert_eq!(photo(&computer)["rating"], 2);
    assert_eq!(computer.json(&["sidecars", "check"])["changed"], json!([]));

    exiv2_set(&sidecar, "set Xmp.xmp.Rating 1");
    computer.json(&["sidecars", "check", "--take", "ours"]);
    assert_eq!(exiv2(&sidecar, "Xmp.xmp.Rating").as_deref(), Some("2"));
    let read = exiftool(&sidecar);
    assert_eq!(read["XMP-crs:Contrast2012"], "+25", "what they changed beside it stays");
    assert_eq!(read["XMP-crs:Exposure2012"], "+0.50");
    assert_eq!(computer.json(&["sidecars", "check"])["changed"], json!([]));
    let row = photo(&computer);
    assert_eq!(
        (row["files"].as_array().unwrap().len(), &row["copies"]["library"]),
        (2, &json!(true))
    );
}

#[test]
fn a_sidecar_that_appears_beside_a_photo_is_noticed() {
    let place = Place::new();
    let computer = imported(&place, &[("IMG_1.CR3", &raw())]);
    let beside = in_library(&computer, "IMG_1.CR3").with_extension("xmp");
    fs::write(&beside, LIGHTROOM).unwrap();
    let asked = computer.json_with(&["sidecars", "check"], &[1]);
    assert_eq!(asked["changed"][0]["because"], "new", "{asked}");
    computer.json(&["sidecars", "check", "--take", "theirs"]);
    let row = photo(&computer);
    assert_eq!((&row["rating"], &row["keywords"]), (&json!(4), &json!(["Ann", "cake"])));
    assert_eq!(row["keyword_paths"], json!(["People|Family|Ann"]));
    assert!((row["gps"]["lat"].as_f64().unwrap() - 48.8584).abs() < 1e-6, "{row}");
    assert_eq!(row["files"].as_array().unwrap().len(), 2, "it is the photo's from now on");
    assert_eq!(computer.json(&["sidecars", "check"])["changed"], json!([]));

    fs::write(&beside, "no XMP at all").unwrap();
    let asked = computer.json_with(&["sidecars", "check", "--take", "ours"], &[1]);
    assert_eq!(asked["changed"][0]["because"], "unreadable", "{asked}");
    assert_eq!(fs::read(&beside).unwrap(), b"no XMP at all", "what cannot be merged with stays");
}

#[test]
fn an_export_never_gives_out_the_sidecar_from_before_another_program_wrote_it() {
    let place = Place::new();
    let computer = imported(&place, &[("IMG_1.CR3", &raw())]);
    let mirror = place.path("mirror");
    computer.json(&["tag", "rating>=0", "--rating", "2"]);
    assert_eq!(computer.json(&["sidecars", "write"])["written"], 1);
    assert_eq!(computer.says(&["mirror", "add", mirror.to_str().unwrap()]).code, Some(0));
    computer.json(&["mirror", "sync"]);
    fs::write(in_library(&computer, "IMG_1.xmp"), LIGHTROOM).unwrap();

    let to = place.path("out");
    let export = ["export", "--to", to.to_str().unwrap()];
    let done = computer.json_with(&export, &[1]);
    assert_eq!((&done["exported"], &done["failed"][0]["path"]), (&json!(1), &json!("IMG_1.xmp")));
    assert!(done["failed"][0]["reason"].as_str().unwrap().contains("sidecars check"), "{done}");
    assert!(!to.join("IMG_1.xmp").exists());

    computer.json(&["sidecars", "check", "--take", "theirs"]);
    assert_eq!(computer.json(&export)["failed"], json!([]));
    assert_eq!(fs::read_to_string(to.join("IMG_1.xmp")).unwrap(), LIGHTROOM);
}
