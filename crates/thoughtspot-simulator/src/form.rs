//! What a request carries beside JSON: its query, a form, or the parts of a multipart body. All of them are named texts.

use axum::body::Bytes;
use futures::stream;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

/// Named texts. Of two with the same name the last counts.
pub(crate) type Fields = BTreeMap<String, String>;

/// The parts of a multipart body. File names are not kept: published clients send them with every part.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) fields: Fields,
    /// The names of those whose content type is JSON.
    pub(crate) json: BTreeSet<String>,
}

/// A request body, seen as a form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// There is no body.
    Nothing,
    /// `application/x-www-form-urlencoded`.
    UrlEncoded(Fields),
    /// `multipart/form-data`.
    Multipart(Parts),
    /// Something that is no form, or a broken one.
    Foreign,
}

impl Form {
    /// Reads a body by its content type.
    pub(crate) async fn read(content_type: Option<&str>, body: &Bytes) -> Self {
        if body.is_empty() {
            return Self::Nothing;
        }
        let Some(content_type) = content_type else {
            return Self::Foreign;
        };
        if content_type.starts_with("application/x-www-form-urlencoded") {
            return Self::UrlEncoded(fields(body));
        }
        match multer::parse_boundary(content_type) {
            Ok(boundary) => parts(boundary, body.clone()).await.map_or(Self::Foreign, Self::Multipart),
            Err(_) => Self::Foreign,
        }
    }

    /// The fields of a form of either sort; none for everything else.
    pub(crate) fn fields(&self) -> Option<&Fields> {
        match self {
            Self::UrlEncoded(fields) | Self::Multipart(Parts { fields, .. }) => Some(fields),
            Self::Nothing | Self::Foreign => None,
        }
    }
}

/// The pairs of a query or of a URL-encoded form.
pub(crate) fn fields(text: &[u8]) -> Fields {
    form_urlencoded::parse(text).into_owned().collect()
}

async fn parts(boundary: String, body: Bytes) -> multer::Result<Parts> {
    let mut multipart = multer::Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
    let mut parts = Parts::default();
    while let Some(part) = multipart.next_field().await? {
        let name = part.name().unwrap_or_default().to_owned();
        if part.content_type().is_some_and(|kind| matches!(kind.essence_str(), "application/json" | "text/json")) {
            parts.json.insert(name.clone());
        }
        parts.fields.insert(name, String::from_utf8_lossy(&part.bytes().await?).into_owned());
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::{Fields, Form, Parts};
    use axum::body::Bytes;

    async fn read(content_type: &str, body: &str) -> Form {
        Form::read(Some(content_type), &Bytes::from(body.to_owned())).await
    }

    fn some(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[tokio::test]
    async fn a_form_is_percent_decoded() {
        let form = read("application/x-www-form-urlencoded; charset=UTF-8", "name=a+b%26c&groups=%5B%5D&empty=").await;
        assert_eq!(form, Form::UrlEncoded(some(&[("name", "a b&c"), ("groups", "[]"), ("empty", "")])));
    }

    #[tokio::test]
    async fn every_part_of_a_multipart_body_is_a_field_even_with_a_file_name() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"privilege\"; filename=\"privilege\"\r\n\r\nDATADOWNLOADING\r\n\
                    --x\r\nContent-Disposition: form-data; name=\"principals\"; filename=\"p.json\"\r\nContent-Type: application/json\r\n\r\n[]\r\n\
                    --x--\r\n";
        let form = read("multipart/form-data; boundary=x", body).await;
        let fields = some(&[("privilege", "DATADOWNLOADING"), ("principals", "[]")]);
        assert_eq!(form, Form::Multipart(Parts { fields, json: ["principals".to_owned()].into() }));
    }

    #[tokio::test]
    async fn what_is_no_form_has_no_fields() {
        assert_eq!(read("application/json", "{}").await, Form::Foreign);
        assert_eq!(read("multipart/form-data; boundary=x", "--y\r\n").await, Form::Foreign);
        assert_eq!(read("application/json", "").await, Form::Nothing);
        assert_eq!(Form::read(None, &Bytes::from_static(b"a=b")).await, Form::Foreign);
    }
}
