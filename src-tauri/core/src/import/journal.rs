//! The journal: what a killed import leaves behind, so that the next run finds it.
//!
//! `library/.darkslide/journal/<import id>.jsonl` names, before they are used, the folders that get
//! temporary files, and before each batch of renames, which card file becomes which library file.
//! The next run sweeps those folders, and gives a card file the name the journal already gave it:
//! finding its own bytes there, it takes them as they are. So nothing is doubled, whatever the
//! template or the sequence number would say now. A journal goes when its import has ended.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::error::Result;
use super::roots::Roots;
use crate::card::CardFile;
use crate::catalog::LastNumbers;
use crate::files::{self, Log, Xxh64};
use crate::media::{ContentHash, ImportId};

const FOLDER: &str = ".darkslide/journal";

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// Of which card this is.
    Card(String),
    /// Folders below each root, then the roots.
    Folders(Vec<String>, Vec<String>),
    /// (raw card path in base64url, bytes, mtime) becomes a path of the library.
    File(String, u64, i64, String),
    /// The last numbers, by series, in the names that follow.
    Numbers(BTreeMap<String, u64>),
    /// What was read: SHA-256, XXH64.
    Sum(ContentHash, String),
}

/// The journal of the running import.
#[derive(Debug)]
pub(super) struct Journal {
    log: Log,
    path: PathBuf,
}

/// What earlier runs had begun.
#[derive(Debug, Default)]
pub(super) struct Begun {
    /// What those over the same card were about to place, and where.
    paths: HashMap<(Vec<u8>, u64, i64), String>,
    /// The XXH64 of what they read.
    pub sums: HashMap<ContentHash, Xxh64>,
    /// The last numbers of all of them.
    pub numbers: LastNumbers,
}

impl Begun {
    pub fn path_of(&self, file: &CardFile) -> Option<&str> {
        let key = (file.raw_path().to_vec(), file.bytes, file.mtime_ns);
        self.paths.get(&key).map(String::as_str)
    }

    /// What was about to be placed, with its length.
    pub fn places(&self) -> Vec<(String, u64)> {
        self.paths.iter().map(|((_, bytes, _), path)| (path.clone(), *bytes)).collect()
    }
}

impl Journal {
    /// Starts the journal, or goes on with that of a run that was cut off.
    pub fn open(
        library: &Path,
        import: ImportId,
        card: &str,
        folders: &BTreeSet<String>,
        roots: &Roots,
    ) -> Result<Self> {
        let folder = library.join(FOLDER);
        files::create_dirs(&folder)?;
        let path = folder.join(format!("{import}.jsonl"));
        let names = roots.all.iter().map(|r| r.path.to_string_lossy().into_owned()).collect();
        let mut journal = Self { log: Log::open(&path)?, path };
        let folders = folders.iter().cloned().collect();
        journal.append(&[Line::Card(card.to_owned()), Line::Folders(folders, names)])?;
        Ok(journal)
    }

    /// Notes what is about to get its final name, and the numbers in those names.
    pub fn placing<'a>(
        &mut self,
        files: impl Iterator<Item = (&'a CardFile, &'a str, ContentHash, Xxh64)>,
        numbers: &LastNumbers,
    ) -> Result<()> {
        let lines = |(file, path, sha256, xxh64): (&CardFile, &str, ContentHash, Xxh64)| {
            let raw = BASE64URL_NOPAD.encode(file.raw_path());
            let sum = Line::Sum(sha256, xxh64.to_string());
            [sum, Line::File(raw, file.bytes, file.mtime_ns, path.to_owned())]
        };
        let mut all = Vec::new();
        if !numbers.is_empty() {
            let named = numbers.iter().map(|(series, last)| (series.to_string(), *last));
            all.push(Line::Numbers(named.collect()));
        }
        all.extend(files.flat_map(lines));
        self.append(&all)
    }

    /// The import has ended: everything placed is in the catalogue. Where a mirror that may have half
    /// files is away, the journal stays until it can be swept.
    pub fn close(self) -> Result<()> {
        let text = fs::read(&self.path).unwrap_or_default();
        let away = lines(&text).any(|line| match line {
            Line::Folders(_, roots) => roots.iter().skip(1).any(|root| !Path::new(root).is_dir()),
            _ => false,
        });
        if away { Ok(()) } else { Ok(files::remove(&self.path)?) }
    }

    fn append(&mut self, lines: &[Line]) -> Result<()> {
        let text = |line| serde_json::to_vec(line).expect("a line is plain data");
        Ok(self.log.append(&lines.iter().map(text).collect::<Vec<_>>())?)
    }
}

/// The lines of a journal; a torn last one is none.
fn lines(text: &[u8]) -> impl Iterator<Item = Line> {
    text.split(|b| *b == b'\n').filter_map(|line| serde_json::from_slice(line).ok())
}

/// Returns what cut-off runs over `card` had begun; sweeps what they left half written, unless some
/// import is under way whose half files these may be.
///
/// The folders are swept in the roots of then and in those of now: a library may have moved.
pub(super) fn begun(roots: &Roots, card: &str, sweep: bool) -> Result<Begun> {
    let library = &roots.all[0].path;
    let folder = library.join(FOLDER);
    let mut begun = Begun::default();
    let Ok(entries) = fs::read_dir(&folder) else { return Ok(begun) };
    if sweep {
        files::sweep(&library.join(".darkslide/manifests"))?;
    }
    for entry in entries.flatten() {
        let Ok(text) = fs::read(entry.path()) else { continue };
        let mut same_card = false;
        for line in lines(&text) {
            match line {
                Line::Card(name) => same_card = name == card,
                Line::Folders(folders, then) if sweep => {
                    let now = roots.all.iter().map(|root| root.path.as_path());
                    let all: BTreeSet<&Path> = then.iter().map(Path::new).chain(now).collect();
                    for root in all {
                        for folder in &folders {
                            // a mirror that is away now is swept when it is back
                            let _ = files::sweep(&root.join(folder));
                        }
                    }
                }
                Line::File(raw, bytes, mtime_ns, path) if same_card => {
                    if let Ok(raw) = BASE64URL_NOPAD.decode(raw.as_bytes()) {
                        begun.paths.insert((raw, bytes, mtime_ns), path);
                    }
                }
                Line::Sum(sha256, text) if same_card => {
                    begun.sums.extend(Xxh64::parse(&text).map(|xxh64| (sha256, xxh64)));
                }
                Line::Folders(..) | Line::File(..) | Line::Sum(..) => {}
                Line::Numbers(numbers) => {
                    for (series, last) in numbers {
                        let Ok(series) = series.parse() else { continue };
                        let known = begun.numbers.entry(series).or_insert(0);
                        *known = last.max(*known);
                    }
                }
            }
        }
    }
    Ok(begun)
}

/// Removes the journals of ended runs over this card, but for `keep`.
pub(super) fn forget(library: &Path, card: &str, keep: ImportId) -> Result<()> {
    let Ok(entries) = fs::read_dir(library.join(FOLDER)) else { return Ok(()) };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy() == format!("{keep}.jsonl") {
            continue;
        }
        let Ok(text) = fs::read(entry.path()) else { continue };
        if lines(&text).any(|line| matches!(line, Line::Card(name) if name == card)) {
            files::remove(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Series;
    use crate::media::Role;

    fn file(name: &str) -> CardFile {
        CardFile { path: name.into(), bytes: 3, mtime_ns: 7, last_change: None, role: Role::Image }
    }

    #[test]
    fn the_next_run_sweeps_the_folders_and_knows_what_was_begun() {
        let dir = tempfile::tempdir().unwrap();
        let (library, mirror) = (dir.path().join("library"), dir.path().join("mirror"));
        for root in [&library, &mirror] {
            files::create_dirs(&root.join("O/2026")).unwrap();
            files::write_new(&root.join("O/2026/.darkslide-tmp-0123456789abcdef"), b"x").unwrap();
            files::write_new(&root.join("O/2026/IMG_1.JPG"), b"x").unwrap();
        }
        let roots = Roots::new(&library, std::slice::from_ref(&mirror), None).unwrap();
        let folders = BTreeSet::from(["O/2026".to_owned()]);
        let import = ImportId([1; 16]);
        let mut journal = Journal::open(&library, import, "card", &folders, &roots).unwrap();
        let numbers = LastNumbers::from([(Series::All, 7)]);
        let (hash, xxh64) = (ContentHash([7; 32]), Xxh64(7));
        journal.placing([(&file("a"), "O/2026/a", hash, xxh64)].into_iter(), &numbers).unwrap();

        begun(&roots, "card", false).unwrap();
        let left = fs::read_dir(library.join("O/2026")).unwrap().count();
        assert_eq!(left, 2, "not while others run");
        let known = begun(&roots, "card", true).unwrap();
        assert_eq!(known.path_of(&file("a")), Some("O/2026/a"));
        assert_eq!(known.path_of(&file("b")), None);
        assert_eq!(known.sums.get(&hash), Some(&xxh64));
        let another = begun(&roots, "another", true).unwrap();
        assert!(another.path_of(&file("a")).is_none() && another.sums.is_empty());
        assert_eq!(another.numbers, numbers, "a number is used up for every card");
        for root in [&library, &mirror] {
            assert_eq!(fs::read_dir(root.join("O/2026")).unwrap().count(), 1, "only the photo");
        }

        // a mirror that is away may hold half files: the journal stays until it was swept
        files::move_new(&mirror, &dir.path().join("away")).unwrap();
        journal.close().unwrap();
        files::write_new(&dir.path().join("away/O/2026/.darkslide-tmp-0123456789abcdef"), b"x")
            .unwrap();
        // and the library may have moved meanwhile
        let moved = dir.path().join("moved");
        files::move_new(&library, &moved).unwrap();
        files::write_new(&moved.join("O/2026/.darkslide-tmp-0123456789abcdef"), b"x").unwrap();
        files::move_new(&dir.path().join("away"), &mirror).unwrap();
        let roots = Roots::new(&moved, std::slice::from_ref(&mirror), None).unwrap();
        begun(&roots, "card", true).unwrap();
        for root in [&moved, &mirror] {
            assert_eq!(fs::read_dir(root.join("O/2026")).unwrap().count(), 1, "swept");
        }
        let journal = Journal::open(&moved, import, "card", &folders, &roots).unwrap();
        journal.close().unwrap();
        assert_eq!(begun(&roots, "card", true).unwrap().path_of(&file("a")), None);
    }
}
