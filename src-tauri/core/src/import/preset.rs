//! Presets: what a photographer would otherwise say anew at every import, under a name.
//!
//! They are settings of the catalogue, one field each (`preset/<name>`), so they follow to every
//! computer of the vault. Not for what differs from job to job: shoot, client, job code.

use serde::{Deserialize, Serialize};

use super::directions::Sidecars;
use super::template::{Template, TemplateError};
use crate::error::{Code, Error};
use crate::media::{ClockShift, Zone};
use crate::metadata::IptcFields;

/// How to import; what is `None` is left to the next level: flags, then preset, then setting.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preset {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// From 0 to 23.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day_starts_at_hour: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_shift: Option<ClockShift>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sidecars: Option<Sidecars>,
    #[serde(skip_serializing_if = "IptcFields::is_empty")]
    pub iptc: IptcFields,
}

/// A preset that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PresetError {
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error("a day starts at an hour from 0 to 23, not at {0}")]
    Hour(u8),
    #[error("{0} stars are not possible, 0 to 5 are")]
    Rating(u8),
    #[error("a preset needs a name of at most 100 letters")]
    Name,
    #[error("there is no preset called {name:?}{}", known_text(known))]
    Unknown { name: String, known: Vec<String> },
}

fn known_text(known: &[String]) -> String {
    match known {
        [] => "; there is none yet".to_owned(),
        known => format!("; there are {}", known.join(", ")),
    }
}

impl From<PresetError> for Error {
    fn from(error: PresetError) -> Self {
        match error {
            PresetError::Template(e) => e.into(),
            PresetError::Unknown { .. } => Self::new(Code::NotFound, error),
            _ => Self::new(Code::Usage, error),
        }
    }
}

impl Preset {
    /// This preset, and what `base` says where this one says nothing.
    #[must_use]
    pub fn over(self, base: Self) -> Self {
        Self {
            template: self.template.or(base.template),
            day_starts_at_hour: self.day_starts_at_hour.or(base.day_starts_at_hour),
            clock_shift: self.clock_shift.or(base.clock_shift),
            zone: self.zone.or(base.zone),
            sidecars: self.sidecars.or(base.sidecars),
            iptc: self.iptc.over(base.iptc),
        }
    }

    /// The template it asks for, once all of it is known to be possible.
    ///
    /// # Errors
    /// What is not possible.
    pub fn check(&self) -> Result<Template, PresetError> {
        if let Some(hour) = self.day_starts_at_hour.filter(|hour| *hour > 23) {
            return Err(PresetError::Hour(hour));
        }
        if let Some(stars) = self.iptc.rating.filter(|stars| *stars > 5) {
            return Err(PresetError::Rating(stars));
        }
        Ok(self.template.as_deref().map(str::parse).transpose()?.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn preset() -> Preset {
        let value = json!({
            "template": "{shoot_date}/{seq_day:3}", "day_starts_at_hour": 4, "clock_shift": "+1h",
            "zone": "Europe/Berlin", "sidecars": "all",
            "iptc": {"creator": "Ada", "keywords": ["wedding"]},
            "of_a_newer_program": 1,
        });
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn flags_go_before_presets_and_keywords_add_up() {
        let flags = Preset {
            template: Some("{original}".into()),
            iptc: IptcFields {
                copyright: Some("© Ada".into()),
                keywords: vec!["dance".into(), "wedding".into()],
                ..IptcFields::default()
            },
            ..Preset::default()
        };
        let both = flags.over(preset());
        assert_eq!(both.template.as_deref(), Some("{original}"));
        assert_eq!((both.day_starts_at_hour, both.sidecars), (Some(4), Some(Sidecars::All)));
        assert_eq!(both.iptc.creator.as_deref(), Some("Ada"));
        assert_eq!(both.iptc.keywords, ["wedding", "dance"]);
    }

    #[test]
    fn what_is_kept_is_read_back_the_same() {
        let kept = serde_json::to_value(preset()).unwrap();
        assert_eq!(kept["zone"], "Europe/Berlin");
        assert!(kept.get("of_a_newer_program").is_none());
        assert_eq!(serde_json::from_value::<Preset>(kept).unwrap(), preset());
        assert_eq!(serde_json::to_value(Preset::default()).unwrap(), json!({}));
    }

    #[test]
    fn a_preset_that_cannot_work_is_refused() {
        assert!(preset().check().is_ok());
        let bad = |change: &dyn Fn(&mut Preset)| {
            let mut preset = preset();
            change(&mut preset);
            preset.check().unwrap_err().to_string()
        };
        assert!(bad(&|p| p.day_starts_at_hour = Some(24)).contains("0 to 23"));
        assert!(bad(&|p| p.iptc.rating = Some(6)).contains("0 to 5"));
        assert!(bad(&|p| p.template = Some("{frame}".into())).contains("there is no token"));
    }
}
