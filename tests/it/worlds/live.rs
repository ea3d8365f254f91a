//! One world from its beginning to its rest.

use std::collections::BTreeSet;

use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};
use thoughtspot_crds::Dialect;
use thoughtspot_simulator::{Action, Dump, Rule};
use thoughtspot_testkit::eventually;

use super::check;
use super::plan::{Hand, NAMES, Plan, RESOURCES, Step, Wish, kind};
use crate::bench::{ACME, Bench, ORG, PATIENCE, condition, conditions};

/// What a thing is shown by when somebody else made it, or changed it.
pub(super) const BY_HAND: &str = "By hand";

/// A world as it goes on.
pub(super) struct World<'a> {
    pub(super) plan: &'a Plan,
    pub(super) bench: Bench,
    pub(super) wishes: Vec<Wish>,
    /// What was changed by hand after the beginning.
    pub(super) touched: BTreeSet<usize>,
    rests: usize,
}

pub(super) async fn live(plan: &Plan) {
    let bench = Bench::idle("world", Dialect::V2).await;
    let wish = |which: usize| Wish { shown: "Shown 0".to_owned(), groups: [which == 2, false], declared: true };
    let wishes = (0..RESOURCES).map(wish).collect();
    let mut world = World { plan, bench, wishes, touched: BTreeSet::new(), rests: 0 };
    world.begin();
    let before = world.bench.thoughtspot.state();
    world.bench.run();
    world.bench.connect().await;
    world.bench.apply(&ACME.replace("spec: {", "spec: { adoptionPolicy: Adopt,")).await;
    for which in 0..RESOURCES {
        world.declare(which).await;
    }
    for step in &plan.steps {
        world.take(step).await;
    }
    world.bench.thoughtspot.clear_faults();
    world.rest().await;
    check::as_declared(&world).await;
    check::hands_off(&world, &before);
    let writes = world.bench.thoughtspot.counters().writes;
    world.rest().await;
    assert_eq!(world.bench.thoughtspot.counters().writes, writes, "the next pass still writes");
    world.bench.end().await;
}

impl World<'_> {
    /// What exists before: a foreign Org with somebody in it, and of what is declared whatever the plan says.
    fn begin(&self) {
        self.bench.thoughtspot.edit(|world| {
            world.create_org("foreign", Some("not ours")).unwrap();
            world.create_group("foreign", "first", "Them").unwrap();
            world.create_user("fritz", "Fritz", &["foreign"]).unwrap();
            world.create_org("acme", None).unwrap();
            for (which, name) in NAMES.into_iter().enumerate().filter(|(which, _)| self.plan.resources[*which].exists) {
                if which < 2 {
                    world.create_group("acme", name, BY_HAND).unwrap();
                } else {
                    world.create_user(name, BY_HAND, &["acme"]).unwrap();
                }
            }
        });
    }

    async fn declare(&mut self, which: usize) {
        self.wishes[which].declared = true;
        let manifest = self.plan.resources[which].manifest(which, &self.wishes[which]);
        // What is being deleted goes first.
        let going = self.bench.get(kind(which), NAMES[which]).await["metadata"]["deletionTimestamp"].is_string();
        if going {
            self.bench.thoughtspot.clear_faults();
            self.bench.gone(kind(which), NAMES[which]).await;
        }
        self.bench.apply(&manifest).await;
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Edit(which, name) => {
                self.wishes[*which].shown = format!("Shown {name}");
                self.apply_if_declared(*which).await;
            }
            Step::Join(which, groups) => {
                self.wishes[*which].groups = *groups;
                self.apply_if_declared(*which).await;
            }
            Step::Delete(which) => {
                self.wishes[*which].declared = false;
                let api = self.bench.api(kind(*which), &self.bench.namespace);
                // It may be gone by now.
                let _ = api.delete(NAMES[*which], &DeleteParams::default()).await;
            }
            Step::Declare(which) => self.declare(*which).await,
            Step::ByHand(hand) => self.by_hand(hand),
            Step::Lose => {
                for route in ["POST */create", "POST */update", "POST */delete"] {
                    self.bench.thoughtspot.fault(Rule::route(route, Action::CommitThenDrop).times(1));
                }
            }
            Step::Refuse(times) => self.bench.thoughtspot.fault(Rule::route("*", Action::refuse(503)).times(*times)),
            Step::Restart => {
                self.bench.end().await;
                self.bench.run();
            }
            Step::Rest => {
                self.bench.thoughtspot.clear_faults();
                self.rest().await;
            }
        }
    }

    async fn apply_if_declared(&mut self, which: usize) {
        if self.wishes[which].declared {
            self.declare(which).await;
        }
    }

    /// What is not there, or refused, is not done.
    fn by_hand(&mut self, hand: &Hand) {
        let touched = self.bench.thoughtspot.edit(|world| match hand {
            Hand::Shows(which) if *which < 2 => world.set_group_display_name("acme", NAMES[*which], BY_HAND).map(|()| *which),
            Hand::Shows(which) => world.set_user_display_name(NAMES[*which], BY_HAND).map(|()| *which),
            Hand::Deletes(which) if *which < 2 => world.delete_group("acme", NAMES[*which]).map(|()| *which),
            Hand::Deletes(which) => world.delete_user(NAMES[*which]).map(|()| *which),
            Hand::Removes { user, group } => world.remove_from_group("acme", NAMES[*group], NAMES[*user]).map(|()| *user),
        });
        self.touched.extend(touched);
    }

    /// Waits until each resource has been looked at and is as declared, or says what is in the way; or is gone, if it is to go.
    pub(super) async fn rest(&mut self) {
        self.bench.ready(ORG, "acme").await;
        self.rests += 1;
        let token = self.rests.to_string();
        let request = json!({ "metadata": { "annotations": { "thoughtspot.dev/reconcile-requested-at": token } } });
        for (which, name) in NAMES.into_iter().enumerate() {
            if self.wishes[which].declared {
                let api = self.bench.api(kind(which), &self.bench.namespace);
                api.patch(name, &PatchParams::default(), &Patch::Merge(request.clone())).await.unwrap();
            }
        }
        for (which, name) in NAMES.into_iter().enumerate() {
            let (kind, declared) = (kind(which), self.wishes[which].declared);
            eventually(&format!("{kind} {name} comes to rest"), PATIENCE, async || {
                let object = self.bench.get(kind, name).await;
                if rests(&object, declared, &token, self.lacks_a_group(which)) { Ok(()) } else { Err(conditions(&object)) }
            })
            .await;
        }
    }

    /// Whether it names a group that ThoughtSpot does not have.
    fn lacks_a_group(&self, which: usize) -> bool {
        let state = self.bench.thoughtspot.state();
        which >= 2 && (0..2).any(|group| self.wishes[which].groups[group] && shown(&state, group).is_none())
    }
}

/// `may_wait`: what it names does not exist, and nobody makes it.
fn rests(object: &Value, declared: bool, token: &str, may_wait: bool) -> bool {
    if !declared {
        return object.is_null();
    }
    let current = object["metadata"]["generation"] == object["status"]["observedGeneration"];
    let is = |type_: &str| condition(object, type_)["status"] == "True";
    let waits = may_wait && is("Reconciling") && condition(object, "Reconciling")["reason"] == "NotReady";
    // Who waits for another has not looked at ThoughtSpot.
    let asked = object["status"]["lastHandledReconcileAt"] == token || waits || is("Stalled");
    current && asked && (is("Ready") || is("Stalled") || is("Drifted") || waits)
}

/// What a thing is shown by, if it exists.
pub(super) fn shown(state: &Dump, which: usize) -> Option<String> {
    if which < 2 {
        state.group("acme", NAMES[which]).map(|group| group.display_name.clone())
    } else {
        state.user(NAMES[which]).map(|user| user.display_name.clone())
    }
}
