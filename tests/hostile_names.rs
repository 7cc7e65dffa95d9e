//! Names nobody should give a file come through everything: import, list, search, export, bucket.
//!
//! Whatever a name is, its file arrives byte for byte, under a name every system can hold, and stays
//! known by the one it had. None reaches a terminal, a shell, a folder above or the database's grammar.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use serde_json::Value;

use crate::support::program::{Place, Server, files_below, originals_below, sha256};

/// Names that mean something to some system, exactly as they are.
const EXACT: &[&[u8]] = &[
    b"CON",
    b"nul.jpg",
    b"Aux.JPG",
    b"PRN.jpg",
    b"COM1.jpg",
    "COM\u{b9}.jpg".as_bytes(),
    "lpt\u{b2}.JPG".as_bytes(),
    b"CONIN$",
    b"CLOCK$.jpg",
    b"..jpg",
    b"...",
    b"....jpg",
    b".. .jpg",
    b". .",
    b" ",
    b"  .jpg",
    b"~",
    b"~$.jpg",
    b"-",
    b"--",
    b"-rf",
    b"--help",
    b"--json.jpg",
    b".jpg",
    b".hidden.jpg",
    b".htaccess",
    b".darkslide-tmp-0123456789abcdeg",
    b"ascmhl",
    b".darkslide",
    b"\\",
    b"\\\\server\\share",
    b"..\\..\\up.jpg",
    b"C:\\Windows\\x.jpg",
    b"C:",
    b"x.jpg:stream",
    b"*",
    b"?.jpg",
    b"|",
    b"<",
    b">",
    b"\"",
    b"\"\".jpg",
    b"'",
    b"''.jpg",
    b"%",
    b"%00.jpg",
    b"%2e%2e%2f.jpg",
    b"%s%n%p.jpg",
    b"\n",
    b"\r\n.jpg",
    b"\t.jpg",
    b"\x01\x02\x03.jpg",
    b"\x1b[2J\x1b[31m.jpg",
    b"\x1b]0;title\x07.jpg",
    b"\x7f.jpg",
    b"\xff\xfe.jpg",
    b"\xc3\x28.jpg",
    b"\xed\xa0\x80.jpg",
    b"\xf0\x9f\x92.jpg",
    "\u{feff}.jpg".as_bytes(),
    "\u{202e}gpj.exe".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{85}.jpg".as_bytes(),
    "\u{2028}.jpg".as_bytes(),
    "caf\u{e9}.jpg".as_bytes(),
    "cafe\u{301}.jpg".as_bytes(),
    "CAF\u{c9}.JPG".as_bytes(),
    "stra\u{df}e.jpg".as_bytes(),
    "STRASSE.JPG".as_bytes(),
    "\u{130}.jpg".as_bytes(),
    "i.jpg".as_bytes(),
    "I.JPG".as_bytes(),
    "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}.jpg".as_bytes(),
    "\u{fdfd}.jpg".as_bytes(),
    "NULL".as_bytes(),
    "null.jpg".as_bytes(),
    "undefined".as_bytes(),
    "true".as_bytes(),
    "0".as_bytes(),
    "IMG_1.jpg.exe".as_bytes(),
];

/// What a name is built from: the mark, by which it is searched, stands in the braces.
const PATTERNS: &[&str] = &[
    "<img src=x onerror=alert(1)>{}.jpg",
    "<script>{}<#script>.jpg",
    "'); DROP TABLE photos;-- {}.jpg",
    "\" OR \"\"=\"{}.jpg",
    "$(touch {}).jpg",
    "`touch {}`.jpg",
    "; rm -rf {} &.jpg",
    "{}.",
    "{}. . .",
    "{} ",
    "{}.jpg ",
    " {}.jpg",
    "{}\n{}.jpg",
    "{}\r.jpg",
    "{}\t{}.jpg",
    "{}\u{202e}gpj.jpg",
    "\u{2066}{}\u{2069}.jpg",
    "{}\u{200b}{}.jpg",
    "{}:{}.jpg",
    "{}\\{}.jpg",
    "..\\{}.jpg",
    "{}?.jpg",
    "{}*.jpg",
    "{}|{}.jpg",
    "{}\u{7}.jpg",
    "{}\u{1b}[31m.jpg",
    "rating:5 {}.jpg",
    "-keyword:{}.jpg",
    "{}\".jpg",
    "{original}{}.jpg",
    "{}{date:%Y}.jpg",
    "{}%d.jpg",
    "{}\u{301}\u{301}\u{301}.jpg",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd} {}.jpg",
    "\u{645}\u{631} {}.jpg",
    "\u{65e5}\u{672c} {}.jpg",
    "{}.JPG.jpg",
    "{}..jpg",
    "&amp;{}.jpg",
    "]]>{}.jpg",
];

/// A name of exactly 255 bytes with characters of this many bytes.
fn longest(width: usize, mark: &str) -> Vec<u8> {
    let filler = ["a", "\u{e9}", "\u{65e5}", "\u{1f4f7}"][width - 1];
    let mut name = format!("{mark} ");
    while name.len() + filler.len() + 4 <= 255 {
        name.push_str(filler);
    }
    while name.len() + 4 < 255 {
        name.push('b');
    }
    (name + ".jpg").into_bytes()
}

fn mark(n: usize) -> String {
    format!("mark{n:03}x")
}

/// Every name, in one folder, and the mark it is found by, if it has one.
fn names() -> Vec<(Vec<u8>, Option<String>)> {
    let mut names: Vec<_> = EXACT.iter().map(|name| (name.to_vec(), None)).collect();
    for round in 0..6 {
        for (n, pattern) in PATTERNS.iter().enumerate() {
            let mark = mark(round * PATTERNS.len() + n);
            names.push((pattern.replace("{}", &mark).into_bytes(), Some(mark)));
        }
    }
    for width in 1..=4 {
        let mark = mark(900 + width);
        names.push((longest(width, &mark), Some(mark)));
    }
    names
}

fn harmless(path: &str) {
    for part in path.split('/') {
        let stem = part.split('.').next().unwrap().trim_end().to_uppercase();
        let device = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];
        let number = |c: char| c.is_ascii_digit() || "\u{b9}\u{b2}\u{b3}".contains(c);
        let port = ["COM", "LPT"].iter().any(|port| {
            stem.strip_prefix(port).is_some_and(|n| n.chars().count() == 1 && n.chars().all(number))
        });
        assert!(!part.is_empty() && part.len() <= 255, "{part:?}");
        assert!(!device.contains(&stem.as_str()) && !port, "{part:?} is a device somewhere");
        assert!(!part.ends_with(['.', ' ']), "{part:?} loses its end on Windows");
        assert!(!part.chars().any(char::is_control), "{part:?}");
        assert!(!part.contains(['\\', ':', '*', '?', '"', '<', '>', '|']), "{part:?}");
        assert!(!part.contains(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')));
    }
}

fn hashes_below(root: &Path, names: &[String]) -> BTreeSet<String> {
    names.iter().map(|name| sha256(&std::fs::read(root.join(name)).unwrap())).collect()
}

#[test]
fn names_of_every_kind_come_through_import_list_search_export_and_restore() {
    let place = Place::new();
    let server = Server::start(&place);
    let card = place.path("card");
    let folders: [&[u8]; 4] =
        [b"DCIM/100CANON", b"DCIM/<b>'; DROP", b"DCIM/\xff\n\x1b[2J", "DCIM/ CON .".as_bytes()];
    let picture = std::fs::read("tests/fixtures/card/field.jpg").unwrap();
    let (mut wanted, mut marks) = (BTreeSet::new(), Vec::new());
    for (n, (name, mark)) in names().into_iter().enumerate() {
        let folder = card.join(OsStr::from_bytes(folders[n % folders.len()]));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(OsStr::from_bytes(&name));
        assert!(!path.exists(), "{path:?} is said twice");
        let bytes = [picture.as_slice(), &n.to_le_bytes()].concat();
        assert!(wanted.insert(sha256(&bytes)));
        std::fs::write(&path, &bytes).unwrap();
        marks.extend(mark.map(|mark| (mark, String::from_utf8_lossy(&name).into_owned())));
    }
    assert!(wanted.len() >= 300, "{}", wanted.len());
    let (outside, siblings) = (place.path("."), ["card", "one", "one-library", "s3"]);

    let computer = place.computer("one").with(server.bucket());
    computer.init();
    let report = computer.import(&card, "$(reboot) <i>\u{202e}");
    assert_eq!(report["imported"], wanted.len(), "{report}");
    assert_eq!(report["skipped"], Value::Array(vec![]));
    let originals = originals_below(&computer.library);
    originals.iter().for_each(|path| harmless(path));
    assert_eq!(hashes_below(&computer.library, &originals), wanted);
    let folded: BTreeSet<_> = originals.iter().map(|path| path.to_lowercase()).collect();
    assert_eq!(folded.len(), originals.len(), "some meet on disks that do not tell case apart");
    let found: BTreeSet<_> =
        std::fs::read_dir(&outside).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(found, siblings.iter().map(Into::into).collect(), "something climbed out");

    let rows = computer.lines(&["list"]);
    assert_eq!(rows.len(), wanted.len());
    assert!(rows.iter().all(|row| row["preview"]["state"] == "ready"));
    let known: BTreeSet<_> =
        rows.iter().map(|row| row["original_name"].as_str().unwrap().to_owned()).collect();
    for (_, name) in &marks {
        assert!(known.contains(name), "{name:?} is not known by its name any more");
    }
    let said = computer.says(&["list"]);
    said.expect(&["list"], &[0]);
    assert!(
        !said.stdout.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')),
        "a name speaks to the terminal: {:?}",
        said.stdout
    );
    assert_eq!(said.stdout.lines().count(), rows.len(), "one line each");
    for (mark, name) in marks.iter().step_by(7) {
        let found = computer.lines(&["list", mark]);
        assert_eq!(found.len(), 1, "{mark} for {name:?}");
        assert_eq!(found[0]["original_name"].as_str(), Some(name.as_str()));
    }
    for (name, _) in names() {
        let Ok(name) = String::from_utf8(name) else { continue };
        // whatever the query means, it is understood or refused, and the catalogue stays
        let said = computer.says(&["list", "--json", "--", &name]);
        assert!(matches!(said.code, Some(0 | 2)), "{name:?}: {said:?}");
    }
    assert_eq!(computer.lines(&["list"]).len(), wanted.len());

    let out = place.path("out");
    let done = computer.json(&["export", "--to", out.to_str().unwrap()]);
    assert_eq!(done["exported"], wanted.len(), "{done}");
    let mut exported = files_below(&out);
    exported.retain(|name| name != "darkslide-export.json");
    exported.iter().for_each(|path| harmless(path));
    assert_eq!(hashes_below(&out, &exported), wanted);

    let words = computer.vault_create();
    let done = computer.json(&["backup"]);
    assert_eq!(done["failed"], Value::Array(vec![]));
    let other = place.computer("two").with(server.bucket());
    other.vault_open(&words);
    let done = other.json(&["restore"]);
    assert_eq!(done["restored"], wanted.len(), "{done}");
    let back = originals_below(&other.library);
    back.iter().for_each(|path| harmless(path));
    assert_eq!(hashes_below(&other.library, &back), wanted);
    let names_of = |rows: &[Value]| -> BTreeSet<String> {
        rows.iter().map(|row| row["original_name"].to_string()).collect()
    };
    assert_eq!(names_of(&other.lines(&["list"])), names_of(&rows));
}
