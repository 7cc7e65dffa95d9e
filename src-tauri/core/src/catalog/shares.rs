//! Shares: links given to clients. Their fields are the room `share`'s; here they are only kept.

use jiff::Timestamp;

use crate::media::{AlbumId, ShareId};

use super::database::Catalog;
use super::error::Result;
use super::row::Fields;

/// One share.
#[derive(Debug, Clone, PartialEq)]
pub struct ShareRow {
    pub id: ShareId,
    /// The field `album`, 32 hex digits.
    pub album: Option<AlbumId>,
    /// The field `expires`, RFC 3339.
    pub expires: Option<Timestamp>,
    /// The field `revoked`, RFC 3339.
    pub revoked: Option<Timestamp>,
    pub fields: Fields,
}

impl Catalog {
    /// One share. It is written with [`Catalog::write`].
    ///
    /// # Errors
    /// The database could not be read.
    pub fn share(&self, _id: ShareId) -> Result<Option<ShareRow>> {
        unimplemented!()
    }

    /// All shares, the one that ends last first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn shares(&self) -> Result<Vec<ShareRow>> {
        unimplemented!()
    }
}
