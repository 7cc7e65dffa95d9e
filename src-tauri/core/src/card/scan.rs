//! Walking a card: every regular file once, everything else by name and reason.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::junk::{Junk, junk_file, junk_folder};
use crate::error::{At, Code, Error, PathError};
use crate::files;
use crate::media::{LastChange, Role};
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
    /// Where its file system keeps that.
    pub last_change: Option<LastChange>,
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
    /// A folder of theirs, and how many files in it were left out.
    JunkFolder(&'static str, u64),
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

    /// How many files were left out as the system's or the camera's own.
    #[must_use]
    pub fn junk_files(self) -> u64 {
        match self {
            Self::Junk(_) => 1,
            Self::JunkFolder(_, files) => files,
            _ => 0,
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Junk(why) | Self::JunkFolder(why, 0) => why,
            Self::JunkFolder(why, 1) => return write!(f, "{why} (1 file)"),
            Self::JunkFolder(why, files) => return write!(f, "{why} ({files} files)"),
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
        keeps_changes: files::keeps_changes(&root),
        folders: Vec::new(),
        theirs: Vec::new(),
    };
    fs::read_dir(&root).at(&root)?;
    walk.folders.push((PathBuf::new(), None));
    while let Some((folder, theirs)) = walk.folders.pop() {
        progress.check()?;
        if let Err(error) = walk.folder(&folder, theirs) {
            walk.unread(folder, theirs, error);
        }
    }
    let Walk { mut scan, theirs, .. } = walk;
    // of a camera's folder that held nothing but pictures nothing is left out
    let left = theirs.into_iter().filter(|t| t.files > 0 || matches!(t.junk, Junk::System(_)));
    scan.skipped.extend(left.map(|Theirs { path, junk, files }| Skipped {
        path,
        reason: SkipReason::JunkFolder(junk.why(), files),
    }));
    scan.files.sort_by(|a, b| a.path.cmp(&b.path));
    scan.skipped.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(scan)
}

struct Walk {
    scan: Scan,
    /// Folders walked or to be walked, by device and inode.
    seen: HashSet<(u64, u64)>,
    keeps_changes: bool,
    /// With the folder of the system's or the camera's that each lies in, by its place in `theirs`.
    folders: Vec<(PathBuf, Option<usize>)>,
    theirs: Vec<Theirs>,
}

/// A folder of the system's or the camera's own.
struct Theirs {
    path: PathBuf,
    junk: Junk,
    /// Files in it that were left out.
    files: u64,
}

impl Walk {
    fn folder(&mut self, folder: &Path, theirs: Option<usize>) -> Result<(), PathError> {
        let whole = self.scan.root.join(folder);
        for entry in fs::read_dir(&whole).at(&whole)? {
            let entry = entry.at(&whole)?;
            let path = folder.join(entry.file_name());
            // never through a link
            match fs::symlink_metadata(entry.path()) {
                Ok(meta) => self.entry(path, &meta, theirs),
                Err(source) => {
                    let error = PathError { path: entry.path(), source };
                    self.unread(path, theirs, error);
                }
            }
        }
        Ok(())
    }

    /// Notes what cannot be looked at, but for what the system hides from everybody.
    fn unread(&mut self, path: PathBuf, theirs: Option<usize>, error: PathError) {
        if !self.is_systems(theirs) {
            self.scan.unread.push(Unread { path, error });
        }
    }

    fn is_systems(&self, theirs: Option<usize>) -> bool {
        theirs.is_some_and(|n| matches!(self.theirs[n].junk, Junk::System(_)))
    }

    fn entry(&mut self, path: PathBuf, meta: &fs::Metadata, theirs: Option<usize>) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let kind = meta.file_type();
        let reason = if kind.is_dir() {
            if meta.dev() != self.scan.device {
                Some(SkipReason::OtherDevice)
            } else if path.components().count() > DEEPEST {
                Some(SkipReason::TooDeep)
            } else if !self.seen.insert((meta.dev(), meta.ino())) {
                Some(SkipReason::Loop)
            } else {
                let theirs = theirs.or_else(|| {
                    let (path, junk) = (path.clone(), junk_folder(&name)?);
                    self.theirs.push(Theirs { path, junk, files: 0 });
                    Some(self.theirs.len() - 1)
                });
                self.folders.push((path.clone(), theirs));
                None
            }
        } else if kind.is_file() {
            let folder = theirs.map(|n| self.theirs[n].junk);
            let whole = self.scan.root.join(&path);
            let junk = folder.or_else(|| junk_file(&name));
            match junk.filter(|junk| junk.is_really(&whole, meta.len())) {
                Some(_) if let Some(n) = theirs => {
                    self.theirs[n].files += 1;
                    None
                }
                Some(junk) => Some(SkipReason::Junk(junk.why())),
                None => {
                    self.scan.files.push(CardFile {
                        path: path.clone(),
                        bytes: meta.len(),
                        mtime_ns: files::mtime_ns(meta),
                        last_change: self.keeps_changes.then(|| files::last_change_of(meta)),
                        role: format_by_name(&name).role,
                    });
                    None
                }
            }
        } else if kind.is_symlink() {
            Some(SkipReason::Link)
        } else if kind.is_fifo() {
            Some(SkipReason::Pipe)
        } else if kind.is_socket() {
            Some(SkipReason::Socket)
        } else {
            Some(SkipReason::Device)
        };
        if let Some(reason) = reason.filter(|_| !self.is_systems(theirs)) {
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
                (".Trashes", SkipReason::JunkFolder(_, 1)),
                ("DCIM/loop", SkipReason::Link),
                ("DCIM/passwd.jpg", SkipReason::Link),
                ("DCIM/pipe.jpg", SkipReason::Pipe),
                ("s.jpg", SkipReason::Socket),
            ]
        ));
        assert!(!scan.skipped.iter().any(|s| s.reason.leaves_out_files()));
    }

    #[test]
    fn a_picture_is_the_photographers_whatever_its_folder_or_name_says() {
        let dir = tempfile::tempdir().unwrap();
        let put = |path: &str, head: &[u8], bytes: usize| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let mut content = head.to_vec();
            content.resize(bytes, 0);
            files::write_new(&path, &content).unwrap();
        };
        let jpeg = [0xff, 0xd8, 0xff, 0xe1];
        put("DCIM/CANONMSC/IMG_1.JPG", &jpeg, 300_000);
        put("DCIM/CANONMSC/M0100.CTG", b"CTG", 300_000);
        put("PRIVATE/M4ROOT/THMBNL/C0001T01.JPG", &jpeg, 9_000);
        put("avf_info/deep/film.mp4", b"\0\0\0\x18ftypmp42", 300_000);
        put("shot.ctg", &jpeg, 300_000);
        put("._IMG_2.JPG", &jpeg, 9_000);
        put("._IMG_3.JPG", &[0x00, 0x05, 0x16, 0x07], 4_096);
        put("RECYCLER/IMG_4.JPG", &jpeg, 300_000);
        put("RECYCLER/x/y", b"", 0);
        fs::create_dir(dir.path().join(".Trashes")).unwrap();
        let scan = scan(dir.path(), &Progress::new()).unwrap();
        let taken =
            ["._IMG_2.JPG", "DCIM/CANONMSC/IMG_1.JPG", "avf_info/deep/film.mp4", "shot.ctg"];
        assert_eq!(paths(&scan), taken);
        let skipped: Vec<String> = scan
            .skipped
            .iter()
            .map(|skipped| format!("{}: {}", skipped.path.display(), skipped.reason))
            .collect();
        assert_eq!(
            skipped,
            [
                ".Trashes: the system's bin",
                "._IMG_3.JPG: the system's attributes of another file",
                "DCIM/CANONMSC: the camera's database (1 file)",
                "PRIVATE/M4ROOT/THMBNL: the camera's thumbnails (1 file)",
                "RECYCLER: the system's bin (2 files)",
            ]
        );
        assert_eq!(scan.skipped.iter().map(|s| s.reason.junk_files()).sum::<u64>(), 5);
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
