//! Takes turns with other replicas by a Lease: asks, takes, renews, releases. What is decided is decided in [`crate::lease`].
//!
//! Invariants: it writes the Lease only by replacing the version that was read; it never patches. Every request is bounded by the
//! times of the lease, or it would be stuck in one while its time runs out.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::PostParams;
use kube::{Api, Client, Config};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::fence::Fence;
use crate::lease::{Candidate, Step, Timing};
use crate::next::jittered;
use crate::shown::shown;

/// The Lease, and who wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub namespace: String,
    pub name: String,
    /// Another one for each replica, and each time it begins: whoever starts over waits as anybody else.
    pub identity: String,
    pub timing: Timing,
}

/// One replica's part in the election. It leads at most once.
pub struct Election {
    api: Api<Lease>,
    name: String,
    candidate: Candidate,
    /// As last read or written.
    stored: Option<Lease>,
    fence: Fence,
    hindrances: Hindrances,
}

/// What keeps a replica from its turn, besides a leader that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// Why the Lease cannot be read or written.
    Trouble(String),
    /// There was no Lease. It waits until whoever may have had one writes no more.
    Unknown,
}

/// What keeps this replica from its turn at the moment, if anything. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Hindrances(Arc<Mutex<Option<Hindrance>>>);

impl Hindrances {
    pub fn get(&self) -> Option<Hindrance> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Logs what is new.
    fn set(&self, hindrance: Option<Hindrance>, timing: Timing) {
        let mut before = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *before == hindrance {
            return;
        }
        if let Some(Hindrance::Trouble(_)) = &*before {
            tracing::info!("the lease can be used again");
        }
        match &hindrance {
            Some(Hindrance::Trouble(trouble)) => tracing::warn!(trouble, "the lease cannot be used"),
            Some(Hindrance::Unknown) => {
                let seconds = timing.lease().as_secs();
                tracing::info!(seconds, "there was no Lease: waiting, since one whose Lease was deleted may still write");
            }
            None => {}
        }
        *before = hindrance;
    }
}

impl Election {
    /// Opens no connection. It has a client of its own: one that others keep busy, or that the fence holds back, could not renew.
    ///
    /// # Errors
    ///
    /// If the configuration names certificates or proxies that cannot be used.
    pub fn new(config: Config, turn: Turn, fence: Fence) -> Result<Election, kube::Error> {
        let api = Api::namespaced(Client::try_from(config)?, &turn.namespace);
        let candidate = Candidate::new(turn.identity, turn.timing);
        Ok(Election { api, name: turn.name, candidate, stored: None, fence, hindrances: Hindrances::default() })
    }

    /// What keeps it from its turn, as it is at any time.
    pub fn hindrances(&self) -> Hindrances {
        self.hindrances.clone()
    }

    /// Returns once this replica leads; the fence is open then.
    pub async fn won(&mut self) {
        while self.candidate.gives_up_at().is_none() {
            let after = match self.turn().await {
                Next::Again(after) => after,
                Next::Lost => self.candidate.timing().look_every(),
            };
            if self.candidate.gives_up_at().is_none() {
                sleep(jittered(after)).await;
            }
        }
        tracing::info!(lease = self.name, identity = self.candidate.identity(), "this replica leads");
    }

    /// Renews until it has lost the lease: to somebody else, or because it could not renew for too long.
    pub async fn lost(&mut self) {
        let mut after = self.candidate.timing().renew_every();
        while let Some(end) = self.candidate.gives_up_at() {
            let renewed = async {
                sleep(after).await;
                self.turn().await
            };
            let next = tokio::select! {
                next = renewed => next,
                () = sleep_until(end) => Next::Lost,
            };
            match next {
                Next::Again(again) => after = again,
                Next::Lost => break,
            }
        }
        self.fence.shut(Instant::now());
        tracing::warn!(lease = self.name, "this replica leads no more");
    }

    /// Lets somebody else begin at once. Nothing may be written any more, nor be under way. Should it fail, the lease runs out.
    pub async fn release(&mut self) {
        self.fence.shut(Instant::now());
        // A renewal that was under way may come in between, once.
        for _ in 0..2 {
            match self.try_release().await {
                Ok(Some(())) => return tracing::info!(lease = self.name, "released the lease"),
                Ok(None) => {}
                Err(trouble) => {
                    return tracing::warn!(trouble, lease = self.name, "the lease could not be released: it runs out");
                }
            }
        }
    }

    /// `None` if somebody else wrote it meanwhile.
    async fn try_release(&self) -> Result<Option<()>, String> {
        let Some(mut lease) = self.bounded(self.api.get_opt(&self.name)).await? else { return Ok(Some(())) };
        let Some(spec) = lease.spec.as_ref().and_then(|spec| self.candidate.released(spec)) else { return Ok(Some(())) };
        lease.spec = Some(spec);
        let written = self.bounded(unless_outrun(self.api.replace(&self.name, &PostParams::default(), &lease))).await?;
        Ok(written.map(drop))
    }

    /// Reads if need be, decides, writes.
    async fn turn(&mut self) -> Next {
        let timing = self.candidate.timing();
        let every = if self.candidate.gives_up_at().is_some() { timing.renew_every() } else { timing.look_every() };
        match self.try_turn().await {
            Ok(next) => {
                let unknown = self.candidate.waits_for_unknown();
                self.hindrances.set(unknown.then_some(Hindrance::Unknown), timing);
                next.unwrap_or(Next::Again(every))
            }
            Err(trouble) => {
                // Whether it arrived shows when it is read again.
                self.stored = None;
                self.hindrances.set(Some(Hindrance::Trouble(trouble)), timing);
                Next::Again(every.min(timing.look_every()))
            }
        }
    }

    async fn try_turn(&mut self) -> Result<Option<Next>, String> {
        let leads = self.candidate.gives_up_at().is_some();
        let stored = match self.stored.take().filter(|_| leads) {
            Some(stored) => Some(stored),
            None => self.bounded(self.api.get_opt(&self.name)).await?,
        };
        match self.candidate.step(stored.as_ref(), Instant::now(), jiff::Timestamp::now()) {
            Step::Wait(after) => Ok(Some(Next::Again(after))),
            Step::Lost => Ok(Some(Next::Lost)),
            Step::Reserve(spec) => self.create(*spec).await.map(Some),
            Step::Take(lease) => self.replace(*lease).await,
        }
    }

    /// Writes it on the version that was read. Somebody else's write in between is no trouble: the next look shows it.
    async fn replace(&mut self, lease: Lease) -> Result<Option<Next>, String> {
        let sent = Instant::now();
        let written = self.bounded(unless_outrun(self.api.replace(&self.name, &PostParams::default(), &lease))).await?;
        if written.is_some() {
            self.fence.extend(self.candidate.stored(sent));
        }
        let outrun = written.is_none();
        self.stored = written;
        Ok(outrun.then(|| Next::Again(self.candidate.timing().look_every())))
    }

    /// Creates it for others and itself to wait for, unless somebody else just did.
    async fn create(&mut self, spec: LeaseSpec) -> Result<Next, String> {
        let metadata = ObjectMeta { name: Some(self.name.clone()), ..ObjectMeta::default() };
        let lease = Lease { metadata, spec: Some(spec) };
        let created = self.bounded(unless_outrun(self.api.create(&PostParams::default(), &lease))).await?;
        if let Some(created) = created {
            self.candidate.reserved(&created, Instant::now());
        }
        Ok(Next::Again(self.candidate.timing().look_every()))
    }

    async fn bounded<T>(&self, call: impl Future<Output = Result<T, kube::Error>>) -> Result<T, String> {
        match timeout(self.candidate.timing().attempt(), call).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(shown(&error)),
            Err(_) => Err("the Kubernetes API did not answer in time".to_owned()),
        }
    }
}

/// What comes after one turn.
enum Next {
    Again(Duration),
    Lost,
}

/// `None` if somebody else wrote, deleted or created what this was to replace or create.
async fn unless_outrun<T>(call: impl Future<Output = Result<T, kube::Error>>) -> Result<Option<T>, kube::Error> {
    match call.await {
        Ok(value) => Ok(Some(value)),
        Err(kube::Error::Api(status)) if status.is_conflict() || status.is_already_exists() => Ok(None),
        Err(error) => Err(error),
    }
}
