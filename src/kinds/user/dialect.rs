//! What a dialect has no call for is refused before anything is asked. Pure.

use thoughtspot_client::port::ThoughtSpot;
use thoughtspot_crds::{Reason, ThoughtSpotUser};
use thoughtspot_engine::Fault;

use crate::faults::stalled;
use crate::managed::ManagedResource;

/// Refuses what is declared and cannot be made so.
pub(super) fn takes(user: &ThoughtSpotUser, far: &dyn ThoughtSpot) -> Result<(), Fault> {
    let spec = &user.spec;
    if !spec.management_policy.writes() {
        return Ok(());
    }
    if spec.preferences.as_ref().is_some_and(|preferences| preferences.use_browser_language.is_some())
        && !far.sets_browser_language()
    {
        let message = "spec.preferences.useBrowserLanguage: it cannot be set with dialect V1: leave it out, or set spec.dialect: V2 on the ThoughtSpotInstance";
        return Err(stalled(Reason::Invalid, message));
    }
    // Who exists is sent none anyway.
    if spec.send_activation_email && user.held_id().is_none() && !far.mails_activation() {
        let message = "spec.sendActivationEmail: no mail can be sent with dialect V1: leave it out, or set spec.dialect: V2 on the ThoughtSpotInstance";
        return Err(stalled(Reason::Invalid, message));
    }
    Ok(())
}
