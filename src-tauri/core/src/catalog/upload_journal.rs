//! The journal of uploads: what is about to be sent, with its hash, before it is sent.
//!
//! After a crash the next run looks each entry up in the store: there with this hash is as good as
//! sent, anything else is forgotten and goes up again under a new name and a new salt. An entry
//! that was seen in the store gives its places to the photos in the same transaction.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};
use serde_json::Value;

use crate::media::{PhotoId, SubjectKind};

use super::backup_state::{field_of, forget_reached_uploads};
use super::database::Catalog;
use super::error::Result;
use super::row::Change;

/// One object that is being or was sent, and is in no commit yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Upload {
    pub name: String,
    pub bytes: u64,
    pub body: UploadBody,
    pub items: Vec<UploadItem>,
    /// When the store was seen to have it.
    pub put_at: Option<Timestamp>,
}

/// How it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadBody {
    /// At once, with this hash.
    Whole { sha256: [u8; 32] },
    /// In parts, each with its hash as soon as it was sealed.
    Parts { salt: [u8; 24], upload: String, part_bytes: u64, parts: Vec<[u8; 32]> },
}

/// The field of a photo that will name it.
#[derive(Debug, Clone, PartialEq)]
pub struct UploadItem {
    pub photo: PhotoId,
    pub field: String,
    pub value: Value,
}

impl Catalog {
    /// Writes an entry, before anything is sent.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn begin_upload(&self, entry: &Upload) -> Result<()> {
        self.transact(|writing| {
            let (sha256, salt, upload, part_bytes) = match &entry.body {
                UploadBody::Whole { sha256 } => (Some(sha256), None, None, None),
                UploadBody::Parts { salt, upload, part_bytes, .. } => {
                    (None, Some(salt), Some(upload), Some(part_bytes.cast_signed()))
                }
            };
            writing
                .tx
                .prepare_cached(
                    "INSERT INTO uploads (name, bytes, sha256, salt, upload, part_bytes)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    entry.name,
                    entry.bytes.cast_signed(),
                    sha256,
                    salt,
                    upload,
                    part_bytes
                ])?;
            let mut statement =
                writing.tx.prepare_cached("INSERT INTO upload_items VALUES (?1, ?2, ?3, ?4)")?;
            for item in &entry.items {
                let value = item.value.to_string();
                statement.execute(params![entry.name, item.photo.0, item.field, value])?;
            }
            Ok(())
        })
    }

    /// Notes how the store names an upload in parts; until then its `upload` is empty.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn set_upload_id(&self, name: &str, upload: &str) -> Result<()> {
        self.transact(|writing| {
            writing.tx.execute("UPDATE uploads SET upload = ?2 WHERE name = ?1", [name, upload])?;
            Ok(())
        })
    }

    /// Writes the hash of part `number` (from 1), before it is sent.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn begin_part(&self, name: &str, number: u32, sha256: &[u8; 32]) -> Result<()> {
        self.transact(|writing| {
            writing
                .tx
                .prepare_cached("INSERT INTO upload_parts VALUES (?1, ?2, ?3)")?
                .execute(params![name, number, sha256])?;
            Ok(())
        })
    }

    /// Every entry, by name.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn uploads(&self) -> Result<Vec<Upload>> {
        self.read(|db| {
            let mut parts_of = db.prepare_cached(
                "SELECT sha256 FROM upload_parts WHERE name = ?1 ORDER BY number",
            )?;
            let mut items_of =
                db.prepare_cached("SELECT photo, field, value FROM upload_items WHERE name = ?1")?;
            let mut statement = db.prepare_cached(
                "SELECT name, bytes, sha256, salt, upload, part_bytes, put_at FROM uploads
                 ORDER BY name",
            )?;
            let mut rows = statement.query([])?;
            let mut uploads = Vec::new();
            while let Some(row) = rows.next()? {
                let name: String = row.get(0)?;
                let body = match row.get(2)? {
                    Some(sha256) => UploadBody::Whole { sha256 },
                    None => UploadBody::Parts {
                        salt: row.get(3)?,
                        upload: row.get(4)?,
                        part_bytes: row.get::<_, i64>(5)?.cast_unsigned(),
                        parts: parts_of
                            .query_map([&name], |row| row.get(0))?
                            .collect::<Result<_, _>>()?,
                    },
                };
                let mut items = Vec::new();
                let mut found = items_of.query([&name])?;
                while let Some(item) = found.next()? {
                    let value: String = item.get(2)?;
                    items.push(UploadItem {
                        photo: PhotoId(item.get(0)?),
                        field: item.get(1)?,
                        value: serde_json::from_str(&value)?,
                    });
                }
                let put_at: Option<i64> = row.get(6)?;
                uploads.push(Upload {
                    bytes: row.get::<_, i64>(1)?.cast_unsigned(),
                    put_at: put_at.and_then(|ms| Timestamp::from_millisecond(ms).ok()),
                    name,
                    body,
                    items,
                });
            }
            Ok(uploads)
        })
    }

    /// Notes that the store has these, and gives their places to the photos.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn placed(&self, uploads: &[Upload], at: Timestamp) -> Result<()> {
        self.transact(|writing| {
            for entry in uploads {
                for UploadItem { photo, field, value } in &entry.items {
                    let change = Change::new(SubjectKind::Photo, *photo);
                    writing.change(&change.set(field.clone(), value.clone()))?;
                }
                writing
                    .tx
                    .prepare_cached("UPDATE uploads SET put_at = ?2 WHERE name = ?1")?
                    .execute(params![entry.name, at.as_millisecond()])?;
            }
            Ok(())
        })
    }

    /// Forgets an entry, and takes back the places it gave.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn drop_upload(&self, name: &str) -> Result<()> {
        self.transact(|writing| {
            let mut given: Vec<UploadItem> = Vec::new();
            {
                let mut statement = writing.tx.prepare_cached(
                    "SELECT i.photo, i.field, i.value FROM upload_items i JOIN uploads u USING (name)
                     WHERE name = ?1 AND u.put_at IS NOT NULL",
                )?;
                let mut rows = statement.query([name])?;
                while let Some(row) = rows.next()? {
                    let value: String = row.get(2)?;
                    given.push(UploadItem {
                        photo: PhotoId(row.get(0)?),
                        field: row.get(1)?,
                        value: serde_json::from_str(&value)?,
                    });
                }
            }
            for UploadItem { photo, field, value } in given {
                if field_of(writing, photo, &field)?.as_ref() == Some(&value) {
                    let change = Change::new(SubjectKind::Photo, photo);
                    writing.change(&change.set(field, Value::Null))?;
                }
            }
            writing.tx.execute("DELETE FROM uploads WHERE name = ?1", [name])?;
            Ok(())
        })
    }

    /// Forgets the entries that a commit reaches meanwhile.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn tidy_uploads(&self) -> Result<()> {
        self.transact(|writing| forget_reached_uploads(writing))
    }

    /// Whether any upload waits for a commit or for its end.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn has_uploads(&self) -> Result<bool> {
        self.read(|db| {
            Ok(db.query_row("SELECT 1 FROM uploads LIMIT 1", [], |_| Ok(())).optional()?.is_some())
        })
    }
}
