//! The whole of a user or a group, as v1 shows it and wants it back.
//!
//! An update of v1 replaces everything. So it is read, changed in place and sent back, with all that is not known here as it came.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::Visibility;

/// Everything v1 keeps of a user or a group. Its `Debug` shows nothing of it: it is personal, and nobody knows all that is in it.
#[derive(Clone, Deserialize, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Content(Map<String, Value>);

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content").finish_non_exhaustive()
    }
}

impl Content {
    /// Whose it is.
    pub(super) fn is_of(&self, id: &str) -> bool {
        self.get(&["header", "id"]).and_then(Value::as_str) == Some(id)
    }

    /// Renames it.
    pub fn set_name(&mut self, name: &str) {
        self.set(&["header", "name"], name.into());
    }

    /// The name that people see; it is kept twice.
    pub fn set_display_name(&mut self, name: &str) {
        self.set(&["displayName"], name.into());
        self.set(&["header", "displayName"], name.into());
    }

    /// What a group is for.
    pub fn set_description(&mut self, text: &str) {
        self.set(&["header", "description"], text.into());
    }

    /// A user's e-mail address.
    pub fn set_mail(&mut self, address: &str) {
        self.set(&["userContent", "userProperties", "mail"], address.into());
    }

    /// Whether others find it when they share something.
    pub fn set_visibility(&mut self, visibility: Visibility) {
        self.set(&["visibility"], word(visibility).into());
    }

    /// Whether a user can sign in, as an account status.
    pub fn set_state(&mut self, status: &str) {
        self.set(&["state"], status.into());
    }

    /// Sets a value, and makes the maps on the way to it where they are missing.
    pub fn set(&mut self, path: &[&str], value: Value) {
        let Some((last, way)) = path.split_last() else { return };
        let mut map = &mut self.0;
        for key in way {
            let next = map.entry(*key).or_insert_with(|| Value::Object(Map::new()));
            if !next.is_object() {
                *next = Value::Object(Map::new());
            }
            let Value::Object(inner) = next else { return };
            map = inner;
        }
        map.insert((*last).to_owned(), value);
    }

    /// A value; `None` where there is none.
    pub fn get(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.0.get(*first)?, |at, key| at.get(key))
    }
}

/// How v1 writes a visibility.
pub(super) fn word(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Sharable => "DEFAULT",
        Visibility::NonSharable => "NON_SHARABLE",
    }
}

/// Words that this release of ours does not know mean the default, which is to be found by others.
pub(super) fn visibility(text: Option<&str>) -> Visibility {
    match text {
        Some("NON_SHARABLE") => Visibility::NonSharable,
        Some(_) | None => Visibility::Sharable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_changed_stays_as_it_came() {
        let came =
            json!({"header": {"name": "ana", "new": [1.5, null]}, "userContent": null, "displayName": "Ana", "odd": {"x": 1}});
        let mut content: Content = serde_json::from_value(came).unwrap();
        content.set_name("bo");
        content.set_display_name("Bo");
        content.set_mail("bo@example.com");
        let expected = json!({"header": {"name": "bo", "displayName": "Bo", "new": [1.5, null]}, "displayName": "Bo", "odd": {"x": 1},
            "userContent": {"userProperties": {"mail": "bo@example.com"}}});
        assert_eq!(serde_json::to_value(&content).unwrap(), expected);
        assert_eq!(content.get(&["header", "name"]), Some(&json!("bo")));
        assert_eq!(content.get(&["header", "name", "x"]), None);
        assert_eq!(format!("{content:?}"), "Content { .. }");
    }
}
