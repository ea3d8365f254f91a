//! The messages that users see are those of docs/troubleshooting.md: each one that a story meets is looked up there, under its reason,
//! and each one there is looked up in the code.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;
use thoughtspot_crds::Reason;

/// What stands for anything in a message of the page.
const ANYTHING: char = '…';

/// What any message may end with of a resource that is being deleted.
const RETAIN: &str = "; set deletionPolicy: Retain to let it go";

/// Reasons that say that all is well.
const WELL: [Reason; 4] = [Reason::Ready, Reason::Observed, Reason::Resolved, Reason::Accepted];

static REFERENCE: LazyLock<String> = LazyLock::new(|| read("docs/reference.md"));

struct Entry {
    reason: String,
    message: String,
}

static PAGE: LazyLock<Vec<Entry>> = LazyLock::new(|| entries(&read("docs/troubleshooting.md")));

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A heading of a reason, then its messages: each a line that begins with `` - ` ``.
fn entries(page: &str) -> Vec<Entry> {
    let mut reason = String::new();
    let mut entries = Vec::new();
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("### `") {
            reason = heading.trim_end_matches('`').to_owned();
        } else if let Some((message, _)) = line.strip_prefix("- `").and_then(|rest| rest.split_once('`')) {
            entries.push(Entry { reason: reason.clone(), message: message.to_owned() });
        }
    }
    entries
}

/// Whether a text is this one, whatever stands for `…`.
pub(crate) fn is_like(message: &str, pattern: &str) -> bool {
    let mut parts = pattern.split(ANYTHING);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = message.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// Panics if a condition of this object says what the page does not have.
pub(crate) fn are_documented(object: &Value) {
    for condition in object["status"]["conditions"].as_array().into_iter().flatten() {
        let text = |field: &str| condition[field].as_str().unwrap_or_default();
        let (reason, message) = (text("reason"), text("message"));
        let message = message.strip_suffix(RETAIN).unwrap_or(message);
        let documented =
            message.is_empty() || PAGE.iter().any(|entry| entry.reason == reason && is_like(message, &entry.message));
        assert!(documented, "docs/troubleshooting.md has no such message under ### `{reason}`:\n{message}");
        let type_ = text("type");
        assert!(REFERENCE.contains(&format!("\n| `{type_}` | ")), "docs/reference.md has no condition {type_}");
    }
}

#[test]
fn every_reason_that_asks_for_somebody_has_its_messages() {
    for reason in Reason::ALL.iter().filter(|reason| !WELL.contains(reason)) {
        assert!(PAGE.iter().any(|entry| entry.reason == reason.as_str()), "docs/troubleshooting.md: ### `{reason}`");
    }
    for entry in PAGE.iter() {
        assert!(
            Reason::ALL.iter().any(|reason| reason.as_str() == entry.reason),
            "{} is no reason: {}",
            entry.reason,
            entry.message
        );
    }
}

#[test]
fn every_message_of_the_page_is_one_of_the_code() {
    let mut code = String::new();
    for folder in ["src", "crates/thoughtspot-engine/src", "crates/thoughtspot-client/src"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut code);
    }
    for Entry { reason, message } in PAGE.iter() {
        let missing: Vec<&str> = message.split(ANYTHING).filter(|part| !code.contains(part)).collect();
        assert!(missing.is_empty(), "{reason}: {message}\nis not in the code: {missing:?}");
    }
}

/// The Rust sources of a folder, with strings as they come out: on one line, and without escapes.
pub(crate) fn sources(folder: &Path, into: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap().replace("\\\"", "\"");
            let mut lines = text.split("\\\n");
            into.push_str(lines.next().unwrap_or_default());
            lines.for_each(|line| into.push_str(line.trim_start()));
        }
    }
}

#[test]
fn a_message_is_like_its_pattern() {
    let check =
        |message: &str, pattern: &str, expected: bool| assert_eq!(is_like(message, pattern), expected, "{message} / {pattern}");
    check("Org 7 was deleted", "Org … was deleted", true);
    check("Org 7 was deleted by hand", "Org … was deleted", false);
    check("an Org 7 was deleted", "Org … was deleted", false);
    check("a: b: c", "…: …", true);
    check("the same", "the same", true);
}
