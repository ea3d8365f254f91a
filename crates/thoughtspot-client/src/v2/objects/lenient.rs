//! Helpers to read what the published description declares as a bare object or a string, and examples show as a list
//! (docs/thoughtspot-api-content.md, "Permissions").

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A list; one object that stands for a list of one; `null` for an empty one. Anything else is an error: who may see something must
/// not be read as nobody.
pub(super) fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(Vec::new()),
        Value::Array(rows) => rows.into_iter().map(row).collect(),
        one @ Value::Object(_) => Ok(vec![row(one)?]),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Err(D::Error::custom("neither a list nor an object")),
    }
}

/// Words: a list of them, or one string that looks like a list.
pub(super) fn words<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(Vec::new()),
        Value::Array(rows) => rows.into_iter().map(row).collect(),
        Value::String(text) => Ok(split(&text)),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => Err(D::Error::custom("neither a list nor a text")),
    }
}

fn row<T: DeserializeOwned, E: Error>(value: Value) -> Result<T, E> {
    serde_json::from_value(value).map_err(E::custom)
}

fn split(text: &str) -> Vec<String> {
    let bare = |c: char| c.is_whitespace() || matches!(c, '[' | ']' | '"' | '\'');
    text.split(',').map(|word| word.trim_matches(bare)).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Answer {
        #[serde(default, deserialize_with = "list")]
        rows: Vec<u8>,
        #[serde(default, deserialize_with = "words")]
        words: Vec<String>,
    }

    #[test]
    fn a_list_is_read_whatever_it_is_declared_as() {
        for (value, rows, words) in [
            (json!({}), vec![], vec![]),
            (json!({"rows": null, "words": null}), vec![], vec![]),
            (json!({"rows": [1, 2], "words": ["A", "B"]}), vec![1, 2], vec!["A", "B"]),
            (json!({"words": "[A, \"B\"]"}), vec![], vec!["A", "B"]),
            (json!({"words": "[]"}), vec![], vec![]),
            (json!({"words": "A"}), vec![], vec!["A"]),
        ] {
            let words = words.into_iter().map(str::to_owned).collect();
            assert_eq!(serde_json::from_value::<Answer>(value).unwrap(), Answer { rows, words });
        }
    }

    #[test]
    fn what_is_no_list_is_an_error_and_not_an_empty_list() {
        for value in [json!({"rows": 1}), json!({"rows": "none"}), json!({"rows": [{}]}), json!({"words": {}})] {
            assert!(serde_json::from_value::<Answer>(value.clone()).is_err(), "{value}");
        }
    }
}
