//! Copies that a killed run had placed and nobody knows of, whose content came in from another card
//! meanwhile: two slots written as copies of each other, both cut off, taken up one after the other.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::error::Result;
use super::roots::Roots;
use super::survey::is_main;
use crate::catalog::Catalog;
use crate::files::{self, Block};

/// Removes what lies where cut-off runs were about to place something, if it is nobody's and the same
/// root has a copy that the catalogue knows, which reads as the same bytes. `begun` are paths of the
/// library with lengths. No other import may record meanwhile.
pub(super) fn remove(
    catalog: &Catalog,
    roots: &Roots,
    begun: &[(String, u64)],
    block: &mut Block,
) -> Result<()> {
    for (path, bytes) in begun {
        for n in 0..roots.len() {
            let double = roots.path(n, path);
            let lies = fs::symlink_metadata(&double);
            if !lies.is_ok_and(|meta| meta.is_file() && meta.len() == *bytes) {
                continue;
            }
            let Ok((hash, _)) = files::hash_of(&double, block) else { continue };
            // equal sidecars are many photos' own
            let row = catalog.file_by_hash(&hash)?.filter(|row| is_main(row.role));
            let Some(row) = row else { continue };
            let known = match n {
                0 if catalog.local_at(path)?.is_some() => None,
                n if n > 0 && catalog.is_mirrored_at(&roots.all[n].name, path)? => None,
                0 => row.local.as_ref().map(|local| local.path.clone()),
                n => {
                    let copies = catalog.mirrors_of(row.file)?;
                    let here = copies.into_iter().filter(|copy| copy.mirror == roots.all[n].name);
                    here.map(|copy| copy.path).next()
                }
            };
            let Some(known) = known.map(|known| roots.path(n, &known)) else { continue };
            // the last good copy may be this one: only what was just read is a reason to remove
            let is_whole = files::hash_of(&known, block).is_ok_and(|(its, _)| its == hash);
            if is_whole && are_two(&known, &double) {
                files::remove(&double)?;
            }
        }
    }
    Ok(())
}

/// Whether two names are not of one file, as they are where case does not count.
fn are_two(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) != (other.dev(), other.ino()),
        _ => false,
    }
}
