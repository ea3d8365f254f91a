//! Whether somebody has more rights than a namespace may hand out: then nothing about them is changed from there.
//!
//! Judged on fresh reads, and only when something is about to be changed.

use std::collections::BTreeSet;

use thoughtspot_client::domain::{ALL_GROUP_NAME, Lookup, OrgId, User};
use thoughtspot_client::inventory;
use thoughtspot_crds::Reason;
use thoughtspot_engine::Fault;

use crate::access::{Access, Place};
use crate::administrators::administers;
use crate::connection::Connection;
use crate::faults::{stalled, transient, waiting};
use crate::grants::{self, Allowed};
use crate::protected;

/// The user as this Org shows it, now; nothing if it is no member.
pub(super) async fn shown(connection: &Connection, user: &User, org: OrgId) -> Result<Option<User>, Fault> {
    let seen = connection.far.find_user(org, Lookup::Id(&user.id)).await.map_err(|e| connection.fault(&e))?;
    if seen.is_none() && user.orgs.contains(&org) {
        let message =
            format!("user {:?} is a member of an Org that does not show it: its rights there cannot be judged", user.name);
        return Err(transient(Reason::Progressing, message));
    }
    Ok(seen)
}

/// Refuses if the user's effective privileges in this Org, which shows it so, beyond what everybody has there, are more than is allowed.
/// Whether the user administers it.
pub(super) async fn privileged(connection: &Connection, user: &User, org: OrgId, allowed: &Allowed) -> Result<bool, Fault> {
    let excess = excess(connection, user, org, allowed).await?;
    if excess.is_empty() {
        return Ok(administers(&user.privileges));
    }
    let message = format!(
        "user {:?} has privileges that this namespace may not hand out: nothing about it is changed from here",
        user.name
    );
    tracing::info!(user = %user.name, org = %org, excess = %excess.join(", "), "a privileged user is left alone");
    Err(stalled(Reason::Protected, message))
}

/// What this row of an Org shows of privileges, beyond what everybody has there and what is allowed.
pub(super) async fn excess(connection: &Connection, seen: &User, org: OrgId, allowed: &Allowed) -> Result<Vec<String>, Fault> {
    let excess = grants::beyond(&seen.privileges, &allowed.privileges);
    if excess.is_empty() {
        return Ok(excess);
    }
    let all = connection.inventory.group(org, Lookup::Name(ALL_GROUP_NAME), inventory::Look::Known).await;
    let of_everybody = all.map_err(|e| connection.fault(&e))?.map(|group| group.privileges).unwrap_or_default();
    let own: BTreeSet<String> = seen.privileges.difference(&of_everybody).cloned().collect();
    Ok(grants::beyond(&own, &allowed.privileges))
}

/// Who changes what users belong to in an Org.
#[derive(Clone, Copy)]
pub(super) struct Asker<'a> {
    pub(super) access: &'a Access,
    pub(super) connection: &'a Connection,
    pub(super) place: &'a Place,
    pub(super) namespace: &'a str,
}

impl Asker<'_> {
    /// Refuses to change what this user (an id) belongs to: whoever is protected, or has more rights, in whatever Org.
    pub(super) async fn may_move(&self, id: &str) -> Result<(), Fault> {
        let Asker { access, connection, place, namespace } = *self;
        let user = connection.far.find_user(OrgId::PRIMARY, Lookup::Id(id)).await.map_err(|e| connection.fault(&e))?;
        let Some(user) = user else {
            return Err(waiting(format!("Org {} has no user of id {id} any more", place.key.name)));
        };
        protected::user(&user, &connection.keeps())?;
        let of_instance = access.granted(&place.instance, namespace).unwrap_or_default();
        let orgs = if user.orgs.is_empty() { BTreeSet::from([place.id]) } else { user.orgs.clone() };
        for org in orgs {
            let here = (org == place.id).then(|| place.allowed.clone());
            let allowed = here.or_else(|| access.allowed_in(org, &place.instance, namespace));
            // A stranger's Org says nothing to us but this: whether the user has more rights there than may be handed out here.
            if let Some(seen) = shown(connection, &user, org).await? {
                privileged(connection, &seen, org, &allowed.unwrap_or_else(|| of_instance.clone())).await?;
            }
        }
        Ok(())
    }
}
