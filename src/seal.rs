//! Proof that the operator wrote something down where others can write, too. Pure.
//!
//! The key is the uid of the Secret that the Instance signs in with. Nobody knows it who may not read that Secret; it stays when a
//! password is rotated; and it is at hand wherever a create is announced or recovered. What a Secret holds is no key: a password could
//! be guessed from what it sealed.

use ring::hmac;

/// What seals the words of one Instance.
#[derive(Clone, PartialEq, Eq)]
pub struct Seal {
    secret_uid: String,
}

impl Seal {
    pub fn new(secret_uid: String) -> Seal {
        Seal { secret_uid }
    }

    /// The seal of these words, in hexadecimal.
    pub fn of(&self, words: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret_uid.as_bytes());
        hmac::sign(&key, words.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_is_of_its_words_and_its_secret() {
        let seal = Seal::new("uid".to_owned());
        assert_eq!((seal.of("words").len(), seal.of("words")), (64, seal.of("words")));
        assert_ne!(seal.of("words"), seal.of("other words"));
        assert_ne!(seal.of("words"), Seal::new("another".to_owned()).of("words"));
    }
}
