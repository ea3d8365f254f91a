//! Why the world refuses an operation, in words that no API version owns.

use super::Actor;
use super::links::Operation;
use std::collections::BTreeSet;
use std::fmt;

/// What kind of refusal it is. Each API version chooses its own status and code for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The name is taken, or still held by an Org that was deleted.
    Duplicate,
    /// The object the request is about does not exist, or not for this caller.
    Unknown,
    /// The request names another object (a group, a user) that does not exist here.
    UnknownReference,
    /// The request names an Org that does not exist.
    UnknownOrg,
    /// A value breaks a rule.
    Invalid,
    /// The caller may not do this.
    Forbidden,
    /// The cluster has this feature switched off.
    FeatureOff,
    /// The object is built in and may not be deleted.
    Protected,
    /// The password breaks the rules.
    Password,
    /// Missing, wrong, expired or revoked credentials.
    Unauthenticated,
    /// Good credentials, but no access to the Org asked for.
    NoOrgAccess,
    /// The content the request is about does not exist, on a call that says so with 404.
    NotFound,
    /// Other objects depend on it.
    Dependents,
    /// The id that was chosen for an object is taken.
    DuplicateObjectId,
    /// The object does not allow it: it belongs to another Org.
    ForbiddenOperation,
    /// The server fails over what it was sent, and says nothing useful.
    Internal,
    /// A row of the page cannot be resolved, so the whole page is refused.
    Unresolvable,
    /// The gateway in front of the services does not understand the request: a field is missing or of the wrong type.
    Malformed,
    /// There is no such route.
    NoRoute,
    /// The body is not JSON by its content type.
    MediaType,
}

/// A refused operation. Nothing has changed when one is returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of refusal it is.
    pub cause: Cause,
    /// The message for the caller.
    pub text: String,
    /// The status of the answer, where the call documents another one than is usual for the cause.
    pub(crate) status: Option<u16>,
}

impl Refusal {
    /// A refusal of this kind with this message.
    pub fn new(cause: Cause, text: impl Into<String>) -> Self {
        Self { cause, text: text.into(), status: None }
    }

    /// The same refusal, answered with this status.
    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }

    pub(crate) fn duplicate(kind: &str, name: &str) -> Self {
        Self::new(Cause::Duplicate, format!("{kind} with name {name} already exists"))
    }

    pub(crate) fn unknown_principal(identifier: &str) -> Self {
        let text = format!("Principal object does not exist corresponding to the identifier {identifier}");
        Self::new(Cause::Unknown, text)
    }

    /// An object of content that a list names; nothing of the list is done.
    pub(crate) fn unknown_object(identifier: &str) -> Self {
        Self::new(Cause::UnknownReference, format!("Object does not exist corresponding to the identifier {identifier}"))
    }

    pub(crate) fn foreign_object(name: &str) -> Self {
        Self::new(Cause::ForbiddenOperation, format!("Forbidden operation: {name} belongs to another Org"))
    }

    /// A principal that the request names, beside the one it is about.
    pub(crate) fn unknown_reference(identifier: &str) -> Self {
        Self { cause: Cause::UnknownReference, ..Self::unknown_principal(identifier) }
    }

    pub(crate) fn unknown_org(identifier: &str) -> Self {
        Self::new(Cause::UnknownOrg, format!("Org not found corresponding to the org_identifier: {identifier}"))
    }

    pub(crate) fn invalid_references(what: &str, identifiers: &[String]) -> Self {
        Self::new(Cause::UnknownReference, format!("Invalid {what} identifiers: {}", identifiers.join(", ")))
    }

    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self::new(Cause::Invalid, text)
    }

    pub(crate) fn unauthenticated() -> Self {
        Self::new(Cause::Unauthenticated, "Unauthorized: the token is missing, expired or revoked")
    }

    pub(crate) fn feature_off(feature: &str) -> Self {
        Self::new(Cause::FeatureOff, format!("{feature} are not enabled on this cluster"))
    }

    pub(crate) fn forbidden(text: impl Into<String>) -> Self {
        Self::new(Cause::Forbidden, text)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Refusal {}

/// Refuses the removal of members that are not there, when the settings say so.
pub(super) fn refuse_absent<T: Ord>(
    actor: &Actor<'_>,
    operation: Operation,
    current: &BTreeSet<T>,
    named: &BTreeSet<T>,
) -> Result<(), Refusal> {
    if operation == Operation::Remove && actor.settings.refuse_removing_absent && !named.is_subset(current) {
        return Err(Refusal::invalid("Cannot remove what is not a member"));
    }
    Ok(())
}
