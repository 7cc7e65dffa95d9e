//! Sums by which others name a file's bytes, taken from the same reading as our own SHA-256.
//!
//! XXH64 is always taken: it costs next to nothing, and the manifests beside the originals state
//! it. The others are taken where somebody's manifest states them. Only SHA-256 says which file it
//! is; these say whether it still is what that manifest saw.

use std::fmt;

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha512};
use twox_hash::{XxHash3_64, XxHash3_128, XxHash64};

use crate::media::ContentHash;

/// A kind of sum that manifests state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SumKind {
    Md5,
    Sha1,
    Sha256,
    /// SHA-512 in the base 58 of C4 ids.
    C4,
    Xxh64,
    Xxh3,
    Xxh128,
}

impl fmt::Display for SumKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::C4 => "C4",
            Self::Xxh64 => "XXH64",
            Self::Xxh3 => "XXH3",
            Self::Xxh128 => "XXH128",
        })
    }
}

/// XXH64 of a file's bytes; written as sixteen digits, the highest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Xxh64(pub u64);

impl fmt::Display for Xxh64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Xxh64 {
    /// Reads the sixteen digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
        u64::from_str_radix(text, 16).ok().filter(|_| digits).map(Self)
    }
}

/// The sums of a file that is being read.
pub(super) struct Sums {
    xxh64: XxHash64,
    wanted: Vec<SumKind>,
    more: Vec<(SumKind, Running)>,
}

enum Running {
    Md5(Md5),
    Sha1(Sha1),
    C4(Box<Sha512>),
    Xxh3(Box<XxHash3_64>),
    Xxh128(Box<XxHash3_128>),
}

impl Sums {
    pub fn of(wanted: &[SumKind]) -> Self {
        let running = |kind: &SumKind| {
            let running = match kind {
                SumKind::Md5 => Running::Md5(Md5::new()),
                SumKind::Sha1 => Running::Sha1(Sha1::new()),
                SumKind::C4 => Running::C4(Box::new(Sha512::new())),
                SumKind::Xxh3 => Running::Xxh3(Box::new(XxHash3_64::with_seed(0))),
                SumKind::Xxh128 => Running::Xxh128(Box::new(XxHash3_128::with_seed(0))),
                // taken of every file
                SumKind::Sha256 | SumKind::Xxh64 => return None,
            };
            Some((*kind, running))
        };
        Self {
            xxh64: XxHash64::with_seed(0),
            wanted: wanted.to_vec(),
            more: wanted.iter().filter_map(running).collect(),
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        use std::hash::Hasher as _;
        self.xxh64.write(bytes);
        for (_, running) in &mut self.more {
            match running {
                Running::Md5(md5) => md5.update(bytes),
                Running::Sha1(sha1) => sha1.update(bytes),
                Running::C4(sha512) => sha512.update(bytes),
                Running::Xxh3(xxh3) => xxh3.write(bytes),
                Running::Xxh128(xxh128) => xxh128.write(bytes),
            }
        }
    }

    pub fn xxh64(&self) -> Xxh64 {
        use std::hash::Hasher as _;
        Xxh64(self.xxh64.finish())
    }

    /// The sums that were wanted, as manifests write them.
    pub fn finish(self, sha256: &ContentHash) -> Vec<(SumKind, String)> {
        use std::hash::Hasher as _;
        let xxh64 = self.xxh64();
        let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
        let mut sums: Vec<(SumKind, String)> = Vec::with_capacity(self.wanted.len());
        for (kind, running) in self.more {
            let text = match running {
                Running::Md5(md5) => hex(&md5.finalize()),
                Running::Sha1(sha1) => hex(&sha1.finalize()),
                Running::C4(sha512) => c4(sha512.finalize().into()),
                Running::Xxh3(xxh3) => format!("{:016x}", xxh3.finish()),
                Running::Xxh128(xxh128) => format!("{:032x}", xxh128.finish_128()),
            };
            sums.push((kind, text));
        }
        for kind in self.wanted {
            match kind {
                SumKind::Sha256 => sums.push((kind, sha256.to_string())),
                SumKind::Xxh64 => sums.push((kind, xxh64.to_string())),
                _ => {}
            }
        }
        sums
    }
}

/// The C4 id of these bytes.
#[must_use]
pub fn c4_of(bytes: &[u8]) -> String {
    c4(Sha512::digest(bytes).into())
}

/// Writes a number of 512 bits in base 58 with 88 digits: no `0`, `O`, `I` and `l` among them.
fn c4(mut number: [u8; 64]) -> String {
    const DIGITS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut places = [0; 88];
    for place in places.iter_mut().rev() {
        let mut rest = 0_u32;
        for byte in &mut number {
            let part = rest << 8 | u32::from(*byte);
            *byte = (part / 58) as u8;
            rest = part % 58;
        }
        *place = DIGITS[rest as usize];
    }
    "c4".chars().chain(places.map(char::from)).collect()
}

#[cfg(test)]
mod tests {
    use sha2::Sha256;

    use super::*;

    const ALL: [SumKind; 7] = [
        SumKind::Md5,
        SumKind::Sha1,
        SumKind::Sha256,
        SumKind::C4,
        SumKind::Xxh64,
        SumKind::Xxh3,
        SumKind::Xxh128,
    ];

    fn sums(parts: &[&[u8]]) -> Vec<(SumKind, String)> {
        let mut sums = Sums::of(&ALL);
        parts.iter().for_each(|part| sums.update(part));
        let mut sums = sums.finish(&ContentHash(Sha256::digest(parts.concat()).into()));
        sums.sort();
        sums
    }

    /// Answers of `md5sum`, `sha1sum`, `sha256sum`, `xxhsum` and the `ascmhl` of the ASC.
    #[test]
    fn sums_are_those_that_everybody_else_takes() {
        let text =
            |kind: SumKind, of: &[u8]| sums(&[of]).into_iter().find(|(k, _)| *k == kind).unwrap().1;
        let abc = b"abc";
        assert_eq!(text(SumKind::Md5, abc), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(text(SumKind::Sha1, abc), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(text(SumKind::Xxh64, abc), "44bc2cf5ad770999");
        assert_eq!(text(SumKind::Xxh3, abc), "78af5f94892f3950");
        assert_eq!(text(SumKind::Xxh128, abc), "06b05ab6733a618578af5f94892f3950");
        assert_eq!(
            text(SumKind::C4, b""),
            "c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT"
        );
        assert_eq!(
            text(SumKind::C4, abc),
            "c45S4rnaTNWonxss1u8LzsaJdEph1AJhWUF4sh2waXKMsutyfAxg4ybUeuXVWS9HdNcEypmeXn8FZGonD4w1rj9DZp"
        );
        assert_eq!(text(SumKind::C4, abc), c4_of(abc));
    }

    #[test]
    fn pieces_of_any_length_make_the_same_sums() {
        let bytes: Vec<u8> = (0..5000_u32).map(|i| (i * 31 % 251) as u8).collect();
        let (a, rest) = bytes.split_at(1);
        let (b, c) = rest.split_at(1023);
        assert_eq!(sums(&[&bytes]), sums(&[a, b, c]));
        assert_eq!(sums(&[&bytes]).len(), ALL.len());
    }

    #[test]
    fn only_sixteen_digits_are_an_xxh64() {
        assert_eq!(Xxh64::parse("00000000000000ff"), Some(Xxh64(255)));
        assert_eq!(Xxh64::parse("00000000000000FF").unwrap().to_string(), "00000000000000ff");
        for text in ["", "ff", "+0000000000000ff", "00000000000000fg", "000000000000000ff"] {
            assert_eq!(Xxh64::parse(text), None, "{text}");
        }
    }
}
