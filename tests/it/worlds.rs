//! Generated worlds: what is declared, what exists before, who does what and what fails in which order. However it went, each resource
//! ends as declared or says what is in the way, nobody else's objects have changed, and there is nothing left to do.
//!
//! Each world has a number, which a failure names; `WORLDS=17..18` runs one again, `WORLDS=100..500` looks further.

mod check;
mod live;
mod plan;

use std::ops::Range;
use std::panic::AssertUnwindSafe;

use futures::{FutureExt, StreamExt, stream};

/// How many go on at once. Each is idle most of the time.
const AT_ONCE: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn every_world_comes_to_rest_as_declared_or_says_why_not() {
    let runs = numbers().map(|number| async move {
        let plan = plan::Plan::of(number);
        let outcome = AssertUnwindSafe(live::live(&plan)).catch_unwind().await;
        outcome.err().map(|panic| {
            let panic = panic.downcast_ref::<String>().map_or("a panic", String::as_str);
            format!("WORLDS={number}..{}: {panic}\n{plan:#?}", number + 1)
        })
    });
    let failures: Vec<String> = stream::iter(runs).buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await;
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

fn numbers() -> Range<u64> {
    let Ok(chosen) = std::env::var("WORLDS") else { return 0..24 };
    let (from, to) = chosen.split_once("..").unwrap();
    from.parse().unwrap()..to.parse().unwrap()
}
