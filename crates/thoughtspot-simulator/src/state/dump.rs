//! Everything there is, as plain data for tests and for people. No password, no key.

use super::World;
use super::content::dump::ContentDump;
use super::kinds::AccountStatus;
use serde::Serialize;
use uuid::Uuid;

/// All Orgs, users, groups and content.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dump {
    /// By id; Primary first.
    pub orgs: Vec<OrgDump>,
    /// By name; the built-in ones too.
    pub users: Vec<UserDump>,
    /// By Org and name; the built-in ones too.
    pub groups: Vec<GroupDump>,
    /// By Org, kind and name.
    pub content: Vec<ContentDump>,
}

/// An Org.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OrgDump {
    /// Its id; 0 is Primary.
    pub id: i32,
    /// Its name.
    pub name: String,
    /// Its description, if it has one.
    pub description: Option<String>,
    /// Names of its members.
    pub users: Vec<String>,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UserDump {
    /// Its GUID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How it is shown.
    pub display_name: String,
    /// Its e-mail address, if it has one.
    pub email: Option<String>,
    /// Whether it can sign in.
    pub account_status: AccountStatus,
    /// Names of its Orgs.
    pub orgs: Vec<String>,
    /// Its own groups as `Org/group`, All included.
    pub groups: Vec<String>,
    /// Whether it can sign in with a password.
    pub has_password: bool,
    /// Free properties.
    pub extended_properties: serde_json::Value,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupDump {
    /// Its GUID.
    pub id: String,
    /// Name of its Org.
    pub org: String,
    /// Its name.
    pub name: String,
    /// How it is shown.
    pub display_name: String,
    /// Its description, if it has one.
    pub description: Option<String>,
    /// Its privileges, by name.
    pub privileges: Vec<String>,
    /// Names of its own users.
    pub users: Vec<String>,
    /// Names of the groups directly inside it.
    pub sub_groups: Vec<String>,
    /// `SHARABLE` or `NON_SHARABLE`.
    pub visibility: super::kinds::Visibility,
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
        Dump { orgs: self.orgs.keys().filter_map(|id| self.dump_org(*id)).collect(), users, groups, content: self.dump_content() }
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
            account_status: user.account_status,
            orgs: sorted(orgs),
            groups: sorted(groups),
            has_password: user.password.is_some(),
            extended_properties: user.extended_properties.clone().into(),
        })
    }

    fn dump_group(&self, id: Uuid) -> Option<GroupDump> {
        let group = self.groups.get(&id)?;
        let children = self.sub_groups.members_of(id).into_iter();
        let children = children.filter_map(|id| self.groups.get(&id)).map(|child| child.name.clone());
        Some(GroupDump {
            id: id.to_string(),
            org: self.org_name(group.org)?,
            name: group.name.clone(),
            display_name: group.display_name.clone(),
            description: group.description.clone(),
            privileges: group.privileges.iter().map(|privilege| privilege.name().to_owned()).collect(),
            users: sorted(self.group_members.members_of(id).into_iter().filter_map(|id| self.user_name(id))),
            sub_groups: sorted(children),
            visibility: group.visibility,
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
