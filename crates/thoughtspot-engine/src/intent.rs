//! The note that a create is about to happen.
//!
//! A create has no idempotency key. So the object says beforehand what it is about to create, in the same patch that adds the
//! finalizer. Found later under that name, made by our login and not before the note, a thing is ours although no answer arrived.

use serde::{Deserialize, Serialize};

/// What is about to be created, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Intent {
    /// The uid of the object that creates. A manifest restored or copied from elsewhere carries another, which proves nothing.
    pub uid: String,
    /// The name it creates.
    pub name: String,
    /// When, in milliseconds since 1970 by the far side's clock.
    pub at: i64,
}

impl Intent {
    /// The intent that an annotation holds, if it is this object's own.
    pub fn read(annotation: Option<&String>, uid: &str) -> Option<Intent> {
        let intent: Intent = serde_json::from_str(annotation?).ok()?;
        (intent.uid == uid).then_some(intent)
    }

    /// As an annotation's value.
    pub fn write(&self) -> String {
        serde_json::json!({ "uid": self.uid, "name": self.name, "at": self.at }).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intent_of_another_uid_is_none() {
        let intent = Intent { uid: "a".into(), name: "acme".into(), at: 1 };
        assert_eq!(Intent::read(Some(&intent.write()), "a"), Some(intent.clone()));
        assert_eq!(Intent::read(Some(&intent.write()), "b"), None);
        assert_eq!(Intent::read(Some(&"{".to_owned()), "a"), None);
        assert_eq!(Intent::read(None, "a"), None);
    }
}
