//! The ASC's own program for MHL histories: what it verifies, others do as well.
//!
//! Its commands are in two scripts: `ascmhl` (create, diff, info) and `ascmhl-debug` (verify).

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const VERSION: &str = "1.2";
const INSTALL: &str = "\
ascmhl is not installed. `make test` installs it; by hand: `scripts/need.sh ascmhl`,
or name the `bin` folder of a virtual environment that has it in DARKSLIDE_ASCMHL.";

/// What it said, and how it ended: 0 when the folder is what its history says.
#[derive(Debug)]
pub struct Answer {
    pub code: i32,
    pub text: String,
}

/// Hashes every file below `root` and compares.
pub fn verify(root: &Path) -> Answer {
    run("ascmhl-debug", &["verify"], root)
}

/// Compares names only.
pub fn diff(root: &Path) -> Answer {
    run("ascmhl", &["diff"], root)
}

pub fn info(root: &Path) -> Answer {
    run("ascmhl", &["info", "-v"], root)
}

/// Makes a generation with everything below `root`.
pub fn create(root: &Path, format: &str) -> Answer {
    run("ascmhl", &["create", "-h", format], root)
}

/// Fails unless the history below `root` has so many generations and holds in every way.
#[track_caller]
pub fn holds(root: &Path, generations: usize) {
    for answer in [verify(root), diff(root)] {
        assert_eq!(answer.code, 0, "{}\n{}", root.display(), answer.text);
        assert!(!answer.text.contains("ERR"), "it complains: {}", answer.text);
    }
    let info = info(root);
    assert_eq!(info.code, 0, "{}", info.text);
    let found = info.text.lines().filter(|line| line.starts_with("  Generation ")).count();
    assert_eq!(found, generations, "{}", info.text);
}

fn run(script: &str, args: &[&str], root: &Path) -> Answer {
    let output: Output = Command::new(bin().join(script))
        .args(args)
        .arg(root)
        .env("LC_ALL", "C.UTF-8")
        // it asks for a newer version of itself otherwise
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .output()
        .expect(INSTALL);
    let text = [output.stdout, output.stderr].concat();
    let code = output.status.code().expect("it ends by itself");
    Answer { code, text: String::from_utf8_lossy(&text).into_owned() }
}

fn bin() -> PathBuf {
    if let Some(named) = std::env::var_os("DARKSLIDE_ASCMHL") {
        return PathBuf::from(named);
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let cache = cache.or_else(|| std::env::home_dir().map(|home| home.join(".cache")));
    let bin = cache.map(|cache| cache.join(format!("darkslide/ascmhl-{VERSION}/bin")));
    bin.filter(|bin| bin.join("ascmhl-debug").is_file()).expect(INSTALL)
}
