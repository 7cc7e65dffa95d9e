//! Cuts a query into words: `key:value`, `key>=value`, `"a phrase"`, `word`, each with `-` before it.

use super::QueryError;

/// One word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub negated: bool,
    /// Key and operator; `None` for full text.
    pub key: Option<(String, Op)>,
    pub value: String,
    /// Whether the value stood in quotes, so that `none` and `*` are plain text.
    pub quoted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    /// `:` or `=`.
    Is,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// A query longer than this is a mistake or an attack.
const MAX_LEN: usize = 16 << 10;
const MAX_WORDS: usize = 200;

pub(super) fn words(text: &str) -> Result<Vec<Word>, QueryError> {
    if text.len() > MAX_LEN {
        return Err(QueryError("the query is too long: 16 KiB at most".into()));
    }
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (word, after) = word(rest)?;
        words.push(word);
        if words.len() > MAX_WORDS {
            return Err(QueryError("the query has too many terms: 200 at most".into()));
        }
        rest = after.trim_start();
    }
    Ok(words)
}

fn word(text: &str) -> Result<(Word, &str), QueryError> {
    let (negated, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    if text.is_empty() || text.starts_with(char::is_whitespace) {
        return Err(QueryError("`-` negates the term behind it, but none follows".into()));
    }
    let (key, text) = match key(text) {
        Some((key, op, rest)) => (Some((key, op)), rest),
        None => (None, text),
    };
    let (value, quoted, rest) = value(text)?;
    Ok((Word { negated, key, value, quoted }, rest))
}

/// Letters, then an operator.
fn key(text: &str) -> Option<(String, Op, &str)> {
    let letters = text.find(|c: char| !c.is_ascii_alphabetic())?;
    let (key, rest) = text.split_at_checked(letters)?;
    if key.is_empty() {
        return None;
    }
    const OPS: [(&str, Op); 6] = [
        (">=", Op::AtLeast),
        ("<=", Op::AtMost),
        (">", Op::More),
        ("<", Op::Less),
        (":", Op::Is),
        ("=", Op::Is),
    ];
    let (sign, op) = OPS.into_iter().find(|(sign, _)| rest.starts_with(sign))?;
    Some((key.to_ascii_lowercase(), op, &rest[sign.len()..]))
}

/// Up to the next space, or what stands in quotes; `\"` and `\\` inside them are plain.
fn value(text: &str) -> Result<(String, bool, &str), QueryError> {
    let Some(inside) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return Ok((text[..end].to_owned(), false, &text[end..]));
    };
    let mut value = String::new();
    let mut chars = inside.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((value, true, &inside[at + 1..])),
            '\\' => match chars.next() {
                Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                Some((_, other)) => value.extend(['\\', other]),
                None => {}
            },
            plain => value.push(plain),
        }
    }
    Err(QueryError("a quotation mark `\"` is opened but not closed".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_operators_quotes_and_negation_are_told_apart() {
        let words =
            words(r#"rating>=4 -shoot:"Smith \"the\" wedding" 12:30 "two words" IMG_1.jpg"#)
                .unwrap();
        assert_eq!(words.len(), 5);
        assert_eq!(words[0].key, Some(("rating".into(), Op::AtLeast)));
        assert!(words[1].negated && words[1].quoted);
        assert_eq!(words[1].value, "Smith \"the\" wedding");
        assert_eq!(
            (words[2].key.as_ref(), words[2].value.as_str()),
            (None, "12:30"),
            "a time is text"
        );
        assert_eq!((words[3].key.as_ref(), words[3].value.as_str()), (None, "two words"));
        assert_eq!(words[4].value, "IMG_1.jpg");
    }

    #[test]
    fn an_open_quote_and_a_lonely_minus_are_explained() {
        assert!(words("shoot:\"Smith").unwrap_err().0.contains("not closed"));
        assert!(words("rating:1 -").unwrap_err().0.contains("negates"));
        assert!(words("- dance").unwrap_err().0.contains("negates"));
    }
}
