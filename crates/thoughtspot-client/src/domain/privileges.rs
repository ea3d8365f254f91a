//! Privileges: what members of a group end up with, and names that upgrades change (docs/thoughtspot-api.md, "Privileges"). Pure.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use super::{Group, Guid, Role};

/// Privileges that a release renamed or split, by their old name. Whoever had the old one then shows the new ones, and nobody did that.
const RENAMED: [(&str, &[&str]); 2] = [
    ("PREVIEW_THOUGHTSPOT_SAGE", &["CAN_USE_SPOTTER"]),
    ("DATADOWNLOADING", &["CAN_DOWNLOAD_VISUALS", "CAN_DOWNLOAD_DETAILED_DATA"]),
];

/// The same privileges under the names that they have today.
pub fn current_names(privileges: &BTreeSet<String>) -> BTreeSet<String> {
    let today = |name: &String| match RENAMED.iter().find(|(old, _)| old == name) {
        Some((_, new)) => new.iter().map(|name| (*name).to_owned()).collect(),
        None => vec![name.clone()],
    };
    privileges.iter().flat_map(today).collect()
}

/// Whether these are the same privileges, under whichever names.
pub fn same_privileges(one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    one == other || current_names(one) == current_names(other)
}

/// The privileges under the names that the server uses, as far as `seen`, which came from it, shows them: a release may refuse the others.
pub fn spelled_as(privileges: &BTreeSet<String>, seen: &BTreeSet<String>) -> BTreeSet<String> {
    let mut spelled = privileges.clone();
    for (old, new) in RENAMED {
        let shows_new = new.iter().any(|name| seen.contains(*name));
        if shows_new && spelled.remove(old) {
            spelled.extend(new.iter().map(|name| (*name).to_owned()));
        } else if !shows_new && seen.contains(old) && new.iter().all(|name| spelled.contains(*name)) {
            spelled.retain(|name| !new.contains(&name.as_str()));
            spelled.insert(old.to_owned());
        }
    }
    spelled
}

/// A role that no list of roles has, so that nobody can say what it gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRole(pub Guid);

/// What members of `group` end up with: its own privileges, those of its roles, and those of every group it is nested in, as `groups`
/// and `roles` of its Org have them.
///
/// # Errors
///
/// If one of those groups has a role that is not among `roles`.
pub fn effective_privileges(
    group: &Group,
    groups: &[impl Borrow<Group>],
    roles: &[Role],
) -> Result<BTreeSet<String>, UnknownRole> {
    let roles: BTreeMap<&str, &Role> = roles.iter().map(|role| (role.id.as_str(), role)).collect();
    let mut effective = BTreeSet::new();
    let mut seen: BTreeSet<&str> = BTreeSet::from([group.id.as_str()]);
    // Cycles are possible on servers that allow them: each group counts once.
    let mut waiting = vec![group];
    while let Some(at) = waiting.pop() {
        effective.extend(at.privileges.iter().cloned());
        for id in at.roles.iter().flatten() {
            let role = roles.get(id.as_str()).ok_or_else(|| UnknownRole(id.clone()))?;
            effective.extend(role.privileges.iter().cloned());
        }
        waiting.extend(
            groups.iter().map(Borrow::borrow).filter(|outer| outer.sub_groups.contains(&at.id) && seen.insert(&outer.id)),
        );
    }
    Ok(effective)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Provenance, Visibility};

    fn set(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn group(id: &str, privileges: &[&str], roles: &[&str], sub_groups: &[&str]) -> Group {
        Group {
            id: id.to_owned(),
            name: id.to_owned(),
            display_name: id.to_owned(),
            description: String::new(),
            visibility: Visibility::Sharable,
            privileges: set(privileges),
            sub_groups: set(sub_groups),
            roles: Some(set(roles)),
            default_liveboards: BTreeSet::new(),
            protected: false,
            provenance: Provenance { author: None, created: None },
        }
    }

    #[test]
    fn what_an_upgrade_renamed_or_split_is_the_same_privilege() {
        let split = ["CAN_DOWNLOAD_DETAILED_DATA", "CAN_DOWNLOAD_VISUALS", "SHAREWITHALL"];
        assert!(same_privileges(&set(&["DATADOWNLOADING", "SHAREWITHALL"]), &set(&split)));
        assert!(same_privileges(&set(&["CAN_USE_SPOTTER"]), &set(&["PREVIEW_THOUGHTSPOT_SAGE"])));
        assert!(!same_privileges(&set(&["DATADOWNLOADING"]), &set(&["CAN_DOWNLOAD_VISUALS"])), "half of it");
        assert!(!same_privileges(&set(&[]), &set(&["CAN_USE_SPOTTER"])));
    }

    #[test]
    fn privileges_are_sent_under_the_names_that_the_server_shows() {
        let check = |declared: &[&str], seen: &[&str], sent: &[&str]| {
            assert_eq!(spelled_as(&set(declared), &set(seen)), set(sent), "{declared:?} where {seen:?} is seen");
        };
        check(&["DATADOWNLOADING", "DEVELOPER"], &[], &["DATADOWNLOADING", "DEVELOPER"]);
        check(&["DATADOWNLOADING"], &["CAN_DOWNLOAD_VISUALS"], &["CAN_DOWNLOAD_VISUALS", "CAN_DOWNLOAD_DETAILED_DATA"]);
        check(&["CAN_USE_SPOTTER", "DEVELOPER"], &["PREVIEW_THOUGHTSPOT_SAGE"], &["PREVIEW_THOUGHTSPOT_SAGE", "DEVELOPER"]);
        check(&["CAN_DOWNLOAD_VISUALS"], &["DATADOWNLOADING"], &["CAN_DOWNLOAD_VISUALS"]);
    }

    #[test]
    fn members_have_what_roles_and_the_groups_around_theirs_give_them() {
        let roles = [Role { id: "r".into(), name: "Loaders".into(), privileges: set(&["DATAMANAGEMENT"]) }];
        let outer = group("outer", &["SHAREWITHALL"], &["r"], &["middle"]);
        let middle = group("middle", &["DEVELOPER"], &[], &["inner"]);
        let inner = group("inner", &[], &[], &[]);
        let groups = [outer.clone(), middle, inner.clone(), group("aside", &["BYPASSRLS"], &["unread"], &[])];
        let of = |group: &Group| effective_privileges(group, &groups, &roles).unwrap();
        assert_eq!(of(&inner), set(&["DATAMANAGEMENT", "DEVELOPER", "SHAREWITHALL"]));
        assert_eq!(of(&outer), set(&["DATAMANAGEMENT", "SHAREWITHALL"]));
        assert_eq!(effective_privileges(&inner, &groups, &[]), Err(UnknownRole("r".into())));
    }

    #[test]
    fn a_cycle_of_groups_ends() {
        let groups = [group("a", &["DEVELOPER"], &[], &["b"]), group("b", &["SHAREWITHALL"], &[], &["a"])];
        assert_eq!(effective_privileges(&groups[0], &groups, &[]), Ok(set(&["DEVELOPER", "SHAREWITHALL"])));
    }
}
