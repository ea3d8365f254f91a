//! Whether both sides are as declared, and what is there beside.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use thoughtspot_simulator::{AccountStatus, Dump, GroupDump, UserDump};

use super::declared::{Declared, Resource, group, groups_shown, org};
use super::people::VISITOR;
use crate::bench::{Bench, GROUP, INSTANCE, ORG, USER, condition, conditions};

/// Made before anything is declared, by hand.
pub(super) const FOREIGN: &str = "foreign";
/// Whom somebody else put into the first group of each Org.
pub(super) const GUEST: &str = "gast";

/// Every resource there is, by kind and name.
pub(super) async fn stored(bench: &Bench) -> BTreeMap<(&'static str, String), Value> {
    let mut all = BTreeMap::new();
    for kind in [INSTANCE, ORG, GROUP, USER] {
        for object in bench.api(kind, &bench.namespace).list(&Default::default()).await.unwrap() {
            let name = object.metadata.name.clone().unwrap();
            all.insert((kind, name), serde_json::to_value(object).unwrap());
        }
    }
    all
}

/// What is not as declared yet, or never will be.
pub(super) async fn problems(bench: &Bench, declared: &Declared) -> Vec<String> {
    let (stored, state) = (stored(bench).await, bench.thoughtspot.state());
    let mut problems: Vec<String> = stored.values().filter_map(not_ready).collect();
    for resource in &declared.resources {
        let object = stored.get(&(resource.kind, resource.name.clone()));
        let wrong = match object {
            None if resource.declared => Some("it is not there".to_owned()),
            Some(_) if !resource.declared => Some("its resource is still there".to_owned()),
            _ => far(declared, resource, object, &state),
        };
        problems.extend(wrong.map(|wrong| format!("{} {}: {wrong}", resource.kind, resource.name)));
    }
    problems.extend(orphans(declared, &state));
    problems
}

fn not_ready(object: &Value) -> Option<String> {
    let current = object["metadata"]["generation"] == object["status"]["observedGeneration"];
    let ready = condition(object, "Ready")["status"] == "True";
    let rests = ["Reconciling", "Stalled", "Drifted", "DeletionsHeld"].iter().all(|type_| condition(object, type_).is_null());
    let fine = current && ready && rests;
    (!fine).then(|| format!("{} {}: {}", object["kind"], object["metadata"]["name"], conditions(object)))
}

/// What ThoughtSpot has that differs from what is declared.
fn far(declared: &Declared, resource: &Resource, object: Option<&Value>, state: &Dump) -> Option<String> {
    let name = resource.name.as_str();
    let expected = |expected: Value, seen: Value| (expected != seen).then(|| format!("declared {expected}, there is {seen}"));
    let id = object.map(|object| object["status"]["id"].clone());
    match resource.kind {
        ORG => {
            let seen = state.org(name).map(|org| json!([org.id, org.description]));
            expected(json!(id.map(|id| json!([id, resource.shown]))), json!(seen))
        }
        GROUP => {
            let (org, seen) = (org(resource.place.0), |group: &GroupDump| {
                json!([group.id, group.display_name, group.description, group.privileges, group.sub_groups])
            });
            let wish = json!([id, resource.shown, resource.more, declared.privileges(resource), nested(declared, resource)]);
            expected(if id.is_some() { wish } else { Value::Null }, json!(state.group(&org, name).map(seen)))
        }
        _ => match (&id, state.user(name)) {
            (Some(id), Some(user)) => expected(
                json!([id, resource.shown, resource.more, resource.on]),
                json!([user.id, user.display_name, user.email, user.account_status == AccountStatus::Active]),
            )
            .or_else(|| memberships(declared, resource, user)),
            (None, None) => None,
            (id, user) => Some(format!("id {id:?}, but in ThoughtSpot: {user:?}")),
        },
    }
}

fn nested(declared: &Declared, resource: &Resource) -> Vec<String> {
    declared.nested(resource).collect()
}

/// What a resource left behind when it was deleted may still be there.
fn memberships(declared: &Declared, resource: &Resource, user: &UserDump) -> Option<String> {
    let compare = |wish: BTreeSet<String>, seen: BTreeSet<String>| {
        let fine = if resource.ended { seen.is_superset(&wish) } else { seen == wish };
        (!fine).then(|| format!("declared in {wish:?}, but in {seen:?}"))
    };
    compare(declared.orgs_of(resource), user.orgs.iter().cloned().collect())
        .or_else(|| compare(declared.groups_of(resource), groups_shown(user)))
}

/// What came from us and nobody declares. Whatever may end is declared with `deletionPolicy: Delete`.
fn orphans(declared: &Declared, state: &Dump) -> Vec<String> {
    let known = |name: &str| declared.of_name(name).is_some();
    let others = ["svc-operator", "tsadmin", "system", "su", "guest", "fritz", VISITOR, GUEST];
    let users = state.users.iter().filter(|user| !known(&user.name) && !others.contains(&user.name.as_str()));
    let built_in = ["All", "Administrator", "System"];
    let groups = state.groups.iter().filter(|group| group.org.starts_with("org-") && !built_in.contains(&group.name.as_str()));
    let orgs = state.orgs.iter().filter(|org| !known(&org.name) && !["Primary", FOREIGN].contains(&org.name.as_str()));
    let names: BTreeSet<&str> = state.users.iter().map(|user| user.name.as_str()).collect();
    users
        .map(|user| format!("nobody declares the user {}", user.name))
        .chain(groups.filter(|group| !known(&group.name)).map(|group| format!("nobody declares the group {}", group.name)))
        .chain(orgs.map(|org| format!("nobody declares the Org {}", org.name)))
        .chain((names.len() < state.users.len()).then(|| "there are two users of one name".to_owned()))
        .chain(strangers(state))
        .collect()
}

/// The third group of each Org is `Exclusive`.
fn strangers(state: &Dump) -> impl Iterator<Item = String> {
    let strict = state.groups.iter().filter(|group| group.name.starts_with("group-") && group.name.ends_with("-2"));
    let invaded = strict.filter(|group| group.users.iter().any(|user| user == VISITOR));
    invaded.map(|group| format!("the visitor is still in {}", group.name))
}

/// What is not ours: those whom nobody declares, and the foreign Org. Their places in what is declared are told by [`guests`].
pub(super) fn others(state: &Dump) -> Value {
    let elsewhere = |user: &UserDump| {
        let mut user = user.clone();
        user.groups.retain(|group| !group.contains("/group-"));
        user
    };
    let users = ["fritz", VISITOR, GUEST].map(|name| state.user(name).map(elsewhere));
    let groups: Vec<&GroupDump> = state.groups.iter().filter(|group| group.org == FOREIGN).collect();
    json!([state.org(FOREIGN), users, groups])
}

/// The first group of each Org, by id, if the guest is in it. One that was deleted and made again has another id.
pub(super) fn guests(declared: &Declared, state: &Dump) -> BTreeMap<String, bool> {
    let groups = (0..declared.size.orgs).filter_map(|number| state.group(&org(number), &group(number, 0)));
    groups.map(|group| (group.id.clone(), group.users.iter().any(|user| user == GUEST))).collect()
}
