//! Groups nested in a group: found, kept free of cycles, and judged by what their members would get.

use std::collections::{BTreeMap, BTreeSet};

use kube::ResourceExt;
use thoughtspot_client::Error;
use thoughtspot_client::domain::{BUILT_IN_GROUP_NAMES, Group, GroupPatch, Guid, Lookup};
use thoughtspot_client::inventory::Look;
use thoughtspot_crds::{Reason, ThoughtSpotGroup};
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;

use super::plan::SubGroups;
use super::{Desired, Groups};
use crate::access::Place;
use crate::claims;
use crate::connection::Connection;
use crate::faults::{not_granted, stalled, waiting};
use crate::grants;
use crate::managed::ManagedResource;
use crate::protected;
use crate::rights;
use crate::world::words;

impl Groups {
    /// The groups that a resource declares to be nested in its own; `None` where it declares nothing about it.
    pub(super) async fn sub_groups(
        &self,
        group: &ThoughtSpotGroup,
        connection: &Connection,
        place: &Place,
    ) -> Result<Option<SubGroups>, Fault> {
        let spec = &group.spec;
        if spec.sub_groups.is_none() && spec.sub_group_refs.is_none() {
            return Ok(None);
        }
        let mut declared = BTreeMap::new();
        for name in spec.sub_groups.iter().flatten() {
            let found = connection.inventory.group(place.id, Lookup::Name(name), Look::Known).await;
            let found = found.map_err(|e| connection.fault(&e))?;
            let found = found.ok_or_else(|| self.unless_in_circle(group, place, missing_name(place, name)))?;
            declared.insert(found.id, found.name);
        }
        for reference in spec.sub_group_refs.iter().flatten() {
            let (id, name) =
                self.referred(&Key::new(group.namespace().unwrap_or_default(), &reference.name), place).map_err(|fault| {
                    if matches!(fault, Fault::Waiting { .. }) { self.unless_in_circle(group, place, fault) } else { fault }
                })?;
            declared.insert(id, name);
        }
        let (kept, names) = around(connection, place, group.status.as_ref().and_then(|status| status.id.as_deref())).await?;
        Ok(Some(SubGroups { declared, kept, names }))
    }

    /// The id and the name of the group that another resource manages.
    fn referred(&self, key: &Key, place: &Place) -> Result<(Guid, String), Fault> {
        let Some(group) = self.access.world.groups.get(key) else {
            return Err(waiting(format!(
                "spec.subGroupRefs: ThoughtSpotGroup {} does not exist in this namespace: correct the name, or create it",
                key.name
            )));
        };
        if !self.is_in(&group, place) {
            let message =
                format!("spec.subGroupRefs: ThoughtSpotGroup {} belongs to another Org than {}", key.name, place.key.name);
            return Err(stalled(Reason::Invalid, message));
        }
        let status = group.status.as_ref();
        let id = status.and_then(|status| status.id.clone());
        let id = id.ok_or_else(|| waiting(format!("ThoughtSpotGroup {} is not ready: see its conditions", key.name)))?;
        Ok((id, group.current_name()))
    }

    /// What to say of a group that is not there yet: where the two wait for one another, waiting does not help.
    fn unless_in_circle(&self, group: &ThoughtSpotGroup, place: &Place, fault: Fault) -> Fault {
        let start = group.current_name();
        let inside = |name: &str| self.declared_inside(name, place, |_| true);
        circle(&start, &self.names_declared(group), inside).map_or(fault, |way| refused(&way))
    }

    /// Whether the namespace may have these groups nested in this one. Who is newly nested is read afresh.
    pub(super) async fn may_nest(&self, want: &Desired, have: &Group, patch: &GroupPatch) -> Result<(), Fault> {
        let Some(wanted) = &patch.sub_groups else { return Ok(()) };
        let (inventory, org) = (&want.connection.inventory, want.place.id);
        let mut added = BTreeSet::new();
        for id in wanted.difference(&have.sub_groups) {
            let found = inventory.group(org, Lookup::Id(id), Look::Fresh).await.map_err(|e| want.connection.fault(&e))?;
            let found = found.ok_or_else(|| waiting("spec.subGroups: one of these groups is gone"))?;
            protected::group(&found, &want.connection.keeps())?;
            added.insert(found.name);
        }
        if added.is_empty() {
            return Ok(());
        }
        // Reads the list of groups afresh, by which the privileges are judged, too.
        self.free_of_circles(want, have, &added).await?;
        let after = Group {
            privileges: patch.privileges.clone().unwrap_or_else(|| have.privileges.clone()),
            roles: patch.roles.clone().or_else(|| have.roles.clone()),
            ..have.clone()
        };
        let effective = rights::of_members(&want.connection, org, &after, Look::Fresh).await?;
        let excess = grants::beyond(&effective, &want.place.allowed.privileges);
        if excess.is_empty() {
            return Ok(());
        }
        Err(not_granted(format!(
            "spec.subGroups: members of groups nested in {:?} get {}, which this namespace may not hand out: a grant that lists them in \
             spec.grants of the ThoughtSpotInstance, and of the ThoughtSpotOrg where it has grants, would let it",
            have.name,
            excess.join(", ")
        )))
    }

    /// Over what ThoughtSpot has now and what older resources declare: of two that would nest each other the older one may.
    async fn free_of_circles(&self, want: &Desired, have: &Group, added: &BTreeSet<String>) -> Result<(), Fault> {
        let groups = want.connection.inventory.groups(want.place.id, Look::Fresh).await.map_err(|e| want.connection.fault(&e))?;
        let names: BTreeMap<&str, &str> = groups.iter().map(|group| (group.id.as_str(), group.name.as_str())).collect();
        let rows: BTreeMap<&str, &Group> = groups.iter().map(|group| (group.name.as_str(), &**group)).collect();
        let older = |other: &ThoughtSpotGroup| age(other) < (want.age.0, want.age.1.as_str());
        let inside = |name: &str| {
            let nested = rows.get(name).into_iter().flat_map(|row| &row.sub_groups);
            let nested = nested.filter_map(|id| names.get(id.as_str()).map(|name| (*name).to_owned()));
            nested.chain(self.declared_inside(name, &want.place, older)).collect()
        };
        circle(&have.name, added, inside).map_or(Ok(()), |way| Err(refused(&way)))
    }

    /// What resources of this Org declare to be nested in the group of this name.
    fn declared_inside(&self, name: &str, place: &Place, counts: impl Fn(&ThoughtSpotGroup) -> bool) -> BTreeSet<String> {
        let declaring = self.access.world.groups.under(&words::name(name));
        let declaring = declaring.iter().filter(|other| {
            let able = self.access.org(&words::target(&other.spec.org_ref, &***other), &other.namespace().unwrap_or_default());
            let acts = other.spec.management_policy.writes() && !other.spec.suspend && able.is_ok();
            acts && other.metadata.deletion_timestamp.is_none() && self.is_in(other, place) && counts(other)
        });
        declaring.flat_map(|other| self.names_declared(other)).collect()
    }

    /// The names in ThoughtSpot of what a resource declares to be nested in its group.
    fn names_declared(&self, group: &ThoughtSpotGroup) -> BTreeSet<String> {
        let namespace = group.namespace().unwrap_or_default();
        let refs = group.spec.sub_group_refs.iter().flatten();
        let referred = refs.filter_map(|r| self.access.world.groups.get(&Key::new(&namespace, &r.name)));
        let referred = referred.map(|group| group.current_name());
        group.spec.sub_groups.iter().flatten().cloned().chain(referred).collect()
    }
}

pub(super) fn age(group: &ThoughtSpotGroup) -> (i64, &str) {
    (claims::created(group), group.metadata.uid.as_deref().unwrap_or_default())
}

/// The ids of the Org's protected groups, and the names of what is nested in the group of this id.
async fn around(
    connection: &Connection,
    place: &Place,
    id: Option<&str>,
) -> Result<(BTreeSet<Guid>, BTreeMap<Guid, String>), Fault> {
    let groups = match connection.inventory.groups(place.id, Look::Known).await {
        Ok(groups) => groups,
        Err(Error::Uncertified { .. }) => return Ok((protected_by_name(connection, place).await?, BTreeMap::new())),
        Err(error) => return Err(connection.fault(&error)),
    };
    let keeps = connection.keeps();
    let protected = groups.iter().filter(|group| protected::group(group, &keeps).is_err()).map(|group| group.id.clone());
    let nested = groups.iter().find(|group| Some(group.id.as_str()) == id).map(|group| &group.sub_groups);
    let named = groups.iter().filter(|group| nested.is_some_and(|nested| nested.contains(&group.id)));
    Ok((protected.collect(), named.map(|group| (group.id.clone(), group.name.clone())).collect()))
}

async fn protected_by_name(connection: &Connection, place: &Place) -> Result<BTreeSet<Guid>, Fault> {
    let mut ids = BTreeSet::new();
    let listed = connection.keeps().protection.groups;
    for name in BUILT_IN_GROUP_NAMES.into_iter().chain(listed.iter().map(String::as_str)) {
        let found = connection.inventory.group(place.id, Lookup::Name(name), Look::Known).await;
        ids.extend(found.map_err(|e| connection.fault(&e))?.map(|group| group.id));
    }
    Ok(ids)
}

fn missing_name(place: &Place, name: &str) -> Fault {
    waiting(format!("spec.subGroups: Org {} has no group named {name:?}: correct the name, or create it", place.key.name))
}

fn refused(way: &[String]) -> Fault {
    let message = format!("spec.subGroups: a group cannot be inside itself ({}): take one of them out", way.join(" → "));
    stalled(Reason::Invalid, message)
}

/// The way from the group `start`, with `first` nested in it, back to itself; `inside` tells what is nested in a group. Pure.
fn circle(start: &str, first: &BTreeSet<String>, inside: impl Fn(&str) -> BTreeSet<String>) -> Option<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut ways: Vec<Vec<String>> = first.iter().map(|name| vec![start.to_owned(), name.clone()]).collect();
    while let Some(way) = ways.pop() {
        let last = way.last()?;
        if last == start {
            return Some(way);
        }
        if seen.insert(last.clone()) {
            let further = inside(last).into_iter();
            ways.extend(further.map(|name| way.iter().cloned().chain([name]).collect()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_circle_is_told_with_all_that_are_in_it() {
        let nested = |name: &str| match name {
            "managers" => set(&["analysts", "interns"]),
            "analysts" => set(&["juniors"]),
            "juniors" => set(&["staff"]),
            // A circle that is there already and does not concern the group in question.
            "interns" => set(&["guests"]),
            "guests" => set(&["interns"]),
            _ => set(&[]),
        };
        let way = circle("staff", &set(&["managers"]), nested).unwrap();
        assert_eq!(way, ["staff", "managers", "analysts", "juniors", "staff"]);
        assert_eq!(circle("staff", &set(&["interns"]), nested), None);
        assert_eq!(circle("staff", &set(&["staff"]), nested).unwrap(), ["staff", "staff"]);
    }
}
