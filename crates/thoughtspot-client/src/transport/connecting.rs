//! How connections are made, and why one is not.
//!
//! Invariant: no proxy, no redirect, TLS 1.2 or newer, names looked up by our own resolver.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::Limits;
use crate::error::{Error, Result};
use crate::host::resolver::{Inward, Resolver};
use crate::tls::{Authorities, Flaw};

/// The one place that decides how connections are made. With authorities of one's own no others are believed.
pub(super) fn client(resolver: &Arc<Resolver>, limits: &Limits, authorities: Option<&Authorities>) -> Result<reqwest::Client> {
    let builder = reqwest::Client::builder()
        // A redirect would carry the bearer to a host nobody checked, and a proxy of the environment would see it all.
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .dns_resolver(Arc::clone(resolver))
        .retry(reqwest::retry::never())
        .tls_version_min(reqwest::tls::Version::TLS_1_2)
        .connect_timeout(limits.connect_timeout)
        // Shorter than the idle times of usual load balancers, so that a request seldom meets a closing connection.
        .pool_idle_timeout(Duration::from_secs(30));
    // Closing a connection does not end what was sent on it: the system would try for minutes, also after somebody else has written.
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    let builder = builder.tcp_user_timeout(limits.resent());
    let builder = match authorities {
        None => builder,
        Some(own) => builder.tls_certs_only(own.certificates()),
    };
    builder.build().map_err(|e| Error::Unavailable(format!("the HTTP client cannot be set up: {e}")))
}

/// Why there is no connection.
pub(super) fn unconnected(url: &Url, error: &reqwest::Error, why: &str) -> Error {
    let host = || url.host_str().unwrap_or_default().to_owned();
    if let Some(inward) = causes(error).find_map(|cause| cause.downcast_ref::<Inward>()) {
        return Error::HostNotAllowed { host: host(), why: inward.to_string() };
    }
    match causes(error).find_map(Flaw::of) {
        Some(flaw) => Error::Untrusted { host: host(), flaw },
        None => Error::Unavailable(format!("cannot connect: {why}")),
    }
}

/// An error and what caused it, from the outside in.
fn causes<'a>(error: &'a (dyn std::error::Error + 'static)) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// The innermost reason, which is the one that helps; without the URL, which the caller knows.
pub(super) fn cause(error: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(next) = inner.source() {
        inner = next;
    }
    if std::ptr::eq(inner, error as &dyn std::error::Error) || error.is_timeout() {
        return if error.is_timeout() { "timed out".to_owned() } else { "the connection failed".to_owned() };
    }
    crate::said::said(&inner.to_string())
}
