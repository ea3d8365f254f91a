//! What people do: to resources, as one does with kubectl, and by hand in ThoughtSpot.

use fastrand::Rng;
use thoughtspot_simulator::{AccountStatus, Edit, Refusal};

use super::declared::{Declared, Resource, group, org};
use crate::bench::{Bench, GROUP, ORG, USER};

/// Whom nobody declares and everybody may invite.
pub(super) const VISITOR: &str = "visitor";

/// Changes, deletes or declares a resource, and says which it was.
pub(super) async fn act(bench: &Bench, declared: &mut Declared, rng: &mut Rng) -> &'static str {
    let which = rng.usize(..declared.resources.len());
    if rng.u8(..4) == 0 {
        return come_and_go(bench, declared, rng, which).await;
    }
    let orgs = declared.size.orgs;
    let resource = &mut declared.resources[which];
    if !resource.declared {
        return "nothing";
    }
    edit(resource, orgs, rng);
    resource.drifts = 0;
    // An apply on the server that takes the last entry out of a list takes the list away with it; the next one makes it an empty one.
    for _ in 0..2 {
        bench.apply(&declared.manifest(&declared.resources[which])).await;
    }
    "edits of resources"
}

/// Something is declared again that was deleted, if there is any, or something is deleted.
async fn come_and_go(bench: &Bench, declared: &mut Declared, rng: &mut Rng, which: usize) -> &'static str {
    let gone: Vec<usize> = (0..declared.resources.len()).filter(|index| !declared.resources[*index].declared).collect();
    if let Some(index) = rng.choice(&gone).filter(|_| rng.bool()) {
        return if declare_again(bench, declared, *index).await { "resources declared again" } else { "nothing" };
    }
    let resource = &mut declared.resources[which];
    // While an Org has no resource, its groups and users wait: some may, not most.
    if !resource.declared || resource.kind == ORG && rng.u8(..4) > 0 {
        return "nothing";
    }
    (resource.declared, resource.ended) = (false, true);
    bench.delete(resource.kind, &resource.name).await;
    "deletions of resources"
}

/// False while the one before is not gone.
pub(super) async fn declare_again(bench: &Bench, declared: &mut Declared, which: usize) -> bool {
    let Resource { kind, name, .. } = &declared.resources[which];
    if !bench.get(kind, name).await.is_null() {
        return false;
    }
    bench.apply(&declared.manifest(&declared.resources[which])).await;
    let resource = &mut declared.resources[which];
    (resource.declared, resource.drifts) = (true, 0);
    true
}

fn edit(resource: &mut Resource, orgs: usize, rng: &mut Rng) {
    let word = rng.u16(..);
    match (resource.kind, rng.u8(..4)) {
        (ORG, _) | (_, 0) => resource.shown = format!("Shown {word}"),
        (_, 1) => resource.more = format!("m{word}@example.com"),
        (USER, 2) => move_around(resource, orgs, rng),
        _ => resource.on = !resource.on,
    }
}

/// Other groups, and at times another second Org.
fn move_around(user: &mut Resource, orgs: usize, rng: &mut Rng) {
    user.homes[0].1 = (0..3).filter(|_| rng.bool()).collect();
    let other = rng.usize(..orgs);
    if rng.bool() {
        user.homes.truncate(1);
        user.homes.extend((other != user.homes[0].0).then(|| (other, vec![rng.usize(..3)])));
    }
}

/// Changes by hand what some resource declares. What is refused there is not done.
pub(super) fn by_hand(bench: &Bench, declared: &mut Declared, rng: &mut Rng) -> &'static str {
    let resource = rng.choice(&mut declared.resources);
    let Some(resource) = resource.filter(|resource| resource.declared && resource.drifts < 2) else { return "nothing" };
    resource.drifts += 1;
    let done = bench.thoughtspot.edit(|world| change(world, resource, rng));
    if done.is_ok() { "changes by hand in ThoughtSpot" } else { "nothing" }
}

fn change(world: &mut Edit<'_>, resource: &Resource, rng: &mut Rng) -> Result<(), Refusal> {
    let name = resource.name.as_str();
    match (resource.kind, rng.u8(..6)) {
        (ORG, _) => world.describe_org(name, "By hand"),
        (GROUP, kind) => {
            let org = org(resource.place.0);
            match kind {
                0 => world.set_group_display_name(&org, name, "By hand"),
                1 => world.describe_group(&org, name, "By hand"),
                2 => world.set_privileges(&org, name, &[]),
                3 if resource.place.1 == 2 => world.add_to_group(&org, name, VISITOR),
                4 if resource.place.1 == 3 => world.set_sub_groups(&org, name, &[]),
                _ => world.delete_group(&org, name),
            }
        }
        (_, 0) => world.set_user_display_name(name, "By hand"),
        (_, 1) => world.set_user_email(name, "hand@example.com"),
        (_, 2) => world.set_user_status(name, AccountStatus::Suspended),
        (_, 3) => world.delete_user(name),
        _ => {
            let (number, slots) = &resource.homes[0];
            let Some(slot) = rng.choice(slots) else { return world.set_user_email(name, "") };
            world.remove_from_group(&org(*number), &group(*number, *slot), name)
        }
    }
}
