//! The custom resources `thoughtspot.dev/v1alpha1`: types, validation rules, conditions, reasons.
//!
//! Invariants: no client, no runtime, no I/O. What can be judged without a network is judged here, by the API server (bounds and
//! CEL), with a message that says what to write. A field exists only once the operator acts on it.
//!
//! Start at [`org`], the smallest kind; [`common`] holds what the kinds share, [`condition`] what they say in status.

#![expect(unreachable_pub, reason = "KubeSchema repeats each struct inside a function")]
#![expect(clippy::duplicated_attributes, reason = "each printer column has a name, a type and a path")]

pub mod common;
pub mod condition;
pub mod grant;
pub mod group;
pub mod instance;
pub mod link;
pub mod membership;
pub mod org;
pub mod preferences;
pub mod protection;
pub mod user;

pub use common::{
    AdoptionPolicy, ById, Difference, LocalReference, ManagementPolicy, ObjectStatus, OnDelete, Origin, Reference,
    SecretKeyReference, Visibility,
};
pub use condition::Reason;
pub use grant::{Adopt, Grant, NamespaceChoice, Namespaces, OrgGrant};
pub use group::{GroupDeletionPolicy, ThoughtSpotGroup, ThoughtSpotGroupSpec, ThoughtSpotGroupStatus};
pub use instance::{Dialect, SystemIds, ThoughtSpotInstance, ThoughtSpotInstanceSpec, ThoughtSpotInstanceStatus};
pub use membership::{GroupGrant, GroupMembership, LeftAlone, Members, Membership, UserMembership};
pub use org::{OrgDeletionPolicy, ThoughtSpotOrg, ThoughtSpotOrgSpec, ThoughtSpotOrgStatus};
pub use protection::Protection;
pub use user::{ThoughtSpotUser, ThoughtSpotUserSpec, ThoughtSpotUserStatus, UserDeletionPolicy};

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;

/// Every custom resource definition, in the order they are best applied in.
pub fn definitions() -> Vec<CustomResourceDefinition> {
    vec![ThoughtSpotInstance::crd(), ThoughtSpotOrg::crd(), ThoughtSpotGroup::crd(), ThoughtSpotUser::crd()]
}

/// What people write on resources and Secrets: annotations, a label, a Secret type.
pub mod annotations {
    /// Changing its value asks for a pass now; answered in `status.lastHandledReconcileAt`.
    pub const RECONCILE_REQUESTED_AT: &str = "thoughtspot.dev/reconcile-requested-at";
    /// On an Org with `deletionPolicy: Delete` or `DeleteIfEmpty`: its id in ThoughtSpot, said once more, since it cannot be undone.
    pub const ALLOW_DELETION: &str = "thoughtspot.dev/allow-deletion";
    /// On an Org that was deleted in ThoughtSpot: its old id, to have it created again, empty.
    pub const RECREATE: &str = "thoughtspot.dev/recreate";
    /// On an Instance of a ThoughtSpot that tells no id: the new `spec.url`, said once more, when it changes.
    pub const ACCEPT_URL: &str = "thoughtspot.dev/accept-url";
    /// On an Instance: the time until which everything that is due to end may end, however much it is.
    pub const ALLOW_DELETIONS_UNTIL: &str = "thoughtspot.dev/allow-deletions-until";
    /// On an Instance whose cluster lost the status of its resources: until this time (RFC 3339, at most 7 days ahead) they take back
    /// what exists under their names.
    pub const READOPT_UNTIL: &str = "thoughtspot.dev/readopt-until";
    /// The type of a Secret that an Instance may use.
    pub const CREDENTIALS_TYPE: &str = "thoughtspot.dev/credentials";
    /// On a Secret that holds a user's password, with the value `true`.
    pub const PASSWORD_LABEL: &str = "thoughtspot.dev/password";
}

/// Annotations and finalizers that the operator writes.
pub mod marks {
    /// On whatever must not go before the operator has seen to the other side.
    pub const FINALIZER: &str = "thoughtspot.dev/finalizer";
    /// On a credentials Secret while an Instance uses it.
    pub const SECRET_IN_USE: &str = "thoughtspot.dev/in-use";
    /// What is about to be created, and for which uid: proof that an object found later is ours.
    pub const INTENT: &str = "thoughtspot.dev/intent";
    /// On a Secret made for a generated password: the uid of the user it was made for.
    pub const GENERATED_FOR: &str = "thoughtspot.dev/generated-for";
    /// On such a Secret: when its password was made.
    pub const GENERATED_AT: &str = "thoughtspot.dev/generated-at";
}
