//! This replica among others: what it is called, whether it may write, and when it is its turn.

use std::str::FromStr;
use std::time::Duration;

use kube::Config;
use thoughtspot_client::transport::Limits;
use thoughtspot_engine::election::{Election, Hindrances, Turn};
use thoughtspot_engine::fence::Fence;
use thoughtspot_engine::lease::Timing;

/// The Lease by which replicas take turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseName {
    pub namespace: String,
    pub name: String,
}

impl FromStr for LeaseName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('/').filter(|(namespace, name)| !namespace.is_empty() && !name.is_empty());
        let (namespace, name) = parts.filter(|(_, name)| !name.contains('/')).ok_or("write NAMESPACE/NAME")?;
        Ok(LeaseName { namespace: namespace.to_owned(), name: name.to_owned() })
    }
}

/// How replicas take turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turns {
    pub lease: LeaseName,
    pub timing: Timing,
    /// What this one is called, for people who read the Lease.
    pub name: String,
}

/// What keeps a replica from being one at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the Kubernetes configuration cannot be used: {0}")]
    Kubernetes(#[source] kube::Error),
    #[error("no name can be made for this replica: {0}")]
    Name(getrandom::Error),
}

/// One life of a replica.
pub struct Replica {
    /// As in the Lease, where there is one.
    pub name: String,
    pub fence: Fence,
    election: Option<Election>,
    timing: Option<Timing>,
}

impl Replica {
    /// Opens no connection.
    ///
    /// # Errors
    ///
    /// If the configuration names certificates or proxies that cannot be used, or the system has nothing random to give.
    pub fn new(kubernetes: &Config, turns: Option<&Turns>) -> Result<Replica, Error> {
        let Some(Turns { lease, timing, name }) = turns else {
            return Ok(Replica { name: "alone".to_owned(), fence: Fence::open(), election: None, timing: None });
        };
        // Two that are called the same, or one that starts over, must not take each other's lease for their own.
        let identity = format!("{name}_{:016x}", getrandom::u64().map_err(Error::Name)?);
        let fence = Fence::closed();
        let turn =
            Turn { namespace: lease.namespace.clone(), name: lease.name.clone(), identity: identity.clone(), timing: *timing };
        let election = Election::new(kubernetes.clone(), turn, fence.clone()).map_err(Error::Kubernetes)?;
        Ok(Replica { name: identity, fence, election: Some(election), timing: Some(*timing) })
    }

    pub fn timing(&self) -> Option<Timing> {
        self.timing
    }

    /// What keeps it from its turn, where it takes turns.
    pub fn hindrances(&self) -> Option<Hindrances> {
        self.election.as_ref().map(Election::hindrances)
    }

    /// How long a write may take.
    pub fn longest_write(&self) -> Duration {
        self.timing.map_or(Limits::default().write_deadline, Timing::write)
    }

    /// Returns when this replica leads.
    pub async fn its_turn(&mut self) {
        if let Some(election) = &mut self.election {
            tracing::info!("watching; waiting for its turn");
            election.won().await;
        }
    }

    /// Returns when it leads no more, which is never where it runs alone.
    pub async fn lost(&mut self) {
        match &mut self.election {
            Some(election) => election.lost().await,
            None => std::future::pending().await,
        }
    }

    /// Lets the next begin at once. Nothing may be under way any more.
    pub async fn release(&mut self) {
        if let Some(election) = &mut self.election {
            election.release().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_named_with_its_namespace() {
        let parsed: LeaseName = "a/b".parse().unwrap();
        assert_eq!((parsed.namespace.as_str(), parsed.name.as_str()), ("a", "b"));
        for wrong in ["", "a", "a/", "/b", "a/b/c"] {
            assert!(wrong.parse::<LeaseName>().is_err(), "{wrong}");
        }
    }
}
