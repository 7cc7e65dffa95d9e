//! Cards as cameras lay them out: every file of the photographer is taken, the camera's own is named.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::program::{Computer, Place, originals_below, sha256};

/// A maker's card: what is taken, and what is the camera's or the system's own.
struct Layout {
    maker: &'static str,
    taken: &'static [&'static str],
    left: &'static [&'static str],
}

const LAYOUTS: &[Layout] = &[
    Layout {
        maker: "canon",
        taken: &[
            "DCIM/100CANON/IMG_9999.CR3",
            "DCIM/100CANON/IMG_9999.JPG",
            "DCIM/100CANON/MVI_9998.MP4",
            "DCIM/101CANON/IMG_0001.CR3",
            "DCIM/101CANON/IMG_0001.WAV",
            "DCIM/EOSMISC/M0100.XYZ",
            "CONTENTS/CLIPS001/A001C001/A001C001_2601.MXF",
            "CONTENTS/CLIPS001/A001C001/A001C001_2601.XML",
        ],
        left: &["DCIM/CANONMSC/M0100.CTG", "MISC/AUTPRINT.MRK"],
    },
    Layout {
        maker: "sony",
        taken: &[
            "DCIM/100MSDCF/DSC00001.ARW",
            "DCIM/100MSDCF/DSC00001.HIF",
            "DCIM/10160516/DSC00002.JPG",
            "PRIVATE/M4ROOT/CLIP/C0001.MP4",
            "PRIVATE/M4ROOT/CLIP/C0001M01.XML",
            "PRIVATE/M4ROOT/MEDIAPRO.XML",
            "PRIVATE/AVCHD/BDMV/STREAM/00000.MTS",
            "PRIVATE/AVCHD/BDMV/CLIPINF/00000.CPI",
            "PRIVATE/AVCHD/BDMV/PLAYLIST/00000.MPL",
            "MP_ROOT/100ANV01/MAH00001.MP4",
        ],
        left: &[
            "PRIVATE/M4ROOT/THMBNL/C0001T01.JPG",
            "AVF_INFO/AVIN0001.INP",
            "PRIVATE/SONY/SONYCARD.IND",
        ],
    },
    Layout {
        maker: "nikon",
        taken: &[
            "DCIM/100ND850/DSC_9999.NEF",
            "DCIM/101ND850/DSC_0001.NEF",
            "DCIM/102NZ_9/_DSC0001.NEF",
        ],
        left: &["NIKON001.DSC", "DCIM/100ND850/NC_FLLST.DAT"],
    },
    Layout {
        maker: "fuji",
        taken: &[
            "SLOT 1/DCIM/100_FUJI/DSCF0001.RAF",
            "SLOT 2/DCIM/100_FUJI/DSCF0001.JPG",
            "DCIM/100_FUJI/DSCF0002.RAF",
            "DCIM/101_FUJI/DSCF0002.RAF",
        ],
        left: &[],
    },
    Layout {
        maker: "panasonic",
        taken: &[
            "DCIM/100_PANA/P1000001.RW2",
            "DCIM/101_PANA/P1010001.RW2",
            "PRIVATE/PANA_GRP/001RAQAM/P1.MOV",
        ],
        left: &[],
    },
    Layout {
        maker: "gopro",
        taken: &[
            "DCIM/100GOPRO/GX010001.MP4",
            "DCIM/100GOPRO/GX010001.THM",
            "DCIM/100GOPRO/GL010001.LRV",
            "DCIM/100GOPRO/G0010002.GPR",
        ],
        left: &[],
    },
    Layout {
        maker: "dji",
        taken: &[
            "DCIM/DJI_001/DJI_0001.DNG",
            "DCIM/DJI_001/DJI_0001.SRT",
            "DCIM/PANORAMA/100_0001/DJI_0001.JPG",
        ],
        left: &["DCIM/DJI_001/._DJI_0001.DNG"],
    },
    Layout {
        maker: "apple",
        taken: &[
            "DCIM/100APPLE/IMG_0001.HEIC",
            "DCIM/100APPLE/IMG_0001.MOV",
            "DCIM/100APPLE/IMG_0001.AAE",
            "DCIM/202605__/IMG_E0001.HEIC",
        ],
        left: &[".Trashes/501/IMG_0000.HEIC", ".DS_Store"],
    },
    Layout {
        maker: "others",
        taken: &[
            "DCIM/100OLYMP/P5160001.ORF",
            "DCIM/100_0516/IMGP0001.PEF",
            "DCIM/100RICOH/R0000001.DNG",
            "DCIM/100LEICA/L1000001.DNG",
            "DCIM/100HASBL/B0000001.3FR",
            "DCIM/100SIGMA/SDIM0001.X3F",
            "DCIM/100SSCAM/SAM_0001.SRW",
            "LOST.DIR/1024",
            "notes.txt",
        ],
        left: &["System Volume Information/IndexerVolumeGuid", "$RECYCLE.BIN/x.jpg", "Thumbs.db"],
    },
];

fn put(card: &Path, path: &str, bytes: &[u8]) {
    let path = card.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn hashes(computer: &Computer) -> BTreeSet<String> {
    let read = |path: &String| std::fs::read(computer.library.join(path)).unwrap();
    originals_below(&computer.library).iter().map(|path| sha256(&read(path))).collect()
}

fn paths(list: &Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|s| s["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn of_every_makers_card_all_is_taken_but_what_is_the_cameras_own_and_that_is_named() {
    let place = Place::new();
    let computer = place.computer("one");
    computer.init();
    let mut wanted = BTreeSet::new();
    for layout in LAYOUTS {
        let card = place.path(layout.maker);
        for path in layout.taken {
            let bytes = format!("{} {path}", layout.maker).into_bytes();
            wanted.insert(sha256(&bytes));
            put(&card, path, &bytes);
        }
        for path in layout.left {
            // what a Mac leaves beside a photo is known by how it begins
            let mac = path.contains("/._");
            let mark: &[u8] = if mac { &[0, 5, 22, 7] } else { b"" };
            put(&card, path, &[mark, path.as_bytes()].concat());
        }
        let args = ["import", card.to_str().unwrap(), "--shoot", layout.maker, "--no-previews"];
        let report = computer.json(&args);
        assert_eq!(report["imported"], layout.taken.len(), "{}: {report}", layout.maker);
        // a folder that is left out is named for all that is in it
        let skipped = paths(&report["skipped"]);
        for path in layout.left {
            let named = Path::new(path).ancestors().any(|a| skipped.contains(a.to_str().unwrap()));
            assert!(named, "{}: {path} is not named in {skipped:?}", layout.maker);
        }
        let again = computer.json(&args);
        assert_eq!(again["already_here"], layout.taken.len(), "{}: {again}", layout.maker);
    }
    assert_eq!(hashes(&computer), wanted);
}

#[test]
fn equal_names_in_different_folders_and_a_number_that_rolled_over_all_arrive() {
    let place = Place::new();
    let (card, computer) = (place.path("card"), place.computer("one"));
    computer.init();
    let mut wanted = BTreeSet::new();
    for folder in ["100CANON", "101CANON", "102CANON"] {
        for name in ["IMG_0001.JPG", "IMG_9999.JPG", "IMG_0001.CR3"] {
            let bytes = format!("{folder}/{name}").into_bytes();
            wanted.insert(sha256(&bytes));
            put(&card, &format!("DCIM/{folder}/{name}"), &bytes);
        }
    }
    let report = computer.json(&["import", card.to_str().unwrap(), "--no-previews"]);
    assert_eq!(report["imported"], 9, "{report}");
    assert_eq!(hashes(&computer), wanted);
    let rows = computer.lines(&["list"]);
    assert_eq!(rows.len(), 6, "raw and JPEG of one folder are one exposure, of two folders two");
    for row in rows {
        let files = row["files"].as_array().unwrap();
        let stem = |file: &Value| PathBuf::from(file["path"].as_str().unwrap()).with_extension("");
        assert!(files.iter().all(|file| stem(file) == stem(&files[0])), "{row}: one stem");
    }
}

#[test]
fn two_slots_are_told_apart_by_what_they_hold_copy_overflow_or_the_other_format() {
    let place = Place::new();
    let computer = place.computer("one");
    computer.init();
    let import = |a: &Path, b: &Path, shoot: &str| {
        let cards = [a.to_str().unwrap(), b.to_str().unwrap()];
        computer
            .json(&[&["import"], cards.as_slice(), &["--shoot", shoot, "--no-previews"]].concat())
    };
    // backup: the same on both
    let (a, b) = (place.path("backup-1"), place.path("backup-2"));
    for n in 0..5 {
        for card in [&a, &b] {
            put(card, &format!("DCIM/100CANON/IMG_000{n}.CR3"), format!("backup {n}").as_bytes());
        }
    }
    let report = import(&a, &b, "backup");
    assert_eq!((&report["imported"], &report["already_here"]), (&5.into(), &5.into()), "{report}");
    assert_eq!(hashes(&computer).len(), 5);
    // overflow: the second goes on where the first was full
    let (a, b) = (place.path("overflow-1"), place.path("overflow-2"));
    for n in 0..6 {
        let card = if n < 3 { &a } else { &b };
        put(card, &format!("DCIM/100CANON/IMG_001{n}.CR3"), format!("overflow {n}").as_bytes());
    }
    assert_eq!(import(&a, &b, "overflow")["imported"], 6);
    // raw here, JPEG there
    let (a, b) = (place.path("raw"), place.path("jpeg"));
    for n in 0..4 {
        put(&a, &format!("DCIM/100CANON/IMG_002{n}.CR3"), format!("raw {n}").as_bytes());
        put(&b, &format!("DCIM/100CANON/IMG_002{n}.JPG"), format!("jpeg {n}").as_bytes());
    }
    assert_eq!(import(&a, &b, "both")["imported"], 8);
    assert_eq!(hashes(&computer).len(), 5 + 6 + 8);
    let mut shoots = BTreeMap::<String, usize>::new();
    for row in computer.lines(&["list"]) {
        let files = row["files"].as_array().unwrap().len();
        *shoots.entry(row["shoot"].as_str().unwrap().to_owned()).or_default() += files;
    }
    let counts: Vec<_> = shoots.into_iter().collect();
    assert_eq!(counts, [("backup".into(), 5), ("both".into(), 8), ("overflow".into(), 6)]);
}

#[test]
fn links_pipes_sockets_and_folders_in_a_circle_are_named_and_never_followed() {
    let place = Place::new();
    let (card, computer) = (place.path("card"), place.computer("one"));
    computer.init();
    put(&card, "DCIM/100CANON/IMG_0001.JPG", b"a photo");
    let secret = place.path("secret.jpg");
    std::fs::write(&secret, b"not on the card").unwrap();
    let folder = card.join("DCIM/100CANON");
    symlink(&secret, folder.join("link.jpg")).unwrap();
    symlink("/nowhere/at/all", folder.join("dangling.jpg")).unwrap();
    symlink(&card, folder.join("up")).unwrap();
    symlink(&folder, folder.join("self")).unwrap();
    let pipe = folder.join("pipe.jpg");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(folder.join("socket.jpg")).unwrap();
    let mut deep = card.join("DCIM");
    for _ in 0..80 {
        deep.push("d");
    }
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::write(deep.join("deep.jpg"), b"deep").unwrap();

    let report = computer.json_with(&["import", card.to_str().unwrap()], &[1]);
    assert_eq!(report["imported"], 1, "{report}");
    assert_eq!(report["safe_to_format"], false, "files too deep to be looked at are on it");
    let skipped = paths(&report["skipped"]);
    for name in ["link.jpg", "dangling.jpg", "up", "self", "pipe.jpg", "socket.jpg"] {
        assert!(skipped.contains(&format!("DCIM/100CANON/{name}")), "{name}: {skipped:?}");
    }
    assert!(skipped.iter().any(|path| path.starts_with("DCIM/d/d/d")), "{skipped:?}");
    assert!(!hashes(&computer).contains(&sha256(b"not on the card")));
}

/// Runs a script where it may mount things of its own; `None` where the system allows nobody that.
fn in_a_room_of_its_own(computer: &Computer, script: &str, args: &[&Path]) -> Option<String> {
    let can = Command::new("unshare").args(["-rm", "true"]).output();
    if !can.is_ok_and(|output| output.status.success()) {
        return None;
    }
    let mut command = computer.command(std::iter::empty::<&str>());
    let environment: Vec<_> =
        command.get_envs().map(|(k, v)| (k.to_owned(), v.map(ToOwned::to_owned))).collect();
    command = Command::new("unshare");
    command.args(["-rm", "bash", "-euc", script, env!("CARGO_BIN_EXE_darkslide")]).args(args);
    command.env_clear();
    for (name, value) in environment {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    Some(said)
}

#[test]
fn a_card_is_let_go_only_when_everything_on_it_was_copied() {
    let place = Place::new();
    let (card, computer) = (place.path("card"), place.computer("one"));
    computer.init();
    std::fs::create_dir(&card).unwrap();
    let said = computer.says(&["eject", "/"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.stderr.contains("nothing to take out"), "{said:?}");
    let script = r#"
        mount -t tmpfs none "$1"; mkdir -p "$1/DCIM/100CANON"; echo photo > "$1/DCIM/100CANON/IMG_1.JPG"
        if "$0" eject "$1/DCIM" > refused.txt 2>&1; then echo "let go of what was not copied"; exit 1; fi
        grep -q "1 file on .* is not in the library yet" refused.txt || { cat refused.txt; exit 1; }
        mountpoint -q "$1"
        "$0" import "$1" --no-previews
        rm -r "$2"/Originals/2*
        "$0" import --dry-run "$1" | grep -q "1 file new"
        if "$0" eject "$1/DCIM"; then echo "let go of what the library lost"; exit 1; fi
        "$0" import "$1" --no-previews
        "$0" eject "$1/DCIM" --json
        ! mountpoint -q "$1""#;
    let script = format!("cd '{}'\n{script}", place.path(".").display());
    if let Some(said) = in_a_room_of_its_own(&computer, &script, &[&card, &computer.library]) {
        assert!(said.contains("\"ejected\""), "{said}");
    }
}

#[test]
fn a_library_whose_disk_fills_up_in_the_middle_keeps_what_is_verified_and_goes_on_later() {
    let place = Place::new();
    let (card, library, computer) = (place.path("card"), place.path("disk"), place.computer("one"));
    std::fs::create_dir(&library).unwrap();
    let mut wanted = BTreeSet::new();
    for n in 0..40_usize {
        let bytes: Vec<u8> = (0..400_000_usize).map(|i| (i * (n + 3) % 251) as u8).collect();
        wanted.insert(sha256(&bytes));
        put(&card, &format!("DCIM/100CANON/IMG_{n:04}.CR2"), &bytes);
    }
    // 17 MB are wanted and there are 24, until somebody else takes 16 of them while copying begins
    let script = r#"
        mount -t tmpfs -o size=24m none "$2"
        "$0" init --library "$2/photos" > /dev/null
        (until ls "$2"/photos/Originals/*/* > /dev/null 2>&1; do :; done; head -c 16m /dev/zero > "$2/other") &
        code=0; "$0" import "$1" --no-previews --json > "$3/first.json" || code=$?
        wait; echo "$code" > "$3/code"
        find "$2/photos" -name '*.darkslide-tmp-*' | wc -l > "$3/half"
        rm "$2/other"
        "$0" import "$1" --no-previews --json > "$3/second.json"
        ls "$2/photos/.darkslide/manifests" | wc -l > "$3/manifests"
        find "$2/photos/Originals" -name '*.CR2' -exec sha256sum {} + | cut -d' ' -f1 > "$3/sums""#;
    let out = place.path("out");
    std::fs::create_dir(&out).unwrap();
    if in_a_room_of_its_own(&computer, script, &[&card, &library, &out]).is_none() {
        return;
    }
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    let first: Value = serde_json::from_str(&read("first.json")).unwrap_or_default();
    assert_eq!(read("half").trim(), "0", "no half file stays");
    if read("code").trim() == "1" {
        let failed = first["failed"].as_array().unwrap();
        assert!(!failed.is_empty());
        let full = |f: &Value| f["reason"].as_str().unwrap().contains("no room is left");
        assert!(failed.iter().all(full), "{failed:?}");
    }
    assert!(["0", "1", "3"].contains(&read("code").trim()), "{}", read("code"));
    let second: Value = serde_json::from_str(&read("second.json")).unwrap();
    assert_eq!(second["failed"], Value::Array(vec![]), "{second}");
    assert_eq!(read("manifests").trim(), "1");
    let sums: BTreeSet<String> = read("sums").lines().map(str::to_owned).collect();
    assert_eq!(sums, wanted);
}

#[test]
fn a_mirror_taken_away_in_the_middle_gets_nothing_below_its_mount_point_and_all_of_it_later() {
    let place = Place::new();
    let [card, mirror, disk, out] = ["card", "mirror", "disk", "out"].map(|name| place.path(name));
    let computer = place.computer("one");
    let mut wanted = BTreeSet::new();
    for n in 0..60_usize {
        let bytes: Vec<u8> = (0..400_000_usize).map(|i| (i * (n + 3) % 251) as u8).collect();
        wanted.insert(sha256(&bytes));
        put(&card, &format!("DCIM/100CANON/IMG_{n:04}.CR2"), &bytes);
    }
    [&mirror, &disk, &out].iter().for_each(|dir| std::fs::create_dir(dir).unwrap());
    let script = r#"
        mount -t tmpfs none "$3"; mkdir "$3/nas"; mount --bind "$3/nas" "$2"
        "$0" init --library "$5" --mirror "$2" > /dev/null
        (until ls "$2"/Originals/*/* > /dev/null 2>&1; do :; done; umount -l "$2") &
        "$0" import "$1" --no-previews --json > "$4/first.json" || true
        wait
        find "$2" -type f | wc -l > "$4/under"
        mount --bind "$3/nas" "$2"
        "$0" mirror sync --json > "$4/sync.json"
        "$0" imports --json > "$4/imports.json"
        find "$2" -name '.darkslide-tmp-*' | wc -l > "$4/half"
        find "$2/Originals" -name '*.CR2' -exec sha256sum {} + | cut -d' ' -f1 > "$4/sums""#;
    if in_a_room_of_its_own(&computer, script, &[&card, &mirror, &disk, &out, &computer.library])
        .is_none()
    {
        return;
    }
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    assert_eq!(read("under").trim(), "0", "nothing lies where no mirror is");
    let sums: Vec<String> = read("sums").lines().map(str::to_owned).collect();
    assert_eq!(sums.len(), 60, "each once");
    assert_eq!(sums.into_iter().collect::<BTreeSet<_>>(), wanted, "{}", read("first.json"));
    assert_eq!(read("half").trim(), "0", "no half file stays");
}
