//! The figures that are read off the caches when somebody asks.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::Resource;
use metrics::gauge;
use thoughtspot_client::inventory::Figures;
use thoughtspot_crds::{ThoughtSpotGroup, ThoughtSpotInstance, ThoughtSpotOrg, ThoughtSpotUser};
use thoughtspot_engine::cache::{Cache, Cached, Key};
use thoughtspot_engine::running::Running;

use super::{
    BUILD_INFO, CONDITIONS, INVENTORY_AGE_SECONDS, INVENTORY_LISTS, INVENTORY_PAGES, INVENTORY_ROWS, INVENTORY_UNCERTIFIED,
    LEADER, OBJECTS, PASSES_RUNNING, SYNC_INTERVAL_SECONDS, UNMANAGED,
};
use crate::access::sync_interval;
use crate::connection::{Connections, Standing};
use crate::world::{World, words};

const READY: &str = "Ready";
/// These are told also where no object has them, so that an alert on them sees a zero and not nothing.
const ALWAYS: [(&str, &str); 5] =
    [(READY, "True"), (READY, "False"), (READY, "Unknown"), ("Stalled", "True"), ("Drifted", "True")];

/// Sets every gauge to how things are. Of objects only who leads tells: two would be twice as many.
pub(crate) fn measure(world: &World, connections: &Connections, running: &Running, leads: bool) {
    gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1);
    gauge!(LEADER).set(if leads { 1 } else { 0 });
    if !leads {
        return;
    }
    objects(&world.instances, |instance| instance.status.as_ref().map(|status| status.conditions.as_slice()));
    objects(&world.orgs, |org| org.status.as_ref().map(|status| status.object.conditions.as_slice()));
    objects(&world.groups, |group| group.status.as_ref().map(|status| status.object.conditions.as_slice()));
    objects(&world.users, |user| user.status.as_ref().map(|status| status.object.conditions.as_slice()));
    for kind in
        [ThoughtSpotInstance::kind(&()), ThoughtSpotOrg::kind(&()), ThoughtSpotGroup::kind(&()), ThoughtSpotUser::kind(&())]
    {
        let passes = running.count(&kind);
        gauge!(PASSES_RUNNING, "kind" => kind).set(count(passes));
    }
    unmanaged(world);
    inventory(world, connections);
}

fn objects<K: Cached>(cache: &Cache<K>, conditions: impl Fn(&K) -> Option<&[Condition]>) {
    let kind = K::kind(&());
    let all = cache.all();
    gauge!(OBJECTS, "kind" => kind.clone()).set(count(all.len()));
    let mut by_condition: BTreeMap<(&str, &str), usize> = ALWAYS.iter().map(|said| (*said, 0)).collect();
    for object in &all {
        let conditions = conditions(object).unwrap_or_default();
        if !conditions.iter().any(|condition| condition.type_ == READY) {
            *by_condition.entry((READY, "Unknown")).or_default() += 1;
        }
        for condition in conditions {
            *by_condition.entry((&condition.type_, &condition.status)).or_default() += 1;
        }
    }
    for ((type_, status), objects) in by_condition {
        let (type_, status) = (type_.to_owned(), status.to_owned());
        gauge!(CONDITIONS, "kind" => kind.clone(), "type" => type_, "status" => status).set(count(objects));
    }
}

fn unmanaged(world: &World) {
    let mut by_instance: BTreeMap<String, [u32; 2]> = BTreeMap::new();
    for org in world.orgs.all() {
        let Some(unmanaged) = org.status.as_ref().and_then(|status| status.unmanaged) else { continue };
        let sums = by_instance.entry(words::target(&org.spec.instance_ref, &*org).to_string()).or_default();
        sums[0] += unmanaged.users.unwrap_or_default();
        sums[1] += unmanaged.groups.unwrap_or_default();
    }
    for (instance, [users, groups]) in by_instance {
        gauge!(UNMANAGED, "thoughtspotinstance" => instance.clone(), "kind" => "users").set(users);
        gauge!(UNMANAGED, "thoughtspotinstance" => instance, "kind" => "groups").set(groups);
    }
}

fn inventory(world: &World, connections: &Connections) {
    for instance in world.instances.all() {
        let key = Key::of(&*instance);
        gauge!(SYNC_INTERVAL_SECONDS, "thoughtspotinstance" => key.to_string()).set(sync_interval(&instance).as_secs_f64());
        let Some(Standing::Up(connection)) = connections.get(&key) else { continue };
        for Figures { scope, lists, rows, pages, uncertified, oldest } in connection.inventory.figures() {
            let labels = [("thoughtspotinstance", key.to_string()), ("scope", scope.to_owned())];
            gauge!(INVENTORY_LISTS, &labels).set(count(lists));
            gauge!(INVENTORY_ROWS, &labels).set(count(rows));
            gauge!(INVENTORY_PAGES, &labels).set(count(pages));
            gauge!(INVENTORY_UNCERTIFIED, &labels).set(count(uncertified));
            gauge!(INVENTORY_AGE_SECONDS, &labels).set(oldest.unwrap_or_default().as_secs_f64());
        }
    }
}

/// Counts of objects are far below what a float can count.
fn count(objects: usize) -> f64 {
    u32::try_from(objects).unwrap_or(u32::MAX).into()
}
