//! Which files of an import have their two places: the ground of "safe to format". Local only.
//!
//! Nothing is decided once and for all: the answer is asked anew from the copies that are known now,
//! so that a backup or a mirror's catching up turns it, and a copy found broken turns it back.

use std::collections::{BTreeSet, HashMap};

use rusqlite::params;

use crate::media::ImportId;

use super::database::Catalog;
use super::error::Result;

/// What the catalogue knows of an import's copies now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportCopies {
    /// Files of the card that were imported or here already.
    pub files: u64,
    /// Paths on the card of those without two places.
    pub missing: Vec<String>,
    /// Files that were not taken: they failed.
    pub failed: u64,
}

impl Catalog {
    /// Notes on which device a root lies.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn set_root_device(&self, root: &str, device: u64) -> Result<()> {
        self.transact(|writing| {
            writing.tx.execute(
                "INSERT INTO roots (path, device) VALUES (?1, ?2)
                 ON CONFLICT (path) DO UPDATE SET device = excluded.device",
                params![root, device.to_string()],
            )?;
            Ok(())
        })
    }

    /// What copies the files of an import have: on distinct devices, or one here and one in a
    /// commit of the bucket that was read back.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn copies_of_import(&self, import: ImportId, library: &str) -> Result<ImportCopies> {
        self.read(|db| {
            let mut devices: HashMap<String, String> = HashMap::new();
            let mut statement = db.prepare_cached("SELECT path, device FROM roots")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                devices.insert(row.get(0)?, row.get(1)?);
            }
            let mut statement = db.prepare_cached(
                "SELECT i.card_path, i.outcome,
                     EXISTS (SELECT 1 FROM local_files l WHERE l.file = i.file),
                     EXISTS (SELECT 1 FROM cloud_files c WHERE c.file = i.file),
                     (SELECT json_group_array(m.mirror) FROM mirror_copies m WHERE m.file = i.file)
                 FROM import_files i WHERE i.import = ?1 ORDER BY i.card_path",
            )?;
            let mut rows = statement.query([import.0])?;
            let mut copies = ImportCopies::default();
            while let Some(row) = rows.next()? {
                let path = || -> Result<String> {
                    Ok(String::from_utf8_lossy(&row.get::<_, Vec<u8>>(0)?).into_owned())
                };
                match row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)? {
                    "skipped" => continue,
                    "failed" => {
                        copies.failed += 1;
                        copies.missing.push(path()?);
                        continue;
                    }
                    _ => copies.files += 1,
                }
                let (local, cloud): (bool, bool) = (row.get(2)?, row.get(3)?);
                let mirrors: Vec<String> = serde_json::from_str(&row.get::<_, String>(4)?)?;
                // a root whose device was never seen counts as none
                let roots = local.then_some(library).into_iter();
                let on: BTreeSet<&String> = roots
                    .chain(mirrors.iter().map(String::as_str))
                    .filter_map(|root| devices.get(root))
                    .collect();
                if on.len() + usize::from(cloud && !on.is_empty()) < 2 {
                    copies.missing.push(path()?);
                }
            }
            Ok(copies)
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::fixture::{IMPORT, file_id, with_photos};
    use super::super::{ImportFileRow, ImportRow, ImportState, MirrorCopy, Outcome};

    #[test]
    fn copies_on_one_device_count_once_and_the_bucket_counts_beside_a_local_one() {
        let catalog = with_photos(2);
        let at = Timestamp::from_second(5).unwrap();
        let import = ImportRow {
            id: IMPORT,
            source: "/card".into(),
            card: None,
            device_no: None,
            shoot: None,
            started: at,
            ended: Some(at),
            state: ImportState::Clean,
        };
        catalog.begin_import(&import).unwrap();
        let outcome = |n: u8, outcome, file| ImportFileRow {
            import: IMPORT,
            card_path: format!("DCIM/{n}").into_bytes(),
            bytes: 1,
            mtime_ns: 1,
            sha256: None,
            outcome,
            reason: None,
            file,
        };
        let rows = [
            outcome(1, Outcome::Imported, Some(file_id(1))),
            outcome(2, Outcome::AlreadyHere, Some(file_id(2))),
            outcome(3, Outcome::Skipped, None),
        ];
        catalog.record_import(&[], &rows).unwrap();
        catalog.set_root_device("/library", 1).unwrap();
        let missing = |_: &str| catalog.copies_of_import(IMPORT, "/library").unwrap().missing;
        assert_eq!(missing("only here"), ["DCIM/1", "DCIM/2"]);

        let copy = |n: u8, mirror: &str| MirrorCopy {
            file: file_id(n),
            mirror: mirror.into(),
            path: "x".into(),
            verified_at: at,
        };
        catalog.set_mirrored(&[copy(1, "/same"), copy(2, "/nas")]).unwrap();
        catalog.set_root_device("/same", 1).unwrap();
        assert_eq!(missing("a mirror never seen counts as none"), ["DCIM/1", "DCIM/2"]);
        catalog.set_root_device("/nas", 2).unwrap();
        assert_eq!(missing("another folder of the same disk is no second place"), ["DCIM/1"]);
        catalog.set_cloud(&[file_id(1)], at).unwrap();
        assert_eq!(missing("the bucket is a second place"), [""; 0]);
        catalog.forget_mirrored("/same", &[file_id(1)]).unwrap();
        catalog.forget_local(&[file_id(1)]).unwrap();
        assert_eq!(missing("the bucket alone is one place"), ["DCIM/1"]);
        catalog.record_import(&[], &[outcome(4, Outcome::Failed, None)]).unwrap();
        let copies = catalog.copies_of_import(IMPORT, "/library").unwrap();
        assert_eq!((copies.files, copies.failed), (2, 1));
    }
}
