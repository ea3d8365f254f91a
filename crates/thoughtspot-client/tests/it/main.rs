//! The client against the simulator, over loopback.
#![expect(clippy::unwrap_used, reason = "clippy.toml allows it in tests; these helpers are nothing else")]

mod calls;
mod endpoints;
mod inventory;
mod lists;
mod names;
mod reach;
mod secrets;
mod sessions;
mod sign_in;
mod tokens;
mod transport;
mod v1_reads;
mod v1_writes;

use std::sync::Arc;
use std::time::Duration;

use thoughtspot_client::domain::{Group, NewGroup, NewOrg, NewUser, Org, OrgId, User};
use thoughtspot_client::host::HostPolicy;
use thoughtspot_client::port::{Handle, ThoughtSpot};
use thoughtspot_client::secret::Secret;
use thoughtspot_client::settings::{Credentials, Proof, Settings};
use thoughtspot_client::transport::{Limits, Network};
use thoughtspot_client::v1::V1;
use thoughtspot_client::v2::V2;
use thoughtspot_simulator::{Options, Simulator};

pub(crate) const ADMIN: &str = "operator";
pub(crate) const PASSWORD: &str = "CANARY-pass/w\"ord+1";
pub(crate) const SECRET_KEY: &str = "CANARY-secret-key";

/// A simulator, and everything to reach it.
pub(crate) struct Bench {
    pub(crate) sim: Simulator,
    pub(crate) network: Arc<Network>,
    /// Where the client finds the simulator.
    pub(crate) url: String,
}

/// What a test speaks to ThoughtSpot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    V1,
    V2,
}

/// Runs each of these tests in either dialect.
macro_rules! in_both {
    ($($test:ident),+ $(,)?) => {
        mod v1 {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::Dialect::V1).await;
            })+
        }
        mod v2 {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::Dialect::V2).await;
            })+
        }
    };
}
pub(crate) use in_both;

/// As many requests as the tests like: what is tested here is not the pace.
pub(crate) fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.pace.per_second = 10_000.0;
    limits.pace.burst = 10_000;
    limits
}

pub(crate) fn network(limits: Limits) -> Arc<Network> {
    Arc::new(unshared(limits))
}

pub(crate) fn unshared(limits: Limits) -> Network {
    // Another test of this process may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Listens and keeps nothing. Without it, a log line that is first met on a thread nobody listens on is off for the process,
    // and the test that reads the log would not see it.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    let policy = HostPolicy::parse(["http://127.0.0.1:*"]).unwrap();
    Network::new(policy, limits).unwrap()
}

impl Bench {
    pub(crate) async fn new() -> Bench {
        Bench::with(limits()).await
    }

    pub(crate) async fn with(limits: Limits) -> Bench {
        let network = network(limits);
        let options = Options {
            credentials: thoughtspot_simulator::Credentials {
                admin_username: ADMIN.to_owned(),
                admin_password: PASSWORD.to_owned(),
                secret_key: SECRET_KEY.to_owned(),
            },
            ..Options::default()
        };
        let sim = Simulator::start(options).await.unwrap();
        Bench { url: sim.url(), sim, network }
    }

    pub(crate) fn settings(&self, proof: Proof) -> Settings {
        let url = self.url.parse().unwrap();
        Settings::new(url, Credentials { username: ADMIN.to_owned(), proof })
    }

    pub(crate) fn client_with(&self, proof: Proof) -> V2 {
        V2::new(Arc::clone(&self.network), self.settings(proof)).unwrap()
    }

    pub(crate) fn client(&self) -> V2 {
        self.client_with(Proof::Password(Secret::new(PASSWORD)))
    }

    pub(crate) fn v1(&self) -> V1 {
        V1::new(Arc::clone(&self.network), self.settings(Proof::Password(Secret::new(PASSWORD)))).unwrap()
    }

    pub(crate) fn far(&self, dialect: Dialect) -> Handle {
        self.far_with(dialect, self.settings(Proof::Password(Secret::new(PASSWORD))))
    }

    pub(crate) fn far_with(&self, dialect: Dialect, settings: Settings) -> Handle {
        match dialect {
            Dialect::V1 => Arc::new(V1::new(Arc::clone(&self.network), settings).unwrap()),
            Dialect::V2 => Arc::new(V2::new(Arc::clone(&self.network), settings).unwrap()),
        }
    }

    /// Somebody else at work in the same ThoughtSpot: own connections, own budget, own tokens.
    pub(crate) fn somebody_else(&self) -> V2 {
        V2::new(network(limits()), self.settings(Proof::SecretKey(Secret::new(SECRET_KEY)))).unwrap()
    }

    /// How often a route was asked since `mark`.
    pub(crate) fn count(&self, mark: u64, route: &str) -> usize {
        self.sim.journal().iter().filter(|e| e.seq > mark && e.route == route).count()
    }

    pub(crate) fn mark(&self) -> u64 {
        self.sim.counters().requests
    }
}

impl Dialect {
    /// The call that proves who we are, by a password.
    pub(crate) fn sign_in(self) -> &'static str {
        match self {
            Dialect::V1 => "POST v1/session/login",
            Dialect::V2 => MINT,
        }
    }

    /// The call that tells the Org of a session or token.
    pub(crate) fn verify(self) -> &'static str {
        match self {
            Dialect::V1 => "GET v1/session/orgs",
            Dialect::V2 => VERIFY,
        }
    }

    /// The call that finds one user.
    pub(crate) fn find_user(self) -> &'static str {
        match self {
            Dialect::V1 => "GET v1/user/",
            Dialect::V2 => USERS,
        }
    }

    /// The call that finds one group.
    pub(crate) fn find_group(self) -> &'static str {
        match self {
            Dialect::V1 => "GET v1/group/",
            Dialect::V2 => GROUPS,
        }
    }

    pub(crate) fn create_group(self) -> &'static str {
        match self {
            Dialect::V1 => "POST v1/group/",
            Dialect::V2 => "POST groups/create",
        }
    }

    pub(crate) fn create_user(self) -> &'static str {
        match self {
            Dialect::V1 => "POST v1/user/",
            Dialect::V2 => "POST users/create",
        }
    }

    /// The parameter with the Org of a sign-in.
    pub(crate) fn org_key(self) -> &'static str {
        match self {
            Dialect::V1 => "orgid",
            Dialect::V2 => "org_id",
        }
    }
}

pub(crate) const MINT: &str = "POST auth/token/full";
pub(crate) const VERIFY: &str = "GET auth/session/user";
pub(crate) const USERS: &str = "POST users/search";
pub(crate) const GROUPS: &str = "POST groups/search";
pub(crate) const ORGS: &str = "POST orgs/search";

pub(crate) async fn new_org(far: &dyn ThoughtSpot, name: &str) -> Org {
    far.create_org(&NewOrg { name: name.to_owned(), description: String::new() }).await.unwrap()
}

pub(crate) fn user(name: &str) -> NewUser {
    NewUser {
        name: name.to_owned(),
        display_name: format!("{name} display"),
        email: format!("{name}@example.com"),
        account_type: None,
        visibility: None,
        preferences: Default::default(),
        password: None,
        activation_mail: false,
        groups: Default::default(),
    }
}

pub(crate) async fn new_user(far: &dyn ThoughtSpot, org: OrgId, name: &str) -> User {
    far.create_user(org, &user(name)).await.unwrap()
}

pub(crate) fn group(name: &str) -> NewGroup {
    NewGroup { name: name.to_owned(), display_name: format!("{name} display"), ..NewGroup::default() }
}

pub(crate) async fn new_group(far: &dyn ThoughtSpot, org: OrgId, name: &str) -> Group {
    far.create_group(org, &group(name)).await.unwrap()
}

/// A wait that ends: what is awaited comes from another task or the network.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(Duration::from_secs(20), future).await {
        Ok(value) => value,
        Err(_) => panic!("waited 20 s in vain for {what}"),
    }
}
