//! Every reader of bytes that somebody else may have written, as one function each.
//!
//! `fuzz/` lets libFuzzer drive them; the test below does so by itself, from the fixtures, for a
//! moment in every test run and for long in `make soak`. A target returns, whatever it is given: it
//! does not panic, hang, or take more memory than its input is worth.
//!
//! What is sealed in the bucket is opened under one key, so that a target gets past the seal: whoever
//! holds a key may still be hostile to the readers behind it.

use crate::backup::format::{
    Context, FileHeader, ObjectId, Page, open_object, read_segment, seal_object, seal_under_vault,
};
use crate::catalog::Query;
use crate::encryption::{Key, Opener, Salt, open, seal};
use crate::import::{Template, fuzzing as manifests};
use crate::keys::{SubKey, VaultKey, json};
use crate::media::{KeyId, ShootId, VaultId};
use crate::metadata::{IptcFields, fuzzing as files, xmp};
use crate::previews::fuzzing as pictures;
use crate::sandbox::Frame;

/// A name and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("tiff", |bytes| file("a.tif", bytes)),
    ("raw", |bytes| file("a.nef", bytes)),
    ("jpeg", |bytes| file("a.jpg", bytes)),
    ("heif", |bytes| file("a.heic", bytes)),
    ("cr3", |bytes| file("a.cr3", bytes)),
    ("video", |bytes| file("a.mp4", bytes)),
    ("avi", |bytes| file("a.avi", bytes)),
    ("crw", |bytes| file("a.crw", bytes)),
    ("containers", containers),
    ("iptc", files::iptc),
    ("xmp", xmp_packet),
    ("embedded", embedded),
    ("sealed", sealed),
    ("object", object),
    ("page", page),
    ("segment", segment),
    ("json", |bytes| drop(json::value(bytes))),
    ("manifest", manifests::manifest),
    ("sums", manifests::sums),
    ("template", |bytes| drop(text(bytes).parse::<Template>())),
    ("query", |bytes| drop(Query::parse(&text(bytes)))),
    ("frame", |bytes| drop(Frame::read(&mut &*bytes))),
];

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn file(name: &str, bytes: &[u8]) {
    drop(files::record(name, bytes));
}

/// Formats told by their first bytes alone.
fn containers(bytes: &[u8]) {
    for name in ["a.png", "a.webp", "a.raf", "a.x3f", "a.mrw", "a.jxl", "a.psd", "a.mpg"] {
        file(name, bytes);
    }
}

fn xmp_packet(bytes: &[u8]) {
    drop(xmp::parse(bytes));
    let fields = IptcFields { creator: Some("Ada".to_owned()), ..IptcFields::default() };
    if let Some(merged) = xmp::merge(Some(bytes), &fields, jiff::Timestamp::UNIX_EPOCH) {
        assert!(xmp::parse(&merged).is_some(), "what is written can be read");
    }
}

fn embedded(bytes: &[u8]) {
    for format in ["NEF", "CR3", "RAF", "X3F", "CRW", "MRW", "DNG"] {
        pictures::embedded(bytes, format);
    }
}

const KEY: Key = Key::from_bytes([7; 32]);
const VAULT: Context = Context(VaultId([1; 16]));
const ID: ObjectId = ObjectId([2; 20]);

fn sealed(bytes: &[u8]) {
    drop(open(&KEY, "place", bytes));
    if let Ok(mut opener) = Opener::new(&KEY, "place", bytes) {
        while let Ok(Some(_)) = opener.next_chunk() {}
    }
    let whole = seal(&KEY, Salt::from_bytes([3; 24]), "place", bytes);
    assert_eq!(open(&KEY, "place", &whole).ok().as_deref(), Some(bytes));
}

fn object(bytes: &[u8]) {
    drop(open_object(KeyId([4; 16]), &KEY, "place", bytes));
    let mut whole = Vec::new();
    seal_object(KeyId([4; 16]), &KEY, "place", bytes, &mut whole);
    if let Ok(plain) = open_object(KeyId([4; 16]), &KEY, "place", &whole) {
        drop(FileHeader::read_whole(&plain, true));
        drop(FileHeader::read_whole(&plain, false));
    }
}

fn page(bytes: &[u8]) {
    let (key, shoot) = (VaultKey::new(1, KEY), ShootId([5; 16]));
    drop(Page::open(VAULT, &key, shoot, ID, bytes));
    let place = format!("{shoot}/{ID}");
    let whole = seal_under_vault(VAULT, &key, SubKey::Ring, &place, bytes.to_vec(), b' ');
    drop(Page::open(VAULT, &key, shoot, ID, &whole));
}

fn segment(bytes: &[u8]) {
    let key = VaultKey::new(1, KEY);
    drop(read_segment(VAULT, &key, ID, bytes));
    let place = ID.to_string();
    let whole = seal_under_vault(VAULT, &key, SubKey::Cat, &place, bytes.to_vec(), 0);
    drop(read_segment(VAULT, &key, ID, &whole));
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::{Duration, Instant};

    use super::*;

    /// No input of these sizes is worth more.
    const LONGEST: Duration = Duration::from_secs(5);

    /// Where a target begins: something of what it reads.
    fn seeds(target: &str) -> Vec<Vec<u8>> {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
        let file = |name: &str| {
            let mut bytes = std::fs::read(fixtures.join(name)).unwrap();
            // What a file says about itself stands in front, or behind in few: enough is enough.
            bytes.truncate(128 << 10);
            bytes
        };
        let files: &[&str] = match target {
            "tiff" => &["camera/loop.tiff", "camera/dc50.kdc"],
            "raw" => &["card/d90.nef", "camera/a57.arw", "camera/lc33.rw2"],
            "jpeg" => &["card/field.jpg", "camera/sydney.jpg", "camera/traversal.jpg"],
            "heif" => &["camera/cut.heic", "camera/iphone12.avif"],
            "cr3" => &["card/rp.cr3"],
            "video" => &["card/clip.mp4", "camera/xavc.mp4"],
            "avi" => &["card/voice.wav"],
            "containers" => &["camera/4900zoom.raf", "camera/loop.tiff"],
            "embedded" => &["card/d90.nef", "card/rp.cr3", "camera/4900zoom.raf"],
            "xmp" => &["camera/entities.xmp", "card/squirrel.jpg.xmp"],
            _ => &[],
        };
        let text: &[&[u8]] = match target {
            "avi" => &[b"RIFF\x40\0\0\0AVI LIST\x34\0\0\0hdrlavih\x38\0\0\0"],
            "crw" => &[b"II\x1a\0\0\0HEAPCCDR\x02\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\x0a\0\0\0"],
            "containers" => &[
                b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x40\0\0\0\x40\x08\x02\0\0\0\0\0\0\0",
                b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\x3f\0\0\x3f\0\0EXIF\x08\0\0\0II*\0",
                b"FOVb\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x40\0\0\0\x40\0\0\0\0\0\0\0",
                b"\0MRM\0\0\0\x20\0TTW\0\0\0\x10MM\0*\0\0\0\x08\0\0\0\0\0\0\0\0",
            ],
            "iptc" => &[b"\x1c\x02\x00\0\x02\0\x04\x1c\x02\x19\0\x05dance\x1c\x02\x37\0\x0820250601",
                b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x10\x1c\x02\x19\0\x05dance"],
            "json" | "page" => &[
                br#"{"v":1,"shoot":"05050505050505050505050505050505","keys":{},"gone":[]}"#,
                br#"{"a":[1,2.5,-3,true,null,"x\u0041"],"b":{"c":{}}}"#,
            ],
            "object" => &[b"\0\0\0\x02{}content", b"\0\0\0\x40{\"v\":1,\"subject\":\"01\"}"],
            "segment" => &[b"\0\0\0\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\0\0\0\x04abcd"],
            "manifest" => &[
                br#"<?xml version="1.0"?><hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><creatorinfo><creationdate>2026-01-01T00:00:00Z</creationdate></creatorinfo><hashes><hash><path size="5">A/b.jpg</path><xxh64 action="original">0123456789abcdef</xxh64></hash></hashes></hashlist>"#,
                br#"<?xml version="1.0"?><hashlist version="1.1"><hash><file>a.jpg</file><size>5</size><xxhash64be>0123456789abcdef</xxhash64be></hash></hashlist>"#,
                br#"<?xml version="1.0"?><ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0"><hashlist sequencenr="1"><path>0001.mhl</path><c4>c41</c4></hashlist></ascmhldirectory>"#,
            ],
            "sums" => &[
                b"d41d8cd98f00b204e9800998ecf8427e  a.jpg\n\\d41d8cd98f00b204e9800998ecf8427e *b\\nc.jpg\n",
                b"SHA256 (a.jpg) = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n",
            ],
            "template" => &[b"Originals/{date:%Y}/{date:%Y-%m-%d} {shoot}/{seq:4}-{original:lower}.{ext} {{}}"],
            "query" => &[b"rating>=4 label:red shoot:\"Smith wedding\" date:2025-06..2025-07 -keyword:blur iso>=1600 word"],
            "frame" => &[b"DSW\x01\x02\0\0\0\x02\0\0\0\x04\0\0\0\0\0\0\0{}body"],
            _ => &[],
        };
        let all = files.iter().map(|name| file(name)).chain(text.iter().map(|t| t.to_vec()));
        all.chain([Vec::new(), vec![0xFF; 64]]).collect()
    }

    struct Dice(u64);

    impl Dice {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }

        fn below(&mut self, most: usize) -> usize {
            (self.next() % most.max(1) as u64) as usize
        }

        /// A place in `len`, most often near the front: that is where structures begin.
        fn place(&mut self, len: usize) -> usize {
            match self.below(3) {
                0 => self.below(len),
                1 => self.below(len.min(2048)),
                _ => self.below(len.min(128)),
            }
        }

        fn mutated(&mut self, seed: &[u8]) -> Vec<u8> {
            const EVIL: [u64; 10] =
                [0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, u64::MAX, 0x10000];
            let mut bytes = seed.to_vec();
            for _ in 0..=self.below(6) {
                let at = self.place(bytes.len());
                match self.below(8) {
                    0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                    1 if !bytes.is_empty() => bytes[at] = self.next() as u8,
                    2 | 3 => {
                        let evil = EVIL[self.below(EVIL.len())];
                        let width = [1, 2, 4, 8][self.below(4)];
                        let number = match self.below(2) {
                            0 => evil.to_be_bytes()[8 - width..].to_vec(),
                            _ => evil.to_le_bytes()[..width].to_vec(),
                        };
                        let end = (at + width).min(bytes.len());
                        bytes[at.min(end)..end].copy_from_slice(&number[..end - at.min(end)]);
                    }
                    4 => bytes.truncate(self.below(bytes.len() + 1)),
                    5 => {
                        let from = self.place(bytes.len());
                        let piece = bytes[from..bytes.len().min(from + 64)].to_vec();
                        bytes.splice(at..at, piece);
                    }
                    6 => {
                        let end = bytes.len().min(at + self.below(16));
                        bytes.drain(at.min(end)..end);
                    }
                    _ => bytes.extend(std::iter::repeat_n(self.next() as u8, self.below(64))),
                }
            }
            bytes
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "how long is asked for from outside")]
    fn no_reader_breaks_on_what_a_fixture_becomes() {
        let seconds = std::env::var("DARKSLIDE_FUZZ").ok().and_then(|s| s.parse().ok());
        let each = Duration::from_secs_f64(seconds.unwrap_or(0.25));
        for (name, target) in TARGETS {
            let seeds = seeds(name);
            let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
            let end = Instant::now() + each;
            let mut round = 0_u64;
            while round < seeds.len() as u64 || Instant::now() < end {
                let seed = &seeds[round as usize % seeds.len()];
                let bytes =
                    if round < seeds.len() as u64 { seed.clone() } else { dice.mutated(seed) };
                let start = Instant::now();
                let outcome = std::panic::catch_unwind(|| target(&bytes));
                let took = start.elapsed();
                if outcome.is_err() || took > LONGEST {
                    let kept = std::env::temp_dir().join(format!("darkslide-fuzz-{name}"));
                    std::fs::write(&kept, &bytes).unwrap();
                    panic!("{name}, round {round}, {took:?}: the input is {}", kept.display());
                }
                round += 1;
            }
        }
    }
}
