//! Imports that shall come to their end, whatever ends the program.
//!
//! What was ordered is noted before the first byte is copied, and struck out when the import has
//! ended in words: done, stopped by hand, or failed for a reason that was told. What is noted when the
//! program starts was cut off. It is gone on with where its card is in, and waits for the card where it
//! is not. The journal sees to it that nothing is copied twice; this remembers what was wanted.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use serde::{Deserialize, Serialize};

use super::Vault;
use super::importing::{ImportDone, ImportOptions};
use crate::card;
use crate::error::Result;
use crate::files;
use crate::progress::Progress;

const NOTE: &str = "import_wishes";

/// What was ordered of one card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wish {
    source: PathBuf,
    /// What the card is known by: another one may lie there by then.
    card: Option<String>,
    shoot: Option<String>,
    client: Option<String>,
    template: Option<String>,
    job: Option<String>,
    preset: Option<String>,
}

impl Wish {
    fn of(options: &ImportOptions) -> Self {
        Self {
            source: options.source.clone(),
            card: known_by(&options.source),
            shoot: options.shoot.clone(),
            client: options.client.clone(),
            template: options.template.clone(),
            job: options.job.clone(),
            preset: options.preset.clone(),
        }
    }

    fn options(self) -> ImportOptions {
        ImportOptions {
            source: self.source,
            shoot: self.shoot,
            client: self.client,
            template: self.template,
            job: self.job,
            preset: self.preset,
            ..ImportOptions::default()
        }
    }
}

/// What the card at this place is known by; nothing where none is.
fn known_by(source: &Path) -> Option<String> {
    Some(card::volume_of(source, files::device_of(source).ok()?))
}

impl Vault {
    /// `import`, noted so that it is gone on with when the program ends in the middle.
    ///
    /// # Errors
    /// As `import`.
    pub fn import_to_the_end(
        &self,
        options: &ImportOptions,
        progress: &Progress,
    ) -> Result<ImportDone> {
        let wish = Wish::of(options);
        self.change_wishes(|wishes, running| {
            wishes.retain(|other| other.source != wish.source);
            wishes.push(wish.clone());
            running.push(wish.clone());
        })?;
        let done = self.import(options, progress);
        self.change_wishes(|wishes, running| {
            wishes.retain(|other| *other != wish);
            running.retain(|other| *other != wish);
        })?;
        done
    }

    /// Imports that were cut off with the program and whose cards are in.
    ///
    /// # Errors
    /// The catalogue could not be read.
    pub fn imports_cut_off(&self) -> Result<Vec<ImportOptions>> {
        let running = self.wishes_running.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let is_in = |wish: &Wish| wish.card.is_some() && wish.card == known_by(&wish.source);
        let cut_off = |wish: &Wish| !running.contains(wish) && is_in(wish);
        Ok(self.wishes()?.into_iter().filter(cut_off).map(Wish::options).collect())
    }

    fn wishes(&self) -> Result<Vec<Wish>> {
        let note = self.catalog.vault_note(NOTE)?.unwrap_or_default();
        // What another version noted is no reason not to begin.
        Ok(serde_json::from_slice(&note).unwrap_or_default())
    }

    /// What is noted, and of it what runs: read, changed and written as one.
    fn change_wishes(&self, change: impl FnOnce(&mut Vec<Wish>, &mut Vec<Wish>)) -> Result<()> {
        let mut running = self.wishes_running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wishes = self.wishes()?;
        change(&mut wishes, &mut running);
        let note = serde_json::to_vec(&wishes).unwrap_or_default();
        Ok(self.catalog.set_vault_note(NOTE, &note)?)
    }
}
