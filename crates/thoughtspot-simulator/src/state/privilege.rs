//! Privilege names, and which of them a user has in an Org.

use super::World;
use serde::{Deserialize, Deserializer, de};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Everybody has it through the group All; it cannot be granted.
pub(crate) const AUTHORING: &str = "AUTHORING";
/// In an Org: administrator of that Org. In Primary: cluster administrator.
pub(crate) const ADMINISTRATION: &str = "ADMINISTRATION";

/// What a group may be given.
const GROUP_WRITE: [&str; 36] = [
    "A3ANALYSIS",
    ADMINISTRATION,
    "ALLOW_NON_EMBED_FULL_APP_ACCESS",
    AUTHORING,
    "BYPASSRLS",
    "CAN_ACCESS_AGENTSPOT",
    "CAN_ACCESS_ANALYST_STUDIO",
    "CAN_CREATE_CATALOG",
    "CAN_DOWNLOAD_DETAILED_DATA",
    "CAN_DOWNLOAD_VISUALS",
    "CAN_MANAGE_AGENTSPOT",
    "CAN_MANAGE_ANALYST_STUDIO",
    "CAN_MANAGE_SPOTTER",
    "CAN_MANAGE_VARIABLES",
    "CAN_MANAGE_VERSION_CONTROL",
    "CAN_MODIFY_FOLDERS",
    "CAN_SETUP_VERSION_CONTROL",
    "CAN_USE_SPOTTER",
    "CAN_VIEW_FOLDERS",
    "DATADOWNLOADING",
    "DATAMANAGEMENT",
    "DEVELOPER",
    "DISABLE_PINBOARD_CREATION",
    "EXPERIMENTALFEATUREPRIVILEGE",
    "GROUP_ADMINISTRATION",
    "JOBSCHEDULING",
    "LIVEBOARD_VERIFIER",
    "PREVIEW_DOCUMENT_SEARCH",
    "PREVIEW_THOUGHTSPOT_SAGE",
    "RANALYSIS",
    "SHAREWITHALL",
    "SYNCMANAGEMENT",
    "THIRDPARTY_ANALYSIS",
    "USERDATAUPLOADING",
    "USERMANAGEMENT",
    "USER_ADMINISTRATION",
];

/// What a search may filter by, beyond the above.
const SEARCH_ONLY: [&str; 10] = [
    "APPLICATION_ADMINISTRATION",
    "AUTHENTICATION_ADMINISTRATION",
    "BILLING_INFO_ADMINISTRATION",
    "CAN_CREATE_OR_EDIT_CONNECTIONS",
    "CAN_MANAGE_CUSTOM_CALENDAR",
    "CAN_MANAGE_WEBHOOKS",
    "CAN_MANAGE_WORKSHEET_VIEWS_TABLES",
    "ORG_ADMINISTRATION",
    "ROLE_ADMINISTRATION",
    "SYSTEM_INFO_ADMINISTRATION",
];

/// What a role may have that no search of users and groups filters by.
const ROLE_ONLY: [&str; 2] = ["CONTROL_TRUSTED_AUTH", "TAGMANAGEMENT"];

/// What a search may filter by and no role may have.
const NOT_IN_ROLES: [&str; 5] = [ADMINISTRATION, AUTHORING, "EXPERIMENTALFEATUREPRIVILEGE", "RANALYSIS", "USERMANAGEMENT"];

/// What a role may be made with and not changed to.
const NOT_IN_ROLE_UPDATES: [&str; 2] = ["ALLOW_NON_EMBED_FULL_APP_ACCESS", "CAN_SETUP_VERSION_CONTROL"];

/// What only a search of roles filters by; one is misspelt upstream, and takes the place of its right spelling.
const ROLE_SEARCH_ONLY: [&str; 8] = [
    "BACKUP_ADMINISTRATION",
    "CAN_CONFIGURE_CONNECTIONS",
    "CAN_MODIDY_FOLDERS",
    "ENABLESPOTAPPCREATION",
    "LOGICALMODELING",
    "SECURITYMANAGEMENT",
    "SYSTEMMANAGEMENT",
    "UNKNOWN",
];
const MISSPELT: &str = "CAN_MODIFY_FOLDERS";

/// A privilege that a group or a role may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Privilege(&'static str);

impl Privilege {
    pub(crate) const ADMINISTRATION: Self = Self(ADMINISTRATION);
    pub(crate) const AUTHORING: Self = Self(AUTHORING);
    pub(crate) const CONTROL_TRUSTED_AUTH: Self = Self("CONTROL_TRUSTED_AUTH");
    pub(crate) const DATAMANAGEMENT: Self = Self("DATAMANAGEMENT");
    pub(crate) const GROUP_ADMINISTRATION: Self = Self("GROUP_ADMINISTRATION");
    pub(crate) const ORG_ADMINISTRATION: Self = Self("ORG_ADMINISTRATION");
    pub(crate) const ROLE_ADMINISTRATION: Self = Self("ROLE_ADMINISTRATION");
    pub(crate) const TAGMANAGEMENT: Self = Self("TAGMANAGEMENT");
    pub(crate) const USERMANAGEMENT: Self = Self("USERMANAGEMENT");
    pub(crate) const USER_ADMINISTRATION: Self = Self("USER_ADMINISTRATION");

    /// The privilege of this name, if a group may be given it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        GROUP_WRITE.iter().find(|known| **known == name).map(|known| Self(known))
    }

    /// The privilege of this name, if a group or a role may have it.
    pub(crate) fn known(name: &str) -> Option<Self> {
        Self::named(name).or_else(|| Self::of_new_role(name))
    }

    /// The privilege of this name, if a role may be made with it.
    pub(crate) fn of_new_role(name: &str) -> Option<Self> {
        let in_roles = || GROUP_WRITE.iter().chain(&SEARCH_ONLY).chain(&ROLE_ONLY).filter(|known| !NOT_IN_ROLES.contains(known));
        in_roles().find(|known| **known == name).map(|known| Self(known))
    }

    /// The privilege of this name, if a role may be changed to have it.
    pub(crate) fn of_changed_role(name: &str) -> Option<Self> {
        Self::of_new_role(name).filter(|privilege| !NOT_IN_ROLE_UPDATES.contains(&privilege.0))
    }

    /// Its name on the wire.
    pub(crate) fn name(self) -> &'static str {
        self.0
    }
}

impl<'de> Deserialize<'de> for Privilege {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| not_offered(&name))
    }
}

fn not_offered<E: de::Error>(name: &str) -> E {
    E::custom(format!("Value \"{name}\" does not exist in the privileges enum"))
}

/// The privileges of a new role.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct NewRolePrivileges(#[serde(deserialize_with = "of_new_role")] pub(crate) BTreeSet<Privilege>);

/// The privileges of a role that is changed.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct ChangedRolePrivileges(#[serde(deserialize_with = "of_changed_role")] pub(crate) BTreeSet<Privilege>);

fn of_new_role<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<Privilege>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    names.iter().map(|name| Privilege::of_new_role(name).ok_or_else(|| not_offered(name))).collect()
}

fn of_changed_role<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<Privilege>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    names.iter().map(|name| Privilege::of_changed_role(name).ok_or_else(|| not_offered(name))).collect()
}

/// A privilege a search of roles filters by.
#[derive(Clone, Debug)]
pub(crate) struct RolePrivilegeFilter(pub(crate) String);

impl<'de> Deserialize<'de> for RolePrivilegeFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = GROUP_WRITE.iter().chain(&SEARCH_ONLY).chain(&ROLE_ONLY).chain(&ROLE_SEARCH_ONLY);
        if known.clone().any(|known| *known == name && name != MISSPELT) { Ok(Self(name)) } else { Err(not_offered(&name)) }
    }
}

/// A privilege a search filters by: more names than a group may be given.
#[derive(Clone, Debug)]
pub(crate) struct PrivilegeFilter(pub(crate) String);

impl<'de> Deserialize<'de> for PrivilegeFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if Privilege::named(&name).is_some() || SEARCH_ONLY.contains(&name.as_str()) {
            return Ok(Self(name));
        }
        Err(not_offered(&name))
    }
}

impl World {
    /// The groups of `org` the user is in, directly or because a group of his is nested in them.
    pub(crate) fn groups_with_ancestors(&self, user: Uuid, org: i32) -> BTreeSet<Uuid> {
        let mut waiting: Vec<Uuid> = self.group_members.wholes_of(user).into_iter().collect();
        let mut found = BTreeSet::new();
        while let Some(id) = waiting.pop() {
            // A cycle of sub-groups can be let in by a setting: visit each group once.
            if self.groups.get(&id).is_some_and(|group| group.org == org) && found.insert(id) {
                waiting.extend(self.sub_groups.wholes_of(id));
            }
        }
        found
    }

    /// What a group gives its members: its own privileges and those of its roles.
    fn privileges_of_group(&self, id: Uuid) -> BTreeSet<Privilege> {
        let own = self.groups.get(&id).into_iter().flat_map(|group| &group.privileges);
        let roles = self.group_roles.members_of(id);
        let granted = roles.iter().filter_map(|role| self.roles.get(role)).flat_map(|role| &role.privileges);
        own.chain(granted).copied().collect()
    }

    /// What the user may do in `org`: the privileges of these groups, and everything an administrator of the cluster may.
    pub(crate) fn effective_privileges(&self, user: Uuid, org: i32) -> BTreeSet<Privilege> {
        let groups = self.groups_with_ancestors(user, org);
        let mut privileges: BTreeSet<Privilege> = groups.iter().flat_map(|id| self.privileges_of_group(*id)).collect();
        if self.org_members.holds(user, org) {
            privileges.insert(Privilege::AUTHORING);
        }
        if self.is_cluster_admin(user) {
            privileges.insert(Privilege::ADMINISTRATION);
        }
        privileges
    }

    /// Whether the user has ADMINISTRATION in Primary, which makes an administrator of the whole cluster.
    pub(crate) fn is_cluster_admin(&self, user: Uuid) -> bool {
        self.groups_with_ancestors(user, super::PRIMARY)
            .iter()
            .any(|id| self.privileges_of_group(*id).contains(&Privilege::ADMINISTRATION))
    }
}
