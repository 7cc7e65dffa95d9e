//! Files: every file of every exposure, projected from the photos' `file/..` and `at/..` fields.

use rusqlite::{OptionalExtension as _, Row, params_from_iter};
use serde_json::Value;

use crate::media::{ContentHash, FileId, PhotoId, Role};

use super::copies::{LocalFile, time};
use super::database::Catalog;
use super::error::Result;
use super::photos::{count, limit_of};
use super::query::Query;

/// One file of an exposure.
#[derive(Debug, Clone, PartialEq)]
pub struct FileRow {
    pub photo: PhotoId,
    pub file: FileId,
    pub role: Role,
    /// The name it had on the card, as raw bytes (WTF-8 from Windows).
    pub name: Vec<u8>,
    pub bytes: u64,
    pub sha256: ContentHash,
    /// The MIME type.
    pub mime: String,
    /// Where the computer that imported it put it, relative to the library's root.
    pub path: Option<String>,
    /// Whether the exposure is shown by this file.
    pub lead: bool,
    /// The place in the bucket, `[kid, object]` or `[kid, pack, n, offset, length]`.
    pub place: Option<Value>,
    /// The file of the same exposure that this one is the finished version of.
    pub replaces: Option<FileId>,
    /// Whether the photo is in the trash.
    pub trash: bool,
    /// The copy in this computer's library, if there is one.
    pub local: Option<LocalFile>,
    /// Whether a read-back commit of the vault holds it.
    pub cloud: bool,
}

impl FileRow {
    /// The name as it can be shown.
    #[must_use]
    pub fn shown_name(&self) -> String {
        String::from_utf8_lossy(&self.name).into_owned()
    }
}

const COLUMNS: &str = "p.id, f.id, f.role, f.name, f.bytes, f.sha256, f.mime, f.path, f.lead,
    f.place, p.trash, l.path, l.bytes, l.mtime_ns, l.verified_at, c.file IS NOT NULL, f.replaces";
const TABLES: &str = "files f JOIN photos p ON p.n = f.photo
    LEFT JOIN local_files l ON l.file = f.id LEFT JOIN cloud_files c ON c.file = f.id";

fn file_row(row: &Row<'_>) -> rusqlite::Result<FileRow> {
    let file = FileId(row.get(1)?);
    let place: Option<String> = row.get(9)?;
    let local = match row.get::<_, Option<String>>(11)? {
        None => None,
        Some(path) => Some(LocalFile {
            file,
            path,
            bytes: count(row, 12)?,
            mtime_ns: row.get(13)?,
            verified_at: time(row, 14)?,
        }),
    };
    Ok(FileRow {
        photo: PhotoId(row.get(0)?),
        file,
        role: role(row.get_ref(2)?.as_str()?),
        name: row.get(3)?,
        bytes: count(row, 4)?,
        sha256: ContentHash(row.get(5)?),
        mime: row.get(6)?,
        path: row.get(7)?,
        lead: row.get(8)?,
        place: place.and_then(|place| serde_json::from_str(&place).ok()),
        trash: row.get(10)?,
        local,
        cloud: row.get(15)?,
        replaces: row.get::<_, Option<_>>(16)?.map(FileId),
    })
}

/// The word of a column as a role; an unknown one is `other`.
pub(super) fn role(word: &str) -> Role {
    serde_json::from_value(word.into()).unwrap_or(Role::Other)
}

impl Catalog {
    /// A file with this content: one with a local copy if there is any, and outside the trash.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn file_by_hash(&self, sha256: &ContentHash) -> Result<Option<FileRow>> {
        self.file_where("f.sha256 = ?1 ORDER BY l.file IS NULL, p.trash, f.id", &sha256.0)
    }

    /// The raw names of files of exactly this length, a few at most. No name: nothing is so long.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn names_of_length(&self, bytes: u64) -> Result<Vec<Vec<u8>>> {
        self.read(|db| {
            let mut statement =
                db.prepare_cached("SELECT name FROM files WHERE bytes = ?1 LIMIT 256")?;
            let names = statement.query_map([bytes.cast_signed()], |row| row.get(0))?;
            Ok(names.collect::<Result<_, _>>()?)
        })
    }

    /// One file.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn file(&self, id: FileId) -> Result<Option<FileRow>> {
        self.file_where("f.id = ?1 ORDER BY p.id", &id.0)
    }

    fn file_where(&self, clause: &str, value: &[u8]) -> Result<Option<FileRow>> {
        self.read(|db| {
            let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE {clause} LIMIT 1");
            Ok(db.prepare_cached(&sql)?.query_row([value], file_row).optional()?)
        })
    }

    /// The files of one photo, the leading one first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn files_of(&self, photo: PhotoId) -> Result<Vec<FileRow>> {
        self.files_where("p.id = ?1 ORDER BY f.lead DESC, f.name, f.id", [&photo.0[..]])
    }

    /// Files with a local copy that no commit holds yet, picks and stars first, rejects last, then
    /// oldest first; photos in the trash are left out.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn not_in_cloud(&self, limit: usize) -> Result<Vec<FileRow>> {
        self.files_where(
            "c.file IS NULL AND l.file IS NOT NULL AND p.trash = 0
             ORDER BY CASE p.flag WHEN 'pick' THEN 0 WHEN 'reject' THEN 2 ELSE 1 END,
                 p.rating DESC, p.taken, p.n, f.id LIMIT ?1",
            [limit_of(limit)],
        )
    }

    /// Files without a copy in this computer's library, in the trash or not, main files first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn not_in_library(&self) -> Result<Vec<FileRow>> {
        self.files_where("p.missing = 1 AND l.file IS NULL ORDER BY p.n, f.lead DESC, f.id", [])
    }

    /// Files this computer took in that are neither in its library any more nor in any commit. One
    /// that a newer version has replaced is not missed.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn lost(&self) -> Result<Vec<FileRow>> {
        self.files_where(
            "p.missing = 1 AND p.not_in_cloud = 1 AND p.trash = 0 AND l.file IS NULL
                 AND c.file IS NULL AND p.import IN (SELECT id FROM imports)
                 AND NOT EXISTS (SELECT 1 FROM files v WHERE v.photo = f.photo AND v.replaces = f.id)
             ORDER BY p.taken, p.n, f.lead DESC, f.id",
            [],
        )
    }

    /// Every file a query finds, those of one photo together, oldest photo first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn files_found(&self, query: &Query) -> Result<Vec<FileRow>> {
        self.read(|db| {
            let found = query.clause(db)?;
            let sql = format!(
                "SELECT {COLUMNS} FROM {TABLES} WHERE {}
                 ORDER BY p.taken = '', p.taken, p.name, p.id, f.lead DESC, f.name, f.id",
                found.sql
            );
            let mut statement = db.prepare_cached(&sql)?;
            let rows = statement.query_map(params_from_iter(found.params), file_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn files_where<P: rusqlite::Params>(&self, clause: &str, params: P) -> Result<Vec<FileRow>> {
        self.read(|db| {
            let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE {clause}");
            let mut statement = db.prepare_cached(&sql)?;
            let rows = statement.query_map(params, file_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{
        IMPORT, catalog, exposure, file_id, jpeg_of, photo_id, with_photos,
    };
    use super::super::{Change, Edit, Flag, ImportRow, ImportState};
    use super::*;
    use crate::media::SubjectKind;

    #[test]
    fn a_duplicate_is_found_by_its_content_best_one_that_is_here() {
        let catalog = catalog();
        let mut twin = exposure(2);
        twin.files[0].sha256 = ContentHash([1; 32]);
        catalog.record_import(&[exposure(1), twin], &[]).unwrap();
        let by_hash = || catalog.file_by_hash(&ContentHash([1; 32])).unwrap().unwrap();
        assert_eq!(by_hash().photo, photo_id(1));
        catalog.forget_local(&[file_id(1)]).unwrap();
        let here = by_hash();
        assert_eq!(here.photo, photo_id(2), "the copy on this computer serves best");
        assert_eq!(here.local.unwrap().path, "Originals/2025/IMG_0002.CR3");
        assert_eq!(catalog.file_by_hash(&ContentHash([9; 32])).unwrap(), None);
    }

    #[test]
    fn a_file_has_its_raw_name_and_its_place_in_the_bucket() {
        let catalog = catalog();
        let mut shot = exposure(1);
        shot.files[0].name = b"IMG\xff.CR3".to_vec();
        catalog.record_import(&[shot], &[]).unwrap();
        let place = json!(["00", "abc"]);
        let change = Change::new(SubjectKind::Photo, photo_id(1));
        catalog.write(&[change.set(format!("at/{}", file_id(1)), place.clone())]).unwrap();
        let file = catalog.file(file_id(1)).unwrap().unwrap();
        assert_eq!(file.name, b"IMG\xff.CR3");
        assert_eq!(file.shown_name(), "IMG\u{fffd}.CR3");
        assert_eq!(file.place, Some(place));
        assert_eq!((file.role, file.mime.as_str()), (Role::Raw, "image/x-canon-cr3"));
    }

    #[test]
    fn the_leading_file_comes_first() {
        let catalog = catalog();
        let mut pair = exposure(1);
        pair.files.insert(0, jpeg_of(1, 101));
        catalog.record_import(&[pair], &[]).unwrap();
        let files = catalog.files_of(photo_id(1)).unwrap();
        assert_eq!([files[0].file, files[1].file], [file_id(1), file_id(101)]);
        assert!(files[0].lead && !files[1].lead);
    }

    #[test]
    fn picks_and_stars_go_up_first_rejects_last_and_the_trash_never() {
        let catalog = with_photos(6);
        let edit = |n: u8, edit: Edit| catalog.edit_photos(&[photo_id(n)], &edit).unwrap();
        edit(1, Edit { flag: Some(Some(Flag::Reject)), rating: Some(5), ..Edit::default() });
        edit(3, Edit { rating: Some(4), ..Edit::default() });
        edit(4, Edit { flag: Some(Some(Flag::Pick)), ..Edit::default() });
        edit(5, Edit { trash: Some(true), ..Edit::default() });
        catalog.set_cloud(&[file_id(6)], "2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
        let waiting = catalog.not_in_cloud(10).unwrap();
        let order: Vec<_> = waiting.iter().map(|file| file.photo.0[0]).collect();
        assert_eq!(order, [4, 3, 2, 1]);
        assert_eq!(catalog.not_in_cloud(1).unwrap().len(), 1);
        catalog.forget_local(&[file_id(4)]).unwrap();
        assert_eq!(catalog.not_in_cloud(10).unwrap().len(), 3, "what is not here cannot go up");
    }

    #[test]
    fn what_is_nowhere_any_more_is_lost_unless_a_newer_version_stands_for_it() {
        let catalog = with_photos(4);
        let lost = |catalog: &Catalog| -> Vec<u8> {
            catalog.lost().unwrap().iter().map(|file| file.file.0[0]).collect()
        };
        catalog.forget_local(&[1, 2, 3].map(file_id)).unwrap();
        assert!(lost(&catalog).is_empty(), "taken in by another computer: its matter");
        let import = ImportRow {
            id: IMPORT,
            source: "card".into(),
            card: None,
            device_no: None,
            shoot: None,
            started: "2026-01-01T00:00:00Z".parse().unwrap(),
            ended: None,
            state: ImportState::Clean,
        };
        catalog.begin_import(&import).unwrap();
        assert_eq!(lost(&catalog), [1, 2, 3]);
        catalog.set_cloud(&[file_id(2)], import.started).unwrap();
        let mut newer = exposure(3);
        newer.files = vec![jpeg_of(3, 103)];
        newer.files[0].replaces = Some(file_id(3));
        catalog.record_import(&[newer], &[]).unwrap();
        assert_eq!(lost(&catalog), [1]);
        let away: Vec<_> = catalog.not_in_library().unwrap();
        assert_eq!(away.iter().map(|file| file.file.0[0]).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn the_files_of_a_query_stand_together() {
        let catalog = catalog();
        let mut pair = exposure(2);
        pair.files.push(jpeg_of(2, 101));
        catalog.record_import(&[exposure(1), pair, exposure(3)], &[]).unwrap();
        let files = catalog.files_found(&Query::parse("iso<=200").unwrap()).unwrap();
        let ids: Vec<_> = files.iter().map(|file| file.file.0[0]).collect();
        assert_eq!(ids, [1, 2, 101]);
    }
}
