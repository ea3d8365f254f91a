//! A collector of traces: what is posted to it by OTLP over HTTP, decoded.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// One that listens on a port of its own until it is dropped.
pub(crate) struct Collector {
    shared: Arc<Shared>,
    url: String,
    _serving: JoinSet<()>,
}

#[derive(Default)]
struct Shared {
    /// What it answers; 0 stands for 200.
    status: AtomicU16,
    body: Mutex<Bytes>,
    posts: Mutex<Vec<(HeaderMap, Bytes)>>,
}

impl Collector {
    pub(crate) async fn start() -> Collector {
        let shared = Arc::new(Shared::default());
        let router = Router::new().route("/v1/traces", post(take)).with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Collector { shared, url, _serving: serving }
    }

    /// What makes a process send its traces here.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Answers with this status from now on.
    pub(crate) fn answer(&self, status: u16) {
        self.shared.status.store(status, Ordering::Relaxed);
    }

    /// Takes from now on all but so many spans, and says why.
    pub(crate) fn reject(&self, rejected_spans: i64, error_message: &str) {
        let partial = ExportTracePartialSuccess { rejected_spans, error_message: error_message.to_owned() };
        let answer = ExportTraceServiceResponse { partial_success: (rejected_spans > 0).then_some(partial) };
        *self.shared.body.lock().unwrap() = answer.encode_to_vec().into();
    }

    /// What was posted, in the order of arrival.
    pub(crate) fn posts(&self) -> Vec<(HeaderMap, Bytes)> {
        self.shared.posts.lock().unwrap().clone()
    }

    /// What the spans are about, of each post.
    pub(crate) fn resources(&self) -> Vec<Value> {
        let groups = self.requests().into_iter().flat_map(|request| request.resource_spans);
        groups.map(|group| attributes(&group.resource.unwrap_or_default().attributes)).collect()
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        let groups = self.requests().into_iter().flat_map(|request| request.resource_spans);
        groups.flat_map(|group| group.scope_spans).flat_map(|scope| scope.spans).collect()
    }

    fn requests(&self) -> Vec<ExportTraceServiceRequest> {
        self.posts().into_iter().map(|(_, body)| ExportTraceServiceRequest::decode(body).unwrap()).collect()
    }
}

async fn take(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> (StatusCode, Bytes) {
    shared.posts.lock().unwrap().push((headers, body));
    let status = match shared.status.load(Ordering::Relaxed) {
        0 => StatusCode::OK,
        status => StatusCode::from_u16(status).unwrap(),
    };
    (status, shared.body.lock().unwrap().clone())
}

/// As an object.
pub(crate) fn attributes(attributes: &[KeyValue]) -> Value {
    attributes.iter().map(|attribute| (attribute.key.clone(), value(attribute.value.as_ref()))).collect()
}

fn value(value: Option<&AnyValue>) -> Value {
    match value.and_then(|value| value.value.as_ref()) {
        Some(any_value::Value::StringValue(text)) => json!(text),
        Some(any_value::Value::IntValue(number)) => json!(number),
        Some(any_value::Value::BoolValue(is)) => json!(is),
        other => panic!("an attribute of a kind that we do not send: {other:?}"),
    }
}
