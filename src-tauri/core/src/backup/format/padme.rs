//! Padmé: lengths rounded up so that they tell little, for at most 12 % and mostly under 3 %.

/// Returns the length `len` is padded to.
#[must_use]
pub const fn padme(len: u64) -> u64 {
    if len < 2 {
        return len;
    }
    let e = len.ilog2();
    let s = e.ilog2() + 1;
    let mask = (1 << (e - s)) - 1;
    (len + mask) & !mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_rounded_as_the_paper_says() {
        for (len, padded) in [
            (0, 0),
            (1, 1),
            (2, 2),
            (3, 3),
            (8, 8),
            (9, 10),
            (100, 104),
            (1000, 1024),
            (1_000_000, 1_015_808),
            (25_000_000, 25_165_824),
        ] {
            assert_eq!(padme(len), padded, "{len}");
        }
    }

    #[test]
    fn padding_never_shrinks_is_stable_and_costs_at_most_an_eighth() {
        let mut len: u64 = 1;
        while len < 1 << 45 {
            for near in [len - 1, len, len + 1, len + len / 3] {
                let padded = padme(near);
                assert!(padded >= near && padme(padded) == padded, "{near}");
                assert!(padded - near <= near / 8 + 1, "{near} -> {padded}");
            }
            len *= 2;
        }
    }
}
