//! The passcode: part of the share's key, never a gate somebody could open for you.
//!
//! The program makes it, because people's own are guessed at 600 000 tries a second and more: eight
//! Crockford characters hold 40 bits, can be read out over a telephone, and have no letters that
//! look like digits. What the client types is brought to the one written form before it is used.

use std::fmt;

use zeroize::Zeroizing;

use crate::encryption::fill_random;

/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS: usize = 8;

/// Eight characters in their written form, `XXXX-XXXX`.
#[derive(Clone, PartialEq, Eq)]
pub struct Passcode(Zeroizing<String>);

impl Passcode {
    /// A fresh one, 40 random bits.
    #[must_use]
    pub fn random() -> Self {
        let mut drawn = Zeroizing::new([0_u8; CHARACTERS]);
        fill_random(drawn.as_mut_slice());
        let letters = drawn.iter().map(|byte| ALPHABET[usize::from(byte & 31)]);
        Self::written(letters)
    }

    /// Reads what a person typed: case, spaces, dashes and the usual mistakes do not matter.
    ///
    /// # Errors
    /// `BadPasscode` when it is not eight characters of the alphabet.
    pub fn typed(text: &str) -> Result<Self, BadPasscode> {
        let letters: Zeroizing<Vec<u8>> = Zeroizing::new(
            text.chars()
                .filter(|c| !c.is_whitespace() && *c != '-')
                .map(|c| match c.to_ascii_uppercase() {
                    'O' => '0',
                    'I' | 'L' => '1',
                    other => other,
                })
                .map(|c| u8::try_from(c).ok().filter(|byte| ALPHABET.contains(byte)))
                .collect::<Option<_>>()
                .ok_or(BadPasscode)?,
        );
        if letters.len() != CHARACTERS {
            return Err(BadPasscode);
        }
        Ok(Self::written(letters.iter().copied()))
    }

    fn written(letters: impl Iterator<Item = u8>) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(CHARACTERS + 1));
        for (at, letter) in letters.enumerate() {
            if at == CHARACTERS / 2 {
                text.push('-');
            }
            text.push(char::from(letter));
        }
        Self(text)
    }

    /// The written form: what is shown, and what goes into the key.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passcode([REDACTED])")
    }
}

/// A text that cannot be a passcode.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("a passcode has eight letters and digits, like 7Q4M-XK2D")]
pub struct BadPasscode;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_the_same_passcode() {
        for typed in ["7Q4M-1K0D", "7q4m1k0d", " 7q4m lkOd ", "7Q4M-IKOD", "7-Q-4-M-L-K-o-D"] {
            assert_eq!(Passcode::typed(typed).unwrap().expose(), "7Q4M-1K0D", "{typed}");
        }
    }

    #[test]
    fn other_lengths_and_letters_are_refused() {
        for typed in ["", "7Q4M-1K0", "7Q4M-1K0DX", "7Q4M-1K0U", "7Q4M-1K0é"] {
            assert!(Passcode::typed(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn made_ones_are_in_the_written_form_and_differ() {
        let (one, two) = (Passcode::random(), Passcode::random());
        assert_ne!(one, two);
        assert_eq!(Passcode::typed(one.expose()).unwrap(), one);
        assert_eq!(one.expose().len(), 9);
    }

    #[test]
    fn debug_shows_nothing() {
        let passcode = Passcode::typed("7Q4M-1K0D").unwrap();
        assert!(!format!("{passcode:?}").contains("7Q4M"));
    }
}
