//! Whether the user can sign in, and what is still to be done about that. Pure.
//!
//! Ending access takes two calls, and taking back somebody who left takes a claim and a call: what is still due is in status before the
//! first of them, so that a crash in between leaves nothing half done.

use thoughtspot_client::domain::{AccountAccess, User};
use thoughtspot_crds::ThoughtSpotUserSpec;
use thoughtspot_crds::user::{Access, AccessDue};

use super::{Desired, UserChange};

impl Desired {
    /// What the user's access has to become.
    pub(super) fn access_change(&self, have: &User) -> Option<AccountAccess> {
        wanted(self.spec.access, self.access_due).filter(|wanted| *wanted != have.access())
    }

    /// Whether sessions have to be ended, once the user cannot begin new ones.
    pub(super) fn sessions_to_end(&self, have: &User) -> bool {
        self.access_due == Some(AccessDue::EndSessions) || self.access_change(have) == Some(AccountAccess::Disabled)
    }

    /// What was found is ours again: its access had been ended when it was left.
    pub(super) fn returned(&mut self) {
        if self.spec.access.is_none() {
            self.access_due = Some(AccessDue::Enable);
        }
    }

    pub(super) fn access_seen(&mut self, have: &User) {
        if self.access_due == Some(AccessDue::Enable) && have.access() == AccountAccess::Enabled {
            self.access_due = None;
        }
    }

    pub(super) fn about_to_change_access(&mut self, change: &UserChange) {
        if let UserChange::Update { patch, .. } = change
            && patch.access == Some(AccountAccess::Disabled)
        {
            self.access_due = Some(AccessDue::EndSessions);
        }
    }
}

/// Unset and nothing due: not managed.
fn wanted(declared: Option<Access>, due: Option<AccessDue>) -> Option<AccountAccess> {
    match (declared, due) {
        (Some(Access::Enabled), _) | (None, Some(AccessDue::Enable)) => Some(AccountAccess::Enabled),
        (Some(Access::Disabled), _) => Some(AccountAccess::Disabled),
        (None, Some(AccessDue::EndSessions) | None) => None,
    }
}

/// What is still due, unless the resource wants something else by now.
pub(super) fn due(spec: &ThoughtSpotUserSpec, remembered: Option<AccessDue>) -> Option<AccessDue> {
    remembered.filter(|due| spec.management_policy.writes() && still(*due, spec.access))
}

fn still(due: AccessDue, declared: Option<Access>) -> bool {
    match due {
        AccessDue::Enable => declared.is_none(),
        AccessDue::EndSessions => declared == Some(Access::Disabled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_declared_wins_over_what_is_due() {
        let enabled = Some(AccountAccess::Enabled);
        let disabled = Some(AccountAccess::Disabled);
        assert_eq!(wanted(None, None), None);
        assert_eq!(wanted(None, Some(AccessDue::Enable)), enabled, "who comes back can sign in");
        for due in [None, Some(AccessDue::Enable), Some(AccessDue::EndSessions)] {
            assert_eq!(wanted(Some(Access::Enabled), due), enabled);
            assert_eq!(wanted(Some(Access::Disabled), due), disabled);
        }
        assert!(still(AccessDue::EndSessions, Some(Access::Disabled)) && still(AccessDue::Enable, None));
        assert!(!still(AccessDue::EndSessions, None), "no longer ours to keep out");
        assert!(!still(AccessDue::EndSessions, Some(Access::Enabled)) && !still(AccessDue::Enable, Some(Access::Disabled)));
    }
}
