//! `thoughtspot-operator run`: reconcile until told to stop.

use std::error::Error;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use thoughtspot_client::host::HostPolicy;
use thoughtspot_client::span::CALLS;
use thoughtspot_engine::lease::Timing;
use tokio::sync::watch;
use tracing_subscriber::filter::{FilterExt, ParseError, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use super::proxies;
use crate::app::{self, Settings};
use crate::replica::{LeaseName, Turns};
use crate::traces::Traces;

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
    #[arg(long, env = "RUST_LOG", default_value = "info,kube_runtime=warn", value_parser = filter)]
    log: String,
    /// How to log: `text` or `json`.
    #[arg(long, env = "LOG_FORMAT", default_value = "text")]
    log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

impl Run {
    pub(super) async fn run(self) -> Result<(), Box<dyn Error>> {
        let traces = Traces::from_environment(self.pod_name.as_deref());
        // Before anything can fail, so that it is told why.
        self.start_log(traces.as_ref().ok().and_then(Option::as_ref))?;
        let traces = traces?;
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

    /// Starts the log, and traces beside it where there are any. Either has a filter of its own.
    fn start_log(&self, traces: Option<&Traces>) -> Result<(), Box<dyn Error>> {
        let log = fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr);
        let log = match self.log_format {
            LogFormat::Text => log.boxed(),
            LogFormat::Json => log.json().boxed(),
        };
        let filter = EnvFilter::try_new(&self.log)?.and(filter_fn(|metadata| metadata.target() != CALLS));
        tracing_subscriber::registry().with(log.with_filter(filter)).with(traces.map(Traces::layer)).init();
        if let Some(traces) = traces {
            tracing::info!(collector = traces.collector, "exporting traces");
        }
        Ok(())
    }
}

/// What a filter of the log can be made of. Asked while arguments are read: later there would be no log yet to say that it cannot.
fn filter(text: &str) -> Result<String, ParseError> {
    EnvFilter::try_new(text).map(|_| text.to_owned())
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::Cli;

    #[test]
    fn a_filter_of_the_log_that_is_none_is_refused_by_the_name_of_its_flag() {
        let refusal = Cli::try_parse_from(["thoughtspot-operator", "run", "--log", "a=b=c"]).unwrap_err().to_string();
        assert!(refusal.contains("--log"), "{refusal}");
    }
}
