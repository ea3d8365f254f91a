//! What the brake counts of an Org.

use std::collections::BTreeSet;

use thoughtspot_crds::ThoughtSpotOrg;
use thoughtspot_engine::Fault;
use thoughtspot_engine::kind::Ending;

use super::{OrgChange, Orgs};
use crate::managed::ManagedResource;
use crate::world::words;

/// A change takes nothing away.
pub(super) fn brake(orgs: &Orgs, org: &ThoughtSpotOrg, ending: &Ending<'_, OrgChange>) -> Result<(), Fault> {
    match ending {
        Ending::Changes(_) => Ok(()),
        Ending::Removal => {
            let instance = words::target(&org.spec.instance_ref, org);
            orgs.access.brakes.ask(&orgs.access.world, &instance, &BTreeSet::from([org.subject()]))
        }
    }
}
