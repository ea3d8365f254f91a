//! Roles of a group, on a ThoughtSpot with role-based access control; privileges, on one without.
//!
//! Which it is, the rows of groups hint at for nothing, and a list of roles that can be read proves (docs/thoughtspot-api.md, "Roles").

use std::collections::BTreeSet;
use std::sync::Arc;

use thoughtspot_client::Error;
use thoughtspot_client::domain::{Guid, Role};
use thoughtspot_client::inventory::Look;
use thoughtspot_crds::{Reason, ThoughtSpotGroupSpec};
use thoughtspot_engine::Fault;

use super::plan::Roles;
use crate::access::Place;
use crate::connection::Connection;
use crate::faults::{not_granted, stalled, waiting};
use crate::grants;

/// The declared roles, which the namespace may hand out; `None` where none are declared. Refuses what this ThoughtSpot does not have.
pub(super) async fn resolve(spec: &ThoughtSpotGroupSpec, connection: &Connection, place: &Place) -> Result<Option<Roles>, Fault> {
    let Some(names) = &spec.roles else {
        return if spec.privileges.is_some() { no_roles_here(connection, place).await.map(|()| None) } else { Ok(None) };
    };
    let mut roles = read(connection, place, Look::Known).await?;
    if !names.iter().all(|name| named(&roles, name).is_some()) {
        roles = read(connection, place, Look::Fresh).await?; // it may have been made just now, and nobody tells
    }
    let unknown = || names.iter().find(|name| named(&roles, name).is_none());
    if let Some(unknown) = unknown() {
        let message = format!("spec.roles: Org {} has no role named {unknown:?}: correct the name, or create it", place.key.name);
        return Err(waiting(message));
    }
    let declared: BTreeSet<Guid> = names.iter().filter_map(|name| named(&roles, name)).map(|role| role.id.clone()).collect();
    if spec.management_policy.writes() {
        may_hand_out(&declared, &roles, place)?;
    }
    Ok(Some(Roles { declared, known: roles }))
}

/// Whether the namespace may hand out what these roles give now: they can be changed at any time.
pub(super) async fn may_still_hand_out(declared: &BTreeSet<Guid>, connection: &Connection, place: &Place) -> Result<(), Fault> {
    if declared.is_empty() {
        return Ok(());
    }
    may_hand_out(declared, &read(connection, place, Look::Fresh).await?, place)
}

fn may_hand_out(declared: &BTreeSet<Guid>, roles: &[Role], place: &Place) -> Result<(), Fault> {
    for role in roles.iter().filter(|role| declared.contains(&role.id)) {
        let excess = grants::beyond(&role.privileges, &place.allowed.privileges);
        if !excess.is_empty() {
            return Err(not_granted(format!(
                "spec.roles: role {:?} of Org {} gives {}, which this namespace may not hand out: a grant that lists them in spec.grants of \
                 the ThoughtSpotInstance, and of the ThoughtSpotOrg where it has grants, would let it",
                role.name,
                place.key.name,
                excess.join(", ")
            )));
        }
    }
    Ok(())
}

/// Refuses privileges where they come from roles. Costs no call where rows of groups show no roles.
async fn no_roles_here(connection: &Connection, place: &Place) -> Result<(), Fault> {
    if !rows_show_roles(connection, place).await? || connection.inventory.roles(place.id, Look::Known).await.is_err() {
        return Ok(());
    }
    let message =
        "spec.privileges: this ThoughtSpot has role-based access control, where groups have roles: write spec.roles instead";
    Err(stalled(Reason::Invalid, message))
}

async fn read(connection: &Connection, place: &Place, look: Look) -> Result<Arc<[Role]>, Fault> {
    match connection.inventory.roles(place.id, look).await {
        Ok(roles) => Ok(roles),
        Err(Error::Refused { .. } | Error::Forbidden { .. }) if !rows_show_roles(connection, place).await? => {
            let message = "spec.roles: this ThoughtSpot has no role-based access control, without which groups have no roles: write \
                           spec.privileges instead";
            Err(stalled(Reason::Invalid, message))
        }
        Err(error) => Err(connection.fault(&error)),
    }
}

async fn rows_show_roles(connection: &Connection, place: &Place) -> Result<bool, Fault> {
    match connection.inventory.groups(place.id, Look::Known).await {
        Ok(groups) => Ok(groups.iter().any(|group| group.roles.is_some())),
        // A list that cannot be trusted as a whole says nothing either way.
        Err(Error::Uncertified { .. }) => Ok(false),
        Err(error) => Err(connection.fault(&error)),
    }
}

fn named<'a>(roles: &'a [Role], name: &str) -> Option<&'a Role> {
    roles.iter().find(|role| role.name == name)
}
