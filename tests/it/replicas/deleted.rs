//! Somebody deletes the Lease, or there never was one: whoever may have had it may still write.

use k8s_openapi::api::coordination::v1::Lease;
use kube::api::{Api, DeleteParams};
use rstest::rstest;
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_engine::election::{Election, Turn};
use thoughtspot_engine::fence::Fence;
use thoughtspot_engine::lease::Timing;
use thoughtspot_testkit::eventually;

use super::{LEASE, Stage, create};
use crate::bench::{Bench, PATIENCE};

#[rstest]
#[tokio::test]
async fn a_lease_that_is_deleted_while_its_holder_is_cut_off_is_waited_for_by_one_who_never_saw_it(
    #[values(V1, V2)] dialect: Dialect,
) {
    let stage = Stage::new(dialect).await;
    let leader = stage.leader().await;
    stage.crowd_comes().await;
    leader.kubernetes.cut();
    stage.delete_lease().await;
    let fresh = stage.start("fresh", &[]).await;
    fresh.says("there was no Lease: waiting").await;
    stage.crowd_is_ready().await;
    assert!(stage.holder().await.starts_with("fresh_"));
    stage.nobody_began_early();
    stage.never_two_wrote();
}

#[tokio::test]
async fn a_leader_whose_lease_is_deleted_starts_over_and_nobody_else_begins_before_it_has_stopped() {
    let stage = Stage::new(V2).await;
    let (leader, other) = stage.two().await;
    stage.crowd_comes().await;
    stage.delete_lease().await;
    leader.says("starting over").await;
    other.says("there was no Lease: waiting").await;
    stage.crowd_is_ready().await;
    stage.nobody_began_early();
    stage.never_two_wrote();
}

#[tokio::test]
async fn whoever_loses_a_lease_that_was_deleted_does_not_bring_it_back() {
    let bench = Bench::idle("deleted", V2).await;
    let leases: Api<Lease> = Api::namespaced(bench.client.clone(), &bench.namespace);
    create(&leases, "operator", Default::default()).await;
    let turn = Turn {
        namespace: bench.namespace.clone(),
        name: "operator".to_owned(),
        identity: "a".to_owned(),
        timing: Timing::of_lease(LEASE),
    };
    let mut election = Election::new(bench.cluster.config(), turn, Fence::closed()).unwrap();
    election.won().await;
    leases.delete("operator", &DeleteParams::default()).await.unwrap();
    tokio::time::timeout(PATIENCE, election.lost()).await.unwrap();
    assert!(leases.get_opt("operator").await.unwrap().is_none(), "a renewal does not create");
}

impl Stage {
    pub(crate) async fn delete_lease(&self) {
        self.leases.delete("operator", &DeleteParams::default()).await.unwrap();
    }

    /// Waits until somebody created the Lease, and returns which one it is.
    pub(crate) async fn reserved(&self) -> String {
        eventually("a Lease of nobody that is known", PATIENCE, async || {
            let lease = self.leases.get_opt("operator").await.unwrap().unwrap_or_default();
            let unknown = lease.spec.as_ref().and_then(|spec| spec.holder_identity.as_deref()) == Some("unknown");
            lease.metadata.uid.clone().filter(|_| unknown).ok_or(format!("{lease:?}"))
        })
        .await
    }
}
