//! What becomes of a person's access: switched off and on, ended when the resource goes, and never more of it than is ours.

use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::{AccountStatus, Action, BodyDump, Edit, Rule, UserDump};

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, LOGIN, ORG, PASSWORD, PATIENCE, USER, condition};
use thoughtspot_testkit::eventually;

/// Ana, in the group of the Org that is hers.
async fn ana(bench: &Bench) -> Value {
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.ready(GROUP, "analysts").await;
    bench.apply(ANA).await;
    bench.ready(USER, "ana").await
}

fn seen(bench: &Bench) -> UserDump {
    bench.thoughtspot.state().user("ana").unwrap().clone()
}

/// How often the sessions of a user were ended.
fn sign_outs(bench: &Bench) -> usize {
    assert_eq!(bench.thoughtspot.counters().everybody_logged_out, 0);
    bench.thoughtspot.journal().iter().filter(|e| e.route == bench.calls().end_sessions && e.status == Some(204)).count()
}

#[rstest]
#[tokio::test]
async fn access_is_switched_off_with_its_sessions_and_on_again(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("access", dialect).await;
    ana(&bench).await;
    bench.patch(USER, "ana", json!({ "spec": { "access": "Disabled" } })).await;
    let user = bench.ready(USER, "ana").await;
    assert_eq!((seen(&bench).account_status, sign_outs(&bench)), (AccountStatus::Inactive, 1));
    assert_eq!(user["status"]["accessDue"], Value::Null);

    let writes = bench.thoughtspot.counters().writes;
    for (n, met) in [AccountStatus::Suspended, AccountStatus::Expired].into_iter().enumerate() {
        bench.thoughtspot.edit(|world| world.set_user_status("ana", met).unwrap());
        bench.request(USER, "ana", &n.to_string()).await;
    }
    assert_eq!((bench.thoughtspot.counters().writes, sign_outs(&bench)), (writes, 1), "whoever cannot sign in is as declared");

    bench.patch(USER, "ana", json!({ "spec": { "access": "Enabled" } })).await;
    bench.ready(USER, "ana").await;
    assert_eq!(seen(&bench).account_status, AccountStatus::Active);
    for (n, passing) in [AccountStatus::Locked, AccountStatus::Pending].into_iter().enumerate() {
        bench.thoughtspot.edit(|world| world.set_user_status("ana", passing).unwrap());
        bench.request(USER, "ana", &format!("passing-{n}")).await;
        assert_eq!(seen(&bench).account_status, passing, "what passes by itself is left alone");
    }
    bench.thoughtspot.edit(|world| world.set_user_status("ana", AccountStatus::Inactive).unwrap());
    bench
        .thoughtspot_shows("access is given back", |state| state.user("ana").unwrap().account_status == AccountStatus::Active)
        .await;
}

#[rstest]
#[tokio::test]
async fn a_session_that_a_restart_left_open_is_ended_after_it(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::start("left-open", dialect).await;
    ana(&bench).await;
    bench.thoughtspot.fault(Rule::route(bench.calls().end_sessions, Action::refuse(503)));
    bench.patch(USER, "ana", json!({ "spec": { "access": "Disabled" } })).await;
    bench
        .thoughtspot_shows("nobody signs in", |state| state.user("ana").unwrap().account_status == AccountStatus::Inactive)
        .await;
    bench.end().await;
    assert_eq!(bench.get(USER, "ana").await["status"]["accessDue"], "EndSessions");
    bench.thoughtspot.clear_faults();
    assert_eq!(sign_outs(&bench), 0);
    bench.run();
    eventually("nothing is due", PATIENCE, async || {
        let user = bench.get(USER, "ana").await;
        if user["status"]["accessDue"].is_null() { Ok(()) } else { Err(user["status"].to_string()) }
    })
    .await;
    assert_eq!(sign_outs(&bench), 1);
}

/// Neither for a Secret nor for a grant; what is remembered of the rest stays.
#[rstest]
#[tokio::test]
async fn access_is_switched_off_whatever_else_is_missing(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("whatever", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.ready(GROUP, "analysts").await;
    bench.apply(PASSWORD).await;
    bench.apply(&format!("{ANA}  password: {{ secretKeyRef: {{ name: pw, key: password }} }}\n")).await;
    let before = bench.ready(USER, "ana").await;
    let off = |state: &thoughtspot_simulator::Dump| state.user("ana").unwrap().account_status == AccountStatus::Inactive;

    bench.delete("Secret", "pw").await;
    bench.patch(USER, "ana", json!({ "spec": { "access": "Disabled" } })).await;
    bench.thoughtspot_shows("nobody signs in for want of a Secret", off).await;
    bench.says(USER, "ana", "ReferencesResolved", "NotReady").await;
    let after = bench.get(USER, "ana").await;
    assert_eq!(
        (&after["status"]["orgs"], &after["status"]["password"]),
        (&before["status"]["orgs"], &before["status"]["password"])
    );
    assert_eq!((sign_outs(&bench), &after["status"]["accessDue"]), (1, &Value::Null));

    bench.apply(PASSWORD).await;
    bench.patch(USER, "ana", json!({ "spec": { "access": "Enabled" } })).await;
    bench.ready(USER, "ana").await;
    bench.patch(ORG, "acme", json!({ "spec": { "grants": [] } })).await;
    bench.says(USER, "ana", "Stalled", "NotGranted").await;
    bench.patch(USER, "ana", json!({ "spec": { "access": "Disabled" } })).await;
    bench.thoughtspot_shows("nobody signs in for want of a grant", off).await;
    bench.says(USER, "ana", "Stalled", "NotGranted").await;
    assert_eq!(sign_outs(&bench), 2);

    bench.thoughtspot.edit(|world| world.delete_user("ana").unwrap());
    let user = bench.request(USER, "ana", "1").await;
    assert_eq!(condition(&user, "Stalled")["reason"], "NotGranted", "nobody is created on what is half known");
}

#[rstest]
#[tokio::test]
async fn a_person_who_left_is_switched_off_and_comes_back_as_who_they_were(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("comes-back", dialect).await;
    let before = ana(&bench).await;
    assert_eq!(before["status"]["onDelete"], "Deactivate");
    bench.delete(USER, "ana").await;
    bench.gone(USER, "ana").await;
    assert_eq!((seen(&bench).account_status, sign_outs(&bench)), (AccountStatus::Inactive, 1));

    bench.apply(ANA).await;
    let after = bench.ready(USER, "ana").await;
    assert_eq!((&after["status"]["id"], &after["status"]["origin"]), (&before["status"]["id"], &json!("Created")));
    assert_eq!(seen(&bench).account_status, AccountStatus::Active);
    assert_eq!(after["status"]["accessDue"], Value::Null);

    // Switched off by somebody else, it is not ours to switch on.
    bench.delete(USER, "ana").await;
    bench.gone(USER, "ana").await;
    bench.thoughtspot.edit(|world| world.set_user_status("ana", AccountStatus::Expired).unwrap());
    bench.apply(ANA).await;
    bench.says(USER, "ana", "Stalled", "AlreadyExists").await;
    assert_eq!(seen(&bench).account_status, AccountStatus::Expired);
}

/// A tenant that shares an Org could otherwise have whoever left the other, by a password of its own.
#[rstest]
#[tokio::test]
async fn a_person_who_left_does_not_come_back_to_another_team(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::idle("other-team", dialect).await;
    let other = bench.another_namespace("team").await;
    bench.run();
    bench.apply(LOGIN).await;
    bench.apply(&format!("{CONNECTION}  grants: [{{ name: all, namespaces: {{ from: All }} }}]\n")).await;
    let shared = format!("grants: [{{ name: all, namespaces: {{ from: Names, names: [$NS, {other}] }} }}]");
    bench.apply(&ACME.replace("a tenant", &format!("a tenant, {shared}"))).await;
    bench.apply(ANALYSTS).await;
    bench.apply(ANA).await;
    let before = bench.ready(USER, "ana").await;
    bench.delete(USER, "ana").await;
    bench.gone(USER, "ana").await;

    let theirs = ANA
        .replace("name: ana }", &format!("name: ana, namespace: {other} }}"))
        .replace("name: ts", "name: ts, namespace: $NS")
        .replace("name: acme, groups: [analysts]", "name: acme, namespace: $NS");
    bench.apply(&theirs).await;
    bench.says_in(&other, USER, "ana", "Stalled", "AlreadyExists").await;
    let open = |namespaces: &[&str]| json!([{ "name": "t", "namespaces": { "from": "Names", "names": namespaces } }]);
    bench.patch(GROUP, "analysts", json!({ "spec": { "grants": open(&[&other]) } })).await;
    bench.ready(GROUP, "analysts").await;
    bench.apply(&theirs.replace("Ana Diaz", "Ours")).await;
    bench.says_in(&other, USER, "ana", "Stalled", "AlreadyExists").await;
    // Who may take over anything still may not go past a group's grants.
    bench.patch(GROUP, "analysts", json!({ "spec": { "grants": open(&["nobody"]) } })).await;
    bench.ready(GROUP, "analysts").await;
    bench.apply(&format!("{CONNECTION}  grants: [{{ name: all, namespaces: {{ from: All }}, adopt: Any }}]\n")).await;
    bench.ready("ThoughtSpotInstance", "ts").await;
    bench.apply(&theirs).await;
    bench.says_in(&other, USER, "ana", "Stalled", "AlreadyExists").await;
    bench.apply(&theirs.replace("displayName", "adoptionPolicy: Adopt\n  displayName")).await;
    let message = bench.says_in(&other, USER, "ana", "Stalled", "NotGranted").await;
    assert!(message.starts_with("user \"ana\" is in a group that is managed in another namespace"), "{message}");
    assert_eq!(seen(&bench).account_status, AccountStatus::Inactive);

    bench.api(USER, &other).delete("ana", &Default::default()).await.unwrap();
    bench.gone_in(&other, USER, "ana").await;
    bench.apply(&format!("{CONNECTION}  grants: [{{ name: all, namespaces: {{ from: All }} }}]\n")).await;
    bench.ready("ThoughtSpotInstance", "ts").await;
    bench.apply(ANA).await;
    let after = bench.ready(USER, "ana").await;
    assert_eq!((&after["status"]["id"], &after["status"]["origin"]), (&before["status"]["id"], &json!("Created")));
    assert_eq!(seen(&bench).account_status, AccountStatus::Active);
}

#[rstest]
#[tokio::test]
async fn what_was_taken_over_stays_as_it_was_found(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("adopted-stays", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.ready(GROUP, "analysts").await;
    bench.thoughtspot.edit(|world| world.create_user("ana", "By hand", &["acme"]).unwrap());
    bench.apply(&ANA.replace("displayName", "adoptionPolicy: Adopt\n  displayName")).await;
    assert_eq!(bench.ready(USER, "ana").await["status"]["onDelete"], "Retain");
    bench.delete(USER, "ana").await;
    bench.gone(USER, "ana").await;
    assert_eq!((seen(&bench).account_status, sign_outs(&bench)), (AccountStatus::Active, 0));
}

#[rstest]
#[tokio::test]
async fn a_person_who_belongs_elsewhere_only_loses_what_was_added_here(
    #[values(V1, V2)] dialect: Dialect,
    #[values("Deactivate", "Delete")] policy: &str,
) {
    let bench = Bench::start("elsewhere", dialect).await;
    ana(&bench).await;
    let spec = json!({ "deletionPolicy": policy, "transferContentTo": { "name": "bo" } });
    bench.patch(USER, "ana", json!({ "spec": spec })).await;
    bench.ready(USER, "ana").await;
    bench.thoughtspot.edit(|world| {
        world.create_user("bo", "By hand", &["acme"]).unwrap();
        world.create_org("globex", None).unwrap();
        world.add_to_org("ana", "globex").unwrap();
        world.create_answer("acme", "ana", "of acme", None).unwrap();
        world.create_answer("globex", "ana", "of globex", None).unwrap();
    });
    bench.delete(USER, "ana").await;
    bench.gone(USER, "ana").await;
    let ana = seen(&bench);
    assert_eq!((ana.orgs, ana.account_status, sign_outs(&bench)), (vec!["globex".to_owned()], AccountStatus::Active, 0));
    assert!(bench.thoughtspot.state().group("acme", "analysts").unwrap().users.is_empty());
    assert_eq!((owned(&bench, "acme", "bo"), owned(&bench, "globex", "ana")), (1, 1), "where she left, and where she did not");
}

/// The first pass takes away what was added, and is not told that it has.
#[rstest]
#[tokio::test]
async fn an_account_that_is_not_ours_to_end_outlives_a_pass_that_is_repeated(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("repeated", dialect).await;
    bench.tenant().await;
    bench.apply(&ACME.replace("acme", "globex")).await;
    bench.ready(ORG, "globex").await;
    bench.thoughtspot.edit(|world| {
        world.create_user("ana", "By hand", &["acme"]).unwrap();
        world.create_group("globex", "analysts", "Analysts").unwrap();
    });
    let spec =
        "  adoptionPolicy: Adopt\n  deletionPolicy: Delete\n  orgs: [{ name: acme }, { name: globex, groups: [analysts] }]";
    bench.apply(&ANA.replace("  orgs: [{ name: acme, groups: [analysts] }]", spec)).await;
    bench.ready(USER, "ana").await;
    bench.patch(ORG, "globex", json!({ "spec": { "grants": [] } })).await;
    bench.says(USER, "ana", "Stalled", "NotGranted").await;
    let taking_out: &[&str] = match dialect {
        V1 => &["DELETE v1/user/*"],
        V2 => &["POST users/*/update", "POST orgs/*/update"],
    };
    for route in taking_out {
        bench.thoughtspot.fault(Rule::route(*route, Action::CommitThenDrop).times(1));
    }
    bench.delete(USER, "ana").await;
    bench.gone(USER, "ana").await;
    let ana = seen(&bench);
    assert_eq!((ana.account_status, sign_outs(&bench)), (AccountStatus::Active, 0));
    assert!(ana.orgs.contains(&"acme".to_owned()), "{:?}", ana.orgs);
    assert!(bench.thoughtspot.state().group("globex", "analysts").unwrap().users.is_empty());
}

/// How much somebody owns in an Org; a column is its table's.
fn owned(bench: &Bench, org: &str, author: &str) -> usize {
    let content = bench.thoughtspot.state().content;
    let own = content.iter().filter(|object| object.org == org && object.author == author);
    own.filter(|object| !matches!(object.body, BodyDump::LogicalColumn { .. })).count()
}

/// Something of every kind, more of one than fits into one batch.
fn works(world: &mut Edit<'_>, org: &str, author: &str) {
    for n in 0..BOARDS {
        world.create_liveboard(org, author, &format!("board {n}"), &[]).unwrap();
    }
    world.create_answer(org, author, "answer", None).unwrap();
    let connection = world.create_connection(org, author, "warehouse").unwrap();
    world.create_table(org, author, "table", &["column"], Some(&connection)).unwrap();
}

const BOARDS: usize = 120;

const BO: &str = "
apiVersion: thoughtspot.dev/v1alpha1
kind: ThoughtSpotUser
metadata: { name: bo }
spec: { instanceRef: { name: ts }, displayName: Bo, email: bo@example.com, orgs: [{ name: acme }, { name: globex }] }
";

#[rstest]
#[tokio::test]
async fn what_a_leaver_owns_goes_to_the_successor_in_every_org_before_access_ends(
    #[values(V1, V2)] dialect: Dialect,
    #[values("Deactivate", "Delete")] policy: &str,
) {
    let bench = Bench::start("successor", dialect).await;
    ana(&bench).await;
    bench.apply(&ACME.replace("acme", "globex")).await;
    bench.ready(ORG, "globex").await;
    bench.apply(BO).await;
    let orgs = json!([{ "name": "acme" }, { "name": "globex" }]);
    let spec = json!({ "orgs": orgs, "deletionPolicy": policy, "transferContentTo": { "ref": { "name": "bo" } } });
    bench.patch(USER, "ana", json!({ "spec": spec })).await;
    bench.ready(USER, "ana").await;
    bench.ready(USER, "bo").await;
    bench.thoughtspot.edit(|world| {
        works(world, "acme", "ana");
        works(world, "globex", "ana");
        world.create_user("carol", "By hand", &["acme"]).unwrap();
        world.create_answer("acme", "carol", "hers", None).unwrap();
    });
    // The answer to a batch is lost, and a later one is not served at all.
    bench.thoughtspot.fault(Rule::route(bench.calls().transfer, Action::CommitThenDrop).times(1));
    bench.thoughtspot.fault(Rule::route(bench.calls().transfer, Action::refuse(503)).times(1));
    bench.delete(USER, "ana").await;
    bench.gone(USER, "ana").await;

    let all = |org: &str, author: &str| owned(&bench, org, author);
    assert_eq!((all("acme", "bo"), all("globex", "bo")), (BOARDS + 3, BOARDS + 3));
    assert_eq!(all("acme", "carol"), 1, "what is somebody else's stays theirs");
    let status = bench.thoughtspot.state().user("ana").map(|ana| ana.account_status);
    assert_eq!(status, (policy == "Deactivate").then_some(AccountStatus::Inactive));
    let journal = bench.thoughtspot.journal();
    let last = journal.iter().rposition(|entry| entry.route == bench.calls().transfer).unwrap();
    let ends = [bench.calls().end_sessions, bench.calls().delete_user];
    assert!(journal[..last].iter().all(|entry| !ends.contains(&entry.route.as_str())), "access ends last");
}

#[rstest]
#[tokio::test]
async fn what_somebody_owns_in_an_org_goes_to_the_successor_before_she_leaves_it(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("leaves-org", dialect).await;
    ana(&bench).await;
    bench.apply(&ACME.replace("acme", "globex")).await;
    bench.ready(ORG, "globex").await;
    bench.apply(BO).await;
    bench.ready(USER, "bo").await;
    let spec = json!({ "orgs": [{ "name": "acme" }, { "name": "globex" }], "transferContentTo": { "ref": { "name": "bo" } } });
    bench.patch(USER, "ana", json!({ "spec": spec })).await;
    bench.ready(USER, "ana").await;
    bench.thoughtspot.edit(|world| {
        works(world, "globex", "ana");
        world.create_answer("acme", "ana", "hers", None).unwrap();
    });
    bench.patch(USER, "ana", json!({ "spec": { "orgs": [{ "name": "acme" }] } })).await;
    bench.ready(USER, "ana").await;
    assert_eq!((seen(&bench).orgs, owned(&bench, "globex", "bo")), (vec!["acme".to_owned()], BOARDS + 3));
    assert_eq!((owned(&bench, "globex", "ana"), owned(&bench, "acme", "ana")), (0, 1), "where she stays it stays hers");
}

#[rstest]
#[tokio::test]
async fn whoever_is_retained_while_content_changes_hands_stays(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("changed-mind", dialect).await;
    ana(&bench).await;
    bench.thoughtspot.edit(|world| {
        world.create_answer("acme", "ana", "hers", None).unwrap();
        world.create_user("bo", "By hand", &["acme"]).unwrap();
    });
    let spec = json!({ "deletionPolicy": "Delete", "transferContentTo": { "name": "bo" } });
    bench.patch(USER, "ana", json!({ "spec": spec })).await;
    bench.ready(USER, "ana").await;
    bench.thoughtspot.fault(Rule::route(bench.calls().transfer, Action::Delay { millis: 3000 }));
    bench.delete(USER, "ana").await;
    eventually("content is about to change hands", PATIENCE, async || {
        let asked = bench.thoughtspot.journal().iter().any(|entry| entry.route == bench.calls().transfer);
        if asked { Ok(()) } else { Err("nobody asked".to_owned()) }
    })
    .await;
    bench.patch(USER, "ana", json!({ "spec": { "deletionPolicy": "Retain" } })).await;
    bench.gone(USER, "ana").await;
    assert_eq!((seen(&bench).account_status, sign_outs(&bench)), (AccountStatus::Active, 0));
    assert_eq!(owned(&bench, "acme", "bo"), 1);
}

#[rstest]
#[tokio::test]
async fn a_user_who_owns_something_is_not_deleted_until_somebody_takes_it(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("owns", dialect).await;
    ana(&bench).await;
    bench.thoughtspot.edit(|world| {
        world.create_liveboard("acme", "ana", "hers", &[]).unwrap();
        world.create_user("bo", "By hand", &["acme"]).unwrap();
        world.create_user("carol", "By hand", &[]).unwrap();
    });
    bench.patch(USER, "ana", json!({ "spec": { "deletionPolicy": "Delete" } })).await;
    bench.ready(USER, "ana").await;
    bench.delete(USER, "ana").await;
    let message = bench.says(USER, "ana", "Stalled", "OwnsContent").await;
    assert_eq!(
        message,
        "user \"ana\" owns content in Org acme, which would be left without an owner: set spec.transferContentTo, or \
         deletionPolicy: Deactivate or Retain"
    );
    for (name, reason, says) in [
        ("carol", "Invalid", "spec.transferContentTo: \"carol\" is no member of Org acme: add it there, or name somebody else"),
        ("ANA", "Invalid", "spec.transferContentTo: this is the user that leaves: name somebody else"),
    ] {
        bench.patch(USER, "ana", json!({ "spec": { "transferContentTo": { "name": name } } })).await;
        assert_eq!(bench.says(USER, "ana", "Stalled", reason).await, says);
    }
    bench.patch(USER, "ana", json!({ "spec": { "transferContentTo": { "name": "svc-operator" } } })).await;
    let message = bench.says(USER, "ana", "Stalled", "Protected").await;
    assert!(message.ends_with("; name somebody else"), "{message}");
    bench.thoughtspot.fault(Rule::route(bench.calls().transfer, Action::refuse(400)));
    bench.patch(USER, "ana", json!({ "spec": { "transferContentTo": { "name": "bo" } } })).await;
    let message = bench.says(USER, "ana", "Stalled", "Refused").await;
    assert!(message.starts_with("spec.transferContentTo: content cannot be given to \"bo\": "), "{message}");
    assert_eq!(owned(&bench, "acme", "ana"), 1);

    bench.thoughtspot.clear_faults();
    bench.annotate(USER, "ana", "thoughtspot.dev/reconcile-requested-at", "1").await;
    bench.gone(USER, "ana").await;
    assert_eq!(owned(&bench, "acme", "bo"), 1);
    assert!(bench.thoughtspot.state().user("ana").is_none());
}
