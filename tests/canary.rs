//! Nothing readable lies in the bucket: words planted everywhere are found nowhere.

use std::collections::{HashMap, HashSet};

use darkslide_demo::card::{self, Options};

use crate::support::program::{Place, Server};

const IN_FILES: &str = "Kanarienvogel7391";
const IN_ALBUM: &str = "Stieglitz2846";
const IN_CLIENT: &str = "Zaunkoenig5512";
const IN_SHOOT: &str = "Rotkehlchen6038";
const IN_CAPTION: &str = "Goldammer9174";
const IN_KEYWORD: &str = "Bachstelze4420";
const IN_TITLE: &str = "Eisvogel3307";

#[test]
fn planted_words_are_in_no_object_and_no_name() {
    let place = Place::new();
    let options = Options { seed: 3, long_side: 400, mark: Some(IN_FILES.to_owned()) };
    let truth = card::make(&place.path("card"), &options).unwrap();
    let server = Server::start(&place);
    let computer = place.computer("one").with(server.bucket());
    computer.init();
    let card = truth.root.to_str().unwrap();
    computer.json(&["import", card, "--shoot", IN_SHOOT, "--client", IN_CLIENT]);
    computer.json(&["tag", "camera:R6m2", "--caption", IN_CAPTION, "--title", IN_TITLE]);
    computer.json(&["tag", "camera:R6m2", "--keyword", IN_KEYWORD, "--rating", "5"]);
    computer.json(&["album", "create", IN_ALBUM]);
    computer.json(&["album", "add", IN_ALBUM, "rating:5"]);
    let words = computer.vault_create();
    computer.json(&["backup"]);
    // 1: the broken picture of the card is left out, and said so.
    computer.json_with(&["share", "create", IN_ALBUM, "--message", IN_CAPTION], &[1]);

    // The canaries must be in what went up, or their absence says nothing.
    let listed = computer.says(&["list", "--json"]).stdout;
    for canary in [IN_FILES, IN_CLIENT, IN_SHOOT, IN_CAPTION, IN_KEYWORD] {
        assert!(listed.contains(canary), "{canary} is in the catalogue");
    }
    let canaries = [
        IN_FILES,
        IN_ALBUM,
        IN_CLIENT,
        IN_SHOOT,
        IN_CAPTION,
        IN_KEYWORD,
        IN_TITLE,
        "Canon EOS",
        "RICOH      ",
        "adobe:ns:meta",
        "SQLite format 3",
        "Exif\0\0",
    ];
    let mut needles = Needles::default();
    for canary in canaries {
        needles.add_word(canary);
    }
    for pair in words.split(' ').collect::<Vec<_>>().windows(2) {
        needles.add_word(&pair.join(" "));
    }
    for file in truth.files().filter(|f| f.bytes > 64) {
        let original = std::fs::read(truth.root.join(&file.path)).unwrap();
        let middle = &original[original.len() / 2..][..32];
        if middle.iter().any(|b| *b != middle[0]) {
            needles.add(middle.to_vec(), &file.path);
        }
    }

    let objects = server.objects();
    let stored: usize = objects.iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(stored as u64 > truth.bytes(), "everything went up");
    for (name, bytes) in &objects {
        assert_eq!(needles.first_in(bytes), None, "readable in {name}");
        assert_eq!(needles.first_in(name.as_bytes()), None, "readable in the name {name}");
        assert!(!bytes.starts_with(&[0xff, 0xd8, 0xff]), "{name} begins as a JPEG");
    }
    for request in server.s3.requests() {
        let head =
            format!("{} {} {} {:?}", request.method, request.path, request.query, request.headers);
        assert_eq!(needles.first_in(head.as_bytes()), None, "crossed the wire in {head}");
    }
}

/// Many things to look for in one pass.
#[derive(Default)]
struct Needles(HashMap<[u8; 4], Vec<(Vec<u8>, String)>>);

impl Needles {
    fn add(&mut self, bytes: Vec<u8>, label: &str) {
        // Shorter ones turn up in ciphertext by chance.
        assert!(bytes.len() >= 6, "{label} is too short a needle");
        let head = bytes[..4].try_into().expect("four bytes");
        self.0.entry(head).or_default().push((bytes, label.to_owned()));
    }

    fn add_word(&mut self, word: &str) {
        for spelling in spellings(word) {
            self.add(spelling, word);
        }
    }

    fn first_in(&self, hay: &[u8]) -> Option<&str> {
        let heads: HashSet<[u8; 2]> = self.0.keys().map(|k| [k[0], k[1]]).collect();
        let mut may_start = vec![false; 1 << 16];
        for [a, b] in heads {
            may_start[usize::from(a) << 8 | usize::from(b)] = true;
        }
        hay.windows(4).enumerate().find_map(|(at, window)| {
            if !may_start[usize::from(window[0]) << 8 | usize::from(window[1])] {
                return None;
            }
            let candidates = self.0.get(<&[u8; 4]>::try_from(window).ok()?)?;
            let found = candidates.iter().find(|(bytes, _)| hay[at..].starts_with(bytes))?;
            Some(found.1.as_str())
        })
    }
}

/// A word as it would be stored: plain, UTF-16, hex, base64 in its three alignments.
fn spellings(word: &str) -> Vec<Vec<u8>> {
    let utf16: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut out = vec![word.as_bytes().to_vec(), utf16];
    out.push(data_encoding::HEXLOWER.encode(word.as_bytes()).into_bytes());
    for shift in 0..3 {
        let padded = [&b"xx"[..shift], word.as_bytes()].concat();
        let text = data_encoding::BASE64URL_NOPAD.encode(&padded);
        // Without the characters that the neighbours share.
        let inner = text.get(if shift == 0 { 0 } else { shift + 1 }..text.len() - 2);
        out.push(inner.unwrap_or(&text).as_bytes().to_vec());
    }
    out
}

#[test]
fn the_search_itself_finds_what_is_there() {
    let mut needles = Needles::default();
    needles.add_word(IN_FILES);
    let base64 = data_encoding::BASE64URL_NOPAD.encode(b"ab Kanarienvogel7391 yz");
    for text in
        ["..KaKanarienvogel7391", &base64, &data_encoding::HEXLOWER.encode(IN_FILES.as_bytes())]
    {
        assert_eq!(needles.first_in(text.as_bytes()), Some(IN_FILES), "{text}");
    }
    assert_eq!(needles.first_in(b"Kanarienvogel739"), None);
}
