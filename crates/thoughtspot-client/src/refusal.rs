//! What either dialect says when it refuses: one decoder for the shapes of `docs/thoughtspot-api.md`, "Error bodies".
//!
//! Invariant: never fails. A body that cannot be read is a refusal without words.

use serde_json::Value;

/// A user, group or Org that does not exist, or a search row that cannot be resolved.
pub(crate) const NOT_FOUND: i64 = 13003;
/// The same for an Org, named in a call about Orgs.
pub(crate) const ORG_NOT_FOUND: i64 = 13151;
/// The login may not enter the Org.
pub(crate) const NO_ORG_ACCESS: i64 = 13090;

/// The code and the words of a refusal, as raw as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: Option<i64>,
    pub(crate) text: String,
}

pub(crate) fn decode(body: &[u8]) -> Refusal {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Refusal::default();
    };
    find(&value)
}

/// Walks down `error`, `message` and `debug` as long as they are objects: the shapes differ in how many of them are nested.
fn find(value: &Value) -> Refusal {
    let mut at = value;
    let mut code = None;
    loop {
        code = at.get("code").and_then(number).or(code);
        match ["error", "message", "debug"].iter().find_map(|key| at.get(key).filter(|v| !v.is_null())) {
            Some(Value::String(text)) => return Refusal { code, text: words(text) },
            Some(next @ Value::Object(_)) => at = next,
            Some(Value::Array(list)) => return Refusal { code, text: join(list) },
            Some(Value::Null | Value::Bool(_) | Value::Number(_)) | None => {
                return Refusal { code, text: String::new() };
            }
        }
    }
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// `debug` is a JSON array of strings inside a string, the message first; or just text.
fn words(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(list)) => join(&list),
        Ok(_) | Err(_) => text.to_owned(),
    }
}

fn join(list: &[Value]) -> String {
    let words: Vec<&str> = list.iter().filter_map(Value::as_str).filter(|s| !s.trim().is_empty()).collect();
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, code: Option<i64>, text: &str) {
        assert_eq!(decode(body.as_bytes()), Refusal { code, text: text.to_owned() }, "{body}");
    }

    #[test]
    fn every_shape_is_read() {
        check(
            r#"{"error":{"message":{"debug":{"code":13003,"incident_id_guid":"4f0c","trace_id_guid":"tracing-disabled","debug":"[\"Principal object does not exist corresponding to the identifier Analystt\",\"\"]"}}}}"#,
            Some(13003),
            "Principal object does not exist corresponding to the identifier Analystt",
        );
        check(
            r#"{"error":{"message":{"code":10002,"incident_id_guid":"4f0c","debug":"[\"Invalid request.\",\"\"]"}}}"#,
            Some(10002),
            "Invalid request.",
        );
        check(
            r#"{"error":{"message":"Variable \"$message\" of required type \"String!\" was not provided."}}"#,
            None,
            "Variable \"$message\" of required type \"String!\" was not provided.",
        );
        check(r#"{"error":null}"#, None, "");
        check(
            r#"{"type":null,"code":10003,"debug":"[\"Authentication failed.\"]","parameter":[]}"#,
            Some(10003),
            "Authentication failed.",
        );
    }

    #[test]
    fn odd_bodies_are_refusals_too() {
        check("", None, "");
        check("<html>502</html>", None, "");
        check("[]", None, "");
        check("17", None, "");
        check("{}", None, "");
        check(r#"{"error":{"message":{"debug":{"code":10000,"debug":"[null]"}}}}"#, Some(10000), "");
        check(r#"{"error":{"message":{"debug":{"code":"13090","debug":"plain words"}}}}"#, Some(13090), "plain words");
        check(r#"{"error":{"message":{"code":1,"debug":["a",null,"b"]}}}"#, Some(1), "a; b");
        check(r#"{"error":{"message":{"code":1.5,"debug":7}}}"#, None, "");
        check(&format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)), None, "");
    }
}
