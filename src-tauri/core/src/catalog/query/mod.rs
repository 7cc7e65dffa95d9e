//! The query language: `rating>=4 label:red shoot:"Smith wedding" -keyword:dance summer`.
//!
//! Terms are joined by AND, `-` negates one. Names (`shoot: client: job: album: keyword: label:`) mean
//! the whole name, in any case, with `*` for any text; `camera:` and `lens:` mean a part of it.
//! Everything else is full text: all words must be there, each may go on (`danc` finds `dance`).
//! Photos in the trash are found by `status:trash` only.
//!
//! A query is parsed into conditions here and becomes SQL in `sql`, with bound parameters only:
//! nothing a person types is ever part of a statement.

mod lex;
mod parse;
mod sql;

use std::str::FromStr;

use crate::media::{AlbumId, PhotoId, ShootId};

/// Why a query was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct QueryError(pub(super) String);

impl From<QueryError> for crate::error::Error {
    fn from(error: QueryError) -> Self {
        Self::new(crate::error::Code::BadQuery, error)
    }
}

/// A parsed query. The empty one finds every photo outside the trash.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    conditions: Vec<Condition>,
}

/// One term, and whether it must not hold.
#[derive(Debug, Clone, PartialEq)]
struct Condition {
    negated: bool,
    term: Term,
}

#[derive(Debug, Clone, PartialEq)]
enum Term {
    Text(String),
    Number {
        field: NumberField,
        range: Range,
    },
    Name {
        field: NameField,
        name: Name,
    },
    /// Folded text that make and model, or the lens, must contain.
    Part {
        field: PartField,
        part: String,
    },
    /// Half open; either end may be missing. Texts that compare as `photos.taken` does.
    Taken {
        from: Option<String>,
        before: Option<String>,
    },
    Undated,
    Kind(&'static str),
    Format(String),
    Flag(Option<&'static str>),
    Status(Status),
    /// Ids from the first up to and with the last, and the digits typed where it was a prefix.
    Id {
        first: [u8; 16],
        last: [u8; 16],
        prefix: Option<String>,
    },
    Ids(Vec<PhotoId>),
    Import([u8; 16]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NumberField {
    Rating,
    Iso,
    Aperture,
    Focal,
    Width,
    Height,
    Size,
}

/// Both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Range {
    least: f64,
    most: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NameField {
    Shoot,
    Client,
    Job,
    Album,
    Keyword,
    Label,
}

#[derive(Debug, Clone, PartialEq)]
enum Name {
    /// `none`: it has none at all.
    None,
    /// Folded.
    Exactly(String),
    /// A GLOB pattern over folded names.
    Like(String),
    /// A subject by its id.
    Id([u8; 16]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PartField {
    Camera,
    Lens,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Missing,
    Local,
    BackedUp,
    NotBackedUp,
    Mirrored,
    Damaged,
    Trash,
    Gps,
}

impl Query {
    /// Every photo outside the trash.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// These photos, in the trash or not.
    #[must_use]
    pub fn ids(photos: &[PhotoId]) -> Self {
        Self::of(Term::Ids(photos.to_vec()))
    }

    /// The photos of a shoot.
    #[must_use]
    pub fn shoot(id: ShootId) -> Self {
        Self::of(Term::Name { field: NameField::Shoot, name: Name::Id(id.0) })
    }

    /// The photos of an album.
    #[must_use]
    pub fn album(id: AlbumId) -> Self {
        Self::of(Term::Name { field: NameField::Album, name: Name::Id(id.0) })
    }

    fn of(term: Term) -> Self {
        Self { conditions: vec![Condition { negated: false, term }] }
    }

    /// What both find.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.conditions.extend(other.conditions);
        self
    }

    /// Whether it was written without any term.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Reads a query.
    ///
    /// # Errors
    /// What was not understood, and what is allowed there.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        lex::words(text)?
            .into_iter()
            .map(|word| Ok(Condition { negated: word.negated, term: parse::term(word)? }))
            .collect::<Result<_, _>>()
            .map(|conditions| Self { conditions })
    }
}

impl FromStr for Query {
    type Err = QueryError;
    fn from_str(text: &str) -> Result<Self, QueryError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests;
