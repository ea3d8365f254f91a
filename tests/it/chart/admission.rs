//! The admission policies on the real API server: handing out more than ordinary privileges and roles takes a right of its own.

use k8s_openapi::api::admissionregistration::v1::ValidatingAdmissionPolicy;
use k8s_openapi::api::rbac::v1::{ClusterRole, RoleBinding};
use kube::Client;
use kube::api::{Api, ApiResource, DynamicObject, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use thoughtspot_crds::{ThoughtSpotGroup, ThoughtSpotInstance};
use thoughtspot_testkit::{ControlPlane, eventually};

use super::release::{Release, cluster};
use crate::bench::PATIENCE;

/// Who edits the namespace; who may hand out [`MANY`], too; who may hand out anything.
const EDITOR: &str = "editor";
const NAMED: &str = "editor-of-administrators";
const ALL: &str = "editor-of-all";

/// The role that [`NAMED`] may hand out.
const ROLE: &str = "Data Steward's";

/// The privileges that [`NAMED`] may hand out.
const MANY: [&str; 16] = [
    "ADMINISTRATION",
    "BYPASSRLS",
    "P02",
    "P03",
    "P04",
    "P05",
    "P06",
    "P07",
    "P08",
    "P09",
    "P10",
    "P11",
    "P12",
    "P13",
    "P14",
    "P15",
];

/// A namespace with its people, under the policy.
struct Realm {
    cluster: &'static ControlPlane,
    namespace: String,
    _release: Release,
}

impl Realm {
    /// A release that only makes the policy, for one namespace: it is in nobody's way.
    async fn new(name: &str, more: Value) -> Realm {
        let cluster = cluster().await;
        let namespace = cluster.namespace(name).await;
        let mut values = json!({ "watchNamespaces": [namespace] });
        values.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let release = Release::install(name, values).await;
        let realm = Realm { cluster, namespace, _release: release };
        realm.people(name).await;
        realm
    }

    /// `edit` and `admin` are the ClusterRoles of Kubernetes, which the chart adds the kinds to.
    async fn people(&self, name: &str) {
        for (person, role) in [(EDITOR, "edit"), (NAMED, "edit"), (ALL, "edit"), (EDITOR, "admin")] {
            self.bind(person, role).await;
        }
        let rules = json!([{ "apiGroups": ["thoughtspot.dev"], "resources": ["thoughtspotgroups", "thoughtspotinstances"],
            "verbs": ["grant-privilege"], "resourceNames": MANY },
            { "apiGroups": ["thoughtspot.dev"], "resources": ["thoughtspotgroups"], "verbs": ["grant-role"], "resourceNames": [ROLE] }]);
        let role = json!({ "metadata": { "name": format!("{}-administrators", self.namespace) }, "rules": rules });
        let roles = Api::<ClusterRole>::all(self.cluster.client());
        roles.create(&PostParams::default(), &serde_json::from_value(role).unwrap()).await.unwrap();
        self.bind(NAMED, &format!("{}-administrators", self.namespace)).await;
        self.bind(ALL, &format!("{name}-thoughtspot-operator-grant-privilege")).await;
        self.bind(ALL, &format!("{name}-thoughtspot-operator-grant-role")).await;
    }

    async fn bind(&self, person: &str, role: &str) {
        let binding = json!({
            "metadata": { "name": format!("{person}-{role}") },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role },
            "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": person }],
        });
        let bindings = Api::<RoleBinding>::namespaced(self.cluster.client(), &self.namespace);
        bindings.create(&PostParams::default(), &serde_json::from_value(binding).unwrap()).await.unwrap();
    }

    /// The objects of this kind as this person reaches them.
    fn api(&self, kind: &ApiResource, person: &str) -> Api<DynamicObject> {
        let mut config = self.cluster.config();
        config.auth_info.impersonate = Some(person.to_owned());
        Api::namespaced_with(Client::try_from(config).unwrap(), &self.namespace, kind)
    }

    fn groups(&self, person: &str) -> Api<DynamicObject> {
        self.api(&ApiResource::erase::<ThoughtSpotGroup>(&()), person)
    }

    /// Waits until the API server has the policies and the ClusterRoles are put together: all take a moment.
    async fn in_force(&self) {
        eventually("the policies are in force", PATIENCE, async || {
            let ordinary = create(&self.groups(EDITOR), &group("probe", &["DATADOWNLOADING"]), true).await;
            let sensitive = create(&self.groups(EDITOR), &group("probe", &["ADMINISTRATION"]), true).await;
            let role = create(&self.groups(EDITOR), &group_with("probe", "roles", &["Probe"]), true).await;
            match (&ordinary, &sensitive, &role) {
                (Ok(()), Err(one), Err(other)) if one.contains("grant-privilege") && other.contains("grant-role") => Ok(()),
                _ => Err(format!("{ordinary:?} {sensitive:?} {role:?}")),
            }
        })
        .await;
    }
}

fn group(name: &str, privileges: &[&str]) -> DynamicObject {
    group_with(name, "privileges", privileges)
}

fn group_with(name: &str, field: &str, values: &[&str]) -> DynamicObject {
    let object = json!({ "apiVersion": "thoughtspot.dev/v1alpha1", "kind": "ThoughtSpotGroup", "metadata": { "name": name },
        "spec": { "orgRef": { "name": "acme" }, field: values } });
    serde_json::from_value(object).unwrap()
}

fn said(result: Result<DynamicObject, kube::Error>) -> Result<(), String> {
    match result {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) => Err(status.message.clone()),
        Err(error) => panic!("{error}"),
    }
}

async fn create(api: &Api<DynamicObject>, object: &DynamicObject, dry_run: bool) -> Result<(), String> {
    said(api.create(&PostParams { dry_run, ..PostParams::default() }, object).await)
}

/// Each way to write this field of the group `subject`, which exists with `before`.
async fn ways(
    realm: &Realm,
    person: &str,
    field: &str,
    before: &[&str],
    after: &[&str],
) -> Vec<(&'static str, Result<(), String>)> {
    let (api, owner) = (realm.groups(person), realm.groups(ALL));
    let group = |name: &str, values: &[&str]| group_with(name, field, values);
    let params = PatchParams { dry_run: true, ..PatchParams::default() };
    let created = create(&api, &group("new", after), true).await;
    let applied_new =
        api.patch("new", &PatchParams { dry_run: true, ..PatchParams::apply("t") }, &Patch::Apply(group("new", after))).await;
    let params_apply = PatchParams { dry_run: true, force: true, ..PatchParams::apply("t") };
    owner.patch("subject", &PatchParams::apply("owner").force(), &Patch::Apply(group("subject", before))).await.unwrap();
    let patch = Patch::Merge(json!({ "spec": { field: after } }));
    let patched = api.patch("subject", &params, &patch).await;
    let mut whole = api.get("subject").await.unwrap();
    whole.data["spec"][field] = json!(after);
    let updated = api.replace("subject", &PostParams { dry_run: true, ..PostParams::default() }, &whole).await;
    let applied = api.patch("subject", &params_apply, &Patch::Apply(group("subject", after))).await;
    vec![
        ("create", created),
        ("apply anew", said(applied_new)),
        ("patch", said(patched)),
        ("update", said(updated)),
        ("apply", said(applied)),
    ]
}

#[tokio::test]
async fn handing_out_more_than_ordinary_privileges_takes_a_right_of_its_own_whichever_way_it_is_written() {
    let realm = Realm::new("privileges", json!({})).await;
    realm.in_force().await;
    let cases: [(&str, &[&str], Option<&str>); 8] = [
        (EDITOR, &["DATADOWNLOADING", "SHAREWITHALL"], None),
        (EDITOR, &["ADMINISTRATION"], Some("ADMINISTRATION")),
        (EDITOR, &["A_PRIVILEGE_OF_TOMORROW"], Some("A_PRIVILEGE_OF_TOMORROW")),
        (NAMED, &["ADMINISTRATION", "DATADOWNLOADING"], None),
        (NAMED, &["ADMINISTRATION", "BYPASSRLS", "USER_ADMINISTRATION"], Some("USER_ADMINISTRATION")),
        (NAMED, &["USER_ADMINISTRATION", "ROLE_ADMINISTRATION"], Some("USER_ADMINISTRATION")),
        (ALL, &["ADMINISTRATION", "BYPASSRLS", "USER_ADMINISTRATION", "ROLE_ADMINISTRATION"], None),
        (EDITOR, &[], None),
    ];
    for (person, after, refused) in cases {
        let expected = refused.map(|privilege| format!("to hand out {privilege} you need the verb grant-privilege"));
        all_ways_end(&realm, person, "privileges", (&["DATADOWNLOADING"], after), expected).await;
    }
}

/// Whichever way this person makes this of the field, it works, or is refused with this message.
async fn all_ways_end(realm: &Realm, person: &str, field: &str, (before, after): (&[&str], &[&str]), expected: Option<String>) {
    for (way, result) in ways(realm, person, field, before, after).await {
        let as_expected = match (&result, &expected) {
            (Ok(()), None) => true,
            (Err(message), Some(expected)) => message.contains(&format!("denied request: {expected}")),
            (Ok(()), Some(_)) | (Err(_), None) => false,
        };
        assert!(as_expected, "{person} {way} {after:?}: {result:?}");
    }
}

#[tokio::test]
async fn handing_out_a_role_that_is_not_ordinary_takes_a_right_of_its_own_whichever_way_it_is_written() {
    let realm = Realm::new("roles", json!({ "admissionPolicy": { "ordinaryRoles": ["Reader's", "a \"b\" <c>"] } })).await;
    realm.in_force().await;
    let cases: [(&str, &[&str], Option<&str>); 7] = [
        (EDITOR, &["Reader's", "a \"b\" <c>"], None),
        (EDITOR, &["Reader's", ROLE], Some(ROLE)),
        (EDITOR, &["reader's"], Some("reader's")),
        (NAMED, &["Reader's", ROLE], None),
        (NAMED, &[ROLE, "Administrator"], Some("Administrator")),
        (ALL, &[ROLE, "Administrator"], None),
        (EDITOR, &[], None),
    ];
    for (person, after, refused) in cases {
        let expected =
            refused.map(|role| format!("to hand out the role {role} you need the verb grant-role on thoughtspotgroups"));
        all_ways_end(&realm, person, "roles", (&["Reader's"], after), expected).await;
    }
}

#[tokio::test]
async fn what_was_handed_out_before_is_no_news() {
    let realm = Realm::new("before", json!({})).await;
    realm.in_force().await;
    let before = ["ADMINISTRATION", "BYPASSRLS"];
    create(&realm.groups(ALL), &group("subject", &before), false).await.unwrap();
    let api = realm.groups(EDITOR);
    let label = Patch::Merge(json!({ "metadata": { "labels": { "a": "b" } }, "spec": { "description": "d" } }));
    said(api.patch("subject", &PatchParams::default(), &label).await).unwrap();
    let fewer = Patch::Merge(json!({ "spec": { "privileges": ["ADMINISTRATION"] } }));
    said(api.patch("subject", &PatchParams::default(), &fewer).await).unwrap();
    let again = Patch::Merge(json!({ "spec": { "privileges": before } }));
    let refusal = said(api.patch("subject", &PatchParams::default(), &again).await).unwrap_err();
    assert!(refusal.contains("to hand out BYPASSRLS you need"), "{refusal}");
    create(&realm.groups(ALL), &group_with("of-roles", "roles", &[ROLE]), false).await.unwrap();
    said(api.patch("of-roles", &PatchParams::default(), &label).await).unwrap();
    said(api.delete("subject", &Default::default()).await.map(|_| group("subject", &[]))).unwrap();
}

/// As many as the API server's budget for a policy has room for; whoever holds the right for all has no limit.
#[tokio::test]
async fn sixteen_rights_by_name_are_asked_for_at_once_and_more_are_refused_with_what_to_do() {
    let realm = Realm::new("many", json!({})).await;
    realm.in_force().await;
    let many: Vec<&str> = MANY.iter().chain(&["ONE_MORE"]).copied().collect();
    create(&realm.groups(NAMED), &group("many", &many[..16]), true).await.unwrap();
    let refusal = create(&realm.groups(NAMED), &group("many", &many), true).await.unwrap_err();
    assert!(refusal.contains("to hand out more than 16 such at once"), "{refusal}");
    let refusal = create(&realm.groups(NAMED), &group("many", &many[1..]), true).await.unwrap_err();
    assert!(refusal.contains("to hand out ONE_MORE you need"), "{refusal}");
    create(&realm.groups(ALL), &group("many", &many), true).await.unwrap();
}

fn instance(grants: &Value) -> DynamicObject {
    let auth = json!({ "password": { "secretRef": { "name": "login" } } });
    let object = json!({ "apiVersion": "thoughtspot.dev/v1alpha1", "kind": "ThoughtSpotInstance", "metadata": { "name": "ts" },
        "spec": { "url": "https://acme.thoughtspot.cloud", "auth": auth, "grants": grants } });
    serde_json::from_value(object).unwrap()
}

#[tokio::test]
async fn a_grant_that_lets_others_hand_them_out_takes_the_same_right() {
    let realm = Realm::new("grants", json!({})).await;
    realm.bind(NAMED, "admin").await;
    realm.in_force().await;
    let to = |namespaces: &[&str], privileges: Value| json!({ "name": "tenants", "namespaces": { "from": "Names", "names": namespaces }, "privileges": privileges });
    let kind = ApiResource::erase::<ThoughtSpotInstance>(&());
    let (editor, named) = (realm.api(&kind, EDITOR), realm.api(&kind, NAMED));
    let ordinary = json!([to(&["a"], json!(["DATADOWNLOADING"])), { "name": "all", "namespaces": { "from": "All" } }]);
    create(&editor, &instance(&ordinary), true).await.unwrap();
    let sensitive = json!([to(&["a"], json!(["DATADOWNLOADING", "ADMINISTRATION"]))]);
    let refusal = create(&editor, &instance(&sensitive), true).await.unwrap_err();
    assert!(refusal.contains("to hand out ADMINISTRATION you need"), "{refusal}");

    create(&named, &instance(&sensitive), false).await.unwrap();
    let patch = async |grants: Value| {
        let patch = Patch::Merge(json!({ "spec": { "grants": grants } }));
        said(editor.patch("ts", &PatchParams::default(), &patch).await)
    };
    patch(json!([to(&["a"], json!(["ADMINISTRATION", "SHAREWITHALL"]))])).await.unwrap();
    let wider = patch(json!([to(&["a", "b"], json!(["ADMINISTRATION"]))])).await.unwrap_err();
    assert!(wider.contains("to hand out ADMINISTRATION you need"), "the same to more namespaces is more: {wider}");
    patch(json!([to(&["a"], json!([]))])).await.unwrap();
}

#[tokio::test]
async fn kubernetes_finds_nothing_wrong_with_the_types_of_the_expressions() {
    let realm = Realm::new("typed", json!({})).await;
    let policies = Api::<ValidatingAdmissionPolicy>::all(realm.cluster.client());
    for suffix in ["group-privileges", "group-roles", "instance-grants"] {
        let name = format!("typed-thoughtspot-operator-{suffix}");
        let checked = eventually("the types are checked", PATIENCE, async || {
            let policy = policies.get(&name).await.map_err(|error| error.to_string())?;
            let status = policy.status.clone().unwrap_or_default();
            if status.observed_generation == policy.metadata.generation { Ok(status) } else { Err(format!("{status:?}")) }
        });
        let warnings = checked.await.type_checking.and_then(|checking| checking.expression_warnings);
        assert_eq!(warnings, None);
    }
}

#[tokio::test]
async fn a_policy_that_only_warns_lets_everything_in() {
    let realm = Realm::new("warned", json!({ "admissionPolicy": { "validationActions": ["Warn", "Audit"] } })).await;
    let api = realm.groups(EDITOR);
    eventually("the ClusterRoles are put together", PATIENCE, async || {
        create(&api, &group("g", &["ADMINISTRATION"]), true).await
    })
    .await;
    let mut command = realm.cluster.kubectl();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), serde_json::to_string(&group("g", &["ADMINISTRATION"])).unwrap()).unwrap();
    command.args(["create", "--dry-run=server", "--as", EDITOR, "-n", &realm.namespace, "-f"]).arg(file.path());
    eventually("a warning", PATIENCE, async || {
        let output = command.output().await.unwrap();
        let warning = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() && warning.contains("to hand out ADMINISTRATION you need") { Ok(()) } else { Err(warning) }
    })
    .await;
}

#[tokio::test]
async fn an_editor_edits_tenants_and_an_administrator_instances_and_a_viewer_looks() {
    let realm = Realm::new("people", json!({})).await;
    realm.bind("viewer", "view").await;
    realm.in_force().await;
    let can = async |person: &str, verb: &str, resource: &str| {
        let arguments = ["auth", "can-i", verb, resource, "--as", person, "-n", &realm.namespace];
        String::from_utf8(realm.cluster.kubectl().args(arguments).output().await.unwrap().stdout).unwrap().trim() == "yes"
    };
    let cases = [
        ("viewer", "list", "thoughtspotusers", true),
        ("viewer", "patch", "thoughtspotusers", false),
        (NAMED, "delete", "thoughtspotorgs", true),
        (NAMED, "watch", "thoughtspotinstances", true),
        (NAMED, "patch", "thoughtspotinstances", false),
        (EDITOR, "patch", "thoughtspotinstances", true),
        (EDITOR, "grant-privilege", "thoughtspotgroups", false),
        (EDITOR, "grant-role", "thoughtspotgroups", false),
        (ALL, "grant-privilege", "thoughtspotgroups/ADMINISTRATION", true),
    ];
    for (person, verb, resource, expected) in cases {
        assert_eq!(can(person, verb, resource).await, expected, "{person} {verb} {resource}");
    }
}
