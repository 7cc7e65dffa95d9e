//! `darkslide preset`: what would otherwise be said anew at every import.

use darkslide_core::error::Result;
use darkslide_core::progress::Progress;
use darkslide_core::vault::{ImportOptions, NamedPreset, Vault};
use serde_json::{Value, json};

use crate::args::Preset;
use crate::report::{Outcome, Report};

pub fn preset(vault: &Vault, preset: Preset, report: &Report) -> Result<Outcome> {
    match preset {
        Preset::Create { name, with } => {
            let preset = vault.preset_create(&name, &(*with).into())?;
            show(vault, &preset, report)?;
        }
        Preset::Show { name } => show(vault, &vault.preset(&name)?, report)?,
        Preset::List => {
            let presets = vault.presets()?;
            if presets.is_empty() {
                report.note("No preset yet. `darkslide preset create --help` shows how.");
            }
            report.list(&presets, |preset| preset.name.clone());
        }
        Preset::Remove { name } => {
            let preset = vault.preset_remove(&name)?;
            report.result(&json!({ "removed": preset.name }), || {
                format!("Preset {} is gone; photos stay as they are.", preset.name)
            });
        }
        Preset::DayStarts { hour } => {
            if let Some(hour) = hour {
                vault.set_day_starts_at_hour(hour)?;
            }
            let hour = vault.day_starts_at_hour()?;
            report.result(&json!({ "day_starts_at_hour": hour }), || {
                format!("A day starts at {hour:02}:00 where no preset says otherwise.")
            });
        }
    }
    Ok(Outcome::Clean)
}

/// One line for each thing the preset says, and what becomes of a name.
fn show(vault: &Vault, preset: &NamedPreset, report: &Report) -> Result<()> {
    let options = ImportOptions { preset: Some(preset.name.clone()), ..ImportOptions::default() };
    let sample = vault.sample_name(&options, &Progress::new())?;
    let mut value = serde_json::to_value(preset).expect("a preset is plain data");
    value["example"] = json!(sample);
    report.result(&value, || {
        let mut text = format!("Preset {}\n", preset.name);
        let said = serde_json::to_value(&preset.preset).expect("a preset is plain data");
        lines(&said, &mut text);
        text + &format!("{}  ->  {}", sample.path, sample.to)
    });
    Ok(())
}

fn lines(value: &Value, text: &mut String) {
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Object(_) => lines(value, text),
            Value::String(said) => *text += &format!("  {name}: {said}\n"),
            Value::Array(words) => {
                let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
                *text += &format!("  {name}: {}\n", words.join(", "));
            }
            other => *text += &format!("  {name}: {other}\n"),
        }
    }
}
