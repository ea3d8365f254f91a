//! What the brake counts of an Org.

use std::collections::BTreeSet;

use thoughtspot_crds::{OnDelete, ThoughtSpotOrg};
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;
use thoughtspot_engine::kind::Ending;

use super::ending::on_delete;
use super::{OrgChange, Orgs};
use crate::brake::{self, Subject};
use crate::world::words;

/// Whether an ending of what this resource stands for is due, by all that the resource shows.
pub(crate) fn is_due(org: &ThoughtSpotOrg) -> bool {
    let spec = &org.spec;
    let ends = spec.management_policy.writes() && !spec.suspend && on_delete(org) != OnDelete::Retain;
    brake::due::is_due(org, org.status.iter().flat_map(|status| &status.object.conditions), ends)
}

/// What counts when it ends.
pub(crate) fn subject(org: &ThoughtSpotOrg) -> Subject {
    match super::held_id(org) {
        Some(id) => format!("org {id}"),
        None => format!("org of {}", Key::of(org)),
    }
}

/// A change takes nothing away.
pub(super) fn brake(orgs: &Orgs, org: &ThoughtSpotOrg, ending: &Ending<'_, OrgChange>) -> Result<(), Fault> {
    match ending {
        Ending::Changes(_) => Ok(()),
        Ending::Removal => {
            let instance = words::target(&org.spec.instance_ref, org);
            orgs.access.brakes.ask(&orgs.access.world, &instance, &BTreeSet::from([subject(org)]))
        }
    }
}
