//! What takes several calls: the changes of users and groups that the port offers, and what an Org holds.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::accounts::Preferences;
use super::content::Content;
use super::groups::Groups;
use super::members::Whole;
use super::objects::Batch;
use super::objects::headers::{ListHeaders, Metadata};
use super::sessions::Sessions;
use super::users::{CreateUser, REMOVE, Users};
use crate::decode::refused_here;
use crate::domain::{ContentKind, GroupPatch, ListChange, Lookup, NewUser, OrgId, User, UserPatch};
use crate::error::{Error, Result};
use crate::nonempty::NonEmpty;
use crate::port::CONTENT_COUNTED;
use crate::secret::Secret;
use crate::wire::Failure;

/// Objects of each kind in the Org of the session.
pub(super) async fn count_content(metadata: Metadata<'_>) -> Result<BTreeMap<ContentKind, usize>> {
    let mut counts = BTreeMap::new();
    for kind in ContentKind::ALL {
        let batch = Batch::Some { offset: 0, size: CONTENT_COUNTED };
        let found = metadata.list(&ListHeaders { batch, ..ListHeaders::every(kind.into()) }).await?.len();
        if found > 0 {
            counts.insert(kind, found);
        }
    }
    Ok(counts)
}

/// Adds to an Org, or takes out of it; never out of the last one, which would delete the user.
pub(super) async fn change_org_members(users: &Users<'_>, org: OrgId, user: &str, change: ListChange) -> Result<()> {
    match change {
        ListChange::Add => users.add_to_org(&NonEmpty::one(user.to_owned()), org).await,
        ListChange::Remove => take_out(users, org, user).await,
    }
}

/// What was seen before a 401 may be out of date after it: then it is looked again, once.
async fn take_out(users: &Users<'_>, org: OrgId, user: &str) -> Result<()> {
    if !may_leave(users, org, user).await? {
        return Ok(());
    }
    match users.leave_org(user, org).await {
        Err(Failure::Unauthorized { .. }) if !may_leave(users, org, user).await? => Ok(()),
        Err(Failure::Unauthorized { .. }) => users.leave_org(user, org).await.map_err(|failure| failed(users, failure)),
        outcome => outcome.map_err(|failure| failed(users, failure)),
    }
}

fn failed(users: &Users<'_>, failure: Failure) -> Error {
    failure.into_error(REMOVE, users.0.session.username())
}

/// Whether the user is in the Org; refused unless another Org in use is left to him, since the server deletes one who has none.
async fn may_leave(users: &Users<'_>, org: OrgId, user: &str) -> Result<bool> {
    let refused = |why| Err(refused_here(REMOVE, why));
    let Some(found) = users.find(&Lookup::Id(user)).await? else { return refused("there is no such user") };
    if found.orgs.is_empty() {
        return refused("the server does not say in which Orgs the user is");
    }
    if !found.orgs.contains(&org) {
        return Ok(false);
    }
    let in_use = Sessions::new(users.0.session, users.0.org).orgs_of_user(user).await?.orgs;
    let stays = in_use.iter().map(|row| &row.org).any(|other| other.id != org && other.active && found.orgs.contains(&other.id));
    if stays { Ok(true) } else { refused("the user has no other Org in use and would be deleted") }
}

/// Creates a user in the Org of the session. Where no password is declared, the user gets one that nobody knows.
pub(super) async fn create_user(users: &Users<'_>, new: &NewUser) -> Result<User> {
    // Preferences are a call of their own: were it made here and refused, the user would exist after a refusal.
    let NewUser { name, display_name, email, account_type, visibility, preferences: _, password, activation_mail, groups } = new;
    if *activation_mail {
        return Err(refused_here("user/create", "no call of v1 mails a link with which a new user sets a password"));
    }
    let new = CreateUser {
        name: name.clone(),
        password: password.clone().map_or_else(unknown_password, Ok)?,
        display_name: display_name.clone(),
        email: Some(email.clone()),
        groups: groups.clone(),
        account_type: account_type.clone(),
        visibility: *visibility,
        orgs: Some(NonEmpty::one(users.0.org)),
    };
    Ok(users.create(&new).await?.user)
}

/// A password that meets usual rules and is forgotten at once.
fn unknown_password() -> Result<Secret> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).map_err(|e| Error::Unavailable(format!("no random password can be made: {e}")))?;
    Ok(Secret::new(format!("{}-aA1", URL_SAFE_NO_PAD.encode(bytes))))
}

/// Sends as little as v1 takes: the address and the preferences have calls of their own, and all else needs the whole object.
pub(super) async fn update_user(users: &Users<'_>, id: &str, patch: &UserPatch) -> Result<()> {
    let preferences = Preferences::try_from(&patch.preferences)?;
    rewrite_user(users, id, patch).await?;
    // After the whole object, which holds what they were when it was read.
    if preferences == Preferences::default() { Ok(()) } else { users.set_preferences(id, &preferences).await }
}

async fn rewrite_user(users: &Users<'_>, id: &str, patch: &UserPatch) -> Result<()> {
    let UserPatch { name, display_name, email, visibility, preferences: _, access } = patch;
    if name.is_none() && display_name.is_none() && visibility.is_none() && access.is_none() {
        return match email {
            Some(email) => users.set_email(id, email).await,
            None => Ok(()),
        };
    }
    let change = |content: &mut Content| {
        if let Some(name) = name {
            content.set_name(name);
        }
        if let Some(display_name) = display_name {
            content.set_display_name(display_name);
        }
        if let Some(email) = email {
            content.set_mail(email);
        }
        if let Some(visibility) = visibility {
            content.set_visibility(*visibility);
        }
        if let Some(access) = access {
            content.set_state(access.as_status());
        }
    };
    users.rewrite(id, None, change).await
}

/// Sets a password. v1 wants the user along with it.
pub(super) async fn set_password(users: &Users<'_>, id: &str, password: &Secret) -> Result<()> {
    users.rewrite(id, Some(password), |_| {}).await
}

/// Privileges go by the group's name, so they come before a new name; and they are in what an update sends back, so that is read
/// after them. What is nested gets the privileges, so it comes last.
pub(super) async fn update_group(groups: &Groups<'_>, id: &str, patch: &GroupPatch) -> Result<()> {
    if patch.default_liveboards.is_some() {
        return Err(refused_here("group/update", "no call of v1 sets the default Liveboards of a group"));
    }
    if let Some(privileges) = &patch.privileges {
        change_privileges(groups, id, privileges).await?;
    }
    rewrite_group(groups, id, patch).await?;
    match &patch.sub_groups {
        Some(nested) => groups.replace_sub_groups(id, &Whole::of(nested.iter().cloned())).await,
        None => Ok(()),
    }
}

/// What goes with the whole object.
async fn rewrite_group(groups: &Groups<'_>, id: &str, patch: &GroupPatch) -> Result<()> {
    let GroupPatch { name, display_name, description, visibility, roles, .. } = patch;
    if name.is_none() && display_name.is_none() && description.is_none() && visibility.is_none() && roles.is_none() {
        return Ok(());
    }
    let change = |content: &mut Content| {
        if let Some(name) = name {
            content.set_name(name);
        }
        if let Some(display_name) = display_name {
            content.set_display_name(display_name);
        }
        if let Some(description) = description {
            content.set_description(description);
        }
        if let Some(visibility) = visibility {
            content.set_visibility(*visibility);
        }
    };
    groups.rewrite(id, roles.as_ref(), change).await
}

/// A name may have come to mean another group since it was read, so each answer that shows which group was changed is checked.
async fn change_privileges(groups: &Groups<'_>, id: &str, wanted: &BTreeSet<String>) -> Result<()> {
    let record = groups.certain(&Lookup::Id(id)).await?;
    let names = NonEmpty::one(record.name);
    for privilege in wanted.difference(&record.privileges) {
        let changed = groups.add_privilege(privilege, &names).await?;
        if changed.is_some_and(|changed| changed.id != id) {
            let why = "another group has the name now, and was given the privilege".to_owned();
            return Err(Error::Unclear { what: "group/addprivilege".to_owned(), why });
        }
    }
    for privilege in record.privileges.difference(wanted) {
        groups.remove_privilege(privilege, &names).await?;
    }
    Ok(())
}
