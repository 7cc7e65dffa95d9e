//! Sidecars that are due: which photos wait for one, and what was written for them.
//!
//! A photo whose fields are to be put beside it has the field `sidecar` until that is done.

use serde_json::Value;

use crate::media::{FileId, ImportId, PhotoId, SubjectKind};

use super::copies::{LocalFile, put_local, put_mirrored};
use super::database::Catalog;
use super::error::Result;
use super::imports::{ImportedFile, file_field};
use super::row::Change;

/// What was written for one photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SidecarDone {
    pub photo: PhotoId,
    pub files: Vec<ImportedFile>,
    /// Former versions, in whose place these files lie now.
    pub gone: Vec<FileId>,
    /// Something failed that may go well later: the photo goes on waiting.
    pub again: bool,
}

impl Catalog {
    /// The photos of an import that wait for a sidecar.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn sidecars_due(&self, import: ImportId) -> Result<Vec<PhotoId>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT DISTINCT p.id FROM import_files i
                 JOIN files f ON f.id = i.file JOIN photos p ON p.n = f.photo
                 JOIN subjects u ON u.id = p.id AND u.kind = 'photo'
                 WHERE i.import = ?1 AND p.trash = 0 AND u.state ->> '$.sidecar[0]' IS NOT NULL
                 ORDER BY p.taken, p.name, p.id",
            )?;
            let ids = statement.query_map([import.0], |row| Ok(PhotoId(row.get(0)?)))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }

    /// Makes written sidecars known as files of their photos, all or nothing.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn record_sidecars(&self, done: &[SidecarDone]) -> Result<()> {
        self.transact(|writing| {
            for SidecarDone { photo, files, gone, again } in done {
                let mut change = Change::new(SubjectKind::Photo, *photo);
                if !again {
                    change = change.set("sidecar", Value::Null);
                }
                for file in gone {
                    change = change.set(format!("file/{file}"), Value::Null);
                    writing.tx.execute("DELETE FROM local_files WHERE file = ?1", [file.0])?;
                    writing.tx.execute("DELETE FROM mirror_copies WHERE file = ?1", [file.0])?;
                }
                for file in files {
                    change = change.set(format!("file/{}", file.file), file_field(file));
                }
                writing.change(&change)?;
                for file in files {
                    put_local(
                        writing.tx,
                        &LocalFile {
                            file: file.file,
                            path: file.path.clone(),
                            bytes: file.bytes,
                            mtime_ns: file.mtime_ns,
                            verified_at: file.verified_at,
                        },
                    )?;
                    file.mirrors.iter().try_for_each(|copy| put_mirrored(writing.tx, copy))?;
                }
            }
            Ok(())
        })
    }
}
