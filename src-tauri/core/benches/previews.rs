//! Times thumb and view of one picture: `cargo bench -p darkslide-core --bench previews [FILE..]`.
//!
//! Without files it paints one of 24 megapixels. One thread, so the time is the processor's as long
//! as nothing else runs; `scripts/bench.sh` holds the whole import against vipsthumbnail, and what
//! `--embedded FOLDER FILE..` copies out of raw files against `exiv2 -ep`, which does the same.
//! `--thumbs FOLDER FILE..` makes a picture of 512 pixels of each.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, missing_docs)]

use std::path::{Path, PathBuf};
use std::time::Instant;

use darkslide_core::metadata::{self, format_by_name};
use darkslide_core::previews::{Source, embedded, render, rendition};

const RUNS: usize = 9;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next();
    if let Some(way @ ("--thumbs" | "--embedded")) = first.as_deref() {
        let out = PathBuf::from(arguments.next().unwrap());
        let make = if way == "--thumbs" { thumb } else { own };
        return arguments.for_each(|file| make(Path::new(&file), &out));
    }
    let files: Vec<PathBuf> =
        std::env::args().skip(1).filter(|a| !a.starts_with("--")).map(Into::into).collect();
    let dir = tempfile::tempdir().unwrap();
    let painted = dir.path().join("painted.jpg");
    if files.is_empty() {
        paint(&painted);
        time(&painted);
    }
    files.iter().for_each(|file| time(file));
}

fn thumb(path: &Path, out: &Path) {
    let name = path.file_name().unwrap().to_string_lossy();
    let record = metadata::read(path, &name);
    let source = Source::File { path, format: record.format, orientation: record.orientation };
    let jpeg = rendition(source, 512, 82, None).unwrap();
    std::fs::write(out.join(format!("{name}.jpg")), jpeg.bytes).unwrap();
}

fn own(path: &Path, out: &Path) {
    let name = path.file_name().unwrap().to_string_lossy();
    let jpeg = embedded(path, format_by_name(&name).name).unwrap();
    std::fs::write(out.join(format!("{name}.jpg")), jpeg).unwrap();
}

fn time(file: &Path) {
    let name = file.file_name().unwrap().to_string_lossy();
    let record = metadata::read(file, &name);
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            render(file, record.format, record.orientation).unwrap();
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{name}: {:.1} ms (best {:.1})", times[RUNS / 2], times[0]);
}

/// A picture of 6000 x 4000 with as much detail as a camera's, about 10 MB.
fn paint(path: &Path) {
    let (width, height) = (6000_usize, 4000_usize);
    let mut state = 0x2545_f491_u32;
    let mut pixels = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            let grain = (state >> 28) as usize;
            let wave = ((x / 3) ^ (y / 5)) % 64;
            pixels.extend([(x / 32 + grain) as u8, (y / 24 + wave) as u8, (wave + grain) as u8]);
        }
    }
    let image = turbojpeg::Image {
        pixels: pixels.as_slice(),
        width,
        pitch: width * 3,
        height,
        format: turbojpeg::PixelFormat::RGB,
    };
    let jpeg = turbojpeg::compress(image, 92, turbojpeg::Subsamp::Sub2x2).unwrap();
    std::fs::write(path, jpeg).unwrap();
}
