//! The rights that the operator of every story runs with: those of the chart, as a ServiceAccount, and no others.
//!
//! Installed once for the control plane ([`Rights::Cluster`]) or for each namespace ([`Rights::Watched`]), from what helm renders.

use std::path::PathBuf;

use k8s_openapi::api::authorization::v1::{ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, ApiResource, DynamicObject, Patch, PatchParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};
use thoughtspot_testkit::{ControlPlane, eventually};
use tokio::sync::OnceCell;

use crate::bench::PATIENCE;
use crate::chart;

/// Where the accounts are.
const HOME: &str = "thoughtspot-system";
/// Stands for a watched namespace in what helm renders.
const PLACE: &str = "the-watched-namespace";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rights {
    /// One ClusterRole: any namespace may be watched, any Secret be read, held and made.
    Cluster,
    /// A Role in each watched namespace, and one for the ConfigMap `ca` there. No Secret can be held.
    Watched,
}

/// A ServiceAccount with these rights.
#[derive(Debug)]
pub(crate) struct Account {
    rights: Rights,
    pub(crate) kubeconfig: PathBuf,
    pub(crate) config: kube::Config,
    /// What has to be made for each namespace, with [`PLACE`] for its name.
    for_each: Vec<Value>,
}

impl Rights {
    /// The name of the release, and by it of all that it makes.
    fn release(self) -> &'static str {
        match self {
            Rights::Cluster => "rights-cluster",
            Rights::Watched => "rights-watched",
        }
    }

    fn values(self) -> Value {
        match self {
            Rights::Cluster => {
                json!({ "rbac": { "aggregate": false, "secrets": { "clusterWide": true, "hold": true, "generate": true } } })
            }
            Rights::Watched => {
                let config_maps = json!([{ "name": PLACE, "names": ["ca"] }]);
                let rbac = json!({ "aggregate": false, "secrets": { "generate": true }, "configMaps": config_maps });
                json!({ "watchNamespaces": [PLACE], "rbac": rbac })
            }
        }
    }

    /// The account, with what it is given once for all.
    pub(crate) async fn account(self, cluster: &'static ControlPlane) -> &'static Account {
        static CLUSTER: OnceCell<Account> = OnceCell::const_new();
        static WATCHED: OnceCell<Account> = OnceCell::const_new();
        let account = match self {
            Rights::Cluster => &CLUSTER,
            Rights::Watched => &WATCHED,
        };
        account.get_or_init(|| self.install(cluster)).await
    }

    async fn install(self, cluster: &'static ControlPlane) -> Account {
        let home = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": HOME } });
        let patch = Patch::Apply(serde_json::from_value::<Namespace>(home).unwrap());
        Api::<Namespace>::all(cluster.client()).patch(HOME, &PatchParams::apply("rights"), &patch).await.unwrap();
        let rights = chart::render_as(self.release(), HOME, &self.values()).await.into_iter().filter(is_a_right);
        let (for_each, once): (Vec<Value>, Vec<Value>) = rights.partition(|object| self.is_for_each(object));
        apply(cluster, &once).await;
        let kubeconfig = chart::kubeconfig_of(cluster, HOME, &self.account_name(), cluster.dir()).await;
        let read = Kubeconfig::read_from(&kubeconfig).unwrap();
        let config = kube::Config::from_custom_kubeconfig(read, &KubeConfigOptions::default()).await.unwrap();
        let account = Account { rights: self, kubeconfig, config, for_each };
        if account.for_each.is_empty() {
            account.is_known(cluster, "", None).await;
        }
        account
    }

    /// Whether an object is made anew for each namespace: what names it, and what binds that.
    fn is_for_each(self, object: &Value) -> bool {
        let of_all = object["metadata"]["namespace"].is_null();
        self == Rights::Watched && (of_all || object.to_string().contains(PLACE))
    }

    fn account_name(self) -> String {
        format!("{}-thoughtspot-operator", self.release())
    }
}

impl Account {
    /// Gives it what it needs in this namespace, and waits until the API server knows.
    pub(crate) async fn admit_to(&self, cluster: &ControlPlane, namespace: &str) {
        if self.for_each.is_empty() {
            return;
        }
        let text = serde_json::to_string(&self.for_each).unwrap().replace(PLACE, namespace);
        let mut objects: Vec<Value> = serde_json::from_str(&text).unwrap();
        for object in objects.iter_mut().filter(|object| object["metadata"]["namespace"].is_null()) {
            // Of all namespaces, so each needs a name of its own; bindings name their role by it.
            let name = format!("{}-{namespace}", object["metadata"]["name"].as_str().unwrap());
            object["metadata"]["name"] = json!(name);
            if object["roleRef"].is_object() {
                object["roleRef"]["name"] = json!(name);
            }
        }
        apply(cluster, &objects).await;
        self.is_known(cluster, namespace, Some(namespace)).await;
    }

    /// Waits until it may list Orgs in this namespace (`""`: in all) and see the one of this name (`None`: all).
    async fn is_known(&self, cluster: &ControlPlane, namespace: &str, name: Option<&str>) {
        self.may_list(cluster, "thoughtspot.dev", "thoughtspotorgs", namespace, None).await;
        self.may_list(cluster, "", "namespaces", "", name).await;
    }

    async fn may_list(&self, cluster: &ControlPlane, group: &str, resource: &str, namespace: &str, name: Option<&str>) {
        let text = |text: &str| Some(text.to_owned());
        let asked = ResourceAttributes {
            group: text(group),
            resource: text(resource),
            namespace: text(namespace),
            name: name.map(str::to_owned),
            verb: text("list"),
            ..ResourceAttributes::default()
        };
        let user = format!("system:serviceaccount:{HOME}:{}", self.rights.account_name());
        let spec = SubjectAccessReviewSpec { resource_attributes: Some(asked), user: Some(user), ..Default::default() };
        let review = SubjectAccessReview { spec, ..SubjectAccessReview::default() };
        let reviews = Api::<SubjectAccessReview>::all(cluster.client());
        eventually("the API server knows the rights", PATIENCE, async || {
            let answer = reviews.create(&PostParams::default(), &review).await.unwrap();
            if answer.status.as_ref().is_some_and(|status| status.allowed) { Ok(()) } else { Err(format!("{answer:?}")) }
        })
        .await;
    }
}

/// Whether this is the account or something that it may: no policy and no pod.
fn is_a_right(object: &Value) -> bool {
    let kinds = ["ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"];
    let for_people = object["metadata"]["name"].as_str().is_some_and(|name| name.contains("-grant-"));
    kinds.iter().any(|kind| object["kind"] == *kind) && !for_people
}

async fn apply(cluster: &ControlPlane, objects: &[Value]) {
    for object in objects {
        let object: DynamicObject = serde_json::from_value(object.clone()).unwrap();
        let types = object.types.clone().unwrap();
        let (group, version) = types.api_version.split_once('/').unwrap_or(("", &types.api_version));
        let kind = kube::core::GroupVersionKind::gvk(group, version, &types.kind);
        let resource = ApiResource::from_gvk(&kind);
        let api: Api<DynamicObject> = match object.metadata.namespace.as_deref() {
            Some(namespace) => Api::namespaced_with(cluster.client(), namespace, &resource),
            None => Api::all_with(cluster.client(), &resource),
        };
        let name = object.metadata.name.clone().unwrap();
        api.patch(&name, &PatchParams::apply("rights").force(), &Patch::Apply(&object)).await.unwrap();
    }
}
