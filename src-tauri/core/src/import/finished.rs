//! Whose finished version a picture from elsewhere is.
//!
//! A JPEG or TIFF with the stem of a raw photo that was here before, taken by the same camera at the
//! same moment, is what somebody made of it: by an editor, or by the camera in its other slot. It joins
//! the photo and leaves it shown as it was. Of two pictures nobody can tell which is the better one:
//! only what a raw file is shown by is joined. On one and the same card equal names are two photos:
//! grouping has looked at those already. Of cards imported at once neither comes later than the other.

use jiff::Timestamp;

use super::error::Result;
use crate::catalog::{Catalog, PhotoRow};
use crate::media::{CaptureTime, FileId, PhotoId};
use crate::metadata::Metadata;

/// Where a picture comes from.
pub(super) struct From<'a> {
    pub card: &'a str,
    /// When its import began.
    pub began: Timestamp,
}

/// The exposure that a new picture of that name, which says this of itself, joins, and the file it is
/// the finished version of.
pub(super) fn finished_of(
    catalog: &Catalog,
    from: &From<'_>,
    name: &str,
    taken: Option<CaptureTime>,
    meta: &Metadata,
) -> Result<Option<(PhotoId, FileId)>> {
    let Some(taken) = taken.filter(|_| matches!(meta.format, "JPEG" | "TIFF")) else {
        return Ok(None);
    };
    for photo in catalog.raws_taken_at(taken.local, stem(name))? {
        let Some(row) = catalog.photo(photo)? else { continue };
        // editors leave out fractions of the second, or keep them
        let fraction =
            |time: jiff::civil::DateTime| Some(time.subsec_nanosecond()).filter(|n| *n != 0);
        let same_moment = match (row.taken.and_then(fraction), fraction(taken.local)) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        if same_moment
            && is_by_the_same_camera(&row, meta)
            && came_before_from_elsewhere(catalog, &row, from)?
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

fn came_before_from_elsewhere(catalog: &Catalog, row: &PhotoRow, from: &From<'_>) -> Result<bool> {
    let Some(import) = row.import else { return Ok(true) };
    let imports = catalog.imports()?;
    // one that another computer made is known by its photos alone
    let Some(its) = imports.iter().find(|its| its.id == import) else { return Ok(true) };
    Ok(its.card.as_deref() != Some(from.card) && its.ended.is_some_and(|ended| ended <= from.began))
}
