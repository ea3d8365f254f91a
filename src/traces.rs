//! Traces for a collector that speaks OTLP over HTTP, where the environment names one; otherwise nothing is started.
//!
//! A trace is a pass with the calls to ThoughtSpot below it. Only our own spans are sent, without the events in them: those are the log's.
//! Spans queue for a thread of the SDK's own, which sends them by our HTTP client; when the queue is full they are dropped. So a collector
//! that is slow or gone holds up nothing.

mod collector;
mod destination;
mod partial;

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::{EnvResourceDetector, TelemetryResourceDetector};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::registry::LookupSpan;

use collector::{Collector, Unreachable};
use destination::Destination;

pub use destination::Malformed;

/// The name of the service where the environment gives it none.
const SERVICE: &str = env!("CARGO_PKG_NAME");
/// How long the end of the process waits for the spans that are left.
const FLUSH: Duration = Duration::from_secs(3);

/// What keeps traces from being exported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("the HTTP client for traces cannot be made: {0}")]
    Http(#[source] reqwest::Error),
    /// As a collector that does not answer, it is no reason to do nothing.
    #[error(
        "traces are not exported: there are no certificate authorities on this system (SSL_CERT_FILE, SSL_CERT_DIR) to tell whether {0} is \
         the collector; mount some, or name a collector by http"
    )]
    NoAuthorities(String),
    #[error("traces cannot be exported: {0}")]
    Exporter(#[from] ExporterBuildError),
}

impl Error {
    fn of(why: Unreachable, destination: &Destination) -> Error {
        match why {
            Unreachable::NoAuthorities => Error::NoAuthorities(destination.address()),
            Unreachable::Client(error) => Error::Http(error),
        }
    }
}

/// Goes on without traces, and says so in the log, where that is better than to end.
///
/// # Errors
///
/// If whoever started the process has to be told.
pub fn or_without(found: Result<Option<Traces>, Error>) -> Result<Option<Traces>, Error> {
    match found {
        Err(error @ Error::NoAuthorities(_)) => {
            tracing::warn!("{error}");
            Ok(None)
        }
        found => found,
    }
}

/// Traces on their way to a collector.
pub struct Traces {
    provider: SdkTracerProvider,
    /// Where they go: host and port.
    pub collector: String,
}

impl Traces {
    /// As the standard variables of the environment say; `None` where they name no collector. `replica` is what this process is called.
    /// To be called in the runtime that is to send them. Opens no connection.
    ///
    /// # Errors
    ///
    /// If a variable cannot be followed.
    pub fn from_environment(replica: Option<&str>) -> Result<Option<Traces>, Error> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let Some(destination) = Destination::find(variable)? else { return Ok(None) };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new(&destination).map_err(|why| Error::of(why, &destination))?)
            .with_endpoint(destination.url.as_str())
            .with_timeout(destination.timeout)
            .build()?;
        let resource = resource(replica, variable("OTEL_SERVICE_NAME"));
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
        Ok(Some(Traces { provider, collector: destination.address() }))
    }

    /// What hands our spans over.
    pub fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        let ours = |metadata: &Metadata<'_>| metadata.is_span() && metadata.target().starts_with("thoughtspot_");
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer(SERVICE))
            // Who is whose parent is known without.
            .with_context_activation(false)
            .with_tracked_inactivity(false)
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_filter(FilterFn::new(ours).with_max_level_hint(LevelFilter::INFO))
    }

    /// Sends what is left, for a few seconds at most. Nothing is sent afterwards.
    pub async fn flush(self) {
        let flushed = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(FLUSH)).await;
        if let Ok(Err(error)) = flushed {
            tracing::warn!(%error, "the last traces may be lost");
        }
    }
}

/// What all spans are about: what the environment says goes before what we know.
fn resource(replica: Option<&str>, service: Option<String>) -> Resource {
    let replica = replica.map(|name| KeyValue::new("service.instance.id", name.to_owned()));
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let builder = Resource::builder_empty()
        .with_service_name(SERVICE)
        .with_attributes(replica.into_iter().chain([version]))
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_detector(Box::new(EnvResourceDetector::new()));
    match service {
        Some(name) => builder.with_service_name(name).build(),
        None => builder.build(),
    }
}
