//! The named values of a request, which v1 takes as a query, as a form or as the parts of a multipart body.

use std::mem::take;

use serde::Serialize;
use url::form_urlencoded::Serializer;
use zeroize::Zeroizing;

use crate::domain::OrgId;
use crate::secret::{Secret, wiped};
use crate::transport::{Accept, Effect, Part, Payload};
use crate::wire::Call;

/// Reaches across Orgs; for cluster administrators only.
pub(super) const ALL_ORGS: (&str, &str) = ("orgScope", "ALL");

/// Named values, in order. It has no `Debug`: passwords are among them.
#[derive(Clone, Default)]
pub(super) struct Fields(Vec<(&'static str, Zeroizing<String>)>);

impl Fields {
    pub(super) fn new() -> Self {
        Fields::default()
    }

    pub(super) fn text(mut self, name: &'static str, value: impl ToString) -> Self {
        self.0.push((name, Zeroizing::new(value.to_string())));
        self
    }

    pub(super) fn maybe(self, name: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    pub(super) fn secret(self, name: &'static str, value: &Secret) -> Self {
        self.text(name, value.expose())
    }

    pub(super) fn org(self, name: &'static str, org: OrgId) -> Self {
        self.text(name, org.0)
    }

    /// A list or a map, which v1 takes as JSON text within one value.
    pub(super) fn json(self, name: &'static str, value: &impl Serialize) -> Self {
        self.text(name, json(value))
    }

    pub(super) fn maybe_json(self, name: &'static str, value: Option<&impl Serialize>) -> Self {
        self.maybe(name, value.map(json))
    }

    pub(super) fn all_orgs(self) -> Self {
        let (name, value) = ALL_ORGS;
        self.text(name, value)
    }

    fn encoded(&self) -> String {
        // What it grows out of is not wiped.
        let longest = self.0.iter().map(|(name, value)| name.len() + 3 * value.len() + 2).sum();
        let pairs = self.0.iter().map(|(name, value)| (*name, value.as_str()));
        Serializer::new(String::with_capacity(longest)).extend_pairs(pairs).finish()
    }

    pub(super) fn into_parts(self) -> Vec<Part> {
        self.0.into_iter().map(|(name, mut text)| Part { name, text: take(&mut *text), file: false }).collect()
    }
}

/// What we send is made of plain values with string keys.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("lists and maps of ours have string keys, which always serialise")
}

impl Call<'_> {
    pub(super) fn query(self, fields: &Fields) -> Self {
        Call { query: Some(fields.encoded()), ..self }
    }

    pub(super) fn form(self, fields: &Fields) -> Self {
        Call { body: Payload::Form(wiped(fields.encoded())), ..self }
    }

    pub(super) fn parts(self, fields: Fields) -> Self {
        Call { body: Payload::Multipart(fields.into_parts()), ..self }
    }

    /// The answer is text.
    pub(super) fn for_text(self) -> Self {
        Call { accept: Accept::Text, ..self }
    }

    /// The answer is a file.
    pub(super) fn for_pdf(self) -> Self {
        Call { accept: Accept::Pdf, ..self }
    }

    /// It changes nothing, although its method looks like it.
    pub(super) fn reading(self) -> Self {
        Call { effect: Effect::Read, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_arrive_as_they_were_whatever_is_in_them() {
        let fields = Fields::new().text("name", "a&b=c +ö").json("groups", &["x\"y", "z"]).maybe("no", None::<&str>);
        let encoded = fields.encoded();
        let back: Vec<(String, String)> = url::form_urlencoded::parse(encoded.as_bytes()).into_owned().collect();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(back, [pair("name", "a&b=c +ö"), pair("groups", r#"["x\"y","z"]"#)]);
    }
}
