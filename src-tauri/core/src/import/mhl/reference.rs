//! The manifests on a card: what its files were when somebody listed them.
//!
//! Found are ASC MHL histories (`ascmhl/*.mhl`), older MHL files and lists of sums. Each file of the
//! card that one of them names must read as is stated there; each one they name must be there. What
//! a manifest says is compared, never followed: no path out of it is opened or looked up on disk.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use super::super::report::Left;
use super::history::{CHAIN, FOLDER, number_of};
use super::read::{self, Action, Named, Sum, confined};
use super::sum_file;
use crate::card::CardFile;
use crate::files::{Source, Staged, SumKind, c4_of, fold_name};
use crate::media::ContentHash;

/// Larger ones are no manifests: this is enough for 80,000 files.
const MAX_BYTES: u64 = 32 << 20;
/// All manifests of a card together.
const MAX_TOTAL: u64 = 96 << 20;

/// How a card compares with its own manifests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReferenceReport {
    /// The first of the manifests, relative to the card's root.
    pub manifest: String,
    /// How many there are.
    pub manifests: u64,
    /// Files of which a stated sum was compared with what was read.
    pub checked: u64,
    pub differing: u64,
    /// Files that a manifest names and the card does not have.
    pub missing: Vec<String>,
    /// Manifests that say nothing because they are damaged.
    pub unreadable: Vec<Left>,
}

impl ReferenceReport {
    /// Whether the card holds what its manifests say, as far as they were compared.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.differing == 0 && self.missing.is_empty() && self.unreadable.is_empty()
    }
}

/// What the manifests of a card say.
#[derive(Debug, Default)]
pub struct Reference {
    /// Their paths on the card.
    manifests: Vec<String>,
    unreadable: Vec<Left>,
    /// What is stated of each file, by its raw path.
    stated: HashMap<PathBuf, Vec<Stated>>,
    missing: BTreeSet<String>,
    checked: AtomicU64,
    differing: AtomicU64,
}

/// What one manifest, or one history, states of a file.
#[derive(Debug)]
struct Stated {
    manifest: usize,
    bytes: Option<u64>,
    sums: Vec<Sum>,
}

/// The files of a card by their paths, and by how their paths are compared where case and
/// composition were lost.
struct Files<'a> {
    exact: HashSet<&'a [u8]>,
    folded: HashMap<String, &'a Path>,
    /// What was not looked at: whatever lies there or below may be there.
    passed: HashSet<String>,
}

impl Reference {
    /// Reads the manifests among the files of a card; `passed` are the paths that were left out.
    /// `None` when there are none.
    pub fn of<'a>(
        root: &Path,
        files: impl Iterator<Item = &'a CardFile> + Clone,
        passed: impl Iterator<Item = &'a Path>,
    ) -> Option<Self> {
        let mut lists: Vec<&CardFile> = files.clone().filter(|file| is_manifest(file)).collect();
        if lists.is_empty() {
            return None;
        }
        // generations in their order: the first that names a file has the word
        lists.sort_by(|a, b| a.path.cmp(&b.path));
        let index = Files {
            exact: files.clone().map(CardFile::raw_path).collect(),
            folded: files.clone().map(|f| (folded(&f.path), f.path.as_path())).collect(),
            passed: passed.map(folded).collect(),
        };
        let mut reference = Self::default();
        let mut room = MAX_TOTAL;
        let mut chains: HashMap<&Path, Option<Vec<read::Link>>> = HashMap::new();
        let mut histories: HashMap<&Path, usize> = HashMap::new();
        let mut renamed: BTreeSet<String> = BTreeSet::new();
        for file in lists {
            let shown = file.path.to_string_lossy().into_owned();
            let unreadable = |reason: &str| Left { path: shown.clone(), reason: reason.to_owned() };
            let text = match read_small(root, &file.path, &mut room) {
                Ok(text) => text,
                Err(reason) => {
                    reference.unreadable.push(unreadable(&reason));
                    continue;
                }
            };
            let dir = file.path.parent().unwrap_or(Path::new(""));
            let in_history = dir.file_name().is_some_and(|name| name == FOLDER);
            let mut named: Vec<Named> = Vec::new();
            if let Some(kind) = sum_file::kind_of(&file.name()) {
                named = sum_file::read(&text, kind, &file.name());
                if named.iter().all(|named| confined(&named.path).is_none()) {
                    if !sum_file::is_blank(&text) {
                        let reason = "no line of it is a sum and a file beside or below it";
                        reference.unreadable.push(unreadable(reason));
                    }
                    continue;
                }
            } else {
                if in_history {
                    let chain = chains.entry(dir).or_insert_with(|| {
                        let chain = read_small(root, &dir.join(CHAIN), &mut room).ok();
                        chain.and_then(|text| read::chain(&text).ok())
                    });
                    let c4 = chain.as_ref().and_then(|links| {
                        let link = links.iter().find(|link| *link.name == *file.name());
                        link.filter(|link| link.sum.0 == "c4").map(|link| link.sum.1.clone())
                    });
                    if c4.is_some_and(|c4| c4 != c4_of(&text)) {
                        reference
                            .unreadable
                            .push(unreadable("it is not what its chain says it is"));
                        continue;
                    }
                }
                if let Err(error) = read::hashes(&text, &mut |file| named.push(file)) {
                    reference.unreadable.push(unreadable(&error.to_string()));
                    continue;
                }
            }
            let base = if in_history { dir.parent().unwrap_or(Path::new("")) } else { dir };
            let manifest = reference.manifests.len();
            reference.manifests.push(shown);
            // the generations of one history state the same files again
            let source =
                if in_history { *histories.entry(dir).or_insert(manifest) } else { manifest };
            for named in named {
                let at = |path: &str| confined(path).map(|path| base.join(path));
                renamed.extend(named.previous.as_deref().and_then(at).map(|path| folded(&path)));
                if let Some(path) = at(&named.path) {
                    reference.note(&index, &path, named, source);
                }
            }
        }
        for (dir, chain) in chains {
            for link in chain.into_iter().flatten() {
                let path = dir.join(&link.name);
                if number_of(&link.name).is_some() && index.find(&path).is_none() {
                    let path = path.to_string_lossy().into_owned();
                    let reason = "its chain names it, and it is not there".to_owned();
                    reference.unreadable.push(Left { path, reason });
                }
            }
        }
        reference.missing.retain(|path| !renamed.contains(&folded(Path::new(path))));
        let silent = reference.manifests.is_empty() && reference.unreadable.is_empty();
        (!silent).then_some(reference)
    }

    fn note(&mut self, index: &Files<'_>, path: &Path, named: Named, manifest: usize) {
        let Some(found) = index.find(path) else {
            if !index.was_passed(path) {
                self.missing.insert(path.to_string_lossy().into_owned());
            }
            return;
        };
        let sums = named.sums.into_iter().filter(|sum| sum.action != Action::Failed);
        let all = self.stated.entry(found).or_default();
        let stated = match all.iter().position(|stated| stated.manifest == manifest) {
            Some(n) => &mut all[n],
            None => {
                all.push(Stated { manifest, bytes: named.bytes, sums: Vec::new() });
                let last = all.len() - 1;
                &mut all[last]
            }
        };
        for sum in sums {
            if !stated.sums.iter().any(|known| known.kind == sum.kind) {
                stated.sums.push(sum);
            }
        }
    }

    /// The sums that have to be taken of a file so that it can be compared.
    pub fn wanted(&self, file: &CardFile) -> Vec<SumKind> {
        let stated = self.stated.get(&file.path).into_iter().flatten();
        let kinds: BTreeSet<SumKind> =
            stated.flat_map(|stated| &stated.sums).map(|sum| sum.kind).collect();
        kinds.into_iter().collect()
    }

    /// Compares a file that was read; says how it differs.
    pub fn differs(&self, file: &CardFile, staged: &Staged) -> Option<String> {
        let found = |kind: SumKind| {
            staged.sums.iter().find(|(k, _)| *k == kind).map(|(_, text)| text.as_str())
        };
        self.compare(file, staged.bytes, &found)
    }

    /// Compares a file that was not read now, as far as its SHA-256 says something.
    pub fn differs_by_hash(&self, file: &CardFile, sha256: &ContentHash) -> Option<String> {
        let text = sha256.to_string();
        let found = |kind: SumKind| (kind == SumKind::Sha256).then_some(text.as_str());
        self.compare(file, file.bytes, &found)
    }

    fn compare<'t>(
        &self,
        file: &CardFile,
        bytes: u64,
        found: &dyn Fn(SumKind) -> Option<&'t str>,
    ) -> Option<String> {
        let all = self.stated.get(&file.path)?;
        let mut compared = false;
        let mut reason = None;
        for stated in all {
            let manifest = &self.manifests[stated.manifest];
            if let Some(length) = stated.bytes.filter(|length| *length != bytes) {
                reason.get_or_insert_with(|| {
                    format!(
                        "differs from the card's own manifest {manifest}: {length} bytes there, \
                         {bytes} on the card"
                    )
                });
            }
            for sum in &stated.sums {
                let Some(text) = found(sum.kind) else { continue };
                compared = true;
                if !sum.matches(text) {
                    reason.get_or_insert_with(|| {
                        format!(
                            "differs from the card's own manifest {manifest}: {} {} there, {text} \
                             on the card",
                            sum.kind, sum.text
                        )
                    });
                }
            }
        }
        if compared || reason.is_some() {
            self.checked.fetch_add(1, Ordering::Relaxed);
            self.differing.fetch_add(u64::from(reason.is_some()), Ordering::Relaxed);
        }
        reason
    }

    /// What there is to report, at the end.
    pub fn report(&self) -> ReferenceReport {
        let first = self.manifests.first().or(self.unreadable.first().map(|left| &left.path));
        ReferenceReport {
            manifest: first.cloned().unwrap_or_default(),
            manifests: (self.manifests.len() + self.unreadable.len()) as u64,
            checked: self.checked.load(Ordering::Relaxed),
            differing: self.differing.load(Ordering::Relaxed),
            missing: self.missing.iter().cloned().collect(),
            unreadable: self.unreadable.clone(),
        }
    }
}

impl Files<'_> {
    /// The file of the card that a manifest means by a path.
    fn find(&self, path: &Path) -> Option<PathBuf> {
        if self.exact.contains(path.as_os_str().as_bytes()) {
            return Some(path.to_owned());
        }
        self.folded.get(&folded(path)).map(|path| path.to_path_buf())
    }

    fn was_passed(&self, path: &Path) -> bool {
        // an unread root is the empty path, and covers everything
        path.ancestors().any(|above| self.passed.contains(&folded(above)))
    }
}

/// What two paths are compared by; some programs write `\` between folders.
fn folded(path: &Path) -> String {
    fold_name(&path.to_string_lossy().replace('\\', "/"))
}

fn is_manifest(file: &CardFile) -> bool {
    let ending = Path::new(OsStr::from_bytes(file.raw_name())).extension();
    ending.is_some_and(|e| e.eq_ignore_ascii_case("mhl"))
        || sum_file::kind_of(&file.name()).is_some()
}

/// Reads a file of the card that must be small, as long as there is room for it.
fn read_small(root: &Path, path: &Path, room: &mut u64) -> Result<Vec<u8>, String> {
    let source = Source::open(&root.join(path)).map_err(|e| e.to_string())?;
    if source.bytes > MAX_BYTES.min(*room) {
        return Err("it is too large for a manifest".to_owned());
    }
    *room -= source.bytes;
    let text = source.all(MAX_BYTES).map_err(|e| e.to_string())?;
    text.ok_or_else(|| "it is too large for a manifest".to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "tests make and break files of their own")]

    use std::fs;

    use super::*;
    use crate::card::scan;
    use crate::progress::Progress;

    const ABC: &str = "900150983cd24fb0d6963f7d28e17f72";

    struct Card(tempfile::TempDir);

    impl Card {
        fn with(files: &[(&str, &str)]) -> Self {
            let card = Self(tempfile::tempdir().unwrap());
            for (path, text) in files {
                let path = card.0.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            card
        }

        fn reference(&self) -> Option<Reference> {
            let scan = scan(self.0.path(), &Progress::new()).unwrap();
            let passed = scan.skipped.iter().map(|skipped| skipped.path.as_path());
            Reference::of(self.0.path(), scan.files.iter(), passed)
        }

        fn report(&self) -> ReferenceReport {
            self.reference().expect("a manifest").report()
        }
    }

    fn hash(path: &str, sums: &str) -> String {
        format!("<hash><path>{path}</path>{sums}</hash>")
    }

    fn list(hashes: &str) -> String {
        format!(
            "<hashlist version=\"2.0\" xmlns=\"urn:ASC:MHL:v2.0\"><hashes>{hashes}</hashes></hashlist>"
        )
    }

    fn file(path: &str) -> CardFile {
        let role = crate::media::Role::Image;
        CardFile { path: path.into(), bytes: 3, mtime_ns: 0, last_change: None, role }
    }

    #[test]
    fn a_card_without_manifests_has_no_reference() {
        assert!(Card::with(&[("1.JPG", "abc"), ("x.md5", "# none\n")]).reference().is_none());
    }

    #[test]
    fn a_list_that_says_nothing_is_as_damaged_as_any_other_manifest() {
        for text in ["no list".to_owned(), format!("{ABC}  /elsewhere/1.JPG\n")] {
            let report = Card::with(&[("1.JPG", "abc"), ("x.md5", &text)]).report();
            assert!(!report.holds(), "{text}");
            assert_eq!(report.unreadable[0].path, "x.md5");
        }
    }

    #[test]
    fn a_list_written_on_windows_is_compared() {
        let lines = format!("{ABC} *DCIM\\1.JPG\r\n{ABC} *.\\DCIM\\2.JPG\r\n");
        let files = [("DCIM/1.JPG", "abc"), ("DCIM/2.JPG", "abc"), ("x.md5", lines.as_str())];
        let reference = Card::with(&files).reference().unwrap();
        for path in ["DCIM/1.JPG", "DCIM/2.JPG"] {
            assert_eq!(reference.wanted(&file(path)), [SumKind::Md5], "{path}");
        }
        assert!(reference.report().holds());
    }

    #[test]
    fn generations_of_one_history_speak_with_one_voice() {
        let md5 = |action: &str, sum: &str| format!("<md5 action=\"{action}\">{sum}</md5>");
        let zeros = "0".repeat(32);
        let first = [hash("a", &md5("original", ABC)), hash("old", &md5("original", ABC))].concat();
        let second = [
            hash("a", &md5("failed", &zeros)),
            hash("new", &(md5("verified", ABC) + "<previousPath>old</previousPath>")),
        ];
        let card = Card::with(&[
            ("A/a", "abc"),
            ("A/new", "abc"),
            ("A/ascmhl/0001_A.mhl", &list(&first)),
            ("A/ascmhl/0002_A.mhl", &list(&second.concat())),
        ]);
        let reference = card.reference().unwrap();
        let stated = &reference.stated[Path::new("A/a")];
        assert_eq!(stated.len(), 1);
        assert_eq!(stated[0].sums.len(), 1);
        assert_eq!(stated[0].sums[0].text, ABC, "a failed sum is not what it should be");
        let report = reference.report();
        assert!(report.missing.is_empty(), "{report:?}: it was renamed");
        assert_eq!((report.manifest.as_str(), report.manifests), ("A/ascmhl/0001_A.mhl", 2));
    }

    #[test]
    fn a_manifest_that_its_chain_does_not_know_like_this_says_nothing() {
        let good = list(&hash("a", ""));
        let link = |n: u8, c4: &str| {
            format!(
                "<hashlist sequencenr=\"{n}\"><path>000{n}_A.mhl</path><c4>{c4}</c4></hashlist>"
            )
        };
        let links = [link(1, &c4_of(good.as_bytes())), link(2, &c4_of(b"before")), link(3, "c4")];
        let card = Card::with(&[
            ("a", "abc"),
            ("ascmhl/0001_A.mhl", &good),
            ("ascmhl/0002_A.mhl", &list(&hash("b", ""))),
            (
                "ascmhl/ascmhl_chain.xml",
                &format!("<ascmhldirectory>{}</ascmhldirectory>", links.concat()),
            ),
        ]);
        let report = card.report();
        let unreadable: Vec<_> = report.unreadable.iter().map(|left| left.path.as_str()).collect();
        assert_eq!(unreadable, ["ascmhl/0002_A.mhl", "ascmhl/0003_A.mhl"]);
        assert!(report.missing.is_empty(), "the damaged one is not believed");
        assert!(!report.holds());
    }

    #[test]
    fn paths_stay_on_the_card_and_what_was_passed_over_is_not_missing() {
        let names =
            ["../../etc/passwd", "/etc/passwd", "a/../../x", "Thumbs.db", ".Trashes/1/x", "gone"];
        let text: String = names.iter().map(|name| format!("{ABC}  {name}\n")).collect();
        let card = Card::with(&[
            ("sub/list.md5", &text),
            ("sub/Thumbs.db", "junk"),
            ("sub/.Trashes/1/x", "junk"),
        ]);
        assert_eq!(card.report().missing, ["sub/gone"]);
    }

    #[test]
    fn files_are_found_by_other_ways_of_writing_their_names() {
        let text = format!("{ABC}  dcim\\img_1.jpg\n{ABC}  ./DCIM/e\u{301}.jpg\n");
        let card =
            Card::with(&[("x.md5", &text), ("DCIM/IMG_1.JPG", "abc"), ("DCIM/\u{e9}.jpg", "abc")]);
        let reference = card.reference().unwrap();
        assert!(reference.missing.is_empty(), "{:?}", reference.missing);
        assert_eq!(reference.wanted(&file("DCIM/IMG_1.JPG")), [SumKind::Md5]);
        assert_eq!(reference.wanted(&file("DCIM/\u{e9}.jpg")), [SumKind::Md5]);
        assert!(reference.wanted(&file("DCIM/other")).is_empty());
    }

    #[test]
    fn a_length_that_differs_is_enough() {
        let xml = "<hashlist version=\"1.1\"><hash><file>a</file><size>4</size></hash></hashlist>";
        let reference = Card::with(&[("a", "abc"), ("x.mhl", xml)]).reference().unwrap();
        let reason = reference.differs_by_hash(&file("a"), &ContentHash([0; 32])).unwrap();
        assert!(reason.ends_with("x.mhl: 4 bytes there, 3 on the card"), "{reason}");
    }

    #[test]
    fn a_hash_the_catalogue_knows_is_compared_without_reading() {
        let sum = ContentHash([0xab; 32]);
        let card = Card::with(&[("a", "abc"), ("x.sha256", &format!("{sum}  a\n"))]);
        let reference = card.reference().unwrap();
        assert_eq!(reference.differs_by_hash(&file("a"), &sum), None);
        assert!(reference.differs_by_hash(&file("a"), &ContentHash([1; 32])).is_some());
        let report = reference.report();
        assert_eq!((report.checked, report.differing), (2, 1));
    }

    #[test]
    fn what_is_too_large_or_hostile_is_named_and_not_believed() {
        let card = Card::with(&[
            ("bomb.mhl", "<!DOCTYPE x [<!ENTITY a \"b\">]><hashlist/>"),
            ("deep.mhl", &"<hashlist>".repeat(50_000)),
            ("cut.mhl", "<hashlist><hash>"),
        ]);
        let huge = fs::File::create(card.0.path().join("huge.md5")).unwrap();
        huge.set_len(MAX_BYTES + 1).unwrap();
        let report = card.report();
        assert_eq!(report.unreadable.len(), 4, "{report:?}");
        assert_eq!(report.manifests, 4);
        assert!(!report.holds());
    }
}
