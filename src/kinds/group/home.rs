//! Where a group is that is to go: its ThoughtSpotOrg may have gone first.

use thoughtspot_client::domain::OrgId;
use thoughtspot_crds::ThoughtSpotGroup;
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;

use crate::access::{Access, Place};
use crate::faults::waiting;
use crate::grants::Allowed;
use crate::world::words::{self, GroupHome};

/// As status remembers it, or as its create was announced, or else as its ThoughtSpotOrg has it.
pub(super) fn of_removal(access: &Access, group: &ThoughtSpotGroup) -> Result<Place, Fault> {
    let key = words::target(&group.spec.org_ref, group);
    let known = match remembered(group) {
        Some(known) => Some(known),
        None => announced(access, group)?.or_else(|| declared(access, &key)),
    };
    let Some((instance, id)) = known else {
        let message = format!("ThoughtSpotOrg {} is not ready: set deletionPolicy: Retain to let this resource go", key.name);
        return Err(waiting(message));
    };
    Ok(Place { key, instance, id: OrgId(id), managed: false, allowed: Allowed::default() })
}

fn remembered(group: &ThoughtSpotGroup) -> Option<(Key, i64)> {
    let status = group.status.as_ref()?;
    Some((words::target(status.instance.as_ref()?, group), status.org_id?))
}

/// Where the operator was about to make it. Nothing else tells of a group that was never seen.
fn announced(access: &Access, group: &ThoughtSpotGroup) -> Result<Option<(Key, i64)>, Fault> {
    let Some((intent, GroupHome { org, instance })) = words::announced(group) else { return Ok(None) };
    let instance = words::target(&instance, group);
    let connection = access.connection(&instance)?;
    Ok((connection.seal.of(&intent.words()) == intent.seal).then_some((instance, org)))
}

fn declared(access: &Access, org: &Key) -> Option<(Key, i64)> {
    let org = access.world.orgs.get(org)?;
    let id = org.status.as_ref()?.id?;
    Some((words::target(&org.spec.instance_ref, &*org), id))
}
