//! Takes the secrets in use out of what the far side says.
//!
//! A server, or whoever answers in its place, may repeat what it was sent. Nothing of that may reach a log, an event or a status.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use zeroize::Zeroizing;

use crate::domain::OrgId;
use crate::pass::Pass;
use crate::said::{one_line, said};
use crate::secret::Secret;

const GONE: &str = "***";
pub(crate) const WITHHELD: &str = "(withheld: the answer repeated a credential)";
/// How many passes of an Org are remembered: the one in use, the one before, and one that is refused and being replaced.
const PASSES_OF_AN_ORG: usize = 3;

/// The secrets of one login: its password or key, and those of its passes.
pub(crate) struct Scrubber {
    proof: Secret,
    passes: Mutex<HashMap<OrgId, VecDeque<Vec<Secret>>>>,
}

impl Scrubber {
    pub(crate) fn new(proof: Secret) -> Self {
        Scrubber { proof, passes: Mutex::default() }
    }

    pub(crate) fn add_pass(&self, org: OrgId, pass: &Pass) {
        let mut passes = self.passes.lock().unwrap_or_else(PoisonError::into_inner);
        let of_org = passes.entry(org).or_default();
        of_org.push_front(pass.secrets());
        of_org.truncate(PASSES_OF_AN_ORG);
    }

    /// What the far side said, as it may be shown: without our secrets and those of this call, in one short line.
    pub(crate) fn said(&self, text: &str, of_this_call: &[&Secret]) -> String {
        let passes = self.passes.lock().unwrap_or_else(PoisonError::into_inner);
        clean(text, || passes.values().flatten().flatten().chain([&self.proof]).chain(of_this_call.iter().copied()))
    }
}

/// What somebody said who was sent these secrets, as it may be shown: without them, in one short line.
pub fn scrubbed(text: &str, secrets: &[Secret]) -> String {
    clean(text, || secrets.iter())
}

/// As it came, and as it will be shown: other gaps between words can make a secret of what was none. All that before it is cut to length:
/// half a secret would no longer be recognised.
fn clean<'a, I: Iterator<Item = &'a Secret>>(text: &str, secrets: impl Fn() -> I) -> String {
    let text = one_line(&without(text, secrets()));
    said(&without(&text, secrets()))
}

fn without<'a>(text: &str, secrets: impl Iterator<Item = &'a Secret>) -> String {
    let mut text = text.to_owned();
    for whole in secrets.filter(|secret| !secret.expose().is_empty()) {
        let secret = whole.expose();
        // The gaps that a short one would leave in ordinary words would spell it.
        if whole.is_short() && text.contains(secret) {
            return WITHHELD.to_owned();
        }
        for form in forms(secret).iter() {
            if text.contains(form) {
                text = text.replace(form, GONE);
            }
        }
        // Encodings mix upper and lower case, escape some characters and not others: whatever still reads as the secret once
        // decoded takes the whole text with it.
        let spaced = text.replace('+', " ");
        let decoded = [&text, &spaced].map(|t| percent_decode_str(t).decode_utf8_lossy().contains(secret));
        let inside = !whole.is_short() && in_base64(&text, secret);
        if inside || decoded.contains(&true) || text.replace('\\', "").contains(secret) {
            return WITHHELD.to_owned();
        }
    }
    text
}

fn forms(secret: &str) -> Zeroizing<Vec<String>> {
    let mut forms = vec![secret.to_owned(), one_line(secret), utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string()];
    forms.extend([STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD].map(|engine| engine.encode(secret)));
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    forms.extend([hex.to_uppercase(), hex]);
    forms.push(in_json(secret));
    // Longest first, or a form would leave the rest of a longer one, such as padding.
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.retain(|form| !form.is_empty());
    Zeroizing::new(forms)
}

/// Whether it is in the middle of something longer that was encoded as a whole, such as a body.
fn in_base64(text: &str, secret: &str) -> bool {
    let inside = |secret: &str, before| {
        [STANDARD_NO_PAD, URL_SAFE_NO_PAD].iter().any(|engine| text.contains(&core(engine, secret, before)))
    };
    (0..3).any(|before| inside(secret, before) || inside(&in_json(secret), before))
}

/// As it looks inside JSON text; its quotes are not part of it.
fn in_json(secret: &str) -> String {
    serde_json::Value::from(secret).to_string().trim_matches('"').to_owned()
}

/// The letters that depend on `secret` alone when so many bytes come before it (modulo three): a letter holds six bits, so those at
/// either end may be shared with neighbours.
fn core(engine: &impl base64::Engine, secret: &str, before: usize) -> String {
    let padded = [vec![0; before], secret.as_bytes().to_vec()].concat();
    let encoded = engine.encode(&padded);
    let (first, last) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
    encoded.get(first..last).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pass::Cookie;

    const PASSWORD: &str = "Pa ss/w\"ört+1";

    fn scrub(text: &str) -> String {
        let scrubber = Scrubber::new(Secret::new(PASSWORD));
        for n in 0..5 {
            scrubber.add_pass(OrgId(7), &Pass::Bearer(Secret::new(format!("token-{n}"))));
        }
        scrubber.said(text, &[&Secret::new("new-user-password"), &Secret::new("")])
    }

    #[test]
    fn every_form_of_every_secret_goes() {
        let json = serde_json::to_string(PASSWORD).unwrap();
        let twice = serde_json::to_string(&json).unwrap();
        let percent = utf8_percent_encode(PASSWORD, NON_ALPHANUMERIC).to_string();
        let form: String = url::form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect();
        for text in [
            format!("wrong password {PASSWORD} for you"),
            format!("b64 {}", STANDARD.encode(PASSWORD)),
            format!("b64 {}", URL_SAFE_NO_PAD.encode(PASSWORD)),
            format!("pct {percent}"),
            format!("pct {}", percent.replace("%2F", "%2f").replace("%C3%B6", "%c3%b6")),
            format!("form {form}"),
            format!("body {}", STANDARD.encode(format!("{{\"password\":{json}}}"))),
            format!("body {}", URL_SAFE_NO_PAD.encode(format!("ab{PASSWORD}"))),
            format!("hex {}", PASSWORD.bytes().map(|byte| format!("{byte:02X}")).collect::<String>()),
            format!("json {json}"),
            format!("json in json {twice}"),
            "token-4 and token-3".to_owned(),
            "set to new-user-password".to_owned(),
        ] {
            let shown = scrub(&text);
            assert!(shown.contains(GONE) || shown.contains("withheld"), "{text:?} became {shown:?}");
            for part in
                [PASSWORD, "Pa ss", "Pa%20", "pa%20", "Pa+ss", "ört", "new-user", "token-", &STANDARD.encode(PASSWORD)[..8]]
            {
                assert!(!shown.contains(part), "{shown:?} still has {part:?}");
            }
        }
    }

    #[test]
    fn a_session_with_many_cookies_displaces_none_of_its_own() {
        let scrubber = Scrubber::new(Secret::new(PASSWORD));
        let cookie = |name: String| Cookie { value: Secret::new(format!("value-of-{name}")), name };
        let names = std::iter::once("JSESSIONID".to_owned()).chain((0..20).map(|n| format!("c{n}")));
        for _ in 0..3 {
            scrubber.add_pass(OrgId(7), &Pass::Cookies(names.clone().map(cookie).collect()));
        }
        assert_eq!(scrubber.said("value-of-JSESSIONID, value-of-c7", &[]), "***, ***");
    }

    #[test]
    fn a_short_secret_is_not_spelt_by_the_gaps_it_leaves() {
        let scrubber = Scrubber::new(Secret::new(PASSWORD));
        let shown = scrubber.said("The password must have at least 8 characters", &[&Secret::new("a")]);
        assert_eq!(shown, WITHHELD);
    }

    #[test]
    fn a_secret_at_the_cut_is_not_cut_in_half() {
        let shown = scrub(&format!("{}{PASSWORD}", "x".repeat(298)));
        assert!(!shown.contains("Pa"), "{shown}");
    }

    #[test]
    fn a_secret_with_other_gaps_between_its_words_is_recognised() {
        let password = "correct  horse battery";
        let scrubber = Scrubber::new(Secret::new(password));
        for said in ["correct\thorse\nbattery", "correct \u{0} horse battery", "not correct  horse battery"] {
            let shown = scrubber.said(said, &[]);
            assert!(!shown.contains("horse"), "{said:?} became {shown:?}");
        }
    }

    #[test]
    fn other_text_is_left_alone() {
        assert_eq!(scrub("50% of + \\ \"quotes\" stay"), "50% of + \\ \"quotes\" stay");
    }
}
