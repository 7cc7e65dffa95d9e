//! Exposures: which files of a folder were taken by one press of the button.
//!
//! Within one folder, files that share a stem (whatever its case) belong together. A sidecar may
//! carry the whole name (`IMG_1.CR3.xmp`). A film beside a photo belongs to it only if it is the
//! motion part of a Live Photo; the caller, who can read the files, says so.

use std::collections::{HashMap, HashSet};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::scan::CardFile;
use crate::files::fold_name;
use crate::media::Role;

/// The files of one press of the button; the leading one first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    pub files: Vec<CardFile>,
}

impl Exposure {
    /// The file it is shown by.
    #[must_use]
    pub fn lead(&self) -> &CardFile {
        &self.files[0]
    }
}

/// Sorts files into exposures, ordered by the path of the leading file.
///
/// `same_moment` is asked whether a photo and a film of one stem are the halves of a Live Photo.
pub fn group(
    files: Vec<CardFile>,
    same_moment: &mut dyn FnMut(&CardFile, &CardFile) -> bool,
) -> Vec<Exposure> {
    let names: HashMap<(&Path, String), Role> =
        files.iter().map(|f| ((folder(f), folded(f)), f.role)).collect();
    let keys: Vec<(PathBuf, Vec<u8>)> =
        files.iter().map(|f| (folder(f).to_owned(), stem(f, &names))).collect();
    drop(names);

    let mut by_stem: HashMap<(PathBuf, Vec<u8>), Vec<CardFile>> = HashMap::new();
    for (key, file) in keys.into_iter().zip(files) {
        by_stem.entry(key).or_default().push(file);
    }
    let mut exposures: Vec<Exposure> =
        by_stem.into_values().flat_map(|files| split(files, same_moment)).collect();
    exposures.sort_by(|a, b| a.lead().path.cmp(&b.lead().path));
    exposures
}

/// Parts what only looks like one exposure.
fn split(
    mut files: Vec<CardFile>,
    same_moment: &mut dyn FnMut(&CardFile, &CardFile) -> bool,
) -> Vec<Exposure> {
    files.sort_by(|a, b| rank(a.role).cmp(&rank(b.role)).then_with(|| a.path.cmp(&b.path)));
    let mut parts: Vec<Vec<CardFile>> = Vec::new();
    // on a disk that minds case, `A.JPG` and `a.jpg` are two photos
    let mut taken: HashSet<String> = HashSet::new();
    for file in files {
        let twin = !taken.insert(folded(&file));
        let still = |f: &&CardFile| matches!(f.role, Role::Raw | Role::Image);
        let home = parts.iter_mut().find(|part| {
            if twin {
                return false;
            }
            match file.role {
                Role::Raw | Role::Image => part.iter().any(|f| still(&f)),
                Role::Video => {
                    let stills = part.iter().filter(|f| f.role == Role::Image);
                    stills.into_iter().any(|image| same_moment(image, &file))
                }
                _ => true,
            }
        });
        match home {
            Some(part) => part.push(file),
            None => parts.push(vec![file]),
        }
    }
    parts.into_iter().map(|files| Exposure { files }).collect()
}

/// What leads: raw before image before film.
fn rank(role: Role) -> u8 {
    match role {
        Role::Raw => 0,
        Role::Image => 1,
        Role::Video => 2,
        Role::Audio => 3,
        Role::Sidecar => 4,
        Role::Other | Role::Thumb | Role::View => 5,
    }
}

fn folder(file: &CardFile) -> &Path {
    file.path.parent().unwrap_or(Path::new(""))
}

/// The name in the form names are compared in.
fn folded(file: &CardFile) -> String {
    fold_name(&file.name())
}

/// What the files of one exposure have in common.
fn stem(file: &CardFile, names: &HashMap<(&Path, String), Role>) -> Vec<u8> {
    let raw = Path::new(file.path.file_name().unwrap_or_default()).file_stem();
    let raw = raw.unwrap_or_default();
    // two names that are no text and differ must not meet in one lossy form
    let fold = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => fold_name(text).into_bytes(),
        Err(_) => bytes.to_ascii_lowercase(),
    };
    let stem = fold(raw.as_bytes());
    if file.role != Role::Sidecar {
        return stem;
    }
    let here = |name: String| names.get(&(folder(file), name));
    if here(fold_name(&raw.to_string_lossy())).is_some_and(|role| *role != Role::Sidecar) {
        return fold(Path::new(raw).file_stem().unwrap_or_default().as_bytes());
    }
    // Sony: C0001.MP4 with C0001M01.XML
    if let Some(clip) = stem.strip_suffix(b"m01")
        && let Ok(clip_name) = std::str::from_utf8(clip)
        && ["mp4", "mxf"].iter().any(|ext| here(format!("{clip_name}.{ext}")).is_some())
    {
        return clip.to_vec();
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::format_by_name;

    fn card(names: &[&str]) -> Vec<CardFile> {
        let file = |name: &&str| CardFile {
            path: PathBuf::from(name),
            bytes: 1,
            mtime_ns: 0,
            last_change: None,
            role: format_by_name(name).role,
        };
        names.iter().map(file).collect()
    }

    /// Exposures as "LEAD + FURTHER"; every film with `live` in its folder is a Live Photo's.
    fn grouped(names: &[&str]) -> Vec<String> {
        let mut live = |image: &CardFile, _: &CardFile| image.path.starts_with("live");
        let name = |f: &CardFile| f.path.to_str().unwrap().to_owned();
        group(card(names), &mut live)
            .iter()
            .map(|e| e.files.iter().map(name).collect::<Vec<_>>().join(" + "))
            .collect()
    }

    #[test]
    fn files_of_one_stem_are_one_exposure_and_the_raw_leads() {
        let table: &[(&[&str], &[&str])] = &[
            (&["a/1.JPG", "a/1.CR3", "a/1.HIF"], &["a/1.CR3 + a/1.HIF + a/1.JPG"]),
            (&["a/1.jpg", "a/1.NEF", "a/1.XMP"], &["a/1.NEF + a/1.jpg + a/1.XMP"]),
            (&["a/1.CR3", "a/1.CR3.xmp"], &["a/1.CR3 + a/1.CR3.xmp"]),
            (&["a/1.JPG", "a/1.JPG.xmp", "a/1.CR3"], &["a/1.CR3 + a/1.JPG + a/1.JPG.xmp"]),
            (&["a/img_1.cr2", "a/IMG_1.JPG"], &["a/img_1.cr2 + a/IMG_1.JPG"]),
            (&["a/1.JPG", "a/1.WAV"], &["a/1.JPG + a/1.WAV"]),
            (&["a/1.AVI", "a/1.THM"], &["a/1.AVI + a/1.THM"]),
            (&["a/1.JPG", "a/1.AAE"], &["a/1.JPG + a/1.AAE"]),
            (&["a/1.JPG", "a/1.411"], &["a/1.JPG + a/1.411"]),
            (&["live/1.HEIC", "live/1.MOV"], &["live/1.HEIC + live/1.MOV"]),
            (&["a/1.JPG", "a/1.MOV"], &["a/1.JPG", "a/1.MOV"]),
            (&["a/C1.MP4", "a/C1M01.XML"], &["a/C1.MP4 + a/C1M01.XML"]),
        ];
        for (names, exposures) in table {
            assert_eq!(grouped(names), *exposures);
        }
    }

    #[test]
    fn what_shares_no_folder_or_stem_stands_alone() {
        let table: &[&[&str]] = &[
            &["a/1.CR3", "b/1.JPG"],
            &["a/1-2.JPG", "a/1.JPG"],
            &["a/1.WAV", "a/2.MP4", "a/3.bin", "a/4.xmp"],
            &["a/x.CR3.xmp", "a/y.CR3"],
            &["a/1.JPG", "a/1.jpg"],
        ];
        for names in table {
            assert_eq!(grouped(names), *names);
        }
    }
}
