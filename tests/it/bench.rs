//! What every story starts from: a namespace of its own, a ThoughtSpot of its own, and an operator that watches just that.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret};
use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, Patch, PatchParams};
use kube::{Client, ResourceExt};
use serde_json::{Value, json};
use thoughtspot_client::host::HostPolicy;
use thoughtspot_crds::{Dialect, ThoughtSpotGroup, ThoughtSpotInstance, ThoughtSpotOrg, ThoughtSpotUser};
use thoughtspot_operator::app::{self, Settings};
use thoughtspot_simulator::{Options, Simulator};
use thoughtspot_testkit::{ControlPlane, eventually};
use tokio::sync::{OnceCell, watch};
use tokio::task::JoinHandle;

mod calls;

pub(crate) use calls::Calls;

use crate::messages;
use crate::rights::{Account, Rights};

/// How long anything may take that should happen; on two busy cores, and far more than it does.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const ORG: &str = "ThoughtSpotOrg";
pub(crate) const GROUP: &str = "ThoughtSpotGroup";
pub(crate) const USER: &str = "ThoughtSpotUser";
pub(crate) const INSTANCE: &str = "ThoughtSpotInstance";

pub(crate) struct Bench {
    pub(crate) cluster: &'static ControlPlane,
    pub(crate) client: Client,
    pub(crate) namespace: String,
    pub(crate) thoughtspot: Simulator,
    /// What the Instance of the story speaks.
    pub(crate) dialect: Dialect,
    watched: Vec<String>,
    /// As whom the operator acts.
    account: Option<&'static Account>,
    operator: Option<Operator>,
}

struct Operator {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

static CRDS: OnceCell<()> = OnceCell::const_new();

/// The control plane, with the custom resources installed.
pub(crate) async fn cluster() -> &'static ControlPlane {
    // Another test of this process may have installed it before: that is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cluster = ControlPlane::shared().await;
    CRDS.get_or_init(|| async {
        let yaml = thoughtspot_operator::cli::crd::yaml().unwrap();
        cluster.install_crds(&yaml).await.unwrap();
    })
    .await;
    cluster
}

impl Bench {
    /// With an operator that runs.
    pub(crate) async fn start(name: &str, dialect: Dialect) -> Bench {
        Bench::with(name, dialect, |_| ()).await
    }

    /// With an operator that runs and has these rights. By those for watched namespaces none is deleted whole: its Role goes first.
    pub(crate) async fn start_with(rights: Rights, name: &str, dialect: Dialect) -> Bench {
        let mut bench = Bench::idle_with(rights, name, dialect).await;
        bench.run();
        bench
    }

    /// With an operator that runs, against a ThoughtSpot of these settings.
    pub(crate) async fn with(name: &str, dialect: Dialect, change: impl FnOnce(&mut thoughtspot_simulator::Settings)) -> Bench {
        let mut bench = Bench::idle(name, dialect).await;
        bench.thoughtspot.set(change);
        bench.run();
        bench
    }

    /// Without an operator yet. Its rights are one kind in one dialect and the other in the other, so that every story is told with both.
    pub(crate) async fn idle(name: &str, dialect: Dialect) -> Bench {
        let rights = match dialect {
            Dialect::V2 => Rights::Cluster,
            Dialect::V1 => Rights::Watched,
        };
        Bench::idle_with(rights, name, dialect).await
    }

    /// Without an operator yet, which will have these rights.
    pub(crate) async fn idle_with(rights: Rights, name: &str, dialect: Dialect) -> Bench {
        let mut bench = Bench::idle_on(cluster().await, name, dialect).await;
        let account = rights.account(bench.cluster).await;
        account.admit_to(bench.cluster, &bench.namespace).await;
        bench.account = Some(account);
        bench
    }

    /// On another control plane, which has the custom resources.
    pub(crate) async fn idle_on(cluster: &'static ControlPlane, name: &str, dialect: Dialect) -> Bench {
        let namespace = cluster.namespace(name).await;
        let thoughtspot = Simulator::start(thoughtspot()).await.unwrap();
        // Whoever speaks v1 must do without the other.
        thoughtspot.set(|s| s.serves_v2 = dialect == Dialect::V2);
        let watched = vec![namespace.clone()];
        Bench { cluster, client: cluster.client(), namespace, thoughtspot, dialect, watched, account: None, operator: None }
    }

    /// One more namespace that the operator watches; before it runs.
    pub(crate) async fn another_namespace(&mut self, name: &str) -> String {
        assert!(self.operator.is_none(), "the operator runs already");
        let namespace = self.cluster.namespace(name).await;
        if let Some(account) = self.account {
            account.admit_to(self.cluster, &namespace).await;
        }
        self.watched.push(namespace.clone());
        namespace
    }

    pub(crate) fn calls(&self) -> &'static Calls {
        Calls::of(self.dialect)
    }

    /// Starts an operator, as the binary does.
    pub(crate) fn run(&mut self) {
        self.run_allowing("http://127.0.0.1:*");
    }

    pub(crate) fn run_allowing(&mut self, hosts: &str) {
        self.run_on(self.config(), hosts);
    }

    /// How the operator reaches Kubernetes, and as whom.
    pub(crate) fn config(&self) -> kube::Config {
        self.account.map_or_else(|| self.cluster.config(), |account| account.config.clone())
    }

    /// The same, for the binary.
    pub(crate) fn kubeconfig(&self) -> &Path {
        self.account.map_or_else(|| self.cluster.kubeconfig(), |account| &account.kubeconfig)
    }

    /// One that is told another way to Kubernetes.
    pub(crate) fn run_on(&mut self, config: kube::Config, hosts: &str) {
        self.run_reaching(config, HostPolicy::parse([hosts]).unwrap());
    }

    pub(crate) fn run_reaching(&mut self, config: kube::Config, hosts: HostPolicy) {
        let (stop, stopped) = watch::channel(false);
        let settings = Settings {
            hosts,
            watch_namespaces: self.watched.clone(),
            requests_per_second: 1000,
            memory: 256 << 20,
            turns: None,
            grace: PATIENCE,
            health_listen: None,
        };
        let task = tokio::spawn(async move { app::run(config, settings, stopped).await.unwrap() });
        self.operator = Some(Operator { stop, task });
    }

    /// Ends the operator, and waits until nothing of it runs.
    pub(crate) async fn end(&mut self) {
        if let Some(operator) = self.operator.take() {
            operator.stop.send(true).unwrap();
            operator.task.await.unwrap();
        }
    }

    /// A manifest with `NS`, `HOST`, `URL` and `DIALECT` filled in.
    pub(crate) fn fill(&self, yaml: &str) -> String {
        yaml.replace("$NS", &self.namespace)
            .replace("$HOST", &self.thoughtspot.host())
            .replace("$URL", &self.thoughtspot.url())
            .replace("$DIALECT", &self.dialect.to_string())
    }

    /// Applies manifests; panics if the API server refuses one.
    pub(crate) async fn apply(&self, yaml: &str) {
        self.try_apply(yaml).await.unwrap_or_else(|refusal| panic!("refused: {refusal}\n{yaml}"));
    }

    /// Applies manifests, server-side; the API server's words if it refuses one.
    pub(crate) async fn try_apply(&self, yaml: &str) -> Result<(), String> {
        for mut object in documents(&self.fill(yaml)) {
            let namespace = object.metadata.namespace.get_or_insert_with(|| self.namespace.clone()).clone();
            let kind = object.types.as_ref().map(|t| t.kind.clone()).unwrap_or_default();
            let api = self.api(&kind, &namespace);
            let params = PatchParams::apply("person").force();
            match api.patch(&object.name_any(), &params, &Patch::Apply(&object)).await {
                Ok(_) => {}
                Err(kube::Error::Api(status)) => return Err(status.message.clone()),
                Err(error) => panic!("{error}"),
            }
        }
        Ok(())
    }

    pub(crate) fn api(&self, kind: &str, namespace: &str) -> Api<DynamicObject> {
        Api::namespaced_with(self.client.clone(), namespace, &resource(kind))
    }

    /// The object as stored, `null` if there is none.
    pub(crate) async fn get(&self, kind: &str, name: &str) -> Value {
        self.get_in(&self.namespace, kind, name).await
    }

    pub(crate) async fn get_in(&self, namespace: &str, kind: &str, name: &str) -> Value {
        let object = self.api(kind, namespace).get_opt(name).await.unwrap();
        let object = object.map_or(Value::Null, |object| serde_json::to_value(object).unwrap());
        messages::are_documented(&object);
        object
    }

    /// A merge patch of the object, as `kubectl patch` does it.
    pub(crate) async fn patch(&self, kind: &str, name: &str, patch: Value) {
        let api = self.api(kind, &self.namespace);
        api.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
    }

    pub(crate) async fn annotate(&self, kind: &str, name: &str, annotation: &str, value: &str) {
        self.patch(kind, name, json!({ "metadata": { "annotations": { annotation: value } } })).await;
    }

    pub(crate) async fn delete(&self, kind: &str, name: &str) {
        self.api(kind, &self.namespace).delete(name, &DeleteParams::default()).await.unwrap();
    }

    /// What a Secret holds, as text; nothing if there is none.
    pub(crate) async fn secret(&self, name: &str) -> BTreeMap<String, String> {
        let secret = Api::<Secret>::namespaced(self.client.clone(), &self.namespace).get_opt(name).await.unwrap();
        let data = secret.and_then(|secret| secret.data).unwrap_or_default();
        data.into_iter().map(|(key, value)| (key, String::from_utf8(value.0).unwrap())).collect()
    }

    /// Whether a person can sign in like this. Four failures lock an account.
    pub(crate) async fn signs_in(&self, username: &str, password: &str) -> bool {
        let url = format!("{}/callosum/v1/tspublic/v1/session/login", self.thoughtspot.url());
        let form = [("username", username), ("password", password)];
        let client = reqwest::Client::builder().build().unwrap();
        client.post(url).header("X-Requested-By", "ThoughtSpot").form(&form).send().await.unwrap().status().is_success()
    }

    /// Waits until the object is gone.
    pub(crate) async fn gone(&self, kind: &str, name: &str) {
        self.gone_in(&self.namespace, kind, name).await;
    }

    pub(crate) async fn gone_in(&self, namespace: &str, kind: &str, name: &str) {
        eventually(&format!("{kind} {namespace}/{name} is gone"), PATIENCE, async || {
            let object = self.get_in(namespace, kind, name).await;
            if object.is_null() {
                return Ok(());
            }
            Err(format!("{}\n{}", object["metadata"]["finalizers"], conditions(&object)))
        })
        .await;
    }

    /// Waits until the object is Ready at its present generation, and returns it.
    pub(crate) async fn ready(&self, kind: &str, name: &str) -> Value {
        self.ready_in(&self.namespace, kind, name).await
    }

    pub(crate) async fn ready_in(&self, namespace: &str, kind: &str, name: &str) -> Value {
        eventually(&format!("{kind} {namespace}/{name} is Ready"), PATIENCE, async || {
            let object = self.get_in(namespace, kind, name).await;
            let ready = condition(&object, "Ready");
            let current = object["metadata"]["generation"] == object["status"]["observedGeneration"];
            if current && ready["status"] == "True" { Ok(object) } else { Err(conditions(&object)) }
        })
        .await
    }

    /// Waits until the Org `acme` counts so much that no resource declares; it counts what was read anyway, so nothing at first.
    pub(crate) async fn counts(&self, expected: Value) {
        eventually(&format!("the Org counts {expected}"), PATIENCE, async || {
            let counted = self.get("ThoughtSpotOrg", "acme").await["status"]["unmanaged"].clone();
            if counted == expected { Ok(()) } else { Err(counted.to_string()) }
        })
        .await;
    }

    /// Waits until a condition is true for this reason, and returns its message.
    pub(crate) async fn says(&self, kind: &str, name: &str, type_: &str, reason: &str) -> String {
        self.says_in(&self.namespace, kind, name, type_, reason).await
    }

    pub(crate) async fn says_in(&self, namespace: &str, kind: &str, name: &str, type_: &str, reason: &str) -> String {
        eventually(&format!("{kind} {namespace}/{name} says {type_}/{reason}"), PATIENCE, async || {
            let object = self.get_in(namespace, kind, name).await;
            let said = condition(&object, type_);
            let current = object["metadata"]["generation"] == object["status"]["observedGeneration"];
            if current && said["reason"] == reason {
                Ok(said["message"].as_str().unwrap_or_default().to_owned())
            } else {
                Err(conditions(&object))
            }
        })
        .await
    }

    /// Waits until the object has another id than this one.
    pub(crate) async fn says_not(&self, kind: &str, name: &str, id: &Value) {
        eventually(&format!("{kind} {name} has a new id"), PATIENCE, async || {
            let object = self.get(kind, name).await;
            if object["status"]["id"] == *id { Err(conditions(&object)) } else { Ok(()) }
        })
        .await;
    }

    /// As [`Bench::says_in`], until the message contains `part`: for what changes without a change of the object.
    pub(crate) async fn says_in_with(&self, namespace: &str, kind: &str, name: &str, type_: &str, part: &str) {
        eventually(&format!("{kind} {namespace}/{name} says {type_} with {part:?}"), PATIENCE, async || {
            let object = self.get_in(namespace, kind, name).await;
            let message = condition(&object, type_)["message"].as_str().unwrap_or_default().to_owned();
            if message.contains(part) { Ok(()) } else { Err(conditions(&object)) }
        })
        .await;
    }

    /// Waits until the world of ThoughtSpot is as `holds` says.
    pub(crate) async fn thoughtspot_shows(&self, what: &str, holds: impl Fn(&thoughtspot_simulator::Dump) -> bool) {
        eventually(what, PATIENCE, async || {
            let state = self.thoughtspot.state();
            if holds(&state) { Ok(()) } else { Err(serde_json::to_string(&state).unwrap()) }
        })
        .await;
    }

    /// The credentials and the Instance, compared every five seconds.
    pub(crate) async fn connect(&self) {
        self.apply(LOGIN).await;
        self.apply(CONNECTION).await;
        self.ready(INSTANCE, "ts").await;
    }

    /// An Org that is Ready, by the name `acme`.
    pub(crate) async fn tenant(&self) -> Value {
        self.connect().await;
        self.apply(ACME).await;
        self.ready(ORG, "acme").await
    }

    /// Asks for a pass now and waits until it is answered.
    pub(crate) async fn request(&self, kind: &str, name: &str, value: &str) -> Value {
        self.annotate(kind, name, "thoughtspot.dev/reconcile-requested-at", value).await;
        eventually(&format!("{kind} {name} answers the request"), PATIENCE, async || {
            let object = self.get(kind, name).await;
            if object["status"]["lastHandledReconcileAt"] == value { Ok(object) } else { Err(object["status"].to_string()) }
        })
        .await
    }

    pub(crate) async fn delete_namespace(&self) {
        let api: Api<Namespace> = Api::all(self.client.clone());
        api.delete(&self.namespace, &DeleteParams::default()).await.unwrap();
    }

    pub(crate) async fn namespace_gone(&self) {
        let api: Api<Namespace> = Api::all(self.client.clone());
        eventually("the namespace is gone", PATIENCE, async || match api.get_opt(&self.namespace).await.unwrap() {
            None => Ok(()),
            Some(namespace) => {
                let mut left = vec![serde_json::to_string(&namespace.status).unwrap()];
                for kind in [INSTANCE, ORG, GROUP, USER, "Secret"] {
                    let list = self.api(kind, &self.namespace).list(&Default::default()).await.unwrap();
                    left.extend(
                        list.iter().map(|o| format!("{kind} {} {:?} {}", o.name_any(), o.finalizers(), o.data["status"])),
                    );
                }
                Err(left.join("\n"))
            }
        })
        .await;
    }
}

/// A ThoughtSpot in which the operator has a login of its own, so that what people do there is told apart.
pub(crate) fn thoughtspot() -> Options {
    let mut options = Options::default();
    options.credentials.admin_username = "svc-operator".to_owned();
    options.credentials.admin_password = "Passw0rd-of-operator".to_owned();
    options
}

/// The documents of a YAML text.
pub(crate) fn documents(yaml: &str) -> Vec<DynamicObject> {
    let documents = serde_saphyr::from_multiple::<DynamicObject>(yaml);
    documents.unwrap_or_else(|error| panic!("{error}\n{yaml}"))
}

pub(crate) fn resource(kind: &str) -> ApiResource {
    match kind {
        INSTANCE => ApiResource::erase::<ThoughtSpotInstance>(&()),
        ORG => ApiResource::erase::<ThoughtSpotOrg>(&()),
        GROUP => ApiResource::erase::<ThoughtSpotGroup>(&()),
        USER => ApiResource::erase::<ThoughtSpotUser>(&()),
        "ConfigMap" => ApiResource::erase::<ConfigMap>(&()),
        "Secret" => ApiResource::erase::<Secret>(&()),
        other => panic!("no such kind here: {other}"),
    }
}

pub(crate) fn condition(object: &Value, type_: &str) -> Value {
    let all = object["status"]["conditions"].as_array();
    all.into_iter().flatten().find(|c| c["type"] == type_).cloned().unwrap_or_default()
}

/// The conditions in short, for those who wait.
pub(crate) fn conditions(object: &Value) -> String {
    let all = object["status"]["conditions"].as_array();
    let line = |c: &Value| format!("{}={} {} {}", c["type"], c["status"], c["reason"], c["message"]);
    let lines: Vec<String> = all.into_iter().flatten().map(line).collect();
    format!("generation {} of {}: {}", object["status"]["observedGeneration"], object["metadata"]["generation"], lines.join("; "))
}

pub(crate) const LOGIN: &str = "
apiVersion: v1
kind: Secret
metadata: { name: login }
type: thoughtspot.dev/credentials
stringData: { host: $HOST, username: svc-operator, password: Passw0rd-of-operator }
";

pub(crate) const CONNECTION: &str = "
apiVersion: thoughtspot.dev/v1alpha1
kind: ThoughtSpotInstance
metadata: { name: ts }
spec:
  url: $URL
  dialect: $DIALECT
  syncInterval: 5s
  auth: { password: { secretRef: { name: login } } }
";

pub(crate) const ACME: &str = "
apiVersion: thoughtspot.dev/v1alpha1
kind: ThoughtSpotOrg
metadata: { name: acme }
spec: { instanceRef: { name: ts }, description: a tenant }
";

pub(crate) const ANALYSTS: &str = "
apiVersion: thoughtspot.dev/v1alpha1
kind: ThoughtSpotGroup
metadata: { name: analysts }
spec: { orgRef: { name: acme }, displayName: Analysts, description: who ask, privileges: [DATADOWNLOADING] }
";

pub(crate) const ANA: &str = "
apiVersion: thoughtspot.dev/v1alpha1
kind: ThoughtSpotUser
metadata: { name: ana }
spec:
  instanceRef: { name: ts }
  displayName: Ana Diaz
  email: ana@example.com
  orgs: [{ name: acme, groups: [analysts] }]
";

/// What a user may take as its password.
pub(crate) const PASSWORD: &str = "
apiVersion: v1
kind: Secret
metadata: { name: pw, labels: { thoughtspot.dev/password: 'true' } }
stringData: { password: a-long-enough-one }
";
