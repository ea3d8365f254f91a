//! One world from its beginning to its rest.

use std::collections::BTreeSet;

use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{V1, V2};
use thoughtspot_simulator::{Action, Dump, Rule};
use thoughtspot_testkit::eventually;

use super::check;
use super::plan::{Hand, NAMES, Plan, RESOURCES, Step, Wish, kind};
use crate::bench::{ACME, Bench, CONNECTION, INSTANCE, LOGIN, ORG, PATIENCE, USER, condition, conditions};

/// What a thing is shown by when somebody else made it, or changed it.
pub(super) const BY_HAND: &str = "By hand";

/// A world as it goes on.
pub(super) struct World<'a> {
    pub(super) plan: &'a Plan,
    pub(super) bench: Bench,
    pub(super) wishes: Vec<Wish>,
    /// What was changed by hand after the beginning.
    pub(super) touched: BTreeSet<usize>,
    /// Whose resource was deleted at some time.
    pub(super) ended: BTreeSet<usize>,
    /// Which groups were `Exclusive` at some time.
    pub(super) strict: BTreeSet<usize>,
    /// The id of the group that the visitor was put into, of each.
    pub(super) visited: [Option<String>; 2],
    rests: usize,
}

pub(super) async fn live(plan: &Plan) {
    let bench = Bench::idle("world", plan.dialect).await;
    bench.thoughtspot.set(|s| s.rbac = plan.rbac);
    let mut world = World::new(plan, bench);
    world.begin();
    let before = world.bench.thoughtspot.state();
    world.bench.run();
    world.bench.apply(LOGIN).await;
    world.bench.apply(&format!("{CONNECTION}{}", world.protection())).await;
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
    check::edges(&world).await;
    check::hands_off(&world, &before);
    let writes = world.bench.thoughtspot.counters().writes;
    world.rest().await;
    assert_eq!(world.bench.thoughtspot.counters().writes, writes, "the next pass still writes");
    world.bench.end().await;
}

impl<'a> World<'a> {
    fn new(plan: &'a Plan, bench: Bench) -> World<'a> {
        let wish = |which: usize| Wish {
            shown: "Shown 0".to_owned(),
            declared: true,
            edges: [which == 2, false],
            exclusive: false,
            nests: None,
            access: None,
        };
        let wishes = (0..RESOURCES).map(wish).collect();
        let (touched, ended, strict) = Default::default();
        World { plan, bench, wishes, touched, ended, strict, visited: [None, None], rests: 0 }
    }

    /// What the Instance says of it.
    fn protection(&self) -> String {
        let list = |which: usize| format!("{}: [{}]", if which < 2 { "groups" } else { "users" }, NAMES[which]);
        let lists = self.plan.protects.map(list);
        let brake = self.plan.brake.map(|most| format!("maxDeletions: {most}"));
        let fields: Vec<String> = lists.into_iter().chain(brake).collect();
        if fields.is_empty() { String::new() } else { format!("  protection: {{ {} }}\n", fields.join(", ")) }
    }

    /// What exists before: a foreign Org with somebody in it, and of what is declared whatever the plan says.
    fn begin(&self) {
        self.bench.thoughtspot.edit(|world| {
            world.create_org("foreign", Some("not ours")).unwrap();
            world.create_group("foreign", "first", "Them").unwrap();
            world.create_user("fritz", "Fritz", &["foreign"]).unwrap();
            world.create_org("acme", None).unwrap();
            world.create_user("visitor", "Visitor", &["acme"]).unwrap();
            if self.plan.rbac {
                world.create_role("acme", "loader", &["DATAMANAGEMENT"]).unwrap();
            }
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
            if self.may_be_held() {
                let retain = Patch::Merge(json!({ "spec": { "deletionPolicy": "Retain" } }));
                // It may be gone by now.
                let _ = self
                    .bench
                    .api(kind(which), &self.bench.namespace)
                    .patch(NAMES[which], &PatchParams::default(), &retain)
                    .await;
            }
            self.bench.gone(kind(which), NAMES[which]).await;
        }
        self.bench.apply(&manifest).await;
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Edit(which, name) => self.wish(*which, |wish| wish.shown = format!("Shown {name}")).await,
            Step::Join(which, edges) => self.wish(*which, |wish| wish.edges = *edges).await,
            Step::Nest(which, nests) => self.wish(*which, |wish| wish.nests = *nests).await,
            Step::Access(which, access) => self.wish(*which, |wish| wish.access = *access).await,
            Step::Exclusive(which, exclusive) => {
                self.strict.extend(exclusive.then_some(*which));
                self.wish(*which, |wish| wish.exclusive = *exclusive).await;
            }
            Step::Delete(which) => {
                self.wishes[*which].declared = false;
                self.ended.insert(*which);
                let api = self.bench.api(kind(*which), &self.bench.namespace);
                // It may be gone by now.
                let _ = api.delete(NAMES[*which], &DeleteParams::default()).await;
            }
            Step::Declare(which) => self.declare(*which).await,
            Step::ByHand(hand) => self.by_hand(hand),
            Step::Lose => {
                let routes: &[&str] = match self.plan.dialect {
                    V1 => &["POST v1/user/", "POST v1/group/", "POST v1/group/addmemberships", "PUT v1/*", "DELETE v1/*"],
                    V2 => &["POST */create", "POST */update", "POST */delete"],
                };
                for route in routes {
                    self.bench.thoughtspot.fault(Rule::route(*route, Action::CommitThenDrop).times(1));
                }
            }
            Step::Allow => {
                let until = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1)).to_string();
                self.bench.annotate(INSTANCE, "ts", "thoughtspot.dev/allow-deletions-until", &until).await;
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

    /// Changes what a resource is to be; one that is not declared will be so when it is.
    async fn wish(&mut self, which: usize, change: impl FnOnce(&mut Wish)) {
        change(&mut self.wishes[which]);
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
            Hand::Invites(group) => world.add_to_group("acme", NAMES[*group], "visitor").map(|()| *group),
        });
        if let (Ok(_), Hand::Invites(group)) = (&touched, hand) {
            self.visited[*group] = self.bench.thoughtspot.state().group("acme", NAMES[*group]).map(|group| group.id.clone());
            return;
        }
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
                let waits = self.lacks_something(which).await;
                let held = self.may_be_held();
                if rests(&object, declared, &token, waits, held) { Ok(()) } else { Err(conditions(&object)) }
            })
            .await;
        }
    }

    /// Whether it names what is not there: in ThoughtSpot, or, of a reference, as a resource that stands for it.
    async fn lacks_something(&self, which: usize) -> bool {
        let (state, wish) = (self.bench.thoughtspot.state(), &self.wishes[which]);
        let missing = |other: usize| shown(&state, other).is_none();
        if which >= 2 {
            return (0..2).any(|group| wish.edges[group] && missing(group));
        }
        let nobody = wish.edges[0] && self.bench.get(USER, NAMES[2]).await["status"]["id"].is_null();
        nobody || (0..2).any(|user| wish.edges[user] && missing(user + 2)) || wish.nests == Some(true) && missing(1 - which)
    }

    /// Whether what is to go may have to stay.
    fn may_be_held(&self) -> bool {
        self.plan.protects.is_some() || self.plan.brake.is_some()
    }
}

/// `may_wait`: what it names does not exist, and nobody makes it. `held`: what is to go may have to stay.
fn rests(object: &Value, declared: bool, token: &str, may_wait: bool, held: bool) -> bool {
    if !declared {
        let stalled = condition(object, "Stalled")["reason"].clone();
        return object.is_null() || held && (stalled == "DeletionsHeld" || stalled == "Protected");
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
