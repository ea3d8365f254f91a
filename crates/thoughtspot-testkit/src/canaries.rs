//! Does a text hold a secret? Tests plant secrets that occur nowhere else and search everything that leaves the operator.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Every secret of `secrets` that `text` holds, with how it is spelled there: plain, as JSON text, percent-encoded, in hexadecimal,
/// or in base64, alone or in the middle of something longer (a Basic header, a Secret). Empty when nothing leaks.
///
/// Secrets should have at least eight characters; shorter ones would be found by chance.
pub fn leaks(text: &str, secrets: &[&str]) -> Vec<String> {
    secrets.iter().flat_map(|secret| leaks_of(text, secret)).collect()
}

fn leaks_of<'a>(text: &'a str, secret: &'a str) -> impl Iterator<Item = String> + 'a {
    let mut found: Vec<(&'static str, String)> = spellings(secret);
    found.retain(|(_, spelling)| text.contains(spelling.as_str()));
    found.dedup_by(|later, earlier| later.1 == earlier.1);
    found.into_iter().map(move |(how, spelling)| {
        let line = text.lines().find(|line| line.contains(&spelling)).unwrap_or(text);
        format!("{secret:?} {how} in: {line}")
    })
}

fn spellings(secret: &str) -> Vec<(&'static str, String)> {
    let json = serde_json::Value::from(secret).to_string();
    let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let mut all = vec![
        ("plain", secret.to_owned()),
        ("as JSON", json[1..json.len() - 1].to_owned()),
        ("in a form", percent.replace("%20", "+")),
        ("percent-encoded", percent),
    ];
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    all.extend([("in HEX", hex.to_uppercase()), ("in hex", hex)]);
    for before in 0..3 {
        all.push(("in base64", base64_core(&STANDARD_NO_PAD, secret, before)));
        all.push(("in URL-safe base64", base64_core(&URL_SAFE_NO_PAD, secret, before)));
    }
    all
}

/// The letters of base64 that depend on `secret` alone, when `before` bytes (modulo three) come first: one letter holds six
/// bits, so the letters at either end may be shared with neighbours.
fn base64_core(engine: &impl Engine, secret: &str, before: usize) -> String {
    let padded = [vec![0; before], secret.as_bytes().to_vec()].concat();
    let encoded = engine.encode(&padded);
    let first = (before * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    encoded[first..last].to_owned()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    const SECRET: &str = "canary?é/42 \"x\"";

    #[test]
    fn every_spelling_is_found() {
        let cases = [
            format!("password={SECRET}"),
            serde_json::json!({ "password": SECRET }).to_string(),
            format!("?p={}", utf8_percent_encode(SECRET, NON_ALPHANUMERIC)),
            format!("data: {}", STANDARD.encode(SECRET)),
            format!("data: {}", SECRET.bytes().map(|byte| format!("{byte:02x}")).collect::<String>()),
            format!("Basic {}", STANDARD.encode(format!("me:{SECRET}:you"))),
            format!("Basic {}", STANDARD.encode(format!("you:{SECRET}"))),
            format!("jwt.{}", URL_SAFE_NO_PAD.encode(format!("{{\"p\":\"{SECRET}\"}}"))),
        ];
        for text in cases {
            assert!(!leaks(&text, &["something-else", SECRET]).is_empty(), "not found in {text}");
        }
    }

    #[test]
    fn other_texts_are_left_alone() {
        let text = format!("canary, 42 x {}", STANDARD.encode("another secret of this size"));
        assert_eq!(leaks(&text, &[SECRET]), Vec::<String>::new());
    }
}
