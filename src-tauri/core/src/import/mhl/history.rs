//! The ASC MHL history beside the originals: a new generation for every import.
//!
//! `<folder>/ascmhl/NNNN_<folder>_<date>_<time>Z.mhl` names the files of one import with their XXH64,
//! and `ascmhl_chain.xml` names the generations with their C4 ids. A generation is never changed,
//! with one exception: an import that was stopped and goes on writes its own anew, with all its
//! files, as long as no other came after it. Generations that other programs have written are
//! continued, and what they ignore stays ignored.
//!
//! A generation is there whole before the chain names it, and one that is replaced goes after the
//! chain has forgotten it. What a crash leaves between these steps is set right by the next import.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::Timestamp;
use quick_xml::escape::{escape, partial_escape};

use super::MhlError;
use super::read::{self, Link, Named, Unreadable};
use crate::error::PathError;
use crate::files::{self, Xxh64, c4_of, safe_name};
use crate::media::ImportId;

/// The folder of a history.
pub const FOLDER: &str = "ascmhl";
pub const CHAIN: &str = "ascmhl_chain.xml";
/// No generation of ours comes near this.
const MAX_BYTES: u64 = 256 << 20;
/// What no generation has to name: systems' own files, our records and half files, and sidecars:
/// they are made to be written again, and who verifies a history holds each file against its first hash.
const IGNORED: &[&str] = &[
    ".DS_Store",
    "ascmhl",
    "ascmhl/",
    "Thumbs.db",
    "desktop.ini",
    ".darkslide/",
    ".darkslide-tmp-*",
    "*.xmp",
    "*.XMP",
];
/// Two imports of one program may end at the same moment.
static WRITING: Mutex<()> = Mutex::new(());

/// Who writes a generation, and when.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    pub import: ImportId,
    pub at: Timestamp,
    pub computer: &'a str,
}

/// A file of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Relative to the root of library or mirror, with `/`.
    pub path: String,
    pub bytes: u64,
    pub mtime_ns: i64,
    /// Whether it was written and verified just now, and not by an earlier run.
    pub now: bool,
}

/// A line of a generation.
#[derive(Debug, Clone)]
struct Line {
    bytes: Option<u64>,
    modified: Option<String>,
    xxh64: Xxh64,
    verified: bool,
    date: Option<String>,
}

/// What the generations say of one path.
#[derive(Debug, Default)]
struct Said {
    xxh64: Option<Xxh64>,
    original: bool,
}

/// A history on disk.
struct History {
    dir: PathBuf,
    chain: Vec<Link>,
    chain_changed: bool,
    /// Number and name, in order.
    generations: Vec<(u64, String)>,
}

/// Notes `members`, all of them below `folder`, in the history of that folder.
///
/// `sum` is asked for the XXH64 of those that the history does not know; what it has none of is
/// left out. Returns the path of this import's generation relative to `root`.
pub fn record(
    root: &Path,
    folder: &str,
    members: &[Member],
    about: &About<'_>,
    sum: &mut dyn FnMut(&Member) -> Option<Xxh64>,
) -> Result<Option<String>, MhlError> {
    // a poisoned lock only means that another writer died: what it left is set right here
    let _one_at_a_time = WRITING.lock().unwrap_or_else(|dead| dead.into_inner());
    let mut history = History::open(&root.join(folder).join(FOLDER))?;
    let inside = |path: &str| below(folder, path).map(str::to_owned);
    let wanted: HashMap<String, &Member> =
        members.iter().filter_map(|m| Some((inside(&m.path)?, m))).collect();

    let mine = comment(about.import);
    // this import's own generation, and whether it is the last and may be written anew
    let mut own: Option<(u64, String)> = None;
    let mut continued = false;
    let mut said: HashMap<String, Said> = HashMap::new();
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    let mut ignored: Vec<String> = Vec::new();
    let last = history.generations.len();
    for (n, (number, name)) in history.generations.iter().enumerate() {
        let xml = history.text(name)?;
        let head = history.head(name, &xml)?;
        let is_mine = head.comment.as_deref() == Some(mine.as_str());
        continued = is_mine && n + 1 == last;
        if is_mine {
            own = Some((*number, name.clone()));
        }
        let note = &mut |named: Named| {
            if continued {
                lines.extend(line(&named));
            } else if wanted.contains_key(&named.path) {
                let said = said.entry(named.path.clone()).or_default();
                said.xxh64 = said.xxh64.or(named.xxh64());
                said.original |= named.is_original();
            }
        };
        read::hashes(&xml, note).map_err(|e| history.unreadable(name, e))?;
        if n + 1 == last {
            ignored = head.ignored;
        }
    }
    let replaced = own.clone().filter(|_| continued);

    let mut changed = false;
    for (path, member) in &wanted {
        let before = said.get(path);
        let known = lines.get(path).map(|line| line.xxh64).or(before.and_then(|said| said.xxh64));
        if known.is_some() && !member.now || !representable(path) || is_sidecar(path) {
            continue;
        }
        let Some(xxh64) = sum(member) else { continue };
        if lines.get(path).is_some_and(|line| line.xxh64 == xxh64) {
            continue;
        }
        let verified = before.is_some_and(|s| s.original && s.xxh64.is_none_or(|x| x == xxh64));
        let line = Line {
            bytes: Some(member.bytes),
            modified: time(member.mtime_ns),
            xxh64,
            verified,
            date: None,
        };
        lines.insert(path.clone(), line);
        changed = true;
    }
    let relative = |name: &str| join(folder, &format!("{FOLDER}/{name}"));
    if !changed {
        history.settle()?;
        return Ok(own.map(|(_, name)| relative(&name)));
    }

    let number = match &replaced {
        Some((number, _)) => *number,
        None => history.generations.last().map_or(0, |(number, _)| *number) + 1,
    };
    for pattern in IGNORED {
        if !ignored.iter().any(|known| known == pattern) {
            ignored.push((*pattern).to_owned());
        }
    }
    let xml = written(about, &mine, &ignored, &lines);
    let name = history.add(number, &stem_of(root, folder), about.at, xml.as_bytes())?;
    if let Some((_, replaced)) = &replaced {
        history.chain.retain(|link| link.name != *replaced);
    }
    history.settle()?;
    if let Some((_, replaced)) = replaced {
        files::remove(&history.dir.join(replaced))?;
        files::sync_dir(&history.dir)?;
    }
    Ok(Some(relative(&name)))
}

/// The generation of an import in the history of `folder`, relative to `root`.
pub fn find(root: &Path, folder: &str, import: ImportId) -> Option<String> {
    let dir = root.join(folder).join(FOLDER);
    let mine = comment(import);
    let own = |name: &String| {
        let xml = bounded(&dir.join(name)).ok()?;
        let head = read::head(&xml).ok()?;
        (head.comment.as_deref() == Some(mine.as_str())).then_some(())
    };
    let generations = generations(&dir).ok()?;
    let (_, name) = generations.into_iter().rev().find(|(_, name)| own(name).is_some())?;
    Some(join(folder, &format!("{FOLDER}/{name}")))
}

/// The folder whose history a file belongs to: the deepest above it that has one or is `top`, below
/// which the template puts everything; where there is none, the first folder of its path.
pub fn home_of(root: &Path, top: &str, path: &str) -> String {
    let mut folder = path;
    loop {
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        if folder == top || root.join(folder).join(FOLDER).join(CHAIN).is_file() {
            return folder.to_owned();
        }
        if folder.is_empty() {
            return path.split_once('/').map_or("", |(first, _)| first).to_owned();
        }
    }
}

impl History {
    /// Reads what is there, and sets right what a crash left.
    fn open(dir: &Path) -> Result<Self, MhlError> {
        files::sweep(dir)?;
        let chain_path = dir.join(CHAIN);
        let chain = match fs::symlink_metadata(&chain_path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            _ => read::chain(&bounded(&chain_path)?)
                .map_err(|why| MhlError::Unreadable { path: chain_path.clone(), why })?,
        };
        let generations = generations(dir)?;
        let mut history =
            Self { dir: dir.to_owned(), chain, chain_changed: false, generations: Vec::new() };
        for (number, name) in generations {
            let named = history.chain.iter().any(|link| link.name == name);
            if !named && !history.adopt(number, &name)? {
                continue;
            }
            history.generations.push((number, name));
        }
        Ok(history)
    }

    /// Takes a generation that the chain does not name into it. One of ours whose number the chain
    /// gives to another has been replaced: it goes, and this is false.
    fn adopt(&mut self, number: u64, name: &str) -> Result<bool, MhlError> {
        let xml = self.text(name)?;
        if self.chain.iter().any(|link| link.number.trim().parse() == Ok(number)) {
            let head = self.head(name, &xml)?;
            let ours = head.comment.is_some_and(|comment| comment.starts_with(COMMENT));
            if ours {
                files::remove(&self.dir.join(name))?;
            }
            return Ok(!ours);
        }
        self.link(number, name, &xml);
        Ok(true)
    }

    fn link(&mut self, number: u64, name: &str, xml: &[u8]) {
        let sum = ("c4".to_owned(), c4_of(xml));
        self.chain.push(Link { number: number.to_string(), name: name.to_owned(), sum });
        self.chain_changed = true;
    }

    /// Writes a generation under a name that is free; the chain on disk does not name it yet.
    fn add(
        &mut self,
        number: u64,
        stem: &str,
        at: Timestamp,
        xml: &[u8],
    ) -> Result<String, MhlError> {
        files::create_dirs(&self.dir)?;
        let mut at = at;
        let name = loop {
            let name = format!("{number:04}_{stem}_{}Z.mhl", at.strftime("%Y-%m-%d_%H%M%S"));
            match files::write_new(&self.dir.join(&name), xml) {
                Err(files::FileError::Exists(_)) => at += jiff::SignedDuration::from_secs(1),
                done => break done.map(|()| name)?,
            }
        };
        self.link(number, &name, xml);
        Ok(name)
    }

    /// Brings the chain to disk, if it is another one now.
    fn settle(&mut self) -> Result<(), MhlError> {
        if !self.chain_changed {
            return Ok(());
        }
        self.chain.sort_by_key(|link| link.number.trim().parse::<u64>().unwrap_or(u64::MAX));
        let mut xml = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <ascmhldirectory xmlns=\"urn:ASC:MHL:DIRECTORY:v2.0\">\n",
        );
        for Link { number, name, sum: (kind, sum) } in &self.chain {
            let (number, name) = (escape(number), partial_escape(name));
            let sum = partial_escape(sum);
            let _ = writeln!(
                xml,
                "  <hashlist sequencenr=\"{number}\">\n    <path>{name}</path>\n    \
                 <{kind}>{sum}</{kind}>\n  </hashlist>"
            );
        }
        xml.push_str("</ascmhldirectory>\n");
        files::replace(&self.dir.join(CHAIN), xml.as_bytes())?;
        self.chain_changed = false;
        Ok(())
    }

    fn text(&self, name: &str) -> Result<Vec<u8>, MhlError> {
        bounded(&self.dir.join(name))
    }

    fn head(&self, name: &str, xml: &[u8]) -> Result<read::Head, MhlError> {
        read::head(xml).map_err(|e| self.unreadable(name, e))
    }

    fn unreadable(&self, name: &str, why: Unreadable) -> MhlError {
        MhlError::Unreadable { path: self.dir.join(name), why }
    }
}

/// How the comment in a generation of ours begins.
const COMMENT: &str = "Darkslide import ";

fn comment(import: ImportId) -> String {
    format!("{COMMENT}{import}")
}

/// The generations in a folder by number; nothing where there is no folder.
pub fn generations(dir: &Path) -> Result<Vec<(u64, String)>, MhlError> {
    let entries = match fs::read_dir(dir) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|e| io(dir, e))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let name = entry.map_err(|e| io(dir, e))?.file_name();
        if let Some(name) = name.to_str()
            && let Some(number) = number_of(name)
        {
            found.push((number, name.to_owned()));
        }
    }
    found.sort();
    Ok(found)
}

/// The number of a generation by its name: four digits or more, then `_` or the ending.
pub fn number_of(name: &str) -> Option<u64> {
    let stem = name.strip_suffix(".mhl")?;
    let digits = stem.split_once('_').map_or(stem, |(digits, _)| digits);
    let good = digits.len() >= 4 && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| good)
}

fn bounded(path: &Path) -> Result<Vec<u8>, MhlError> {
    let length = fs::metadata(path).map_err(|e| io(path, e))?.len();
    if length > MAX_BYTES {
        return Err(MhlError::TooLarge(path.to_owned()));
    }
    fs::read(path).map_err(|e| io(path, e))
}

fn io(path: &Path, source: std::io::Error) -> MhlError {
    MhlError::Io(PathError { path: path.to_owned(), source })
}

/// A path relative to `folder`, if it lies below.
fn below<'p>(folder: &str, path: &'p str) -> Option<&'p str> {
    if folder.is_empty() {
        return Some(path);
    }
    path.strip_prefix(folder)?.strip_prefix('/')
}

fn join(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

/// What stands for the folder in the names of its generations.
fn stem_of(root: &Path, folder: &str) -> String {
    const ROOM: usize = 100;
    let whole = root.join(folder);
    let name = whole.file_name().unwrap_or_default().to_string_lossy();
    let mut stem = safe_name(name.as_bytes());
    while stem.len() > ROOM {
        stem.pop();
    }
    stem
}

/// Whether a path is among `IGNORED` as a sidecar.
fn is_sidecar(path: &str) -> bool {
    path.ends_with(".xmp") || path.ends_with(".XMP")
}

/// Whether XML can hold a path. `safe_name` sees to it for the paths it makes.
fn representable(path: &str) -> bool {
    !path.chars().any(|c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

/// A line of an earlier generation, as it was.
fn line(named: &Named) -> Option<(String, Line)> {
    let line = Line {
        bytes: named.bytes,
        modified: named.modified.clone(),
        xxh64: named.xxh64()?,
        verified: !named.is_original(),
        date: named.sums.iter().find_map(|sum| sum.date.clone()),
    };
    Some((named.path.clone(), line))
}

fn time(mtime_ns: i64) -> Option<String> {
    Timestamp::from_nanosecond(i128::from(mtime_ns)).ok().map(iso)
}

fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// A generation as it stands on disk.
fn written(
    about: &About<'_>,
    comment: &str,
    ignored: &[String],
    lines: &BTreeMap<String, Line>,
) -> String {
    let now = iso(about.at);
    let computer: String =
        about.computer.chars().filter(|c| representable(c.encode_utf8(&mut [0; 4]))).collect();
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <hashlist version=\"2.0\" xmlns=\"urn:ASC:MHL:v2.0\">\n  <creatorinfo>\n    \
         <creationdate>{now}</creationdate>\n    <hostname>{}</hostname>\n    \
         <tool version=\"{}\">darkslide</tool>\n    <comment>{}</comment>\n  </creatorinfo>\n  \
         <processinfo>\n    <process>transfer</process>\n    <ignore>\n",
        partial_escape(&computer),
        env!("CARGO_PKG_VERSION"),
        partial_escape(comment),
    );
    for pattern in ignored {
        let _ = writeln!(xml, "      <pattern>{}</pattern>", partial_escape(pattern));
    }
    xml.push_str("    </ignore>\n  </processinfo>\n  <hashes>\n");
    for (path, line) in lines {
        let bytes = line.bytes.map(|n| format!(" size=\"{n}\"")).unwrap_or_default();
        let modified = line.modified.as_deref().map(escape);
        let modified =
            modified.map(|t| format!(" lastmodificationdate=\"{t}\"")).unwrap_or_default();
        let action = if line.verified { "verified" } else { "original" };
        let date = line.date.as_deref().map_or_else(|| now.as_str().into(), escape);
        let _ = writeln!(
            xml,
            "    <hash>\n      <path{bytes}{modified}>{}</path>\n      \
             <xxh64 action=\"{action}\" hashdate=\"{date}\">{}</xxh64>\n    </hash>",
            partial_escape(path),
            line.xxh64,
        );
    }
    xml.push_str("  </hashes>\n</hashlist>\n");
    xml
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "tests make and break files of their own")]

    use std::collections::BTreeSet;

    use super::*;

    fn about(import: u8, second: i64) -> About<'static> {
        let at = Timestamp::from_second(1_780_000_000 + second).unwrap();
        About { import: ImportId([import; 16]), at, computer: "desk <1>" }
    }

    fn member(path: &str, now: bool) -> Member {
        Member { path: path.to_owned(), bytes: 3, mtime_ns: 1_747_404_202_500_000_000, now }
    }

    struct Library(tempfile::TempDir);

    impl Library {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn record(&self, paths: &[&str], about: &About<'_>) -> Option<String> {
            let members: Vec<Member> = paths.iter().map(|path| member(path, true)).collect();
            let mut sum = |m: &Member| Some(Xxh64(m.path.len() as u64));
            record(self.0.path(), "O", &members, about, &mut sum).unwrap()
        }

        fn names(&self) -> Vec<String> {
            let dir = self.0.path().join("O/ascmhl");
            generations(&dir).unwrap().into_iter().map(|(_, name)| name).collect()
        }

        fn paths(&self, generation: &str) -> Vec<String> {
            let mut paths = Vec::new();
            let xml = fs::read(self.0.path().join("O/ascmhl").join(generation)).unwrap();
            read::hashes(&xml, &mut |named| paths.push(named.path)).unwrap();
            paths
        }

        fn chain(&self) -> Vec<Link> {
            read::chain(&fs::read(self.0.path().join("O/ascmhl").join(CHAIN)).unwrap()).unwrap()
        }

        /// What must hold after every step: the chain names what is there, with its C4 id.
        fn is_whole(&self) {
            let chain = self.chain();
            let named: BTreeSet<_> = chain.iter().map(|link| link.name.clone()).collect();
            assert_eq!(named, self.names().into_iter().collect());
            for link in chain {
                let xml = fs::read(self.0.path().join("O/ascmhl").join(&link.name)).unwrap();
                assert_eq!(link.sum, ("c4".to_owned(), c4_of(&xml)), "{}", link.name);
                assert_eq!(link.number.parse().ok(), number_of(&link.name));
            }
        }
    }

    #[test]
    fn a_generation_says_what_and_who_and_when() {
        let library = Library::new();
        let path = library.record(&["O/2026/a & <b>.jpg"], &about(1, 0)).unwrap();
        assert_eq!(path, "O/ascmhl/0001_O_2026-05-28_202640Z.mhl");
        let xml = fs::read_to_string(library.0.path().join(&path)).unwrap();
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            xml,
            format!(
                r#"<?xml version="1.0" encoding="UTF-8"?>
<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
  <creatorinfo>
    <creationdate>2026-05-28T20:26:40+00:00</creationdate>
    <hostname>desk &lt;1&gt;</hostname>
    <tool version="{version}">darkslide</tool>
    <comment>Darkslide import 01010101010101010101010101010101</comment>
  </creatorinfo>
  <processinfo>
    <process>transfer</process>
    <ignore>
      <pattern>.DS_Store</pattern>
      <pattern>ascmhl</pattern>
      <pattern>ascmhl/</pattern>
      <pattern>Thumbs.db</pattern>
      <pattern>desktop.ini</pattern>
      <pattern>.darkslide/</pattern>
      <pattern>.darkslide-tmp-*</pattern>
      <pattern>*.xmp</pattern>
      <pattern>*.XMP</pattern>
    </ignore>
  </processinfo>
  <hashes>
    <hash>
      <path size="3" lastmodificationdate="2025-05-16T14:03:22+00:00">2026/a &amp; &lt;b&gt;.jpg</path>
      <xxh64 action="original" hashdate="2026-05-28T20:26:40+00:00">0000000000000012</xxh64>
    </hash>
  </hashes>
</hashlist>
"#
            )
        );
        library.is_whole();
    }

    #[test]
    fn every_import_is_one_generation_and_earlier_ones_stay_as_they_are() {
        let library = Library::new();
        let first = library.record(&["O/a", "O/b"], &about(1, 0)).unwrap();
        let before = fs::read(library.0.path().join(&first)).unwrap();
        library.record(&["O/c"], &about(2, 0)).unwrap();
        assert_eq!(fs::read(library.0.path().join(&first)).unwrap(), before);
        let names = library.names();
        assert_eq!(names.len(), 2);
        assert_eq!(library.paths(&names[1]), ["c"]);
        library.is_whole();
    }

    #[test]
    fn an_import_that_goes_on_writes_its_generation_anew_with_everything() {
        let library = Library::new();
        let first = library.record(&["O/a"], &about(1, 0)).unwrap();
        let second = library.record(&["O/b"], &about(1, 0)).unwrap();
        assert_ne!(first, second, "even within a second");
        let names = library.names();
        assert_eq!(names.len(), 1);
        assert_eq!(library.paths(&names[0]), ["a", "b"]);
        library.is_whole();
        assert_eq!(library.record(&["O/b"], &about(1, 9)).unwrap(), second, "nothing is new");
        assert_eq!(find(library.0.path(), "O", ImportId([1; 16])).unwrap(), second);
        assert_eq!(find(library.0.path(), "O", ImportId([2; 16])), None);

        library.record(&["O/c"], &about(2, 20)).unwrap();
        library.record(&["O/d"], &about(1, 30)).unwrap();
        let names = library.names();
        let paths: Vec<_> = names.iter().map(|name| library.paths(name)).collect();
        assert_eq!(paths, [vec!["a", "b"], vec!["c"], vec!["d"]], "another one came between");
        library.is_whole();
    }

    #[test]
    fn what_a_crash_left_between_two_steps_is_set_right() {
        let library = Library::new();
        let dir = library.0.path().join("O/ascmhl");
        let first = library.record(&["O/a"], &about(1, 0)).unwrap();
        // before the chain named it
        fs::write(dir.join(CHAIN), "<ascmhldirectory></ascmhldirectory>").unwrap();
        fs::write(dir.join(".darkslide-tmp-0123456789abcdef"), "half").unwrap();
        assert_eq!(library.record(&["O/a"], &about(1, 5)), Some(first.clone()));
        library.is_whole();
        assert!(!dir.join(".darkslide-tmp-0123456789abcdef").exists());
        // before the replaced one was removed
        let old = fs::read(library.0.path().join(&first)).unwrap();
        library.record(&["O/b"], &about(1, 9)).unwrap();
        fs::write(library.0.path().join(&first), old).unwrap();
        library.record(&["O/c"], &about(2, 20)).unwrap();
        assert_eq!(library.names().len(), 2);
        library.is_whole();
    }

    #[test]
    fn sidecars_are_written_again_and_so_no_generation_names_them() {
        let library = Library::new();
        let first = library.record(&["O/a.cr2", "O/a.xmp", "O/b.XMP"], &about(1, 0)).unwrap();
        assert_eq!(library.paths(&library.names()[0]), ["a.cr2"]);
        let xml = fs::read_to_string(library.0.path().join(&first)).unwrap();
        assert!(
            xml.contains("<pattern>*.xmp</pattern>") && xml.contains("<pattern>*.XMP</pattern>")
        );
        assert_eq!(library.record(&["O/c.xmp"], &about(2, 9)), None);
    }

    #[test]
    fn a_file_that_comes_back_is_verified_and_not_new() {
        let library = Library::new();
        library.record(&["O/a"], &about(1, 0)).unwrap();
        library.record(&["O/b"], &about(2, 0)).unwrap();
        let third = library.record(&["O/a"], &about(3, 0)).unwrap();
        let xml = fs::read_to_string(library.0.path().join(third)).unwrap();
        assert!(xml.contains("action=\"verified\"") && !xml.contains("action=\"original\""));
    }

    #[test]
    fn what_an_earlier_run_has_noted_is_not_read_again() {
        let library = Library::new();
        library.record(&["O/a"], &about(1, 0)).unwrap();
        library.record(&["O/x"], &about(2, 0)).unwrap();
        let mut asked = Vec::new();
        let members = [member("O/a", false), member("O/b", false)];
        let mut sum = |m: &Member| {
            asked.push(m.path.clone());
            Some(Xxh64(3))
        };
        record(library.0.path(), "O", &members, &about(1, 9), &mut sum).unwrap();
        assert_eq!(asked, ["O/b"]);
        assert_eq!(library.paths(&library.names()[2]), ["b"]);
    }

    #[test]
    fn what_somebody_else_ignores_stays_ignored_and_their_generations_count() {
        let library = Library::new();
        let dir = library.0.path().join("O/ascmhl");
        fs::create_dir_all(&dir).unwrap();
        let theirs = "<hashlist version=\"2.0\" xmlns=\"urn:ASC:MHL:v2.0\"><processinfo><ignore>\
            <pattern>*.tmp</pattern></ignore></processinfo><hashes><hash><path>a</path>\
            <md5 action=\"original\">900150983cd24fb0d6963f7d28e17f72</md5></hash></hashes></hashlist>";
        fs::write(dir.join("0007_O.mhl"), theirs).unwrap();
        let link = c4_of(theirs.as_bytes());
        fs::write(
            dir.join(CHAIN),
            format!("<ascmhldirectory><hashlist sequencenr=\"7\"><path>0007_O.mhl</path><c4>{link}</c4></hashlist></ascmhldirectory>"),
        )
        .unwrap();
        let path = library.record(&["O/b", "O/a"], &about(1, 0)).unwrap();
        assert!(path.starts_with("O/ascmhl/0008_O_"), "{path}");
        let xml = fs::read_to_string(library.0.path().join(path)).unwrap();
        assert!(xml.contains("<pattern>*.tmp</pattern>\n      <pattern>.DS_Store</pattern>"));
        assert_eq!(xml.matches("verified").count(), 1, "`a` was known to them");
        library.is_whole();
    }

    #[test]
    fn a_history_that_cannot_be_read_is_left_alone() {
        let library = Library::new();
        library.record(&["O/a"], &about(1, 0)).unwrap();
        let chain = library.0.path().join("O/ascmhl").join(CHAIN);
        fs::write(&chain, "<ascmhldirectory>").unwrap();
        let members = [member("O/b", true)];
        let done = record(library.0.path(), "O", &members, &about(2, 0), &mut |_| Some(Xxh64(1)));
        assert!(matches!(done, Err(MhlError::Unreadable { .. })));
        assert_eq!(fs::read_to_string(&chain).unwrap(), "<ascmhldirectory>");
        assert_eq!(library.names().len(), 1);
    }

    #[test]
    fn a_file_belongs_to_the_nearest_history_above_it() {
        let dir = tempfile::tempdir().unwrap();
        let home = |top: &str, path: &str| home_of(dir.path(), top, path);
        assert_eq!(home("O", "O/2026/a"), "O");
        assert_eq!(home("O", "Old/2025/a"), "Old", "elsewhere: the folder on top");
        assert_eq!(home("O", "a"), "");
        assert_eq!(home("", "2026/x/a"), "");
        for folder in ["O/2026/x", "P"] {
            let ascmhl = dir.path().join(folder).join(FOLDER);
            fs::create_dir_all(&ascmhl).unwrap();
            fs::write(ascmhl.join(CHAIN), "").unwrap();
        }
        assert_eq!(home("O", "O/2026/x/y/a"), "O/2026/x", "somebody's own history below ours");
        assert_eq!(home("", "P/a"), "P");
        assert_eq!(home("O", "O/2026/y/a"), "O");
    }
}
