//! `darkslide share`: links for clients.

use darkslide_core::error::Result;
use darkslide_core::share::{Originals, ShareOptions};
use darkslide_core::vault::Vault;

use crate::args::{self, Share};
use crate::report::{Outcome, Report, count, name};

pub fn share(vault: &Vault, share: Share, report: &Report) -> Result<Outcome> {
    match share {
        Share::Create { album, expires, passcode, watermark, size, originals, title, message } => {
            let options = ShareOptions {
                title: title.unwrap_or_else(|| album.clone()),
                message,
                expires_in: expires,
                passcode,
                watermark,
                size_px: size,
                originals: match originals {
                    args::Originals::None => Originals::None,
                    args::Originals::Chosen => Originals::Chosen,
                    args::Originals::All => Originals::All,
                },
            };
            let (progress, bar) = report.progress("Sharing");
            let created = vault.share_create(&album, &options, &progress)?;
            drop(bar);
            report.result(&created, || {
                let mut text = created.url.clone();
                if let Some(passcode) = &created.passcode {
                    text += &format!("\nPasscode {passcode} (send it another way than the link)");
                }
                text += &format!(
                    "\n{}; the link ends {}.\nWhoever has the whole link sees the photos: mail and chat programs see it too.",
                    count(created.items, "photo"),
                    created.expires_at
                );
                if options.originals != Originals::None {
                    text += "\nFull-size files are the originals themselves: what the camera wrote into them, places among it, goes along.";
                }
                for failed in &created.failed {
                    text += &format!("\nLEFT OUT {}: {}", name(&failed.path), failed.reason);
                }
                text
            });
            Ok(Outcome::clean_if(created.failed.is_empty()))
        }
        Share::List => {
            let shares = vault.shares()?;
            report.list(&shares, |s| {
                format!(
                    "{}  {:8}  {}  {}  {}",
                    &s.share_id[..8],
                    s.state.to_string(),
                    s.expires_at,
                    count(s.items, "photo"),
                    s.title
                )
            });
            Ok(Outcome::Clean)
        }
        Share::Show { share } => {
            let share = vault.share_show(&share)?;
            report.result(&share, || {
                let mut text = share.url.clone();
                if let Some(passcode) = &share.passcode {
                    text += &format!("\nPasscode {passcode}");
                }
                text + &format!("\n{}, {}; ends {}", share.title, share.state, share.expires_at)
            });
            Ok(Outcome::Clean)
        }
        Share::Revoke { share } => {
            let proof = vault.share_revoke(&share)?;
            report.result(&proof, || {
                if proof.dead {
                    format!("Revoked. Every address was fetched and is dead, checked {}.", proof.checked_at)
                } else {
                    "The objects were deleted, but some address still answers. Run it again in a minute.".to_owned()
                }
            });
            Ok(Outcome::clean_if(proof.dead))
        }
    }
}
