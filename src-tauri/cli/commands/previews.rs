//! `darkslide previews`: how many, how much room, made anew.

use darkslide_core::catalog::PreviewCounts;
use darkslide_core::error::Result;
use darkslide_core::vault::{Rebuild, Vault};
use serde_json::json;

use crate::args::{Previews, RebuildArgs, Room};
use crate::report::{Outcome, Report, count, missing_previews, size};

pub fn previews(vault: &Vault, command: &Previews, report: &Report) -> Result<Outcome> {
    match command {
        Previews::Status => status(vault, report),
        Previews::Limit { size } => limit(vault, *size, report),
        Previews::Rebuild(args) => rebuild(vault, args, report),
    }
}

fn status(vault: &Vault, report: &Report) -> Result<Outcome> {
    let status = vault.preview_status()?;
    report.result(&status, || {
        let limit = status.limit.map_or_else(|| "no bound".to_owned(), size);
        let photos = status.photos;
        let walls = match &status.worker {
            Some(cell) => {
                let wall = |name, holds| if holds { Some(name) } else { None };
                let walls = [
                    wall("limits", cell.limits),
                    wall("Landlock", cell.landlock),
                    wall("seccomp", cell.seccomp),
                ];
                let walls: Vec<_> = walls.into_iter().flatten().collect();
                format!("in a process of its own ({})", walls.join(", "))
            }
            None => "in this process".to_owned(),
        };
        format!(
            "{}\n{} and {} take {} of {limit}.\nPictures are decoded {walls}.",
            of_photos(photos),
            count(status.cache.thumbs, "thumbnail"),
            count(status.cache.views, "view"),
            size(status.cache.bytes),
        )
    });
    Ok(Outcome::Clean)
}

/// "58 previews ready, 2 still to be made, 1 of a damaged file. 3 files hold no picture."
fn of_photos(photos: PreviewCounts) -> String {
    let mut text = format!("{} ready", count(photos.ready, "preview"));
    if photos.missing > 0 {
        text += &format!(", {} still to be made", photos.missing);
    }
    match photos.damaged {
        0 => {}
        1 => text += ", 1 of a damaged file",
        several => text += &format!(", {several} of damaged files"),
    }
    text += ".";
    match photos.none {
        0 => {}
        1 => text += " 1 file holds no picture.",
        several => text += &format!(" {} hold no picture.", count(several, "file")),
    }
    text
}

fn limit(vault: &Vault, Room(bytes): Room, report: &Report) -> Result<Outcome> {
    vault.set_previews_limit(bytes)?;
    report.result(&json!({ "limit": bytes }), || match bytes {
        Some(bytes) => format!("Previews take at most {}.", size(bytes)),
        None => "Previews may take what they like.".to_owned(),
    });
    Ok(Outcome::Clean)
}

fn rebuild(vault: &Vault, args: &RebuildArgs, report: &Report) -> Result<Outcome> {
    let what = match args {
        RebuildArgs { shoot: Some(name), .. } => Rebuild::Shoot(name.clone()),
        RebuildArgs { album: Some(name), .. } => Rebuild::Album(name.clone()),
        RebuildArgs { missing: true, .. } => Rebuild::Missing,
        _ => Rebuild::All,
    };
    let (progress, bar) = report.progress("Making previews");
    let done = vault.rebuild_previews(&what, &progress)?;
    drop(bar);
    report.result(&done, || {
        let mut text = missing_previews(&done.missing);
        if done.away > 0 {
            text += &format!(
                "{} not on this computer now; what was there stays.\n",
                count(done.away, "original")
            );
        }
        text + &format!("{} made.", count(done.made.ready + done.made.damaged, "preview"))
    });
    Ok(Outcome::Clean)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Cli, Command};

    #[test]
    fn only_what_there_is_is_counted() {
        let photos = |ready, damaged, none, missing| {
            of_photos(PreviewCounts { ready, damaged, none, missing })
        };
        assert_eq!(photos(60, 0, 0, 0), "60 previews ready.");
        assert_eq!(
            photos(1, 1, 1, 2),
            "1 preview ready, 2 still to be made, 1 of a damaged file. 1 file holds no picture."
        );
        assert_eq!(
            photos(0, 3, 4, 0),
            "0 previews ready, 3 of damaged files. 4 files hold no picture."
        );
    }

    fn parsed(words: &[&str]) -> Option<Previews> {
        let cli = Cli::try_parse_from([&["darkslide", "previews"], words].concat()).ok()?;
        match cli.command {
            Command::Previews(previews) => Some(previews),
            _ => None,
        }
    }

    #[test]
    fn a_bound_is_a_size_or_none() {
        let room = |text| match parsed(&["limit", text]) {
            Some(Previews::Limit { size }) => Some(size.0),
            _ => None,
        };
        assert_eq!(room("20GB"), Some(Some(20_000_000_000)));
        assert_eq!(room("500mb"), Some(Some(500_000_000)));
        assert_eq!(room("none"), Some(None));
        for wrong in ["20", "GB", "-1GB", "1.5GB", "99999999999TB", ""] {
            assert_eq!(room(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_to_make_anew_has_to_be_said() {
        assert!(parsed(&["rebuild"]).is_none());
        assert!(parsed(&["rebuild", "--all", "--missing"]).is_none());
        assert!(parsed(&["rebuild", "--shoot", "Smith"]).is_some());
    }
}
