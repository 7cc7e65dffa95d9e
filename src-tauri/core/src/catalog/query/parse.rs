//! Gives each word its meaning, or says what would have been allowed.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::media::{ImportId, PhotoId, SubjectId};

use super::super::fold::fold;
use super::lex::{Op, Word};
use super::{Name, NameField, NumberField, PartField, QueryError, Range, Status, Term};

const KEYS: &str = "rating, label, flag, keyword, shoot, client, job, album, date, camera, lens, iso, \
    aperture, focal, width, height, size, kind, format, status, id, import";

/// What one word means.
pub(super) fn term(word: Word) -> Result<Term, QueryError> {
    let Word { key, value, quoted, .. } = word;
    let Some((key, op)) = key else {
        if value.chars().any(char::is_alphanumeric) {
            return Ok(Term::Text(value));
        }
        return Err(QueryError(format!("`{value}` has no letter or digit to look for")));
    };
    if value.is_empty() && !(quoted && op == Op::Is) {
        return Err(QueryError(format!("a value is missing after `{key}`")));
    }
    if let Some(field) = number_field(&key) {
        return Ok(Term::Number { field, range: range(&key, field, op, &value)? });
    }
    if key == "date" {
        return date(op, &value);
    }
    if op != Op::Is {
        return if is_key(&key) {
            Err(QueryError(format!("`{key}` has no order: write `{key}:{value}`")))
        } else {
            Err(unknown_key(&key, &value))
        };
    }
    match key.as_str() {
        "shoot" => name(NameField::Shoot, &value, quoted),
        "client" => name(NameField::Client, &value, quoted),
        "job" => name(NameField::Job, &value, quoted),
        "album" => name(NameField::Album, &value, quoted),
        "keyword" => name(NameField::Keyword, &value, quoted),
        "label" => name(NameField::Label, &value, quoted),
        "camera" => Ok(Term::Part { field: PartField::Camera, part: fold(&value) }),
        "lens" => Ok(Term::Part { field: PartField::Lens, part: fold(&value) }),
        "format" => Ok(Term::Format(value.to_ascii_uppercase())),
        "kind" => kind(&value)
            .map(Term::Kind)
            .ok_or_else(|| choice(&key, &value, "photo, raw, video, audio, sidecar, other")),
        "flag" => match value.to_ascii_lowercase().as_str() {
            "pick" => Ok(Term::Flag(Some("pick"))),
            "reject" => Ok(Term::Flag(Some("reject"))),
            "none" => Ok(Term::Flag(None)),
            _ => Err(choice(&key, &value, "pick, reject, none")),
        },
        "status" => status(&value),
        "id" => id(&value),
        "import" => value
            .parse::<ImportId>()
            .map(|id| Term::Import(id.0))
            .map_err(|_| QueryError(format!("`import:{value}`: an import's id has 32 hex digits"))),
        _ => Err(unknown_key(&key, &value)),
    }
}

fn is_key(key: &str) -> bool {
    KEYS.split(", ").any(|known| known.trim() == key)
}

fn unknown_key(key: &str, value: &str) -> QueryError {
    QueryError(format!(
        "`{key}` is nothing to search by; there are {KEYS}. To look for the text itself write \"{key}:{value}\""
    ))
}

fn choice(key: &str, value: &str, allowed: &str) -> QueryError {
    QueryError(format!("`{key}:{value}` is not understood; `{key}` can be {allowed}"))
}

fn number_field(key: &str) -> Option<NumberField> {
    Some(match key {
        "rating" => NumberField::Rating,
        "iso" => NumberField::Iso,
        "aperture" => NumberField::Aperture,
        "focal" => NumberField::Focal,
        "width" => NumberField::Width,
        "height" => NumberField::Height,
        "size" => NumberField::Size,
        _ => return None,
    })
}

/// `4`, `3..5`, `..400`, `1600..`; an operator before a single number.
fn range(key: &str, field: NumberField, op: Op, value: &str) -> Result<Range, QueryError> {
    let number = |text: &str| {
        number(field, text).ok_or_else(|| {
            let allowed = match field {
                NumberField::Rating => "a number from 0 to 5, or a range like 3..5",
                NumberField::Size => "bytes, or a number with K, M or G, or a range like 10M..50M",
                _ => "a number, or a range like 100..400",
            };
            choice(key, value, allowed)
        })
    };
    // Half a step, so that 2.8 finds what a camera wrote as 2.7999998.
    let slack =
        if matches!(field, NumberField::Aperture | NumberField::Focal) { 0.005 } else { 0.0 };
    let just = if slack > 0.0 { slack } else { 0.5 };
    const ALL: Range = Range { least: f64::NEG_INFINITY, most: f64::INFINITY };
    Ok(match op {
        Op::AtLeast => Range { least: number(value)? - slack, ..ALL },
        Op::AtMost => Range { most: number(value)? + slack, ..ALL },
        Op::More => Range { least: number(value)? + just, ..ALL },
        Op::Less => Range { most: number(value)? - just, ..ALL },
        Op::Is => match value.split_once("..") {
            None => Range { least: number(value)? - slack, most: number(value)? + slack },
            Some(("", "")) => return Err(choice(key, value, "a range with at least one end")),
            Some((least, "")) => Range { least: number(least)? - slack, ..ALL },
            Some(("", most)) => Range { most: number(most)? + slack, ..ALL },
            Some((least, most)) => {
                Range { least: number(least)? - slack, most: number(most)? + slack }
            }
        },
    })
}

fn number(field: NumberField, text: &str) -> Option<f64> {
    let (digits, times) = match (field, text.char_indices().next_back()) {
        (NumberField::Size, Some((at, 'k' | 'K'))) => (&text[..at], 1e3),
        (NumberField::Size, Some((at, 'm' | 'M'))) => (&text[..at], 1e6),
        (NumberField::Size, Some((at, 'g' | 'G'))) => (&text[..at], 1e9),
        (NumberField::Aperture, _) => (text.strip_prefix("f/").unwrap_or(text), 1.0),
        (NumberField::Focal, _) => (text.strip_suffix("mm").unwrap_or(text), 1.0),
        _ => (text, 1.0),
    };
    // Plain digits only: no sign, no exponent, no "inf".
    let plain = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let number = digits.parse::<f64>().ok().filter(|_| plain)? * times;
    (field != NumberField::Rating || number <= 5.0).then_some(number)
}

fn name(field: NameField, value: &str, quoted: bool) -> Result<Term, QueryError> {
    let folded = fold(value);
    let name = if quoted {
        Name::Exactly(folded)
    } else if folded == "none" {
        Name::None
    } else if let (NameField::Shoot | NameField::Client | NameField::Album, Ok(id)) =
        (field, value.parse::<SubjectId>())
    {
        Name::Id(id.0)
    } else if folded.contains('*') {
        Name::Like(folded.replace('[', "[[]").replace('?', "[?]"))
    } else {
        Name::Exactly(folded)
    };
    Ok(Term::Name { field, name })
}

fn kind(value: &str) -> Option<&'static str> {
    const KINDS: [&str; 6] = ["photo", "raw", "video", "audio", "sidecar", "other"];
    KINDS.into_iter().find(|kind| kind.eq_ignore_ascii_case(value))
}

fn status(value: &str) -> Result<Term, QueryError> {
    Ok(Term::Status(match value.to_ascii_lowercase().as_str() {
        "missing" => Status::Missing,
        "local" => Status::Local,
        "backedup" => Status::BackedUp,
        "notbackedup" => Status::NotBackedUp,
        "mirrored" => Status::Mirrored,
        "damaged" => Status::Damaged,
        "trash" => Status::Trash,
        "gps" => Status::Gps,
        word => {
            return kind(word).map(Term::Kind).ok_or_else(|| {
                let allowed = "missing, local, backedup, notbackedup, mirrored, damaged, trash, \
                    gps, photo, raw, video, audio";
                choice("status", value, allowed)
            });
        }
    }))
}

/// At least four digits: fewer are a slip more often than an id.
fn id(value: &str) -> Result<Term, QueryError> {
    let digits = value.to_ascii_lowercase();
    if let Ok(PhotoId(id)) = digits.parse() {
        return Ok(Term::Id { first: id, last: id, prefix: None });
    }
    let hex =
        digits.len() >= 4 && digits.len() < 32 && digits.chars().all(|c| c.is_ascii_hexdigit());
    let whole = |fill: char| -> Option<[u8; 16]> {
        let text: String = digits.chars().chain(std::iter::repeat(fill)).take(32).collect();
        text.parse().ok().map(|PhotoId(id)| id)
    };
    match (hex, whole('0'), whole('f')) {
        (true, Some(first), Some(last)) => Ok(Term::Id { first, last, prefix: Some(digits) }),
        _ => Err(QueryError(format!(
            "`id:{value}` is not understood; an id has 32 hex digits, its first four at least are needed"
        ))),
    }
}

fn date(op: Op, value: &str) -> Result<Term, QueryError> {
    if op == Op::Is && value.eq_ignore_ascii_case("none") {
        return Ok(Term::Undated);
    }
    let bad = || {
        choice(
            "date",
            value,
            "a day 2025-06-01, a month 2025-06, a year 2025, a range 2025-06..2025-07, or none",
        )
    };
    let span = |text: &str| days(text).ok_or_else(bad);
    let (from, before) = match op {
        Op::AtLeast => (Some(span(value)?.0), None),
        Op::More => (Some(span(value)?.1), None),
        Op::Less => (None, Some(span(value)?.0)),
        Op::AtMost => (None, Some(span(value)?.1)),
        Op::Is => match value.split_once("..") {
            None => {
                let (first, after) = span(value)?;
                (Some(first), Some(after))
            }
            Some(("", "")) => return Err(bad()),
            Some((from, "")) => (Some(span(from)?.0), None),
            Some(("", to)) => (None, Some(span(to)?.1)),
            Some((from, to)) => (Some(span(from)?.0), Some(span(to)?.1)),
        },
    };
    Ok(Term::Taken { from, before })
}

/// The first day of a year, month or day, and the one after its last, as texts that sort.
fn days(text: &str) -> Option<(String, String)> {
    let mut parts = text.split('-');
    let mut part = |digits: usize| match parts.next() {
        None => Some(None),
        Some(part) if part.len() == digits && part.chars().all(|c| c.is_ascii_digit()) => {
            part.parse::<i16>().ok().map(Some)
        }
        Some(_) => None,
    };
    let (year, month, day) = (part(4)??, part(2)?, part(2)?);
    if parts.next().is_some() || year == 0 {
        return None;
    }
    let small = |number: Option<i16>| i8::try_from(number.unwrap_or(1)).ok();
    let first = Date::new(year, small(month)?, small(day)?).ok()?;
    let length = match (month, day) {
        (None, _) => 1.year(),
        (Some(_), None) => 1.month(),
        (Some(_), Some(_)) => 1.day(),
    };
    // After the last year there is, `:` sorts behind every digit.
    let after = first.checked_add(length).map_or_else(|_| ":".to_owned(), |day| day.to_string());
    Some((first.to_string(), after))
}
