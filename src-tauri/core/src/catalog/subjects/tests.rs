//! Joining, by example and by random schedules; what is unsent; the clock.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::media::{DeviceId, SubjectId, SubjectKind};

use super::super::fixture::{catalog, catalog_of, exposure, found, photo_id, with_photos};
use super::super::{
    Catalog, CatalogError, Change, Edit, FieldSet, MAX_MS, Order, Query, Row, Stamp,
};

/// Everything a catalogue shows, without what only concerns this computer.
fn shown(catalog: &Catalog) -> String {
    let mut shown = Vec::new();
    catalog
        .every_row(&mut |row| {
            shown.push(serde_json::to_string(&row).unwrap());
            Ok(())
        })
        .unwrap();
    for trash in ["", "status:trash"] {
        let query = Query::parse(trash).unwrap();
        for row in catalog.list(&query, Order::default(), None, None).unwrap() {
            shown.push(serde_json::to_string(&row).unwrap());
        }
    }
    for album in catalog.albums().unwrap() {
        shown.push(format!("{album:?} {:?}", catalog.album_items(album.id).unwrap()));
    }
    shown.push(format!("{:?} {:?}", catalog.shoots().unwrap(), catalog.clients().unwrap()));
    shown.push(format!("{:?} {:?}", catalog.keywords().unwrap(), catalog.settings().unwrap()));
    for word in ["img", "dance", "smith", "wedding", "canon", "title"] {
        shown.push(format!("{word}: {:?}", found(catalog, word)));
    }
    shown.join("\n")
}

/// xorshift64*: the same schedules in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    fn shuffled<T: Clone>(&mut self, items: &[T]) -> Vec<T> {
        let mut items = items.to_vec();
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
        items
    }
}

/// A random row out of a small world, so that fields, stamps and whole rows collide often.
fn random_row(dice: &mut Dice) -> Row {
    let n = dice.below(3) as u8 + 1;
    let file = json!({"role": "raw", "name": "SU1HXzE", "length": 5 + n, "type": "x/y",
        "sha256": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"});
    let photo = [
        ("file/0101010101010101", vec![file, Value::Null, json!("broken")]),
        ("rating", vec![json!(1), json!(5), json!("five"), Value::Null]),
        ("kw/dance", vec![json!(true), Value::Null]),
        ("kw/Dance", vec![json!(true), Value::Null]),
        ("title", vec![json!("title a"), json!("title b"), json!(7)]),
        ("taken", vec![json!("2025-06-01T10:00:00"), json!("yesterday")]),
        ("shoot", vec![json!("0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"), Value::Null]),
        ("trash", vec![json!(true), Value::Null]),
        (
            "meta",
            vec![json!({"model": "Canon", "iso": 1.5}), json!({"gps": {"lat": 91, "lon": 0}})],
        ),
        ("new/field", vec![json!([1, 2]), json!({"b": 1, "a": [0.1]})]),
    ];
    let named = [
        ("name", vec![json!("Smith"), json!("wedding"), json!(3)]),
        ("client", vec![json!("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b")]),
        ("in/01010101010101010101010101010101", vec![json!("a"), json!("b"), Value::Null]),
        ("in/02020202020202020202020202020202", vec![json!("a"), Value::Null, json!(1)]),
        ("trash", vec![json!(true), Value::Null]),
    ];
    let (kind, subject, world) = match dice.below(6) {
        0 => ("shoot", SubjectId([0x0a; 16]), &named[..]),
        1 => ("client", SubjectId([0x0b; 16]), &named[..]),
        2 => ("album", SubjectId([0x0c; 16]), &named[..]),
        3 => (*dice.pick(&["hologram", "setting"]), SubjectId([0; 16]), &named[..]),
        _ => ("photo", SubjectId([n; 16]), &photo[..]),
    };
    let set = (0..=dice.below(2))
        .map(|_| {
            let stamp = Stamp {
                ms: 1 + dice.below(3) as u64,
                counter: dice.below(2) as u32,
                device: DeviceId([dice.below(3) as u8; 8]),
            };
            let fields = (0..=dice.below(3)).map(|_| {
                let (field, values) = dice.pick(world);
                ((*field).to_owned(), dice.pick(values).clone())
            });
            FieldSet { stamp, fields: fields.collect() }
        })
        .collect();
    Row { kind: kind.into(), subject, set }
}

#[test]
fn rows_may_come_in_any_order_any_grouping_and_any_number_of_times() {
    for seed in 1..=40 {
        let mut dice = Dice(seed);
        let rows: Vec<Row> = (0..24).map(|_| random_row(&mut dice)).collect();
        let first = catalog_of(1);
        first.merge(&rows).unwrap();
        let expected = shown(&first);
        for round in 0..4 {
            let other = catalog_of(2);
            let mut order = dice.shuffled(&rows);
            order.extend(rows.iter().take(dice.below(24)).cloned());
            for batch in order.chunks(1 + dice.below(8)) {
                other.merge(batch).unwrap();
            }
            assert_eq!(shown(&other), expected, "seed {seed}, round {round}");
            other.rebuild().unwrap();
            assert_eq!(shown(&other), expected, "rebuilt tables are the same, seed {seed}");
        }
        // Associative: what one computer joined is as good as the rows it was joined from.
        let relay = catalog_of(3);
        let mut joined = Vec::new();
        first
            .every_row(&mut |row| {
                joined.push(row);
                Ok(())
            })
            .unwrap();
        relay.merge(&joined).unwrap();
        assert_eq!(shown(&relay), expected, "seed {seed}: a relayed row lost something");
    }
}

#[test]
fn computers_that_edit_and_exchange_end_with_one_state() {
    for seed in 1..=15 {
        let mut dice = Dice(seed);
        let computers: Vec<Catalog> = (1..=3).map(catalog_of).collect();
        let mut bucket: Vec<Row> = Vec::new();
        let mut read = [0; 3];
        computers[0].record_import(&[exposure(1), exposure(2)], &[]).unwrap();
        let send = |catalog: &Catalog, bucket: &mut Vec<Row>| {
            for (row, revision) in catalog.unsent(100).unwrap() {
                catalog.mark_sent(&[(row.subject, revision)]).unwrap();
                bucket.push(row);
            }
        };
        for _ in 0..40 {
            let at = dice.below(3);
            let catalog = &computers[at];
            match dice.below(4) {
                0 => send(catalog, &mut bucket),
                1 => {
                    catalog.merge(&bucket[read[at]..]).unwrap();
                    read[at] = bucket.len();
                }
                2 => {
                    let stars = Edit { rating: Some(dice.below(6) as u8), ..Edit::default() };
                    catalog.edit(&Query::all(), &stars).unwrap();
                }
                _ => {
                    let word = vec![(*dice.pick(&["dance", "cake"])).to_owned()];
                    let edit = if dice.below(2) == 0 {
                        Edit { add_keywords: word, ..Edit::default() }
                    } else {
                        Edit { remove_keywords: word, ..Edit::default() }
                    };
                    catalog.edit(&Query::all(), &edit).unwrap();
                }
            }
        }
        computers.iter().for_each(|catalog| send(catalog, &mut bucket));
        computers.iter().for_each(|catalog| catalog.merge(&bucket).unwrap());
        let states: Vec<String> = computers.iter().map(shown).collect();
        let local = |text: &str| text.replace("\"library\":true", "\"library\":false");
        assert_eq!(without_paths(&states[1]), without_paths(&states[2]), "seed {seed}");
        assert_eq!(without_paths(&local(&states[0])), without_paths(&states[1]), "seed {seed}");
    }
}

/// Local paths differ between computers, nothing else may.
fn without_paths(shown: &str) -> String {
    shown
        .lines()
        .map(|line| match serde_json::from_str::<BTreeMap<String, Value>>(line) {
            Ok(mut row) if row.contains_key("copies") => {
                row.remove("path");
                if let Some(Value::Array(files)) = row.get_mut("files") {
                    files.iter_mut().for_each(|file| file["path"] = Value::Null);
                }
                serde_json::to_string(&row).unwrap()
            }
            _ => line.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn row(ms: u64, rating: u8) -> Row {
    let stamp = Stamp { ms, counter: 0, device: DeviceId([9; 8]) };
    let fields = [("rating".to_owned(), json!(rating))].into();
    Row { kind: "photo".into(), subject: photo_id(1).into(), set: vec![FieldSet { stamp, fields }] }
}

fn rating(catalog: &Catalog) -> u8 {
    catalog.photo(photo_id(1)).unwrap().unwrap().rating
}

#[test]
fn a_row_is_the_json_of_format_1() {
    let row = row(1_780_000_000_123, 4);
    let text = "{\"kind\":\"photo\",\"subject\":\"01010101010101010101010101010101\",\
        \"set\":[[[1780000000123,0],\"0909090909090909\",{\"rating\":4}]]}";
    assert_eq!(serde_json::to_string(&row).unwrap(), text);
    assert_eq!(serde_json::from_str::<Row>(text).unwrap(), row);
}

#[test]
fn a_row_with_a_field_twice_is_refused() {
    let text = "{\"kind\":\"photo\",\"subject\":\"01010101010101010101010101010101\",\
        \"set\":[[[1,0],\"0909090909090909\",{\"rating\":4,\"rating\":5}]]}";
    assert!(serde_json::from_str::<Row>(text).is_err());
}

#[test]
fn the_last_edit_is_seen_even_after_a_row_from_the_future() {
    let catalog = with_photos(1);
    catalog.merge(&[row(1_780_000_000_000 + 400 * 24 * 3_600_000, 5)]).unwrap();
    assert_eq!(rating(&catalog), 5);
    let two = Edit { rating: Some(2), ..Edit::default() };
    catalog.edit(&Query::all(), &two).unwrap();
    assert_eq!(rating(&catalog), 2, "what the photographer does last must be what he sees");
    catalog.write(&[Change::new(SubjectKind::Photo, photo_id(1)).set("title", "x")]).unwrap();
    let row = catalog.row(SubjectKind::Photo, photo_id(1).into()).unwrap().unwrap();
    let title = row.set.iter().find(|set| set.fields.contains_key("title")).unwrap();
    assert!(title.stamp.ms < 1_781_000_000_000, "a mad clock elsewhere is not our clock");
}

#[test]
fn a_row_that_is_not_format_1_is_refused_whole() {
    let catalog = with_photos(1);
    let before = shown(&catalog);
    let refused = catalog.merge(&[row(1_790_000_000_000, 5), row(MAX_MS + 1, 1)]);
    assert!(matches!(refused, Err(CatalogError::BadValue { .. })));
    assert!(catalog.merge(&[Row { kind: String::new(), ..row(1, 1) }]).is_err());
    assert_eq!(shown(&catalog), before, "one bad row must not leave half a batch");
}

#[test]
fn only_local_edits_are_unsent_and_only_until_they_were_sent() {
    let catalog = with_photos(2);
    assert_eq!(catalog.unsent_count().unwrap(), 2);
    let sent = catalog.unsent(1).unwrap();
    assert_eq!(sent.len(), 1, "the limit holds");
    catalog.mark_sent(&[(sent[0].0.subject, sent[0].1)]).unwrap();
    let rest = catalog.unsent(10).unwrap();
    assert_eq!(rest.len(), 1);
    let stars = Edit { rating: Some(3), ..Edit::default() };
    catalog.edit_photos(&[photo_id(2)], &stars).unwrap();
    catalog.mark_sent(&[(rest[0].0.subject, rest[0].1)]).unwrap();
    assert_eq!(catalog.unsent_count().unwrap(), 1, "an edit made while sending is still unsent");
    let (row, revision) = catalog.unsent(10).unwrap().remove(0);
    assert!(row.set.iter().any(|set| set.fields.contains_key("meta")), "rows are sent whole");
    catalog.mark_sent(&[(row.subject, revision)]).unwrap();
    assert_eq!(catalog.unsent_count().unwrap(), 0);

    let other = catalog_of(2);
    other.merge(&[row]).unwrap();
    assert_eq!(other.unsent_count().unwrap(), 0, "what came from the bucket is there already");
    other.forget_sent().unwrap();
    assert_eq!(other.unsent_count().unwrap(), 1, "another vault needs everything");
}

#[test]
fn a_merge_does_not_hide_an_unsent_edit() {
    let catalog = with_photos(1);
    catalog.merge(&[row(1, 1)]).unwrap();
    assert_eq!(catalog.unsent_count().unwrap(), 1);
}

#[test]
fn kinds_and_fields_of_newer_programs_are_kept_and_sent_again() {
    let catalog = catalog();
    let stamp = Stamp { ms: 5, counter: 0, device: DeviceId([9; 8]) };
    let fields = [("file/0x".to_owned(), json!({"deep": [1, {"x": null}]}))].into();
    let strange = Row {
        kind: "hologram".into(),
        subject: SubjectId([5; 16]),
        set: vec![FieldSet { stamp, fields }],
    };
    let mut newer = row(5, 3);
    newer.set[0].fields.insert("mood".into(), json!("blue"));
    catalog.merge(&[strange.clone(), newer]).unwrap();
    catalog.write(&[Change::new(SubjectKind::Photo, photo_id(1)).set("rating", 4)]).unwrap();
    let (sent, _) = catalog.unsent(10).unwrap().remove(0);
    assert!(sent.set.iter().any(|set| set.fields.get("mood") == Some(&json!("blue"))));
    let mut rows = Vec::new();
    catalog
        .every_row(&mut |row| {
            rows.push(row);
            Ok(())
        })
        .unwrap();
    assert!(rows.contains(&strange));
}

#[test]
fn one_id_may_be_of_two_kinds_without_mixing() {
    let catalog = catalog();
    let id = SubjectId([7; 16]);
    catalog.write(&[Change::new(SubjectKind::Shoot, id).set("name", "a shoot")]).unwrap();
    catalog.write(&[Change::new(SubjectKind::Client, id).set("name", "a client")]).unwrap();
    assert_eq!(catalog.fields(SubjectKind::Shoot, id).unwrap().unwrap()["name"], "a shoot");
    assert_eq!(catalog.fields(SubjectKind::Client, id).unwrap().unwrap()["name"], "a client");
    assert_eq!(catalog.fields(SubjectKind::Album, id).unwrap(), None);
}

#[test]
fn a_later_change_of_one_batch_wins() {
    let catalog = with_photos(1);
    let change = |stars: u8| Change::new(SubjectKind::Photo, photo_id(1)).set("rating", stars);
    catalog.write(&[change(5), change(1)]).unwrap();
    assert_eq!(rating(&catalog), 1);
}
