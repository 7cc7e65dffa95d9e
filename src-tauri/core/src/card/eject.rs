//! Letting go of a card: the system's own programs unmount it.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// Unmounts by the first program that is there; returns which one that was, or why none could.
///
/// # Errors
/// What the system said.
pub fn let_go(root: &Path, device: Option<&Path>) -> Result<&'static str, String> {
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
