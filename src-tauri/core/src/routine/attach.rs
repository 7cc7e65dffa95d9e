//! Whose finished version a picture is.
//!
//! First by memory: what this very file was when it was taken in before. Then by what it says: a
//! photo taken in the same second whose name is the beginning of this one's. Two cameras may give
//! the same name and two photos may share a second; both together mean the same picture. A picture
//! that does not say when it was taken belongs to nobody but itself.

use super::error::Result;
use super::watched::Kind;
use crate::catalog::{Catalog, FileRow};
use crate::files::fold_name;
use crate::media::{CaptureTime, ContentHash, FileId, PhotoId};

/// The exposure a file joins, and which of its files it is the newer version of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Attached {
    pub photo: PhotoId,
    pub replaces: FileId,
    /// The exposure is shown by the file this one replaces, which came out of an editor too.
    pub leads: bool,
    /// Where the exposure's leading file lies or lay.
    pub beside: Option<String>,
}

/// `before` is what a file of the same name in the same place was before; `name` and `taken` are what
/// the file says of itself. `elsewhere` says of content that it lies in the watched folder under
/// another path: a picture that is still there has no newer version, but one beside it.
pub(super) fn attach(
    catalog: &Catalog,
    before: Option<FileRow>,
    name: &str,
    taken: Option<CaptureTime>,
    elsewhere: &dyn Fn(&ContentHash) -> bool,
) -> Result<Option<Attached>> {
    if let Some(before) = before {
        let files = catalog.files_of(before.photo)?;
        return Ok(Some(attached(&files, &before)));
    }
    let Some(taken) = taken else { return Ok(None) };
    let stem = stem(name);
    let mut best: Option<(usize, Vec<FileRow>)> = None;
    for photo in catalog.taken_at(taken.local)? {
        let files = catalog.files_of(photo)?;
        let fit = files.iter().find(|f| f.lead).and_then(|lead| likeness(lead, &stem));
        if let Some(fit) = fit
            && best.as_ref().is_none_or(|(least, _)| fit > *least)
        {
            best = Some((fit, files));
        }
    }
    let Some((_, files)) = best else { return Ok(None) };
    // an earlier export under this name, or the photo itself
    let is_free = |file: &FileRow| {
        let last = newest(&files, file.file);
        !files.iter().any(|file| file.file == last && elsewhere(&file.sha256))
    };
    let earlier = |file: &&FileRow| {
        file.replaces.is_some() && fold_name(&file.shown_name()) == fold_name(name) && is_free(file)
    };
    let first = files.iter().find(earlier).or_else(|| files.iter().find(|file| file.lead));
    let attached = first.map(|first| attached(&files, first));
    // shown by a picture of this very folder: this one is another
    Ok(attached.filter(|attached| {
        !attached.leads
            || !files.iter().any(|f| f.file == attached.replaces && elsewhere(&f.sha256))
    }))
}

fn attached(files: &[FileRow], first: &FileRow) -> Attached {
    // of one original there may be many finished pictures, none of them newer than the others
    let replaces = if first.lead { first.file } else { newest(files, first.file) };
    let lead = files.iter().find(|file| file.lead);
    let beside = lead.and_then(path_of);
    let from_editor = |path: &str| {
        let top = path.split('/').next();
        [Kind::Finished, Kind::CatalogueBackup].iter().any(|kind| top == Some(kind.folder()))
    };
    Attached {
        photo: first.photo,
        replaces,
        leads: lead.is_some_and(|lead| lead.file == replaces) && beside.is_some_and(from_editor),
        beside: beside.map(str::to_owned),
    }
}

/// Where a file lies, or lay on the computer that took it in.
fn path_of(file: &FileRow) -> Option<&str> {
    file.local.as_ref().map(|local| local.path.as_str()).or(file.path.as_deref())
}

/// The last of the versions that follow a file, one replacing the other.
pub(super) fn newest(files: &[FileRow], first: FileId) -> FileId {
    let mut newest = first;
    // a ring of replacements, which only damage could make, ends too
    for _ in 0..files.len() {
        match files.iter().find(|file| file.replaces == Some(newest)) {
            Some(next) => newest = next.file,
            None => break,
        }
    }
    newest
}

/// How much of a finished picture's stem is the photo's: by its name on the card or in the library.
fn likeness(lead: &FileRow, finished: &str) -> Option<usize> {
    let names = [
        Some(lead.shown_name()),
        path_of(lead).map(|p| p.rsplit('/').next().unwrap_or(p).to_owned()),
    ];
    names.into_iter().flatten().filter_map(|name| begins_with(finished, &stem(&name))).max()
}

/// `IMG_1-Edit`, `IMG_1 (2)` and `IMG_1` begin with `IMG_1`; `IMG_10` does not.
fn begins_with(finished: &str, photo: &str) -> Option<usize> {
    let rest = finished.strip_prefix(photo).filter(|_| !photo.is_empty())?;
    (!rest.starts_with(|c: char| c.is_alphanumeric())).then_some(photo.len())
}

fn stem(name: &str) -> String {
    let stem = match name.rfind('.') {
        Some(dot) if dot > 0 => &name[..dot],
        _ => name,
    };
    fold_name(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finished_picture_has_its_photos_name_and_maybe_more() {
        for (finished, photo, fits) in [
            ("IMG_1", "IMG_1", true),
            ("IMG_1-Edit", "IMG_1", true),
            ("IMG_1 (2)", "IMG_1", true),
            ("IMG_10", "IMG_1", false),
            ("IMG_1", "IMG_10", false),
            ("IMG_1", "", false),
            ("IMG_1é", "IMG_1", false),
        ] {
            assert_eq!(begins_with(finished, photo).is_some(), fits, "{finished} of {photo}");
        }
        assert_eq!(stem("Été.tar.JPG"), fold_name("été.tar"));
    }
}
