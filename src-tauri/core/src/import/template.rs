//! Where photos go: `Originals/{date:%Y}/{date:%Y-%m-%d} {shoot}/{original}`.
//!
//! A template is parsed once, checked once, and filled in for every exposure. What cards and users
//! say (names, camera, shoot) can never add a folder or step out of the library: each part of the
//! path goes through `files::safe_name`. A token that is empty takes the blanks around it along.
//! The extension is the file's own and is always kept, so RAW and JPEG of one exposure share a name.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;

use crate::error::{Code, Error};
use crate::files::safe_name;

/// Where photos go unless told otherwise.
pub const DEFAULT_TEMPLATE: &str = "Originals/{date:%Y}/{date:%Y-%m-%d} {shoot}/{original}";

/// Why a template cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TemplateError {
    #[error("the template is empty")]
    Empty,
    #[error("the template leads out of the library: `{0}`")]
    Outside(String),
    #[error(
        "there is no token `{{{0}}}`: use date, time, shoot, client, camera, serial, original, ext or seq"
    )]
    UnknownToken(String),
    #[error("`{{{0}}}` cannot be understood")]
    BadFormat(String),
    #[error("a `{{` is not closed")]
    Unclosed,
    #[error("the name has no token that tells photos apart: use original, seq or time")]
    NoName,
}

impl From<TemplateError> for Error {
    fn from(error: TemplateError) -> Self {
        Self::new(Code::Usage, error)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Text(String),
    /// `strftime` format; date and time differ in their default only.
    Date(String),
    Shoot,
    Client,
    Camera,
    Serial,
    Original,
    Extension,
    /// Number of digits.
    Sequence(usize),
}

/// A checked template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
    folders: Vec<Vec<Token>>,
    name: Vec<Token>,
}

/// What an exposure fills a template with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filling<'a> {
    pub time: DateTime,
    pub shoot: &'a str,
    pub client: &'a str,
    pub camera: &'a str,
    pub serial: &'a str,
    /// The name on the card without its extension.
    pub stem: &'a str,
    /// What follows the stem in the name, with its dot: `.CR3`, `.CR3.xmp`.
    pub tail: &'a str,
    pub sequence: u64,
    /// Tells names apart that are taken: `` or `-2`.
    pub suffix: &'a str,
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
        let mut parts: Vec<Vec<Token>> = Vec::new();
        for part in split_folders(text)? {
            if matches!(part.trim(), "" | "." | "..") || part.contains('\\') {
                return Err(TemplateError::Outside(text.to_owned()));
            }
            parts.push(tokens(part)?);
        }
        let mut name = parts.pop().ok_or(TemplateError::Empty)?;
        // the extension always follows; `{original}.{ext}` says the same
        if name.last() == Some(&Token::Extension) {
            name.pop();
            if let Some(Token::Text(text)) = name.last_mut()
                && text.ends_with('.')
            {
                text.pop();
            }
        }
        let tells_apart =
            |t: &Token| matches!(t, Token::Original | Token::Sequence(_) | Token::Date(_));
        if !name.iter().any(tells_apart) {
            return Err(TemplateError::NoName);
        }
        Ok(Self { text: text.to_owned(), folders: parts, name })
    }
}

impl Template {
    /// Whether exposures are numbered.
    #[must_use]
    pub fn has_sequence(&self) -> bool {
        self.parts().any(|t| matches!(t, Token::Sequence(_)))
    }

    /// Whether the photos have to be asked for anything.
    #[must_use]
    pub fn needs_metadata(&self) -> bool {
        self.parts().any(|t| matches!(t, Token::Date(_) | Token::Camera | Token::Serial))
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
            let text = filled(folder, filling, true);
            if !text.is_empty() {
                path.push_str(&safe_name(text.as_bytes()));
                path.push('/');
            }
        }
        let name = filled(&self.name, filling, false);
        path + &safe_name(format!("{name}{}{}", filling.suffix, filling.tail).as_bytes())
    }
}

/// Splits at `/`, but not inside of braces.
fn split_folders(text: &str) -> Result<Vec<&str>, TemplateError> {
    let (mut parts, mut start, mut inside) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            '/' if !inside => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if inside {
        return Err(TemplateError::Unclosed);
    }
    parts.push(&text[start..]);
    Ok(parts)
}

fn tokens(mut text: &str) -> Result<Vec<Token>, TemplateError> {
    let mut tokens = Vec::new();
    while !text.is_empty() {
        let Some(open) = text.find('{') else {
            tokens.push(Token::Text(text.to_owned()));
            break;
        };
        if open > 0 {
            tokens.push(Token::Text(text[..open].to_owned()));
        }
        let rest = &text[open + 1..];
        let close = rest.find('}').ok_or(TemplateError::Unclosed)?;
        tokens.push(token(&rest[..close])?);
        text = &rest[close + 1..];
    }
    Ok(tokens)
}

fn token(inside: &str) -> Result<Token, TemplateError> {
    let (word, format) = match inside.split_once(':') {
        Some((word, format)) => (word.trim(), Some(format)),
        None => (inside.trim(), None),
    };
    let bad = || TemplateError::BadFormat(inside.to_owned());
    let token = match word {
        "date" => Token::Date(format.unwrap_or("%Y-%m-%d").to_owned()),
        "time" => Token::Date(format.unwrap_or("%H%M%S").to_owned()),
        "shoot" => Token::Shoot,
        "client" => Token::Client,
        "camera" => Token::Camera,
        "serial" => Token::Serial,
        "original" => Token::Original,
        "ext" => Token::Extension,
        "seq" => {
            let digits = format.unwrap_or("4").parse().map_err(|_| bad())?;
            if !(1..=12).contains(&digits) {
                return Err(bad());
            }
            Token::Sequence(digits)
        }
        _ => return Err(TemplateError::UnknownToken(inside.to_owned())),
    };
    match &token {
        Token::Date(format)
            if date(format, DateTime::constant(2026, 5, 16, 14, 3, 22, 0)).is_none() =>
        {
            Err(bad())
        }
        Token::Date(_) | Token::Sequence(_) => Ok(token),
        _ if format.is_some() => Err(bad()),
        _ => Ok(token),
    }
}

fn date(format: &str, time: DateTime) -> Option<String> {
    jiff::fmt::strtime::format(format, time).ok()
}

/// One part of the path. A folder loses the blanks an empty token leaves at its ends.
fn filled(tokens: &[Token], filling: &Filling<'_>, folder: bool) -> String {
    let (mut text, mut gap) = (String::new(), false);
    for token in tokens {
        let value = match token {
            Token::Text(text) => text.clone(),
            Token::Date(format) => date(format, filling.time).unwrap_or_default(),
            Token::Shoot => filling.shoot.trim().to_owned(),
            Token::Client => filling.client.trim().to_owned(),
            Token::Camera => filling.camera.trim().to_owned(),
            Token::Serial => filling.serial.trim().to_owned(),
            Token::Original => filling.stem.to_owned(),
            Token::Extension => filling.tail.trim_start_matches('.').to_owned(),
            Token::Sequence(digits) => format!("{:0digits$}", filling.sequence),
        };
        gap |= value.is_empty();
        text.push_str(&value);
    }
    if folder && gap {
        text = text.trim_matches([' ', '-', '_', ',']).to_owned();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filling() -> Filling<'static> {
        Filling {
            time: DateTime::constant(2026, 5, 16, 14, 3, 22, 0),
            shoot: "Smith wedding",
            client: "Smith",
            camera: "Canon EOS R6",
            serial: "0123",
            stem: "IMG_0001",
            tail: ".CR3",
            sequence: 7,
            suffix: "",
        }
    }

    fn fill(template: &str, filling: &Filling<'_>) -> String {
        template.parse::<Template>().unwrap().fill(filling)
    }

    #[test]
    fn every_token_is_filled_in() {
        let table = [
            (DEFAULT_TEMPLATE, "Originals/2026/2026-05-16 Smith wedding/IMG_0001.CR3"),
            ("{date} {time}_{original}", "2026-05-16 140322_IMG_0001.CR3"),
            ("{client}/{camera} {serial}/{seq:4}", "Smith/Canon EOS R6 0123/0007.CR3"),
            ("{original}.{ext}", "IMG_0001.CR3"),
            ("{ext}/{original}", "CR3/IMG_0001.CR3"),
            ("{date:%Y/%m}/{seq}", "2026_05/0007.CR3"),
            ("a/{time:%H}h {seq:2}", "a/14h 07.CR3"),
        ];
        for (template, path) in table {
            assert_eq!(fill(template, &filling()), path, "{template}");
        }
    }

    #[test]
    fn an_empty_shoot_leaves_no_blank_and_no_folder() {
        let empty = Filling { shoot: "", ..filling() };
        assert_eq!(fill(DEFAULT_TEMPLATE, &empty), "Originals/2026/2026-05-16/IMG_0001.CR3");
        assert_eq!(fill("{shoot}/{original}", &empty), "IMG_0001.CR3");
        assert_eq!(fill("{date} - {shoot}/{original}", &empty), "2026-05-16/IMG_0001.CR3");
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
                stem: hostile,
                tail: "",
                ..filling()
            };
            let path = fill("O/{shoot}/{client}/{camera}/{original}", &values);
            assert!(path.split('/').count() <= 5, "{hostile:?} -> {path:?}");
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
        for outside in
            ["/a/{original}", "../{original}", "a/../{original}", "a//{original}", "a\\{seq}"]
        {
            assert!(matches!(of(outside), E::Outside(_)), "{outside}");
        }
        assert_eq!(of("{frame}"), E::UnknownToken("frame".into()));
        assert_eq!(of("{seq:x}"), E::BadFormat("seq:x".into()));
        assert_eq!(of("{date:%Q!}"), E::BadFormat("date:%Q!".into()));
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
}
