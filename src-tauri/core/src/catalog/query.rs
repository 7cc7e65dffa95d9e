//! The query language: `rating>=4 label:red shoot:"Smith wedding" -keyword:dance summer`.

use std::str::FromStr;

use crate::media::PhotoId;

/// Why a query was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct QueryError(pub(super) String);

/// A parsed query. The empty one finds every photo outside the trash.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {}

impl Query {
    /// Every photo outside the trash.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// These photos, in the trash or not.
    #[must_use]
    pub fn ids(_photos: &[PhotoId]) -> Self {
        unimplemented!()
    }

    /// Reads a query.
    ///
    /// # Errors
    /// What was not understood, and what is allowed there.
    pub fn parse(_text: &str) -> Result<Self, QueryError> {
        unimplemented!()
    }
}

impl FromStr for Query {
    type Err = QueryError;
    fn from_str(text: &str) -> Result<Self, QueryError> {
        Self::parse(text)
    }
}

impl From<QueryError> for crate::error::Error {
    fn from(error: QueryError) -> Self {
        Self::new(crate::error::Code::BadQuery, error)
    }
}
