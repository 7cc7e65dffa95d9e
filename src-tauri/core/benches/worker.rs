//! What a worker costs: the same file read and rendered in this process and in a worker.
//!
//! `cargo bench -p darkslide-core --bench worker PROGRAM FILE..`: the program is `darkslide`. Prints
//! what a file costs more, in milliseconds of wall time, median over the files; one file at a time,
//! so nothing of it is hidden behind other work.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::path::PathBuf;
use std::time::Instant;

use darkslide_core::metadata;
use darkslide_core::previews::render;
use darkslide_core::sandbox::{Decoding, decode_in, pool};

const RUNS: usize = 5;

fn main() {
    let given: Vec<PathBuf> =
        std::env::args_os().skip(1).filter(|a| a != "--bench").map(PathBuf::from).collect();
    let Some((program, files)) = given.split_first().filter(|(_, files)| !files.is_empty()) else {
        println!("PROGRAM FILE.. are wanted");
        return;
    };
    let here = measured(files);
    decode_in(&Decoding::Worker(program.clone()));
    println!("cell: {:?}", pool().unwrap().ready().unwrap());
    let there = measured(files);
    for (what, of) in [("metadata", 0), ("previews", 1)] {
        let pick = |all: &[[f64; 2]]| median(all.iter().map(|times| times[of]).collect());
        let (here, there) = (pick(&here), pick(&there));
        println!("{what}: {here:.3} ms in process, {there:.3} ms in a worker");
    }
    let more = here.iter().zip(&there).map(|(a, b)| b[0] + b[1] - a[0] - a[1]).collect();
    println!("more: {:.3} ms", median(more));
}

/// For each file the time of its metadata and of its previews, the median of some runs.
fn measured(files: &[PathBuf]) -> Vec<[f64; 2]> {
    let timed = |work: &dyn Fn()| {
        let time = |_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1000.0
        };
        median((0..RUNS).map(time).collect())
    };
    let file = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let record = metadata::read(path, &name);
        let metadata = timed(&|| drop(metadata::read(path, &name)));
        // a file that is not found costs nothing, wherever it is not found
        let rendered = || drop(render(path, record.format, record.orientation).unwrap());
        [metadata, timed(&rendered)]
    };
    files.iter().map(file).collect()
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
