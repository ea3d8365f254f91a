//! Annotations of an Instance that allow something until a time. Pure.

use jiff::{SignedDuration, Timestamp};
use kube::ResourceExt;
use thoughtspot_crds::ThoughtSpotInstance;

/// How far ahead a time may be: what was allowed in an emergency must not stay allowed because nobody thought of it again.
const AHEAD_DAYS: i64 = 7;

/// Whether the Instance's `annotation` allows now what it stands for.
///
/// # Errors
///
/// What to write instead, where it is not a time, or one too far ahead: it allows nothing, then.
pub fn allows(instance: &ThoughtSpotInstance, annotation: &str, now: Timestamp) -> Result<bool, String> {
    let Some(text) = instance.annotations().get(annotation) else { return Ok(false) };
    let Ok(until) = text.parse::<Timestamp>() else {
        return Err(format!("annotation {annotation}: write a time such as {}", now.strftime("%Y-%m-%dT%H:%M:%SZ")));
    };
    if until.duration_since(now) > SignedDuration::from_hours(24 * AHEAD_DAYS) {
        return Err(format!("annotation {annotation}: write a time that is at most {AHEAD_DAYS} days ahead"));
    }
    Ok(now < until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_allows_until_then_and_not_for_ever() {
        let instance = |text: Option<&str>| -> ThoughtSpotInstance {
            serde_json::from_value(serde_json::json!({
                "apiVersion": "thoughtspot.dev/v1alpha1", "kind": "ThoughtSpotInstance",
                "metadata": { "name": "ts", "annotations": text.map(|text| serde_json::json!({ "until": text })) },
                "spec": { "url": "https://acme.thoughtspot.cloud", "auth": {} },
            }))
            .unwrap()
        };
        let now: Timestamp = "2026-11-22T08:00:00Z".parse().unwrap();
        let check = |text: Option<&str>, expected: Result<bool, &str>| {
            let got = allows(&instance(text), "until", now);
            assert_eq!(got.as_ref().map(|allowed| *allowed).map_err(String::as_str), expected, "{text:?}");
        };
        check(None, Ok(false));
        check(Some("2026-11-22T08:00:01Z"), Ok(true));
        check(Some("2026-11-22T10:00:00+01:00"), Ok(true));
        check(Some("2026-11-22T08:00:00Z"), Ok(false));
        check(Some("2026-11-29T08:00:00Z"), Ok(true));
        check(Some("2026-11-29T08:00:01Z"), Err("annotation until: write a time that is at most 7 days ahead"));
        for text in ["", "tomorrow", "2026-11-23", "2026-11-23T08:00:00"] {
            check(Some(text), Err("annotation until: write a time such as 2026-11-22T08:00:00Z"));
        }
    }
}
