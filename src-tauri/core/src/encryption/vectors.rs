//! Known answers: C2SP's format as an independent program computes it, Wycheproof's cases for it,
//! and Wycheproof's AES-256-GCM set against the very crate that is linked.

use std::io::{Read as _, Write as _};

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{AeadInOut as _, Aes256Gcm, KeyInit as _};
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest as _, Sha256, Sha512};

use super::derive::Message;
use super::*;

const COBBLESTONE: &str = include_str!("../../../../tests/fixtures/vectors/cobblestone256.json");
const WYCHEPROOF_GCM: &str =
    include_str!("../../../../tests/fixtures/vectors/wycheproof_aes256gcm.json");
const WYCHEPROOF_COBBLESTONE: &str =
    include_str!("../../../../tests/fixtures/vectors/wycheproof_cobblestone256.json");

fn hex(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(value.as_str().expect("text").as_bytes()).expect("hex")
}

fn key(value: &Value) -> Key {
    Key::from_bytes(hex(value).try_into().expect("32 bytes"))
}

fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// The vectors' public plaintext.
fn pattern(len: usize) -> Vec<u8> {
    Sha256::digest(b"darkslide-test-plaintext").iter().copied().cycle().take(len).collect()
}

fn stream_open(key: &Key, context: &str, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let mut opener = Opener::new(key, context, sealed)?;
    let mut plain = Vec::new();
    while let Some(chunk) = opener.next_chunk()? {
        plain.extend_from_slice(chunk);
    }
    Ok(plain)
}

/// Opens both ways; they must agree.
fn open_both(key: &Key, context: &str, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let streamed = stream_open(key, context, sealed);
    let whole = open(key, context, sealed);
    match (&streamed, &whole) {
        (Ok(a), Ok(b)) => assert_eq!(a, b),
        (Err(_), Err(_)) => {}
        _ => panic!("a stream and a slice must agree: {:?} {:?}", streamed.is_ok(), whole.is_ok()),
    }
    whole
}

const SALT: [u8; 24] = [
    0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f,
    0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57,
];

#[test]
fn cobblestone_known_answers_hold() {
    let vectors: Vec<Value> = serde_json::from_str(COBBLESTONE).expect("JSON");
    let (k, context) = (key(&vectors[0]["key"]), vectors[0]["context"].as_str().expect("text"));
    let message = Message::derive(&k, &SALT, context);
    assert_eq!(hex(&vectors[0]["base_nonce"]), message.base_nonce());
    assert_eq!(hex(&vectors[0]["commitment"]), message.commitment);

    let mut valid = 0;
    for v in vectors.iter().filter(|v| v["expect"] == "success") {
        let plain =
            pattern(usize::try_from(v["len_plain"].as_u64().expect("number")).expect("fits"));
        let sealed = seal(&k, Salt::from_bytes(SALT), context, &plain);
        assert_eq!(sha256(&sealed), v["sha256_cipher"], "{}", v["name"]);
        assert_eq!(sealed_len(plain.len() as u64), sealed.len() as u64);
        assert_eq!(plain_len(sealed.len() as u64), Some(plain.len() as u64));
        assert_eq!(open_both(&k, context, &sealed).expect("opens"), plain);
        for step in [1, 777, CHUNK - 1, CHUNK, CHUNK + 1, 100_000] {
            let mut sealer =
                Sealer::new(&k, Salt::from_bytes(SALT), context, Vec::new()).expect("memory");
            plain.chunks(step).for_each(|part| sealer.write_all(part).expect("memory"));
            assert_eq!(sealer.finish().expect("memory"), sealed, "written in steps of {step}");
            if step == 1 && plain.len() > 2000 {
                break;
            }
        }
        let mut sealer =
            Sealer::new(&k, Salt::from_bytes(SALT), context, Vec::new()).expect("memory");
        assert_eq!(sealer.read_all(&mut &plain[..]).expect("memory"), plain.len() as u64);
        assert_eq!(sealer.finish().expect("memory"), sealed, "read from a reader");
        let mut small = Vec::new();
        Opener::new(&k, context, &sealed[..])
            .expect("header")
            .read_to_end(&mut small)
            .expect("reads");
        assert_eq!(small, plain);
        valid += 1;
    }
    assert_eq!(valid, 9);
}

/// The same damage the reference program did, made again here and checked by hash.
fn damaged(name: &str, sealed: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let (h, f) = (HEADER, SEALED_CHUNK);
    let flip = |at: usize, bit: u8| {
        let mut bytes = sealed.to_vec();
        bytes[at] ^= bit;
        bytes
    };
    Some(match name {
        "trunc_at_chunk_boundary" => sealed[..h + 2 * f].to_vec(),
        "trunc_drop_final_chunk" => sealed[..h + 3 * f].to_vec(),
        "trunc_mid_chunk" => sealed[..h + f + 100].to_vec(),
        "trunc_inside_tag" => sealed[..h + 3 * f + 8].to_vec(),
        "header_only" => sealed[..h].to_vec(),
        "header_short" => sealed[..55].to_vec(),
        "empty" => Vec::new(),
        "swap_chunk_0_1" => {
            [&sealed[..h], &sealed[h + f..h + 2 * f], &sealed[h..h + f], &sealed[h + 2 * f..]]
                .concat()
        }
        "duplicate_chunk_0" => [&sealed[..h], &sealed[h..h + f], &sealed[h..]].concat(),
        "drop_chunk_1" => [&sealed[..h + f], &sealed[h + 2 * f..]].concat(),
        "splice_other_object_chunk" => [&sealed[..h], &other[h..h + f], &sealed[h + f..]].concat(),
        "final_as_middle_plus_final" => [sealed, &sealed[h + 3 * f..]].concat(),
        "trailing_garbage_1" => [sealed, &[0]].concat(),
        "trailing_garbage_16" => [sealed, &[0; 16]].concat(),
        "bitflip_salt" => flip(0, 1),
        "bitflip_commitment" => flip(24, 1),
        "bitflip_chunk1_body" => flip(h + f + 5, 1),
        "bitflip_last_tag" => flip(sealed.len() - 1, 0x80),
        "other_object_header" => [&other[..h], &sealed[h..]].concat(),
        _ => return None,
    })
}

#[test]
fn damaged_and_misplaced_objects_fail_with_their_reason() {
    let vectors: Vec<Value> = serde_json::from_str(COBBLESTONE).expect("JSON");
    let (k, context) = (key(&vectors[0]["key"]), vectors[0]["context"].as_str().expect("text"));
    let sealed = seal(&k, Salt::from_bytes(SALT), context, &pattern(49153));
    let other = seal(&k, Salt::from_bytes([0; 24]), context, &pattern(49153));
    let mut failures = 0;
    for v in vectors.iter().filter(|v| v["expect"] == "failure") {
        let name = v["name"].as_str().expect("text");
        let result = match damaged(name, &sealed, &other) {
            Some(bytes) => {
                assert_eq!(
                    sha256(&bytes),
                    v["sha256_cipher"],
                    "{name}: same bytes as the reference"
                );
                open_both(&k, context, &bytes)
            }
            None => open_both(&key(&v["key"]), v["context"].as_str().expect("text"), &sealed),
        };
        let reason = v["reason"].as_str().expect("text");
        let fits = match result.expect_err(name) {
            OpenError::WrongKey => reason == "commitment",
            OpenError::Damaged { chunk } => reason == format!("chunk {chunk} tag"),
            OpenError::Truncated => {
                reason.starts_with("short header")
                    || reason.starts_with("truncated")
                    || reason == "invalid length"
            }
            OpenError::Io(_) => false,
        };
        assert!(fits, "{name} must fail by {reason}");
        failures += 1;
    }
    assert_eq!(failures, 22);
}

#[test]
fn wycheproof_cobblestone_cases_hold() {
    let vectors: Value = serde_json::from_str(WYCHEPROOF_COBBLESTONE).expect("JSON");
    let tests = vectors["tests"].as_array().expect("list");
    assert_eq!(tests.len(), 35);
    for t in tests {
        let Ok(bytes) = <[u8; 32]>::try_from(hex(&t["key"])) else {
            assert_eq!(t["flags"][0], "InvalidKeySize", "only these have another key length");
            continue;
        };
        let k = Key::from_bytes(bytes);
        let context = String::from_utf8(hex(&t["ctx"])).expect("contexts are text");
        let sealed = miniz_oxide::inflate::decompress_to_vec_zlib(&hex(&t["ct"])).expect("zlib");
        let result = open_both(&k, &context, &sealed);
        assert_eq!(result.is_ok(), t["result"] == "valid", "case {}: {}", t["tcId"], t["comment"]);
        let flagged = |flag: &str| t["flags"].as_array().expect("list").iter().any(|f| f == flag);
        match result {
            Ok(plain) => {
                assert_eq!(HEXLOWER.encode(&Sha512::digest(&plain)), t["msgSha512"]);
                let salt = sealed[..24].try_into().expect("24 bytes");
                assert_eq!(seal(&k, Salt::from_bytes(salt), &context, &plain), sealed);
            }
            Err(error) if flagged("HeaderFailure") => {
                assert!(matches!(error, OpenError::WrongKey | OpenError::Truncated));
            }
            Err(_) => {
                // A stream may give the verified beginning, then must fail and keep failing.
                let mut opener = Opener::new(&k, &context, &sealed[..]).expect("a good header");
                let mut given = Vec::new();
                let failed = opener.read_to_end(&mut given).is_err();
                assert!(failed && opener.read(&mut [0]).is_err(), "case {}", t["tcId"]);
                if flagged("PartialPlaintext") {
                    assert_eq!(HEXLOWER.encode(&Sha512::digest(&given)), t["msgSha512"]);
                }
            }
        }
    }
}

#[test]
fn wycheproof_aes_256_gcm_holds_for_the_linked_crate() {
    let vectors: Value = serde_json::from_str(WYCHEPROOF_GCM).expect("JSON");
    let tests = vectors["tests"].as_array().expect("list");
    assert_eq!(tests.len(), 66);
    for t in tests {
        let key: [u8; 32] = hex(&t["key"]).try_into().expect("32 bytes");
        let nonce: [u8; 12] = hex(&t["iv"]).try_into().expect("12 bytes");
        let tag: [u8; 16] = hex(&t["tag"]).try_into().expect("16 bytes");
        let (aad, plain, sealed) = (hex(&t["aad"]), hex(&t["msg"]), hex(&t["ct"]));
        let cipher = Aes256Gcm::new(&key.into());
        let mut opened = sealed.clone();
        let result = cipher.decrypt_inout_detached(
            &nonce.into(),
            &aad,
            opened.as_mut_slice().into(),
            &tag.into(),
        );
        assert_eq!(result.is_ok(), t["result"] == "valid", "case {}", t["tcId"]);
        if result.is_ok() {
            assert_eq!(opened, plain, "case {}", t["tcId"]);
            let mut out = vec![0; plain.len()];
            let buffer = InOutBuf::new(&plain, &mut out).expect("same length");
            let made = cipher.encrypt_inout_detached(&nonce.into(), &aad, buffer).expect("short");
            assert_eq!((out, made.to_vec()), (sealed, tag.to_vec()), "case {}", t["tcId"]);
        }
    }
}
