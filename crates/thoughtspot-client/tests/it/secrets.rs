//! Nothing secret is in any error, whatever the far side says.

use std::io::Write;
use std::sync::{Arc, Mutex};

use thoughtspot_client::domain::{Lookup, OrgId};
use thoughtspot_client::port::{Page, ThoughtSpot};
use thoughtspot_client::secret::Secret;
use thoughtspot_client::settings::Proof;
use thoughtspot_simulator::{Action, Rule};

use crate::{Bench, Dialect, PASSWORD, SECRET_KEY, in_both, user};

const NEW_PASSWORD: &str = "CANARY-of/a\"user";

in_both!(a_server_that_repeats_what_it_is_sent, refused_credentials_and_their_settings);

async fn every_error(far: &dyn ThoughtSpot) -> Vec<thoughtspot_client::Error> {
    let mut ana = user("ana");
    ana.password = Some(Secret::new(NEW_PASSWORD));
    let mut errors = Vec::new();
    errors.extend(far.login().await.err());
    errors.extend(far.system().await.err());
    errors.extend(far.orgs().await.err());
    errors.extend(far.find_org(Lookup::Name("acme")).await.err());
    errors.extend(far.users_page(OrgId::PRIMARY, Page { offset: 0, size: 10 }).await.err());
    errors.extend(far.find_user(OrgId::PRIMARY, Lookup::Name("ana")).await.err());
    errors.extend(far.create_user(OrgId::PRIMARY, &ana).await.err());
    errors.extend(far.set_password("some-id", &Secret::new(NEW_PASSWORD)).await.err());
    errors.extend(far.find_group(OrgId::PRIMARY, Lookup::Name("g")).await.err());
    errors
}

fn assert_clean(errors: &[thoughtspot_client::Error]) {
    for error in errors {
        assert_clean_text(&format!("{error} {error:?}"));
    }
}

fn assert_clean_text(shown: &str) {
    assert!(!shown.contains("CANARY"), "{shown}");
    let token = shown.split(|c: char| !c.is_alphanumeric()).find(|word| word.len() > 40);
    assert_eq!(token, None, "looks like a token: {shown}");
}

async fn a_server_that_repeats_what_it_is_sent(dialect: Dialect) {
    let bench = Bench::new().await;
    for proof in [Proof::Password(Secret::new(PASSWORD)), Proof::SecretKey(Secret::new(SECRET_KEY))] {
        let sign_in = match (dialect, &proof) {
            (Dialect::V1, Proof::SecretKey(_)) => "POST v1/session/auth/token",
            (Dialect::V1 | Dialect::V2, _) => dialect.sign_in(),
        };
        let far = bench.far_with(dialect, bench.settings(proof));
        bench.sim.fault(Rule::route(sign_in, Action::Echo).times(1));
        let error = far.login().await.unwrap_err();
        let shown = error.to_string();
        assert!(["Invalid request", "withheld"].iter().any(|words| shown.contains(words)), "the fault was not met: {error}");
        assert_clean(&[error]);

        let far = bench.far_with(dialect, bench.settings(Proof::SecretKey(Secret::new(SECRET_KEY))));
        far.login().await.unwrap();
        for glob in ["POST *", "GET *"] {
            bench.sim.fault(Rule::route(glob, Action::Echo));
        }
        let errors = every_error(&*far).await;
        assert_eq!(errors.len(), 8, "all but the login, which is known: {errors:?}");
        assert_clean(&errors);
        bench.sim.clear_faults();
    }
}

async fn refused_credentials_and_their_settings(dialect: Dialect) {
    let bench = Bench::new().await;
    let settings = bench.settings(Proof::Password(Secret::new("CANARY-wrong")));
    assert!(!format!("{settings:?}").contains("CANARY"), "{settings:?}");
    let far = bench.far_with(dialect, settings);
    let errors = every_error(&*far).await;
    assert_eq!(errors.len(), 9, "{errors:?}");
    assert_clean(&errors);
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(text)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_at_its_most_talkative() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    // For this thread only, which runs everything of this test.
    let _guard = tracing::subscriber::set_default(subscriber.with_ansi(false).with_writer(move || writer.clone()).finish());
    let bench = Bench::new().await;
    let far = bench.far(Dialect::V2);
    assert_clean(&every_error(&*far).await);
    bench.sim.fault(Rule::route("*", Action::Echo));
    assert_clean(&every_error(&*far).await);
    let text = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    let ours: Vec<&str> = text
        .lines()
        .filter(|line| ["read", "write", "sign-in"].iter().any(|what| line.contains(&format!("ThoughtSpot {what}"))))
        .collect();
    assert!(ours.len() > 15 && ours[0].contains("path=\"/api/rest/2.0/auth/token/full\""), "{ours:#?}");
    assert_clean_text(&text);
}
