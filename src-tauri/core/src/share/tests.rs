//! What sharing promises, on a store in memory and with pictures made here.

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::index::item_context;
use super::*;
use crate::catalog::{Edit, Flag, ImportRow, ImportState, ImportedExposure, ImportedFile};
use crate::encryption;
use crate::error::{Code, Error};
use crate::media::{AlbumId, ContentHash, DeviceId, FileId, ImportId, MediaKind, Role};
use crate::progress::Progress;
use crate::store::{Fault, FaultyStore, MemoryStore, Operation, When, sha256};

const PAGE: &[u8] = b"<meta content=\"connect-src https://darkslide.invalid/share/\">";

/// A clock that stands until a test moves it.
#[derive(Clone)]
struct Hands(Arc<Mutex<Timestamp>>);

impl Hands {
    fn clock(&self) -> Clock {
        let hands = self.clone();
        Arc::new(move || *hands.0.lock().unwrap())
    }

    fn go_on(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap();
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }
}

struct Room {
    _folder: tempfile::TempDir,
    hands: Hands,
    memory: MemoryStore,
    shares: Shares,
    album: AlbumId,
}

fn jpeg(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, (seed * 40) as u8])
    });
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90)).unwrap();
    bytes
}

fn exposure(n: u8, name: &str, mime: &str, format: &str, bytes: &[u8]) -> ImportedExposure {
    ImportedExposure {
        photo: PhotoId([n; 16]),
        import: ImportId([1; 16]),
        shoot: None,
        kind: MediaKind::Photo,
        taken: None,
        meta: json!({ "format": format, "orientation": 1 }).as_object().unwrap().clone(),
        more: [("caption".to_owned(), json!(format!("caption {n}")))].into(),
        files: vec![ImportedFile {
            file: FileId([n; 8]),
            role: Role::Image,
            name: name.as_bytes().to_vec(),
            bytes: bytes.len() as u64,
            sha256: ContentHash(sha256(bytes)),
            mime: mime.into(),
            path: name.into(),
            mtime_ns: 1,
            verified_at: Timestamp::UNIX_EPOCH,
            lead: true,
            replaces: None,
            mirrors: Vec::new(),
        }],
    }
}

impl Room {
    /// An album of `count` good JPEGs.
    fn with(count: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hands = Hands(Arc::new(Mutex::new("2026-11-20T19:02:00Z".parse().unwrap())));
        let memory = MemoryStore::with_clock(hands.clock());
        let catalog = Catalog::in_memory(DeviceId([7; 8]), hands.clock()).unwrap();
        catalog
            .begin_import(&ImportRow {
                id: ImportId([1; 16]),
                source: "card".into(),
                card: None,
                device_no: None,
                shoot: None,
                started: Timestamp::UNIX_EPOCH,
                ended: None,
                state: ImportState::Running,
            })
            .unwrap();
        let album = catalog.create_album("Best").unwrap();
        let shares = Shares {
            store: Arc::new(memory.clone()),
            catalog: Arc::new(catalog),
            previews: Cache::new(folder.path().join("previews")),
            library: folder.path().to_owned(),
            page: Bytes::from_static(PAGE),
            now: hands.clock(),
        };
        let room = Self { _folder: folder, hands, memory, shares, album };
        for n in 1..=count {
            let bytes = jpeg(900, 600, u32::from(n));
            room.add(
                &exposure(n, &format!("IMG_{n:04}.JPG"), "image/jpeg", "JPEG", &bytes),
                &bytes,
            );
        }
        room
    }

    fn library(&self) -> &Path {
        &self.shares.library
    }

    #[allow(clippy::disallowed_methods, reason = "a test makes its own files")]
    fn add(&self, exposure: &ImportedExposure, bytes: &[u8]) {
        std::fs::write(self.library().join(&exposure.files[0].path), bytes).unwrap();
        self.shares.catalog.record_import(std::slice::from_ref(exposure), &[]).unwrap();
        self.shares.catalog.add_to_album(self.album, &[exposure.photo]).unwrap();
    }

    async fn share(&self, options: &ShareOptions) -> Result<Created, ShareError> {
        self.shares.create(self.album, options, &Progress::new()).await
    }

    async fn names(&self) -> Vec<String> {
        let listed = self.memory.list("", None).await.unwrap();
        listed.into_iter().map(|(name, _)| name).collect()
    }

    /// Everything a link leads to, decrypted as the page does.
    async fn seen(&self, created: &Created) -> (Index, Vec<Vec<u8>>) {
        let link = Link::parse(&created.url).unwrap();
        let passcode = created.passcode.as_deref().map(|text| Passcode::typed(text).unwrap());
        let share = link.share().unwrap();
        let key = share_key(&link.secret, share, passcode.as_ref());
        let now = (self.shares.now)();
        let sealed = self.memory.open(&link.index().unwrap(), now).unwrap();
        let index = Index::open(&key, share, link.n, &sealed).unwrap();
        let mut items = Vec::new();
        for (at, (name, length)) in index.items.iter().enumerate() {
            let address = index.address(at).unwrap().parse().unwrap();
            let sealed = self.memory.open(&address, now).unwrap();
            assert_eq!(sealed.len() as u64, *length);
            items.push(encryption::open(&key, &item_context(share, name), &sealed).unwrap());
        }
        (index, items)
    }
}

fn options() -> ShareOptions {
    ShareOptions { title: "Jürgen & Ana".into(), ..ShareOptions::default() }
}

#[tokio::test]
async fn a_share_is_what_the_album_shows_and_nothing_of_it_is_readable() {
    let room = Room::with(6);
    let created = room.share(&options()).await.unwrap();
    assert_eq!((created.items, created.failed.len()), (6, 0));
    assert_eq!(created.expires_at.to_string(), "2026-11-23T19:02:00Z");
    let (index, items) = room.seen(&created).await;
    let names: Vec<_> = index.photos.iter().map(|photo| photo.name.as_str()).collect();
    let expected: Vec<_> = (1..=6).map(|n| format!("IMG_{n:04}.JPG")).collect();
    assert_eq!(names, expected, "in the album's order");
    assert_eq!(index.photos[2].caption.as_deref(), Some("caption 3"));
    assert_eq!((index.photos[0].width, index.photos[0].height), (900, 600));
    assert!(items.iter().all(|item| item.starts_with(&[0xff, 0xd8, 0xff])));
    let thumb = image::load_from_memory(&items[index.photos[0].thumb]).unwrap();
    assert_eq!((thumb.width(), thumb.height()), (512, 341));

    let canaries: [&[u8]; 4] =
        [b"IMG_0001", "Jürgen".as_bytes(), b"caption 1", &[0xff, 0xd8, 0xff]];
    for name in room.names().await {
        let body = room.memory.get(&name, None).await.unwrap();
        for canary in canaries {
            assert!(!body.windows(canary.len()).any(|at| at == canary), "{name}");
        }
    }
    let page = room.memory.get(&format!("s/{}/view", created.share_id), None).await.unwrap();
    let folder = format!("http://memory.invalid/bucket/s/{}/", created.share_id);
    assert!(String::from_utf8_lossy(&page).contains(&folder));
}

#[tokio::test]
async fn two_shares_of_one_album_have_nothing_in_common() {
    let room = Room::with(2);
    let (one, two) = (room.share(&options()).await.unwrap(), room.share(&options()).await.unwrap());
    let (first, second) = (Link::parse(&one.url).unwrap(), Link::parse(&two.url).unwrap());
    assert_ne!(first.secret, second.secret);
    let sealed = room.memory.get(&format!("s/{}/index/1", two.share_id), None).await.unwrap();
    let key = share_key(&first.secret, first.share().unwrap(), None);
    assert!(Index::open(&key, second.share().unwrap(), 1, &sealed).is_err());
}

#[tokio::test]
async fn a_bad_photo_is_left_out_and_named_and_the_rest_is_shared() {
    let room = Room::with(3);
    room.add(
        &exposure(8, "BROKEN.JPG", "image/jpeg", "JPEG", b"\xff\xd8\xff no"),
        b"\xff\xd8\xff no",
    );
    let gone = exposure(9, "AWAY.JPG", "image/jpeg", "JPEG", b"x");
    room.add(&gone, b"x");
    room.shares.catalog.forget_local(&[FileId([9; 8])]).unwrap();
    let created = room.share(&options()).await.unwrap();
    assert_eq!(created.items, 3);
    let failed: Vec<_> = created.failed.iter().map(|left| left.path.as_str()).collect();
    assert_eq!(failed, ["BROKEN.JPG", "AWAY.JPG"]);
    assert!(created.failed[1].reason.contains("not on this computer"), "{:?}", created.failed[1]);
}

#[tokio::test]
async fn nothing_to_show_is_an_error_and_leaves_nothing() {
    let room = Room::with(0);
    assert!(matches!(room.share(&options()).await, Err(ShareError::Empty)));
    room.add(
        &exposure(8, "BROKEN.JPG", "image/jpeg", "JPEG", b"\xff\xd8\xff no"),
        b"\xff\xd8\xff no",
    );
    assert!(matches!(room.share(&options()).await, Err(ShareError::NothingToShow(_))));
    assert!(room.names().await.is_empty());
}

#[tokio::test]
async fn originals_are_there_only_when_asked_byte_for_byte() {
    let room = Room::with(3);
    let pick = Edit { flag: Some(Some(Flag::Pick)), ..Edit::default() };
    room.shares.catalog.edit_photos(&[PhotoId([2; 16])], &pick).unwrap();
    for (originals, expected) in [
        (Originals::None, [false, false, false]),
        (Originals::Chosen, [false, true, false]),
        (Originals::All, [true, true, true]),
    ] {
        let created = room.share(&ShareOptions { originals, ..options() }).await.unwrap();
        let (index, items) = room.seen(&created).await;
        let has: Vec<_> = index.photos.iter().map(|photo| photo.full.is_some()).collect();
        assert_eq!(has, expected, "{originals:?}");
        for (n, photo) in (1_u32..).zip(&index.photos) {
            if let Some(full) = photo.full {
                assert_eq!(items[full], jpeg(900, 600, n));
            }
        }
        assert_eq!(items.len(), 6 + expected.iter().filter(|has| **has).count());
    }
}

#[tokio::test]
#[allow(clippy::disallowed_methods, reason = "a test spoils its own file")]
async fn an_original_that_changed_on_disk_is_not_handed_out() {
    let room = Room::with(1);
    std::fs::write(room.library().join("IMG_0001.JPG"), jpeg(900, 600, 5)).unwrap();
    let created =
        room.share(&ShareOptions { originals: Originals::All, ..options() }).await.unwrap();
    assert_eq!(created.items, 1);
    assert!(created.failed[0].reason.contains("the bytes differ"), "{:?}", created.failed);
    assert!(room.seen(&created).await.0.photos[0].full.is_none());
}

#[tokio::test]
async fn a_watermarked_share_has_no_clean_picture() {
    let room = Room::with(1);
    let plain = room.share(&options()).await.unwrap();
    let marked =
        room.share(&ShareOptions { watermark: Some("PROOF".into()), ..options() }).await.unwrap();
    let (_, clean) = room.seen(&plain).await;
    let (index, items) = room.seen(&marked).await;
    assert!(index.rights.watermark);
    for (clean, marked) in clean.iter().zip(&items) {
        let clean = image::load_from_memory(clean).unwrap().to_luma8();
        let marked = image::load_from_memory(marked).unwrap().to_luma8();
        assert_eq!(clean.dimensions(), marked.dimensions());
        let changed = clean.iter().zip(marked.iter()).filter(|(a, b)| a.abs_diff(**b) > 12).count();
        assert!(changed > clean.len() / 200, "only {changed} pixels carry the mark");
    }
    let both =
        ShareOptions { watermark: Some("PROOF".into()), originals: Originals::All, ..options() };
    let refused: Error = room.share(&both).await.unwrap_err().into();
    assert_eq!(refused.code, Code::Usage, "a clean original beside a mark");
}

#[tokio::test]
async fn what_cannot_be_is_refused_before_anything_is_put() {
    let room = Room::with(1);
    for bad in [
        ShareOptions { expires_in: Duration::ZERO, ..options() },
        ShareOptions { expires_in: Duration::from_secs(7 * 86_400 + 1), ..options() },
        ShareOptions { size_px: 100, ..options() },
        ShareOptions { watermark: Some("  ".into()), ..options() },
        ShareOptions { watermark: Some("見本".into()), ..options() },
        ShareOptions { watermark: Some("for Smith ".repeat(9)), ..options() },
    ] {
        let refused: Error = room.share(&bad).await.unwrap_err().into();
        assert_eq!(refused.code, Code::Usage, "{bad:?}");
    }
    assert!(room.names().await.is_empty());
    assert!(list(&room.shares.catalog, (room.shares.now)()).unwrap().is_empty());
}

#[tokio::test]
async fn a_store_that_fails_midway_is_left_empty_and_no_link_is_kept() {
    for nth in [1, 4, 7, 8] {
        let room = Room::with(3);
        let faulty = FaultyStore::new(Arc::new(room.memory.clone()));
        faulty.plan(When::Of(Operation::Put, nth), Fault::Fail);
        let shares = Shares { store: Arc::new(faulty), ..room.shares.clone() };
        let failed = shares.create(room.album, &options(), &Progress::new()).await;
        assert!(matches!(failed, Err(ShareError::Store(_))), "put {nth}");
        assert!(room.names().await.is_empty(), "put {nth}");
        let listed = list(&room.shares.catalog, (room.shares.now)()).unwrap();
        assert!(
            listed.iter().all(|share| share.state == State::Unfinished && share.url.is_empty())
        );
    }
}

#[tokio::test]
async fn a_cancelled_share_is_taken_away_again() {
    let room = Room::with(4);
    let slot = Arc::new(OnceLock::<Progress>::new());
    let own = Arc::clone(&slot);
    let progress = Progress::watched(move |counts| {
        if counts.files_done == 1
            && let Some(progress) = own.get()
        {
            progress.cancel();
        }
    });
    slot.set(progress.clone()).unwrap();
    let made = room.shares.create(room.album, &options(), &progress).await;
    let error: Error = made.unwrap_err().into();
    assert_eq!(error.code, Code::Cancelled);
    assert!(room.names().await.is_empty());
}

#[tokio::test]
async fn an_abandoned_share_is_swept_after_a_day() {
    let room = Room::with(2);
    let faulty = FaultyStore::new(Arc::new(room.memory.clone()));
    // The line is cut: neither the upload nor the clearing away gets through.
    faulty.plan(When::From(4), Fault::Fail);
    let shares = Shares { store: Arc::new(faulty), ..room.shares.clone() };
    shares.create(room.album, &options(), &Progress::new()).await.unwrap_err();
    assert!(!room.names().await.is_empty(), "something was put before the line was cut");
    assert_eq!(room.shares.sweep().await.unwrap(), Swept::default(), "it may still be running");
    room.hands.go_on(Duration::from_secs(25 * 3600));
    assert_eq!(room.shares.sweep().await.unwrap().shares, 1);
    assert!(room.names().await.is_empty());
}

#[tokio::test]
async fn revoking_deletes_everything_but_the_page_and_proves_it() {
    let room = Room::with(3);
    let created = room.share(&options()).await.unwrap();
    let other = room.share(&options()).await.unwrap();
    let revoked = room.shares.revoke(&created.share_id[..6]).await.unwrap();
    assert!(revoked.dead);
    assert_eq!(revoked.statuses, [(404, 7)].into());
    let view = format!("s/{}/view", created.share_id);
    let left: Vec<_> =
        room.names().await.into_iter().filter(|n| n.contains(&created.share_id)).collect();
    assert_eq!(left, [view]);
    let now = (room.shares.now)();
    let info = show(&room.shares.catalog, &created.share_id, now).unwrap();
    assert_eq!((info.state, info.seconds_left), (State::Revoked, 0));
    assert_eq!(info.proven_at, Some(revoked.checked_at));
    assert_eq!(show(&room.shares.catalog, &other.share_id, now).unwrap().state, State::Live);
    room.seen(&other).await;

    room.hands.go_on(Duration::from_secs(9 * 86_400));
    room.shares.sweep().await.unwrap();
    assert!(room.names().await.is_empty(), "both pages are dead by now, and gone");
}

#[tokio::test]
async fn a_revocation_that_deleted_nothing_is_not_called_one() {
    let room = Room::with(1);
    let created = room.share(&options()).await.unwrap();
    let faulty = FaultyStore::new(Arc::new(room.memory.clone()));
    faulty.plan(When::Every(Operation::Delete), Fault::Fail);
    let shares = Shares { store: Arc::new(faulty), ..room.shares.clone() };
    assert!(shares.revoke(&created.share_id).await.is_err());
    let now = (room.shares.now)();
    assert_eq!(show(&room.shares.catalog, &created.share_id, now).unwrap().state, State::Live);
}

#[tokio::test]
async fn an_ended_share_is_listed_so_and_swept_once() {
    let room = Room::with(2);
    let options = ShareOptions { expires_in: Duration::from_secs(60), ..options() };
    let created = room.share(&options).await.unwrap();
    let now = (room.shares.now)();
    let info = show(&room.shares.catalog, &created.share_id, now).unwrap();
    assert_eq!((info.state, info.seconds_left), (State::Live, 60));
    assert_eq!(room.shares.sweep().await.unwrap(), Swept::default(), "a live share stays");
    room.hands.go_on(Duration::from_secs(61));
    let listed = list(&room.shares.catalog, (room.shares.now)()).unwrap();
    assert_eq!(listed[0].state, State::Ended);
    assert_eq!(room.shares.sweep().await.unwrap(), Swept { shares: 1, objects: 5 });
    assert_eq!(room.shares.sweep().await.unwrap(), Swept::default());
}

#[tokio::test]
async fn a_share_is_found_by_the_beginning_of_its_id() {
    let room = Room::with(1);
    let created = room.share(&options()).await.unwrap();
    let now = (room.shares.now)();
    for prefix in [created.share_id.as_str(), &created.share_id[..4]] {
        assert_eq!(show(&room.shares.catalog, prefix, now).unwrap().url, created.url);
    }
    for nothing in ["", "zzzzzz"] {
        let error: Error = show(&room.shares.catalog, nothing, now).unwrap_err().into();
        assert_eq!(error.code, Code::NotFound, "{nothing:?}");
    }
}

#[tokio::test]
async fn a_passcode_is_part_of_the_key() {
    let room = Room::with(1);
    let created = room.share(&ShareOptions { passcode: true, ..options() }).await.unwrap();
    let passcode = created.passcode.clone().unwrap();
    let visited = |code: Option<String>| {
        let room = &room;
        let url = &created.url;
        async move { visit(&room.memory, url, code.as_deref()).await }
    };
    for wrong in [None, Some("0000-0000".to_owned())] {
        let refused = visited(wrong).await.unwrap_err();
        let is_wrong_key =
            matches!(refused, ShareError::Index(BadIndex::Sealed(encryption::OpenError::WrongKey)));
        assert!(is_wrong_key, "{refused:?}");
    }
    let typed = passcode.to_lowercase().replace('-', " ");
    assert_eq!(visited(Some(typed)).await.unwrap().index.photos.len(), 1);
}
