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

#[cfg(test)]
mod tests {
    use super::super::Change;
    use super::super::fixture::catalog;
    use super::*;
    use crate::media::SubjectKind;

    #[test]
    fn a_share_keeps_all_its_fields() {
        let catalog = catalog();
        let share = |n: u8, expires: &str| {
            Change::new(SubjectKind::Share, ShareId([n; 16]))
                .set("album", "07".repeat(16))
                .set("expires", expires)
                .set("secret", "x")
        };
        let changes = [
            share(1, "2026-01-01T00:00:00Z"),
            share(2, "2026-02-01T00:00:00Z").set("revoked", "2026-01-05T00:00:00Z"),
            share(3, "whenever"),
        ];
        catalog.write(&changes).unwrap();
        let shares = catalog.shares().unwrap();
        assert_eq!(shares.iter().map(|share| share.id.0[0]).collect::<Vec<_>>(), [2, 1, 3]);
        assert_eq!(shares[0].revoked, Some("2026-01-05T00:00:00Z".parse().unwrap()));
        assert_eq!(shares[2].expires, None);
        let one = catalog.share(ShareId([1; 16])).unwrap().unwrap();
        assert_eq!(one.album, Some(AlbumId([7; 16])));
        assert_eq!(one.fields["secret"], "x");
        assert_eq!(catalog.share(ShareId([9; 16])).unwrap(), None);
    }
}
