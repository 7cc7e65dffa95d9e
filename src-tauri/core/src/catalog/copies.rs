//! Where this computer's copies lie: library, mirrors, and what the bucket has committed.
//!
//! Local only: none of these tables ever leaves the computer. A copy stands here only after it was
//! verified; taking a row away never touches a file.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::Value;

use crate::media::{ContentHash, FileId, SubjectId, SubjectKind};

use super::database::Catalog;
use super::error::Result;
use super::photos::count;
use super::row::Change;

/// A verified file in the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFile {
    pub file: FileId,
    /// Relative to the library's root, with `/`.
    pub path: String,
    pub bytes: u64,
    pub mtime_ns: i64,
    pub verified_at: Timestamp,
}

/// A verified file on a mirror.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorCopy {
    pub file: FileId,
    /// The mirror as the configuration names it.
    pub mirror: String,
    /// Relative to the mirror's root, with `/`.
    pub path: String,
    pub verified_at: Timestamp,
}

/// A file of the library that a mirror lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmirrored {
    pub file: FileId,
    /// Relative to the library's root, with `/`.
    pub path: String,
    pub bytes: u64,
    pub sha256: ContentHash,
}

/// A file's copy on a mirror, as it should lie there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrored {
    pub file: FileId,
    /// Relative to the mirror's root, with `/`.
    pub path: String,
    pub bytes: u64,
}

/// How much of the catalogue is in the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CloudCount {
    pub files: u64,
    pub bytes: u64,
    pub files_left: u64,
    pub bytes_left: u64,
}

/// A time from a column of Unix milliseconds.
pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(row.get(column)?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, Box::new(error))
    })
}

fn local_file(row: &Row<'_>) -> rusqlite::Result<LocalFile> {
    Ok(LocalFile {
        file: FileId(row.get(0)?),
        path: row.get(1)?,
        bytes: count(row, 2)?,
        mtime_ns: row.get(3)?,
        verified_at: time(row, 4)?,
    })
}

/// A path has one file: whoever is verified there now has taken the place of what was there.
pub(super) fn put_local(db: &Connection, file: &LocalFile) -> Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO local_files (file, path, bytes, mtime_ns, verified_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        file.file.0,
        file.path,
        file.bytes.cast_signed(),
        file.mtime_ns,
        file.verified_at.as_millisecond()
    ])?;
    Ok(())
}

pub(super) fn put_mirrored(db: &Connection, copy: &MirrorCopy) -> Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO mirror_copies (file, mirror, path, verified_at)
         VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        copy.file.0,
        copy.mirror,
        copy.path,
        copy.verified_at.as_millisecond()
    ])?;
    Ok(())
}

impl Catalog {
    /// Notes verified files of the library, anew or again.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn set_local(&self, files: &[LocalFile]) -> Result<()> {
        self.transact(|writing| files.iter().try_for_each(|file| put_local(writing.tx, file)))
    }

    /// Notes where another program moved files of the library to. Their photos tell it on, so that a
    /// new computer puts them where they lie now.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn moved(&self, files: &[LocalFile]) -> Result<()> {
        self.transact(|writing| {
            for file in files {
                put_local(writing.tx, file)?;
                let photos: Vec<[u8; 16]> = writing
                    .tx
                    .prepare_cached(
                        "SELECT p.id FROM files f JOIN photos p ON p.n = f.photo WHERE f.id = ?1",
                    )?
                    .query_map([file.file.0], |row| row.get(0))?
                    .collect::<Result<_, _>>()?;
                let field = format!("file/{}", file.file);
                for photo in photos {
                    let state = writing.load("photo", SubjectId(photo))?.unwrap_or_default();
                    let Some(mut value) = state.get(&field).cloned() else { continue };
                    if value.get("path").and_then(Value::as_str) == Some(&file.path) {
                        continue;
                    }
                    value["path"] = file.path.clone().into();
                    let change = Change::new(SubjectKind::Photo, SubjectId(photo));
                    writing.change(&change.set(field.clone(), value))?;
                }
            }
            Ok(())
        })
    }

    /// Notes that the library no longer has these files.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn forget_local(&self, files: &[FileId]) -> Result<()> {
        self.each_file("DELETE FROM local_files WHERE file = ?1", files)
    }

    /// Every file of the library, ordered by path.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn local_files(&self) -> Result<Vec<LocalFile>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT file, path, bytes, mtime_ns, verified_at FROM local_files ORDER BY path",
            )?;
            Ok(statement.query_map([], local_file)?.collect::<Result<_, _>>()?)
        })
    }

    /// Whether a file's copy lies at a path of a mirror.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn is_mirrored_at(&self, mirror: &str, path: &str) -> Result<bool> {
        self.read(|db| {
            let sql = "SELECT EXISTS (SELECT 1 FROM mirror_copies WHERE mirror = ?1 AND path = ?2)";
            Ok(db.prepare_cached(sql)?.query_row([mirror, path], |row| row.get(0))?)
        })
    }

    /// The file that lies at a path of the library.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn local_at(&self, path: &str) -> Result<Option<LocalFile>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT file, path, bytes, mtime_ns, verified_at FROM local_files WHERE path = ?1",
            )?;
            Ok(statement.query_row([path], local_file).optional()?)
        })
    }

    /// Notes verified copies on mirrors, anew or again.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn set_mirrored(&self, copies: &[MirrorCopy]) -> Result<()> {
        self.transact(|writing| copies.iter().try_for_each(|copy| put_mirrored(writing.tx, copy)))
    }

    /// Notes that a mirror no longer has these files.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn forget_mirrored(&self, mirror: &str, files: &[FileId]) -> Result<()> {
        self.transact(|writing| {
            let mut delete = writing
                .tx
                .prepare_cached("DELETE FROM mirror_copies WHERE file = ?1 AND mirror = ?2")?;
            for file in files {
                delete.execute(params![file.0, mirror])?;
            }
            Ok(())
        })
    }

    /// Every copy on one mirror, ordered by path.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn mirrored_on(&self, mirror: &str) -> Result<Vec<MirrorCopy>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT file, path, verified_at FROM mirror_copies WHERE mirror = ?1 ORDER BY path",
            )?;
            let copies = statement.query_map([mirror], |row| {
                let (file, path) = (FileId(row.get(0)?), row.get(1)?);
                Ok(MirrorCopy { file, mirror: mirror.into(), path, verified_at: time(row, 2)? })
            })?;
            Ok(copies.collect::<Result<_, _>>()?)
        })
    }

    /// Every copy on one mirror with its length, ordered by path. Those of files in the trash need
    /// not be there.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn expected_on(&self, mirror: &str) -> Result<Vec<Mirrored>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT m.file, m.path, f.bytes FROM mirror_copies m
                 JOIN files f ON f.id = m.file JOIN photos p ON p.n = f.photo
                 WHERE m.mirror = ?1 AND p.trash = 0 GROUP BY m.file ORDER BY m.path",
            )?;
            let copies = statement.query_map([mirror], |row| {
                Ok(Mirrored { file: FileId(row.get(0)?), path: row.get(1)?, bytes: count(row, 2)? })
            })?;
            Ok(copies.collect::<Result<_, _>>()?)
        })
    }

    /// A mirror has another name from now on.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn rename_mirror(&self, old: &str, new: &str) -> Result<()> {
        self.transact(|writing| {
            writing.tx.execute(
                "UPDATE OR REPLACE mirror_copies SET mirror = ?2 WHERE mirror = ?1",
                [old, new],
            )?;
            Ok(())
        })
    }

    /// Notes that nothing is known of a mirror any more.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn forget_mirror(&self, mirror: &str) -> Result<()> {
        self.transact(|writing| {
            writing.tx.execute("DELETE FROM mirror_copies WHERE mirror = ?1", [mirror])?;
            Ok(())
        })
    }

    /// The mirrors' copies of one file.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn mirrors_of(&self, file: FileId) -> Result<Vec<MirrorCopy>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT mirror, path, verified_at FROM mirror_copies WHERE file = ?1
                 ORDER BY mirror",
            )?;
            let copies = statement.query_map([file.0], |row| {
                let verified_at = time(row, 2)?;
                Ok(MirrorCopy { file, mirror: row.get(0)?, path: row.get(1)?, verified_at })
            })?;
            Ok(copies.collect::<Result<_, _>>()?)
        })
    }

    /// The files of the library of which a mirror has no copy, by path. Those in the trash need none.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn unmirrored(&self, mirror: &str) -> Result<Vec<Unmirrored>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT l.file, l.path, f.bytes, f.sha256 FROM local_files l
                 JOIN files f ON f.id = l.file JOIN photos p ON p.n = f.photo
                 WHERE p.trash = 0 AND NOT EXISTS
                     (SELECT 1 FROM mirror_copies m WHERE m.file = l.file AND m.mirror = ?1)
                 GROUP BY l.file ORDER BY l.path",
            )?;
            let files = statement.query_map([mirror], |row| {
                Ok(Unmirrored {
                    file: FileId(row.get(0)?),
                    path: row.get(1)?,
                    bytes: count(row, 2)?,
                    sha256: ContentHash(row.get(3)?),
                })
            })?;
            Ok(files.collect::<Result<_, _>>()?)
        })
    }

    /// Notes that a commit which was read back holds these files.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn set_cloud(&self, files: &[FileId], committed_at: Timestamp) -> Result<()> {
        self.transact(|writing| {
            let mut insert = writing.tx.prepare_cached(
                "INSERT OR REPLACE INTO cloud_files (file, committed_at) VALUES (?1, ?2)",
            )?;
            for file in files {
                insert.execute(params![file.0, committed_at.as_millisecond()])?;
            }
            Ok(())
        })
    }

    /// Notes that the bucket does not have these files after all.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn forget_cloud(&self, files: &[FileId]) -> Result<()> {
        self.each_file("DELETE FROM cloud_files WHERE file = ?1", files)
    }

    fn each_file(&self, sql: &str, files: &[FileId]) -> Result<()> {
        self.transact(|writing| {
            let mut statement = writing.tx.prepare_cached(sql)?;
            for file in files {
                statement.execute([file.0])?;
            }
            Ok(())
        })
    }

    /// How many files are in the bucket and how many are not; those in the trash are not counted.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn cloud_count(&self) -> Result<CloudCount> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT count(*) FILTER (WHERE c.file IS NOT NULL),
                     coalesce(sum(f.bytes) FILTER (WHERE c.file IS NOT NULL), 0),
                     count(*) FILTER (WHERE c.file IS NULL),
                     coalesce(sum(f.bytes) FILTER (WHERE c.file IS NULL), 0)
                 FROM files f JOIN photos p ON p.n = f.photo
                 LEFT JOIN cloud_files c ON c.file = f.id WHERE p.trash = 0",
            )?;
            Ok(statement.query_row([], |row| {
                Ok(CloudCount {
                    files: count(row, 0)?,
                    bytes: count(row, 1)?,
                    files_left: count(row, 2)?,
                    bytes_left: count(row, 3)?,
                })
            })?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Edit;
    use super::super::fixture::{exposure, file_id, found, jpeg_of, photo_id, with_photos};
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn local(n: u8, path: &str) -> LocalFile {
        LocalFile {
            file: file_id(n),
            path: path.into(),
            bytes: 7,
            mtime_ns: -1,
            verified_at: at(5),
        }
    }

    #[test]
    fn a_local_copy_is_found_by_its_path_and_forgotten_by_its_file() {
        let catalog = with_photos(2);
        catalog.set_local(&[local(1, "a/b.CR3")]).unwrap();
        assert_eq!(catalog.local_at("a/b.CR3").unwrap(), Some(local(1, "a/b.CR3")));
        assert_eq!(catalog.local_at("Originals/2025/IMG_0001.CR3").unwrap(), None, "it has moved");
        assert_eq!(catalog.local_files().unwrap().len(), 2);
        catalog.forget_local(&[file_id(1), file_id(99)]).unwrap();
        assert_eq!(catalog.local_at("a/b.CR3").unwrap(), None);
    }

    #[test]
    fn a_moved_file_is_told_on_and_two_may_change_places() {
        let catalog = with_photos(2);
        let [one, two] = [1, 2].map(|n| format!("Originals/2025/IMG_000{n}.CR3"));
        let sent = catalog.unsent(9).unwrap();
        let sent: Vec<_> = sent.iter().map(|(row, revision)| (row.subject, *revision)).collect();
        catalog.mark_sent(&sent).unwrap();
        catalog.moved(&[local(1, &two), local(2, &one)]).unwrap();
        for (n, path) in [(1, &two), (2, &one)] {
            let file = catalog.file(file_id(n)).unwrap().unwrap();
            assert_eq!(
                (file.path.as_ref(), file.local.map(|l| l.path).as_ref()),
                (Some(path), Some(path))
            );
        }
        assert_eq!(catalog.unsent(9).unwrap().len(), 2, "other computers hear of it");
        assert!(found(&catalog, "status:missing").is_empty());
    }

    #[test]
    fn a_mirror_is_renamed_with_all_it_has() {
        let catalog = with_photos(1);
        let copy = MirrorCopy {
            file: file_id(1),
            mirror: "old".into(),
            path: "a".into(),
            verified_at: at(9),
        };
        catalog.set_mirrored(std::slice::from_ref(&copy)).unwrap();
        catalog.rename_mirror("old", "new").unwrap();
        assert_eq!(catalog.mirrored_on("old").unwrap(), []);
        assert_eq!(
            catalog.mirrored_on("new").unwrap(),
            [MirrorCopy { mirror: "new".into(), ..copy }]
        );
    }

    #[test]
    fn a_path_holds_one_file() {
        let catalog = with_photos(2);
        catalog.set_local(&[local(1, "same"), local(2, "same")]).unwrap();
        assert_eq!(catalog.local_files().unwrap(), [local(2, "same")]);
    }

    /// What the triggers keep must be what the tables say, whatever happened in between.
    #[test]
    fn a_photo_knows_whether_a_copy_is_missing_after_every_step() {
        let catalog = with_photos(3);
        let mut pair = exposure(4);
        pair.files.push(jpeg_of(4, 101));
        catalog.record_import(&[pair], &[]).unwrap();
        let agree = |step: &str| {
            for (status, table) in [("missing", "local_files"), ("notbackedup", "cloud_files")] {
                let sql = format!(
                    "SELECT DISTINCT f.photo FROM files f JOIN photos p ON p.n = f.photo
                     WHERE f.id NOT IN (SELECT file FROM {table}) ORDER BY p.taken"
                );
                let truth: Vec<u8> = catalog
                    .read(|db| {
                        let mut statement = db.prepare(&sql)?;
                        Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
                    })
                    .unwrap();
                assert_eq!(found(&catalog, &format!("status:{status}")), truth, "{status}: {step}");
            }
        };
        agree("imported");
        catalog.forget_local(&[file_id(1), file_id(101)]).unwrap();
        agree("two files away");
        catalog.set_local(&[local(101, "x"), local(1, "Originals/2025/IMG_0002.CR3")]).unwrap();
        agree("a file took another's path");
        assert_eq!(found(&catalog, "status:missing"), [2]);
        catalog.set_cloud(&[file_id(4), file_id(1)], at(1)).unwrap();
        catalog.set_cloud(&[file_id(4), file_id(2)], at(2)).unwrap();
        agree("committed, some twice");
        let mut third = exposure(4);
        third.files = vec![jpeg_of(4, 102)];
        third.files[0].path = "y".into();
        catalog.set_cloud(&[file_id(101)], at(3)).unwrap();
        agree("a pair committed");
        assert_eq!(found(&catalog, "status:backedup"), [1, 2, 4]);
        catalog.record_import(&[third], &[]).unwrap();
        agree("a file joined its exposure");
        catalog.forget_cloud(&[file_id(2)]).unwrap();
        catalog.rebuild().unwrap();
        agree("rebuilt");
        catalog.forget_sent().unwrap();
        agree("another vault");
        assert_eq!(found(&catalog, "status:notbackedup"), [1, 2, 3, 4]);
    }

    #[test]
    fn a_mirrors_copy_is_that_mirrors_own() {
        let catalog = with_photos(1);
        let copy = |mirror: &str, path: &str| MirrorCopy {
            file: file_id(1),
            mirror: mirror.into(),
            path: path.into(),
            verified_at: at(9),
        };
        catalog.set_mirrored(&[copy("nas", "a"), copy("raid", "b"), copy("nas", "c")]).unwrap();
        assert_eq!(catalog.mirrors_of(file_id(1)).unwrap(), [copy("nas", "c"), copy("raid", "b")]);
        catalog.forget_mirrored("nas", &[file_id(1)]).unwrap();
        assert_eq!(catalog.mirrors_of(file_id(1)).unwrap(), [copy("raid", "b")]);
    }

    #[test]
    fn what_is_in_the_bucket_is_counted_and_the_trash_is_not() {
        let catalog = with_photos(3);
        catalog.set_cloud(&[file_id(1)], at(5)).unwrap();
        catalog
            .edit_photos(&[photo_id(3)], &Edit { trash: Some(true), ..Edit::default() })
            .unwrap();
        let expected = CloudCount { files: 1, bytes: 1000, files_left: 1, bytes_left: 2000 };
        assert_eq!(catalog.cloud_count().unwrap(), expected);
        assert!(catalog.file(file_id(1)).unwrap().unwrap().cloud);
        catalog.forget_cloud(&[file_id(1)]).unwrap();
        assert_eq!(catalog.cloud_count().unwrap().files, 0);
    }
}
