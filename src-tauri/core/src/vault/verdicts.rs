//! Which cards may be formatted, as of now: what the catalogue knows, held against what lies on the
//! disks that are there.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::Vault;
use crate::card;
use crate::catalog::{CopyAt, ImportCopies, ImportRow, ImportState, KnownCopy};
use crate::error::Result;
use crate::files;
use crate::media::ImportId;

/// What an import took its files from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// A card, or any folder.
    Card,
    /// A tree of the library, where it lay: nothing was copied.
    Adopted,
    /// A folder that is watched.
    Watched,
}

/// An import and what its card's files have for copies now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportVerdict {
    pub import_id: ImportId,
    pub kind: ImportKind,
    pub source: String,
    /// What the card is known by.
    pub card: Option<String>,
    pub started: Timestamp,
    pub ended: Option<Timestamp>,
    /// Whether it ended with every file of the card taken, and the card was what its own manifests
    /// say.
    pub whole: bool,
    /// Files of the card that are in the library or were.
    pub files: u64,
    /// Every file of the card was taken, and each has copies in two places: on two devices, or one
    /// here and one in a commit of the bucket that was read back.
    pub safe_to_format: bool,
    /// Paths on the card of the files that lack a second copy, or failed.
    pub missing: Vec<String>,
    /// Those of them that failed.
    pub failed: Vec<String>,
    /// Those of them that were taken and have no copy on a disk here any more.
    pub gone: Vec<String>,
    /// Roots that are not there now, and without whose copies, as they were last proven, it would
    /// not be safe.
    pub resting_on: BTreeSet<String>,
}

/// Whether copies are looked at, or taken to be as the catalogue knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    Looked,
    Known,
}

/// Library and mirrors as they stand now.
struct Roots(HashMap<String, Root>);

struct Root {
    path: PathBuf,
    device: u64,
    away: bool,
}

impl Vault {
    /// All imports, newest first, each with its verdict. Every copy that can be looked at is: one
    /// that is gone or has another length is none.
    ///
    /// # Errors
    /// The catalogue could not be read.
    pub fn imports(&self) -> Result<Vec<ImportVerdict>> {
        self.imports_by(Proof::Looked)
    }

    pub(super) fn imports_by(&self, proof: Proof) -> Result<Vec<ImportVerdict>> {
        self.note_devices()?;
        let roots = self.roots()?;
        let home = files::device_of(&self.settings.home).ok();
        let imports = self.catalog.imports()?.into_iter();
        imports.map(|import| self.verdict(import, &roots, home, proof)).collect()
    }

    fn verdict(
        &self,
        import: ImportRow,
        roots: &Roots,
        home: Option<u64>,
        proof: Proof,
    ) -> Result<ImportVerdict> {
        let kind = match import.card.as_deref() {
            None => ImportKind::Adopted,
            Some(card) if card.starts_with("watch:") => ImportKind::Watched,
            Some(_) => ImportKind::Card,
        };
        let on_card = match kind {
            ImportKind::Card => roots.on_card(&import, home),
            ImportKind::Adopted | ImportKind::Watched => BTreeSet::new(),
        };
        let place = |copy: KnownCopy<'_>| {
            let root = roots.0.get(copy.root).filter(|_| !on_card.contains(copy.root))?;
            let counts = root.away || proof == Proof::Known || is_whole(&root.path, &copy);
            counts.then_some(CopyAt { device: root.device, away: root.away })
        };
        let library = self.library();
        let ImportCopies { files, missing, gone, failed, away } =
            self.catalog.copies_of_import(import.id, &library.to_string_lossy(), &place)?;
        let whole = matches!(import.state, ImportState::Clean | ImportState::MirrorsBehind);
        // a tree of the library, or a folder somebody works with, is nothing to format
        let is_card = kind == ImportKind::Card;
        Ok(ImportVerdict {
            safe_to_format: is_card && whole && files > 0 && missing.is_empty(),
            import_id: import.id,
            kind,
            source: import.source,
            card: import.card,
            started: import.started,
            ended: import.ended,
            whole,
            files,
            missing,
            failed,
            gone,
            resting_on: away,
        })
    }

    /// Notes on which devices the roots lie that are there.
    pub(super) fn note_devices(&self) -> Result<()> {
        let config = self.config();
        let mut there = Vec::new();
        for root in std::iter::once(&config.library).chain(&config.mirrors) {
            if config.is_there(root) {
                there.push((root.to_string_lossy().into_owned(), files::device_of(root)?));
            }
        }
        Ok(self.catalog.note_root_devices(&there)?)
    }

    /// The roots whose devices are known.
    fn roots(&self) -> Result<Roots> {
        let config = self.config();
        let devices = self.catalog.root_devices()?;
        let root = |path: &PathBuf| {
            let name = path.to_string_lossy().into_owned();
            let device = *devices.get(&name)?;
            let away = !config.is_there(path);
            Some((name, Root { path: path.clone(), device, away }))
        };
        Ok(Roots(
            std::iter::once(&config.library).chain(&config.mirrors).filter_map(root).collect(),
        ))
    }
}

impl Roots {
    /// The roots that lie on the card itself, and go when it is formatted. A source on the device of
    /// the program's own data is no card.
    fn on_card(&self, import: &ImportRow, home: Option<u64>) -> BTreeSet<&str> {
        let Some(was) = import.device_no.filter(|device| Some(*device) != home) else {
            return BTreeSet::new();
        };
        let source = Path::new(&import.source);
        // the folder a card was mounted on, without the card, lies elsewhere
        let now = files::device_of(source).ok().filter(|device| Some(*device) != home);
        let on_card = |root: &Root| match now {
            Some(now) => root.device == now,
            // numbers are given out again: a drive that came after the card is not the card
            None => {
                let below = |(mount, _): (PathBuf, _)| source.starts_with(mount);
                root.device == was && (root.away || card::mounted(&root.path).is_none_or(below))
            }
        };
        self.0.iter().filter(|(_, root)| on_card(root)).map(|(name, _)| name.as_str()).collect()
    }
}

/// Whether a copy lies where it was verified, with its length.
fn is_whole(root: &Path, copy: &KnownCopy<'_>) -> bool {
    let meta = std::fs::symlink_metadata(root.join(copy.path));
    meta.is_ok_and(|meta| meta.is_file() && meta.len() == copy.bytes)
}
