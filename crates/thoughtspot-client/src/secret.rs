//! The one type that holds a credential.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use zeroize::{Zeroize, Zeroizing};

/// One with fewer characters is found in ordinary words.
const SHORT: usize = 8;

/// A password, secret key or token, wiped from memory when it is let go. It has no `Display` and no `Serialize`, and its `Debug` shows nothing: the only way to
/// the text is [`Secret::expose`], which is called where a request body or header is built and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Secret(Zeroizing::new(text.into()))
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
        String::deserialize(from).map(Secret::new)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a request says, wiped when the last who holds it lets it go.
pub(crate) fn wiped<T: AsRef<[u8]> + Send + Zeroize + 'static>(text: T) -> Bytes {
    Bytes::from_owner(Zeroizing::new(text))
}

#[cfg(test)]
mod tests {
    use zeroize::ZeroizeOnDrop;

    use super::*;

    #[test]
    fn a_secret_is_wiped_when_it_is_let_go() {
        let is_wiped = |_: &dyn ZeroizeOnDrop| ();
        let Secret(text) = &Secret::new("CANARY");
        is_wiped(text);
        assert_eq!(wiped(String::from("CANARY")).as_ref(), b"CANARY");
    }
}
