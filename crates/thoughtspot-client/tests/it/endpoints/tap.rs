//! Between the client and the simulator: remembers the last answer, and gives others in its place when told to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::task::JoinHandle;

/// A proxy on a port of its own.
pub(super) struct Tap {
    pub(super) url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    to: String,
    http: reqwest::Client,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    last: Option<Heard>,
    instead: Option<Heard>,
}

/// An answer, and to what.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    method: Method,
    path: String,
    pub(super) status: StatusCode,
    headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Tap {
    pub(super) async fn new(to: &str) -> Tap {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        let shared = Arc::new(Shared { to: to.to_owned(), http, seen: Mutex::default() });
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(pass_on).with_state(shared.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Tap { url, shared, task }
    }

    /// The last answer that came from the simulator.
    pub(super) fn last(&self) -> Heard {
        self.shared.seen().last.clone().unwrap()
    }

    /// From now on requests like the one of `heard` are answered with it, and not passed on.
    pub(super) fn instead(&self, heard: Option<Heard>) {
        self.shared.seen().instead = heard;
    }
}

impl Heard {
    pub(crate) fn with(&self, status: StatusCode, body: Vec<u8>) -> Heard {
        Heard { status, body: body.into(), ..self.clone() }
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn pass_on(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let instead = shared.seen().instead.clone().filter(|heard| heard.method == parts.method && heard.path == path);
    if let Some(heard) = instead {
        return heard.into_response();
    }
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let url = format!("{}{}", shared.to, parts.uri.path_and_query().map_or(path.as_str(), |p| p.as_str()));
    let mut headers = parts.headers;
    headers.remove(header::HOST);
    let answer = shared.http.request(parts.method.clone(), url).headers(headers).body(body).send().await.unwrap();
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    headers.remove(header::TRANSFER_ENCODING);
    headers.remove(header::CONTENT_LENGTH);
    let heard = Heard { method: parts.method, path, status, headers, body: answer.bytes().await.unwrap() };
    shared.seen().last = Some(heard.clone());
    heard.into_response()
}

impl IntoResponse for Heard {
    fn into_response(self) -> Response {
        let mut response = (self.status, Body::from(self.body)).into_response();
        *response.headers_mut() = self.headers;
        if self.status.is_client_error() || self.status.is_server_error() {
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        response
    }
}
