//! What every ThoughtSpot starts with: Primary, the built-in users and groups, and one administrator to sign in as.

use super::audit::AuditLog;
use super::content::library::Library;
use super::group::Group;
use super::links::Links;
use super::password::Password;
use super::people::People;
use super::privilege::Privilege;
use super::role::{Role, SUPER_ADMIN};
use super::trusted::{KeyScope, TrustedAuth};
use super::user::{GUEST, TSADMIN, User};
use super::{Actor, PRIMARY, World};
use crate::settings::Settings;
use serde_json::Map;
use std::collections::{BTreeMap, BTreeSet};
use uuid::{Uuid, uuid};

pub(crate) const SYSTEM: Uuid = uuid!("67e15c06-d153-4924-a4cd-ff615393b60f");
pub(crate) const SU: Uuid = uuid!("0f0dd0f7-7411-4195-a4aa-0dc6b58413c9");
pub(crate) const ADMINISTRATOR_GROUP: Uuid = uuid!("d0326b56-ef23-4c8a-8327-a30e99bcc72b");
pub(crate) const ALL_GROUP: Uuid = uuid!("b25ee394-9d13-49e3-9385-cd97f5b253b4");
pub(crate) const SYSTEM_GROUP: Uuid = uuid!("179d8867-cf36-4a8d-a019-63a226fd3196");
const TSADMIN_NAME: &str = "tsadmin";

/// Who can sign in at the start.
#[derive(Clone)]
pub struct Credentials {
    /// Name of a cluster administrator. Another name than `tsadmin` makes one more user; tsadmin then has no password.
    pub admin_username: String,
    /// That administrator's password.
    pub admin_password: String,
    /// The instance's secret key.
    pub secret_key: String,
}

impl World {
    /// A new ThoughtSpot with nothing in it but what is built in.
    pub(crate) fn new(credentials: &Credentials, settings: &Settings, now: i64) -> Self {
        let mut trusted = TrustedAuth::default();
        trusted.set(KeyScope::Cluster, &credentials.secret_key);
        let mut world = Self {
            trusted,
            orgs: BTreeMap::new(),
            users: People::default(),
            groups: BTreeMap::new(),
            org_members: Links::default(),
            group_members: Links::default(),
            sub_groups: Links::default(),
            roles: BTreeMap::new(),
            group_roles: Links::default(),
            held_names: Vec::new(),
            used_org_ids: BTreeSet::new(),
            tags: BTreeMap::new(),
            library: Library::default(),
            configuration: Map::new(),
            security_settings: BTreeMap::new(),
            imports: Vec::new(),
            audit: AuditLog::default(),
            mails: 0,
        };
        let actor = Actor { user: TSADMIN, org: PRIMARY, now, settings };
        world.found_org(&actor, PRIMARY, "Primary", [ALL_GROUP, ADMINISTRATOR_GROUP]);
        let system_group = Group::new(&actor, SYSTEM_GROUP, "System", BTreeSet::new());
        world.groups.insert(SYSTEM_GROUP, Group { system: true, ..system_group });
        world.add_built_in_role(&actor);
        world.add_built_in_users(&actor);
        world.add_administrator(&actor, credentials);
        world
    }

    fn add_built_in_role(&mut self, actor: &Actor<'_>) {
        let id = Uuid::new_v4();
        let role = Role {
            id,
            org: PRIMARY,
            name: SUPER_ADMIN.to_owned(),
            description: None,
            privileges: BTreeSet::from([Privilege::ADMINISTRATION]),
            read_only: true,
            author: actor.user,
            modifier: actor.user,
            created: actor.now,
            modified: actor.now,
        };
        self.roles.insert(id, role);
        self.group_roles.join(id, ADMINISTRATOR_GROUP);
    }

    fn add_built_in_users(&mut self, actor: &Actor<'_>) {
        let users = [
            User::new(actor, TSADMIN, TSADMIN_NAME),
            User { system_user: true, ..User::new(actor, SYSTEM, "system") },
            User { system_user: true, super_user: true, ..User::new(actor, SU, "su") },
            User::new(actor, Uuid::new_v4(), GUEST),
        ];
        for user in users {
            let id = user.id;
            self.users.insert(id, user);
            self.join_org(id, PRIMARY);
        }
        self.group_members.join(TSADMIN, ADMINISTRATOR_GROUP);
        self.group_members.join(SU, ADMINISTRATOR_GROUP);
        self.group_members.join(SYSTEM, SYSTEM_GROUP);
    }

    fn add_administrator(&mut self, actor: &Actor<'_>, credentials: &Credentials) {
        let name = credentials.admin_username.as_str();
        let id = if name == TSADMIN_NAME { TSADMIN } else { Uuid::new_v4() };
        let user = self.users.get(&id).cloned().unwrap_or_else(|| User::new(actor, id, name));
        self.users.insert(id, User { password: Some(Password::any(&credentials.admin_password)), ..user });
        self.join_org(id, PRIMARY);
        self.group_members.join(id, ADMINISTRATOR_GROUP);
    }
}
