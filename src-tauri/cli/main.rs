//! The headless program: everything the window does, for scripts, nightly runs and tests.
//!
//! A subcommand takes its arguments, calls one method of `Vault`, and reports. This file is one of
//! the two places that read the environment, the home folder and the clock.

mod advice;
mod args;
mod commands;
mod report;
mod settings;

use std::process::ExitCode;

use darkslide_core::worker;

use crate::report::Report;

fn main() -> ExitCode {
    // Started again by itself, to decode in a cell: nothing else of this program is to run.
    if std::env::args_os().nth(1).is_some_and(|first| first == worker::ARGUMENT) {
        return if worker::serve().is_ok() { ExitCode::SUCCESS } else { ExitCode::from(2) };
    }
    let cli = match args::parse() {
        Ok(cli) => cli,
        Err(usage) => return report::usage(&usage),
    };
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(match cli.global.verbose {
            0 => "error",
            1 => "darkslide=info,darkslide_core=info",
            // Never the S3 library's own: it would print session tokens and signatures.
            _ => "darkslide=debug,darkslide_core=debug",
        })
        .init();
    let report = Report::new(cli.global.json, cli.global.quiet);
    match commands::run(cli, &report) {
        Ok(_) if Report::was_lost() => ExitCode::from(3),
        Ok(outcome) => outcome.exit_code(),
        Err(error) => {
            report.error(&error);
            advice::exit_code(error.code)
        }
    }
}
