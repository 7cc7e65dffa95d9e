//! The record of one file, put together from what its parts say.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::containers::{self, Parts, Unpacked};
use super::crw;
use super::exif::{self, Exif};
use super::iptc::{self, Iptc};
use super::riff;
use super::source::{Source, Window};
use super::tiff::Tiff;
use super::video::{self, Video};
use super::xmp::{self, Xmp};
use super::{
    HEAD, Span, dates, flashpix, format_by_name, format_of, heif, jpeg, maker, motion, mpeg,
};
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
    /// Where in its own file the film of a motion photo lies.
    pub film: Option<Span>,
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
            film: None,
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

    /// Whether this film is the motion part of the Live Photo `still`, with which it shares its name.
    ///
    /// Apple's phones mark both halves. Where a program on the way has dropped the mark of one, a few
    /// seconds of the same moment by the same phone are proof enough: those give no film a photo's name.
    #[must_use]
    pub fn is_motion_of(&self, still: &Self) -> bool {
        const LONGEST: f64 = 6.0;
        const APART: i64 = 5;
        if let (Some(film), Some(still)) = (&self.content_id, &still.content_id) {
            return film == still;
        }
        let is_apple = |record: &Self| record.make.as_deref() == Some("Apple");
        let apart = || {
            let (film, still) = (self.taken?, still.taken?);
            // either with the hour of its place, or as the clock stood
            let offset = |time: CaptureTime| i64::from(time.offset_min.unwrap_or(0)) * 60;
            let by_clock = still.local.duration_since(film.local).as_secs();
            let by_place = by_clock - offset(still) + offset(film);
            Some(if film.offset_min.is_some() == still.offset_min.is_some() {
                by_place
            } else {
                by_clock
            })
        };
        is_apple(self)
            && is_apple(still)
            && self.seconds.is_some_and(|seconds| seconds <= LONGEST)
            && apart().is_some_and(|seconds| seconds.abs() <= APART)
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
            "X3F" => self.x3f(file),
            "CRW" => self.crw(file),
            "PNG" => self.parts(containers::png(file)),
            "WEBP" => self.parts(containers::webp(file)),
            "JXL" => self.parts(containers::jxl(file)),
            "GIF" => self.parts(containers::gif(file)),
            "PSD" | "PSB" => self.parts(containers::psd(file)),
            "JP2" => self.parts(containers::jp2(file)),
            "BMP" => {
                let size = containers::plain(self.format, file);
                self.parts(Some(Parts { size, ..Parts::default() }));
            }
            "FPX" => {
                let exif = flashpix::flashpix(file).unwrap_or_default();
                let size = exif.pixels;
                self.merge(exif, None, None);
                self.sized(size);
            }
            "HEIC" | "HEIF" | "AVIF" => self.heif(file),
            "CR3" | "CRM" => self.cr3(file),
            "MP4" | "MOV" | "3GP" | "M4A" => self.video(video::iso(file)),
            "AVI" => self.video(riff::avi(file)),
            "WAV" => self.video(riff::wav(file)),
            "MPEG" => self.video(mpeg::programme(file)),
            "MTS" => self.video(mpeg::transport(file)),
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
        let said = jpeg.xmp.and_then(|packet| packet.small(MAX_XMP));
        self.merge(exif, said.as_deref().and_then(xmp::parse), iptc);
        self.sized(Some((jpeg.width, jpeg.height)));
        self.film = motion::in_jpeg(file, said.as_deref(), self.make.as_deref());
    }

    fn parts(&mut self, parts: Option<Parts<'_>>) {
        let Some(parts) = parts else { return };
        let (mut exif, mut xmp, mut iptc) = (read_exif(parts.exif), packet(parts.xmp), None);
        for unpacked in parts.unpacked {
            match unpacked {
                Unpacked::Exif(block) if parts.exif.is_none() => {
                    exif = read_exif(Some(Source::memory(&block).all()));
                }
                Unpacked::Exif(_) => {}
                Unpacked::Xmp(packet) => xmp = xmp.or_else(|| xmp::parse(&packet)),
                Unpacked::Photoshop(all) => {
                    iptc = iptc.or_else(|| iptc::in_photoshop(&all).and_then(iptc::parse));
                }
            }
        }
        self.merge(exif, xmp, iptc);
        if parts.is_upright {
            (self.width, self.height) = parts.size.unzip();
        } else {
            self.sized(parts.size);
        }
    }

    /// The first Sigmas say everything in properties of their own, later ones in EXIF as well.
    fn x3f(&mut self, file: Window<'_>) {
        for inside in containers::x3f(file) {
            self.jpeg(inside);
            if self.make.is_some() {
                break;
            }
        }
        if let Some(says) = containers::x3f_properties(file) {
            let text = |name| says.get(name).map(ToOwned::to_owned);
            let number = |name| says.get(name)?.parse::<f64>().ok().filter(|n| *n > 0.0);
            self.make = self.make.take().or_else(|| text("CAMMANUF"));
            self.model = self.model.take().or_else(|| text("CAMMODEL"));
            self.serial = self.serial.take().or_else(|| text("CAMSERIAL"));
            self.lens = self.lens.take().or_else(|| text("LENSMODEL"));
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
            let iso = number("ISO").filter(|iso| *iso < 1e7).map(|iso| iso as u32);
            self.iso = self.iso.or(iso);
            self.aperture = self.aperture.or_else(|| number("APERTURE"));
            self.focal_length = self.focal_length.or_else(|| number("FLENGTH"));
            let micros = says.get("EXPTIME").and_then(|text| text.parse().ok());
            self.shutter = self.shutter.take().or_else(|| exif::shutter((micros?, 1_000_000)));
            let seconds = says.get("TIME").and_then(|text| text.parse().ok());
            let taken = seconds.and_then(dates::unix).map(|moment| moment.from(TimeSource::Exif));
            self.taken = self.taken.or(taken);
        }
        let le32 = |at| file.array(at).map(u32::from_le_bytes);
        // degrees the camera was turned by, where EXIF says nothing of it
        if self.orientation == 1 {
            self.orientation = match le32(36) {
                Some(90) => 6,
                Some(180) => 3,
                Some(270) => 8,
                _ => 1,
            };
        }
        self.sized(le32(28).zip(le32(32)));
    }

    fn tiff(&mut self, block: Window<'_>) {
        let mut exif = read_exif(Some(block));
        if matches!(self.format, "RW2" | "RWL" | "RAW") {
            // Panasonic's and Leica's: half of the tags stand only in the JPEG inside.
            let inside = Tiff::open(block).and_then(|tiff| {
                let (offset, len) = tiff.extent(tiff.chain().first()?.get(0x2E)?);
                jpeg::segments(block.part(offset, len)?)?.exif
            });
            let Exif { taken, gps_time, .. } = exif;
            exif.complete(Exif { stated: None, ..read_exif(inside) });
            exif.taken = taken.or(exif.taken);
            exif.gps_time = gps_time.or(exif.gps_time);
        }
        let page = || Tiff::open(block).and_then(|tiff| exif::first_page(&tiff));
        let size = match self.kind {
            MediaKind::Raw => raw_size(&exif),
            _ => page().or(exif.pixels),
        };
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
        self.film = motion::in_heif(file);
    }

    fn cr3(&mut self, file: Window<'_>) {
        let Some(cr3) = heif::cr3(file) else { return };
        let exif = maker::canon_blocks(cr3.blocks);
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
        let Some(mut video) = video else { return };
        let packet = video.xmp.take().and_then(|packet| xmp::parse(&packet));
        let exif = video.exif.take().unwrap_or_default();
        // The small picture that stands for the film has a turning of its own.
        self.merge(Exif { orientation: None, ..exif }, packet, None);
        self.orientation = 1;
        let taken = video.taken.map(|moment| moment.from(TimeSource::Quicktime));
        self.taken = taken.or(self.taken);
        (self.width, self.height) = video.size.unzip();
        self.seconds = video.seconds;
        let first = |said: Option<String>, exif: &mut Option<String>| said.or(exif.take());
        self.make = first(video.make, &mut self.make);
        self.model = first(video.model, &mut self.model);
        self.lens = first(video.lens, &mut self.lens);
        self.serial = first(video.serial, &mut self.serial);
        self.artist = first(video.artist, &mut self.artist);
        self.copyright = first(video.copyright, &mut self.copyright);
        self.gps = video.gps.or(self.gps);
        self.content_id = first(video.content_id, &mut self.content_id);
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
        self.iso = exif.iso.or(xmp.iso);
        self.aperture = exif.aperture.or(xmp.aperture);
        self.shutter = exif.shutter.or_else(|| xmp.shutter.clone());
        self.focal_length = exif.focal_length.or(xmp.focal_length);
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
