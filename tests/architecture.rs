//! Holds the house to its plan: which room may name which, and what may stand where.
//!
//! Reads the sources as text. Comments and string literals are blanked first, so that a sentence
//! about a forbidden thing is not the thing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of the core in their order, and what each may name. An edge that is not here is a
/// change of the architecture: make it here first, with the reason in the commit.
const ROOMS: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("media", &["error"]),
    ("progress", &["error"]),
    ("files", &["error", "media", "progress"]),
    // Moves bytes to workers and back; knows nothing of what is in them.
    ("sandbox", &["error"]),
    ("metadata", &["error", "media", "progress", "files", "sandbox"]),
    ("card", &["error", "media", "progress", "files", "metadata"]),
    ("catalog", &["error", "media"]),
    ("import", &["error", "media", "progress", "files", "metadata", "card", "catalog"]),
    ("export", &["error", "media", "progress", "files", "catalog"]),
    (
        "previews",
        &[
            "error", "media", "progress", "files", "sandbox", "metadata", "card", "catalog",
            "import",
        ],
    ),
    // What answers in a worker: the two rooms that read hostile files, and nothing that writes.
    ("worker", &["sandbox", "metadata", "previews"]),
    ("encryption", &["error"]),
    // `media` for the plain ids that stand in contexts and file names, nothing else.
    ("keys", &["error", "media", "encryption"]),
    ("store", &["error", "progress"]),
    ("backup", ABOVE_BACKUP),
    (
        "restore",
        &[
            "error",
            "media",
            "progress",
            "files",
            "metadata",
            "catalog",
            "previews",
            "encryption",
            "keys",
            "store",
            "backup",
        ],
    ),
    (
        "share",
        &[
            "error",
            "media",
            "progress",
            "files",
            "metadata",
            "catalog",
            "previews",
            "encryption",
            "keys",
            "store",
            "backup",
            "restore",
        ],
    ),
    // What runs by itself takes in what it finds, as an import does, and reaches no bucket.
    ("routine", &["error", "media", "progress", "files", "metadata", "card", "catalog", "import"]),
    (
        "vault",
        &[
            "error",
            "media",
            "progress",
            "files",
            "sandbox",
            "metadata",
            "card",
            "catalog",
            "import",
            "export",
            "previews",
            "encryption",
            "keys",
            "store",
            "backup",
            "restore",
            "share",
            "routine",
        ],
    ),
    // For fuzzers and tests alone: every reader of bytes as a function.
    (
        "fuzzing",
        &[
            "media",
            "sandbox",
            "metadata",
            "catalog",
            "import",
            "previews",
            "encryption",
            "keys",
            "backup",
        ],
    ),
];
/// All above but `card` and `import`: what is in the catalogue is backed up, wherever it came from.
const ABOVE_BACKUP: &[&str] = &[
    "error",
    "media",
    "progress",
    "files",
    "metadata",
    "catalog",
    "previews",
    "encryption",
    "keys",
    "store",
];

#[test]
fn a_room_names_only_the_rooms_it_may() {
    let mut wrong = Vec::new();
    for file in core_sources() {
        let Some(room) = room_of(&file.path) else { continue };
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{}: `{room}` is not in the table", file.path));
            continue;
        };
        for named in crate_names(&file.code) {
            if named != room && !allowed.contains(&named.as_str()) {
                wrong.push(format!("{}: names `crate::{named}`", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "edges the table does not have:\n{}", wrong.join("\n"));
}

#[test]
fn the_mod_lines_stand_in_the_order_of_dependence() {
    let lib = fs::read_to_string(root().join("src-tauri/core/src/lib.rs")).unwrap();
    let mods: Vec<_> =
        lib.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let table: Vec<_> = ROOMS.iter().map(|(name, _)| *name).collect();
    assert_eq!(mods, table, "lib.rs is read as the order of dependence");
    for (at, (name, allowed)) in ROOMS.iter().enumerate() {
        for other in *allowed {
            let above = table.iter().position(|n| n == other).expect("a room of the table");
            assert!(above < at, "`{name}` may not look down at `{other}`");
        }
    }
}

#[test]
fn the_core_knows_no_window_terminal_environment_or_clock() {
    let forbidden = [
        "tauri::",
        "println!",
        "eprintln!",
        "print!(",
        "eprint!(",
        "env::var",
        "env::args",
        "env::home_dir",
        "env::temp_dir",
        "env::current_dir",
        "Command::new",
        "process::exit",
        "SystemTime::now",
        "Timestamp::now",
        "Zoned::now",
    ];
    let mut sources = core_sources();
    // The one place that starts this program again, as a worker.
    sources.retain(|s| s.path != "src-tauri/core/src/sandbox/start.rs");
    let mut found = occurrences(&sources, &forbidden);
    // Films are decoded by ffmpeg, a program of its own: there, and nowhere else.
    found.retain(|line| !(line.contains("previews/film.rs") && line.contains("Command::new")));
    // Cards are let go of by the system's own programs: there, and nowhere else.
    found.retain(|line| !(line.contains("card/eject.rs") && line.contains("Command::new")));
    assert!(found.is_empty(), "not in the core:\n{}", found.join("\n"));
}

#[test]
fn nothing_is_left_for_later_in_product_code() {
    let mut sources = core_sources();
    sources.extend(sources_under("src-tauri/src", &["rs"]));
    sources.extend(sources_under("src-tauri/cli", &["rs"]));
    sources.extend(sources_under("src-tauri/demo/src", &["rs"]));
    let found = occurrences(&sources, &["todo!", "unimplemented!", "#[ignore", "dbg!"]);
    assert!(found.is_empty(), "left for later:\n{}", found.join("\n"));
}

#[test]
fn only_ipc_speaks_to_the_shell() {
    let mut sources = sources_under("ui/src", &["ts", "svelte"]);
    sources.extend(sources_under("ui/gallery", &["ts"]));
    let found: Vec<_> = sources
        .into_iter()
        .filter(|f| !f.path.starts_with("ui/src/lib/ipc/") && f.text.contains("@tauri-apps/"))
        .map(|f| f.path)
        .collect();
    assert!(found.is_empty(), "only ui/src/lib/ipc imports @tauri-apps:\n{}", found.join("\n"));
}

#[test]
fn the_clients_page_has_no_framework_and_no_shell() {
    let found: Vec<_> = sources_under("ui/gallery", &["ts"])
        .into_iter()
        .filter(|f| f.text.contains("from 'svelte") || f.text.contains("src/lib/ipc"))
        .map(|f| f.path)
        .collect();
    assert!(found.is_empty(), "the gallery is plain TypeScript:\n{}", found.join("\n"));
}

#[test]
fn no_file_names_the_place_it_was_written_at() {
    // Spelt in two halves, or this file would find itself.
    let places = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("shared", "/corpus"),
        concat!("/tmp", "/wt"),
    ];
    let found: Vec<_> = all_files()
        .into_iter()
        .filter_map(|path| {
            let text = String::from_utf8(fs::read(root().join(&path)).ok()?).ok()?;
            let place = places.iter().find(|place| text.contains(**place))?;
            Some(format!("{path}: {place}"))
        })
        .collect();
    assert!(found.is_empty(), "paths of one machine:\n{}", found.join("\n"));
}

#[test]
fn fixtures_are_small_and_every_folder_has_its_licence() {
    let dir = root().join("tests/fixtures");
    let licences = fs::read_to_string(dir.join("LICENCES.md")).unwrap();
    let mut bytes = 0;
    for path in all_files().iter().filter(|p| p.starts_with("tests/fixtures/")) {
        bytes += fs::metadata(root().join(path)).unwrap().len();
        let Some((folder, name)) = path["tests/fixtures/".len()..].split_once('/') else {
            continue;
        };
        assert!(licences.contains(&format!("`{folder}/`")), "{folder}/ is not in LICENCES.md");
        if folder == "card" {
            assert!(licences.contains(name), "{path} is not in LICENCES.md");
        }
    }
    assert!(bytes < 15_000_000, "{bytes} bytes of fixtures; the limit is 15 MB");
}

#[test]
fn the_reader_sees_code_and_not_what_is_said_about_it() {
    let code = blank(
        "use crate::{media::X, store}; // crate::share\nlet s = \"crate::vault\"; 'a' '\\'' r#\"crate::keys\"#; crate::files::f::<'a>()",
    );
    assert_eq!(crate_names(&code), ["files", "media", "store"].map(str::to_owned).into());
    let code =
        blank("use crate::{\n error::{At, Code},\n catalog::*,\n};\n/* crate::share /* x */ */");
    assert_eq!(crate_names(&code), ["catalog", "error"].map(str::to_owned).into());
}

/// One source file: its path from the root, its text, and its text without comments and literals
/// up to its own unit tests.
struct Source {
    path: String,
    text: String,
    code: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The product code of the core: unit tests may name what they like.
fn core_sources() -> Vec<Source> {
    let mut sources = sources_under("src-tauri/core/src", &["rs"]);
    assert!(sources.len() > 40, "the core's sources are where this test looks for them");
    let tests = test_modules(&sources);
    sources.retain(|s| !tests.contains(&s.path));
    sources
}

/// The files that a `#[cfg(test)] mod name;` makes part of the tests only.
fn test_modules(sources: &[Source]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for source in sources {
        let lines: Vec<_> = source.text.lines().map(str::trim).collect();
        for pair in lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]") {
            let line = pair[1].trim_start_matches("pub(super) ").trim_start_matches("pub(crate) ");
            let Some(name) = line.strip_prefix("mod ").and_then(|l| l.strip_suffix(';')) else {
                continue;
            };
            let (dir, file) = source.path.rsplit_once('/').expect("a path below the root");
            let dir = match file {
                "mod.rs" | "lib.rs" => dir.to_owned(),
                _ => format!("{dir}/{}", file.trim_end_matches(".rs")),
            };
            found.insert(format!("{dir}/{name}.rs"));
            found.insert(format!("{dir}/{name}/mod.rs"));
        }
    }
    found
}

fn room_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src-tauri/core/src/")?;
    let first = inside.split('/').next()?;
    let room = first.strip_suffix(".rs").unwrap_or(first);
    (room != "lib").then_some(room)
}

fn sources_under(dir: &str, extensions: &[&str]) -> Vec<Source> {
    all_files()
        .into_iter()
        .filter(|path| path.starts_with(&format!("{dir}/")))
        .filter(|path| extensions.iter().any(|e| path.ends_with(&format!(".{e}"))))
        .map(|path| {
            let text = fs::read_to_string(root().join(&path)).unwrap();
            let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let code = blank(product);
            Source { path, text, code }
        })
        .collect()
}

/// Every file of the repository, but nothing that is built or downloaded.
fn all_files() -> Vec<String> {
    const AWAY: &[&str] = &[
        ".git",
        "target",
        "node_modules",
        "dist",
        "gen",
        "test-results",
        "test-output",
        ".svelte-kit",
    ];
    fn walk(dir: &Path, out: &mut Vec<String>) {
        for entry in fs::read_dir(dir).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().to_string_lossy().into_owned();
            if AWAY.contains(&name.as_str()) {
                continue;
            }
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                walk(&path, out);
            } else {
                let inside = path.strip_prefix(root()).unwrap();
                out.push(inside.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    let mut out = Vec::new();
    walk(&root(), &mut out);
    out.sort();
    out
}

fn occurrences(sources: &[Source], forbidden: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        for (n, line) in source.code.lines().enumerate() {
            for what in forbidden.iter().filter(|what| contains_word(line, what)) {
                found.push(format!("{}:{}: {what}", source.path, n + 1));
            }
        }
    }
    found
}

/// `what` in `line`, not as the end of a longer name.
fn contains_word(line: &str, what: &str) -> bool {
    line.match_indices(what)
        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// The first names behind `crate::`, lists in braces included.
fn crate_names(code: &str) -> BTreeSet<String> {
    let name = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let Some(list) = rest.strip_prefix('{') else {
            names.insert(name(rest));
            continue;
        };
        let (mut depth, mut fresh) = (1, true);
        for (i, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => fresh = true,
                _ if fresh && depth == 1 && !c.is_whitespace() => {
                    names.insert(name(&list[i..]));
                    fresh = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    names.remove("");
    names
}

/// Replaces comments, strings and characters by blanks; lines keep their numbers.
fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    let starts =
        |i: usize, what: &str| what.chars().enumerate().all(|(n, c)| chars.get(i + n) == Some(&c));
    while i < chars.len() {
        let end = if starts(i, "//") {
            (i..chars.len()).find(|&n| chars[n] == '\n').unwrap_or(chars.len())
        } else if starts(i, "/*") {
            let (mut n, mut depth) = (i + 2, 1);
            while n < chars.len() && depth > 0 {
                if starts(n, "/*") {
                    depth += 1;
                    n += 2;
                } else if starts(n, "*/") {
                    depth -= 1;
                    n += 2;
                } else {
                    n += 1;
                }
            }
            n
        } else if chars[i] == 'r'
            && (starts(i + 1, "\"") || starts(i + 1, "#"))
            && !out.ends_with(|c: char| c.is_alphanumeric())
        {
            let hashes = chars[i + 1..].iter().take_while(|c| **c == '#').count();
            let close = format!("\"{}", "#".repeat(hashes));
            if chars.get(i + 1 + hashes) == Some(&'"') {
                (i + 2 + hashes..chars.len())
                    .find(|&n| starts(n, &close))
                    .map_or(chars.len(), |n| n + close.len())
            } else {
                i
            }
        } else if chars[i] == '"' {
            let mut n = i + 1;
            while n < chars.len() && chars[n] != '"' {
                n += if chars[n] == '\\' { 2 } else { 1 };
            }
            n + 1
        } else if chars[i] == '\'' && chars.get(i + 1) == Some(&'\\') {
            (i + 3..chars.len()).find(|&n| chars[n] == '\'').map_or(chars.len(), |n| n + 1)
        } else if chars[i] == '\'' && chars.get(i + 2) == Some(&'\'') {
            i + 3
        } else {
            i
        };
        if end == i {
            out.push(chars[i]);
            i += 1;
        } else {
            let end = end.min(chars.len());
            out.extend(chars[i..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            i = end;
        }
    }
    out
}
