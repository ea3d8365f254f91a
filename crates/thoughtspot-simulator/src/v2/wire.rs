//! Decoding of v2 requests, the way the gateway does it.

use crate::call::Call;
use crate::settings::Settings;
use crate::state::refusal::{Cause, Refusal};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

impl Call {
    /// The JSON body as `T`. Unknown keys are ignored unless the settings are strict; an explicit `null` counts as absent.
    pub(crate) fn json<T: DeserializeOwned>(&self, settings: &Settings) -> Result<T, Refusal> {
        let (decoded, unknown) = decode(self.object()?)?;
        refuse_unknown(settings, &unknown)?;
        Ok(decoded)
    }

    /// The JSON body as two types that share its keys between them.
    pub(crate) fn json_in_two<T: DeserializeOwned, U: DeserializeOwned>(&self, settings: &Settings) -> Result<(T, U), Refusal> {
        let body = self.object()?;
        let (one, unknown_to_one) = decode(body.clone())?;
        let (other, unknown_to_other) = decode(body)?;
        refuse_unknown(settings, &unknown_to_both(&unknown_to_one, &unknown_to_other))?;
        Ok((one, other))
    }

    fn object(&self) -> Result<Map<String, Value>, Refusal> {
        self.check_media_type()?;
        let body: Map<String, Value> = serde_json::from_slice(&self.body)
            .map_err(|error| malformed(format!("The request body is not a JSON object: {error}")))?;
        Ok(body.into_iter().filter(|(_, value)| !value.is_null()).collect())
    }

    /// The object the path is about. A slash in it, even an encoded one, breaks routing.
    pub(crate) fn target(&self) -> Result<&str, Refusal> {
        let target = self.path_parameter(0);
        if target.contains('/') {
            return Err(Refusal::invalid("Invalid identifier in the path: a slash is not allowed"));
        }
        Ok(target)
    }

    fn check_media_type(&self) -> Result<(), Refusal> {
        match &self.content_type {
            Some(kind) if !kind.starts_with("application/json") => {
                Err(Refusal::new(Cause::MediaType, format!("Unsupported content type {kind}")))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// The value, and the keys it has no use for.
fn decode<T: DeserializeOwned>(body: Map<String, Value>) -> Result<(T, BTreeSet<String>), Refusal> {
    let mut unknown = BTreeSet::new();
    let decoded = serde_ignored::deserialize(Value::Object(body), |path| {
        unknown.insert(path.to_string());
    });
    let decoded = decoded.map_err(|error: serde_json::Error| malformed(in_gateway_words(&error.to_string())))?;
    Ok((decoded, unknown))
}

/// The keys neither has a use for. One may not know a key at all of which the other knows all but a part inside.
fn unknown_to_both(one: &BTreeSet<String>, other: &BTreeSet<String>) -> BTreeSet<String> {
    let covers = |outer: &str, key: &str| key.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let common = |keys: &BTreeSet<String>, others: &BTreeSet<String>| {
        let unknown = keys.iter().filter(|key| others.iter().any(|outer| covers(outer, key)));
        unknown.cloned().collect::<BTreeSet<String>>()
    };
    common(one, other).union(&common(other, one)).cloned().collect()
}

fn refuse_unknown(settings: &Settings, unknown: &BTreeSet<String>) -> Result<(), Refusal> {
    if !settings.strict || unknown.is_empty() {
        return Ok(());
    }
    let keys: Vec<&str> = unknown.iter().map(String::as_str).collect();
    Err(malformed(format!("Unknown fields: {}", keys.join(", "))))
}

fn malformed(text: String) -> Refusal {
    Refusal::new(Cause::Malformed, text)
}

fn in_gateway_words(error: &str) -> String {
    match error.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        Some(field) => format!("Variable \"${field}\" of required type \"String!\" was not provided."),
        None => format!("Variable \"$request\" got invalid value: {error}"),
    }
}

/// An identifier, sent as text or, by some clients, as a number.
#[derive(Clone, Debug)]
pub(crate) struct Identifier(pub(crate) String);

impl Identifier {
    /// Whether it is the id or the exact name of this object.
    pub(crate) fn names(&self, id: Uuid, name: &str) -> bool {
        self.0 == name || Uuid::parse_str(&self.0).is_ok_and(|own| own == id)
    }
}

impl<'de> Deserialize<'de> for Identifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "an identifier must be a string")]
        enum Sent {
            Text(String),
            Number(i64),
        }
        Ok(Self(match Sent::deserialize(deserializer)? {
            Sent::Text(text) => text,
            Sent::Number(number) => number.to_string(),
        }))
    }
}

/// A yes or no, sent as such or, by some clients, as text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flag(pub(crate) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a Boolean is needed")]
        enum Sent {
            Flag(bool),
            Text(String),
        }
        match Sent::deserialize(deserializer)? {
            Sent::Flag(flag) => Ok(Self(flag)),
            Sent::Text(text) => text.to_lowercase().parse().map(Self).map_err(serde::de::Error::custom),
        }
    }
}

/// The texts of a list of identifiers; an absent list stays absent.
pub(crate) fn texts(list: Option<Vec<Identifier>>) -> Option<Vec<String>> {
    list.map(|list| list.into_iter().map(|identifier| identifier.0).collect())
}
