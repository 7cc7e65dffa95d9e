//! Known answers for every derivation, computed by an independent program.

use data_encoding::HEXLOWER;
use serde_json::Value;

use crate::encryption::{Key, Salt, seal};
use crate::media::{DeviceId, ShareId, VaultId};

use super::*;

const HIERARCHY: &str = include_str!("../../../../tests/fixtures/vectors/hierarchy.json");

struct Answers(Value);

impl Answers {
    fn load() -> Self {
        Self(serde_json::from_str(HIERARCHY).expect("JSON"))
    }
    fn bytes(&self, name: &str) -> Vec<u8> {
        HEXLOWER.decode(self.0[name].as_str().expect(name).as_bytes()).expect("hex")
    }
    fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).try_into().expect("length")
    }
    fn key(&self, name: &str) -> Key {
        Key::from_bytes(self.array(name))
    }
    fn vault(&self) -> VaultId {
        VaultId(self.array("vault_id"))
    }
}

#[test]
fn slot_keys_come_out_as_written_down() {
    let a = Answers::load();
    let words = RecoveryWords::from_entropy(a.key("words_entropy"));
    assert_eq!(*Kek::recovery(a.vault(), &words).key(), a.key("kek_recovery"));
    assert_eq!(*Kek::device(a.vault(), &a.key("device_key")).key(), a.key("kek_device"));
    let salt: Vec<u8> = (0..16).collect();
    let typed = "correct horse battery staple";
    let kek = Kek::passphrase(a.vault(), typed, &salt, Argon2Params::WRITTEN).expect("memory");
    assert_eq!(*kek.key(), a.key("kek_passphrase"));
}

#[test]
fn the_recovery_slot_comes_out_as_written_down() {
    let a = Answers::load();
    let words = RecoveryWords::from_entropy(a.key("words_entropy"));
    let slot = Slot::from_parts(SlotName::Recovery, 1, a.bytes("slot_wrapped"));
    let key = slot.open_with_words(a.vault(), &words).expect("opens");
    assert_eq!(key, VaultKey::new(1, a.key("vault_key_g1")));
    let salt = Salt::from_bytes(std::array::from_fn(|i| u8::try_from(i).expect("small")));
    let context = a.0["slot_context"].as_str().expect("text");
    let wrapped = seal(&a.key("kek_recovery"), salt, context, key.key().expose());
    assert_eq!(wrapped, a.bytes("slot_wrapped"));
    assert_eq!(SlotName::Device(DeviceId([1; 8])).to_string(), "device-0101010101010101");
}

#[test]
fn sub_keys_come_out_as_written_down() {
    let a = Answers::load();
    let key = VaultKey::new(1, a.key("vault_key_g1"));
    assert_eq!(key.sub_key(SubKey::Ring), a.key("key_ring"));
    assert_eq!(key.sub_key(SubKey::Cat), a.key("key_cat"));
    assert_eq!(key.sub_key(SubKey::Log), a.key("key_log"));
}

#[test]
fn share_keys_come_out_as_written_down() {
    let a = Answers::load();
    let (share, secret) = (ShareId(a.array("share_id")), a.key("share_secret"));
    assert_eq!(share::share_key(share, &secret), a.key("share_key"));
    assert_eq!(share::picks_key(share, &secret), a.key("share_picks_key"));
    let stretched = share::stretch(share, "ABCD2345");
    assert_eq!(stretched.as_slice(), a.bytes("share_passcode_pbkdf2_600k"));
    let with = share::share_key_with_passcode(share, &secret, "ABCD2345");
    assert_eq!(with, a.key("share_key_with_passcode"));
}
