//! Paints the sample card's pictures: small landscapes, not noise, so that a gallery looks like one.
//!
//! Each scene is a function of the pixel and of a few numbers drawn from a seed; the same seed
//! gives the same bytes on every machine of one architecture.

use image::{Rgb, RgbImage};

use super::dice::Dice;

type Colour = [f32; 3];

/// Width and height of the picture, the longer side being 1.
#[derive(Clone, Copy)]
struct Shape {
    wide: f32,
    tall: f32,
}

/// How many different scenes there are; `paint` takes any number and wraps around.
pub(super) const SCENES: usize = 10;

/// Paints scene `kind` upright at `width` x `height`.
pub(super) fn paint(kind: usize, seed: u64, width: u32, height: u32) -> RgbImage {
    let long = width.max(height) as f32;
    let shape = Shape { wide: width as f32 / long, tall: height as f32 / long };
    let mut dice = Dice::new(seed);
    let place: Box<dyn Fn(f32, f32) -> Colour> = match kind % SCENES {
        0 => mountains(&mut dice, shape),
        1 => sea(&mut dice, shape),
        2 => night(&mut dice, shape),
        3 => city(&mut dice),
        4 => bokeh(&mut dice, shape),
        5 => flower(&mut dice, shape),
        6 => dunes(&mut dice),
        7 => balloons(&mut dice, shape),
        8 => aurora(&mut dice),
        _ => paper(&mut dice),
    };
    let mut grain = Dice::new(seed ^ 0x6772_6169_6e00);
    RgbImage::from_fn(width, height, |x, y| {
        let colour = place(x as f32 / long, y as f32 / height as f32);
        let noise = (grain.unit() - 0.5) * 0.018;
        Rgb(colour.map(|c| ((c + noise).clamp(0.0, 1.0) * 255.0 + 0.5) as u8))
    })
}

fn mix(a: Colour, b: Colour, t: f32) -> Colour {
    let t = t.clamp(0.0, 1.0);
    [0, 1, 2].map(|i| a[i] + (b[i] - a[i]) * t)
}

fn smooth(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// A full hue circle at the given saturation and value.
fn hsv(h: f32, s: f32, v: f32) -> Colour {
    [5.0, 3.0, 1.0].map(|n: f32| {
        let k = (n + h.rem_euclid(1.0) * 6.0) % 6.0;
        v - v * s * k.min(4.0 - k).clamp(0.0, 1.0)
    })
}

fn lattice(x: i32, y: i32, seed: u32) -> f32 {
    let mut h = (x as u32).wrapping_mul(0x9e37_79b1) ^ (y as u32).wrapping_mul(0x85eb_ca77) ^ seed;
    h = (h ^ (h >> 15)).wrapping_mul(0x2c1b_3c6d);
    h = (h ^ (h >> 12)).wrapping_mul(0x297a_2d39);
    ((h ^ (h >> 15)) >> 8) as f32 / 16_777_216.0
}

fn noise(x: f32, y: f32, seed: u32) -> f32 {
    let (xi, yi) = (x.floor(), y.floor());
    let (u, v) = (smooth(0.0, 1.0, x - xi), smooth(0.0, 1.0, y - yi));
    let at = |dx, dy| lattice(xi as i32 + dx, yi as i32 + dy, seed);
    let top = at(0, 0) + (at(1, 0) - at(0, 0)) * u;
    let bottom = at(0, 1) + (at(1, 1) - at(0, 1)) * u;
    top + (bottom - top) * v
}

/// Several octaves of noise, 0 to about 1.
fn ragged(x: f32, y: f32, seed: u32, octaves: u32) -> f32 {
    (0..octaves)
        .fold((0.0, 0.5, 1.0), |(sum, amp, freq), n| {
            (sum + noise(x * freq, y * freq, seed.wrapping_add(n)) * amp, amp * 0.5, freq * 2.03)
        })
        .0
}

fn glow(shape: Shape, x: f32, y: f32, (cx, cy): (f32, f32), radius: f32) -> f32 {
    let d2 = (x - cx).powi(2) + ((y - cy) * shape.tall).powi(2);
    (-d2 / (radius * radius)).exp()
}

fn mountains(dice: &mut Dice, shape: Shape) -> Box<dyn Fn(f32, f32) -> Colour> {
    let hue = dice.range(0.52, 0.78);
    let (seed, sun) = (dice.next() as u32, (dice.range(0.2, 0.8), dice.range(0.22, 0.42)));
    let warm = hsv(dice.range(0.03, 0.11), 0.55, 1.0);
    Box::new(move |x, y| {
        let mut c = mix(hsv(hue, 0.55, 0.62), warm, smooth(0.0, 0.62, y));
        c = mix(c, [1.0, 0.96, 0.85], glow(shape, x, y, sun, 0.16) * 0.7);
        c = mix(
            c,
            [1.0, 1.0, 0.96],
            smooth(0.036, 0.032, ((x - sun.0).powi(2) + ((y - sun.1) * shape.tall).powi(2)).sqrt()),
        );
        for layer in 0..6_u32 {
            let depth = layer as f32 / 5.0;
            let base = 0.40 + depth * 0.47;
            let ridge =
                ragged(x * (2.2 + depth * 2.4) + depth * 17.0, 0.0, seed ^ (layer * 977), 6);
            let top = base - (ridge - 0.45) * (0.34 - depth * 0.12);
            if y > top {
                let body = mix(
                    mix(warm, hsv(hue, 0.4, 0.7), 0.55),
                    hsv(hue, 0.72, 0.13),
                    0.15 + depth * 0.85,
                );
                let mist = smooth(0.0, 0.22, y - top) * (0.55 - depth * 0.45);
                c = mix(body, mix(warm, [1.0; 3], 0.3), mist);
            }
        }
        c
    })
}

fn sea(dice: &mut Dice, shape: Shape) -> Box<dyn Fn(f32, f32) -> Colour> {
    let (seed, sun) = (dice.next() as u32, dice.range(0.3, 0.7));
    let (top, low) = (hsv(dice.range(0.58, 0.8), 0.6, 0.42), hsv(dice.range(0.02, 0.1), 0.72, 1.0));
    let horizon = dice.range(0.52, 0.64);
    Box::new(move |x, y| {
        let sky = |x: f32, y: f32| {
            let cloud = ragged(x * 3.0, y * 11.0, seed, 5);
            let c = mix(top, low, smooth(0.0, horizon, y));
            let c = mix(c, mix(low, [1.0, 0.85, 0.75], 0.5), smooth(0.46, 0.75, cloud) * 0.65);
            mix(c, [1.0, 0.93, 0.72], glow(shape, x, y, (sun, horizon - 0.06), 0.13) * 0.9)
        };
        if y < horizon {
            let disc = ((x - sun).powi(2) + ((y - horizon + 0.06) * shape.tall).powi(2)).sqrt();
            return mix(sky(x, y), [1.0, 0.97, 0.85], smooth(0.041, 0.037, disc));
        }
        let near = (y - horizon) / (1.0 - horizon);
        let wave = ragged(x * 14.0 / (0.15 + near), 26.0 * near.sqrt() * 3.0, seed ^ 5, 4) - 0.47;
        let seen = sky(x + wave * 0.16 * (0.3 + near), horizon - (y - horizon) * 0.8 + wave * 0.22);
        let path = (-((x - sun) / (0.035 + near * 0.11)).powi(2)).exp() * smooth(-0.06, 0.12, wave);
        mix(mix(seen, [0.02, 0.05, 0.12], 0.35 + near * 0.3), [1.0, 0.88, 0.62], path * 0.85)
    })
}

fn night(dice: &mut Dice, shape: Shape) -> Box<dyn Fn(f32, f32) -> Colour> {
    let (seed, moon) =
        (dice.next() as u32, (dice.range(0.15, 0.85) * shape.wide, dice.range(0.14, 0.34)));
    let hue = dice.range(0.58, 0.72);
    Box::new(move |x, y| {
        let mut c = mix(hsv(hue, 0.85, 0.08), hsv(hue, 0.6, 0.38), smooth(0.1, 0.95, y));
        let band = (-((y - 0.15 - x * 0.55) / 0.17).powi(2)).exp();
        let dust = ragged(x * 7.0, y * 7.0, seed, 5);
        c = mix(c, hsv(hue + 0.12, 0.28, 0.82), band * smooth(0.3, 0.8, dust) * 0.75);
        let (cx, cy) = ((x * 150.0).floor(), (y * 100.0).floor());
        let bright = lattice(cx as i32, cy as i32, seed ^ 99);
        if bright > 0.86 - band * 0.2 {
            let (sx, sy) = (lattice(cx as i32, cy as i32, 7), lattice(cx as i32, cy as i32, 8));
            let d = (x * 150.0 - cx - sx).hypot(y * 100.0 - cy - sy);
            c = mix(c, [1.0, 0.98, 0.94], smooth(0.16, 0.0, d) * (0.4 + bright * 0.6));
        }
        let d = ((x - moon.0).powi(2) + ((y - moon.1) * shape.tall).powi(2)).sqrt();
        c = mix(c, [0.85, 0.88, 1.0], glow(shape, x, y, moon, 0.1) * 0.45);
        let sea = 0.86 + 0.14 * ragged(x * 30.0, y * 20.0, seed ^ 3, 3);
        c = mix(c, [sea, sea, sea * 0.95], smooth(0.033, 0.031, d));
        let tree = 0.86
            - 0.1 * ragged(x * 5.0, 0.0, seed ^ 4, 3)
            - 0.09
                * (1.0 - ((x * 34.0).fract() - 0.5).abs() * 2.0)
                * lattice((x * 34.0) as i32, 0, seed);
        if y > tree {
            mix([0.012, 0.02, 0.035], [0.03, 0.05, 0.07], smooth(tree, 1.0, y))
        } else {
            c
        }
    })
}

fn city(dice: &mut Dice) -> Box<dyn Fn(f32, f32) -> Colour> {
    let seed = dice.next() as u32;
    let (high, low) =
        (hsv(dice.range(0.6, 0.74), 0.62, 0.3), hsv(dice.range(0.9, 1.06), 0.5, 0.95));
    let water = 0.74;
    let view = move |x: f32, y: f32| {
        let mut c = mix(high, low, smooth(0.05, water, y));
        for layer in 0..3_u32 {
            let wide = 18.0 + layer as f32 * 5.0;
            let (block, inside) = ((x * wide).floor() as i32, (x * wide).fract());
            let tall = lattice(block, layer as i32, seed);
            let top = water - 0.08 - tall * (0.5 - layer as f32 * 0.11);
            if y > top && inside > 0.03 {
                let body =
                    mix(mix(low, high, 0.55), [0.03, 0.035, 0.07], 0.35 + layer as f32 * 0.3);
                c = mix(body, low, smooth(top, water + 0.5, y) * 0.2);
                let (wx, wy) = ((inside * 9.0).floor() as i32, ((y - top) * 95.0).floor() as i32);
                let pane = (inside * 9.0).fract() > 0.3 && ((y - top) * 95.0).fract() > 0.42;
                if pane && lattice(wx + block * 31, wy, seed ^ layer) > 0.62 {
                    c = mix(c, [1.0, 0.82, 0.48], 0.45 + 0.4 * lattice(wx, wy + block, seed));
                }
            }
        }
        c
    };
    Box::new(move |x, y| {
        if y < water {
            return view(x, y);
        }
        let ripple = ragged(x * 22.0, y * 130.0, seed ^ 77, 3) - 0.45;
        let mirrored =
            view((x + ripple * 0.02).clamp(0.0, 1.0), water - (y - water) * 2.1 + ripple * 0.05);
        mix(mirrored, [0.03, 0.045, 0.1], 0.35)
    })
}

fn bokeh(dice: &mut Dice, shape: Shape) -> Box<dyn Fn(f32, f32) -> Colour> {
    let hue = dice.unit();
    let lights: Vec<_> = (0..70)
        .map(|_| {
            (
                dice.range(-0.05, 1.05),
                dice.range(-0.05, 1.05),
                dice.range(0.012, 0.075),
                hsv(hue + dice.range(-0.1, 0.13), dice.range(0.3, 0.8), 1.0),
                dice.range(0.12, 0.5),
            )
        })
        .collect();
    Box::new(move |x, y| {
        let mut c = mix(hsv(hue, 0.75, 0.06), hsv(hue + 0.08, 0.7, 0.22), y);
        for (cx, cy, r, light, strength) in &lights {
            let d = ((x - cx).powi(2) + ((y - cy) * shape.tall).powi(2)).sqrt();
            let disc = smooth(*r, r * 0.92, d) * (0.7 + 0.3 * smooth(0.6, 1.0, d / r));
            for i in 0..3 {
                c[i] += light[i] * disc * strength;
            }
        }
        c.map(|v| 1.0 - (-1.5 * v).exp())
    })
}

fn flower(dice: &mut Dice, shape: Shape) -> Box<dyn Fn(f32, f32) -> Colour> {
    let seed = dice.next() as u32;
    let (hue, petals) = (dice.range(0.78, 1.14), (dice.range(6.0, 14.0)).floor());
    let heads: Vec<_> =
        [(0.5, 0.48, 0.27), (0.14, 0.75, 0.13), (0.86, 0.22, 0.11), (0.83, 0.83, 0.15)]
            .map(|(x, y, r)| ((x + dice.range(-0.05, 0.05)) * shape.wide, y, r, dice.unit() * 6.3))
            .to_vec();
    Box::new(move |x, y| {
        let blur = ragged(x * 4.0, y * 3.0, seed, 2);
        let mut c = mix(hsv(0.3, 0.65, 0.13), hsv(0.24, 0.6, 0.5), smooth(0.15, 0.65, blur));
        for (cx, cy, r, turn) in heads.iter().rev() {
            let (dx, dy) = (x - cx, (y - cy) * shape.tall);
            let (d, angle) = (dx.hypot(dy) / r, dy.atan2(dx) + turn);
            for ring in 0..3 {
                let reach = 1.0 - ring as f32 * 0.24;
                let wave = (angle * petals / 2.0 + ring as f32 * 0.9).cos().abs().powf(0.45);
                if d < reach * (0.52 + 0.48 * wave) {
                    let vein = noise(angle * 40.0, d * 5.0, seed) * 0.1;
                    let shade =
                        0.52 + 0.4 * (d / reach) - vein - (1.0 - wave) * 0.3 + ring as f32 * 0.06;
                    c = hsv(hue + ring as f32 * 0.025, 0.62 - d * 0.2, shade.clamp(0.0, 1.0));
                }
            }
            if d < 0.2 {
                let dots = noise(dx / r * 60.0, dy / r * 60.0, seed ^ 9);
                c = mix(
                    hsv(0.12, 0.9, 0.55),
                    hsv(0.14, 0.75, 1.0),
                    dots * smooth(0.22, 0.0, d) + dots * 0.4,
                );
            }
        }
        c
    })
}

fn dunes(dice: &mut Dice) -> Box<dyn Fn(f32, f32) -> Colour> {
    let seed = dice.next() as u32;
    let (sand, sky) =
        (hsv(dice.range(0.05, 0.1), 0.55, 0.95), hsv(dice.range(0.53, 0.62), 0.5, 0.85));
    Box::new(move |x, y| {
        let mut c = mix(sky, mix(sand, [1.0; 3], 0.6), smooth(0.0, 0.45, y));
        for layer in 0..5_u32 {
            let depth = layer as f32 / 4.0;
            let at = |x: f32| {
                0.36 + depth * 0.42
                    - 0.2 * (noise(x * (1.4 + depth), depth * 9.0, seed ^ layer) - 0.4)
            };
            let top = at(x);
            if y > top {
                let slope = (at(x + 0.01) - top) * 60.0;
                let below = y - top;
                let crest = smooth(
                    -0.35,
                    0.35,
                    slope + 0.9 * (noise(x * 3.0 + below * 4.0, below * 2.0, seed ^ 31) - 0.5),
                );
                let ripple = ((x * 0.6 + below * 2.2 + noise(x * 5.0, below * 6.0, seed) * 0.16)
                    * 210.0
                    * (1.2 - depth * 0.7))
                    .sin()
                    * 0.018
                    * depth;
                let lit = mix(
                    mix(sand, [0.36, 0.16, 0.12], 0.75),
                    sand,
                    crest * 0.8 + smooth(0.3, 0.0, below) * 0.25,
                );
                c = mix(lit.map(|v| v + ripple), mix(sand, sky, 0.4), (1.0 - depth) * 0.45);
            }
        }
        c
    })
}

fn balloons(dice: &mut Dice, shape: Shape) -> Box<dyn Fn(f32, f32) -> Colour> {
    let seed = dice.next() as u32;
    let sky = hsv(dice.range(0.52, 0.6), 0.55, 0.92);
    let all: Vec<_> = (0..7)
        .map(|n| {
            (
                0.08 + n as f32 * 0.14 + dice.range(-0.04, 0.04),
                dice.range(0.13, 0.6),
                dice.range(0.03, 0.095),
                dice.unit(),
                3.0 + dice.range(0.0, 4.0).floor(),
            )
        })
        .collect();
    Box::new(move |x, y| {
        let cloud = smooth(0.48, 0.8, ragged(x * 3.2, y * 5.0, seed, 6));
        let mut c = mix(mix(sky, [1.0, 0.9, 0.78], smooth(0.1, 0.9, y)), [1.0; 3], cloud * 0.75);
        for (cx, cy, r, hue, stripes) in &all {
            let (dx, dy) = ((x - cx) / r, (y - cy) * shape.tall / r);
            let half = if dy < 0.25 {
                (1.0 - (dy - 0.0).min(0.0).powi(2)).max(0.0).sqrt()
            } else {
                1.0 - (dy - 0.25) * 0.72
            };
            if dy > -1.0 && dy < 1.25 && dx.abs() < half {
                let around = (dx / half).clamp(-1.0, 1.0).asin();
                let stripe = ((around * stripes).sin() > 0.0) as u8 as f32;
                let light = 0.62 + 0.38 * (-(dx + 0.4).powi(2) - (dy + 0.3).powi(2) * 0.6).exp();
                c = mix(hsv(*hue, 0.78, 0.95), hsv(hue + 0.13, 0.35, 1.0), stripe)
                    .map(|v| v * light);
            } else if (1.38..1.62).contains(&dy) && dx.abs() < 0.15 {
                c = [0.3, 0.2, 0.12];
            }
        }
        let hill = 0.86 - 0.09 * ragged(x * 2.4, 0.0, seed ^ 2, 4);
        if y > hill {
            let grass = ragged(x * 40.0, y * 60.0, seed, 3);
            c = mix(
                hsv(0.27, 0.6, 0.22),
                hsv(0.22, 0.55, 0.6),
                grass * 0.8 + smooth(1.1, hill, y) * 0.2,
            );
        }
        c
    })
}

fn aurora(dice: &mut Dice) -> Box<dyn Fn(f32, f32) -> Colour> {
    let (seed, hue) = (dice.next() as u32, dice.range(0.34, 0.48));
    Box::new(move |x, y| {
        let mut c = mix([0.01, 0.015, 0.05], [0.05, 0.09, 0.17], y);
        let star = lattice((x * 420.0) as i32, (y * 280.0) as i32, seed);
        if star > 0.9965 {
            c = mix(c, [1.0; 3], 0.7);
        }
        for band in 0..3_u32 {
            let foot = 0.62 - band as f32 * 0.12
                + 0.22 * (ragged(x * 1.7, band as f32, seed ^ band, 3) - 0.45);
            let above = foot - y;
            let ray =
                0.35 + 0.65 * noise(x * 55.0 + band as f32 * 9.0, y * 1.5, seed ^ (band + 20));
            let light = if above > 0.0 { (-above * 5.0).exp() } else { (above * 55.0).exp() } * ray;
            let colour =
                mix(hsv(hue, 0.75, 1.0), hsv(hue + 0.4, 0.6, 0.9), smooth(0.0, 0.42, above));
            for i in 0..3 {
                c[i] += colour[i] * light * 0.62;
            }
        }
        let snow = 0.83 - 0.1 * ragged(x * 3.0, 0.0, seed ^ 8, 5);
        if y > snow {
            c = mix(
                hsv(hue + 0.1, 0.45, 0.34),
                [0.02, 0.03, 0.06],
                smooth(0.0, 0.2, y - snow) + 0.3 * ragged(x * 9.0, y * 9.0, seed, 4),
            );
        }
        c.map(|v| 1.0 - (-1.35 * v).exp())
    })
}

fn paper(dice: &mut Dice) -> Box<dyn Fn(f32, f32) -> Colour> {
    let (seed, hue, step) = (dice.next() as u32, dice.unit(), dice.range(0.03, 0.07));
    Box::new(move |x, y| {
        let mut c = hsv(hue, 0.22, 0.98);
        for layer in 0..8_u32 {
            let n = layer as f32;
            let edge = 0.12
                + n * 0.115
                + 0.09
                    * ((x * (5.0 + n * 0.7) + n * 1.9).sin()
                        + (noise(x * 2.0, n, seed) - 0.5) * 1.8);
            let below = y - edge;
            c = c.map(|v| v * (1.0 - 0.28 * smooth(-0.045, 0.0, below)));
            if below > 0.0 {
                let fibre = noise(x * 300.0, y * 300.0, seed ^ layer) * 0.025;
                c = hsv(hue + n * step, 0.3 + n * 0.06, 0.97 - n * 0.075).map(|v| v - fibre);
            }
        }
        c
    })
}
