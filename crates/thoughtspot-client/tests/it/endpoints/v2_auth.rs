//! Tokens and trusted authentication, in v2.

use std::num::NonZeroU32;

use reqwest::header::COOKIE;
use serde_json::{Value, json};
use thoughtspot_client::domain::{Lookup, OrgId};
use thoughtspot_client::port::ThoughtSpot;
use thoughtspot_client::secret::Secret;
use thoughtspot_client::settings::Proof;
use thoughtspot_client::v2::auth::{
    AuthScope, ConfigureTrustedAuth, CustomToken, JustInTime, LogIn, Persist, Revoke, Scalar, TokenRequest, Values,
};
use thoughtspot_client::v2::change::Whole;
use thoughtspot_client::v2::words::{AccessType, AuthStatus};

use super::{Table, call};
use crate::{ADMIN, PASSWORD, SECRET_KEY, new_org, new_user};

#[tokio::test]
async fn every_call_about_tokens_is_understood() {
    calls().await;
}

fn by_key(username: &str, org: OrgId) -> TokenRequest {
    TokenRequest {
        username: username.to_owned(),
        proof: Proof::SecretKey(Secret::new(SECRET_KEY)),
        org,
        validity_time_in_sec: NonZeroU32::new(60),
        create: None,
    }
}

fn newcomer() -> JustInTime {
    let groups = Some(Whole::of(["newcomers".to_owned()]));
    JustInTime { email: "new@example.com".to_owned(), display_name: "New".to_owned(), groups }
}

fn custom(username: &str, org: OrgId) -> CustomToken {
    let TokenRequest { username, proof, org, validity_time_in_sec, create } = by_key(username, org);
    let values = |name: &str| vec![Values { name: name.to_owned(), values: vec![Scalar::Text("west".to_owned())] }];
    CustomToken {
        username,
        proof,
        org,
        validity_time_in_sec,
        persist: Persist::Replace,
        variable_values: values("region"),
        parameter_values: values("currency"),
        filter_rules: Vec::new(),
        tables: vec!["sales".to_owned()],
        create,
    }
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    let far = table.bench.client();
    let org = new_org(&far, "acme").await.id;
    let ana = new_user(&far, org, "ana").await;

    let made = TokenRequest { create: Some(newcomer()), ..by_key("newcomer", org) };
    let token = call!(table, far.auth(org), full_token(&made));
    let user = far.find_user(org, Lookup::Name("newcomer")).await.unwrap().unwrap();
    assert_eq!((token.valid_for_user_id, token.scope.org_id), (Some(user.id), Some(org)));
    let object = "0f0dd0f7-7411-4195-a4aa-0dc6b58413c9";
    let of_object = call!(table, far.auth(org), object_token(object, &by_key("ana", org)));
    assert_eq!(of_object.scope.access_type, Some(AccessType::ReportBookView));
    let with_values = call!(table, far.auth(org), custom_token(&custom("ana", org)));
    assert_eq!((with_values.org.id, with_values.user.id), (Some(org), Some(ana.id)));

    let valid = call!(table, far.auth(org), validate(&token.token)).unwrap();
    assert_eq!(valid.scope.org_id, Some(org));
    call!(table, far.auth(org), revoke(&Revoke::Token(token.token.clone())));
    assert_eq!(far.auth(org).validate(&token.token).await.unwrap(), None);

    let me = call!(table, far.auth(org), session_user());
    assert_eq!((me.name.as_str(), me.current_org.unwrap().id), (ADMIN, Some(org)));
    let own = call!(table, far.auth(org), session_token());
    assert_eq!(own.valid_for_username.as_deref(), Some(ADMIN));

    cookies(&mut table, org).await;
    let primary = far.auth(OrgId::PRIMARY);
    let off = ConfigureTrustedAuth { cluster: Some(AuthStatus::Disabled), orgs: Vec::new() };
    call!(table, primary, configure_trusted_auth(&off));
    let trusted = call!(table, primary, trusted_auth(Some(AuthScope::Cluster))).cluster_preferences.unwrap();
    assert_eq!((trusted.auth_status, trusted.access_tokens.len()), (Some(AuthStatus::Disabled), 0));
    table
}

/// Signs in and out with cookies.
async fn cookies(table: &mut Table, org: OrgId) {
    let far = table.bench.client();
    let request = LogIn { username: ADMIN.to_owned(), password: Secret::new(PASSWORD), org, remember_me: true };
    let session = call!(table, far.auth(org), login(&request));
    let url = format!("{}/api/rest/2.0/auth/session/user", table.bench.sim.url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let who = || async {
        let request = http.get(&url).header(COOKIE, session.cookie().unwrap());
        request.send().await.unwrap().text().await.unwrap()
    };
    let me: Value = serde_json::from_str(&who().await).unwrap();
    assert_eq!((&me["name"], &me["current_org"]["id"]), (&json!(ADMIN), &json!(org.0)));
    call!(table, far.auth(org), logout(&session));
    assert!(!who().await.contains(ADMIN), "it is closed");
}
