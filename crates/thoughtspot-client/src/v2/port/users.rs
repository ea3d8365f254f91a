//! Users of the port.

use std::collections::BTreeSet;

use crate::budget::Lane;
use crate::decode::refused_here;
use crate::domain::{self, Guid, ListChange, Lookup, NewUser, OrgId, Preferences, Provenance, UserPatch, fold_user_name};
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::port::{Page, PageOf};
use crate::rows::Kept;
use crate::v2::refs::{ids, org_ids};
use crate::v2::search::{LOOKUP_PAGE, Row, Search, Source};
use crate::v2::users::{CreateUser, SearchUsers, UpdateUser, User, UserList, Users};
use crate::v2::words::{AccountStatus, AccountType};

impl From<User> for Row<domain::User> {
    fn from(row: User) -> Row<domain::User> {
        let orgs = org_ids(row.orgs.as_deref());
        let preferences = Preferences {
            // `null` is: none was chosen, and: the browser does not choose.
            locale: Some(row.preferred_locale.unwrap_or_default()),
            use_browser_language: Some(row.use_browser_language.unwrap_or_default()),
            notify_on_share: row.notify_on_share,
            show_onboarding: row.show_onboarding_experience,
        };
        let value = domain::User {
            id: row.id,
            name: row.name,
            display_name: row.display_name,
            email: row.email,
            account_type: row.account_type.map(String::from).unwrap_or_default(),
            account_status: row.account_status.map(String::from).unwrap_or_default(),
            visibility: super::visibility(row.visibility.as_ref()),
            preferences,
            modified_by: row.modifier_id,
            orgs: orgs.clone().unwrap_or_default(),
            groups: ids(&row.user_groups),
            privileges: row.privileges,
            protected: row.system_user || row.super_user,
            provenance: Provenance { author: row.author_id, created: row.creation_time_in_millis },
        };
        Row { value, orgs }
    }
}

struct OnePage<'a> {
    users: Users<'a>,
    filters: SearchUsers,
}

impl Source for OnePage<'_> {
    type Item = domain::User;

    async fn rows(&self, only: Option<OrgId>, lane: Lane) -> Result<Kept<Row<domain::User>>> {
        let filters = SearchUsers { org_identifiers: only.map(NonEmpty::one), ..self.filters.clone() };
        self.users.search_for(lane, &filters, Row::from).await
    }
}

pub(super) async fn page(users: Users<'_>, org: OrgId, page: Page) -> Result<PageOf<domain::User>> {
    list(users, org, page, SearchUsers::default(), Lane::Background).await
}

pub(super) async fn members_page(users: Users<'_>, org: OrgId, group: &str, of: Page) -> Result<PageOf<domain::User>> {
    let filters = SearchUsers { group_identifiers: Some(NonEmpty::one(group.to_owned())), ..SearchUsers::default() };
    list(users, org, of, filters, Lane::Urgent).await
}

async fn list(users: Users<'_>, org: OrgId, page: Page, filters: SearchUsers, lane: Lane) -> Result<PageOf<domain::User>> {
    let source = OnePage { users, filters: SearchUsers { paging: page.into(), ..filters } };
    Search { source, scope: format!("users of Org {org}"), only: Some(org), size: page.size }.page(lane).await
}

pub(super) async fn find(users: Users<'_>, org: OrgId, which: Lookup<'_, str>) -> Result<Option<domain::User>> {
    // From Primary the user is looked for in the whole cluster.
    let only = (org != OrgId::PRIMARY).then_some(org);
    let scope = only.map_or("users of the cluster".to_owned(), |org| format!("users of Org {org}"));
    let (Lookup::Id(identifier) | Lookup::Name(identifier)) = which;
    let matches = |user: &domain::User| match which {
        Lookup::Id(id) => user.id == id,
        Lookup::Name(name) => fold_user_name(&user.name) == fold_user_name(name),
    };
    let user_identifier = Some(identifier.to_owned());
    let filters = SearchUsers { user_identifier, paging: LOOKUP_PAGE.into(), ..SearchUsers::default() };
    let source = OnePage { users, filters };
    Search { source, scope, only, size: LOOKUP_PAGE.size }.one(matches).await
}

pub(super) async fn create(users: Users<'_>, org: OrgId, new: &NewUser) -> Result<domain::User> {
    let NewUser { name, display_name, email, account_type, visibility, preferences, password, activation_mail, groups } =
        new.clone();
    let Preferences { locale, use_browser_language, notify_on_share, show_onboarding } = preferences;
    let request = CreateUser {
        name,
        display_name,
        email,
        password,
        account_type: account_type.map(AccountType::from),
        visibility: visibility.map(Into::into),
        preferred_locale: locale,
        use_browser_language,
        notify_on_share,
        show_onboarding_experience: show_onboarding,
        org_identifiers: Some(NonEmpty::one(org)),
        group_identifiers: groups.into_iter().collect(),
        trigger_activation_email: activation_mail,
        ..CreateUser::default()
    };
    users.create(&request).await.map(|user| Row::from(user).value)
}

pub(super) async fn update(users: Users<'_>, id: &str, patch: &UserPatch) -> Result<()> {
    let UserPatch { name, display_name, email, visibility, preferences, access } = patch.clone();
    let Preferences { locale, use_browser_language, notify_on_share, show_onboarding } = preferences;
    let patch = UpdateUser {
        name,
        display_name,
        email,
        account_status: access.map(|access| AccountStatus::from(access.as_status().to_owned())),
        visibility: visibility.map(Into::into),
        preferred_locale: locale,
        use_browser_language,
        notify_on_share,
        show_onboarding_experience: show_onboarding,
        ..UpdateUser::default()
    };
    users.update(id, &patch).await
}

pub(super) async fn change_groups(users: Users<'_>, id: &str, groups: &BTreeSet<Guid>, change: ListChange) -> Result<()> {
    let groups = NonEmpty::collect(groups.iter().cloned()).ok_or_else(|| refused_here("users/update", "no group is named"))?;
    let list = Some(UserList::Groups(super::change(change, groups)));
    users.update(id, &UpdateUser { list, ..UpdateUser::default() }).await
}
