//! Sessions and tokens, in v1.

use std::collections::BTreeSet;

use thoughtspot_client::Error;
use thoughtspot_client::domain::{Lookup, OrgId};
use thoughtspot_client::port::ThoughtSpot;
use thoughtspot_client::secret::Secret;
use thoughtspot_client::v1::{Access, Newcomer, TrustedToken};

use super::{Table, call};
use crate::{ADMIN, PASSWORD, SECRET_KEY, new_org};

#[tokio::test]
async fn every_call_about_sessions_is_understood() {
    calls().await;
}

fn token(username: &str, org: OrgId, newcomer: Option<Newcomer>) -> TrustedToken {
    let (secret_key, username) = (Secret::new(SECRET_KEY), username.to_owned());
    TrustedToken { secret_key, username, access: Access::Full, org, newcomer }
}

pub(crate) async fn calls() -> Table {
    const P: OrgId = OrgId::PRIMARY;
    let mut table = Table::new(module_path!()).await;
    let far = table.bench.v1();
    let acme = new_org(&far, "acme").await.id;
    let me = call!(table, far.sessions(P), info());
    assert_eq!(me.user_name, ADMIN);
    let orgs = call!(table, far.sessions(acme), orgs());
    assert!(orgs.administers_all && orgs.current == acme && orgs.orgs.len() == 2, "{orgs:?}");
    assert!(orgs.orgs.iter().all(|org| org.all_group.is_some() && org.administrators.is_some()), "{orgs:?}");

    let open = call!(table, far.sessions(acme), log_in(ADMIN, &Secret::new(PASSWORD), true));
    assert_eq!(call!(table, far.sessions(P), orgs_of_session(&open)).current, acme);
    call!(table, far.sessions(P), switch(&open, P));
    assert_eq!(far.sessions(P).orgs_of_session(&open).await.unwrap().current, P);
    call!(table, far.sessions(P), log_out(open.clone()));
    assert!(matches!(far.sessions(P).orgs_of_session(&open).await, Err(Error::BadCredentials { .. })), "it is closed");

    let bearer = call!(table, far.sessions(P), token(&token(ADMIN, acme, None)));
    let open = call!(table, far.sessions(P), log_in_by_token(ADMIN, &bearer));
    assert_eq!(far.sessions(P).orgs_of_session(&open).await.unwrap().current, acme);
    let open = call!(table, far.sessions(P), log_in_by_token_in_query(ADMIN, &bearer));
    assert_eq!(far.sessions(P).orgs_of_session(&open).await.unwrap().current, acme);

    assert!(far.sessions(P).token(&token("ana", acme, None)).await.is_err(), "nobody is made unless that is asked for");
    let ana = Newcomer {
        display_name: "Ana".to_owned(),
        email: "ana@example.com".to_owned(),
        groups: BTreeSet::from(["newcomers".to_owned()]),
    };
    far.sessions(P).token(&token("ana", acme, Some(ana))).await.unwrap();
    let ana = far.find_user(acme, Lookup::Name("ana")).await.unwrap().unwrap();
    assert!(far.find_group(acme, Lookup::Name("newcomers")).await.unwrap().is_some());
    let orgs = call!(table, far.sessions(P), orgs_of_user(&ana.id));
    assert_eq!(orgs.orgs.iter().map(|org| org.org.id).collect::<Vec<_>>(), [acme]);
    table
}
