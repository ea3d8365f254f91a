//! The charts installed by helm on a control plane of their own, and the operator run as the ServiceAccount they make.

use std::path::{Path, PathBuf};

use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::api::{Api, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use thoughtspot_testkit::{ControlPlane, OperatorProcess};
use tokio::sync::{OnceCell, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::{arguments, crds, operator};
use crate::replicas;

/// One that the other tests do not use: an operator that watches all namespaces would meddle with theirs, and the kinds belong to a release
/// of the CRD chart.
pub(super) async fn cluster() -> &'static ControlPlane {
    static CLUSTER: OnceCell<ControlPlane> = OnceCell::const_new();
    let start = async || {
        let cluster = ControlPlane::start().await.unwrap();
        helm(&cluster, &["install", "kinds", crds().to_str().unwrap(), "--namespace", "default"]).await;
        cluster
    };
    CLUSTER.get_or_init(start).await
}

static OPERATORS: RwLock<()> = RwLock::const_new(());

/// Held while an operator watches all namespaces: none else may run.
pub(super) async fn alone() -> RwLockWriteGuard<'static, ()> {
    OPERATORS.write().await
}

/// Held while an operator watches a namespace of its own.
pub(super) async fn among_others() -> RwLockReadGuard<'static, ()> {
    OPERATORS.read().await
}

async fn try_helm(cluster: &ControlPlane, arguments: &[&str]) -> Result<String, String> {
    let output = cluster.helm().await.unwrap().args(arguments).output().await.unwrap();
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(format!("{said}{complained}")) } else { Err(format!("{said}{complained}")) }
}

/// What helm says, warnings of the API server included.
pub(super) async fn helm(cluster: &ControlPlane, arguments: &[&str]) -> String {
    try_helm(cluster, arguments).await.unwrap_or_else(|error| panic!("helm {arguments:?}: {error}"))
}

/// A release of the operator's chart, in a namespace of its own that enforces the level `restricted`.
pub(super) struct Release {
    pub(super) cluster: &'static ControlPlane,
    pub(super) name: String,
    pub(super) namespace: String,
    folder: tempfile::TempDir,
    /// What helm said when it installed the release.
    pub(super) said: String,
}

impl Release {
    pub(super) async fn install(name: &str, values: Value) -> Release {
        let cluster = cluster().await;
        let namespace = cluster.namespace(&format!("{name}-system")).await;
        Release::install_into(name, namespace, values).await
    }

    pub(super) async fn install_into(name: &str, namespace: String, values: Value) -> Release {
        Release::try_install_into(name, namespace, values).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The release, or what helm refuses it for.
    pub(super) async fn try_install_into(name: &str, namespace: String, values: Value) -> Result<Release, String> {
        let cluster = cluster().await;
        restrict(cluster, &namespace).await;
        let folder = tempfile::tempdir().unwrap();
        let mut release = Release { cluster, name: name.to_owned(), namespace, folder, said: String::new() };
        release.said = release.put("install", &values).await?;
        Ok(release)
    }

    /// One that somebody else installed.
    pub(super) async fn found(name: &str, namespace: String) -> Release {
        let folder = tempfile::tempdir().unwrap();
        Release { cluster: cluster().await, name: name.to_owned(), namespace, folder, said: String::new() }
    }

    pub(super) async fn upgrade(&self, values: Value) -> String {
        self.put("upgrade", &values).await.unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    async fn put(&self, how: &str, values: &Value) -> Result<String, String> {
        let file = self.folder.path().join("values.yaml");
        std::fs::write(&file, values.to_string()).unwrap();
        let (chart, file) = (operator(), file);
        let arguments =
            [how, &self.name, chart.to_str().unwrap(), "--namespace", &self.namespace, "--values", file.to_str().unwrap()];
        try_helm(self.cluster, &arguments).await
    }

    pub(super) async fn uninstall(&self) {
        helm(self.cluster, &["uninstall", &self.name, "--namespace", &self.namespace]).await;
    }

    /// The objects that helm installed.
    pub(super) async fn objects(&self) -> Vec<Value> {
        let text = helm(self.cluster, &["get", "manifest", &self.name, "--namespace", &self.namespace]).await;
        let objects: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
        objects.into_iter().filter(|object| !object.is_null()).collect()
    }

    /// The name of the operator's Deployment and ServiceAccount.
    pub(super) fn operator(&self) -> String {
        format!("{}-thoughtspot-operator", self.name)
    }

    /// A kubeconfig of the chart's ServiceAccount, with its rights and no others.
    pub(super) async fn kubeconfig(&self) -> PathBuf {
        kubeconfig_of(self.cluster, &self.namespace, &self.operator(), self.folder.path()).await
    }

    /// The real binary, as the Deployment starts it, with the rights of its pod; not the first of all, which would wait for a lease.
    pub(super) async fn start(&self) -> OperatorProcess {
        let leases: Api<Lease> = Api::namespaced(self.cluster.client(), &self.namespace);
        if leases.get_opt(&self.operator()).await.unwrap().is_none() {
            replicas::create(&leases, &self.operator(), LeaseSpec::default()).await;
        }
        self.start_first().await
    }

    /// As [`Release::start`], where there may be no Lease yet.
    pub(super) async fn start_first(&self) -> OperatorProcess {
        let arguments = arguments(&self.objects().await, &self.operator()).into_iter().map(on_this_machine);
        let environment = [("KUBECONFIG", self.kubeconfig().await)];
        OperatorProcess::spawn(Path::new(env!("CARGO_BIN_EXE_thoughtspot-operator")), arguments, environment).unwrap()
    }
}

/// A pod has its ports for itself, and those who come after it more time.
fn on_this_machine(argument: String) -> String {
    match argument.split_once('=') {
        Some(("--health-listen", _)) => "--health-listen=127.0.0.1:0".to_owned(),
        Some(("--lease-duration", _)) => "--lease-duration=6".to_owned(),
        Some(_) | None => argument,
    }
}

/// No pod that wants more than `restricted` gets in, and helm is warned of whatever would make one.
async fn restrict(cluster: &ControlPlane, namespace: &str) {
    let labels = json!({ "pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted" });
    let patch = Patch::Merge(json!({ "metadata": { "labels": labels } }));
    Api::<Namespace>::all(cluster.client()).patch(namespace, &PatchParams::default(), &patch).await.unwrap();
}

/// A kubeconfig with a token that the API server gives for a ServiceAccount, as a pod gets one.
pub(crate) async fn kubeconfig_of(cluster: &ControlPlane, namespace: &str, account: &str, folder: &Path) -> PathBuf {
    let accounts = Api::<ServiceAccount>::namespaced(cluster.client(), namespace);
    // Longer than any run of the tests.
    let spec = TokenRequestSpec { expiration_seconds: Some(86_400), ..TokenRequestSpec::default() };
    let request = TokenRequest { spec, ..TokenRequest::default() };
    let answer = accounts.create_token_request(account, &PostParams::default(), &request).await.unwrap();
    let text = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    let mut kubeconfig: Value = serde_saphyr::from_str(&text).unwrap();
    kubeconfig["users"][0]["user"] = json!({ "token": answer.status.unwrap().token });
    let path = folder.join(format!("{account}.kubeconfig"));
    std::fs::write(&path, kubeconfig.to_string()).unwrap();
    path
}
