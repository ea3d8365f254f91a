//! The listening side: routes, connections, the date on every answer.

use crate::call::Call;
use crate::control;
use crate::core::Shared;
use crate::journal::Kind;
use crate::pages::{self, Cut};
use crate::route::{Answer, Context, Dialect, Route, open};
use crate::state::refusal::{Cause, Refusal};
use crate::{v1, v2};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use futures::FutureExt;
use futures::future::BoxFuture;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tower::ServiceExt;

/// Any request of v2 that no route takes.
static UNKNOWN: Route = unknown_route(Dialect::V2);

/// Any request of v1 that no route takes.
static UNKNOWN_V1: Route = unknown_route(Dialect::V1);

const fn unknown_route(dialect: Dialect) -> Route {
    Route { dialect, method: Method::POST, path: "unknown", kind: Kind::Read, handler: open!(no_route) }
}

/// What a listener answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Serves {
    Api,
    Control,
    Both,
}

/// Serves the listener until it is told to stop, or nobody is left who could tell. Every connection has ended when this returns.
pub(crate) async fn serve(shared: Arc<Shared>, listener: TcpListener, serves: Serves, mut stop: oneshot::Receiver<()>) {
    let router = router(&shared, serves);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(shared.clone(), router.clone(), stream))),
                // Out of descriptors or a client that left at once: the next accept may do better.
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::task::yield_now().await;
                }
            },
            Some(ended) = connections.join_next() => if let Err(error) = ended {
                tracing::warn!(%error, "a connection ended badly");
            },
        }
    }
    drop(listener);
    connections.shutdown().await;
}

fn router(shared: &Arc<Shared>, serves: Serves) -> Router {
    let control = || control::router(shared.clone());
    match serves {
        Serves::Api => api(shared),
        Serves::Control => control(),
        Serves::Both => api(shared).merge(control()),
    }
}

fn api(shared: &Arc<Shared>) -> Router {
    let mut router = Router::new();
    for route in v2::routes().chain(v1::routes()) {
        let Ok(filter) = MethodFilter::try_from(route.method.clone()) else {
            continue;
        };
        for path in route.paths() {
            router = router.route(&path, on(filter, handler(shared, route)));
        }
    }
    // Where a sign-in with a token leads when it is not told: the application in the browser.
    router = router.route("/", axum::routing::get(async || pages::html(StatusCode::OK, "ThoughtSpot")));
    router.fallback(unknown(shared)).method_not_allowed_fallback(unknown(shared))
}

/// Answers whatever no route takes, in the words of the version whose base its path has.
fn unknown(shared: &Arc<Shared>) -> impl Fn(Request) -> BoxFuture<'static, Response> + Clone + use<> {
    let (v1, v2) = (handler(shared, &UNKNOWN_V1), handler(shared, &UNKNOWN));
    move |request| if request.uri().path().starts_with(Dialect::V1.base()) { v1(request) } else { v2(request) }
}

fn handler(shared: &Arc<Shared>, route: &'static Route) -> impl Fn(Request) -> BoxFuture<'static, Response> + Clone + use<> {
    let shared = shared.clone();
    move |request| {
        let shared = shared.clone();
        Box::pin(
            async move { shared.exchange(route, Call::read(route.dialect.base(), route.dialect.prefix(), request).await).await },
        )
    }
}

fn no_route(context: &mut Context<'_>) -> Result<Answer, Refusal> {
    let path: Vec<&str> = context.call.path.split('/').collect();
    match path.as_slice() {
        // An unencoded slash in a name.
        ["users" | "groups" | "orgs", _, .., _, "update" | "delete"] => {
            Err(Refusal::invalid("Invalid identifier in the path: a slash is not allowed"))
        }
        _ => Err(Refusal::new(Cause::NoRoute, format!("Cannot find {}", context.call.path))),
    }
}

async fn connection(shared: Arc<Shared>, router: Router, stream: TcpStream) {
    let service = service_fn(|request| answer(&shared, router.clone(), request));
    // An answer is one small write: waiting to fill a packet would only delay it.
    let _ = stream.set_nodelay(true);
    let served =
        hyper::server::conn::http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        tracing::debug!(%error, "a connection ended");
    }
}

/// The error that makes the connection end without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut on purpose")]
struct CutOff;

async fn answer(shared: &Shared, router: Router, request: hyper::Request<Incoming>) -> Result<Response, CutOff> {
    let Ok(response) = AssertUnwindSafe(router.oneshot(request.map(Body::new))).catch_unwind().await.map(infallible) else {
        return Ok(pages::html(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"));
    };
    if response.extensions().get::<Cut>().is_some() {
        return Err(CutOff);
    }
    let mut response = response;
    if let Ok(date) = HeaderValue::from_str(&shared.core().clock.http_date()) {
        response.headers_mut().insert(header::DATE, date);
    }
    Ok(response)
}

fn infallible(result: Result<Response, std::convert::Infallible>) -> Response {
    match result {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
