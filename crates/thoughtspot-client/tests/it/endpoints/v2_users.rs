//! Users and their accounts, in v2.

use serde_json::{Map, Value};
use thoughtspot_client::domain::{Lookup, OrgId};
use thoughtspot_client::nonempty::NonEmpty;
use thoughtspot_client::port::ThoughtSpot;
use thoughtspot_client::secret::Secret;
use thoughtspot_client::v2::V2;
use thoughtspot_client::v2::change::Change;
use thoughtspot_client::v2::users::{ActivateUser, CreateUser, SearchUsers, UpdateUser, UserList};
use thoughtspot_client::v2::words::{AccountStatus, AccountType, Visibility};

use super::{Table, call};
use crate::{new_group, new_org};

#[tokio::test]
async fn every_call_about_users_is_understood() {
    calls().await;
}

fn one(text: &str) -> Option<NonEmpty<String>> {
    Some(NonEmpty::one(text.to_owned()))
}

fn properties() -> Option<Map<String, Value>> {
    Some(Map::from_iter([("team".to_owned(), "blue".into())]))
}

/// With every field that may be there.
fn ana(org: OrgId) -> CreateUser {
    CreateUser {
        name: "ana".to_owned(),
        display_name: "Ana Diaz".to_owned(),
        email: "ana@example.com".to_owned(),
        password: Some(Secret::new("CANARY-first-password")),
        account_type: Some(AccountType::LocalUser),
        account_status: Some(AccountStatus::Active),
        org_identifiers: Some(NonEmpty::one(org)),
        group_identifiers: vec!["analysts".to_owned()],
        visibility: Some(Visibility::NonSharable),
        notify_on_share: Some(false),
        show_onboarding_experience: Some(false),
        onboarding_experience_completed: Some(true),
        home_liveboard_identifier: None,
        favorite_metadata: Vec::new(),
        preferred_locale: Some("en-GB".to_owned()),
        use_browser_language: Some(false),
        extended_properties: properties(),
        extended_preferences: properties(),
        trigger_welcome_email: false,
        trigger_activation_email: false,
    }
}

/// Every filter that finds her.
fn ana_and_nobody_else(org: OrgId) -> SearchUsers {
    SearchUsers {
        user_identifier: Some("ana".to_owned()),
        display_name: Some("Ana Diaz".to_owned()),
        name_pattern: Some("an%".to_owned()),
        email: Some("ana@example.com".to_owned()),
        visibility: Some(Visibility::NonSharable),
        group_identifiers: one("analysts"),
        account_type: Some(AccountType::LocalUser),
        account_status: Some(AccountStatus::Active),
        notify_on_share: Some(false),
        show_onboarding_experience: Some(false),
        onboarding_experience_completed: Some(true),
        org_identifiers: Some(NonEmpty::one(org)),
        include_favorite_metadata: Some(true),
        include_variable_values: Some(true),
        ..SearchUsers::default()
    }
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    let far = table.bench.client();
    let org = new_org(&far, "acme").await.id;
    new_group(&far, org, "analysts").await;
    let made = call!(table, far.users(org), create(&ana(org)));
    assert_eq!((made.preferred_locale.as_deref(), &made.extended_properties), (Some("en-GB"), &properties().unwrap()));

    let found = call!(table, far.users(org), search(&ana_and_nobody_else(org)));
    assert_eq!(found.iter().map(|user| user.id.as_str()).collect::<Vec<_>>(), [made.id.as_str()]);

    let list = Some(UserList::Groups(Change::Clear));
    let patch = UpdateUser { display_name: Some("Ann".to_owned()), list, ..UpdateUser::default() };
    call!(table, far.users(org), update(&made.id, &patch));
    let now = far.find_user(org, Lookup::Id(&made.id)).await.unwrap().unwrap();
    assert_eq!((now.display_name.as_str(), now.groups.len()), ("Ann", 1), "in All, and in nothing else");

    account(&mut table, &far, org, &made.id).await;
    call!(table, far.users(org), delete(&made.id));
    assert_eq!(far.find_user(OrgId::PRIMARY, Lookup::Id(&made.id)).await.unwrap(), None);
    table
}

async fn account(table: &mut Table, far: &V2, org: OrgId, id: &str) {
    let [first, second, third] = ["first", "second", "third"].map(|n| Secret::new(format!("CANARY-{n}-password")));
    call!(table, far.users(org), change_password(id, &first, &second));
    call!(table, far.users(org), reset_password(id, &third));
    call!(table, far.users(org), force_logout(&NonEmpty::one(id.to_owned())));
    let link = call!(table, far.users(org), deactivate(id, "https://ts.example.com")).activation_link;
    let token = link.expose().rsplit_once("token=").unwrap().1;
    let user_identifier = id.to_owned();
    let back = ActivateUser { user_identifier, auth_token: Secret::new(token), password: first, properties: None };
    let user = call!(table, far.users(org), activate(&back));
    assert_eq!(user.account_status, Some(AccountStatus::Active));
}
