//! Passwords that nobody thought of.

use thoughtspot_client::secret::Secret;
use thoughtspot_crds::Reason;
use thoughtspot_engine::Fault;

use crate::faults::transient;

/// Sixty-four characters, so that six bits of chance choose one without favour. The two that are neither letter nor digit are harmless in
/// shells, URLs, YAML and environment files.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.";

/// A password of this many characters: with capitals, small letters, digits and another character, as policies usually want, and with a
/// letter at either end, so that it is taken for no option and loses nothing when it is copied.
pub(super) fn password(length: usize) -> Result<Secret, Fault> {
    let mut bytes = vec![0; length];
    loop {
        getrandom::fill(&mut bytes)
            .map_err(|error| transient(Reason::InternalError, format!("no random password can be made: {error}")))?;
        let text: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 63)])).collect();
        // Every fourth try is taken at the least length there is: all that are good remain equally likely.
        if is_good(&text) {
            return Ok(Secret::new(text));
        }
    }
}

fn is_good(text: &str) -> bool {
    let has = |kind: fn(char) -> bool| text.chars().any(kind);
    let ends = [text.chars().next(), text.chars().next_back()];
    has(|c| c.is_ascii_uppercase())
        && has(|c| c.is_ascii_lowercase())
        && has(|c| c.is_ascii_digit())
        && has(|c| !c.is_ascii_alphanumeric())
        && ends.iter().flatten().all(char::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_is_good_of_its_length_and_like_no_other() {
        let mut seen = BTreeSet::new();
        let mut characters = BTreeSet::new();
        for length in [16, 32, 128].into_iter().cycle().take(600) {
            let password = password(length).unwrap();
            assert!(password.expose().len() == length && is_good(password.expose()), "{}", password.expose());
            characters.extend(password.expose().bytes());
            assert!(seen.insert(password.expose().to_owned()));
        }
        assert_eq!(characters, ALPHABET.iter().copied().collect(), "every character occurs");
    }

    #[test]
    fn what_policies_refuse_is_not_good() {
        for bad in ["aaaa-1aa", "AAAA-1AA", "aAaA-aAa", "aAaA11aA", "-aA1aA-a", "aA1-aA-1", ""] {
            assert!(!is_good(bad), "{bad}");
        }
        assert!(is_good("aA1-a"));
    }
}
