//! What the log of the shipped binary says to somebody on call, and what it leaves out.

use std::path::Path;

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::Value;
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::{Action, Entry, Kind, Rule};
use thoughtspot_testkit::proxy::{Gate, Trouble};
use thoughtspot_testkit::{OperatorProcess, Proxy, eventually};

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, INSTANCE, LOGIN, PATIENCE, USER};

/// One that reaches Kubernetes like this.
fn operator(bench: &Bench, kubeconfig: &Path, more: &[&str]) -> OperatorProcess {
    let binary = Path::new(env!("CARGO_BIN_EXE_thoughtspot-operator"));
    let args = ["run", "--allowed-hosts", "http://127.0.0.1:*", "--watch-namespaces", &bench.namespace];
    OperatorProcess::spawn(binary, args.iter().chain(more), [("KUBECONFIG", kubeconfig)]).unwrap()
}

async fn says(operator: &OperatorProcess, part: &str) {
    let said = async || if operator.log().contains(part) { Ok(()) } else { Err(operator.log()) };
    eventually(&format!("the log says {part:?}"), PATIENCE, said).await;
}

#[tokio::test]
async fn an_api_server_that_is_too_busy_is_told_of_in_our_words_once_for_each_watch_and_is_no_error() {
    let bench = Bench::idle("busy", V2).await;
    let kubernetes = Proxy::of_kubernetes(bench.config(), Gate::default()).await.unwrap();
    kubernetes.troubles().befall(|_| Some(Trouble::Refused(StatusCode::SERVICE_UNAVAILABLE)));
    let mut talkative = operator(&bench, kubernetes.kubeconfig(), &["--log", "info"]);
    says(&talkative, "ERROR").await;
    talkative.kill();

    let operator = operator(&bench, kubernetes.kubeconfig(), &[]);
    says(&operator, "kind=ThoughtSpotUser").await;
    bench.apply(LOGIN).await;
    bench.apply(CONNECTION).await;
    kubernetes.troubles().end();
    bench.ready(INSTANCE, "ts").await;
    says(&operator, "a watch works again kind=ThoughtSpotUser").await;
    let log = operator.log();
    let failed: Vec<&str> = log.lines().filter(|line| line.contains("a watch failed")).collect();
    assert_eq!(failed.len(), 5, "four kinds and the namespace: {failed:#?}");
    assert!(failed.iter().all(|line| line.contains("WARN") && line.contains("the server has too much to do")), "{failed:#?}");
    assert!(!log.contains("ERROR"), "{log}");
}

/// A line of the log in JSON.
struct Line(Value);

impl Line {
    fn field(&self, name: &str) -> &Value {
        &self.0["fields"][name]
    }

    /// Whether it tells of this request, in a pass that says whose it is.
    fn tells_of(&self, entry: &Entry) -> bool {
        let pass = &self.0["spans"][0];
        let named = ["kind", "object", "instance"].iter().all(|field| pass[field].is_string());
        let path = self.field("path").as_str().unwrap_or_default();
        let status = self.field("status").as_u64().and_then(|status| u16::try_from(status).ok());
        named && *self.field("method") == entry.method && path.ends_with(&entry.path.replace("v1/", "")) && status == entry.status
    }
}

#[rstest]
#[tokio::test]
async fn each_write_is_a_line_that_says_for_whom_it_was_made_and_what_came_of_it(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::idle("lines", dialect).await;
    let operator = operator(&bench, bench.kubeconfig(), &["--log-format", "json"]);
    bench.thoughtspot.fault(Rule::route(bench.calls().create_user, Action::CommitThenDrop).times(1));
    for manifest in [LOGIN, CONNECTION, ACME, ANALYSTS, ANA] {
        bench.apply(manifest).await;
    }
    bench.ready(USER, "ana").await;
    let log = operator.log();
    let lines: Vec<Line> = log.lines().map(|line| Line(serde_json::from_str(line).unwrap())).collect();
    let said = |line: &Line, message: &str| line.field("message") == message;
    let told: Vec<&Line> =
        lines.iter().filter(|line| said(line, "ThoughtSpot write") || said(line, "ThoughtSpot sign-in")).collect();
    let sent: Vec<Entry> = bench.thoughtspot.journal().into_iter().filter(|entry| entry.kind != Kind::Read).collect();
    let untold: Vec<&Entry> = sent.iter().filter(|entry| !told.iter().any(|line| line.tells_of(entry))).collect();
    assert!(untold.is_empty(), "{untold:#?} of {log}");
    assert_eq!(told.len(), sent.len(), "{log}");
    let has_id = |line: &&Line| line.field("trace").is_string() == (dialect == V1 && line.field("status").is_number());
    assert!(told.iter().all(has_id), "in v1 each has an id in ThoughtSpot's log: {log}");
    let lost: Vec<&&Line> = told.iter().filter(|line| line.field("why").is_string()).collect();
    assert!(lost.len() == 1 && lost[0].field("why").as_str().unwrap().starts_with("no clear answer"), "{log}");
}
