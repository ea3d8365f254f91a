//! Passwords: made up and kept in a Secret, rotated, refused, and known to nobody where none is declared.

use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::{Action, Rule};
use thoughtspot_testkit::eventually;
use thoughtspot_testkit::proxy::Trouble;

use crate::bench::{ANA, ANALYSTS, Bench, GROUP, PASSWORD, PATIENCE, USER, condition};
use crate::views::Behind;

/// ANA with a password that is made up.
fn generated() -> String {
    format!("{ANA}  password: {{ generate: {{ secretName: ana-login, rotateAfter: 90d }} }}\n")
}

fn declared() -> String {
    format!("{ANA}  password: {{ secretKeyRef: {{ name: pw, key: password }} }}\n")
}

async fn tenant(name: &str, dialect: Dialect) -> Bench {
    let bench = Bench::start(name, dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.ready(GROUP, "analysts").await;
    bench
}

async fn entry(bench: &Bench, secret: &str, key: &str) -> Option<String> {
    bench.secret(secret).await.remove(key)
}

/// The calls that send a password on its own, as rules name them.
fn setting(bench: &Bench) -> &'static str {
    match bench.dialect {
        V1 => "PUT *user/*",
        V2 => bench.calls().set_password,
    }
}

/// How often a password was sent on its own.
fn sets(bench: &Bench) -> usize {
    bench.thoughtspot.journal().iter().filter(|e| e.route == bench.calls().set_password).count()
}

/// Waits until the Secret holds another password than this one, and nothing that waits.
async fn another_than(bench: &Bench, before: &str) -> String {
    eventually("another password is published", PATIENCE, async || {
        let secret = bench.get("Secret", "ana-login").await;
        if secret["data"]["password"].is_null() || !secret["data"]["nextPassword"].is_null() {
            return Err(format!("{:?}", secret["data"].as_object().map(|data| data.keys().cloned().collect::<Vec<_>>())));
        }
        let now = entry(bench, "ana-login", "password").await.unwrap_or_default();
        if now == before { Err("the same password".to_owned()) } else { Ok(now) }
    })
    .await
}

/// As if the password had been made long ago.
async fn age(bench: &Bench) {
    bench.annotate("Secret", "ana-login", "thoughtspot.dev/generated-at", "2020-01-01T00:00:00Z").await;
}

#[rstest]
#[tokio::test]
async fn a_password_is_made_up_kept_in_a_secret_and_described_there(#[values(V1, V2)] dialect: Dialect) {
    let bench = tenant("generated", dialect).await;
    bench.apply(&generated()).await;
    let ana = bench.ready(USER, "ana").await;
    let secret = bench.get("Secret", "ana-login").await;
    let password = entry(&bench, "ana-login", "password").await.unwrap();
    let expected = [("password", password.as_str()), ("url", &bench.thoughtspot.url()), ("username", "ana")];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(bench.secret("ana-login").await, expected.into());
    assert_eq!((password.len(), bench.signs_in("ana", &password).await), (32, true));
    assert_eq!(secret["metadata"]["labels"]["thoughtspot.dev/password"], "true");
    assert_eq!(secret["metadata"]["ownerReferences"], Value::Null, "nothing takes it away while the user is there");
    let kept = json!({ "secretUid": secret["metadata"]["uid"], "secretResourceVersion": secret["metadata"]["resourceVersion"] });
    assert_eq!(ana["status"]["password"], kept);
    bench.request(USER, "ana", "1").await;
    assert_eq!(bench.get("Secret", "ana-login").await["metadata"]["resourceVersion"], secret["metadata"]["resourceVersion"]);
    assert_eq!(sets(&bench), 0, "the create sent it");

    bench.patch(USER, "ana", json!({ "spec": { "name": "ana.diaz" } })).await;
    bench.ready(USER, "ana").await;
    assert_eq!(entry(&bench, "ana-login", "username").await.as_deref(), Some("ana.diaz"));
    assert_eq!(entry(&bench, "ana-login", "password").await.as_ref(), Some(&password));
    assert!(bench.signs_in("ana.diaz", &password).await);
}

#[rstest]
#[tokio::test]
async fn a_password_is_made_anew_when_it_is_old_or_its_secret_was_deleted(#[values(V1, V2)] dialect: Dialect) {
    let bench = tenant("anew", dialect).await;
    bench.apply(&generated()).await;
    bench.ready(USER, "ana").await;
    let first = entry(&bench, "ana-login", "password").await.unwrap();
    age(&bench).await;
    bench.request(USER, "ana", "1").await;
    let second = another_than(&bench, &first).await;
    assert_eq!((bench.signs_in("ana", &second).await, bench.signs_in("ana", &first).await), (true, false));
    bench.ready(USER, "ana").await;

    bench.delete("Secret", "ana-login").await;
    bench.request(USER, "ana", "2").await;
    let third = another_than(&bench, &second).await;
    assert!(bench.signs_in("ana", &third).await);
    bench.ready(USER, "ana").await;
    assert_eq!(sets(&bench), 2);
}

/// Whatever is lost on the way, the Secret holds a password that works.
#[rstest]
#[tokio::test]
async fn nobody_is_locked_out_while_a_password_is_replaced(#[values(V1, V2)] dialect: Dialect) {
    let bench = tenant("locked-out", dialect).await;
    bench.apply(&generated()).await;
    bench.ready(USER, "ana").await;
    let first = entry(&bench, "ana-login", "password").await.unwrap();
    bench.thoughtspot.fault(Rule::route(setting(&bench), Action::refuse(503)));
    age(&bench).await;
    bench.request(USER, "ana", "1").await;
    let next = eventually("a password waits", PATIENCE, async || {
        entry(&bench, "ana-login", "nextPassword").await.ok_or_else(|| "none".to_owned())
    })
    .await;
    assert_eq!(entry(&bench, "ana-login", "password").await.as_ref(), Some(&first));
    assert!(bench.signs_in("ana", &first).await, "it is not replaced before ThoughtSpot has taken the other");
    bench.thoughtspot.clear_faults();
    bench.thoughtspot.fault(Rule::route(setting(&bench), Action::CommitThenDrop).times(1));
    assert_eq!(another_than(&bench, &first).await, next);
    assert!(bench.signs_in("ana", &next).await);
    bench.ready(USER, "ana").await;
}

#[rstest]
#[tokio::test]
async fn a_secret_that_was_not_made_for_the_user_is_left_alone(#[values(V1, V2)] dialect: Dialect) {
    let bench = tenant("not-ours", dialect).await;
    bench.apply(&PASSWORD.replace("name: pw", "name: ana-login")).await;
    let before = bench.get("Secret", "ana-login").await;
    bench.apply(&generated()).await;
    let message = bench.says(USER, "ana", "Stalled", "InvalidSecret").await;
    let expected = "spec.password.generate: Secret ana-login exists and was not made for this user: choose another secretName, or delete the \
                    Secret, or name it in secretKeyRef instead";
    assert_eq!(message, expected);
    assert_eq!(bench.get("Secret", "ana-login").await, before);
    assert!(bench.thoughtspot.state().user("ana").is_none());
    bench.delete("Secret", "ana-login").await;
    bench.request(USER, "ana", "1").await;
    bench.ready(USER, "ana").await;
}

#[rstest]
#[tokio::test]
async fn a_secret_made_for_a_user_goes_with_it_unless_the_user_stays(#[values(V1, V2)] dialect: Dialect) {
    let bench = tenant("goes", dialect).await;
    let bob = generated().replace("ana", "bob").replace("boblysts", "analysts").replace("Ana", "Bob");
    bench.apply(&generated().replace("  displayName", "  deletionPolicy: Delete\n  displayName")).await;
    bench.apply(&bob.replace("  displayName", "  deletionPolicy: Retain\n  displayName")).await;
    let eve = generated().replace("ana", "eve").replace("evelysts", "analysts").replace("Ana", "Eve");
    bench.apply(&eve.replace("  displayName", "  deletionPolicy: Delete\n  displayName")).await;
    for user in ["ana", "bob", "eve"] {
        bench.ready(USER, user).await;
    }
    bench.thoughtspot.edit(|world| {
        world.create_org("elsewhere", None).unwrap();
        world.add_to_org("eve", "elsewhere").unwrap();
    });
    for user in ["ana", "bob", "eve"] {
        bench.delete(USER, user).await;
        bench.gone(USER, user).await;
    }
    bench.gone("Secret", "ana-login").await;
    for user in ["bob", "eve"] {
        let kept = bench.get("Secret", &format!("{user}-login")).await;
        assert_eq!(kept["metadata"]["ownerReferences"], Value::Null, "{user}");
        let kept = entry(&bench, &format!("{user}-login"), "password").await.unwrap();
        assert!(bench.signs_in(user, &kept).await, "{user}");
    }
}

#[rstest]
#[tokio::test]
async fn a_password_that_thoughtspot_does_not_take_is_reported_and_tried_again_only_when_it_changes(
    #[values(V1, V2)] dialect: Dialect,
) {
    let bench = tenant("rejected", dialect).await;
    bench.apply(&PASSWORD.replace("a-long-enough-one", "short")).await;
    bench.apply(&declared()).await;
    let message = bench.says(USER, "ana", "Stalled", "PasswordRejected").await;
    let said = "The password must have at least 8 characters and differ from the user name";
    let expected =
        format!("ThoughtSpot does not take the password, key password of Secret pw: change it there; ThoughtSpot says: {said}");
    assert_eq!(message, expected);
    bench.apply(PASSWORD).await;
    bench.ready(USER, "ana").await;

    bench.apply(&PASSWORD.replace("a-long-enough-one", "brief")).await;
    assert_eq!(bench.says(USER, "ana", "Stalled", "PasswordRejected").await, expected);
    bench.thoughtspot.edit(|world| world.remove_from_group("acme", "analysts", "ana").unwrap());
    bench
        .thoughtspot_shows("the rest is still seen to", |state| {
            state.group("acme", "analysts").is_some_and(|group| group.users.contains(&"ana".to_owned()))
        })
        .await;
    assert_eq!(sets(&bench), 1, "the same is not tried again");
    bench.request(USER, "ana", "1").await;
    assert_eq!(sets(&bench), 2, "but on request");
    assert!(bench.signs_in("ana", "a-long-enough-one").await);
    bench.apply(&PASSWORD.replace("a-long-enough-one", "long-enough-again")).await;
    bench.ready(USER, "ana").await;
    assert!(bench.signs_in("ana", "long-enough-again").await);
}

#[rstest]
#[tokio::test]
async fn a_made_up_password_that_is_not_taken_shows_to_nobody_and_is_made_in_another_length(#[values(V1, V2)] dialect: Dialect) {
    let bench = tenant("too-short", dialect).await;
    bench.thoughtspot.set(|settings| settings.password_length = 20);
    bench.apply(&generated().replace("rotateAfter: 90d", "length: 16")).await;
    let message = bench.says(USER, "ana", "Stalled", "PasswordRejected").await;
    let said = "The password must have at least 20 characters and differ from the user name";
    let expected = "ThoughtSpot does not take the password made for Secret ana-login: change spec.password.generate.length; ThoughtSpot says: ";
    assert_eq!(message, format!("{expected}{said}"));
    assert_eq!(entry(&bench, "ana-login", "password").await, None);
    bench.patch(USER, "ana", json!({ "spec": { "password": { "generate": { "length": 20 } } } })).await;
    bench.ready(USER, "ana").await;
    let password = entry(&bench, "ana-login", "password").await.unwrap();
    assert_eq!((password.len(), bench.signs_in("ana", &password).await), (20, true));
}

#[rstest]
#[tokio::test]
async fn where_no_password_is_declared_nobody_knows_one(#[values(V1, V2)] dialect: Dialect) {
    let bench = tenant("undeclared", dialect).await;
    bench.apply(ANA).await;
    let ana = bench.ready(USER, "ana").await;
    // v1 makes nobody without a password.
    assert_eq!(bench.thoughtspot.state().user("ana").unwrap().has_password, dialect == V1);
    assert_eq!(ana["status"]["password"], Value::Null);
    assert_eq!(condition(&ana, "Stalled"), Value::Null);
}

/// As where an admission policy wants more of what is published than of what waits: the user exists by then.
#[tokio::test]
async fn a_secret_that_is_refused_once_its_user_exists_is_said_to_be_and_the_user_stays_ours() {
    let behind = Behind::start("refused-secret").await;
    let bench = &behind.bench;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    let refused = Trouble::Echoed(StatusCode::UNPROCESSABLE_ENTITY);
    behind.proxy.troubles().befall(move |label| (label == "Kubernetes PATCH secrets/ana-login").then_some(refused));
    bench.apply(&generated()).await;
    let message = bench.says(USER, "ana", "Stalled", "InvalidSecret").await;
    assert!(message.starts_with("spec.password.generate: Kubernetes does not let Secret ana-login be changed: "), "{message}");
    behind.proxy.troubles().end();
    bench.request(USER, "ana", "mended").await;
    bench.ready(USER, "ana").await;
    let password = entry(bench, "ana-login", "password").await.unwrap();
    assert!(bench.signs_in("ana", &password).await);
    assert_eq!(behind.asked(bench.calls().create_user), 1);
}
