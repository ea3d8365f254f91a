//! Wiring: clients, caches, controllers, turns with other replicas, shutdown. Decides nothing.

use std::net::SocketAddr;
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
use thoughtspot_engine::controller::Managed;
use thoughtspot_engine::fence::Fence;
use thoughtspot_engine::running::Running;
use thoughtspot_engine::scheduler;
use thoughtspot_engine::writer::{Marks, Writer};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::access::Access;
use crate::administrators::leaving::Leaving;
use crate::brake::due::Brakes;
use crate::connection::Connections;
use crate::health::{Health, Stage, Vitals};
use crate::kinds::group::Groups;
use crate::kinds::instance::Instances;
use crate::kinds::org::Orgs;
use crate::kinds::user::{Memory, Users};
use crate::metrics::Metrics;
use crate::replica::{self, Replica, Turns};
use crate::secrets::Secrets;
use crate::serve::Server;
use crate::trust::Trust;
use crate::world::{Fillers, Receivers, World};

/// What whoever installs the operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The hosts that may be reached.
    pub hosts: HostPolicy,
    /// The namespaces to watch; empty means all.
    pub watch_namespaces: Vec<String>,
    /// Requests a second to one host.
    pub requests_per_second: u32,
    /// How much memory the process may take, in bytes.
    pub memory: u64,
    /// How replicas take turns; `None` for one that runs alone.
    pub turns: Option<Turns>,
    /// How long what runs may go on once it is told to stop.
    pub grace: Duration,
    /// Where to tell how it is, if anywhere.
    pub health_listen: Option<SocketAddr>,
}

/// How long to wait for the list of namespaces. Nobody need have the right to read it: grants by label match nothing, then.
const NAMESPACES_WAIT: Duration = Duration::from_secs(5);

/// What keeps the operator from running at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the Kubernetes configuration cannot be used: {0}")]
    Kubernetes(#[source] kube::Error),
    #[error("the HTTP client cannot be made: {0}")]
    Http(#[source] thoughtspot_client::Error),
    #[error("{0} cannot be listened on: {1}")]
    Listen(SocketAddr, #[source] std::io::Error),
    #[error("nothing can be counted: {0}")]
    Metrics(#[source] metrics_exporter_prometheus::BuildError),
    #[error(transparent)]
    Replica(#[from] replica::Error),
    /// A defect. Whoever started us starts us again, which is better than half an operator.
    #[error("{0} ended by itself")]
    Ended(&'static str),
}

/// How one life of a replica ended that met no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// It was told to stop, and did.
    Stopped,
    /// Another replica leads, or may soon.
    Lost,
}

/// Reconciles, while it is this replica's turn, until `stop` turns true; passes that run then are finished. Whoever lost its turn
/// starts over with nothing of before, as a new process would: what it remembers may be what its successor changed.
///
/// # Errors
///
/// If a client cannot be made. Whatever fails later is tried again.
pub async fn run(kubernetes: Config, settings: Settings, stop: watch::Receiver<bool>) -> Result<(), Error> {
    let health = Health::default();
    let _served = match settings.health_listen {
        Some(address) => Some(serve(address, &health).await?),
        None => None,
    };
    while live(&kubernetes, &settings, &health, stop.clone()).await? == End::Lost {
        tracing::info!("starting over, as one that waits for its turn");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Answers probes and tells metrics for as long as the answer lives. Without anybody to tell nothing is counted.
async fn serve(address: SocketAddr, health: &Health) -> Result<(Metrics, Server), Error> {
    let metrics = Metrics::start().map_err(Error::Metrics)?;
    let measured = health.clone();
    let router = health.router().merge(metrics.router(move || measured.measure()));
    let server = Server::start(address, router).await.map_err(|error| Error::Listen(address, error))?;
    Ok((metrics, server))
}

/// One life: watches, waits for its turn with caches that are filled, leads.
async fn live(kubernetes: &Config, settings: &Settings, health: &Health, stop: watch::Receiver<bool>) -> Result<End, Error> {
    let mut life = Life::begin(kubernetes, settings)?;
    health.begin(Vitals {
        world: life.world.clone(),
        connections: life.connections.clone(),
        hindrances: life.replica.hindrances(),
        running: life.running.clone(),
        stage: Stage::Filling,
    });
    life.wait_for_its_turn(health, stop.clone()).await?;
    if *stop.borrow() {
        life.replica.release().await;
        return Ok(End::Stopped);
    }
    health.at(Stage::Leading);
    tracing::info!("watching; reconciling");
    life.lead(settings, health, stop).await
}

/// All that a replica has between its first watch and the end of leading. The next life begins with nothing of it.
struct Life {
    replica: Replica,
    client: Client,
    network: Arc<Network>,
    world: World,
    connections: Connections,
    receivers: Receivers,
    watches: JoinSet<()>,
    running: Running,
}

impl Life {
    fn begin(kubernetes: &Config, settings: &Settings) -> Result<Life, Error> {
        let replica = Replica::new(kubernetes, settings.turns.as_ref())?;
        let client = thoughtspot_engine::client::bounded(kubernetes.clone(), replica.fence.clone(), replica.timing());
        let client = client.map_err(Error::Kubernetes)?;
        let network = network(settings, &replica)?;
        let (world, fillers, receivers) = World::new();
        let mut watches = JoinSet::new();
        watch_all(&mut watches, &client, &settings.watch_namespaces, fillers, &world);
        let connections = Connections::default();
        Ok(Life { replica, client, network, world, connections, receivers, watches, running: Running::default() })
    }

    /// Returns when it leads, or is told to stop.
    async fn wait_for_its_turn(&mut self, health: &Health, stop: watch::Receiver<bool>) -> Result<(), Error> {
        let Life { replica, world, receivers, watches, .. } = self;
        let its_turn = async {
            caches_filled(world).await;
            health.at(Stage::Waiting);
            tokio::select! {
                () = replica.its_turn() => {}
                () = receivers.forget() => {}
            }
        };
        tokio::select! {
            () = its_turn => Ok(()),
            () = stopped(stop) => Ok(()),
            _ = watches.join_next() => Err(Error::Ended("a watch")),
        }
    }

    /// Reconciles until it has lost its turn or is told to stop.
    async fn lead(self, settings: &Settings, health: &Health, stop: watch::Receiver<bool>) -> Result<End, Error> {
        let Life { mut replica, client, network, world, connections, receivers, mut watches, running } = self;
        let fence = replica.fence.clone();
        let finished = tokio::select! {
            () = control(client, network, world, connections, receivers, running, stop.clone()) => true,
            () = out_of_time(stop.clone(), settings.grace, health, &fence) => false,
            () = replica.lost() => return Ok(End::Lost),
            _ = watches.join_next() => return Err(Error::Ended("a watch")),
        };
        if !*stop.borrow() {
            return Err(Error::Ended("every controller"));
        }
        // What was given up may still be under way, but for what the fence did not let begin.
        if finished || settings.grace >= replica.longest_write() {
            replica.release().await;
        }
        Ok(End::Stopped)
    }
}

fn network(settings: &Settings, replica: &Replica) -> Result<Arc<Network>, Error> {
    let pace = Pace { per_second: f64::from(settings.requests_per_second), ..Pace::default() };
    // The other half is for resources, and for what is in hand.
    let lists_max = usize::try_from(settings.memory / 2).unwrap_or(usize::MAX);
    let limits = Limits { pace, write_deadline: replica.longest_write(), lists_max, ..Limits::default() };
    let network = Network::new(settings.hosts.clone(), limits).map_err(Error::Http)?;
    let fence = replica.fence.clone();
    Ok(Arc::new(network.of_replica(&replica.name, Box::new(move |within| fence.admit(within).is_ok()))))
}

/// Returns once what the caches show can be decided on.
async fn caches_filled(world: &World) {
    tokio::join!(world.instances.filled(), world.orgs.filled(), world.groups.filled(), world.users.filled());
    // Not being allowed to read namespaces is no reason not to run.
    let _ = tokio::time::timeout(NAMESPACES_WAIT, world.namespaces.filled()).await;
}

/// Returns when it is told to stop.
async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that whoever could stop us is gone.
    let _ = stop.wait_for(|stopped| *stopped).await;
}

/// Returns when what runs has to be given up. No write begins that would not end before.
async fn out_of_time(stop: watch::Receiver<bool>, grace: Duration, health: &Health, fence: &Fence) {
    stopped(stop).await;
    health.stop();
    fence.shut(Instant::now() + grace);
    sleep(grace).await;
    tracing::warn!("giving up what still runs: the next to lead sees to it");
}

/// Starts the watches that fill the caches.
fn watch_all(tasks: &mut JoinSet<()>, client: &Client, namespaces: &[String], fillers: Fillers, world: &World) {
    let seen = world.clone();
    tasks.spawn(fillers.instances.run(in_watched_namespaces(client, namespaces), move |moved| seen.instance_moved(&moved)));
    let seen = world.clone();
    tasks.spawn(fillers.orgs.run(in_watched_namespaces(client, namespaces), move |moved| seen.org_moved(&moved)));
    let seen = world.clone();
    tasks.spawn(fillers.groups.run(in_watched_namespaces(client, namespaces), move |moved| seen.group_moved(&moved)));
    let seen = world.clone();
    tasks.spawn(fillers.users.run(in_watched_namespaces(client, namespaces), move |moved| seen.user_moved(&moved)));
    let seen = world.clone();
    tasks.spawn(fillers.namespaces.run(watched_namespaces(client, namespaces), move |moved| seen.namespace_moved(&moved)));
}

fn in_watched_namespaces<K>(client: &Client, namespaces: &[String]) -> Vec<Api<DeserializeGuard<K>>>
where
    K: Cached + Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
{
    if namespaces.is_empty() {
        return vec![Api::all(client.clone())];
    }
    namespaces.iter().map(|namespace| Api::namespaced(client.clone(), namespace)).collect()
}

/// The watched namespaces themselves, each by its name: rights to see these are enough.
fn watched_namespaces(client: &Client, namespaces: &[String]) -> Vec<Source<Namespace>> {
    if namespaces.is_empty() {
        return vec![Api::all(client.clone()).into()];
    }
    namespaces.iter().map(|namespace| Source::named(Api::all(client.clone()), namespace)).collect()
}

/// Runs one controller per kind until all have stopped.
async fn control(
    client: Client,
    network: Arc<Network>,
    world: World,
    connections: Connections,
    receivers: Receivers,
    running: Running,
    stop: watch::Receiver<bool>,
) {
    let marks = Marks { finalizer: marks::FINALIZER, intent: marks::INTENT, requested: annotations::RECONCILE_REQUESTED_AT };
    let writer = Writer::new(client.clone(), "thoughtspot-operator", marks);
    let access = Access {
        world: world.clone(),
        connections,
        brakes: Brakes::default(),
        leaving: Leaving::default(),
        writer: writer.clone(),
    };
    let trust = Trust::new(client.clone(), world.clone());
    let secrets = Secrets::new(client, world.clone());
    let instances = Instances::new(access.clone(), secrets.clone(), trust, network, writer.clone());
    let orgs = Managed::new(Orgs::new(access.clone()), writer.clone(), world.orgs.clone());
    let groups = Managed::new(Groups { access: access.clone() }, writer.clone(), world.groups.clone());
    let users = Managed::new(Users { access, secrets, passwords: Memory::default() }, writer, world.users.clone());
    tokio::join!(
        scheduler::run(Arc::new(instances), world.instances.store(), receivers.instances, running.clone(), stop.clone()),
        scheduler::run(Arc::new(orgs), world.orgs.store(), receivers.orgs, running.clone(), stop.clone()),
        scheduler::run(Arc::new(groups), world.groups.store(), receivers.groups, running.clone(), stop.clone()),
        scheduler::run(Arc::new(users), world.users.store(), receivers.users, running, stop),
    );
}
