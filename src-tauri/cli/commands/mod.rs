//! A file per subcommand: take the arguments, call the vault, report.

mod album;
mod backup;
mod bucket;
#[cfg(feature = "demo")]
mod demo;
mod eject;
mod import;
mod library;
mod preset;
mod previews;
mod mirror;
mod share;
mod sidecars;
mod tree;
mod vault;
mod watch;

use std::path::Path;

use darkslide_core::error::{At as _, Code, Error, Result};
use darkslide_core::vault::{Settings, Vault};

use crate::args::{Cli, Command, Watch};
use crate::report::{Outcome, Report};
use crate::settings;

/// # Errors
/// Whatever kept the command from starting, or stopped it on the way.
pub fn run(cli: Cli, report: &Report) -> Result<Outcome> {
    match cli.command {
        Command::Completions { shell } => {
            let mut command = <Cli as clap::CommandFactory>::command();
            clap_complete::generate(shell, &mut command, "darkslide", &mut std::io::stdout());
            return Ok(Outcome::Clean);
        }
        Command::Man { to } => return manual(to.as_deref()),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::new(Code::Internal, e))?;
    let _entered = runtime.enter();
    let settings = settings::gather(&cli.global, runtime.handle().clone())?;
    let outcome = dispatch(cli.command, settings, report);
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    outcome
}

fn dispatch(command: Command, settings: Settings, report: &Report) -> Result<Outcome> {
    let open = |settings| Vault::open(settings);
    match command {
        Command::Init { library, mirror } => library::init(settings, &library, &mirror, report),
        Command::Eject { card } => eject::eject(&open(settings)?, &card, report),
        Command::Cards => import::cards(report),
        Command::Import(args) => import::import(&open(settings)?, *args, report),
        Command::Preset(preset) => preset::preset(&open(settings)?, preset, report),
        Command::Adopt(args) => tree::adopt(&open(settings)?, &args, report),
        Command::Library(library) => tree::library(&open(settings)?, &library, report),
        Command::Watch(Watch::Follow { settle }) => watch::follow(&settings, settle, report),
        Command::Watch(watch) => watch::watch(&open(settings)?, &watch, report),
        Command::List { query, sort, limit } => {
            library::list(&open(settings)?, &query, sort, limit, report)
        }
        Command::Tag(args) => library::tag(&open(settings)?, args, report),
        Command::Trash { query, back } => library::trash(&open(settings)?, &query, back, report),
        Command::Album(album) => album::album(&open(settings)?, album, report),
        Command::Preview { photo, size, out } => {
            library::preview(&open(settings)?, &photo, size, &out, report)
        }
        Command::Previews(previews) => previews::previews(&open(settings)?, &previews, report),
        Command::Sidecars(sidecars) => sidecars::sidecars(&open(settings)?, &sidecars, report),
        Command::Imports => import::imports(&open(settings)?, report),
        Command::Mirror(mirror) => mirror::mirror(&open(settings)?, mirror, report),
        Command::Vault(vault) => vault::vault(settings, vault, report),
        Command::Bucket(bucket) => bucket::bucket(settings, bucket, report),
        Command::Backup { limit_rate, dry_run } => {
            backup::backup(&open(settings)?, limit_rate, dry_run, report)
        }
        Command::Restore { query, to } => {
            backup::restore(&open(settings)?, &query, to.as_deref(), report)
        }
        Command::Export { query, to } => library::export(&open(settings)?, &query, &to, report),
        Command::Share(share) => share::share(&open(settings)?, share, report),
        #[cfg(feature = "demo")]
        Command::Demo { keep } => demo::demo(settings, keep, report),
        Command::Completions { .. } | Command::Man { .. } => Ok(Outcome::Clean),
    }
}

fn manual(to: Option<&Path>) -> Result<Outcome> {
    let command = <Cli as clap::CommandFactory>::command();
    match to {
        Some(folder) => clap_mangen::generate_to(command, folder).at(folder)?,
        None => clap_mangen::Man::new(command)
            .render(&mut std::io::stdout())
            .map_err(|e| Error::new(Code::Io, e))?,
    }
    Ok(Outcome::Clean)
}
