//! An Instance: a Secret and an address become a signed-in connection, which wakes everything that goes through it.

mod ending;
mod held;
mod link;
mod outage;
mod report;
mod secret;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kube::core::error_boundary::InvalidObject;
use kube::{Resource, ResourceExt};
use thoughtspot_client::Error;
use thoughtspot_client::domain::{Login, System};
use thoughtspot_client::port::Handle;
use thoughtspot_client::settings::{Credentials, Settings};
use thoughtspot_client::transport::Network;
use thoughtspot_client::v1::V1;
use thoughtspot_client::v2::V2;
use thoughtspot_crds::{Dialect, Reason, ThoughtSpotInstance, ThoughtSpotInstanceStatus};
use thoughtspot_engine::cache::Key;
use thoughtspot_engine::conditions::Progress;
use thoughtspot_engine::controller::{Reconciler, contained};
use thoughtspot_engine::next::Passed;
use thoughtspot_engine::outcome::Outcome;
use thoughtspot_engine::writer::Writer;
use thoughtspot_engine::written::OwnWrites;
use thoughtspot_engine::{Fault, Live, unreadable};
use tracing::Span;

use crate::access::{Access, sync_interval};
use crate::connection::{Connection, Standing};
use crate::faults::{self, stalled};
use crate::identity;
use crate::kinds::span;
use crate::seal::Seal;
use crate::secrets::{self, Secrets};
use crate::trust::Trust;
use ending::in_use;
use link::Link;
use secret::{Deleted, secret_key};

/// Instances.
pub struct Instances {
    access: Access,
    secrets: Secrets,
    trust: Trust,
    network: Arc<Network>,
    writer: Writer,
    written: OwnWrites<ThoughtSpotInstance>,
    /// What each connection was made of: made anew only when that changes.
    made_of: Mutex<HashMap<Key, Ingredients>>,
    deleted: Deleted,
}

/// What a connection is made of.
#[derive(Clone, PartialEq, Eq)]
struct Ingredients {
    url: url::Url,
    dialect: Dialect,
    credentials: Credentials,
    link: Link,
    interval: Duration,
    seal: Seal,
}

/// One Instance during its pass.
struct Visit {
    key: Key,
    object: ThoughtSpotInstance,
    status: ThoughtSpotInstanceStatus,
    resolved: Progress,
}

impl Visit {
    /// Keeps in status which ThoughtSpot this is, and as whom it is used.
    fn remember(&mut self, system: System, login: &Login) {
        let spec = &self.object.spec;
        if let Some(id) = system.id {
            self.status.system_ids.set(spec.dialect, id);
        }
        self.status.url = Some(spec.url.clone());
        self.status.release = system.release;
        self.status.login = Some(login.name.clone());
    }
}

/// How a pass ended that met no fault.
enum Ended {
    Connected {
        one_by_one: Vec<String>,
    },
    /// Its Secret or its CA is gone; the last one is used from memory.
    FromMemory(Fault, &'static str),
    Released,
}

impl Ended {
    fn outcome(&self) -> Outcome {
        match self {
            Ended::Connected { .. } => Outcome::DONE,
            Ended::FromMemory(fault, _) => Outcome::of_fault(fault),
            Ended::Released => Outcome::RELEASED,
        }
    }
}

impl Instances {
    pub fn new(access: Access, secrets: Secrets, trust: Trust, network: Arc<Network>, writer: Writer) -> Instances {
        let written = OwnWrites::over(access.world.instances.clone());
        Instances { access, secrets, trust, network, writer, written, made_of: Mutex::default(), deleted: Deleted::default() }
    }

    async fn pass(&self, visit: &mut Visit) -> Result<Ended, Fault> {
        let deleting = visit.object.meta().deletion_timestamp.is_some();
        if deleting && (!self.writer.has_finalizer(&visit.object) || self.user_of(&visit.key).is_none()) {
            return self.release(visit).await;
        }
        if visit.object.spec.suspend && !deleting {
            self.stand(&visit.key, Standing::Suspended);
            if let Ok(secret) = self.secrets.read(&secret_key(visit)).await {
                self.let_go_when_deleted(&visit.key, &secret_key(visit), &secret).await?;
            }
            return Err(Fault::Suspended { reason: Reason::Suspended.as_str(), message: "spec.suspend is true".to_owned() });
        }
        if !deleting && !self.writer.has_finalizer(&visit.object) {
            visit.object = self.writer.mark(&visit.object, None).await?;
        }
        let was_away = self.outage(visit).is_some();
        let ended = self.connect(visit).await.map_err(|fault| self.in_outage(visit, fault));
        match &ended {
            Err(fault) => self.fall(&visit.key, fault),
            Ok(_) if was_away => self.wake_others_of_the_host(visit),
            Ok(_) => {}
        }
        if deleting && ended.is_ok() {
            visit.resolved = Progress::Resolved;
            return Err(in_use(&visit.key, self.user_of(&visit.key)));
        }
        ended
    }

    /// Signs in with what the Instance names, and makes sure that this is the ThoughtSpot it was.
    async fn connect(&self, visit: &mut Visit) -> Result<Ended, Fault> {
        let made_of = match self.ingredients(visit).await {
            Ok(made_of) => made_of,
            // What is connected stays connected: a Secret may be rotated by deleting it first, and in a namespace that is deleted Secrets and
            // ConfigMaps go before the resources that need them.
            Err((fault @ Fault::Waiting { .. }, what)) if self.is_up(&visit.key) => {
                return self.go_on_from_memory(visit, fault, what).await;
            }
            Err((fault, _)) => return Err(fault),
        };
        let connected = self.connected(&visit.key, &made_of);
        let far = match &connected {
            Some(connection) => connection.far.clone(),
            None => self.sign_in(&visit.key, &made_of).map_err(|e| refused(&e, &visit.object))?,
        };
        visit.resolved = Progress::Resolved;
        let system = far.system().await.map_err(|e| refused(&e, &visit.object))?;
        identity::judge(&visit.object, system.id.as_deref())?;
        let connection = match connected {
            Some(connection) => connection,
            None => self.open(&visit.key, far, system.clone(), made_of).await?,
        };
        visit.remember(system, &connection.login);
        let one_by_one = connection.inventory.uncertified();
        self.answered(&visit.key, &connection);
        self.stand(&visit.key, Standing::Up(connection));
        Ok(Ended::Connected { one_by_one })
    }

    /// What the Instance names and says of its connection. A fault comes with the word for what could not be had.
    async fn ingredients(&self, visit: &mut Visit) -> Result<Ingredients, (Fault, &'static str)> {
        let credential = |fault| (fault, "credential");
        let key = secret_key(visit);
        let secret = self.secret_in_use(visit, &key).await.map_err(credential)?;
        let authorities = self.trust.authorities(&visit.object).await.map_err(|fault| (fault, "CA"))?;
        let spec = &visit.object.spec;
        let url: url::Url =
            (spec.url.parse()).map_err(|_| credential(stalled(Reason::Invalid, "spec.url: write scheme, host and port only")))?;
        let credentials = secrets::credentials(&secret, &spec.auth, &host(&url)).map_err(credential)?;
        let seal = Seal::new(secret.uid().unwrap_or_default());
        let link = Link::new(authorities, spec.limits.as_ref());
        let interval = sync_interval(&visit.object);
        visit.status.held_secret = self.secrets.hold(&secret, true).await.map_err(credential)?.then_some(key.name);
        Ok(Ingredients { url, dialect: visit.object.spec.dialect, credentials, link, interval, seal })
    }

    /// The connection as it is, unless what it is made of changed.
    fn connected(&self, instance: &Key, made_of: &Ingredients) -> Option<Arc<Connection>> {
        match self.access.connections.get(instance)? {
            Standing::Up(connection) if self.made_of().get(instance) == Some(made_of) => Some(connection),
            Standing::Up(_) | Standing::Down | Standing::Suspended => None,
        }
    }

    fn sign_in(&self, instance: &Key, made_of: &Ingredients) -> Result<Handle, Error> {
        let Ingredients { url, dialect, credentials, link, interval: _, seal: _ } = made_of.clone();
        let settings = Settings { label: instance.to_string(), ..link.settings(url, credentials) };
        match dialect {
            Dialect::V1 => V1::new(self.network.clone(), settings).map(|far| Arc::new(far) as Handle),
            Dialect::V2 => V2::new(self.network.clone(), settings).map(|far| Arc::new(far) as Handle),
        }
    }

    async fn open(&self, instance: &Key, far: Handle, system: System, made_of: Ingredients) -> Result<Arc<Connection>, Fault> {
        let login = far.login().await.map_err(|e| faults::of(&e))?;
        let lists = made_of.link.inventory(made_of.interval);
        let connection = Connection::new(far, system, login, made_of.seal.clone(), lists, instance, &self.access.world);
        self.made_of().insert(instance.clone(), made_of);
        Ok(connection)
    }

    fn is_up(&self, instance: &Key) -> bool {
        matches!(self.access.connections.get(instance), Some(Standing::Up(_)))
    }

    /// Tells dependents how things stand, if that is news.
    fn stand(&self, instance: &Key, standing: Standing) {
        if self.access.connections.set(instance, standing) {
            self.access.world.wake_dependents_of_instance(instance);
        }
    }

    fn made_of(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Ingredients>> {
        self.made_of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reconciler for Instances {
    type Object = ThoughtSpotInstance;

    /// Its host: that is what hangs.
    fn lane(&self, instance: &Live<ThoughtSpotInstance>) -> String {
        host_of(instance)
    }

    fn longest_backoff(&self) -> Duration {
        outage::LONGEST_BACKOFF
    }

    fn span(&self, instance: &ThoughtSpotInstance) -> Span {
        span::of_instance(instance)
    }

    async fn reconcile(&self, object: Live<ThoughtSpotInstance>, failures: u32) -> Passed {
        let key = Key::of(&*object);
        let object = self.written.newest(object);
        let seen = object.resource_version();
        let status = object.status.clone().unwrap_or_default();
        let mut visit = Visit { key, object, status, resolved: Progress::Resolving };
        let result = contained(self.pass(&mut visit)).await;
        let outcome = result.as_ref().map_or_else(Outcome::of_fault, Ended::outcome);
        let next = self.report(&mut visit, result, failures).await;
        self.written.remember(seen.as_deref(), visit.object);
        Passed { next, outcome }
    }

    async fn unreadable(&self, object: &InvalidObject) -> Passed {
        unreadable::pass::<ThoughtSpotInstance>(&self.writer, object).await
    }
}

/// The host alone; empty where the URL cannot be read.
fn host_of(instance: &ThoughtSpotInstance) -> String {
    let url = instance.spec.url.parse().ok();
    url.as_ref().and_then(url::Url::host_str).unwrap_or_default().to_owned()
}

/// The host as a Secret names it: with the port where the URL has one.
fn host(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// A failed sign-in names the Secret to correct, a bad certificate whom to turn to.
fn refused(error: &Error, instance: &ThoughtSpotInstance) -> Fault {
    if let Error::Untrusted { flaw, .. } = error {
        return link::untrusted(error, flaw, instance);
    }
    if let Error::BadCredentials { .. } = error {
        let auth = &instance.spec.auth;
        let key = if auth.password.is_some() { "password" } else { "secretKey" };
        let secret = auth.secret_name().unwrap_or_default();
        return stalled(Reason::BadCredentials, format!("{error}: correct username and {key} in Secret {secret}"));
    }
    faults::of(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_names_the_host_as_the_url_does() {
        let check = |url: &str, expected: &str| assert_eq!(host(&url.parse().unwrap()), expected);
        check("https://acme.thoughtspot.cloud", "acme.thoughtspot.cloud");
        check("https://acme.thoughtspot.cloud:443", "acme.thoughtspot.cloud");
        check("https://acme.thoughtspot.cloud:8443", "acme.thoughtspot.cloud:8443");
        check("http://127.0.0.1:8180", "127.0.0.1:8180");
    }
}
