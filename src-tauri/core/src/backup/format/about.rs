//! `vault.json`: the clear pointer at the root of a vault, written once and never changed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::keys::json;
use crate::media::VaultId;

use super::{FormatError, Result};

pub const ABOUT_NAME: &str = "vault.json";
const SUITE: &str = "cobblestone-256";

/// Which vault this is, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    darkslide: u32,
    pub vault: VaultId,
    pub created: String,
    suite: String,
}

impl About {
    #[must_use]
    pub fn new(vault: VaultId, now: Timestamp) -> Self {
        let created = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        Self { darkslide: 1, vault, created, suite: SUITE.to_owned() }
    }

    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("plain data")
    }

    /// # Errors
    /// When it is no `vault.json` of format 1.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let about: Self = json::read(bytes)?;
        if about.darkslide != 1 || about.suite != SUITE {
            return Err(FormatError::Shape("a vault of a newer format"));
        }
        Ok(about)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pointer_is_a_short_clear_text() {
        let about = About::new(VaultId([0xab; 16]), Timestamp::constant(1_780_315_200, 0));
        let text = String::from_utf8(about.to_bytes()).expect("text");
        assert_eq!(
            text,
            format!(
                r#"{{"darkslide":1,"vault":"{}","created":"2026-06-01T12:00:00Z","suite":"cobblestone-256"}}"#,
                "ab".repeat(16)
            )
        );
        assert_eq!(About::read(text.as_bytes()).expect("reads"), about);
        assert!(About::read(text.replace(":1", ":2").as_bytes()).is_err());
        assert!(About::read(text.replace("256", "512").as_bytes()).is_err());
    }
}
