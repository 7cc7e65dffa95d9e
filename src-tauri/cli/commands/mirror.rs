//! `darkslide mirror`: further copies on the photographer's own disks.

use darkslide_core::error::{Error, Result};
use darkslide_core::progress::Cancelled;
use darkslide_core::vault::Vault;

use crate::args::Mirror;
use crate::report::{Outcome, Report, count, name, size};

pub fn mirror(vault: &Vault, mirror: Mirror, report: &Report) -> Result<Outcome> {
    match mirror {
        Mirror::Add { dir } => {
            vault.mirror_add(&dir)?;
            list(vault, report)
        }
        Mirror::Remove { dir } => {
            vault.mirror_remove(&dir)?;
            list(vault, report)
        }
        Mirror::List => list(vault, report),
        Mirror::Sync => {
            let (progress, bar) = report.progress("Copying");
            let made = vault.mirror_sync(&progress)?;
            drop(bar);
            if made.cancelled {
                return Err(Error::from(Cancelled));
            }
            report.result(&made, || {
                let mut text = format!(
                    "{} copied and read back ({}).",
                    count(made.files, "file"),
                    size(made.bytes)
                );
                for failed in &made.failed {
                    let what = format!("{} {}", failed.mirror, failed.path);
                    text +=
                        &format!("\nFAILED   {}: {}", name(what.trim_end()), name(&failed.reason));
                }
                text
            });
            Ok(Outcome::clean_if(made.failed.is_empty()))
        }
    }
}

fn list(vault: &Vault, report: &Report) -> Result<Outcome> {
    let mirrors = vault.mirror_list()?;
    if mirrors.is_empty() {
        report.note("No mirrors. `darkslide mirror add DIR` makes one.");
    }
    report.list(&mirrors, |mirror| {
        let state = match (mirror.present, mirror.files_left) {
            (false, _) => "not there".to_owned(),
            (true, 0) => "complete".to_owned(),
            (true, n) => {
                let gone = match mirror.files_gone {
                    0 => String::new(),
                    gone => format!(", {} gone from it", count(gone, "file")),
                };
                format!("lacks {} ({}){gone}", count(n, "file"), size(mirror.bytes_left))
            }
        };
        format!("{}  {state}", mirror.path.display())
    });
    Ok(Outcome::Clean)
}
