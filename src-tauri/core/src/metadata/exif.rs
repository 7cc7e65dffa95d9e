//! EXIF: what the tags of a TIFF block say, whichever file it lay in.

use super::dates::{self, Moment};
use super::record::Gps;
use super::tiff::{Directory, Entry, Tiff};

/// What EXIF says. Dates are in the order of trust: when taken, when digitised, when changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Exif {
    pub make: Option<String>,
    pub model: Option<String>,
    pub lens: Option<String>,
    pub serial: Option<String>,
    pub iso: Option<u32>,
    pub aperture: Option<f64>,
    pub shutter: Option<String>,
    pub focal_length: Option<f64>,
    pub orientation: Option<u8>,
    pub taken: Option<Moment>,
    pub gps_time: Option<Moment>,
    pub gps: Option<Gps>,
    pub artist: Option<String>,
    pub copyright: Option<String>,
    pub rating: Option<i8>,
    /// The picture's size as EXIF states it, stored orientation.
    pub stated: Option<(u32, u32)>,
    /// The size of the largest full picture in the directories, stored orientation.
    pub pixels: Option<(u32, u32)>,
    pub xmp: Option<Vec<u8>>,
    pub iptc: Option<Vec<u8>>,
    pub content_id: Option<String>,
}

impl Exif {
    /// Takes from another block what this one lacks: CR3 keeps its directories apart.
    pub fn complete(&mut self, other: Self) {
        let Self { make, model, lens, serial, iso, aperture, shutter, focal_length, .. } = other;
        self.make = self.make.take().or(make);
        self.model = self.model.take().or(model);
        self.lens = self.lens.take().or(lens);
        self.serial = self.serial.take().or(serial);
        self.iso = self.iso.or(iso);
        self.aperture = self.aperture.or(aperture);
        self.shutter = self.shutter.take().or(shutter);
        self.focal_length = self.focal_length.or(focal_length);
        // The main directory has the file's date only; the other one when it was taken.
        self.taken = other.taken.or(self.taken);
        self.gps_time = self.gps_time.or(other.gps_time);
        self.gps = self.gps.or(other.gps);
        self.stated = self.stated.or(other.stated);
        self.orientation = self.orientation.or(other.orientation);
        self.artist = self.artist.take().or(other.artist);
        self.copyright = self.copyright.take().or(other.copyright);
    }
}

/// Longer XMP or IPTC than this inside a tag is not read.
const MAX_PACKET: usize = 8 << 20;

/// Reads every tag of interest from the block's directories.
pub(crate) fn read(tiff: &Tiff<'_>) -> Exif {
    let mut exif = told(tiff, &tiff.chain());
    exif.pixels = pixels(tiff);
    exif
}

/// Reads the tags of one directory that stands by itself, as films hold it.
pub(crate) fn read_directory(tiff: &Tiff<'_>, main: &Directory) -> Exif {
    told(tiff, std::slice::from_ref(main))
}

fn told(tiff: &Tiff<'_>, chain: &[Directory]) -> Exif {
    let mut exif = Exif::default();
    let empty = Directory::default();
    let main = chain.first().unwrap_or(&empty);
    // A raw file may keep its EXIF in a later directory than the first.
    let pointed = |tag| chain.iter().find_map(|d| tiff.pointed(d.get(tag)?)).unwrap_or_default();
    let (photo, gps) = (pointed(0x8769), pointed(0x8825));
    let tags = Tags { tiff, main, photo: &photo };
    tags.camera(&mut exif);
    tags.exposure(&mut exif);
    tags.dates(&mut exif);
    tags.owner(&mut exif);
    exif.gps = place(tiff, &gps);
    exif.gps_time = gps_time(tiff, &gps);
    exif.stated = tags.pair(0xA002, 0xA003);
    super::maker::read(tiff, &photo, &mut exif);
    exif
}

/// The main directory and the EXIF one: old raw files keep in the first what belongs in the second.
struct Tags<'a, 'b> {
    tiff: &'b Tiff<'a>,
    main: &'b Directory,
    photo: &'b Directory,
}

impl Tags<'_, '_> {
    fn get(&self, tag: u16) -> Option<&Entry> {
        self.photo.get(tag).or_else(|| self.main.get(tag))
    }

    fn text(&self, tag: u16) -> Option<String> {
        self.tiff.text(self.get(tag)?)
    }

    /// Returns the first number of a value, if it is one and above zero.
    fn positive(&self, tag: u16) -> Option<f64> {
        let value = *self.tiff.reals(self.get(tag)?, 1).first()?;
        (value.is_finite() && value > 0.0).then_some(value)
    }

    fn pair(&self, width: u16, height: u16) -> Option<(u32, u32)> {
        let number = |tag| self.tiff.number(self.get(tag)?).filter(|n| *n > 0);
        Some((number(width)?, number(height)?))
    }

    fn camera(&self, exif: &mut Exif) {
        exif.make = self.text(0x010F);
        // DNG has a name of its own for the camera, where the usual one is missing.
        exif.model = self.text(0x0110).or_else(|| self.text(0xC614));
        // A DNG's own range of the lens stands in for the standard one.
        let by_range = || self.lens_by_range(0xA432).or_else(|| self.lens_by_range(0xC630));
        exif.lens = self.text(0xA434).filter(|lens| !is_blank(lens)).or_else(by_range);
        exif.serial = self.text(0xA431).or_else(|| self.text(0xC62F));
        let orientation = self.main.get(0x0112).and_then(|e| self.tiff.number(e));
        exif.orientation =
            orientation.and_then(|o| u8::try_from(o).ok()).filter(|o| (1..=8).contains(o));
    }

    fn lens_by_range(&self, tag: u16) -> Option<String> {
        lens_words(&self.tiff.reals(self.get(tag)?, 4))
    }

    fn exposure(&self, exif: &mut Exif) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
        let iso = |tag| self.positive(tag).filter(|iso| *iso < 1e8).map(|iso| iso as u32);
        // 65535 says "look elsewhere": the field has two bytes only.
        exif.iso =
            iso(0x8827).filter(|i| *i != 65535).or_else(|| iso(0x8832)).or_else(|| iso(0x8831));
        exif.aperture = self.positive(0x829D).filter(|f| (0.1..1000.0).contains(f)).map(hundredths);
        exif.shutter = self.get(0x829A).and_then(|e| self.tiff.fraction(e)).and_then(shutter);
        exif.focal_length = self.positive(0x920A).filter(|mm| *mm < 100_000.0).map(hundredths);
    }

    fn dates(&self, exif: &mut Exif) {
        let moment = |date, offset, subsec| {
            let mut moment = dates::parse(&self.text(date)?)?;
            if let Some(nanos) = self.text(subsec).and_then(|s| dates::subsec(&s)) {
                let whole = moment.local.with().subsec_nanosecond(nanos).build();
                moment.local = whole.unwrap_or(moment.local);
            }
            let written = self.text(offset).and_then(|o| dates::offset(&o));
            Some(Moment { offset_min: written.or(moment.offset_min), ..moment })
        };
        exif.taken = moment(0x9003, 0x9011, 0x9291)
            .or_else(|| moment(0x9004, 0x9012, 0x9292))
            .or_else(|| moment(0x0132, 0x9010, 0x9290));
    }

    fn owner(&self, exif: &mut Exif) {
        exif.artist = self.text(0x013B);
        exif.copyright = self.text(0x8298);
        let rating = self.main.get(0x4746).and_then(|e| self.tiff.number(e));
        exif.rating = rating.and_then(|r| i8::try_from(r).ok()).filter(|r| *r <= 5);
        let packet = |tag| self.main.get(tag).and_then(|e| self.tiff.bytes(e, MAX_PACKET));
        exif.xmp = packet(0x02BC);
        exif.iptc = packet(0x83BB);
    }
}

/// What cameras write for a lens they do not know.
fn is_blank(lens: &str) -> bool {
    lens.chars().all(|c| matches!(c, '-' | '.' | ' ' | '?' | '0' | 'm' | 'F' | '/'))
}

/// Returns `{f}mm` words such as "18-105mm f/3.5-5.6" from the four numbers of a lens's range.
pub(crate) fn lens_words(range: &[f64]) -> Option<String> {
    let [short, long, wide, tele] = *range else { return None };
    if !(short.is_finite() && long.is_finite() && short > 0.0 && long >= short && long < 5000.0) {
        return None;
    }
    let span = |low: f64, high: f64| {
        if (low - high).abs() < 0.01 {
            format!("{}", hundredths(low))
        } else {
            format!("{}-{}", hundredths(low), hundredths(high))
        }
    };
    let mut words = format!("{}mm", span(short, long));
    if wide.is_finite() && wide > 0.0 {
        let tele = if tele.is_finite() && tele >= wide { tele } else { wide };
        words.push_str(&format!(" f/{}", span(wide, tele)));
    }
    Some(words)
}

/// Returns the exposure time as photographers write it: "1/250", "0.8", "2.5".
pub(crate) fn shutter((above, below): (u32, u32)) -> Option<String> {
    if above == 0 || below == 0 {
        return None;
    }
    let seconds = f64::from(above) / f64::from(below);
    if seconds < 0.3 {
        return Some(format!("1/{}", (1.0 / seconds).round()));
    }
    Some(format!("{}", (seconds * 10.0).round() / 10.0))
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Reads a block that is a GPS directory and nothing else.
pub(crate) fn gps_block(tiff: &Tiff<'_>) -> Option<Gps> {
    place(tiff, tiff.chain().first()?)
}

fn place(tiff: &Tiff<'_>, gps: &Directory) -> Option<Gps> {
    let degrees = |value, direction, negative: &str, positive: &str| {
        let parts = tiff.reals(gps.get(value)?, 3);
        let sign = match tiff.text(gps.get(direction)?)? {
            text if text.eq_ignore_ascii_case(negative) => -1.0,
            text if text.eq_ignore_ascii_case(positive) => 1.0,
            _ => return None,
        };
        let unit = [1.0, 60.0, 3600.0];
        // Cameras leave out minutes and seconds by writing 0/0.
        let sum: f64 =
            parts.iter().zip(unit).map(|(p, u)| if p.is_nan() { 0.0 } else { p / u }).sum();
        (!parts.is_empty() && parts[0].is_finite()).then_some(sign * sum)
    };
    Gps::new(degrees(2, 1, "S", "N")?, degrees(4, 3, "W", "E")?)
}

fn gps_time(tiff: &Tiff<'_>, gps: &Directory) -> Option<Moment> {
    let date = tiff.text(gps.get(0x1D)?)?;
    let [hour, minute, second] = *tiff.reals(gps.get(7)?, 3) else { return None };
    if ![hour, minute, second].iter().all(|n| (0.0..=60.0).contains(n)) {
        return None;
    }
    let text = format!("{date} {hour:02.0}:{minute:02.0}:{:02.0}Z", second.floor());
    dates::parse(&text)
}

/// Returns the size of the main picture among the directories: thumbnails and masks do not count.
fn pixels(tiff: &Tiff<'_>) -> Option<(u32, u32)> {
    let number = |d: &Directory, tag| d.get(tag).and_then(|e| tiff.number(e)).filter(|n| *n > 0);
    let mut best: Option<(bool, u64, (u32, u32))> = None;
    for directory in tiff.all() {
        let (Some(width), Some(height)) = (number(&directory, 0x100), number(&directory, 0x101))
        else {
            continue;
        };
        let is_reduced =
            directory.get(0xFE).and_then(|e| tiff.number(e)).is_some_and(|k| k & 1 == 1);
        // DNG says which part of the sensor is the picture.
        let crop = directory.get(0xC620).map(|e| tiff.reals(e, 2)).unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded")]
        let size = match *crop {
            [w, h] if w >= 1.0 && h >= 1.0 && w <= width.into() && h <= height.into() => {
                (w.round() as u32, h.round() as u32)
            }
            _ => (width, height),
        };
        let candidate = (!is_reduced, u64::from(width) * u64::from(height), size);
        if best.is_none_or(|b| (candidate.0, candidate.1) > (b.0, b.1)) {
            best = Some(candidate);
        }
    }
    best.map(|(_, _, size)| size).or_else(|| panasonic(tiff))
}

/// Returns the size of the first picture that is no thumbnail: of a TIFF's pages, that is the one shown.
pub(super) fn first_page(tiff: &Tiff<'_>) -> Option<(u32, u32)> {
    let number = |d: &Directory, tag| d.get(tag).and_then(|e| tiff.number(e));
    let page = |d: &Directory| {
        let is_reduced = number(d, 0xFE).is_some_and(|kind| kind & 1 == 1);
        Some((number(d, 0x100)?, number(d, 0x101)?))
            .filter(|(w, h)| !is_reduced && *w > 0 && *h > 0)
    };
    tiff.chain().iter().find_map(page)
}

/// Panasonic's raw files give the edges of the picture on the sensor.
fn panasonic(tiff: &Tiff<'_>) -> Option<(u32, u32)> {
    let chain = tiff.chain();
    let edge = |tag| chain.first()?.get(tag).and_then(|e| tiff.number(e));
    let width = edge(7)?.checked_sub(edge(5)?)?;
    let height = edge(6)?.checked_sub(edge(4)?)?;
    (width > 0 && height > 0).then_some((width, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shutter_times_read_as_photographers_write_them() {
        let said = |a, b| shutter((a, b)).unwrap();
        assert_eq!(said(1, 250), "1/250");
        assert_eq!(said(10, 2500), "1/250");
        assert_eq!(said(1, 4), "1/4");
        assert_eq!(said(25, 10), "2.5");
        assert_eq!(said(30, 1), "30");
        assert_eq!(said(8, 10), "0.8");
        assert_eq!(said(16_666, 1_000_000), "1/60");
        assert_eq!(shutter((1, 0)), None);
        assert_eq!(shutter((0, 1)), None);
    }

    #[test]
    fn a_lens_range_reads_as_the_lens_is_called() {
        assert_eq!(lens_words(&[18.0, 105.0, 3.5, 5.6]).unwrap(), "18-105mm f/3.5-5.6");
        assert_eq!(lens_words(&[50.0, 50.0, 1.8, 1.8]).unwrap(), "50mm f/1.8");
        assert_eq!(lens_words(&[24.0, 105.0, f64::NAN, f64::NAN]).unwrap(), "24-105mm");
        assert_eq!(lens_words(&[0.0, 0.0, 0.0, 0.0]), None);
    }
}
