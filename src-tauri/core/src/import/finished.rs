//! Whose finished version a picture from elsewhere is.
//!
//! A JPEG or TIFF with the stem of a photo that is here, taken by the same camera in the same second,
//! is what somebody made of it: by an editor, or by the camera in its other slot. It joins the photo
//! and leaves it shown as it was. On one and the same card equal names are two photos: grouping has
//! looked at those already. Of cards that are imported at once neither comes later than the other.

use super::error::Result;
use crate::catalog::{Catalog, ImportState, PhotoRow};
use crate::files::fold_name;
use crate::media::{CaptureTime, FileId, PhotoId};
use crate::metadata::Metadata;

/// The exposure that a new picture of that name, which says this of itself, joins, and the file it is
/// the finished version of. `card` is where it comes from.
pub(super) fn finished_of(
    catalog: &Catalog,
    card: &str,
    name: &str,
    taken: Option<CaptureTime>,
    meta: &Metadata,
) -> Result<Option<(PhotoId, FileId)>> {
    let Some(taken) = taken.filter(|_| matches!(meta.format, "JPEG" | "TIFF")) else {
        return Ok(None);
    };
    for photo in catalog.taken_at(taken.local)? {
        let Some(row) = catalog.photo(photo)? else { continue };
        let same_name = fold_name(stem(&row.name)) == fold_name(stem(name));
        if same_name
            && is_by_the_same_camera(&row, meta)
            && came_before_from_elsewhere(catalog, &row, card)?
        {
            return Ok(Some((photo, row.lead)));
        }
    }
    Ok(None)
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
}

/// Editors may leave out the serial number, never the model.
fn is_by_the_same_camera(row: &PhotoRow, meta: &Metadata) -> bool {
    let its = |name: &str| row.fields.get("meta")?.get(name)?.as_str();
    let same_serial = match (its("serial"), meta.serial.as_deref()) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    meta.model.is_some() && its("model") == meta.model.as_deref() && same_serial
}

fn came_before_from_elsewhere(catalog: &Catalog, row: &PhotoRow, card: &str) -> Result<bool> {
    let Some(import) = row.import else { return Ok(true) };
    let imports = catalog.imports()?;
    // one that another computer made is known by its photos alone
    let Some(its) = imports.iter().find(|its| its.id == import) else { return Ok(true) };
    Ok(its.state != ImportState::Running && its.card.as_deref() != Some(card))
}
