//! What is declared at the moment, and the manifests that say so.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use thoughtspot_simulator::UserDump;

use crate::bench::{GROUP, ORG, USER};

/// Groups of each Org. The second declares members, the third throws out whom nobody declares, the fourth contains the first.
pub(super) const GROUPS: usize = 4;

/// How much of each there is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) orgs: usize,
    pub(super) users: usize,
}

impl Size {
    pub(super) fn resources(self) -> usize {
        self.orgs * (1 + GROUPS) + self.users
    }
}

/// One resource, and what it is to be.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) kind: &'static str,
    pub(super) name: String,
    /// Of an Org its description, of the others the name they are shown by.
    pub(super) shown: String,
    /// Of a group its description, of a user the address.
    pub(super) more: String,
    /// Of a user, whether it has access; of a group, whether it hands out one more privilege or contains another.
    pub(super) on: bool,
    /// The number of the Org of a group, and which of its groups this is.
    pub(super) place: (usize, usize),
    /// Of a user: its Orgs, and in each the groups.
    pub(super) homes: Vec<(usize, Vec<usize>)>,
    pub(super) deletion: Option<&'static str>,
    pub(super) declared: bool,
    /// Whether it may end as one that nobody declares.
    pub(super) may_end: bool,
    /// Whether its resource was ever deleted: what that left behind may still be there.
    pub(super) ended: bool,
    /// How often somebody changed it in ThoughtSpot since it was last declared. A third time would be a fight.
    pub(super) drifts: u8,
}

pub(super) struct Declared {
    pub(super) size: Size,
    pub(super) resources: Vec<Resource>,
}

pub(super) fn org(number: usize) -> String {
    format!("org-{number:02}")
}

pub(super) fn group(org: usize, slot: usize) -> String {
    format!("group-{org:02}-{slot}")
}

fn user(number: usize) -> String {
    format!("user-{number:03}")
}

impl Declared {
    pub(super) fn new(size: Size) -> Declared {
        let orgs = (0..size.orgs).map(|number| Resource { place: (number, 0), ..Resource::new(ORG, org(number)) });
        let groups = (0..size.orgs).flat_map(|org| (0..GROUPS).map(move |slot| (org, slot))).map(|(org, slot)| Resource {
            place: (org, slot),
            deletion: Some(if slot == 2 { "Retain" } else { "Delete" }),
            may_end: slot == 3,
            ..Resource::new(GROUP, group(org, slot))
        });
        let users = (0..size.users).map(|number| {
            let home = number % size.orgs;
            let mut homes = vec![(home, vec![number / size.orgs % 3])];
            homes.extend((number % 5 == 0).then(|| ((number + 7) % size.orgs, vec![0])));
            let deletion = ["Delete", "Retain", "Deactivate"][(number % 10).saturating_sub(6).min(2)];
            // The first of each Org are named by its second group.
            let may_end = number % 10 == 9 && number >= 2 * size.orgs;
            Resource {
                homes,
                deletion: Some(if may_end { "Delete" } else { deletion }),
                may_end,
                ..Resource::new(USER, user(number))
            }
        });
        Declared { size, resources: orgs.chain(groups).chain(users).collect() }
    }

    pub(super) fn of_name(&self, name: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.name == name)
    }

    pub(super) fn manifest(&self, resource: &Resource) -> String {
        let Resource { kind, name, shown, more, .. } = resource;
        let mut spec = match *kind {
            ORG => json!({ "instanceRef": { "name": "ts" }, "description": shown }),
            GROUP => self.spec_of_group(resource),
            _ => json!({
                "instanceRef": { "name": "ts" }, "displayName": shown, "email": more,
                "access": if resource.on { "Enabled" } else { "Disabled" },
                "orgs": resource.homes.iter().map(|home| place(home, name)).collect::<Vec<_>>(),
            }),
        };
        spec["adoptionPolicy"] = json!("Adopt");
        if let Some(policy) = resource.deletion {
            spec["deletionPolicy"] = json!(policy);
        }
        json!({ "apiVersion": "thoughtspot.dev/v1alpha1", "kind": kind, "metadata": { "name": name }, "spec": spec }).to_string()
    }

    fn spec_of_group(&self, resource: &Resource) -> Value {
        let Resource { shown, more, place: (org, slot), .. } = resource;
        let mut spec = json!({ "orgRef": { "name": self::org(*org) }, "displayName": shown, "description": more });
        match slot {
            1 => {
                spec["members"] =
                    json!({ "userRefs": self.members(*org).map(|name| json!({ "name": name })).collect::<Vec<_>>() })
            }
            2 => spec["membership"] = json!({ "users": "Exclusive" }),
            3 => spec["subGroupRefs"] = json!(self.nested(resource).map(|name| json!({ "name": name })).collect::<Vec<_>>()),
            _ => {}
        }
        spec["privileges"] = json!(self.privileges(resource));
        spec
    }

    /// Whom the second group of an Org declares.
    fn members(&self, org: usize) -> impl Iterator<Item = String> {
        (0..2 * self.size.orgs).filter(move |number| number % self.size.orgs == org && *number < self.size.users).map(user)
    }

    pub(super) fn nested(&self, resource: &Resource) -> impl Iterator<Item = String> {
        let (org, slot) = resource.place;
        (slot == 3 && resource.on).then(|| group(org, 0)).into_iter()
    }

    pub(super) fn privileges(&self, resource: &Resource) -> Vec<&'static str> {
        let more = resource.on && resource.place.1 != 3;
        ["DATADOWNLOADING"].into_iter().chain(more.then_some("USERDATAUPLOADING")).collect()
    }

    /// The Orgs that a user is declared to be in.
    pub(super) fn orgs_of(&self, user: &Resource) -> BTreeSet<String> {
        user.homes.iter().map(|(number, _)| org(*number)).collect()
    }

    /// The groups that a user is declared to be in, at either end, as ThoughtSpot shows them.
    pub(super) fn groups_of(&self, user: &Resource) -> BTreeSet<String> {
        let own = user.homes.iter().flat_map(|(number, slots)| slots.iter().map(|slot| (*number, *slot)));
        let by_group = (0..self.size.orgs).filter(|org| self.members(*org).any(|name| name == user.name)).map(|org| (org, 1));
        own.chain(by_group).map(|(number, slot)| format!("{}/{}", org(number), group(number, slot))).collect()
    }
}

/// One Org of a user. Every other user names groups, the others refer to them.
fn place((number, slots): &(usize, Vec<usize>), user: &str) -> Value {
    let groups = slots.iter().map(|slot| group(*number, *slot));
    if user.ends_with(['0', '2', '4', '6', '8']) {
        json!({ "name": org(*number), "groups": groups.collect::<Vec<_>>() })
    } else {
        json!({ "name": org(*number), "groupRefs": groups.map(|name| json!({ "name": name })).collect::<Vec<_>>() })
    }
}

/// The groups that a user is in, without those that everybody is in.
pub(super) fn groups_shown(user: &UserDump) -> BTreeSet<String> {
    user.groups.iter().filter(|group| !group.ends_with("/All")).cloned().collect()
}

impl Resource {
    fn new(kind: &'static str, name: String) -> Resource {
        Resource {
            kind,
            shown: format!("The first {name}"),
            more: format!("{name}@example.com"),
            name,
            on: true,
            place: (0, 0),
            homes: Vec::new(),
            deletion: None,
            declared: true,
            may_end: false,
            ended: false,
            drifts: 0,
        }
    }
}
