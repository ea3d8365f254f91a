//! Decoding of v1 requests: named texts in the query, a form or a multipart body; lists and maps are JSON inside one of them.

use crate::call::Call;
use crate::form::{Fields, Form};
use crate::settings::Settings;
use crate::state::refusal::{Cause, Refusal};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;
use uuid::Uuid;

/// What a call without parameters takes.
#[derive(Deserialize)]
pub(crate) struct Nothing {}

impl Call {
    /// The parameters in the query; the call takes no others. As everywhere here, unknown ones are ignored unless the settings
    /// are strict.
    pub(crate) fn queried<Q: DeserializeOwned>(&self, settings: &Settings) -> Result<Q, Refusal> {
        let body = self.form.fields().cloned().unwrap_or_default();
        decode::<Nothing>(&body, settings)?;
        decode(&self.query, settings)
    }

    /// The parameters in the form; the call takes no others.
    pub(crate) fn posted<F: DeserializeOwned>(&self, settings: &Settings) -> Result<F, Refusal> {
        self.queried_and_posted::<Nothing, F>(settings).map(|(_, form)| form)
    }

    /// The parameters in the query, and those in the form.
    pub(crate) fn queried_and_posted<Q: DeserializeOwned, F: DeserializeOwned>(
        &self,
        settings: &Settings,
    ) -> Result<(Q, F), Refusal> {
        let empty = Fields::new();
        let form = match &self.form {
            Form::UrlEncoded(fields) => fields,
            Form::Nothing => &empty,
            Form::Multipart(_) | Form::Foreign => return Err(self.media_type()),
        };
        Ok((decode(&self.query, settings)?, decode(form, settings)?))
    }

    /// The parts of the multipart body; the call takes no other parameters.
    pub(crate) fn parts<F: DeserializeOwned>(&self, settings: &Settings) -> Result<F, Refusal> {
        self.queried_and_parts::<Nothing, F>(settings).map(|(_, parts)| parts)
    }

    /// The parameters in the query, and the parts of the multipart body.
    pub(crate) fn queried_and_parts<Q: DeserializeOwned, F: DeserializeOwned>(
        &self,
        settings: &Settings,
    ) -> Result<(Q, F), Refusal> {
        match &self.form {
            Form::Multipart(parts) => Ok((decode(&self.query, settings)?, decode(&parts.fields, settings)?)),
            Form::Nothing | Form::UrlEncoded(_) | Form::Foreign => Err(self.media_type()),
        }
    }

    /// The parts of the multipart body; without a body, the parameters in the query, where a published client puts them.
    pub(crate) fn parts_or_query<F: DeserializeOwned>(&self, settings: &Settings) -> Result<F, Refusal> {
        match &self.form {
            Form::Nothing => decode(&self.query, settings),
            Form::Multipart(_) | Form::UrlEncoded(_) | Form::Foreign => self.parts(settings),
        }
    }

    /// Refuses a multipart body in which this part is there, but not as JSON.
    pub(crate) fn check_json_part(&self, name: &str) -> Result<(), Refusal> {
        match &self.form {
            Form::Multipart(parts) if parts.fields.contains_key(name) && !parts.json.contains(name) => {
                Err(Refusal::new(Cause::MediaType, format!("Unsupported content type of the part {name}")))
            }
            Form::Multipart(_) | Form::Nothing | Form::UrlEncoded(_) | Form::Foreign => Ok(()),
        }
    }

    fn media_type(&self) -> Refusal {
        let content_type = self.content_type.as_deref().unwrap_or("none");
        Refusal::new(Cause::MediaType, format!("Unsupported content type {content_type}"))
    }
}

fn decode<T: DeserializeOwned>(fields: &Fields, settings: &Settings) -> Result<T, Refusal> {
    let text = |value: &String| {
        let repaired = if settings.v1_lenient_lists { repaired_list(value) } else { None };
        Value::from(repaired.unwrap_or_else(|| value.clone()))
    };
    let object: Map<String, Value> = fields.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    let mut unknown = Vec::new();
    let decoded = serde_ignored::deserialize(Value::Object(object), |path| unknown.push(path.to_string()));
    let decoded = decoded.map_err(|error: serde_json::Error| Refusal::invalid(format!("Invalid parameter values: {error}")))?;
    if settings.strict && !unknown.is_empty() {
        return Err(Refusal::invalid(format!("Unknown parameters: {}", unknown.join(", "))));
    }
    Ok(decoded)
}

/// A list whose elements are not quoted, or with `'`, as JSON; none for what is no such list.
fn repaired_list(text: &str) -> Option<String> {
    if serde_json::from_str::<Value>(text).is_ok() {
        return None;
    }
    if let Ok(quoted @ Value::Array(_)) = json5::from_str(text) {
        return Some(quoted.to_string());
    }
    let inner = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    let elements = inner.split(',').map(|element| element.trim().trim_matches(['\'', '"']).into());
    Some(Value::Array(elements.collect()).to_string())
}

/// The only scope a call can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum OrgScope {
    #[serde(rename = "ALL")]
    All,
}

/// A value that is written as text: a number, `true` or `false`, a GUID. In any case: Python writes `True`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<T>(pub(crate) T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.trim().to_ascii_lowercase().parse().map(Self).map_err(|error| Error::custom(format!("{text}: {error}")))
    }
}

/// A list or map, written as JSON text. It has to be strict JSON: quoted with `"`.
#[derive(Clone, Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        serde_json::from_str(&text).map(Self).map_err(|error| Error::custom(format!("not the JSON expected: {error}")))
    }
}

/// The same, but texts may be quoted with `'`, as a published client quotes those it imports.
#[derive(Clone, Debug)]
pub(crate) struct LooseJson<T>(pub(crate) T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for LooseJson<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        json5::from_str(&text).map(Self).map_err(|error| Error::custom(format!("not the JSON expected: {error}")))
    }
}

/// GUIDs, written as a JSON list of texts. Names are refused.
#[derive(Clone, Debug)]
pub(crate) struct Guids(pub(crate) BTreeSet<Uuid>);

impl<'de> Deserialize<'de> for Guids {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Json(list) = Json::<Vec<String>>::deserialize(deserializer)?;
        let parse = |text: &String| text.parse().map_err(|_| Error::custom(format!("{text} is not a GUID")));
        list.iter().map(parse).collect::<Result<_, _>>().map(Self)
    }
}

impl Guids {
    /// The GUIDs as the identifiers that the world looks up.
    pub(crate) fn identifiers(&self) -> Vec<String> {
        self.0.iter().map(Uuid::to_string).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Guids, Json, OrgScope, Text, decode};
    use crate::form;
    use crate::settings::Settings;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Deserialize)]
    struct Everything {
        name: String,
        number: Option<Text<i32>>,
        flag: Option<Text<bool>>,
        list: Option<Json<Vec<String>>>,
        map: Option<Json<BTreeMap<String, Option<String>>>>,
        guids: Option<Guids>,
        #[serde(rename = "orgScope")]
        scope: Option<OrgScope>,
    }

    fn read(text: &str, strict: bool) -> Option<Everything> {
        decode(&form::fields(text.as_bytes()), &Settings { strict, ..Settings::default() }).ok()
    }

    #[test]
    fn values_are_texts_and_lists_are_json() {
        let guid = "7e4c9f2a-8b5d-4a1e-9c3b-6d8e2f5a7b4c";
        let text = format!("name=1&number=-1&flag=true&list=[\"a\"]&map={{\"m\":null}}&guids=[\"{guid}\"]&orgScope=ALL");
        let all = read(&text, true).unwrap();
        assert_eq!((all.name.as_str(), all.number.unwrap().0, all.flag.unwrap().0), ("1", -1, true));
        assert_eq!((all.list.unwrap().0, all.map.unwrap().0["m"].clone()), (vec!["a".to_owned()], None));
        assert_eq!((all.guids.unwrap().identifiers(), all.scope), (vec![guid.to_owned()], Some(OrgScope::All)));
    }

    #[test]
    fn a_yes_is_read_in_any_case() {
        for (text, flag) in [("True", true), ("TRUE", true), ("False", false), (" false ", false)] {
            assert_eq!(read(&format!("name=a&flag={text}"), true).unwrap().flag.unwrap().0, flag, "{text}");
        }
    }

    #[test]
    fn what_is_not_strict_json_or_not_of_its_type_is_refused() {
        for bad in ["number=1", "name=a&number=x", "name=a&flag=yes", "name=a&list=[a]", "name=a&list=['a']", "name=a&list=a"] {
            assert!(read(bad, false).is_none(), "{bad}");
        }
        for bad in ["name=a&guids=[\"ana\"]", "name=a&orgScope=some", "name=a&map=[]"] {
            assert!(read(bad, false).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_lenient_server_takes_lists_without_quotes() {
        let settings = Settings { v1_lenient_lists: true, ..Settings::default() };
        for list in ["[a, b]", "['a','b']", "[\"a\",\"b\"]", "[a,'b']"] {
            let all: Everything = decode(&form::fields(format!("name=[x&list={list}").as_bytes()), &settings).unwrap();
            assert_eq!((all.name.as_str(), all.list.unwrap().0), ("[x", vec!["a".to_owned(), "b".to_owned()]), "{list}");
        }
    }

    #[test]
    fn an_unknown_parameter_is_refused_only_in_strict_mode() {
        assert!(read("name=a&nmae=b", false).is_some());
        assert!(read("name=a&nmae=b", true).is_none());
    }
}
