//! Walking a card: every regular file once, everything else by name and reason.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::junk::{junk_file, junk_folder};
use crate::error::{At, Code, Error, PathError};
use crate::files;
use crate::media::Role;
use crate::metadata::format_by_name;
use crate::progress::{Cancelled, Progress};

/// Folders deeper than this are not walked: no camera makes them.
const DEEPEST: usize = 64;

/// A regular file of the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardFile {
    /// Relative to the card's root, in raw bytes.
    pub path: PathBuf,
    pub bytes: u64,
    pub mtime_ns: i64,
    /// By the name's extension.
    pub role: Role,
}

impl CardFile {
    /// The raw bytes of the path.
    #[must_use]
    pub fn raw_path(&self) -> &[u8] {
        self.path.as_os_str().as_bytes()
    }

    /// The raw bytes of the name.
    #[must_use]
    pub fn raw_name(&self) -> &[u8] {
        self.path.file_name().unwrap_or_default().as_bytes()
    }

    /// The name as it can be shown.
    #[must_use]
    pub fn name(&self) -> String {
        String::from_utf8_lossy(self.raw_name()).into_owned()
    }
}

/// Something on the card that is not imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    pub path: PathBuf,
    pub reason: SkipReason,
}

/// Why something is not imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkipReason {
    /// The system's or the camera's own.
    Junk(&'static str),
    Link,
    Pipe,
    Socket,
    Device,
    /// Another disk is mounted there.
    OtherDevice,
    /// The folder was walked before under another name.
    Loop,
    TooDeep,
}

impl SkipReason {
    /// Whether files of the photographer may have been left out.
    #[must_use]
    pub fn leaves_out_files(self) -> bool {
        matches!(self, Self::OtherDevice | Self::TooDeep)
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Junk(why) => why,
            Self::Link => "is a link",
            Self::Pipe => "is a pipe, not a file",
            Self::Socket => "is a socket, not a file",
            Self::Device => "is a device, not a file",
            Self::OtherDevice => "lies on another disk",
            Self::Loop => "leads back to a folder that was walked already",
            Self::TooDeep => "lies too deep in folders",
        })
    }
}

/// A part of the card that could not be looked at: it may hold photos.
#[derive(Debug)]
pub struct Unread {
    pub path: PathBuf,
    pub error: PathError,
}

/// What lies on a card.
#[derive(Debug)]
pub struct Scan {
    pub root: PathBuf,
    pub device: u64,
    /// Ordered by path.
    pub files: Vec<CardFile>,
    pub skipped: Vec<Skipped>,
    pub unread: Vec<Unread>,
}

/// Why a card cannot be walked at all.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    #[error("the card cannot be read: {0}")]
    Root(#[from] PathError),
    #[error("{} is not a folder", .0.display())]
    NotAFolder(PathBuf),
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl From<CardError> for Error {
    fn from(error: CardError) -> Self {
        let code = match &error {
            CardError::Root(e) if e.source.kind() == io::ErrorKind::NotFound => Code::NotFound,
            CardError::Root(_) => Code::Io,
            CardError::NotAFolder(_) => Code::Usage,
            CardError::Cancelled(_) => Code::Cancelled,
        };
        Self::new(code, error)
    }
}

/// Walks everything below `root`.
///
/// # Errors
/// When `root` itself cannot be read, or work was stopped. What fails below is in the result.
pub fn scan(root: &Path, progress: &Progress) -> Result<Scan, CardError> {
    // the root alone may be named through a link: the user chose it
    let root = root.canonicalize().at(root)?;
    let meta = fs::metadata(&root).at(&root)?;
    if !meta.is_dir() {
        return Err(CardError::NotAFolder(root));
    }
    let mut walk = Walk {
        seen: HashSet::from([(meta.dev(), meta.ino())]),
        scan: Scan {
            root: root.clone(),
            device: meta.dev(),
            files: Vec::new(),
            skipped: Vec::new(),
            unread: Vec::new(),
        },
        folders: Vec::new(),
    };
    fs::read_dir(&root).at(&root)?;
    walk.folders.push(PathBuf::new());
    while let Some(folder) = walk.folders.pop() {
        progress.check()?;
        if let Err(error) = walk.folder(&folder) {
            walk.scan.unread.push(Unread { path: folder, error });
        }
    }
    let mut scan = walk.scan;
    scan.files.sort_by(|a, b| a.path.cmp(&b.path));
    scan.skipped.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(scan)
}

struct Walk {
    scan: Scan,
    /// Folders walked or to be walked, by device and inode.
    seen: HashSet<(u64, u64)>,
    folders: Vec<PathBuf>,
}

impl Walk {
    fn folder(&mut self, folder: &Path) -> Result<(), PathError> {
        let whole = self.scan.root.join(folder);
        for entry in fs::read_dir(&whole).at(&whole)? {
            let entry = entry.at(&whole)?;
            let path = folder.join(entry.file_name());
            // never through a link
            match fs::symlink_metadata(entry.path()) {
                Ok(meta) => self.entry(path, &meta),
                Err(source) => {
                    let error = PathError { path: entry.path(), source };
                    self.scan.unread.push(Unread { path, error });
                }
            }
        }
        Ok(())
    }

    fn entry(&mut self, path: PathBuf, meta: &fs::Metadata) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let kind = meta.file_type();
        let reason = if kind.is_dir() {
            if let Some(why) = junk_folder(&name) {
                Some(SkipReason::Junk(why))
            } else if meta.dev() != self.scan.device {
                Some(SkipReason::OtherDevice)
            } else if path.components().count() > DEEPEST {
                Some(SkipReason::TooDeep)
            } else if !self.seen.insert((meta.dev(), meta.ino())) {
                Some(SkipReason::Loop)
            } else {
                self.folders.push(path.clone());
                None
            }
        } else if kind.is_file() {
            let junk = junk_file(&name).map(SkipReason::Junk);
            if junk.is_none() {
                self.scan.files.push(CardFile {
                    path: path.clone(),
                    bytes: meta.len(),
                    mtime_ns: files::mtime_ns(meta),
                    role: format_by_name(&name).role,
                });
            }
            junk
        } else if kind.is_symlink() {
            Some(SkipReason::Link)
        } else if kind.is_fifo() {
            Some(SkipReason::Pipe)
        } else if kind.is_socket() {
            Some(SkipReason::Socket)
        } else {
            Some(SkipReason::Device)
        };
        if let Some(reason) = reason {
            self.scan.skipped.push(Skipped { path, reason });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn put(dir: &Path, path: &str) {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        files::write_new(&path, b"x").unwrap();
    }

    fn paths(scan: &Scan) -> Vec<&str> {
        scan.files.iter().map(|f| f.path.to_str().unwrap()).collect()
    }

    #[test]
    fn only_regular_files_are_taken_and_the_rest_is_named_with_its_reason() {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), "DCIM/100CANON/IMG_1.CR3");
        put(dir.path(), "DCIM/100CANON/notes");
        put(dir.path(), ".DS_Store");
        put(dir.path(), ".Trashes/501/IMG_0.JPG");
        symlink("/etc/passwd", dir.path().join("DCIM/passwd.jpg")).unwrap();
        symlink("..", dir.path().join("DCIM/loop")).unwrap();
        let pipe = dir.path().join("DCIM/pipe.jpg");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("s.jpg")).unwrap();

        let scan = scan(dir.path(), &Progress::new()).unwrap();
        assert_eq!(paths(&scan), ["DCIM/100CANON/IMG_1.CR3", "DCIM/100CANON/notes"]);
        assert_eq!(scan.files[0].role, Role::Raw);
        assert_eq!(scan.files[1].role, Role::Other, "the unknown is not left behind");
        let skipped: Vec<_> =
            scan.skipped.iter().map(|s| (s.path.to_str().unwrap(), s.reason)).collect();
        assert!(matches!(
            skipped[..],
            [
                (".DS_Store", SkipReason::Junk(_)),
                (".Trashes", SkipReason::Junk(_)),
                ("DCIM/loop", SkipReason::Link),
                ("DCIM/passwd.jpg", SkipReason::Link),
                ("DCIM/pipe.jpg", SkipReason::Pipe),
                ("s.jpg", SkipReason::Socket),
            ]
        ));
        assert!(!scan.skipped.iter().any(|s| s.reason.leaves_out_files()));
    }

    #[test]
    fn a_name_that_is_no_text_keeps_its_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let name = std::ffi::OsStr::from_bytes(b"\xff\xfe.JPG");
        files::write_new(&dir.path().join(name), b"x").unwrap();
        let scan = scan(dir.path(), &Progress::new()).unwrap();
        assert_eq!(scan.files[0].raw_name(), b"\xff\xfe.JPG");
        assert_eq!(scan.files[0].role, Role::Image);
    }

    #[test]
    fn a_file_or_nothing_is_no_card() {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), "file");
        let of = |name: &str| scan(&dir.path().join(name), &Progress::new());
        assert!(matches!(of("file"), Err(CardError::NotAFolder(_))));
        assert!(matches!(of("none"), Err(CardError::Root(_))));
    }
}
