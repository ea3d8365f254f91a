//! Whether what exists may be taken over. Pure.

use thoughtspot_client::domain::Login;
use thoughtspot_crds::{Adopt as Granted, Origin, Reason, annotations};
use thoughtspot_engine::Fault;
use thoughtspot_engine::kind::{Adopt, Change, Claim};

use crate::faults::{not_granted, stalled};
use crate::grants::Allowed;

/// Something of the declared name exists, and a resource would have it.
pub(super) struct Takeover<'a> {
    /// Such as `a group`.
    pub(super) what: &'static str,
    pub(super) name: &'a str,
    pub(super) adopt: Adopt,
    pub(super) allowed: &'a Allowed,
    /// The name of the Instance, whose grants decide.
    pub(super) instance: &'a str,
    /// The fields that have to be declared before something can be said to be as declared, and whether they are.
    pub(super) declared: &'a [(&'static str, bool)],
}

impl Takeover<'_> {
    /// Whether the resource asks for it and a grant lets its namespace.
    pub(super) fn asked_and_allowed(&self) -> Result<(), Fault> {
        let Takeover { what, name, adopt, allowed, instance, .. } = self;
        if *adopt == Adopt::No {
            let message = format!(
                "{what} named {name:?} exists already: set spec.adoptionPolicy: Adopt to take it over, or choose another spec.name; if this \
                 resource managed it before its status was lost, see {}",
                annotations::READOPT_UNTIL
            );
            return Err(stalled(Reason::AlreadyExists, message));
        }
        if allowed.adopt == Granted::Never {
            let message = format!(
                "ThoughtSpotInstance {instance} does not let this namespace take over what exists: a grant in its spec.grants with adopt: Any would"
            );
            return Err(not_granted(message));
        }
        Ok(())
    }

    /// Where only what is as declared may be taken over: whether it is. Asked last, since the answer tells what differs.
    pub(super) fn as_declared<C: Change>(&self, plan: &[C]) -> Result<Claim, Fault> {
        let Takeover { what, name, adopt, allowed, instance, declared } = self;
        let undeclared: Vec<&str> = declared.iter().filter(|(_, declared)| !declared).map(|(field, _)| *field).collect();
        if allowed.adopt == Granted::Matching && !undeclared.is_empty() {
            let message = format!(
                "ThoughtSpotInstance {instance} lets this namespace take over only what is as declared: declare {} of {what} named {name:?}",
                undeclared.join(", ")
            );
            return Err(not_granted(message));
        }
        if plan.is_empty() {
            return Ok(Claim::Adopted);
        }
        let differing = differing(plan);
        if *adopt == Adopt::IfMatching {
            let message = format!(
                "{what} named {name:?} exists already and is not as declared ({differing}): declare it as it is, or set spec.adoptionPolicy: \
                 Adopt to have it changed"
            );
            return Err(stalled(Reason::AlreadyExists, message));
        }
        if allowed.adopt == Granted::Matching {
            let message = format!(
                "ThoughtSpotInstance {instance} lets this namespace take over only what is as declared, and {what} named {name:?} is not \
                 ({differing}): declare it as it is; a grant in its spec.grants with adopt: Any would let it be changed"
            );
            return Err(not_granted(message));
        }
        Ok(Claim::Adopted)
    }
}

/// Whether what exists under the name of a resource without an id, while its Instance lets such resources take back what was theirs, was this
/// one's. Our login made it; or it is just as declared, if enough is declared to tell, and the namespace might take it over anyway: what is
/// taken back counts as created, and that must give nobody more than a grant does.
pub(super) fn was_ours<C>(
    author: Option<&String>,
    login: &Login,
    allowed: &Allowed,
    declared: &[(&'static str, bool)],
    plan: &[C],
) -> bool {
    let as_declared = plan.is_empty() && declared.iter().all(|(_, declared)| *declared);
    author == Some(&login.id) || (as_declared && allowed.adopt == Granted::Any)
}

/// Whether what was taken over may be ended: only by a namespace that might take over whatever exists. One whose grant was taken back since may
/// do no more than one whose grant is narrower; what it created itself it may delete all the same.
pub(super) fn may_delete(origin: Option<Origin>, granted: Option<&Allowed>) -> Result<(), Fault> {
    if origin == Some(Origin::Adopted) && granted.is_none_or(|allowed| allowed.adopt != Granted::Any) {
        let message = "it was taken over, and this namespace may not take over whatever exists: set deletionPolicy: Retain to let it go; a \
                       grant in spec.grants of the ThoughtSpotInstance with adopt: Any would let it be deleted";
        return Err(not_granted(message.to_owned()));
    }
    Ok(())
}

/// A resource that is being deleted and may not do as its policy says can always be let go.
pub(super) fn or_retain(fault: Fault) -> Fault {
    let Fault::Stalled { reason, message } = fault else { return fault };
    Fault::Stalled { reason, message: format!("{message}; set deletionPolicy: Retain to let it go") }
}

/// The fields that differ, or what else would be done.
fn differing<C: Change>(plan: &[C]) -> String {
    let of = |change: &C| {
        let fields: Vec<String> = change.differences().into_iter().map(|difference| difference.field).collect();
        if fields.is_empty() { change.to_string() } else { fields.join(", ") }
    };
    plan.iter().map(of).collect::<Vec<_>>().join(", ")
}
