//! Names to addresses, for the HTTP client: only such as the [`HostPolicy`] lets a host be at.
//!
//! Invariant: the addresses that were judged are the very ones that are connected to. Names are looked up here for every connection anew,
//! so whoever changes what a name leads to between two looks gains nothing.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::Range;
use super::{HostPolicy, without_dot};

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Looks names up, and drops what may not be connected to.
pub(crate) struct Resolver {
    policy: Arc<HostPolicy>,
    names: Arc<dyn Resolve>,
}

/// The name server of the system.
pub(crate) struct System;

/// A name leads nowhere that its host may be at. The address is not told: whoever may name a host could map a network with that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inward {
    Private,
    Special,
}

impl Resolver {
    pub(crate) fn new(policy: Arc<HostPolicy>, names: Arc<dyn Resolve>) -> Arc<Resolver> {
        Arc::new(Resolver { policy, names })
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.policy.may_be_private(name.as_str());
        let host = without_dot(name.as_str()).to_owned();
        let looking = self.names.resolve(name);
        Box::pin(async move {
            let found: Vec<SocketAddr> = looking.await?.collect();
            match outward(&found, private) {
                Ok(good) => Ok(Box::new(good.into_iter()) as Addrs),
                Err(inward) => {
                    // For whoever runs the operator, which those who write resources need not be.
                    tracing::warn!(host, addresses = ?found, "a name leads to addresses that are not connected to");
                    Err(Box::new(inward) as Failed)
                }
            }
        })
    }
}

/// The addresses that may be connected to; all of them may be when none was found, which is not for us to explain.
fn outward(found: &[SocketAddr], private: bool) -> Result<Vec<SocketAddr>, Inward> {
    let good = |address: &&SocketAddr| match Range::of(address.ip()) {
        Range::Public => true,
        Range::Private => private,
        Range::Special => false,
    };
    let good: Vec<SocketAddr> = found.iter().filter(good).copied().collect();
    if !good.is_empty() || found.is_empty() {
        return Ok(good);
    }
    let allowable = found.iter().any(|address| Range::of(address.ip()) == Range::Private);
    Err(if allowable { Inward::Private } else { Inward::Special })
}

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The port is the URL's: it is put in by whoever asks.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(Box::new(found.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

impl fmt::Display for Inward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Inward::Private => "its name leads to a private address, which has to be allowed for this host (--private-hosts)",
            Inward::Special => "its name leads to an address at which no host is ever reached",
        })
    }
}

impl std::error::Error for Inward {}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(addresses: &[&str], private: bool) -> Result<Vec<String>, Inward> {
        let found: Vec<SocketAddr> = addresses.iter().map(|a| SocketAddr::new(a.parse().unwrap(), 0)).collect();
        outward(&found, private).map(|good| good.iter().map(|a| a.ip().to_string()).collect())
    }

    #[test]
    fn only_what_may_be_connected_to_is_left() {
        let some = |addresses: &[&str]| Ok(addresses.iter().map(|a| (*a).to_owned()).collect());
        assert_eq!(judged(&["52.1.2.3", "2600:1f00::1"], false), some(&["52.1.2.3", "2600:1f00::1"]));
        assert_eq!(judged(&["10.0.0.1", "52.1.2.3", "169.254.169.254"], false), some(&["52.1.2.3"]));
        assert_eq!(judged(&["10.0.0.1", "169.254.169.254"], true), some(&["10.0.0.1"]));
        assert_eq!(judged(&["10.0.0.1", "fe80::1"], false), Err(Inward::Private));
        assert_eq!(judged(&["169.254.169.254", "::ffff:10.0.0.1"], true), Err(Inward::Special));
        assert_eq!(judged(&[], false), some(&[]));
    }

    /// Answers what it is told, one answer after the other.
    struct Rebinding(std::sync::Mutex<Vec<&'static str>>);

    impl Resolve for Rebinding {
        fn resolve(&self, _: Name) -> Resolving {
            let next = self.0.lock().unwrap().remove(0);
            let address = SocketAddr::new(next.parse().unwrap(), 0);
            Box::pin(async move { Ok(Box::new(std::iter::once(address)) as Addrs) })
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_elsewhere_the_next_time_is_judged_again() {
        let policy = HostPolicy::parse(["*.thoughtspot.cloud"]).unwrap();
        let names = Rebinding(std::sync::Mutex::new(vec!["52.1.2.3", "127.0.0.1", "169.254.169.254"]));
        let resolver = Resolver::new(Arc::new(policy), Arc::new(names));
        let name = || "acme.thoughtspot.cloud".parse::<Name>().unwrap();
        assert_eq!(resolver.resolve(name()).await.unwrap().next().unwrap().ip().to_string(), "52.1.2.3");
        for inward in [Inward::Private, Inward::Special] {
            let refused = resolver.resolve(name()).await.err().unwrap();
            assert_eq!(refused.downcast_ref::<Inward>(), Some(&inward));
        }
    }
}
