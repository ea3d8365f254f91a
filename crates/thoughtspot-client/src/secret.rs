//! The one type that holds a credential.

use std::fmt;

use serde::{Deserialize, Deserializer};

/// One with fewer characters is found in ordinary words.
const SHORT: usize = 8;

/// A password, secret key or token. It has no `Display` and no `Serialize`, and its `Debug` shows nothing: the only way to
/// the text is [`Secret::expose`], which is called where a request body or header is built and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }

    /// The text itself, for a request body or header.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it may be found in ordinary words.
    pub(crate) fn is_short(&self) -> bool {
        self.0.chars().count() < SHORT
    }
}

/// Out of an answer. Nothing that reads one may repeat what went wrong: the text of the error may quote the secret.
impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Secret)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
