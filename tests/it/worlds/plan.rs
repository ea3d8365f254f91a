//! A world as it is generated: data, and the manifests that declare it.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::bench::{GROUP, USER};

/// Two groups and two users of one Org.
pub(super) const RESOURCES: usize = 4;

#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) resources: Vec<Resource>,
    pub(super) steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) management: &'static str,
    pub(super) adoption: &'static str,
    pub(super) deletion: &'static str,
    /// Whether ThoughtSpot has something of this name before, shown by another name than is declared.
    pub(super) exists: bool,
}

/// What somebody does, or what befalls the operator. A number chooses a resource.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// It is to be shown by another name.
    Edit(usize, u8),
    /// A user is to be in these groups: the first, the second.
    Join(usize, [bool; 2]),
    Delete(usize),
    Declare(usize),
    ByHand(Hand),
    /// The next change is made, and its answer lost.
    Lose,
    /// That many requests are refused.
    Refuse(u32),
    Restart,
    /// Nobody does anything until all is quiet.
    Rest,
}

/// What somebody does in ThoughtSpot.
#[derive(Clone, Debug)]
pub(super) enum Hand {
    /// Changes what it is shown by.
    Shows(usize),
    /// Deletes it.
    Deletes(usize),
    /// Takes a user out of a group.
    Removes { user: usize, group: usize },
}

impl Plan {
    /// The world of this number, always the same.
    pub(super) fn of(number: u64) -> Plan {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&number.to_le_bytes());
        let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
        plans().new_tree(&mut runner).unwrap().current()
    }
}

fn plans() -> impl Strategy<Value = Plan> {
    let resources = prop::collection::vec(resource(), RESOURCES);
    (resources, prop::collection::vec(step(), 3..10)).prop_map(|(resources, steps)| Plan { resources, steps })
}

fn resource() -> impl Strategy<Value = Resource> {
    let management = prop_oneof![6 => Just("Manage"), 1 => Just("Observe"), 1 => Just("CreateOnly")];
    let adoption = prop_oneof![2 => Just("Fail"), 1 => Just("AdoptIfMatching"), 2 => Just("Adopt")];
    let deletion = prop_oneof![Just("Retain"), Just("Delete")];
    (management, adoption, deletion, prop::bool::weighted(0.3)).prop_map(|(management, adoption, deletion, exists)| Resource {
        management,
        adoption,
        deletion,
        exists,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let which = || 0..RESOURCES;
    let user = || 2..RESOURCES;
    prop_oneof![
        3 => (which(), 0..3_u8).prop_map(|(which, name)| Step::Edit(which, name)),
        3 => (user(), any::<[bool; 2]>()).prop_map(|(which, groups)| Step::Join(which, groups)),
        2 => which().prop_map(Step::Delete),
        2 => which().prop_map(Step::Declare),
        2 => which().prop_map(Hand::Shows).prop_map(Step::ByHand),
        1 => which().prop_map(Hand::Deletes).prop_map(Step::ByHand),
        1 => (user(), 0..2_usize).prop_map(|(user, group)| Step::ByHand(Hand::Removes { user, group })),
        2 => Just(Step::Lose),
        1 => (1..4_u32).prop_map(Step::Refuse),
        2 => Just(Step::Restart),
        2 => Just(Step::Rest),
    ]
}

/// What a resource is to be at the moment.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) shown: String,
    /// Of a user.
    pub(super) groups: [bool; 2],
    pub(super) declared: bool,
}

pub(super) const NAMES: [&str; RESOURCES] = ["first", "second", "ana", "bob"];

pub(super) fn kind(which: usize) -> &'static str {
    if which < 2 { GROUP } else { USER }
}

impl Resource {
    /// Its manifest.
    pub(super) fn manifest(&self, which: usize, wish: &Wish) -> String {
        let Resource { management, adoption, deletion, .. } = self;
        let (name, shown) = (NAMES[which], &wish.shown);
        let policies = format!("managementPolicy: {management}, adoptionPolicy: {adoption}, deletionPolicy: {deletion}");
        let of_kind = if which < 2 {
            "orgRef: { name: acme }".to_owned()
        } else {
            let groups: Vec<&str> = (0..2).filter(|group| wish.groups[*group]).map(|group| NAMES[group]).collect();
            let groups = groups.join(", ");
            format!("instanceRef: {{ name: ts }}, email: {name}@example.com, orgs: [{{ name: acme, groups: [{groups}] }}]")
        };
        format!(
            "apiVersion: thoughtspot.dev/v1alpha1\nkind: {}\nmetadata: {{ name: {name} }}\nspec: {{ displayName: {shown}, {policies}, {of_kind} }}\n",
            kind(which)
        )
    }
}
