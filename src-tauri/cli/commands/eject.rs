//! `darkslide eject`: the card may be taken out, because everything on it was copied and verified.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use darkslide_core::card;
use darkslide_core::error::{Code, Error, Result};
use darkslide_core::vault::Vault;
use serde_json::json;

use crate::report::{Outcome, Report, count};

#[derive(Debug, thiserror::Error)]
enum EjectError {
    #[error("{}: {source}", path.display())]
    NoFolder { path: PathBuf, source: std::io::Error },
    #[error("{} lies on the system's own disk: there is nothing to take out", .0.display())]
    NoCard(PathBuf),
    #[error(
        "{} on {} not in the library yet: import the card first",
        count(*files, "file"),
        if *files == 1 { format!("{} is", root.display()) } else { format!("{} are", root.display()) }
    )]
    NotCopied { root: PathBuf, files: u64 },
    #[error(
        "{} may hold files that were not copied ({reason}): import it by itself, or take it out by hand",
        root.join(path).display()
    )]
    NotLookedAt { root: PathBuf, path: String, reason: String },
    #[error("the system does not let go of {}: {why}", root.display())]
    Refused { root: PathBuf, why: String },
}

pub fn eject(vault: &Vault, path: &Path, report: &Report) -> Result<Outcome> {
    let failed = |code, error: EjectError| Err(Error::new(code, error));
    let path = match path.canonicalize() {
        Ok(path) => path,
        Err(source) => {
            return failed(Code::NotFound, EjectError::NoFolder { path: path.to_owned(), source });
        }
    };
    let Some((root, device)) = card::mounted(&path) else {
        return failed(Code::Usage, EjectError::NoCard(path));
    };
    // the whole volume goes, so the whole volume must be known
    let (progress, bar) = report.progress("Reading the card");
    let plan = vault.left_on_card(&root, &progress)?;
    drop(bar);
    let files = (plan.new.len() + plan.failed.len()) as u64;
    if files > 0 {
        return failed(Code::Usage, EjectError::NotCopied { root, files });
    }
    if let Some(part) = plan.left_out.into_iter().next() {
        let (path, reason) = (part.path, part.reason);
        return failed(Code::Usage, EjectError::NotLookedAt { root, path, reason });
    }
    let by = match let_go(&root, device.as_deref()) {
        Ok(by) => by,
        Err(why) => return failed(Code::Io, EjectError::Refused { root, why }),
    };
    report.result(&json!({ "ejected": root, "by": by }), || {
        format!("{} can be taken out.", root.display())
    });
    Ok(Outcome::Clean)
}

/// Unmounts by the first program that is there; returns which one that was.
fn let_go(root: &Path, device: Option<&Path>) -> std::result::Result<&'static str, String> {
    let mut why = None;
    if cfg!(target_os = "macos") {
        match run("diskutil", ["eject".as_ref(), root.as_os_str()]) {
            Ran::Well => return Ok("diskutil"),
            Ran::Badly(said) => return Err(said),
            Ran::Missing => {}
        }
    }
    if let Some(device) = device {
        let of = |what: &'static str| {
            let args = [what, "--no-user-interaction", "-b"].map(OsStr::new);
            run("udisksctl", args.into_iter().chain([device.as_os_str()]))
        };
        match of("unmount") {
            Ran::Well => {
                // a reader that cannot be powered off has let go of the card all the same
                let _ = of("power-off");
                return Ok("udisksctl");
            }
            Ran::Badly(said) => why = Some(said),
            Ran::Missing => {}
        }
    }
    match run("umount", ["--".as_ref(), root.as_os_str()]) {
        Ran::Well => Ok("umount"),
        Ran::Badly(said) => Err(why.unwrap_or(said)),
        Ran::Missing => Err(why.unwrap_or_else(|| "no program here can unmount".to_owned())),
    }
}

enum Ran {
    Well,
    Badly(String),
    Missing,
}

fn run<'a>(program: &str, args: impl IntoIterator<Item = &'a OsStr>) -> Ran {
    match Command::new(program).args(args).stdin(Stdio::null()).output() {
        Err(_) => Ran::Missing,
        Ok(output) if output.status.success() => Ran::Well,
        Ok(output) => Ran::Badly(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}
