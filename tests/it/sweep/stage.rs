//! A bench with both sides behind proxies that count as one, and the shipped binary on it.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thoughtspot_crds::Dialect;
use thoughtspot_testkit::proxy::Gate;
use thoughtspot_testkit::{OperatorProcess, Proxy, eventually};

use super::lifecycles::Declared;
use crate::bench::{Bench, PATIENCE, condition, conditions};

/// When to look even if the operator seems to have written nothing.
const AT_LEAST_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Stage {
    pub(super) bench: Bench,
    pub(super) gate: Gate,
    kubernetes: Proxy,
    thoughtspot: Proxy,
    operator: Option<OperatorProcess>,
}

impl Stage {
    pub(super) async fn new(dialect: Dialect) -> Stage {
        let bench = Bench::idle("sweep", dialect).await;
        let gate = Gate::default();
        let kubernetes = Proxy::of_kubernetes(bench.config(), gate.clone()).await.unwrap();
        let thoughtspot = Proxy::of_http("ThoughtSpot", bench.thoughtspot.url(), gate.clone()).await.unwrap();
        Stage { bench, gate, kubernetes, thoughtspot, operator: None }
    }

    /// Applies manifests, of which the Instance leads through the proxy.
    pub(super) async fn apply(&self, manifest: &str) {
        let manifest = manifest.replace("$HOST", &self.thoughtspot.host()).replace("$URL", &self.thoughtspot.url());
        self.bench.apply(&manifest).await;
    }

    /// Starts the binary.
    pub(super) fn start(&mut self) {
        let args = ["run", "--allowed-hosts", "http://127.0.0.1:*", "--watch-namespaces", &self.bench.namespace];
        let env = [("KUBECONFIG", self.kubernetes.kubeconfig().to_str().unwrap()), ("RUST_LOG", "info,thoughtspot_engine=debug")];
        let binary = Path::new(env!("CARGO_BIN_EXE_thoughtspot-operator"));
        self.operator = Some(OperatorProcess::spawn(binary, args, env).unwrap());
    }

    /// Ends it without a word.
    pub(super) fn crash(&mut self) {
        if let Some(mut operator) = self.operator.take() {
            operator.kill();
        }
    }

    /// What the operator said last.
    pub(super) fn log_tail(&self) -> String {
        let log = self.operator.as_ref().map(OperatorProcess::log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Waits until all of these are Ready.
    pub(super) async fn ready(&self, declared: &[Declared]) {
        for declared in declared {
            self.until("is Ready", *declared, |object| {
                let current = object["metadata"]["generation"] == object["status"]["observedGeneration"];
                current && condition(object, "Ready")["status"] == "True"
            })
            .await;
        }
    }

    /// Waits until there is none of this name.
    pub(super) async fn gone(&self, declared: Declared) {
        self.until("is gone", declared, Value::is_null).await;
    }

    /// Waits until the object is as `holds` says. It is read when the operator has written it: hundreds of stages share two cores, and
    /// looking costs more than waiting.
    async fn until(&self, what: &str, (kind, name): Declared, holds: impl Fn(&Value) -> bool) {
        let written = format!("/{name}");
        let writes = || self.gate.passed().iter().filter(|p| p.status.is_some() && p.which.label.contains(&written)).count();
        let mut looked: Option<(usize, Instant)> = None;
        let mut last = Value::Null;
        eventually(&format!("{kind} {}/{name} {what}", self.bench.namespace), PATIENCE, async || {
            let now = writes();
            if looked.is_none_or(|(then, at)| then != now || at.elapsed() > AT_LEAST_EVERY) {
                last = self.bench.get(kind, name).await;
                looked = Some((now, Instant::now()));
            }
            if holds(&last) { Ok(()) } else { Err(format!("{}\n{}", last["metadata"]["finalizers"], conditions(&last))) }
        })
        .await;
    }

    /// Everything is looked at once more, and nothing comes of it.
    pub(super) async fn quiet(&self, declared: &[Declared]) {
        let writes = self.bench.thoughtspot.counters().writes;
        self.gate.reset();
        // Another one than before, so that it is asked for.
        let now = format!("once more after {writes} writes");
        let request = json!({ "metadata": { "annotations": { "thoughtspot.dev/reconcile-requested-at": now } } });
        for (kind, name) in declared {
            self.bench.patch(kind, name, request.clone()).await;
        }
        for declared in declared {
            self.until("answers", *declared, |object| {
                object["status"]["lastHandledReconcileAt"] == *now && condition(object, "Ready")["status"] == "True"
            })
            .await;
        }
        assert_eq!(self.bench.thoughtspot.counters().writes, writes, "the next pass still writes: {:?}", self.gate.passed());
        let mut written: Vec<String> = self.gate.passed().into_iter().map(|passed| passed.which.label).collect();
        written.retain(|label| label.starts_with("Kubernetes") && !reads(label));
        // What nobody declares is counted once lists are read that need not have been read before.
        let of_org = written.iter().filter(|label| label.contains(" PATCH thoughtspotorgs/")).count();
        let counted = of_org.saturating_sub(1);
        assert!(written.len() - counted == declared.len() && counted <= 1, "an answer each, and nothing else: {written:#?}");
    }
}

/// Whether a request changes nothing.
pub(super) fn reads(label: &str) -> bool {
    label.contains(" GET ") || label.ends_with("/search")
}
