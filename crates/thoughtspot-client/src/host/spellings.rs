//! Whatever is written for a host, and wherever names lead: nobody on this machine is connected to.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::HostPolicy;
use crate::Error;
use crate::port::Handle;
use crate::secret::Secret;
use crate::settings::{Credentials, Proof, Settings};
use crate::transport::{Limits, Network};
use crate::v1::V1;
use crate::v2::V2;

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

/// Whoever owns a name says where it leads: this one says that all of them lead here.
#[derive(Default)]
struct Here {
    asked: Mutex<BTreeSet<String>>,
}

impl Resolve for Here {
    fn resolve(&self, name: Name) -> Resolving {
        self.asked.lock().unwrap().insert(name.as_str().to_owned());
        let here = ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.1.2.3", "0.0.0.0", "::", "::127.0.0.1"];
        let here = here.map(|address| SocketAddr::new(address.parse().unwrap(), 0));
        Box::pin(async move { Ok(Box::new(here.into_iter()) as Addrs) })
    }
}

/// Listens at every address of this machine.
fn everywhere() -> TcpListener {
    let listener = TcpListener::bind("[::]:0").or_else(|_| TcpListener::bind("0.0.0.0:0")).unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

fn is_connected_to(listener: &TcpListener) -> bool {
    match listener.accept() {
        Ok(_) => true,
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => false,
        Err(error) => panic!("{error}"),
    }
}

/// The URLs that the table comes to.
fn urls(listener: &TcpListener) -> Vec<String> {
    let port = format!(":{}", listener.local_addr().unwrap().port());
    let url = |spelling: &str| {
        let (scheme, rest) = spelling.split_once(':').unwrap_or_default();
        format!("{scheme}:{}", rest.replace(":@", &port))
    };
    SPELLINGS.into_iter().map(url).collect()
}

/// Signs in, as far as it gets.
async fn sign_in(network: &Arc<Network>, url: &str) -> Result<(), Error> {
    let no_url = |error| Error::HostNotAllowed { host: String::new(), why: format!("{error}") };
    let url: Url = url.parse().map_err(no_url)?;
    let settings = || {
        let credentials = Credentials { username: "x".to_owned(), proof: Proof::Password(Secret::new("CANARY")) };
        Settings::new(url.clone(), credentials)
    };
    let both: [Handle; 2] =
        [Arc::new(V1::new(Arc::clone(network), settings())?), Arc::new(V2::new(Arc::clone(network), settings())?)];
    for far in both {
        far.login().await?;
    }
    Ok(())
}

fn network(names: &Arc<Here>, policy: HostPolicy) -> Arc<Network> {
    // Another test of this process may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let names = Arc::clone(names) as Arc<dyn Resolve>;
    // Whoever listens here says nothing.
    let limits = Limits { write_deadline: Duration::from_secs(2), ..Limits::default() };
    Arc::new(Network::asking(names, policy, limits).unwrap())
}

async fn all_are_refused(network: &Arc<Network>, urls: &[String]) {
    for url in urls {
        match sign_in(network, url).await {
            Err(refused @ Error::HostNotAllowed { .. }) => assert!(!refused.to_string().contains("CANARY"), "{refused}"),
            other => panic!("{url}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn no_spelling_of_a_host_that_is_not_listed_gets_as_far_as_a_connection() {
    let (listener, names) = (everywhere(), Arc::new(Here::default()));
    all_are_refused(&network(&names, HostPolicy::parse(["*.thoughtspot.cloud"]).unwrap()), &urls(&listener)).await;
    assert!(names.asked.lock().unwrap().is_empty(), "names are looked up: {:?}", names.asked);
    assert!(!is_connected_to(&listener));
}

/// Every name of the table is one that the operator may reach, at any port: only where it leads keeps it from being connected to.
#[tokio::test]
async fn no_spelling_of_a_name_that_is_listed_gets_to_this_machine() {
    let (listener, names) = (everywhere(), Arc::new(Here::default()));
    let urls = urls(&listener);
    let hosts: BTreeSet<String> = urls
        .iter()
        .filter_map(|url| match Url::parse(url).ok()?.host()? {
            // Of another scheme whatever is written is a name.
            Host::Domain(name) if url.starts_with("http") => Some(name.trim_end_matches('.').to_owned()),
            Host::Domain(_) => None,
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        })
        .collect();
    let listed = || hosts.iter().flat_map(|host| [format!("https://{host}:*"), format!("http://{host}:*")]);
    let policy = || HostPolicy::parse(listed().collect::<Vec<_>>().iter().map(String::as_str)).unwrap();
    all_are_refused(&network(&names, policy()), &urls).await;
    assert!(names.asked.lock().unwrap().len() >= 8, "names are not even looked up: {:?}", names.asked);
    assert!(!is_connected_to(&listener));

    let inward = policy().with_private(["localhost"]).unwrap();
    let reached = sign_in(&network(&names, inward), &urls[0]).await;
    assert!(reached.is_err() && is_connected_to(&listener), "where it may be connected to, it is seen: {reached:?}");
}
