//! The record of one file, put together from what its parts say.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::containers::{self, Parts};
use super::crw;
use super::exif::{self, Exif};
use super::iptc::{self, Iptc};
use super::source::{Source, Window};
use super::tiff::Tiff;
use super::video::{self, Video};
use super::xmp::{self, Xmp};
use super::{HEAD, format_by_name, format_of, heif, jpeg, maker};
use crate::media::{CaptureTime, MediaKind, Role, TimeSource};

/// Reading what a file says costs at most this many bytes of it.
const BUDGET: u64 = 96 << 20;
/// Embedded XMP longer than this is left.
const MAX_XMP: usize = 8 << 20;

/// A place in signed degrees, always in range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Gps {
    pub lat: f64,
    pub lon: f64,
}

impl Gps {
    /// Returns the place, if there is one of these degrees.
    #[must_use]
    pub fn new(lat: f64, lon: f64) -> Option<Self> {
        ((-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon))
            .then_some(Self { lat, lon })
    }
}

/// What one file says about itself. What it does not say is `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// Upper-case word: "JPEG", "CR3", "MP4", "XMP"; "" when unknown.
    #[serde(skip)]
    pub format: &'static str,
    #[serde(skip)]
    pub mime: &'static str,
    pub kind: MediaKind,
    pub role: Role,
    /// When it was taken, as the file says; the only time that may be shown as the capture time.
    pub taken: Option<CaptureTime>,
    /// The file's own time (UTC, `TimeSource::File`): good for sorting and folders, never a capture time.
    pub file_time: Option<CaptureTime>,
    pub make: Option<String>,
    pub model: Option<String>,
    pub lens: Option<String>,
    pub serial: Option<String>,
    pub iso: Option<u32>,
    /// The f-number.
    pub aperture: Option<f64>,
    /// "1/250" or "2.5", in seconds.
    pub shutter: Option<String>,
    /// In millimetres.
    pub focal_length: Option<f64>,
    /// EXIF's 1 to 8; 1 when not said. HEIF files turn themselves: theirs is for the record only.
    pub orientation: u8,
    /// Upright pixels.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// Length of a video or recording, in seconds.
    pub seconds: Option<f64>,
    pub gps: Option<Gps>,
    pub artist: Option<String>,
    pub copyright: Option<String>,
    /// Links the two parts of a Live Photo.
    pub content_id: Option<String>,
    /// Rating, label, keywords and words from embedded XMP or IPTC, or the whole of a sidecar.
    pub xmp: Xmp,
}

/// Reads what the file at `path` says, in this process.
pub(crate) fn read_here(path: &Path, name_hint: &str) -> Metadata {
    let mut record = Metadata::empty(name_hint, &[]);
    record.file_time = file_time(path);
    // The parsers here do not panic by intent; if one does, the file loses its record and no more.
    let found = catch_unwind(AssertUnwindSafe(|| {
        let source = Source::open(path, BUDGET).ok()?;
        let file = source.all();
        let head = file.read_up_to(0, HEAD)?;
        let mut record = Metadata::empty(name_hint, &head);
        record.fill(file);
        Some(record)
    }));
    match found {
        Ok(Some(found)) => Metadata { file_time: record.file_time, ..found },
        _ => record,
    }
}

/// Returns the file's own time, in UTC.
pub(super) fn file_time(path: &Path) -> Option<CaptureTime> {
    let modified = std::fs::metadata(path).ok()?.modified().ok()?;
    let at = jiff::Timestamp::try_from(modified).ok()?;
    let local = jiff::tz::Offset::UTC.to_datetime(at);
    Some(CaptureTime { local, offset_min: Some(0), source: TimeSource::File })
}

impl Metadata {
    pub(super) fn empty(name: &str, head: &[u8]) -> Self {
        let format = if head.is_empty() { format_by_name(name) } else { format_of(name, head) };
        Self {
            format: format.name,
            mime: format.mime,
            kind: format.kind,
            role: format.role,
            taken: None,
            file_time: None,
            make: None,
            model: None,
            lens: None,
            serial: None,
            iso: None,
            aperture: None,
            shutter: None,
            focal_length: None,
            orientation: 1,
            width: None,
            height: None,
            seconds: None,
            gps: None,
            artist: None,
            copyright: None,
            content_id: None,
            xmp: Xmp::default(),
        }
    }

    /// What bytes that are no file say.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn of_bytes(name: &str, bytes: &[u8]) -> Self {
        let source = Source::memory(bytes);
        let file = source.all();
        let mut record = Self::empty(name, &file.read_up_to(0, HEAD).unwrap_or_default());
        record.fill(file);
        record
    }

    /// Returns the best time to sort and file by: when it was taken, else the file's own time.
    #[must_use]
    pub fn time(&self) -> Option<CaptureTime> {
        self.taken.or(self.file_time)
    }

    fn fill(&mut self, file: Window<'_>) {
        match self.format {
            "JPEG" | "MPO" | "THM" => self.jpeg(file),
            "RAF" => {
                if let Some(inside) = containers::raf(file) {
                    self.jpeg(inside);
                }
                self.sized(containers::raf_size(file));
            }
            "X3F" => {
                for inside in containers::x3f(file) {
                    self.jpeg(inside);
                    if self.make.is_some() {
                        break;
                    }
                }
                let le32 = |at| file.array(at).map(u32::from_le_bytes);
                self.sized(le32(28).zip(le32(32)));
            }
            "CRW" => self.crw(file),
            "PNG" => self.parts(containers::png(file)),
            "WEBP" => self.parts(containers::webp(file)),
            "JXL" => self.parts(containers::jxl(file)),
            "GIF" | "BMP" | "PSD" | "PSB" => {
                let size = containers::plain(self.format, file);
                self.parts(Some(Parts { size, ..Parts::default() }));
            }
            "HEIC" | "HEIF" | "AVIF" => self.heif(file),
            "CR3" | "CRM" => self.cr3(file),
            "MP4" | "MOV" | "3GP" | "M4A" => self.video(video::iso(file)),
            "AVI" => self.video(video::avi(file)),
            "MPEG" => self.video(file.read_up_to(0, 64 * 1024).and_then(|head| video::mpeg(&head))),
            "XMP" => {
                self.merge(Exif::default(), file.small(16 << 20).and_then(|p| xmp::parse(&p)), None)
            }
            "MRW" => self.tiff(containers::mrw(file).unwrap_or(file)),
            _ if self.kind == MediaKind::Raw || self.format == "TIFF" => self.tiff(file),
            _ => {}
        }
    }

    fn jpeg(&mut self, file: Window<'_>) {
        let Some(jpeg) = jpeg::segments(file) else { return };
        let exif = read_exif(jpeg.exif);
        let resources: Vec<u8> =
            jpeg.photoshop.iter().filter_map(|w| w.small(65_536)).flatten().collect();
        let iptc = iptc::in_photoshop(&resources).and_then(iptc::parse);
        self.merge(exif, packet(jpeg.xmp), iptc);
        self.sized(Some((jpeg.width, jpeg.height)));
    }

    fn parts(&mut self, parts: Option<Parts<'_>>) {
        let Some(parts) = parts else { return };
        self.merge(read_exif(parts.exif), packet(parts.xmp), None);
        self.sized(parts.size);
    }

    fn tiff(&mut self, block: Window<'_>) {
        let exif = read_exif(Some(block));
        let size = if self.kind == MediaKind::Raw { raw_size(&exif) } else { exif.pixels };
        let xmp = exif.xmp.as_deref().and_then(xmp::parse);
        let iptc = exif.iptc.as_deref().and_then(iptc::parse);
        self.merge(exif, xmp, iptc);
        self.sized(size);
    }

    fn heif(&mut self, file: Window<'_>) {
        let Some(still) = heif::heif(file) else { return };
        self.merge(read_exif(still.exif), packet(still.xmp), None);
        // Its size is upright already.
        (self.width, self.height) = (still.size.map(|s| s.0), still.size.map(|s| s.1));
    }

    fn cr3(&mut self, file: Window<'_>) {
        let Some(cr3) = heif::cr3(file) else { return };
        let [main, photo, note, gps] = cr3.blocks;
        let mut exif = read_exif(main);
        let photo = read_exif(photo);
        exif.complete(photo);
        exif.complete(Exif {
            gps: gps.and_then(|block| exif::gps_block(&Tiff::open(block)?)),
            ..Exif::default()
        });
        if let Some(tiff) = note.and_then(Tiff::open)
            && let Some(note) = tiff.chain().first()
        {
            maker::canon(&tiff, note, &mut exif);
        }
        let size = raw_size(&exif);
        self.merge(exif, packet(cr3.xmp), None);
        self.sized(size);
    }

    fn crw(&mut self, file: Window<'_>) {
        let Some(crw) = crw::crw(file) else { return };
        (self.make, self.model) = (crw.make, crw.model);
        self.taken = crw.taken.map(|moment| moment.from(TimeSource::Exif));
        self.orientation = match crw.rotation {
            Some(90) => 6,
            Some(180) => 3,
            Some(270 | -90) => 8,
            _ => 1,
        };
        self.sized(crw.size);
    }

    fn video(&mut self, video: Option<Video>) {
        let Some(video) = video else { return };
        (self.width, self.height) = (video.size.map(|s| s.0), video.size.map(|s| s.1));
        self.seconds = video.seconds;
        self.taken = video.taken.map(|moment| moment.from(TimeSource::Quicktime));
        (self.make, self.model) = (video.make, video.model);
        (self.gps, self.content_id) = (video.gps, video.content_id);
    }

    /// Takes over what EXIF says, then what XMP and IPTC add.
    fn merge(&mut self, exif: Exif, xmp: Option<Xmp>, iptc: Option<Iptc>) {
        let (mut xmp, iptc) = (xmp.unwrap_or_default(), iptc.unwrap_or_default());
        self.taken = exif
            .taken
            .map(|moment| moment.from(TimeSource::Exif))
            .or(xmp.taken)
            .or_else(|| iptc.taken.map(|moment| moment.from(TimeSource::Iptc)))
            .or_else(|| exif.gps_time.map(|moment| moment.from(TimeSource::Gps)));
        self.make = exif.make.or_else(|| xmp.make.clone());
        self.model = exif.model.or_else(|| xmp.model.clone());
        self.lens = exif.lens.or_else(|| xmp.lens.clone());
        self.serial = exif.serial.or_else(|| xmp.serial.clone());
        self.iso = exif.iso;
        self.aperture = exif.aperture;
        self.shutter = exif.shutter;
        self.focal_length = exif.focal_length;
        self.orientation = exif.orientation.or(xmp.orientation).unwrap_or(1);
        self.gps = exif.gps.or(xmp.gps);
        self.content_id = exif.content_id;
        xmp.rating = xmp.rating.or(exif.rating);
        xmp.title = xmp.title.or(iptc.title);
        xmp.caption = xmp.caption.or(iptc.caption);
        if xmp.keywords.is_empty() {
            xmp.keywords = iptc.keywords;
        }
        self.artist = exif.artist.or_else(|| xmp.artist.clone()).or(iptc.artist);
        self.copyright = exif.copyright.or_else(|| xmp.copyright.clone()).or(iptc.copyright);
        self.xmp = xmp;
    }

    /// Takes over a stored size, turned upright; without one the former stays.
    fn sized(&mut self, stored: Option<(u32, u32)>) {
        let stored = stored.filter(|(w, h)| *w > 0 && *h > 0);
        if stored.is_none() {
            return;
        }
        let upright = stored.map(|(w, h)| if self.orientation >= 5 { (h, w) } else { (w, h) });
        (self.width, self.height) = (upright.map(|s| s.0), upright.map(|s| s.1));
    }

    /// Returns the catalogue's `meta` field: present values only.
    #[must_use]
    pub fn to_meta(&self) -> Map<String, Value> {
        let fields = [
            ("format", (!self.format.is_empty()).then(|| json!(self.format))),
            ("make", self.make.as_ref().map(|v| json!(v))),
            ("model", self.model.as_ref().map(|v| json!(v))),
            ("lens", self.lens.as_ref().map(|v| json!(v))),
            ("serial", self.serial.as_ref().map(|v| json!(v))),
            ("iso", self.iso.map(|v| json!(v))),
            ("aperture", self.aperture.map(|v| json!(v))),
            ("shutter", self.shutter.as_ref().map(|v| json!(v))),
            ("focal_length", self.focal_length.map(|v| json!(v))),
            ("orientation", Some(json!(self.orientation))),
            ("width", self.width.map(|v| json!(v))),
            ("height", self.height.map(|v| json!(v))),
            ("seconds", self.seconds.map(|v| json!(v))),
            ("gps", self.gps.map(|v| json!({ "lat": v.lat, "lon": v.lon }))),
            ("artist", self.artist.as_ref().map(|v| json!(v))),
            ("copyright", self.copyright.as_ref().map(|v| json!(v))),
            ("content_id", self.content_id.as_ref().map(|v| json!(v))),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

fn read_exif(block: Option<Window<'_>>) -> Exif {
    block.and_then(Tiff::open).map(|tiff| exif::read(&tiff)).unwrap_or_default()
}

fn packet(window: Option<Window<'_>>) -> Option<Xmp> {
    xmp::parse(&window?.small(MAX_XMP)?)
}

/// Returns the size of a raw file's picture: EXIF's word where it agrees with the directories.
///
/// Sensors are a few columns larger than the picture the camera means.
fn raw_size(exif: &Exif) -> Option<(u32, u32)> {
    let area = |(w, h): (u32, u32)| u64::from(w) * u64::from(h);
    match (exif.stated, exif.pixels) {
        (Some(stated), Some(pixels)) if area(stated) * 10 < area(pixels) * 8 => Some(pixels),
        (Some(stated), _) => Some(stated),
        (None, pixels) => pixels,
    }
}
