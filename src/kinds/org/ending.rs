//! What becomes of an Org when its resource goes: whether it is still the one that is meant, what is in it, and who would go with it.
//!
//! Deleting an Org deletes its groups, its content and every user who has no other Org (docs/thoughtspot-api.md, "Orgs").

use std::collections::BTreeMap;

use kube::ResourceExt;
use thoughtspot_client::domain::{ContentKind, Group, Lookup, Org, OrgId, User};
use thoughtspot_client::port::CONTENT_COUNTED;
use thoughtspot_crds::{OnDelete, Reason, ThoughtSpotOrg, annotations};
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;

use super::{Desired, Orgs};
use crate::access::Place;
use crate::connection::Connection;
use crate::faults::stalled;
use crate::kinds::takeover;
use crate::managed::{ManagedResource, is_held};
use crate::protected;
use crate::world::words;

impl Orgs {
    /// Whether the Org may be deleted: said twice, by whoever may, nobody in the way, and nothing in it that should stay.
    pub(super) async fn may_end(&self, org: &ThoughtSpotOrg, want: &Desired, have: &Org) -> Result<(), Fault> {
        protected::org(have.id)?;
        is_the_one_meant(org, have)?;
        let origin = org.status.as_ref().and_then(|status| status.object.origin);
        let granted = self.access.granted(&want.instance, &org.namespace().unwrap_or_default());
        takeover::may_delete(origin, granted.as_ref())?;
        was_said_twice(org, have.id)?;
        self.waits_for_groups(org)?;
        let place = Place {
            key: Key::of(org),
            instance: want.instance.clone(),
            id: have.id,
            managed: true,
            allowed: want.allowed.clone(),
        };
        self.access.enter(&want.connection, &place, org.spec.management_policy).await?;
        let users = want.connection.inventory.users_now(have.id).await.map_err(|e| want.connection.fault(&e))?;
        if org.on_delete() == OnDelete::DeleteIfEmpty {
            is_empty(&want.connection, have.id, &users).await?;
        }
        takes_nobody_protected(&want.connection, have.id, &users).await
    }

    /// Its ThoughtSpotGroups end before their Org does.
    fn waits_for_groups(&self, org: &ThoughtSpotOrg) -> Result<(), Fault> {
        let groups = self.access.world.groups.under(&words::org_key(&Key::of(org)));
        let held = groups.iter().find(|group| is_held(&***group));
        let Some(group) = held.map(|group| Key::of(&**group)) else { return Ok(()) };
        let here = group.namespace == org.namespace().unwrap_or_default();
        let who = if here { group.name } else { "one in another namespace".into() };
        let message = format!("waits for its ThoughtSpotGroups to go first ({who})");
        Err(Fault::Waiting { reason: Reason::InUse.as_str(), message })
    }
}

fn blocked(message: String) -> Fault {
    stalled(Reason::DeletionBlocked, message)
}

/// The id on record must still mean the Org that had it: by the name status remembers, or the one that it was about to get.
fn is_the_one_meant(org: &ThoughtSpotOrg, have: &Org) -> Result<(), Fault> {
    let status = org.status.as_ref().filter(|status| status.id == Some(have.id.0));
    let Some(known) = status.and_then(|status| status.object.name.as_deref()) else { return Ok(()) };
    if known == have.name || org.spec.name.as_deref() == Some(have.name.as_str()) {
        return Ok(());
    }
    Err(blocked(format!(
        "Org {} is not called {known:?} any more: rename it back in ThoughtSpot to have it deleted, or set deletionPolicy: Retain to let \
         this resource go",
        have.id
    )))
}

fn was_said_twice(org: &ThoughtSpotOrg, id: OrgId) -> Result<(), Fault> {
    let id = id.to_string();
    if org.annotations().get(annotations::ALLOW_DELETION) == Some(&id) {
        return Ok(());
    }
    let only_if_empty = org.on_delete() == OnDelete::DeleteIfEmpty;
    let takes = if only_if_empty { "cannot be undone" } else { "takes its users, groups and content with it" };
    Err(blocked(format!(
        "deleting Org {id} {takes}: set the annotation {}: {id:?} to go on, or deletionPolicy: Retain to keep the Org",
        annotations::ALLOW_DELETION
    )))
}

/// Empty: no user but our login, no group but the built-in ones, no content; each from a read of its own, now.
async fn is_empty(connection: &Connection, id: OrgId, users: &[User]) -> Result<(), Fault> {
    let fault = |e| connection.fault(&e);
    let groups = connection.inventory.groups_now(id).await.map_err(fault)?;
    let content = connection.far.org_content(id).await.map_err(fault)?;
    let users = users.iter().filter(|user| user.id != connection.login.id).count();
    let built_in = |group: &&Group| protected::is_built_in(group, &connection.system);
    let groups = groups.iter().filter(|group| !built_in(group)).count();
    let found = inside(users, groups, &content);
    if found.is_empty() {
        return Ok(());
    }
    Err(blocked(format!(
        "Org {id} is not empty ({}): empty it, or set deletionPolicy: Delete to have it deleted with everything in it, or Retain to keep it",
        found.join(", ")
    )))
}

/// What is in an Org, in words.
fn inside(users: usize, groups: usize, content: &BTreeMap<ContentKind, usize>) -> Vec<String> {
    let counted = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {one}s")),
    };
    let of_kind = |(kind, count): (&ContentKind, &usize)| {
        let most = CONTENT_COUNTED as usize;
        let at_least = if *count >= most { "at least " } else { "" };
        counted(*count, &kind.to_string()).map(|counted| format!("{at_least}{counted}"))
    };
    let people = [counted(users, "user"), counted(groups, "group")];
    people.into_iter().chain(content.iter().map(of_kind)).flatten().collect()
}

/// The server deletes with an Org its groups and whoever has no other Org: none of them may be one that the operator never touches.
async fn takes_nobody_protected(connection: &Connection, id: OrgId, users: &[User]) -> Result<(), Fault> {
    let fault = |e| connection.fault(&e);
    let keeps = connection.keeps();
    for user in users.iter().filter(|user| protected::user(user, &keeps).is_err()) {
        // Only a read of the whole cluster shows all Orgs of a user.
        let whole = connection.far.find_user(OrgId::PRIMARY, Lookup::Id(&user.id)).await.map_err(fault)?;
        if whole.is_none_or(|user| user.orgs.iter().all(|org| *org == id)) {
            return Err(blocked(format!(
                "deleting Org {id} would delete a protected user who has no other Org: add that user to another Org, or set \
                 deletionPolicy: Retain to keep the Org"
            )));
        }
    }
    if keeps.protection.groups.is_empty() {
        return Ok(());
    }
    let groups = connection.inventory.groups_now(id).await.map_err(fault)?;
    if groups.iter().any(|group| protected::listed_group(&group.name, &keeps).is_err()) {
        return Err(blocked(format!(
            "deleting Org {id} would delete a group that spec.protection.groups of ThoughtSpotInstance {} lists: take it out there, or set \
             deletionPolicy: Retain to keep the Org",
            keeps.instance
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_an_org_is_counted_in_words() {
        let check = |users, groups, content: &[(ContentKind, usize)], expected: &str| {
            assert_eq!(inside(users, groups, &content.iter().copied().collect()).join(", "), expected);
        };
        check(0, 0, &[], "");
        check(1, 2, &[], "1 user, 2 groups");
        check(0, 1, &[(ContentKind::Liveboard, 1), (ContentKind::Table, 100)], "1 group, 1 Liveboard, at least 100 tables");
    }

    #[test]
    fn an_id_that_means_another_org_by_now_is_not_deleted() {
        let check = |declared: Option<&str>, known: Option<&str>, shown: &str, meant: bool| {
            let org = serde_json::from_value(serde_json::json!({
                "apiVersion": "thoughtspot.dev/v1alpha1", "kind": "ThoughtSpotOrg", "metadata": { "name": "acme" },
                "spec": { "instanceRef": { "name": "ts" }, "name": declared },
                "status": { "id": 7, "name": known },
            }));
            let have = Org { id: OrgId(7), name: shown.to_owned(), description: String::new(), active: true };
            assert_eq!(is_the_one_meant(&org.unwrap(), &have).is_ok(), meant, "{declared:?} {known:?} {shown}");
        };
        check(None, Some("acme"), "acme", true);
        check(None, Some("acme"), "globex", false);
        check(Some("globex"), Some("acme"), "globex", true);
        check(Some("initech"), Some("acme"), "globex", false);
        check(None, None, "globex", true);
    }
}
