//! What a new user is given: preferences, once or for good, and a mail where that is asked.

use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::{Action, PreferencesDump, Rule};
use thoughtspot_testkit::eventually;

use crate::bench::{ANA, ANALYSTS, Bench, GROUP, PATIENCE, USER};

/// The manifest of ana with these preferences.
fn ana(preferences: &str) -> String {
    format!("{ANA}  preferences: {preferences}\n")
}

fn shown(bench: &Bench) -> PreferencesDump {
    bench.thoughtspot.state().user("ana").unwrap().preferences.clone()
}

fn quiet(locale: &str) -> PreferencesDump {
    PreferencesDump {
        preferred_locale: Some(locale.to_owned()),
        notify_on_share: false,
        show_onboarding_experience: false,
        ..PreferencesDump::default()
    }
}

async fn tenant(bench: &Bench) {
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.ready(GROUP, "analysts").await;
}

const QUIET: &str = "{ locale: fr-FR, notifyOnShare: false, showOnboarding: false }";

#[rstest]
#[tokio::test]
async fn a_new_user_is_given_its_preferences_which_are_its_own_unless_they_are_kept(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("given", dialect).await;
    tenant(&bench).await;
    bench.apply(&ana(QUIET)).await;
    let user = bench.ready(USER, "ana").await;
    assert_eq!((shown(&bench), &user["status"]["preferencesDue"]), (quiet("fr-FR"), &Value::Null));

    let chosen = PreferencesDump { preferred_locale: Some("de-DE".to_owned()), ..PreferencesDump::default() };
    bench.thoughtspot.edit(|world| world.set_preferences("ana", &chosen)).unwrap();
    let writes = bench.thoughtspot.counters().writes;
    bench.request(USER, "ana", "1").await;
    assert_eq!((shown(&bench), bench.thoughtspot.counters().writes), (chosen.clone(), writes));

    bench.patch(USER, "ana", json!({ "spec": { "preferencesPolicy": "Always" } })).await;
    bench.ready(USER, "ana").await;
    assert_eq!(shown(&bench), quiet("fr-FR"));
    bench.thoughtspot.edit(|world| world.set_preferences("ana", &chosen)).unwrap();
    bench.thoughtspot_shows("drift is repaired", |s| s.user("ana").unwrap().preferences == quiet("fr-FR")).await;
}

#[rstest]
#[tokio::test]
async fn whoever_was_there_before_keeps_its_preferences(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("before", dialect).await;
    tenant(&bench).await;
    let chosen = quiet("de-DE");
    bench.thoughtspot.edit(|world| {
        world.create_user("ana", "Ana Diaz", &["acme"]).unwrap();
        world.set_user_email("ana", "ana@example.com").unwrap();
        world.add_to_group("acme", "analysts", "ana").unwrap();
        world.set_preferences("ana", &chosen).unwrap();
    });
    let loud = ana("{ locale: fr-FR, notifyOnShare: true }");
    bench.apply(&format!("{loud}  managementPolicy: Observe\n  preferencesPolicy: Always\n")).await;
    bench.says(USER, "ana", "Drifted", "Drifted").await;
    let difference =
        |field: &str, declared: &str, observed: &str| json!({ "field": field, "declared": declared, "observed": observed });
    let differences =
        json!([difference("preferences.locale", "fr-FR", "de-DE"), difference("preferences.notifyOnShare", "true", "false"),]);
    assert_eq!(bench.get(USER, "ana").await["status"]["differences"], differences);

    let writes = bench.thoughtspot.counters().writes;
    bench.apply(&format!("{loud}  adoptionPolicy: AdoptIfMatching\n")).await;
    assert_eq!(bench.ready(USER, "ana").await["status"]["origin"], "Adopted");
    assert_eq!((shown(&bench), bench.thoughtspot.counters().writes), (chosen, writes), "nothing is given to whom nobody created");
}

/// In v1, where they are a call of their own.
#[tokio::test]
async fn preferences_that_are_still_due_are_given_after_a_restart() {
    let mut bench = Bench::start("due", V1).await;
    tenant(&bench).await;
    bench.thoughtspot.fault(Rule::route("POST v1/user/updatepreference", Action::refuse(503)));
    bench.apply(&ana(QUIET)).await;
    eventually("the preferences are due", PATIENCE, async || {
        let user = bench.get(USER, "ana").await;
        if user["status"]["preferencesDue"] == true { Ok(()) } else { Err(user["status"].to_string()) }
    })
    .await;
    assert_eq!(shown(&bench), PreferencesDump::default());
    bench.end().await;
    bench.thoughtspot.clear_faults();
    bench.run();
    let user = bench.ready(USER, "ana").await;
    assert_eq!((shown(&bench), &user["status"]["preferencesDue"]), (quiet("fr-FR"), &Value::Null));
}

#[rstest]
#[tokio::test]
async fn the_browser_chooses_the_language_where_the_dialect_can_say_so(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("browser", dialect).await;
    tenant(&bench).await;
    bench.apply(&ana("{ useBrowserLanguage: true }")).await;
    if dialect == V1 {
        let message = bench.says(USER, "ana", "Stalled", "Invalid").await;
        assert!(
            message.starts_with("spec.preferences.useBrowserLanguage: it cannot be set with dialect V1: leave it out"),
            "{message}"
        );
        assert!(bench.thoughtspot.state().user("ana").is_none());
        return;
    }
    bench.ready(USER, "ana").await;
    assert_eq!(shown(&bench), PreferencesDump { use_browser_language: Some(true), ..PreferencesDump::default() });
    bench.apply(&format!("{}  preferencesPolicy: Always\n", ana("{ locale: fr-FR }"))).await;
    bench.ready(USER, "ana").await;
    let french = PreferencesDump {
        use_browser_language: Some(false),
        preferred_locale: Some("fr-FR".to_owned()),
        ..PreferencesDump::default()
    };
    assert_eq!(shown(&bench), french, "a language takes the place of the browser's");
}

#[rstest]
#[tokio::test]
async fn a_new_user_is_mailed_a_link_only_where_that_is_asked(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("mail", dialect).await;
    tenant(&bench).await;
    bench.apply(&format!("{ANA}  sendActivationEmail: true\n")).await;
    if dialect == V1 {
        let message = bench.says(USER, "ana", "Stalled", "Invalid").await;
        assert!(message.starts_with("spec.sendActivationEmail: no mail can be sent with dialect V1: leave it out"), "{message}");
        assert!(bench.thoughtspot.state().user("ana").is_none());
        return;
    }
    bench.ready(USER, "ana").await;
    assert_eq!(bench.thoughtspot.counters().mails, 1);
    bench.thoughtspot.edit(|world| world.create_user("bob", "Bob", &["acme"]).map(drop)).unwrap();
    let bob = ANA.replace("name: ana", "name: bob");
    bench.apply(&format!("{bob}  sendActivationEmail: true\n  adoptionPolicy: Adopt\n")).await;
    bench.ready(USER, "bob").await;
    assert_eq!(bench.thoughtspot.counters().mails, 1, "who was there before is sent none");
}
