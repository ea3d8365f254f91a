//! A host that does not answer: its Instances ask whether it is back, and whoever waits is woken then.

use std::time::Duration;

use thoughtspot_client::outage::Outage;
use thoughtspot_crds::Reason;
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;

use super::{Ended, Instances, Visit, host_of, refused};
use crate::connection::{Connection, Standing};

/// The least time until it is asked again.
const LEAST: Duration = Duration::from_secs(1);

/// Whoever goes through an Instance that does not work waits for its next try.
pub(super) const LONGEST_BACKOFF: Duration = Duration::from_secs(30);

impl Instances {
    /// The fault of a pass, as that of its host where that answers nobody: in the same words each time, and tried again when the next
    /// request is let through.
    pub(super) fn in_outage(&self, visit: &Visit, fault: Fault) -> Fault {
        match self.outage(visit) {
            Some(outage) if matches!(fault, Fault::Transient { .. }) => Fault::Later {
                reason: Reason::Unavailable.as_str(),
                message: format!(
                    "ThoughtSpot does not answer ({}): it is asked again every half a minute at the latest, and what waits for it then goes on",
                    outage.why
                ),
                after: outage.after.max(LEAST),
            },
            Some(_) | None => fault,
        }
    }

    pub(super) fn outage(&self, visit: &Visit) -> Option<Outage> {
        self.network.outage(&visit.object.spec.url.parse().ok()?)
    }

    /// The host answers again: so it does to its other Instances, which wait until they may ask.
    pub(super) fn wake_others_of_the_host(&self, visit: &Visit) {
        let (world, host) = (&self.access.world, host_of(&visit.object));
        let others = world.instances.all().into_iter().filter(|other| host_of(other) == host);
        others
            .map(|other| Key::of(&*other))
            .filter(|other| *other != visit.key)
            .for_each(|other| world.wakers.instances.wake(&other));
    }

    /// Goes on with what is connected. Where resources wait for an answer, this is who asks.
    pub(super) async fn go_on_from_memory(&self, visit: &Visit, fault: Fault, what: &'static str) -> Result<Ended, Fault> {
        if let Some(Standing::Up(connection)) = self.access.connections.get(&visit.key)
            && connection.is_awaited()
        {
            connection.far.system().await.map_err(|e| refused(&e, &visit.object))?;
            self.answered(&visit.key, &connection);
        }
        Ok(Ended::FromMemory(fault, what))
    }

    /// Wakes those who were told to wait until it answers.
    pub(super) fn answered(&self, instance: &Key, connection: &Connection) {
        if connection.no_longer_awaited() {
            self.access.world.wake_dependents_of_instance(instance);
        }
    }

    /// A fault that a person has to see to ends the connection; one that passes leaves it, and dependents meet the fault themselves.
    pub(super) fn fall(&self, instance: &Key, fault: &Fault) {
        let passes = matches!(
            fault,
            Fault::Transient { .. } | Fault::Later { .. } | Fault::Throttled { .. } | Fault::Outdated | Fault::NotLeading
        );
        if !(passes && self.is_up(instance)) {
            self.made_of().remove(instance);
            self.stand(instance, Standing::Down);
        }
    }
}
