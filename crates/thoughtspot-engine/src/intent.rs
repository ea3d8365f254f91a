//! The note that a create is about to happen.
//!
//! A create has no idempotency key. So the object says beforehand what it is about to create, in the same patch that adds the
//! finalizer. Found later under that name, made by our login and not before the note, a thing is ours although no answer arrived.

use serde::{Deserialize, Serialize};

/// How far the cluster's clock and the far side's may be apart.
const CLOCKS_MS: i64 = 10 * 60 * 1000;

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
    /// The id of what it replaces, where that is gone. The intent stands only while exactly this is on record: once fulfilled, it
    /// proves nothing more.
    #[serde(default)]
    pub replaces: Option<String>,
    /// What has to be known again of what was sent: see [`crate::Kind::sent`].
    #[serde(default)]
    pub sent: serde_json::Value,
    /// That the operator wrote this: see [`crate::Kind::seal`].
    #[serde(default)]
    pub seal: String,
}

impl Intent {
    /// The intent that an annotation holds, if it is this object's own and not older than the object (`born`, in milliseconds since
    /// 1970 by the cluster's clock). Whoever may write the object can write the annotation too, and must gain nothing by it.
    pub fn read(annotation: Option<&String>, uid: &str, born: i64) -> Option<Intent> {
        let intent: Intent = serde_json::from_str(annotation?).ok()?;
        (intent.uid == uid && intent.at >= born - CLOCKS_MS).then_some(intent)
    }

    /// What the seal is about: everything else.
    pub fn words(&self) -> String {
        serde_json::json!([self.uid, self.name, self.at, self.replaces, self.sent]).to_string()
    }

    /// As an annotation's value.
    pub fn write(&self) -> String {
        let Intent { uid, name, at, replaces, sent, seal } = self;
        serde_json::json!({ "uid": uid, "name": name, "at": at, "replaces": replaces, "sent": sent, "seal": seal }).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intent_of_another_uid_or_of_before_the_object_is_none() {
        let sent = serde_json::json!({ "org": 7 });
        let intent = Intent { uid: "a".into(), name: "acme".into(), at: 10_000_000, replaces: None, sent, seal: "s".into() };
        let read = |text: &str, uid: &str, born: i64| Intent::read(Some(&text.to_owned()), uid, born);
        assert_eq!(read(&intent.write(), "a", 10_000_000), Some(intent.clone()));
        assert_eq!(read(&intent.write(), "b", 10_000_000), None);
        assert_eq!(read(&intent.write(), "a", 10_000_000 + CLOCKS_MS + 1), None, "written by hand");
        assert_eq!(read("{", "a", 0), None);
        assert_eq!(Intent::read(None, "a", 0), None);
    }
}
