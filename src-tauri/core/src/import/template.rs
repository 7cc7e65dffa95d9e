//! Where photos go: `Originals/{date:%Y}/{date:%Y-%m-%d} {shoot}/{original}`.
//!
//! A template is parsed once, checked once, and filled in for every exposure. What cards and users
//! say (names, camera, shoot) can never add a folder or step out of the library: each part of the
//! path goes through `files::safe_name`. A token that is empty takes the blanks around it along.
//! The extension is the file's own and is always kept, so RAW and JPEG of one exposure share a name.
//! `{{` and `}}` stand for the braces themselves.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};

use crate::error::{Code, Error};
use crate::files::{NAME_MAX_BYTES, safe_name, safe_name_of};

/// What a name keeps free for the suffix of the next one and for marks that make it safe.
const SUFFIX_BYTES: usize = 13;

/// Where photos go unless told otherwise.
pub const DEFAULT_TEMPLATE: &str = "Originals/{date:%Y}/{date:%Y-%m-%d} {shoot}/{original}";

/// What a template may hold, as it is told to people.
pub const TOKENS: &str = "date, time, shoot_date (each with a format such as {date:%Y-%m-%d}), \
    seq, seq_day, seq_import (each with digits such as {seq:4}), shoot, client, job, camera, serial, \
    lens, creator, original, stem, ext (each with :lower or :upper)";

/// Why a template cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TemplateError {
    #[error("the template is empty")]
    Empty,
    #[error("the template leads out of the library: `{0}`")]
    Outside(String),
    #[error("between two `/`, and after the last, the template needs a name: `{0}`")]
    EmptyPart(String),
    #[error("there is no token `{{{0}}}`: use {TOKENS}; for a brace itself write it twice")]
    UnknownToken(String),
    #[error(
        "`{{{0}}}` cannot be understood: dates take a format such as %Y-%m-%d, numbers 1 to 12 \
         digits, all others lower or upper"
    )]
    BadFormat(String),
    #[error("a `{{` is not closed; for the brace itself write `{{{{`")]
    Unclosed,
    #[error("the name has no token that tells photos apart: use original, seq or time")]
    NoName,
}

impl From<TemplateError> for Error {
    fn from(error: TemplateError) -> Self {
        Self::new(Code::Usage, error)
    }
}

/// A text of which photographers choose the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Case {
    #[default]
    Own,
    Lower,
    Upper,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Shoot,
    Client,
    Job,
    Camera,
    Serial,
    Lens,
    Creator,
    Original,
    Extension,
}

/// What numbers count over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Count {
    /// Everything ever imported.
    All,
    /// The photos of one day, which begins at the hour the photographer chose.
    Day,
    /// The photos of one import.
    Import,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Text(String),
    /// `strftime` format; date and time differ in their default only.
    Date(String),
    /// The day the photo counts to, by its format.
    Day(String),
    Word(Word, Case),
    /// The series and the number of digits.
    Sequence(Count, usize),
}

/// A checked template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
    folders: Vec<Vec<Token>>,
    name: Vec<Token>,
    /// The case of what follows the stem.
    tail: Case,
}

/// What an exposure fills a template with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filling<'a> {
    pub time: DateTime,
    /// The day it counts to.
    pub day: Date,
    pub shoot: &'a str,
    pub client: &'a str,
    pub job: &'a str,
    pub camera: &'a str,
    pub serial: &'a str,
    pub lens: &'a str,
    pub creator: &'a str,
    /// The name on the card without its extension.
    pub stem: &'a str,
    /// What follows the stem in the name, with its dot: `.CR3`, `.CR3.xmp`.
    pub tail: &'a str,
    pub numbers: Numbered,
    /// Tells names apart that are taken: `` or `-2`.
    pub suffix: &'a str,
}

/// The numbers of one exposure; those a template does not ask for are 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Numbered {
    pub all: u64,
    pub day: u64,
    pub import: u64,
}

impl Default for Template {
    fn default() -> Self {
        DEFAULT_TEMPLATE.parse().expect("the default template is a good one")
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        if text.trim().is_empty() {
            return Err(TemplateError::Empty);
        }
        let mut parts = Vec::new();
        for part in parts_of(text)? {
            if part.text.trim().is_empty() && !parts.is_empty() {
                return Err(TemplateError::EmptyPart(text.to_owned()));
            }
            if matches!(part.text.trim(), "" | "." | "..") || part.text.contains('\\') {
                return Err(TemplateError::Outside(text.to_owned()));
            }
            parts.push(part.tokens);
        }
        let mut name: Vec<Token> = parts.pop().ok_or(TemplateError::Empty)?;
        // the extension always follows; `{original}.{ext}` says the same
        let mut tail = Case::Own;
        if let Some(&Token::Word(Word::Extension, case)) = name.last() {
            tail = case;
            name.pop();
            if let Some(Token::Text(text)) = name.last_mut()
                && text.ends_with('.')
            {
                text.pop();
            }
        }
        let tells_apart = |t: &Token| {
            matches!(t, Token::Word(Word::Original, _) | Token::Sequence(..) | Token::Date(_))
        };
        if !name.iter().any(tells_apart) {
            return Err(TemplateError::NoName);
        }
        Ok(Self { text: text.to_owned(), folders: parts, name, tail })
    }
}

impl Template {
    /// The series that exposures are numbered in, each once.
    #[must_use]
    pub fn counts(&self) -> Vec<Count> {
        let mut counts: Vec<Count> = self
            .parts()
            .filter_map(|t| match t {
                Token::Sequence(count, _) => Some(*count),
                _ => None,
            })
            .collect();
        counts.sort_unstable();
        counts.dedup();
        counts
    }

    /// Whether the photos have to be asked for anything.
    #[must_use]
    pub fn needs_metadata(&self) -> bool {
        let asks = |t: &Token| match t {
            Token::Date(_) | Token::Day(_) | Token::Sequence(Count::Day, _) => true,
            Token::Word(word, _) => matches!(word, Word::Camera | Word::Serial | Word::Lens),
            Token::Text(_) | Token::Sequence(..) => false,
        };
        self.parts().any(asks)
    }

    /// The folder that everything lies below, whatever it is called; empty where there is none.
    #[must_use]
    pub fn top(&self) -> String {
        let mut top = String::new();
        for token in self.folders.first().into_iter().flatten() {
            let Token::Text(text) = token else { return String::new() };
            top.push_str(text);
        }
        if top.is_empty() { top } else { safe_name(top.as_bytes()) }
    }

    fn parts(&self) -> impl Iterator<Item = &Token> {
        self.folders.iter().flatten().chain(&self.name)
    }

    /// Returns the path, relative to the library's root, with `/`.
    #[must_use]
    pub fn fill(&self, filling: &Filling<'_>) -> String {
        let mut path = String::new();
        for folder in &self.folders {
            let text = filled(folder, filling, true, NAME_MAX_BYTES);
            if !text.is_empty() {
                path.push_str(&safe_name(text.as_bytes()));
                path.push('/');
            }
        }
        let tail = self.tail(filling.tail);
        let room = NAME_MAX_BYTES.saturating_sub(tail.len() + SUFFIX_BYTES);
        let name = filled(&self.name, filling, false, room);
        path + &safe_name_of(&name, filling.suffix, &tail)
    }

    /// What follows the stem, as this template writes it.
    #[must_use]
    pub fn tail(&self, tail: &str) -> String {
        self.tail.of(tail)
    }
}

impl Case {
    fn of(self, text: &str) -> String {
        match self {
            Self::Own => text.to_owned(),
            Self::Lower => text.to_lowercase(),
            Self::Upper => text.to_uppercase(),
        }
    }
}

/// One part of the path as it was written.
#[derive(Default)]
struct Part {
    text: String,
    tokens: Vec<Token>,
}

impl Part {
    fn plain(&mut self, c: char) {
        self.text.push(c);
        match self.tokens.last_mut() {
            Some(Token::Text(text)) => text.push(c),
            _ => self.tokens.push(Token::Text(c.into())),
        }
    }
}

/// Splits at `/`, but not inside of braces.
fn parts_of(text: &str) -> Result<Vec<Part>, TemplateError> {
    let mut parts = Vec::new();
    let mut part = Part::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("{{") || rest.starts_with("}}") {
            part.plain(c);
            rest = &rest[2..];
        } else if c == '{' {
            let close = rest.find('}').ok_or(TemplateError::Unclosed)?;
            part.tokens.push(token(&rest[1..close])?);
            part.text.push_str(&rest[..=close]);
            rest = &rest[close + 1..];
        } else {
            if c == '/' {
                parts.push(std::mem::take(&mut part));
            } else {
                part.plain(c);
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    parts.push(part);
    Ok(parts)
}

fn token(inside: &str) -> Result<Token, TemplateError> {
    let (word, format) = match inside.split_once(':') {
        Some((word, format)) => (word.trim(), Some(format)),
        None => (inside.trim(), None),
    };
    let bad = || TemplateError::BadFormat(inside.to_owned());
    let format_of = |default: &str| {
        let format = format.unwrap_or(default);
        let sample = DateTime::constant(2026, 5, 16, 14, 3, 22, 0);
        date(format, sample).map(|_| format.to_owned()).ok_or_else(bad)
    };
    let word = match word {
        "date" => return Ok(Token::Date(format_of("%Y-%m-%d")?)),
        "time" => return Ok(Token::Date(format_of("%H%M%S")?)),
        "shoot_date" => return Ok(Token::Day(format_of("%Y-%m-%d")?)),
        "seq" => return sequence(Count::All, format).ok_or_else(bad),
        "seq_day" => return sequence(Count::Day, format).ok_or_else(bad),
        "seq_import" => return sequence(Count::Import, format).ok_or_else(bad),
        "shoot" => Word::Shoot,
        "client" => Word::Client,
        "job" => Word::Job,
        "camera" => Word::Camera,
        "serial" => Word::Serial,
        "lens" => Word::Lens,
        "creator" | "photographer" => Word::Creator,
        "original" | "stem" => Word::Original,
        "ext" => Word::Extension,
        _ => return Err(TemplateError::UnknownToken(inside.to_owned())),
    };
    let case = match format.map(str::trim) {
        None => Case::Own,
        Some("lower") => Case::Lower,
        Some("upper") => Case::Upper,
        Some(_) => return Err(bad()),
    };
    Ok(Token::Word(word, case))
}

fn sequence(count: Count, digits: Option<&str>) -> Option<Token> {
    let digits = digits.unwrap_or("4").parse().ok()?;
    (1..=12).contains(&digits).then_some(Token::Sequence(count, digits))
}

fn date(format: &str, time: DateTime) -> Option<String> {
    jiff::fmt::strtime::format(format, time).ok()
}

/// One part of the path. A folder loses the blanks an empty token leaves at its ends. Where the part
/// is longer than `room` bytes, its longest words give way, and never a date or number.
fn filled(tokens: &[Token], filling: &Filling<'_>, folder: bool, room: usize) -> String {
    let value = |token: &Token| match token {
        Token::Text(text) => text.clone(),
        Token::Date(format) => date(format, filling.time).unwrap_or_default(),
        Token::Day(format) => {
            date(format, filling.day.to_datetime(filling.time.time())).unwrap_or_default()
        }
        Token::Word(word, case) => case.of(word.of(filling)),
        Token::Sequence(count, digits) => {
            let number = match count {
                Count::All => filling.numbers.all,
                Count::Day => filling.numbers.day,
                Count::Import => filling.numbers.import,
            };
            format!("{number:0digits$}")
        }
    };
    let mut values: Vec<String> = tokens.iter().map(value).collect();
    let gap = values.iter().any(String::is_empty);
    let mut excess = values.iter().map(String::len).sum::<usize>().saturating_sub(room);
    while excess > 0 {
        let words = tokens.iter().zip(&mut values);
        let words = words.filter(|(token, _)| matches!(token, Token::Word(..)));
        let Some(longest) = words.map(|(_, value)| value).max_by_key(|value| value.len()) else {
            break;
        };
        if longest.is_empty() {
            break;
        }
        // halves at most, so that of two long words both stay known
        let whole = longest.len();
        let cut = whole.saturating_sub(excess).max(whole / 2);
        longest.truncate(longest.floor_char_boundary(cut));
        excess = excess.saturating_sub(whole - longest.len());
    }
    let text = values.concat();
    if folder && gap { text.trim_matches([' ', '-', '_', ',']).to_owned() } else { text }
}

impl Word {
    fn of<'f>(self, filling: &'f Filling<'_>) -> &'f str {
        match self {
            Self::Shoot => filling.shoot.trim(),
            Self::Client => filling.client.trim(),
            Self::Job => filling.job.trim(),
            Self::Camera => filling.camera.trim(),
            Self::Serial => filling.serial.trim(),
            Self::Lens => filling.lens.trim(),
            Self::Creator => filling.creator.trim(),
            Self::Original => filling.stem,
            Self::Extension => filling.tail.trim_start_matches('.'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filling() -> Filling<'static> {
        Filling {
            time: DateTime::constant(2026, 5, 17, 1, 3, 22, 0),
            day: Date::constant(2026, 5, 16),
            shoot: "Smith wedding",
            client: "Smith",
            job: "W-2026-04",
            camera: "Canon EOS R6",
            serial: "0123",
            lens: "RF85mm F1.2 L USM",
            creator: "Ada Müller",
            stem: "IMG_0001",
            tail: ".CR3",
            numbers: Numbered { all: 7, day: 3, import: 12 },
            suffix: "",
        }
    }

    fn fill(template: &str, filling: &Filling<'_>) -> String {
        template.parse::<Template>().unwrap().fill(filling)
    }

    #[test]
    fn every_token_is_filled_in() {
        let table = [
            (DEFAULT_TEMPLATE, "Originals/2026/2026-05-17 Smith wedding/IMG_0001.CR3"),
            ("{date} {time}_{original}", "2026-05-17 010322_IMG_0001.CR3"),
            ("{shoot_date}/{shoot_date:%d} {date:%d} {stem}", "2026-05-16/16 17 IMG_0001.CR3"),
            ("{job}/{seq_day:3}-{seq_import:2}", "W-2026-04/003-12.CR3"),
            ("{lens}/{creator:upper}_{seq}", "RF85mm F1.2 L USM/ADA MÜLLER_0007.CR3"),
            ("{photographer}/{original:lower}.{ext:lower}", "Ada Müller/img_0001.cr3"),
            ("{ext:lower}/{client:upper} {original}", "cr3/SMITH IMG_0001.CR3"),
            ("{{{seq}}} }{{original}}/{original}", "{0007} }{original}/IMG_0001.CR3"),
            ("{client}/{camera} {serial}/{seq:4}", "Smith/Canon EOS R6 0123/0007.CR3"),
            ("{original}.{ext}", "IMG_0001.CR3"),
            ("{ext}/{original}", "CR3/IMG_0001.CR3"),
            ("{date:%Y/%m}/{seq}", "2026_05/0007.CR3"),
            ("a/{time:%H}h {seq:2}", "a/01h 07.CR3"),
        ];
        for (template, path) in table {
            assert_eq!(fill(template, &filling()), path, "{template}");
        }
    }

    #[test]
    fn an_empty_shoot_leaves_no_blank_and_no_folder() {
        let empty = Filling { shoot: "", ..filling() };
        assert_eq!(fill(DEFAULT_TEMPLATE, &empty), "Originals/2026/2026-05-17/IMG_0001.CR3");
        assert_eq!(fill("{shoot}/{original}", &empty), "IMG_0001.CR3");
        assert_eq!(fill("{date} - {shoot}/{original}", &empty), "2026-05-17/IMG_0001.CR3");
    }

    #[test]
    fn a_word_too_long_gives_way_and_the_number_stays() {
        let (long, other) = ("é".repeat(500), "y".repeat(200));
        let wide = Filling { shoot: &long, client: &other, suffix: "-12", ..filling() };
        let path = fill("O/{shoot}/{shoot} {client} {date:%Y%m%d}_{seq:3}", &wide);
        let (folder, name) = path.rsplit_once('/').unwrap();
        assert!(name.ends_with("y 20260517_007-12.CR3") && name.len() <= 255, "{name}");
        assert!(name.starts_with("ééé") && folder.len() <= 257, "{path}");
    }

    #[test]
    fn the_files_of_one_exposure_share_name_number_and_suffix() {
        for (tail, path) in
            [(".CR3", "0007-2.CR3"), (".JPG", "0007-2.JPG"), (".CR3.xmp", "0007-2.CR3.xmp")]
        {
            assert_eq!(fill("{seq:4}", &Filling { tail, suffix: "-2", ..filling() }), path);
        }
    }

    #[test]
    fn what_is_filled_in_never_leads_elsewhere() {
        for hostile in ["../..", "/etc", "a/b", "..", ".darkslide", "C:\\x", "con", "\0", " . "] {
            let values = Filling {
                shoot: hostile,
                client: hostile,
                camera: hostile,
                job: hostile,
                lens: hostile,
                creator: hostile,
                stem: hostile,
                tail: "",
                ..filling()
            };
            let path = fill("O/{shoot}/{client}/{camera}/{job}{lens}{creator}/{original}", &values);
            assert!(path.split('/').count() <= 6, "{hostile:?} -> {path:?}");
            for part in path.split('/') {
                assert_eq!(part, safe_name(part.as_bytes()), "{hostile:?} -> {path:?}");
            }
        }
    }

    #[test]
    fn a_template_that_cannot_work_is_refused() {
        use TemplateError as E;
        let of = |text: &str| text.parse::<Template>().unwrap_err();
        assert_eq!(of("  "), E::Empty);
        for outside in ["/a/{original}", "../{original}", "a/../{original}", "a\\{seq}"] {
            assert!(matches!(of(outside), E::Outside(_)), "{outside}");
        }
        for nameless in ["a//{original}", "a/ /{original}", "{date}/"] {
            assert_eq!(of(nameless), E::EmptyPart(nameless.into()));
        }
        assert_eq!(of("{frame}"), E::UnknownToken("frame".into()));
        assert_eq!(of("{seq:x}"), E::BadFormat("seq:x".into()));
        assert_eq!(of("{date:%Q!}"), E::BadFormat("date:%Q!".into()));
        assert_eq!(of("{seq_day:13}"), E::BadFormat("seq_day:13".into()));
        assert_eq!(of("{shoot:title}"), E::BadFormat("shoot:title".into()));
        assert_eq!(of("{original"), E::Unclosed);
        assert_eq!(of("{date}/{shoot}"), E::NoName);
    }

    #[test]
    fn the_folder_above_everything_is_known_where_there_is_one() {
        let top = |text: &str| text.parse::<Template>().unwrap().top();
        assert_eq!(top(DEFAULT_TEMPLATE), "Originals");
        assert_eq!(top("My photos/{shoot}/{original}"), "My photos");
        assert_eq!(top("ascmhl/{original}"), "_ascmhl", "as it is called on disk");
        for text in ["{original}", "{shoot}/{original}", "A {date:%Y}/B/{original}"] {
            assert_eq!(top(text), "", "{text}");
        }
    }

    #[test]
    fn an_unknown_token_is_answered_with_all_there_are() {
        let said = "{frame}".parse::<Template>().unwrap_err().to_string();
        for token in ["{frame}", "seq_day", "shoot_date", "job", "lens", "creator", "ext"] {
            assert!(said.contains(token), "{token}: {said}");
        }
    }

    #[test]
    fn a_template_knows_what_it_needs() {
        let of = |text: &str| text.parse::<Template>().unwrap();
        assert_eq!(of("{seq_day}/{seq}-{seq_day:2}").counts(), [Count::All, Count::Day]);
        assert!(of("{original}").counts().is_empty());
        for asks in ["{date}/{original}", "{seq_day}", "{lens} {seq}", "{shoot_date}/{seq}"] {
            assert!(of(asks).needs_metadata(), "{asks}");
        }
        for asks_not in ["{original}", "{job}/{seq}", "{creator} {seq_import}"] {
            assert!(!of(asks_not).needs_metadata(), "{asks_not}");
        }
    }
}
