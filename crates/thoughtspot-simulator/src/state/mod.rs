//! What exists: Orgs, users, groups, who belongs to what, and the content they work with.
//!
//! Invariants: no HTTP and no JSON rows here; every operation either happens as a whole or is refused and changes nothing; both
//! API versions act on this one state.

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod content;
pub(crate) mod dump;
pub(crate) mod group;
pub(crate) mod import;
pub(crate) mod jit;
pub(crate) mod kinds;
pub(crate) mod links;
pub(crate) mod load;
pub(crate) mod org;
pub(crate) mod password;
pub(crate) mod people;
pub(crate) mod preferences;
pub(crate) mod principal_tml;
pub(crate) mod privilege;
pub(crate) mod refusal;
pub(crate) mod role;
pub(crate) mod seed;
pub(crate) mod sign_in;
pub(crate) mod tag;
pub(crate) mod trusted;
pub(crate) mod user;

use crate::settings::Settings;
use audit::AuditLog;
use content::jobs::Job;
use content::library::Library;
use group::Group;
use links::Links;
use org::{HeldName, Org};
use people::People;
use privilege::Privilege;
use refusal::Refusal;
use role::Role;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use tag::Tag;
use trusted::TrustedAuth;
use uuid::Uuid;

/// The Org that always exists. Its administrators administer the cluster.
pub(crate) const PRIMARY: i32 = 0;

/// Not an Org: a v1 session that was switched to it acts in Primary, and on every Org.
pub(crate) const ALL_ORGS: i32 = -1;

/// Everything a ThoughtSpot holds.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) trusted: TrustedAuth,
    pub(crate) orgs: BTreeMap<i32, Org>,
    pub(crate) users: People,
    pub(crate) groups: BTreeMap<Uuid, Group>,
    pub(crate) org_members: Links<Uuid, i32>,
    pub(crate) group_members: Links<Uuid, Uuid>,
    /// Children (members) and the groups they are nested in.
    pub(crate) sub_groups: Links<Uuid, Uuid>,
    pub(crate) roles: BTreeMap<Uuid, Role>,
    /// Roles (members) and the groups that have them.
    pub(crate) group_roles: Links<Uuid, Uuid>,
    pub(crate) held_names: Vec<HeldName>,
    /// Ids of all Orgs there ever were: none is given twice.
    pub(crate) used_org_ids: BTreeSet<i32>,
    pub(crate) tags: BTreeMap<Uuid, Tag>,
    /// Liveboards, Answers, tables, connections.
    pub(crate) library: Library,
    /// Overrides of the cluster's configuration.
    pub(crate) configuration: Map<String, Value>,
    /// Security settings of the cluster (none) and of Orgs.
    pub(crate) security_settings: BTreeMap<Option<i32>, Map<String, Value>>,
    /// Imports of content in the background, oldest first.
    pub(crate) imports: Vec<Job>,
    /// What happened.
    pub(crate) audit: AuditLog,
    /// Mails that would have been sent.
    pub(crate) mails: u64,
}

/// Who acts, in which Org, when, and under which settings.
#[derive(Clone, Copy)]
pub(crate) struct Actor<'a> {
    pub(crate) user: Uuid,
    pub(crate) org: i32,
    /// Milliseconds since 1970.
    pub(crate) now: i64,
    pub(crate) settings: &'a Settings,
}

impl World {
    /// Several operations as one: either all of them happen, or none.
    pub(crate) fn together<T>(&mut self, change: impl FnOnce(&mut Self) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut after = self.clone();
        let result = change(&mut after)?;
        *self = after;
        Ok(result)
    }

    /// Whether the actor is a cluster administrator with a token of Primary: the only view of every Org.
    pub(crate) fn sees_all_orgs(&self, actor: &Actor<'_>) -> bool {
        actor.org == PRIMARY && self.is_cluster_admin(actor.user)
    }

    /// Refuses unless the actor may change every Org.
    pub(crate) fn require_primary_admin(&self, actor: &Actor<'_>) -> Result<(), Refusal> {
        if self.sees_all_orgs(actor) {
            return Ok(());
        }
        Err(Refusal::forbidden("Access denied: this needs a cluster administrator in the Primary Org"))
    }

    /// Refuses unless the actor is a cluster administrator, in whichever Org.
    pub(crate) fn require_cluster_admin(&self, actor: &Actor<'_>) -> Result<(), Refusal> {
        if self.is_cluster_admin(actor.user) {
            return Ok(());
        }
        Err(Refusal::forbidden("Access denied: this needs a cluster administrator"))
    }

    /// Refuses unless the actor may change Orgs: as an administrator of the cluster in Primary or, with role-based access control,
    /// with ORG_ADMINISTRATION there.
    pub(crate) fn require_org_management(&self, actor: &Actor<'_>) -> Result<(), Refusal> {
        if actor.org == PRIMARY && actor.settings.rbac {
            return self.require_privilege(actor, Privilege::ORG_ADMINISTRATION);
        }
        self.require_primary_admin(actor)
    }

    /// Refuses unless the actor administers the Org it acts in or, with role-based access control, has this privilege there.
    pub(crate) fn require_privilege(&self, actor: &Actor<'_>, privilege: Privilege) -> Result<(), Refusal> {
        let own = self.effective_privileges(actor.user, actor.org);
        if own.contains(&Privilege::ADMINISTRATION) || (actor.settings.rbac && own.contains(&privilege)) {
            return Ok(());
        }
        Err(Refusal::forbidden(format!(
            "Access denied: this needs the ADMINISTRATION privilege, or {} with roles",
            privilege.name()
        )))
    }

    /// Refuses unless the actor administers the Org it acts in.
    pub(crate) fn require_org_admin(&self, actor: &Actor<'_>) -> Result<(), Refusal> {
        if self.effective_privileges(actor.user, actor.org).contains(&Privilege::ADMINISTRATION) {
            return Ok(());
        }
        Err(Refusal::forbidden("Access denied: this needs the ADMINISTRATION privilege"))
    }
}

/// Refuses names the server does not take: empty, too long, or with blanks around them.
fn check_principal_name(kind: &str, name: &str) -> Result<(), Refusal> {
    let length = name.chars().count();
    if length == 0 || length > 255 || name.trim() != name {
        return Err(Refusal::invalid(format!("{kind} name must have 1 to 255 characters and no leading or trailing space")));
    }
    Ok(())
}
