//! What the probes of Kubernetes are told, by the shipped binary.

use std::path::Path;

use thoughtspot_crds::Dialect::V2;
use thoughtspot_testkit::{OperatorProcess, eventually};

use crate::bench::{Bench, PATIENCE};
use crate::replicas::{BINARY, Stage};

/// Lets it listen on a port of its own.
pub(crate) const LISTEN: [&str; 2] = ["--health-listen", "127.0.0.1:0"];

/// What a process that was started with [`LISTEN`] answers.
pub(crate) async fn asked(process: &OperatorProcess, path: &str) -> (u16, String) {
    let address = eventually("it listens", PATIENCE, async || {
        let log = process.log();
        let address = log.split_once("listening address=").and_then(|(_, rest)| rest.split_once('\n'));
        address.map(|(address, _)| address.to_owned()).ok_or(log)
    })
    .await;
    let client = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
    let answer = client.get(format!("http://{address}/{path}")).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Waits until it answers like this, with a text that contains `part`.
pub(crate) async fn answers(process: &OperatorProcess, path: &str, status: u16, part: &str) -> String {
    eventually(&format!("{path} answers {status} with {part:?}"), PATIENCE, async || {
        let (answered, text) = asked(process, path).await;
        if answered == status && text.contains(part) { Ok(text) } else { Err(format!("{answered} {text}\n{}", process.log())) }
    })
    .await
}

/// Deleted again, it is created again: whoever waits does not count on what it no longer sees.
#[tokio::test]
async fn where_there_was_no_lease_it_is_ready_and_says_why_it_waits() {
    let stage = Stage::without_lease(Bench::idle("no-lease", V2).await);
    let replica = stage.start_binary(Path::new(BINARY), "first", 300, &LISTEN).await;
    let created = stage.reserved().await;
    answers(&replica.process, "readyz", 200, "there was no Lease").await;
    stage.delete_lease().await;
    assert_ne!(stage.reserved().await, created);
    assert_eq!(replica.process.log().matches("there was no Lease").count(), 1, "{}", replica.process.log());
}

#[tokio::test]
async fn it_is_ready_with_everything_listed_whether_it_leads_or_waits_and_alive_in_any_case() {
    let stage = Stage::new(V2).await;
    let leader = stage.start("first", &LISTEN).await;
    answers(&leader.process, "readyz", 200, "it leads").await;
    let other = stage.start("second", &LISTEN).await;
    answers(&other.process, "readyz", 200, "it waits for its turn").await;

    leader.kubernetes.cut();
    let place = format!("thoughtspotorgs in namespace {}: not listed yet\n", stage.bench.namespace);
    answers(&leader.process, "readyz", 503, &place).await;
    answers(&leader.process, "livez", 200, "ok").await;
    answers(&other.process, "readyz", 200, "it leads").await;
    leader.kubernetes.mend();
    answers(&leader.process, "readyz", 200, "it waits for its turn").await;
    assert_eq!(asked(&leader.process, "elsewhere").await.0, 404);
}
