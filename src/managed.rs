//! What a resource says of itself, whatever the world around it looks like: what it stands for, and what its end comes to. Pure, and below
//! everything that finds out about others.

use std::collections::BTreeSet;
use std::fmt::Display;

use kube::ResourceExt;
use thoughtspot_crds::{
    GroupDeletionPolicy, ManagementPolicy, ObjectStatus, OnDelete, OrgDeletionPolicy, Origin, Reason, ThoughtSpotGroup,
    ThoughtSpotOrg, ThoughtSpotUser, UserDeletionPolicy, marks,
};
use thoughtspot_engine::cache::{Cached, Key};
use thoughtspot_engine::conditions::STALLED;

/// Who or what ends: a user, a group, an Org, by a word that is the same whichever resource says so. One that loses several things at once
/// counts once.
pub type Subject = String;

/// A resource that stands for an object in ThoughtSpot.
pub trait ManagedResource: Cached {
    /// The id of the object.
    type Id: Display;
    /// What the object is, in a [`Subject`].
    const NOUN: &'static str;

    /// The id of the object last seen, managed or only observed.
    fn seen_id(&self) -> Option<&Self::Id>;
    /// The part of status that all kinds have.
    fn object_status(&self) -> Option<&ObjectStatus>;
    /// The name that the object is to have, where the spec says so.
    fn declared_name(&self) -> Option<&str>;
    fn management_policy(&self) -> ManagementPolicy;
    fn is_suspended(&self) -> bool;
    /// What deleting the resource comes to, by how the object came to be ours.
    fn ends_in(&self, origin: Option<Origin>) -> OnDelete;

    /// What deleting the resource comes to.
    fn on_delete(&self) -> OnDelete {
        self.ends_in(self.object_status().and_then(|status| status.origin))
    }

    /// The id of the object that this resource holds. One that was only observed is not held: to manage it is to adopt it.
    fn held_id(&self) -> Option<&Self::Id> {
        self.object_status().filter(|status| status.origin.is_some()).and(self.seen_id())
    }

    /// The name in ThoughtSpot that a resource declares, if only by its own name.
    fn wanted_name(&self) -> String {
        self.declared_name().map_or_else(|| self.name_any(), str::to_owned)
    }

    /// The names of the object: the one it is to have and the one it has.
    fn names(&self) -> BTreeSet<String> {
        let has = self.object_status().and_then(|status| status.name.clone());
        has.into_iter().chain([self.wanted_name()]).collect()
    }

    /// The name that the object has or, before it was seen, is to have.
    fn current_name(&self) -> String {
        self.object_status().and_then(|status| status.name.clone()).unwrap_or_else(|| self.wanted_name())
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
        let mut conditions = self.object_status().into_iter().flat_map(|status| &status.conditions);
        if let Some(stalled) = conditions.find(|c| c.type_ == STALLED && c.observed_generation == self.meta().generation) {
            return stalled.reason == Reason::DeletionsHeld.as_str();
        }
        let acts = self.management_policy().writes() && !self.is_suspended();
        let held = self.finalizers().iter().any(|finalizer| finalizer == marks::FINALIZER);
        acts && held && self.meta().deletion_timestamp.is_some() && self.on_delete() != OnDelete::Retain
    }
}

impl ManagedResource for ThoughtSpotOrg {
    type Id = i64;
    const NOUN: &'static str = "org";

    fn seen_id(&self) -> Option<&i64> {
        self.status.as_ref()?.id.as_ref()
    }

    fn object_status(&self) -> Option<&ObjectStatus> {
        self.status.as_ref().map(|status| &status.object)
    }

    fn declared_name(&self) -> Option<&str> {
        self.spec.name.as_deref()
    }

    fn management_policy(&self) -> ManagementPolicy {
        self.spec.management_policy
    }

    fn is_suspended(&self) -> bool {
        self.spec.suspend
    }

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

    fn seen_id(&self) -> Option<&String> {
        self.status.as_ref()?.id.as_ref()
    }

    fn object_status(&self) -> Option<&ObjectStatus> {
        self.status.as_ref().map(|status| &status.object)
    }

    fn declared_name(&self) -> Option<&str> {
        self.spec.name.as_deref()
    }

    fn management_policy(&self) -> ManagementPolicy {
        self.spec.management_policy
    }

    fn is_suspended(&self) -> bool {
        self.spec.suspend
    }

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

    fn seen_id(&self) -> Option<&String> {
        self.status.as_ref()?.id.as_ref()
    }

    fn object_status(&self) -> Option<&ObjectStatus> {
        self.status.as_ref().map(|status| &status.object)
    }

    fn declared_name(&self) -> Option<&str> {
        self.spec.name.as_deref()
    }

    fn management_policy(&self) -> ManagementPolicy {
        self.spec.management_policy
    }

    fn is_suspended(&self) -> bool {
        self.spec.suspend
    }

    /// Unset, what can be taken back; what was not made for the resource stays as it was found.
    fn ends_in(&self, origin: Option<Origin>) -> OnDelete {
        match (self.spec.deletion_policy, origin) {
            (Some(UserDeletionPolicy::Deactivate), _) | (None, Some(Origin::Created) | None) => OnDelete::Deactivate,
            (Some(UserDeletionPolicy::Delete), _) => OnDelete::Delete,
            (Some(UserDeletionPolicy::Retain), _) | (None, Some(Origin::Adopted)) => OnDelete::Retain,
        }
    }
}
