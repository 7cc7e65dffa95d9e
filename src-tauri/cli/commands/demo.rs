//! `darkslide demo`: the whole main job in a temporary folder, on a sample card and an S3 server
//! inside this program, ending in a client's link that works.

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use darkslide_core::catalog::{Edit, Order};
use darkslide_core::error::{Code, Error, Result};
use darkslide_core::keys::MemorySecrets;
use darkslide_core::media::PreviewSize;
use darkslide_core::progress::Progress;
use darkslide_core::share::ShareOptions;
use darkslide_core::store::Credentials;
use darkslide_core::vault::{BucketChoice, ImportOptions, Settings, Vault};
use darkslide_demo::card;
use darkslide_demo::s3::EmbeddedS3;
use serde::Serialize;
use serde_json::{Value, json};

use crate::report::{Outcome, Report, count, size};

/// Something of the demo did not come out as it must.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error("the catalogue from the bucket differs from the one that was backed up")]
    CatalogDiffers,
    #[error("a restored original differs from the card: {0}")]
    FileDiffers(String),
    #[error("the import left {0} files behind")]
    Import(usize),
    #[error("the link's photo is no JPEG")]
    NoPicture,
}

impl From<DemoError> for Error {
    fn from(error: DemoError) -> Self {
        Self::new(Code::Internal, error)
    }
}

#[derive(Debug, Serialize)]
struct Step {
    step: &'static str,
    seconds: f64,
    figures: Value,
}

/// Prints each step as it ends, and keeps it for the report.
struct Steps<'a> {
    report: &'a Report,
    done: Vec<Step>,
}

impl Steps<'_> {
    fn run<T>(
        &mut self,
        step: &'static str,
        work: impl FnOnce() -> Result<(T, String, Value)>,
    ) -> Result<T> {
        let begun = Instant::now();
        let (result, text, figures) = work()?;
        let seconds = begun.elapsed().as_secs_f64();
        self.report.note(&format!("{step:<12} {text}  ({seconds:.2} s)"));
        self.done.push(Step { step, seconds, figures });
        Ok(result)
    }
}

pub fn demo(settings: Settings, keep: bool, report: &Report) -> Result<Outcome> {
    let folder = tempfile::Builder::new()
        .prefix("darkslide-demo-")
        .tempdir()
        .map_err(|e| Error::new(Code::Io, e))?;
    let root = folder.path().to_owned();
    if keep {
        report.note(&format!("Everything is in {} and stays there.", root.display()));
        let _ = folder.keep();
    }
    let mut steps = Steps { report, done: Vec::new() };
    let (server, url) = run(&root, &settings, &mut steps)?;
    let value = json!({ "steps": steps.done, "url": url });
    report.result(&value, || format!("\nThe client's link:\n{url}"));
    if std::io::stdout().is_terminal() {
        report
            .note("\nOpen it in a browser on this computer. Ctrl-C ends the server and cleans up.");
        let _ = settings.runtime.block_on(tokio::signal::ctrl_c());
    }
    drop(server);
    Ok(Outcome::Clean)
}

fn run(root: &Path, settings: &Settings, steps: &mut Steps<'_>) -> Result<(EmbeddedS3, String)> {
    let progress = Progress::new();
    let card_dir = root.join("card");
    let truth = steps.run("sample card", || {
        let truth = card::make(&card_dir, &card::Options::default())
            .map_err(|e| Error::new(Code::Io, e))?;
        let (exposures, files) = (truth.exposures.len() as u64, truth.files().count() as u64);
        let text = format!(
            "{} in {} ({})",
            count(exposures, "exposure"),
            count(files, "file"),
            size(truth.bytes())
        );
        let figures = json!({ "exposures": exposures, "files": files, "bytes": truth.bytes() });
        Ok((truth, text, figures))
    })?;
    let server = steps.run("S3 server", || {
        let server = settings
            .runtime
            .block_on(EmbeddedS3::start(&root.join("bucket"), &["photos"]))
            .map_err(|e| Error::new(Code::Io, e))?;
        let text = format!("{}, signatures and expiry enforced", server.endpoint);
        let figures = json!({ "endpoint": server.endpoint });
        Ok((server, text, figures))
    })?;
    let here = on_server(settings, &server, &root.join("home"));
    let vault = Vault::init(here, &root.join("library"), &[])?;
    steps.run("import", || {
        let options = ImportOptions {
            source: card_dir.clone(),
            shoot: Some("Sample shoot".to_owned()),
            client: Some("Sample client".to_owned()),
            ..ImportOptions::default()
        };
        let done = vault.import(&options, &progress)?;
        if !done.report.failed.is_empty() {
            return Err(DemoError::Import(done.report.failed.len()).into());
        }
        let text = format!(
            "{} copied and read back, {} ready, {} damaged",
            count(done.report.imported, "file"),
            count(done.previews.ready, "preview"),
            done.previews.damaged
        );
        let figures = serde_json::to_value(&done).unwrap_or_default();
        Ok(((), text, figures))
    })?;
    let bucket = BucketChoice {
        endpoint: server.endpoint.clone(),
        region: server.region.clone(),
        bucket: "photos".to_owned(),
        share_bucket: None,
        root: String::new(),
        profile: None,
    };
    let created = steps.run("vault", || {
        let created = vault.create_vault(bucket.clone())?;
        let text = format!("{} made, 24 words drawn", created.vault_id);
        let figures = json!({ "vault_id": created.vault_id });
        Ok((created, text, figures))
    })?;
    vault.tag("", &Edit { rating: Some(4), ..Edit::default() })?;
    steps.run("backup", || {
        let done = vault.backup(None, &progress)?.report;
        let text = format!(
            "{} encrypted and sent ({}), committed and read back",
            count(done.uploaded, "file"),
            size(done.bytes)
        );
        Ok(((), text, serde_json::to_value(&done).unwrap_or_default()))
    })?;
    steps.run("vault open", || {
        let there = on_server(settings, &server, &root.join("elsewhere"));
        let (other, opened) =
            Vault::open_from_bucket(there, bucket.clone(), &created.words, None, &progress)?;
        let restored = other.restore("", None, &progress)?;
        compare(&vault, &other)?;
        for file in truth.files() {
            if !other.library_has(&file.sha256.parse()?)? {
                return Err(DemoError::FileDiffers(file.path.clone()).into());
            }
        }
        let text = format!(
            "{} from the words alone; {} restored byte for byte",
            count(opened.photos, "photo"),
            count(restored.restored, "file")
        );
        let figures = json!({ "photos": opened.photos, "restored": restored.restored });
        Ok(((), text, figures))
    })?;
    let url = steps.run("share", || {
        vault.album_create("Sample album")?;
        vault.album_add("Sample album", "kind:photo")?;
        let options = ShareOptions {
            title: "Sample shoot".to_owned(),
            message: Some("Thank you for a lovely day.".to_owned()),
            expires_in: Duration::from_secs(24 * 60 * 60),
            ..ShareOptions::default()
        };
        let created = vault.share_create("Sample album", &options, &progress)?;
        let text = format!("{} behind one link that ends in 24 h", count(created.items, "photo"));
        let figures = json!({ "share_id": created.share_id, "items": created.items });
        Ok((created.url, text, figures))
    })?;
    steps.run("link", || {
        let fetched = vault.visit(&url, None)?;
        let picture = &fetched.first_photo;
        if !picture.starts_with(&[0xff, 0xd8, 0xff]) {
            return Err(DemoError::NoPicture.into());
        }
        let text = format!(
            "page fetched, index opened ({}), one photo decrypted ({})",
            count(fetched.index.photos.len() as u64, "photo"),
            size(picture.len() as u64)
        );
        let figures = json!({ "photos": fetched.index.photos.len(), "photo_bytes": picture.len() });
        Ok(((), text, figures))
    })?;
    Ok((server, url))
}

/// The same program on another computer: a home of its own, no keyring, this server.
fn on_server(settings: &Settings, server: &EmbeddedS3, home: &Path) -> Settings {
    Settings {
        home: home.to_owned(),
        secrets: Arc::new(MemorySecrets::default()),
        credentials: Some(Credentials::explicit(
            server.access_key.as_str(),
            server.secret_key.as_str(),
        )),
        ..settings.clone()
    }
}

/// The catalogue that came back is the one that went, but for where files lie, and every thumbnail
/// came along.
fn compare(source: &Vault, other: &Vault) -> Result<()> {
    let rows = |vault: &Vault| -> Result<Vec<Value>> {
        let rows = vault.list("", Order::default(), None)?;
        Ok(rows.iter().map(without_paths).collect())
    };
    if rows(source)? != rows(other)? {
        return Err(DemoError::CatalogDiffers.into());
    }
    for row in source.list("", Order::default(), None)? {
        if row.preview.width.is_some() {
            let thumb = |vault: &Vault| vault.preview(row.id, PreviewSize::Thumb);
            if thumb(source)? != thumb(other)? {
                return Err(DemoError::CatalogDiffers.into());
            }
        }
    }
    Ok(())
}

fn without_paths(row: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(row).unwrap_or_default();
    if let Some(row) = value.as_object_mut() {
        row.remove("path");
        for file in row.get_mut("files").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(file) = file.as_object_mut() {
                file.remove("path");
            }
        }
    }
    value
}
