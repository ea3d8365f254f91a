//! What a collector of traces is sent, by the shipped binary.

mod collector;

use std::path::Path;

use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::{Action, Rule};
use thoughtspot_testkit::{OperatorProcess, eventually};

pub(crate) use collector::Collector;

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, PATIENCE, USER};
use collector::attributes;

const BINARY: &str = env!("CARGO_BIN_EXE_thoughtspot-operator");
/// Nothing is sent before the end, unless very much happens.
const AT_THE_END: (&str, &str) = ("OTEL_BSP_SCHEDULE_DELAY", "3600000");
const AT_ONCE: (&str, &str) = ("OTEL_BSP_SCHEDULE_DELAY", "50");

/// An operator for the bench, with this environment.
fn operator(bench: &Bench, environment: &[(&str, &str)]) -> OperatorProcess {
    let args = ["run", "--allowed-hosts", "http://127.0.0.1:*", "--watch-namespaces", &bench.namespace, "--pod-name", "first"];
    let kubernetes = [("KUBECONFIG", bench.kubeconfig().to_str().unwrap())];
    OperatorProcess::spawn(Path::new(BINARY), args, kubernetes.into_iter().chain(environment.iter().copied())).unwrap()
}

/// Whether it has the thread that sends traces.
fn sends(operator: &OperatorProcess) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{}/task", operator.pid())).unwrap();
    let names = threads.filter_map(|thread| std::fs::read_to_string(thread.unwrap().path().join("comm")).ok());
    names.into_iter().any(|name| name.starts_with("OpenTelemetry"))
}

/// The attributes that `expected` has, and no other.
fn these(span: &Span, expected: &Value) -> Value {
    let mut all = attributes(&span.attributes);
    all.as_object_mut().unwrap().retain(|name, _| expected.get(name).is_some());
    all
}

/// The spans below one, at any depth.
fn below<'a>(spans: &'a [Span], top: &'a Span) -> Vec<&'a Span> {
    let children = spans.iter().filter(|span| span.trace_id == top.trace_id && span.parent_span_id == top.span_id);
    children.flat_map(|child| std::iter::once(child).chain(below(spans, child))).collect()
}

#[rstest]
#[tokio::test]
async fn a_pass_and_the_calls_below_it_are_one_trace_and_the_last_of_them_arrive_at_the_end(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::idle("traces", dialect).await;
    let collector = Collector::start().await;
    let mut operator = operator(
        &bench,
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url()),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=platform,authorization=Bearer%20let-me-in"),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"),
            AT_THE_END,
        ],
    );
    bench.thoughtspot.fault(Rule::route(bench.calls().list_orgs, Action::refuse(401)).times(1));
    for manifest in [LOGIN, CONNECTION, ACME, ANALYSTS, ANA] {
        bench.apply(manifest).await;
    }
    bench.ready(USER, "ana").await;
    bench.apply(&ACME.replace("name: acme", "name: twin").replace("spec: {", "spec: { name: acme,")).await;
    bench.says(ORG, "twin", "Stalled", "Conflict").await;
    operator.terminate();
    assert!(operator.wait(PATIENCE).await.success());

    let resources = collector.resources();
    let resource = resources.first().unwrap_or_else(|| panic!("nothing arrived: {}", operator.log()));
    let about = json!({
        "service.name": "thoughtspot-operator", "service.version": env!("CARGO_PKG_VERSION"), "service.instance.id": "first",
        "deployment.environment.name": "test",
    });
    assert!(about.as_object().unwrap().iter().all(|(name, value)| &resource[name] == value), "{resource}");
    assert_eq!(collector.posts()[0].0["authorization"], "Bearer let-me-in");

    let spans = collector.spans();
    let ours = |name: &str| json!(format!("{}/{name}", bench.namespace));
    for (kind, name, org) in
        [(INSTANCE, "ts", None), (ORG, "acme", Some("acme")), (GROUP, "analysts", Some("acme")), (USER, "ana", Some("acme"))]
    {
        let mut expected = json!({ "kind": kind, "object": ours(name), "instance": ours("ts"), "outcome": "done" });
        if let Some(org) = org {
            expected["org"] = ours(org);
        }
        let found = spans.iter().any(|span| span.name == "pass" && these(span, &expected) == expected);
        assert!(found, "no pass with {expected} in {spans:#?}");
    }

    let line = format!("pass{{kind=ThoughtSpotOrg object={0}/acme instance={0}/ts org={0}/acme}}", bench.namespace);
    assert!(operator.log().contains(&line), "the log says the same: {}", operator.log());
    let conflict = json!({ "object": ours("twin"), "outcome": "stalled", "reason": "Conflict" });
    let conflict = spans.iter().find(|span| these(span, &conflict) == conflict).unwrap();
    assert_eq!(conflict.status.as_ref().unwrap().code(), StatusCode::Error);

    let operation = match dialect {
        V1 => "org/create",
        V2 => "orgs/create",
    };
    let creates = |span: &&Span| attributes(&span.attributes)["operation"] == operation;
    let create = spans.iter().find(creates).unwrap_or_else(|| panic!("no create in {spans:#?}"));
    let at = bench.thoughtspot.url().parse::<url::Url>().unwrap();
    let expected = json!({
        "dialect": format!("{dialect:?}"), "instance": ours("ts"), "org_id": 0, "outcome": "ok", "http.request.method": "POST",
        "http.response.status_code": 200, "server.address": "127.0.0.1", "server.port": at.port(),
    });
    assert_eq!(these(create, &expected), expected);
    assert_eq!((create.kind(), create.name.as_str()), (SpanKind::Client, operation));
    let its_pass = spans.iter().find(|pass| below(&spans, pass).iter().any(|span| span.span_id == create.span_id));
    let its_pass = attributes(&its_pass.unwrap_or_else(|| panic!("a call without a pass: {create:#?}")).attributes);
    assert_eq!((&its_pass["kind"], &its_pass["object"]), (&json!(ORG), &ours("acme")));

    let refused = json!({ "http.response.status_code": 401, "outcome": "unauthorized", "error.type": "401" });
    let refused = spans.iter().find(|span| these(span, &refused) == refused).unwrap();
    assert_eq!(refused.status.as_ref().unwrap().code(), StatusCode::Error);
    let again = json!({ "http.request.resend_count": 1, "operation": refused.name, "outcome": "ok" });
    assert!(spans.iter().any(|span| these(span, &again) == again), "it was sent again: {spans:#?}");
    let calls = spans.iter().filter(|span| span.kind() == SpanKind::Client).count();
    assert_eq!(calls, bench.thoughtspot.journal().len(), "a span for each request that ThoughtSpot saw");
}

#[tokio::test]
async fn a_collector_that_refuses_holds_up_nothing_and_is_told_of_once() {
    let bench = Bench::idle("refusing-collector", V2).await;
    let collector = Collector::start().await;
    collector.answer(403);
    let endpoint = format!("{}/v1/traces", collector.url());
    let operator = operator(&bench, &[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &endpoint), AT_ONCE]);
    for manifest in [LOGIN, CONNECTION, ACME] {
        bench.apply(manifest).await;
    }
    bench.ready(ORG, "acme").await;
    let refused = async || {
        let posts = collector.posts().len();
        if posts > 3 { Ok(()) } else { Err(format!("{posts} posts")) }
    };
    eventually("it is tried again", PATIENCE, refused).await;
    assert_eq!(operator.log().matches("traces cannot be exported").count(), 1, "{}", operator.log());
    assert!(operator.log().contains("status 403"), "{}", operator.log());

    collector.answer(200);
    let told = async || if operator.log().contains("traces are exported again") { Ok(()) } else { Err(operator.log()) };
    eventually("its end is told", PATIENCE, told).await;
}

#[tokio::test]
async fn without_a_collector_nothing_is_started_and_nothing_sent() {
    let bench = Bench::idle("no-collector", V2).await;
    let collector = Collector::start().await;
    let base = ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url());
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "a=b");
    bench.apply(LOGIN).await;
    bench.apply(CONNECTION).await;
    for environment in [&[headers, AT_ONCE][..], &[base, ("OTEL_SDK_DISABLED", "true"), AT_ONCE], &[base, AT_ONCE]] {
        let wanted = environment == [base, AT_ONCE];
        let mut operator = operator(&bench, environment);
        let reconciles = async || if operator.log().contains("ThoughtSpot sign-in") { Ok(()) } else { Err(operator.log()) };
        eventually("it signs in", PATIENCE, reconciles).await;
        assert_eq!(sends(&operator), wanted, "{environment:?}");
        operator.terminate();
        assert!(operator.wait(PATIENCE).await.success());
        assert_eq!(collector.posts().is_empty(), !wanted, "{environment:?}");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_none_is_named_at_the_start_and_nothing_runs() {
    for (value, why) in [
        ("otel.internal:4318", "OTEL_EXPORTER_OTLP_ENDPOINT is not the URL of a collector"),
        ("http://me:secret@otel.internal", "OTEL_EXPORTER_OTLP_ENDPOINT holds a user name or a password"),
    ] {
        let environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", value)];
        let mut operator = OperatorProcess::spawn(Path::new(BINARY), ["run"], environment).unwrap();
        assert!(!operator.wait(PATIENCE).await.success());
        assert!(operator.log().contains(why) && !operator.log().contains(value), "{}", operator.log());
    }
}

#[tokio::test]
async fn a_collector_that_takes_only_a_part_is_told_of_with_its_reason_and_without_what_it_was_shown() {
    let bench = Bench::idle("partial-collector", V2).await;
    let collector = Collector::start().await;
    collector.reject(3, "attributes too long, says let-me-in");
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20let-me-in");
    let operator = operator(&bench, &[("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url()), headers, AT_ONCE]);
    bench.apply(LOGIN).await;
    bench.apply(CONNECTION).await;
    let says = async |part: &str| {
        let told = async || if operator.log().contains(part) { Ok(()) } else { Err(operator.log()) };
        eventually(&format!("the log says {part:?}"), PATIENCE, told).await;
    };
    says("the collector does not take all of the traces: whoever runs it can tell why spans=3").await;
    says("attributes too long, says ***").await;
    collector.reject(0, "");
    bench.apply(ACME).await;
    says("the collector takes all of the traces again").await;
    assert!(!operator.log().contains("let-me-in"), "{}", operator.log());
}

#[tokio::test]
async fn without_certificate_authorities_a_collector_by_https_is_done_without_and_nothing_else_is() {
    let bench = Bench::idle("no-authorities", V2).await;
    bench.apply(LOGIN).await;
    bench.apply(CONNECTION).await;
    let nowhere = ["SSL_CERT_FILE", "SSL_CERT_DIR"].map(|variable| (variable, "/nowhere"));
    for (endpoint, says) in [
        ("http://127.0.0.1:1", "exporting traces"),
        (
            "https://otel.internal",
            "WARN thoughtspot_operator::traces: traces are not exported: there are no certificate authorities",
        ),
    ] {
        let operator = operator(&bench, &[nowhere[0], nowhere[1], ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), AT_ONCE]);
        let reconciles = async || if operator.log().contains("ThoughtSpot sign-in") { Ok(()) } else { Err(operator.log()) };
        eventually("it signs in", PATIENCE, reconciles).await;
        assert!(operator.log().contains(says), "{endpoint}: {}", operator.log());
    }
}
