//! Which ThoughtSpot an Instance is connected to, and whether two Instances are connected to one. Pure.

use thoughtspot_crds::{Reason, SystemIds, ThoughtSpotInstance, annotations};
use thoughtspot_engine::Fault;
use url::Url;

use crate::faults::stalled;

/// What tells one ThoughtSpot from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FarSide {
    origin: String,
    ids: SystemIds,
}

impl FarSide {
    /// As far as the Instance is known to be connected; by its address alone before that.
    pub fn of(instance: &ThoughtSpotInstance) -> FarSide {
        let status = instance.status.clone().unwrap_or_default();
        FarSide { origin: origin(status.url.as_deref().unwrap_or(&instance.spec.url)), ids: status.system_ids }
    }

    /// Whether both are one: they show the same id in either dialect, or have the same address.
    pub fn is(&self, other: &FarSide) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        same(&self.ids.v1, &other.ids.v1) || same(&self.ids.v2, &other.ids.v2) || self.origin == other.origin
    }
}

/// Whether the address, which shows this id in the dialect that is spoken, is the ThoughtSpot that the Instance was connected to before.
/// Where no id can be compared, the address must not change, unless an annotation accepts the new one.
///
/// # Errors
///
/// `Stalled/DifferentInstance`.
pub fn judge(instance: &ThoughtSpotInstance, shown: Option<&str>) -> Result<(), Fault> {
    let (spec, status) = (&instance.spec, instance.status.clone().unwrap_or_default());
    let Some(before) = &status.url else { return Ok(()) };
    let same_address = origin(before) == origin(&spec.url);
    match (status.system_ids.of(spec.dialect), shown) {
        (Some(known), Some(shown)) if known == shown => Ok(()),
        (None, _) if same_address => Ok(()),
        (None, _) if accepted(instance) => Ok(()),
        (None, _) => Err(different(format!(
            "spec.url changed, and {} tells no id to compare: change it back or, if it is the same ThoughtSpot, set the annotation {}: {:?}",
            spec.dialect,
            annotations::ACCEPT_URL,
            spec.url
        ))),
        (Some(_), _) => Err(different(
            "spec.url shows another ThoughtSpot than this Instance was connected to: correct it, or create another Instance"
                .to_owned(),
        )),
    }
}

fn accepted(instance: &ThoughtSpotInstance) -> bool {
    instance.metadata.annotations.as_ref().and_then(|all| all.get(annotations::ACCEPT_URL)) == Some(&instance.spec.url)
}

fn different(message: String) -> Fault {
    stalled(Reason::DifferentInstance, message)
}

/// Scheme, host and port, however they are written.
fn origin(url: &str) -> String {
    Url::parse(url).map_or_else(|_| url.to_lowercase(), |url| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn instance(dialect: &str, url: &str, status: Value) -> ThoughtSpotInstance {
        serde_json::from_value(json!({
            "apiVersion": "thoughtspot.dev/v1alpha1", "kind": "ThoughtSpotInstance", "metadata": { "name": "ts" },
            "spec": { "url": url, "dialect": dialect, "auth": { "password": { "secretRef": { "name": "login" } } } },
            "status": status,
        }))
        .unwrap()
    }

    const A: &str = "https://a.example.com";
    const B: &str = "https://b.example.com";

    #[test]
    fn the_same_id_or_the_same_address_is_the_same_thoughtspot() {
        let known = json!({ "url": A, "systemIds": { "v2": "two" } });
        let check = |dialect: &str, url: &str, status: &Value, shown: Option<&str>, same: bool| {
            let outcome = judge(&instance(dialect, url, status.clone()), shown);
            assert_eq!(outcome.is_ok(), same, "{dialect} {url} {status} {shown:?}: {outcome:?}");
        };
        check("V2", A, &json!({}), None, true);
        check("V2", B, &known, Some("two"), true);
        check("V2", B, &known, Some("other"), false);
        check("V2", A, &known, Some("other"), false);
        check("V2", A, &known, None, false);
        check("V1", A, &known, Some("one"), true);
        check("V1", "https://A.example.com:443", &known, None, true);
        check("V1", B, &known, Some("one"), false);
        check("V1", B, &known, None, false);
        check("V1", B, &json!({ "url": A, "systemIds": { "v1": "one", "v2": "two" } }), Some("one"), true);
    }

    #[test]
    fn a_new_address_that_shows_no_id_can_be_accepted() {
        let mut moved = instance("V1", B, json!({ "url": A }));
        assert!(judge(&moved, None).is_err());
        moved.metadata.annotations = Some([(annotations::ACCEPT_URL.to_owned(), A.to_owned())].into());
        assert!(judge(&moved, None).is_err(), "that is the old one");
        moved.metadata.annotations = Some([(annotations::ACCEPT_URL.to_owned(), B.to_owned())].into());
        assert!(judge(&moved, None).is_ok());
    }

    #[test]
    fn two_instances_are_one_by_any_id_or_by_address() {
        let of = |url: &str, ids: Value| FarSide::of(&instance("V2", url, json!({ "url": url, "systemIds": ids })));
        assert!(of(A, json!({ "v1": "x" })).is(&of("https://a.example.com:443", json!({ "v2": "y" }))));
        assert!(of(A, json!({ "v2": "y" })).is(&of(B, json!({ "v1": "x", "v2": "y" }))));
        assert!(!of(A, json!({ "v1": "x" })).is(&of(B, json!({ "v2": "x" }))), "ids of two dialects are not compared");
        assert!(!of(A, json!({})).is(&of(B, json!({}))));
    }
}
