//! Names that are safe on every system, and the names only we use.
//!
//! Cards, buckets and users bring names; on disk stands what `safe_name` makes of them. The raw
//! name is kept as data in the catalogue. Two names may become one: whoever writes sees the
//! collision and adds a suffix.

use unicode_normalization::UnicodeNormalization;

/// Longest name of a file, in bytes, on the file systems in use.
pub const NAME_MAX_BYTES: usize = 255;
/// What `safe_name` may put to a name that it otherwise leaves as long as it is.
const MARKS: usize = 2;
/// A tail longer than this is none worth keeping whole.
const MAX_TAIL: usize = 64;
/// An extension longer than this is none worth keeping.
const MAX_EXTENSION: usize = 32;
/// How names of our own begin. Nothing from outside may begin so.
const OWN: &str = ".darkslide";
/// Below a folder of this name lies an ASC MHL history, and nothing else.
const HISTORY: &str = "ascmhl";
/// Names tried before a file is given up.
const NUMBERED: u32 = 1000;
/// How names of unfinished files begin.
const TEMP: &str = ".darkslide-tmp-";

/// Returns one path component for a name of any bytes: the same one every time, never empty.
///
/// It holds no separator, no control or direction character, nothing that XML or Windows forbids or
/// that is taken for a device or an MHL history, ends in neither dot nor space, and has at most 255
/// bytes with its extension kept.
#[must_use]
pub fn safe_name(raw: &[u8]) -> String {
    let mut name: String =
        String::from_utf8_lossy(raw).chars().map(|c| if forbidden(c) { '_' } else { c }).collect();
    let end = name.trim_end_matches(['.', ' ']).len();
    if end < name.len() {
        name.truncate(end);
        name.push('_');
    }
    let taken = is_device(&name) || starts_with_own(&name) || name.eq_ignore_ascii_case(HISTORY);
    if name.is_empty() || taken {
        name.insert(0, '_');
    }
    shorten(&name, "")
}

/// Returns one path component made of the three, like `safe_name`.
///
/// Where they are too long together the stem gives way, so that the suffix still tells two names
/// apart.
#[must_use]
pub fn safe_name_of(stem: &str, suffix: &str, tail: &str) -> String {
    let fits = stem.len() + suffix.len() + tail.len() + MARKS <= NAME_MAX_BYTES;
    if !fits && tail.len() > MAX_TAIL {
        return with_suffix(&safe_name(format!("{stem}{tail}").as_bytes()), suffix);
    }
    let room = NAME_MAX_BYTES.saturating_sub(MARKS + suffix.len() + tail.len());
    let stem = if fits { stem } else { &stem[..stem.floor_char_boundary(room)] };
    safe_name(format!("{stem}{suffix}{tail}").as_bytes())
}

/// Returns `name` with `suffix` before its extension, still a safe name.
#[must_use]
fn with_suffix(name: &str, suffix: &str) -> String {
    shorten(name, suffix)
}

/// Returns the names to try for a file where others may lie: `name`, then with `-2`, `-3`, .. before
/// its extension. They end, so that no folder keeps anybody for ever.
pub fn numbered(name: &str) -> impl Iterator<Item = String> {
    let more = (2..=NUMBERED).map(move |n| with_suffix(name, &format!("-{n}")));
    std::iter::once(name.to_owned()).chain(more)
}

/// Returns what two names are compared by: names equal here may be one file on some disk.
#[must_use]
pub fn fold_name(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// Whether a file of this name is an unfinished one of ours.
#[must_use]
pub fn is_temp(name: &str) -> bool {
    name.strip_prefix(TEMP)
        .is_some_and(|rest| rest.len() == 16 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Returns a name for an unfinished file.
pub(super) fn temp_name() -> String {
    format!("{TEMP}{:016x}", rand::random::<u64>())
}

fn forbidden(c: char) -> bool {
    matches!(
        c,
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|'
            // marks that turn the direction of text and so hide what a name is
            | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{2028}' | '\u{2029}' | '\u{feff}'
            // no XML can hold these, so no manifest could name the file
            | '\u{fffe}' | '\u{ffff}'
    ) || c.is_control()
}

/// Windows takes these for devices, with any extension and in any case.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end_matches(' ');
    let stem = stem.to_uppercase();
    if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$") {
        return true;
    }
    let Some(port) = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT")) else {
        return false;
    };
    let mut rest = port.chars();
    matches!(rest.next(), Some('0'..='9' | '¹' | '²' | '³')) && rest.next().is_none()
}

fn starts_with_own(name: &str) -> bool {
    name.get(..OWN.len()).is_some_and(|start| start.eq_ignore_ascii_case(OWN))
}

/// Puts `suffix` between stem and extension and shortens the stem until all fits.
fn shorten(name: &str, suffix: &str) -> String {
    let (stem, extension) = match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= MAX_EXTENSION => name.split_at(dot),
        _ => (name, ""),
    };
    let mut room = NAME_MAX_BYTES.saturating_sub(extension.len() + suffix.len()).min(stem.len());
    while !stem.is_char_boundary(room) {
        room -= 1;
    }
    let mut short = format!("{}{suffix}{extension}", &stem[..room]);
    // cutting may have laid a dot or space bare
    if short.ends_with(['.', ' ']) {
        short.pop();
        short.push('_');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules, checked without the code above.
    fn assert_safe(raw: &[u8]) {
        let name = safe_name(raw);
        let why = format!("{name:?} made of {:?}", String::from_utf8_lossy(raw));
        assert!(!name.is_empty() && name.len() <= 255, "length: {why}");
        assert!(
            !name.chars().any(|c| "/\\:*?\"<>|".contains(c) || c.is_control()),
            "forbidden character: {why}"
        );
        assert!(!name.ends_with('.') && !name.ends_with(' '), "end: {why}");
        assert!(name != "." && name != "..", "step out: {why}");
        assert!(!name.to_lowercase().starts_with(".darkslide"), "own name: {why}");
        let stem = name.split('.').next().unwrap().trim_end().to_lowercase();
        for device in ["con", "prn", "aux", "nul", "conin$", "conout$", "com1", "com¹", "lpt9"] {
            assert_ne!(stem, device, "device: {why}");
        }
        assert_ne!(name.to_lowercase(), "ascmhl", "an MHL history: {why}");
        assert!(!name.contains(['\u{fffe}', '\u{ffff}']), "not for XML: {why}");
        assert_eq!(std::path::Path::new(&name).components().count(), 1, "one component: {why}");
        assert_eq!(safe_name(raw), name, "the same every time");
        assert_eq!(safe_name(name.as_bytes()), name, "a safe name stays as it is");
        assert!(with_suffix(&name, "-2").len() <= 255, "suffixed: {why}");
    }

    #[test]
    fn hostile_names_become_one_harmless_component() {
        let mut corpus: Vec<Vec<u8>> = Vec::new();
        let stems: &[&[u8]] = &[
            b"..",
            b".",
            b"",
            b" ",
            b"...",
            b"../../etc/passwd",
            b"..\\..\\x",
            b"C:\\x",
            b"\\\\h\\s",
            b"a:stream",
            b"a::$DATA",
            b"con",
            b"NUL",
            b"Aux",
            b"prn",
            b"com1",
            b"LPT9",
            b"COM0",
            "COM¹".as_bytes(),
            "lpt³".as_bytes(),
            b"CONIN$",
            b"conout$",
            b"nul ",
            b"con .",
            b"a\0b",
            b"a\nb",
            b"a\rb",
            b"a\x1b[2Jb",
            b"a\x7fb",
            b"\xff\xfe",
            b"IMG_\xe9",
            b"\xed\xa0\x80",
            "e\u{301}".as_bytes(),
            "\u{e9}".as_bytes(),
            "a\u{202e}gpj".as_bytes(),
            "\u{feff}x".as_bytes(),
            "a\u{2028}b".as_bytes(),
            b"<img src=x onerror=alert(1)>",
            b"'); DROP TABLE photos;--",
            b"%00",
            b"%2e%2e%2f",
            b"${HOME}",
            b"$(id)",
            b"`id`",
            b"-rf",
            b"~",
            b"*",
            b"?",
            b"a|b",
            b"\"q\"",
            b".darkslide",
            b".Darkslide-TMP-0123456789abcdef",
            b"ascmhl",
            b"ASCMHL",
            "a\u{fffe}b\u{ffff}".as_bytes(),
        ];
        for stem in stems {
            for tail in [&b""[..], b".jpg", b".JPG.", b". ", b".tar.gz", b".\xff"] {
                corpus.push([stem, tail].concat());
            }
        }
        for length in [100, 250, 251, 254, 255, 256, 300, 5000] {
            corpus.push(vec![b'x'; length]);
            corpus.push([vec![b'x'; length], b".jpeg".to_vec()].concat());
            corpus.push("é".repeat(length).into_bytes());
            corpus.push(["日".repeat(length), ".CR3".into()].concat().into_bytes());
            corpus.push([vec![b'.'; length], b"x".to_vec(), vec![b' '; length]].concat());
        }
        assert!(corpus.len() >= 300, "the corpus has {} names", corpus.len());
        corpus.iter().for_each(|raw| assert_safe(raw));
    }

    #[test]
    fn a_suffix_tells_names_of_any_length_apart() {
        for (stem, tail) in [
            ("IMG_1".to_owned(), ".CR3".to_owned()),
            ("é".repeat(400), ".CR3.xmp".to_owned()),
            ("x".repeat(253), String::new()),
            ("a".to_owned(), format!(".{}", "y".repeat(300))),
            ("é".repeat(400), format!(".{}", "z".repeat(100))),
        ] {
            let names = ["", "-2", "-3", "-1000"].map(|n| safe_name_of(&stem, n, &tail));
            names.iter().for_each(|name| assert_safe(name.as_bytes()));
            let apart: std::collections::HashSet<_> = names.iter().collect();
            assert_eq!(apart.len(), 4, "{names:?}");
            if tail.len() <= MAX_TAIL {
                assert!(names.iter().all(|name| name.ends_with(&tail)), "{names:?}");
            }
        }
        assert_eq!(safe_name_of("IMG_1", "-2", ".CR3"), "IMG_1-2.CR3");
    }

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in ["IMG_0001.CR3", "DSC 12.jpg", "été.heic", ".hidden", "console.jpg", "com10.x"]
        {
            assert_eq!(safe_name(name.as_bytes()), name);
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = safe_name(format!("{}.CR3", "x".repeat(400)).as_bytes());
        assert_eq!((name.len(), &name[251..]), (255, ".CR3"));
        assert!(with_suffix(&name, "-2").ends_with("x-2.CR3"));
    }

    #[test]
    fn case_and_composition_do_not_tell_names_apart() {
        assert_eq!(fold_name("E\u{301}.JPG"), fold_name("\u{e9}.jpg"));
        assert_ne!(fold_name("a.jpg"), fold_name("b.jpg"));
    }

    #[test]
    fn only_our_own_temporary_names_count_as_such() {
        assert!(is_temp(&temp_name()));
        assert!(!is_temp(".darkslide-tmp-notes"));
        assert!(!is_temp("IMG_1.tmp"));
    }
}
