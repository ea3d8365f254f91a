//! Helpers to read what either dialect sends: any list or optional may be `null`, an Org id may be a number or a string, a time may be a
//! float (docs/thoughtspot-api.md, "Identifiers", "Transport").

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::{DeserializeOwned, Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::domain::{Millis, OrgId};
use crate::error::{Error, Result};

/// `null` and absent are the same: the type's default.
pub(crate) fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// For what no decision of ours rests on: of another type than ours, it counts as not said, and the row is still of use.
pub(crate) fn if_readable<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + DeserializeOwned,
{
    Ok(serde_json::from_value(Value::deserialize(from)?).unwrap_or_default())
}

/// A time; `None` for `null`, for anything that is no number, and for the `-1` that stands for never.
pub(crate) fn millis<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Millis>, D::Error> {
    let value = Option::<Value>::deserialize(from)?;
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and a time beyond i64 is nonsense anyway")]
    let whole = value.and_then(|v| v.as_i64().or_else(|| v.as_f64().map(|f| f as i64)));
    Ok(whole.filter(|t| *t >= 0))
}

/// An Org id, as a number or as a string of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WireOrgId(pub(crate) OrgId);

impl<'de> Deserialize<'de> for WireOrgId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        let id = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
        id.map(|id| WireOrgId(OrgId(id))).ok_or_else(|| D::Error::custom("an Org id that is no number"))
    }
}

/// The Org of a row; `{}` where the server says nothing.
#[derive(Debug, Deserialize)]
pub(crate) struct OrgRef {
    #[serde(default)]
    pub(crate) id: Option<WireOrgId>,
}

/// All but letters, digits and what means nothing in a URL anywhere: an id is to be found in a log as it is in status.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// One segment of a path. Refuses what a URL would read as a way up.
pub(crate) fn segment(what: &str, id: &str) -> Result<String> {
    if id.is_empty() || id == "." || id == ".." {
        return Err(refused_here(what, "that is not an id"));
    }
    Ok(utf8_percent_encode(id, SEGMENT).to_string())
}

/// A request that is not even sent.
pub(crate) fn refused_here(what: &str, why: &str) -> Error {
    Error::Refused { what: what.to_owned(), status: 400, code: None, said: why.to_owned() }
}

/// Rows of an answer, with a word on what is wrong with it where it cannot be read.
pub(crate) fn rows<W: for<'de> Deserialize<'de>>(body: &[u8]) -> Result<Vec<W>, String> {
    serde_json::from_slice(body).map_err(|e| match serde_json::from_slice::<Vec<IgnoredAny>>(body) {
        // Not why: the reasons quote values, and the row may be another tenant's.
        Ok(_) => format!("a row cannot be read, near byte {} of line {}", e.column(), e.line()),
        Err(_) => "the answer is not a list".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Row {
        #[serde(default, deserialize_with = "millis")]
        at: Option<Millis>,
        #[serde(default, deserialize_with = "or_default")]
        list: Vec<String>,
        org: Option<WireOrgId>,
    }

    #[test]
    fn nulls_floats_and_strings_are_read() {
        for (value, at, org) in [
            (json!({}), None, None),
            (json!({"at": null, "list": null, "org": null}), None, None),
            (json!({"at": 1_700_000_000_000_i64, "org": 7}), Some(1_700_000_000_000), Some(7)),
            (json!({"at": 1.7e12, "org": "583464508"}), Some(1_700_000_000_000), Some(583_464_508)),
            (json!({"at": -1, "org": "-1"}), None, Some(-1)),
            (json!({"at": "soon"}), None, None),
        ] {
            let row: Row = serde_json::from_value(value).unwrap();
            assert_eq!(row, Row { at, list: Vec::new(), org: org.map(|id| WireOrgId(OrgId(id))) });
        }
        assert!(serde_json::from_value::<Row>(json!({"org": "acme"})).is_err());
    }

    #[test]
    fn an_id_stays_one_segment() {
        assert_eq!(segment("x", "7e4c-9").unwrap(), "7e4c-9");
        assert_eq!(segment("x", "a/../b?c#d").unwrap(), "a%2F%2E%2E%2Fb%3Fc%23d");
        for bad in ["", ".", ".."] {
            assert!(segment("x", bad).is_err(), "{bad:?}");
        }
    }
}
