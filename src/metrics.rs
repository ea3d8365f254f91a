//! What the operator tells Prometheus: what there is to tell, in [`ALL`], and the figures that are read off the caches when somebody asks.
//!
//! Labels are bounded: an Instance by its namespace and name, never a user, a group, an Org, a host or anything that ThoughtSpot said.

mod measure;

use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_util::MetricKindMask;
use thoughtspot_client::meter::{BUDGET_WAIT_SECONDS, CALL_SECONDS, CALLS};
use thoughtspot_engine::meter::{PASS_SECONDS, PASSES};
use tokio::task::AbortHandle;

pub(crate) use measure::measure;

pub const PASSES_RUNNING: &str = "thoughtspot_operator_passes_running";
pub const OBJECTS: &str = "thoughtspot_operator_objects";
pub const CONDITIONS: &str = "thoughtspot_operator_conditions";
pub const UNMANAGED: &str = "thoughtspot_operator_unmanaged_objects";
pub const INVENTORY_LISTS: &str = "thoughtspot_operator_inventory_lists";
pub const INVENTORY_ROWS: &str = "thoughtspot_operator_inventory_rows";
pub const INVENTORY_PAGES: &str = "thoughtspot_operator_inventory_pages";
pub const INVENTORY_UNCERTIFIED: &str = "thoughtspot_operator_inventory_uncertified_lists";
pub const INVENTORY_AGE_SECONDS: &str = "thoughtspot_operator_inventory_oldest_seconds";
pub const SYNC_INTERVAL_SECONDS: &str = "thoughtspot_operator_sync_interval_seconds";
pub const LEADER: &str = "thoughtspot_operator_leader";
pub const BUILD_INFO: &str = "thoughtspot_operator_build_info";

/// What a metric is, as Prometheus types it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Counter,
    Gauge,
    Histogram,
}

/// One metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    pub name: &'static str,
    pub type_: Type,
    pub labels: &'static [&'static str],
    pub help: &'static str,
}

const fn metric(name: &'static str, type_: Type, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, type_, labels, help }
}

/// Every metric there is.
pub const ALL: [Metric; 17] = [
    metric(
        PASSES,
        Type::Counter,
        &["kind", "outcome", "reason"],
        "Passes over objects, by how they ended; reason is that of the condition",
    ),
    metric(PASS_SECONDS, Type::Histogram, &["kind"], "How long passes took, with all their calls"),
    metric(PASSES_RUNNING, Type::Gauge, &["kind"], "Passes under way"),
    metric(
        CALLS,
        Type::Counter,
        &["thoughtspotinstance", "dialect", "operation", "outcome"],
        "Calls to ThoughtSpot, by how they ended; unauthorized ones are sent again once",
    ),
    metric(
        CALL_SECONDS,
        Type::Histogram,
        &["thoughtspotinstance", "dialect", "operation"],
        "How long calls to ThoughtSpot took, from leave to send to the last byte",
    ),
    metric(
        BUDGET_WAIT_SECONDS,
        Type::Histogram,
        &["thoughtspotinstance"],
        "How long calls waited for their share of the host's budget",
    ),
    metric(OBJECTS, Type::Gauge, &["kind"], "Objects that are watched"),
    metric(CONDITIONS, Type::Gauge, &["kind", "type", "status"], "Objects by condition; one without Ready counts as Unknown"),
    metric(
        UNMANAGED,
        Type::Gauge,
        &["thoughtspotinstance", "kind"],
        "Users and groups in declared Orgs that no resource declares",
    ),
    metric(
        INVENTORY_LISTS,
        Type::Gauge,
        &["thoughtspotinstance", "scope"],
        "Lists that are read from ThoughtSpot: of users and groups, one for each Org in use",
    ),
    metric(INVENTORY_ROWS, Type::Gauge, &["thoughtspotinstance", "scope"], "What is in these lists"),
    metric(
        INVENTORY_PAGES,
        Type::Gauge,
        &["thoughtspotinstance", "scope"],
        "In how many pages they came: what one sync interval costs in calls",
    ),
    metric(
        INVENTORY_UNCERTIFIED,
        Type::Gauge,
        &["thoughtspotinstance", "scope"],
        "Lists that cannot be read whole and are read object by object",
    ),
    metric(INVENTORY_AGE_SECONDS, Type::Gauge, &["thoughtspotinstance", "scope"], "Since the oldest of these lists was read"),
    metric(SYNC_INTERVAL_SECONDS, Type::Gauge, &["thoughtspotinstance"], "How often the lists of an Instance are to be read"),
    metric(LEADER, Type::Gauge, &[], "Whether this replica leads"),
    metric(BUILD_INFO, Type::Gauge, &["version"], "Always 1"),
];

/// After how long a gauge that nobody sets is told no more.
const FORGOTTEN: Duration = Duration::from_secs(60);
/// How often what was measured is folded into the histograms: it would pile up while nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);
/// Seconds.
const CALL_BUCKETS: [f64; 9] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 30.0];
const PASS_BUCKETS: [f64; 8] = [0.05, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0, 60.0];
const WAIT_BUCKETS: [f64; 7] = [0.01, 0.1, 0.5, 1.0, 5.0, 30.0, 300.0];

fn install() -> Result<PrometheusHandle, BuildError> {
    let buckets = |builder: PrometheusBuilder, name: &str, buckets: &[f64]| {
        builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), buckets)
    };
    let builder = buckets(PrometheusBuilder::new(), CALL_SECONDS, &CALL_BUCKETS)?;
    let builder = buckets(buckets(builder, PASS_SECONDS, &PASS_BUCKETS)?, BUDGET_WAIT_SECONDS, &WAIT_BUCKETS)?;
    // What is gone, such as an Instance, is not told for ever: each of these is set anew whenever somebody asks.
    let handle = builder.idle_timeout(MetricKindMask::GAUGE, Some(FORGOTTEN)).install_recorder()?;
    for Metric { name, type_, help, .. } in ALL {
        let unit = if name.ends_with("_seconds") { Unit::Seconds } else { Unit::Count };
        match type_ {
            Type::Counter => describe_counter!(name, unit, help),
            Type::Gauge => describe_gauge!(name, unit, help),
            Type::Histogram => describe_histogram!(name, unit, help),
        }
    }
    Ok(handle)
}

/// Counts for as long as this is there, and renders what was counted.
pub struct Metrics {
    handle: PrometheusHandle,
    upkeep: AbortHandle,
}

impl Metrics {
    /// # Errors
    ///
    /// If something else in the process counts already.
    pub fn start() -> Result<Metrics, BuildError> {
        let handle = install()?;
        let kept = handle.clone();
        let upkeep = async move {
            loop {
                tokio::time::sleep(UPKEEP).await;
                kept.run_upkeep();
            }
        };
        Ok(Metrics { handle, upkeep: tokio::spawn(upkeep).abort_handle() })
    }

    /// `/metrics`; `measure` sets the gauges when somebody asks.
    pub fn router(&self, measure: impl Fn() + Clone + Send + Sync + 'static) -> Router {
        let handle = self.handle.clone();
        let render = move || {
            measure();
            std::future::ready(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()))
        };
        Router::new().route("/metrics", get(render))
    }
}

impl Drop for Metrics {
    fn drop(&mut self) {
        self.upkeep.abort();
    }
}
