//! Which files of an import have their two places: the ground of "safe to format". Local only.
//!
//! Nothing is decided once and for all: the answer is asked anew from the copies that are known now,
//! so that a backup or a mirror's catching up turns it, and a copy found broken turns it back. What
//! the disks say of those copies is the caller's knowledge, brought in as `place`.

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
    /// Paths on the card of those without two places, and of those that failed.
    pub missing: Vec<String>,
    /// Paths of those that have no copy on a disk here.
    pub gone: Vec<String>,
    /// Paths of those that were not taken: they failed.
    pub failed: Vec<String>,
    /// Roots that are away and without whose copies it would be less.
    pub away: BTreeSet<String>,
}

/// A copy the catalogue knows of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownCopy<'a> {
    /// Library or mirror.
    pub root: &'a str,
    /// Relative to the root, with `/`.
    pub path: &'a str,
    pub bytes: u64,
}

/// Where a copy lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyAt {
    pub device: u64,
    /// Its root is not there now: it counts as it was last proven.
    pub away: bool,
}

impl Catalog {
    /// Notes on which devices the roots lie that are there now.
    ///
    /// Numbers last as long as the system keeps them: where one has changed, those of roots that are
    /// away say nothing any more and are forgotten, until those are seen again.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn note_root_devices(&self, there: &[(String, u64)]) -> Result<()> {
        let known = self.root_devices()?;
        let same = |(root, device): &(String, u64)| known.get(root).is_none_or(|was| was == device);
        let still_valid = there.iter().all(same);
        self.transact(|writing| {
            if !still_valid {
                writing.tx.execute("DELETE FROM roots", [])?;
            }
            for (root, device) in there {
                writing.tx.execute(
                    "INSERT OR REPLACE INTO roots (path, device) VALUES (?1, ?2)",
                    params![root, device.to_string()],
                )?;
            }
            Ok(())
        })
    }

    /// On which devices the roots lie, as far as that is known.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn root_devices(&self) -> Result<HashMap<String, u64>> {
        self.read(|db| {
            let mut statement = db.prepare_cached("SELECT path, device FROM roots")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let rows: Vec<(String, String)> = rows.collect::<Result<_, _>>()?;
            let number = |(root, device): (String, String)| Some((root, device.parse().ok()?));
            Ok(rows.into_iter().filter_map(number).collect())
        })
    }

    /// What copies the files of an import have: on distinct devices, or one here and one in a
    /// commit of the bucket that was read back. `place` tells of each copy where it lies; `None`
    /// where it is no copy, or nobody knows on which device.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn copies_of_import(
        &self,
        import: ImportId,
        library: &str,
        place: &dyn Fn(KnownCopy<'_>) -> Option<CopyAt>,
    ) -> Result<ImportCopies> {
        self.read(|db| {
            // of two equal files of one exposure only the first is a file of the catalogue
            let mut statement = db.prepare_cached(
                "WITH f AS (SELECT card_path, outcome, bytes, coalesce(file,
                         (SELECT id FROM files WHERE sha256 = i.sha256 LIMIT 1)) AS file
                     FROM import_files i WHERE import = ?1)
                 SELECT card_path, outcome, bytes,
                     (SELECT path FROM local_files l WHERE l.file = f.file),
                     EXISTS (SELECT 1 FROM cloud_files c WHERE c.file = f.file),
                     (SELECT json_group_array(json_array(m.mirror, m.path))
                      FROM mirror_copies m WHERE m.file = f.file)
                 FROM f ORDER BY card_path",
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
                        copies.failed.push(path()?);
                        copies.missing.push(path()?);
                        continue;
                    }
                    _ => copies.files += 1,
                }
                let bytes = row.get::<_, i64>(2)?.cast_unsigned();
                let (local, cloud): (Option<String>, bool) = (row.get(3)?, row.get(4)?);
                let mirrors: Vec<(String, String)> =
                    serde_json::from_str(&row.get::<_, String>(5)?)?;
                let local = local.as_deref().map(|path| (library, path));
                let mirrors = mirrors.iter().map(|(root, path)| (root.as_str(), path.as_str()));
                let enough = |places: &[(&str, CopyAt)], away: bool| {
                    let counted = places.iter().filter(|(_, place)| away || !place.away);
                    let on: BTreeSet<u64> = counted.map(|(_, place)| place.device).collect();
                    on.len() + usize::from(cloud && !on.is_empty()) >= 2
                };
                let mut places: Vec<(&str, CopyAt)> = Vec::new();
                for (root, path) in local.into_iter().chain(mirrors) {
                    places.extend(place(KnownCopy { root, path, bytes }).map(|at| (root, at)));
                    // looking costs: no more than is needed
                    if enough(&places, false) {
                        break;
                    }
                }
                if places.is_empty() {
                    copies.gone.push(path()?);
                }
                if !enough(&places, true) {
                    copies.missing.push(path()?);
                } else if !enough(&places, false) {
                    let away = places.iter().filter(|(_, place)| place.away);
                    copies.away.extend(away.map(|(root, _)| (*root).to_owned()));
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
    use super::*;

    /// Photos 1 and 2 imported, and something skipped.
    fn imported() -> Catalog {
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
        let rows = [
            outcome(1, Outcome::Imported, Some(1)),
            outcome(2, Outcome::AlreadyHere, Some(2)),
            outcome(3, Outcome::Skipped, None),
        ];
        catalog.record_import(&[], &rows).unwrap();
        catalog
    }

    fn outcome(n: u8, outcome: Outcome, file: Option<u8>) -> ImportFileRow {
        ImportFileRow {
            import: IMPORT,
            card_path: format!("DCIM/{n}").into_bytes(),
            bytes: 1,
            mtime_ns: 1,
            sha256: None,
            outcome,
            reason: None,
            file: file.map(file_id),
            last_change: None,
        }
    }

    fn copy(n: u8, mirror: &str) -> MirrorCopy {
        MirrorCopy {
            file: file_id(n),
            mirror: mirror.into(),
            path: "x".into(),
            verified_at: Timestamp::from_second(5).unwrap(),
        }
    }

    /// What is missing where every copy is whole and lies on these devices.
    fn copies(catalog: &Catalog, devices: &[(&str, u64)]) -> ImportCopies {
        let place = |copy: KnownCopy<'_>| {
            let (_, device) = devices.iter().find(|(root, _)| *root == copy.root)?;
            Some(CopyAt { device: *device, away: copy.root.starts_with("/away") })
        };
        catalog.copies_of_import(IMPORT, "/library", &place).unwrap()
    }

    #[test]
    fn copies_on_one_device_count_once_and_the_bucket_counts_beside_a_local_one() {
        let catalog = imported();
        let at = Timestamp::from_second(5).unwrap();
        let missing = |devices: &[(&str, u64)], _: &str| copies(&catalog, devices).missing;
        assert_eq!(missing(&[("/library", 1)], "only here"), ["DCIM/1", "DCIM/2"]);
        catalog.set_mirrored(&[copy(1, "/same"), copy(2, "/nas")]).unwrap();
        let two = [("/library", 1), ("/same", 1)];
        assert_eq!(missing(&two, "a mirror never seen counts as none"), ["DCIM/1", "DCIM/2"]);
        let all = [("/library", 1), ("/same", 1), ("/nas", 2)];
        assert_eq!(missing(&all, "another folder of one disk is no second place"), ["DCIM/1"]);
        catalog.set_cloud(&[file_id(1)], at).unwrap();
        assert_eq!(missing(&all, "the bucket is a second place"), [""; 0]);
        catalog.forget_mirrored("/same", &[file_id(1)]).unwrap();
        catalog.forget_local(&[file_id(1)]).unwrap();
        assert_eq!(missing(&all, "the bucket alone is one place"), ["DCIM/1"]);
        catalog.record_import(&[], &[outcome(4, Outcome::Failed, None)]).unwrap();
        let copies = copies(&catalog, &all);
        assert_eq!((copies.files, copies.failed.len()), (2, 1));
        assert_eq!(copies.gone, ["DCIM/1"], "what failed is not said to have had copies");
        assert_eq!(copies.missing, ["DCIM/1", "DCIM/4"]);
    }

    #[test]
    fn a_verdict_that_rests_on_what_is_away_says_on_what() {
        let catalog = imported();
        catalog.set_mirrored(&[copy(1, "/away"), copy(2, "/away"), copy(2, "/nas")]).unwrap();
        catalog.set_mirrored(&[copy(1, "/nas")]).unwrap();
        let all = [("/library", 1), ("/nas", 2), ("/away", 3)];
        assert_eq!(copies(&catalog, &all).away, BTreeSet::new(), "it is not needed");
        let found = copies(&catalog, &[("/library", 1), ("/away", 3)]);
        assert_eq!((found.missing, found.away), (vec![], BTreeSet::from(["/away".to_owned()])));
    }

    #[test]
    fn numbers_of_devices_that_are_away_end_when_the_system_gives_out_others() {
        let catalog = imported();
        let note = |there: &[(&str, u64)]| {
            let there: Vec<_> = there.iter().map(|(root, n)| ((*root).to_owned(), *n)).collect();
            catalog.note_root_devices(&there).unwrap();
            let mut known: Vec<_> = catalog.root_devices().unwrap().into_iter().collect();
            known.sort();
            known.into_iter().map(|(root, n)| format!("{root} {n}")).collect::<Vec<_>>()
        };
        assert_eq!(note(&[("/library", 1), ("/nas", 1)]), ["/library 1", "/nas 1"]);
        assert_eq!(note(&[("/library", 1)]), ["/library 1", "/nas 1"], "away, and nothing changed");
        assert_eq!(note(&[("/library", 7)]), ["/library 7"], "it may have been the same disk");
        assert_eq!(note(&[("/library", 7), ("/nas", u64::MAX)]).len(), 2, "until it is seen again");
        assert_eq!(catalog.root_devices().unwrap()["/nas"], u64::MAX);
    }
}
