//! What this computer knows of the vault: slots, ring pages, key ids, segments, commits.
//!
//! Local only. Pages are kept as the sealed bytes that lie in the bucket and slots as their clear
//! files, so nothing here opens anything without words, passphrase or keyring; and both can be put
//! back into a bucket that lost them. Ids are plain bytes here: the catalogue knows no format.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};
use serde_json::Value;

use crate::media::{FileId, KeyId, PhotoId, ShootId, SubjectId};

use super::database::Catalog;
use super::error::Result;
use super::row::Row;
use super::subjects::{Writing, parse, to_row};

/// One ring page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultPage {
    pub shoot: ShootId,
    pub page: [u8; 20],
    pub sha256: [u8; 32],
    pub sealed: Vec<u8>,
    /// Whether a commit names it.
    pub named: bool,
}

/// A subject's kind and id, as rows name it.
pub type SubjectName = (String, SubjectId);

/// What a commit that was read back makes true.
#[derive(Debug, Clone, Default)]
pub struct Committed {
    /// Subjects whose state is in it, at which revision.
    pub sent: Vec<(SubjectName, u64)>,
    /// Files whose places it reaches.
    pub files: Vec<FileId>,
    /// Pages it names; others are forgotten.
    pub pages: Vec<[u8; 20]>,
    /// Segments it names that this catalogue wrote.
    pub segments: Vec<[u8; 20]>,
    /// What is known of the vault's state now.
    pub state: Vec<u8>,
}

/// The note under which the joined state is kept.
const STATE: &str = "state";

impl Catalog {
    /// A small piece of knowledge about the vault.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn vault_note(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.read(|db| {
            Ok(db
                .prepare_cached("SELECT value FROM vault_notes WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
                .optional()?)
        })
    }

    /// # Errors
    /// The database could not be written.
    pub fn set_vault_note(&self, name: &str, value: &[u8]) -> Result<()> {
        self.transact(|writing| set_note(writing, name, value))
    }

    /// The vault's state as it was last joined or committed.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn vault_state(&self) -> Result<Option<Vec<u8>>> {
        self.vault_note(STATE)
    }

    /// # Errors
    /// The database could not be written.
    pub fn set_vault_state(&self, state: &[u8]) -> Result<()> {
        self.set_vault_note(STATE, state)
    }

    /// Forgets everything about a vault, and that anything was sent to it.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn forget_vault(&self) -> Result<()> {
        self.forget_sent()?;
        self.transact(|writing| {
            for table in [
                "vault_notes",
                "vault_slots",
                "vault_pages",
                "vault_segments",
                "vault_commits",
                "subject_keys",
                "uploads",
            ] {
                writing.tx.execute(&format!("DELETE FROM {table}"), [])?;
            }
            Ok(())
        })
    }

    /// Copies of the slots, by file name.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn vault_slots(&self) -> Result<BTreeMap<String, Vec<u8>>> {
        self.read(|db| {
            let mut statement = db.prepare_cached("SELECT file, body FROM vault_slots")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Keeps a copy of a slot, or forgets it.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn set_vault_slot(&self, file: &str, body: Option<&[u8]>) -> Result<()> {
        self.transact(|writing| {
            match body {
                Some(body) => writing
                    .tx
                    .prepare_cached("INSERT OR REPLACE INTO vault_slots VALUES (?1, ?2)")?
                    .execute(params![file, body])?,
                None => writing.tx.execute("DELETE FROM vault_slots WHERE file = ?1", [file])?,
            };
            Ok(())
        })
    }

    /// All ring pages kept here.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn vault_pages(&self) -> Result<Vec<VaultPage>> {
        self.read(|db| {
            let mut statement =
                db.prepare_cached("SELECT shoot, page, sha256, sealed, named FROM vault_pages")?;
            let rows = statement.query_map([], |row| {
                Ok(VaultPage {
                    shoot: ShootId(row.get(0)?),
                    page: row.get(1)?,
                    sha256: row.get(2)?,
                    sealed: row.get(3)?,
                    named: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Keeps pages that were put and read back, together with the keys they bring.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn add_vault_pages(
        &self,
        pages: &[VaultPage],
        keys: &[(SubjectName, KeyId)],
    ) -> Result<()> {
        self.transact(|writing| {
            let mut statement = writing.tx.prepare_cached(
                "INSERT INTO vault_pages (page, shoot, sha256, sealed, named)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (page) DO UPDATE SET named = max(named, excluded.named)",
            )?;
            for p in pages {
                statement.execute(params![p.page, p.shoot.0, p.sha256, p.sealed, p.named])?;
            }
            set_keys(writing, keys)
        })
    }

    /// The key of every subject that has one.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn subject_keys(&self) -> Result<Vec<(SubjectName, KeyId)>> {
        self.read(|db| {
            let mut statement = db.prepare_cached("SELECT kind, subject, kid FROM subject_keys")?;
            let rows = statement.query_map([], |row| {
                Ok(((row.get(0)?, SubjectId(row.get(1)?)), KeyId(row.get(2)?)))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The segments whose rows are in this catalogue.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn vault_segments(&self) -> Result<Vec<[u8; 20]>> {
        self.read(|db| {
            let mut statement = db.prepare_cached("SELECT segment FROM vault_segments")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Joins rows of a committed segment, with the key ids they were sealed under. The files they
    /// give a place are in the bucket; a subject that is as its row says has nothing left to send.
    ///
    /// # Errors
    /// The database could not be written, or a row is not format 1.
    pub fn merge_committed(&self, rows: &[(Row, KeyId)], at: Timestamp) -> Result<()> {
        self.transact(|writing| {
            for (row, kid) in rows {
                writing.merge(row)?;
                set_keys(writing, &[((row.kind.clone(), row.subject), *kid)])?;
                let kept = writing.load(&row.kind, row.subject)?.unwrap_or_default().sets();
                if kept == row.set {
                    writing
                        .tx
                        .prepare_cached(
                            "UPDATE subjects SET sent = changed WHERE id = ?1 AND kind = ?2",
                        )?
                        .execute(params![row.subject.0, row.kind])?;
                }
                for file in placed_files(row) {
                    set_cloud(writing, file, at)?;
                }
            }
            Ok(())
        })
    }

    /// Notes that all rows of these segments are here.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn add_vault_segments(&self, segments: &[[u8; 20]]) -> Result<()> {
        self.transact(|writing| add_segments(writing, segments))
    }

    /// The names of the commits this catalogue wrote.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn own_commits(&self) -> Result<Vec<String>> {
        self.read(|db| {
            let mut statement =
                db.prepare_cached("SELECT name FROM vault_commits ORDER BY name")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Notes a commit of ours, before it is put.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn add_own_commit(&self, name: &str) -> Result<()> {
        self.transact(|writing| {
            writing.tx.execute("INSERT OR IGNORE INTO vault_commits VALUES (?1)", [name])?;
            Ok(())
        })
    }

    /// Subjects changed since they were last sent and after revision `after`, oldest change first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn unsent_after(&self, after: u64, limit: usize) -> Result<Vec<(Row, u64)>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT id, kind, state, changed FROM subjects
                 WHERE changed > sent AND changed > ?1 ORDER BY changed LIMIT ?2",
            )?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut rows = statement.query([after.cast_signed(), limit])?;
            let mut unsent = Vec::new();
            while let Some(row) = rows.next()? {
                unsent.push((to_row(row)?, row.get::<_, i64>(3)?.cast_unsigned()));
            }
            Ok(unsent)
        })
    }

    /// Everything a commit that was read back makes true, all or nothing.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn set_committed(&self, done: &Committed, at: Timestamp) -> Result<()> {
        self.transact(|writing| {
            let tx = writing.tx;
            let mut sent = tx.prepare_cached(
                "UPDATE subjects SET sent = max(sent, ?3) WHERE id = ?1 AND kind = ?2",
            )?;
            for ((kind, subject), revision) in &done.sent {
                sent.execute(params![subject.0, kind, revision.cast_signed()])?;
            }
            for file in &done.files {
                set_cloud(writing, *file, at)?;
            }
            let mut named =
                tx.prepare_cached("UPDATE vault_pages SET named = 2 WHERE page = ?1")?;
            for page in &done.pages {
                named.execute([page])?;
            }
            tx.execute("DELETE FROM vault_pages WHERE named <> 2", [])?;
            tx.execute("UPDATE vault_pages SET named = 1", [])?;
            add_segments(writing, &done.segments)?;
            set_note(writing, STATE, &done.state)?;
            forget_reached_uploads(writing)
        })
    }

    /// Photos outside the trash that have no place for a preview yet, shoot by shoot: `field` is
    /// `thumb` or `view`.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn without_place(&self, field: &str) -> Result<Vec<(PhotoId, Option<ShootId>)>> {
        self.read(|db| {
            let mut statement = db.prepare(
                "SELECT p.id, p.shoot FROM photos p JOIN subjects s ON s.id = p.id AND s.kind = 'photo'
                 WHERE p.trash = 0 AND json_extract(s.state, ?1) IS NULL
                 ORDER BY p.shoot, p.taken, p.id",
            )?;
            let rows = statement.query_map([format!("$.{field}[0].at")], |row| {
                Ok((PhotoId(row.get(0)?), row.get::<_, Option<_>>(1)?.map(ShootId)))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

/// The files a photo's row gives a place in the bucket.
fn placed_files(row: &Row) -> impl Iterator<Item = FileId> {
    let photo = row.kind == "photo";
    row.set
        .iter()
        .filter(move |_| photo)
        .flat_map(|set| &set.fields)
        .filter(|(_, value)| !matches!(value, Value::Null))
        .filter_map(|(field, _)| field.strip_prefix("at/")?.parse().ok())
}

fn set_note(writing: &Writing<'_>, name: &str, value: &[u8]) -> Result<()> {
    writing
        .tx
        .prepare_cached("INSERT OR REPLACE INTO vault_notes VALUES (?1, ?2)")?
        .execute(params![name, value])?;
    Ok(())
}

/// The first key a subject is known under stays: what lies in the bucket is sealed with it.
fn set_keys(writing: &Writing<'_>, keys: &[(SubjectName, KeyId)]) -> Result<()> {
    let mut statement = writing.tx.prepare_cached(
        "INSERT OR IGNORE INTO subject_keys (kind, subject, kid) VALUES (?1, ?2, ?3)",
    )?;
    for ((kind, subject), kid) in keys {
        statement.execute(params![kind, subject.0, kid.0])?;
    }
    Ok(())
}

fn set_cloud(writing: &Writing<'_>, file: FileId, at: Timestamp) -> Result<()> {
    writing
        .tx
        .prepare_cached("INSERT OR IGNORE INTO cloud_files (file, committed_at) VALUES (?1, ?2)")?
        .execute(params![file.0, at.as_millisecond()])?;
    Ok(())
}

fn add_segments(writing: &Writing<'_>, segments: &[[u8; 20]]) -> Result<()> {
    let mut statement =
        writing.tx.prepare_cached("INSERT OR IGNORE INTO vault_segments VALUES (?1)")?;
    for segment in segments {
        statement.execute([segment])?;
    }
    Ok(())
}

/// An upload whose photos have nothing left to send is reached by a commit.
pub(super) fn forget_reached_uploads(writing: &Writing<'_>) -> Result<()> {
    writing.tx.execute(
        "DELETE FROM uploads WHERE put_at IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM upload_items i JOIN subjects s ON s.id = i.photo AND s.kind = 'photo'
             WHERE i.name = uploads.name AND s.changed > s.sent)",
        [],
    )?;
    Ok(())
}

/// For the journal: a subject's present value of one field.
pub(super) fn field_of(
    writing: &Writing<'_>,
    photo: PhotoId,
    field: &str,
) -> Result<Option<Value>> {
    let text: Option<String> = writing
        .tx
        .prepare_cached("SELECT state FROM subjects WHERE id = ?1 AND kind = 'photo'")?
        .query_row([photo.0], |row| row.get(0))
        .optional()?;
    let state = text.map(|text| parse(&text)).transpose()?;
    Ok(state.and_then(|state| state.get(field).cloned()))
}
