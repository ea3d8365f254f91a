//! Whatever a name holds, it arrives as one value of the one request that carries it.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use thoughtspot_client::domain::{Lookup, OrgId};
use thoughtspot_client::port::ThoughtSpot;
use thoughtspot_simulator::Dump;

use crate::{Bench, Dialect, group, in_both, user};

in_both!(a_name_goes_over_the_wire_as_it_is_and_means_nothing_else,);

/// What a path, a query, a form, a header, JSON or a terminal would take for something else.
const PIECES: [&str; 32] = [
    "/",
    "..",
    "../..",
    "%2f",
    "%2F..",
    "?",
    "?all=true",
    "#",
    "&",
    "&admin=true",
    "=",
    "+",
    "%00",
    "\0",
    "\r\n",
    "\r\nX-A: b",
    "\"",
    "\\",
    "\"}, {\"a\":\"",
    "[",
    "]",
    ";",
    ",",
    "'",
    "<b>",
    " ",
    "\u{202e}",
    "\u{200b}",
    "а",
    "ana",
    "😀",
    "\u{1b}[2J",
];

fn names() -> impl Strategy<Value = String> {
    let piece = prop_oneof![3 => prop::sample::select(PIECES.as_slice()).prop_map(str::to_owned), 1 => "\\PC{1,3}"];
    prop_oneof![
        20 => prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat()),
        1 => Just("x".repeat(10_000)),
    ]
}

/// The names of all groups and users of Primary, and how many objects there are at all.
fn there(state: &Dump) -> (Vec<String>, usize) {
    let groups = state.groups.iter().map(|group| format!("group {}", group.name));
    let users = state.users.iter().map(|user| format!("user {}", user.name));
    let mut names: Vec<String> = groups.chain(users).collect();
    names.sort();
    (names, state.orgs.len())
}

async fn a_name_goes_over_the_wire_as_it_is_and_means_nothing_else(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = bench.far(dialect);
    far.login().await.unwrap();
    let handle = tokio::runtime::Handle::current();
    let mut runner = TestRunner::new(Config { cases: 48, failure_persistence: None, ..Config::default() });
    let outcome =
        tokio::task::spawn_blocking(move || runner.run(&names(), |name| handle.block_on(one(&bench, &*far, dialect, &name))));
    outcome.await.unwrap().unwrap();
}

async fn one(bench: &Bench, far: &dyn ThoughtSpot, dialect: Dialect, name: &str) -> Result<(), TestCaseError> {
    let p = OrgId::PRIMARY;
    let (mut before, orgs) = there(&bench.sim.state());
    let mark = bench.mark();
    let made = far.create_user(p, &user(name)).await;
    if made.is_ok() {
        before.push(format!("user {name}"));
    }
    let made = far.create_group(p, &group(name)).await;
    if made.is_ok() {
        before.push(format!("group {name}"));
        let found = far.find_group(p, Lookup::Name(name)).await;
        prop_assert_eq!(found.unwrap().map(|group| group.name), Some(name.to_owned()));
    }
    before.sort();
    prop_assert_eq!(there(&bench.sim.state()), (before, orgs));
    // The last one is asked for by id.
    let parents = "GET v1/group/{groupid}/groups";
    let expected = [dialect.create_user(), dialect.create_group(), dialect.find_user(), dialect.find_group(), parents];
    for entry in bench.sim.journal().iter().filter(|entry| entry.seq > mark) {
        prop_assert!(expected.contains(&&*entry.route), "{name:?} asked for {}", entry.route);
    }
    Ok(())
}
