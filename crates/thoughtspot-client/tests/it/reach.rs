//! What can be written for a host, and where it leads: nowhere but where whoever installed the operator lets it.

use std::sync::Arc;

use thoughtspot_client::Error;
use thoughtspot_client::domain::{Lookup, OrgId};
use thoughtspot_client::host::HostPolicy;
use thoughtspot_client::port::ThoughtSpot;
use thoughtspot_client::secret::Secret;
use thoughtspot_client::settings::{Credentials, Proof, Settings};
use thoughtspot_client::tls::Flaw;
use thoughtspot_client::transport::Network;
use thoughtspot_client::v2::V2;
use thoughtspot_simulator::{Action, Entry, Rule};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{Bench, Dialect, limits, user};

fn far(network: Arc<Network>, url: &str) -> Result<V2, String> {
    let credentials = Credentials { username: "x".to_owned(), proof: Proof::Password(Secret::new("CANARY")) };
    let url = url.parse().map_err(|error| format!("{error}"))?;
    match V2::new(network, Settings::new(url, credentials)) {
        Ok(far) => Ok(far),
        Err(error @ Error::HostNotAllowed { .. }) => Err(error.to_string()),
        Err(other) => panic!("{other}"),
    }
}

fn network(policy: HostPolicy) -> Arc<Network> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Arc::new(Network::new(policy, limits()).unwrap())
}

/// The name of this machine stands for any name whose owner lets it lead inward.
#[tokio::test]
async fn a_name_that_leads_inward_is_connected_to_only_where_the_installer_says_so() {
    let bench = Bench::new().await;
    let url = bench.url.replace("127.0.0.1", "localhost");
    let policy = || HostPolicy::parse(["http://localhost:*"]).unwrap();
    let refused = far(network(policy()), &url).unwrap().login().await.unwrap_err();
    let expected = "host localhost is not allowed: its name leads to a private address, which has to be allowed for this host (--private-hosts)";
    assert_eq!(refused.to_string(), expected);
    assert_eq!(bench.mark(), 0);
    let allowed = far(network(policy().with_private(["localhost"]).unwrap()), &url).unwrap().login().await;
    assert!(matches!(allowed, Err(Error::BadCredentials { .. })), "it was asked: {allowed:?}");
}

/// A redirect would carry the credentials, or the bearer, to a host that nobody checked.
#[tokio::test]
async fn a_redirect_is_not_followed_and_nothing_reaches_the_other_host() {
    for dialect in [Dialect::V1, Dialect::V2] {
        let (bench, other) = (Bench::new().await, Bench::new().await);
        let elsewhere = || Action::Redirect { location: format!("{}/callosum/v1/tspublic/v1/session/login", other.url) };
        bench.sim.fault(Rule::route(dialect.sign_in(), elsewhere()).times(1));
        let far = bench.far(dialect);
        assert!(matches!(far.login().await, Err(Error::Unavailable(_))));
        far.login().await.unwrap();
        bench.sim.fault(Rule::route(dialect.find_user(), elsewhere()).times(1));
        assert!(far.find_user(OrgId::PRIMARY, Lookup::Name("ana")).await.is_err());
        bench.sim.fault(Rule::route(dialect.create_user(), elsewhere()).times(1));
        assert!(far.create_user(OrgId::PRIMARY, &user("ana")).await.is_err());
        assert_eq!(other.mark(), 0);
    }
}

/// What a server says that speaks nothing newer than TLS 1.0, and one that says so with an alert.
fn old_servers() -> [Vec<u8>; 2] {
    let hello = [[3, 1].as_slice(), &[7; 32], &[0, 0, 0x2f, 0]].concat();
    let record = [&[22, 3, 1, 0, 4 + hello.len() as u8, 2, 0, 0, hello.len() as u8], hello.as_slice()].concat();
    [record, vec![21, 3, 1, 0, 2, 2, 70]]
}

#[tokio::test]
async fn tls_older_than_1_2_is_not_spoken() {
    for answer in old_servers() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let old = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_u8().await.unwrap();
            stream.write_all(&answer).await.unwrap();
            // Until the other end has had enough.
            let _ = stream.read_to_end(&mut Vec::new()).await;
        });
        let outcome = far(network(HostPolicy::parse(["https://127.0.0.1:*"]).unwrap()), &url).unwrap().login().await;
        assert!(matches!(outcome, Err(Error::Untrusted { flaw: Flaw::OldTls, .. })), "{outcome:?}");
        old.await.unwrap();
    }
}

/// Some servers make whoever is asked for, if asked to (`auto_create`).
#[tokio::test]
async fn a_sign_in_makes_nobody() {
    for dialect in [Dialect::V1, Dialect::V2] {
        let bench = Bench::new().await;
        let mut settings = bench.settings(Proof::SecretKey(Secret::new(crate::SECRET_KEY)));
        settings.credentials.username = "nobody-yet".to_owned();
        let outcome = bench.far_with(dialect, settings).login().await;
        assert!(outcome.is_err(), "{outcome:?}");
        assert!(bench.sim.state().user("nobody-yet").is_none());
        let journal = bench.sim.journal();
        let asks = |entry: &Entry| match entry.identifiers.get("autocreate") {
            Some(value) => value != "false",
            None => entry.keys.iter().any(|key| key.contains("auto")),
        };
        assert!(!journal.is_empty() && !journal.iter().any(asks), "{journal:#?}");
    }
}
