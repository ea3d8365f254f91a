//! `thoughtspot-operator run`: reconcile until told to stop.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use thoughtspot_client::host::HostPolicy;
use thoughtspot_engine::lease::Timing;
use tokio::sync::watch;

use super::{log, proxies};
use crate::app::{self, Settings};
use crate::replica::{LeaseName, Turns};
use crate::traces::{self, Traces};

#[derive(Debug, Args)]
pub(super) struct Run {
    /// The hosts that may be reached: `[scheme://]host[:port]`, several separated by commas. `*.` stands for any subdomain, port `*` for
    /// any port; plain http and IP addresses only where spelt out.
    #[arg(long, env = "ALLOWED_HOSTS", default_value = "*.thoughtspot.cloud", value_delimiter = ',')]
    allowed_hosts: Vec<String>,
    /// Those of the allowed hosts that may be at private addresses, separated by commas: names, or `*.` and a name. Every other host is
    /// reached at addresses of the internet only, whatever its name leads to.
    #[arg(long, env = "PRIVATE_HOSTS", value_delimiter = ',')]
    private_hosts: Vec<String>,
    /// The namespaces to watch, separated by commas. Unset: all.
    #[arg(long, env = "WATCH_NAMESPACES", value_delimiter = ',')]
    watch_namespaces: Vec<String>,
    /// Requests a second to one host, all Instances together: 1 to 1000.
    #[arg(long, env = "REQUESTS_PER_SECOND", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    requests_per_second: u32,
    /// MiB of memory that the process may take. The lists of one Instance take half of it at most: those that find no room are read object by
    /// object.
    #[arg(long, env = "MEMORY_MIB", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..))]
    memory_mib: u32,
    /// The Lease by which replicas take turns: `namespace/name`. Unset: this one runs alone.
    #[arg(long, env = "LEASE")]
    lease: Option<LeaseName>,
    /// Seconds until another replica takes over from one that is gone: 3 to 300. A write may take half of it, and 15 seconds at most.
    #[arg(long, env = "LEASE_DURATION", default_value_t = 30, value_parser = clap::value_parser!(u16).range(3..=300))]
    lease_duration: u16,
    /// What this replica is called in the Lease, and in `User-Agent` where ThoughtSpot logs it; a random word is added. Unset: `operator`.
    #[arg(long, env = "POD_NAME")]
    pod_name: Option<String>,
    /// Seconds for what runs to be finished when told to stop; after that it is given up.
    #[arg(long, env = "GRACE_PERIOD", default_value_t = 25)]
    grace_period: u16,
    /// Where to tell how it is, as `address:port`: `/livez` and `/readyz` for the probes of Kubernetes, `/metrics` for Prometheus. Unset: nowhere.
    #[arg(long, env = "HEALTH_LISTEN")]
    health_listen: Option<SocketAddr>,
    /// What to log, such as `info` or `thoughtspot_operator=debug`.
    #[arg(long, env = "RUST_LOG", default_value = log::FILTER, value_parser = log::filter)]
    log: String,
    /// How to log: `text` or `json`.
    #[arg(long, env = "LOG_FORMAT", default_value = "text")]
    log_format: log::Format,
}

impl Run {
    pub(super) async fn run(self) -> Result<(), Box<dyn Error>> {
        let traces = Traces::from_environment(self.pod_name.as_deref());
        // Before anything can fail, so that it is told why.
        log::start(&self.log, self.log_format, traces.as_ref().ok().and_then(Option::as_ref))?;
        let traces = traces::or_without(traces)?;
        let private = self.private_hosts.iter().map(String::as_str).filter(|host| !host.is_empty());
        let hosts = HostPolicy::parse(self.allowed_hosts.iter().map(String::as_str))?.with_private(private)?;
        let mut kubernetes = kube::Config::infer().await?;
        proxies::forget(&mut kubernetes);
        let timing = Timing::of_lease(self.lease_duration);
        let name = self.pod_name.unwrap_or_else(|| "operator".to_owned());
        let settings = Settings {
            hosts,
            turns: self.lease.map(|lease| Turns { lease, timing, name }),
            grace: Duration::from_secs(u64::from(self.grace_period)),
            health_listen: self.health_listen,
            watch_namespaces: self.watch_namespaces.into_iter().filter(|n| !n.is_empty()).collect(),
            requests_per_second: self.requests_per_second,
            memory: u64::from(self.memory_mib) << 20,
        };
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(async move {
            asked_to_stop().await;
            // An error means that nothing runs any more.
            let _ = stop.send(true);
        });
        let ended = app::run(kubernetes, settings, stopped).await;
        if let Some(traces) = traces {
            traces.flush().await;
        }
        Ok(ended?)
    }
}

async fn asked_to_stop() {
    let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
        // Without a handler the signal ends the process at once, which every pass survives.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
