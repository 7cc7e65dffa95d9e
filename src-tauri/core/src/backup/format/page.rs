//! Ring pages: the subject keys of one shoot.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};
use zeroize::Zeroize as _;

use crate::encryption::Key;
use crate::keys::{KeyRing, SubKey, VaultKey, json};
use crate::media::{KeyId, ShootId, SubjectId};

use super::context::Context;
use super::id::ObjectId;
use super::sealed::{open_under_vault, seal_under_vault};
use super::{FormatError, Result};

const KNOWN: [&str; 5] = ["v", "shoot", "keys", "gone", "generations"];

/// What one page holds.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub keys: BTreeMap<KeyId, Key>,
    pub gone: BTreeSet<SubjectId>,
    /// Earlier vault keys; in the main page only.
    pub generations: BTreeMap<u32, Key>,
    /// Written by a program that knows more: read, but never replaced.
    pub newer: bool,
}

/// The name of a page.
#[must_use]
pub fn page_name(shoot: ShootId, page: ObjectId) -> String {
    format!("ring/{shoot}/{page}")
}

impl Page {
    /// Everything `ring` knows of `shoot`.
    #[must_use]
    pub fn of(ring: &KeyRing, shoot: ShootId) -> Self {
        Self {
            keys: ring.keys_of(shoot).map(|(kid, key)| (kid, key.clone())).collect(),
            gone: ring.gone().collect(),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn seal(
        &self,
        context: Context,
        key: &VaultKey,
        shoot: ShootId,
        page: ObjectId,
    ) -> Vec<u8> {
        let text = |key: &Key| Value::String(BASE64URL_NOPAD.encode(key.expose()));
        let keys: Map<String, Value> =
            self.keys.iter().map(|(kid, key)| (kid.to_string(), text(key))).collect();
        let gone: Vec<&SubjectId> = self.gone.iter().collect();
        let mut page_json = json!({"v": 1, "shoot": shoot, "keys": keys, "gone": gone});
        if !self.generations.is_empty() {
            let generations: Map<String, Value> =
                self.generations.iter().map(|(n, key)| (n.to_string(), text(key))).collect();
            page_json["generations"] = Value::Object(generations);
        }
        let plain = serde_json::to_vec(&page_json).expect("plain data");
        wipe(&mut page_json);
        seal_under_vault(context, key, SubKey::Ring, &format!("{shoot}/{page}"), plain, b' ')
    }

    /// Opens the page at its place.
    ///
    /// # Errors
    /// When it is not that page, or not of format 1.
    pub fn open(
        context: Context,
        key: &VaultKey,
        shoot: ShootId,
        page: ObjectId,
        bytes: &[u8],
    ) -> Result<Self> {
        let place = format!("{shoot}/{page}");
        let mut plain = open_under_vault(context, key, SubKey::Ring, &place, bytes)?;
        let value = json::value(&plain);
        plain.zeroize();
        let mut value = value?;
        let read = Self::read(&value, shoot);
        wipe(&mut value);
        read
    }

    fn read(value: &Value, shoot: ShootId) -> Result<Self> {
        const SHAPE: FormatError = FormatError::Shape("it is no ring page");
        let map = value.as_object().ok_or(SHAPE)?;
        let v = map.get("v").and_then(Value::as_u64).ok_or(SHAPE)?;
        if map.get("shoot").and_then(Value::as_str) != Some(&shoot.to_string()) {
            return Err(FormatError::Shape("it is the page of another shoot"));
        }
        let mut page = Self {
            newer: v != 1 || map.keys().any(|name| !KNOWN.contains(&name.as_str())),
            ..Self::default()
        };
        for (kid, key) in map.get("keys").and_then(Value::as_object).ok_or(SHAPE)? {
            page.keys.insert(kid.parse().map_err(|_| SHAPE)?, read_key(key)?);
        }
        for id in map.get("gone").and_then(Value::as_array).ok_or(SHAPE)? {
            page.gone.insert(id.as_str().and_then(|id| id.parse().ok()).ok_or(SHAPE)?);
        }
        if let Some(generations) = map.get("generations") {
            for (n, key) in generations.as_object().ok_or(SHAPE)? {
                page.generations.insert(n.parse().map_err(|_| SHAPE)?, read_key(key)?);
            }
        }
        Ok(page)
    }
}

fn read_key(value: &Value) -> Result<Key> {
    const SHAPE: FormatError = FormatError::Shape("it holds something that is no key");
    let bytes = BASE64URL_NOPAD.decode(value.as_str().ok_or(SHAPE)?.as_bytes());
    let mut bytes: [u8; 32] = bytes.ok().and_then(|b| b.try_into().ok()).ok_or(SHAPE)?;
    let key = Key::from_bytes(bytes);
    bytes.zeroize();
    Ok(key)
}

/// Wipes the keys out of a page's JSON.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(list) => list.iter_mut().for_each(wipe),
        Value::Object(map) => map.values_mut().for_each(wipe),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::VaultId;

    const V: Context = Context(VaultId([1; 16]));
    const SHOOT: ShootId = ShootId([6; 16]);

    fn sealed_json(text: &str, page: ObjectId, key: &VaultKey) -> Vec<u8> {
        let place = format!("{SHOOT}/{page}");
        seal_under_vault(V, key, SubKey::Ring, &place, text.as_bytes().to_vec(), b' ')
    }

    #[test]
    fn a_page_gives_back_every_key_and_everything_gone() {
        let key = VaultKey::first();
        let mut ring = KeyRing::default();
        let kids = [ring.mint(SHOOT), ring.mint(SHOOT), ring.mint(ShootId([7; 16]))];
        ring.remove([SubjectId([9; 16])]);
        let id = ObjectId::random();
        let bytes = Page::of(&ring, SHOOT).seal(V, &key, SHOOT, id);
        assert_eq!(page_name(SHOOT, id), format!("ring/{}/{id}", "06".repeat(16)));
        let page = Page::open(V, &key, SHOOT, id, &bytes).expect("opens");
        assert_eq!(page.keys.len(), 2, "another shoot's keys lie elsewhere");
        for kid in &kids[..2] {
            assert_eq!(page.keys.get(kid), ring.get(*kid));
        }
        assert!(page.gone.contains(&SubjectId([9; 16])) && !page.newer);
        assert!(Page::open(V, &key, SHOOT, ObjectId::random(), &bytes).is_err());
        assert!(Page::open(V, &key, ShootId([7; 16]), id, &bytes).is_err());
    }

    #[test]
    fn hostile_pages_are_refused_and_newer_ones_marked() {
        let (key, id) = (VaultKey::first(), ObjectId::random());
        let shoot = SHOOT.to_string();
        let open = |text: String| Page::open(V, &key, SHOOT, id, &sealed_json(&text, id, &key));
        let k = "AA".repeat(21) + "A";
        let good = open(format!(r#"{{"v":1,"shoot":"{shoot}","keys":{{}},"gone":[]}}"#));
        assert!(!good.expect("opens").newer);
        let newer = open(format!(r#"{{"v":1,"shoot":"{shoot}","keys":{{}},"gone":[],"new":1}}"#));
        assert!(newer.expect("opens").newer);
        let kid = "01".repeat(16);
        for bad in [
            r#"{"v":1,"shoot":"00000000000000000000000000000000","keys":{},"gone":[]}"#.to_owned(),
            format!(r#"{{"v":1,"shoot":"{shoot}","keys":{{"xy":"{k}"}},"gone":[]}}"#),
            format!(r#"{{"v":1,"shoot":"{shoot}","keys":{{"{kid}":"short"}},"gone":[]}}"#),
            format!(
                r#"{{"v":1,"shoot":"{shoot}","keys":{{"{kid}":"{k}","{kid}":"{k}"}},"gone":[]}}"#
            ),
            format!(r#"{{"v":1,"shoot":"{shoot}","keys":{{}},"gone":[]}} {{}}"#),
            "[]".to_owned(),
        ] {
            assert!(open(bad.clone()).is_err(), "{bad}");
        }
    }
}
