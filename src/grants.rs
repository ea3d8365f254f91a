//! Who may use what, and hand out which privileges. Pure: no I/O, no clock.
//!
//! What a namespace may do with an Instance is the union of the grants that name it; an Org's own grants only narrow that.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::core::{Selector, SelectorExt};
use thoughtspot_client::domain::current_names;
use thoughtspot_crds::grant::DEFAULT_PRIVILEGES;
use thoughtspot_crds::{Adopt, Grant, GroupGrant, NamespaceChoice, Namespaces, OrgGrant};

/// A namespace that wants to use something, with its labels where they are known.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    pub namespace: &'a str,
    pub labels: &'a BTreeMap<String, String>,
}

/// What a namespace may do with an Instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    pub privileges: BTreeSet<String>,
    /// What it may take over of what exists.
    pub adopt: Adopt,
    /// Whether it may put users and groups into Primary.
    pub primary: bool,
}

fn default_privileges() -> BTreeSet<String> {
    DEFAULT_PRIVILEGES.iter().map(|p| (*p).to_owned()).collect()
}

fn matches_labels(selector: &LabelSelector, labels: &BTreeMap<String, String>) -> bool {
    // A selector that cannot be read selects nothing; an empty one would select everything, and grants nothing instead.
    let empty = selector.match_labels.as_ref().is_none_or(BTreeMap::is_empty)
        && selector.match_expressions.as_ref().is_none_or(Vec::is_empty);
    !empty && Selector::try_from(selector.clone()).is_ok_and(|selector| selector.matches(labels))
}

fn covers(namespaces: &Namespaces, owner: &str, asking: Asking<'_>) -> bool {
    match namespaces.from {
        NamespaceChoice::Same => owner == asking.namespace,
        NamespaceChoice::All => true,
        NamespaceChoice::Names => namespaces.names.contains(asking.namespace),
        NamespaceChoice::Selector => namespaces.selector.as_ref().is_some_and(|s| matches_labels(s, asking.labels)),
    }
}

/// What an Instance in the namespace `owner` grants; `None` if nothing.
pub fn by_instance(grants: Option<&[Grant]>, owner: &str, asking: Asking<'_>) -> Option<Allowed> {
    let Some(grants) = grants else {
        return (owner == asking.namespace).then(|| Allowed {
            privileges: default_privileges(),
            adopt: Adopt::Any,
            primary: false,
        });
    };
    let mut allowed: Option<Allowed> = None;
    for grant in grants.iter().filter(|grant| covers(&grant.namespaces, owner, asking)) {
        let allowed = allowed.get_or_insert_default();
        allowed.privileges.extend(grant.privileges.clone().unwrap_or_else(default_privileges));
        allowed.adopt = allowed.adopt.max(grant.adopt.unwrap_or_default());
        allowed.primary |= grant.primary == Some(true);
    }
    allowed
}

/// What an Org in the namespace `owner` leaves of what its Instance grants; `None` if nothing.
pub fn by_org(grants: Option<&[OrgGrant]>, owner: &str, asking: Asking<'_>, of_instance: &Allowed) -> Option<Allowed> {
    let Some(grants) = grants else {
        return (owner == asking.namespace).then(|| of_instance.clone());
    };
    let mut privileges: Option<BTreeSet<String>> = None;
    for grant in grants.iter().filter(|grant| covers(&grant.namespaces, owner, asking)) {
        let granted = match &grant.privileges {
            Some(listed) => current_names(listed).intersection(&current_names(&of_instance.privileges)).cloned().collect(),
            None => of_instance.privileges.clone(),
        };
        privileges.get_or_insert_default().extend(granted);
    }
    privileges.map(|privileges| Allowed { privileges, ..of_instance.clone() })
}

/// Whether a group that is managed in the namespace `owner` may be joined from the one that asks. Its own always may: whoever manages the group
/// could put them in.
pub fn may_join(grants: Option<&[GroupGrant]>, owner: &str, asking: Asking<'_>) -> bool {
    owner == asking.namespace || grants.into_iter().flatten().any(|grant| covers(&grant.namespaces, owner, asking))
}

/// What everybody has and nobody can be given (docs/thoughtspot-api.md, "Groups").
const HELD_BY_EVERYBODY: &str = "AUTHORING";

/// The privileges beyond what is allowed, as they are named to the user. One that an upgrade renamed is allowed under either name.
pub fn beyond(privileges: &BTreeSet<String>, allowed: &BTreeSet<String>) -> Vec<String> {
    let allowed = current_names(allowed);
    let is_allowed = |privilege: &String| current_names(&BTreeSet::from([privilege.clone()])).is_subset(&allowed);
    privileges.iter().filter(|privilege| *privilege != HELD_BY_EVERYBODY && !is_allowed(privilege)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn namespaces(from: NamespaceChoice, names: &[&str], selector: Option<(&str, &str)>) -> Namespaces {
        let selector = selector.map(|(k, v)| LabelSelector {
            match_labels: Some(BTreeMap::from([(k.to_owned(), v.to_owned())])),
            ..LabelSelector::default()
        });
        Namespaces { from, names: names.iter().map(|n| (*n).to_owned()).collect(), selector }
    }

    fn grant(namespaces: Namespaces) -> Grant {
        Grant { name: "g".into(), namespaces, privileges: None, adopt: None, primary: None }
    }

    #[test]
    fn a_group_is_open_to_its_own_namespace_and_to_those_it_grants() {
        let labels = BTreeMap::new();
        let asking = |namespace| Asking { namespace, labels: &labels };
        let named = GroupGrant { name: "g".into(), namespaces: namespaces(NamespaceChoice::Names, &["friend"], None) };
        assert!(may_join(None, "owner", asking("owner")) && !may_join(None, "owner", asking("friend")));
        for (namespace, open) in [("owner", true), ("friend", true), ("stranger", false)] {
            assert_eq!(may_join(Some(std::slice::from_ref(&named)), "owner", asking(namespace)), open, "{namespace}");
        }
    }

    #[test]
    fn a_grant_covers_whom_it_names() {
        let labels = BTreeMap::from([("tier".to_owned(), "gold".to_owned())]);
        let check = |namespaces: Namespaces, asking: &str, expected: bool| {
            let asking = Asking { namespace: asking, labels: &labels };
            assert_eq!(by_instance(Some(&[grant(namespaces.clone())]), "owner", asking).is_some(), expected, "{namespaces:?}");
        };
        check(namespaces(NamespaceChoice::Same, &[], None), "owner", true);
        check(namespaces(NamespaceChoice::Same, &[], None), "other", false);
        check(namespaces(NamespaceChoice::All, &[], None), "other", true);
        check(namespaces(NamespaceChoice::Names, &["other"], None), "other", true);
        check(namespaces(NamespaceChoice::Names, &["another"], None), "other", false);
        check(namespaces(NamespaceChoice::Selector, &[], Some(("tier", "gold"))), "other", true);
        check(namespaces(NamespaceChoice::Selector, &[], Some(("tier", "silver"))), "other", false);
    }

    #[test]
    fn an_empty_selector_grants_nothing() {
        let mut all = namespaces(NamespaceChoice::Selector, &[], None);
        all.selector = Some(LabelSelector::default());
        let asking = Asking { namespace: "other", labels: &BTreeMap::new() };
        assert_eq!(by_instance(Some(&[grant(all)]), "owner", asking), None);
    }

    #[test]
    fn without_grants_only_the_own_namespace_may_and_it_may_adopt() {
        let labels = BTreeMap::new();
        let own = by_instance(None, "owner", Asking { namespace: "owner", labels: &labels }).unwrap();
        assert!(own.adopt == Adopt::Any && !own.primary && !own.privileges.contains("ADMINISTRATION"));
        assert_eq!(by_instance(None, "owner", Asking { namespace: "other", labels: &labels }), None);
    }

    #[test]
    fn the_default_privileges_administer_nothing() {
        for privilege in DEFAULT_PRIVILEGES {
            assert!(
                !privilege.contains("ADMINISTRATION") && !privilege.contains("MANAGE_") && privilege != "BYPASSRLS",
                "{privilege}"
            );
            assert!(!privilege.ends_with("MANAGEMENT") || privilege == "DATAMANAGEMENT", "{privilege}");
        }
    }

    #[test]
    fn an_upgrade_that_renames_a_privilege_takes_it_from_nobody() {
        let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<String>>();
        let split = set(&["CAN_DOWNLOAD_DETAILED_DATA", "CAN_DOWNLOAD_VISUALS"]);
        assert_eq!(beyond(&split, &set(&["DATADOWNLOADING"])), Vec::<String>::new());
        assert_eq!(beyond(&set(&["DATADOWNLOADING"]), &split), Vec::<String>::new());
        assert_eq!(beyond(&set(&["DATADOWNLOADING"]), &set(&["CAN_DOWNLOAD_VISUALS"])), ["DATADOWNLOADING"]);
    }

    #[test]
    fn an_org_narrows_and_never_adds() {
        let labels = BTreeMap::new();
        let asking = Asking { namespace: "other", labels: &labels };
        let of_instance =
            Allowed { privileges: BTreeSet::from(["A".to_owned(), "B".to_owned()]), adopt: Adopt::Any, primary: false };
        let listed = OrgGrant {
            name: "g".into(),
            namespaces: namespaces(NamespaceChoice::All, &[], None),
            privileges: Some(BTreeSet::from(["B".to_owned(), "C".to_owned()])),
        };
        let allowed = by_org(Some(&[listed]), "owner", asking, &of_instance).unwrap();
        assert_eq!(allowed.privileges, BTreeSet::from(["B".to_owned()]));
        assert_eq!(by_org(None, "owner", asking, &of_instance), None);
    }
}
