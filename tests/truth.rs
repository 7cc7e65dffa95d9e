//! What the program says of camera files is what is true of them.
//!
//! `fixtures/MANIFEST.csv` tells of every file what other programs read in it: its facts by ExifTool,
//! its look by their decoders (see `scripts/score.py`, which scores any corpus the same way). Here
//! the real program imports the files, each into an exposure of its own, and is compared.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::program::{Computer, Place};

/// Of the files that have a fact, so many have to be told right.
const FACTS: f64 = 99.0;
/// Of the files that can be decoded, so many have to look right.
const LOOKS: f64 = 97.0;
const LEAST_LIKENESS: f64 = 0.8;
/// Mean difference of the manifest's six by six colours, of 255.
const MOST_DIFFERENCE: f64 = 12.0;

type Row = BTreeMap<String, String>;

fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures"))
}

/// The lines of a table whose cells may stand in quotes.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            letter => cell.push(letter),
        }
    }
    cells.push(cell);
    cells
}

fn manifest() -> Vec<Row> {
    let text = fs::read_to_string(fixtures().join("MANIFEST.csv")).unwrap();
    let mut lines = text.lines();
    let head = cells(lines.next().unwrap());
    let rows = lines.map(|line| {
        let cells = cells(line);
        assert_eq!(cells.len(), head.len(), "{line}");
        head.iter().cloned().zip(cells).collect()
    });
    rows.collect()
}

/// Imports every file of the manifest; rows of the list by hash.
fn imported(place: &Place, rows: &[Row]) -> (Computer, BTreeMap<String, Value>) {
    let card = place.path("files");
    for (n, row) in rows.iter().enumerate() {
        let folder = card.join(format!("{n:03}"));
        fs::create_dir_all(&folder).unwrap();
        let name = row["file"].rsplit('/').next().unwrap();
        fs::copy(fixtures().join(&row["file"]), folder.join(name)).unwrap();
    }
    let computer = place.computer("one");
    computer.init();
    computer.json_with(&["import", card.to_str().unwrap()], &[0, 1]);
    let said = computer
        .lines(&["list"])
        .into_iter()
        .map(|row| (row["sha256"].as_str().unwrap().to_owned(), row));
    let said = said.collect();
    (computer, said)
}

/// A fact as the manifest writes it, from the program's row.
fn fact(name: &str, said: &Value) -> String {
    let text = |field: &str| match &said[field] {
        Value::Null => String::new(),
        Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    };
    match name {
        "date" => text("captured_at").replacen('-', ":", 2).replace('T', " "),
        "size" => format!("{}x{}", text("width"), text("height")),
        "gps" if said["gps"].is_null() => String::new(),
        "gps" => {
            let degrees = |name: &str| said["gps"][name].as_f64().unwrap();
            format!("{:.3} {:.3}", degrees("lat"), degrees("lon"))
        }
        name => text(name),
    }
}

/// The same from the manifest; empty when the file has no such fact.
fn truth(name: &str, row: &Row) -> String {
    let number = |column: &str| row[column].parse::<f64>().ok();
    match name {
        "date" => row["capture_date"].chars().take(19).collect(),
        "offset" if row["capture_source"].ends_with("DateTimeOriginal") => {
            // no place on earth is 99 hours away
            row["OffsetTimeOriginal"].clone().replace("+99:99", "")
        }
        "offset" => String::new(),
        "size" if row["display_width"].is_empty() => String::new(),
        "size" => format!("{}x{}", row["display_width"], row["display_height"]),
        "gps" => match number("gps_lat").zip(number("gps_lon")) {
            Some((lat, lon)) => format!("{lat:.3} {lon:.3}"),
            None => String::new(),
        },
        "orientation" if row["orientation"].parse().is_ok_and(|turn| (1..9).contains(&turn)) => {
            row["orientation"].clone()
        }
        "orientation" => "1".to_owned(),
        name => row[name].split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// Raw decoders differ in a few columns: there only the shape is asked for, and the stored one does.
fn same_size(said: &str, row: &Row) -> bool {
    let pair = |text: &str| {
        let (width, height) = text.split_once('x')?;
        Some((width.parse::<f64>().ok()?, height.parse::<f64>().ok()?))
    };
    let shape = |(width, height): (f64, f64)| width / height;
    let Some(ours) = pair(said) else { return false };
    let shown = truth("size", row);
    let turned = row["orientation"].parse().is_ok_and(|turn: u8| turn >= 5);
    let stored = match turned {
        true => format!("{}x{}", row["height"], row["width"]),
        false => format!("{}x{}", row["width"], row["height"]),
    };
    // the sensor's margins are counted in or not: the camera's own picture has none
    let inside = format!("{}x{}", row["preview_width"], row["preview_height"]);
    match row["kind"].as_str() {
        "raw" => [shown, stored, inside]
            .iter()
            .filter_map(|text| pair(text))
            .any(|true_one| (shape(ours) / shape(true_one) - 1.0).abs() <= 0.05),
        // what nothing decodes was seen upright by nobody
        "hostile" => said == shown || said == stored,
        _ => said == shown,
    }
}

/// What the program says otherwise than the manifest, and how many rows have the fact.
fn wrong(name: &'static str, rows: &[Row], said: &BTreeMap<String, Value>) -> (usize, Vec<String>) {
    let mut wrong = Vec::new();
    let mut asked = 0;
    for row in rows.iter().filter(|row| row["kind"] != "sidecar") {
        let is = truth(name, row);
        // a file that says nothing must not get something made up; sizes may come from a header
        // that no other program trusts
        if is.is_empty() && (name == "size" || name == "offset") {
            continue;
        }
        asked += 1;
        let says = said.get(&row["sha256"]).map_or("not listed".to_owned(), |s| fact(name, s));
        let right = if name == "size" { same_size(&says, row) } else { says == is };
        if !right {
            wrong.push(format!("{}: {name} {says:?}, is {is:?}", row["file"]));
        }
    }
    (asked, wrong)
}

#[test]
fn every_fact_of_the_fixtures_is_told_as_it_is() {
    let place = Place::new();
    let rows = manifest();
    let (_, said) = imported(&place, &rows);
    for name in ["date", "offset", "make", "model", "orientation", "size", "gps"] {
        let (asked, wrong) = wrong(name, &rows, &said);
        assert!(asked > 5, "{name}: only {asked} rows tell it");
        #[allow(clippy::cast_precision_loss, reason = "a few dozen")]
        let right = 100.0 * (asked - wrong.len()) as f64 / asked as f64;
        assert!(right >= FACTS, "{name}: {right:.1} %\n{}", wrong.join("\n"));
    }
}

#[test]
fn previews_look_as_other_programs_decode_the_files() {
    let place = Place::new();
    let rows: Vec<Row> = manifest().into_iter().filter(|row| !row["look"].is_empty()).collect();
    let (computer, said) = imported(&place, &rows);
    let mut wrong = Vec::new();
    for row in &rows {
        let Some(exposure) = said.get(&row["sha256"]) else {
            wrong.push(format!("{}: not listed", row["file"]));
            continue;
        };
        let out = place.path("preview.jpg");
        let id = exposure["id"].as_str().unwrap();
        let args = ["preview", id, "--size", "screen", "--out", out.to_str().unwrap()];
        if computer.says(&args).code != Some(0) {
            wrong.push(format!("{}: no preview ({})", row["file"], exposure["preview"]["state"]));
            continue;
        }
        let looks = data_encoding::HEXLOWER.decode(row["look"].as_bytes()).unwrap();
        let fields = fields(&image::open(&out).unwrap().to_rgb8(), &looks);
        let difference = difference(&fields, &looks);
        // raw files are developed to taste: light and dark must lie where they are, no more
        let is_right = difference <= MOST_DIFFERENCE
            || row["kind"] == "raw" && likeness(&fields, &looks) >= LEAST_LIKENESS;
        if !is_right {
            wrong.push(format!("{}: differs by {difference:.0}", row["file"]));
        }
    }
    assert!(rows.len() > 30, "only {} rows have a look", rows.len());
    #[allow(clippy::cast_precision_loss, reason = "a few dozen")]
    let right = 100.0 * (rows.len() - wrong.len()) as f64 / rows.len() as f64;
    assert!(right >= LOOKS, "{right:.1} %\n{}", wrong.join("\n"));
}

/// The mean difference between a picture's fields and the manifest's colours.
fn difference(fields: &[[f64; 3]], looks: &[u8]) -> f64 {
    let pairs = fields.iter().flatten().zip(looks);
    pairs.map(|(ours, truth)| (ours - f64::from(*truth)).abs()).sum::<f64>() / looks.len() as f64
}

/// How far the brightness of the fields goes up and down with the manifest's: 1 when always.
fn likeness(fields: &[[f64; 3]], looks: &[u8]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let centred = |values: Vec<f64>| {
        let middle = mean(&values);
        values.into_iter().map(|value| value - middle).collect::<Vec<_>>()
    };
    let ours = centred(fields.iter().map(|field| mean(field)).collect());
    let of_three = |truth: &[u8]| truth.iter().map(|value| f64::from(*value)).sum::<f64>() / 3.0;
    let truth = centred(looks.chunks_exact(3).map(of_three).collect());
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    product(&ours, &truth) / (product(&ours, &ours) * product(&truth, &truth)).sqrt().max(1e-9)
}

/// The mean colours of a picture cut into six by six fields.
fn fields(picture: &image::RgbImage, looks: &[u8]) -> Vec<[f64; 3]> {
    const FIELDS: u32 = 6;
    assert_eq!(looks.len(), (FIELDS * FIELDS * 3) as usize);
    let mut fields = Vec::new();
    for n in 0..FIELDS * FIELDS {
        let (column, row) = (n % FIELDS, n / FIELDS);
        let edge = |n: u32, length: u32| (n * length / FIELDS).min(length - 1);
        let across = edge(column, picture.width())..edge(column + 1, picture.width()).max(1);
        let down = edge(row, picture.height())..edge(row + 1, picture.height()).max(1);
        let (mut mean, mut count) = ([0.0_f64; 3], 0.0_f64);
        for y in down {
            for x in across.clone() {
                let pixel = picture.get_pixel(x, y);
                for channel in 0..3 {
                    mean[channel] += f64::from(pixel[channel]);
                }
                count += 1.0;
            }
        }
        fields.push(mean.map(|sum| sum / count.max(1.0)));
    }
    fields
}
