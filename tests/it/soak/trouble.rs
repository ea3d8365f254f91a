//! What goes wrong: in ThoughtSpot, on the way to Kubernetes, and with the operator's own processes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use fastrand::Rng;
use reqwest::StatusCode;
use thoughtspot_crds::Dialect;
use thoughtspot_simulator::{Action, Body, Rule};
use thoughtspot_testkit::proxy::Trouble;

use crate::bench::{Bench, PATIENCE};
use crate::health::LISTEN;
use crate::replicas::{Replica, Stage};

/// Two processes of the binary. The first lives as long as the run, so that its memory can be told; the second is killed again and again.
pub(super) struct Pair {
    binary: PathBuf,
    lease: u16,
    pub(super) first: Replica,
    pub(super) second: Option<Replica>,
    frozen: bool,
    serves: bool,
    due: Vec<(Instant, End)>,
}

/// What ends a trouble.
#[derive(Clone, Copy, Debug)]
enum End {
    Thaw,
    /// Nothing stands between the replicas and Kubernetes any more.
    Mend,
    /// The second is started, or started anew.
    Second,
    /// ThoughtSpot is there again.
    Serve,
}

impl Pair {
    pub(super) async fn start(stage: &Stage, lease: u16) -> Pair {
        let own = PathBuf::from(env!("CARGO_BIN_EXE_thoughtspot-operator"));
        let binary = std::env::var_os("SOAK_OPERATOR").map_or(own, PathBuf::from);
        let first = stage.start_binary(&binary, "first", lease, &LISTEN).await;
        let second = Some(stage.start_binary(&binary, "second", lease, &LISTEN).await);
        Pair { binary, lease, first, second, frozen: false, serves: true, due: Vec::new() }
    }

    /// Ends what has lasted long enough; everything, if `all`.
    pub(super) async fn end_what_is_due(&mut self, stage: &Stage, all: bool) {
        let (over, due) = std::mem::take(&mut self.due).into_iter().partition(|(at, _)| all || *at <= Instant::now());
        self.due = due;
        let over: Vec<(Instant, End)> = over;
        for (_, end) in over {
            self.end(stage, end).await;
        }
    }

    async fn end(&mut self, stage: &Stage, end: End) {
        match end {
            End::Thaw => {
                self.first.process.thaw();
                self.frozen = false;
            }
            End::Mend => {
                for replica in [Some(&self.first), self.second.as_ref()].into_iter().flatten() {
                    replica.kubernetes.troubles().end();
                    replica.kubernetes.views().release();
                    replica.kubernetes.mend();
                }
            }
            End::Second => {
                // What has not ended by now is killed.
                self.second = None;
                self.second = Some(stage.start_binary(&self.binary, "second", self.lease, &LISTEN).await);
            }
            End::Serve => {
                stage.bench.thoughtspot.restart().await.unwrap();
                self.serves = true;
            }
        }
    }

    fn until(&mut self, rng: &mut Rng, longest: u64, end: End) {
        self.due.push((Instant::now() + Duration::from_millis(rng.u64(200..longest * 1000)), end));
    }

    /// Kubernetes answers late, wrongly or not at all, or its watches break off.
    pub(super) fn near(&mut self, rng: &mut Rng) -> &'static str {
        let replica = self.second.as_ref().filter(|_| rng.bool()).unwrap_or(&self.first);
        let (proxy, done) = (&replica.kubernetes, rng.u8(..8));
        match done {
            0 => proxy.cut(),
            1 => proxy.views().end(),
            2 => proxy.views().expire(),
            3 => proxy.views().hold(|_| true),
            _ => {
                let (mut own, often) = (rng.fork(), rng.u8(10..60));
                proxy.troubles().befall(move |label| (own.u8(..100) < often).then(|| trouble_with(label, &mut own)));
            }
        }
        self.until(rng, 12, End::Mend);
        match done {
            0 => "cuts of the API server",
            1..4 => "watches of Kubernetes broken, held or expired",
            _ => "times of refusals and late answers of Kubernetes",
        }
    }

    /// A process is killed, asked to end, or stands still.
    pub(super) fn process(&mut self, rng: &mut Rng) -> &'static str {
        let kill = rng.bool();
        if let Some(second) = self.second.as_mut().filter(|_| rng.u8(..3) > 0)
            && second.process.is_running()
        {
            if kill {
                second.process.kill();
            } else {
                second.process.terminate();
            }
            self.until(rng, 6, End::Second);
            return if kill { "SIGKILL" } else { "SIGTERM" };
        }
        if self.frozen {
            return "nothing";
        }
        self.first.process.freeze();
        self.frozen = true;
        self.until(rng, 20, End::Thaw);
        "SIGSTOP and SIGCONT"
    }

    /// ThoughtSpot does something that it should not.
    pub(super) async fn far(&mut self, bench: &Bench, rng: &mut Rng) -> &'static str {
        let thoughtspot = &bench.thoughtspot;
        match rng.u8(..20) {
            0 => {
                thoughtspot.revoke_all_tokens();
                return "times that all tokens ended";
            }
            1 => {
                thoughtspot.set(|settings| settings.search_delay_millis = rng.u32(..1000));
                return "times that searches began to lag";
            }
            2 => {
                thoughtspot.clear_faults();
                return "nothing";
            }
            3 if self.serves && rng.bool() => {
                thoughtspot.stop().await;
                self.serves = false;
                self.until(rng, 10, End::Serve);
                return "outages of ThoughtSpot";
            }
            _ => {}
        }
        let writes: &[&str] = match bench.dialect {
            Dialect::V1 => &["POST v1/user/", "POST v1/group/", "POST v1/group/addmemberships", "PUT v1/*", "DELETE v1/*"],
            Dialect::V2 => &["POST */create", "POST */update", "POST */delete"],
        };
        let route = if rng.bool() { "*" } else { *rng.choice(writes).unwrap() };
        thoughtspot.fault(Rule::route(route, action(rng)).times(rng.u32(1..6)));
        "faults of ThoughtSpot"
    }

    /// The last lines of both.
    pub(super) fn log_tails(&self) -> String {
        let tail = |replica: &Replica| {
            let log = replica.process.log();
            let lines: Vec<&str> = log.lines().collect();
            lines[lines.len().saturating_sub(60)..].join("\n")
        };
        let second = self.second.as_ref().map(tail).unwrap_or_default();
        format!("the first:\n{}\n\nthe second:\n{second}", tail(&self.first))
    }

    /// Asks both to end, and waits until they have.
    pub(super) async fn stop(&mut self) {
        for replica in [Some(&mut self.first), self.second.as_mut()].into_iter().flatten() {
            replica.process.terminate();
            assert!(replica.process.wait(PATIENCE).await.success());
        }
    }
}

fn trouble_with(label: &str, rng: &mut Rng) -> Trouble {
    let refusals = [StatusCode::TOO_MANY_REQUESTS, StatusCode::INTERNAL_SERVER_ERROR, StatusCode::SERVICE_UNAVAILABLE];
    match rng.u8(..10) {
        0..4 => Trouble::Late(Duration::from_millis(rng.u64(50..3000))),
        4 | 5 if label.contains(" PATCH ") => Trouble::Refused(StatusCode::CONFLICT),
        6 => Trouble::Belied(StatusCode::GATEWAY_TIMEOUT),
        _ => Trouble::Refused(refusals[rng.usize(..refusals.len())]),
    }
}

fn action(rng: &mut Rng) -> Action {
    let statuses = [429, 500, 502, 503, 504];
    let status = statuses[rng.usize(..statuses.len())];
    match rng.u8(..9) {
        0 | 1 => {
            let body = [Body::Json, Body::Html, Body::Empty][rng.usize(..3)];
            let retry_after = (matches!(status, 429 | 503) && rng.bool()).then(|| rng.u32(1..4));
            Action::Refuse { status, retry_after, body, after_commit: false }
        }
        2 => Action::Refuse { status: status.max(500), retry_after: None, body: Body::Html, after_commit: true },
        3 => Action::CommitThenDrop,
        4 => Action::DropBeforeCommit,
        5 => Action::Delay { millis: rng.u64(50..7000) },
        6 => Action::Html,
        7 => Action::MalformedJson,
        _ => Action::PageShift { rows: rng.i64(1..4) * if rng.bool() { 1 } else { -1 } },
    }
}
