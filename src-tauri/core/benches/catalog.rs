//! Times the catalogue with 100,000 photos: `cargo bench -p darkslide-core --bench catalog`.
//!
//! Each figure is the median of nine runs. A figure over its limit makes the run fail.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use darkslide_core::catalog::{
    Catalog, Clock, Edit, ImportedExposure, ImportedFile, Order, Query, Start,
};
use darkslide_core::media::{
    CaptureTime, ContentHash, DeviceId, FileId, ImportId, MediaKind, PhotoId, Role, ShootId,
    TimeSource,
};
use jiff::civil::date;
use jiff::{Timestamp, ToSpan as _};
use serde_json::json;

const PHOTOS: u32 = 100_000;
const SHOOTS: usize = 500;

fn id<const N: usize>(n: u32, salt: u32) -> [u8; N] {
    // Ids are random in life: spread, so that the indexes meet them in no order.
    let mut state = (u64::from(n) << 32 | u64::from(salt)).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = [0; N];
    for byte in &mut bytes {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        *byte = (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8;
    }
    bytes
}

fn exposure(n: u32, shoots: &[ShootId]) -> ImportedExposure {
    let taken = date(2019, 1, 1).at(8, 0, 0, 0).checked_add((i64::from(n) * 2_200).seconds());
    let meta = json!({
        "make": "Canon", "model": format!("Canon EOS R{}", n % 7), "lens": format!("RF{}mm F2", 24 + n % 90),
        "serial": "0123456789", "iso": 100 << (n % 8), "aperture": 2.8, "shutter": "1/250",
        "focal_length": f64::from(24 + n % 90), "width": 5472, "height": 3648, "orientation": 1, "format": "CR3",
    });
    let file = |salt: u32, role, extension: &str, mime: &str| ImportedFile {
        file: FileId(id(n, salt)),
        role,
        name: format!("IMG_{:04}.{extension}", n % 10_000).into_bytes(),
        bytes: 30_000_000,
        sha256: ContentHash(id(n, salt + 9)),
        mime: mime.into(),
        path: format!("Originals/{}/IMG_{n:06}.{extension}", n / 1_000),
        mtime_ns: i64::from(n),
        verified_at: Timestamp::from_second(1_780_000_000).unwrap(),
        lead: role == Role::Raw,
        replaces: None,
        mirrors: Vec::new(),
    };
    let mut more = darkslide_core::catalog::Fields::new();
    if n.is_multiple_of(10) {
        more.insert("rating".into(), (n / 10 % 6).into());
        more.insert("kw/dance".into(), true.into());
        more.insert(format!("kw/word {}", n % 300), true.into());
    }
    ImportedExposure {
        photo: PhotoId(id(n, 1)),
        import: ImportId([7; 16]),
        shoot: Some(shoots[n as usize * SHOOTS / PHOTOS as usize % SHOOTS]),
        kind: MediaKind::Raw,
        taken: Some(CaptureTime {
            local: taken.unwrap(),
            offset_min: Some(60),
            source: TimeSource::Exif,
        }),
        meta: meta.as_object().unwrap().clone(),
        more,
        files: vec![
            file(2, Role::Raw, "CR3", "image/x-canon-cr3"),
            file(3, Role::Image, "JPG", "image/jpeg"),
        ],
    }
}

fn median<T>(mut work: impl FnMut() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..9)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(work());
            start.elapsed()
        })
        .collect();
    times.sort();
    times[4]
}

fn main() {
    let home = tempfile::tempdir().unwrap();
    let now: Clock = Arc::new(|| Timestamp::from_second(1_780_000_000).unwrap());
    let catalog = Catalog::create(home.path(), Some(DeviceId([1; 8])), now).unwrap();
    let client = catalog.client_named("Smith").unwrap();
    let shoots: Vec<ShootId> = (0..SHOOTS)
        .map(|n| catalog.shoot_named(&format!("Shoot {n} of Smith"), Some(client)).unwrap())
        .collect();

    let mut inserts = Vec::new();
    for first in (0..PHOTOS).step_by(1_000) {
        let batch: Vec<_> = (first..first + 1_000).map(|n| exposure(n, &shoots)).collect();
        let start = Instant::now();
        catalog.record_import(&batch, &[]).unwrap();
        inserts.push(start.elapsed());
    }
    let last = inserts[inserts.len() - 1];
    inserts.sort();
    let half: Vec<FileId> =
        (0..PHOTOS / 2).flat_map(|n| [2, 3].map(|s| FileId(id(n, s)))).collect();
    catalog.set_cloud(&half, Timestamp::from_second(1_780_000_001).unwrap()).unwrap();
    catalog.forget_local(&half[..2_000]).unwrap();
    let album = catalog.create_album("Best").unwrap();
    catalog
        .add_to_album(album, &catalog.find(&Query::parse("rating:5").unwrap()).unwrap())
        .unwrap();

    let mut over = Vec::new();
    let mut report = |name: &str, limit_ms: u64, time: Duration| {
        let verdict = if time <= Duration::from_millis(limit_ms) { "" } else { "  OVER" };
        println!(
            "{name:<44} {:>9.2} ms   limit {limit_ms:>4} ms{verdict}",
            time.as_secs_f64() * 1e3
        );
        if !verdict.is_empty() {
            over.push(name.to_owned());
        }
    };
    report("insert 1,000 exposures (median)", 500, inserts[inserts.len() / 2]);
    report("insert 1,000 exposures (the last)", 500, last);
    let filters = [
        "rating>=4",
        "label:red",
        "shoot:\"Shoot 77 of Smith\"",
        "date:2022-06",
        "camera:R6 lens:85",
        "iso>=12800 rating:5",
        "keyword:dance rating>=3",
        "album:Best",
        "status:missing",
        "status:notbackedup rating>=4",
        "dance smith",
        "img_0042",
        "-rating:0 client:Smith iso:800",
    ];
    for filter in filters {
        let query = Query::parse(filter).unwrap();
        let found = catalog.counts(&query).unwrap().photos;
        let list = || catalog.list(&query, Order::default(), Some(500), None).unwrap();
        report(&format!("list {filter} ({found}, first 500)"), 100, median(list));
        let page = || catalog.page(&query, &Start::Offset(0), 200).unwrap();
        report(&format!("  page of 200: {filter}"), 100, median(page));
    }
    let all = Query::all();
    report("months of everything", 50, median(|| catalog.months(&all).unwrap()));
    let starred = Query::parse("rating>=4").unwrap();
    report("months of rating>=4", 50, median(|| catalog.months(&starred).unwrap()));
    report("first page of 200", 20, median(|| catalog.page(&all, &Start::Offset(0), 200).unwrap()));
    let deep = Start::Offset(u64::from(PHOTOS) - 500);
    report("last page of 200, by offset", 50, median(|| catalog.page(&all, &deep, 200).unwrap()));
    let key = catalog.page(&all, &deep, 1).unwrap().remove(0).key;
    let after = Start::After(key);
    report("last page of 200, by key", 20, median(|| catalog.page(&all, &after, 200).unwrap()));
    report(
        "list everything",
        3_000,
        median(|| catalog.list(&all, Order::default(), None, None).unwrap()),
    );
    report("shoots with counts", 100, median(|| catalog.shoots().unwrap()));
    report("bucket count", 300, median(|| catalog.cloud_count().unwrap()));
    report("how safe each shoot is", 300, median(|| catalog.safety(&[]).unwrap()));
    report("what there is to filter by", 600, median(|| catalog.facets().unwrap()));
    let by_stars: Order = "-rating".parse().unwrap();
    let page = || catalog.sorted_page(&all, by_stars, 50_000, 200).unwrap();
    report("a page in the middle, by stars", 200, median(page));
    let hash = ContentHash(id(77, 11));
    report("duplicate by hash", 5, median(|| catalog.file_by_hash(&hash).unwrap()));
    let mut stars = 0;
    let photo = [PhotoId(id(50_000, 1))];
    let mut rate = || {
        stars = stars % 5 + 1;
        catalog.edit_photos(&photo, &Edit { rating: Some(stars), ..Edit::default() }).unwrap()
    };
    report("rate one photo", 50, median(&mut rate));
    let start = Instant::now();
    let found = catalog
        .edit(&Query::parse("date:2022").unwrap(), &Edit { rating: Some(1), ..Edit::default() })
        .unwrap();
    report(&format!("rate {} photos", found.photos), 5_000, start.elapsed());
    assert!(over.is_empty(), "over the limit: {over:?}");
}
