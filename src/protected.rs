//! What is never touched, whoever asks: our own login, system principals, Primary, the built-in groups. Pure.

use thoughtspot_client::domain::{BUILT_IN_GROUP_NAMES, Group, Login, OrgId, SYSTEM_USER_NAMES, System, User, fold_user_name};
use thoughtspot_crds::Reason;
use thoughtspot_engine::Fault;

fn refuse(what: String) -> Fault {
    Fault::Stalled { reason: Reason::Protected.as_str(), message: format!("{what}: the operator leaves it alone") }
}

/// A user that is about to be created under this name.
pub fn user_name(name: &str, login: &Login) -> Result<(), Fault> {
    let folded = fold_user_name(name);
    if SYSTEM_USER_NAMES.contains(&folded.as_str()) {
        return Err(refuse(format!("{name:?} is a user of the system")));
    }
    if folded == fold_user_name(&login.name) {
        return Err(refuse(format!("{name:?} is the operator's own login")));
    }
    Ok(())
}

/// A user that exists.
pub fn user(user: &User, login: &Login, system: &System) -> Result<(), Fault> {
    user_name(&user.name, login)?;
    if user.protected || user.id == login.id || system.protected_users.contains(&user.id) {
        return Err(refuse(format!("{:?} is a user of the system", user.name)));
    }
    Ok(())
}

/// A group that is about to be created under this name.
pub fn group_name(name: &str) -> Result<(), Fault> {
    if BUILT_IN_GROUP_NAMES.contains(&name) {
        return Err(refuse(format!("{name:?} is a built-in group of every Org")));
    }
    Ok(())
}

/// A group that exists.
pub fn group(group: &Group, system: &System) -> Result<(), Fault> {
    group_name(&group.name)?;
    if group.protected || system.protected_groups.contains(&group.id) {
        return Err(refuse(format!("{:?} is a group of the system", group.name)));
    }
    Ok(())
}

/// An Org that exists.
pub fn org(id: OrgId) -> Result<(), Fault> {
    if id == OrgId::PRIMARY {
        return Err(Fault::Stalled {
            reason: Reason::Protected.as_str(),
            message: "Primary cannot be managed: set managementPolicy: Observe".to_owned(),
        });
    }
    Ok(())
}
