//! A subject's fields with their stamps, and the one rule by which two of them are joined.
//!
//! Per field the largest (milliseconds, counter, device, JSON bytes of the value) wins: vault
//! format 1, "Heads and merging". That makes joining commutative, associative and idempotent, so
//! rows may come in any order and any number of times. Removed fields stay, with the value `null`,
//! or an older row would bring them back.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::media::DeviceId;

use super::row::{FieldSet, Fields};
use super::stamp::Stamp;

/// One field: its value and when it was set. Written as `[value, ms, counter, device]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "StoredCell", into = "StoredCell")]
pub(super) struct Cell {
    pub value: Value,
    pub stamp: Stamp,
}

#[derive(Serialize, Deserialize)]
struct StoredCell(Value, u64, u32, DeviceId);

impl From<StoredCell> for Cell {
    fn from(StoredCell(value, ms, counter, device): StoredCell) -> Self {
        Self { value, stamp: Stamp { ms, counter, device } }
    }
}

impl From<Cell> for StoredCell {
    fn from(Cell { value, stamp }: Cell) -> Self {
        Self(value, stamp.ms, stamp.counter, stamp.device)
    }
}

/// All fields of a subject.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct State(BTreeMap<String, Cell>);

impl State {
    /// Joins one field; says whether it is now another value than before.
    pub fn join(&mut self, field: &str, stamp: Stamp, value: &Value) -> bool {
        let Some(cell) = self.0.get_mut(field) else {
            self.0.insert(field.to_owned(), Cell { value: ordered(value), stamp });
            return true;
        };
        let newer = stamp > cell.stamp
            || (stamp == cell.stamp && json_bytes(value) > json_bytes(&cell.value));
        if newer {
            *cell = Cell { value: ordered(value), stamp };
        }
        newer
    }

    /// The value of a field that was not removed.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field).map(|cell| &cell.value).filter(|value| !value.is_null())
    }

    /// When a field was last set or removed.
    pub fn stamp(&self, field: &str) -> Option<Stamp> {
        self.0.get(field).map(|cell| cell.stamp)
    }

    /// The earliest moment anything was set.
    pub fn first_stamp(&self) -> Option<Stamp> {
        self.0.values().map(|cell| cell.stamp).min()
    }

    /// The present fields whose names begin with `prefix`, the prefix cut off.
    pub fn under<'s>(&'s self, prefix: &'s str) -> impl Iterator<Item = (&'s str, &'s Value)> {
        self.0
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .map_while(move |(field, cell)| Some((field.strip_prefix(prefix)?, &cell.value)))
            .filter(|(_, value)| !value.is_null())
    }

    /// The present fields.
    pub fn present(&self) -> Fields {
        let kept = self.0.iter().filter(|(_, cell)| !cell.value.is_null());
        kept.map(|(field, cell)| (field.clone(), cell.value.clone())).collect()
    }

    /// All fields, removed ones too, as a row carries them: grouped by stamp, oldest first.
    pub fn sets(self) -> Vec<FieldSet> {
        let mut sets: BTreeMap<Stamp, Fields> = BTreeMap::new();
        for (field, cell) in self.0 {
            sets.entry(cell.stamp).or_default().insert(field, cell.value);
        }
        sets.into_iter().map(|(stamp, fields)| FieldSet { stamp, fields }).collect()
    }
}

/// The value with the names of its maps in order, whatever features `serde_json` was built with:
/// the bytes decide between equal stamps, so every computer must see the same ones.
fn ordered(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<_, _> = map.iter().collect();
            Value::Object(sorted.into_iter().map(|(k, v)| (k.clone(), ordered(v))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(ordered).collect()),
        plain => plain.clone(),
    }
}

fn json_bytes(value: &Value) -> Vec<u8> {
    ordered(value).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn stamp(ms: u64, counter: u32, device: u8) -> Stamp {
        Stamp { ms, counter, device: DeviceId([device; 8]) }
    }

    #[test]
    fn time_then_counter_then_device_then_bytes_decide() {
        let mut state = State::default();
        assert!(state.join("rating", stamp(5, 0, 1), &json!(1)));
        assert!(!state.join("rating", stamp(4, 9, 9), &json!(2)), "an older moment loses");
        assert!(
            state.join("rating", stamp(5, 1, 0), &json!(3)),
            "the counter comes before the device"
        );
        assert!(state.join("rating", stamp(5, 1, 2), &json!(4)), "the larger device wins a tie");
        assert!(
            state.join("rating", stamp(5, 1, 2), &json!(5)),
            "the larger bytes win the last tie"
        );
        assert!(!state.join("rating", stamp(5, 1, 2), &json!(4)));
        assert!(!state.join("rating", stamp(5, 1, 2), &json!(5)), "the same again changes nothing");
        assert_eq!(state.get("rating"), Some(&json!(5)));
    }

    #[test]
    fn a_removed_field_is_not_brought_back_by_an_older_row() {
        let mut state = State::default();
        state.join("kw/dance", stamp(1, 0, 1), &json!(true));
        state.join("kw/dance", stamp(2, 0, 1), &Value::Null);
        state.join("kw/dance", stamp(1, 0, 1), &json!(true));
        assert_eq!(state.get("kw/dance"), None);
        assert_eq!(state.under("kw/").count(), 0);
        assert_eq!(state.sets().len(), 1, "the removal itself is sent on");
    }

    #[test]
    fn a_state_read_back_is_the_state_written() {
        let mut state = State::default();
        state.join(
            "meta",
            stamp(1, 2, 3),
            &json!({"gps": {"lon": 0.1 + 0.2, "lat": -33.86882000000001}}),
        );
        state.join("x/unknown", stamp(4, 5, 6), &json!([1, {"b": 1, "a": null}]));
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<State>(&text).unwrap(), state);
    }
}
