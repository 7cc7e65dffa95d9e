//! What systems and cameras keep on a card for themselves: no photo, no loss.

/// Folders nothing of which is the photographer's, by lower-case name.
const FOLDERS: &[(&str, &str)] = &[
    (".trashes", "the system's bin"),
    (".trash", "the system's bin"),
    ("$recycle.bin", "the system's bin"),
    ("recycler", "the system's bin"),
    (".spotlight-v100", "the system's search index"),
    (".fseventsd", "the system's journal"),
    (".temporaryitems", "the system's temporary files"),
    (".documentrevisions-v100", "the system's journal"),
    ("system volume information", "the system's own folder"),
    ("thmbnl", "the camera's thumbnails"),
    ("avchdtn", "the camera's thumbnails"),
    ("avf_info", "the camera's database"),
    ("canonmsc", "the camera's database"),
];

/// Files, by lower-case name.
const FILES: &[(&str, &str)] = &[
    (".ds_store", "the system's folder view"),
    ("thumbs.db", "the system's thumbnails"),
    ("ehthumbs.db", "the system's thumbnails"),
    ("desktop.ini", "the system's folder view"),
    (".apdisk", "the system's own file"),
    (".volumeicon.icns", "the system's own file"),
    (".metadata_never_index", "the system's own file"),
    ("indexervolumeguid", "the system's own file"),
    ("wpsettings.dat", "the system's own file"),
    ("autprint.mrk", "the camera's print orders"),
    ("nikon001.dsc", "the camera's mark"),
    ("nc_fllst.dat", "the camera's database"),
    ("sonycard.ind", "the camera's mark"),
];

/// Endings of lower-case names.
const ENDINGS: &[(&str, &str)] =
    &[(".ctg", "the camera's database"), (".bnp", "the camera's database")];

/// Why nothing below a folder of this name is the photographer's, if so.
pub(super) fn junk_folder(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    if name.starts_with(".trash-") {
        return Some("the system's bin");
    }
    FOLDERS.iter().find(|(junk, _)| *junk == name).map(|(_, why)| *why)
}

/// Why a file of this name and length is not the photographer's, if so.
pub(super) fn junk_file(name: &str) -> Option<&'static str> {
    // AppleDouble: what a Mac writes beside a file where the card cannot hold attributes
    if name.starts_with("._") {
        return Some("the system's attributes of another file");
    }
    let name = name.to_lowercase();
    let ending = ENDINGS.iter().find(|(ending, _)| name.ends_with(ending));
    FILES.iter().find(|(junk, _)| *junk == name).or(ending).map(|(_, why)| *why)
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
