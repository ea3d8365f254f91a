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

/// A privilege that may be given to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Privilege(&'static str);

impl Privilege {
    pub(crate) const ADMINISTRATION: Self = Self(ADMINISTRATION);
    pub(crate) const AUTHORING: Self = Self(AUTHORING);

    /// The privilege of this name, if a group may be given it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        GROUP_WRITE.iter().find(|known| **known == name).map(|known| Self(known))
    }

    /// Its name on the wire.
    pub(crate) fn name(self) -> &'static str {
        self.0
    }
}

impl<'de> Deserialize<'de> for Privilege {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| de::Error::custom(format!("Value \"{name}\" does not exist in the privileges enum")))
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
        Err(de::Error::custom(format!("Value \"{name}\" does not exist in the privileges enum")))
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

    /// What the user may do in `org`: the privileges of these groups, and everything an administrator of the cluster may.
    pub(crate) fn effective_privileges(&self, user: Uuid, org: i32) -> BTreeSet<Privilege> {
        let groups = self.groups_with_ancestors(user, org);
        let mut privileges: BTreeSet<Privilege> =
            groups.iter().filter_map(|id| self.groups.get(id)).flat_map(|group| group.privileges.iter().copied()).collect();
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
            .filter_map(|id| self.groups.get(id))
            .any(|group| group.privileges.contains(&Privilege::ADMINISTRATION))
    }
}
