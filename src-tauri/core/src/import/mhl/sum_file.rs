//! Plain lists of sums: what `md5sum`, `sha256sum`, `xxhsum` and their like write.
//!
//! `<sum>  <path>` or `KIND (<path>) = <sum>` a line; or nothing but the sum, in a file that is
//! called after the one it is of. Lines that are neither are passed over; a file with none of them
//! is a damaged list. Windows programs write `\` between folders.

use super::read::{Action, Named, Sum, stated};
use crate::files::SumKind;

/// Endings of names, and the kind that is written there unless a line says otherwise.
const ENDINGS: &[(&str, SumKind)] = &[
    (".md5", SumKind::Md5),
    (".sha1", SumKind::Sha1),
    (".sha256", SumKind::Sha256),
    (".xxh64", SumKind::Xxh64),
    (".xxhash64", SumKind::Xxh64),
    (".xxh3", SumKind::Xxh3),
    (".xxh128", SumKind::Xxh128),
    ("md5sums", SumKind::Md5),
    ("md5sums.txt", SumKind::Md5),
    ("md5sum.txt", SumKind::Md5),
    ("sha1sums", SumKind::Sha1),
    ("sha1sums.txt", SumKind::Sha1),
    ("sha256sums", SumKind::Sha256),
    ("sha256sums.txt", SumKind::Sha256),
    ("sha256sum.txt", SumKind::Sha256),
];

/// The kind of sum in a file of this name, if it is a list of sums.
pub fn kind_of(name: &str) -> Option<SumKind> {
    let name = name.to_ascii_lowercase();
    ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, kind)| *kind)
}

/// Whether nothing stands in a list but comments.
pub fn is_blank(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines
        .all(|line| line.is_empty() || [&b"#"[..], b";", b"//"].iter().any(|c| line.starts_with(c)))
}

/// Reads a list of sums of this kind. `name` is that of the list itself.
pub fn read(text: &[u8], kind: SumKind, name: &str) -> Vec<Named> {
    let text = String::from_utf8_lossy(text);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.filter_map(|line| named(line, kind, name)).collect()
}

fn named(line: &str, kind: SumKind, own: &str) -> Option<Named> {
    let (kind, text, path) = bsd(line).or_else(|| plain(line, kind, own))?;
    let sum = Sum { kind, text, action: Action::Unsaid, either_way: false, date: None };
    Some(Named { path, sums: vec![sum], ..Named::default() })
}

/// `MD5 (path) = sum`
fn bsd(line: &str) -> Option<(SumKind, String, String)> {
    let (word, rest) = line.split_once(" (")?;
    let (path, text) = rest.rsplit_once(") = ")?;
    let kind = match word.to_ascii_uppercase().as_str() {
        "MD5" => SumKind::Md5,
        "SHA1" => SumKind::Sha1,
        "SHA256" | "SHA2-256" => SumKind::Sha256,
        "XXH64" => SumKind::Xxh64,
        "XXH3" | "XXH3_64" => SumKind::Xxh3,
        "XXH128" | "XXH3_128" => SumKind::Xxh128,
        _ => return None,
    };
    Some((kind, stated(kind, text)?, path.to_owned()))
}

/// `sum  path`, `sum *path`, or `sum` alone.
fn plain(line: &str, kind: SumKind, own: &str) -> Option<(SumKind, String, String)> {
    // names with a line feed or a backslash in them are written with escapes, and said to be
    let (escaped, line) = line.strip_prefix('\\').map_or((false, line), |line| (true, line));
    let (text, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let text = stated(kind, text.strip_prefix("XXH3_").unwrap_or(text))?;
    let rest = rest.trim_start_matches([' ', '\t']);
    let path = rest.strip_prefix('*').unwrap_or(rest);
    if path.is_empty() {
        let of = own.rsplit_once('.').map(|(stem, _)| stem.to_owned())?;
        return Some((kind, text, of));
    }
    let path = if escaped { unescaped(path) } else { path.replace('\\', "/") };
    Some((kind, text, path))
}

fn unescaped(path: &str) -> String {
    let (mut plain, mut chars) = (String::new(), path.chars());
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            other => plain.extend(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "900150983cd24fb0d6963f7d28e17f72";

    fn paths(text: &str, kind: SumKind, name: &str) -> Vec<String> {
        read(text.as_bytes(), kind, name).into_iter().map(|named| named.path).collect()
    }

    #[test]
    fn lists_are_known_by_their_names() {
        for name in ["checksums.md5", "A001.SHA256", "MD5SUMS", "x.xxh128", "sha256sum.txt"] {
            assert!(kind_of(name).is_some(), "{name}");
        }
        for name in ["IMG_1.JPG", "notes.txt", "md5"] {
            assert!(kind_of(name).is_none(), "{name}");
        }
    }

    #[test]
    fn every_way_of_writing_a_line_is_understood() {
        let text = format!(
            "# made by hand\n{ABC}  DCIM/a b.jpg\r\n{ABC} *b.jpg\nMD5 (c (1).jpg) = {ABC}\n\
             \\{ABC}  d\\ne\\\\f.jpg\n{}\tg.jpg\nnot a sum  h.jpg\n{ABC} *.\\DCIM\\i.jpg\n{ABC}",
            ABC.to_uppercase()
        );
        assert_eq!(
            paths(&text, SumKind::Md5, "I.MOV.md5"),
            ["DCIM/a b.jpg", "b.jpg", "c (1).jpg", "d\ne\\f.jpg", "g.jpg", "./DCIM/i.jpg", "I.MOV"]
        );
        let found = read(text.as_bytes(), SumKind::Md5, "x.md5");
        assert!(found.iter().all(|named| named.sums[0].text == ABC));
    }

    #[test]
    fn a_list_of_comments_is_blank_and_garbage_is_not() {
        assert!(is_blank(b"") && is_blank(b"; made by X\r\n\n# none\n"));
        assert!(!is_blank(b"\xff\xfe4\0") && !is_blank(b"hello\n"));
    }

    #[test]
    fn what_only_has_the_name_of_a_list_names_nothing() {
        assert!(paths("hello\nworld  a.jpg\n", SumKind::Md5, "x.md5").is_empty());
        assert!(read(b"\xff\x00\xd8", SumKind::Sha256, "x.sha256").is_empty());
        assert!(paths(&format!("{ABC}  a.jpg"), SumKind::Sha256, "x.sha256").is_empty());
    }
}
