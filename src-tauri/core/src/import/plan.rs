//! The plan: what is new, where it goes, what is in the way, whether there is room.
//!
//! `plan` looks (card, catalogue, disks); `names` decides, purely. No name is given twice, none that
//! is taken is given at all, and names that differ only in case or composition count as one. All
//! files of one exposure get the same name and number.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use rand::RngExt as _;
use serde::Serialize;

use super::directions::{Directions, Sidecars};
use super::error::{ImportError, Result};
use super::journal::{self, Begun};
use super::numbering::Numbering;
use super::report::Left;
use super::roots::Roots;
use super::run;
use super::survey::{Item, Look, Shot, Survey, is_main};
use super::template::{Filling, Template};
use super::together::{NamePromise, Together};
use crate::card::{self, CardFile, Skipped, Unread, volume_of};
use crate::catalog::{Catalog, ImportRow, LastNumbers, Promise};
use crate::files::{self, Block, Xxh64, fold_name, safe_name_of};
use crate::media::{ContentHash, ImportId, Role, working_day};
use crate::progress::Progress;

/// Numbers tried for all files of an exposure together, before each is named for itself.
const TOGETHER: u32 = 1000;

/// What the user asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// A card or any folder.
    pub source: PathBuf,
    pub library: PathBuf,
    pub mirrors: Vec<PathBuf>,
    /// What library and mirrors are marked with, where they are.
    pub mark: Option<String>,
    pub template: Template,
    pub shoot: Option<String>,
    pub client: Option<String>,
    /// The device the program's own data lies on: a source on another one is a card, and what lies
    /// on the card itself is no second copy.
    pub home_device: Option<u64>,
    pub directions: Directions,
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
    /// The numbers in its name.
    pub numbers: LastNumbers,
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
    /// The import this is part of: one that goes on, with what it had imported, or a new one.
    pub(super) import: ImportId,
    pub(super) continues: Option<(ImportRow, HashSet<Vec<u8>>)>,
    pub(super) roots: Roots,
    pub(super) jobs: Vec<Job>,
    /// Files with nothing to do.
    pub(super) here: Vec<Item>,
    pub(super) skipped: Vec<Skipped>,
    pub(super) unread: Vec<Unread>,
    /// The XXH64 of what runs that were cut off had read.
    pub(super) sums: HashMap<ContentHash, Xxh64>,
    /// Where those runs were about to place what, by its length.
    pub(super) begun: Vec<(String, u64)>,
    /// Free bytes of each root.
    free: Vec<u64>,
    /// Numbers that runs which were cut off used, whether the catalogue heard of it or not.
    pub(super) numbered: LastNumbers,
    /// Keep the plan's names and numbers from others while it lives.
    _names: NamePromise,
    _promise: Promise,
    pub(super) began: Instant,
}

/// A plan as it can be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanSummary {
    /// Files the library does not have, or has no more.
    pub new: Vec<PlannedFile>,
    pub bytes: u64,
    pub already_here: u64,
    pub skipped: Vec<Left>,
    /// Those of what is skipped that may hold files of the photographer's.
    pub left_out: Vec<Left>,
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

/// Looks at the card and decides what to do. A mirror without room for it is left out by name.
///
/// # Errors
/// When library or card are not there, the library has no room, the catalogue cannot be read, or
/// work was stopped.
pub fn plan(
    request: &Request,
    catalog: &Catalog,
    together: &Arc<Together>,
    look: Look,
    progress: &Progress,
) -> Result<Plan> {
    let mut roots = Roots::new(&request.library, &request.mirrors, request.mark.as_deref())?;
    loop {
        let plan = plan_for(request, roots, catalog, together, look, progress)?;
        let tight = plan.rooms().into_iter().find(|room| room.needed > room.free);
        let Some(Room { root, needed, free }) = tight.filter(|_| look == Look::Quick) else {
            return Ok(plan);
        };
        if root == request.library {
            let (needed_bytes, free_bytes) = (needed, free);
            return Err(ImportError::NoRoom { library: root, needed_bytes, free_bytes });
        }
        roots = plan.roots.clone();
        roots.leave(
            &root,
            format!("it needs {} and has {} free", files::size(needed), files::size(free)),
        );
    }
}

fn plan_for(
    request: &Request,
    roots: Roots,
    catalog: &Catalog,
    together: &Arc<Together>,
    look: Look,
    progress: &Progress,
) -> Result<Plan> {
    let began = Instant::now();
    let scan = card::scan(&request.source, progress)?;
    apart(&scan.root, &roots)?;
    let card = volume_of(&scan.root, scan.device);
    let begun = {
        let promised = together.promised();
        // who only looks writes nothing, and another program may be importing
        journal::begun(&roots, &card, promised.is_idle() && look == Look::Quick)?
    };
    let shots = Survey {
        scan: &scan,
        catalog,
        roots: &roots,
        card: &card,
        look,
        metadata: request.template.needs_metadata(),
        clock: &request.directions.clock,
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
    let continues = run::continued(catalog, &scan, &card, copying.is_empty())?;
    let import = match &continues {
        Some((last, _)) => last.id,
        None => ImportId(rand::rng().random()),
    };
    let mut numbering =
        Numbering::new(&request.template, request.directions.day_starts_at_hour, import);
    let wanted = numbering.wanted(copying.iter().map(|shot| shot.time));
    let promise = catalog.promise_numbers(&wanted, &begun.numbers)?;
    numbering.begin(&wanted, &promise);
    let mut promised = together.promised();
    let jobs = names(copying, request, numbering, &promised.names, &ground);
    let given = jobs.iter().flat_map(|job| &job.files).map(|file| fold_name(&file.to)).collect();
    let kept = promised.promise(together, given);
    drop(promised);
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
        import,
        continues,
        begun: begun.places(),
        sums: begun.sums,
        free,
        numbered: begun.numbers,
        _names: kept,
        _promise: promise,
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
            .filter(|f| f.item.here.as_ref().is_none_or(|here| here.lacking().contains(&0)))
            .map(|f| PlannedFile {
                path: shown(&f.item.card.path),
                to: f.to.clone(),
                bytes: f.item.card.bytes,
            })
            .collect();
        let room = self.rooms();
        let skipped = |s: &Skipped| left(&s.path, s.reason.to_string());
        let left_out = self.skipped.iter().filter(|s| s.reason.leaves_out_files());
        PlanSummary {
            left_out: left_out.map(skipped).collect(),
            bytes: new.iter().map(|f| f.bytes).sum(),
            already_here: (files().count() - new.len() + self.here.len()) as u64,
            skipped: self.skipped.iter().map(skipped).collect(),
            failed: self.unread.iter().map(|u| left(&u.path, u.error.source.to_string())).collect(),
            fits: room.iter().all(|r| r.needed <= r.free),
            room,
            new,
        }
    }

    /// What each destination needs and has.
    fn rooms(&self) -> Vec<Room> {
        let files = || self.jobs.iter().flat_map(|job| &job.files);
        let needs = |n: usize| {
            let lacks = |f: &&Placed| f.item.here.as_ref().is_none_or(|h| h.lacking().contains(&n));
            files().filter(lacks).map(|f| f.item.card.bytes).sum()
        };
        let room = |n: usize| Room {
            root: self.roots.all[n].path.clone(),
            needed: needs(n),
            free: self.free[n],
        };
        (0..self.roots.len()).map(room).collect()
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
fn names(
    shots: Vec<Shot>,
    request: &Request,
    mut numbering: Numbering,
    promised: &HashSet<String>,
    ground: &Ground<'_>,
) -> Vec<Job> {
    let taken = promised.clone();
    let mut names = Names { request, ground, taken, next: HashMap::new() };
    let mut jobs = Vec::with_capacity(shots.len());
    for shot in shots {
        let parts = parts(&shot, &request.directions);
        let (paths, numbered) = names.of(&shot, &parts, &numbering);
        let numbers = if numbered { numbering.take(shot.time) } else { LastNumbers::new() };
        let files = shot.items.into_iter().zip(paths);
        let files = files.map(|(item, to)| Placed { item, to }).collect();
        let index = jobs.len();
        jobs.push(Job { files, numbers, index, after: None });
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
    fn of(
        &mut self,
        shot: &Shot,
        parts: &[(String, String)],
        numbering: &Numbering,
    ) -> (Vec<String>, bool) {
        let Request { template, directions, .. } = self.request;
        let fixed: Vec<Option<String>> = shot.items.iter().map(|item| self.fixed(item)).collect();
        // an exposure that has a name keeps it: the files that come later join it
        let its = |item: &Item| item.here.as_ref().is_none_or(|h| Some(h.row.photo) == shot.photo);
        let base = (0..parts.len()).filter(|&n| its(&shot.items[n])).find_map(|n| {
            let path = fixed[n].as_deref()?;
            // the template may write the tail in another case
            let at = path.len().checked_sub(parts[n].1.len())?;
            let tail = path.get(at..).filter(|tail| fold_name(tail) == fold_name(&parts[n].1));
            let base = &path[..tail.map(|_| at)?];
            (!base.is_empty() && !base.ends_with('/')).then(|| base.to_owned())
        });
        let numbers = numbering.of(shot.time);
        let blank = |stem: &str, tail: &str, suffix: &str| {
            template.fill(&Filling {
                time: shot.time,
                day: working_day(shot.time, directions.day_starts_at_hour),
                shoot: self.request.shoot.as_deref().unwrap_or_default(),
                client: self.request.client.as_deref().unwrap_or_default(),
                job: directions.job.as_deref().unwrap_or_default(),
                camera: &shot.camera,
                serial: &shot.serial,
                lens: &shot.lens,
                creator: directions.iptc.creator.as_deref().unwrap_or_default(),
                stem,
                tail,
                numbers,
                suffix,
            })
        };
        // the names of sidecars that will be written must be free as well
        let due: Vec<(&str, String)> = match &base {
            Some(_) => Vec::new(),
            None => due(shot, parts, directions),
        };
        let fill = |n: usize, suffix: &str| match (&fixed[n], &base) {
            (Some(path), _) => path.clone(),
            (None, Some(base)) => {
                let (folder, name) = base.rsplit_once('/').unwrap_or(("", base));
                let name = safe_name_of(name, suffix, &template.tail(&parts[n].1));
                if folder.is_empty() { name } else { format!("{folder}/{name}") }
            }
            (None, None) => blank(&parts[n].0, &parts[n].1, suffix),
        };
        let wish = fold_name(&fill(0, ""));
        let start = self.next.get(&wish).copied().unwrap_or(1);
        let (mut paths, mut written) = (Vec::new(), Vec::new());
        for attempt in start.. {
            let suffix = if attempt == 1 { String::new() } else { format!("-{attempt}") };
            // what cannot keep apart under one number gets one each
            let own = |n: usize| {
                if attempt - start < TOGETHER { suffix.clone() } else { format!("{suffix}-{n}") }
            };
            paths = (0..parts.len()).map(|n| fill(n, &own(n))).collect();
            let after = |(n, (stem, tail)): (usize, &(&str, String))| {
                blank(stem, tail, &own(parts.len() + n))
            };
            written = due.iter().enumerate().map(after).collect();
            let untouched = |path: &String| {
                !self.taken.contains(&fold_name(path)) && (self.ground.length)(path).is_none()
            };
            let free = |n: usize| fixed[n].is_some() || self.free(&shot.items[n], &paths[n]);
            // two files of one exposure may meet as well, after shortening
            let all = || paths.iter().chain(&written);
            let apart: HashSet<String> = all().map(|path| fold_name(path)).collect();
            let fits = apart.len() == all().count()
                && (0..parts.len()).all(free)
                && written.iter().all(untouched);
            if fits || attempt == u32::MAX {
                self.next.insert(wish, attempt + 1);
                break;
            }
        }
        self.taken.extend(paths.iter().chain(&written).map(|path| fold_name(path)));
        let numbered = !numbering.is_none() && base.is_none() && fixed.iter().any(Option::is_none);
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

/// Where sidecars will be written: stem and tail.
fn due<'p>(
    shot: &Shot,
    parts: &'p [(String, String)],
    directions: &Directions,
) -> Vec<(&'p str, String)> {
    let mut due = Vec::new();
    if directions.iptc.is_empty() || directions.sidecars == Sidecars::None {
        return due;
    }
    let mut raw = false;
    for (item, (stem, tail)) in shot.items.iter().zip(parts) {
        match item.card.role {
            Role::Raw if !raw => {
                let short = tail.rfind('.').map_or(tail.as_str(), |dot| &tail[..dot]);
                due.push((stem.as_str(), format!("{short}.xmp")));
                raw = true;
            }
            Role::Image | Role::Video | Role::Audio if directions.sidecars == Sidecars::All => {
                due.push((stem.as_str(), format!("{tail}.xmp")));
            }
            _ => {}
        }
    }
    due
}

/// Each file's own stem and what follows it; the stem is that of the leading file. A sidecar from
/// the card makes room for the one that will be written.
fn parts(shot: &Shot, directions: &Directions) -> Vec<(String, String)> {
    let mut parts = stems_and_tails(shot);
    let due: Vec<String> =
        due(shot, &parts, directions).into_iter().map(|(_, tail)| fold_name(&tail)).collect();
    for ((_, tail), item) in parts.iter_mut().zip(&shot.items) {
        if item.card.role == Role::Sidecar && due.contains(&fold_name(tail)) {
            tail.insert_str(tail.len() - ".xmp".len(), ".card");
        }
    }
    parts
}

fn stems_and_tails(shot: &Shot) -> Vec<(String, String)> {
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
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use jiff::Timestamp;
    use jiff::civil::DateTime;

    use super::*;
    use crate::catalog::Series;
    use crate::media::DeviceId;
    use crate::metadata::format_by_name;

    fn shot(names: &[&str]) -> Shot {
        let item = |name: &&str| Item {
            card: CardFile {
                path: name.into(),
                bytes: 10,
                mtime_ns: 0,
                last_change: None,
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
            lens: String::new(),
        }
    }

    fn request(template: &str) -> Request {
        Request {
            source: PathBuf::new(),
            library: PathBuf::new(),
            mirrors: Vec::new(),
            mark: None,
            template: template.parse().unwrap(),
            shoot: None,
            client: None,
            home_device: None,
            directions: Directions::default(),
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
        let request = request(template);
        let mut numbering = Numbering::new(&request.template, 0, ImportId([1; 16]));
        let before = BTreeMap::from([(Series::All, 40)]);
        let catalog = Catalog::in_memory(DeviceId([1; 8]), Arc::new(Timestamp::now)).unwrap();
        let wanted = BTreeMap::from([(Series::All, 9)]);
        numbering.begin(&wanted, &catalog.promise_numbers(&wanted, &before).unwrap());
        names(shots, &request, numbering, &HashSet::new(), &ground)
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

    #[test]
    fn names_too_long_for_a_number_get_it_all_the_same() {
        let long = "x".repeat(300);
        let (a, b) = (format!("a/{long}.JPG"), format!("b/{long}.JPG"));
        let paths = named("{original}", &[&[&a], &[&b], &["c/short.JPG"]], &[], &[]);
        assert!(paths[1].ends_with("x-2.JPG"), "{paths:?}");

        let (a, b) = (format!("I.{long}1"), format!("I.{long}2"));
        let paths = named("{original}", &[&[&a, &b]], &[], &[]);
        let names: HashSet<&str> = paths[0].split(' ').collect();
        assert_eq!(names.len(), 2, "{paths:?}");
    }

    #[test]
    fn a_file_that_comes_later_joins_whatever_case_its_tail_was_given() {
        let begun = Begun::default();
        let ground =
            Ground { length: &|_| None, known: &|_| false, same: &|_, _| false, begun: &begun };
        let mut both = shot(&["A.CR3", "A.JPG"]);
        both.photo = Some(crate::media::PhotoId([7; 16]));
        both.items[0].here = Some(crate::import::roots::Here {
            row: crate::catalog::FileRow {
                photo: crate::media::PhotoId([7; 16]),
                file: crate::media::FileId([1; 8]),
                role: Role::Raw,
                name: b"A.CR3".to_vec(),
                bytes: 10,
                sha256: ContentHash([1; 32]),
                mime: String::new(),
                path: Some("O/0007.cr3".into()),
                lead: true,
                place: None,
                replaces: None,
                trash: false,
                local: None,
                cloud: true,
            },
            whole: vec![false],
        });
        let request = request("O/{seq}.{ext:lower}");
        let numbering = Numbering::new(&request.template, 0, ImportId([1; 16]));
        let jobs = names(vec![both], &request, numbering, &HashSet::new(), &ground);
        assert_eq!(jobs[0].files[1].to, "O/0007.jpg");
        assert!(jobs[0].numbers.is_empty(), "it has the number of its exposure");
    }
}
