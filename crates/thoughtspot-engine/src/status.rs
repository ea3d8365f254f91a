//! How a status is written: what differs of it and nothing else. Another version of the operator, which ran before or may lead next, may
//! keep in it what this one does not know, and what nothing else remembers: which memberships are its own, what it has set.

use serde_json::{Value, json};

/// A JSON patch from the status `before`, as far as this version knows it, to `after`: each field that differs is replaced whole. It
/// holds only for the object of this `uid` and with the id that `before` has.
pub(crate) fn patch(uid: Option<&str>, before: &Value, after: &Value) -> Vec<Value> {
    let mut operations = vec![
        json!({ "op": "test", "path": "/metadata/uid", "value": uid }),
        json!({ "op": "test", "path": "/status/id", "value": before["id"] }),
    ];
    let (Value::Object(before), Value::Object(after)) = (before, after) else {
        // There is none yet.
        operations.push(json!({ "op": "add", "path": "/status", "value": after }));
        return operations;
    };
    // Names are those of fields of our types: nothing in them has to be escaped.
    for (name, value) in after.iter().filter(|(name, value)| !value.is_null() && before.get(*name) != Some(value)) {
        operations.push(json!({ "op": "add", "path": format!("/status/{name}"), "value": value }));
    }
    for (name, _) in before.iter().filter(|(name, old)| !old.is_null() && after.get(*name).is_none_or(Value::is_null)) {
        // On a view that lags behind it may be gone, and what is not there cannot be removed.
        operations.push(json!({ "op": "add", "path": format!("/status/{name}"), "value": null }));
        operations.push(json!({ "op": "remove", "path": format!("/status/{name}") }));
    }
    operations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(stored: &Value, before: &Value, after: &Value, expected: &Value) {
        let mut object = json!({ "metadata": { "uid": "u" }, "status": stored });
        // An API server finds `null` where there is nothing.
        let operations: Vec<Value> =
            patch(Some("u"), before, after).into_iter().filter(|o| o["op"] != "test" || !o["value"].is_null()).collect();
        let patch: json_patch::Patch = serde_json::from_value(json!(operations)).unwrap();
        json_patch::patch(&mut object, &patch).unwrap();
        assert_eq!(object["status"], *expected, "{operations:?}");
    }

    #[test]
    fn what_differs_is_written_and_what_is_not_known_stays() {
        let stored = json!({ "id": 1, "note": "a", "gone": [1], "theirs": { "x": 1 } });
        let before = json!({ "id": 1, "note": "a", "gone": [1] });
        let after = json!({ "id": 1, "note": "b", "new": true });
        check(&stored, &before, &after, &json!({ "id": 1, "note": "b", "new": true, "theirs": { "x": 1 } }));
        check(&json!(null), &json!(null), &after, &after);
        let nulls = json!({ "id": null, "note": "b" });
        check(&json!({ "note": "a" }), &json!({ "id": null, "note": "a" }), &nulls, &json!({ "note": "b" }));
    }

    #[test]
    fn on_an_older_view_it_ends_as_it_was_meant_too() {
        let (before, after) = (json!({ "id": 1, "gone": [1] }), json!({ "id": 1, "note": "b" }));
        check(&json!({ "id": 1, "note": "c" }), &before, &after, &after);
    }

    #[test]
    fn nothing_that_is_the_same_is_written() {
        let status = json!({ "id": 1, "note": "a" });
        assert_eq!(patch(Some("u"), &status, &status).len(), 2, "only the tests");
    }
}
