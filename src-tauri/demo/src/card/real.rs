//! The card's real camera files, in the binary so that the demo needs no other file.
//!
//! Where each comes from, and under which licence, stands in `tests/fixtures/LICENCES.md`.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::{CardError, Draft, Exposure, shown};
use jiff::civil::DateTime;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/fixtures/card/", $name))
    };
}

pub(super) const VOICE_MEMO: &[u8] = fixture!("voice.wav");

/// One exposure: its files by path on the card, capture time, camera.
struct Real {
    files: &'static [(&'static str, &'static [u8])],
    taken: Option<&'static str>,
    model: Option<&'static str>,
}

const NEF: &[u8] = fixture!("d90.nef");
const CR2: &[u8] = fixture!("5d3.cr2");

/// The camera's own JPEG lies inside these raw files; beside them it makes a RAW+JPEG pair.
const NEF_JPEG: std::ops::Range<usize> = 51_720..51_720 + 205_067;
const CR2_JPEG: std::ops::Range<usize> = 764..764 + 143_376;

const fn one(
    file: &'static [(&'static str, &'static [u8])],
    taken: &'static str,
    model: &'static str,
) -> Real {
    Real { files: file, taken: Some(taken), model: Some(model) }
}

const REAL: &[Real] = &[
    one(
        &[("DCIM/100CANON/IMG_0219.CR3", fixture!("rp.cr3"))],
        "2020-02-18T08:56:22",
        "Canon EOS RP",
    ),
    one(
        &[("DCIM/100CANON/IMG_0220.CR2", CR2), ("DCIM/100CANON/IMG_0220.JPG", &[])],
        "2023-09-01T17:20:08",
        "Canon EOS 5D Mark III",
    ),
    one(
        &[("DCIM/100CANON/IMG_0221.CR2", fixture!("1ds3.cr2"))],
        "2007-10-18T13:44:32",
        "Canon EOS-1Ds Mark III",
    ),
    Real {
        files: &[("DCIM/100CANON/MVI_0222.MP4", fixture!("clip.mp4"))],
        taken: None,
        model: None,
    },
    one(
        &[("DCIM/101NIKON/DSC_0010.NEF", NEF), ("DCIM/101NIKON/DSC_0010.JPG", &[])],
        "2021-06-25T10:35:42",
        "NIKON D90",
    ),
    one(
        &[("DCIM/103ALBUM/DSC00411.JPG", fixture!("field.jpg"))],
        "2002-09-01T09:19:43",
        "FinePixS2Pro",
    ),
    one(
        &[("DCIM/103ALBUM/DSC00412.JPG", fixture!("butterfly.jpg"))],
        "2003-05-26T11:14:47",
        "KODAK DX4330 DIGITAL CAMERA",
    ),
    one(
        &[("DCIM/103ALBUM/DSC00413.JPG", fixture!("winter.jpg"))],
        "2002-02-20T16:17:37",
        "CYBERSHOT",
    ),
    one(&[("DCIM/103ALBUM/DSC00414.JPG", fixture!("tent.jpg"))], "2004-04-25T17:10:14", "C720UZ"),
    one(&[("DCIM/103ALBUM/DSC00415.JPG", fixture!("mirador.jpg"))], "1997-01-28T02:13:30", "DC-3Z"),
    one(
        &[("DCIM/103ALBUM/DSC00416.JPG", fixture!("signpost.jpg"))],
        "2010-05-15T17:12:05",
        "DSC-HX5V",
    ),
    one(&[("DCIM/103ALBUM/DSC00417.JPG", fixture!("whale.jpg"))], "2003-10-25T15:29:18", "EX-Z3"),
    one(
        &[
            ("DCIM/103ALBUM/IMG_5910.JPG", fixture!("squirrel.jpg")),
            ("DCIM/103ALBUM/IMG_5910.JPG.xmp", fixture!("squirrel.jpg.xmp")),
        ],
        "2015-06-12T10:29:26",
        "Canon EOS 600D",
    ),
    Real {
        files: &[("DCIM/103ALBUM/LAND0006.JPG", fixture!("waterfall.jpg"))],
        taken: None,
        model: None,
    },
    Real {
        files: &[("DCIM/103ALBUM/POL_0132.JPG", fixture!("chart_nodate.jpg"))],
        taken: None,
        model: Some("D30CC"),
    },
    one(
        &[("DCIM/103ALBUM/PXL_0615.JPG", fixture!("motion.jpg"))],
        "2023-06-18T10:15:02",
        "Pixel 7",
    ),
    Real { files: &[("PRIVATE/M4ROOT/CLIP/C0001.MP4", &[])], taken: None, model: None },
];

pub(super) const COUNT: usize = REAL.len();

/// The few whose bytes are made from another's: an embedded JPEG, a second clip.
fn derived(path: &str) -> Vec<u8> {
    match path {
        "DCIM/100CANON/IMG_0220.JPG" => CR2[CR2_JPEG].to_vec(),
        "DCIM/101NIKON/DSC_0010.JPG" => NEF[NEF_JPEG].to_vec(),
        // The same clip with an empty `free` box behind it: another file, as playable.
        _ => [fixture!("clip.mp4").as_slice(), b"\0\0\0\x10freeclip two"].concat(),
    }
}

pub(super) fn write(dir: &Path) -> Result<Vec<Exposure>, CardError> {
    REAL.iter()
        .enumerate()
        .map(|(n, real)| {
            let taken: Option<DateTime> =
                real.taken.map(|t| t.parse().expect("the table's times are ISO 8601"));
            let mtime = SystemTime::UNIX_EPOCH + Duration::from_secs(1_779_000_000 + n as u64 * 60);
            let files = real
                .files
                .iter()
                .map(|(path, bytes)| {
                    let bytes = if bytes.is_empty() { derived(path) } else { bytes.to_vec() };
                    Draft { path: (*path).to_owned(), bytes, mtime }.write(dir)
                })
                .collect::<Result<_, _>>()?;
            Ok(Exposure {
                files,
                captured_at: taken.map(shown),
                model: real.model.map(str::to_owned),
                broken: false,
            })
        })
        .collect()
}
