//! A bucket and computers with a few photos, for the tests of this room.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::catalog::{Catalog, ImportedExposure, ImportedFile, Query, Row};
use crate::encryption::{fill_random, open};
use crate::keys::{MemorySecrets, RecoveryWords};
use crate::media::{
    CaptureTime, ContentHash, DeviceId, FileId, ImportId, MediaKind, PhotoId, PreviewSize, Role,
    TimeSource,
};
use crate::previews::Cache;
use crate::progress::Progress;
use crate::store::{FaultyStore, MemoryStore, sha256};

use super::format::{DSO1_PREFIX, FileHeader, ItemKind, Place};
use super::{BackupOptions, BackupReport, Computer, OpenVault, WayIn, bucket_slots, open_slots};

/// What a canary test looks for.
pub(super) const CANARY: &str = "CanaryBird";

/// One computer: its folders, catalogue and keyring.
pub(super) struct Home {
    dir: tempfile::TempDir,
    pub catalog: Arc<Catalog>,
    pub secrets: Arc<MemorySecrets>,
    pub store: FaultyStore,
    seconds: Arc<AtomicI64>,
}

impl Home {
    pub fn new(device: u8, bucket: &MemoryStore) -> Self {
        let seconds = Arc::new(AtomicI64::new(1_780_315_200));
        let catalog = Catalog::in_memory(DeviceId([device; 8]), clock(&seconds)).expect("memory");
        Self {
            dir: tempfile::tempdir().expect("a folder"),
            catalog: Arc::new(catalog),
            secrets: Arc::new(MemorySecrets::new()),
            store: FaultyStore::new(Arc::new(bucket.clone())),
            seconds,
        }
    }

    pub fn sleep(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    pub fn computer(&self) -> Computer {
        Computer {
            store: Arc::new(self.store.clone()),
            catalog: Arc::clone(&self.catalog),
            library: self.dir.path().join("library"),
            previews: Cache::new(self.dir.path().join("previews")),
            state_dir: self.dir.path().join("state"),
            now: clock(&self.seconds),
            program: "darkslide test".to_owned(),
        }
    }

    pub async fn create(&self) -> (Arc<OpenVault>, RecoveryWords) {
        let words = RecoveryWords::random();
        let vault = super::create(self.computer(), self.secrets.clone(), None, &words).await;
        let vault = vault.expect("created");
        (Arc::new(vault), words)
    }

    /// As after a restart: from the catalogue and the keyring.
    pub async fn unlock(&self) -> Arc<OpenVault> {
        let vault = super::unlock(self.computer(), self.secrets.clone(), || None).await;
        Arc::new(vault.expect("opens"))
    }

    /// Takes up the bucket's vault with its words, and joins it.
    pub async fn open(&self, words: &RecoveryWords) -> Arc<OpenVault> {
        let (vault, problems) = self.open_damaged(words).await;
        assert!(problems.is_empty(), "{problems:?}");
        vault
    }

    /// The same where something is wrong with the bucket.
    pub async fn open_damaged(&self, words: &RecoveryWords) -> (Arc<OpenVault>, Vec<String>) {
        let computer = self.computer();
        let about = computer.store.get("vault.json", None).await.expect("there");
        let id = super::format::About::read(&about).expect("reads").vault;
        let slots = bucket_slots(computer.store.as_ref()).await.expect("listed");
        let named = slots.iter().map(|(file, body)| (file.as_str(), body.as_slice()));
        let keys = open_slots(id, named, &WayIn::Words(words.clone())).expect("opens");
        let vault = OpenVault::adopt(computer, keys, &about, &slots).await.expect("adopted");
        let report = vault.join().await.expect("joins");
        vault.enrol(self.secrets.clone(), Some(Zeroizing::new("unused".into()))).await.expect("in");
        (Arc::new(vault), report.problems)
    }

    /// Adds photo `n`, a raw file of `len` bytes with a sidecar and both previews.
    pub fn add_photo(&self, n: u8, len: usize) -> PhotoId {
        let shoot = self.catalog.shoot_named(&format!("{CANARY} shoot"), None).expect("a shoot");
        let raw = self.file(n, 0, Role::Raw, len);
        let sidecar = self.file(n, 1, Role::Sidecar, 500);
        let photo = PhotoId([n; 16]);
        let meta = serde_json::json!({"make": "Canon", "lens": format!("{CANARY} 50mm")});
        let exposure = ImportedExposure {
            photo,
            import: ImportId([1; 16]),
            shoot: Some(shoot),
            kind: MediaKind::Raw,
            taken: Some(CaptureTime {
                local: "2026-05-16T14:03:22.12".parse().expect("a time"),
                offset_min: Some(120),
                source: TimeSource::Exif,
            }),
            meta: meta.as_object().expect("a map").clone(),
            more: BTreeMap::default(),
            files: vec![raw, sidecar],
        };
        self.catalog.record_import(&[exposure], &[]).expect("recorded");
        for (size, px) in [(PreviewSize::Thumb, 64), (PreviewSize::View, 128)] {
            let picture = image::RgbImage::from_pixel(px, px / 2, image::Rgb([n, 2, 3]));
            let mut jpeg = std::io::Cursor::new(Vec::new());
            picture.write_to(&mut jpeg, image::ImageFormat::Jpeg).expect("encodes");
            self.computer().previews.put(photo, size, jpeg.get_ref()).expect("kept");
        }
        photo
    }

    fn file(&self, n: u8, m: u8, role: Role, len: usize) -> ImportedFile {
        let mut bytes = vec![0; len];
        fill_random(&mut bytes);
        bytes[..CANARY.len()].copy_from_slice(CANARY.as_bytes());
        let name = format!("{CANARY}_{n}.{m}");
        let path = format!("Originals/{name}");
        let on_disk = self.computer().library.join(&path);
        crate::files::create_dirs(on_disk.parent().expect("a folder")).expect("made");
        crate::files::replace(&on_disk, &bytes).expect("written");
        ImportedFile {
            file: FileId([n, m, 0, 0, 0, 0, 0, 1]),
            role,
            name: name.into_bytes(),
            bytes: len as u64,
            sha256: ContentHash(sha256(&bytes)),
            mime: "image/x-canon-cr3".to_owned(),
            path,
            mtime_ns: 1,
            verified_at: Timestamp::UNIX_EPOCH,
            lead: m == 0,
            replaces: None,
            mirrors: Vec::new(),
        }
    }

    /// Changes one byte of a file of photo `n` behind the catalogue's back.
    pub fn rot(&self, n: u8) {
        let path = self.computer().library.join(format!("Originals/{CANARY}_{n}.0"));
        let mut bytes = std::fs::read(&path).expect("there");
        *bytes.last_mut().expect("not empty") ^= 1;
        crate::files::replace(&path, &bytes).expect("written");
    }

    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        self.catalog
            .every_row(&mut |row| {
                rows.push(row);
                Ok(())
            })
            .expect("reads");
        rows
    }
}

fn clock(seconds: &Arc<AtomicI64>) -> crate::store::Clock {
    let seconds = Arc::clone(seconds);
    Arc::new(move || {
        Timestamp::from_second(seconds.load(Ordering::Relaxed)).expect("a year of this millennium")
    })
}

pub(super) async fn backup(vault: &Arc<OpenVault>) -> super::Result<BackupReport> {
    vault.backup(&small(), &Progress::new()).await
}

/// Sizes that make every path of the pump short.
pub(super) fn small() -> BackupOptions {
    BackupOptions { one_put: 1024 * 1024, smallest_part: 1024 * 1024, ..BackupOptions::default() }
}

/// Opens every file and preview the catalogue of `vault` gives a place, and returns how many
/// contents were right.
pub(super) async fn check_everything(vault: &OpenVault) -> usize {
    let catalog = &vault.computer.catalog;
    let mut good = 0;
    for file in catalog.files_found(&Query::default()).expect("reads") {
        let place = file.place.as_ref().and_then(Place::read).expect("every file has a place");
        let content = fetch(vault, place, ItemKind::File).await;
        assert_eq!(sha256(&content), file.sha256.0, "{}", file.shown_name());
        good += 1;
    }
    for photo in catalog.find(&Query::default()).expect("reads") {
        let row = catalog.photo(photo).expect("reads").expect("there");
        for (field, kind) in [("thumb", ItemKind::Thumb), ("view", ItemKind::View)] {
            let place = Place::read(&row.fields[field]["at"]).expect("a place");
            let jpeg = fetch(vault, place, kind).await;
            assert!(jpeg.starts_with(&[0xff, 0xd8]), "{field}");
            good += 1;
        }
    }
    good
}

async fn fetch(vault: &OpenVault, place: Place, kind: ItemKind) -> Vec<u8> {
    let (range, context, padded) = match place {
        Place::Object { object, .. } => (None, vault.context().object(object), true),
        Place::Item { pack, n, offset, length, .. } => {
            (Some(offset..offset + length), vault.context().item(kind, pack, n), false)
        }
    };
    let body = vault.computer.store.get(&place.name(), range).await.expect("there");
    let key = vault.key(place.kid()).expect("its key is in a page");
    let plain = open(&key, &context, &body[DSO1_PREFIX..]).expect("opens");
    FileHeader::read_whole(&plain, padded).expect("reads").1.to_vec()
}
