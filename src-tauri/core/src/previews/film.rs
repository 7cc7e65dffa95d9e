//! One picture of a film: its first frame by the `ffmpeg` program where it is installed, else the
//! cover inside it, else the thumbnail a camera wrote beside it.
//!
//! This is the one place of the room that starts a program and looks at a second file, so that the
//! rest can run where neither is allowed. What comes back is a JPEG, upright, to be decoded under
//! the same limits as any other.
//!
//! ffmpeg reads this file and nothing else: lists of films, network addresses and references to
//! other files are refused. It gets little memory, and is killed when it takes too long.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::embedded;
use crate::metadata::source::{Source, Window};
use crate::metadata::{boxes, jpeg};

/// Longer than the slowest first frame of a 4K film, decoded by one thread.
const PATIENCE: Duration = Duration::from_secs(15);
const MAX_STILL: u64 = 32 << 20;
/// Address space, libraries included; 8K HEVC needs some 500 MB.
#[cfg(target_os = "linux")]
const MAX_MEMORY: u64 = 1 << 30;
const MAX_SECONDS: u64 = 12;
/// Demuxers that open nothing but the file they are given.
const FORMATS: &str =
    "mov,mp4,m4a,3gp,3g2,mj2,avi,mpegts,mpeg,mpegvideo,matroska,webm,asf,mxf,h264,hevc,m4v,flv,dv";

/// Pixels made square, then as many as a view has, in the colours a JPEG's decoder expects.
const SCALE: &str = "scale='max(1,iw*sar)':ih,scale='min(2048,iw)':-2:flags=bicubic:\
    out_color_matrix=bt601:out_range=pc,setsar=1";

/// The same, and what is meant for a brighter screen brought down to this one.
const SCALE_HDR: &str = "scale='max(1,iw*sar)':ih,scale='min(2048,iw)':-2:flags=bicubic,\
    zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=mobius:desat=0,\
    zscale=t=iec61966-2-1:m=bt470bg:r=full,format=yuvj420p,setsar=1";

/// Returns a JPEG of the film at `path`, upright; `None` when there is no way to one.
pub fn still(path: &Path) -> Option<Vec<u8>> {
    let beside = || thumbnail_beside(path).filter(|jpeg| is_picture(jpeg));
    let ffmpeg = OsStr::new("ffmpeg");
    // Not every build of ffmpeg has the filters for HDR.
    let bright = is_hdr(path).then(|| first_frame(ffmpeg, path, SCALE_HDR)).flatten();
    bright
        .or_else(|| first_frame(ffmpeg, path, SCALE))
        .filter(|jpeg| is_picture(jpeg))
        .or_else(|| cover(path))
        .or_else(beside)
}

fn is_picture(bytes: &[u8]) -> bool {
    jpeg::segments(Source::memory(bytes).all()).is_some_and(|jpeg| jpeg.has_scan)
}

/// Lets `program` decode the first frame.
fn first_frame(program: &OsStr, path: &Path, filters: &str) -> Option<Vec<u8>> {
    // As a `file:` address, a name that begins with a dash or holds a colon is only a name.
    let mut input = OsString::from("file:");
    input.push(std::path::absolute(path).ok()?);
    let mut child = Command::new(program)
        .args(["-nostdin", "-hide_banner", "-loglevel", "error", "-max_alloc", "400000000"])
        .args(["-threads", "1", "-protocol_whitelist", "file", "-format_whitelist", FORMATS])
        .args(["-t", "10", "-i"])
        .arg(input)
        .args(["-map", "0:v:0", "-frames:v", "1", "-an", "-sn", "-dn", "-map_metadata", "-1"])
        .args(["-vf", filters, "-threads", "1"])
        .args(["-pix_fmt", "yuvj420p", "-c:v", "mjpeg", "-q:v", "2", "-f", "image2pipe", "pipe:1"])
        .env_remove("FFREPORT")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    confine(&child);
    let mut out = child.stdout.take()?.take(MAX_STILL);
    let reader = std::thread::spawn(move || {
        let mut jpeg = Vec::new();
        out.read_to_end(&mut jpeg).ok().map(|_| jpeg)
    });
    let is_clean = wait(&mut child);
    // Killed or done, it has closed its end.
    let jpeg = reader.join().ok().flatten()?;
    (is_clean && jpeg.ends_with(&[0xFF, 0xD9])).then_some(jpeg)
}

/// Waits for the child and kills it when it takes too long; whether it ended well.
fn wait(child: &mut Child) -> bool {
    let start = Instant::now();
    let mut pause = Duration::from_millis(5);
    while start.elapsed() < PATIENCE {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => std::thread::sleep(pause),
            Err(_) => break,
        }
        pause = (pause * 2).min(Duration::from_millis(50));
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// Bounds the memory and the processor time of a child, where the system can.
fn confine(child: &Child) {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Pid, Resource, Rlimit, prlimit};
        let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return };
        let at_most = |most| Rlimit { current: Some(most), maximum: Some(most) };
        let _ = prlimit(Some(pid), Resource::As, at_most(MAX_MEMORY));
        let _ = prlimit(Some(pid), Resource::Cpu, at_most(MAX_SECONDS));
        let _ = prlimit(Some(pid), Resource::Fsize, at_most(0));
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (child, MAX_SECONDS);
}

/// Whether an MP4 or a MOV says that its light is coded by PQ or HLG.
fn is_hdr(path: &Path) -> bool {
    /// What precedes the boxes of a picture track's sample entry.
    const SAMPLE_ENTRY: u64 = 78;
    let transfer = || {
        let source = Source::open(path, 64 << 20).ok()?;
        let movie = boxes::find(source.all(), b"moov")?;
        boxes::boxes(movie).filter(|b| b.kind == *b"trak").find_map(|track| {
            let path = [b"mdia", b"minf", b"stbl", b"stsd"];
            let entry = boxes::boxes(boxes::descend(track.body, &path)?.from(8)?).next()?;
            let colours = boxes::find(entry.body.from(SAMPLE_ENTRY)?, b"colr")?;
            // Either kind of this box: primaries and transfer, two bytes each.
            matches!(&colours.array(0)?, b"nclx" | b"nclc").then(|| colours.be16(6)).flatten()
        })
    };
    matches!(transfer(), Some(16 | 18))
}

/// Returns the cover or thumbnail inside an MP4, a MOV or their kin.
fn cover(path: &Path) -> Option<Vec<u8>> {
    let source = Source::open(path, 64 << 20).ok()?;
    let movie = boxes::find(source.all(), b"moov")?;
    let data = boxes::find(movie, b"udta")?;
    let meta = boxes::find(data, b"meta").and_then(|meta| meta.from(4));
    let of_itunes = meta
        .and_then(|meta| boxes::descend(meta, &[b"ilst", b"covr", b"data"]))
        .and_then(|data| data.from(8));
    // Canon's and Sony's cameras keep a small JPEG in boxes of their own.
    let of_camera =
        || embedded::search(data).into_iter().max_by_key(|e| e.longer).map(|e| e.window);
    let jpeg =
        |window: Window<'_>| window.small(MAX_STILL as usize).filter(|bytes| is_picture(bytes));
    of_itunes.and_then(jpeg).or_else(|| of_camera().and_then(jpeg))
}

/// Reads the `.THM` of a film, which old cameras write beside it.
fn thumbnail_beside(path: &Path) -> Option<Vec<u8>> {
    const MAX_THM: u64 = 1 << 20;
    let candidates: [PathBuf; 2] = [path.with_extension("THM"), path.with_extension("thm")];
    let file = candidates.iter().find_map(|path| std::fs::File::open(path).ok())?;
    let mut bytes = Vec::new();
    file.take(MAX_THM).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(name)
    }

    #[test]
    fn a_program_that_is_not_installed_gives_no_frame() {
        assert_eq!(
            first_frame(OsStr::new("no-such-ffmpeg"), &fixture("card/clip.mp4"), SCALE),
            None
        );
    }

    #[test]
    fn a_list_of_files_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let film = fixture("card/clip.mp4");
        let list = dir.path().join("list.mp4");
        let text = format!("ffconcat version 1.0\nfile 'file:{}'\n", film.display());
        crate::files::replace(&list, text.as_bytes()).unwrap();
        assert_eq!(first_frame(OsStr::new("ffmpeg"), &list, SCALE), None);
        let segments = dir.path().join("list.mov");
        let text = format!("#EXTM3U\n#EXTINF:1,\nfile:{}\n#EXT-X-ENDLIST\n", film.display());
        crate::files::replace(&segments, text.as_bytes()).unwrap();
        assert_eq!(first_frame(OsStr::new("ffmpeg"), &segments, SCALE), None);
    }

    #[test]
    fn the_thumbnail_beside_a_film_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let film = dir.path().join("MVI_0314.AVI");
        let thumbnail = std::fs::read(fixture("camera/g2.thm")).unwrap();
        crate::files::replace(&film, b"RIFF no film").unwrap();
        assert_eq!(still(&film), None);
        crate::files::replace(&dir.path().join("MVI_0314.THM"), &thumbnail).unwrap();
        assert_eq!(still(&film), Some(thumbnail));
    }
}
