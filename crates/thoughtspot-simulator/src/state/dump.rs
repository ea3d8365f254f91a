//! Everything there is, as plain data for tests and for people: what is shown here can be given to a simulator to start with. No
//! password and no key is ever shown; a password can be given.

use super::World;
use super::content::dump::{ContentDump, TagDump};
use super::kinds::{AccountStatus, AccountType, GroupType, Visibility};
use super::preferences::PreferencesDump;
use super::role::Role;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use uuid::Uuid;

/// All Orgs, users, groups, roles and content.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dump {
    /// By id; Primary first.
    #[serde(default)]
    pub orgs: Vec<OrgDump>,
    /// By name; the built-in ones too.
    #[serde(default)]
    pub users: Vec<UserDump>,
    /// By Org and name; the built-in ones too.
    #[serde(default)]
    pub groups: Vec<GroupDump>,
    /// By Org and name; the built-in one too.
    #[serde(default)]
    pub roles: Vec<RoleDump>,
    /// By Org and name.
    #[serde(default)]
    pub tags: Vec<TagDump>,
    /// By Org, kind and name.
    #[serde(default)]
    pub content: Vec<ContentDump>,
}

/// An Org.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrgDump {
    /// Its id; 0 is Primary.
    pub id: i32,
    /// Its name.
    pub name: String,
    /// Its description, if it has one.
    #[serde(default)]
    pub description: Option<String>,
    /// Names of its members.
    #[serde(default)]
    pub users: Vec<String>,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserDump {
    /// Its GUID.
    #[serde(default)]
    pub id: String,
    /// Its name.
    pub name: String,
    /// How it is shown.
    #[serde(default)]
    pub display_name: String,
    /// Its e-mail address, if it has one.
    #[serde(default)]
    pub email: Option<String>,
    /// How it signs in.
    #[serde(default = "local")]
    pub account_type: AccountType,
    /// Whether it can sign in.
    #[serde(default = "active")]
    pub account_status: AccountStatus,
    /// Names of its Orgs.
    #[serde(default)]
    pub orgs: Vec<String>,
    /// Its own groups as `Org/group`, All included.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Whether it can sign in with a password.
    #[serde(default)]
    pub has_password: bool,
    /// A password to start with. It is never shown.
    #[serde(default, skip_serializing)]
    pub password: Option<SeedPassword>,
    /// `SHARABLE` or `NON_SHARABLE`.
    #[serde(default = "sharable")]
    pub visibility: Visibility,
    /// How its account behaves.
    #[serde(default)]
    pub preferences: PreferencesDump,
    /// Free properties.
    #[serde(default)]
    pub extended_properties: Map<String, Value>,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupDump {
    /// Its GUID.
    #[serde(default)]
    pub id: String,
    /// Name of its Org.
    pub org: String,
    /// Its name.
    pub name: String,
    /// How it is shown.
    #[serde(default)]
    pub display_name: String,
    /// Its description, if it has one.
    #[serde(default)]
    pub description: Option<String>,
    /// Its privileges, by name.
    #[serde(default)]
    pub privileges: Vec<String>,
    /// Names of its own users.
    #[serde(default)]
    pub users: Vec<String>,
    /// Names of the groups directly inside it.
    #[serde(default)]
    pub sub_groups: Vec<String>,
    /// Names of its roles.
    #[serde(default)]
    pub roles: Vec<String>,
    /// `LOCAL_GROUP` and so on.
    #[serde(rename = "type", default = "local_group")]
    pub kind: GroupType,
    /// `SHARABLE` or `NON_SHARABLE`.
    #[serde(default = "sharable")]
    pub visibility: Visibility,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleDump {
    /// Its GUID.
    #[serde(default)]
    pub id: String,
    /// Name of its Org.
    pub org: String,
    /// Its name.
    pub name: String,
    /// Its description, if it has one.
    #[serde(default)]
    pub description: Option<String>,
    /// Its privileges, by name.
    #[serde(default)]
    pub privileges: Vec<String>,
    /// It can never be changed or deleted.
    #[serde(default)]
    pub read_only: bool,
}

/// A password for a user to start with. It cannot be shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SeedPassword(pub(super) String);

impl fmt::Debug for SeedPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a password")
    }
}

fn local() -> AccountType {
    AccountType::LocalUser
}

fn local_group() -> GroupType {
    GroupType::LocalGroup
}

fn active() -> AccountStatus {
    AccountStatus::Active
}

fn sharable() -> Visibility {
    Visibility::Sharable
}

impl Dump {
    /// The Org of this name.
    pub fn org(&self, name: &str) -> Option<&OrgDump> {
        self.orgs.iter().find(|org| org.name == name)
    }

    /// The user of this name, exactly.
    pub fn user(&self, name: &str) -> Option<&UserDump> {
        self.users.iter().find(|user| user.name == name)
    }

    /// The group of this name in the Org of that name.
    pub fn group(&self, org: &str, name: &str) -> Option<&GroupDump> {
        self.groups.iter().find(|group| group.org == org && group.name == name)
    }
}

impl World {
    /// Everything there is.
    pub(crate) fn dump(&self) -> Dump {
        let mut users: Vec<UserDump> = self.users.keys().filter_map(|id| self.dump_user(*id)).collect();
        let mut groups: Vec<GroupDump> = self.groups.keys().filter_map(|id| self.dump_group(*id)).collect();
        users.sort_by(|a, b| a.name.cmp(&b.name));
        groups.sort_by(|a, b| (&a.org, &a.name).cmp(&(&b.org, &b.name)));
        let orgs = self.orgs.keys().filter_map(|id| self.dump_org(*id)).collect();
        Dump { orgs, users, groups, roles: self.dump_roles(), tags: self.dump_tags(), content: self.dump_content() }
    }

    fn dump_org(&self, id: i32) -> Option<OrgDump> {
        let org = self.orgs.get(&id)?;
        let users = sorted(self.org_members.members_of(id).into_iter().filter_map(|id| self.user_name(id)));
        Some(OrgDump { id, name: org.name.clone(), description: org.description.clone(), users })
    }

    fn dump_user(&self, id: Uuid) -> Option<UserDump> {
        let user = self.users.get(&id)?;
        let orgs = self.org_members.wholes_of(id).into_iter().filter_map(|org| self.org_name(org));
        let groups = self.group_members.wholes_of(id).into_iter().filter_map(|group| self.group_path(group));
        Some(UserDump {
            id: id.to_string(),
            name: user.name.clone(),
            display_name: user.display_name.clone(),
            email: user.email.clone(),
            account_type: user.account_type,
            account_status: user.account_status,
            orgs: sorted(orgs),
            groups: sorted(groups),
            has_password: user.password.is_some(),
            password: None,
            visibility: user.visibility,
            preferences: PreferencesDump::of(user),
            extended_properties: user.extended_properties.clone(),
        })
    }

    fn dump_group(&self, id: Uuid) -> Option<GroupDump> {
        let group = self.groups.get(&id)?;
        let children = self.sub_groups.members_of(id).into_iter();
        let children = children.filter_map(|id| self.groups.get(&id)).map(|child| child.name.clone());
        let roles = self.group_roles.members_of(id).into_iter();
        let roles = roles.filter_map(|id| self.roles.get(&id)).map(|role| role.name.clone());
        Some(GroupDump {
            id: id.to_string(),
            org: self.org_name(group.org)?,
            name: group.name.clone(),
            display_name: group.display_name.clone(),
            description: group.description.clone(),
            privileges: group.privileges.iter().map(|privilege| privilege.name().to_owned()).collect(),
            users: sorted(self.group_members.members_of(id).into_iter().filter_map(|id| self.user_name(id))),
            sub_groups: sorted(children),
            roles: sorted(roles),
            kind: group.kind,
            visibility: group.visibility,
        })
    }

    fn dump_roles(&self) -> Vec<RoleDump> {
        let mut roles: Vec<RoleDump> = self.roles.values().filter_map(|role| self.dump_role(role)).collect();
        roles.sort_by(|a, b| (&a.org, &a.name).cmp(&(&b.org, &b.name)));
        roles
    }

    fn dump_role(&self, role: &Role) -> Option<RoleDump> {
        Some(RoleDump {
            id: role.id.to_string(),
            org: self.org_name(role.org)?,
            name: role.name.clone(),
            description: role.description.clone(),
            privileges: role.privileges.iter().map(|privilege| privilege.name().to_owned()).collect(),
            read_only: role.read_only,
        })
    }

    fn org_name(&self, id: i32) -> Option<String> {
        self.orgs.get(&id).map(|org| org.name.clone())
    }

    fn user_name(&self, id: Uuid) -> Option<String> {
        self.users.get(&id).map(|user| user.name.clone())
    }

    fn group_path(&self, id: Uuid) -> Option<String> {
        let group = self.groups.get(&id)?;
        Some(format!("{}/{}", self.org_name(group.org)?, group.name))
    }
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}
