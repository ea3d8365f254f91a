//! A Kubernetes client that cannot wait for ever, nor write outside of the lease.

use std::time::Duration;

use http::{Method, Request};
use kube::client::{Body, ClientBuilder};
use kube::{Client, Config};
use tower::filter::FilterLayer;
use tower::timeout::TimeoutLayer;

use crate::fence::Fence;
use crate::lease::Timing;

/// How long the headers of an answer may take.
const HEADERS: Duration = Duration::from_secs(15);

/// kube's client repeats what is answered with 429, 503 or 504 up to fifteen times, for as long as the server says: that would hold a pass,
/// and with it one of the few places that others wait for. It is switched off: a pass that fails is tried again by its own back-off.
///
/// Nor has kube's client a read timeout. One would break idle watches, so the time to the headers is bounded, which leaves watches alone;
/// each call has a deadline of its own besides ([`crate::writer`]).
///
/// What writes is held to the `fence`, here and nowhere else: whoever has this client cannot get around it. It may take as long as
/// the `timing` of the lease has it; then it is given up, and its connection with it.
///
/// # Errors
///
/// If the configuration names certificates or proxies that cannot be used.
pub fn bounded(mut config: Config, fence: Fence, timing: Option<Timing>) -> Result<Client, kube::Error> {
    config.default_retry = false;
    let headers = timing.map_or(HEADERS, |timing| timing.write().min(HEADERS));
    let fenced = FilterLayer::new(move |request: Request<Body>| {
        if request.method() != Method::GET {
            fence.admit(headers)?;
        }
        Ok::<_, crate::fence::NotLeading>(request)
    });
    Ok(ClientBuilder::try_from(config)?.with_layer(&TimeoutLayer::new(headers)).with_layer(&fenced).build())
}
