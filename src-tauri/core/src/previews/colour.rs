//! From the colours a picture is stored in to sRGB, which is what every screen and browser takes
//! a picture without a profile for.
//!
//! A profile is a file's word like any other: one that does not parse, or belongs to another kind of
//! pixels, is left out and the picture shown as sRGB. Pixels are converted after they were made
//! small, and not at all where the profile says sRGB in other words.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, DataColorSpace, Layout, MatrixCoefficients,
    TransferCharacteristics, Transform8BitExecutor, TransformOptions,
};

use super::pixels::Pixels;
use crate::metadata::heif;
use crate::metadata::jpeg::Jpeg;
use crate::metadata::source::Window;
use crate::metadata::tiff::{Directory, Tiff};

/// Printers' profiles have some 3 MB; none has more than this.
const MAX_PROFILE: usize = 16 << 20;

/// What the numbers of a picture's pixels mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Colours {
    #[default]
    Srgb,
    /// Said by EXIF alone, as cameras do.
    AdobeRgb,
    Icc(Vec<u8>),
    /// Colour primaries and transfer characteristics as ITU-T H.273 numbers them.
    Coded {
        primaries: u8,
        transfer: u8,
    },
}

/// H.273's transfer characteristics of HDR pictures.
const PQ: u8 = 16;
const HLG: u8 = 18;

impl Colours {
    /// Returns what a JPEG says of its colours: its profile, else its EXIF.
    pub fn of_jpeg(jpeg: &Jpeg<'_>) -> Self {
        match profile(jpeg) {
            Some(profile) => Self::Icc(profile),
            None => jpeg.exif.map(Self::of_exif).unwrap_or_default(),
        }
    }

    /// Returns what the TIFF block of EXIF says of its picture's colours.
    pub fn of_exif(block: Window<'_>) -> Self {
        let is_adobe = Tiff::open(block).is_some_and(|tiff| is_adobe_rgb(&tiff));
        if is_adobe { Self::AdobeRgb } else { Self::Srgb }
    }

    /// Returns what Canon's note of a CR3 says of its JPEGs' colours.
    pub fn of_cr3(file: Window<'_>) -> Self {
        const COLOUR_SPACE: u16 = 0x00B4;
        const ADOBE_RGB: u32 = 2;
        let says = || {
            let note = Tiff::open(heif::cr3(file)?.blocks[2]?)?;
            note.number(note.chain().first()?.get(COLOUR_SPACE)?)
        };
        if says() == Some(ADOBE_RGB) { Self::AdobeRgb } else { Self::Srgb }
    }

    /// Returns the picture in sRGB.
    pub fn to_srgb(&self, pixels: Pixels) -> Pixels {
        if *self == Self::Srgb {
            return pixels;
        }
        if let Self::Coded { primaries, transfer: transfer @ (PQ | HLG) } = self {
            return Hdr::new(*primaries, *transfer).shown(pixels);
        }
        // A profile is an attacker's to write: a parser that panics over one costs the colours only.
        let converted = catch_unwind(AssertUnwindSafe(|| self.converted(&pixels)));
        match converted {
            Ok(Some(rgb)) => Pixels { rgb, ..pixels },
            _ => pixels,
        }
    }

    fn converted(&self, pixels: &Pixels) -> Option<Vec<u8>> {
        let from = match self {
            Self::Srgb => return None,
            Self::AdobeRgb => ColorProfile::new_adobe_rgb(),
            Self::Icc(bytes) => ColorProfile::new_from_slice(bytes).ok()?,
            Self::Coded { primaries, transfer } => coded(*primaries, *transfer)?,
        };
        match from.color_space {
            DataColorSpace::Rgb => {
                let transform = transform(&from, Layout::Rgb)?;
                if changes_nothing(&transform) {
                    return None;
                }
                run(&transform, &pixels.rgb, pixels.rgb.len())
            }
            // Grey was decoded to three equal values.
            DataColorSpace::Gray => {
                let transform = transform(&from, Layout::Gray)?;
                let grey: Vec<u8> = pixels.rgb.chunks_exact(3).map(|p| p[0]).collect();
                let is_grey = pixels.rgb.chunks_exact(3).all(|p| p[0] == p[1] && p[1] == p[2]);
                run(&transform, &grey, pixels.rgb.len()).filter(|_| is_grey)
            }
            _ => None,
        }
    }
}

/// Returns ink (0 none, 255 full) as sRGB, by the profile, if it is one of inks.
pub(crate) fn from_inks(ink: &[u8], profile: Option<&[u8]>) -> Vec<u8> {
    let by_profile = || {
        let from = ColorProfile::new_from_slice(profile?).ok()?;
        if from.color_space != DataColorSpace::Cmyk {
            return None;
        }
        // Inks lie in memory as red, green, blue and alpha do.
        run(&transform(&from, Layout::Rgba)?, ink, ink.len() / 4 * 3)
    };
    if let Ok(Some(rgb)) = catch_unwind(AssertUnwindSafe(by_profile)) {
        return rgb;
    }
    let light = |ink: u8, black: u8| {
        let (ink, black) = (255 - u16::from(ink), 255 - u16::from(black));
        u8::try_from(ink * black / 255).unwrap_or(u8::MAX)
    };
    ink.chunks_exact(4)
        .flat_map(|p| [light(p[0], p[3]), light(p[1], p[3]), light(p[2], p[3])])
        .collect()
}

/// Puts the parts of a JPEG's profile together; `None` when one is missing.
pub(crate) fn profile(jpeg: &Jpeg<'_>) -> Option<Vec<u8>> {
    let mut parts = jpeg.icc.clone();
    parts.sort_by_key(|(number, _)| *number);
    let is_whole = parts.iter().zip(1u8..).all(|((number, _), n)| *number == n);
    let len: u64 = parts.iter().map(|(_, part)| part.len()).sum();
    if parts.is_empty() || !is_whole || len > MAX_PROFILE as u64 {
        return None;
    }
    Some(parts.iter().filter_map(|(_, part)| part.small(MAX_PROFILE)).flatten().collect())
}

/// Whether EXIF says Adobe RGB: by DCF's option file, or by the number some makers use.
fn is_adobe_rgb(tiff: &Tiff<'_>) -> bool {
    const EXIF: u16 = 0x8769;
    const COLOUR_SPACE: u16 = 0xA001;
    const INTEROPERABILITY: u16 = 0xA005;
    const INDEX: u16 = 0x0001;
    const ADOBE_RGB: u32 = 2;
    const UNCALIBRATED: u32 = 0xFFFF;
    let pointed = |directory: &Directory, tag| directory.get(tag).and_then(|e| tiff.pointed(e));
    let Some(exif) = tiff.chain().first().and_then(|main| pointed(main, EXIF)) else {
        return false;
    };
    match exif.get(COLOUR_SPACE).and_then(|entry| tiff.number(entry)) {
        Some(ADOBE_RGB) => true,
        Some(UNCALIBRATED) => pointed(&exif, INTEROPERABILITY)
            .and_then(|index| tiff.text(index.get(INDEX)?))
            .is_some_and(|index| index == "R03"),
        _ => false,
    }
}

fn transform(from: &ColorProfile, layout: Layout) -> Option<Arc<Transform8BitExecutor>> {
    let options = TransformOptions::default();
    from.create_transform_8bit(layout, &ColorProfile::new_srgb(), Layout::Rgb, options).ok()
}

fn run(transform: &Arc<Transform8BitExecutor>, from: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut rgb = vec![0; len];
    transform.transform(from, &mut rgb).ok().map(|()| rgb)
}

/// Whether colours from all over the cube stay what they are, give or take a rounding.
fn changes_nothing(transform: &Arc<Transform8BitExecutor>) -> bool {
    const STEPS: [u8; 5] = [0, 60, 128, 200, 255];
    let probe: Vec<u8> = STEPS
        .iter()
        .flat_map(|r| STEPS.iter().flat_map(move |g| STEPS.iter().flat_map(|b| [*r, *g, *b])))
        .collect();
    run(transform, &probe, probe.len())
        .is_some_and(|out| probe.iter().zip(&out).all(|(a, b)| a.abs_diff(*b) <= 2))
}

/// Returns the profile of H.273's numbers.
fn coded(primaries: u8, transfer: u8) -> Option<ColorProfile> {
    // Films say BT.709 and mean what their makers' screens show, which is sRGB; so do pictures.
    const CAMERA: [u8; 7] = [1, 2, 6, 13, 14, 15, 0];
    let transfer = if CAMERA.contains(&transfer) { 13 } else { transfer };
    let primaries = match primaries {
        1 | 2 | 5 | 6 => 1,
        other => other,
    };
    if (primaries, transfer) == (1, 13) {
        return None;
    }
    Some(ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(primaries).ok()?,
        transfer_characteristics: TransferCharacteristics::try_from(transfer).ok()?,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    }))
}

/// Brings pictures meant for a brighter screen down to this one.
///
/// Up to diffuse white the picture stays as it is meant; above it, highlights are rolled off by
/// the maximum of the three channels, so that their hue stays.
struct Hdr {
    /// Light of each stored value, 1.0 being diffuse white.
    light: [f32; 256],
    /// To linear sRGB, row by row.
    matrix: [[f32; 3]; 3],
}

impl Hdr {
    /// BT.2408's nits of diffuse white.
    const WHITE: f32 = 203.0;

    fn new(primaries: u8, transfer: u8) -> Self {
        let light = std::array::from_fn(|value| {
            let signal = value as f32 / 255.0;
            if transfer == PQ { pq(signal) / Self::WHITE } else { hlg(signal) }
        });
        let matrix = match primaries {
            // BT.2020
            9 => [
                [1.660_491, -0.587_641, -0.072_850],
                [-0.124_550, 1.1329, -0.008_349],
                [-0.018_151, -0.100_579, 1.118_73],
            ],
            // Display P3
            12 => [
                [1.224_94, -0.224_94, 0.0],
                [-0.042_057, 1.042_057, 0.0],
                [-0.019_638, -0.078_636, 1.098_274],
            ],
            _ => [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        };
        Self { light, matrix }
    }

    fn shown(&self, pixels: Pixels) -> Pixels {
        const STEPS: usize = 4095;
        let table: Vec<u8> = (0..=STEPS).map(|n| srgb(n as f32 / STEPS as f32)).collect();
        let mut rgb = pixels.rgb;
        for pixel in rgb.chunks_exact_mut(3) {
            let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(|v| self.light[usize::from(v)]);
            let linear = self.matrix.map(|[x, y, z]| (x * r + y * g + z * b).max(0.0));
            let most = linear.iter().fold(0.0f32, |most, v| most.max(*v));
            let scale = if most > KNEE { rolled(most) / most } else { 1.0 };
            for (value, light) in pixel.iter_mut().zip(linear) {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "0 to 1"
                )]
                let step = ((light * scale).min(1.0) * STEPS as f32) as usize;
                *value = table[step];
            }
        }
        Pixels { rgb, ..pixels }
    }
}

/// Where highlights begin to be rolled off.
const KNEE: f32 = 0.75;

/// Bends light above the knee so that twelve times diffuse white is this screen's white.
fn rolled(light: f32) -> f32 {
    const MOST: f32 = 12.0;
    let (over, room) = ((light.min(MOST) - KNEE) / (MOST - KNEE), 1.0 - KNEE);
    // As steep at the knee as the straight part before it, flat at the end.
    let steep = (MOST - KNEE) / room;
    KNEE + room * (1.0 - (1.0 - over).powf(steep))
}

/// SMPTE ST 2084, in nits.
fn pq(signal: f32) -> f32 {
    let power = signal.powf(1.0 / 78.843_75);
    let light = ((power - 0.835_937_5).max(0.0) / (18.851_563 - 18.6875 * power)).max(0.0);
    10_000.0 * light.powf(1.0 / 0.159_301_76)
}

/// BT.2100's hybrid log-gamma, 1.0 being diffuse white (75 % of the signal).
fn hlg(signal: f32) -> f32 {
    let scene = if signal <= 0.5 {
        signal * signal / 3.0
    } else {
        (((signal - 0.559_910_7) / 0.178_832_77).exp() + 0.284_668_92) / 12.0
    };
    // The system gamma of a screen of 1000 nits.
    (scene / 0.265).powf(1.2)
}

/// Returns light, 0 to 1, as sRGB stores it.
pub(super) fn srgb(light: f32) -> u8 {
    let value =
        if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let value = (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
    value
}
