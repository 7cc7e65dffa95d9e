//! `darkslide vault`: the encrypted vault in the photographer's bucket.

use std::path::Path;

use darkslide_core::error::{Code, Error, Result};
use darkslide_core::vault::{BucketChoice, Created, KitFile, Settings, Vault};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::args::{BucketArgs, Vault as Command};
use crate::report::{Outcome, Report, count, name};
use crate::settings::{ask_words, read_secret_file};

pub fn vault(settings: Settings, command: Command, report: &Report) -> Result<Outcome> {
    match command {
        Command::Create { bucket, kit } => create(settings, bucket, kit.as_deref(), report),
        Command::Open { bucket, words_file, library } => {
            open(settings, bucket, words_file.as_deref(), library.as_deref(), report)
        }
        Command::Status => status(settings, report),
        Command::Keys => keys(settings, report),
    }
}

impl From<BucketArgs> for BucketChoice {
    fn from(args: BucketArgs) -> Self {
        Self {
            endpoint: args.endpoint,
            region: args.region,
            bucket: args.bucket,
            share_bucket: args.share_bucket,
            root: args.root,
            profile: args.profile,
        }
    }
}

fn create(
    settings: Settings,
    bucket: BucketArgs,
    kit: Option<&Path>,
    report: &Report,
) -> Result<Outcome> {
    let vault = Vault::open(settings)?;
    let file = kit.map(KitFile::reserve).transpose()?;
    let created = vault.create_vault(bucket.into())?;
    // The words before all else: from here on they exist nowhere but here.
    report.once(&created, &words_text(&created, kit));
    if let Some(file) = file {
        file.write(&vault.kit(&created))?;
    }
    Ok(Outcome::Clean)
}

fn words_text(created: &Created, kit: Option<&Path>) -> String {
    let mut text = "These 24 words open the vault on any computer. They are shown this once.\n\
                        Write them on paper; whoever has them and your bucket has your photos.\n\n"
        .to_owned();
    for (i, word) in created.words.split(' ').enumerate() {
        text += &format!("{:>4} {word:<10}", i + 1);
        if i % 4 == 3 {
            text.push('\n');
        }
    }
    text += &format!(
        "\nVault   {}\nBucket  {} at {}\n{}",
        created.vault_id,
        created.bucket,
        created.endpoint,
        match kit {
            Some(kit) => format!("Kit     {} (print it, then delete it)\n", kit.display()),
            None => String::new(),
        }
    );
    text
}

fn open(
    settings: Settings,
    bucket: BucketArgs,
    words_file: Option<&Path>,
    library: Option<&Path>,
    report: &Report,
) -> Result<Outcome> {
    let words: Zeroizing<String> = match words_file {
        Some(path) => read_secret_file(path)?,
        None => ask_words()?,
    };
    let (progress, bar) = report.progress("Opening the vault");
    let (vault, opened) =
        Vault::open_from_bucket(settings, bucket.into(), &words, library, &progress)?;
    drop(bar);
    report.result(&opened, || {
        let mut text = format!(
            "{} and {} are here, from commit {}.\nThe originals come back with `darkslide restore`, into {}.",
            count(opened.photos, "photo"),
            count(opened.thumbs, "thumbnail"),
            opened.commit.as_deref().unwrap_or("none"),
            vault.library().display()
        );
        for failed in &opened.failed {
            text += &format!("\nFAILED   {}: {}", name(&failed.path), failed.reason);
        }
        if !opened.enrolled {
            text += "\nThis computer cannot open the vault by itself yet: no keyring answers and no passphrase was given.\n\
                     Run the same command again with DARKSLIDE_PASSPHRASE set, or with the keyring unlocked.";
        }
        text
    });
    Ok(Outcome::clean_if(opened.failed.is_empty()))
}

/// Nobody said which keys.
#[derive(Debug, thiserror::Error)]
#[error("give the new keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")]
struct NoKeys;

#[derive(Debug, Serialize)]
struct Renewed {
    /// Whether they are in the keyring; if not, they are wanted at every run.
    kept: bool,
}

fn keys(settings: Settings, report: &Report) -> Result<Outcome> {
    let keys = settings.credentials.clone().ok_or_else(|| Error::new(Code::Usage, NoKeys))?;
    let renewed = Renewed { kept: Vault::open(settings)?.renew_credentials(keys)? };
    report.result(&renewed, || {
        match renewed.kept {
            true => "The bucket takes these keys, and the keyring has them now.",
            false => {
                "The bucket takes these keys, but no keyring keeps them: give them at every run."
            }
        }
        .to_owned()
    });
    Ok(Outcome::clean_if(renewed.kept))
}

fn status(settings: Settings, report: &Report) -> Result<Outcome> {
    let vault = Vault::open(settings)?;
    let status = vault.status()?;
    report.result(&status, || {
        let mut text = format!(
            "Library  {}  {}, {}\n",
            status.library.display(),
            count(status.photos, "photo"),
            count(status.files, "file")
        );
        text += &match &status.vault {
            None => "Vault    none yet: your photos are on this computer only.".to_owned(),
            Some(v) => format!(
                "Vault    {} in {} at {}\nCommit   {}\nIn the bucket: {} of {}. {}",
                v.vault_id,
                v.bucket,
                v.endpoint,
                v.last_commit.as_deref().unwrap_or("none yet"),
                v.files_committed,
                count(status.files, "file"),
                if status.files == 0 {
                    "There is nothing to back up yet."
                } else if v.files_committed == status.files {
                    "The backup is up to date."
                } else {
                    "Run `darkslide backup`."
                }
            ),
        };
        text
    });
    Ok(Outcome::Clean)
}
