//! The shipped binary is killed at each of its requests in turn, to Kubernetes and to ThoughtSpot: before the request is served, after it
//! was served and not answered, and after the answer. It is started again, nobody helps, and the world is the one that is there without
//! a crash: the same objects, one of each, nobody else's touched, nothing left to do, and a status that is true.

mod lifecycles;
mod run;
mod world;

use rstest::rstest;
use thoughtspot_crds::Dialect::{self, V1, V2};

use lifecycles::Lifecycle;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn killed_anywhere_while_a_tenant_is_created(#[values(V1, V2)] dialect: Dialect) {
    run::sweep(Lifecycle::Create, dialect).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn killed_anywhere_while_a_tenant_is_changed(#[values(V1, V2)] dialect: Dialect) {
    run::sweep(Lifecycle::Change, dialect).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn killed_anywhere_while_a_tenant_is_deleted(#[values(V1, V2)] dialect: Dialect) {
    run::sweep(Lifecycle::End, dialect).await;
}
