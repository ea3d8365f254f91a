//! The shipped binary is killed at each of its requests in turn, to Kubernetes and to ThoughtSpot: before the request is served, after it
//! was served and not answered, and after the answer. It is started again, nobody helps, and the world is the one that is there without
//! a crash: the same objects, one of each, nobody else's touched, nothing left to do, and a status that is true.
//!
//! Left out is what leads to a world that another crash leads to as well. The process remembers nothing across a crash, so what counts is
//! what both sides hold. A read changes neither, and an Event is nothing that anybody decides by: they are killed once, as unanswered. In v1
//! the code that speaks to Kubernetes is that of v2: each of its writes is killed once, as unanswered, and no read is; what is written to
//! ThoughtSpot is killed at all three moments in both. These are some thousand crashes, and ten minutes of two cores. A run makes one tenant
//! and kills at one request of each step of its life, since making a tenant costs more than anything else.

mod leavers;
mod lifecycles;
mod run;
mod stage;
mod tenant;
mod world;

use rstest::rstest;
use thoughtspot_crds::Dialect::{self, V1, V2};

use lifecycles::Lifecycle;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn killed_anywhere_while_a_tenant_is_created_changed_and_deleted(#[values(V1, V2)] dialect: Dialect) {
    run::sweep(&[Lifecycle::Create, Lifecycle::Change, Lifecycle::End], dialect).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn killed_anywhere_while_people_arrive_leave_and_come_back(#[values(V1, V2)] dialect: Dialect) {
    run::sweep(&[Lifecycle::Arrive, Lifecycle::Leave, Lifecycle::Return], dialect).await;
}
