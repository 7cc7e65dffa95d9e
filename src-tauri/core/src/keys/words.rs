//! The 24 recovery words: BIP39's English list and checksum over 32 bytes of entropy.
//!
//! The entropy itself is the secret, not BIP39's seed. A typo is answered with the word that was
//! meant, a swap of two good words by the checksum.

use bip39::{Language, Mnemonic};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::{Zeroize as _, Zeroizing};

use crate::encryption::Key;

const WORDS: usize = 24;

/// Why a text is not the 24 words.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    #[error("these are {found} words, not 24")]
    Count { found: usize },
    #[error("word {position}, `{word}`, is not in the list{}", suggest(nearest))]
    Unknown { position: usize, word: String, nearest: Vec<&'static str> },
    #[error(
        "each word is in the list, but together they fail their checksum: one is wrong or two are swapped"
    )]
    Checksum,
}

fn suggest(nearest: &[&str]) -> String {
    if nearest.is_empty() {
        return String::new();
    }
    format!("; did you mean {}?", nearest.join(" or "))
}

/// What opens the vault on any computer.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryWords(Key);

impl RecoveryWords {
    #[must_use]
    pub fn random() -> Self {
        Self(Key::random())
    }

    #[must_use]
    pub const fn from_entropy(entropy: Key) -> Self {
        Self(entropy)
    }

    #[must_use]
    pub const fn entropy(&self) -> &Key {
        &self.0
    }

    /// Reads words as people type them: any case, any white space, numbered or with commas.
    ///
    /// # Errors
    /// Which word is not in the list, how many there are, or that the checksum fails.
    pub fn parse(text: &str) -> Result<Self, WordsError> {
        let normal: Zeroizing<String> = Zeroizing::new(text.nfkd().collect());
        let words: Zeroizing<Vec<String>> = Zeroizing::new(
            normal
                .split(|c: char| !c.is_alphabetic())
                .filter(|word| !word.is_empty())
                .map(str::to_lowercase)
                .collect(),
        );
        // A misspelt word helps more than the count: a word torn in two shows up as both.
        for (index, word) in words.iter().enumerate() {
            if Language::English.find_word(word).is_none() {
                let nearest = nearest(word);
                let word = word.clone();
                return Err(WordsError::Unknown { position: index + 1, word, nearest });
            }
        }
        if words.len() != WORDS {
            return Err(WordsError::Count { found: words.len() });
        }
        let line = Zeroizing::new(words.join(" "));
        let mut mnemonic = Mnemonic::parse_in_normalized(Language::English, &line)
            .map_err(|_| WordsError::Checksum)?;
        let (mut bytes, len) = mnemonic.to_entropy_array();
        mnemonic.zeroize();
        debug_assert_eq!(len, 32, "24 words are 32 bytes");
        let mut entropy = Zeroizing::new([0; 32]);
        entropy.copy_from_slice(&bytes[..32]);
        bytes.zeroize();
        Ok(Self(Key::from_bytes(*entropy)))
    }

    /// Returns the words, with single spaces between.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let mnemonic = Mnemonic::from_entropy(self.0.expose()).expect("32 bytes make 24 words");
        let mut line = Zeroizing::new(String::with_capacity(WORDS * 9));
        for word in mnemonic.words() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        line
    }
}

impl std::fmt::Debug for RecoveryWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// The listed words that were most likely meant: at most three, at most two slips away.
fn nearest(word: &str) -> Vec<&'static str> {
    let mut candidates: Vec<(usize, &'static str)> = Language::English
        .word_list()
        .iter()
        .map(|listed| (slips(word, listed), *listed))
        .filter(|(slips, _)| *slips <= 2)
        .collect();
    candidates.sort_unstable();
    let best = candidates.first().map_or(0, |(slips, _)| *slips);
    candidates.into_iter().filter(|(slips, _)| *slips == best).map(|(_, w)| w).take(3).collect()
}

/// Letters added, left out, changed or swapped with their neighbour, to get from `a` to `b`.
fn slips(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 2 {
        return usize::MAX;
    }
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let step = change.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    step.min(rows[i - 2][j - 2] + 1)
                } else {
                    step
                }
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> String {
        RecoveryWords::from_entropy(Key::from_bytes([0x42; 32])).to_text().to_string()
    }

    #[test]
    fn words_and_entropy_are_the_same_secret() {
        for _ in 0..20 {
            let words = RecoveryWords::random();
            assert_eq!(words.to_text().split(' ').count(), 24);
            assert_eq!(RecoveryWords::parse(&words.to_text()).expect("own words"), words);
        }
    }

    #[test]
    fn bip39s_own_test_vectors_hold() {
        let zeros = RecoveryWords::from_entropy(Key::from_bytes([0; 32]));
        assert_eq!(*zeros.to_text(), format!("{}art", "abandon ".repeat(23)));
        let ones = RecoveryWords::from_entropy(Key::from_bytes([0xff; 32]));
        assert_eq!(*ones.to_text(), format!("{}vote", "zoo ".repeat(23)));
    }

    #[test]
    fn words_may_be_typed_as_people_type() {
        let numbered: String = sample()
            .split(' ')
            .enumerate()
            .map(|(i, w)| format!(" {}. {},\n", i + 1, w.to_uppercase()))
            .collect();
        assert_eq!(
            RecoveryWords::parse(&numbered).expect("the same words"),
            RecoveryWords::parse(&sample()).expect("the words")
        );
    }

    #[test]
    fn a_misspelt_word_is_named_with_the_nearest_ones() {
        let mut words: Vec<String> = sample().split(' ').map(str::to_owned).collect();
        words[6] = "phtoo".to_owned();
        let error = RecoveryWords::parse(&words.join(" ")).expect_err("a typo");
        assert_eq!(
            error.to_string(),
            "word 7, `phtoo`, is not in the list; did you mean photo?",
            "two swapped letters are one slip"
        );
        words[6] = "xxxxxxxx".to_owned();
        let error = RecoveryWords::parse(&words.join(" ")).expect_err("no word");
        assert_eq!(error.to_string(), "word 7, `xxxxxxxx`, is not in the list");
    }

    #[test]
    fn swapped_words_fail_the_checksum_and_missing_ones_the_count() {
        let text = format!("{}art", "abandon ".repeat(23));
        let swapped = text.replacen("abandon abandon", "abandon ability", 1);
        assert_eq!(RecoveryWords::parse(&swapped), Err(WordsError::Checksum));
        let short = text.replacen("abandon ", "", 1);
        assert_eq!(RecoveryWords::parse(&short), Err(WordsError::Count { found: 23 }));
    }

    #[test]
    fn words_never_print_themselves() {
        assert_eq!(format!("{:?}", RecoveryWords::random()), "[REDACTED]");
    }
}
