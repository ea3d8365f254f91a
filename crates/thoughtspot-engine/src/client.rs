//! A Kubernetes client that cannot wait for ever.

use std::time::Duration;

use kube::client::ClientBuilder;
use kube::{Client, Config};
use tower::timeout::TimeoutLayer;

/// How long the headers of an answer may take, retries inside kube included.
const HEADERS: Duration = Duration::from_secs(15);

/// kube's client has no read timeout and retries some answers for minutes. A read timeout would break idle watches, so the time to
/// the headers is bounded, which covers the retries and leaves watches alone; each call has a deadline of its own besides
/// ([`crate::writer`]).
///
/// # Errors
///
/// If the configuration names certificates or proxies that cannot be used.
pub fn bounded(config: Config) -> Result<Client, kube::Error> {
    Ok(ClientBuilder::try_from(config)?.with_layer(&TimeoutLayer::new(HEADERS)).build())
}
