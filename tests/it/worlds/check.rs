//! What holds in every world that has come to rest.

use serde_json::{Value, json};
use thoughtspot_simulator::{AccountStatus, Dump, GroupDump, UserDump};
use thoughtspot_testkit::eventually;

use super::live::{World, shown};
use super::plan::{NAMES, kind};
use crate::bench::{PATIENCE, condition, conditions};

/// A resource that says Ready is as declared.
pub(super) async fn as_declared(world: &World<'_>) {
    let state = world.bench.thoughtspot.state();
    for (which, name) in NAMES.into_iter().enumerate() {
        let (resource, wish) = (&world.plan.resources[which], &world.wishes[which]);
        let object = world.bench.get(kind(which), name).await;
        let ready = condition(&object, "Ready")["status"] == "True" && condition(&object, "Drifted").is_null();
        if !wish.declared || !ready || resource.management == "CreateOnly" {
            continue;
        }
        let says = || format!("{} {name}: {}", kind(which), conditions(&object));
        assert_eq!(shown(&state, which).as_deref(), Some(wish.shown.as_str()), "{}", says());
        if which >= 2 {
            let user = state.user(name).unwrap();
            assert_eq!(object["status"]["id"], user.id.as_str(), "{}", says());
            let enabled = user.account_status == AccountStatus::Active;
            assert!(wish.access.is_none_or(|access| enabled == (access == "Enabled")), "{}: {user:?}", says());
        } else if resource.management == "Manage" {
            let group = state.group("acme", name).unwrap();
            let lacks = |list: &[String], word: &str| resource.rights.starts_with(word) && list.len() != 1;
            assert!(!lacks(&group.privileges, "privileges") && !lacks(&group.roles, "roles"), "{}: {group:?}", says());
            let nested: Option<Vec<&str>> = wish.nests.map(|nests| nests.then_some(NAMES[1 - which]).into_iter().collect());
            assert!(nested.is_none_or(|nested| group.sub_groups == nested), "{}: {group:?}", says());
        }
    }
}

/// Who is in a group is who is declared at either end. What the other end removes may come a moment later.
pub(super) async fn edges(world: &World<'_>) {
    let mut ready = [false; NAMES.len()];
    for (which, name) in NAMES.into_iter().enumerate() {
        let object = world.bench.get(kind(which), name).await;
        let is_ready = condition(&object, "Ready")["status"] == "True" && condition(&object, "Drifted").is_null();
        ready[which] = is_ready && world.wishes[which].declared && world.plan.resources[which].management == "Manage";
    }
    eventually("everybody is where they are declared", PATIENCE, async || {
        let state = world.bench.thoughtspot.state();
        (0..2).filter(|group| ready[*group]).try_for_each(|group| {
            (2..4).filter(|user| ready[*user]).try_for_each(|user| edge(world, &state, group, user))?;
            visitor(world, &state, group)
        })
    })
    .await;
}

/// What a resource added that was deleted since may have been left behind.
fn edge(world: &World<'_>, state: &Dump, group: usize, user: usize) -> Result<(), String> {
    let declared = world.wishes[group].edges[user - 2] || world.wishes[user].edges[group];
    let left_behind = world.ended.contains(&group) || world.ended.contains(&user);
    let member = state.group("acme", NAMES[group]).is_some_and(|group| group.users.iter().any(|name| name == NAMES[user]));
    if member == declared || member && left_behind {
        return Ok(());
    }
    Err(format!("{} in {}: {member}, declared: {declared}", NAMES[user], NAMES[group]))
}

/// Somebody else's doing, which only an `Exclusive` group undoes.
fn visitor(world: &World<'_>, state: &Dump, group: usize) -> Result<(), String> {
    let Some(now) = state.group("acme", NAMES[group]) else { return Ok(()) };
    let there = now.users.iter().any(|name| name == "visitor");
    let stays = !world.strict.contains(&group) && world.visited[group].as_ref() == Some(&now.id);
    let wrong = if world.wishes[group].exclusive { there } else { stays && !there };
    if wrong { Err(format!("the visitor in {}: {there}", NAMES[group])) } else { Ok(()) }
}

/// What nobody declares has not changed, and neither has what nobody let us take over.
pub(super) fn hands_off(world: &World<'_>, before: &Dump) {
    let after = world.bench.thoughtspot.state();
    assert_eq!(others(&after), others(before));
    for (which, resource) in world.plan.resources.iter().enumerate() {
        // Shown by another name than is declared: it matches nothing. `CreateOnly` that adopts makes it as declared once.
        let ours = resource.adoption == "Adopt" && resource.management != "Observe";
        if resource.exists && !ours && !world.touched.contains(&which) {
            assert_eq!(itself(&after, which), itself(before, which), "{} {} was not to be taken over", kind(which), NAMES[which]);
        }
        if resource.exists && world.plan.protects == Some(which) && !world.touched.contains(&which) {
            assert_eq!(whole(&after, which), whole(before, which), "{} {} is protected", kind(which), NAMES[which]);
        }
    }
}

/// All that is not declared. Who is a member of what is declared may change, and our own login is let into Orgs.
fn others(state: &Dump) -> Value {
    let users = state.users.iter().filter(|user| !NAMES.contains(&user.name.as_str()) && user.name != "svc-operator");
    let groups = state.groups.iter().filter(|group| group.org != "acme");
    let without_members = |group: &GroupDump| {
        let mut group = group.clone();
        group.users.retain(|user| !NAMES.contains(&user.as_str()) && user != "svc-operator");
        group
    };
    let users: Vec<UserDump> = users.map(outside).collect();
    json!([state.org("foreign"), users, groups.map(without_members).collect::<Vec<_>>()])
}

/// A user without its membership in what is declared.
fn outside(user: &UserDump) -> UserDump {
    let declared = |group: &String| NAMES[..2].iter().any(|name| *group == format!("acme/{name}"));
    let mut user = user.clone();
    user.groups.retain(|group| !declared(group));
    user
}

/// The thing without who is in it, which others may declare.
fn itself(state: &Dump, which: usize) -> Value {
    if which >= 2 {
        return json!(state.user(NAMES[which]).map(outside));
    }
    let group = state.group("acme", NAMES[which]).cloned();
    json!(group.map(|group| GroupDump { users: Vec::new(), ..group }))
}

/// The thing with all that belongs to it, but for the visitor.
fn whole(state: &Dump, which: usize) -> Value {
    let group = state.group("acme", NAMES[which]).cloned();
    let group = group.map(|mut group| {
        group.users.retain(|user| user != "visitor");
        group
    });
    if which >= 2 { json!(state.user(NAMES[which])) } else { json!(group) }
}
