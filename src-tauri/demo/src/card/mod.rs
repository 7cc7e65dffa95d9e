//! Makes a sample memory card, for `darkslide demo` and for tests that need a real one.
//!
//! About 40 exposures as a busy day leaves them: painted pictures with a camera's EXIF, RAW+JPEG
//! pairs, real camera files (licences: `tests/fixtures/LICENCES.md`), videos, sidecars, a voice
//! memo, and one file the camera did not finish writing. The same options give the same bytes.
//! The caller gets the truth beside it: every file with its hash, grouped by exposure.

mod dice;
mod real;
mod scene;
mod tiff;

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use image::codecs::jpeg::JpegEncoder;
use image::{RgbImage, imageops};
use jiff::civil::{DateTime, date};
use jiff::{ToSpan, tz::Offset};
use sha2::{Digest, Sha256};

use dice::Dice;
use tiff::Shot;

/// What kind of card to make.
#[derive(Debug, Clone)]
pub struct Options {
    pub seed: u64,
    /// The longer side of the painted pictures.
    pub long_side: u32,
    /// A word planted in file names, EXIF and XMP of the painted files, so that a test can look
    /// for it where it must not be.
    pub mark: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 1, long_side: 2160, mark: None }
    }
}

/// What is on the card, as made: the answers for whoever reads it.
#[derive(Debug, Clone)]
pub struct CardTruth {
    pub root: PathBuf,
    pub exposures: Vec<Exposure>,
}

/// The files of one press of the shutter, the leading one first.
#[derive(Debug, Clone, Default)]
pub struct Exposure {
    pub files: Vec<File>,
    /// Local time in whole seconds, `2026-05-16T14:03:22`; `None` where the file has no date.
    pub captured_at: Option<String>,
    pub model: Option<String>,
    /// The camera did not finish writing the picture: it is a file like any other, but shows nothing whole.
    pub broken: bool,
}

/// One file of the card.
#[derive(Debug, Clone)]
pub struct File {
    /// Relative to the card's root, with `/`.
    pub path: String,
    pub bytes: u64,
    /// Lower-case hex.
    pub sha256: String,
}

impl CardTruth {
    /// Every file of every exposure.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.exposures.iter().flat_map(|exposure| &exposure.files)
    }

    /// The sum of all sizes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files().map(|file| file.bytes).sum()
    }
}

/// The card could not be written.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("a painted picture could not be encoded")]
    Encode(#[from] image::ImageError),
}

/// A file to be written: its name on the card, its bytes, its time.
struct Draft {
    path: String,
    bytes: Vec<u8>,
    mtime: SystemTime,
}

/// Writes the sample card under `dir`, which may exist and should be empty.
///
/// # Errors
/// What the disk says, with the path.
pub fn make(dir: &Path, options: &Options) -> Result<CardTruth, CardError> {
    let plans = plan(options);
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(plans.len());
    let mut exposures = Vec::with_capacity(plans.len() + real::COUNT);
    let painted = std::thread::scope(|scope| {
        let share = plans.len().div_ceil(threads);
        let workers: Vec<_> = plans
            .chunks(share)
            .map(|chunk| scope.spawn(|| chunk.iter().map(|p| p.write(dir)).collect::<Vec<_>>()))
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("painting does not panic"))
            .collect::<Result<Vec<_>, _>>()
    })?;
    exposures.extend(painted);
    exposures.extend(real::write(dir)?);
    exposures.sort_by(|a, b| a.files[0].path.cmp(&b.files[0].path));
    Ok(CardTruth { root: dir.to_owned(), exposures })
}

/// Writes `n` different JPEGs of about 200 KB, in folders of at most 500: a card to be killed over.
///
/// # Errors
/// As [`make`].
pub fn make_many(dir: &Path, n: usize, seed: u64) -> Result<CardTruth, CardError> {
    let bases = (0..4)
        .map(|kind| {
            let picture = scene::paint(kind * 2, seed + kind as u64, 1440, 960);
            Ok((jpeg(&picture, 91)?, picture.dimensions()))
        })
        .collect::<Result<Vec<_>, CardError>>()?;
    let mut dice = Dice::new(seed);
    let exposures = (0..n)
        .map(|i| {
            let (bytes, size) = &bases[i % bases.len()];
            let taken = date(2026, 5, 16).at(9, 0, 0, 0) + (i as i64 * 7).seconds();
            let shot = Shot { size: *size, unique: dice.next(), ..canon(taken) };
            let name = format!("DCIM/{}CANON/IMG_{:04}.JPG", 100 + i / 500, i + 1);
            let draft =
                Draft { path: name, bytes: tiff::with_exif(bytes, &shot), mtime: mtime(&shot) };
            Ok(Exposure {
                files: vec![draft.write(dir)?],
                captured_at: Some(shown(taken)),
                model: Some(shot.model.to_owned()),
                broken: false,
            })
        })
        .collect::<Result<_, CardError>>()?;
    Ok(CardTruth { root: dir.to_owned(), exposures })
}

/// What is written around a painted picture.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Jpeg,
    /// DNG and JPEG, with an XMP sidecar or a voice memo.
    Pair {
        xmp: bool,
        memo: bool,
    },
    Truncated,
}

struct Plan {
    stem: String,
    kind: Kind,
    scene: usize,
    seed: u64,
    long_side: u32,
    shot: Shot,
}

/// The painted part of the card: 18 of a wedding day's first camera, 5 pairs of a second.
fn plan(options: &Options) -> Vec<Plan> {
    let mut dice = Dice::new(options.seed);
    let mut taken = date(2026, 5, 16).at(14, 3, 22, 120_000_000);
    let mark = options.mark.as_deref();
    (0..23_usize)
        .map(|n| {
            taken += (40 + (dice.next() % 500) as i64).seconds();
            let pair = n >= 18;
            if n == 18 {
                taken = date(2026, 5, 17).at(9, 41, 7, 0);
            }
            // Most are held level; the odd one on its side, as cameras mark it.
            let orientation = [1, 1, 6, 1, 1, 8, 1, 1, 1, 3][n % 10];
            let shot = Shot {
                orientation,
                unique: dice.next(),
                iso: [100, 200, 400, 800, 1600, 3200][(dice.next() % 6) as usize],
                aperture: [18, 28, 40, 56, 80][(dice.next() % 5) as usize],
                shutter: [60, 125, 250, 500, 1000][(dice.next() % 5) as usize],
                mark: mark.map(str::to_owned),
                gps: (n % 4 == 0).then_some((52.366_7 + n as f64 * 0.003, 4.883_3)),
                ..if pair { ricoh(taken) } else { canon(taken) }
            };
            let prefix = mark.map_or_else(String::new, |word| format!("{word} "));
            let stem = if pair {
                format!("DCIM/102RICOH/{prefix}R00003{:02}", n - 17)
            } else {
                format!("DCIM/100CANON/{prefix}IMG_{:04}", 201 + n)
            };
            let kind = match n {
                17 => Kind::Truncated,
                18.. => Kind::Pair { xmp: n == 19, memo: n == 20 },
                _ => Kind::Jpeg,
            };
            let seed = options.seed.wrapping_mul(1000) + n as u64;
            Plan { stem, kind, scene: n, seed, long_side: options.long_side, shot }
        })
        .collect()
}

impl Plan {
    fn write(&self, dir: &Path) -> Result<Exposure, CardError> {
        let (long, short) = (self.long_side, self.long_side * 2 / 3);
        let upright = match self.shot.orientation {
            6 | 8 => scene::paint(self.scene, self.seed, short, long),
            _ => scene::paint(self.scene, self.seed, long, short),
        };
        let stored = match self.shot.orientation {
            3 => imageops::rotate180(&upright),
            6 => imageops::rotate270(&upright),
            8 => imageops::rotate90(&upright),
            _ => upright,
        };
        let shot = Shot { size: stored.dimensions(), ..self.shot.clone() };
        let plain = jpeg(&stored, 88)?;
        let mut photo = tiff::with_exif(&plain, &shot);
        let mut drafts = Vec::new();
        let mut add = |extension: &str, bytes: Vec<u8>| {
            let path = format!("{}.{extension}", self.stem);
            drafts.push(Draft { path, bytes, mtime: mtime(&shot) });
        };
        match self.kind {
            Kind::Jpeg => add("JPG", photo),
            Kind::Truncated => {
                photo.truncate(photo.len() * 2 / 5);
                add("JPG", photo);
            }
            Kind::Pair { xmp, memo } => {
                let (sensor, size) = mosaic(&stored);
                add("DNG", tiff::dng(&shot, &plain, &sensor, size));
                add("JPG", photo);
                if xmp {
                    add("xmp", sidecar(&shot).into_bytes());
                }
                if memo {
                    add("WAV", real::VOICE_MEMO.to_vec());
                }
            }
        }
        Ok(Exposure {
            files: drafts.iter().map(|draft| draft.write(dir)).collect::<Result<_, _>>()?,
            captured_at: Some(shown(shot.taken)),
            model: Some(shot.model.to_owned()),
            broken: self.kind == Kind::Truncated,
        })
    }
}

impl Draft {
    #[expect(clippy::disallowed_methods, reason = "a throw-away card, not anybody's photos")]
    fn write(&self, dir: &Path) -> Result<File, CardError> {
        let path = dir.join(&self.path);
        let at = |source| CardError::Io { path: path.clone(), source };
        std::fs::create_dir_all(path.parent().unwrap_or(dir)).map_err(at)?;
        std::fs::write(&path, &self.bytes).map_err(at)?;
        let file = std::fs::File::options().write(true).open(&path).map_err(at)?;
        file.set_modified(self.mtime).map_err(at)?;
        Ok(File {
            path: self.path.clone(),
            bytes: self.bytes.len() as u64,
            sha256: hex(&Sha256::digest(&self.bytes)),
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn jpeg(picture: &RgbImage, quality: u8) -> Result<Vec<u8>, CardError> {
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, quality).encode_image(picture)?;
    Ok(out)
}

/// A Bayer pattern of the picture at a quarter of its size: enough for a container with sensor data.
fn mosaic(picture: &RgbImage) -> (Vec<u16>, (u32, u32)) {
    let (width, height) = (picture.width() / 4, picture.height() / 4);
    let values = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| {
        let pixel = picture.get_pixel(x * 4, y * 4).0;
        let channel = [[0, 1], [1, 2]][(y % 2) as usize][(x % 2) as usize];
        u16::from(pixel[channel]) << 6
    });
    (values.collect(), (width, height))
}

fn sidecar(shot: &Shot) -> String {
    let mark = shot.mark.as_deref().unwrap_or("First light over the water");
    let taken = shot.taken;
    format!(
        r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmp:Rating="4" xmp:Label="Green"
    xmp:MetadataDate="{taken}+02:00">
   <dc:subject><rdf:Bag><rdf:li>water</rdf:li><rdf:li>morning</rdf:li></rdf:Bag></dc:subject>
   <dc:description><rdf:Alt><rdf:li xml:lang="x-default">{mark}</rdf:li></rdf:Alt></dc:description>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"#
    )
}

fn canon(taken: DateTime) -> Shot {
    Shot {
        make: "Canon",
        model: "Canon EOS R6m2",
        lens: "RF85mm F1.2 L USM",
        serial: "042021000316",
        taken,
        offset_min: 120,
        orientation: 1,
        iso: 400,
        aperture: 28,
        shutter: 250,
        focal_length: 85,
        gps: None,
        size: (0, 0),
        unique: 0,
        mark: None,
    }
}

fn ricoh(taken: DateTime) -> Shot {
    Shot {
        make: "RICOH IMAGING COMPANY, LTD.",
        model: "RICOH GR III",
        lens: "GR LENS 18.3mm F2.8",
        serial: "0000577",
        focal_length: 18,
        ..canon(taken)
    }
}

fn shown(taken: DateTime) -> String {
    taken.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// The file's own time: when the camera wrote it.
fn mtime(shot: &Shot) -> SystemTime {
    let offset = Offset::from_seconds(i32::from(shot.offset_min) * 60).unwrap_or(Offset::UTC);
    let seconds = offset.to_timestamp(shot.taken).map_or(0, |at| at.as_second());
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.max(0).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn small() -> Options {
        Options { long_side: 240, ..Options::default() }
    }

    #[test]
    fn the_same_options_give_the_same_bytes() {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let hashes = |dir: &Path| -> Vec<_> {
            make(dir, &small())
                .unwrap()
                .files()
                .map(|f| (f.path.clone(), f.sha256.clone()))
                .collect()
        };
        assert_eq!(hashes(a.path()), hashes(b.path()));
    }

    #[test]
    fn the_card_has_forty_exposures_and_no_file_twice() {
        let dir = tempfile::tempdir().unwrap();
        let truth = make(dir.path(), &small()).unwrap();
        assert_eq!(truth.exposures.len(), 40);
        assert_eq!(truth.exposures.iter().filter(|e| e.broken).count(), 1);
        let hashes: HashSet<_> = truth.files().map(|f| &f.sha256).collect();
        assert_eq!(hashes.len(), truth.files().count(), "every file has its own content");
        for file in truth.files() {
            let bytes = std::fs::read(dir.path().join(&file.path)).unwrap();
            assert_eq!(
                (bytes.len() as u64, hex(&Sha256::digest(&bytes))),
                (file.bytes, file.sha256.clone())
            );
        }
    }

    #[test]
    fn every_jpeg_but_the_broken_one_decodes() {
        let dir = tempfile::tempdir().unwrap();
        let truth = make(dir.path(), &small()).unwrap();
        for exposure in &truth.exposures {
            for file in exposure.files.iter().filter(|f| f.path.ends_with(".JPG")) {
                let bytes = std::fs::read(dir.path().join(&file.path)).unwrap();
                assert!(bytes.starts_with(&[0xff, 0xd8]), "{}", file.path);
                let whole = image::load_from_memory(&bytes).is_ok() && bytes.len() > 2;
                assert!(whole || exposure.broken, "{}", file.path);
            }
        }
    }

    #[test]
    fn the_mark_is_in_names_exif_and_sidecar() {
        let dir = tempfile::tempdir().unwrap();
        let options = Options { mark: Some("Canary77".to_owned()), ..small() };
        let truth = make(dir.path(), &options).unwrap();
        let marked: Vec<_> = truth.files().filter(|f| f.path.contains("Canary77")).collect();
        assert!(marked.len() > 20);
        for file in marked.iter().filter(|f| !f.path.ends_with(".WAV")) {
            let bytes = std::fs::read(dir.path().join(&file.path)).unwrap();
            assert!(bytes.windows(8).any(|w| w == b"Canary77"), "{}", file.path);
        }
    }

    #[test]
    fn many_gives_as_many_different_files() {
        let dir = tempfile::tempdir().unwrap();
        let truth = make_many(dir.path(), 50, 3).unwrap();
        let hashes: HashSet<_> = truth.files().map(|f| &f.sha256).collect();
        assert_eq!(hashes.len(), 50);
    }
}
