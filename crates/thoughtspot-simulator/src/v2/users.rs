//! `users/*`.

use super::content::{self, MetadataRef};
use super::post;
use super::search::{self, Page, SortKeys};
use super::user_row;
use super::wire::{Identifier, texts};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::kinds::{AccountStatus, AccountType, Locale, Visibility};
use crate::state::links::Operation;
use crate::state::privilege::PrivilegeFilter;
use crate::state::refusal::Refusal;
use crate::state::user::{User, UserChange};
use crate::state::{Actor, World};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(crate) static ROUTES: &[Route] = &[
    post("/users/search", Kind::Read, signed!(find)),
    post("/users/create", Kind::Write, signed!(create)),
    post("/users/{user_identifier}/update", Kind::Write, signed!(update)),
    post("/users/{user_identifier}/delete", Kind::Write, signed!(delete)),
];

#[derive(Deserialize)]
struct Search {
    user_identifier: Option<Identifier>,
    display_name: Option<String>,
    name_pattern: Option<String>,
    email: Option<String>,
    visibility: Option<Visibility>,
    group_identifiers: Option<Vec<Identifier>>,
    privileges: Option<Vec<PrivilegeFilter>>,
    account_type: Option<AccountType>,
    account_status: Option<AccountStatus>,
    notify_on_share: Option<bool>,
    show_onboarding_experience: Option<bool>,
    onboarding_experience_completed: Option<bool>,
    org_identifiers: Option<Vec<Identifier>>,
    home_liveboard_identifier: Option<Identifier>,
    favorite_metadata: Option<Vec<MetadataRef>>,
    role_identifiers: Option<Vec<Identifier>>,
    #[serde(default)]
    include_favorite_metadata: bool,
    #[serde(default)]
    include_variable_values: bool,
}

fn find(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let actor = context.actor(session);
    let (filter, page): (Search, Page) = context.call.json_in_two(context.settings)?;
    let world = &*context.world;
    let named = Named::by(&filter, world, &actor);
    let wanted = |user: &&User| named.holds(world, user.id) && filter.wants(world, &actor, user);
    // Whoever is named is not looked for among all, of whom there may be many thousands.
    let found: Vec<SortKeys<'_>> = match &named.users {
        Some(ids) => ids.iter().filter_map(|id| world.users.get(id)).filter(wanted).map(sort_keys).collect(),
        None => world.visible_users(&actor).filter(wanted).map(sort_keys).collect(),
    };
    if let Some(Identifier(identifier)) = filter.user_identifier.as_ref().filter(|_| found.is_empty())
        && context.settings.search_miss != 200
    {
        return Err(Refusal::unknown_principal(identifier));
    }
    let page = page.of(found, context.settings, context.page_shift)?;
    search::check_poison(context.settings, &page, filter.org_identifiers.as_ref())?;
    Ok(Answer::Json(page.into_iter().filter_map(|id| filter.row(world, &actor, id)).collect()))
}

/// The objects a search names, looked up once. `None` is no filter; an empty set matches nobody.
struct Named {
    users: Option<BTreeSet<Uuid>>,
    orgs: Option<BTreeSet<i32>>,
    groups: Option<BTreeSet<Uuid>>,
    /// The groups that have one of the roles.
    with_role: Option<BTreeSet<Uuid>>,
    homes: Option<BTreeSet<Uuid>>,
    favorites: Option<BTreeSet<Uuid>>,
}

impl Named {
    fn by(filter: &Search, world: &World, actor: &Actor<'_>) -> Self {
        let user = |Identifier(identifier): &Identifier| world.find_user(actor, identifier).map(|user| user.id);
        let groups = |wanted: &Vec<Identifier>| {
            let visible = world.visible_groups(actor);
            visible
                .filter(|group| wanted.iter().any(|wanted| wanted.names(group.id, &group.name)))
                .map(|group| group.id)
                .collect()
        };
        Self {
            users: filter.user_identifier.as_ref().map(|identifier| user(identifier).into_iter().collect()),
            orgs: filter.org_identifiers.as_ref().map(|wanted| search::orgs(world, wanted)),
            groups: filter.group_identifiers.as_ref().map(groups),
            with_role: filter.role_identifiers.as_ref().map(|wanted| {
                let roles = search::roles(world, actor, wanted);
                roles.into_iter().flat_map(|role| world.group_roles.wholes_of(role)).collect()
            }),
            homes: filter
                .home_liveboard_identifier
                .as_ref()
                .map(|home| content::liveboards(world, actor, std::slice::from_ref(home))),
            favorites: filter.favorite_metadata.as_ref().map(|wanted| content::existing(world, actor, wanted)),
        }
    }

    fn holds(&self, world: &World, user: Uuid) -> bool {
        self.users.as_ref().is_none_or(|users| users.contains(&user))
            && self.orgs.as_ref().is_none_or(|orgs| orgs.iter().any(|org| world.org_members.holds(user, *org)))
            && self.groups.as_ref().is_none_or(|groups| groups.iter().any(|group| world.group_members.holds(user, *group)))
            && self.with_role.as_ref().is_none_or(|groups| groups.iter().any(|group| world.group_members.holds(user, *group)))
            && self.homes.as_ref().is_none_or(|homes| world.library.homes.get(&user).is_some_and(|home| homes.contains(home)))
            && self.favorites.as_ref().is_none_or(|wanted| wanted.iter().any(|id| world.library.favorites.holds(*id, user)))
    }
}

impl Search {
    /// The row of this user, with what is shown only to those who ask for it.
    fn row(&self, world: &World, actor: &Actor<'_>, id: Uuid) -> Option<Value> {
        let mut row = user_row::render(world, actor, id)?;
        if self.include_variable_values {
            row["variable_values"] = world.users.get(&id)?.variable_values.clone().into();
        }
        if self.include_favorite_metadata {
            row["favorite_metadata"] = user_row::favorites(world, actor, id);
        }
        Some(row)
    }

    fn wants(&self, world: &World, actor: &Actor<'_>, user: &User) -> bool {
        self.wants_scalars(user) && self.wants_privileges(world, actor, user)
    }

    fn wants_scalars(&self, user: &User) -> bool {
        self.display_name.as_ref().is_none_or(|name| *name == user.display_name)
            && self.name_pattern.as_ref().is_none_or(|pattern| search::like(pattern, &user.name))
            && self.email.as_ref().is_none_or(|email| user.email.as_ref() == Some(email))
            && self.visibility.is_none_or(|visibility| user.visibility == visibility)
            && self.account_type.is_none_or(|kind| user.account_type == kind)
            && self.account_status.is_none_or(|status| user.account_status == status)
            && self.notify_on_share.is_none_or(|notify| user.notify_on_share == notify)
            && self.show_onboarding_experience.is_none_or(|show| user.show_onboarding_experience == show)
            && self.onboarding_experience_completed.is_none_or(|done| user.onboarding_experience_completed == done)
    }

    fn wants_privileges(&self, world: &World, actor: &Actor<'_>, user: &User) -> bool {
        let Some(wanted) = &self.privileges else { return true };
        let own = world.effective_privileges(user.id, actor.org);
        own.iter().any(|privilege| wanted.iter().any(|wanted| wanted.0 == privilege.name()))
    }
}

fn sort_keys(user: &User) -> SortKeys<'_> {
    SortKeys {
        id: user.id,
        name: &user.name,
        display_name: &user.display_name,
        author: user.author,
        created: user.created,
        modified: user.modified,
    }
}

#[derive(Deserialize)]
struct Create {
    name: String,
    display_name: String,
    email: String,
    password: Option<String>,
    #[serde(default)]
    trigger_welcome_email: bool,
    trigger_activation_email: Option<bool>,
}

#[derive(Deserialize)]
struct Update {
    name: Option<String>,
    display_name: Option<String>,
    email: Option<String>,
    operation: Option<Operation>,
}

/// What create and update have in common.
#[derive(Deserialize)]
pub(super) struct Fields {
    account_type: Option<AccountType>,
    account_status: Option<AccountStatus>,
    org_identifiers: Option<Vec<Identifier>>,
    group_identifiers: Option<Vec<Identifier>>,
    visibility: Option<Visibility>,
    notify_on_share: Option<bool>,
    show_onboarding_experience: Option<bool>,
    onboarding_experience_completed: Option<bool>,
    home_liveboard_identifier: Option<Identifier>,
    favorite_metadata: Option<Vec<MetadataRef>>,
    preferred_locale: Option<Locale>,
    use_browser_language: Option<bool>,
    extended_properties: Option<Map<String, Value>>,
    extended_preferences: Option<Map<String, Value>>,
}

impl Fields {
    /// The change these ask for.
    pub(super) fn into_change(self) -> Result<UserChange, Refusal> {
        Ok(UserChange {
            name: None,
            display_name: None,
            email: None,
            account_type: self.account_type,
            account_status: self.account_status,
            visibility: self.visibility,
            notify_on_share: self.notify_on_share,
            show_onboarding_experience: self.show_onboarding_experience,
            onboarding_experience_completed: self.onboarding_experience_completed,
            preferred_locale: self.preferred_locale,
            use_browser_language: self.use_browser_language,
            extended_properties: self.extended_properties,
            extended_preferences: self.extended_preferences,
            orgs: texts(self.org_identifiers),
            groups: texts(self.group_identifiers),
            home_liveboard: self.home_liveboard_identifier.map(|home| home.0),
            favorites: self.favorite_metadata.map(|favorites| content::named(&favorites)).transpose()?,
            operation: None,
        })
    }
}

fn create(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let actor = context.actor(session);
    let (request, fields): (Create, Fields) = context.call.json_in_two(context.settings)?;
    let password = request.password.filter(|password| !password.is_empty());
    let activation = context.settings.activation_mail && password.is_none() && request.trigger_activation_email != Some(false);
    let change = UserChange { display_name: Some(request.display_name), email: Some(request.email), ..fields.into_change()? };
    let id = context.world.create_user(&actor, &request.name, password, change)?;
    context.world.mails += u64::from(activation) + u64::from(request.trigger_welcome_email);
    Ok(Answer::Json(user_row::render(context.world, &actor, id).unwrap_or_default()))
}

fn update(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let target = context.call.target()?;
    let (request, fields): (Update, Fields) = context.call.json_in_two(context.settings)?;
    let Update { name, display_name, email, operation } = request;
    let change = UserChange { name, display_name, email, operation, ..fields.into_change()? };
    context.world.update_user(&context.actor(session), target, change)?;
    Ok(Answer::NoContent)
}

fn delete(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let target = context.call.target()?;
    context.world.delete_user(&context.actor(session), target)?;
    Ok(Answer::NoContent)
}
