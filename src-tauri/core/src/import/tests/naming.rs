//! Names, numbers, clocks, jobs and fields of imported photos.

use serde_json::json;

use super::*;
use crate::catalog::{FileRow, LastNumbers, PhotoRow, Series};
use crate::media::{ClockCorrection, Role};
use crate::metadata::{IptcFields, xmp};

/// A sidecar that says when its photo was taken, and what a raw developer did to it.
fn developed(taken: &str) -> String {
    format!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF \
         xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' \
         xmlns:exif='http://ns.adobe.com/exif/1.0/' xmlns:xmp='http://ns.adobe.com/xap/1.0/' \
         xmlns:crs='http://ns.adobe.com/camera-raw-settings/1.0/' \
         exif:DateTimeOriginal='{taken}' xmp:Rating='3' crs:Exposure2012='+0.50'/>\
         </rdf:RDF></x:xmpmeta>"
    )
}

impl Desk {
    /// A raw file with a sidecar that gives its time.
    fn put_taken(&self, stem: &str, taken: &str) {
        self.put(&format!("{stem}.CR3"), format!("raw {stem}"));
        self.put(&format!("{stem}.XMP"), developed(taken));
    }

    fn named(&self, template: &str, directions: Directions) -> Request {
        Request { template: template.parse().unwrap(), directions, ..self.request(&[]) }
    }

    fn photo_rows(&self) -> Vec<PhotoRow> {
        self.photos().iter().map(|id| self.catalog.photo(*id).unwrap().unwrap()).collect()
    }

    fn files(&self) -> Vec<FileRow> {
        self.photos().iter().flat_map(|id| self.catalog.files_of(*id).unwrap()).collect()
    }
}

fn wedding(sidecars: Sidecars) -> Directions {
    let text = |text: &str| Some(text.to_owned());
    let iptc = IptcFields {
        creator: text("Ada Müller"),
        copyright: text("© 2026 Ada Müller"),
        city: text("Köln"),
        title: text("Wedding"),
        keywords: vec!["church".into()],
        rating: Some(1),
        ..IptcFields::default()
    };
    Directions { iptc, sidecars, ..Directions::default() }
}

#[test]
fn numbers_go_on_from_import_to_import_and_raw_and_jpeg_share_one() {
    let desk = Desk::new();
    desk.put("a/1.CR3", "raw one");
    desk.put("a/1.JPG", "one");
    desk.put("a/2.JPG", "two");
    let request = desk.named("{seq:4}-{seq_import:2}", Directions::default());
    desk.run(&request);
    assert_eq!(desk.names("library"), ["0001-01.CR3", "0001-01.JPG", "0002-02.JPG"]);
    desk.put("a/3.JPG", "three");
    desk.run(&request);
    assert_eq!(desk.names("library")[3], "0003-01.JPG", "each import counts for itself");
    assert_eq!(desk.catalog.last_number(Series::All).unwrap(), 3);
}

#[test]
fn a_days_numbers_roll_over_at_the_chosen_hour() {
    let desk = Desk::new();
    for (stem, taken) in [
        ("a/1", "2026-05-16T23:50:00"),
        ("a/2", "2026-05-17T03:10:00"),
        ("a/3", "2026-05-17T09:00:00"),
    ] {
        desk.put_taken(stem, taken);
    }
    let night = Directions { day_starts_at_hour: 4, ..Directions::default() };
    let template = "{shoot_date:%d}/{seq_day:2} {date:%d}";
    desk.run(&desk.named(template, night.clone()));
    let raws: Vec<_> =
        desk.names("library").into_iter().filter(|name| name.ends_with("CR3")).collect();
    assert_eq!(raws, ["16/01 16.CR3", "16/02 17.CR3", "17/01 17.CR3"]);
    desk.put_taken("b/4", "2026-05-17T02:00:00");
    desk.run(&desk.named(template, night));
    assert!(desk.names("library").contains(&"16/03 17.CR3".to_owned()), "the night goes on");
}

#[test]
fn a_number_is_never_given_twice_though_a_run_was_killed() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "one");
    desk.put("a/2.JPG", "two");
    let request = desk.named("{original}/{seq:3}", Directions::default());
    // the first run named the second file, and died before the catalogue knew
    let plan = desk.plan(&request);
    let (folders, import) = (plan.folders(), crate::media::ImportId([9; 16]));
    let mut journal =
        journal::Journal::open(&request.library, import, &plan.card, &folders, &plan.roots)
            .unwrap();
    let second = plan.card_files().find(|f| f.path.ends_with("2.JPG")).unwrap();
    let used = LastNumbers::from([(Series::All, 1)]);
    let sums = (crate::media::ContentHash([0; 32]), files::Xxh64(0));
    journal.placing([(second, "2/001.JPG", sums.0, sums.1)].into_iter(), &used).unwrap();
    drop((journal, plan));

    let report = desk.run(&request);
    assert_eq!(counts(&report), (2, 0, 0, 0));
    assert_eq!(desk.names("library"), ["1/002.JPG", "2/001.JPG"]);
    desk.put("a/3.JPG", "three");
    desk.run(&request);
    assert_eq!(desk.names("library")[2], "3/003.JPG");
}

#[test]
fn what_a_killed_run_numbered_is_used_up_for_other_cards_too() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "one");
    let request = desk.named("{seq:3}", Directions::default());
    let plan = desk.plan(&request);
    let import = crate::media::ImportId([9; 16]);
    let folders = plan.folders();
    let mut journal =
        journal::Journal::open(&request.library, import, "another card", &folders, &plan.roots)
            .unwrap();
    let used = LastNumbers::from([(Series::All, 41)]);
    journal.placing(std::iter::empty(), &used).unwrap();
    drop((journal, plan));
    desk.run(&request);
    assert_eq!(desk.names("library"), ["042.JPG"]);
}

#[test]
fn the_numbers_of_an_import_go_on_when_it_is_resumed() {
    let desk = Desk::new();
    for n in 1..=3 {
        desk.put(&format!("a/{n}.JPG"), format!("{n}"));
    }
    let request = desk.named("{original}_{seq_import:2}", Directions::default());
    let plan = desk.plan(&request);
    fs::rename(desk.path("card/a/3.JPG"), desk.path("away")).unwrap();
    let progress = Progress::new();
    let means = Means {
        catalog: &desk.catalog,
        together: &desk.together,
        now: &now,
        progress: &progress,
        computer: "desk",
        on_imported: &quiet,
    };
    assert_eq!(counts(&run(plan, &means).unwrap()), (2, 0, 0, 1));
    fs::rename(desk.path("away"), desk.path("card/a/3.JPG")).unwrap();
    desk.run(&request);
    let names = desk.names("library");
    assert_eq!(names[..2], ["1_01.JPG", "2_02.JPG"]);
    assert!(matches!(names[2].as_str(), "3_03.JPG" | "3_04.JPG"), "a gap is fine: {names:?}");
    let [import] = &desk.catalog.imports().unwrap()[..] else { panic!("one import") };
    assert_eq!(desk.catalog.last_number(Series::Import(import.id)).unwrap(), 0, "it is over");
}

#[test]
fn a_wrong_clock_is_put_right_in_names_and_catalogue_and_can_be_taken_back() {
    let desk = Desk::new();
    desk.put_taken("a/1", "2026-05-16T23:30:00");
    let clock = ClockCorrection {
        shift: "+1h2m3s".parse().unwrap(),
        zone: Some("Europe/Berlin".parse().unwrap()),
    };
    let directions = Directions { clock, ..Directions::default() };
    let before = desk.tree("card");
    desk.run(&desk.named("{date} {time}/{original}", directions));
    assert_eq!(desk.names("library"), ["2026-05-17 003203/1.CR3", "2026-05-17 003203/1.XMP"]);
    assert_eq!(
        desk.tree("library").into_values().collect::<Vec<_>>(),
        before.into_values().collect::<Vec<_>>(),
        "no original is changed"
    );
    let [photo] = &desk.photo_rows()[..] else { panic!("one photo") };
    assert_eq!(photo.taken.unwrap().to_string(), "2026-05-17T00:32:03");
    assert_eq!(photo.offset_min, Some(120));
    let said = json!({"said": "2026-05-16T23:30:00", "shift": "+1h2m3s", "zone": "Europe/Berlin"});
    assert_eq!(photo.fields["clock"], said);

    let back = crate::catalog::Edit {
        clock: Some(ClockCorrection::default()),
        ..crate::catalog::Edit::default()
    };
    desk.catalog.edit_photos(&[photo.id], &back).unwrap();
    let [photo] = &desk.photo_rows()[..] else { panic!("one photo") };
    assert_eq!(photo.taken.unwrap().to_string(), "2026-05-16T23:30:00");
    assert_eq!((photo.offset_min, photo.fields.get("clock")), (None, None));
}

#[test]
fn a_job_code_names_folders_and_the_shoot() {
    let desk = Desk::new();
    desk.put("a/1.JPG", "one");
    let directions = Directions { job: Some("W-2026-04".into()), ..Directions::default() };
    desk.run(&desk.named("{job}/{original}", directions));
    assert_eq!(desk.names("library"), ["W-2026-04/1.JPG"]);
    let [shoot] = &desk.catalog.shoots().unwrap()[..] else { panic!("one shoot") };
    assert_eq!((shoot.name.as_str(), shoot.job.as_deref()), ("W-2026-04", Some("W-2026-04")));
    assert_eq!(desk.catalog.find(&"job:w-2026-04".parse().unwrap()).unwrap().len(), 1);
}

#[test]
fn fields_are_in_the_catalogue_and_beside_raw_files() {
    let desk = Desk::new();
    desk.put("a/1.CR3", "raw");
    desk.put("a/1.JPG", "image");
    desk.put("a/2.JPG", "other image");
    let request = desk.named("{original}", wedding(Sidecars::Raw));
    let report = desk.run(&request);
    assert_eq!((counts(&report), report.sidecars), ((3, 0, 0, 0), 1), "{report:?}");
    assert!(report.is_clean());
    assert_eq!(desk.names("library"), ["1.CR3", "1.JPG", "1.xmp", "2.JPG"]);
    let written = xmp::read(&desk.path("library/1.xmp")).unwrap();
    assert_eq!(written.artist.as_deref(), Some("Ada Müller"));
    assert_eq!((written.title.as_deref(), written.rating), (Some("Wedding"), Some(1)));
    for photo in desk.photo_rows() {
        assert_eq!(photo.fields["iptc/copyright"], "© 2026 Ada Müller");
        assert_eq!((photo.title.as_deref(), photo.rating), (Some("Wedding"), 1));
        assert!(!photo.fields.contains_key("sidecar"), "nothing waits");
    }
    let found = |query: &str| desk.catalog.find(&query.parse().unwrap()).unwrap().len();
    assert_eq!((found("müller"), found("köln"), found("keyword:church")), (2, 2, 2));

    let its = desk.files();
    let ours = its.iter().find(|file| file.name == b"1.xmp").unwrap();
    assert_eq!((ours.role, ours.replaces), (Role::Sidecar, None));
    assert!(desk.catalog.not_in_cloud(9).unwrap().iter().any(|f| f.file == ours.file));
    let again = desk.run(&request);
    assert_eq!((counts(&again), again.sidecars), ((0, 3, 0, 0), 0));
    assert_eq!(desk.names("library").len(), 4);
}

#[test]
fn a_sidecar_from_the_card_is_kept_as_it_was_and_held_by_ours() {
    let desk = Desk::new();
    desk.put_taken("a/IMG_1", "2026-05-16T14:00:00");
    let card = desk.tree("card");
    let request = Request {
        mirrors: vec![desk.path("mirror")],
        ..desk.named("{original}", wedding(Sidecars::Raw))
    };
    let report = desk.run(&request);
    assert_eq!((counts(&report), report.sidecars), ((2, 0, 0, 0), 1));
    let library = desk.tree("library");
    assert_eq!(library.keys().collect::<Vec<_>>(), ["IMG_1.CR3", "IMG_1.card.XMP", "IMG_1.xmp"]);
    assert_eq!(library["IMG_1.card.XMP"], card["a/IMG_1.XMP"]);
    assert_eq!(desk.tree("mirror"), library, "the mirror has all of it");
    let ours = xmp::parse(&library["IMG_1.xmp"]).unwrap();
    assert_eq!((ours.artist.as_deref(), ours.rating), (Some("Ada Müller"), Some(3)));
    assert!(String::from_utf8_lossy(&library["IMG_1.xmp"]).contains("crs:Exposure2012"));
    let [photo] = &desk.photo_rows()[..] else { panic!("one photo") };
    assert_eq!(photo.rating, 3, "what was said of this photo goes before what is said of all");

    let files = desk.files();
    let of = |name: &[u8]| files.iter().find(|file| file.name == name).unwrap();
    assert_eq!(of(b"IMG_1.xmp").replaces, Some(of(b"IMG_1.XMP").file));
    let again = desk.run(&request);
    assert_eq!((counts(&again), again.sidecars), ((0, 2, 0, 0), 0), "the card is known");
    assert_eq!(desk.tree("library"), library);
}

#[test]
fn others_get_sidecars_only_where_that_is_asked_for() {
    let desk = Desk::new();
    desk.put("a/1.CR3", "raw");
    desk.put("a/1.JPG", "image");
    desk.put("a/2.JPG", "other image");
    desk.put("a/2.JPG.xmp", developed("2026-05-16T14:00:00"));
    desk.put("a/notes.bin", "what is this");
    let report = desk.run(&desk.named("{original}", wedding(Sidecars::All)));
    assert_eq!(report.sidecars, 3, "{report:?}");
    assert_eq!(
        desk.names("library"),
        [
            "1.CR3",
            "1.JPG",
            "1.JPG.xmp",
            "1.xmp",
            "2.JPG",
            "2.JPG.card.xmp",
            "2.JPG.xmp",
            "notes.bin"
        ]
    );
    let none = Desk::new();
    none.put("a/1.CR3", "raw");
    let report = none.run(&none.named("{original}", wedding(Sidecars::None)));
    assert_eq!((report.sidecars, none.names("library")), (0, vec!["1.CR3".to_owned()]));
    assert_eq!(none.photo_rows()[0].fields["iptc/creator"], "Ada Müller");
}

#[test]
fn sidecars_of_a_run_that_was_stopped_are_written_by_the_next_without_being_told_again() {
    let desk = Desk::new();
    desk.put("a/1.CR3", "raw");
    desk.put("a/2.CR3", "another");
    let request = desk.named("{original}", wedding(Sidecars::Raw));
    let progress = Progress::new();
    // stopped once every photo is known and before any sidecar is written
    let known = AtomicU32::new(0);
    let stop = |_: &Arrival| {
        if known.fetch_add(1, Ordering::Relaxed) == 1 {
            progress.cancel();
        }
    };
    let plan = desk.plan(&request);
    let means = Means {
        catalog: &desk.catalog,
        together: &desk.together,
        now: &now,
        progress: &progress,
        computer: "desk",
        on_imported: &stop,
    };
    let report = run(plan, &means).unwrap();
    assert_eq!((report.imported, report.sidecars, report.cancelled), (2, 0, true));
    // and one was written whose record was lost
    let fields = IptcFields { rating: Some(1), ..wedding(Sidecars::Raw).iptc };
    fs::write(desk.path("library/1.xmp"), xmp::merge(None, &fields, now()).unwrap()).unwrap();

    let report = desk.run(&desk.named("{original}", Directions::default()));
    assert_eq!((counts(&report), report.sidecars), ((0, 2, 0, 0), 2), "{report:?}");
    assert!(report.is_clean());
    assert_eq!(desk.names("library"), ["1.CR3", "1.xmp", "2.CR3", "2.xmp"]);
}

#[test]
fn a_sidecar_never_takes_the_place_of_somebody_elses() {
    let desk = Desk::new();
    fs::write(desk.path("library/IMG_1.xmp"), "the user's own").unwrap();
    desk.put("a/IMG_1.CR3", "raw");
    let report = desk.run(&desk.named("{original}", wedding(Sidecars::Raw)));
    assert_eq!((report.imported, report.sidecars), (1, 1));
    assert_eq!(desk.names("library"), ["IMG_1-2.CR3", "IMG_1-2.xmp", "IMG_1.xmp"]);
    assert_eq!(fs::read(desk.path("library/IMG_1.xmp")).unwrap(), b"the user's own");
}

#[test]
fn a_sample_shows_what_a_template_makes_of_the_first_photo() {
    let desk = Desk::new();
    desk.put_taken("DCIM/100/IMG_7", "2026-05-16T14:00:00");
    let request =
        desk.named("{shoot_date:%Y}/{original}_{seq:3}.{ext:lower}", Directions::default());
    let shown = sample(&request, &desk.catalog, &Progress::new()).unwrap();
    assert_eq!(shown.path, "DCIM/100/IMG_7.CR3");
    assert_eq!(shown.to, "2026/IMG_7_001.cr3");
    let anywhere = Request { source: PathBuf::new(), ..request };
    let shown = sample(&anywhere, &desk.catalog, &Progress::new()).unwrap();
    assert_eq!(shown.to, "2026/IMG_0001_001.cr3", "it takes no number");
    assert!(desk.names("library").is_empty());
}
