//! Why a condition is as it is: a closed set of reasons.

use std::fmt;

/// Declares the closed set of reasons once: the enum, its words and the list for the documentation.
macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// Why a condition is as it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason { $($(#[doc = $doc])+ $name,)+ }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &'static [Reason] = &[$(Reason::$name,)+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Reason::$name => stringify!($name),)+ }
            }

            /// What it means and what to do, as the documentation words it.
            pub const fn meaning(self) -> &'static str {
                match self { $(Reason::$name => concat!($($doc),+),)+ }
            }
        }
    };
}

reasons! {
    /// The object is as declared.
    Ready,
    /// The object was found and compared, and is as declared; nothing is written while `managementPolicy` is `Observe`, or any more while it is `CreateOnly`.
    Observed,
    /// Fields differ, and `managementPolicy` is `Observe`, or `CreateOnly` and everything was as declared once: see `status.differences`.
    Drifted,
    /// Somebody keeps changing a field back: see `status.differences`. It is repaired ever more rarely; find out who, or take the field out of `spec`.
    Fought,
    /// `spec.suspend` is true: nothing is read or written until it is not.
    Suspended,
    /// Everything this resource names exists, is ready and may be used.
    Resolved,
    /// Something this resource names does not exist or is not ready yet. It is picked up when it is.
    NotReady,
    /// The owner of something this resource names does not grant its use. The message says which field of the owner would.
    NotGranted,
    /// ThoughtSpot accepts the credentials.
    Accepted,
    /// ThoughtSpot refuses the credentials: correct the Secret.
    BadCredentials,
    /// The Secret is of another type, lacks a key or label, does not name the host of this Instance, or was not made for this user.
    InvalidSecret,
    /// The operator may not reach this host, or not at the address that its name leads to: whoever installed it sets `--allowed-hosts` and `--private-hosts`.
    HostNotAllowed,
    /// The host shows no certificate that is good for it: the message says what is wrong.
    Untrusted,
    /// The address shows another ThoughtSpot than the one this Instance was connected to before.
    DifferentInstance,
    /// ThoughtSpot cannot be reached or gives no clear answer. It is tried again.
    Unavailable,
    /// ThoughtSpot asks to slow down. It is tried again.
    Throttled,
    /// The login may not do this in ThoughtSpot: give it the privilege the message names.
    Forbidden,
    /// The login has no access to this Org: add it there, or let the operator manage the Org.
    NoOrgAccess,
    /// ThoughtSpot refuses what the resource declares.
    Refused,
    /// ThoughtSpot does not take the password. It is tried again when its Secret or the resource changes, or on request.
    PasswordRejected,
    /// The resource is not valid: correct the field that the message names.
    Invalid,
    /// An object of this name exists and was not created by this resource: set `adoptionPolicy: Adopt`, or choose another name.
    AlreadyExists,
    /// An Org of this name was deleted, and ThoughtSpot holds its name for seven days: wait, or choose another name.
    NameHeld,
    /// Another resource manages this object.
    Conflict,
    /// The object is one that ThoughtSpot or the operator cannot do without, or belongs to somebody with more rights: it is left alone.
    Protected,
    /// Nothing of this name or id exists in ThoughtSpot.
    NotFound,
    /// The Org was deleted in ThoughtSpot and is not created again by itself.
    DeletedExternally,
    /// The resource is being deleted, and what it stands for may not be deleted yet: the message says what is missing.
    DeletionBlocked,
    /// More users, groups and Orgs are due to be deleted, deactivated or removed from something than the Instance allows within a minute: none is, until a person says so there.
    DeletionsHeld,
    /// Deleting the user would leave its content without an owner: set `transferContentTo`, or `deletionPolicy: Deactivate` or `Retain`.
    OwnsContent,
    /// The resource is being deleted and waits for those that use it.
    InUse,
    /// A change made a moment ago is not visible yet, or somebody else changed the resource meanwhile. It is tried again.
    Progressing,
    /// Ready; some lists of this Instance cannot be read whole and are read object by object.
    ReadOneByOne,
    /// The operator failed in a way that is a defect of its own. It is tried again.
    InternalError,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
