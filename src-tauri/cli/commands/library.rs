//! `darkslide init`, `list`, `tag`, `trash`, `preview` and `export`: the catalogue, what it shows and gives away.

use std::path::{Path, PathBuf};

use darkslide_core::catalog::{Edit, Order};
use darkslide_core::error::{Code, Error, Result};
use darkslide_core::media::PreviewSize;
use darkslide_core::vault::{Settings, Vault};
use serde_json::json;

use crate::args::{self, Query, TagArgs};
use crate::report::{Outcome, Report, count, name, size};

#[derive(Debug, thiserror::Error)]
#[error("{} is not opened by the shell while it stands in quotes: write $HOME instead of ~", .0.display())]
struct Tilde(PathBuf);

pub fn init(
    settings: Settings,
    library: &Path,
    mirrors: &[PathBuf],
    report: &Report,
) -> Result<Outcome> {
    for folder in std::iter::once(library).chain(mirrors.iter().map(PathBuf::as_path)) {
        if folder.starts_with("~") {
            return Err(Error::new(Code::Usage, Tilde(folder.to_owned())));
        }
    }
    let shared = Vault::shares_library(&settings.home, library);
    let vault = Vault::init(settings, library, mirrors)?;
    let library = vault.library();
    let mirrors = vault.mirrors();
    let value =
        json!({ "home": vault.home(), "library": library, "mirrors": mirrors, "shared": shared });
    report.result(&value, || {
        let shown = library.display();
        let then = if shared {
            format!(
                "It was a library before, and stays that of its other home, if it has one.\n\
                 Make known what lies in it: darkslide adopt {shown}"
            )
        } else {
            "Now import a card: darkslide import /path/to/card".to_owned()
        };
        format!("The library is {shown}.\n{then}")
    });
    Ok(Outcome::Clean)
}

pub fn list(
    vault: &Vault,
    query: &Query,
    sort: Order,
    limit: Option<u32>,
    report: &Report,
) -> Result<Outcome> {
    let rows = vault.list(&query.text(), sort, limit)?;
    if rows.is_empty() {
        report.note("No photo matches.");
    }
    report.list(&rows, |row| {
        let stars = "*".repeat(usize::from(row.rating));
        format!(
            "{}  {:19}  {:5}  {:5}  {}  {}",
            &row.id.to_string()[..8],
            row.captured_at.as_deref().unwrap_or("no date"),
            row.format.as_deref().unwrap_or_default(),
            stars,
            name(&row.original_name),
            name(row.shoot.as_deref().unwrap_or_default()),
        )
        .trim_end()
        .to_owned()
    });
    Ok(Outcome::Clean)
}

#[derive(Debug, thiserror::Error)]
#[error("a query or `id:...` is needed: it says which photos are meant (all of them: `rating>=0`)")]
struct NoQuery;

pub fn tag(vault: &Vault, args: TagArgs, report: &Report) -> Result<Outcome> {
    let query = args.query.text();
    if query.trim().is_empty() {
        return Err(Error::new(Code::Usage, NoQuery));
    }
    let clock = args.clock();
    let none = |text: String| (text != "none" && !text.is_empty()).then_some(text);
    let (removed, added): (Vec<_>, Vec<_>) =
        args.keyword.into_iter().partition(|keyword| keyword.starts_with('-'));
    let edit = Edit {
        rating: args.rating,
        label: args.label.map(none),
        flag: args.flag.map(Into::into),
        title: args.title.map(none),
        caption: args.caption.map(none),
        add_keywords: added,
        remove_keywords: removed.into_iter().map(|k| k[1..].to_owned()).collect(),
        clock,
        ..Edit::default()
    };
    let changed = vault.tag(&query, &edit)?;
    report
        .result(&json!({ "changed": changed }), || format!("{} changed.", count(changed, "photo")));
    Ok(Outcome::Clean)
}

pub fn trash(vault: &Vault, query: &Query, back: bool, report: &Report) -> Result<Outcome> {
    let mut query = query.text();
    if query.trim().is_empty() && !back {
        return Err(Error::new(Code::Usage, NoQuery));
    }
    if back {
        query = format!("status:trash {query}");
    }
    let edit = Edit { trash: Some(!back), ..Edit::default() };
    let changed = vault.tag(&query, &edit)?;
    report.result(&json!({ "changed": changed }), || {
        let photos = count(changed, "photo");
        match back {
            true => format!("{photos} taken out of the trash."),
            false => format!("{photos} put into the trash. Back: darkslide trash --back"),
        }
    });
    Ok(Outcome::Clean)
}

pub fn preview(
    vault: &Vault,
    photo: &str,
    size: args::PreviewSize,
    out: &Path,
    report: &Report,
) -> Result<Outcome> {
    let photo = vault.photo_by_prefix(photo)?;
    let size = match size {
        args::PreviewSize::Thumb => Some(PreviewSize::Thumb),
        args::PreviewSize::Screen => Some(PreviewSize::View),
        args::PreviewSize::Full => None,
    };
    let (jpeg, placeholder) = match size {
        Some(size) => {
            let shown = vault.preview_or_placeholder(photo, size)?;
            (shown.jpeg, shown.is_placeholder)
        }
        None => (vault.full_picture(photo)?, false),
    };
    vault.write_out(out, &jpeg)?;
    let value = json!({ "id": photo, "out": out, "bytes": jpeg.len(), "placeholder": placeholder });
    report.result(&value, || match placeholder {
        true => {
            format!("{} written: a placeholder, nothing in the file can be shown.", out.display())
        }
        false => format!("{} written.", out.display()),
    });
    Ok(Outcome::Clean)
}

pub fn export(vault: &Vault, query: &Query, to: &Path, report: &Report) -> Result<Outcome> {
    let (progress, bar) = report.progress("Exporting");
    let done = vault.export(&query.text(), to, &progress)?;
    drop(bar);
    report.result(&done, || {
        let mut text = format!(
            "{} of {} copied and read back ({} in {:.1} s), {} there already, {} failed.\n\
             What is known of them: {}\n",
            count(done.exported, "file"),
            count(done.photos, "photo"),
            size(done.bytes),
            done.seconds,
            done.already_here,
            done.failed.len(),
            done.metadata.display()
        );
        for failed in &done.failed {
            text += &format!("FAILED   {}: {}\n", name(&failed.path), failed.reason);
        }
        text
    });
    Ok(Outcome::clean_if(done.failed.is_empty()))
}
