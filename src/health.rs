//! What the probes of Kubernetes are told: whether the process works, and whether it leads or could.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use thoughtspot_engine::election::{Hindrance, Hindrances};
use thoughtspot_engine::running::Running;

use crate::connection::Connections;
use crate::metrics;
use crate::world::World;

const WAITING: &str = "ok: it waits for its turn";
const WAITING_FOR_UNKNOWN: &str =
    "ok: it waits for its turn: there was no Lease, and one whose Lease was deleted may still write";

/// How this process is. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct Health(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    life: Option<Vitals>,
    stopping: bool,
}

/// One life of a replica, as far as it tells how the process is.
pub struct Vitals {
    pub world: World,
    pub connections: Connections,
    /// What keeps it from its turn, where it takes turns.
    pub hindrances: Option<Hindrances>,
    pub running: Running,
    pub stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Its caches are being filled.
    Filling,
    /// It waits for its turn.
    Waiting,
    Leading,
}

impl Health {
    pub fn begin(&self, life: Vitals) {
        self.state().life = Some(life);
    }

    /// The life that has begun is at this stage now.
    pub fn at(&self, stage: Stage) {
        if let Some(life) = &mut self.state().life {
            life.stage = stage;
        }
    }

    pub fn stop(&self) {
        self.state().stopping = true;
    }

    /// `/livez` and `/readyz`: 200, or 503 with a line for each thing that is wrong.
    pub fn router(&self) -> Router {
        let (alive, ready) = (self.clone(), self.clone());
        Router::new()
            .route("/livez", get(move || std::future::ready(answer(alive.is_alive()))))
            .route("/readyz", get(move || std::future::ready(answer(ready.is_ready()))))
    }

    /// Sets the gauges of what this replica sees and does.
    pub fn measure(&self) {
        if let Some(Vitals { world, connections, running, stage, .. }) = &self.state().life {
            metrics::measure(world, connections, running, *stage == Stage::Leading);
        }
    }

    fn is_alive(&self) -> Result<&'static str, Vec<String>> {
        let stuck = self.state().life.as_ref().map(|life| life.running.stuck()).unwrap_or_default();
        if stuck.is_empty() { Ok("ok") } else { Err(stuck) }
    }

    fn is_ready(&self) -> Result<&'static str, Vec<String>> {
        let state = self.state();
        let life = match &state.life {
            Some(life) if !state.stopping => life,
            Some(_) | None => return Err(vec![if state.stopping { "stopping" } else { "starting" }.to_owned()]),
        };
        let (trouble, waiting) = match life.hindrances.as_ref().and_then(Hindrances::get) {
            Some(Hindrance::Trouble(trouble)) => (Some(format!("the lease: {trouble}")), WAITING),
            Some(Hindrance::Unknown) => (None, WAITING_FOR_UNKNOWN),
            None => (None, WAITING),
        };
        let waits: Vec<String> = life.world.waits().into_iter().chain(trouble).collect();
        if !waits.is_empty() {
            return Err(waits);
        }
        match life.stage {
            Stage::Filling => Err(vec!["the caches are being filled".to_owned()]),
            Stage::Waiting => Ok(waiting),
            Stage::Leading => Ok("ok: it leads"),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn answer(result: Result<&'static str, Vec<String>>) -> (StatusCode, String) {
    match result {
        Ok(word) => (StatusCode::OK, format!("{word}\n")),
        Err(lines) => (StatusCode::SERVICE_UNAVAILABLE, lines.iter().map(|line| format!("{line}\n")).collect()),
    }
}
