//! Wiring: clients, caches, controllers, shutdown. Decides nothing.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use kube::api::Api;
use kube::core::DeserializeGuard;
use kube::{Client, Config, Resource};
use thoughtspot_client::budget::Pace;
use thoughtspot_client::host::HostPolicy;
use thoughtspot_client::transport::{Limits, Network};
use thoughtspot_crds::{annotations, marks};
use thoughtspot_engine::cache::{Cached, Source};
use thoughtspot_engine::controller::{self, Managed};
use thoughtspot_engine::writer::{Marks, Writer};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::access::Access;
use crate::administrators::Leaving;
use crate::brake::due::Brakes;
use crate::connection::Connections;
use crate::kinds::group::Groups;
use crate::kinds::instance::Instances;
use crate::kinds::org::Orgs;
use crate::kinds::user::{Memory, Users};
use crate::secrets::Secrets;
use crate::world::{Ears, Fillers, World};

/// What whoever installs the operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The hosts that may be reached.
    pub hosts: HostPolicy,
    /// The namespaces to watch; empty means all.
    pub watch_namespaces: Vec<String>,
    /// Requests a second to one host.
    pub requests_per_second: u32,
}

/// How many passes of one kind run at once. The budget of the host is the real limit.
const CONCURRENCY: u16 = 16;
/// How long to wait for the list of namespaces: without the right to read it, grants by label match nothing.
const NAMESPACES: Duration = Duration::from_secs(5);

/// What keeps the operator from running at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the Kubernetes configuration cannot be used: {0}")]
    Kubernetes(#[source] kube::Error),
    #[error("the HTTP client cannot be made: {0}")]
    Http(#[source] thoughtspot_client::Error),
}

/// Reconciles until `stop` turns true; passes that run then are finished.
///
/// # Errors
///
/// If a client cannot be made. Whatever fails later is tried again.
pub async fn run(kubernetes: Config, settings: Settings, stop: watch::Receiver<bool>) -> Result<(), Error> {
    let client = thoughtspot_engine::client::bounded(kubernetes).map_err(Error::Kubernetes)?;
    let pace = Pace { per_second: f64::from(settings.requests_per_second), ..Pace::default() };
    let limits = Limits { pace, ..Limits::default() };
    let network = Arc::new(Network::new(settings.hosts.clone(), limits).map_err(Error::Http)?);
    let (world, fillers, ears) = World::new();
    let mut tasks = JoinSet::new();
    watch_all(&mut tasks, &client, &settings.watch_namespaces, fillers, &world);
    let filled = async {
        tokio::join!(world.instances.filled(), world.orgs.filled(), world.groups.filled(), world.users.filled());
        // Not being allowed to read namespaces is no reason not to run.
        let _ = tokio::time::timeout(NAMESPACES, world.namespaces.filled()).await;
    };
    let mut stopped = stop.clone();
    tokio::select! {
        () = filled => {}
        _ = stopped.wait_for(|stopped| *stopped) => return Ok(()),
    }
    tracing::info!("watching; reconciling");
    control(client, network, world, ears, stop).await;
    tracing::info!("stopped");
    Ok(())
}

/// Starts the watches that fill the caches.
fn watch_all(tasks: &mut JoinSet<()>, client: &Client, namespaces: &[String], fillers: Fillers, world: &World) {
    let seen = world.clone();
    tasks.spawn(fillers.instances.run(apis(client, namespaces), move |moved| seen.instance_moved(&moved)));
    let seen = world.clone();
    tasks.spawn(fillers.orgs.run(apis(client, namespaces), move |moved| seen.org_moved(&moved)));
    let seen = world.clone();
    tasks.spawn(fillers.groups.run(apis(client, namespaces), move |moved| seen.group_moved(&moved)));
    let seen = world.clone();
    tasks.spawn(fillers.users.run(apis(client, namespaces), move |moved| seen.user_moved(&moved)));
    let seen = world.clone();
    tasks.spawn(fillers.namespaces.run(these(client, namespaces), move |moved| seen.namespace_moved(&moved)));
}

fn apis<K>(client: &Client, namespaces: &[String]) -> Vec<Api<DeserializeGuard<K>>>
where
    K: Cached + Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
{
    if namespaces.is_empty() {
        return vec![Api::all(client.clone())];
    }
    namespaces.iter().map(|namespace| Api::namespaced(client.clone(), namespace)).collect()
}

/// The watched namespaces themselves, each by its name: rights to see these are enough.
fn these(client: &Client, namespaces: &[String]) -> Vec<Source<Namespace>> {
    if namespaces.is_empty() {
        return vec![Api::all(client.clone()).into()];
    }
    namespaces.iter().map(|namespace| Source::named(Api::all(client.clone()), namespace)).collect()
}

/// Runs one controller per kind until all have stopped.
async fn control(client: Client, network: Arc<Network>, world: World, ears: Ears, stop: watch::Receiver<bool>) {
    let marks = Marks { finalizer: marks::FINALIZER, intent: marks::INTENT, requested: annotations::RECONCILE_REQUESTED_AT };
    let writer = Writer::new(client.clone(), "thoughtspot-operator", marks);
    let access = Access {
        world: world.clone(),
        connections: Connections::default(),
        brakes: Brakes::default(),
        leaving: Leaving::default(),
        writer: writer.clone(),
    };
    let secrets = Secrets::new(client, world.clone());
    let instances = Instances::new(access.clone(), secrets.clone(), network, writer.clone());
    let orgs = Managed::new(Orgs::new(access.clone()), writer.clone());
    let groups = Managed::new(Groups { access: access.clone() }, writer.clone());
    let users = Managed::new(Users { access, secrets, passwords: Memory::default() }, writer);
    tokio::join!(
        controller::run(Arc::new(instances), world.instances, ears.instances, CONCURRENCY, stop.clone()),
        controller::run(Arc::new(orgs), world.orgs, ears.orgs, CONCURRENCY, stop.clone()),
        controller::run(Arc::new(groups), world.groups, ears.groups, CONCURRENCY, stop.clone()),
        controller::run(Arc::new(users), world.users, ears.users, CONCURRENCY, stop),
    );
}
