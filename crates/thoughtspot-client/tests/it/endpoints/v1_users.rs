//! Users and their accounts, in v1.

use std::collections::BTreeSet;

use serde_json::json;
use thoughtspot_client::domain::{ListChange, Lookup, OrgId, Visibility};
use thoughtspot_client::nonempty::NonEmpty;
use thoughtspot_client::port::ThoughtSpot;
use thoughtspot_client::secret::Secret;
use thoughtspot_client::v1::{CreateUser, Handover, Preferences};

use super::{Table, call};
use crate::{PASSWORD, new_group, new_org, new_user};

#[tokio::test]
async fn every_call_about_users_is_understood() {
    calls().await;
}

fn ana() -> CreateUser {
    CreateUser {
        name: "ana".to_owned(),
        password: Secret::new("CANARY-first-password"),
        display_name: "Ana Diaz".to_owned(),
        email: Some("ana@example.com".to_owned()),
        groups: BTreeSet::new(),
        account_type: Some("LOCAL_USER".to_owned()),
        visibility: Some(Visibility::NonSharable),
        orgs: None,
    }
}

/// The token of an activation link.
fn token(link: &Secret) -> Secret {
    Secret::new(link.expose().split("token=").nth(1).unwrap())
}

pub(crate) async fn calls() -> Table {
    const P: OrgId = OrgId::PRIMARY;
    let mut table = Table::new(module_path!()).await;
    let far = table.bench.v1();
    let acme = new_org(&far, "acme").await.id;
    let [one, two] = [new_group(&far, acme, "one").await.id, new_group(&far, acme, "two").await.id];
    let users = far.users(acme);
    let made = call!(table, users, create(&ana())).user;
    assert_eq!((made.orgs.clone(), made.visibility), ([acme].into(), Visibility::NonSharable));
    let id = made.id.clone();
    assert_eq!(call!(table, users, get(&Lookup::Id(&id))).user, made);
    assert_eq!(users.get(&Lookup::Name("ana")).await.unwrap().user, made);
    assert_eq!(call!(table, users, list()).len(), 1);

    let mut content = call!(table, users, content(&id));
    content.set_display_name("Ana D.");
    content.set(&["userContent", "userProperties", "team"], json!("blue"));
    call!(table, users, update(&id, &content, Some(&Secret::new("CANARY-second-password"))));
    call!(table, users, set_email(&id, "ana@example.org"));
    let likes = Preferences { notify_on_share: Some(false), ..Preferences::default() };
    call!(table, users, set_preferences(&id, &likes));
    let content = users.content(&id).await.unwrap();
    assert_eq!(content.get(&["displayName"]), Some(&json!("Ana D.")));
    let properties = content.get(&["userContent", "userProperties"]).unwrap();
    assert_eq!((&properties["mail"], &properties["team"]), (&json!("ana@example.org"), &json!("blue")));
    assert_eq!(content.get(&["userContent", "userPreferences", "notifyOnShare"]), Some(&json!(false)));

    let groups = |ids: &[&String]| NonEmpty::collect(ids.iter().map(|id| (*id).clone())).unwrap();
    call!(table, users, change_groups(&id, &groups(&[&one]), ListChange::Add));
    call!(table, users, replace_groups(&id, &groups(&[&one, &two])));
    call!(table, users, change_groups(&id, &groups(&[&one]), ListChange::Remove));
    let now: BTreeSet<String> = call!(table, users, groups(&id)).into_iter().map(|group| group.name).collect();
    assert_eq!(now, ["All".to_owned(), "two".to_owned()].into());

    call!(table, far.users(P), add_to_org(&NonEmpty::one(id.clone()), P));
    assert_eq!(far.find_user(P, Lookup::Id(&id)).await.unwrap().unwrap().orgs, [P, acme].into());
    call!(table, far.users(P), remove_from_org(&id, P));
    assert!(call!(table, users, principals()).iter().any(|principal| principal.name == "ana"));

    let (second, third) = (Secret::new("CANARY-second-password"), Secret::new("CANARY-third-password"));
    call!(table, users, change_password("ana", &second, &third));
    new_user(&far, acme, "bo").await;
    call!(table, users, transfer_ownership("ana", "bo", &Handover::Everything));
    call!(table, users, end_sessions(&NonEmpty::one(id.clone())));
    let opens = token(&call!(table, users, deactivate("ana", "https://ts.example.com")));
    call!(table, users, reset_password(&id, &opens, &Secret::new("CANARY-fourth-password")));
    let opens = token(&users.deactivate("ana", "https://ts.example.com").await.unwrap());
    call!(table, users, activate(&id, &opens, &Secret::new(PASSWORD), Some("ana@example.com")));
    assert_eq!(far.find_user(acme, Lookup::Id(&id)).await.unwrap().unwrap().account_status, "ACTIVE");
    assert_eq!(table.bench.sim.counters().everybody_logged_out, 0);
    call!(table, far.users(P), delete_everywhere(&id));
    assert_eq!(far.find_user(P, Lookup::Id(&id)).await.unwrap(), None);
    table
}
