//! The only place that prints: the report on stdout, progress and errors on stderr.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use darkslide_core::error::{Code, Error};
pub use darkslide_core::files::size;
use darkslide_core::import::Left;
use darkslide_core::progress::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::advice::advice;

static LOST: AtomicBool = AtomicBool::new(false);

/// How a command that ran to its end went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Clean,
    /// It finished, but something failed or was left out; the report says what.
    Unclean,
    /// The user stopped it; the report says how far it came.
    Interrupted,
}

impl Outcome {
    #[must_use]
    pub fn clean_if(clean: bool) -> Self {
        if clean { Self::Clean } else { Self::Unclean }
    }

    #[must_use]
    pub fn exit_code(self) -> ExitCode {
        match self {
            Self::Clean => ExitCode::SUCCESS,
            Self::Unclean => ExitCode::from(1),
            Self::Interrupted => ExitCode::from(130),
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Report {
    pub json: bool,
    quiet: bool,
}

impl Report {
    #[must_use]
    pub fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// The result: `value` as one JSON document, or `text` for people. With `-q` only JSON remains,
    /// and what nobody may miss, on stderr.
    pub fn result(&self, value: &impl Serialize, text: impl FnOnce() -> String) {
        if self.json {
            self.out(&serde_json::to_string(value).expect("reports are plain data"));
        } else if self.quiet {
            for trouble in text().lines().filter(|line| is_trouble(line)) {
                let _ = writeln!(std::io::stderr(), "{}", spelt(trouble, false));
            }
        } else {
            self.out(&spelt(text().trim_end(), true));
        }
    }

    /// A list: one object a line, or one text line each.
    pub fn list<T: Serialize>(&self, items: &[T], line: impl Fn(&T) -> String) {
        let mut text = String::new();
        for item in items {
            if self.json {
                text += &serde_json::to_string(item).expect("reports are plain data");
            } else {
                text += &spelt(&line(item), true);
            }
            text.push('\n');
        }
        self.out(text.trim_end_matches('\n'));
    }

    /// Something for people while the work goes on; never on stdout.
    pub fn note(&self, text: &str) {
        if !self.quiet && !self.json {
            let _ = writeln!(std::io::stderr(), "{}", spelt(text, true));
        }
    }

    /// What happened, then what is safe and what to do next.
    pub fn error(&self, error: &Error) {
        let mut what = error.to_string();
        let mut source = std::error::Error::source(error.source.as_ref());
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            if !what.contains(&cause_text) {
                what += ": ";
                what += &cause_text;
            }
            source = cause.source();
        }
        if self.json {
            let value = serde_json::json!({
                "error": { "code": error.code, "message": what, "advice": advice(error.code) }
            });
            self.out(&value.to_string());
        }
        // messages hold names from cards and buckets
        let what = name(&what);
        let _ = writeln!(std::io::stderr(), "darkslide: {what}\n{}", advice(error.code));
    }

    fn out(&self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Err(error) = writeln!(std::io::stdout().lock(), "{text}")
            // A closed pipe (`| head`) is the reader's wish, not a failure.
            && error.kind() != std::io::ErrorKind::BrokenPipe
        {
            let _ =
                writeln!(std::io::stderr(), "darkslide: the report could not be written: {error}");
            LOST.store(true, Ordering::Relaxed);
        }
    }

    /// Whether something of the report did not reach its reader.
    #[must_use]
    pub fn was_lost() -> bool {
        LOST.load(Ordering::Relaxed)
    }

    /// Something that is seen only this once: said even with `-q`, and on stderr where stdout takes
    /// nothing.
    pub fn once(&self, value: &impl Serialize, text: &str) {
        if self.json {
            self.result(value, String::new);
        } else {
            self.out(text.trim_end());
        }
        if Self::was_lost() {
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    /// A progress bar on a terminal, nothing elsewhere. Ctrl-C stops the work at a safe point.
    #[must_use]
    pub fn progress(&self, doing: &str) -> (Progress, Bar) {
        let shown = !self.quiet && !self.json && std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(
            Some(0),
            if shown {
                ProgressDrawTarget::stderr_with_hz(10)
            } else {
                ProgressDrawTarget::hidden()
            },
        );
        let style = "{msg} {wide_bar} {bytes}/{total_bytes}  {binary_bytes_per_sec}  {eta} left";
        bar.set_style(
            ProgressStyle::with_template(style)
                .expect("the template is valid")
                .progress_chars("━╸─"),
        );
        bar.set_message(doing.to_owned());
        let doing = doing.to_owned();
        let seen = bar.clone();
        let progress = Progress::watched(move |counts| {
            seen.set_length(counts.bytes_total);
            seen.set_position(counts.bytes_done);
            seen.set_message(format!("{doing} {}/{}", counts.files_done, counts.files_total));
        });
        bar.enable_steady_tick(Duration::from_millis(200));
        crate::settings::stop_on_ctrl_c(&progress);
        (progress, Bar(bar))
    }
}

/// Wrong usage, help or version: as clap says it, and as JSON where that was asked for.
#[must_use]
pub fn usage(error: &clap::Error) -> ExitCode {
    let wants_json = std::env::args_os().any(|argument| argument == "--json");
    if wants_json && error.use_stderr() {
        let message = error.render().to_string();
        let value = serde_json::json!({
            "error": { "code": Code::Usage, "message": message.trim(), "advice": advice(Code::Usage) }
        });
        Report::new(true, false).out(&value.to_string());
    }
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Takes the bar away when the work is over.
pub struct Bar(ProgressBar);

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// A name as it may be shown on a terminal: what moves the cursor, colours, breaks lines or turns
/// the writing round is spelt out. Names come from cards and buckets.
#[must_use]
pub fn name(text: &str) -> String {
    spelt(text, false)
}

/// As `name`; lines may be kept, where the text has several of its own.
fn spelt(text: &str, keep_lines: bool) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let spell = |c: char| match c {
        '\n' if keep_lines => c.to_string(),
        c if c.is_control() || turns(c) => c.escape_default().to_string(),
        c => c.to_string(),
    };
    text.chars().map(spell).collect()
}

/// Whether a line of a report is said even with `-q`: what failed, and that a card has to be kept.
fn is_trouble(line: &str) -> bool {
    ["FAILED ", "MISSING ", "CHANGED ", "LEFT OUT ", "Keep the card: "]
        .iter()
        .any(|how| line.starts_with(how))
}

/// Pictures without a preview and why, a line each.
pub fn missing_previews(missing: &[Left]) -> String {
    const SHOWN: usize = 20;
    let line = |left: &Left| format!("{}: {}\n", name(&left.path), left.reason);
    let mut text: String = missing.iter().take(SHOWN).map(line).collect();
    if missing.len() > SHOWN {
        text += &format!("and {} more without a whole preview\n", missing.len() - SHOWN);
    }
    text
}

/// `1 photo`, `2 photos`, `1,204 photos`.
#[must_use]
pub fn count(n: u64, noun: &str) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {noun}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_forge_a_line_or_a_colour() {
        assert_eq!(name("a\x1b[31mRED\nFAILED b.jpg"), "a\\u{1b}[31mRED\\nFAILED b.jpg");
        assert_eq!(name("gpj.\u{202e}exe"), "gpj.\\u{202e}exe");
        assert_eq!(name("Grüße 写真 🎞.jpg"), "Grüße 写真 🎞.jpg");
    }

    #[test]
    fn whatever_a_report_says_moves_no_cursor() {
        let text = "a\x1b]0;title\x07b\nnext\u{202e}";
        assert_eq!(spelt(text, true), "a\\u{1b}]0;title\\u{7}b\nnext\\u{202e}");
    }

    #[test]
    fn what_failed_is_said_quietly_too() {
        let trouble =
            ["FAILED   a.jpg: cannot be read", "Keep the card: not everything was copied."];
        assert!(trouble.iter().all(|line| is_trouble(line)));
        assert!(!["1 file imported", "skipped  FAILED x", ""].iter().any(|line| is_trouble(line)));
    }

    #[test]
    fn counts_read_well() {
        assert_eq!(count(1, "photo"), "1 photo");
        assert_eq!(count(1_204_000, "photo"), "1,204,000 photos");
    }
}
