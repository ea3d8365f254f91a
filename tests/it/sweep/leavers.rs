//! People join a tenant that exists, leave it, each in another way, and come back; what they own goes to others before their access ends.
//! Their ThoughtSpot has role-based access control.

use serde_json::json;
use thoughtspot_simulator::{AccountStatus, BodyDump, ContentDump, Edit};

use super::lifecycles::Declared;
use super::stage::Stage;
use super::tenant;
use crate::bench::{GROUP, INSTANCE, ORG, USER};

const TS: Declared = (INSTANCE, "ts");
const ACME: Declared = (ORG, "acme");
const VIEWERS: Declared = (GROUP, "viewers");
const BOB: Declared = (USER, "bob");

pub(super) const ARRIVED: [Declared; 8] =
    [TS, ACME, VIEWERS, (GROUP, "guests"), BOB, (USER, "ana"), (USER, "cid"), (USER, "eva")];
pub(super) const LEFT: [Declared; 5] = [TS, ACME, VIEWERS, (GROUP, "loaders"), BOB];
pub(super) const RETURNED: [Declared; 6] = [TS, ACME, VIEWERS, (GROUP, "guests"), BOB, (USER, "ana")];

const TENANT: &str = "
apiVersion: thoughtspot.dev/v1alpha1
kind: ThoughtSpotOrg
metadata: { name: acme }
spec: { instanceRef: { name: ts }, description: a tenant, adoptionPolicy: Adopt }
";

/// Nobody declared it first: it is taken over, and left as it is.
const GUESTS: &str = "roles: [Viewer], adoptionPolicy: Adopt";

/// Her access ends; she owns more than changes hands in one call.
const ANA: &str = "orgs: [{ name: acme, groupRefs: [{ name: viewers }] }], transferContentTo: { ref: { name: bob } }";
const BOARDS: usize = 101;
/// He belongs elsewhere besides, so he only leaves.
const CID: &str = "orgs: [{ name: acme, groups: [viewers] }], transferContentTo: { name: gast }";
/// The account goes, too.
const EVA: &str = "orgs: [{ name: acme }], deletionPolicy: Delete, transferContentTo: { ref: { name: bob } }";

fn person(name: &str, spec: &str) -> String {
    let spec = format!("instanceRef: {{ name: ts }}, displayName: {name}, email: {name}@example.com, {spec}");
    manifest(USER, name, &spec)
}

fn group(name: &str, spec: &str) -> String {
    manifest(GROUP, name, &format!("orgRef: {{ name: acme }}, {spec}"))
}

fn manifest(kind: &str, name: &str, spec: &str) -> String {
    format!("apiVersion: thoughtspot.dev/v1alpha1\nkind: {kind}\nmetadata: {{ name: {name} }}\nspec: {{ {spec} }}\n")
}

pub(super) fn before_anybody_arrives(stage: &Stage) {
    tenant::others(stage);
    stage.bench.thoughtspot.set(|settings| settings.rbac = true);
    let tenant = |world: &mut Edit<'_>| {
        world.create_org("acme", Some("made by hand"))?;
        world.create_role("acme", "Viewer", &["DATADOWNLOADING"])?;
        world.create_role("acme", "Loader", &["DATAMANAGEMENT"])?;
        world.create_group("acme", "guests", "Made by hand")?;
        world.add_to_org("gast", "acme")
    };
    stage.bench.thoughtspot.edit(tenant).unwrap();
}

pub(super) async fn arrive(stage: &Stage) {
    tenant::connect(stage).await;
    stage.apply(TENANT).await;
    stage.apply(&group("viewers", "roles: [Viewer], members: { userRefs: [{ name: eva }] }")).await;
    stage.apply(&group("guests", GUESTS)).await;
    for (name, spec) in [("bob", "orgs: [{ name: acme }]"), ("ana", ANA), ("cid", CID), ("eva", EVA)] {
        stage.apply(&person(name, spec)).await;
    }
}

/// What those who leave have made until then, and where else one of them belongs.
pub(super) fn work(stage: &Stage) {
    let works = |world: &mut Edit<'_>| {
        for n in 0..BOARDS {
            world.create_liveboard("acme", "ana", &format!("board {n}"), &[])?;
        }
        let connection = world.create_connection("acme", "ana", "warehouse")?;
        world.create_table("acme", "ana", "table", &["column"], Some(&connection))?;
        world.create_answer("acme", "eva", "answer of Eva", None)?;
        world.add_to_org("cid", "foreign")?;
        world.create_answer("acme", "cid", "answer of Cid", None)?;
        world.create_answer("foreign", "cid", "elsewhere", None).map(drop)
    };
    stage.bench.thoughtspot.edit(works).unwrap();
}

/// Meanwhile groups and their roles change.
pub(super) async fn leave(stage: &Stage) {
    let viewers = json!({ "roles": ["Viewer", "Loader"], "members": { "userRefs": [{ "name": "bob" }] } });
    stage.bench.patch(GROUP, "viewers", json!({ "spec": viewers })).await;
    let loaders =
        "roles: [Loader], members: { userRefs: [{ name: bob }] }, subGroupRefs: [{ name: viewers }], deletionPolicy: Delete";
    stage.apply(&group("loaders", loaders)).await;
}

pub(super) async fn come_back(stage: &Stage) {
    stage.apply(&person("ana", ANA)).await;
    stage.apply(&group("guests", GUESTS)).await;
    stage.bench.patch(GROUP, "viewers", json!({ "spec": { "roles": ["Viewer"] } })).await;
}

/// What is in the tenant belongs to somebody who is in it and can sign in.
pub(super) fn nothing_orphaned(stage: &Stage) {
    let state = stage.bench.thoughtspot.state();
    // A column is its table's, whoever made it.
    let own = |object: &&ContentDump| object.org == "acme" && !matches!(object.body, BodyDump::LogicalColumn { .. });
    for object in state.content.iter().filter(own) {
        let active = state.user(&object.author).filter(|author| author.account_status == AccountStatus::Active);
        let belongs = active.is_some_and(|author| author.orgs.iter().any(|org| org == "acme"));
        assert!(belongs, "{:?} belongs to {}, who has left", object.name, object.author);
    }
}
