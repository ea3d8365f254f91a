//! What is never touched, whoever asks: our own login, system principals, Primary, the built-in groups, and what the Instance lists in
//! `spec.protection`. Pure.

use thoughtspot_client::domain::{BUILT_IN_GROUP_NAMES, Group, Login, OrgId, SYSTEM_USER_NAMES, System, User, fold_user_name};
use thoughtspot_crds::{Protection, Reason};
use thoughtspot_engine::Fault;

use crate::faults::stalled;

/// Whom one Instance keeps out of everybody's reach.
pub struct Keeps<'a> {
    pub login: &'a Login,
    pub system: &'a System,
    /// The name of the Instance.
    pub instance: &'a str,
    pub protection: Protection,
}

fn refuse(what: String) -> Fault {
    stalled(Reason::Protected, format!("{what}: the operator leaves it alone"))
}

/// Named by a person: they can be let go of, by the same person.
fn listed(what: &str, name: &str, list: &str, keeps: &Keeps<'_>) -> Fault {
    let instance = keeps.instance;
    let message = format!(
        "{what} {name:?} is listed in spec.protection.{list} of ThoughtSpotInstance {instance}: the operator leaves it alone until it is \
         taken out there"
    );
    stalled(Reason::Protected, message)
}

/// A user that is about to be created under this name, or renamed to it.
pub fn user_name(name: &str, keeps: &Keeps<'_>) -> Result<(), Fault> {
    let folded = fold_user_name(name);
    if SYSTEM_USER_NAMES.contains(&folded.as_str()) {
        return Err(refuse(format!("{name:?} is a user of the system")));
    }
    if folded == fold_user_name(&keeps.login.name) {
        return Err(refuse(format!("{name:?} is the operator's own login")));
    }
    if keeps.protection.users.iter().any(|listed| fold_user_name(listed) == folded) {
        return Err(listed("user", name, "users", keeps));
    }
    Ok(())
}

/// A user that exists.
pub fn user(user: &User, keeps: &Keeps<'_>) -> Result<(), Fault> {
    user_name(&user.name, keeps)?;
    if user.protected || user.id == keeps.login.id || keeps.system.protected_users.contains(&user.id) {
        return Err(refuse(format!("{:?} is a user of the system", user.name)));
    }
    Ok(())
}

/// A group that is about to be created under this name, or renamed to it.
pub fn group_name(name: &str, keeps: &Keeps<'_>) -> Result<(), Fault> {
    if BUILT_IN_GROUP_NAMES.contains(&name) {
        return Err(refuse(format!("{name:?} is a built-in group of every Org")));
    }
    listed_group(name, keeps)
}

/// A group that exists.
pub fn group(group: &Group, keeps: &Keeps<'_>) -> Result<(), Fault> {
    group_name(&group.name, keeps)?;
    if group.protected || keeps.system.protected_groups.contains(&group.id) {
        return Err(refuse(format!("{:?} is a group of the system", group.name)));
    }
    Ok(())
}

/// Whether a user is one that every system has.
pub fn is_of_the_system(user: &User, system: &System) -> bool {
    let name = fold_user_name(&user.name);
    user.protected || SYSTEM_USER_NAMES.contains(&name.as_str()) || system.protected_users.contains(&user.id)
}

/// Whether a group came with its Org, or is the system's.
pub fn is_built_in(group: &Group, system: &System) -> bool {
    BUILT_IN_GROUP_NAMES.contains(&group.name.as_str()) || group.protected || system.protected_groups.contains(&group.id)
}

/// A group whose members are about to become more or fewer.
pub fn listed_group(name: &str, keeps: &Keeps<'_>) -> Result<(), Fault> {
    if keeps.protection.groups.contains(name) {
        return Err(listed("group", name, "groups", keeps));
    }
    Ok(())
}

/// An Org that exists.
pub fn org(id: OrgId) -> Result<(), Fault> {
    if id == OrgId::PRIMARY {
        return Err(stalled(Reason::Protected, "Primary cannot be managed: set managementPolicy: Observe"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_listed_is_left_alone_however_the_name_is_written() {
        let login = Login { id: "svc".into(), name: "svc-operator".into() };
        let system =
            System { id: None, release: None, protected_users: Default::default(), protected_groups: Default::default() };
        let protection =
            Protection { users: ["Break.Glass".to_owned()].into(), groups: ["Owners".to_owned()].into(), max_deletions: None };
        let keeps = Keeps { login: &login, system: &system, instance: "ts", protection };
        for name in ["break.glass", "BREAK.GLASS", "tsadmin", "Su", "SVC-Operator"] {
            assert!(user_name(name, &keeps).is_err(), "{name}");
        }
        assert!(user_name("ana", &keeps).is_ok());
        assert!(group_name("Owners", &keeps).is_err() && group_name("Administrator", &keeps).is_err());
        assert!(group_name("owners", &keeps).is_ok(), "names of groups differ by case");
        assert!(listed_group("Owners", &keeps).is_err() && listed_group("Administrator", &keeps).is_ok());
    }
}
