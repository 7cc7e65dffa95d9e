//! What systems and cameras keep on a card for themselves: no photo, no loss.
//!
//! A name alone is not believed where a photo may hide behind it: in a camera's own folders and
//! under its names, what begins like a picture or a film and is as large as one is the
//! photographer's; so is what is only called like a Mac's notes on another file. What somebody put
//! into the system's bin stays out, and is counted.

use std::path::Path;

use crate::files;
use crate::media::MediaKind;
use crate::metadata;

/// Pictures smaller than this are a camera's own: thumbnails, screens, marks.
const LEAST: u64 = 256 << 10;

/// What AppleDouble files begin with.
const APPLE_DOUBLE: &[u8] = &[0x00, 0x05, 0x16, 0x07];

/// Why something may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Junk {
    System(&'static str),
    /// Unless it is a whole picture.
    Camera(&'static str),
    /// AppleDouble: what a Mac writes beside a file where the card cannot hold attributes.
    Attributes,
}

use Junk::{Camera, System};

/// Folders nothing of which is the photographer's, by lower-case name.
const FOLDERS: &[(&str, Junk)] = &[
    (".trashes", System("the system's bin")),
    (".trash", System("the system's bin")),
    ("$recycle.bin", System("the system's bin")),
    ("recycler", System("the system's bin")),
    (".spotlight-v100", System("the system's search index")),
    (".fseventsd", System("the system's journal")),
    (".temporaryitems", System("the system's temporary files")),
    (".documentrevisions-v100", System("the system's journal")),
    ("system volume information", System("the system's own folder")),
    ("thmbnl", Camera("the camera's thumbnails")),
    ("avchdtn", Camera("the camera's thumbnails")),
    ("avf_info", Camera("the camera's database")),
    ("canonmsc", Camera("the camera's database")),
];

/// Files, by lower-case name.
const FILES: &[(&str, Junk)] = &[
    (".ds_store", System("the system's folder view")),
    ("thumbs.db", System("the system's thumbnails")),
    ("ehthumbs.db", System("the system's thumbnails")),
    ("desktop.ini", System("the system's folder view")),
    (".apdisk", System("the system's own file")),
    (".volumeicon.icns", System("the system's own file")),
    (".metadata_never_index", System("the system's own file")),
    ("indexervolumeguid", System("the system's own file")),
    ("wpsettings.dat", System("the system's own file")),
    ("autprint.mrk", Camera("the camera's print orders")),
    ("nikon001.dsc", Camera("the camera's mark")),
    ("nc_fllst.dat", Camera("the camera's database")),
    ("sonycard.ind", Camera("the camera's mark")),
];

/// Endings of lower-case names.
const ENDINGS: &[(&str, Junk)] =
    &[(".ctg", Camera("the camera's database")), (".bnp", Camera("the camera's database"))];

impl Junk {
    pub fn why(self) -> &'static str {
        match self {
            System(why) | Camera(why) => why,
            Self::Attributes => "the system's attributes of another file",
        }
    }

    /// Whether a file that may be left out is what its name or folder says. What cannot be read is
    /// not: whoever copies it will tell.
    pub fn is_really(self, path: &Path, bytes: u64) -> bool {
        match self {
            System(_) => true,
            Camera(_) if bytes < LEAST => true,
            Camera(_) => files::head(path, metadata::HEAD).is_ok_and(|head| {
                let kind = metadata::format_of("", &head).kind;
                !matches!(kind, MediaKind::Photo | MediaKind::Raw | MediaKind::Video)
            }),
            Self::Attributes => files::head(path, APPLE_DOUBLE.len())
                .is_ok_and(|head| head == APPLE_DOUBLE || bytes == 0),
        }
    }
}

/// Why nothing below a folder of this name is the photographer's, if so.
pub(super) fn junk_folder(name: &str) -> Option<Junk> {
    let name = name.to_lowercase();
    if name.starts_with(".trash-") {
        return Some(System("the system's bin"));
    }
    FOLDERS.iter().find(|(junk, _)| *junk == name).map(|(_, junk)| *junk)
}

/// Why a file of this name is not the photographer's, if so.
pub(super) fn junk_file(name: &str) -> Option<Junk> {
    if name.starts_with("._") {
        return Some(Junk::Attributes);
    }
    let name = name.to_lowercase();
    let ending = ENDINGS.iter().find(|(ending, _)| name.ends_with(ending));
    FILES.iter().find(|(junk, _)| *junk == name).or(ending).map(|(_, junk)| *junk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_and_cameras_files_are_known_in_any_case() {
        for name in [".DS_Store", "Thumbs.db", "._IMG_1.JPG", "M0100.CTG", "AUTPRINT.MRK"] {
            assert!(junk_file(name).is_some(), "{name}");
        }
        for name in [".Trashes", ".Trash-1000", "System Volume Information", "THMBNL"] {
            assert!(junk_folder(name).is_some(), "{name}");
        }
    }

    #[test]
    fn what_is_only_unknown_is_not_junk() {
        for name in ["IMG_1.JPG", ".hidden.jpg", "notes", "version.txt", "MEDIAPRO.XML", "_.jpg"] {
            assert!(junk_file(name).is_none(), "{name}");
        }
        for name in ["DCIM", "trash", "LOST.DIR", "lost+found"] {
            assert!(junk_folder(name).is_none(), "{name}: recovered photos land there");
        }
    }
}
