//! What holds in every world that has come to rest.

use serde_json::{Value, json};
use thoughtspot_simulator::Dump;

use super::live::{World, shown};
use super::plan::{NAMES, kind};
use crate::bench::{condition, conditions};

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
            for group in (0..2).filter(|group| wish.groups[*group]) {
                assert!(user.groups.contains(&format!("acme/{}", NAMES[group])), "{} is in {:?}", says(), user.groups);
            }
        }
    }
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
    }
}

/// All that is not declared. Who is a member of what is declared may change, and our own login is let into Orgs.
fn others(state: &Dump) -> Value {
    let users = state.users.iter().filter(|user| !NAMES.contains(&user.name.as_str()) && user.name != "svc-operator");
    let groups = state.groups.iter().filter(|group| group.org != "acme");
    let without_members = |group: &thoughtspot_simulator::GroupDump| {
        let mut group = group.clone();
        group.users.retain(|user| !NAMES.contains(&user.as_str()) && user != "svc-operator");
        group
    };
    json!([state.org("foreign"), users.collect::<Vec<_>>(), groups.map(without_members).collect::<Vec<_>>()])
}

/// The thing without who is in it, which others may declare.
fn itself(state: &Dump, which: usize) -> Value {
    if which >= 2 {
        return json!(state.user(NAMES[which]));
    }
    let group = state.group("acme", NAMES[which]).cloned();
    json!(group.map(|group| thoughtspot_simulator::GroupDump { users: Vec::new(), ..group }))
}
