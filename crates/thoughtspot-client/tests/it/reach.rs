//! What can be written for a host, and where it leads: nowhere but where whoever installed the operator lets it.

use std::net::TcpListener;
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

/// Ways to write a host, in a URL with the port of whoever listens on this machine. `@` stands for that port.
const SPELLINGS: [&str; 76] = [
    // This machine, by name.
    "https://localhost:@",
    "https://localhost.:@",
    "https://LOCALHOST:@",
    "https://LocalHost.:@",
    "https://a.localhost:@",
    "https://ｌｏｃａｌｈｏｓｔ:@",
    "https://localhost.localdomain:@",
    "https://ip6-localhost:@",
    // And by address, in each way that some parser takes.
    "https://127.0.0.1:@",
    "https://127.0.0.1.:@",
    "https://127.1:@",
    "https://127.0.1:@",
    "https://127.255.255.254:@",
    "https://0127.0.0.1:@",
    "https://0177.0.0.1:@",
    "https://0177.0.0.01:@",
    "https://0x7f.0.0.1:@",
    "https://0x7f.1:@",
    "https://0x7f000001:@",
    "https://0X7F000001:@",
    "https://2130706433:@",
    "https://017700000001:@",
    "https://00000000017700000001:@",
    "https://１２７.０.０.１:@",
    "https://①②⑦.0.0.1:@",
    "https://127。0。0。1:@",
    "https://127%2e0%2e0%2e1:@",
    "https://%31%32%37.0.0.1:@",
    "https://0:@",
    "https://0.0.0.0:@",
    "https://[::1]:@",
    "https://[::]:@",
    "https://[0:0:0:0:0:0:0:1]:@",
    "https://[0000:0000:0000:0000:0000:0000:0000:0001]:@",
    "https://[::ffff:127.0.0.1]:@",
    "https://[::ffff:7f00:1]:@",
    "https://[::127.0.0.1]:@",
    "https://[::1%25lo]:@",
    "https://[::1%lo]:@",
    "https://[fe80::1%25eth0]:@",
    "https://[2002:7f00:1::]:@",
    "https://[64:ff9b::7f00:1]:@",
    "https://[2001:0:7f00:1::]:@",
    // Metadata of clouds, networks of one's own.
    "https://169.254.169.254",
    "https://169.254.43518",
    "https://2852039166",
    "https://0xa9fea9fe",
    "https://0251.0376.0251.0376",
    "https://[::ffff:169.254.169.254]",
    "https://[fd00:ec2::254]",
    "https://metadata.google.internal",
    "https://10.0.0.1",
    "https://192.168.0.1",
    "https://172.16.0.1",
    "https://100.64.0.1",
    "https://[fd12:3456::1]",
    "https://kubernetes.default.svc",
    "https://kubernetes.default.svc.cluster.local.",
    "https://224.0.0.1",
    "https://255.255.255.255",
    // A host that is allowed, and something beside it.
    "https://acme.thoughtspot.cloud:@",
    "https://acme.thoughtspot.cloud@127.0.0.1:@",
    "https://acme.thoughtspot.cloud:443@127.0.0.1:@",
    "https://127.0.0.1:@#@acme.thoughtspot.cloud",
    "https://127.0.0.1:@?.thoughtspot.cloud",
    "https://127.0.0.1:@/.thoughtspot.cloud",
    "https://127.0.0.1:@\\.thoughtspot.cloud",
    "https://127.0.0.1:@%00.thoughtspot.cloud",
    "https://acme.thoughtspot.cloud.evil.example",
    "https://acme.thoughtspot.cloud/../callosum",
    "https://acme.thoughtspot.cloud%2f@127.0.0.1:@",
    // Another way to speak.
    "http://127.0.0.1:@",
    "http://acme.thoughtspot.cloud",
    "//127.0.0.1:@",
    "file:///etc/passwd",
    "gopher://127.0.0.1:@",
];

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

#[test]
fn no_spelling_of_a_host_that_is_not_listed_gets_as_far_as_a_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let network = network(HostPolicy::parse(["*.thoughtspot.cloud"]).unwrap());
    for spelling in SPELLINGS {
        let (scheme, rest) = spelling.split_once(':').unwrap_or_default();
        let url = format!("{scheme}:{}", rest.replace(":@", &format!(":{port}")));
        let refused = far(Arc::clone(&network), &url).err().unwrap_or_else(|| panic!("{url} is let through"));
        assert!(!refused.contains("CANARY"), "{refused}");
    }
    assert!(far(network, "https://acme.thoughtspot.cloud").is_ok(), "what is listed is let through");
    let nobody = listener.accept().expect_err("a connection was opened");
    assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
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
