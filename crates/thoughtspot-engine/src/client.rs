//! A Kubernetes client that cannot wait for ever, nor write outside of the lease.

use std::time::Duration;

use http::{Method, Request};
use kube::client::{Body, ClientBuilder};
use kube::{Client, Config};
use tower::filter::FilterLayer;
use tower::timeout::TimeoutLayer;

use crate::fence::Fence;
use crate::lease::Timing;

/// How long the headers of an answer may take, retries inside kube included.
const HEADERS: Duration = Duration::from_secs(15);

/// kube's client has no read timeout and retries some answers for minutes. A read timeout would break idle watches, so the time to
/// the headers is bounded, which covers the retries and leaves watches alone; each call has a deadline of its own besides
/// ([`crate::writer`]).
///
/// What writes is held to the `fence`, here and nowhere else: whoever has this client cannot get around it. It may take as long as
/// the `timing` of the lease has it; then it is given up, and its connection with it.
///
/// # Errors
///
/// If the configuration names certificates or proxies that cannot be used.
pub fn bounded(config: Config, fence: Fence, timing: Option<Timing>) -> Result<Client, kube::Error> {
    let headers = timing.map_or(HEADERS, |timing| timing.write().min(HEADERS));
    let fenced = FilterLayer::new(move |request: Request<Body>| {
        if request.method() != Method::GET {
            fence.admit(headers)?;
        }
        Ok::<_, crate::fence::NotLeading>(request)
    });
    Ok(ClientBuilder::try_from(config)?.with_layer(&TimeoutLayer::new(headers)).with_layer(&fenced).build())
}
