//! What each term finds, what is refused and how, and that nothing typed reaches the SQL.

use crate::media::PhotoId;

use super::super::fixture::{
    catalog, exposure, file_id, found, in_shoot, jpeg_of, photo_id, with_photos,
};
use super::super::{Catalog, CatalogError, Edit, Flag, Preview, PreviewState, Query};

fn edit(catalog: &Catalog, photo: u8, edit: Edit) {
    catalog.edit_photos(&[photo_id(photo)], &edit).unwrap();
}

fn rate(catalog: &Catalog, photo: u8, stars: u8) {
    edit(catalog, photo, Edit { rating: Some(stars), ..Edit::default() });
}

#[test]
fn numbers_compare_with_every_operator() {
    let catalog = with_photos(5);
    for n in 1..=5 {
        rate(&catalog, n, n - 1);
    }
    for (query, expected) in [
        ("rating>=3", &[4, 5][..]),
        ("rating>3", &[5]),
        ("rating<=1", &[1, 2]),
        ("rating<1", &[1]),
        ("rating:0", &[1]),
        ("rating=4", &[5]),
        ("rating:1..3", &[2, 3, 4]),
        ("-rating>=1", &[1]),
        ("iso>=300", &[3, 4, 5]),
        ("ISO:200", &[2]),
        ("iso:..200", &[1, 2]),
        ("aperture:2.8", &[1, 2, 3, 4, 5]),
        ("aperture<2.8", &[]),
        ("aperture:f/2.8 focal:85mm", &[1, 2, 3, 4, 5]),
        ("size>=3K", &[3, 4, 5]),
        ("width>=6000", &[]),
    ] {
        assert_eq!(found(&catalog, query), expected, "{query}");
    }
}

#[test]
fn a_photo_without_a_value_matches_the_negation_only() {
    let catalog = catalog();
    let mut bare = exposure(1);
    bare.meta.remove("iso");
    catalog.record_import(&[bare, exposure(2)], &[]).unwrap();
    assert_eq!(found(&catalog, "iso>=1"), [2]);
    assert_eq!(found(&catalog, "-iso>=1"), [1], "`-` finds everything the term does not");
}

#[test]
fn names_match_whole_in_any_case_with_stars_for_any_text() {
    let catalog = catalog();
    let smith = catalog.client_named("Smith").unwrap();
    let wedding = catalog.shoot_named("Smith wedding", Some(smith)).unwrap();
    let other = catalog.shoot_named("Smith wedding (rehearsal)", None).unwrap();
    catalog
        .record_import(
            &[in_shoot(exposure(1), wedding), in_shoot(exposure(2), other), exposure(3)],
            &[],
        )
        .unwrap();
    edit(&catalog, 1, Edit { add_keywords: vec!["First Dance".into()], ..Edit::default() });
    edit(&catalog, 2, Edit { label: Some(Some("Red".into())), ..Edit::default() });
    let album = catalog.create_album("Best").unwrap();
    catalog.add_to_album(album, &[photo_id(3)]).unwrap();
    for (query, expected) in [
        ("shoot:\"smith WEDDING\"", &[1][..]),
        ("shoot:\"Smith wed\"", &[]),
        ("shoot:smith*", &[1, 2]),
        ("shoot:none", &[3]),
        ("shoot:\"none\"", &[]),
        ("client:smith", &[1]),
        ("client:none", &[2, 3]),
        ("keyword:\"first dance\"", &[1]),
        ("keyword:first*", &[1]),
        ("-keyword:first*", &[2, 3]),
        ("keyword:none", &[2, 3]),
        ("label:RED", &[2]),
        ("label:none", &[1, 3]),
        ("album:best", &[3]),
        ("-album:Best", &[1, 2]),
        ("album:none", &[1, 2]),
    ] {
        assert_eq!(found(&catalog, query), expected, "{query}");
    }
    assert_eq!(found(&catalog, &format!("shoot:{wedding}")), [1], "an id names a shoot too");
}

#[test]
fn star_is_the_only_wildcard_of_names() {
    let catalog = catalog();
    let odd = catalog.shoot_named("a[b]?c", None).unwrap();
    let plain = catalog.shoot_named("abxc", None).unwrap();
    catalog
        .record_import(&[in_shoot(exposure(1), odd), in_shoot(exposure(2), plain)], &[])
        .unwrap();
    assert_eq!(found(&catalog, "shoot:a[b]?*"), [1], "brackets and question marks are plain text");
}

#[test]
fn dates_are_days_months_years_and_ranges_of_them() {
    let catalog = with_photos(30);
    let mut undated = exposure(40);
    undated.taken = None;
    catalog.record_import(&[undated], &[]).unwrap();
    for (query, first, last) in [
        ("date:2025-06-02", 2, 2),
        ("date:2025-06", 1, 30),
        ("date:2025", 1, 30),
        ("date:2025-06-29..2025-07", 29, 30),
        ("date:2025-06-29..", 29, 30),
        ("date:..2025-06-02", 1, 2),
        ("date>=2025-06-30", 30, 30),
        ("date>2025-06-29", 30, 30),
        ("date<2025-06-02", 1, 1),
        ("date<=2025-06-01", 1, 1),
        ("date:none", 40, 40),
    ] {
        assert_eq!(found(&catalog, query), (first..=last).collect::<Vec<_>>(), "{query}");
    }
    assert!(found(&catalog, "date:2024").is_empty());
    assert!(found(&catalog, "date:9999-12-31").is_empty(), "the last day there is has no next one");
    assert_eq!(found(&catalog, "-date:2025"), [40]);
}

#[test]
fn cameras_and_lenses_match_in_part() {
    let catalog = with_photos(1);
    for query in ["camera:R6", "camera:\"eos r6\"", "camera:canon", "lens:85", "lens:rf85MM"] {
        assert_eq!(found(&catalog, query), [1], "{query}");
    }
    assert!(found(&catalog, "camera:R5").is_empty());
    assert!(found(&catalog, "camera:%").is_empty(), "no LIKE wildcards here");
}

#[test]
fn kinds_formats_and_flags() {
    let catalog = with_photos(3);
    edit(&catalog, 1, Edit { flag: Some(Some(Flag::Pick)), ..Edit::default() });
    edit(&catalog, 2, Edit { flag: Some(Some(Flag::Reject)), ..Edit::default() });
    assert_eq!(found(&catalog, "kind:raw"), [1, 2, 3]);
    assert_eq!(found(&catalog, "status:RAW"), [1, 2, 3]);
    assert!(found(&catalog, "status:video").is_empty());
    assert_eq!(found(&catalog, "format:cr3"), [1, 2, 3]);
    assert_eq!(found(&catalog, "flag:pick"), [1]);
    assert_eq!(found(&catalog, "flag:none"), [3]);
    assert_eq!(found(&catalog, "-flag:reject"), [1, 3]);
}

#[test]
fn states_of_copies_count_every_file_of_the_exposure() {
    let catalog = catalog();
    let mut pair = exposure(1);
    pair.files.push(jpeg_of(1, 101));
    catalog.record_import(&[pair, exposure(2)], &[]).unwrap();
    assert_eq!(found(&catalog, "status:local"), [1, 2]);
    catalog.forget_local(&[file_id(101)]).unwrap();
    assert_eq!(
        found(&catalog, "status:missing"),
        [1],
        "one missing file of two is a missing photo"
    );
    assert_eq!(found(&catalog, "status:local"), [2]);
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    catalog.set_cloud(&[file_id(1), file_id(2)], at).unwrap();
    assert_eq!(found(&catalog, "status:backedup"), [2], "half an exposure is not backed up");
    assert_eq!(found(&catalog, "status:notbackedup"), [1]);
    let broken = Preview { state: Some(PreviewState::Damaged), width: None, height: None };
    catalog.set_preview(photo_id(2), broken).unwrap();
    assert_eq!(found(&catalog, "status:damaged"), [2]);
    assert!(found(&catalog, "status:mirrored").is_empty());
    assert!(found(&catalog, "status:gps").is_empty());
}

#[test]
fn photos_in_the_trash_are_found_there_and_by_id_only() {
    let catalog = with_photos(2);
    edit(&catalog, 1, Edit { trash: Some(true), ..Edit::default() });
    assert_eq!(found(&catalog, ""), [2]);
    assert_eq!(found(&catalog, "status:trash"), [1]);
    assert_eq!(found(&catalog, "-status:trash"), [2]);
    assert_eq!(found(&catalog, &format!("id:{}", photo_id(1))), [1]);
}

#[test]
fn an_id_may_be_cut_short_while_it_stays_unique() {
    let catalog = catalog();
    let mut twin = exposure(2);
    twin.photo = PhotoId([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
    catalog.record_import(&[exposure(1), twin, exposure(3)], &[]).unwrap();
    assert_eq!(found(&catalog, "id:0303"), [3]);
    assert_eq!(catalog.photo_by_prefix("0303").unwrap(), photo_id(3));
    let unclear = catalog.find(&Query::parse("id:0101").unwrap()).unwrap_err();
    assert!(unclear.to_string().contains("several photos"), "{unclear}");
    assert!(matches!(catalog.photo_by_prefix("9999"), Err(CatalogError::NotFound { .. })));
    assert!(Query::parse("id:03").is_err(), "two digits are a slip more often than an id");
}

#[test]
fn bare_words_search_all_text_and_may_go_on() {
    let catalog = catalog();
    let client = catalog.client_named("M\u{fc}ller & S\u{f6}hne").unwrap();
    let shoot = catalog.shoot_named("Summer party", Some(client)).unwrap();
    catalog.record_import(&[in_shoot(exposure(1), shoot), exposure(2)], &[]).unwrap();
    edit(
        &catalog,
        2,
        Edit {
            title: Some(Some("The bride".into())),
            caption: Some(Some("Cutting the cake at dawn".into())),
            add_keywords: vec!["dance".into()],
            ..Edit::default()
        },
    );
    for (query, expected) in [
        ("summer", &[1][..]),
        ("muller", &[1]),
        ("danc", &[2]),
        ("bride cake", &[2]),
        ("\"the cake\"", &[2]),
        ("\"cake the\"", &[]),
        ("IMG_0001", &[1]),
        ("img_0001.cr3", &[1]),
        ("canon", &[1, 2]),
        ("85mm", &[]),
        ("RF85mm", &[1, 2]),
        ("-summer", &[2]),
        ("summer bride", &[]),
    ] {
        assert_eq!(found(&catalog, query), expected, "{query}");
    }
    catalog.rename_shoot(shoot, "Winter party").unwrap();
    assert!(found(&catalog, "summer").is_empty(), "a renamed shoot is found by its new name only");
    assert_eq!(found(&catalog, "winter"), [1]);
}

#[test]
fn what_is_not_understood_is_named_with_what_is_allowed() {
    for (query, part) in [
        ("colour:red", "`colour` is nothing to search by"),
        ("colour:red", "rating, label, flag"),
        ("rating:six", "0 to 5"),
        ("rating:6", "0 to 5"),
        ("rating>=-1", "0 to 5"),
        ("rating>=", "a value is missing after `rating`"),
        ("iso:1e3", "a number"),
        ("iso:inf", "a number"),
        ("iso:..", "at least one end"),
        ("size:3X", "K, M or G"),
        ("date:June", "a day 2025-06-01"),
        ("date:2025-13", "a day 2025-06-01"),
        ("date:2025-6", "a day 2025-06-01"),
        ("date:0000", "a day 2025-06-01"),
        ("kind:jpeg", "photo, raw, video"),
        ("flag:maybe", "pick, reject, none"),
        ("status:lost", "missing, local, backedup"),
        ("shoot>=x", "`shoot` has no order"),
        ("id:xyz", "32 hex digits"),
        ("import:12", "32 hex digits"),
        ("***", "no letter or digit"),
        ("\"open", "not closed"),
        ("-", "negates"),
    ] {
        let error = Query::parse(query).expect_err(query);
        assert!(error.to_string().contains(part), "{query}: {error}");
        let error = crate::error::Error::from(CatalogError::from(error));
        assert_eq!(error.code, crate::error::Code::BadQuery);
    }
}

#[test]
fn hostile_queries_are_text_or_are_refused_and_change_nothing() {
    let catalog = with_photos(2);
    let values = [
        "'); DROP TABLE photos; --",
        "\"); DROP TABLE photos; --",
        "x' OR '1'='1",
        "?1",
        ":id",
        "a* OR b*",
        "NEAR(a b)",
        "{name} : x",
        "name:x",
        "^canon",
        "a AND NOT b",
        "a \" b",
        "a\0b",
        "\u{feff}\u{202e}x",
        "%_[]?*",
        "\\",
        "\\\"",
        "🜁🜁🜁",
        "0x41",
        "; VACUUM",
    ];
    let keys = [
        "", "shoot:", "client:", "album:", "keyword:", "label:", "camera:", "lens:", "format:",
        "date:", "rating>=", "iso:", "kind:", "flag:", "status:", "id:", "import:", "size<",
    ];
    for key in keys {
        for value in values {
            let quoted = format!("{key}\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""));
            for query in [format!("{key}{value}"), format!("-{key}{value}"), quoted] {
                let Ok(query) = Query::parse(&query) else { continue };
                catalog.find(&query).unwrap_or_else(|error| panic!("{query:?}: {error:?}"));
                catalog.months(&query).unwrap();
            }
        }
    }
    catalog.check().unwrap();
    assert_eq!(found(&catalog, ""), [1, 2], "no query may change the catalogue");
}

#[test]
fn a_query_without_end_is_refused_before_it_costs_anything() {
    assert!(Query::parse(&"a ".repeat(20_000)).is_err());
    assert!(Query::parse(&"a ".repeat(201)).is_err());
    let catalog = with_photos(1);
    let long = vec!["canon"; 200].join(" ");
    assert_eq!(found(&catalog, &long), [1], "what is allowed also works");
}

#[test]
fn queries_can_be_put_together() {
    let catalog = with_photos(3);
    let query = Query::ids(&[photo_id(1), photo_id(2)]).and(Query::parse("iso>=200").unwrap());
    assert_eq!(catalog.find(&query).unwrap(), [photo_id(2)]);
    assert!(Query::parse("  ").unwrap().is_all());
}
