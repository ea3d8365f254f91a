//! The proxies: one speaks to a Kubernetes API server in the name of its own client, one to any HTTP server.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Response, StatusCode, header, request::Parts};
use axum::serve::ListenerExt;
use futures::{Stream, StreamExt, stream};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::gate::{Gate, Moment, Ticket};
use super::trouble::{self, Trouble, Troubles};
use super::views::{Listing, Views};
use crate::{Error, Lifeline};

/// A proxy on a free port of this machine. It ends when this is dropped.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    kubeconfig: PathBuf,
    views: Views,
    troubles: Troubles,
    cut: watch::Sender<bool>,
    server: JoinHandle<()>,
    // Last, so that the folder goes last.
    _lifeline: Lifeline,
}

enum Upstream {
    Kubernetes(Box<kube::Client>),
    Http { name: &'static str, client: reqwest::Client, base: String },
}

struct Shared {
    upstream: Upstream,
    gate: Gate,
    views: Views,
    troubles: Troubles,
    cut: watch::Receiver<bool>,
}

impl Proxy {
    /// In front of a Kubernetes API server, with the rights of `config`: whoever knows the port has them.
    ///
    /// # Errors
    /// When the port cannot be opened or the configuration cannot be used.
    pub async fn of_kubernetes(mut config: kube::Config, gate: Gate) -> Result<Self, Error> {
        // Whoever stands behind it counts on seeing each answer.
        config.default_retry = false;
        Self::start(Upstream::Kubernetes(Box::new(kube::Client::try_from(config)?)), gate).await
    }

    /// In front of the HTTP server at `base`, such as `http://127.0.0.1:8180`, called `name` where requests are listed.
    ///
    /// # Errors
    /// When the port cannot be opened or no client can be made.
    pub async fn of_http(name: &'static str, base: String, gate: Gate) -> Result<Self, Error> {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
        let client = client.map_err(|error| Error::io("making a client")(std::io::Error::other(error)))?;
        Self::start(Upstream::Http { name, client, base }, gate).await
    }

    async fn start(upstream: Upstream, gate: Gate) -> Result<Self, Error> {
        let (views, troubles) = (Views::default(), Troubles::default());
        let lifeline = Lifeline::new("proxy")?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(Error::io("opening a port"))?;
        let port = listener.local_addr().map_err(Error::io("opening a port"))?.port();
        let kubeconfig = lifeline.dir().join("kubeconfig");
        std::fs::write(&kubeconfig, kubeconfig_text(port)).map_err(Error::io("writing a kubeconfig"))?;
        let (cut, is_cut) = watch::channel(false);
        let shared = Arc::new(Shared { upstream, gate, views: views.clone(), troubles: troubles.clone(), cut: is_cut });
        let router = Router::new().fallback(pass).with_state(shared);
        // An answer is one small write: waiting to fill a packet would only delay it.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let server = tokio::spawn(async move {
            // It serves until it is aborted.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { port, kubeconfig, views, troubles, cut, server, _lifeline: lifeline })
    }

    /// Answers nothing any more until [`Proxy::mend`], as behind a firewall that drops packets. Watches end.
    pub fn cut(&self) {
        self.cut.send_replace(true);
        self.views.end();
    }

    /// Answers again, first to those who still wait.
    pub fn mend(&self) {
        self.cut.send_replace(false);
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.host())
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A kubeconfig file that leads here.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// What the watches through this show.
    pub fn views(&self) -> &Views {
        &self.views
    }

    /// What befalls the requests through this. Watches are not asked about.
    pub fn troubles(&self) -> &Troubles {
        &self.troubles
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn kubeconfig_text(port: u16) -> String {
    format!(
        "apiVersion: v1
kind: Config
current-context: proxy
contexts: [{{name: proxy, context: {{cluster: proxy, user: nobody}}}}]
clusters: [{{name: proxy, cluster: {{server: 'http://127.0.0.1:{port}'}}}}]
users: [{{name: nobody, user: {{}}}}]
"
    )
}

async fn pass(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    withhold(&mut parts.headers);
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    // An error means that the proxy is gone, and this with it.
    let _ = shared.cut.clone().wait_for(|cut| !*cut).await;
    if is_watch(&parts) {
        return shared.watch(parts).await;
    }
    let listing = Listing::of(&parts);
    let label = format!("{} {}", shared.upstream.name(), label(&parts));
    let trouble = shared.troubles.of(&label);
    let ticket = shared.gate.arrive(label);
    ticket.at(Moment::Unserved).await;
    match trouble {
        Some(Trouble::Late(by)) => tokio::time::sleep(by).await,
        Some(Trouble::Refused(status)) => {
            ticket.served(status.as_u16());
            return trouble::refusal(status);
        }
        Some(Trouble::Echoed(status)) => {
            ticket.served(status.as_u16());
            return trouble::echo(status, &body);
        }
        Some(Trouble::Belied(_) | Trouble::Torn) | None => {}
    }
    let (head, body) = match listing.as_ref().and_then(|listing| shared.views.remembered(listing)) {
        Some(body) => (Response::new(()).into_parts().0, body),
        None => {
            let (mut head, body) = shared.upstream.send(parts, body.to_vec()).await.into_parts();
            withhold(&mut head.headers);
            (head, to_bytes(body, usize::MAX).await.unwrap_or_default())
        }
    };
    let body = match trouble {
        Some(Trouble::Belied(status)) => return trouble::refusal(status),
        Some(Trouble::Torn) => body.slice(..body.len() / 2),
        Some(Trouble::Late(_) | Trouble::Refused(_) | Trouble::Echoed(_)) | None => body,
    };
    if let Some(listing) = listing {
        shared.views.remember(listing, &body);
    }
    ticket.served(head.status.as_u16());
    ticket.at(Moment::Unanswered).await;
    let length = body.len();
    let mut response = Response::from_parts(head, Body::from_stream(until_written(body, ticket)));
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    response
}

/// The body, and with it the ticket until the connection has taken the body.
fn until_written(body: bytes::Bytes, ticket: Ticket) -> impl Stream<Item = Result<bytes::Bytes, std::convert::Infallible>> {
    stream::once(async { Ok(body) }).chain(stream::once(async move {
        drop(ticket);
        Ok(bytes::Bytes::new())
    }))
}

impl Shared {
    async fn watch(&self, parts: Parts) -> Response<Body> {
        let (listing, ends) = (Listing::of(&parts), self.views.ends());
        let (mut head, body) = self.upstream.send(parts, Vec::new()).await.into_parts();
        withhold(&mut head.headers);
        let events = self.views.filtered(listing, body.into_data_stream());
        Response::from_parts(head, Body::from_stream(events.take_until(Box::pin(ends))))
    }
}

impl Upstream {
    fn name(&self) -> &'static str {
        match self {
            Self::Kubernetes(_) => "Kubernetes",
            Self::Http { name, .. } => name,
        }
    }

    async fn send(&self, parts: Parts, body: Vec<u8>) -> Response<Body> {
        let answer = match self {
            Self::Kubernetes(client) => {
                let request = Request::from_parts(parts, body.into());
                client.send(request).await.map(|answer| answer.map(Body::new)).map_err(|error| error.to_string())
            }
            Self::Http { client, base, .. } => {
                let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
                let request = client.request(parts.method.clone(), format!("{base}{path}")).headers(parts.headers).body(body);
                request.send().await.map(|answer| Response::from(answer).map(Body::new)).map_err(|error| error.to_string())
            }
        };
        answer.unwrap_or_else(|error| {
            let mut answer = Response::new(Body::from(error));
            *answer.status_mut() = StatusCode::BAD_GATEWAY;
            answer
        })
    }
}

/// Takes off what is between two neighbours only, and what they work out anew.
fn withhold(headers: &mut HeaderMap) {
    const OURS: [HeaderName; 4] = [header::HOST, header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING];
    for name in OURS {
        headers.remove(name);
    }
}

fn is_watch(parts: &Parts) -> bool {
    parts.uri.query().is_some_and(|query| query.split('&').any(|pair| pair == "watch=true" || pair == "watch=1"))
}

/// Method and path; without the versions of APIs, the namespace, and ids that a server makes up.
fn label(parts: &Parts) -> String {
    const BASES: [&str; 5] =
        ["/apis/thoughtspot.dev/v1alpha1", "/apis/events.k8s.io/v1", "/api/v1", "/api/rest/2.0", "/callosum/v1"];
    let path = parts.uri.path();
    let path = BASES.iter().find_map(|base| path.strip_prefix(base)).unwrap_or(path).trim_start_matches('/');
    let path = path.strip_prefix("namespaces/").and_then(|rest| rest.split_once('/')).map_or(path, |(_, rest)| rest);
    let segments: Vec<&str> = path.split('/').map(|segment| if is_id(segment) { "{id}" } else { segment }).collect();
    format!("{} {}", parts.method, segments.join("/"))
}

fn is_id(segment: &str) -> bool {
    let segment = percent_encoding::percent_decode_str(segment).decode_utf8_lossy();
    let digits = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
    digits || (segment.len() == 36 && segment.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labelled(method: &str, uri: &str) -> String {
        label(&Request::builder().method(method).uri(uri).body(()).unwrap_or_default().into_parts().0)
    }

    #[test]
    fn a_label_is_the_same_in_each_run() {
        let status = "/apis/thoughtspot.dev/v1alpha1/namespaces/crash-x1/thoughtspotorgs/acme/status?fieldManager=x";
        assert_eq!(labelled("PATCH", status), "PATCH thoughtspotorgs/acme/status");
        assert_eq!(labelled("POST", "/apis/events.k8s.io/v1/namespaces/crash-x1/events"), "POST events");
        assert_eq!(labelled("GET", "/api/v1/namespaces?limit=500"), "GET namespaces");
        let user = "/api/rest/2.0/users/0f8fad5b-d9cb-469f-a165-70867728950e/update";
        assert_eq!(labelled("POST", user), "POST users/{id}/update");
        assert_eq!(labelled("POST", "/api/rest/2.0/orgs/1234/delete"), "POST orgs/{id}/delete");
        let escaped = "/callosum/v1/tspublic/v1/user/4f4c964b%2De272%2D4793%2D9296%2D3de8a1c58f44/groups";
        assert_eq!(labelled("DELETE", escaped), "DELETE tspublic/v1/user/{id}/groups");
    }
}
