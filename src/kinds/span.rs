//! The span of a pass, with what its object belongs to: by the names of resources, as in metrics, and as far as the caches tell.

use kube::Resource;
use thoughtspot_crds::{ThoughtSpotGroup, ThoughtSpotInstance, ThoughtSpotOrg, ThoughtSpotUser};
use thoughtspot_engine::cache::Key;
use tracing::Span;
use tracing::field::{self, Empty};

use crate::world::words;

pub(super) fn of_instance(instance: &ThoughtSpotInstance) -> Span {
    pass(instance, Some(Key::of(instance)), None)
}

pub(super) fn of_org(org: &ThoughtSpotOrg) -> Span {
    pass(org, Some(words::target(&org.spec.instance_ref, org)), Some(Key::of(org).to_string()))
}

/// Which Instance a group is reached through, only its Org may tell.
pub(super) fn of_group(group: &ThoughtSpotGroup, instance: Option<Key>) -> Span {
    pass(group, instance, Some(words::target(&group.spec.org_ref, group).to_string()))
}

pub(super) fn of_user(user: &ThoughtSpotUser) -> Span {
    let namespace = user.metadata.namespace.as_deref().unwrap_or_default();
    let mut orgs = user.spec.orgs.iter().map(|membership| words::joined_org(membership, namespace));
    // Somebody may be in hundreds.
    let org = orgs.next().map(|first| match orgs.count() {
        0 => first.to_string(),
        more => format!("{first} +{more}"),
    });
    pass(user, Some(words::target(&user.spec.instance_ref, user)), org)
}

/// With the fields that the engine fills in at the end.
fn pass<K: Resource<DynamicType = ()>>(object: &K, instance: Option<Key>, org: Option<String>) -> Span {
    tracing::info_span!(
        "pass",
        kind = %K::kind(&()),
        object = %Key::of(object),
        instance = instance.map(field::display),
        org = org.map(field::display),
        outcome = Empty,
        reason = Empty,
        "otel.status_code" = Empty,
    )
}
