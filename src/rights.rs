//! What members of a group end up with: privileges as they take effect, through roles and the groups around theirs.

use std::collections::BTreeSet;

use thoughtspot_client::domain::{Group, OrgId, UnknownRole, effective_privileges};
use thoughtspot_client::inventory::Look;
use thoughtspot_crds::Reason;
use thoughtspot_engine::Fault;

use crate::connection::Connection;
use crate::faults::transient;

/// The effective privileges of the members of `group`, as it is or as it would be. The groups around it are taken from the list; roles
/// are read, as closely as `look` says, only where there are any.
///
/// # Errors
///
/// If a role cannot be read: what nobody can judge is not handed out.
pub async fn of_members(connection: &Connection, org: OrgId, group: &Group, look: Look) -> Result<BTreeSet<String>, Fault> {
    let fault = |e| connection.fault(&e);
    let groups = connection.inventory.groups(org, Look::Known).await.map_err(fault)?;
    if let Ok(effective) = effective_privileges(group, &groups, &[]) {
        return Ok(effective); // no role concerned
    }
    let roles = connection.inventory.roles(org, look).await.map_err(fault)?;
    if let Ok(effective) = effective_privileges(group, &groups, &roles) {
        return Ok(effective);
    }
    let roles = connection.inventory.roles(org, Look::Fresh).await.map_err(fault)?;
    effective_privileges(group, &groups, &roles).map_err(|UnknownRole(id)| {
        let message =
            format!("role {id}, which group {:?} or one around it has, is not among the roles of Org {org}", group.name);
        transient(Reason::Progressing, message)
    })
}
