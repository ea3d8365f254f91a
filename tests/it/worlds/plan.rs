//! A world as it is generated: data, and the manifests that declare it.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use thoughtspot_crds::Dialect::{self, V1, V2};

use crate::bench::{GROUP, USER};

/// Two groups and two users of one Org.
pub(super) const RESOURCES: usize = 4;

#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) dialect: Dialect,
    /// Whether groups have roles instead of privileges.
    pub(super) rbac: bool,
    /// What `spec.protection` of the Instance lists.
    pub(super) protects: Option<usize>,
    /// `spec.protection.maxDeletions`.
    pub(super) brake: Option<u8>,
    pub(super) resources: Vec<Resource>,
    pub(super) steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) management: &'static str,
    pub(super) adoption: &'static str,
    /// Empty: unset.
    pub(super) deletion: &'static str,
    /// Of a group: its privileges or its roles, as written in its spec, if any.
    pub(super) rights: &'static str,
    /// Whether ThoughtSpot has something of this name before, shown by another name than is declared.
    pub(super) exists: bool,
}

/// What somebody does, or what befalls the operator. A number chooses a resource.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// It is to be shown by another name.
    Edit(usize, u8),
    /// A user is to be in these groups, or a group is to have these members: the first, the second.
    Join(usize, [bool; 2]),
    /// Of a group: whether whoever nobody declares is thrown out.
    Exclusive(usize, bool),
    /// Of a group: whether the other one is to be in it, if it says so at all.
    Nest(usize, Option<bool>),
    /// Of a user: `spec.access`, if set.
    Access(usize, Option<&'static str>),
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
    /// A person says that what is being deleted may go.
    Allow,
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
    /// Puts a visitor whom no resource declares into a group.
    Invites(usize),
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
    let group = || resource(&["", "Retain", "Delete"], &["", "privileges: [DATADOWNLOADING]", "roles: [loader]"]);
    let user = || resource(&["", "Deactivate", "Retain", "Delete"], &[""]);
    let resources = [group().boxed(), group().boxed(), user().boxed(), user().boxed()];
    let of_instance = (
        prop_oneof![Just(V1), Just(V2)],
        prop::bool::weighted(0.2),
        prop::option::weighted(0.2, 0..RESOURCES),
        prop::option::weighted(0.25, 0..3_u8),
    );
    (of_instance, resources, prop::collection::vec(step(), 3..12)).prop_map(
        |((dialect, rbac, protects, brake), resources, steps)| Plan {
            dialect,
            rbac,
            protects,
            brake,
            resources: resources.into(),
            steps,
        },
    )
}

fn resource(deletions: &'static [&'static str], rights: &'static [&'static str]) -> impl Strategy<Value = Resource> {
    let management = prop_oneof![6 => Just("Manage"), 1 => Just("Observe"), 1 => Just("CreateOnly")];
    let adoption = prop_oneof![2 => Just("Fail"), 1 => Just("AdoptIfMatching"), 2 => Just("Adopt")];
    let (deletion, rights) = (prop::sample::select(deletions), prop::sample::select(rights));
    (management, adoption, deletion, rights, prop::bool::weighted(0.3))
        .prop_map(|(management, adoption, deletion, rights, exists)| Resource { management, adoption, deletion, rights, exists })
}

fn step() -> impl Strategy<Value = Step> {
    let which = || 0..RESOURCES;
    let group = || 0..2_usize;
    let user = || 2..RESOURCES;
    let access = prop::option::of(prop::sample::select(vec!["Enabled", "Disabled"]));
    prop_oneof![
        3 => (which(), 0..3_u8).prop_map(|(which, name)| Step::Edit(which, name)),
        5 => (which(), any::<[bool; 2]>()).prop_map(|(which, edges)| Step::Join(which, edges)),
        1 => (group(), any::<bool>()).prop_map(|(which, exclusive)| Step::Exclusive(which, exclusive)),
        1 => (group(), any::<Option<bool>>()).prop_map(|(which, nests)| Step::Nest(which, nests)),
        2 => (user(), access).prop_map(|(which, access)| Step::Access(which, access)),
        2 => which().prop_map(Step::Delete),
        2 => which().prop_map(Step::Declare),
        2 => which().prop_map(Hand::Shows).prop_map(Step::ByHand),
        1 => which().prop_map(Hand::Deletes).prop_map(Step::ByHand),
        1 => (user(), group()).prop_map(|(user, group)| Step::ByHand(Hand::Removes { user, group })),
        1 => group().prop_map(Hand::Invites).prop_map(Step::ByHand),
        2 => Just(Step::Lose),
        1 => (1..4_u32).prop_map(Step::Refuse),
        2 => Just(Step::Restart),
        2 => Just(Step::Rest),
        1 => Just(Step::Allow),
    ]
}

/// What a resource is to be at the moment.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) shown: String,
    pub(super) declared: bool,
    /// As in [`Step::Join`].
    pub(super) edges: [bool; 2],
    /// Of a group.
    pub(super) exclusive: bool,
    /// Of a group.
    pub(super) nests: Option<bool>,
    /// Of a user.
    pub(super) access: Option<&'static str>,
}

pub(super) const NAMES: [&str; RESOURCES] = ["first", "second", "ana", "bob"];

pub(super) fn kind(which: usize) -> &'static str {
    if which < 2 { GROUP } else { USER }
}

impl Resource {
    /// Its manifest.
    pub(super) fn manifest(&self, which: usize, wish: &Wish) -> String {
        let Resource { management, adoption, .. } = self;
        let (name, shown) = (NAMES[which], &wish.shown);
        let mut fields = vec![format!("displayName: {shown}, managementPolicy: {management}, adoptionPolicy: {adoption}")];
        fields.extend((!self.deletion.is_empty()).then(|| format!("deletionPolicy: {}", self.deletion)));
        fields.extend(if which < 2 { self.of_group(which, wish) } else { of_user(name, wish) });
        format!(
            "apiVersion: thoughtspot.dev/v1alpha1\nkind: {}\nmetadata: {{ name: {name} }}\nspec: {{ {} }}\n",
            kind(which),
            fields.join(", ")
        )
    }

    /// One member is declared by reference, the other by name.
    fn of_group(&self, which: usize, wish: &Wish) -> Vec<String> {
        let member = |index: usize, text: &'static str| if wish.edges[index] { text } else { "" };
        let (refs, users) = (member(0, "{ name: ana }"), member(1, "bob"));
        let mut fields = vec![format!("orgRef: {{ name: acme }}, members: {{ userRefs: [{refs}], users: [{users}] }}")];
        fields.extend((!self.rights.is_empty()).then(|| self.rights.to_owned()));
        fields.extend(wish.exclusive.then(|| "membership: { users: Exclusive }".to_owned()));
        fields.extend(wish.nests.map(|nests| format!("subGroups: [{}]", if nests { NAMES[1 - which] } else { "" })));
        fields
    }
}

fn of_user(name: &str, wish: &Wish) -> Vec<String> {
    let groups: Vec<&str> = (0..2).filter(|group| wish.edges[*group]).map(|group| NAMES[group]).collect();
    let orgs = format!("orgs: [{{ name: acme, groups: [{}] }}]", groups.join(", "));
    let mut fields = vec![format!("instanceRef: {{ name: ts }}, email: {name}@example.com, {orgs}")];
    fields.extend(wish.access.map(|access| format!("access: {access}")));
    fields
}
