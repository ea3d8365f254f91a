//! Tokens that are given out: whose they are, what they cost, and that they are shown to nobody.

use std::num::NonZeroU32;

use thoughtspot_client::Error;
use thoughtspot_client::domain::{Lookup, OrgId};
use thoughtspot_client::nonempty::NonEmpty;
use thoughtspot_client::port::ThoughtSpot;
use thoughtspot_client::secret::Secret;
use thoughtspot_client::settings::Proof;
use thoughtspot_client::v2::auth::{AuthScope, CustomToken, Persist, Revoke, TokenRequest};

use crate::{ADMIN, Bench, MINT, PASSWORD, SECRET_KEY, new_org, new_user};

fn by_key(username: &str, org: OrgId) -> TokenRequest {
    TokenRequest {
        username: username.to_owned(),
        proof: Proof::SecretKey(Secret::new(SECRET_KEY)),
        org,
        validity_time_in_sec: NonZeroU32::new(60),
        create: None,
    }
}

#[tokio::test]
async fn a_token_makes_nobody_unless_asked() {
    let bench = Bench::new().await;
    let far = bench.client();
    let auth = far.auth(OrgId::PRIMARY);
    let TokenRequest { username, proof, org, validity_time_in_sec, create } = by_key("stranger", OrgId::PRIMARY);
    let custom = CustomToken {
        username,
        proof,
        org,
        validity_time_in_sec,
        persist: Persist::None,
        variable_values: Vec::new(),
        parameter_values: Vec::new(),
        filter_rules: Vec::new(),
        tables: Vec::new(),
        create,
    };
    assert!(auth.full_token(&by_key("stranger", OrgId::PRIMARY)).await.is_err());
    assert!(auth.custom_token(&custom).await.is_err());
    assert_eq!(far.find_user(OrgId::PRIMARY, Lookup::Name("stranger")).await.unwrap(), None);
}

#[tokio::test]
async fn a_token_for_another_org_is_not_handed_out() {
    let bench = Bench::new().await;
    let far = bench.client();
    let org = new_org(&far, "acme").await.id;
    new_user(&far, org, "ana").await;
    bench.sim.set(|s| s.token_lands_in_org = Some(0));
    let outcome = far.auth(OrgId::PRIMARY).full_token(&by_key(ADMIN, org)).await;
    assert!(matches!(outcome, Err(Error::WrongOrg { wanted, got: 0 }) if wanted == org.0), "{outcome:?}");
}

#[tokio::test]
async fn asking_about_a_bad_token_costs_us_nothing() {
    let bench = Bench::new().await;
    let far = bench.client();
    far.login().await.unwrap();
    let mark = bench.mark();
    assert_eq!(far.auth(OrgId::PRIMARY).validate(&Secret::new("CANARY-no-token")).await.unwrap(), None);
    assert_eq!(bench.count(mark, "POST auth/token/validate"), 1, "a bad token is not tried twice");
    assert_eq!(bench.count(mark, MINT), 0, "our own token is still good");
    far.login().await.unwrap();
}

#[tokio::test]
async fn ending_our_own_tokens_does_not_end_our_work() {
    let bench = Bench::new().await;
    let far = bench.client();
    let me = far.login().await.unwrap();
    let auth = far.auth(OrgId::PRIMARY);
    auth.revoke(&Revoke::Own).await.unwrap();
    assert_eq!(auth.session_user().await.unwrap().id, me.id);
    far.users(OrgId::PRIMARY).force_logout(&NonEmpty::one(me.id.clone())).await.unwrap();
    let good = auth.session_token().await.unwrap().token;
    assert!(auth.validate(&good).await.unwrap().is_some());
}

#[tokio::test]
async fn a_forced_logout_is_of_those_who_are_named() {
    let bench = Bench::new().await;
    let far = bench.client();
    let auth = far.auth(OrgId::PRIMARY);
    let ana = new_user(&far, OrgId::PRIMARY, "ana").await;
    new_user(&far, OrgId::PRIMARY, "bo").await;
    let of_ana = auth.full_token(&by_key("ana", OrgId::PRIMARY)).await.unwrap().token;
    let of_bo = auth.full_token(&by_key("bo", OrgId::PRIMARY)).await.unwrap().token;
    far.users(OrgId::PRIMARY).force_logout(&NonEmpty::one(ana.id)).await.unwrap();
    assert_eq!(auth.validate(&of_ana).await.unwrap(), None);
    assert!(auth.validate(&of_bo).await.unwrap().is_some());
    assert_eq!(bench.sim.counters().everybody_logged_out, 0);
}

#[tokio::test]
async fn what_is_given_out_is_shown_to_nobody() {
    let bench = Bench::new().await;
    let far = bench.client();
    let auth = far.auth(OrgId::PRIMARY);
    let token = auth.full_token(&by_key(ADMIN, OrgId::PRIMARY)).await.unwrap();
    let own = auth.session_token().await.unwrap();
    let trusted = auth.trusted_auth(Some(AuthScope::Cluster)).await.unwrap();
    assert_eq!(trusted.cluster_preferences.as_ref().unwrap().access_tokens[0].key.expose(), SECRET_KEY);
    let ana = new_user(&far, OrgId::PRIMARY, "ana").await;
    let link = far.users(OrgId::PRIMARY).deactivate(&ana.id, "https://ts.example.com").await.unwrap();
    let shown = format!("{token:?} {own:?} {trusted:?} {link:?} {:?}", by_key(ADMIN, OrgId::PRIMARY));
    let secrets = [SECRET_KEY, PASSWORD, token.token.expose(), own.token.expose(), link.activation_link.expose()];
    for secret in secrets {
        assert!(!secret.is_empty() && !shown.contains(secret), "{shown}");
    }
}
