//! A failed call to ThoughtSpot, as the engine's fault: who can help, and what they read.

use thoughtspot_client::Error;
use thoughtspot_crds::Reason;
use thoughtspot_engine::Fault;

/// What a failed call means for the object whose pass made it.
pub fn of(error: &Error) -> Fault {
    let message = error.to_string();
    match error {
        Error::HostNotAllowed { .. } => stalled(Reason::HostNotAllowed, message),
        Error::Untrusted { .. } => stalled(Reason::Untrusted, message),
        Error::BadCredentials { .. } => stalled(Reason::BadCredentials, message),
        Error::NoOrgAccess { login, org } => stalled(
            Reason::NoOrgAccess,
            format!("{login} has no access to Org {org}: add {login} to it, or manage the Org with managementPolicy: Manage"),
        ),
        Error::Forbidden { .. } => stalled(
            Reason::Forbidden,
            format!("{message}: the operator's login may lack a privilege: give it ADMINISTRATION in Primary"),
        ),
        // A reason given with 500 may pass; with any other status it is about what was sent.
        Error::Refused { status, .. } if *status >= 500 => transient(Reason::Refused, message),
        Error::Refused { .. } => stalled(Reason::Refused, message),
        Error::Throttled { after } => Fault::Throttled { reason: Reason::Throttled.as_str(), message, after: *after },
        Error::WrongOrg { .. }
        | Error::Unavailable(_)
        | Error::Away { .. }
        | Error::Unclear { .. }
        | Error::Uncertified { .. } => transient(Reason::Unavailable, message),
        Error::NotLeading => Fault::NotLeading,
    }
}

/// A person has to change something.
pub fn stalled(reason: Reason, message: impl Into<String>) -> Fault {
    Fault::Stalled { reason: reason.as_str(), message: message.into() }
}

/// Time helps.
pub fn transient(reason: Reason, message: impl Into<String>) -> Fault {
    Fault::Transient { reason: reason.as_str(), message: message.into() }
}

/// Something named is missing or not ready.
pub fn waiting(message: impl Into<String>) -> Fault {
    Fault::Waiting { reason: Reason::NotReady.as_str(), message: message.into() }
}

/// The owner does not grant it.
pub fn not_granted(message: impl Into<String>) -> Fault {
    Fault::NotGranted { reason: Reason::NotGranted.as_str(), message: message.into() }
}
