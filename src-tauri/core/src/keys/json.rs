//! Reads JSON that came from the bucket: whoever holds the bucket may have written it.
//!
//! Stricter than RFC 8259: a name that stands twice, bytes after the text, nesting deeper than 16,
//! more than 64 MiB and integers beyond 2^53 are refused, so that two programs can never read two
//! things out of one text.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The longest text that is read.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;
/// The deepest nesting that is read; a bare value is depth 0.
pub const MAX_DEPTH: usize = 16;
const MAX_INTEGER: u64 = 1 << 53;

/// A text that is not read, and why.
#[derive(Debug, thiserror::Error)]
#[error("not readable as JSON: {0}")]
pub struct JsonError(#[source] serde_json::Error);

/// Reads one JSON text; white space around it is fine.
///
/// # Errors
/// When it breaks one of the rules above.
pub fn value(text: &[u8]) -> Result<Value, JsonError> {
    if text.len() > MAX_BYTES {
        return Err(JsonError(serde_json::Error::custom("longer than 64 MiB")));
    }
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = Strict { depth: 0 }.deserialize(&mut reader).map_err(JsonError)?;
    reader.end().map_err(JsonError)?;
    Ok(value)
}

/// Reads one JSON text as a `T`.
///
/// # Errors
/// When it breaks one of the rules above, or is no `T`.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, JsonError> {
    serde_json::from_value(value(text)?).map_err(JsonError)
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom("nested deeper than 16"));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() > MAX_INTEGER {
            return Err(E::custom("an integer beyond 2^53"));
        }
        Ok(value.into())
    }
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        if value > MAX_INTEGER {
            return Err(E::custom("an integer beyond 2^53"));
        }
        Ok(value.into())
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        serde_json::Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("not a finite number"))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut map = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(inner)?;
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_json_is_read_as_it_is() {
        let text = br#"{"a":[1,-2,2.8,true,null,"\u00e9"],"b":{}}  "#;
        let expected = serde_json::json!({"a": [1, -2, 2.8, true, null, "é"], "b": {}});
        assert_eq!(value(text).expect("reads"), expected);
    }

    #[test]
    fn ambiguous_and_oversized_texts_are_refused() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(value(nested(16).as_bytes()).is_ok());
        for (text, why) in [
            (r#"{"a":1,"a":1}"#.to_owned(), "twice"),
            (r#"[{"x":{"a":1,"b":2,"a":3}}]"#.to_owned(), "twice"),
            ("{} x".to_owned(), "trailing"),
            ("1 2".to_owned(), "trailing"),
            (nested(17), "deeper"),
            ("9007199254740993".to_owned(), "2^53"),
            ("-9007199254740993".to_owned(), "2^53"),
            ("1e999".to_owned(), "number"),
            (String::new(), "EOF"),
            ("\u{feff}{}".to_owned(), "expected"),
        ] {
            let error = value(text.as_bytes()).expect_err(&text).to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
        let long = " ".repeat(MAX_BYTES) + "1";
        assert!(value(long.as_bytes()).is_err(), "more than 64 MiB is refused unread");
    }
}
