//! An Instance: a Secret and an address become a signed-in connection, which wakes everything that goes through it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Secret as KubeSecret;
use kube::core::error_boundary::InvalidObject;
use kube::runtime::events::EventType;
use kube::{Resource, ResourceExt};
use thoughtspot_client::transport::Network;
use thoughtspot_client::v2::{Settings, V2};
use thoughtspot_crds::{Reason, ThoughtSpotInstance, ThoughtSpotInstanceStatus, marks, words as annotations};
use thoughtspot_engine::cache::Key;
use thoughtspot_engine::conditions::{self, Progress, Saying};
use thoughtspot_engine::controller::{Next, OwnWrites, Reconciler, is_blip, jittered, next_after};
use thoughtspot_engine::writer::Writer;
use thoughtspot_engine::{Fault, Live, unreadable};

use crate::access::{Access, sync_interval};
use crate::connection::{Connection, Standing};
use crate::faults::{self, stalled, transient};
use crate::secrets::{self, Secrets};
use crate::world::words;

/// How long a pass may take.
const PASS: Duration = Duration::from_secs(60);
/// How long a Secret that is deleted on its own is held, for an Instance or namespace whose deletion is about to show.
const GRACE: Duration = Duration::from_secs(2);

/// Instances.
pub struct Instances {
    access: Access,
    secrets: Secrets,
    network: Arc<Network>,
    writer: Writer,
    written: OwnWrites<ThoughtSpotInstance>,
    /// What each connection was made of: made anew only when that changes.
    made_of: Mutex<HashMap<Key, Origin>>,
    /// Since when a Secret in use has been seen to be deleted on its own.
    going: Mutex<HashMap<Key, Instant>>,
}

/// What a connection is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    url: String,
    secret_uid: Option<String>,
    secret_version: Option<String>,
    interval: Duration,
    by_password: bool,
}

/// One Instance during its pass.
struct Pass {
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
    /// Its Secret is gone; the last credential is used from memory.
    FromMemory(Fault),
    Released,
}

impl Instances {
    pub fn new(access: Access, secrets: Secrets, network: Arc<Network>, writer: Writer) -> Instances {
        Instances {
            access,
            secrets,
            network,
            writer,
            written: OwnWrites::default(),
            made_of: Mutex::default(),
            going: Mutex::default(),
        }
    }

    async fn pass(&self, pass: &mut Pass) -> Result<Ended, Fault> {
        let deleting = pass.object.meta().deletion_timestamp.is_some();
        if deleting && (!self.writer.has_finalizer(&pass.object) || self.user_of(&pass.key).is_none()) {
            return self.release(pass).await;
        }
        if pass.object.spec.suspend && !deleting {
            self.stand(&pass.key, Standing::Suspended);
            return Err(Fault::Suspended { reason: Reason::Suspended.as_str(), message: "spec.suspend is true".to_owned() });
        }
        if !deleting && !self.writer.has_finalizer(&pass.object) {
            pass.object = self.writer.mark(&pass.object, None).await?;
        }
        let ended = self.connect(pass).await;
        if let Err(fault) = &ended {
            self.fall(&pass.key, fault);
        }
        if deleting && ended.is_ok() {
            return Err(in_use(&pass.key, self.user_of(&pass.key)));
        }
        ended
    }

    /// Reads the Secret, signs in, and makes sure that this is the ThoughtSpot it was.
    async fn connect(&self, pass: &mut Pass) -> Result<Ended, Fault> {
        let Some(name) = pass.object.spec.auth.secret_name() else {
            return Err(stalled(Reason::Invalid, "spec.auth: write exactly one of password and trustedAuthentication"));
        };
        let secret_key = Key::new(&pass.key.namespace, name);
        self.secrets.watch(&secret_key);
        self.secrets.unwatch_unnamed();
        let secret = match self.secrets.read(&secret_key).await {
            Ok(secret) => secret,
            // Rotation by delete and create: what is connected stays connected meanwhile.
            Err(fault @ Fault::Waiting { .. }) if self.is_up(&pass.key) => return Ok(Ended::FromMemory(fault)),
            Err(fault) => return Err(fault),
        };
        self.hold(&pass.key, &secret_key, &secret).await?;
        let connection = self.connection(pass, &secret).await?;
        pass.resolved = Progress::Resolved;
        let system = connection.far.system().await.map_err(|e| faults::of(&e))?;
        self.same_system(pass, system.id.as_deref())?;
        pass.status.system_id = system.id.or(pass.status.system_id.take());
        pass.status.release = system.release;
        pass.status.login = Some(connection.login.name.clone());
        let one_by_one = connection.inventory.uncertified();
        self.stand(&pass.key, Standing::Up(connection));
        Ok(Ended::Connected { one_by_one })
    }

    /// The connection as it is, or a new one if what it is made of changed.
    async fn connection(&self, pass: &Pass, secret: &KubeSecret) -> Result<Arc<Connection>, Fault> {
        let spec = &pass.object.spec;
        let interval = sync_interval(&pass.object);
        let origin = Origin {
            url: spec.url.clone(),
            secret_uid: secret.uid(),
            // Our own finalizer changes the version of the whole: only the data makes a new connection.
            secret_version: Some(format!("{:?}", fingerprint(secret))),
            interval,
            by_password: spec.auth.password.is_some(),
        };
        if let Some(Standing::Up(connection)) = self.access.connections.get(&pass.key)
            && self.made_of().get(&pass.key) == Some(&origin)
        {
            return Ok(connection);
        }
        let url: url::Url =
            spec.url.parse().map_err(|_| stalled(Reason::Invalid, "spec.url: write scheme, host and port only"))?;
        let credentials = secrets::credentials(secret, &spec.auth, &host(&url))?;
        let far = V2::new(self.network.clone(), Settings { url, credentials, deadline: None }).map_err(|e| faults::of(&e))?;
        let far: thoughtspot_client::port::Handle = Arc::new(far);
        let system = far.system().await.map_err(|e| faults::of(&e))?;
        self.same_system(pass, system.id.as_deref())?;
        let login = far.login().await.map_err(|e| faults::of(&e))?;
        self.made_of().insert(pass.key.clone(), origin);
        Ok(Connection::new(far, system, login, interval, &pass.key, &self.access.world))
    }

    /// Nothing is written through an address that shows another ThoughtSpot than before.
    fn same_system(&self, pass: &Pass, id: Option<&str>) -> Result<(), Fault> {
        match (&pass.status.system_id, id) {
            (Some(before), Some(now)) if before != now => Err(stalled(
                Reason::DifferentInstance,
                "spec.url shows another ThoughtSpot than this Instance was connected to: correct it, or create another Instance",
            )),
            _ => Ok(()),
        }
    }

    /// The Secret in use carries our finalizer: in a namespace that is deleted, Secrets go first. Deleted on its own, it is let go.
    async fn hold(&self, instance: &Key, key: &Key, secret: &KubeSecret) -> Result<(), Fault> {
        if secret.metadata.deletion_timestamp.is_none() {
            self.going().remove(key);
            return self.secrets.hold(secret, true).await;
        }
        if self.is_going(instance) || self.access.world.is_terminating(&key.namespace) {
            return Ok(());
        }
        let since = *self.going().entry(key.clone()).or_insert_with(Instant::now);
        if since.elapsed() < GRACE {
            return Ok(());
        }
        self.going().remove(key);
        self.secrets.hold(secret, false).await
    }

    /// Whether a Secret waits for its grace to end.
    fn grace(&self, pass: &Pass) -> bool {
        let name = pass.object.spec.auth.secret_name().unwrap_or_default();
        self.going().contains_key(&Key::new(&pass.key.namespace, name))
    }

    fn is_going(&self, instance: &Key) -> bool {
        self.access.world.instances.get(instance).is_none_or(|i| i.metadata.deletion_timestamp.is_some())
    }

    /// Lets the Secret and the Instance go.
    async fn release(&self, pass: &Pass) -> Result<Ended, Fault> {
        if let Some(name) = pass.object.spec.auth.secret_name() {
            let key = Key::new(&pass.key.namespace, name);
            if !self.named_by_another(&pass.key, &key) {
                match self.secrets.read(&key).await {
                    Ok(secret) => self.secrets.hold(&secret, false).await?,
                    Err(Fault::Waiting { .. }) => {}
                    Err(fault) => return Err(fault),
                }
            }
        }
        if self.writer.has_finalizer(&pass.object) {
            self.writer.release(&pass.object).await?;
        }
        self.access.connections.forget(&pass.key);
        self.made_of().remove(&pass.key);
        Ok(Ended::Released)
    }

    fn named_by_another(&self, instance: &Key, secret: &Key) -> bool {
        self.access.world.instances.keys_under(&words::secret(secret)).iter().any(|other| other != instance)
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

    /// A fault that a person has to see to ends the connection; one that passes leaves it, and dependents meet the fault themselves.
    fn fall(&self, instance: &Key, fault: &Fault) {
        let passes = matches!(fault, Fault::Transient { .. } | Fault::Throttled { .. } | Fault::Outdated);
        if !(passes && self.is_up(instance)) {
            self.made_of().remove(instance);
            self.stand(instance, Standing::Down);
        }
    }

    fn made_of(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Origin>> {
        self.made_of.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn going(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Instant>> {
        self.going.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn report(&self, pass: &mut Pass, result: Result<Ended, Fault>, failures: u32) -> Next {
        let interval = sync_interval(&pass.object);
        let resync = Next::After(jittered(interval));
        let was_ready = conditions::was_ready(&pass.status.conditions, pass.object.meta().generation);
        let (sayings, next) = match &result {
            Ok(Ended::Released) => return Next::OnWake,
            Ok(Ended::Connected { one_by_one }) => (connected(one_by_one), resync),
            Ok(Ended::FromMemory(fault)) => (from_memory(fault), resync),
            Err(fault) => {
                let next = next_after(fault, interval);
                match of_fault(fault, pass.resolved) {
                    Some(sayings) if !is_blip(fault, was_ready, failures) => (sayings, next),
                    Some(_) | None => return next,
                }
            }
        };
        let before = pass.object.resource_version();
        if let Err(fault) = self.save(pass, &sayings).await {
            tracing::warn!(%fault, "the status could not be written");
            return Next::Backoff;
        }
        if let Err(fault @ Fault::Stalled { .. }) = &result
            && before != pass.object.resource_version()
        {
            let reason = fault.reason().unwrap_or_default();
            tracing::info!(instance = %pass.key, %fault, "needs a person");
            self.writer.tell(&pass.object, EventType::Warning, reason, "Reconcile", fault.message().to_owned()).await;
        }
        if self.grace(pass) { Next::After(GRACE) } else { next }
    }

    async fn save(&self, pass: &mut Pass, sayings: &[Saying]) -> Result<(), Fault> {
        let generation = pass.object.meta().generation;
        pass.status.conditions = conditions::compose(&pass.status.conditions, sayings, generation);
        pass.status.observed_generation = generation.unwrap_or_default();
        pass.status.last_handled_reconcile_at = pass.object.annotations().get(annotations::RECONCILE_REQUESTED_AT).cloned();
        if pass.object.status.as_ref() != Some(&pass.status) {
            pass.object = self.writer.put_status(&pass.object, &pass.status).await?;
        }
        Ok(())
    }
}

impl Reconciler for Instances {
    type Object = ThoughtSpotInstance;

    async fn reconcile(&self, object: Live<ThoughtSpotInstance>, failures: u32) -> Next {
        let key = Key::of(&*object);
        let object = self.written.newest(object);
        let seen = object.resource_version();
        let status = object.status.clone().unwrap_or_default();
        let mut pass = Pass { key, object, status, resolved: Progress::Resolving };
        let result = match tokio::time::timeout(PASS, self.pass(&mut pass)).await {
            Ok(result) => result,
            Err(_) => Err(transient(Reason::Unavailable, "the pass took too long and was given up")),
        };
        let next = self.report(&mut pass, result, failures).await;
        self.written.remember(seen.as_deref(), pass.object);
        next
    }

    async fn unreadable(&self, object: &InvalidObject) -> Next {
        match unreadable::handle::<ThoughtSpotInstance>(&self.writer, object).await {
            Ok(()) => Next::OnWake,
            Err(_) => Next::Backoff,
        }
    }
}

/// The host as a Secret names it: with the port where the URL has one.
fn host(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// What of a Secret makes the credentials, as a hash that never leaves the process.
fn fingerprint(secret: &KubeSecret) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    secret.type_.hash(&mut hasher);
    for (key, value) in secret.data.iter().flatten() {
        key.hash(&mut hasher);
        value.0.hash(&mut hasher);
    }
    hasher.finish()
}

fn in_use(instance: &Key, user: Option<String>) -> Fault {
    let namespace = format!(" {}/", instance.namespace);
    // Another tenant's names are not for this one to read.
    let user = user.filter(|user| user.contains(&namespace)).unwrap_or_else(|| "resources in another namespace".to_owned());
    Fault::Waiting { reason: Reason::InUse.as_str(), message: format!("waits for what uses it to go first: {user}") }
}

fn accepted() -> Saying {
    Saying { type_: "Authenticated", status: "True", reason: Reason::Accepted.as_str(), message: String::new() }
}

fn connected(one_by_one: &[String]) -> Vec<Saying> {
    let mut all = match one_by_one {
        [] => conditions::ready(Reason::Ready.as_str(), ""),
        scopes => conditions::ready(
            Reason::ReadOneByOne.as_str(),
            &format!("these lists cannot be read whole and are read object by object: {}", scopes.join(", ")),
        ),
    };
    all.push(accepted());
    all
}

/// Works, but not for long.
fn from_memory(fault: &Fault) -> Vec<Saying> {
    let message = format!("{}; the last credential is used from memory", fault.message());
    let fault = Fault::Waiting { reason: Reason::NotReady.as_str(), message };
    let mut all = conditions::of_fault(&fault, Progress::Resolving).unwrap_or_default();
    all.push(accepted());
    all
}

fn of_fault(fault: &Fault, resolved: Progress) -> Option<Vec<Saying>> {
    let mut all = conditions::of_fault(fault, resolved)?;
    if fault.reason() == Some(Reason::BadCredentials.as_str()) {
        let message = fault.message().to_owned();
        all.push(Saying { type_: "Authenticated", status: "False", reason: Reason::BadCredentials.as_str(), message });
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use thoughtspot_client::Error;

    #[test]
    fn a_secret_names_the_host_as_the_url_does() {
        let check = |url: &str, expected: &str| assert_eq!(host(&url.parse().unwrap()), expected);
        check("https://acme.thoughtspot.cloud", "acme.thoughtspot.cloud");
        check("https://acme.thoughtspot.cloud:443", "acme.thoughtspot.cloud");
        check("https://acme.thoughtspot.cloud:8443", "acme.thoughtspot.cloud:8443");
        check("http://127.0.0.1:8180", "127.0.0.1:8180");
    }

    #[test]
    fn refused_credentials_show_as_not_authenticated() {
        let error = Error::BadCredentials { login: "svc".into(), said: "no".into() };
        let sayings = of_fault(&faults::of(&error), Progress::Resolved).unwrap();
        assert!(sayings.iter().any(|s| s.type_ == "Authenticated" && s.status == "False"), "{sayings:?}");
        assert!(sayings.iter().any(|s| s.type_ == "Stalled" && s.status == "True"), "{sayings:?}");
    }
}
