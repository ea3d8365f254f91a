//! Replicas whose clocks differ. Each is told another time of day by a library that is loaded before its own (`clock.c`); no clock that
//! measures how long something takes is touched.

use std::path::Path;
use std::process::Command;

use k8s_openapi::jiff::Timestamp;
use rstest::rstest;
use tempfile::TempDir;
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_testkit::eventually;

use super::{BINARY, LEASE, Replica, SLOWLY, Stage, turns::renewed};
use crate::bench::PATIENCE;

const HOUR: i64 = 3600;
/// So many renewals take longer than the lease.
const RENEWALS: usize = 10;

/// The leader's clock is an hour ahead, or an hour behind, and the other's is as wrong the other way.
#[rstest]
#[case(V2, HOUR)]
#[case(V1, -HOUR)]
#[tokio::test]
async fn replicas_whose_clocks_differ_by_two_hours_take_turns_as_others_do(#[case] dialect: Dialect, #[case] ahead: i64) {
    let (stage, folder) = (Stage::new(dialect).await, tempfile::tempdir().unwrap());
    let clock = Clock::build(folder);
    let mut leader = stage.start_by_clock("first", &clock, ahead).await;
    stage.tenant("5s").await;
    let other = stage.start_by_clock("second", &clock, -ahead).await;
    other.says("watching; waiting for its turn").await;
    stage.renews().await;
    assert_eq!((stage.holders(), stage.wrote(&other)), (vec!["first".to_owned()], 0));
    stage.crowd_comes().await;
    leader.process.kill();
    stage.crowd_is_ready().await;
    assert_eq!(stage.holders(), ["first", "second"]);
    stage.nobody_wrote_after_another_began();
    for (replica, offset) in [(&leader, ahead), (&other, -ahead)] {
        let off = stage.last_renewal(replica) - Timestamp::now().as_second();
        assert!((off - offset).abs() < HOUR / 2, "the clock of {} is {off} seconds off", replica.name);
    }
}

/// The library, built by the C compiler that building the operator takes, too.
struct Clock(TempDir);

impl Clock {
    fn build(folder: TempDir) -> Clock {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/replicas/clock.c");
        let clock = Clock(folder);
        let output = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([clock.library(), source]).arg("-ldl").output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        clock
    }

    fn library(&self) -> std::path::PathBuf {
        self.0.path().join("clock.so")
    }
}

impl Stage {
    async fn start_by_clock(&self, name: &'static str, clock: &Clock, offset: i64) -> Replica {
        let (library, offset) = (clock.library(), offset.to_string());
        let environment = [("LD_PRELOAD", library.to_str().unwrap()), ("CLOCK_OFFSET", &offset)];
        self.spawn(Path::new(BINARY), name, LEASE, &SLOWLY, &environment).await
    }

    /// Waits until the lease was renewed for longer than it lasts.
    async fn renews(&self) {
        let before = self.history.lock().unwrap().len();
        eventually("renewals for longer than a lease", PATIENCE, async || {
            let renewals = self.history.lock().unwrap().len() - before;
            if renewals >= RENEWALS { Ok(()) } else { Err(renewals.to_string()) }
        })
        .await;
    }

    /// Who had the lease, in turn, as their pods are called.
    fn holders(&self) -> Vec<String> {
        let history = self.history.lock().unwrap().clone();
        let mut holders: Vec<String> = history.iter().filter_map(|spec| spec.holder_identity.clone()).collect();
        holders.dedup();
        holders.iter().map(|holder| holder.split('_').next().unwrap_or_default().to_owned()).collect()
    }

    /// Of this one, by its own clock, in seconds since 1970.
    fn last_renewal(&self, replica: &Replica) -> i64 {
        let history = self.history.lock().unwrap().clone();
        let of_it = |name: &String| name.starts_with(&format!("{}_", replica.name));
        let last = history.iter().rfind(|spec| spec.holder_identity.as_ref().is_some_and(of_it));
        last.and_then(renewed).unwrap_or_default() / 1000
    }
}
