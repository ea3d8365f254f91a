//! From what a user's spec names to what it stands for.

use std::collections::BTreeMap;
use std::sync::Arc;

use kube::ResourceExt;
use thoughtspot_client::domain::{Lookup, OrgId};
use thoughtspot_crds::user::OrgMembership;
use thoughtspot_crds::{Reason, ThoughtSpotUser};
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;
use thoughtspot_engine::kind::Look;

use super::{Desired, Joined, Users, dialect, judge, preferences, sign_in};
use crate::access::Place;
use crate::connection::Connection;
use crate::faults::{stalled, waiting};
use crate::grants::Allowed;
use crate::kinds;
use crate::managed::ManagedResource;
use crate::world::words;

impl Users {
    /// Everything that the resource names, as creating and changing need it.
    pub(super) async fn resolve_all(&self, user: &ThoughtSpotUser) -> Result<Desired, Fault> {
        let reached = self.access.instance(&user.spec.instance_ref, user)?;
        dialect::takes(user, &*reached.connection.far)?;
        let places = self.places(user, &reached.connection, &reached.key).await?;
        let password = self.password(user, &reached).await?;
        let others = self.access.said_by_groups(user, &reached.key);
        Ok(Desired { places, password, others, ..desired(user, reached.connection, reached.key, reached.allowed) })
    }

    /// The Orgs it declares, each with the groups it declares there.
    pub(super) async fn places(
        &self,
        user: &ThoughtSpotUser,
        connection: &Connection,
        instance: &Key,
    ) -> Result<Vec<Joined>, Fault> {
        let namespace = user.namespace().unwrap_or_default();
        let mut places: Vec<Joined> = Vec::new();
        for membership in &user.spec.orgs {
            let place = self.access.org(&words::joined_org(membership, &namespace), &namespace)?;
            if place.instance != *instance {
                let message = format!("spec.orgs: ThoughtSpotOrg {} belongs to another ThoughtSpotInstance", membership.name);
                return Err(stalled(Reason::Invalid, message));
            }
            self.access.enter(connection, &place, user.spec.management_policy).await?;
            let groups = self.groups(user, membership, connection, &place).await?;
            // Two entries, or two resources, may mean one Org: then what they declare is declared of it.
            match places.iter_mut().find(|joined| joined.place.id == place.id) {
                Some(joined) => joined.groups.extend(groups),
                None => places.push(Joined { place, groups }),
            }
        }
        Ok(places)
    }

    /// Names of groups are references too, if to ThoughtSpot: the inventory knows their ids.
    async fn groups(
        &self,
        user: &ThoughtSpotUser,
        membership: &OrgMembership,
        connection: &Connection,
        place: &Place,
    ) -> Result<BTreeMap<String, String>, Fault> {
        let (namespace, org) = (user.namespace().unwrap_or_default(), place.id);
        let mut groups = BTreeMap::new();
        for name in &membership.groups {
            let found = connection.inventory.group(org, Lookup::Name(name), kinds::to_inventory(Look::Known)).await;
            let group = found.map_err(|e| connection.fault(&e))?;
            let group = group.ok_or_else(|| {
                waiting(format!("spec.orgs: Org {} has no group named {name:?}: correct the name, or create it", membership.name))
            })?;
            self.is_open(user, membership, place, (&group.id, name))?;
            groups.insert(group.id, group.name);
        }
        for reference in &membership.group_refs {
            let group = self.access.world.groups.get(&Key::new(&namespace, &reference.name));
            let group = group.ok_or_else(|| {
                waiting(format!(
                    "spec.orgs: ThoughtSpotGroup {} does not exist in this namespace: correct the name, or create it",
                    reference.name
                ))
            })?;
            let status = group.status.clone().unwrap_or_default();
            let id = status
                .id
                .ok_or_else(|| waiting(format!("ThoughtSpotGroup {} is not ready: see its conditions", reference.name)))?;
            if status.org_id != Some(org.0) {
                let message =
                    format!("spec.orgs: ThoughtSpotGroup {} belongs to another Org than {}", reference.name, membership.name);
                return Err(stalled(Reason::Invalid, message));
            }
            let name = status.object.name.unwrap_or_else(|| reference.name.clone());
            self.is_open(user, membership, place, (&id, &name))?;
            groups.insert(id, name);
        }
        Ok(groups)
    }

    /// Whether the namespace may put its users into this group, an id and a name. By reference, too: a ThoughtSpotGroup of its own may only
    /// observe the group that another namespace manages.
    fn is_open(
        &self,
        user: &ThoughtSpotUser,
        membership: &OrgMembership,
        place: &Place,
        (id, name): (&str, &str),
    ) -> Result<(), Fault> {
        let namespace = user.namespace().unwrap_or_default();
        if !user.spec.management_policy.writes() || self.access.may_join(id, place.id, &place.instance, &namespace) {
            return Ok(());
        }
        Err(judge::not_open(name, &membership.name, &namespace))
    }
}

/// What a resource wants before its references are looked up.
pub(super) fn desired(user: &ThoughtSpotUser, connection: Arc<Connection>, instance: Key, allowed: Allowed) -> Desired {
    let name = user.wanted_name();
    let owned = user.status.iter().flat_map(|status| &status.orgs);
    let left = user.status.iter().flat_map(|status| &status.left_orgs);
    Desired {
        connection,
        instance,
        namespace: user.namespace().unwrap_or_default(),
        allowed,
        id: user.held_id().cloned(),
        look_for: name.clone(),
        name,
        spec: user.spec.clone(),
        places: Vec::new(),
        owned: owned.map(|owned| (OrgId(owned.id), owned.clone())).collect(),
        left: left.map(|org| OrgId(*org)).collect(),
        others: BTreeMap::new(),
        password: None,
        unresolved: None,
        preferences_due: preferences::due(user),
        access_due: sign_in::due(&user.spec, user.status.as_ref().and_then(|status| status.access_due)),
    }
}
