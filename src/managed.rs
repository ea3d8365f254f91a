//! What a resource says of itself, whatever the world around it looks like: what it stands for, and what its end comes to. Pure, and below
//! everything that finds out about others.

use std::collections::BTreeSet;
use std::fmt::Display;

use kube::ResourceExt;
use thoughtspot_crds::{
    AdoptionPolicy, GroupDeletionPolicy, ManagementPolicy, ObjectStatus, OnDelete, OrgDeletionPolicy, Origin, Reason,
    ThoughtSpotGroup, ThoughtSpotInstance, ThoughtSpotOrg, ThoughtSpotUser, UserDeletionPolicy, marks,
};
use thoughtspot_engine::cache::{Cached, Key};
use thoughtspot_engine::conditions::STALLED;

/// Who or what ends: a user, a group, an Org, by a word that is the same whichever resource says so. One that loses several things at once
/// counts once.
pub type Subject = String;

/// Whether a resource carries our finalizer: Kubernetes lets it go only after us.
pub fn is_held<K: ResourceExt>(resource: &K) -> bool {
    resource.finalizers().iter().any(|finalizer| finalizer == marks::FINALIZER)
}

/// The type of the condition by which an Instance says that endings are held.
pub const DELETIONS_HELD: &str = "DeletionsHeld";

/// Whether the Instance's status says that endings are held.
pub fn shows_held(instance: &ThoughtSpotInstance) -> bool {
    instance.status.iter().flat_map(|status| &status.conditions).any(|c| c.type_ == DELETIONS_HELD)
}

/// What every kind of resource has.
pub struct Common<'a, Id> {
    pub status: Option<&'a ObjectStatus>,
    /// The id of the object last seen, managed or only observed.
    pub id: Option<&'a Id>,
    /// The name that the object is to have, where the spec says so.
    pub name: Option<&'a str>,
    pub policy: ManagementPolicy,
    pub adoption: AdoptionPolicy,
    pub suspended: bool,
}

/// A resource that stands for an object in ThoughtSpot.
pub trait ManagedResource: Cached {
    /// The id of the object.
    type Id: Display;
    /// What the object is, in a [`Subject`].
    const NOUN: &'static str;

    /// What every kind has, each in its own place.
    fn common(&self) -> Common<'_, Self::Id>;
    /// What deleting the resource comes to, by how the object came to be ours.
    fn ends_in(&self, origin: Option<Origin>) -> OnDelete;

    /// What deleting the resource comes to.
    fn on_delete(&self) -> OnDelete {
        self.ends_in(self.common().status.and_then(|status| status.origin))
    }

    /// The id of the object that this resource holds. One that was only observed is not held: to manage it is to adopt it.
    fn held_id(&self) -> Option<&Self::Id> {
        let Common { status, id, .. } = self.common();
        id.filter(|_| status.is_some_and(|status| status.origin.is_some()))
    }

    /// The name in ThoughtSpot that a resource declares, if only by its own name.
    fn wanted_name(&self) -> String {
        self.common().name.map_or_else(|| self.name_any(), str::to_owned)
    }

    /// The names of the object: the one it is to have and the one it has.
    fn names(&self) -> BTreeSet<String> {
        let has = self.common().status.and_then(|status| status.name.clone());
        has.into_iter().chain([self.wanted_name()]).collect()
    }

    /// The name that the object has or, before it was seen, is to have.
    fn current_name(&self) -> String {
        self.common().status.and_then(|status| status.name.clone()).unwrap_or_else(|| self.wanted_name())
    }

    /// What other resources read of it: its spec, by the generation, and the id and the name of the object.
    fn read_by_others(&self) -> (Option<i64>, Option<String>, Option<String>) {
        let Common { status, id, .. } = self.common();
        (self.meta().generation, id.map(ToString::to_string), status.and_then(|status| status.name.clone()))
    }

    /// What counts when the object of this id ends.
    fn subject_of(id: &Self::Id) -> Subject {
        format!("{} {id}", Self::NOUN)
    }

    /// What counts when it ends.
    fn subject(&self) -> Subject {
        self.held_id().map_or_else(|| format!("{} of {}", Self::NOUN, Key::of(self)), Self::subject_of)
    }

    /// Whether an ending of what this resource stands for is due: it was held back when last looked at, or the resource is being deleted,
    /// which ends something, and nothing else was found to stand in the way.
    fn is_due(&self) -> bool {
        let Common { status, policy, suspended, .. } = self.common();
        let mut conditions = status.into_iter().flat_map(|status| &status.conditions);
        if let Some(stalled) = conditions.find(|c| c.type_ == STALLED && c.observed_generation == self.meta().generation) {
            return stalled.reason == Reason::DeletionsHeld.as_str();
        }
        let acts = policy.writes() && !suspended;
        acts && is_held(self) && self.meta().deletion_timestamp.is_some() && self.on_delete() != OnDelete::Retain
    }
}

/// The specs and statuses of the kinds are types of their own, with the same fields.
macro_rules! common {
    ($id:ty) => {
        fn common(&self) -> Common<'_, $id> {
            let (spec, status) = (&self.spec, self.status.as_ref());
            Common {
                status: status.map(|status| &status.object),
                id: status.and_then(|status| status.id.as_ref()),
                name: spec.name.as_deref(),
                policy: spec.management_policy,
                adoption: spec.adoption_policy,
                suspended: spec.suspend,
            }
        }
    };
}

impl ManagedResource for ThoughtSpotOrg {
    type Id = i64;
    const NOUN: &'static str = "org";

    common!(i64);

    fn ends_in(&self, _origin: Option<Origin>) -> OnDelete {
        match self.spec.deletion_policy {
            None | Some(OrgDeletionPolicy::Retain) => OnDelete::Retain,
            Some(OrgDeletionPolicy::DeleteIfEmpty) => OnDelete::DeleteIfEmpty,
            Some(OrgDeletionPolicy::Delete) => OnDelete::Delete,
        }
    }
}

impl ManagedResource for ThoughtSpotGroup {
    type Id = String;
    const NOUN: &'static str = "group";

    common!(String);

    fn ends_in(&self, _origin: Option<Origin>) -> OnDelete {
        match self.spec.deletion_policy {
            None | Some(GroupDeletionPolicy::Retain) => OnDelete::Retain,
            Some(GroupDeletionPolicy::Delete) => OnDelete::Delete,
        }
    }
}

impl ManagedResource for ThoughtSpotUser {
    type Id = String;
    const NOUN: &'static str = "user";

    common!(String);

    /// Unset, what can be taken back; what was not made for the resource stays as it was found.
    fn ends_in(&self, origin: Option<Origin>) -> OnDelete {
        match (self.spec.deletion_policy, origin) {
            (Some(UserDeletionPolicy::Deactivate), _) | (None, Some(Origin::Created) | None) => OnDelete::Deactivate,
            (Some(UserDeletionPolicy::Delete), _) => OnDelete::Delete,
            (Some(UserDeletionPolicy::Retain), _) | (None, Some(Origin::Adopted)) => OnDelete::Retain,
        }
    }
}
