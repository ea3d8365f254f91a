//! The last administrator of an Org: whether a change would leave nobody who can administer it.
//!
//! Pure but for [`Access::keeps_administrator`], which reads the Org afresh, and is asked only when whoever is concerned administers it.

pub mod leaving;

use std::collections::BTreeSet;
use std::time::Instant;

use kube::ResourceExt;
use thoughtspot_client::domain::{ALL_GROUP_NAME, Group, Guid, Login, OrgId, System, User, fold_user_name};
use thoughtspot_crds::{Reason, ThoughtSpotOrg, annotations};
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;

use crate::access::Access;
use crate::connection::Connection;
use crate::faults::stalled;
use crate::identity::FarSide;
use crate::managed::ManagedResource;
use crate::protected;
use crate::world::words;

/// Whoever effectively holds one of these in an Org administers it (docs/thoughtspot-api.md, "Privileges").
const ADMINISTERS: [&str; 2] = ["ADMINISTRATION", "ORG_ADMINISTRATION"];
/// Accounts in these states let nobody in.
const SHUT: [&str; 3] = ["INACTIVE", "SUSPENDED", "EXPIRED"];
/// The one user of the system that a person can sign in as.
const DEFAULT_ADMINISTRATOR: &str = "tsadmin";

/// Whether these privileges, as they are in effect in an Org, make an administrator of it.
pub fn administers(privileges: &BTreeSet<String>) -> bool {
    ADMINISTERS.iter().any(|privilege| privileges.contains(*privilege))
}

/// What is about to end that somebody administers an Org.
#[derive(Clone, Debug)]
pub enum Loss<'a> {
    /// The account, or its membership of the Org.
    User(&'a str),
    /// The membership of these users in these groups.
    Members { users: BTreeSet<&'a str>, groups: &'a BTreeSet<Guid> },
    /// A group, which becomes this, or nothing.
    Group { id: &'a str, after: Option<Box<Group>> },
}

/// Somebody besides our login whom a person can sign in as, and who administers the Org of this row.
fn is_administrator(user: &User, login: &Login, system: &System) -> bool {
    let a_person = fold_user_name(&user.name) == DEFAULT_ADMINISTRATOR || !protected::is_of_the_system(user, system);
    a_person && user.id != login.id && administers(&user.privileges) && !SHUT.contains(&user.account_status.as_str())
}

/// Those who administer the Org now and would no longer, and whether anybody would.
fn judge<'u>(
    users: &'u [User],
    groups: &[Group],
    (login, system): (&Login, &System),
    loss: &Loss<'_>,
    leaving: &BTreeSet<Guid>,
) -> Outcome<'u> {
    let now = users.iter().filter(|user| is_administrator(user, login, system) && !leaving.contains(&user.id));
    let (remain, lost): (Vec<&User>, Vec<&User>) = now.partition(|user| remains(user, groups, loss));
    Outcome { lost, remain: !remain.is_empty() }
}

struct Outcome<'u> {
    lost: Vec<&'u User>,
    remain: bool,
}

/// Whether somebody who administers the Org still does afterwards.
fn remains(user: &User, groups: &[Group], loss: &Loss<'_>) -> bool {
    let mut member_of = user.groups.clone();
    let mut after = groups.to_vec();
    let touched: BTreeSet<&str> = match loss {
        Loss::User(id) => return user.id != *id,
        Loss::Members { users, .. } if !users.contains(user.id.as_str()) => return true,
        Loss::Members { groups, .. } => {
            member_of.retain(|group| !groups.contains(group));
            groups.iter().map(String::as_str).collect()
        }
        Loss::Group { id, after: becomes } => {
            after.retain(|group| group.id != *id);
            after.extend(becomes.as_deref().cloned());
            BTreeSet::from([*id])
        }
    };
    if given(&after, &member_of) {
        return true;
    }
    // What no group gives, a role might: that is lost only with a group that the user has it by.
    !given(groups, &user.groups) && reached(groups, &user.groups).is_disjoint(&touched)
}

/// Whether members of these groups, and of All, administer the Org.
fn given(groups: &[Group], member_of: &BTreeSet<Guid>) -> bool {
    let all = groups.iter().filter(|group| group.name == ALL_GROUP_NAME).map(|group| group.id.clone());
    let member_of = member_of.iter().cloned().chain(all).collect();
    let reached = reached(groups, &member_of);
    groups.iter().any(|group| reached.contains(group.id.as_str()) && administers(&group.privileges))
}

/// Whether somebody may administer the Org through this group. What its roles give is not looked at: any might.
pub fn through(group: &Group, groups: &[Group]) -> bool {
    let has_roles = group.roles.as_ref().is_some_and(|roles| !roles.is_empty());
    has_roles || administers(&group.privileges) || given(groups, &BTreeSet::from([group.id.clone()]))
}

/// These groups, and those around them.
fn reached<'g>(groups: &'g [Group], member_of: &'g BTreeSet<Guid>) -> BTreeSet<&'g str> {
    let mut reached: BTreeSet<&str> = member_of.iter().map(String::as_str).collect();
    loop {
        let around = |group: &&Group| group.sub_groups.iter().any(|child| reached.contains(child.as_str()));
        let more: Vec<&str> = groups.iter().filter(around).map(|group| group.id.as_str()).collect();
        let before = reached.len();
        reached.extend(more);
        if reached.len() == before {
            return reached;
        }
    }
}

impl Access {
    /// Sees to it that the Org keeps an administrator, unless it goes as a whole.
    ///
    /// Judged on a fresh read, one change at a time: of two administrators that are let go at once, each would otherwise be the other's
    /// successor.
    ///
    /// # Errors
    ///
    /// `Stalled/Protected` if nobody would be left.
    pub async fn keeps_administrator(
        &self,
        connection: &Connection,
        instance: &Key,
        org: OrgId,
        loss: Loss<'_>,
    ) -> Result<(), Fault> {
        if self.goes_as_a_whole(instance, org) {
            return Ok(());
        }
        let Some(far_side) = self.world.instances.get(instance).map(|instance| FarSide::of(&instance)) else {
            return Err(Fault::NotYet); // nothing is judged of a ThoughtSpot that is not known
        };
        let mut leaving = self.leaving.of(far_side, org).await;
        let users = connection.inventory.users_now(org).await.map_err(|e| connection.fault(&e))?;
        let groups = connection.inventory.groups_now(org).await.map_err(|e| connection.fault(&e))?;
        // Whoever is concerned may ask again.
        let remains = |id: &&Guid| users.iter().any(|user| user.id == **id && remains(user, &groups, &loss));
        let gone = leaving.keys().filter(remains).cloned().collect();
        let Outcome { lost, remain } = judge(&users, &groups, (&connection.login, &connection.system), &loss, &gone);
        if !lost.is_empty() && !remain {
            return Err(stalled(
                Reason::Protected,
                format!("nobody would be left to administer Org {org}: make somebody else an administrator there first"),
            ));
        }
        leaving.extend(lost.iter().map(|user| (user.id.clone(), Instant::now())));
        Ok(())
    }

    /// Whether a resource is about to delete the Org, and a person has said so twice.
    fn goes_as_a_whole(&self, instance: &Key, id: OrgId) -> bool {
        let said = |org: &ThoughtSpotOrg| org.annotations().get(annotations::ALLOW_DELETION) == Some(&id.to_string());
        self.world.orgs.under(&words::id(id)).iter().any(|other| {
            let same = self.leads_to(&other.spec.instance_ref, &**other, instance);
            same && other.held_id() == Some(&id.0) && other.is_due() && said(other)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use thoughtspot_client::domain::{Preferences, Provenance, Visibility};

    fn set(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    fn group(id: &str, privileges: &[&str], sub_groups: &[&str]) -> Group {
        Group {
            id: id.to_owned(),
            name: id.to_owned(),
            display_name: String::new(),
            description: String::new(),
            visibility: Visibility::Sharable,
            privileges: set(privileges),
            sub_groups: set(sub_groups),
            roles: None,
            default_liveboards: BTreeSet::new(),
            protected: false,
            provenance: Provenance { author: None, created: None },
        }
    }

    fn user(id: &str, groups: &[&str], privileges: &[&str]) -> User {
        User {
            id: id.to_owned(),
            name: id.to_owned(),
            display_name: String::new(),
            email: String::new(),
            account_type: "LOCAL_USER".to_owned(),
            account_status: "ACTIVE".to_owned(),
            visibility: Visibility::Sharable,
            preferences: Preferences::default(),
            orgs: BTreeSet::new(),
            groups: set(groups),
            privileges: set(privileges),
            protected: false,
            modified_by: None,
            provenance: Provenance { author: None, created: None },
        }
    }

    /// The ids of those who would be lost, and whether anybody would be left.
    fn outcome(users: &[User], groups: &[Group], loss: &Loss<'_>) -> (Vec<String>, bool) {
        let login = Login { id: "svc".into(), name: "svc".into() };
        let system = System {
            id: None,
            release: None,
            protected_users: BTreeSet::from(["odd".to_owned()]),
            protected_groups: BTreeSet::new(),
        };
        let Outcome { lost, remain } = judge(users, groups, (&login, &system), loss, &BTreeSet::new());
        (lost.iter().map(|user| user.id.clone()).collect(), remain)
    }

    #[test]
    fn only_whom_a_person_can_sign_in_as_counts() {
        let admin = &["ADMINISTRATION"][..];
        let shut = User { account_status: "INACTIVE".to_owned(), ..user("shut", &[], admin) };
        let internal = User { protected: true, ..user("su", &[], admin) };
        let capital = User { name: "System".to_owned(), ..user("capital", &[], admin) };
        let nobody =
            [user("svc", &[], admin), shut, internal, capital, user("odd", &[], admin), user("ana", &[], &["DATADOWNLOADING"])];
        for (other, remain) in [(user("bob", &[], &["ORG_ADMINISTRATION"]), true), (user("bob", &[], &[]), false)] {
            let users: Vec<User> = nobody.iter().cloned().chain([user("boss", &[], admin), other]).collect();
            assert_eq!(outcome(&users, &[], &Loss::User("boss")), (vec!["boss".to_owned()], remain));
        }
        assert_eq!(outcome(&nobody, &[], &Loss::User("ana")), (vec![], false), "nobody is lost who was none");
    }

    #[test]
    fn a_group_takes_with_it_whoever_has_it_by_that_group_alone() {
        let groups = [
            group("admins", &["ADMINISTRATION"], &["inner"]),
            group("inner", &[], &[]),
            group("others", &["ORG_ADMINISTRATION"], &[]),
        ];
        let admin = &["ADMINISTRATION"][..];
        let (boss, nested) = (user("boss", &["admins"], admin), user("nested", &["inner"], admin));
        let both = user("both", &["inner", "others"], &["ADMINISTRATION", "ORG_ADMINISTRATION"]);
        let check = |users: &[User], loss: Loss<'_>, lost: &[&str], remain: bool| {
            let expected = (lost.iter().map(|id| (*id).to_owned()).collect(), remain);
            assert_eq!(outcome(users, &groups, &loss), expected, "{loss:?}");
        };
        let stripped = || Loss::Group { id: "admins", after: Some(Box::new(group("admins", &[], &["inner"]))) };
        check(&[boss.clone(), nested.clone()], stripped(), &["boss", "nested"], false);
        check(&[boss.clone(), nested.clone(), both.clone()], stripped(), &["boss", "nested"], true);
        check(&[boss.clone(), nested.clone()], Loss::Group { id: "admins", after: None }, &["boss", "nested"], false);
        let parted = Loss::Group { id: "admins", after: Some(Box::new(group("admins", &["ADMINISTRATION"], &[]))) };
        check(&[boss.clone(), nested.clone()], parted, &["nested"], true);
        let left = set(&["admins"]);
        let leaves = |who: &'static str| Loss::Members { users: [who].into(), groups: &left };
        check(std::slice::from_ref(&boss), leaves("boss"), &["boss"], false);
        check(&[boss, nested.clone()], leaves("boss"), &["boss"], true);
        check(&[nested], leaves("nested"), &[], true);
    }

    #[test]
    fn what_no_group_explains_is_lost_only_with_a_group_it_may_come_from() {
        let groups = [group("by-role", &[], &[]), group("other", &[], &[])];
        let boss = [user("boss", &["by-role"], &["ADMINISTRATION"])];
        assert_eq!(outcome(&boss, &groups, &Loss::Group { id: "by-role", after: None }), (vec!["boss".to_owned()], false));
        assert_eq!(outcome(&boss, &groups, &Loss::Group { id: "other", after: None }), (vec![], true));
    }
}
