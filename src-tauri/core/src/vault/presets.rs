//! Presets, and the hour a day starts at: settings that follow from computer to computer.

use serde::Serialize;
use serde_json::Value;

use super::Vault;
use crate::catalog::{fold, tidy};
use crate::error::Result;
use crate::import::{Preset, PresetError};

const PREFIX: &str = "preset/";
const DAY: &str = "day_starts_at_hour";

/// A preset and its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedPreset {
    pub name: String,
    #[serde(flatten)]
    pub preset: Preset,
}

impl Vault {
    /// Keeps a preset, instead of one that has this name.
    ///
    /// # Errors
    /// The preset or its name is not possible, or the catalogue could not be written.
    pub fn preset_create(&self, name: &str, preset: &Preset) -> Result<NamedPreset> {
        preset.check()?;
        let name = tidy(name);
        if name.is_empty() || name.len() > 100 {
            return Err(PresetError::Name.into());
        }
        // one name in another case is the same preset
        let kept = self.presets()?.into_iter().map(|known| known.name);
        let name = kept.into_iter().find(|known| fold(known) == fold(&name)).unwrap_or(name);
        let value = serde_json::to_value(preset).expect("a preset is plain data");
        self.catalog.set_setting(&format!("{PREFIX}{name}"), value)?;
        Ok(NamedPreset { name, preset: preset.clone() })
    }

    /// All presets by name. One that a newer program wrote in a way unknown here is left out.
    ///
    /// # Errors
    /// The catalogue could not be read.
    pub fn presets(&self) -> Result<Vec<NamedPreset>> {
        let settings = self.catalog.settings()?;
        let presets = settings.into_iter().filter_map(|(field, value)| {
            let name = field.strip_prefix(PREFIX)?.to_owned();
            Some(NamedPreset { name, preset: serde_json::from_value(value).ok()? })
        });
        Ok(presets.collect())
    }

    /// The preset of this name, in any case.
    ///
    /// # Errors
    /// There is none, or the catalogue could not be read.
    pub fn preset(&self, name: &str) -> Result<NamedPreset> {
        let presets = self.presets()?;
        let known = presets.iter().map(|preset| preset.name.clone()).collect();
        let found = presets.into_iter().find(|preset| fold(&preset.name) == fold(name));
        Ok(found.ok_or_else(|| PresetError::Unknown { name: name.to_owned(), known })?)
    }

    /// Forgets a preset. Photos that were imported with it stay as they are.
    ///
    /// # Errors
    /// There is none of this name, or the catalogue could not be written.
    pub fn preset_remove(&self, name: &str) -> Result<NamedPreset> {
        let preset = self.preset(name)?;
        self.catalog.set_setting(&format!("{PREFIX}{}", preset.name), Value::Null)?;
        Ok(preset)
    }

    /// The hour at which a day starts where neither import nor preset says one.
    ///
    /// # Errors
    /// The catalogue could not be read.
    pub fn day_starts_at_hour(&self) -> Result<u8> {
        let hour = self.catalog.setting(DAY)?.and_then(|hour| u8::try_from(hour.as_u64()?).ok());
        Ok(hour.filter(|hour| *hour < 24).unwrap_or(0))
    }

    /// Sets it, on every computer of the vault.
    ///
    /// # Errors
    /// There is no such hour, or the catalogue could not be written.
    pub fn set_day_starts_at_hour(&self, hour: u8) -> Result<()> {
        if hour > 23 {
            return Err(PresetError::Hour(hour).into());
        }
        Ok(self.catalog.set_setting(DAY, hour.into())?)
    }
}
