//! An Instance: a Secret and an address become a signed-in connection, which wakes everything that goes through it.

mod held;
mod link;
mod outage;
mod report;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Secret as KubeSecret;
use kube::core::error_boundary::InvalidObject;
use kube::{Resource, ResourceExt};
use thoughtspot_client::Error;
use thoughtspot_client::domain::System;
use thoughtspot_client::port::Handle;
use thoughtspot_client::settings::{Credentials, Settings};
use thoughtspot_client::transport::Network;
use thoughtspot_client::v1::V1;
use thoughtspot_client::v2::V2;
use thoughtspot_crds::{Dialect, Reason, ThoughtSpotInstance, ThoughtSpotInstanceStatus, marks};
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
use crate::world::words;
use link::Link;

/// How long a Secret that is deleted on its own is held, for an Instance or namespace whose deletion is about to show: whoever deletes them one by
/// one may take a while from one to the next.
const GRACE: Duration = Duration::from_secs(5);

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
    /// Since when a Secret in use has been seen to be deleted on its own.
    going: Mutex<HashMap<Key, Instant>>,
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
        Instances {
            access,
            secrets,
            trust,
            network,
            writer,
            written: OwnWrites::default(),
            made_of: Mutex::default(),
            going: Mutex::default(),
        }
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
        let ended = self.connect(visit).await.map_err(|fault| self.in_outage(visit, fault));
        if let Err(fault) = &ended {
            self.fall(&visit.key, fault);
        }
        if deleting && ended.is_ok() {
            visit.resolved = Progress::Resolved;
            return Err(in_use(&visit.key, self.user_of(&visit.key)));
        }
        ended
    }

    /// Reads the Secret, signs in, and makes sure that this is the ThoughtSpot it was.
    async fn connect(&self, visit: &mut Visit) -> Result<Ended, Fault> {
        let key = secret_key(visit);
        self.let_go_of_another(visit, &key.name).await?;
        self.secrets.watch(&key);
        self.secrets.unwatch_unnamed();
        let secret = match self.secrets.read(&key).await {
            Ok(secret) => secret,
            // Rotation by delete and create: what is connected stays connected meanwhile.
            Err(fault @ Fault::Waiting { .. }) if self.is_up(&visit.key) => {
                return self.go_on_from_memory(visit, fault, "credential").await;
            }
            Err(fault) => return Err(fault),
        };
        self.let_go_when_deleted(&visit.key, &key, &secret).await?;
        let authorities = match self.trust.authorities(&visit.object).await {
            // In a namespace that is deleted it goes before the resources that need it.
            Err(fault @ Fault::Waiting { .. }) if self.is_up(&visit.key) => {
                return self.go_on_from_memory(visit, fault, "CA").await;
            }
            authorities => authorities?,
        };
        let spec = &visit.object.spec;
        let url: url::Url =
            spec.url.parse().map_err(|_| stalled(Reason::Invalid, "spec.url: write scheme, host and port only"))?;
        let credentials = secrets::credentials(&secret, &spec.auth, &host(&url))?;
        let seal = Seal::new(secret.uid().unwrap_or_default());
        visit.status.held_secret = self.secrets.hold(&secret, true).await?.then_some(key.name);
        let link = Link::new(authorities, spec.limits.as_ref());
        let made_of = Ingredients { url, dialect: spec.dialect, credentials, link, interval: sync_interval(&visit.object), seal };
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
        if let Some(id) = system.id {
            visit.status.system_ids.set(visit.object.spec.dialect, id);
        }
        visit.status.url = Some(visit.object.spec.url.clone());
        visit.status.release = system.release;
        visit.status.login = Some(connection.login.name.clone());
        let one_by_one = connection.inventory.uncertified();
        self.answered(&visit.key, &connection);
        self.stand(&visit.key, Standing::Up(connection));
        Ok(Ended::Connected { one_by_one })
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

    /// A Secret in use is held in a namespace that is deleted, where Secrets go first, and while its Instance goes. One that is deleted on
    /// its own is let go, after a moment in which the other deletion would show.
    async fn let_go_when_deleted(&self, instance: &Key, key: &Key, secret: &KubeSecret) -> Result<(), Fault> {
        let with_others = self.is_going(instance) || self.access.world.is_terminating(&key.namespace);
        if secret.metadata.deletion_timestamp.is_none() || with_others {
            self.going().remove(key);
            return Ok(());
        }
        let since = *self.going().entry(key.clone()).or_insert_with(Instant::now);
        if since.elapsed() < GRACE {
            return Ok(());
        }
        self.going().remove(key);
        self.secrets.hold(secret, false).await.map(drop)
    }

    /// The Secret that was used before and is not named any more.
    async fn let_go_of_another(&self, visit: &mut Visit, named: &str) -> Result<(), Fault> {
        let Some(held) = visit.status.held_secret.clone().filter(|held| held != named) else { return Ok(()) };
        let key = Key::new(&visit.key.namespace, held);
        if !self.needed_by_another(&visit.key, &key) {
            self.secrets.let_go(&key).await?;
        }
        visit.status.held_secret = None;
        Ok(())
    }

    /// Whether a Secret waits for its grace to end.
    fn grace(&self, visit: &Visit) -> bool {
        self.going().contains_key(&secret_key(visit))
    }

    fn is_going(&self, instance: &Key) -> bool {
        self.access.world.instances.get(instance).is_none_or(|i| i.metadata.deletion_timestamp.is_some())
    }

    /// Lets the Secret and the Instance go.
    async fn release(&self, visit: &mut Visit) -> Result<Ended, Fault> {
        let named = visit.object.spec.auth.secret_name().map(str::to_owned);
        for name in named.into_iter().chain(visit.status.held_secret.clone()) {
            let key = Key::new(&visit.key.namespace, name);
            if !self.needed_by_another(&visit.key, &key) {
                self.secrets.let_go(&key).await?;
            }
        }
        if self.writer.has_finalizer(&visit.object) {
            self.writer.release(&mut visit.object).await?;
        }
        self.access.connections.forget(&visit.key);
        self.access.brakes.forget(&visit.key);
        self.made_of().remove(&visit.key);
        Ok(Ended::Released)
    }

    /// Whether another Instance names the Secret and is not about to go as well.
    fn needed_by_another(&self, instance: &Key, secret: &Key) -> bool {
        let others = self.access.world.instances.under(&words::secret(secret));
        others
            .iter()
            .map(|other| (Key::of(&**other), other.metadata.deletion_timestamp.is_some()))
            .any(|(other, going)| other != *instance && (!going || self.user_of(&other).is_some()))
    }

    /// One resource that is held by our finalizer and reaches ThoughtSpot through this Instance.
    fn user_of(&self, instance: &Key) -> Option<String> {
        let world = &self.access.world;
        let word = words::instance_key(instance);
        let held = |finalizers: &[String]| finalizers.iter().any(|f| f == marks::FINALIZER);
        let groups = world.groups.under(&word);
        if let Some(group) = groups.iter().find(|group| held(group.finalizers())) {
            return Some(format!("ThoughtSpotGroup {}", Key::of(&**group)));
        }
        let orgs = world.orgs.under(&word);
        let users = world.users.under(&word);
        let org = orgs.iter().find(|o| held(o.finalizers())).map(|o| format!("ThoughtSpotOrg {}", Key::of(&**o)));
        org.or_else(|| users.iter().find(|u| held(u.finalizers())).map(|u| format!("ThoughtSpotUser {}", Key::of(&**u))))
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

    fn going(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Instant>> {
        self.going.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reconciler for Instances {
    type Object = ThoughtSpotInstance;

    /// Its host: that is what hangs.
    fn lane(&self, instance: &Live<ThoughtSpotInstance>) -> String {
        let url = instance.spec.url.parse().ok();
        url.as_ref().and_then(url::Url::host_str).unwrap_or_default().to_owned()
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

/// The Secret that the Instance names; the API server has seen to it that there is one.
fn secret_key(visit: &Visit) -> Key {
    Key::new(&visit.key.namespace, visit.object.spec.auth.secret_name().unwrap_or_default())
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

fn in_use(instance: &Key, user: Option<String>) -> Fault {
    let namespace = format!(" {}/", instance.namespace);
    // Another tenant's names are not for this one to read.
    let user = user.filter(|user| user.contains(&namespace)).unwrap_or_else(|| "resources in another namespace".to_owned());
    Fault::Waiting { reason: Reason::InUse.as_str(), message: format!("waits for what uses it to be deleted first: {user}") }
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
