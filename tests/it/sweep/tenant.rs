//! A tenant with what a tenant may have, and what of it changes. A new field belongs in here to be swept.

use serde_json::json;
use thoughtspot_testkit::eventually;

use super::lifecycles::Declared;
use super::stage::Stage;
use crate::bench::{ANALYSTS, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, PASSWORD, PATIENCE, USER};

pub(super) const ALL: [Declared; 6] =
    [(INSTANCE, "ts"), (ORG, "acme"), (GROUP, "analysts"), (GROUP, "editors"), (USER, "ana"), (USER, "bob")];

const ACME: &str = "
apiVersion: thoughtspot.dev/v1alpha1
kind: ThoughtSpotOrg
metadata: { name: acme }
spec: { instanceRef: { name: ts }, description: a tenant, deletionPolicy: Delete }
";

const EDITORS: &str = "
apiVersion: thoughtspot.dev/v1alpha1
kind: ThoughtSpotGroup
metadata: { name: editors }
spec: { orgRef: { name: acme }, displayName: Editors, members: { userRefs: [{ name: ana }] }, deletionPolicy: Delete }
";

const ANA: &str = "
apiVersion: thoughtspot.dev/v1alpha1
kind: ThoughtSpotUser
metadata: { name: ana }
spec:
  instanceRef: { name: ts }
  displayName: Ana Diaz
  email: ana@example.com
  orgs: [{ name: acme, groups: [analysts, editors] }]
  password: { secretKeyRef: { name: pw, key: password } }
  preferences: { notifyOnShare: false }
  deletionPolicy: Delete
";

const BOB: &str = "
apiVersion: thoughtspot.dev/v1alpha1
kind: ThoughtSpotUser
metadata: { name: bob }
spec:
  instanceRef: { name: ts }
  displayName: Bob Ito
  email: bob@example.com
  orgs: [{ name: acme, groupRefs: [{ name: editors }] }]
  password: { generate: { secretName: bob-login, rotateAfter: 90d } }
  deletionPolicy: Delete
";

const LONG_AGO: &str = "2020-01-01T00:00:00Z";

/// Those that nobody declares, and one whom somebody else lets into the tenant.
pub(super) fn others(stage: &Stage) {
    stage.bench.thoughtspot.edit(|world| {
        world.create_org("foreign", Some("not ours")).unwrap();
        world.create_group("foreign", "them", "Them").unwrap();
        world.create_user("fritz", "Fritz", &["foreign"]).unwrap();
        world.add_to_group("foreign", "them", "fritz").unwrap();
        world.create_group("0", "analysts", "Of the same name in Primary").unwrap();
        world.create_user("gast", "A guest", &["foreign"]).unwrap();
    });
}

pub(super) async fn connect(stage: &Stage) {
    stage.apply(LOGIN).await;
    // Long enough that nothing but the story makes requests.
    stage.apply(&CONNECTION.replace("syncInterval: 5s", "syncInterval: 1h")).await;
}

pub(super) async fn declare(stage: &Stage) {
    connect(stage).await;
    let analysts = ANALYSTS.replace("spec: {", "spec: { deletionPolicy: Delete, subGroupRefs: [{ name: editors }],");
    for manifest in [ACME, &analysts, EDITORS, PASSWORD, ANA, BOB] {
        stage.apply(manifest).await;
    }
}

/// Somebody whom no resource declares is let in by hand.
pub(super) fn a_guest_joins(stage: &Stage) {
    let joins = |world: &mut thoughtspot_simulator::Edit<'_>| {
        world.add_to_org("gast", "acme")?;
        world.add_to_group("acme", "editors", "gast")
    };
    stage.bench.thoughtspot.edit(joins).unwrap();
}

/// Deleting an Org has to be said twice.
pub(super) async fn allow_deletion(stage: &Stage) {
    let id = stage.bench.get(ORG, "acme").await["status"]["id"].to_string();
    stage.bench.annotate(ORG, "acme", "thoughtspot.dev/allow-deletion", &id).await;
}

pub(super) async fn change(stage: &Stage) {
    let bench = &stage.bench;
    // Nobody watches it: it is read when its user is looked at.
    stage.apply(&PASSWORD.replace("a-long-enough-one", "another-long-one")).await;
    bench.annotate("Secret", "bob-login", "thoughtspot.dev/generated-at", LONG_AGO).await;
    bench.patch(ORG, "acme", json!({ "spec": { "name": "acme-eu", "description": "moved" } })).await;
    let wider = json!({
        "name": "analysts-eu", "displayName": "In Europe", "privileges": ["DATADOWNLOADING", "USERDATAUPLOADING"], "subGroupRefs": [],
    });
    bench.patch(GROUP, "analysts", json!({ "spec": wider })).await;
    // Of the two ends that declared Ana one lets go, and Bob is declared from both now.
    let members = json!({ "userRefs": [{ "name": "bob" }] });
    let around = json!([{ "name": "analysts" }]);
    bench
        .patch(GROUP, "editors", json!({ "spec": { "description": "who edit", "members": members, "subGroupRefs": around } }))
        .await;
    let ana = json!({ "name": "ana.diaz", "displayName": "Ana", "access": "Disabled", "orgs": [{ "name": "acme", "groups": ["editors"] }] });
    bench.patch(USER, "ana", json!({ "spec": ana })).await;
    let both = json!([{ "name": "editors" }, { "name": "analysts" }]);
    let bob = json!({ "email": "bob@example.org", "orgs": [{ "name": "acme", "groupRefs": both }] });
    bench.patch(USER, "bob", json!({ "spec": bob })).await;
}

pub(super) async fn passwords_set(stage: &Stage) {
    password_set(stage, "ana", "pw").await;
    password_set(stage, "bob", "bob-login").await;
    bob_signs_in(stage).await;
}

/// The Secret of a password is no part of its user's generation: Ready says nothing of the newest.
async fn password_set(stage: &Stage, user: &str, secret: &str) {
    eventually("the newest password is set", PATIENCE, async || {
        let (secret, user) = (stage.bench.get("Secret", secret).await, stage.bench.get(USER, user).await);
        let set = &user["status"]["password"];
        let newest = secret["metadata"]["annotations"]["thoughtspot.dev/generated-at"] != LONG_AGO;
        if newest && set["secretResourceVersion"] == secret["metadata"]["resourceVersion"] {
            Ok(())
        } else {
            Err(set.to_string())
        }
    })
    .await;
}

/// With what the Secret says, and nothing waits in it.
async fn bob_signs_in(stage: &Stage) {
    let login = stage.bench.secret("bob-login").await;
    assert_eq!(login.keys().collect::<Vec<_>>(), ["password", "url", "username"]);
    assert!(stage.bench.signs_in(&login["username"], &login["password"]).await);
}
