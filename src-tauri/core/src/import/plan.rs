//! The plan: what is new, where it goes, what is in the way, whether there is room.
//!
//! `plan` looks (card, catalogue, disks); `names` decides, purely. No name is given twice, none that
//! is taken is given at all, and names that differ only in case or composition count as one. All
//! files of one exposure get the same name and number.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use super::error::{ImportError, Result};
use super::journal::{self, Begun};
use super::report::Left;
use super::roots::Roots;
use super::survey::{Item, Look, Shot, Survey, is_main};
use super::template::{Filling, Template};
use crate::card::{self, CardFile, Skipped, Unread, volume_of};
use crate::catalog::Catalog;
use crate::files::{self, Block, Xxh64, fold_name, safe_name};
use crate::media::ContentHash;
use crate::progress::Progress;

/// The setting that numbers go on from.
pub(super) const SEQUENCE: &str = "import_sequence";

/// What the user asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// A card or any folder.
    pub source: PathBuf,
    pub library: PathBuf,
    pub mirrors: Vec<PathBuf>,
    pub template: Template,
    pub shoot: Option<String>,
    pub client: Option<String>,
}

/// One file to be copied, and its path in the library.
#[derive(Debug)]
pub(super) struct Placed {
    pub item: Item,
    /// Relative, with `/`; where it is, if it is here already.
    pub to: String,
}

/// One exposure with something to copy.
#[derive(Debug)]
pub(super) struct Job {
    /// The leading file first.
    pub files: Vec<Placed>,
    /// Its number, or 0.
    pub sequence: u64,
    /// Its place in the plan.
    pub index: usize,
    /// The job that has to be settled before: it has a file of the same length, and of two equal
    /// files the first is imported.
    pub after: Option<usize>,
}

/// What will be done. Nothing has been written yet but for the sweeping of old leftovers.
#[derive(Debug)]
pub struct Plan {
    pub(super) request: Request,
    /// The source, resolved.
    pub(super) source: PathBuf,
    pub(super) device: u64,
    pub(super) card: String,
    pub(super) roots: Roots,
    pub(super) jobs: Vec<Job>,
    /// Files with nothing to do.
    pub(super) here: Vec<Item>,
    pub(super) skipped: Vec<Skipped>,
    pub(super) unread: Vec<Unread>,
    /// The XXH64 of what runs that were cut off had read.
    pub(super) sums: HashMap<ContentHash, Xxh64>,
    /// Free bytes of each root.
    free: Vec<u64>,
    pub(super) began: Instant,
}

/// A plan as it can be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanSummary {
    pub new: Vec<PlannedFile>,
    pub bytes: u64,
    pub already_here: u64,
    pub skipped: Vec<Left>,
    /// Parts of the card that cannot be looked at.
    pub failed: Vec<Left>,
    pub room: Vec<Room>,
    pub fits: bool,
}

/// One file of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedFile {
    /// On the card.
    pub path: String,
    /// In the library.
    pub to: String,
    pub bytes: u64,
}

/// What a destination needs and has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Room {
    pub root: PathBuf,
    pub needed: u64,
    pub free: u64,
}

/// Looks at the card and decides what to do.
///
/// # Errors
/// When library or card are not there, the catalogue cannot be read, or work was stopped.
pub fn plan(request: &Request, catalog: &Catalog, look: Look, progress: &Progress) -> Result<Plan> {
    let began = Instant::now();
    let roots = Roots::new(&request.library, &request.mirrors)?;
    let scan = card::scan(&request.source, progress)?;
    apart(&scan.root, &roots)?;
    let card = volume_of(&scan.root, scan.device);
    let begun = journal::sweep(&request.library, &card)?;
    let shots = Survey {
        scan: &scan,
        catalog,
        roots: &roots,
        card: &card,
        look,
        metadata: request.template.needs_metadata(),
        progress,
    }
    .take()?;

    let (mut copying, mut here) = (Vec::new(), Vec::new());
    let mut met: HashSet<ContentHash> = HashSet::new();
    for mut shot in shots {
        if look == Look::Exact {
            // a second file of the same content will be here by then
            let first = |item: &Item| {
                item.here.is_some()
                    || !is_main(item.card.role)
                    || item.hash.is_none_or(|hash| met.insert(hash))
            };
            let (new, again) = std::mem::take(&mut shot.items).into_iter().partition(first);
            shot.items = new;
            here.extend::<Vec<Item>>(again);
        }
        let at_rest = |i: &Item| i.here.as_ref().is_some_and(|h| h.lacking().is_empty());
        if shot.items.iter().all(at_rest) {
            here.append(&mut shot.items);
        } else {
            copying.push(shot);
        }
    }

    let root = request.library.clone();
    let ground = Ground {
        length: &|path| std::fs::symlink_metadata(root.join(path)).ok().map(|m| m.len()),
        known: &|path| catalog.local_at(path).is_ok_and(|file| file.is_some()),
        same: &|file, path| {
            let mut block = Block::default();
            let there = files::hash_of(&root.join(path), &mut block);
            let card = files::hash_of(&scan.root.join(&file.path), &mut block);
            matches!((there, card), (Ok(there), Ok(card)) if there == card)
        },
        begun: &begun,
    };
    let last = catalog.setting(SEQUENCE)?.and_then(|value| value.as_u64()).unwrap_or(0);
    let jobs = names(copying, request, last + 1, &ground);
    let free = roots.all.iter().map(|r| files::free_space(&r.path)).collect::<Result<_, _>>()?;
    Ok(Plan {
        request: request.clone(),
        source: scan.root.clone(),
        device: scan.device,
        card,
        roots,
        jobs,
        here,
        skipped: scan.skipped,
        unread: scan.unread,
        sums: begun.sums,
        free,
        began,
    })
}

/// Refuses to import a library into itself.
fn apart(source: &Path, roots: &Roots) -> Result<()> {
    for root in &roots.all {
        let library = root.path.canonicalize().unwrap_or_else(|_| root.path.clone());
        if source.starts_with(&library) || library.starts_with(source) {
            return Err(ImportError::Overlap { source_dir: source.to_owned(), library });
        }
    }
    Ok(())
}

impl Plan {
    /// The plan as it can be shown.
    #[must_use]
    pub fn summary(&self) -> PlanSummary {
        let left = |path: &Path, reason: String| Left { path: shown(path), reason };
        let files = || self.jobs.iter().flat_map(|job| &job.files);
        let new: Vec<PlannedFile> = files()
            .filter(|f| f.item.here.is_none())
            .map(|f| PlannedFile {
                path: shown(&f.item.card.path),
                to: f.to.clone(),
                bytes: f.item.card.bytes,
            })
            .collect();
        let room: Vec<Room> = (0..self.roots.len())
            .map(|n| Room {
                root: self.roots.all[n].path.clone(),
                needed: files()
                    .filter(|f| f.item.here.as_ref().is_none_or(|h| h.lacking().contains(&n)))
                    .map(|f| f.item.card.bytes)
                    .sum(),
                free: self.free[n],
            })
            .collect();
        PlanSummary {
            bytes: new.iter().map(|f| f.bytes).sum(),
            already_here: (files().count() - new.len() + self.here.len()) as u64,
            skipped: self.skipped.iter().map(|s| left(&s.path, s.reason.to_string())).collect(),
            failed: self.unread.iter().map(|u| left(&u.path, u.error.source.to_string())).collect(),
            fits: room.iter().all(|r| r.needed <= r.free),
            room,
            new,
        }
    }

    /// Every file of the card.
    pub(super) fn card_files(&self) -> impl Iterator<Item = &CardFile> {
        let jobs = self.jobs.iter().flat_map(|job| &job.files).map(|f| &f.item.card);
        jobs.chain(self.here.iter().map(|item| &item.card))
    }

    /// The folders that get files, relative to each root.
    pub(super) fn folders(&self) -> BTreeSet<String> {
        let files = self.jobs.iter().flat_map(|job| &job.files);
        files.map(|f| folder_of(&f.to).to_owned()).collect()
    }
}

/// A path of the card as it can be shown.
pub(super) fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The folder of a relative path, `` for the root.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// What lies in the library already.
struct Ground<'a> {
    /// The length of what lies at a path.
    length: &'a dyn Fn(&str) -> Option<u64>,
    /// Whether the catalogue knows a file there.
    known: &'a dyn Fn(&str) -> bool,
    /// Whether a file of the card equals what lies there.
    same: &'a dyn Fn(&CardFile, &str) -> bool,
    begun: &'a Begun,
}

/// Gives every file of every exposure its path.
fn names(shots: Vec<Shot>, request: &Request, mut number: u64, ground: &Ground<'_>) -> Vec<Job> {
    let mut names = Names { request, ground, taken: HashSet::new(), next: HashMap::new() };
    let mut jobs = Vec::with_capacity(shots.len());
    for shot in shots {
        let parts = parts(&shot);
        let (paths, numbered) = names.of(&shot, &parts, number);
        let sequence = if numbered { number } else { 0 };
        number += u64::from(numbered);
        let files = shot.items.into_iter().zip(paths);
        let files = files.map(|(item, to)| Placed { item, to }).collect();
        let index = jobs.len();
        jobs.push(Job { files, sequence, index, after: None });
    }
    order(&mut jobs);
    jobs
}

/// Lets jobs with files of one length wait for one another.
fn order(jobs: &mut [Job]) {
    let mut last: HashMap<u64, usize> = HashMap::new();
    for job in jobs {
        for file in job.files.iter().filter(|f| is_main(f.item.card.role)) {
            let before = last.insert(file.item.card.bytes, job.index);
            job.after = job.after.max(before.filter(|&n| n != job.index));
        }
    }
}

struct Names<'a> {
    request: &'a Request,
    ground: &'a Ground<'a>,
    /// Paths given, in the form they are compared in.
    taken: HashSet<String>,
    /// How many exposures wanted a name, so that the thousandth does not try a thousand.
    next: HashMap<String, u32>,
}

impl Names<'_> {
    /// The paths of one exposure's files, and whether a number was used up.
    fn of(&mut self, shot: &Shot, parts: &[(String, String)], number: u64) -> (Vec<String>, bool) {
        let fixed: Vec<Option<String>> = shot.items.iter().map(|item| self.fixed(item)).collect();
        // an exposure that has a name keeps it: the files that come later join it
        let its = |item: &Item| item.here.as_ref().is_none_or(|h| Some(h.row.photo) == shot.photo);
        let base = (0..parts.len()).filter(|&n| its(&shot.items[n])).find_map(|n| {
            let base = fixed[n].as_deref()?.strip_suffix(parts[n].1.as_str())?;
            (!base.is_empty() && !base.ends_with('/')).then(|| base.to_owned())
        });
        let fill = |n: usize, suffix: &str| match (&fixed[n], &base) {
            (Some(path), _) => path.clone(),
            (None, Some(base)) => {
                let (folder, name) = base.rsplit_once('/').unwrap_or(("", base));
                let name = safe_name(format!("{name}{suffix}{}", parts[n].1).as_bytes());
                if folder.is_empty() { name } else { format!("{folder}/{name}") }
            }
            (None, None) => self.request.template.fill(&Filling {
                time: shot.time,
                shoot: self.request.shoot.as_deref().unwrap_or_default(),
                client: self.request.client.as_deref().unwrap_or_default(),
                camera: &shot.camera,
                serial: &shot.serial,
                stem: &parts[n].0,
                tail: &parts[n].1,
                sequence: number,
                suffix,
            }),
        };
        let wish = fold_name(&fill(0, ""));
        let start = self.next.get(&wish).copied().unwrap_or(1);
        let mut paths = Vec::new();
        for attempt in start.. {
            let suffix = if attempt == 1 { String::new() } else { format!("-{attempt}") };
            paths = (0..parts.len()).map(|n| fill(n, &suffix)).collect();
            let free = |n: usize| fixed[n].is_some() || self.free(&shot.items[n], &paths[n]);
            // two files of one exposure may meet as well, after shortening
            let apart: HashSet<String> = paths.iter().map(|path| fold_name(path)).collect();
            if apart.len() == paths.len() && (0..parts.len()).all(free) || attempt == u32::MAX {
                self.next.insert(wish, attempt + 1);
                break;
            }
        }
        self.taken.extend(paths.iter().map(|path| fold_name(path)));
        let numbered = self.request.template.has_sequence()
            && base.is_none()
            && fixed.iter().any(Option::is_none);
        (paths, numbered)
    }

    /// The path a file has or was about to get.
    fn fixed(&self, item: &Item) -> Option<String> {
        match &item.here {
            Some(here) => {
                let local = here.row.local.as_ref().map(|local| local.path.clone());
                let path = local.filter(|_| here.whole[0]).or_else(|| here.row.path.clone())?;
                // a file that must come back may find another one in its old place
                (here.whole[0] || (self.ground.length)(&path).is_none()).then_some(path)
            }
            None => {
                let path = self.ground.begun.path_of(&item.card)?;
                (!self.taken.contains(&fold_name(path))).then(|| path.to_owned())
            }
        }
    }

    fn free(&self, item: &Item, path: &str) -> bool {
        if self.taken.contains(&fold_name(path)) {
            return false;
        }
        match (self.ground.length)(path) {
            // one that vanished, or was moved by another program, keeps its place in the records
            None => !(self.ground.known)(path),
            // left by a run that was cut off before the catalogue knew of it
            Some(length) => {
                length == item.card.bytes
                    && !(self.ground.known)(path)
                    && (self.ground.same)(&item.card, path)
            }
        }
    }
}

/// Each file's own stem and what follows it; the stem is that of the leading file.
fn parts(shot: &Shot) -> Vec<(String, String)> {
    let names: Vec<String> = shot.items.iter().map(|item| item.card.name()).collect();
    let cut = |name: &str| match name.rfind('.') {
        Some(dot) if dot > 0 => dot,
        _ => name.len(),
    };
    let Some(lead) = names.first() else { return Vec::new() };
    let stem = fold_name(&lead[..cut(lead)]);
    let part = |name: &String| {
        let own = name.char_indices().map(|(at, _)| at).chain([name.len()]);
        let at = own.into_iter().find(|&at| fold_name(&name[..at]) == stem);
        let at = at.unwrap_or_else(|| cut(name));
        (name[..at].to_owned(), name[at..].to_owned())
    };
    names.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::DateTime;

    use super::*;
    use crate::metadata::format_by_name;

    fn shot(names: &[&str]) -> Shot {
        let item = |name: &&str| Item {
            card: CardFile {
                path: name.into(),
                bytes: 10,
                mtime_ns: 0,
                role: format_by_name(name).role,
            },
            hash: None,
            here: None,
        };
        Shot {
            items: names.iter().map(item).collect(),
            photo: None,
            time: DateTime::constant(2026, 5, 16, 14, 3, 22, 0),
            camera: String::new(),
            serial: String::new(),
        }
    }

    fn request(template: &str) -> Request {
        Request {
            source: PathBuf::new(),
            library: PathBuf::new(),
            mirrors: Vec::new(),
            template: template.parse().unwrap(),
            shoot: None,
            client: None,
        }
    }

    /// What each exposure is called, over a library that holds `there`; `same` of it is equal.
    fn named(
        template: &str,
        shots: &[&[&str]],
        there: &[(&str, u64)],
        same: &[&str],
    ) -> Vec<String> {
        let begun = Begun::default();
        let ground = Ground {
            length: &|path| there.iter().find(|(p, _)| *p == path).map(|(_, length)| *length),
            known: &|_| false,
            same: &|_, path| same.contains(&path),
            begun: &begun,
        };
        let shots = shots.iter().map(|names| shot(names)).collect();
        names(shots, &request(template), 41, &ground)
            .iter()
            .map(|job| job.files.iter().map(|f| f.to.as_str()).collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn the_files_of_an_exposure_share_name_and_number() {
        let shots: &[&[&str]] = &[&["A.CR3", "A.JPG", "A.CR3.xmp"], &["B.JPG"]];
        assert_eq!(
            named("{seq:4}", shots, &[], &[]),
            ["0041.CR3 0041.JPG 0041.CR3.xmp", "0042.JPG"]
        );
        let shots: &[&[&str]] = &[&["img_1.CR3", "IMG_1.jpg"], &["C1.MP4", "C1M01.XML"]];
        let kept = ["img_1.CR3 IMG_1.jpg", "C1.MP4 C1M01.XML"];
        assert_eq!(named("{original}", shots, &[], &[]), kept, "each keeps its own case");
    }

    #[test]
    fn nothing_is_ever_given_a_name_that_is_taken() {
        let shots: &[&[&str]] = &[&["a/I.CR3", "a/I.JPG"], &["b/I.CR3"], &["c/i.cr3"]];
        let there = [("I.JPG", 99)];
        let named = named("{original}", shots, &there, &[]);
        assert_eq!(named, ["I-2.CR3 I-2.JPG", "I-3.CR3", "i-4.cr3"]);
    }

    #[test]
    fn other_content_of_the_same_length_gets_a_suffix_and_the_same_content_keeps_its_place() {
        let there = [("I.JPG", 10)];
        assert_eq!(named("{original}", &[&["I.JPG"]], &there, &[]), ["I-2.JPG"]);
        assert_eq!(named("{original}", &[&["I.JPG"]], &there, &["I.JPG"]), ["I.JPG"]);
    }

    #[test]
    fn names_that_one_disk_could_take_for_the_same_are_kept_apart() {
        let shots: &[&[&str]] = &[&["\u{e9}.JPG"], &["e\u{301}.jpg"]];
        let named = named("{original}", shots, &[], &[]);
        assert_eq!(named, ["\u{e9}.JPG", "e\u{301}-2.jpg"]);
    }

    #[test]
    fn hostile_names_of_one_exposure_still_get_a_name_each() {
        let long = "x".repeat(300);
        let (a, b) = (format!("{long}.JPG"), format!("{long}.CR3"));
        let paths = named("{original}", &[&[&a, &b], &["con.JPG"], &["trailing. "]], &[], &[]);
        assert_eq!(paths.len(), 3);
        for path in paths.iter().flat_map(|p| p.split("JPG ")) {
            assert!(path.len() <= 255, "{path}");
        }
        assert_eq!(paths[1], "_con.JPG");
        assert_eq!(paths[2], "trailing_");
    }
}
