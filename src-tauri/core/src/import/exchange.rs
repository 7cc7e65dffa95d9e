//! What the catalogue and other programs' sidecars say, exchanged: theirs read when somebody asks
//! for it, ours written beside the photos.
//!
//! A sidecar that is not as this program left it is never written over by itself. `check` finds such
//! sidecars, and new ones beside the library's photos, and says in what they differ; with a word
//! from the photographer it takes their side or ours. Either way every node that is not about the
//! fields known here survives, and what lies on disk afterwards is what the catalogue knows.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rand::RngExt as _;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::directions::Sidecars;
use super::error::Result;
use super::intake::reason_of;
use super::report::Left;
use super::roots::Roots;
use super::sidecars::{fields_of, sidecar_of, stem_of};
use crate::catalog::{
    Catalog, Edit, FileRow, Flag, ImportedFile, LocalFile, MirrorCopy, PhotoRow, SidecarDone,
};
use crate::error::At as _;
use crate::files::{self, Block, FileError};
use crate::media::{CaptureTime, ContentHash, FileId, PhotoId, Role, TimeSource};
use crate::metadata::xmp::{self, Said};
use crate::metadata::{Gps, Xmp};

/// No sidecar is as long as this.
const LONGEST: u64 = 16 << 20;

/// Whose word is taken where a sidecar was changed by another program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Take {
    /// Nobody's yet: only say what differs.
    #[default]
    Nothing,
    /// The sidecar's, into the catalogue.
    Theirs,
    /// The catalogue's, into the sidecar.
    Ours,
}

/// Why a sidecar is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// Another program wrote it over.
    Changed,
    /// It was not there when its photo came into the catalogue.
    New,
    /// Another program wrote it over with something that is no XMP.
    Unreadable,
}

/// One thing that the catalogue and a sidecar say otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    pub field: &'static str,
    pub ours: Value,
    pub theirs: Value,
}

/// A sidecar that is not as this program left it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangedSidecar {
    pub photo: PhotoId,
    pub original_name: String,
    /// Relative to the library's root.
    pub path: String,
    pub because: Because,
    /// When its program says it changed it (`xmp:MetadataDate`).
    pub modified: Option<Timestamp>,
    pub differences: Vec<Difference>,
    /// Whether one side was taken.
    pub settled: bool,
}

/// What a look at the sidecars found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SidecarsChecked {
    /// Sidecars that were looked at.
    pub sidecars: u64,
    pub changed: Vec<ChangedSidecar>,
    pub failed: Vec<Left>,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SidecarsPut {
    pub written: u64,
    /// They said it already.
    pub unchanged: u64,
    pub failed: Vec<Left>,
}

/// The library, its mirrors and its catalogue.
pub struct Exchange<'a> {
    catalog: &'a Catalog,
    roots: Roots,
    now: &'a (dyn Fn() -> Timestamp + Sync),
}

/// A sidecar as it lies on disk.
struct OnDisk<'f> {
    path: String,
    /// What the catalogue knows of it.
    known: Option<&'f FileRow>,
    bytes: Vec<u8>,
    theirs: Option<Xmp>,
}

impl<'a> Exchange<'a> {
    /// # Errors
    /// The library is not there.
    pub fn new(
        catalog: &'a Catalog,
        library: &Path,
        mirrors: &[PathBuf],
        mark: Option<&str>,
        now: &'a (dyn Fn() -> Timestamp + Sync),
    ) -> Result<Self> {
        Ok(Self { catalog, roots: Roots::new(library, mirrors, mark)?, now })
    }

    /// Looks at every sidecar of these photos, and takes a side where one is named.
    ///
    /// # Errors
    /// The catalogue failed; what concerns one sidecar is in the report.
    pub fn check(&self, photos: &[PhotoId], take: Take) -> Result<SidecarsChecked> {
        let mut done = SidecarsChecked::default();
        for photo in photos {
            let Some(row) = self.catalog.photo(*photo)? else { continue };
            let its = self.catalog.files_of(*photo)?;
            let mut changed = Vec::new();
            for (path, known) in self.places(&its)? {
                done.sidecars += 1;
                match self.look(path.clone(), known) {
                    Ok(None) => {}
                    Ok(Some(on_disk)) => changed.push(on_disk),
                    Err(error) => done.failed.push(Left { path, reason: error.to_string() }),
                }
            }
            // of several the one that was changed last has the last word
            changed.sort_by_key(|on_disk| on_disk.theirs.as_ref().and_then(|xmp| xmp.modified));
            for on_disk in changed {
                self.settle(&row, on_disk, take, &mut done)?;
            }
        }
        Ok(done)
    }

    /// Puts what the catalogue says of these photos beside them.
    ///
    /// # Errors
    /// The catalogue failed; what concerns one photo is in the report.
    pub fn write(&self, photos: &[PhotoId], which: Sidecars) -> Result<SidecarsPut> {
        let mut done = SidecarsPut::default();
        for photo in photos {
            let Some(row) = self.catalog.photo(*photo)? else { continue };
            let its = self.catalog.files_of(*photo)?;
            let said = said_of(&row);
            for path in written_to(&its, which) {
                let known = current(&its).find(|file| place_of(file) == Some(path.as_str()));
                let absolute = self.roots.path(0, &path);
                let base = if fs::symlink_metadata(&absolute).is_ok() {
                    match self.look(path.clone(), known) {
                        Ok(None) => fs::read(&absolute).at(&absolute).map(Some),
                        Ok(Some(_)) => {
                            let reason = "another program changed it: `darkslide sidecars check` \
                                says how";
                            done.failed.push(Left { path, reason: reason.to_owned() });
                            continue;
                        }
                        Err(error) => Err(error),
                    }
                } else {
                    Ok(None)
                };
                let base = match base {
                    Ok(base) => base,
                    Err(error) => {
                        done.failed.push(Left { path, reason: error.to_string() });
                        continue;
                    }
                };
                match xmp::put(base.as_deref(), &said, (self.now)()) {
                    None => done.unchanged += 1,
                    Some(bytes) => match self.replace(&path, &bytes) {
                        Ok(()) => {
                            self.record(&row, &path, known, &bytes)?;
                            done.written += 1;
                        }
                        Err(error) => {
                            done.failed.push(Left { path, reason: reason_of(&error) });
                        }
                    },
                }
            }
        }
        Ok(done)
    }

    /// The sidecars of a photo: those the catalogue knows, and those that lie beside its files.
    fn places<'f>(&self, its: &'f [FileRow]) -> Result<Vec<(String, Option<&'f FileRow>)>> {
        let mut places: Vec<(String, Option<&FileRow>)> = Vec::new();
        for file in current(its).filter(|file| file.role == Role::Sidecar) {
            let path = place_of(file).filter(|path| is_xmp(path));
            let path = path.filter(|path| self.roots.path(0, path).is_file());
            places.extend(path.map(|path| (path.to_owned(), Some(file))));
        }
        let pictures = |file: &&FileRow| {
            matches!(file.role, Role::Raw | Role::Image | Role::Video) && file.local.is_some()
        };
        let has_raw = its.iter().any(|file| file.role == Role::Raw);
        for file in its.iter().filter(pictures) {
            let Some(path) = place_of(file) else { continue };
            let short = (file.role == Role::Raw || !has_raw).then(|| with_xmp(stem_of(path)));
            for candidate in short.into_iter().chain([with_xmp(path)]) {
                let taken = places.iter().any(|(known, _)| *known == candidate);
                let lies = |path: &str| {
                    fs::symlink_metadata(self.roots.path(0, path)).is_ok_and(|meta| meta.is_file())
                };
                if !taken && lies(&candidate) && self.catalog.local_at(&candidate)?.is_none() {
                    places.push((candidate, None));
                }
            }
        }
        Ok(places)
    }

    /// Reads a sidecar if it is not as the catalogue knows it.
    fn look<'f>(
        &self,
        path: String,
        known: Option<&'f FileRow>,
    ) -> Result<Option<OnDisk<'f>>, crate::error::PathError> {
        let absolute = self.roots.path(0, &path);
        let meta = fs::symlink_metadata(&absolute).at(&absolute)?;
        if let Some(known) = known {
            let local = known.local.as_ref();
            let same_time = local.is_some_and(|local| local.mtime_ns == files::mtime_ns(&meta));
            if same_time && meta.len() == known.bytes {
                return Ok(None);
            }
        }
        let bytes =
            if meta.len() <= LONGEST { fs::read(&absolute).at(&absolute)? } else { Vec::new() };
        if known.is_some_and(|known| known.sha256 == hash_of(&bytes)) {
            return Ok(None);
        }
        let theirs = xmp::parse(&bytes);
        Ok(Some(OnDisk { path, known, bytes, theirs }))
    }

    fn settle(
        &self,
        row: &PhotoRow,
        on_disk: OnDisk<'_>,
        take: Take,
        done: &mut SidecarsChecked,
    ) -> Result<()> {
        let OnDisk { path, known, bytes, theirs } = on_disk;
        let because = match (&theirs, known) {
            (None, _) => Because::Unreadable,
            (_, Some(_)) => Because::Changed,
            (_, None) => Because::New,
        };
        let differences = theirs.as_ref().map(|xmp| differences(row, xmp)).unwrap_or_default();
        let mut changed = ChangedSidecar {
            photo: row.id,
            original_name: row.name.clone(),
            path: path.clone(),
            because,
            modified: theirs.as_ref().and_then(|xmp| xmp.modified),
            differences,
            settled: false,
        };
        match (take, &theirs) {
            (Take::Nothing, _) => {}
            (_, None) => {
                let reason = "it is no XMP that could be read: move it away or mend it".to_owned();
                done.failed.push(Left { path, reason });
            }
            (Take::Theirs, Some(theirs)) => {
                self.catalog.edit_photos(&[row.id], &edit_of(row, theirs))?;
                self.record(row, &path, known, &bytes)?;
                changed.settled = true;
            }
            (Take::Ours, Some(_)) => {
                // one that says the same in other bytes stays as it is
                let ours = xmp::put(Some(&bytes), &said_of(row), (self.now)());
                match ours.as_ref().map_or(Ok(()), |ours| self.replace(&path, ours)) {
                    Ok(()) => {
                        self.record(row, &path, known, ours.as_ref().unwrap_or(&bytes))?;
                        changed.settled = true;
                    }
                    Err(error) => done.failed.push(Left { path, reason: reason_of(&error) }),
                }
            }
        }
        done.changed.push(changed);
        Ok(())
    }

    /// Writes a sidecar whole, and reads it back.
    fn replace(&self, path: &str, bytes: &[u8]) -> Result<(), FileError> {
        let absolute = self.roots.path(0, path);
        files::replace(&absolute, bytes)?;
        let (hash, _, _) = files::read_back(&absolute, &mut Block::default())?;
        match hash == hash_of(bytes) {
            true => Ok(()),
            false => Err(FileError::Mismatch(absolute)),
        }
    }

    /// Makes the sidecar that lies there now known as the photo's, in place of the one before, and
    /// puts it on the mirrors that are there.
    fn record(
        &self,
        row: &PhotoRow,
        path: &str,
        before: Option<&FileRow>,
        bytes: &[u8],
    ) -> Result<()> {
        let at = (self.now)();
        let file = FileId(rand::rng().random());
        let mut mirrors = Vec::new();
        for root in self.roots.all.iter().skip(1) {
            // one that fails is made up for by the next run that finds the mirror
            let copied = files::replace(&root.path.join(path), bytes);
            if copied.is_ok() {
                let (mirror, path) = (root.name.clone(), path.to_owned());
                mirrors.push(MirrorCopy { file, mirror, path, verified_at: at });
            }
        }
        let absolute = self.roots.path(0, path);
        let meta = fs::symlink_metadata(&absolute).at(&absolute)?;
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        let written = ImportedFile {
            file,
            role: Role::Sidecar,
            name: before.map_or_else(|| name.as_bytes().to_vec(), |before| before.name.clone()),
            bytes: bytes.len() as u64,
            sha256: hash_of(bytes),
            mime: "application/rdf+xml".to_owned(),
            path: path.to_owned(),
            mtime_ns: files::mtime_ns(&meta),
            verified_at: at,
            lead: before.is_some_and(|before| before.lead),
            replaces: before.and_then(|before| before.replaces),
            mirrors,
        };
        let done = SidecarDone {
            photo: row.id,
            files: vec![written],
            gone: before.map(|before| before.file).into_iter().collect(),
            again: row.fields.contains_key("sidecar"),
        };
        Ok(self.catalog.record_sidecars(&[done])?)
    }
}

fn hash_of(bytes: &[u8]) -> ContentHash {
    ContentHash(Sha256::digest(bytes).into())
}

/// The files no other file of the photo took the place of.
fn current(its: &[FileRow]) -> impl Iterator<Item = &FileRow> {
    its.iter().filter(|file| its.iter().all(|other| other.replaces != Some(file.file)))
}

fn place_of(file: &FileRow) -> Option<&str> {
    match &file.local {
        Some(LocalFile { path, .. }) => Some(path),
        None => file.path.as_deref(),
    }
}

fn is_xmp(path: &str) -> bool {
    path.len() > 4
        && path.is_char_boundary(path.len() - 4)
        && path[path.len() - 4..].eq_ignore_ascii_case(".xmp")
}

fn with_xmp(path: &str) -> String {
    format!("{path}.xmp")
}

/// Where sidecars of these files are written: `IMG_1.xmp` for raw files, `IMG_1.JPG.xmp` for others.
///
/// A raw file's `IMG_1.CR3.xmp` is darktable's or digiKam's, who read no other: where there is one, it
/// is written to, and a second one beside it only if it is there as well.
fn written_to(its: &[FileRow], which: Sidecars) -> Vec<String> {
    let here = |file: &&FileRow| file.local.is_some();
    let is_there = |path: &String| {
        let sidecars = current(its).filter(here).filter(|file| file.role == Role::Sidecar);
        sidecars.into_iter().any(|file| place_of(file) == Some(path))
    };
    let paths = |file: &FileRow| {
        let Some(place) = place_of(file) else { return Vec::new() };
        match file.role {
            Role::Raw if which != Sidecars::None => {
                let (short, long) = (sidecar_of(stem_of(place)), sidecar_of(place));
                match (is_there(&short), is_there(&long)) {
                    (true, true) => vec![short, long],
                    (false, true) => vec![long],
                    _ => vec![short],
                }
            }
            Role::Image | Role::Video if which == Sidecars::All => vec![sidecar_of(place)],
            _ => Vec::new(),
        }
    };
    current(its).filter(here).flat_map(paths).collect()
}

fn keyword_paths(row: &PhotoRow) -> Vec<String> {
    let set = row.fields.iter().filter(|(_, value)| **value == json!(true));
    set.filter_map(|(name, _)| name.strip_prefix("kwpath/").map(ToOwned::to_owned)).collect()
}

fn place_taken(row: &PhotoRow) -> Option<Gps> {
    let gps = row.fields.get("meta")?.get("gps")?;
    Gps::new(gps.get("lat")?.as_f64()?, gps.get("lon")?.as_f64()?)
}

/// All that the catalogue says of a photo and a sidecar can hold.
fn said_of(row: &PhotoRow) -> Said {
    let said_inside = |name: &str| {
        row.fields.get("meta").and_then(|meta| meta.get(name)?.as_str()).map(ToOwned::to_owned)
    };
    let mut iptc = fields_of(row);
    iptc.creator = iptc.creator.or_else(|| said_inside("artist"));
    iptc.copyright = iptc.copyright.or_else(|| said_inside("copyright"));
    let corrected = row.taken.filter(|_| row.fields.contains_key("clock"));
    Said {
        rating: stars(row),
        label: row.label.clone(),
        keywords: row.keywords.clone(),
        paths: keyword_paths(row),
        title: row.title.clone(),
        caption: row.caption.clone(),
        gps: place_taken(row),
        taken: corrected.map(|local| CaptureTime {
            local,
            offset_min: row.offset_min,
            source: TimeSource::Exif,
        }),
        iptc,
    }
}

/// The stars as XMP has them.
fn stars(row: &PhotoRow) -> i8 {
    match row.flag.as_deref() {
        Some("reject") => -1,
        _ => i8::try_from(row.rating).unwrap_or(0),
    }
}

/// What the sidecar says and the catalogue does not say so.
fn differences(row: &PhotoRow, theirs: &Xmp) -> Vec<Difference> {
    let said = said_of(row);
    let mut found = Vec::new();
    let mut differ = |field: &'static str, ours: Value, theirs: Value| {
        if ours != theirs {
            found.push(Difference { field, ours, theirs });
        }
    };
    if let Some(rating) = theirs.rating {
        differ("rating", json!(said.rating), json!(rating));
    }
    let texts = [
        ("label", &said.label, &theirs.label),
        ("title", &said.title, &theirs.title),
        ("caption", &said.caption, &theirs.caption),
        ("creator", &said.iptc.creator, &theirs.artist),
        ("copyright", &said.iptc.copyright, &theirs.copyright),
        ("usage_terms", &said.iptc.usage_terms, &theirs.iptc.usage_terms),
        ("credit", &said.iptc.credit, &theirs.iptc.credit),
        ("source", &said.iptc.source, &theirs.iptc.source),
        ("headline", &said.iptc.headline, &theirs.iptc.headline),
        ("city", &said.iptc.city, &theirs.iptc.city),
        ("country", &said.iptc.country, &theirs.iptc.country),
    ];
    for (field, ours, theirs) in texts {
        if theirs.is_some() {
            differ(field, json!(ours), json!(theirs));
        }
    }
    let sorted = |words: &[String]| {
        let mut words = words.to_vec();
        words.sort();
        json!(words)
    };
    if !theirs.keywords.is_empty() {
        differ("keywords", sorted(&said.keywords), sorted(&theirs.keywords));
    }
    if !theirs.paths.is_empty() {
        differ("keyword_paths", sorted(&said.paths), sorted(&theirs.paths));
    }
    if let Some(place) = theirs.gps {
        let near =
            |ours: Gps| (ours.lat - place.lat).abs() < 1e-6 && (ours.lon - place.lon).abs() < 1e-6;
        if !said.gps.is_some_and(near) {
            let value =
                |gps: Option<Gps>| json!(gps.map(|g| json!({ "lat": g.lat, "lon": g.lon })));
            differ("gps", value(said.gps), value(Some(place)));
        }
    }
    found
}

/// The edit that makes the catalogue say what the sidecar says; what it does not speak of stays.
fn edit_of(row: &PhotoRow, theirs: &Xmp) -> Edit {
    let mut edit = Edit::default();
    match theirs.rating {
        Some(stars @ 0..=5) => {
            edit.rating = u8::try_from(stars).ok();
            if row.flag.as_deref() == Some("reject") {
                edit.flag = Some(None);
            }
        }
        Some(_) => edit.flag = Some(Some(Flag::Reject)),
        None => {}
    }
    if let Some(picked) = theirs.pick {
        edit.flag = Some(Some(if picked { Flag::Pick } else { Flag::Reject }));
    }
    edit.label = theirs.label.clone().map(Some);
    edit.title = theirs.title.clone().map(Some);
    edit.caption = theirs.caption.clone().map(Some);
    if !theirs.keywords.is_empty() {
        let gone = row.keywords.iter().filter(|word| !theirs.keywords.contains(word));
        edit.remove_keywords = gone.cloned().collect();
        edit.add_keywords = theirs.keywords.iter().chain(&theirs.paths).cloned().collect();
    }
    edit.place = theirs.gps.map(|gps| Some((gps.lat, gps.lon)));
    let facts = [
        ("creator", &theirs.artist),
        ("copyright", &theirs.copyright),
        ("usage_terms", &theirs.iptc.usage_terms),
        ("credit", &theirs.iptc.credit),
        ("source", &theirs.iptc.source),
        ("contact_email", &theirs.iptc.contact_email),
        ("contact_url", &theirs.iptc.contact_url),
        ("headline", &theirs.iptc.headline),
        ("city", &theirs.iptc.city),
        ("country", &theirs.iptc.country),
    ];
    let stated = facts.into_iter().filter(|(_, value)| value.is_some());
    edit.iptc = stated.map(|(name, value)| (name.to_owned(), value.clone())).collect();
    edit
}
