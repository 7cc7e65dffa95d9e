//! How names are compared: without regard to case, composition or spacing.

use unicode_normalization::UnicodeNormalization as _;

/// The form two names share when a person would call them the same.
#[must_use]
pub fn fold(name: &str) -> String {
    tidy(name).to_lowercase().nfc().collect()
}

/// The name as it is kept: composed, trimmed, single spaces, no control characters.
#[must_use]
pub fn tidy(name: &str) -> String {
    let spaced: String =
        name.nfc().map(|c| if c.is_control() || c.is_whitespace() { ' ' } else { c }).collect();
    spaced.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_composition_and_spacing_do_not_make_another_name() {
        assert_eq!(fold("  Ren\u{0065}\u{0301}e \t SMITH "), fold("ren\u{e9}e smith"));
        assert_ne!(fold("Smith"), fold("Smyth"));
    }

    #[test]
    fn a_kept_name_has_no_control_characters() {
        assert_eq!(tidy("a\u{0}b\n c"), "a b c");
    }
}
