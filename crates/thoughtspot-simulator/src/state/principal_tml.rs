//! Users, groups and roles as text.
//!
//! The published description says that they can be exported and not how the texts look: what is in them here is an assumption
//! (docs/thoughtspot-api-content.md, "Content as text").

use super::content::tml_export::{Exported, Format};
use super::group::Group;
use super::privilege::Privilege;
use super::refusal::Refusal;
use super::role::{Role, require_rbac};
use super::user::User;
use super::{Actor, World};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Which principals are exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum PrincipalType {
    User,
    UserGroup,
    /// With role-based access control only.
    Role,
}

impl PrincipalType {
    /// The word below which a principal stands.
    fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::UserGroup => "user_group",
            Self::Role => "role",
        }
    }
}

impl World {
    /// Writes every principal of this kind that the actor sees, ordered by name.
    pub(crate) fn export_principals(
        &self,
        actor: &Actor<'_>,
        kind: PrincipalType,
        format: Format,
    ) -> Result<Vec<Exported>, Refusal> {
        self.require_export_of_principals(actor)?;
        let mut named: Vec<(&str, Uuid, Value)> = match kind {
            PrincipalType::User => {
                self.visible_users(actor).map(|user| (&*user.name, user.id, self.user_text(actor, user))).collect()
            }
            PrincipalType::UserGroup => {
                self.visible_groups(actor).map(|group| (&*group.name, group.id, self.group_text(group))).collect()
            }
            PrincipalType::Role => {
                require_rbac(actor.settings)?;
                self.visible_roles(actor).map(|role| (&*role.name, role.id, role_text(role))).collect()
            }
        };
        named.sort_by_key(|(name, id, _)| (*name, *id));
        let word = kind.word();
        let written = named.into_iter().map(|(name, id, body)| {
            let text = Some(format.write(&json!({"guid": id.to_string(), word: body}))?);
            Ok(Exported { id, name: name.to_owned(), word, text })
        });
        written.collect()
    }

    fn require_export_of_principals(&self, actor: &Actor<'_>) -> Result<(), Refusal> {
        let own = self.effective_privileges(actor.user, actor.org);
        let needed = [Privilege::DATAMANAGEMENT, Privilege::USERMANAGEMENT];
        if own.contains(&Privilege::ADMINISTRATION) || needed.iter().all(|privilege| own.contains(privilege)) {
            return Ok(());
        }
        Err(Refusal::forbidden("Access denied: this needs the DATAMANAGEMENT and USERMANAGEMENT privileges"))
    }

    fn user_text(&self, actor: &Actor<'_>, user: &User) -> Value {
        let orgs: BTreeSet<i32> = self.org_members.wholes_of(user.id);
        let orgs = orgs.iter().filter(|org| self.sees_all_orgs(actor) || **org == actor.org);
        json!({
            "name": user.name,
            "display_name": user.display_name,
            "email": user.email,
            "account_type": user.account_type,
            "account_status": user.account_status,
            "visibility": user.visibility,
            "orgs": orgs.filter_map(|org| self.orgs.get(org)).map(|org| org.name.as_str()).collect::<Vec<_>>(),
            "groups": self.group_names(self.groups_in(user.id, actor.org)),
        })
    }

    fn group_text(&self, group: &Group) -> Value {
        let roles = self.group_roles.members_of(group.id);
        json!({
            "name": group.name,
            "display_name": group.display_name,
            "description": group.description,
            "type": group.kind,
            "visibility": group.visibility,
            "privileges": words(&group.privileges),
            "roles": roles.iter().filter_map(|id| self.roles.get(id)).map(|role| role.name.as_str()).collect::<BTreeSet<_>>(),
            "sub_groups": self.group_names(self.sub_groups.members_of(group.id)),
        })
    }

    fn group_names(&self, ids: BTreeSet<Uuid>) -> BTreeSet<&str> {
        ids.iter().filter_map(|id| self.groups.get(id)).map(|group| group.name.as_str()).collect()
    }
}

fn role_text(role: &Role) -> Value {
    json!({"name": role.name, "description": role.description, "privileges": words(&role.privileges)})
}

fn words(privileges: &BTreeSet<Privilege>) -> Vec<&'static str> {
    privileges.iter().map(|privilege| privilege.name()).collect()
}
