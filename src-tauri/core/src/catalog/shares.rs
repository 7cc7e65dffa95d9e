//! Shares: links given to clients. Their fields are the room `share`'s; here they are only kept.

use jiff::Timestamp;
use rusqlite::Row;

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

fn share_row(row: &Row<'_>) -> Result<ShareRow> {
    let fields: Fields =
        serde_json::from_str(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?;
    let text = |name: &str| fields.get(name).and_then(serde_json::Value::as_str);
    Ok(ShareRow {
        id: ShareId(row.get(0)?),
        album: text("album").and_then(|id| id.parse().ok()),
        expires: text("expires").and_then(|at| at.parse().ok()),
        revoked: text("revoked").and_then(|at| at.parse().ok()),
        fields,
    })
}

impl Catalog {
    /// One share. It is written with [`Catalog::write`].
    ///
    /// # Errors
    /// The database could not be read.
    pub fn share(&self, id: ShareId) -> Result<Option<ShareRow>> {
        self.read(|db| {
            let mut statement = db.prepare_cached("SELECT id, fields FROM shares WHERE id = ?1")?;
            let mut rows = statement.query([id.0])?;
            rows.next()?.map(share_row).transpose()
        })
    }

    /// All shares, the one that ends last first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn shares(&self) -> Result<Vec<ShareRow>> {
        let mut shares = self.read(|db| {
            let mut statement = db.prepare_cached("SELECT id, fields FROM shares ORDER BY id")?;
            let mut rows = statement.query([])?;
            let mut shares = Vec::new();
            while let Some(row) = rows.next()? {
                shares.push(share_row(row)?);
            }
            Ok(shares)
        })?;
        shares.sort_by_key(|share| std::cmp::Reverse(share.expires));
        Ok(shares)
    }
}
